"""Execute the notebooks of the course headless, several at a time, and only those that changed."""

import asyncio
import atexit
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from tqdm import tqdm
from traitlets.config import Config

from helpers.course.cells import with_inline_figures, with_parameters
from helpers.course.fingerprint import fingerprint
from helpers.course.progress import Progress, live_line
from helpers.course.status import Status

__all__ = ["Outcome", "execute", "run_notebooks"]

CELL_TIMEOUT = 600  # seconds


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook.

    Parameters
    ----------
    name : str
    status : Status
        It ran, was unchanged, or failed.
    cells : int
        Number of cells in the notebook.
    seconds : float
    error : str
        Names the cell and why it failed.
    """

    name: str
    status: Status
    cells: int
    seconds: float
    error: str = ""

    def __str__(self) -> str:
        line = f"{self.name:<32} {self.status:<10} {self.cells:3d} cells {self.seconds:6.1f} s"
        return f"{line}\n{self.error}" if self.error else line


def run_notebooks(
    paths: Iterable[str | Path],
    out: str | Path,
    quick: bool = False,
    force: bool = False,
    jobs: int = 1,
    report: Callable[[Outcome], None] = print,
) -> list[Outcome]:
    """Execute notebooks and write them with their outputs to a folder.

    A notebook is skipped when the folder holds it made from the same text, parameters, helpers and data. One
    that fails is written as NAME.failed.ipynb, up to the cell that failed, and stops nobody else. One whose
    metadata name others under course.after, because it reads what they leave behind, waits for those
    of them that stand before it in paths, and is run again when they were.

    Parameters
    ----------
    paths : iterable of path
    out : path
        The folder.
    quick : bool
        Use the parameters that stand in the metadata of the notebook under course.quick.
    force : bool
        Execute unchanged ones too.
    jobs : int
        How many run at a time.
    report : callable
        Gets each Outcome as it ends.

    Returns
    -------
    list of Outcome
        In the order of paths.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_run_all([Path(p) for p in paths], out, quick, force, jobs, report))


def execute(notebook: NotebookNode, path: str | Path, keep_going: bool = False, **environment: str) -> str:
    """Run every cell of a notebook node in place, with a new kernel, in the folder of `path`.

    Parameters
    ----------
    notebook : NotebookNode
    path : path
        Of its file.
    keep_going : bool
        Run the cells behind one with an error too.
    **environment : str
        More variables for the kernel.

    Returns
    -------
    str
        What stopped it, naming the cell, or "".
    """
    return asyncio.run(_execute_alone(notebook, Path(path), keep_going, environment))


async def _execute_alone(notebook, path, keep_going, environment):
    progress = Progress()
    progress.add(path.stem, notebook)
    async with live_line(progress):
        interrupt = signal.getsignal(signal.SIGINT)
        return await _execute(notebook, path, progress, environment, interrupt, keep_going)


async def _run_all(paths, out, quick, force, jobs, report):
    progress = Progress()
    turn = asyncio.Semaphore(jobs)
    interrupt = signal.getsignal(signal.SIGINT)  # what asyncio does on Ctrl-C
    ended = {path.stem: asyncio.Event() for path in paths}
    again = set()  # names of those that were run

    async def one(place, path):
        try:
            notebook = _read(path, quick)
            changed = force or _made_from(out / path.name) != _fingerprint(notebook)
            if changed:
                progress.add(path.stem, notebook)
            wanted = notebook.metadata["course"].get("after", [])
            after = {p.stem for p in paths[:place] if p.stem in wanted}
            for name in after:
                await ended[name].wait()
            if not changed and again & after:
                changed = True
                progress.add(path.stem, notebook)
            outcome = Outcome(path.stem, Status.UNCHANGED, len(notebook.cells), 0.0)
            if changed:
                async with turn:
                    outcome = await _run_one(notebook, path, out, progress, interrupt)
        except (ValueError, OSError) as error:
            outcome = Outcome(path.stem, Status.FAILED, 0, 0.0, f"{path} is no notebook: {error}")
        if outcome.status == Status.RAN:
            again.add(path.stem)
        ended[path.stem].set()
        with tqdm.external_write_mode():
            report(outcome)
        return outcome

    # the longest text first, as it runs longest, and no core is left without work at the end
    order = sorted(range(len(paths)), key=lambda place: -_size(paths[place]))
    async with live_line(progress):
        outcomes = await asyncio.gather(*(one(place, paths[place]) for place in order))
    by_place = dict(zip(order, outcomes, strict=True))
    return [by_place[place] for place in range(len(paths))]


def _size(path):
    return path.stat().st_size if path.exists() else 0


def _read(path, quick):
    notebook = nbformat.read(path, as_version=4)
    values = notebook.metadata.setdefault("course", {}).get("quick", {})
    return with_parameters(notebook, values) if quick else notebook


async def _run_one(notebook, path, out, progress, interrupt):
    target, failed = out / path.name, out / f"{path.stem}.failed.ipynb"
    made_from = _fingerprint(notebook)
    start = time.perf_counter()
    error = await _execute(notebook, path, progress, {}, interrupt)
    seconds = time.perf_counter() - start

    if error:
        nbformat.write(notebook, failed)
        return Outcome(path.stem, Status.FAILED, len(notebook.cells), seconds, f"{error}\nsee {failed}")
    notebook.metadata["course"]["fingerprint"] = made_from
    nbformat.write(notebook, target)
    failed.unlink(missing_ok=True)
    return Outcome(path.stem, Status.RAN, len(notebook.cells), seconds)


async def _execute(notebook, path, progress, environment, interrupt, keep_going=False):
    running, error = 0, ""

    def on_notebook_start(notebook):
        """Let Ctrl-C end everything: nbclient lets it end one kernel, whose notebook counts as failed."""
        if os.name != "nt":
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
            signal.signal(signal.SIGINT, interrupt)

    def on_cell_start(cell, cell_index):
        nonlocal running
        running = cell_index + 1
        progress.start_cell(path.stem, cell_index)

    with TemporaryDirectory(prefix="course-") as sockets:
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            allow_errors=keep_going,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            on_notebook_start=on_notebook_start,
            on_cell_start=on_cell_start,
            config=_connection(sockets),
        )
        written = [cell.source for cell in notebook.cells]
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source = with_inline_figures(cell.source)
        try:
            # one thread per notebook: small networks gain nothing from two, and neighbours lose much
            await client.async_execute(env=os.environ | {"OMP_NUM_THREADS": "1"} | environment)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as failure:
            if asyncio.current_task().cancelling():  # Ctrl-C, which nbclient takes for a dead kernel
                raise asyncio.CancelledError from failure
            where = f"cell {running} ({notebook.cells[running - 1].get('id', 'no id')})"
            error = f"{path.name} stopped at {where}: {_reason(failure)}"
        finally:
            atexit.unregister(client._cleanup_kernel)  # after Ctrl-C it would fail, as the kernel is gone
            for cell, source in zip(notebook.cells, written, strict=True):
                cell.source = source
            progress.end(path.stem)
    return error


def _reason(failure):
    """Why a notebook stopped. Of an error its last line, for the notebook shows cell and traceback."""
    if isinstance(failure, CellExecutionError):
        return f"{failure.ename}: {failure.evalue}"
    return str(failure)


def _fingerprint(notebook):
    return fingerprint("notebooks", [[cell.cell_type, cell.source] for cell in notebook.cells])


def _connection(folder):
    """Sockets in the file system are closed to other users of the machine; Windows has only TCP."""
    if os.name == "nt":
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}})


def _made_from(executed):
    try:
        return nbformat.read(executed, as_version=4).metadata["course"]["fingerprint"]
    except (OSError, ValueError, KeyError):
        return None
