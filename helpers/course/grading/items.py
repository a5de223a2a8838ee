"""Items with points: what the author's notebook asks for, and what the checks say of a hand-in."""

import re
from dataclasses import dataclass

from nbformat import NotebookNode

from helpers.course.cells import is_check, marked, name_of
from helpers.course.release import student_version

__all__ = ["Item", "items_of", "propose", "untouched"]

LONGEST = 300  # characters of a reason
HEADING = re.compile(r"^#+\s+(.+?)\s*(\(\d[^()]*(point|min)[^()]*\))?\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Item:
    """One cell with points. A check marks itself; anything else is for the tutor.

    Parameters
    ----------
    id : str
        exercise.grade_id.
    exercise : int
    cell : str
        Its grade_id.
    title : str
        The heading above it.
    points : float
    check : bool
    answers : tuple of (str or None)
        Names of the cells that answer it.
    """

    id: str
    exercise: int
    cell: str
    title: str
    points: float
    check: bool
    answers: tuple[str | None, ...]


def items_of(author: NotebookNode) -> list[Item]:
    """Items of a solved notebook.

    Parameters
    ----------
    author : NotebookNode

    Returns
    -------
    list of Item
        In their order.
    """
    exercise = author.metadata["course"]["exercise"]
    title, open_answers, items = "", [], []
    for cell in author.cells:
        name, says = name_of(cell), marked(cell)
        if cell.cell_type == "markdown" and not says.get("solution"):
            for heading in HEADING.finditer(cell.source):
                title = heading[1]
        if not says.get("grade"):
            if says.get("solution"):
                open_answers.append(name)
            continue
        answers = (name,)
        check = is_check(cell)
        if check:  # it judges all cells since the last one
            answers = tuple(open_answers)
            open_answers = []
        points = float(says["points"])
        items.append(Item(f"{exercise}.{name}", exercise, name, title, points, check, answers))
    return items


def untouched(student: NotebookNode, author: NotebookNode) -> set[str | None]:
    """Solution cells that are still as they were handed out, or empty.

    Parameters
    ----------
    student : NotebookNode
        A hand-in.
    author : NotebookNode
        The solved notebook.

    Returns
    -------
    set of (str or None)
        Names of the cells.
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
    untouched_cells : set of (str or None)
        From `untouched`.
    present_cells : set of (str or None)
        Names of the cells of the hand-in.
    checks : dict of str to str
        grade_id → "" where the check passed, else what went wrong.

    Returns
    -------
    dict of str to (float or None, str)
        Id of the item → points, None where the tutor decides, and the reason.
    """
    return {i.id: _proposal(i, untouched_cells, present_cells, checks) for i in items}


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
