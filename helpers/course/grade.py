"""Grading of a sheet: hand-ins in, a table of points, feedback and a report for the tutor out."""

import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from tqdm import tqdm

from helpers.course.errors import CourseError
from helpers.course.fingerprint import digest_of, fingerprint
from helpers.course.grading.gradebook import GradeBook
from helpers.course.grading.intake import Submission, take_in
from helpers.course.grading.marking import mark_notebook
from helpers.course.grading.result import Result
from helpers.course.grading.scores import Group, Score
from helpers.course.grading.similarity import pieces_of, similar_pairs
from helpers.course.grading.tables import write_grades
from helpers.course.grading.versions import Authors
from helpers.course.items import Item, items_of
from helpers.course.pages.feedback import write_feedback
from helpers.course.pages.report import write_report
from helpers.course.pool import read_journal, run_tasks
from helpers.course.status import Status

__all__ = ["authors_of", "grade", "open_book", "publish"]

BOOK, JOURNAL = "gradebook.sqlite", "journal.jsonl"

Report = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """One notebook of one group that is to be run."""

    slug: str
    exercise: int
    handed_in: Path
    companions: Path | None  # a zip of the files that lay beside it
    solved: Path
    executed: Path  # where the executed copy goes
    key: str  # names the task and everything that its result depends on but the limits

    def arguments(self, quick: bool, limits: dict[str, Any] | None, unsafe: bool) -> tuple:
        """The arguments of marking.mark_notebook for it."""
        companions = str(self.companions) if self.companions else None
        paths = str(self.handed_in), str(self.solved), str(self.executed), companions
        return *paths, self.key.split()[-1], quick, limits, unsafe

    def is_executed(self) -> bool:
        """Whether the executed copy is there, and of this very hand-in."""
        try:
            metadata = json.loads(self.executed.read_bytes())["metadata"]
            return metadata["course"]["made_from"] == self.key.split()[-1]
        except (OSError, ValueError, KeyError, TypeError):
            return False


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
        tasks = _tasks(submissions, authors, out, quick)
        report(f"{len(submissions)} groups, {len(tasks)} notebooks")
        results = _run(tasks, out, (quick, limits, unsafe), jobs, scheduler, report)
        groups = []
        for submission in submissions:
            groups.append(_group(submission, authors, items, results))
        _find_similar(groups, submissions, authors)
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


def _tasks(submissions: list[Submission], authors: Authors, out: Path, quick: bool) -> list[Task]:
    tasks = []
    code = fingerprint("marking", quick)
    for submission in submissions:
        for exercise, version in submission.notebooks.items():
            solved = authors[exercise][0]
            executed = out / "executed" / submission.slug / solved.name
            digest = digest_of(code, version.kept, version.companions or "", solved)[:20]
            key = f"{submission.slug} {solved.stem} {digest}"
            paths = version.kept, version.companions, solved, executed
            tasks.append(Task(submission.slug, exercise, *paths, key))
    return tasks


def _run(
    tasks: list[Task],
    out: Path,
    how: tuple[bool, dict[str, Any] | None, bool],
    jobs: int,
    scheduler: str | None,
    report: Report,
) -> dict[tuple[str, int], Result]:
    """Results by group and exercise. What broke its process is a result too, and is tried the next time."""
    _, limits, _ = how
    finished = read_journal(out / JOURNAL)
    wanted, keys = {}, {}
    for task in tasks:
        keys[task] = _key_to_run(task, finished, limits)
        wanted[keys[task]] = task.arguments(*how)
    broken = {}
    with tqdm(total=len(wanted), unit="notebook", disable=None) as bar:

        def ended(key, value):
            if isinstance(value, Exception):
                detail = f"{type(value).__name__}: {value}"[:300]
                broken[key] = Result(Status.BROKE_OFF, detail=detail)
            result = broken.get(key) or Result.from_json(value)
            name = " ".join(key.split()[:2])
            bar.write(f"{name}: {str(result)[:120]}")
            bar.update()

        bar.update(len(finished.keys() & wanted.keys()))
        done = run_tasks(mark_notebook, wanted, out / JOURNAL, jobs=jobs, scheduler=scheduler, report=ended)

        lost = {}
        for task, key in keys.items():
            if key in done and done[key]["executed"] and not task.is_executed():
                lost[key] = wanted[key]
        if lost:
            report(f"{len(lost)} executed notebooks are gone and are made again")
            with tempfile.TemporaryDirectory(prefix="course-") as folder:
                journal = Path(folder) / JOURNAL
                how_many = {"jobs": jobs, "scheduler": scheduler}
                again = run_tasks(mark_notebook, lost, journal, **how_many, report=ended)
            done |= again

    results = {}
    for task, key in keys.items():
        if key in done:
            results[task.slug, task.exercise] = Result.from_json(done[key])
        else:
            results[task.slug, task.exercise] = broken[key]
    return results


def _key_to_run(task: Task, finished: dict[str, Any], limits: dict[str, Any] | None) -> str:
    """The task's own key, or another one where it timed out with other limits than now."""
    earlier = finished.get(task.key)
    if earlier and earlier["status"] == Status.TIMED_OUT and earlier["limits"] != limits:
        return f"{task.key} {sorted((limits or {}).items())}"
    return task.key


def _group(
    submission: Submission,
    authors: Authors,
    items: list[Item],
    results: dict[tuple[str, int], Result],
) -> Group:
    group = Group(submission.slug, submission.members, submission.hand_ins, submission.remarks)
    proposals = {}
    for exercise, (solved, _) in authors.items():
        result = results.get((submission.slug, exercise), Result(Status.NOT_HANDED_IN))
        file = ""
        if exercise in submission.notebooks:
            file = submission.notebooks[exercise].kept.name
        group.notebooks[exercise] = replace(result, name=solved.name, file=file)
        proposals |= result.points
    for item in items:
        nothing = 0.0, str(group.notebooks[item.exercise])
        points, reason = proposals.get(item.id, nothing)
        group.scores.append(Score(item, points, reason))
    return group


def _find_similar(groups: list[Group], submissions: list[Submission], authors: Authors) -> None:
    by_slug = {group.slug: group for group in groups}
    for exercise, (_, author) in authors.items():
        pieces = {}
        for submission in submissions:
            version = submission.notebooks.get(exercise)
            if version and version.notebook is not None:
                files = {file.path: file.content for file in version.files}
                pieces[submission.slug] = pieces_of(version.notebook, author, files)
        for one, other, share in similar_pairs(pieces):
            by_slug[one].similar.append((other, exercise, share))
            by_slug[other].similar.append((one, exercise, share))
