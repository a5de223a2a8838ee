"""Text and formulas as Typst: one pandoc process per notebook, and names for what cannot be shown."""

import json
import os
import re
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pypandoc

from helpers.course.typeset import marks
from helpers.course.typeset.fonts import Glyphs
from helpers.course.typeset.maths import Formulas
from helpers.course.typeset.parts import Piece
from helpers.course.typeset.tex import Rewriter
from helpers.course.typeset.tokens import TexError

__all__ = ["PANDOC", "Converted", "convert", "literal", "raw_tex", "visible"]

SCRIPT = Path(__file__).with_name("pandoc.lua")
# The one of the package: pypandoc itself would prefer a newer one that it finds on the PATH.
PANDOC = Path(pypandoc.__file__).parent / "files" / ("pandoc.exe" if os.name == "nt" else "pandoc")

# Names that pandoc 3.9 writes and Typst 0.15 no longer knows, and the characters that they mean.
SYMBOLS = {
    "bracket.l.double": "⟦",
    "bracket.r.double": "⟧",
    "dash.circle": "dash.o",
    "dot.circle": "dot.o",
    "dot.circle.big": "dot.o.big",
    "minus.circle": "minus.o",
    "sect": "inter",
    "sect.big": "inter.big",
    "sect.double": "inter.double",
    "sect.sq": "inter.sq",
    "times.circle": "times.o",
    "times.circle.big": "times.o.big",
}
SECONDS = 60  # for pandoc, which needs a tenth of one
# Little memory that fits into the cache, and no collection of all of it: pandoc ends before that pays.
MEMORY = ("+RTS", "-H1m", "-A4m", "-O64m", "-RTS")
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|(?<![\\#\w.])[A-Za-z]+(?:\.[A-Za-z]+)*|\\\|(?P<next>[_^]?)', re.DOTALL)
_PART = re.compile(rf'upright\("{marks.FUNCTION.start}(\w+)(?: (\S+))? (\d+){marks.FUNCTION.end}"\)')
_LINES = re.compile(r"(none|single|double)(?:h([\d,]+))?(?:v([\d,]+))?")
_DELIMITERS = {"none": "#none", "single": '"|"', "double": '"‖"'}
_REFERENCE = re.compile(r"\\(?:eq)?ref\s*\{([^{}]*)\}")
_COMMON = re.compile(
    r"[\t\n\x20-\x7e\xa0-\u017f\u0391-\u03c9\u2010-\u2015\u2018-\u201e\u2022\u2026\u2190-\u2193]*"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)


@dataclass(frozen=True)
class Converted:
    """What pandoc has made of a notebook.

    Parameters
    ----------
    pieces : list of (str or None)
        Typst of each piece of text, None where pandoc failed.
    expressions : list of str
        Typst expression of each formula.
    images : list of dict
        source, alt and width of the pictures that the pieces show.
    """

    pieces: list[str | None]
    expressions: list[str]
    images: list[dict]


def literal(text: str) -> str:
    """Text as a Typst string, in which nothing is markup."""
    return json.dumps(_CONTROL.sub("", text), ensure_ascii=False)


def raw_tex(source: str) -> str:
    """Typst that shows a formula that could not be set as its marked TeX source."""
    return f"template.raw-tex({literal(source)})"


def visible(text: str, warn: Callable[[str], None], glyphs: Glyphs) -> str:
    """Text without control characters, and with the names of the characters that no font has.

    Parameters
    ----------
    text : str
    warn : callable
        Called with a message once per run of missing characters.
    glyphs : Glyphs
        The characters that there are.

    Returns
    -------
    str
    """
    if _COMMON.fullmatch(text):
        return text
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _INVISIBLE.sub("", marks.ALL.sub("\ufffd", text.replace("\r\n", "\n")))
    out, run = [], []
    for char in [*text, ""]:
        missing = char and not char.isspace() and not glyphs.has(char)
        if run and not missing:
            out.append(f"‹{' '.join(map(_name, run))}›")
            warn(f"no glyph for {''.join(run[:20])!r}: shown as {out[-1][:200]}")
            run = []
        (run if missing else out).append(char)
    return "".join(out)


def _name(char):
    if unicodedata.category(char) in ("So", "Sk"):
        return unicodedata.name(char, f"U+{ord(char):04X}").lower()
    return f"U+{ord(char):04X}"


def convert(pieces: list[Piece], formulas: Formulas, warn: Callable[[str], None]) -> Converted:
    """Convert the text and the formulas of a notebook.

    Parameters
    ----------
    pieces : list of Piece
    formulas : Formulas
    warn : callable
        Takes messages.

    Returns
    -------
    Converted
    """
    tex, parts, good = _rewrite(formulas, warn)
    request = {
        "pieces": [{"text": piece.text, "format": piece.kind} for piece in pieces],
        "formulas": [*tex, *parts],
        "sources": formulas.sources,
        "marks": {
            "formula": vars(marks.FORMULA),
            "picture": vars(marks.PICTURE),
            "reference": vars(marks.REFERENCE),
            "end": marks.PIECE_END,
        },
    }
    reply = _pandoc(request, warn)
    typst = []
    for formula in reply["formulas"]:
        typst.append(formula if formula is False else _mend(formula))
    whole, parts = typst[: len(tex)], typst[len(tex) :]
    expressions = []
    for i, source in enumerate(formulas.sources):
        body = _assemble(whole[i], parts) if good[i] else False
        if body is not False:
            expressions.append(_expression(body, formulas.display[i], formulas.tags[i]))
            continue
        if good[i]:
            warn(f"formula shown as TeX, pandoc cannot read it: {source[:200]}")
        expressions.append(raw_tex(source))
    texts = []
    for piece in reply["pieces"]:
        texts.append(None if piece is False else piece)
    return Converted(texts, expressions, reply["images"])


def _pandoc(request, warn):
    """Ask pandoc, which holds its text as UTF-8 whatever the locale says."""
    command = [str(PANDOC), *MEMORY, "lua", str(SCRIPT)]
    try:
        done = subprocess.run(
            command, input=json.dumps(request).encode(), capture_output=True, timeout=SECONDS, check=True
        )
        return json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        reason = (getattr(error, "stderr", None) or str(error).encode()).decode(errors="replace").strip()
        warn(f"text shown as it is, pandoc fails: {reason[-500:]}")
        return {key: [False] * len(request[key]) for key in ("pieces", "formulas")} | {"images": []}


def _rewrite(formulas, warn):
    rewriter, tex, good = Rewriter(), [], []
    for source, formula in zip(formulas.sources, formulas.tex, strict=True):
        try:
            labelled = _REFERENCE.sub(lambda m: rf"\text{{{formulas.number(m[1])}}}", formula)
            tex.append(rewriter.rewrite(labelled))
            good.append(True)
        except (TexError, RecursionError) as error:
            warn(f"formula shown as TeX, {error}: {source[:200]}")
            tex.append("")
            good.append(False)
    return tex, rewriter.parts, good


def _mend(typst):
    """Replace names that Typst no longer knows and bars, outside of strings; on one line."""

    def word(match):
        if match[0].startswith("\\|"):
            return f" vert{match['next'] or ' '}"
        if match[0] == "bar.v.double":  # Typst takes it for a bracket, with room around it
            return "dvert"
        return SYMBOLS.get(match[0], match[0])

    return _WORD.sub(word, typst.replace("\n", " "))


def _assemble(typst, parts):
    """Put formulas that are arguments of functions into their places."""
    if typst is False:
        return False
    for _ in range(20):
        found = _PART.search(typst)
        if not found:
            return typst
        function, word, number = found.groups()
        body = parts[int(number)]
        if body is False:
            return False
        if function == "matrix":
            call = body.replace('mat(delim: "("', f"mat(delim: {_borders(word)}", 1)
        else:
            color = f"template.tint({literal(word)}), " if word else ""
            call = f"#template.{function}({color}${body}$)"
        typst = typst[: found.start()] + call + typst[found.end() :]
    return False


def _borders(word):
    """What stands around a matrix and between its rows and columns, as arguments of Typst's mat."""
    kind, across, down = _LINES.fullmatch(word).groups()
    lines = []
    for name, numbers in (("hline", across), ("vline", down)):
        if numbers:
            lines.append(f"{name}: ({numbers},)")
    augment = f", augment: #({', '.join(lines)})" if lines else ""
    return _DELIMITERS[kind] + augment


def _expression(body, display, tag):
    body = body.strip()  # a space inside the dollars would make Typst display it
    if not body:
        return "none"
    if not display:
        return f"${body}$"
    return f"template.numbered($ {body} $, {literal(tag)})" if tag else f"$ {body} $"
