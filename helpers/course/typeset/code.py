"""Code of cells as Typst, coloured here: Typst's own colours take most of the time of a page."""

from collections.abc import Callable
from functools import cache, partial

from pygments import lex
from pygments.lexer import Lexer
from pygments.lexers import PythonLexer, get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

from helpers.course.typeset.text import literal

__all__ = ["SHORT", "code_calls"]

SHORT = 14  # lines of code or text output that are not torn over two pages
COLUMNS = 110  # characters of code beside each other, see the template
_KEEP = {"stripnl": False, "ensurenl": False}
_STYLES = {
    Token.Comment: "comment",
    Token.Literal.String: "string",
    Token.Literal.Number: "number",
    Token.Keyword: "keyword",
    Token.Operator.Word: "keyword",
    Token.Name.Function: "name",
    Token.Name.Class: "name",
    Token.Name.Decorator: "name",
}

Runs = list[list[str]]  # of (style, text)


def code_calls(
    source: str, language: str, label: str, wrappable: Callable[[str], str]
) -> list[tuple[Callable[[], str], str]]:
    """One box of code as calls of the template, its last lines by themselves.

    Those stay on the page of what they print.

    Parameters
    ----------
    source : str
        The code.
    language : str
    label : str
        The number of the cell.
    wrappable : callable
        Gives long words places to break.

    Returns
    -------
    list of (callable, str)
        A function that makes the Typst, as colours take time and can wait; and the code.
    """
    pieces = _head_and_tail(source)
    calls = []
    for i, piece in enumerate(pieces):
        first, last = i == 0, i + 1 == len(pieces)
        options = f"label: {literal(label)}, first: {str(first).lower()}, last: {str(last).lower()}"
        text = wrappable(piece)
        longest = max(map(len, piece.split("\n")))
        form = _lines if longest > COLUMNS else _text
        calls.append((partial(form, text, language, options), piece))
    return calls


def _text(text: str, language: str, options: str) -> str:
    """Code of which every line fits: one flow of text, which Typst sets fastest."""
    return f"#template.source({_typst(_runs(text, language))}, {options});"


def _lines(text: str, language: str, options: str) -> str:
    """Code with long lines: what does not fit is indented below its line."""
    lines: list[Runs] = [[]]
    for style, value in _runs(text, language):
        for i, piece in enumerate(value.split("\n")):
            if i > 0:
                lines.append([])
            if piece:
                lines[-1].append([style, piece])
    arrays = "".join(f"({_typst(line)},), " for line in lines)
    return f"#template.source-lines({arrays}{options});"


def _head_and_tail(source: str) -> list[str]:
    """Cut long code between two lines where no string runs on, as colours start anew after the cut."""
    lines = source.split("\n")
    for cut in range(len(lines) - 6, max(len(lines) - SHORT, 6), -1):
        above = "\n".join(lines[:cut])
        string = any(above.count(quotes) % 2 for quotes in ('"""', "'''"))
        if not string and lines[cut - 1].strip() and lines[cut].strip():
            return [above, "\n".join(lines[cut:])]
    return [source]


@cache
def _lexer(language: str) -> Lexer:
    if "python" in language:
        return PythonLexer(**_KEEP)
    try:
        return get_lexer_by_name(language, **_KEEP)
    except ClassNotFound:
        return TextLexer(**_KEEP)


@cache
def _style(token: _TokenType) -> str:
    for parent in (token, *token.split()[::-1]):
        if parent in _STYLES:
            return _STYLES[parent]
    return ""


def _runs(text: str, language: str) -> Runs:
    """Code cut where its colour changes."""
    runs: Runs = []
    for token, value in lex(text, _lexer(language)):
        style = _style(token)
        if runs and (runs[-1][0] == style or not value.strip()):
            runs[-1][1] += value
        else:
            runs.append([style, value])
    return runs


def _typst(runs: Runs) -> str:
    """Runs as arguments: a string, or an array of style and string where it has a colour."""
    out = []
    for style, value in runs:
        out.append(f'("{style}", {literal(value)})' if style else literal(value))
    return ", ".join(out) or '""'
