"""Outputs that came out of a sandbox: only known kinds, only text and pictures, only so much of it."""

import re

import nbformat

__all__ = ["add_output", "plain", "sendable"]

TEXT = 10**6  # characters of one output
PICTURE = 2 * 10**7
OUTPUTS = 1000  # of one cell
TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex")
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
COLOURS = r"\x1b\[[0-9;?]*[ -/]*[@-~]"
INVISIBLE = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
CONTROLS = re.compile(f"{COLOURS}|{INVISIBLE}")


def plain(text, length=500):
    """One line of text for a table or a terminal: no colours, no control characters, not too long."""
    beginning = text[: 8 * length] if isinstance(text, str) else ""
    line = " ".join(CONTROLS.sub("", beginning).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def add_output(outputs, kind, content):
    """Add what a message of the kernel says to the outputs of a cell; ignore what is none.

    Arguments: outputs, list that is changed; kind and content of the message as the protocol names them.
    """
    if not isinstance(content, dict):
        return
    if kind == "clear_output":
        outputs.clear()
    elif kind == "stream":
        _add_stream(outputs, content)
    elif len(outputs) >= OUTPUTS:
        return
    elif kind == "error":
        lines = content.get("traceback")
        trace = [_text(line) for line in lines[:200]] if isinstance(lines, list) else []
        name, value = plain(content.get("ename")), plain(content.get("evalue"), 10_000)
        outputs.append(nbformat.v4.new_output("error", ename=name, evalue=value, traceback=trace))
    elif kind in ("display_data", "execute_result") and (data := _data(content.get("data"))):
        outputs.append(nbformat.v4.new_output(kind, data=data))


def _add_stream(outputs, content):
    name = "stderr" if content.get("name") == "stderr" else "stdout"
    text = _text(content.get("text"))
    last = outputs[-1] if outputs else None
    if last and last.output_type == "stream" and last.name == name:
        last.text = _shortened(last.text + text)
    elif len(outputs) < OUTPUTS:
        outputs.append(nbformat.v4.new_output("stream", name=name, text=text))


def _data(data):
    if not isinstance(data, dict):
        return {}
    kept = {mime: _text(data[mime]) for mime in TEXTS if isinstance(data.get(mime), str)}
    for mime in PICTURES:
        picture = data.get(mime)
        if isinstance(picture, str) and len(picture) <= PICTURE:
            kept[mime] = sendable(picture)
    return kept


def _text(text):
    return _shortened(sendable(text)) if isinstance(text, str) else ""


def _shortened(text):
    return text if len(text) <= TEXT else text[: TEXT - 100] + "\n[cut here: the output was longer]\n"


def sendable(text):
    """The text without half surrogate pairs, which no file can hold."""
    return text.encode(errors="replace").decode()
