"""Formulas and text for export: what pandoc and Typst must know, and what students write."""

import re

import pytest
import typst

from helpers.course.typeset.compiler import IMPORT
from helpers.course.typeset.document import TEMPLATE
from helpers.course.typeset.fonts import FONTS
from helpers.course.typeset.maths import Formulas
from helpers.course.typeset.parts import Piece
from helpers.course.typeset.text import SYMBOLS, convert


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
    return convert([], formulas, warnings.append).expressions, warnings


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Whether Typst can set an expression with the template."""
    folder = tmp_path_factory.mktemp("typst")
    (folder / "template.typ").write_bytes(TEMPLATE.read_bytes())
    compiler = typst.Compiler(root=folder, font_paths=[FONTS], ignore_system_fonts=True)

    def sets(expression):
        try:
            compiler.compile(input=f"{IMPORT}#{{ {expression} }}".encode())
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


def test_marks_written_as_entities_shift_no_text_to_another_cell():
    texts = ["one", "two &#xE009; &#xE009;", "three"]
    pieces = [Piece(text, "markdown", {}) for text in texts]
    converted = convert(pieces, Formulas(), pytest.fail)
    assert [re.findall("[a-z]+", p) for p in converted.pieces] == [["one"], ["two"], ["three"]]


NAMES_OF_FORMULAS = re.compile(r"#let ([a-z][a-z-]+)")


def test_the_template_hides_no_name_of_typst(sets):
    """A formula calls mono, accent or color; the names of the template would print a font list there."""
    imported = set(re.findall(r"[a-z]+", IMPORT.rpartition(":")[2]))
    assert imported == {"dvert", "horizontalrule", "vert"}
    own = set(NAMES_OF_FORMULAS.findall(TEMPLATE.read_text(encoding="utf-8")))
    assert {"mono", "accent"} <= own
    for name in imported:
        assert not sets(f"std.{name}") and not sets(f"math.{name}"), name


def lines_of(tex):
    """Typst of the one formula."""
    (expression,), warnings = formulas_of([tex])
    assert warnings == []
    return expression


@pytest.mark.parametrize(
    ("tex", "typst_form"),
    [
        (r"\|w\|_2^2", "dvert w dvert_2^2"),
        (r"\lVert w\rVert", "dvert w dvert"),
        (r"\operatorname*{arg\,min}_\theta L", '#template.operator($"arg min"$)_theta L'),
        (
            r"\begin{array}{c|cc} x & y & z \\ \hline 1 & 2 & 3 \end{array}",
            "augment: #(hline: (1,), vline: (1,))",
        ),
        (r"\begin{array}{|cc|}\hline 1 & 2 \\ \hline\end{array}", "mat(delim: #none, 1, 2)"),
        (r"\begin{eqnarray} u &=& a \\ v &=& b\end{eqnarray}", "u & = a"),
        (r"\Large x", "$ x $"),
        (r"a=1 \\ b=2", "a = 1"),
        (r"a &= 1 \\ b &= 2", "a & = 1"),
        (r"\ce{SO4^{2-} + H2O -> X}", "S O_4^(2 -) + H_2 O arrow.r X"),
        (r"\SI{13}{\tera\electronvolt}", "13 thin upright(T e V)"),
        (r"\text{a \texttt{loss} b}", 'mono("loss")'),
        (r"\not\!\partial \not= \not p", "eq.not"),
        (r"\prescript{14}{6}{C}", "_6^14 C"),
        (r"\href{https://example.org}{x}", "$ x $"),
    ],
)
def test_formulas_that_students_write(tex, typst_form, sets):
    expression = lines_of(tex)
    assert " ".join(typst_form.split()) in " ".join(expression.split())
    assert sets(expression)


def test_slashes_go_through_symbols_and_not_through_relations():
    assert lines_of(r"\not\!\partial").count("slashed") == 1
    assert lines_of(r"\not p").count("slashed") == 1
    assert "slashed" not in lines_of(r"\not= \not\in")


def test_pandoc_is_the_one_of_the_package(monkeypatch, tmp_path):
    """A newer one on the PATH would read and write something else."""
    fake = tmp_path / "pandoc"
    fake.write_text("#!/bin/sh\necho pandoc 99.0\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    converted = convert([Piece("*a*", "markdown", {})], Formulas(), pytest.fail)
    assert converted.pieces[0].strip() == "#emph[a]"
