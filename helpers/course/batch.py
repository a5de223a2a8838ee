"""Strict execution of many hand-ins: a trusted copy of each, a journal that survives a kill, a table."""

import csv
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, astuple, fields
from pathlib import Path

import nbformat
from tqdm import tqdm

from helpers.course.fingerprint import digest_of, fingerprint
from helpers.course.pool import read_journal, run_tasks
from helpers.course.sanitise import plain, sendable, with_guarded_formulas
from helpers.course.status import Status
from helpers.course.student_notebook import LARGEST
from helpers.course.untrusted import Limits, Verdict, execute_untrusted
from helpers.files import replacing

__all__ = ["describe", "execute_all", "find_handins"]

STREAM_SECONDS = 1  # between two writings of a trusted copy


def find_handins(paths: Iterable[str | Path], out: str | Path) -> dict[str, Path]:
    """Notebooks among files and folders, every one once.

    Parameters
    ----------
    paths : iterable of path
        Files count whatever they are called; of folders, what ends in .ipynb in them and below, but not in
        folders whose names begin with a dot.
    out : path
        What lies in this folder is left out.

    Returns
    -------
    dict of str to Path
        By the path from the folder that holds them all, without its ending.
    """
    found = []
    for given in map(os.path.abspath, paths):
        if not os.path.isdir(given):
            found.append(given)
            continue
        for folder, folders, files in os.walk(given):
            folders[:] = sorted(f for f in folders if not f.startswith("."))  # .ipynb_checkpoints
            for file in sorted(files):
                if file.endswith(".ipynb"):
                    found.append(os.path.join(folder, file))
    out = Path(os.path.abspath(out))
    paths = [path for path in dict.fromkeys(map(Path, found)) if out not in path.parents]
    if not paths:
        return {}
    above = os.path.commonpath([path.parent for path in paths])
    names = {}
    for path in paths:
        names[path.relative_to(above).as_posix().removesuffix(".ipynb")] = path
    return names


def execute_all(
    handins: dict[str, Path],
    out: str | Path,
    limits: Limits | None = None,
    *,
    unsafe: bool = False,
    jobs: int = 1,
    scheduler: str | None = None,
    report: Callable[[str], None] = print,
) -> list[Verdict]:
    """Execute hand-ins in the sandbox, several at a time, and write what came of them to a folder.

    NAME.ipynb is the trusted copy, which grows while the hand-in runs; verdicts.jsonl is the journal, so that
    what has ended with the same content and the same limits is not run again; verdicts.csv is the table.

    Parameters
    ----------
    handins : dict of str to Path
        By name.
    out : path
        The folder.
    limits : Limits, optional
    unsafe : bool
        Do without the sandbox.
    jobs : int
        How many run at a time.
    scheduler : str, optional
        Address of a Dask scheduler to use instead.
    report : callable
        Gets a line of text for each hand-in as it ends.

    Returns
    -------
    list of Verdict
        In the order of handins. One is missing when the process around it was killed.
    """
    out, limits = Path(out).absolute(), limits or Limits()  # workers of a cluster may stand elsewhere
    journal, tasks = out / "verdicts.jsonl", {}
    code = fingerprint("running", asdict(limits), unsafe)
    for name, path in handins.items():
        key = f"{name} {digest_of(code, _digest(path))[:20]}"
        tasks[key] = (path, name, _copy(out, name), limits, unsafe)
    known = len(tasks.keys() & read_journal(journal).keys())

    with tqdm(total=len(tasks), initial=known, unit="hand-in", disable=None) as bar:

        def tell(key, result):
            bar.update()
            name = plain(key.rpartition(" ")[0])
            lost = isinstance(result, BaseException)
            with bar.external_write_mode():
                report(
                    f"{name}: no verdict, run it again ({result!r})"
                    if lost
                    else describe(Verdict.from_json(result))
                )

        results = run_tasks(_execute_one, tasks, journal, jobs=jobs, scheduler=scheduler, report=tell)
    verdicts = list(map(Verdict.from_json, results.values()))
    _write_table(verdicts, out / "verdicts.csv")
    return verdicts


def describe(verdict: Verdict) -> str:
    """One line for the terminal."""
    return f"{plain(verdict.name):<40} {verdict.seconds:6.1f} s  {verdict}"


def _execute_one(path, name, copy, limits, unsafe):
    """A task of the pool: run one hand-in and keep its trusted copy. Returns: the verdict as a dictionary."""
    written = time.monotonic()

    def stream(notebook):
        nonlocal written
        if time.monotonic() - written > STREAM_SECONDS:
            _write(notebook, copy)
            written = time.monotonic()

    try:
        source = _content(path)
    except (OSError, ValueError) as error:
        return asdict(Verdict(name, Status.NOT_A_NOTEBOOK, error=plain(str(error))))
    execution = execute_untrusted(source, name, limits, unsafe=unsafe, on_cell=stream)
    _write(execution.notebook, copy)
    return asdict(execution.verdict)


def _copy(out, name):
    """Where the trusted copy goes. The hand-in may have the longest name there is, without room for more."""
    *folders, last = name.split("/")
    if len(last) > 60:
        last = f"{last[:40]}-{hashlib.sha256(os.fsencode(last)).hexdigest()[:12]}"
    return Path(out, *folders, f"{last}.ipynb")


def _content(path):
    """What is in the file of a hand-in; a link could lead anywhere, and a pipe never ends."""
    if path.is_symlink() or not path.is_file():
        raise ValueError("a link or no file")
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path.stat().st_size / 1e6:.0f} MB, expected less than {LARGEST / 1e6:.0f} MB")
    return path.read_bytes()


def _digest(path):
    try:
        return hashlib.sha256(_content(path)).hexdigest()
    except (OSError, ValueError) as error:
        return str(error)


def _write(notebook, path):
    with replacing(path) as file:
        file.write(nbformat.writes(notebook).encode())


def _write_table(verdicts, path):
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(field.name for field in fields(Verdict))
    for verdict in verdicts:
        table.writerow(_cell(value) for value in astuple(verdict))
    with replacing(path) as file:
        file.write(text.getvalue().encode("utf-8-sig"))


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    return with_guarded_formulas(plain(sendable(value)))
