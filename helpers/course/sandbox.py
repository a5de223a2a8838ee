"""One process of a stranger in a sandbox of Linux (bubblewrap), with limits and a watchdog.

The process sees Python, helpers/ without the workflow, data/ and a file system in memory; no network, no
other process, nothing that can be written and stays. It talks through one pipe of limited size. Where there
is no bubblewrap it is refused, or run with the same limits but without walls when the caller insists.
"""

import base64
import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from helpers.course.bubblewrap import (
    MEMORY_FILES,
    closed_command,
    open_command,
    unavailable,
    waiting_processes,
)
from helpers.course.errors import CourseError
from helpers.course.status import Status

__all__ = ["LimitReached", "Limits", "Sandbox", "SandboxError"]

TICK = 0.2  # seconds between two looks of the watchdog


@dataclass(frozen=True)
class Limits:
    """What a hand-in may take.

    Parameters
    ----------
    cell_seconds, seconds, cpu_seconds : float
        Wall time of a cell, wall time of all, computing time of all processes.
    memory : int
        Bytes: the sum over all processes, shared pages counted once, and the files they keep in memory.
    processes : int
    output : int
        Bytes on the pipe.
    files, inodes : int
        Bytes that each file system in memory may hold, and number of files in them.
    """

    cell_seconds: float = 600
    seconds: float = 1800
    cpu_seconds: float = 3600
    memory: int = 4 * 2**30
    processes: int = 256  # threads count
    output: int = 64 * 10**6
    files: int = 2**30
    inodes: int = 20_000


class SandboxError(CourseError):
    """There is no sandbox on this machine; says why and what to do."""


class LimitReached(Exception):
    """The watchdog stops the process.

    Parameters
    ----------
    status : Status
    reason : str
        In words what was too much.
    """

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Sandbox:
    """Context manager around kernel_runner.py; on leaving it, no process of it is left.

    Parameters
    ----------
    cells : list of (int, str, bool)
        Index, source, and whether the history of the kernel keeps it.
    keep_going : bool
        After errors.
    limits : Limits
    unsafe : bool
        Do without walls.
    files : dict of str to bytes, optional
        By path, laid into the folder where the cells run.

    Raises
    ------
    SandboxError
        On entering, where it cannot be started.
    """

    def __init__(
        self,
        cells: list[list],
        keep_going: bool,
        limits: Limits,
        unsafe: bool = False,
        files: dict[str, bytes] | None = None,
    ) -> None:
        self.limits = limits
        self.unsafe = unsafe
        rlimits = {} if unsafe else _rlimits(limits)
        beside = {path: base64.b64encode(content).decode() for path, content in (files or {}).items()}
        request = {"cells": cells, "keep_going": keep_going, "rlimits": rlimits, "files": beside}
        self._request = json.dumps(request).encode()
        self._lines = queue.SimpleQueue()  # bounded by the limit on output
        self._room = limits.output
        self._complaint = b""
        self._silent = True

    def __enter__(self) -> "Sandbox":
        if not self.unsafe and (reason := unavailable()):
            raise SandboxError(reason)
        self._scratch = contextlib.ExitStack()
        streams = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
        if self.unsafe:
            temporary = tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True)
            folder = Path(self._scratch.enter_context(temporary))
            command, environment = open_command(folder)
            streams |= {"stdout": subprocess.PIPE, "cwd": folder / "notebooks"}
            self._process = subprocess.Popen([*command, "1"], env=environment, **streams)
            events = self._process.stdout
        else:
            read, write = os.pipe()
            # --clearenv would leave the environment of the caller readable in /proc/1/environ, and
            # standard output would be /proc/1/fd/1 there: the events have a pipe of their own
            command = [*closed_command(self.limits.files), str(write)]
            streams |= {"stdout": subprocess.DEVNULL, "cwd": "/"}
            try:
                self._process = subprocess.Popen(command, env={}, pass_fds=(write,), **streams)
            finally:
                os.close(write)
            events = os.fdopen(read, "rb")
        self.started = self._looked = time.perf_counter()
        self._threads = [
            threading.Thread(target=work, args=args, daemon=True)
            for work, args in ((self._send, ()), (self._receive, (events,)), (self._listen, ()))
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self._tree():  # inside the walls the first takes all others with it
            with contextlib.suppress(psutil.Error):
                process.kill()
        try:
            self._process.wait(timeout=0.1 if self.unsafe else 5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(timeout=5)
        self._process.stderr.close()
        self._scratch.close()

    def read(self) -> bytes | None:
        """Wait for the next line. Gives None when a tick passed without one, b"" at the end.

        Raises
        ------
        LimitReached
        SandboxError
            When it ended before it came to the hand-in.
        """
        line = None
        with contextlib.suppress(queue.Empty):
            line = self._lines.get(timeout=TICK)
        if line == b"" and self._silent:
            self._threads[-1].join(timeout=1)
            raise SandboxError(f"The sandbox does not start: {self._complaint.decode(errors='replace')}")
        self._silent = self._silent and not line
        self._watch(line)
        return line

    def _watch(self, line):
        limits, now = self.limits, time.perf_counter()
        if line == b"" and self._room < 0:
            raise LimitReached(Status.TOO_MUCH_OUTPUT, f"more than {limits.output / 1e6:.0f} MB of output")
        if now - self.started > limits.seconds:
            raise LimitReached(Status.TIMED_OUT, f"more than {limits.seconds:.0f} s in all")
        if now - self._looked < TICK:
            return
        self._looked = now
        usage = _usage(self._tree(), limits.memory, () if self.unsafe else MEMORY_FILES)
        if usage.memory > limits.memory:
            raise LimitReached(Status.OUT_OF_MEMORY, f"more than {limits.memory / 2**20:.0f} MiB of memory")
        if usage.tasks > limits.processes:
            raise LimitReached(
                Status.TOO_MANY_PROCESSES, f"more than {limits.processes} processes and threads"
            )
        if usage.cpu > limits.cpu_seconds:
            raise LimitReached(Status.TIMED_OUT, f"more than {limits.cpu_seconds:.0f} s of computing time")
        if usage.inodes > limits.inodes:
            raise LimitReached(Status.TOO_MANY_FILES, f"more than {limits.inodes} files")

    def _tree(self):
        """The processes of the hand-in, without those of bubblewrap that only wait for them."""
        with contextlib.suppress(psutil.Error):
            if self.unsafe:
                return psutil.Process(self._process.pid).children(recursive=True)
            return _descendants(self._process.pid)[waiting_processes() :]
        return []

    def _send(self):
        with contextlib.suppress(OSError):
            self._process.stdin.write(self._request)
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def _receive(self, events):
        with contextlib.suppress(OSError), events:
            while self._room >= 0 and (line := events.readline(self._room + 1)):
                self._room -= len(line)
                self._lines.put(line)
        self._lines.put(b"")

    def _listen(self):
        with contextlib.suppress(OSError, ValueError):
            while line := self._process.stderr.read1(2**12):
                self._complaint = (self._complaint + line)[:2000]


@dataclass(frozen=True)
class _Usage:
    memory: int
    tasks: int
    cpu: float
    inodes: int


def _rlimits(limits):
    """What Linux bounds by itself, generously: what comes near, the watchdog stops and gives the reason."""
    return {
        "RLIMIT_AS": limits.memory + 16 * 2**30,
        "RLIMIT_NPROC": 2 * limits.processes,
        "RLIMIT_NOFILE": 1024,
        "RLIMIT_FSIZE": limits.files,
        "RLIMIT_CORE": 0,
        "RLIMIT_MSGQUEUE": 0,
    }


def _descendants(pid):
    """Processes below one, without a look at all others of the machine as psutil takes it."""
    found, todo = [], [pid]
    while todo:
        for file in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                children = file.read_text().split()
                todo += children
                found += children
    processes = []
    for pid in found:
        with contextlib.suppress(psutil.Error):
            processes.append(psutil.Process(int(pid)))
    return processes


def _usage(tree, enough, folders):
    """What the processes take; shared pages are counted fairly only where the plain sum is too much."""
    resident, tasks, cpu, stored, inodes = 0, 0, 0.0, 0, 0
    for process in tree:
        with contextlib.suppress(psutil.Error), process.oneshot():
            resident += process.memory_info().rss
            tasks += process.num_threads()
            cpu += sum(process.cpu_times()[:4])
    if tree:
        stored, inodes = _stored(tree[0].pid, folders)
    if resident + stored > enough:
        resident = 0
        for process in tree:
            with contextlib.suppress(psutil.Error):
                taken = process.memory_full_info()
                resident += getattr(taken, "pss", taken.uss)
    return _Usage(resident + stored, tasks, cpu, inodes)


def _stored(pid, folders):
    """Bytes and number of files in the file systems in memory that the process sees."""
    stored = inodes = 0
    for folder in folders:
        with contextlib.suppress(OSError):
            disk = os.statvfs(f"/proc/{pid}/root{folder}")
            stored += (disk.f_blocks - disk.f_bfree) * disk.f_frsize
            inodes += disk.f_files - disk.f_ffree
    return stored, inodes
