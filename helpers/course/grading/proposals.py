"""What the checks say of a hand-in: points for each item, as far as they can tell."""

from nbformat import NotebookNode

from helpers.course.cells import marked, name_of
from helpers.course.items import Item
from helpers.course.stubs import student_version

__all__ = ["propose", "untouched"]

LONGEST = 300  # characters of a reason


def untouched(student: NotebookNode, author: NotebookNode) -> set[str | None]:
    """Find solution cells that are still as they were handed out, or empty.

    Parameters
    ----------
    student : NotebookNode
        A hand-in.
    author : NotebookNode
        The solved notebook.

    Returns
    -------
    set of str
        Names of these cells.
    """
    texts = {}
    for cell in student.cells:
        texts.setdefault(name_of(cell), set()).add(_bare(cell))
    found = set()
    for cell in student_version(author).cells:
        name = name_of(cell)
        if not marked(cell).get("solution") or name not in texts:
            continue
        if texts[name] <= {"", _bare(cell)}:
            found.add(name)
    return found


def _bare(cell: NotebookNode) -> str:
    """The text of a cell without blanks and ends of lines."""
    return "".join(cell.source.split())


def propose(
    items: list[Item],
    untouched_cells: set[str | None],
    present_cells: set[str | None],
    checks: dict[str, str],
) -> dict[str, tuple[float | None, str]]:
    """Points for each item, as far as checks can tell.

    Parameters
    ----------
    items : list of Item
        Of one notebook.
    untouched_cells : set of str
        From `untouched`.
    present_cells : set of str
        Names of the cells of the hand-in.
    checks : dict of str to str
        grade_id → "" where the check passed, else what went wrong.

    Returns
    -------
    dict of str to tuple
        Id of the item → (points, None where the tutor decides; reason).
    """
    return {item.id: _proposal(item, untouched_cells, present_cells, checks) for item in items}


def _proposal(
    item: Item, untouched_cells: set[str | None], present_cells: set[str | None], checks: dict[str, str]
) -> tuple[float | None, str]:
    empty = [a for a in item.answers if a in untouched_cells]
    if not item.check:
        if empty:
            return 0.0, "not answered"
        return None, "" if item.cell in present_cells else "its cell is gone: is the answer elsewhere?"
    if item.answers and len(empty) == len(item.answers):
        return 0.0, "not answered"
    wrong = checks.get(item.cell, "the check was not run")
    return (0.0, wrong[:LONGEST]) if wrong else (item.points, "passed")
