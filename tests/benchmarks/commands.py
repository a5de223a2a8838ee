"""Start-up, PDFs, hand-ins and whole notebooks, as a person waits for them: wall time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pypandoc
from nbformat import v4

from helpers.course.execute import run_notebooks
from helpers.course.typeset.document import make_pdf
from helpers.course.untrusted import execute_untrusted
from tests.benchmarks.measure import Row, in_turns, seconds

ROOT = Path(__file__).resolve().parents[2]
COURSE = Path(sys.executable).with_name("course")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("0[49]_*.ipynb"))
EXECUTED = ROOT / "build" / "bench"


def _python(*arguments):
    return seconds(
        lambda: subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
    )


def start():
    """Importing what needs no torch, and the first answer of the command."""
    modules = "helpers.kinematics, helpers.datasets, helpers.preprocessing, helpers.statistics"
    check = f"import {modules}, sys; sys.exit('torch' in sys.modules)"
    _python("-c", check)
    imports, bare = in_turns(7, lambda: _python("-c", check), lambda: _python("-c", "import numpy"))
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


def notebooks():
    """The notebooks of sheets 4 and 9 at full size, two at a time."""
    took = seconds(lambda: run_notebooks(NOTEBOOKS, EXECUTED, force=True, jobs=2))
    yield Row("sheets 4 and 9, full size", "s", [took], aim=480, limit=True)


def pdfs():
    """PDFs of the executed notebooks in one process, and of those that xelatex can set, with both."""
    run_notebooks(NOTEBOOKS, EXECUTED, jobs=2)  # unless `notebooks` has just done so
    paths = [EXECUTED / p.name for p in NOTEBOOKS]
    notebooks = {p: nbformat.read(p, as_version=4) for p in paths}

    def ours(path):
        return seconds(make_pdf, notebooks[path], EXECUTED, path.stem)

    ours(paths[0])
    times = [sum(map(ours, paths)) / len(paths) for _ in range(3)]
    yield Row(f"PDF of a notebook, mean of {len(paths)}", "s", times, aim=0.6, limit=True)
    if shutil.which("xelatex"):
        with TemporaryDirectory() as out:
            both = [(ours(p), _by_latex(p, out)) for p in paths]
        done = [pair for pair in both if pair[1]]
        note = f"median of {len(done)}, xelatex failed on {len(paths) - len(done)}"
        here, latex = [a for a, _ in done], [b for _, b in done]
        if done:
            yield Row("  against nbconvert with xelatex", "s", here, latex, aim=10, note=note)


def _by_latex(path, out):
    """Seconds, or None when there was no PDF."""
    convert = [sys.executable, "-m", "nbconvert", "--to", "pdf", "--output-dir", out, path]
    pandoc = Path(pypandoc.get_pandoc_path()).parent  # nbconvert looks for it on the path
    environment = os.environ | {"PATH": f"{pandoc}{os.pathsep}{os.environ['PATH']}"}
    took = seconds(lambda: subprocess.run(convert, env=environment, capture_output=True, check=False))
    return took if (Path(out) / f"{path.stem}.pdf").exists() else None


def sandbox():
    """A hand-in of three trivial cells in the sandbox and without it."""
    if not shutil.which("bwrap"):
        return
    hand_in = v4.new_notebook(cells=[v4.new_code_cell(f"x = {i}\nprint(x)") for i in range(3)])

    def run(unsafe):
        return seconds(lambda: execute_untrusted(hand_in, "trivial", unsafe=unsafe))

    run(True)
    yield Row(
        "trivial hand-in, sandbox against none", "s", *in_turns(7, lambda: run(False), lambda: run(True))
    )
