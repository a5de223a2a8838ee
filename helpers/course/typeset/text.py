"""Text and formulas as Typst: one pandoc process per notebook, and marks for what cannot be shown."""

import json
import re
import subprocess
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pypandoc

from helpers.course.typeset.tex import Rewriter
from helpers.course.typeset.tokens import TexError

__all__ = ["FONTS", "convert", "literal", "raw_tex", "visible"]

SCRIPT = Path(__file__).with_name("pandoc.lua")
# Typst brings fonts for text and formulas; those of matplotlib add arrows, check marks and other scripts.
FONTS = Path(find_spec("matplotlib").origin).parent / "mpl-data" / "fonts" / "ttf"

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
_PART = re.compile(r'upright\("\ue010(\w+)(?: (\S+))? (\d+)\ue011"\)')
_DELIMITERS = {"none": "#none", "single": '"|"', "double": '"‖"'}
_REFERENCE = re.compile(r"\\(?:eq)?ref\s*\{([^{}]*)\}")
_MARKS = re.compile(r"[\ue000-\ue01f]")
_COMMON = re.compile(
    r"[\t\n\x20-\x7e\xa0-\u017f\u0391-\u03c9\u2010-\u2015\u2018-\u201e\u2022\u2026\u2190-\u2193]*"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)


def literal(text):
    """Text as a Typst string, in which nothing is markup."""
    return json.dumps(_CONTROL.sub("", text), ensure_ascii=False)


def raw_tex(source):
    """Typst that shows a formula that could not be set as its marked TeX source."""
    return f"raw-tex({literal(source)})"


def visible(text, warn):
    """Text without control characters, and with the names of the characters that no font here has.

    Arguments: text; warn, called once per run of missing characters with a message.
    """
    if _COMMON.fullmatch(text):
        return text
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _INVISIBLE.sub("", _MARKS.sub("\ufffd", text.replace("\r\n", "\n")))
    known, out, run = _characters(), [], []
    for char in [*text, ""]:
        missing = char and char not in known and not char.isspace()
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


@cache
def _characters():
    from matplotlib.ft2font import FT2Font  # late: most notebooks have no such character

    names = ("DejaVuSans", "DejaVuSansMono", "STIXGeneral")
    return {chr(code) for name in names for code in FT2Font(FONTS / f"{name}.ttf").get_charmap()}


def convert(pieces, formulas, warn):
    """Convert the text and the formulas of a notebook.

    Arguments: pieces, (text, "markdown" or "html") each; formulas, a Formulas; warn takes messages.
    Returns: Typst per piece, None where pandoc failed; Typst expression per formula; and the pictures in the
    text, each a dict with source, alt and width, which stand in the pieces as their number between U+E002
    and U+E003.
    """
    tex, parts, good = _rewrite(formulas, warn)
    request = {
        "pieces": [{"text": text, "format": kind} for text, kind in pieces],
        "formulas": [*tex, *parts],
        "sources": formulas.sources,
    }
    reply = _pandoc(request, warn)
    typst = [t if t is False else _mend(t) for t in reply["formulas"]]
    whole, parts = typst[: len(tex)], typst[len(tex) :]
    expressions = []
    for i, (source, display) in enumerate(zip(formulas.sources, formulas.display, strict=True)):
        body = _assemble(whole[i], parts) if good[i] else False
        if body is False:
            if good[i]:
                warn(f"formula shown as TeX, pandoc cannot read it: {source[:200]}")
            expressions.append(raw_tex(source))
        else:
            expressions.append(_expression(body, display, formulas.tags[i]))
    return [p if p is not False else None for p in reply["pieces"]], expressions, reply["images"]


def _pandoc(request, warn):
    """Ask pandoc, which holds its text as UTF-8 whatever the locale says."""
    command = [pypandoc.get_pandoc_path(), *MEMORY, "lua", str(SCRIPT)]
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
            call = body.replace('mat(delim: "("', f"mat(delim: {_DELIMITERS[word]}", 1)
        else:
            call = f"#{function}({f'tint({literal(word)}), ' if word else ''}${body}$)"
        typst = typst[: found.start()] + call + typst[found.end() :]
    return False


def _expression(body, display, tag):
    body = body.strip()  # a space inside the dollars would make Typst display it
    if not body:
        return "none"
    if not display:
        return f"${body}$"
    return f"numbered($ {body} $, {literal(tag)})" if tag else f"$ {body} $"
