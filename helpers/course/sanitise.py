"""Outputs that came out of a sandbox: only known kinds, only text and pictures, only so much of it."""

import re
from typing import Any

import nbformat
from nbformat import NotebookNode

__all__ = ["Outputs", "plain", "sendable", "with_guarded_formulas", "without_guards"]

TEXT = 10**6  # characters of one output
PICTURE = 2 * 10**7
OUTPUTS = 1000  # of one cell
TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex")
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
COLOURS = r"\x1b\[[0-9;?]*[ -/]*[@-~]"
INVISIBLE = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
# A spreadsheet calculates what begins like a formula, and with another delimiter than ours a cell may begin
# in the middle of a text. An apostrophe before the sign makes it text; one that stood there gets another.
CELL_BEGINS = r"((?:^|[,;\t|\r\n\"])\s*)"
SIGN = r"('*[=+\-@＝＋－＠])"
FORMULA = re.compile(CELL_BEGINS + SIGN)
GUARDED = re.compile(CELL_BEGINS + "'" + SIGN)
CONTROLS = re.compile(f"{COLOURS}|{INVISIBLE}")


def with_guarded_formulas(text: str) -> str:
    """Text for a cell of a CSV file that no spreadsheet calculates, whatever delimiter it takes."""
    return FORMULA.sub(r"\1'\2", text.replace("\0", " "))


def without_guards(text: str) -> str:
    """The text that `with_guarded_formulas` was given."""
    return GUARDED.sub(r"\1\2", text)


def plain(text: object, length: int = 500) -> str:
    """One line of text for a table or a terminal: no colours, no control characters, not too long.

    Parameters
    ----------
    text : object
        What is no text gives an empty line.
    length : int
        Most characters.

    Returns
    -------
    str
    """
    beginning = text[: 8 * length] if isinstance(text, str) else ""
    line = " ".join(CONTROLS.sub("", beginning).split())
    return line if len(line) <= length else line[: length - 1] + "…"


class Outputs:
    """Outputs of the cells of one notebook, kept as Jupyter shows them.

    A display with an id is changed by later messages with this id, in whatever cell it stands.
    `clear_output(wait=True)` clears when the next output comes, and never where none comes.
    """

    def __init__(self) -> None:
        self._displayed: dict[str, list[NotebookNode]] = {}
        self._clear_before_next = False

    def begin(self) -> None:
        """A new cell begins."""
        self._clear_before_next = False

    def add(self, outputs: list[NotebookNode], kind: str, content: Any) -> None:
        """Add what a message of the kernel says to the outputs of a cell; ignore what is none.

        Parameters
        ----------
        outputs : list of NotebookNode
            Of the cell that runs; changed.
        kind : str
            Of the message, as the protocol names it.
        content : dict
            Of the message; what is no dictionary is ignored.
        """
        if not isinstance(content, dict):
            return
        if kind == "clear_output":
            self._clear_before_next = bool(content.get("wait"))
            if not self._clear_before_next:
                outputs.clear()
            return
        if kind == "update_display_data":
            self._update(content)
            return
        if self._clear_before_next:
            outputs.clear()
            self._clear_before_next = False
        if kind == "stream":
            _add_stream(outputs, content)
        elif len(outputs) >= OUTPUTS:
            return
        elif kind == "error":
            outputs.append(_error(content))
        elif kind in ("display_data", "execute_result"):
            self._display(outputs, kind, content)

    def _display(self, outputs: list[NotebookNode], kind: str, content: dict) -> None:
        data = _data(content.get("data"))
        if not data:
            return
        self._update(content)  # Jupyter changes earlier displays of this id too
        output = nbformat.v4.new_output(kind, data=data)
        outputs.append(output)
        name = _display_id(content)
        if name and len(self._displayed) < OUTPUTS:
            self._displayed.setdefault(name, []).append(output)

    def _update(self, content: dict) -> None:
        data = _data(content.get("data"))
        for output in self._displayed.get(_display_id(content), []):
            output.data = nbformat.from_dict(data)


def _display_id(content: dict) -> str:
    transient = content.get("transient")
    if not isinstance(transient, dict):
        return ""
    name = transient.get("display_id")
    return name if isinstance(name, str) else ""


def _error(content: dict) -> NotebookNode:
    lines, trace = content.get("traceback"), []
    if isinstance(lines, list):
        trace = [_text(line) for line in lines[:200]]
    name, value = plain(content.get("ename")), plain(content.get("evalue"), 10_000)
    return nbformat.v4.new_output("error", ename=name, evalue=value, traceback=trace)


def _add_stream(outputs: list[NotebookNode], content: dict) -> None:
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
    if "application/pdf" in data and not set(kept) & set(PICTURES):
        kept["text/plain"] = "[a figure that exists as PDF only and cannot be shown here]"
    return kept


def _text(text):
    return _shortened(sendable(text)) if isinstance(text, str) else ""


def _shortened(text):
    return text if len(text) <= TEXT else text[: TEXT - 100] + "\n[cut here: the output was longer]\n"


def sendable(text: str) -> str:
    """The text without half surrogate pairs, which no file can hold."""
    return text.encode(errors="replace").decode()
