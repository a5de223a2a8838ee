"""What a student's notebook would get from its visible checks: all run headless, points item by item."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nbformat import NotebookNode

from helpers.course.cells import STUB, is_empty_answer, name_of
from helpers.course.checklist import findings
from helpers.course.errors import CourseError
from helpers.course.execute import execute
from helpers.course.group import read_group
from helpers.course.handed import Handed, read_all
from helpers.course.handin import RUNNING
from helpers.course.items import Item, items_of

__all__ = ["Checked", "Judgement", "check", "checked_items"]

LONGEST = 100  # characters of a line


class Judgement(StrEnum):
    """What a student reads beside an item."""

    PASSED = "passed"
    FAILED = "failed"
    EMPTY = "empty"
    TO_MARK = "for your tutor"


@dataclass(frozen=True)
class Checked:
    """An item, what became of it, and what its check said."""

    item: Item
    verdict: Judgement
    said: str = ""

    def __str__(self) -> str:
        where = f"{self.item.title} [{self.item.cell}]"
        line = f"  {where:<62.62} {self.item.points:>4g}  {self.verdict}"
        if self.said:
            line += f"\n      {self.said}"
        return line


def check(path: str | Path, report: Callable[[str], None] = print) -> list[Checked]:
    """Run a notebook from a clean state, all cells, and say what its checks think of each item.

    The file itself stays as it is.

    Parameters
    ----------
    path : path
        Of a notebook, as it was saved.
    report : callable
        Gets the lines for the reader.

    Returns
    -------
    list of Checked

    Raises
    ------
    CourseError
        For a file that is no notebook of the course.
    """
    (handed,) = read_all([path], as_is=False)
    items = _items(handed)
    report(f"{handed.path.name}{_saved(handed.path)}: running {len(handed.code)} code cells")
    for cell in handed.code:
        cell.outputs, cell.execution_count = [], None
    stopped = execute(handed.notebook, handed.path, keep_going=True, **{RUNNING: "1"})
    checked = checked_items(handed.notebook, items)

    for one in checked:
        report(str(one))
    report(_sum(checked))
    there = sum(one.item.points for one in checked)
    missing = handed.notebook.metadata["course"].get("points", there) - there
    if missing > 0:
        report(f"Items of {missing:g} points are missing: copy them back from the notebook of the course")
    if stopped:
        report(f"Broke off: {stopped}")
    for finding in findings(handed.notebook, as_is=False):
        if not finding.endswith(": none"):
            report(finding)
    try:
        read_group(handed.notebook, handed.path)
    except CourseError as error:
        report(f"Before you hand in: {error}")
    return checked


def checked_items(notebook: NotebookNode, items: list[Item]) -> list[Checked]:
    """What became of each item of an executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
    items : list of Item

    Returns
    -------
    list of Checked
    """
    cells = {name_of(cell): cell for cell in notebook.cells}
    checked = []
    for item in items:
        answers = [cells[name] for name in item.answers if name in cells]
        cell = cells[item.cell]
        if answers and all(map(_is_open, answers)):
            checked.append(Checked(item, Judgement.EMPTY))
        elif not item.check:
            checked.append(Checked(item, Judgement.TO_MARK))
        elif said := _error(cell):
            checked.append(Checked(item, Judgement.FAILED, said))
        else:
            checked.append(Checked(item, Judgement.PASSED))
    return checked


def _items(handed: Handed) -> list[Item]:
    try:
        items = items_of(handed.notebook)
    except (KeyError, TypeError, ValueError) as error:
        raise CourseError(f"{handed.path.name} is no notebook of the course: {error} is missing") from error
    if not items:
        raise CourseError(f"{handed.path.name} has no items with points; check a notebook of the course")
    return items


def _saved(path: Path) -> str:
    """When a file was last saved, so that a reader sees who forgot to; "" where that is long ago."""
    age = datetime.datetime.now() - datetime.datetime.fromtimestamp(path.stat().st_mtime)
    if age > datetime.timedelta(days=1):
        return ""
    return f", as it was saved {age.total_seconds() / 60:.0f} min ago"


def _is_open(cell: NotebookNode) -> bool:
    """Whether an answer is empty, or still holds the line that says so."""
    return is_empty_answer(cell) or bool(STUB.search(cell.source))


def _error(cell: NotebookNode) -> str:
    """The error in which a check ended, in one line, or ""."""
    if cell.execution_count is None:
        return "it was not run"
    for output in cell.outputs:
        if output.output_type == "error":
            said = output.evalue or output.ename
            return " ".join(said.split())[:LONGEST]
    return ""


def _sum(checked: list[Checked]) -> str:
    points = dict.fromkeys(Judgement, 0.0)
    for one in checked:
        points[one.verdict] += one.item.points
    return (
        f"{points[Judgement.PASSED]:g} points by the checks that you see (more are run when it is marked), "
        f"{points[Judgement.TO_MARK]:g} for your tutor to decide, {points[Judgement.FAILED]:g} failed, "
        f"{points[Judgement.EMPTY]:g} empty"
    )
