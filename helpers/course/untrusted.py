"""Strict execution of a hand-in: every cell from a clean state in the sandbox, and one verdict.

The hand-in decides nothing. Only the text of its code cells goes in; what comes back is attached to the
cells that were sent. Its kernel, tags and execution metadata are never read.
"""

import json
import time
from collections.abc import Callable, Container
from dataclasses import dataclass

from nbformat import NotebookNode, v4

from helpers.course.cells import STUB, is_empty_answer, marked, with_inline_figures
from helpers.course.sandbox import LimitReached, Limits, Sandbox
from helpers.course.sanitise import Outputs, plain
from helpers.course.status import Status
from helpers.course.student_notebook import NotANotebook, read_untrusted

__all__ = ["CellResult", "Execution", "Limits", "Verdict", "execute_untrusted"]

MALFORMED = (ValueError, AttributeError, KeyError, TypeError, IndexError, RecursionError)


@dataclass(frozen=True)
class CellResult:
    """What became of one code cell.

    Parameters
    ----------
    index : int
        In notebook.cells, from 0.
    id : str
    status : {"ok", "error", "timed out", "not run"}
    ename, evalue : str
        Name and text of the error.
    seconds : float
    """

    index: int
    id: str
    status: str
    ename: str = ""
    evalue: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """What became of a hand-in.

    Parameters
    ----------
    name : str
    status : Status
    cell : int or None
        Where it stopped or first failed, from 1.
    error : str
    seconds : float
    cells : int
        Number of code cells that ended.
    """

    name: str
    status: Status
    cell: int | None = None
    error: str = ""
    seconds: float = 0.0
    cells: int = 0

    def __str__(self):
        where = f" at cell {self.cell}" if self.cell else ""
        why = f" ({self.error})" if self.error else ""
        return f"{self.status}{where}{why}"

    @classmethod
    def from_json(cls, values: dict) -> "Verdict":
        """The verdict whose fields JSON has kept."""
        return cls(**{**values, "status": Status(values["status"])})


@dataclass(frozen=True)
class Execution:
    """What came of a hand-in.

    Parameters
    ----------
    verdict : Verdict
    notebook : NotebookNode
        The trusted copy: the cells that were sent with the outputs that came.
    cells : list of CellResult
        One for each code cell.
    """

    verdict: Verdict
    notebook: NotebookNode
    cells: list[CellResult]


def execute_untrusted(
    source: bytes | NotebookNode,
    name: str,
    limits: Limits | None = None,
    *,
    unsafe: bool = False,
    keep_going: bool = False,
    files: dict[str, bytes] | None = None,
    unrecorded: Container[str] = (),
    on_cell: Callable[[NotebookNode], None] | None = None,
) -> Execution:
    """Run every code cell of a hand-in in the sandbox, from a clean state.

    Parameters
    ----------
    source : bytes or NotebookNode
        What is in the file, or a notebook, which is not changed.
    name : str
        For the verdict.
    limits : Limits, optional
    unsafe : bool
        Do without the sandbox.
    keep_going : bool
        After cells with errors, as grading does. What kills the kernel ends it always.
    files : dict of str to bytes, optional
        By path, laid beside the notebook.
    unrecorded : container of str
        Ids of cells that the history of the kernel does not keep.
    on_cell : callable, optional
        Gets the trusted copy after each cell.

    Returns
    -------
    Execution
        Whatever the hand-in is, it gives a verdict.

    Raises
    ------
    SandboxError
        When there is no sandbox on this machine.
    """
    try:
        notebook = read_untrusted(source)
    except NotANotebook as error:
        return Execution(Verdict(name, Status.NOT_A_NOTEBOOK, error=plain(str(error))), v4.new_notebook(), [])
    code = [(i, c) for i, c in enumerate(notebook.cells) if c.cell_type == "code"]
    waiting = [CellResult(i, c.id, "not run") for i, c in code]
    if not any(c.source.strip() for _, c in code):
        return Execution(Verdict(name, Status.EMPTY), notebook, waiting)
    if _unchanged(notebook):
        return Execution(Verdict(name, Status.UNCHANGED), notebook, waiting)
    run = _Run(notebook, limits or Limits(), on_cell)
    sources = []
    for index, cell in code:
        if cell.source.strip():
            sources.append([index, with_inline_figures(cell.source), cell.id not in unrecorded])
    run.execute(sources, keep_going, unsafe, files or {})
    return Execution(run.verdict(name), notebook, [run.results.get(r.index, r) for r in waiting])


def _unchanged(notebook):
    """Whether every solution cell holds a stub still, or nothing."""
    solutions = [c for c in notebook.cells if marked(c).get("solution")]
    return bool(solutions) and all(is_empty_answer(c) or STUB.search(c.source) for c in solutions)


class _Run:
    """Follows the events of one sandbox and keeps what they say, as far as it can be true."""

    def __init__(self, notebook, limits, on_cell=None):
        self.notebook, self.limits, self.on_cell = notebook, limits, on_cell
        self.outputs = Outputs()
        self.results = {}  # index of the cell → CellResult
        self.running = None  # index of the cell
        self.since = self.started = time.perf_counter()
        self.stopped = None  # status and reason, where it was more than an error in a cell

    def execute(self, sources: list[list], keep_going: bool, unsafe: bool, files: dict[str, bytes]) -> None:
        """Run the sources, triples as for Sandbox, until they end or something ends them."""
        self.waiting = [index for index, *_ in sources]
        with Sandbox(sources, keep_going, self.limits, unsafe, files) as sandbox:
            try:
                while (line := sandbox.read()) != b"":
                    if line and self._follow(line):
                        return
                    if self.running is not None and self._elapsed() > self.limits.cell_seconds:
                        raise LimitReached(Status.TIMED_OUT, f"more than {self.limits.cell_seconds:g} s")
                raise LimitReached(Status.KERNEL_DIED, "its processes were killed from inside")
            except LimitReached as limit:
                self._stop(limit.status, str(limit))

    def verdict(self, name: str) -> Verdict:
        """The verdict on all that happened."""
        seconds, cells = time.perf_counter() - self.started, len(self.results)
        errors = [r for r in self.results.values() if r.status == "error"]
        if self.stopped:
            status, cell, error = self.stopped
        elif errors:
            first = errors[0]
            status = Status.OUT_OF_MEMORY if first.ename == "MemoryError" else Status.FAILED
            cell, error = first.index + 1, plain(f"{first.ename}: {first.evalue}")
        elif self.waiting:
            status, cell, error = Status.KERNEL_DIED, self.waiting[0] + 1, "it ended early"
        else:
            status, cell, error = Status.RAN, None, ""
        return Verdict(name, status, cell, error, round(seconds, 2), cells)

    def _follow(self, line):
        """Take in one event. Returns: whether it was the last."""
        try:
            event, *rest = json.loads(line)
            if event == "start" and self.running is None and rest[0] == self.waiting[0]:
                self.running, self.since = self.waiting.pop(0), time.perf_counter()
                self.outputs.begin()
            elif event == "output" and self.running is not None:
                self.outputs.add(self._cell().outputs, *rest)
            elif event == "end" and self.running is not None and rest[0] == self.running:
                if rest[1] == "died":
                    raise LimitReached(Status.KERNEL_DIED, plain(rest[3]))
                self._end("ok" if rest[1] == "ok" else "error", plain(rest[2], 100), plain(rest[3]))
            return event == "done"
        except MALFORMED:
            return False  # nothing that a sane client says

    def _stop(self, status, reason):
        cell = None if self.running is None else self.running + 1
        self.stopped = status, cell, reason
        if cell:
            self._end("timed out" if status == Status.TIMED_OUT else "error", "", f"{status}: {reason}")

    def _end(self, status, name, value):
        cell = self._cell()
        cell.execution_count = len(self.results) + 1
        self.results[self.running] = CellResult(
            self.running, cell.id, status, name, value, round(self._elapsed(), 2)
        )
        self.running = None
        if self.on_cell:
            self.on_cell(self.notebook)

    def _cell(self):
        return self.notebook.cells[self.running]

    def _elapsed(self):
        return time.perf_counter() - self.since
