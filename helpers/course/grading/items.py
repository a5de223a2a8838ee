"""Items with points: what the author's notebook asks for, and what the checks say of a hand-in."""

import re
from dataclasses import dataclass

from nbformat import NotebookNode

from helpers.course.cells import is_check, name_of
from helpers.course.release import student_version

__all__ = ["Item", "items_of", "propose", "untouched"]

LONGEST = 300  # characters of a reason
HEADING = re.compile(r"^#+\s+(.+?)\s*(\(\d[^()]*(point|min)[^()]*\))?\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Item:
    """One cell with points: id (exercise.grade_id), its heading, and the cells that answer it.

    A check marks itself; anything else is for the tutor.
    """

    id: str
    exercise: int
    cell: str
    title: str
    points: float
    check: bool
    answers: tuple[str | None, ...]


def items_of(author: NotebookNode) -> list[Item]:
    """Items of a solved notebook, in order. Returns: list of Item."""
    exercise, title, open_answers, items = author.metadata["course"]["exercise"], "", [], []
    for cell in author.cells:
        marked = cell.metadata.get("nbgrader") or {}
        if (
            cell.cell_type == "markdown"
            and not marked.get("solution")
            and (found := HEADING.findall(cell.source))
        ):
            title = found[-1][0]
        if not marked.get("grade"):
            open_answers += [name_of(cell)] if marked.get("solution") else []
            continue
        check = is_check(cell)
        answers = tuple(open_answers) if check else (name_of(cell),)
        open_answers = [] if check else open_answers
        points = float(marked["points"])
        items.append(
            Item(f"{exercise}.{name_of(cell)}", exercise, name_of(cell), title, points, check, answers)
        )
    return items


def untouched(student: NotebookNode, author: NotebookNode) -> set[str | None]:
    """Names of the solution cells that are still as they were handed out, or empty."""
    texts = {}
    for cell in student.cells:
        texts.setdefault(name_of(cell), set()).add(_bare(cell))
    found = set()
    for cell in student_version(author).cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and name_of(cell) in texts:
            if texts[name_of(cell)] <= {"", _bare(cell)}:
                found.add(name_of(cell))
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

    Arguments: items: of one notebook; untouched_cells: from untouched; present_cells: names of the cells of
    the hand-in; checks: grade_id → "" where the check passed, else what went wrong.
    Returns: dict item id → (points, None where the tutor decides; reason).
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
