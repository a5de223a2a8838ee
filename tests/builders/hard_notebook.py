"""A notebook of all that breaks exporters: each case is a cell, and what its page must and must not say."""

from copy import deepcopy
from dataclasses import dataclass

from nbformat import v4

from tests.builders.pictures import noise

__all__ = ["CASES", "Case", "hard_notebook"]


@dataclass(frozen=True)
class Case:
    """One construct: its cell, texts that the PDF must show, and texts that it must not."""

    name: str
    cell: dict
    shows: tuple
    hides: tuple = ()


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40">'
    '<text x="5" y="25">svgtext</text><circle cx="90" cy="20" r="9"/></svg>'
)
CASES = []


def case(name, cell, *shows, hides=()):
    CASES.append(Case(name, cell, shows, tuple(hides)))


def text(name, source, *shows, hides=(), **cell):
    case(name, v4.new_markdown_cell(source, **cell), *shows, hides=hides)


def put_out(name, *outputs, shows, hides=(), source="run()"):
    case(name, v4.new_code_cell(source, outputs=list(outputs), execution_count=7), *shows, hides=hides)


def display(mime, data, **metadata):
    return v4.new_output("display_data", {mime: data}, metadata={mime: metadata} if metadata else {})


def stream(content, name="stdout"):
    return v4.new_output("stream", name=name, text=content)


# Formulas: where they begin and end
text("inner-spaces", r"energy $ E_{cm} = m_1 $ done", "energy", "E", "done", hides=["$", "_"])
text(
    "underscores",
    r"$a_1$ and *b* and $a_2$ with _em_ and $x*y$, $z*w$",
    "and b and",
    "with em and",
    hides=["_", "$"],
)
text(
    "display",
    "before\n$$\n\\int_0^1 x\\,dx\n= \\tfrac12\n$$\nafter",
    "before",
    "∫",
    "after",
    hides=["$", "tfrac"],
)
text(
    "bare-align", "\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}", "a = b", "c = d", hides=["begin", "&"]
)
text("line-of-minus", "$$\na\n- b\n= c\n$$", "a − b = c")
text("backslash-brackets", r"so \\(q=1\\) and \\[ r=2 \\] end", "q = 1", "r = 2", hides=["\\"])
text("escaped-dollar", r"costs \$5 or \$6 today", "costs $5 or $6 today")
text("dollars-in-code", "`a$b` and `c$d` and\n\n```\n$not_maths$\n```\n", "a$b and c$d", "$not_maths$")
text("bars", r"of $|D - E|$ inline", "of |D − E| inline")
text("code-in-language-math", "~~~ math\n\\alpha + 1\n~~~", r"\alpha + 1")
text("single-dollar", "only 5$ here\n\nand 6$ there", "only 5$ here", "and 6$ there")
text(
    "maths-in-table", "| a | b |\n|---|---|\n| $x^2$ | $\\frac{u}{v}$ |", "x2", "u", hides=["$", "frac", "|"]
)
text("maths-in-heading", "### Mass $m_T$ of tops", "Mass mT of tops")
text("maths-in-link", "[see $k_T$](https://example.org/a)", "see kT")
text("maths-in-emphasis", "**bold $p_T$ text**", "bold pT text")
text("glued", "$x$-axis and 3$\\sigma$, ($y$)[$z$]", "x-axis and 3σ, (y)[z]")

# Formulas: TeX that physicists write
text("bra-ket", r"$\bra{i}$ $\ket{j}$ $\braket{k|l}$ $\mel{a}{H}{b}$", "⟨i|", "|j⟩", "⟨k|l⟩", "⟨a|H|b⟩")
text("slashed", r"$\slashed{p} - m$", "p", "m", hides=["slashed"])
text("derivatives", r"$\dv{f}{x} \pdv[2]{g}{y}$", "f", "∂2", hides=["dv"])
text("abs-norm", r"$\abs{x} + \norm{y}$", "|x|", "‖y‖", hides=["abs", "norm"])
text("old-fonts", r"${\rm d}x\, {\cal L}\, {\bf v}$", "dx", "L", "v", hides=["rm", "cal", "bf"])
text("mathbbm", r"$\mathbbm{1}$ unit", "1 unit", hides=["mathbb"])
text("nonumber", "$$a = b \\nonumber$$", "a = b", hides=["nonumber"])
text("tag", r"$$E = mc^2 \tag{Einstein}$$", "(Einstein)", hides=["tag"])
text(
    "label", "\\begin{equation} s = x \\label{eq:s_1} \\end{equation}", "s = x", "(1)", hides=["label", "eq:"]
)
text("eqref", r"by \eqref{eq:s_1} and $\eqref{eq:s_1}$ but \ref{none}", "by (1) and (1) but (???)")
text(
    "dcases",
    r"$$f=\begin{dcases} 1 & x>0 \\ 0 & \text{otherwise}\end{dcases}$$",
    "otherwise",
    hides=["dcases"],
)
text(
    "left-cases",
    r"$$g=\left\{\begin{array}{ll} 1 & y \\ 0 & z\end{array}\right.$$",
    "g",
    "{",
    hides=["array"],
)
text("textcolor", r"$\textcolor{red}{r^2} + \color{blue} b$", "r2", "b", hides=["red", "blue", "color"])
text("newcommand", r"$\newcommand{\pT}[1]{p_{T,#1}}$ defined", "defined", hides=["newcommand"])
text("newcommand-used", r"then $\pT{j} > 30$", "pT,j > 30", hides=["\\"])
text("def-operator", r"$\def\x{\xi}\DeclareMathOperator{\KL}{KL}$ $\KL(\x)$", "KL(ξ)")
text(
    "matrices",
    r"$$\begin{vmatrix}a&b\\c&d\end{vmatrix} \begin{pmatrix}1\\2\end{pmatrix}$$",
    "a",
    "d",
    "2",
    hides=["matrix"],
)
text("evaluated", r"$$\left.\frac{df}{dx}\right|_{x=0}$$", "df", "x=0", hides=["left"])
text("operators", r"$A \cap B \otimes C \odot D \ominus E \sqcap F \bigotimes G$", "A∩B⊗C⊙D⊖E⊓F⨂G")
text("big", r"$\Big( \frac{a}{b} \Big)^2 \bigl| c \bigr|$", "a", "|c|", hides=["Big", "big"])
text("over", r"${a \over b} + {n \choose k}$", "a", "k", hides=["over", "choose"])
text("unknown-command", r"bad $\undefinedthing{x}$ good $y_1$", "TeX", r"\undefinedthing{x}", "good y1")
text("broken-braces", r"bad $\frac{a$ here", "TeX", r"\frac{a", "here")
text("endless-macro", r"$\def\loop{\loop\loop x}\loop$ after", "TeX", "after")
text("typst-in-maths", r"$\text{#panic()} + x$ fine", "fine", "#panic()")
text("empty-formula", r"$$ $$ and $ $ stay", "stay")

# Text
text(
    "injection",
    '`#panic("a")`{=typst} #panic("b") ```{=typst}\n#panic("c")\n```',
    '#panic("a")',
    '#panic("b")',
    '#panic("c")',
)
text("raw-block", "```{=typst}\n#panic(1)\n```", "#panic(1)")
text(
    "markup-signs",
    "a *b* @ref <label> // no comment /* none */ ~ - = [x] ] [",
    "@ref",
    "// no comment /* none */",
    "]",
)
text(
    "html",
    "H<sub>2</sub>O <b>strong <i>both</i></b><br>next <kbd>key</kbd>",
    "H2O strong both",
    "next key",
    hides=["<"],
)
text("html-block", '<div class="alert">\n\n**Note:** mind this\n</div>', "Note: mind this", hides=["div"])
text("html-table", "<table><tr><th>q</th></tr><tr><td>0.5</td></tr></table>", "q", "0.5", hides=["<"])
text("script", "<script>alert('evil')</script> harmless", "harmless", hides=["evil"])
text("iframe", '<iframe src="https://example.org/x"></iframe>\n\nno frame', "no frame")
text("comment", "a <!-- hidden --> b", "a", "b", hides=["hidden"])
text("unclosed", "``` python\nunclosed fence", "unclosed fence")
text("after-unclosed", "still **text** here", "still text here", hides=["**"])
text("anchor", '<a id="top"></a>[to the top](#top) [gone](#nowhere)', "to the top gone")
text("footnote", "claim[^1]\n\n[^1]: the footnote", "claim")
text("lists", "1. one\n   - inner\n2. two\n\n- [x] ticked", "one", "inner", "two", "ticked")
text("quote-rule", "> quoted\n\n---\n\n~~gone~~", "quoted", "gone")
text("long-url", "https://example.org/" + "abcdefgh" * 30, "https://example.org/abcdefgh")
text("greek", "αβγ Σ ≤ → ✓ ✗ ∂ ℏ “quotes” – — …", "αβγ Σ ≤ → ✓ ✗ ∂ ℏ “quotes” – — …", hides=["‹"])
text("emoji", "rocket \U0001f680 and \u4e2d\u6587 end", "‹rocket›", "‹U+4E2D U+6587›", "end")
text("control", "bell\x07 and \ufeffbom and \x1b[0m", "bell and bom")
text("private", "clash \ue0003\ue001 here", "clash", "here")

# Pictures in text
text(
    "attachment",
    "![a](attachment:pic.png) shown",
    "shown",
    hides=["attachment"],
    attachments={"pic.png": {"image/png": noise()}},
)
text("lost-attachment", "![a](attachment:lost.png)", "missing attachment: lost.png")
text("data-address", f"![a](data:image/png;base64,{noise()}) seen", "seen", hides=["base64"])
text("local-picture", "![a](local.png) ![b](sub%20dir/local.png) both", "both", hides=["missing"])
text("missing-picture", "![the plot](nothere.png)", "missing picture: nothere.png", "the plot")
text("remote-picture", "![r](https://example.org/r.png)", "r, not fetched")
text(
    "outside-picture",
    "![o](../outside.png) ![p](/etc/hostname.png)",
    "outside of the notebook’s folder".replace("’", "'"),
)
text("linked-outside", "![o](link.png)", "outside of the notebook")
text("html-picture", '<img src="local.png" width="50%"> ok', "ok", hides=["missing", "img"])
text("broken-picture", "![x](broken.png)", "broken picture")

# Code
case("long-line", v4.new_code_cell("x = '" + "long_word_" * 40 + "END_OF_LINE'"), "END_OF_LINE")
case(
    "code-signs",
    v4.new_code_cell('s = "#panic() $x$ \\\\ \\" ]" # ```\nt = """\n```"""'),
    '"#panic() $x$ \\\\ \\" ]" # ```',
)
case("tabs", v4.new_code_cell("if x:\n\tprint('tabbed')"), "print('tabbed')")
case("empty-code", v4.new_code_cell(""), "[ ]")
case("magic", v4.new_code_cell("%%bash\necho '$HOME'"), "%%bash", "$HOME")
case("raw", v4.new_raw_cell("raw *text* #panic() $x$"), "raw *text* #panic() $x$")
case("raw-markdown", v4.new_raw_cell("raw **bold**", metadata={"raw_mimetype": "text/markdown"}), "raw bold")

# Outputs
put_out(
    "ansi",
    stream("\x1b[31mred\x1b[0m \x1b[1;38;5;4mblue\x1b[0m plain"),
    shows=["red blue plain"],
    hides=["[31m"],
)
put_out(
    "traceback",
    v4.new_output(
        "error", ename="ValueError", evalue="oops", traceback=["\x1b[0;31mValueError\x1b[0m: oops #panic()"]
    ),
    shows=["ValueError: oops #panic()"],
    hides=["[0;31m"],
)
put_out(
    "tqdm",
    stream("\r  0%|   | 0/9\r 50%|#  | 5/9\r100%|###| 9/9\n", "stderr"),
    shows=["100%|###| 9/9"],
    hides=["50%"],
)
put_out(
    "tqdm-nested",
    stream("a: 0%\n\rb: 0%\x1b[A\ra: 99%\n\rb: 77%\n"),
    shows=["a: 99%", "b: 77%"],
    hides=["0%"],
)
put_out("backspace", stream("loading...\b\b\b   done"), shows=["loading   done"])
put_out("pieces", stream("first "), stream("second\n"), shows=["first second"])
put_out(
    "huge",
    stream("".join(f"line {i}\n" for i in range(10_000))),
    shows=["line 0", "9 920 lines left out", "line 9999"],
    hides=["line 5000"],
)
put_out("wide-output", stream("w" * 50_000), shows=["48 000 characters left out"])
put_out(
    "many-outputs",
    *[display("text/plain", f"out{i}") for i in range(100)],
    shows=["out0", "60 more outputs of this cell left out"],
)
put_out("svg", display("image/svg+xml", SVG), shows=["svgtext"])
put_out(
    "broken-svg",
    display("image/svg+xml", "<svg><"),
    display("text/plain", "survived"),
    shows=["survived", "cannot be set"],
)
put_out("broken-png", display("image/png", "aGVsbG8="), shows=["broken picture"])
put_out("latex", display("text/latex", r"$\displaystyle \frac{\alpha}{2}$"), shows=["α"], hides=["frac", "$"])
put_out("bare-latex", display("text/latex", r"\begin{equation} u = v \end{equation}"), shows=["u = v"])
put_out("markdown-output", display("text/markdown", "**done** with $x_1$"), shows=["done with x1"])
put_out(
    "html-output", display("text/html", "<p>some <b>words</b> &amp; more</p>"), shows=["some words & more"]
)
put_out(
    "script-output",
    v4.new_output(
        "display_data", {"text/html": "<script>plot()</script><div></div>", "text/plain": "Figure(1)"}
    ),
    shows=["Figure(1)"],
    hides=["plot()"],
)
put_out("json", display("application/json", {"key": [1, 2]}), shows=['"key"'])
put_out(
    "unknown-type", display("application/x-strange", "zzz"), shows=["no form on paper: application/x-strange"]
)
put_out(
    "small-table",
    display(
        "text/html",
        '<style scoped>.x {color: red}</style><table class="dataframe"><thead><tr><th></th><th>mass</th>'
        "<th>$p_T$</th></tr></thead><tbody><tr><th>0</th><td>91.2</td><td>40&lt;x</td></tr></tbody>"
        "</table><p>1 rows × 2 columns</p>",
    ),
    shows=["mass", "pT", "91.2", "40<x", "1 rows × 2 columns"],
    hides=["color", "$"],
)
_columns = "".join(f"<th>column_{i:02d}</th>" for i in range(40))
_cells = "".join(f"<td>{i}.123456</td>" for i in range(40))
put_out(
    "wide-table",
    display(
        "text/html",
        f"<table><thead><tr><th></th>{_columns}</tr></thead><tbody><tr><th>idx</th>{_cells}</tr></tbody></table>",
    ),
    shows=["column_00", "column_39", "39.123456"],
)
put_out(
    "multi-index",
    display(
        "text/html",
        "<table><thead><tr><th></th><th colspan='2'>cross section</th></tr><tr><th></th><th>LO</th>"
        "<th>NLO</th></tr></thead><tbody><tr><th rowspan='2'>a</th><td>1.5</td><td>2.5</td></tr>"
        "<tr><td>3.5</td><td>4.5</td></tr></tbody></table>",
    ),
    shows=["cross section", "LO NLO", "1.5", "4.5"],
)
put_out(
    "long-table",
    display("text/html", "<table>" + "<tr><td>r</td></tr>" * 500 + "</table>"),
    shows=["420 rows left out"],
)
put_out(
    "widget",
    display("application/vnd.jupyter.widget-view+json", {"model_id": "box"}),
    shows=["epochs", "[8/9]"],
)
put_out(
    "retina",
    display("image/png", noise(1200, 800), width=600, height=400),
    display("text/plain", "crisp"),
    shows=["crisp"],
)
put_out("oversized", display("image/png", noise(3000, 60)), display("text/plain", "fits"), shows=["fits"])
put_out(
    "tall",
    display("image/png", noise(50, 3000)),
    display("text/plain", "in one piece"),
    shows=["in one piece"],
)

WIDGETS = {
    "application/vnd.jupyter.widget-state+json": {
        "version_major": 2,
        "version_minor": 0,
        "state": {
            "box": {"state": {"children": ["IPY_MODEL_label", "IPY_MODEL_bar"]}},
            "label": {"state": {"value": "epochs "}},
            "bar": {"state": {"value": 8.0, "max": 9.0}},
        },
    }
}


def hard_notebook(cases=CASES):
    """All cases between markers, by which each can be found in the text of the PDF."""
    cells = []
    for number, one in enumerate(cases):
        cells += [
            v4.new_markdown_cell(f"CASE{number:03d}BEGIN"),
            deepcopy(one.cell),
            v4.new_markdown_cell(f"CASE{number:03d}END"),
        ]
    for i, cell in enumerate(cells):
        cell["id"] = f"cell-{i}"
    return v4.new_notebook(cells=cells, metadata={"title": "A hard notebook", "widgets": WIDGETS})
