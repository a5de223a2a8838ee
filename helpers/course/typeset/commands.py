"""Commands of TeX that pandoc does not know: each reads its arguments and gives back what pandoc reads."""

import re

from helpers.course.typeset.macros import UNITS
from helpers.course.typeset.tokens import TexError, argument, following, optional, tokens_of

__all__ = ["COMMANDS"]

_ENVIRONMENTS = {"equation": "", "equation*": "", "displaymath": "", "math": "", "subequations": ""}
_ENVIRONMENTS |= {"alignat": "align", "alignat*": "align", "alignedat": "aligned"}
_MATRICES = {"matrix": "none", "smallmatrix": "none", "array": "none", "tabular": "none"}
_MATRICES |= {"vmatrix": "single", "Vmatrix": "double"}


def _new_command(rewriter, stream):
    if stream and stream[-1] == "*":
        stream.pop()
    name = "".join(argument(stream, r"\newcommand")).strip()
    number, default = optional(stream), optional(stream)
    digits = "".join(number or "0").strip()
    if not digits.isdigit():
        raise TexError(f"{name} takes {digits!r} arguments")
    rewriter.define(name, int(digits), default, argument(stream, name))
    return []


def _def(rewriter, stream):
    name, number = "".join(argument(stream, r"\def")), 0
    while stream and stream[-1] != "{":
        number += stream.pop().isdigit()
    rewriter.define(name, number, None, argument(stream, name))
    return []


def _operator(rewriter, stream):
    star = stream.pop() if stream and stream[-1] == "*" else ""
    name = "".join(argument(stream, r"\DeclareMathOperator")).strip()
    rewriter.define(name, 0, None, [r"\operatorname", *star, "{", *argument(stream, name), "}"])
    return []


def _let(rewriter, stream):
    name = "".join(argument(stream, r"\let"))
    if stream and stream[-1] == "=":
        stream.pop()
    value = "".join(argument(stream, name))
    rewriter.define(name, *rewriter.macros.get(value, (0, None, [value])))
    return []


def _derivative(symbol):
    def handler(rewriter, stream):
        order = optional(stream)
        power = ["^", "{", *order, "}"] if order else []
        first = argument(stream, r"\dv")
        second = argument(stream, r"\dv") if following(stream) == "{" else None
        above, below = ([], first) if second is None else (first, second)
        d = tokens_of(symbol)
        return [r"\frac", "{", *d, *power, " ", *above, "}", "{", *d, " ", *below, *power, "}"]

    return handler


def _function(name, words=0):
    """A command whose last argument is a formula; the `words` before it are plain."""

    def handler(rewriter, stream):
        plain = [_word(stream, name) for _ in range(words)]
        return rewriter.part(" ".join([name, *plain]), argument(stream, name))

    return handler


def _color(rewriter, stream):
    r"""\color{red} holds to the end of the group, column or row."""
    word, depth, body = _word(stream, r"\color"), 0, []
    while stream and not (depth == 0 and stream[-1] in ("}", "&", r"\\", r"\right", r"\end")):
        token = stream.pop()
        depth += {"{": 1, "}": -1}.get(token, 0)
        body.append(token)
    return rewriter.part(f"color {word}", body)


def _word(stream, name):
    model = optional(stream)
    word = re.sub(r"[^\w#.,-]", "", "".join(argument(stream, name)))
    return f"{''.join(model)}:{word}" if model else word or "black"


def _begin(rewriter, stream):
    name = "".join(argument(stream, r"\begin"))
    if name.rstrip("*") in ("alignat", "alignedat"):
        argument(stream, name)
    if name in ("cases", "dcases"):  # Typst leaves no room between the columns
        body = [r"&\quad " if t == "&" else t for t in _body(stream, name)]
        return [r"\begin{cases}", *body, r"\end{cases}"]
    if name in ("eqnarray", "eqnarray*"):
        return [*tokens_of(r"\begin{align}"), *_two_columns(_body(stream, name)), *tokens_of(r"\end{align}")]
    if name not in _MATRICES:
        new = _ENVIRONMENTS.get(name, name)
        return [f"\\begin{{{new}}}"] if new else []
    # pandoc gives a matrix without brackets as bare lines, which would break the formula around it
    columns = []
    if name in ("array", "tabular"):
        optional(stream)
        columns = argument(stream, name)
    body = _body(stream, name)
    lines = _lines(columns, body)
    body = [t for t in body if t != r"\hline"]
    while body and (body[-1].isspace() or body[-1] == r"\\"):  # Typst would make it an empty row
        body.pop()
    inside = [r"\begin{pmatrix}", *body, r"\end{pmatrix}"]
    return rewriter.part(f"matrix {_MATRICES[name]}{lines}", inside)


def _two_columns(body):
    """eqnarray has its relation in a column of its own: the second mark of each row goes."""
    out, count, depth = [], 0, 0
    for token in body:
        depth += {"{": 1, "}": -1, r"\begin": 1, r"\end": -1}.get(token, 0)
        if token == r"\\" and depth == 0:
            count = 0
        if token == "&" and depth == 0:
            count += 1
            if count == 2:
                continue
        out.append(token)
    return out


def _lines(columns, body):
    """Lines between rows and columns, as h1,2v1; what stands at the edge of the matrix is left out."""
    letters, down = 0, []
    for token in columns:
        if token == "|":
            down.append(letters)
        letters += token in "lcr"
    rows, across = 0, []
    for token in body:
        rows += token == r"\\"
        if token == r"\hline":
            across.append(rows)
    last = rows if "".join(body).rstrip().endswith((r"\\", r"\hline")) else rows + 1
    across = [str(n) for n in sorted(set(across)) if 0 < n < last]
    down = [str(n) for n in sorted(set(down)) if 0 < n < letters]
    return ("h" + ",".join(across) if across else "") + ("v" + ",".join(down) if down else "")


def _chemistry(rewriter, stream):
    r"""\ce of mhchem: indices, charges and arrows."""
    text = "".join(argument(stream, r"\ce"))
    text = re.sub(r"(?<=[A-Za-z)\]])(\d+)", r"_{\1}", text)
    text = re.sub(r"\^(?!\{)([0-9]*[+-]?)", r"^{\1}", text)
    text = re.sub(r"(?<=[A-Za-z}])([+-])(?=\s|$)", r"^{\1}", text)
    text = text.replace("<=>", r"\rightleftharpoons ").replace("->", r"\rightarrow ")
    return [r"\mathrm", "{", *tokens_of(text), "}"]


def _quantity(rewriter, stream):
    r"""\SI{3}{\giga\electronvolt}, also with the unit as plain text."""
    optional(stream)
    number = argument(stream, r"\SI")
    return [*number, r"\,", *_unit(rewriter, stream)]


def _unit(rewriter, stream):
    out = []
    for token in argument(stream, r"\si"):
        out += tokens_of(UNITS.get(token, token))
    return [r"\mathrm", "{", *out, "}"]


def _body(stream, name):
    """The tokens up to the end of an environment, which is taken too."""
    body, depth = [], 1
    while stream:
        token = stream.pop()
        depth += {r"\begin": 1, r"\end": -1}.get(token, 0)
        if depth == 0:
            argument(stream, r"\end")
            return body
        body.append(token)
    raise TexError(rf"\begin{{{name}}} lacks its \end")


def _end(rewriter, stream):
    name = "".join(argument(stream, r"\end"))
    new = _ENVIRONMENTS.get(name, name)
    return [f"\\end{{{new}}}"] if new else []


# Each takes the rewriter and the stream of tokens, last one first, and returns tokens.
COMMANDS = {
    r"\ce": _chemistry,
    r"\SI": _quantity,
    r"\si": _unit,
    r"\unit": _unit,
    r"\newcommand": _new_command,
    r"\renewcommand": _new_command,
    r"\providecommand": _new_command,
    r"\def": _def,
    r"\DeclareMathOperator": _operator,
    r"\let": _let,
    r"\dv": _derivative(r"\mathrm{d}"),
    r"\derivative": _derivative(r"\mathrm{d}"),
    r"\pdv": _derivative(r"\partial"),
    r"\fdv": _derivative(r"\delta"),
    r"\slashed": _function("slashed"),
    r"\textcolor": _function("color", words=1),
    r"\colorbox": _function("marked", words=1),
    r"\bra": _function("bra"),
    r"\ket": _function("ket"),
    r"\Bra": _function("bra"),
    r"\Ket": _function("ket"),
    r"\boxed": _function("framed"),
    r"\fbox": _function("framed"),
    r"\phantom": _function("hidden"),
    r"\hphantom": _function("hidden"),
    r"\vphantom": _function("hidden"),
    r"\color": _color,
    r"\begin": _begin,
    r"\end": _end,
}
