"""What a cell is: its name, what nbgrader's metadata call it, and whether a student has filled it in."""

import copy
import re
from typing import Any

from nbformat import NotebookNode, v4

__all__ = [
    "CODE",
    "INJECTED",
    "PROMPT",
    "STUB",
    "is_check",
    "is_empty_answer",
    "is_written_answer",
    "marked",
    "name_of",
    "with_inline_figures",
    "with_parameters",
]

CODE = "# YOUR CODE HERE", "raise NotImplementedError()"  # stands in the place of a solution
PROMPT = "Your answer: double-click here."  # stands in the place of a written answer
INJECTED = "injected-parameters"  # id and tag of the cell that sets other sizes, as papermill has it
STUB = re.compile(r"^\s*raise\s+NotImplementedError.*$", re.MULTILINE)
_NO_CODE = re.compile(r"^\s*(#.*|pass)$", re.MULTILINE)
_BACKENDS = r"widget|ipympl|notebook|nbagg|qt\w*|tk\w*|gtk\w*|wx|osx|macosx"
_INTERACTIVE = re.compile(
    rf"^(?P<indent>[ \t]*)(?P<line>%matplotlib[ \t]+({_BACKENDS}))[ \t]*$", re.MULTILINE
)
_PROMPTS = re.compile(rf"{re.escape(PROMPT)}|YOUR ANSWER HERE")  # the second is nbgrader's own


def marked(cell: NotebookNode) -> dict:
    """What nbgrader's metadata say of a cell; nothing where they are missing or broken."""
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) else {}


def name_of(cell: NotebookNode) -> str | None:
    """What a cell is known by: nbgrader's grade_id, or the cell's id, which is the same in our notebooks."""
    return marked(cell).get("grade_id") or cell.get("id")


def is_written_answer(cell: NotebookNode) -> bool:
    """Whether a cell is answered in words, for which a tutor gives the points.

    In the author's notebook it is text, or code that computes the numbers of its text; for students, text.
    """
    return bool(marked(cell).get("grade") and marked(cell).get("solution"))


def is_check(cell: NotebookNode) -> bool:
    """Whether a cell of the author's notebook is a check that gives points."""
    return bool(cell.cell_type == "code" and marked(cell).get("grade") and not marked(cell).get("solution"))


def is_empty_answer(cell: NotebookNode) -> bool:
    """Whether a solution cell holds nothing but what was handed out."""
    if not marked(cell).get("solution"):
        return False
    text = _PROMPTS.sub("", cell.source)
    if cell.cell_type == "code":
        text = _NO_CODE.sub("", STUB.sub("", text))
    return not text.strip()


def with_inline_figures(source: str) -> str:
    """The source of a cell with figures that need a browser or a screen drawn into the page instead.

    `%matplotlib widget` and its like fail where no one looks on, or leave no picture; a line says so.
    """
    return _INTERACTIVE.sub(_inline, source)


def with_parameters(notebook: NotebookNode, values: dict[str, Any]) -> NotebookNode:
    """A copy of a notebook with one more cell, which sets values behind the cell tagged `parameters`.

    Where no cell has this tag it stands on top, and where there are no values it is not there.
    """
    changed = copy.deepcopy(notebook)
    if not values:
        return changed
    place = 0
    for index, cell in enumerate(changed.cells):
        if "parameters" in cell.metadata.get("tags", []):
            place = index + 1
            break
    lines = ["# Parameters"]
    for name, value in values.items():
        lines.append(f"{name} = {value!r}")
    cell = v4.new_code_cell("\n".join(lines), id=INJECTED, metadata={"tags": [INJECTED]})
    changed.cells.insert(place, cell)
    return changed


def _inline(match: re.Match) -> str:
    remark = f"{match['line'].strip()} works only beside a browser or a screen; figures are drawn inline here"
    return (
        f"{match['indent']}%matplotlib inline\n"
        f"{match['indent']}import sys; print({remark!r}, file=sys.stderr)"
    )
