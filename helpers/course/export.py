"""PDF of a notebook without LaTeX and without a browser."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from helpers.course.errors import CourseError
from helpers.course.typeset.document import make_pdf
from helpers.files import replacing
from helpers.places import ROOT

__all__ = ["ExportError", "export", "export_all", "export_untrusted"]

MADE_BY = [Path(__file__), *Path(__file__).with_name("typeset").glob("*.*")]
SECONDS = 60
MEGABYTES = 2048


class ExportError(CourseError):
    """An untrusted notebook that could not be converted: what went wrong, or which limit it hit."""


def export(notebook_path: str | Path, pdf_path: str | Path, home: str | Path | None = None) -> list[str]:
    """Write a notebook as PDF.

    Parameters
    ----------
    notebook_path : path
    pdf_path : path
        Written in one step or not at all.
    home : path, optional
        The folder from which its text may show pictures, by default that of the notebook.

    Returns
    -------
    list of str
        Messages about what is not shown as it is in the notebook.

    Raises
    ------
    CourseError
        When the file is no notebook.
    """
    notebook_path, pdf_path = Path(notebook_path), Path(pdf_path)
    try:
        notebook = nbformat.read(notebook_path, as_version=4)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise CourseError(f"{notebook_path} is no notebook: {error}") from error
    pdf, warnings = make_pdf(notebook, home=home or notebook_path.parent, name=notebook_path.stem)
    with replacing(pdf_path) as file:
        file.write(pdf)
    return warnings


def export_untrusted(
    notebook_path: str | Path, pdf_path: str | Path, seconds: float = SECONDS, megabytes: int = MEGABYTES
) -> list[str]:
    """As `export`, for notebooks of strangers: in a process of its own with limits.

    Parameters
    ----------
    notebook_path, pdf_path : path
    seconds : float
        Of wall time.
    megabytes : int
        Memory of each process; not enforced on Windows.

    Returns
    -------
    list of str
        As from `export`.

    Raises
    ------
    ExportError
        It says why there is no PDF.
    """
    paths = [str(Path(p).absolute()) for p in (notebook_path, pdf_path)]
    command = [sys.executable, "-m", "helpers.course.export", str(megabytes), *paths]
    with TemporaryDirectory(prefix="course-") as scratch:  # what a killed process leaves goes with it
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ
            | {"TMPDIR": scratch, "TEMP": scratch, "TMP": scratch, "PYTHONIOENCODING": "utf-8"}
            | {"RAYON_NUM_THREADS": "1"},  # of Typst: several of these processes run side by side
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=os.name != "nt",
        )
        try:
            out, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as expired:
            _kill(process)
            raise ExportError(f"{notebook_path}: no PDF after {seconds} s") from expired
    if process.returncode:
        said = [line for line in errors.splitlines() if line.strip() and not line.startswith("note:")]
        reason = said[-1] if said else f"ended with {process.returncode}"
        raise ExportError(f"{notebook_path}: no PDF within {megabytes} MB of memory: {reason}")
    return out.splitlines()


def export_all(
    paths: Iterable[str | Path],
    out: str | Path,
    home: str | Path | None = None,
    force: bool = False,
    untrusted: bool = False,
    report: Callable[[str], None] = print,
) -> list[str]:
    """Write notebooks as PDFs to a folder, those whose PDF is missing or older than notebook or this package.

    Parameters
    ----------
    paths : iterable of path
    out : path
        The folder.
    home : path, optional
        As for `export`; not used for untrusted ones.
    force : bool
        Set the others too.
    untrusted : bool
        Use `export_untrusted`.
    report : callable
        Gets lines of text about each notebook.

    Returns
    -------
    list of str
        Names of the notebooks that failed.
    """
    out, failed = Path(out), []
    out.mkdir(parents=True, exist_ok=True)
    made_by = max(file.stat().st_mtime for file in MADE_BY)
    for path in map(Path, paths):
        target, start = out / f"{path.stem}.pdf", time.perf_counter()
        if not force and target.exists() and target.stat().st_mtime > max(path.stat().st_mtime, made_by):
            report(f"{path.stem:<32} unchanged")
            continue
        try:
            warnings = export_untrusted(path, target) if untrusted else export(path, target, home)
        except (OSError, ValueError, RuntimeError) as error:
            failed.append(path.stem)
            report(f"{path.stem:<32} failed: {error}")
            continue
        report(f"{path.stem:<32} {target.name:<36} {time.perf_counter() - start:6.1f} s")
        for message in warnings:
            report(f"    {' '.join(message.split())}")
    return failed


def _kill(process):
    if os.name == "nt":
        process.kill()
    else:
        os.killpg(process.pid, 9)  # pandoc too
    process.communicate()


def _limit(megabytes):
    if os.name != "nt":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20,) * 2)


if __name__ == "__main__":
    _limit(int(sys.argv[1]))
    for line in export(*sys.argv[2:]):
        print(line.replace("\n", " "))
