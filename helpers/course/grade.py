"""Grading of a sheet: hand-ins in, a table of points, feedback and a report for the tutor out."""

import hashlib
import json
import tempfile
from pathlib import Path

import nbformat
from tqdm import tqdm

from helpers.course.grading.feedback import write_feedback
from helpers.course.grading.gradebook import GradeBook, Group, Score
from helpers.course.grading.intake import take_in
from helpers.course.grading.marking import mark_notebook
from helpers.course.grading.points import items_of
from helpers.course.grading.reading import NotANotebook, notebook_of
from helpers.course.grading.report import write_report
from helpers.course.grading.similarity import fingerprint, similar_pairs
from helpers.course.grading.tables import write_grades
from helpers.course.pool import read_journal, run_tasks

__all__ = ["authors_of", "grade", "open_book", "publish"]

HELPERS = Path(__file__).resolve().parents[1]
# modules that decide on points; a change of the others makes no hand-in run again
MARKING = ("guard", "guarding", "marking", "points", "reading", "redefinitions", "restore")
BOOK, JOURNAL = "gradebook.sqlite", "journal.jsonl"


def grade(
    hand_ins,
    sheet,
    notebooks,
    out,
    *,
    jobs=1,
    scheduler=None,
    quick=False,
    limits=None,
    unsafe=False,
    report=print,
):
    """Grade the hand-ins of a sheet; what ran before is not run again, and marks of tutors stay.

    Arguments: hand_ins: folders and zips; sheet: number; notebooks: folder of the solved ones; out: folder of
    grade book, grades.csv, report.html and feedback/; jobs and scheduler as for pool.run_tasks; quick: small
    sizes; limits: fields of strict.Limits; unsafe: without sandbox; report gets lines for the reader.
    Returns: list of gradebook.Group.
    Raises: ValueError or OSError when there is nothing to grade, SandboxError where there is no sandbox.
    """
    out = Path(out)
    authors = authors_of(notebooks, sheet)
    items = [i for _, author in authors.values() for i in items_of(author)]
    with GradeBook(out / BOOK) as book:
        groups = take_in(hand_ins, authors, out / "hand-ins", book.slugs(), report)
        if not groups:
            raise ValueError(f"no hand-in in {', '.join(map(str, hand_ins))}: no zip, no folder, no notebook")
        tasks = {}
        for group in groups:
            for exercise, path in group.notebooks.items():
                solved = authors[exercise][0]
                executed = _executed(out, group.slug, solved)
                arguments = (str(path), str(solved), str(executed), quick, limits, unsafe)
                tasks[f"{group.slug} {solved.stem} {_digest(path, solved, quick)}"] = arguments
        report(f"{len(groups)} groups, {len(tasks)} notebooks")
        results = _run(tasks, out, jobs, scheduler, report)
        by_place = {(arguments[0], arguments[2]): results[k] for k, arguments in tasks.items()}
        marked = [_group(g, authors, items, out, by_place) for g in groups]
        _find_similar(marked, groups, authors)
        book.write(items, marked)
        earlier = [g.slug for g in book.groups(present=False)]
        if earlier:
            report(
                f"known from earlier, not among these hand-ins: {', '.join(earlier)}; their marks are kept"
            )
        publish(book, out, sheet, jobs=jobs, report=report)
        return book.groups()


def authors_of(notebooks, sheet):
    """The solved notebooks of a sheet. Returns: exercise → (path, notebook). Raises: ValueError."""
    found = {}
    for path in sorted(Path(notebooks).glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        course = notebook.metadata.get("course", {})
        if course.get("sheet") == sheet:
            found[course["exercise"]] = path.resolve(), notebook
    if not found:
        raise ValueError(f"no notebook in {notebooks} is of sheet {sheet}")
    return dict(sorted(found.items()))


def open_book(out):
    """The grade book in a folder that `grade` has filled. Raises: ValueError when there is none."""
    path = Path(out) / BOOK
    if not path.exists():
        raise ValueError(f"no grade book in {out}: grade the hand-ins first")
    return GradeBook(path)


def publish(book, out, sheet, *, jobs=1, report=print):
    """Write grades.csv, report.html and the feedback as the grade book has them now."""
    out = Path(out)
    groups, items = book.groups(), book.items()
    write_grades(groups, items, out / "grades.csv")
    problems = write_feedback(groups, out, sheet, jobs=jobs, report=report)
    write_report(groups, items, out, sheet, problems)
    left = sum(len(g.to_mark) for g in groups)
    report(
        f"{out / 'report.html'}, grades.csv and feedback/ beside it; {left} answers are to be marked by you"
    )


def _run(tasks, out, jobs, scheduler, report):
    """Results of all tasks; one that broke its process is a result too, and is tried again the next time."""
    broken = {}

    def ended(key, result):
        if isinstance(result, Exception):
            broken[key] = _broken(result)
        verdict = broken[key]["verdict"] if key in broken else result["verdict"]
        bar.write(f"{' '.join(key.split()[:2])}: {verdict[:120]}")
        bar.update()

    finished = read_journal(out / JOURNAL)
    with tqdm(total=len(tasks), unit="notebook", disable=None) as bar:
        bar.update(len(finished.keys() & tasks.keys()))
        results = run_tasks(mark_notebook, tasks, out / JOURNAL, jobs=jobs, scheduler=scheduler, report=ended)
        late = {  # with other limits than now
            f"{k} {json.dumps(a[4])}": k
            for k, a in tasks.items()
            if k in results and results[k]["verdict"].startswith("timed out") and results[k]["limits"] != a[4]
        }
        more = {new: tasks[k] for new, k in late.items()}
        again = run_tasks(mark_notebook, more, out / JOURNAL, jobs=jobs, scheduler=scheduler, report=ended)
        results |= {late[new]: result for new, result in again.items()}
        lost = {
            k: a
            for k, a in tasks.items()
            if k in results and results[k]["executed"] and not Path(a[2]).exists()
        }
        if lost:
            report(f"{len(lost)} executed notebooks are gone and are made again")
            with tempfile.TemporaryDirectory(prefix="course-") as folder:
                results |= run_tasks(mark_notebook, lost, Path(folder) / JOURNAL, jobs=jobs, report=ended)
    return {key: results.get(key) or broken[key] for key in tasks}


def _broken(error):
    verdict = f"marking broke off, run it again ({type(error).__name__}: {error})"[:300]
    return {
        "verdict": verdict,
        "executed": False,
        "seconds": 0.0,
        "points": {},
        "tampered": [],
        "suspicions": [],
    }


def _executed(out, slug, solved):
    return out / "executed" / slug / solved.name


def _digest(path, solved, quick):
    """Of everything that the result depends on but the limits: another content is another task."""
    digest = hashlib.sha256(str(quick).encode())
    own = [*sorted(HELPERS.glob("*.py")), *(HELPERS / "course" / "grading" / f"{n}.py" for n in MARKING)]
    for file in (path, solved, *own):
        digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
    return digest.hexdigest()[:20]


def _group(submission, authors, items, out, results):
    group = Group(
        submission.slug, submission.identity, submission.members, submission.hand_ins, submission.remarks
    )
    proposals = {}
    for exercise, (solved, _) in authors.items():
        path = submission.notebooks.get(exercise)
        result = results.get((str(path), str(_executed(out, submission.slug, solved))))
        if result is None:
            result = {**_broken(""), "verdict": "not handed in"}
        proposals |= result["points"]
        group.notebooks[exercise] = {"name": solved.name, "file": path.name if path else ""} | {
            k: result[k] for k in ("executed", "verdict", "seconds", "tampered", "suspicions")
        }
    for item in items:
        verdict = group.notebooks[item.exercise]["verdict"]
        points, reason = proposals.get(item.id, (0.0, verdict))
        group.scores.append(Score(item, points, reason))
    return group


def _find_similar(groups, submissions, authors):
    by_slug = {g.slug: g for g in groups}
    for exercise, (_, author) in authors.items():
        prints = {}
        for submission in submissions:
            try:
                student = notebook_of(submission.notebooks[exercise].read_bytes())
                prints[submission.slug] = fingerprint(student, author)
            except (KeyError, NotANotebook):
                continue
        for one, other, share in similar_pairs(prints):
            by_slug[one].similar.append((other, exercise, share))
            by_slug[other].similar.append((one, exercise, share))
