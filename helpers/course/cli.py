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


@main.command()
def lab():
    """Open JupyterLab in the folder of the notebooks."""
    sys.exit(_python("-m", "jupyterlab", "--notebook-dir", str(NOTEBOOKS)))


@main.command()
def test():
    """Run lint, unit tests and all notebooks in quick mode."""
    steps = [("-m", "ruff", "check"), ("-m", "ruff", "format", "--check"), ("-m", "pytest")]
    sys.exit(next(filter(None, (_python(*step) for step in steps)), 0))


def _python(*arguments):
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode
