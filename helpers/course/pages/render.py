"""Executed notebooks of strangers as HTML that shows them and nothing else."""

import base64
import binascii
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import nh3
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.util import ClassNotFound

from helpers.course.pages.html import escape, visible
from helpers.course.typeset.text import PANDOC

__all__ = ["CODE_STYLE", "cells_as_html", "markdown_as_html"]

SCRIPT = Path(__file__).with_name("render.lua")
SECONDS = 30  # for pandoc, which needs a tenth of one
LINES = 120  # of an output
CHARACTERS = 20_000
OUTPUTS = 40  # of a cell
TEXTS = ("text/markdown", "text/latex")
PICTURES = ("image/png", "image/jpeg", "image/gif")
SAFE_TAGS = {
    *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "colgroup", "col"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "div", "span", "pre", "code", "blockquote"),
    *("b", "i", "u", "em", "strong", "small", "sub", "sup", "ul", "ol", "li", "dl", "dt", "dd"),
    *("figure", "figcaption", "details", "summary", "img"),
}
SAFE_ATTRIBUTES = {"th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}, "img": {"src", "alt"}}
SAFE_PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+")
COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
CODE_STYLE = HtmlFormatter(style="friendly", nobackground=True).get_style_defs(".code")


def markdown_as_html(texts: list[str]) -> list[str]:
    """Markdown with formulas as HTML with MathML, without any HTML, link or file of its author.

    Parameters
    ----------
    texts : list of str

    Returns
    -------
    list of str
        What pandoc cannot read stands there as it is.
    """
    if not texts:
        return []
    try:
        done = subprocess.run(
            [str(PANDOC), "lua", str(SCRIPT)],
            input=json.dumps(texts).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        pages = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        pages = [False] * len(texts)
    return [p if isinstance(p, str) else _pre(t) for t, p in zip(texts, pages, strict=True)]


def cells_as_html(notebook: NotebookNode, after: Callable[[str], str]) -> str:
    """The cells with their outputs.

    Checks are shown as students know them, without what is hidden in them, and without the traceback.

    Parameters
    ----------
    notebook : NotebookNode
        Executed, as marking.mark_notebook writes it.
    after : callable
        grade_id of an item → HTML to stand behind its cell.

    Returns
    -------
    str
        HTML.
    """
    texts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            texts.append(_with_pictures(cell))
        for output in _outputs(cell):
            for mime in TEXTS:
                if mime in output.get("data", {}):
                    texts.append(_as_markdown(mime, output.data[mime]))
    pages = dict(zip(texts, markdown_as_html(texts), strict=True))
    parts = []
    for cell in notebook.cells:
        known = cell.metadata.get("course", {})
        if cell.cell_type == "markdown":
            parts.append(f'<div class="text">{pages[_with_pictures(cell)]}</div>')
        elif cell.cell_type == "code" and cell.source.strip():
            outputs = [
                _output(o, pages)
                for o in _outputs(cell)
                if not ("check" in known and o.output_type == "error")
            ]
            parts.append(_code(known.get("shown", cell.source)) + "".join(outputs))
        elif cell.source.strip():
            parts.append(_pre(cell.source))
        if item := known.get("check") or known.get("answer"):
            parts.append(after(item))
    return "\n".join(parts)


def _with_pictures(cell):
    """The text of a cell with its attached pictures as data, which is how HTML can hold them."""
    text = cell.source
    for name, bundle in cell.get("attachments", {}).items():
        for mime in PICTURES:
            data = bundle.get(mime) if isinstance(bundle, dict) else None
            if isinstance(data, str) and (picture := _picture(data)):
                text = text.replace(f"(attachment:{name})", f"(data:{mime};base64,{picture})")
    return text


def _outputs(cell):
    return cell.get("outputs", [])[:OUTPUTS]


def _output(output, pages):
    if output.output_type == "stream":
        return _pre(output.text, "stderr" if output.name == "stderr" else "stdout")
    if output.output_type == "error":
        return _pre("\n".join(output.traceback) or f"{output.ename}: {output.evalue}", "stderr")
    data = output.get("data", {})
    for mime in PICTURES:
        if mime in data and (picture := _picture(data[mime])):
            return f'<img class="output" alt="" src="data:{mime};base64,{picture}">'
    if "image/svg+xml" in data:  # as a picture, where its scripts are dead
        picture = base64.b64encode(data["image/svg+xml"].encode()).decode()
        return f'<img class="output" alt="" src="data:image/svg+xml;base64,{picture}">'
    if html := _harmless_html(data.get("text/html", "")):
        return f'<div class="output table">{html}</div>'
    for mime in TEXTS:
        if mime in data:
            return f'<div class="text output">{pages[_as_markdown(mime, data[mime])]}</div>'
    return _pre(data.get("text/plain", "(an output that is not shown here)"), "stdout")


def _harmless_html(html):
    """What can be seen of an author's HTML without his styles and scripts, "" where nothing is left."""
    if len(html) > 10 * CHARACTERS:
        return ""
    kept = nh3.clean(
        html,
        tags=SAFE_TAGS,
        clean_content_tags={"script", "style"},
        attributes=SAFE_ATTRIBUTES,
        attribute_filter=_safe_attribute,
        url_schemes={"data"},
        link_rel=None,
    )
    visible = "<img src" in kept or re.sub(r"<[^>]*>", "", kept).strip()
    return kept if visible else ""


def _safe_attribute(tag, attribute, value):
    if attribute == "src" and not SAFE_PICTURE.fullmatch(value):
        return None
    return value


def _as_markdown(mime, text):
    """Formulas of IPython's Math and Latex as Markdown."""
    if mime == "text/latex" and "$" not in text:
        return f"$${text}$$"
    return text


def _picture(data):
    try:
        return base64.b64encode(base64.b64decode(data, validate=False)).decode()
    except (binascii.Error, ValueError):
        return ""


def _code(source):
    try:
        shown = highlight(visible(source), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    except (ClassNotFound, RecursionError):
        shown = escape(source)
    return f'<pre class="code">{shown}</pre>'


def _pre(text, kind=""):
    text = COLOURS.sub("", text)
    lines = text[:CHARACTERS].split("\n")
    if len(lines) > LINES or len(text) > CHARACTERS:
        lines = [*lines[:LINES], "[cut here: there is more]"]
    return f'<pre class="output {kind}">{escape(chr(10).join(lines))}</pre>'
