"""Outputs of cells as Typst: text, pictures, tables, and a line for what has no form on paper."""

import json
import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from helpers.course.typeset.parts import Part
from helpers.course.typeset.tables import tables
from helpers.course.typeset.terminal import count, terminal

__all__ = ["output_parts"]

MOST_OUTPUTS = 40  # of one cell

_MIME = (
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
    "application/pdf",
)
# Charts that a script draws in the browser, by what their types begin with.
_CHARTS = {
    "application/vnd.plotly": "a chart by plotly",
    "application/vnd.vega": "a chart by Altair",
    "application/vnd.bokeh": "a chart by Bokeh",
    "application/vnd.holoviews": "a chart by HoloViews",
}
SCRIPT = "what a script shows"
_SVG = re.compile(r"<svg\b.*?</svg\s*>", re.DOTALL | re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>|\s|&nbsp;")
# HTML that folds and hides is made for a screen, and comes with a text form that says the same.
_FOLDING = re.compile(r"<(details|input|symbol)\b", re.IGNORECASE)
# What Python says of an object that says nothing of itself.
_REPR = re.compile(r"<[\w.]+( object)?( at 0x\w+)?>|(interactive|Output|\w*Box|HTML)\(.*", re.DOTALL)


def output_parts(cell: NotebookNode | dict, notebook: NotebookNode, context: Any) -> list[Part]:
    """What a code cell has put out.

    Parameters
    ----------
    cell : NotebookNode or dict
        Its outputs are looked at.
    notebook : NotebookNode
        Holds the states of widgets.
    context : Builder

    Returns
    -------
    list of Part
    """
    outputs = _merged(cell.get("outputs", []))
    parts = []
    for output in outputs[:MOST_OUTPUTS]:
        kind = output.get("output_type")
        if kind == "stream":
            style = "errors" if output.get("name") == "stderr" else "output"
            parts += terminal(output.get("text", ""), style, context)
        elif kind == "error":
            text = "\n".join(output.get("traceback") or [f"{output.get('ename')}: {output.get('evalue')}"])
            parts += terminal(text, "errors", context)
        else:
            parts += _rich(output, notebook, context)
    if len(outputs) > MOST_OUTPUTS:
        parts.append(
            context.left_out(f"{count(len(outputs) - MOST_OUTPUTS)} more outputs of this cell left out")
        )
    return parts


def _merged(outputs):
    """Join what one stream has written in pieces, and drop displays that were cleared."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if (
            output.get("output_type") == "stream" == last.get("output_type")
            and last["name"] == output["name"]
        ):
            merged[-1] = {**last, "text": last["text"] + output["text"]}
        else:
            merged.append(output)
    return merged


def _rich(output, notebook, context):
    data = {mime: _joined(value) for mime, value in output.get("data", {}).items()}
    if "application/vnd.jupyter.widget-view+json" in data:
        return _widget(data, notebook, context)
    if "text/latex" in data and "text/html" not in data:
        return [context.markdown(_maths_only(data["text/latex"]), data["text/latex"])]
    for mime in _MIME:
        if mime in data:
            return [context.figure(data[mime], mime, output.get("metadata", {}).get(mime, {}))]
    text = data.get("text/plain", "")
    if library := _chart(data):
        parts = [context.left_out(f"{library} is drawn in a browser only: save it as PNG to have it here")]
        if library == SCRIPT and not _REPR.fullmatch(text):
            parts += terminal(text, "output", context)
        return parts
    if "text/html" in data:
        screen_only = _FOLDING.search(data["text/html"]) or data["text/html"].lstrip().startswith("<pre")
        if not screen_only or not text or _REPR.fullmatch(text):
            found = _html(data["text/html"], context)
            if found or _REPR.fullmatch(text):
                return found
    if "text/markdown" in data:
        return [context.markdown(data["text/markdown"], data["text/markdown"])]
    if "application/json" in data:
        return terminal(json.dumps(data["application/json"], indent=2, ensure_ascii=False), "output", context)
    if "text/plain" in data:
        return terminal(text, "output", context)
    kinds = ", ".join(sorted(data)) or "nothing"
    return [context.left_out(f"an output that has no form on paper: {kinds}")]


def _joined(value):
    """Text of an output, which files may hold as a list of lines."""
    return "".join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value


def _maths_only(tex):
    tex = re.sub(r"^\\[\[(]|\\[\])]$", "", tex.strip())
    return tex if "$" in tex or tex.startswith("\\begin") else f"$${tex}$$"


def _chart(data):
    """The library whose chart this is, "" if it is none."""
    for mime in data:
        for start, library in _CHARTS.items():
            if mime.startswith(start):
                return library
    html = data.get("text/html", "")
    drawn = re.search(r"<(div|canvas)\b", html) and "<script" in html
    return SCRIPT if drawn and not _readable(html) else ""


def _readable(html):
    """Whether something is left of HTML without scripts and tags."""
    return bool(_TAG.sub("", _SCRIPT.sub("", html))) or "<img" in html or "<svg" in html


def _html(html, context):
    """Tables as tables, drawings as pictures, other HTML by pandoc; nothing where nothing is to be seen."""
    if not _readable(html):
        return []
    parts, position = [], 0
    for drawing in [*_SVG.finditer(html), None]:
        before = html[position : drawing.start() if drawing else len(html)]
        if re.search(r"<table", before, re.IGNORECASE):
            parts += tables(before, context)
        elif _readable(before):
            parts.append(context.html(before))
        if drawing:
            parts.append(context.figure(drawing[0], "image/svg+xml", {}))
            position = drawing.end()
    return parts


def _widget(data, notebook, context):
    """What a widget shows, from the state saved in the notebook."""
    saved = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    states = saved.get("state", {})
    model = data["application/vnd.jupyter.widget-view+json"].get("model_id")
    text = data.get("text/plain", "")
    try:
        words, outputs = _widget_content(model, states, 0)
    except (TypeError, ValueError, AttributeError):
        words, outputs = [], []
    parts = terminal(" ".join(words), "output", context) if words else []
    if outputs:
        parts += output_parts({"outputs": outputs}, notebook, context)
    if parts:
        return parts
    if text and not _REPR.fullmatch(text):  # a progress bar says in text what there is to say
        return terminal(text, "output", context)
    return [context.left_out("an interactive output is not shown: its state is not saved in the notebook")]


def _widget_content(model, states, depth):
    """Texts and outputs of a progress bar, a slider, an output area or a box of such."""
    state = states.get(model, {}).get("state", {})
    if depth > 5:
        return [], []
    words = [_words(state.get("description"))]
    if "max" in state and "value" in state:
        words.append(f"[{state['value']:g}/{state['max']:g}]")
    elif isinstance(state.get("value"), str | int | float):
        words.append(_words(state["value"]))
    outputs = [nbformat.from_dict(output) for output in state.get("outputs", [])]
    for child in state.get("children", []):
        more_words, more_outputs = _widget_content(str(child).removeprefix("IPY_MODEL_"), states, depth + 1)
        words += more_words
        outputs += more_outputs
    return list(filter(None, words)), outputs


def _words(html):
    """Text of a label, which may hold HTML."""
    text = re.sub(r"<[^>]*>", "", str(html or ""))
    return text.replace("\xa0", " ").replace("&nbsp;", " ")
