"""The package for students: notebooks with stubs, and of the rest what they need."""

import hashlib
import io
import tomllib
from collections.abc import Callable
from pathlib import Path

import nbformat

from helpers.course.cells import CODE, PROMPT
from helpers.course.stubs import student_version
from helpers.datasets import DATA, DATASETS
from helpers.files import replacing, write_zip
from helpers.places import ROOT

__all__ = ["release_all"]

STUDENT = "helpers/course/student"  # README, Makefile and the like: copied to the top as they are
COMMANDS = (
    *("__init__", "__main__", "cells", "check", "checklist", "cli", "commands", "companions", "doctor"),
    *("download", "errors", "execute", "export", "exporter", "fingerprint", "group", "handed", "handin"),
    *("items", "member", "progress", "scans", "status"),
)
# What stays where it is; everything else stays with the tutors.
AS_IT_IS = (
    ".gitignore",
    "LICENSE",
    "constraints.txt",
    "data/README.md",
    "docs/students.md",
    "notebooks/README.md",
    "setup.py",
    "helpers/*.py",
    "helpers/generators/*.py",
    "helpers/generators/*.npz",
    "helpers/course/typeset/*.py",
    "helpers/course/typeset/*.lua",
    "helpers/course/typeset/*.typ",
    *(f"helpers/course/{name}.py" for name in COMMANDS),
)


def release_all(out: str | Path, report: Callable[[str], None] = print) -> None:
    """Write the package for students to a folder, and as a zip beside it.

    A list of what was written, `out`.sha256, lets the next release replace its own files and leave those
    of others alone, a git repository in the folder among them. Same sources, same bytes.

    Parameters
    ----------
    out : path
        The folder.
    report : callable
        Gets a line of text for each notebook and one for the whole.

    Raises
    ------
    CourseError
        As student_version.
    FileExistsError
        When files would be lost that somebody else made or changed.
    """
    out = Path(out).absolute()
    files = {}
    for pattern in AS_IT_IS:
        for path in ROOT.glob(pattern):
            files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    for path in sorted((ROOT / STUDENT).iterdir()):
        files[path.name] = path.read_bytes()
    for dataset in DATASETS.values():
        if not dataset.seeds:  # no generator: the files ship
            for name in dataset.shapes:
                files[f"data/generated/{name}"] = (DATA / "generated" / name).read_bytes()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        released = student_version(nbformat.read(path, as_version=4))
        files[f"notebooks/{path.name}"] = (nbformat.writes(released) + "\n").encode()
        to_do = 0
        for cell in released.cells:
            to_do += CODE[0] in cell.source or PROMPT in cell.source
        report(f"{path.name:<36} {to_do:3d} of {len(released.cells)} cells to fill in")

    package = tomllib.loads(files["pyproject.toml"].decode())["project"]["name"]
    packed, written = {}, {}
    for name in sorted(files):
        packed[f"{package}/{name}"] = files[name]
        written[f"{out.name}/{name}"] = files[name]
    archive = io.BytesIO()
    write_zip(archive, packed)
    written[f"{out.name}.zip"] = archive.getvalue()
    _replace(out.parent, written, f"{out.name}.sha256")
    report(f"{out} and {out}.zip ({len(archive.getvalue()) / 1e6:.1f} MB): {len(files)} files")


def _replace(folder, files, manifest):
    """Write files (name → bytes) to the folder and delete those that only an earlier list names."""
    earlier = _digests(folder / manifest)
    names = sorted({*files, *earlier})
    tops = {name.partition("/")[0] for name in files}
    lost = [n for n in names if not _is_ours(folder, n, tops, earlier.get(n, ()))]
    if lost:
        more = f" and {len(lost) - 5} more" * (len(lost) > 5)
        raise FileExistsError(
            f"{folder / manifest} does not list, or lists otherwise, {', '.join(lost[:5])}{more}: "
            f"made or changed by somebody else; move them away, or release to another folder with --out"
        )
    new = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in files.items()]
    old = [f"{digest}  {name}" for name, digests in earlier.items() for digest in sorted(digests)]
    # both lists while it happens, so that a release that was interrupted can be repeated
    _write(folder / manifest, "\n".join([*old, *new, ""]).encode())
    for name, content in files.items():
        _write(folder / name, content)
    for name in sorted(set(earlier) - set(files)):
        (folder / name).unlink(missing_ok=True)
    _write(folder / manifest, "\n".join([*new, ""]).encode())


def _digests(manifest):
    digests = {}
    if manifest.exists():
        for line in manifest.read_text(encoding="utf-8").splitlines():
            digest, _, name = line.partition("  ")
            digests.setdefault(name, set()).add(digest)
    return digests


def _is_ours(folder, name, tops, digests):
    path, top = folder / name, name.partition("/")[0]
    if top not in tops or not path.resolve().is_relative_to(folder.resolve() / top):
        return False  # a link, or a list that somebody has changed
    return not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() in digests


def _write(path, content):
    with replacing(path) as file:
        file.write(content)
