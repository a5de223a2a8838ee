"""Items with points: what a notebook asks for, solved or as students have it."""

import re
from dataclasses import dataclass

from nbformat import NotebookNode

from helpers.course.cells import is_check, marked, name_of

__all__ = ["Item", "items_of"]

HEADING = re.compile(r"^#+\s+(.+?)\s*(\(\d[^()]*(point|min)[^()]*\))?\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Item:
    """One cell with points.

    Parameters
    ----------
    id : str
        exercise.grade_id.
    exercise : int
    cell : str
        The grade_id.
    title : str
        The heading above it.
    points : float
    check : bool
        Whether it marks itself; anything else is for the tutor.
    answers : tuple of str
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
    """Items of a notebook, solved or not, in order.

    Parameters
    ----------
    author : NotebookNode

    Returns
    -------
    list of Item
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
