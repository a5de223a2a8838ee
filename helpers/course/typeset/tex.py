"""TeX as physicists write it, rewritten into the TeX that pandoc reads: macros, bra-kets, old fonts."""

import re

from helpers.course.typeset.macros import MACROS, UNITS
from helpers.course.typeset.marks import FUNCTION
from helpers.course.typeset.tokens import TexError, argument, following, optional, skip, tokens_of, write

__all__ = ["Rewriter"]

_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_LIMIT = 5000  # expansions per formula: a macro that calls itself must end

_ENVIRONMENTS = {"equation": "", "equation*": "", "displaymath": "", "math": "", "subequations": ""}
_ENVIRONMENTS |= {"alignat": "align", "alignat*": "align", "alignedat": "aligned"}
_MATRICES = {"matrix": "none", "smallmatrix": "none", "array": "none", "tabular": "none"}
_MATRICES |= {"vmatrix": "single", "Vmatrix": "double"}
_SIZED = {r"\left", r"\right", r"\middle"}
_BARS = {"|": r"\vert", r"\|": r"\Vert", r"\lVert": r"\Vert", r"\rVert": r"\Vert", r"\lvert": r"\vert"}
_BARS |= {r"\rvert": r"\vert", "<": r"\langle", ">": r"\rangle"}


class Rewriter:
    r"""Rewrites formulas one after the other; macros that one defines hold for the following ones.

    What Typst has and pandoc does not know becomes \text{} around a mark FUNCTION with the name of a function
    and a number n: formula n, one of its own in `parts`, is the argument of the function.
    """

    def __init__(self):
        self.macros = {name: (n, None, tokens_of(body)) for name, (n, body) in MACROS.items()}
        self.parts = []

    def rewrite(self, tex):
        """One formula. Returns: TeX for pandoc, "" when it only defines macros. Raises: TexError."""
        return self._finish(_rows(tokens_of(_COMMENT.sub("", tex))))

    def _finish(self, tokens):
        return write(self._expand(tokens[::-1])).strip()

    def _expand(self, stream):
        """A stream of tokens, last one first, as a list without macros."""
        out, count = [], 0
        while stream:
            token = stream.pop()
            if token in self.macros:
                count += 1
                if count > _LIMIT or len(stream) > 100 * _LIMIT:
                    raise TexError("macros without end")
                stream += self._apply(token, stream)[::-1]
            elif token == r"\left":
                self._left(stream, out)
            elif token in _SIZED:
                out += [token, _delimiter(stream)]
            elif token == r"\text":
                out += _text(stream)
            elif token == r"\operatorname":
                out += self._operatorname(stream)
            elif token == r"\not":
                out += self._not(stream)
            elif token in _COMMANDS:
                stream += _COMMANDS[token](self, stream)[::-1]
            else:
                out.append(token)
        return out

    def _apply(self, name, stream):
        number, default, body = self.macros[name]
        arguments = []
        if default is not None:
            given = optional(stream)
            arguments.append(default if given is None else given)
        while len(arguments) < number:
            arguments.append(argument(stream, name))
        out = []
        for before, token in zip(["", *body], body, strict=False):
            if before == "#" and token.isdigit():
                if int(token) > len(arguments):
                    raise TexError(f"{name} has no argument #{token}")
                out += arguments[int(token) - 1]
            elif token != "#":
                out.append(token)
        return out

    def define(self, name, number, default, body):
        """Take a macro of the notebook, which goes before the built-in one of the same name."""
        if not re.fullmatch(r"\\([A-Za-z]+|.)", name):
            raise TexError(f"{name!r} is no name of a macro")
        if body != [name]:
            self.macros[name] = (number, default, body)

    def part(self, function, tokens):
        """Make a formula of its own of the tokens. Returns: the tokens that stand for function(formula)."""
        self.parts.append(self._finish(list(tokens)))
        mark = f"{FUNCTION.start}{function} {len(self.parts) - 1}{FUNCTION.end}"
        return [r"\textrm", "{", mark, "}"]

    def _operatorname(self, stream):
        r"""\operatorname*, whose index stands below; without the star pandoc knows it."""
        if following(stream) != "*":
            return [r"\operatorname"]
        stream.pop()
        return self.part("operator", [r"\operatorname", "{", *argument(stream, r"\operatorname"), "}"])

    def _not(self, stream):
        r"""\not in front of a relation, which pandoc knows, or of a symbol, which is slashed."""
        while following(stream) == r"\!":
            stream.pop()
        slashed = following(stream) in (r"\partial", r"\nabla", "{") or following(stream).isalpha()
        return self.part("slashed", argument(stream, r"\not")) if slashed else [r"\not"]

    def _left(self, stream, out):
        opening = _delimiter(stream)
        if opening not in (".", r"\{"):
            out += [r"\left", opening]
            return
        body, depth = [], 1
        while stream and depth:
            token = stream.pop()
            depth += {r"\left": 1, r"\right": -1}.get(token, 0)
            body.append(token)
        if depth:
            raise TexError(r"\left lacks its \right")
        closing = _delimiter(stream)
        if opening == "." and closing in (r"\vert", r"\Vert"):
            stream += self.part("evaluated", body[:-1])[::-1]
        elif opening == r"\{" and closing == ".":
            stream += _cases(body[:-1])[::-1]
        else:
            stream += [*body[:-1], r"\right", closing][::-1]
            out += [r"\left", opening]


def _cases(body):
    """What stands right of a single brace: an array becomes cases, as pandoc and Typst have no bare array."""
    text = "".join(body).strip()
    array = re.fullmatch(
        r"\\begin\{(matrix|array|aligned|split)\}(\{[^{}]*\})?(.*)\\end\{\1\}", text, re.DOTALL
    )
    inside = array[3] if array else text
    if r"\begin" in inside:
        return [r"\{", *body]
    return tokens_of(r"\begin{cases}" + inside + r"\end{cases}")


def _rows(tokens):
    """Rows outside of any environment, which MathJax allows, in an environment of their own."""
    depth = 0
    found = set()
    for before, token in zip(["", *tokens], tokens, strict=False):
        depth += {"{": 1, "}": -1, r"\begin": 1, r"\left": 1, r"\right": -1}.get(token, 0)
        depth -= before == r"\end"
        if depth == 0 and token in (r"\\", "&"):
            found.add(token)
    if r"\\" not in found:
        return tokens
    name = "aligned" if "&" in found else "gathered"
    return [*tokens_of(rf"\begin{{{name}}}"), *tokens, *tokens_of(rf"\end{{{name}}}")]


def _text(stream):
    r"""\text{a \texttt{b} c}: pandoc takes no command within, so one after the other."""
    out, plain = [], []
    body = argument(stream, r"\text")[::-1]
    while body:
        token = body.pop()
        if token in (r"\texttt", r"\textbf", r"\textit", r"\emph"):
            inside = argument(body, token)
            out += [r"\text", "{", *plain, "}", token.replace("emph", "textit"), "{", *inside, "}"]
            plain = []
        else:
            plain.append(token)
    return [*out, r"\text", "{", *plain, "}"] if plain or not out else out


def _delimiter(stream):
    skip(stream)
    token = stream.pop() if stream else "."
    return _BARS.get(token, token)


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


_COMMANDS = {
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
