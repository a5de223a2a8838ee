"""The same work for many inputs, on local processes or a Dask cluster, taken up again where it was killed.

A journal keeps one line of JSON for every finished task. Whatever is in it is not done again.
"""

import json
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, ProcessPoolExecutor, wait
from contextlib import ExitStack, closing, suppress
from multiprocessing import connection
from pathlib import Path
from typing import Any

from helpers.course.cluster import on_cluster

__all__ = ["read_journal", "run_tasks"]


def run_tasks(
    function: Callable[..., Any],
    tasks: dict[str, tuple],
    journal: str | Path,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    report: Callable[[str, Any], None] = lambda key, result: None,
) -> dict[str, Any]:
    """Call a function once for every task that the journal does not hold, several at a time.

    Parameters
    ----------
    function : callable
        Importable by name, with a result that JSON can hold.
    tasks : dict of str to tuple
        Arguments, which can be pickled. The key names the input and its content (a digest), so that changed
        input is a new task.
    journal : path
    jobs : int
        Number of local processes.
    scheduler : str, optional
        Address of a Dask scheduler to use instead.
    report : callable
        Gets key and result of each task as it ends; the exception where there is no result.

    Returns
    -------
    dict of str to result
        In the order of tasks. A task whose process was killed, or that raised, is missing and will be tried
        again by the next call.

    Raises
    ------
    ImportError
        When a scheduler is given and Dask is not installed.
    """
    journal = Path(journal)
    finished = read_journal(journal)
    todo = {key: args for key, args in tasks.items() if key not in finished}
    with ExitStack() as stack:
        file = stack.enter_context(_appending(journal))
        if todo and scheduler:
            ended = stack.enter_context(closing(on_cluster(function, todo, scheduler)))
        else:
            ended = _on_processes(function, todo, jobs, stack)
        for key, result, error in ended:
            if error is None:
                finished[key] = json.loads(_append(file, key, result))["result"]
            report(key, error or finished[key])
    return {key: finished[key] for key in tasks if key in finished}


def read_journal(journal: str | Path) -> dict[str, Any]:
    """The results that a journal holds. A line that a kill left unfinished does not count.

    Parameters
    ----------
    journal : path
        Of a file, which may be missing.

    Returns
    -------
    dict of str to result
    """
    if not Path(journal).exists():
        return {}
    entries = {}
    for line in Path(journal).read_bytes().split(b"\n")[:-1]:
        with suppress(ValueError):
            entry = json.loads(line)
            entries[entry["key"]] = entry["result"]
    return entries


def _appending(journal):
    """The journal opened at its end, without the line that a kill left unfinished."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    file = open(journal, "a+b")  # noqa: SIM115 (the caller closes it)
    file.seek(0)
    file.truncate(file.read().rfind(b"\n") + 1)
    return file


def _append(file, key, result):
    line = json.dumps({"key": key, "result": result})
    file.write(line.encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())
    return line


def _on_processes(function, tasks, jobs, stack):
    """Yield key, result and error. Every process has an executor of its own, so that a task that kills its
    process takes no other with it."""
    free = [_executor(stack) for _ in range(min(jobs, len(tasks)))]
    todo, running = list(tasks.items())[::-1], {}
    while todo or running:
        while todo and free:
            key, args = todo.pop()
            executor = free.pop()
            running[executor.submit(function, *args)] = key, executor
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            key, executor = running.pop(future)
            error = future.exception()
            free.append(_executor(stack) if isinstance(error, BrokenExecutor) else executor)
            yield key, None if error else future.result(), error


def _executor(stack):
    # spawn: this process has threads
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(1, mp_context=context, initializer=_end_with_parent)
    stack.callback(executor.shutdown, cancel_futures=True)
    return executor


def _end_with_parent():
    """A worker whose parent was killed would wait for work forever."""
    parent = multiprocessing.parent_process().sentinel

    def watch():
        connection.wait([parent])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
