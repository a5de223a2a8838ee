"""The console command `course`: everything behind make, for every operating system."""

import importlib.util
import os
import sys
from pathlib import Path

import click

from helpers import places
from helpers.course.commands import Commands, run_python
from helpers.course.errors import CourseError
from helpers.course.status import Status


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Machine learning for particle physics: data, notebooks and hand-ins of the course."""


@main.command()
@click.option("--official", is_flag=True, help="Download the official files from Heidelberg and GitHub.")
def data(official: bool) -> None:
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
    except ValueError as error:  # a broken file, which helpers/ know, but not this command line
        raise CourseError(str(error)) from error


@main.command()
@click.argument("notebooks", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--quick", is_flag=True, help="Small sizes, to see that everything works; to build/quick/.")
@click.option("--force", is_flag=True, help="Run unchanged notebooks too.")
@click.option("--jobs", default=os.cpu_count(), show_default="one per core", type=click.IntRange(min=1))
def run(notebooks: tuple[Path, ...], quick: bool, force: bool, jobs: int) -> None:
    """Execute notebooks from a clean state, all of them by default.

    Results go to build/notebooks/; what has not changed since the last time is not run again.
    """
    from helpers.course.execute import run_notebooks

    paths = notebooks or sorted(places.NOTEBOOKS.glob("*.ipynb"))
    if not paths:
        raise CourseError(f"no notebooks in {places.NOTEBOOKS}: go to the folder of the course, or name them")
    out = places.ROOT / "build" / ("quick" if quick else "notebooks")
    try:
        outcomes = run_notebooks(paths, out, quick, force, jobs, report=click.echo)
    except KeyboardInterrupt:
        raise click.ClickException("interrupted; the same command goes on with what is not done") from None
    failed = [o.name for o in outcomes if o.status == Status.FAILED]
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
def handin(
    notebooks: tuple[Path, ...], theory: tuple[Path, ...], as_is: bool, overwrite: bool, group_size: int
) -> None:
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
    hand_in(notebooks, theory, as_is, group_size, overwrite, report=click.echo)


@main.command()
@click.argument("notebooks", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Set unchanged notebooks too.")
@click.option("--untrusted", is_flag=True, help="In a process of its own, with limits of time and memory.")
def pdf(notebooks: tuple[Path, ...], force: bool, untrusted: bool) -> None:
    """Set notebooks as PDF with their outputs, by default all that `course run` has executed.

    NOTEBOOKS are set as they were saved. Results go to build/pdf/. No LaTeX is needed, and no cell is run.
    """
    from helpers.course.export import export_all

    executed = sorted((places.ROOT / "build" / "notebooks").glob("*.ipynb"))
    paths = notebooks or [p for p in executed if not p.name.endswith(".failed.ipynb")]
    if not paths:
        raise CourseError("nothing is executed yet: `course run` first, or name notebooks that hold outputs")
    home = None if notebooks else places.NOTEBOOKS
    out = places.ROOT / "build" / "pdf"
    failed = export_all(paths, out, home, force, untrusted, report=click.echo)
    if failed:
        raise click.ClickException(f"{len(failed)} of {len(paths)} notebooks failed: {', '.join(failed)}")
    click.echo(f"The PDFs are in {out}")


@main.command()
@click.argument("notebooks", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def check(notebooks: tuple[Path, ...]) -> None:
    """Run NOTEBOOKS from a clean state and see the points of each item, before handing in.

    These are the checks that you see; the file stays as it is. Exit code 1: something failed or is empty.
    """
    from helpers.course.check import Judgement, check

    verdicts = set()
    for notebook in notebooks:
        for checked in check(notebook, report=click.echo):
            verdicts.add(checked.verdict)
    sys.exit(bool(verdicts & {Judgement.FAILED, Judgement.EMPTY}))


@main.command()
def doctor() -> None:
    """Look at Python, packages, memory and data: what is missing, and the command that mends it."""
    from helpers.course.doctor import examine

    found = examine()
    for finding in found:
        click.echo(finding)
    sys.exit(any(finding.mend and finding.needed for finding in found))


@main.command()
def lab() -> None:
    """Open JupyterLab in the folder of the notebooks."""
    sys.exit(run_python("-m", "jupyterlab", "--notebook-dir", str(places.NOTEBOOKS)))


# the package for students has no commands for tutors and authors
if importlib.util.find_spec("helpers.course.staff"):
    from helpers.course import staff

    for command in staff.COMMANDS:
        main.add_command(command)
