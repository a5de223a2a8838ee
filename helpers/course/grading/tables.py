"""Tables for spreadsheets: grades of every student, marks of tutors out and in."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from helpers.course.errors import CourseError
from helpers.course.grading.gradebook import GradeBook
from helpers.course.grading.scores import Group
from helpers.course.grading.spreadsheet import EXCEL, PLAIN, Dialect, read_rows, write_rows
from helpers.course.items import Item
from helpers.course.member import Member

__all__ = ["export_marks", "import_marks", "mark_one", "write_grades"]

MARKS = ("item", "group", "members", "title", "out of", "proposed", "points", "comment")
MOST_ERRORS = 20
NUMBER = re.compile(r"[+-]?\d*[.,]?\d+")
DATE = re.compile(r"\d{1,4}[./-] ?(\d{1,2}|[A-Za-zä]{3,9})([./-] ?\d{0,4})?\.?|[A-Za-zä]{3,9}[ .-]\d{2,4}")


def write_grades(groups: list[Group], items: list[Item], path: Path) -> None:
    """One row per student: names, tutorial, group, points of each item, sums, verdict.

    An item that is still to be marked is empty. Columns `automatic` and `manual` add up to `total`; an
    automatic proposal that a tutor has overruled counts as manual. Beside `path` lies the same for a German
    Excel, with _excel before the ending.

    Parameters
    ----------
    groups : list of Group
    items : list of Item
    path : Path
    """
    names = [item.id for item in items]
    head = ["name", "matriculation", "tutorial", "group", *names]
    rows = [[*head, "automatic", "manual", "total", "out of", "verdict"]]
    for group in groups:
        points = {score.item.id: score.points for score in group.scores}
        given = [points[name] for name in names]
        sums = [group.automatic, group.manual, group.total, group.out_of]
        for member in group.members or [Member("", "")]:
            who = [member.name, member.matriculation, member.tutorial, group.slug]
            rows.append([*who, *given, *sums, group.verdict])
    write_rows(path, rows, PLAIN)
    write_rows(path.with_stem(f"{path.stem}_excel"), rows, EXCEL)


def export_marks(book: GradeBook, path: Path, dialect: Dialect = PLAIN) -> int:
    """Write what tutors mark by hand, one row per item and group: fill in `points` and `comment`.

    Rows of one item stand together, so that one question is marked for all groups in a row. Checks are
    listed only where a tutor has overruled them.

    Parameters
    ----------
    book : GradeBook
    path : Path
    dialect : Dialect

    Returns
    -------
    int
        Number of rows.
    """
    rows = [list(MARKS)]
    groups = book.groups()
    for position, item in enumerate(book.items()):
        for group in groups:
            score = group.scores[position]
            if item.check and score.marked is None and not score.comment:
                continue
            members = ", ".join(member.name for member in group.members)
            known = [item.id, group.slug, members, item.title, item.points, score.proposed]
            rows.append([*known, score.marked, score.comment])
    write_rows(path, rows, dialect)
    return len(rows) - 1


def mark_one(book: GradeBook, group: str, item: str, points: str, comment: str | None = None) -> str:
    """Enter one mark.

    Parameters
    ----------
    book : GradeBook
    group, item : str
        As typed: any part that fits only one.
    points : str
        With point or comma, `-` to take the mark back.
    comment : str or None
        None leaves the old one.

    Returns
    -------
    str
        A line that says what stands there now.

    Raises
    ------
    ValueError
        For points that the item has not, or names that fit none or several.
    """
    slug, item_id = book.find(group, item)
    most = _points_of(book)[item_id]
    value = _points(points or "nothing", most, None)
    if value is None and comment is None:
        comment = ""
    book.mark(slug, item_id, value, comment)
    if value is None:
        return f"{slug}, {item_id}: no mark"
    return f"{slug}, {item_id}: {value:g} of {most:g}"


@dataclass(frozen=True)
class _Mark:
    points: float | None
    comment: str


def import_marks(book: GradeBook, path: Path) -> int:
    """Take marks from a spreadsheet: columns item, group, points and comment; others are ignored.

    Empty points leave a mark as it is, `-` takes it back.

    Parameters
    ----------
    book : GradeBook
    path : Path
        As `spreadsheet.read_rows` understands it.

    Returns
    -------
    int
        Number of marks that changed.

    Raises
    ------
    ValueError
        With all lines that are wrong; nothing is changed then.
    """
    most, now = _points_of(book), {}
    for group in [*book.groups(), *book.groups(present=False)]:
        for score in group.scores:
            now[group.slug, score.item.id] = _Mark(score.marked, score.comment)

    wrong, wanted = [], {}
    for row in read_rows(path, needed=("group", "item", "points")):
        try:
            where, mark = _read(row.values, now, most)
            if wanted.setdefault(where, mark) != mark:
                raise CourseError(f"{where[0]}, {where[1]} stands there twice, with different marks")
        except ValueError as error:
            wrong.append(f"line {row.line}: {error}")
    if wrong:
        shown = wrong[:MOST_ERRORS]
        if len(wrong) > MOST_ERRORS:
            shown.append(f"and {len(wrong) - MOST_ERRORS} more")
        lines = "\n  ".join(shown)
        raise CourseError(f"{path}: nothing was changed, because of\n  {lines}")

    changed = 0
    with book.all_or_nothing():
        for where, mark in wanted.items():
            if mark != now[where]:
                book.mark(*where, mark.points, mark.comment)
                changed += 1
    return changed


def _points_of(book: GradeBook) -> dict[str, float]:
    """The most points that each item gives."""
    return {item.id: item.points for item in book.items()}


def _read(
    row: dict[str, str], now: dict[tuple[str, str], _Mark], most: dict[str, float]
) -> tuple[tuple[str, str], _Mark]:
    """Group, item and mark of one row."""
    group, item = row["group"].strip(), row["item"].strip()
    if group not in {slug for slug, _ in now}:
        raise CourseError(f"there is no group {group!r}")
    if item not in most:
        raise CourseError(f"there is no item {item!r}")
    old = now[group, item]
    if row["points"].strip().isdigit() and row.get("comment", "").isdigit():
        raise CourseError(f"{group}, {item}: the comment is a number: a decimal comma without quotes?")
    try:
        points = _points(row["points"], most[item], old.points)
    except ValueError as error:
        raise CourseError(f"{group}, {item}: {error}") from error
    return (group, item), _Mark(points, row.get("comment") or old.comment)


def _points(text: str, most: float, old: float | None) -> float | None:
    text = text.strip()
    if text == "":
        return old
    if text == "-":
        return None
    if DATE.fullmatch(text) and not NUMBER.fullmatch(text):
        raise CourseError(
            f"points are {text!r}: the spreadsheet made a date of them, format the cells as text"
        )
    if not NUMBER.fullmatch(text):
        raise CourseError(f"points are {text!r}, expected a number")
    points = float(text.replace(",", "."))
    if not (math.isfinite(points) and 0 <= points <= most):
        raise CourseError(f"{text} points, expected 0 to {most:g}")
    return points
