"""The notebooks of all groups, run and marked: which are still to be run, how many at a time."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from helpers.course.fingerprint import digest_of, fingerprint
from helpers.course.grading.intake import Submission
from helpers.course.grading.marking import mark_notebook
from helpers.course.grading.result import Result
from helpers.course.grading.versions import Authors
from helpers.course.pool import read_journal, run_tasks
from helpers.course.status import Status

__all__ = ["Task", "run_all", "tasks_of"]


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


def tasks_of(submissions: list[Submission], authors: Authors, out: Path, quick: bool) -> list[Task]:
    """The notebooks that count, each as a task.

    Parameters
    ----------
    submissions : list of Submission
    authors : dict of int to (Path, NotebookNode)
        The solved notebooks by exercise.
    out : Path
        Folder of the sheet; executed copies go below it.
    quick : bool
        Use small sizes.

    Returns
    -------
    list of Task
    """
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


def run_all(
    tasks: list[Task],
    journal: Path,
    how: tuple[bool, dict[str, Any] | None, bool],
    jobs: int,
    scheduler: str | None,
    report: Callable[[str], None],
) -> dict[tuple[str, int], Result]:
    """Run and mark what has not been yet. What broke its process is a result too, and is tried the next time.

    Parameters
    ----------
    tasks : list of Task
    journal : Path
        File of the results so far, by key; grows as they come.
    how : (bool, dict or None, bool)
        quick, limits and unsafe, as for marking.mark_notebook.
    jobs, scheduler
        As for pool.run_tasks.
    report : callable
        Gets lines for the reader.

    Returns
    -------
    dict of (str, int) to Result
        By slug of the group and exercise.
    """
    _, limits, _ = how
    finished = read_journal(journal)
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
        done = run_tasks(mark_notebook, wanted, journal, jobs=jobs, scheduler=scheduler, report=ended)

        lost = {}
        for task, key in keys.items():
            if key in done and done[key]["executed"] and not task.is_executed():
                lost[key] = wanted[key]
        if lost:
            report(f"{len(lost)} executed notebooks are gone and are made again")
            with tempfile.TemporaryDirectory(prefix="course-") as folder:
                other = Path(folder) / journal.name
                how_many = {"jobs": jobs, "scheduler": scheduler}
                again = run_tasks(mark_notebook, lost, other, **how_many, report=ended)
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
