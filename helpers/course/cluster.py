"""Tasks of pool.py on the workers of a Dask cluster, each in a process of its own."""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, Any

from helpers.course.errors import CourseError

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["in_new_process", "on_cluster"]

TICK = 0.2  # seconds between two looks at what has ended
PATIENCE = 60  # seconds without any worker, after which nobody waits for one


def on_cluster(
    function: Callable[..., Any], tasks: dict[str, tuple], scheduler: str
) -> Iterator[tuple[str, Any, BaseException | None]]:
    """Call a function for every task on the workers of a cluster, which see the same files as this machine.

    Dask gives what a lost worker was doing to another one, and gives a task up whose workers were lost
    four times.

    Parameters
    ----------
    function : callable
        Importable by name on the workers.
    tasks : dict of str to tuple
        Key → arguments.
    scheduler : str
        Address of the Dask scheduler.

    Yields
    ------
    key, result, error
        Of each task as it ends; error is None where there is a result.

    Raises
    ------
    CourseError
        When no worker or no scheduler is left.
    OSError
        When there is no scheduler at this address.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError("a Dask cluster needs the extra `dask`: pip install -e '.[dask]'") from error

    with Client(scheduler, timeout=5, set_as_default=False) as client:
        running = {}
        for key, arguments in tasks.items():
            running[client.submit(in_new_process, function, arguments, pure=False)] = key
        last_seen = time.monotonic()
        while running:
            ended = [future for future in running if future.done()]
            for future in ended:
                key = running.pop(future)
                if future.cancelled():
                    raise _lost(f"the scheduler {scheduler} is gone", "the cluster")
                error = future.exception()
                yield key, None if error else future.result(), error
            if ended or _has_workers(client, scheduler):
                last_seen = time.monotonic()
            elif time.monotonic() - last_seen > PATIENCE:
                raise _lost(f"{scheduler} has had no worker for {PATIENCE} s", "workers")
            time.sleep(TICK)


def in_new_process(function: Callable[..., Any], arguments: tuple) -> Any:
    """Call a function on a worker, in a process that is started for it.

    A worker can be older than the code on the disk, which a new process reads anew; and what kills this
    process leaves the worker alone.

    Raises
    ------
    BrokenExecutor
        When the process died.
    Exception
        What the function raises.
    """
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-m", "helpers.course.cluster"], **pipes) as process:
        process.stdin.write(pickle.dumps((function, arguments)))
        process.stdin.flush()  # and left open: its end tells the process that the worker is gone
        answer = process.stdout.read()
    if process.returncode:
        raise BrokenExecutor(f"its process ended with exit status {process.returncode}")
    result, error = pickle.loads(answer)
    if error:
        raise error
    return result


def _has_workers(client: "Client", scheduler: str) -> bool:
    try:
        return bool(client.nthreads())
    except OSError as error:
        raise _lost(f"the scheduler {scheduler} is gone", "the cluster") from error


def _lost(what: str, needed: str) -> CourseError:
    return CourseError(f"{what}; what has ended is kept: start {needed} again, then run the same command")


def _answer() -> None:
    """In the new process: read a task, and tell its result or its error."""
    pipe = os.dup(1)  # stays open until this process ends
    os.dup2(2, 1)  # what the function prints is not the answer
    function, arguments = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_worker, daemon=True).start()
    result = error = None
    try:
        result = function(*arguments)
    except Exception as raised:
        error = raised
    with open(pipe, "wb", closefd=False) as file:
        pickle.dump((result, error), file)


def _end_with_worker() -> None:
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    _answer()
