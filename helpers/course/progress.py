"""The live line while notebooks run: which cell of which one, how far all are, how long the rest takes.

How long a cell takes stands in the metadata of the notebook, in seconds under course.seconds by the id of the
cell. `python -m helpers.course.progress` measures them on what `course run` has executed and puts them in.
"""

import asyncio
import datetime
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from tqdm import tqdm

from helpers.places import NOTEBOOKS, ROOT

__all__ = ["Progress", "live_line", "measured_seconds", "seconds_of"]

SHORT = 0.5  # seconds: what is shorter is not written down
OTHERS = 0.1  # seconds of a cell that is not written down
TICK = 0.5  # seconds between two looks at the clock
FIRST = 2.0  # seconds that must lie behind before the rest is estimated


def seconds_of(notebook: NotebookNode) -> list[float]:
    """How long each cell should take, by the metadata.

    Parameters
    ----------
    notebook : NotebookNode

    Returns
    -------
    list of float
        Seconds for each cell, 0 for text.
    """
    known = notebook.metadata.get("course", {}).get("seconds", {})
    seconds = []
    for cell in notebook.cells:
        expected = 0.0
        if cell.cell_type == "code":
            expected = known.get(cell.get("id"), OTHERS)
        seconds.append(expected)
    return seconds


def measured_seconds(executed: NotebookNode) -> dict[str, float]:
    """How long the cells of an executed notebook have taken, by the times that its kernel has noted.

    Parameters
    ----------
    executed : NotebookNode

    Returns
    -------
    dict of str to float
        Id of the cell → seconds, for those that take half a second or more.
    """
    seconds = {}
    for cell in executed.cells:
        times = cell.metadata.get("execution", {})
        if "iopub.execute_input" not in times or "shell.execute_reply" not in times:
            continue
        begin = datetime.datetime.fromisoformat(times["iopub.execute_input"])
        end = datetime.datetime.fromisoformat(times["shell.execute_reply"])
        taken = round((end - begin).total_seconds(), 1)
        if taken >= SHORT:
            seconds[cell.id] = taken
    return seconds


@dataclass
class _Run:
    """One notebook: the seconds of its cells, and the cell that runs since a time."""

    seconds: list[float]
    cell: int | None = None  # index
    since: float = 0.0
    ended: bool = False


class Progress:
    """How far the notebooks are that run together.

    Parameters
    ----------
    clock : callable
        Gives the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self._runs: dict[str, _Run] = {}
        self._began: float | None = None

    def add(self, name: str, notebook: NotebookNode) -> None:
        """Say that a notebook will run."""
        if self._began is None:
            self._began = self.clock()
        self._runs[name] = _Run(seconds_of(notebook))

    def start_cell(self, name: str, index: int) -> None:
        """Say which cell of a notebook begins, counted from 0."""
        run = self._runs[name]
        run.cell, run.since = index, self.clock()

    def end(self, name: str) -> None:
        """Say that a notebook is done, whatever became of it."""
        self._runs[name].ended = True

    @property
    def total(self) -> float:
        """Seconds of all notebooks, one after the other."""
        return sum(sum(run.seconds) for run in self._runs.values())

    def done(self) -> float:
        """How many of these seconds lie behind; the cell that runs counts with the time that it has taken."""
        done = 0.0
        for run in self._runs.values():
            if run.ended:
                done += sum(run.seconds)
            elif run.cell is not None:
                taken = self.clock() - run.since
                done += sum(run.seconds[: run.cell]) + min(taken, run.seconds[run.cell])
        return done

    def left(self) -> float | None:
        """Seconds until all are done, if it goes on as it went; None while too little is done to tell."""
        done = self.done()
        if self._began is None or done < FIRST:
            return None
        return (self.total - done) * (self.clock() - self._began) / done

    def __str__(self) -> str:
        running = []
        for name, run in self._runs.items():
            if run.cell is not None and not run.ended:
                running.append(f"{name} cell {run.cell + 1}/{len(run.seconds)}")
        if not running:
            return ""
        line = f"{100 * self.done() / max(self.total, OTHERS):.0f} %"
        left = self.left()
        if left is not None:
            line += f", {_in_words(left)} left"
        return f"{line}: {', '.join(running)}"


@asynccontextmanager
async def live_line(progress: Progress) -> AsyncIterator[None]:
    """Show the progress in one line of the terminal while something runs; nothing where there is no terminal.

    Parameters
    ----------
    progress : Progress
    """
    with tqdm(total=0, bar_format="{desc}", leave=False, disable=None, dynamic_ncols=True) as line:

        async def tick() -> None:
            while True:
                line.set_description_str(str(progress))
                await asyncio.sleep(TICK)

        ticking = asyncio.create_task(tick())
        try:
            yield
        finally:
            ticking.cancel()


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{5 * round(seconds / 5 + 0.5)} s"
    return f"{round(seconds / 60)} min"


def _main(*names: str) -> None:
    """Put the seconds of executed notebooks into the notebooks."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        executed = ROOT / "build" / "notebooks" / path.name
        if not executed.exists() or (names and path.stem not in names):
            continue
        notebook = nbformat.read(path, as_version=4)
        seconds = measured_seconds(nbformat.read(executed, as_version=4))
        notebook.metadata["course"]["seconds"] = seconds
        Path(path).write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
        print(f"{path.stem:<32} {sum(seconds.values()):6.1f} s in {len(seconds)} cells")


if __name__ == "__main__":
    _main(*sys.argv[1:])
