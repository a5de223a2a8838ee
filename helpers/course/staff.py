"""The commands of `course` for tutors and authors, which cli.py adds to those for students."""

import os
import sys
from pathlib import Path

import click

from helpers import places
from helpers.course.commands import run_python
from helpers.course.errors import CourseError

SHEET = click.option("--sheet", required=True, type=click.IntRange(1, 99), help="Number of the sheet.")
JOBS = click.option("--jobs", default=os.cpu_count(), show_default="one per core", type=click.IntRange(min=1))
TIMEOUT = click.option(
    "--timeout",
    default=1800,
    show_default=True,
    type=click.IntRange(min=1),
    help="Seconds for each notebook.",
)
SCHEDULER = click.option("--scheduler", metavar="tcp://…", help="Dask cluster to use instead (extra `dask`).")
UNSAFE = click.option(
    "--unsafe", is_flag=True, help="Without a sandbox: on a machine that holds nothing of value."
)


@click.command()
@click.option(
    "--out",
    default=places.ROOT / "build" / "release",
    type=click.Path(path_type=Path),
    show_default="build/release",
)
def release(out: Path) -> None:
    """Write the package for students: stubs instead of solutions, no hidden checks.

    The same as a zip beside it. Files that others put into the folder stay.
    """
    from helpers.course.release import release_all

    release_all(out, report=click.echo)


@click.command()
def previews() -> None:
    """Draw the pages that README.md shows, from what `course run` has executed."""
    from helpers.course.previews import PICTURE, draw_previews

    draw_previews(places.ROOT / "build" / "notebooks")
    click.echo(PICTURE)


@click.command()
@click.argument("handins", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@JOBS
@TIMEOUT
@SCHEDULER
@UNSAFE
@click.option("--force", is_flag=True, help="Forget what finished earlier.")
def execute(
    handins: tuple[Path, ...], jobs: int, timeout: int, scheduler: str | None, unsafe: bool, force: bool
) -> None:
    """Run hand-ins of strangers from a clean state, in a sandbox: one verdict each.

    HANDINS are notebooks or folders. Results go to build/executed/: trusted copies with outputs, and
    verdicts.csv. What has finished is not run again, whatever became of the rest.
    """
    from helpers.course.batch import execute_all, find_handins
    from helpers.course.bubblewrap import unavailable
    from helpers.course.sandbox import Limits

    out = places.ROOT / "build" / "executed"
    found = find_handins(handins, out)
    if not found:
        raise CourseError("no notebook (*.ipynb) there")
    if not unsafe and not scheduler and (reason := unavailable()):
        raise CourseError(reason)
    if force:
        (out / "verdicts.jsonl").unlink(missing_ok=True)
    limits = Limits(cell_seconds=min(timeout, 600), seconds=timeout, cpu_seconds=2 * timeout)
    verdicts = execute_all(
        found, out, limits, unsafe=unsafe, jobs=jobs, scheduler=scheduler, report=click.echo
    )
    click.echo(f"{len(verdicts)} of {len(found)} hand-ins have a verdict: {out / 'verdicts.csv'}")
    if len(verdicts) < len(found):
        sys.exit(1)


@click.command()
@click.argument("handins", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@SHEET
@JOBS
@click.option("--quick", is_flag=True, help="Small sizes, to see that everything works.")
@TIMEOUT
@SCHEDULER
@UNSAFE
def grade(
    handins: tuple[Path, ...],
    sheet: int,
    jobs: int,
    quick: bool,
    timeout: int,
    scheduler: str | None,
    unsafe: bool,
) -> None:
    """Run the HANDINS of a sheet with all checks and propose points.

    HANDINS are zips, or folders of zips and of folders, as course servers pack them. Results go to
    build/grades/NN/: report.html to begin with, grades.csv, and the feedback for each group. Marks that
    tutors have entered stay, and what ran before is not run again.
    """
    from helpers.course.bubblewrap import unavailable
    from helpers.course.grade import grade as grade_sheet

    if not unsafe and not scheduler and (reason := unavailable()):
        raise CourseError(reason)
    limits = {"cell_seconds": min(timeout, 600), "seconds": timeout, "cpu_seconds": 2 * timeout}
    grade_sheet(
        handins,
        sheet,
        places.NOTEBOOKS,
        _grades(sheet),
        jobs=jobs,
        scheduler=scheduler,
        quick=quick,
        limits=limits,
        unsafe=unsafe,
        report=click.echo,
    )


@click.command()
@click.argument("group")
@click.argument("item")
@click.argument("points")
@click.option("--comment", help="What the group reads beside its points.")
@SHEET
def mark(group: str, item: str, points: str, comment: str | None, sheet: int) -> None:
    """Enter what a tutor gives; POINTS `-` takes it back.

    Any part of the names of GROUP and ITEM will do that fits only one:

    course mark lovelace 1.b-words 0.25 --sheet 4
    """
    from helpers.course.grade import open_book, publish
    from helpers.course.grading.tables import mark_one

    with open_book(_grades(sheet)) as book:
        click.echo(mark_one(book, group, item, points, comment))
        publish(book, _grades(sheet), sheet, report=click.echo)


@click.group()
def marks() -> None:
    """Marks of tutors in a spreadsheet: out, filled in, and in again."""


@marks.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--excel", is_flag=True, help="For a German Excel: semicolons and decimal commas.")
@SHEET
def export_marks(file: Path, excel: bool, sheet: int) -> None:
    """Write a CSV file with a row for each answer that a tutor marks: fill in points and comment."""
    from helpers.course.grade import open_book
    from helpers.course.grading import spreadsheet, tables

    with open_book(_grades(sheet)) as book:
        dialect = spreadsheet.EXCEL if excel else spreadsheet.PLAIN
        answers = tables.export_marks(book, file, dialect)
        click.echo(f"{file}: {answers} answers")


@marks.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@SHEET
def import_marks(file: Path, sheet: int) -> None:
    """Take the marks from a CSV file, all of them or, when a line is wrong, none."""
    from helpers.course.grade import open_book, publish
    from helpers.course.grading import tables

    with open_book(_grades(sheet)) as book:
        click.echo(f"{tables.import_marks(book, file)} marks changed")
        publish(book, _grades(sheet), sheet, report=click.echo)


def _grades(sheet):
    return places.ROOT / "build" / "grades" / f"{sheet:02d}"


@click.command()
def test() -> None:
    """Run lint, unit tests and all notebooks in quick mode."""
    steps = [("-m", "ruff", "check"), ("-m", "ruff", "format", "--check"), ("-m", "pytest")]
    sys.exit(next(filter(None, (run_python(*step) for step in steps)), 0))


COMMANDS = (release, previews, execute, grade, mark, marks, test)
