"""Trees of files: a folder, or a zip with the zips in it, read with limits and without unpacking anything."""

import io
import re
import stat
import struct
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from helpers.course.companions import is_companion

__all__ = [
    "JUNK",
    "UNREADABLE",
    "Source",
    "at_most",
    "file_tree",
    "folder_tree",
    "is_notebook",
    "is_zip",
    "zip_tree",
]

MOST_FILES = 5000  # in one archive and the archives in it
MOST_BYTES = 500_000_000  # read from them
LARGEST_NOTEBOOK = 25_000_000
LARGEST_DIRECTORY = 1_000_000  # the table of contents of a zip
DEEPEST = 3  # zips in zips
JUNK = re.compile(
    r"(^|/)(__MACOSX|\.ipynb_checkpoints)(/|$)|(^|/)(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)$"
)
DRIVE = re.compile(r"^[A-Za-z]:")
UNREADABLE = OSError, ValueError, NotImplementedError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error


class Source(Protocol):
    """A file of a tree: its time in s, and its content when it is asked for."""

    time: float

    def open(self) -> BinaryIO:
        """The file, to be read.

        Raises
        ------
        ValueError, OSError
            With the reason where it is refused.
        """


def folder_tree(folder: Path) -> dict[str, Source]:
    """The files below a folder, by path; zips are opened like folders, links are refused."""
    tree, budget = {}, _Budget()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix().encode(errors="replace").decode()  # whatever its bytes are
        if path.is_symlink():
            tree[name] = _Refused("it is a link, which is not followed")
        elif path.is_file() and is_zip(name) and not JUNK.search(name):
            _read_zip(_FromDisk(path), f"{name}/", tree, budget, 1)
        elif path.is_file():
            tree[name] = _FromDisk(path)
        elif not path.is_dir():
            tree[name] = _Refused("it is no file")
    return tree


def file_tree(path: Path) -> dict[str, Source]:
    """A single file as a tree, by its name."""
    return {path.name: _FromDisk(path)}


def zip_tree(path: Path) -> dict[str, Source]:
    """The files in a zip, by path; what cannot be read is refused with the reason."""
    tree = {}
    _read_zip(_FromDisk(path), "", tree, _Budget(), 1)
    return tree


def at_most(file: BinaryIO, most: int) -> bytes:
    """The content of a file.

    Parameters
    ----------
    file : file
        Open for reading bytes.
    most : int
        Bytes that it may hold.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        When there are more bytes.
    """
    content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it holds more than {most / 1e6:.0f} MB")
    return content


def is_notebook(name: str) -> bool:
    """Whether a file has the name of a notebook."""
    return name.lower().endswith(".ipynb")


def is_zip(name: str) -> bool:
    """Whether a file has the name of a zip."""
    return name.lower().endswith(".zip")


@dataclass
class _FromDisk:
    path: Path

    @property
    def time(self):
        return self.path.stat().st_mtime

    def open(self):
        return open(self.path, "rb")


@dataclass
class _FromZip:
    content: bytes
    time: float

    def open(self):
        return io.BytesIO(self.content)


@dataclass
class _Refused:
    reason: str
    time: float = 0.0

    def open(self):
        raise ValueError(self.reason)


class _Budget:
    def __init__(self):
        self.bytes, self.files = MOST_BYTES, MOST_FILES


def _read_zip(source, prefix, tree, budget, depth):
    """Add the content of a zip to the tree. Sizes in the zip's own table are not believed."""
    try:
        with source.open() as file:
            _check_directory(file)
            with zipfile.ZipFile(file) as archive:
                entries = [e for e in archive.infolist() if not e.is_dir() and not JUNK.search(e.filename)]
                budget.files -= len(entries)
                if budget.files < 0:
                    raise ValueError(f"it holds more than {MOST_FILES} files")
                for entry in entries:
                    label = prefix + _inside(entry.filename)
                    try:
                        if label in tree:
                            label = f"{label} (second of this name)"
                            raise ValueError("the first one counts")
                        _read_entry(archive, entry, source.time, label, tree, budget, depth)
                    except UNREADABLE as error:
                        tree[label] = _Refused(str(error))
    except UNREADABLE as error:
        tree[f"{prefix}the zip"] = _Refused(str(error))


def _inside(name):
    """The path of an entry as Unix writes it: Windows may have put backslashes and a drive there."""
    path = DRIVE.sub("", name.replace("\\", "/"))
    return path.lstrip("/")


def _read_entry(archive, entry, zip_time, label, tree, budget, depth):
    name = _inside(entry.filename)
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts:  # nothing is unpacked, but no honest program writes this
        raise ValueError("its name leads out of the archive")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ValueError("it is a link or no file")
    if entry.flag_bits & 0x1:
        raise ValueError("it is encrypted")
    if not (is_notebook(name) or is_zip(name) or parts[-1] == "group.toml" or is_companion(name)):
        tree[label] = _FromZip(b"", zip_time)
        return
    if is_zip(name) and depth == DEEPEST:
        raise ValueError(f"zips in zips are read {DEEPEST} deep")
    with archive.open(entry) as file:
        content = at_most(file, budget.bytes if is_zip(name) else min(budget.bytes, LARGEST_NOTEBOOK))
    budget.bytes -= len(content)
    if is_zip(name):
        _read_zip(_FromZip(content, _entry_time(entry) or zip_time), f"{label}/", tree, budget, depth + 1)
    else:
        tree[label] = _FromZip(content, zip_time)


def _check_directory(file):
    """zipfile reads the table of contents as a whole: look at its size before."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 65557))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise ValueError("it is truncated or no zip: ask for it again, as a zip")
    if struct.unpack_from("<I", tail, end + 12)[0] > LARGEST_DIRECTORY:
        raise ValueError("it lists too many files")
    file.seek(0)


def _entry_time(entry):
    """Time of an entry in s; None for 1980, which stands where nobody knows, and for nonsense."""
    try:
        return time.mktime((*entry.date_time, 0, 0, -1)) if entry.date_time[0] > 1980 else None
    except (ValueError, OverflowError):
        return None
