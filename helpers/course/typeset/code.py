"""Code of cells as Typst, coloured here: Typst's own colours take most of the time of a page."""

from functools import cache, partial

from pygments import lex
from pygments.lexers import PythonLexer
from pygments.token import Token

from helpers.course.typeset.text import literal

__all__ = ["SHORT", "code_calls"]

SHORT = 14  # lines of code or text output that are not torn over two pages
COLUMNS = 110  # characters of code beside each other, see the template
_LEXER = PythonLexer(stripnl=False, ensurenl=False)
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


def code_calls(source, language, label, wrappable):
    """One box of code as calls of the template, its last lines by themselves.

    Those stay on the page of what they print. Arguments: label, the number of the cell; wrappable, which
    gives long words places to break.
    Returns: list of (Typst, text), or of (function that returns it, text): colours take time, and can wait.
    """
    pieces = _head_and_tail(source)
    calls = []
    for i, piece in enumerate(pieces):
        first, last = i == 0, i + 1 == len(pieces)
        options = f"label: {literal(label)}, first: {str(first).lower()}, last: {str(last).lower()}"
        text = wrappable(piece)
        if max(map(len, piece.split("\n"))) > COLUMNS or "python" not in language:
            call = f"#source-lines({literal(text)}, lang: {literal(language)}, {options});"
        else:
            call = partial(_coloured, text, options)
        calls.append((call, piece))
    return calls


def _coloured(text, options):
    return f"#source({_runs(text)}, {options});"


def _head_and_tail(source):
    """Cut long code between two lines where no string runs on, as colours start anew after the cut."""
    lines = source.split("\n")
    for cut in range(len(lines) - 6, max(len(lines) - SHORT, 6), -1):
        above = "\n".join(lines[:cut])
        string = any(above.count(quotes) % 2 for quotes in ('"""', "'''"))
        if not string and lines[cut - 1].strip() and lines[cut].strip():
            return [above, "\n".join(lines[cut:])]
    return [source]


@cache
def _style(token):
    return next((_STYLES[t] for t in (token, *token.split()[::-1]) if t in _STYLES), "")


def _runs(text):
    runs = []
    for token, value in lex(text, _LEXER):
        style = _style(token)
        if runs and (runs[-1][0] == style or not value.strip()):
            runs[-1][1] += value
        else:
            runs.append([style, value])
    return ", ".join(f'("{style}", {literal(v)})' if style else literal(v) for style, v in runs) or '""'
