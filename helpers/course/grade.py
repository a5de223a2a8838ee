"""Grading of a sheet: hand-ins in, a table of points, feedback and a report for the tutor out."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import nbformat

from helpers.course.errors import CourseError
from helpers.course.grading.gradebook import GradeBook
from helpers.course.grading.intake import take_in
from helpers.course.grading.runs import run_all, tasks_of
from helpers.course.grading.scores import Group, group_of
from helpers.course.grading.similarity import find_similar
from helpers.course.grading.tables import write_grades
from helpers.course.grading.versions import Authors
from helpers.course.items import items_of
from helpers.course.pages.feedback import write_feedback
from helpers.course.pages.report import write_report

__all__ = ["authors_of", "grade", "open_book", "publish"]

BOOK, JOURNAL = "gradebook.sqlite", "journal.jsonl"

Report = Callable[[str], None]


def grade(
    hand_ins: Iterable[str | Path],
    sheet: int,
    notebooks: str | Path,
    out: str | Path,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    quick: bool = False,
    limits: dict[str, Any] | None = None,
    unsafe: bool = False,
    report: Report = print,
) -> list[Group]:
    """Grade the hand-ins of a sheet; what ran before is not run again, and marks of tutors stay.

    Parameters
    ----------
    hand_ins : iterable of path
        Folders and zips.
    sheet : int
    notebooks : path
        Folder of the solved ones.
    out : path
        Folder of grade book, grades.csv, report.html and feedback/.
    jobs, scheduler
        As for pool.run_tasks.
    quick : bool
        Use small sizes.
    limits : dict or None
        Fields of untrusted.Limits.
    unsafe : bool
        Without sandbox.
    report : callable
        Gets lines for the reader.

    Returns
    -------
    list of Group

    Raises
    ------
    ValueError or OSError
        When there is nothing to grade.
    SandboxError
        Where there is no sandbox.
    """
    out = Path(out).absolute()  # workers of a cluster may stand in another folder
    authors = authors_of(notebooks, sheet)
    items = []
    for _, author in authors.values():
        items += items_of(author)
    with GradeBook(out / BOOK) as book:
        submissions = take_in(hand_ins, authors, out / "hand-ins", book.known(), report)
        if not submissions:
            where = ", ".join(map(str, hand_ins))
            raise CourseError(f"no hand-in in {where}: no zip, no folder, no notebook")
        tasks = tasks_of(submissions, authors, out, quick)
        report(f"{len(submissions)} groups, {len(tasks)} notebooks")
        results = run_all(tasks, out / JOURNAL, (quick, limits, unsafe), jobs, scheduler, report)
        groups = []
        for submission in submissions:
            groups.append(group_of(submission, authors, items, results))
        find_similar(groups, submissions, authors)
        book.write(items, groups)
        earlier = [group.slug for group in book.groups(present=False)]
        if earlier:
            report(
                f"known from earlier, not among these hand-ins: {', '.join(earlier)}; their marks are kept"
            )
        publish(book, out, sheet, jobs=jobs, report=report)
        return book.groups()


def authors_of(notebooks: str | Path, sheet: int) -> Authors:
    """The solved notebooks of a sheet by exercise.

    Raises
    ------
    CourseError
        When there is none.
    """
    found = {}
    for path in sorted(Path(notebooks).glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        course = notebook.metadata.get("course", {})
        if course.get("sheet") == sheet:
            found[course["exercise"]] = path.resolve(), notebook
    if not found:
        raise CourseError(f"no notebook in {notebooks} is of sheet {sheet}")
    return dict(sorted(found.items()))


def open_book(out: str | Path) -> GradeBook:
    """The grade book in a folder that `grade` has filled.

    Raises
    ------
    ValueError
        When there is none.
    """
    path = Path(out) / BOOK
    if not path.exists():
        raise CourseError(f"no grade book in {out}: grade the hand-ins first")
    return GradeBook(path)


def publish(book: GradeBook, out: str | Path, sheet: int, *, jobs: int = 1, report: Report = print) -> None:
    """Write grades.csv, report.html and the feedback as the grade book has them now.

    Parameters
    ----------
    book : GradeBook
    out : path
        The folder of the sheet.
    sheet : int
    jobs : int
        How many feedbacks are made at a time.
    report : callable
        Gets lines for the reader.
    """
    out = Path(out)
    groups, items = book.groups(), book.items()
    write_grades(groups, items, out / "grades.csv")
    problems = write_feedback(groups, out, sheet, jobs=jobs, report=report)
    write_report(groups, items, out, sheet, problems)
    left = sum(len(group.to_mark) for group in groups)
    report(
        f"{out / 'report.html'}, grades.csv and feedback/ beside it; {left} answers are to be marked by you"
    )
