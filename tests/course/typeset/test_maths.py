"""Formulas are cut out of Markdown as Jupyter does it."""

import re

import pytest

from helpers.course.typeset.maths import Formulas, cut_maths


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$a$ and $ b $", ["a", " b "]),
        ("`$a$` $b$", ["b"]),
        ("~~~\n$a$\n~~~\n$b$", ["b"]),
        (r"\$a and $b$", ["b"]),
        ("$$a\n\nb$$", ["a\n\nb"]),
        ("$a\n\nb$", []),
        (r"$\text{cost \$5 {$x$}}$", [r"\text{cost \$5 {$x$}}"]),
        (r"\begin{align*}a\end{align*}", [r"\begin{align*}a\end{align*}"]),
        (r"\begin{align}a", []),
        ("a$", []),
    ],
)
def test_formulas_are_cut_as_jupyter_does(text, found):
    formulas = Formulas()
    left = cut_maths(text, formulas)
    assert formulas.tex == found
    restored = re.sub("\ue000(\\d+)\ue001", lambda m: formulas.sources[int(m[1])], left)
    assert restored == text
