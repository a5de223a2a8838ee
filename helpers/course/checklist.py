"""What a tutor should know of a hand-in before opening it: the lines of checklist.txt and of the cover."""

import re
from collections.abc import Callable, Iterable

from nbformat import NotebookNode

from helpers.course.cells import STUB, is_empty_answer

__all__ = ["findings", "pages"]

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MOST_NAMED = 5  # cells of one kind

Numbered = tuple[int, NotebookNode]


def findings(notebook: NotebookNode, as_is: bool) -> list[str]:
    """Lines about the cells of a notebook: how it was run, errors, empty answers, letters that were lost.

    Parameters
    ----------
    notebook : NotebookNode
    as_is : bool
        Whether it is taken as it was saved.

    Returns
    -------
    list of str
    """
    numbered = list(enumerate(notebook.cells, 1))
    code = [(n, cell) for n, cell in numbered if cell.cell_type == "code" and cell.source.strip()]
    counts = [cell.execution_count for _, cell in code if cell.execution_count is not None]
    how = "from a clean state"
    if as_is:
        order = "in the order of the page" if counts == sorted(counts) else "NOT from top to bottom"
        how = f"NOT run again, as it was saved, {order}"
    lost = "letters lost to control characters: write text in text cells"
    return [
        f"{len(counts)} of {len(code)} code cells run, {how}",
        _line("cells that ended in an error", code, _ended_in_error),
        _line("empty answer cells", numbered, is_empty_answer),
        _line(lost, numbered, _has_control_characters),
        _line("NotImplementedError left over", code, _holds_stub),
    ]


def pages(count: int) -> str:
    """A number of pages in words."""
    return "1 page" if count == 1 else f"{count} pages"


def _line(what: str, cells: Iterable[Numbered], applies: Callable[[NotebookNode], bool]) -> str:
    named = []
    for number, cell in cells:
        if applies(cell):
            named.append(f"{number} ({cell.get('id', 'no id')})")
    if not named:
        return f"{what}: none"
    shown = ", ".join(named[:MOST_NAMED])
    if len(named) > MOST_NAMED:
        shown += f" and {len(named) - MOST_NAMED} more"
    return f"{what}: cell {shown}"


def _ended_in_error(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


def _holds_stub(cell: NotebookNode) -> bool:
    return bool(STUB.search(cell.source))


def _has_control_characters(cell: NotebookNode) -> bool:
    r"""Whether letters were lost: `\beta` in a string that is not raw prints a backspace and "eta"."""
    texts = []
    if cell.cell_type == "markdown":
        texts.append(cell.source)
    for output in cell.get("outputs", []):
        texts.append("".join(output.get("data", {}).get("text/markdown", "")))
    return any(CONTROL.search(text) for text in texts)
