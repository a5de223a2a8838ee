"""Formulas and text for export: what is cut out, what pandoc and Typst must know, what has no glyph."""

import re

import pytest
import typst

from helpers.course.typeset.maths import Formulas, cut_maths
from helpers.course.typeset.page import TEMPLATE
from helpers.course.typeset.text import FONTS, SYMBOLS, convert, visible


def words(text):
    return text.split()


# Commands that students use; a new pandoc or Typst must still know them all.
ALONE = words("""
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho
varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon
Phi Psi Omega hbar ell Re Im partial nabla infty aleph emptyset varnothing forall exists nexists neg lnot
top bot angle triangle prime sharp flat natural pm mp times div ast star circ bullet cdot cap cup uplus
sqcap sqcup vee wedge setminus wr diamond oplus ominus otimes oslash odot bigcirc dagger ddagger amalg
ltimes rtimes boxplus boxtimes circledast circledcirc circleddash leq le geq ge equiv models prec succ sim
perp preceq succeq simeq mid ll gg asymp parallel subset supset approx bowtie subseteq supseteq cong
sqsubset sqsupset neq ne sqsubseteq sqsupseteq doteq in ni notin propto vdash dashv lesssim gtrsim lessgtr
lessapprox leqslant geqslant leqq geqq nleq nless nsubseteq subsetneq nmid nparallel ncong nsim thicksim
thickapprox approxeq therefore because vDash lll ggg eqsim circeq leftarrow gets rightarrow to
leftrightarrow Leftarrow Rightarrow Leftrightarrow mapsto hookleftarrow hookrightarrow leftharpoonup
rightharpoonup rightleftharpoons uparrow downarrow updownarrow Uparrow nearrow searrow swarrow nwarrow
longleftarrow longrightarrow longleftrightarrow Longrightarrow longmapsto iff implies impliedby leadsto
curvearrowright twoheadrightarrow nrightarrow sum prod coprod int iint iiint oint bigcap bigcup bigsqcup
bigvee bigwedge bigodot bigotimes bigoplus biguplus langle rangle lceil rceil lfloor rfloor lbrace rbrace
vert Vert lvert rvert lVert rVert llbracket rrbracket ldots cdots vdots ddots dots colon coloneqq quad
qquad square Box blacksquare checkmark complement eth wp imath jmath arccos arcsin arctan arg cos cosh cot
coth det dim exp gcd inf ker lim liminf limsup ln log max min Pr sec sin sinh sup tan tanh degree S Cap
Cup curlywedge ohm idotsint nonumber , ; : ! | displaystyle limits big Big bigl Biggr
""")
WITH_ARGUMENT = words("""
hat check breve acute grave tilde bar vec dot ddot mathring widehat widetilde overline underline overbrace
underbrace overrightarrow overleftarrow sqrt mathbb mathcal mathfrak mathscr mathsf mathtt mathbf mathit
mathrm boldsymbol bm text textbf textit textrm texttt operatorname mathbin mathrel xrightarrow xleftarrow
boxed cancel slashed phantom pmod bmod abs norm bra ket braket ev dd mathbbm mathds dv pdv ensuremath
substack not stackrel{a} overset{a} underset{a} frac{a} dfrac{a} tfrac{a} cfrac{a} binom{a} comm{a}
textcolor{red} colorbox{red} SI{3}
""")
ENVIRONMENTS = words("""
matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix cases dcases aligned split align align*
eqnarray gather gathered multline
""")
BRACKETS = [
    ("(", ")"),
    ("[", "]"),
    (r"\{", r"\}"),
    ("|", "|"),
    (r"\|", r"\|"),
    (r"\langle", r"\rangle"),
    ("<", ">"),
]
BRACKETS += [
    (r"\lfloor", r"\rfloor"),
    (r"\lceil", r"\rceil"),
    (".", "|"),
    (r"\{", "."),
    ("(", "]"),
    (r"\lvert", r"\rvert"),
]


def formulas_of(sources):
    formulas = Formulas()
    for source in sources:
        formulas.add(source, source, True)
    warnings = []
    return convert([], formulas, warnings.append)[1], warnings


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Whether Typst can set an expression with the template."""
    folder = tmp_path_factory.mktemp("typst")
    (folder / "template.typ").write_bytes(TEMPLATE.read_bytes())
    compiler = typst.Compiler(root=folder, font_paths=[FONTS], ignore_system_fonts=True)

    def sets(expression):
        try:
            compiler.compile(input=f'#import "/template.typ": *\n#{{ {expression} }}'.encode())
        except typst.TypstError:
            return False
        return True

    return sets


def test_contract_of_pandoc_and_typst(sets):
    sources = [f"a \\{name} b" for name in ALONE] + [f"\\{name}{{x}}" for name in WITH_ARGUMENT]
    sources += [rf"\begin{{{name}}} a & b \\ c & d \end{{{name}}}" for name in ENVIRONMENTS]
    sources += [rf"\left{left} x \right{right}" for left, right in BRACKETS]
    expressions, warnings = formulas_of(sources)
    assert warnings == []
    assert [s for s, e in zip(sources, expressions, strict=True) if not sets(e)] == []


def test_the_table_of_symbols_is_needed_and_right(sets):
    """When this fails after an upgrade, names in the table work again or their substitutes no longer do."""
    for old, new in SYMBOLS.items():
        assert sets(f"$ a {new} b $"), new
        assert not sets(f"$ a {old} b $"), f"{old} is known again: take it out of the table"


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


def test_missing_glyphs_are_named_once():
    warnings = []
    assert visible("a\U0001f680b 中文 ≤", warnings.append) == "a‹rocket›b ‹U+4E2D U+6587› ≤"
    assert len(warnings) == 2
    assert visible("\ud83d", warnings.append) == "\ufffd"


def test_marks_written_as_entities_shift_no_text_to_another_cell():
    pieces = [("one", "markdown"), ("two &#xE009; &#xE009;", "markdown"), ("three", "markdown")]
    typst_pieces, _, _ = convert(pieces, Formulas(), pytest.fail)
    assert [re.findall("[a-z]+", p) for p in typst_pieces] == [["one"], ["two"], ["three"]]
