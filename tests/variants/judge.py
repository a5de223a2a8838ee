"""Runs a notebook once, without a kernel, and tries each variant of a solution in a fork of the process.

A fork knows everything that the cells before have computed, costs nothing, and whatever a wrong solution
does to its variables is forgotten with it.
"""

import json
import os
import re
import signal
import sys
import traceback
import types
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module

import matplotlib
import nbformat
import torch

from helpers.places import NOTEBOOKS
from tests.variants.variant import Right, Variant

__all__ = ["Failure", "Trial", "judge", "variants_of"]

SECONDS = 300  # for one variant; all take a few seconds
HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


@dataclass(frozen=True)
class Failure:
    """Where and how a solution failed: "code", "visible" or "hidden"; the name of the cell; the message."""

    place: str
    cell: str
    message: str


@dataclass(frozen=True)
class Trial:
    """A variant and what became of it; failure is None where all checks of its item passed."""

    variant: Variant
    failure: Failure | None

    @property
    def complaint(self):
        """What the checks misjudge, or ""."""
        failure = self.failure
        if isinstance(self.variant, Right):
            return f"refused in {failure.cell} ({failure.place}): {failure.message}" if failure else ""
        if failure is None:
            return "not noticed"
        if failure.place == "hidden" and not self.variant.hidden:
            return f"noticed by the hidden check only: {failure.message}"
        if not re.search(self.variant.says, failure.message, re.IGNORECASE):
            return f"the message does not say {self.variant.says!r}: {failure.message}"
        return ""


def variants_of(name):
    """The variants of a notebook.

    Parameters
    ----------
    name : str
        Name of the notebook without .ipynb; the variants of 04_1_title stand in v04_1_title.py.

    Returns
    -------
    list of Variant
    """
    return import_module(f"tests.variants.v{name}").VARIANTS


def judge(name, only=None):
    """Try all variants of a notebook, with the sizes of its quick mode.

    At the end, the first right variant of each cell is put in, another seed is set, and the whole notebook
    must still pass.

    Parameters
    ----------
    name : str
        Name of the notebook without .ipynb.
    only : str, optional
        Name of a solution cell: try its variants and leave out the rest, and the run at the end.

    Returns
    -------
    list of Trial
        In the order of the cells.
    Failure or None
        What stopped the run with all right variants.
    """
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    variants = [v for v in variants_of(name) if only in (None, v.cell)]
    matplotlib.use("agg")
    torch.set_num_threads(1)
    os.chdir(NOTEBOOKS)  # where a kernel would start
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        trials = _try_each(notebook, variants)
        together = None if only else _in_fork(lambda: _run_all(notebook, _first_right(variants)))
    return trials, together


def _try_each(notebook, variants):
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    space = _new_space()
    trials = []
    for place, cell in enumerate(cells):
        for variant in [v for v in variants if v.cell == cell.id]:
            until = next(k for k in range(place + 1, len(cells)) if _is_check(cells[k]))
            source = variant.applied(cell.source)
            failure = _in_fork(lambda s=source, p=place, u=until: _run_item(space, cells, s, p, u))
            trials.append(Trial(variant, failure))
        if len(trials) == len(variants):
            break
        if failure := _run(space, cell.id, cell.source):
            raise AssertionError(f"the solved notebook fails in {failure.cell}: {failure.message}")
        if _are_parameters(cell):
            space.update(notebook.metadata["course"]["quick"])
    return trials


def _run_item(space, cells, source, place, until):
    """A solution and the cells behind it, up to its check."""
    failure = _run(space, cells[place].id, source)
    for cell in cells[place + 1 : until + 1]:
        failure = failure or _run(space, cell.id, cell.source)
    return failure


def _run_all(notebook, solutions):
    space = _new_space()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        source = solutions[cell.id].applied(cell.source) if cell.id in solutions else cell.source
        if failure := _run(space, cell.id, source):
            return failure
        if _are_parameters(cell):
            space.update(notebook.metadata["course"]["quick"])
            space["SEED"] += 1
    return None


def _first_right(variants):
    first = {}
    for variant in variants:
        if isinstance(variant, Right):
            first.setdefault(variant.cell, variant)
    return first


def _is_check(cell):
    marked = cell.metadata.get("nbgrader", {})
    return marked.get("grade") and not marked.get("solution")


def _are_parameters(cell):
    return "parameters" in cell.metadata.get("tags", [])


def _new_space():
    """An empty module, so that classes that are defined in it know where they come from."""
    module = types.ModuleType("notebook")
    module.display = lambda *objects, **options: None  # which a kernel would have
    sys.modules["notebook"] = module
    return vars(module)


def _run(space, name, source):
    """Run the source of a cell. Returns: Failure or None."""
    try:
        exec(compile(source, name, "exec"), space)
    except BaseException as error:
        return Failure(_place(name, source, error), name, f"{type(error).__name__}: {error}")
    return None


def _place(name, source, error):
    """Whether an error comes from a check, and from which part of it."""
    if not isinstance(error, AssertionError):
        return "code"
    frames = traceback.extract_tb(error.__traceback__)
    line = next((f.lineno for f in frames if f.filename == name), 0)
    before = source.splitlines()[:line]
    opened = sum(text.strip() == HIDDEN[0] for text in before)
    closed = sum(text.strip() == HIDDEN[1] for text in before)
    return "hidden" if opened > closed else "visible"


def _in_fork(work):
    """Call work() in a copy of this process. Returns: the Failure that it returns, or None."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        failure = work()
        answer = json.dumps([failure.place, failure.cell, failure.message] if failure else [])
        os.write(writer, answer.encode()[:60_000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        return Failure("code", "", f"the process died, or ran for more than {SECONDS} s")
    found = json.loads(answer)
    return Failure(*found) if found else None
