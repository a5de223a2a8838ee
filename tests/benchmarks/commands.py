"""Start-up, PDFs, hand-ins and whole notebooks, as a person waits for them: wall time."""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbformat import v4

from helpers.course.execute import run_notebooks
from helpers.course.strict import execute_untrusted
from helpers.course.typeset.page import make_pdf
from tests.benchmarks.measure import Row, in_turns, seconds

ROOT = Path(__file__).resolve().parents[2]
COURSE = Path(sys.executable).with_name("course")
EXECUTED = ROOT / "build" / "notebooks"


def _python(*arguments):
    return seconds(
        lambda: subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
    )


def start():
    """Importing what needs no torch, and the first answer of the command."""
    modules = "helpers.kinematics, helpers.datasets, helpers.preprocessing, helpers.statistics"
    check = f"import {modules}, sys; sys.exit('torch' in sys.modules)"
    _python("-c", check)
    imports, bare = in_turns(lambda: _python("-c", check), lambda: _python("-c", "import numpy"), 5)
    yield Row("import helpers that need no torch", "s", imports, aim=0.3, limit=True)
    yield Row("  of which Python and numpy", "s", bare)
    yield Row(
        "course --help",
        "s",
        [
            seconds(lambda: subprocess.run([COURSE, "--help"], check=True, capture_output=True))
            for _ in range(5)
        ],
        aim=0.3,
        limit=True,
    )


def pdfs():
    """PDFs of the executed notebooks in one process, with and without xelatex."""
    paths = sorted(EXECUTED.glob("0[1-5]*.ipynb"))
    if not paths:
        return
    notebooks = [(nbformat.read(p, as_version=4), p.stem) for p in paths]

    def ours():
        return seconds(lambda: [make_pdf(n, EXECUTED, name) for n, name in notebooks]) / len(notebooks)

    ours()
    times = [ours() for _ in range(3)]
    yield Row(f"PDF of a notebook, mean of {len(notebooks)}", "s", times, aim=0.6, limit=True)
    if shutil.which("xelatex"):
        with TemporaryDirectory() as out:
            convert = ["-m", "nbconvert", "--to", "pdf", "--output-dir", out]
            latex = sum(
                seconds(
                    lambda p=p: subprocess.run(
                        [sys.executable, *convert, p], capture_output=True, check=False
                    )
                )
                for p in paths
            )
        yield Row("  against nbconvert with xelatex", "s", times[:1], [latex / len(paths)], aim=10)


def sandbox():
    """A hand-in of three trivial cells in the sandbox and without it."""
    if not shutil.which("bwrap"):
        return
    hand_in = v4.new_notebook(cells=[v4.new_code_cell(f"x = {i}\nprint(x)") for i in range(3)])

    def run(unsafe):
        return seconds(lambda: execute_untrusted(hand_in, "trivial", unsafe=unsafe))

    run(True)
    yield Row(
        "trivial hand-in, sandbox against none", "s", *in_turns(lambda: run(False), lambda: run(True), 5)
    )


def notebooks():
    """Notebooks 01 to 05 at full size, two at a time."""
    paths = sorted((ROOT / "notebooks").glob("0[1-5]*.ipynb"))
    with TemporaryDirectory() as out:
        took = seconds(lambda: run_notebooks(paths, out, jobs=2, report=print))
    yield Row("notebooks 01 to 05, full size", "s", [took], aim=480, limit=True)
