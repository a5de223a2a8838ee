"""TeX as physicists write it, rewritten into the TeX that pandoc reads: macros, bra-kets, old fonts."""

import re

from helpers.course.typeset.commands import COMMANDS
from helpers.course.typeset.macros import MACROS
from helpers.course.typeset.marks import FUNCTION
from helpers.course.typeset.tokens import TexError, argument, following, optional, skip, tokens_of, write

__all__ = ["Rewriter"]

_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_LIMIT = 5000  # expansions per formula: a macro that calls itself must end
_SIZED = {r"\left", r"\right", r"\middle"}
_BARS = {"|": r"\vert", r"\|": r"\Vert", r"\lVert": r"\Vert", r"\rVert": r"\Vert", r"\lvert": r"\vert"}
_BARS |= {r"\rvert": r"\vert", "<": r"\langle", ">": r"\rangle"}


class Rewriter:
    r"""Rewrites formulas one after the other; macros that one defines hold for the following ones.

    What Typst has and pandoc does not know becomes \text{} around a mark FUNCTION with the name of a function
    and a number n: formula n, one of its own in `parts`, is the argument of the function.

    Attributes
    ----------
    macros : dict of str to tuple
        Name → number of arguments, default of the first one or None, tokens that stand for it.
    parts : list of str
        TeX of the formulas that are arguments of functions.
    """

    def __init__(self) -> None:
        self.macros = {name: (n, None, tokens_of(body)) for name, (n, body) in MACROS.items()}
        self.parts = []

    def rewrite(self, tex: str) -> str:
        """Rewrite one formula.

        Parameters
        ----------
        tex : str

        Returns
        -------
        str
            TeX for pandoc, "" when it only defines macros.

        Raises
        ------
        TexError
            For TeX that cannot be read, and macros without end.
        """
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
            elif token in COMMANDS:
                stream += COMMANDS[token](self, stream)[::-1]
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

    def define(self, name: str, number: int, default: list[str] | None, body: list[str]) -> None:
        """Take a macro of the notebook, which goes before the built-in one of the same name.

        Parameters
        ----------
        name : str
            With its backslash.
        number : int
            Of arguments.
        default : list of str, optional
            Tokens of the first argument where it is left out.
        body : list of str
            Tokens that stand for the macro.

        Raises
        ------
        TexError
            For a name that no macro can have.
        """
        if not re.fullmatch(r"\\([A-Za-z]+|.)", name):
            raise TexError(f"{name!r} is no name of a macro")
        if body != [name]:
            self.macros[name] = (number, default, body)

    def part(self, function: str, tokens: list[str]) -> list[str]:
        """Make a formula of its own of some tokens.

        Parameters
        ----------
        function : str
            Function of the template, and a word for it after a blank.
        tokens : list of str
            Its argument.

        Returns
        -------
        list of str
            The tokens that stand for function(formula).
        """
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
