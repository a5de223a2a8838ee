"""The console command `course`: everything behind make, for every operating system."""

import os
import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main():
    """Machine learning for particle physics: data, notebooks and hand-ins of the course."""


@main.command()
@click.option("--official", is_flag=True, help="Download the official files from Heidelberg and GitHub.")
def data(official):
    """Make what is missing of the datasets, check them and say where they come from.

    Broken generated files are made anew; official files are never touched without --official.
    """
    from helpers import datasets
    from helpers.course.download import fetch_dataset

    try:
        for dataset in datasets.DATASETS.values():
            if official:
                fetch_dataset(dataset)
            elif datasets.source(dataset) == "generated":
                datasets.generate(dataset, mend=True)
        for dataset in datasets.DATASETS.values():
            click.echo(datasets.describe(dataset))
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("notebooks", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--quick", is_flag=True, help="Small sizes, to see that everything works; to build/quick/.")
@click.option("--force", is_flag=True, help="Run unchanged notebooks too.")
@click.option("--jobs", default=os.cpu_count(), show_default="one per core", type=click.IntRange(min=1))
def run(notebooks, quick, force, jobs):
    """Execute notebooks from a clean state, all of them by default.

    Results go to build/notebooks/; what has not changed since the last time is not run again.
    """
    from helpers.course.execute import run_notebooks

    paths = notebooks or sorted(NOTEBOOKS.glob("*.ipynb"))
    out = ROOT / "build" / ("quick" if quick else "notebooks")
    outcomes = run_notebooks(paths, out, quick, force, jobs, report=click.echo)
    failed = [o.name for o in outcomes if o.status == "failed"]
    if failed:
        raise click.ClickException(f"{len(failed)} of {len(outcomes)} notebooks failed: {', '.join(failed)}")


class _ManyPerOption(click.Command):
    """Lets one --theory take all files up to the next option, as in --theory scan.pdf photo.jpg."""

    def parse_args(self, ctx, args):
        spread, following = [], False
        for i, arg in enumerate(args):
            if arg.startswith("-"):
                following = arg == "--theory"
                if following and i + 1 < len(args) and not args[i + 1].startswith("-"):
                    continue
            elif following and not arg.endswith(".ipynb"):
                spread.append("--theory")
            spread.append(arg)
        return super().parse_args(ctx, spread)


@main.command(cls=_ManyPerOption)
@click.argument("notebooks", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--theory",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Scans and photos, in order.",
)
@click.option("--as-is", is_flag=True, help="Hand in what was saved, without running it again.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier, different hand-in of the same sheet.")
@click.option(
    "--group-size", default=3, show_default=True, type=click.IntRange(min=1), help="Members of your group."
)
def handin(notebooks, theory, as_is, overwrite, group_size):
    """Run the NOTEBOOKS of one sheet from a clean state and pack them with the theory for your tutor.

    Names and tutorials come from the group cell, or from a group.toml beside the notebook. The result is
    sheetNN_names.zip in the same folder: one PDF and the executed notebooks.
    """
    from helpers.course.handin import RUNNING, hand_in

    for stream in (sys.stdout, sys.stderr):  # names have letters that old consoles have not
        stream.reconfigure(errors="replace")
    if os.environ.get(RUNNING):
        click.echo("This notebook is just being handed in.")
        return
    try:
        hand_in(notebooks, theory, as_is, group_size, overwrite, report=click.echo)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("notebooks", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Set unchanged notebooks too.")
@click.option("--untrusted", is_flag=True, help="In a process of its own, with limits of time and memory.")
def pdf(notebooks, force, untrusted):
    """Set notebooks as PDF with their outputs, by default all that `course run` has executed.

    Results go to build/pdf/. No LaTeX is needed, and no cell is run.
    """
    from helpers.course.export import export_all

    executed = sorted((ROOT / "build" / "notebooks").glob("*.ipynb"))
    paths = notebooks or [p for p in executed if not p.name.endswith(".failed.ipynb")]
    home = None if notebooks else NOTEBOOKS
    failed = export_all(paths, ROOT / "build" / "pdf", home, force, untrusted, report=click.echo)
    if failed:
        raise click.ClickException(f"{len(failed)} of {len(paths)} notebooks failed: {', '.join(failed)}")


@main.command()
def lab():
    """Open JupyterLab in the folder of the notebooks."""
    sys.exit(_python("-m", "jupyterlab", "--notebook-dir", str(NOTEBOOKS)))


### BEGIN STAFF
# What stands up to END STAFF is not in the package for students.


@main.command()
@click.option(
    "--out", default=ROOT / "build" / "release", type=click.Path(path_type=Path), show_default="build/release"
)
def release(out):
    """Write the package for students: stubs instead of solutions, no hidden checks.

    The same as a zip beside it. Files that others put into the folder stay.
    """
    from helpers.course.release import release_all

    try:
        release_all(out, report=click.echo)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
def previews():
    """Draw the pages that README.md shows, from what `course run` has executed."""
    from helpers.course.previews import PICTURE, draw_previews

    try:
        draw_previews(ROOT / "build" / "notebooks")
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(PICTURE)


@main.command()
@click.argument("handins", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--jobs", default=os.cpu_count(), show_default="one per core", type=click.IntRange(min=1))
@click.option(
    "--timeout",
    default=1800,
    show_default=True,
    type=click.IntRange(min=1),
    help="Seconds for each notebook.",
)
@click.option("--scheduler", metavar="tcp://…", help="Dask cluster to use instead (extra `dask`).")
@click.option("--unsafe", is_flag=True, help="Without a sandbox: on a machine that holds nothing of value.")
@click.option("--force", is_flag=True, help="Forget what finished earlier.")
def execute(handins, jobs, timeout, scheduler, unsafe, force):
    """Run hand-ins of strangers from a clean state, in a sandbox: one verdict each.

    HANDINS are notebooks or folders. Results go to build/executed/: trusted copies with outputs, and
    verdicts.csv. What has finished is not run again, whatever became of the rest.
    """
    from helpers.course.sandbox import Limits
    from helpers.course.verdicts import execute_all, find_handins
    from helpers.course.walls import unavailable

    out = ROOT / "build" / "executed"
    found = find_handins(handins, out)
    if not found:
        raise click.ClickException("no notebook (*.ipynb) there")
    if not unsafe and not scheduler and (reason := unavailable()):
        raise click.ClickException(reason)
    if force:
        (out / "verdicts.jsonl").unlink(missing_ok=True)
    limits = Limits(cell_seconds=min(timeout, 600), seconds=timeout, cpu_seconds=2 * timeout)
    try:
        verdicts = execute_all(
            found, out, limits, unsafe=unsafe, jobs=jobs, scheduler=scheduler, report=click.echo
        )
    except (ImportError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(verdicts)} of {len(found)} hand-ins have a verdict: {out / 'verdicts.csv'}")
    if len(verdicts) < len(found):
        sys.exit(1)


@main.command()
@click.argument("handins", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--sheet", required=True, type=click.IntRange(1, 99), help="Number of the sheet.")
@click.option("--jobs", default=os.cpu_count(), show_default="one per core", type=click.IntRange(min=1))
@click.option("--quick", is_flag=True, help="Small sizes, to see that everything works.")
@click.option(
    "--timeout",
    default=1800,
    show_default=True,
    type=click.IntRange(min=1),
    help="Seconds for each notebook.",
)
@click.option("--scheduler", metavar="tcp://…", help="Dask cluster to use instead (extra `dask`).")
@click.option("--unsafe", is_flag=True, help="Without a sandbox: on a machine that holds nothing of value.")
def grade(handins, sheet, jobs, quick, timeout, scheduler, unsafe):
    """Run the HANDINS of a sheet with all checks and propose points.

    HANDINS are zips, or folders of zips and of folders, as course servers pack them. Results go to
    build/grades/NN/: report.html to begin with, grades.csv, and the feedback for each group. Marks that
    tutors have entered stay, and what ran before is not run again.
    """
    from helpers.course.grade import grade as grade_sheet
    from helpers.course.sandbox import SandboxError
    from helpers.course.walls import unavailable

    if not unsafe and not scheduler and (reason := unavailable()):
        raise click.ClickException(reason)
    limits = {"cell_seconds": min(timeout, 600), "seconds": timeout, "cpu_seconds": 2 * timeout}
    try:
        grade_sheet(
            handins,
            sheet,
            NOTEBOOKS,
            _grades(sheet),
            jobs=jobs,
            scheduler=scheduler,
            quick=quick,
            limits=limits,
            unsafe=unsafe,
            report=click.echo,
        )
    except (OSError, ValueError, SandboxError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("group")
@click.argument("item")
@click.argument("points")
@click.option("--comment", help="What the group reads beside its points.")
@click.option("--sheet", required=True, type=click.IntRange(1, 99), help="Number of the sheet.")
def mark(group, item, points, comment, sheet):
    """Enter what a tutor gives; POINTS `-` takes it back.

    Any part of the names of GROUP and ITEM will do that fits only one: course mark lovelace 1.b-words 0.25
    """
    from helpers.course.grade import open_book, publish
    from helpers.course.grading.tables import mark_one

    try:
        with open_book(_grades(sheet)) as book:
            click.echo(mark_one(book, group, item, points, comment))
            publish(book, _grades(sheet), sheet, report=click.echo)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@main.group()
def marks():
    """Marks of tutors in a spreadsheet: out, filled in, and in again."""


@marks.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sheet", required=True, type=click.IntRange(1, 99), help="Number of the sheet.")
def export_marks(file, sheet):
    """Write a CSV file with a row for each answer that a tutor marks: fill in points and comment."""
    from helpers.course.grade import open_book
    from helpers.course.grading import tables

    try:
        with open_book(_grades(sheet)) as book:
            click.echo(f"{file}: {tables.export_marks(book, file)} answers")
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


@marks.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sheet", required=True, type=click.IntRange(1, 99), help="Number of the sheet.")
def import_marks(file, sheet):
    """Take the marks from a CSV file, all of them or, when a line is wrong, none."""
    from helpers.course.grade import open_book, publish
    from helpers.course.grading import tables

    try:
        with open_book(_grades(sheet)) as book:
            click.echo(f"{tables.import_marks(book, file)} marks changed")
            publish(book, _grades(sheet), sheet, report=click.echo)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _grades(sheet):
    return ROOT / "build" / "grades" / f"{sheet:02d}"


@main.command()
def test():
    """Run lint, unit tests and all notebooks in quick mode."""
    steps = [("-m", "ruff", "check"), ("-m", "ruff", "format", "--check"), ("-m", "pytest")]
    sys.exit(next(filter(None, (_python(*step) for step in steps)), 0))


### END STAFF


def _python(*arguments):
    # so that `!course` is found in a notebook when no environment is activated
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PATH": path}, check=False).returncode
