"""What this machine has for the course, what is missing, and the command that mends it."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass

import psutil
from packaging.requirements import Requirement

from helpers import datasets, places
from helpers.course.commands import INSTALL

__all__ = ["Finding", "examine"]

PACKAGE = "ml-physics-course"
MEMORY = 4e9  # bytes in which every notebook runs at full size
DISK = 2e9  # bytes for data, executed notebooks and PDFs
CHINESE = "\u7269"  # a sign that the fonts of the course do not have


@dataclass(frozen=True)
class Finding:
    """One line about the machine.

    Parameters
    ----------
    what : str
    found : str
    mend : str
        What to do, "" where nothing is wrong.
    needed : bool
        Whether the course does not work without it.
    """

    what: str
    found: str
    mend: str = ""
    needed: bool = True

    def __str__(self) -> str:
        mark = "ok"
        if self.mend:
            mark = "!!" if self.needed else "--"
        line = f"{mark} {self.what:<12} {self.found}"
        if self.mend:
            line += f"\n   {'':<12} -> {self.mend}"
        return line


def examine() -> list[Finding]:
    """Look at the machine, without changing anything.

    Returns
    -------
    list of Finding
        In the order in which a reader would mend things.
    """
    found = [_python(), _packages(), _torch(), _cores(), _memory(), _disk()]
    for dataset in datasets.DATASETS.values():
        found.append(_data(dataset))
    found.append(_fonts())
    if importlib.util.find_spec("helpers.course.bubblewrap"):  # students do without
        found.append(_sandbox())
    return found


def _python() -> Finding:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}"
    if sys.prefix == sys.base_prefix:
        mend = "no environment is active: `make`, then `source .venv/bin/activate`"
        return Finding("Python", found, mend, needed=False)
    return Finding("Python", found)


def _packages() -> Finding:
    """Whether what pyproject.toml asks for is installed, in the versions that it asks for."""
    try:
        wanted = importlib.metadata.requires(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return Finding("packages", f"{PACKAGE} is not installed", INSTALL)
    wrong, right = [], 0
    for line in wanted:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if requirement.specifier.contains(version, prereleases=True):
            right += 1
        else:
            wrong.append(f"{requirement.name} is {version}, expected {requirement.specifier}")
    if wrong:
        return Finding("packages", "; ".join(wrong), INSTALL)
    return Finding("packages", f"{right} as pyproject.toml asks for them")


def _torch() -> Finding:
    try:
        import torch
    except (ImportError, OSError) as error:  # a library that does not fit the system is an OSError
        return Finding("PyTorch", f"cannot be imported: {error}", INSTALL)
    device = "CPU"
    if torch.cuda.is_available():
        device = torch.cuda.get_device_name()
    elif torch.backends.mps.is_available():
        device = "Apple GPU (mps)"
    return Finding("PyTorch", f"{torch.__version__}, {device}, {torch.get_num_threads()} threads")


def _cores() -> Finding:
    return Finding("cores", f"{os.cpu_count()}: so many notebooks run at a time, see `course run --jobs`")


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    found = f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB free"
    if memory.available < MEMORY:
        return Finding("memory", found, "close other programs, or `course run --jobs 1`", needed=False)
    return Finding("memory", found)


def _disk() -> Finding:
    free = shutil.disk_usage(places.ROOT).free
    found = f"{free / 1e9:.1f} GB free at {places.ROOT}"
    if free < DISK:
        return Finding("disk", found, f"make room: data and results take up to {DISK / 1e9:.0f} GB")
    return Finding("disk", found)


def _data(dataset: datasets.Dataset) -> Finding:
    try:
        line = datasets.describe(dataset)
    except FileNotFoundError as error:
        return Finding(dataset.name, "missing", str(error))
    except (OSError, ValueError) as error:
        return Finding(dataset.name, "damaged", str(error))
    return Finding(dataset.name, line.removeprefix(dataset.name).strip())


def _fonts() -> Finding:
    from helpers.course.typeset.fonts import Glyphs

    if not Glyphs().has(CHINESE):
        mend = "install fonts-noto-cjk or the like; without it such letters are boxes in PDFs"
        return Finding("fonts", "none for Chinese, Japanese and Korean names", mend, needed=False)
    return Finding("fonts", "Latin, Greek, Cyrillic, formulas, and Chinese, Japanese and Korean")


def _sandbox() -> Finding:
    from helpers.course.bubblewrap import unavailable

    reason = unavailable()
    if reason:
        return Finding("sandbox", "hand-ins cannot be run (students need not)", reason, needed=False)
    return Finding("sandbox", "bubblewrap works: hand-ins of strangers can be run")
