"""Hand-ins as they come from a course server: zips, folders, zips in zips; read with limits."""

import io
import re
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from helpers.course.companions import LARGEST as LARGEST_ALONG
from helpers.course.companions import MOST_BYTES as MOST_BYTES_ALONG
from helpers.course.companions import MOST_FILES as MOST_FILES_ALONG
from helpers.course.companions import is_companion, refusal

__all__ = ["HandIn", "HandedFile", "hand_ins", "printable"]

MOST_FILES = 5000  # in one archive and the archives in it
MOST_BYTES = 500_000_000  # read from them
LARGEST_NOTEBOOK = 25_000_000
LARGEST_DIRECTORY = 1_000_000  # the table of contents of a zip
DEEPEST = 3  # zips in zips
JUNK = re.compile(
    r"(^|/)(__MACOSX|\.ipynb_checkpoints)(/|$)|(^|/)(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)$"
)
EXPECTED = re.compile(r"\.pdf$|(^|/)checklist\.txt$", re.IGNORECASE)
# How course servers name what they pack (both with and without a folder for each participant):
# Moodle: "Ada Lovelace_1234567_assignsubmission_file_" + name of the file, "…_onlinetext_" beside it
MOODLE = re.compile(r"^(?P<who>[^/]+_\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)$", re.DOTALL)
# Canvas: "lovelaceada_12345_678901_" or "lovelaceada_LATE_12345_678901_" + name of the file; the first
# number is the person's, the second one the file's
CANVAS = re.compile(r"^(?P<who>[^/]+?)(?:_LATE)?_(?P<id>\d{4,})_\d{4,}_(?P<rest>.+)$", re.DOTALL)
DRIVE = re.compile(r"^[A-Za-z]:")
OTHER_ARCHIVES = re.compile(r"\.(rar|7z|tar|gz|tgz|bz2|xz)$", re.IGNORECASE)
UNREADABLE = OSError, ValueError, NotImplementedError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error


@dataclass(frozen=True)
class HandedFile:
    """A file in a hand-in: its path there, its content, and its time in s."""

    path: str
    content: bytes
    time: float

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


@dataclass
class HandIn:
    """What one zip or folder holds.

    Parameters
    ----------
    name : str
        Of the zip or folder, with those around it.
    notebooks : list of HandedFile
    files : list of HandedFile
        Modules and small data that the notebooks may need.
    toml : bytes or None
        The content of its group.toml.
    remarks : list of str
        What was not read, and why.
    """

    name: str
    notebooks: list[HandedFile] = field(default_factory=list)
    files: list[HandedFile] = field(default_factory=list)
    toml: bytes | None = None
    remarks: list[str] = field(default_factory=list)


def hand_ins(paths: Iterable[str | Path], report: Callable[[str], None] = print) -> Iterator[HandIn]:
    """Find the hand-ins in folders and zips, whatever course server has packed them.

    A zip or folder that holds a notebook or a group.toml is one hand-in, with everything below it, unless
    Moodle or Canvas wrote the names of several participants before those of the files. Any other is looked
    through for zips and folders that do; one without any is a hand-in without notebooks. Notebooks that lie
    loose in a folder given are a hand-in each. Links are not followed, and nothing is written anywhere.

    Parameters
    ----------
    paths : iterable of path
        Folders, zips or notebooks.
    report : callable
        Gets lines about files beside the hand-ins.

    Yields
    ------
    HandIn
        In the order of their names.

    Raises
    ------
    OSError
        For a path that is not there.
    """
    for given in paths:
        path = Path(given)
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise FileNotFoundError(f"{path} is a link or not there, expected a folder, a zip or a notebook")
        if path.is_dir() and (path / "group.toml").is_file():
            yield _gathered(printable(path.resolve().name), _folder_tree(path))
            continue
        for entry in sorted(path.iterdir(), key=lambda p: p.name) if path.is_dir() else [path]:
            yield from _of_entry(entry, report)


def printable(name):
    """A file name as text that prints on one line, whatever its bytes are."""
    text = str(name).encode(errors="replace").decode()
    return "".join(c if c.isprintable() else "?" for c in text)[:200]


def _of_entry(entry, report):
    name = printable(entry.name)
    if JUNK.search(entry.name):
        return
    if entry.is_symlink():
        yield HandIn(name, remarks=["is a link, which is not followed"])
    elif entry.is_dir():
        yield from _split(name, _folder_tree(entry), report)
    elif entry.is_file() and _is_zip(name):
        tree = {}
        _read_zip(_FromDisk(entry), "", tree, _Budget(), 1)
        yield from _split(name, tree, report)
    elif entry.is_file() and _is_notebook(name):
        yield _gathered(name, {name: _FromDisk(entry)})
    elif OTHER_ARCHIVES.search(name):
        yield HandIn(name, remarks=["is no zip and was not read; ask for a zip"])
    else:
        report(f"{name}: not looked at")


# sources of files: on disk, in a zip, and those that are not read, for a reason


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


def _at_most(file, most):
    content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it holds more than {most / 1e6:.0f} MB")
    return content


def _folder_tree(folder):
    """Sources of the files below a folder, by path; zips are opened like folders."""
    tree, budget = {}, _Budget()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            tree[name] = _Refused("it is a link, which is not followed")
        elif path.is_file() and _is_zip(name) and not JUNK.search(name):
            _read_zip(_FromDisk(path), f"{name}/", tree, budget, 1)
        elif path.is_file():
            tree[name] = _FromDisk(path)
        elif not path.is_dir():
            tree[name] = _Refused("it is no file")
    return tree


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
    if not (_is_notebook(name) or _is_zip(name) or parts[-1] == "group.toml" or is_companion(name)):
        tree[label] = _FromZip(b"", zip_time)
        return
    if _is_zip(name) and depth == DEEPEST:
        raise ValueError(f"zips in zips are read {DEEPEST} deep")
    with archive.open(entry) as file:
        content = _at_most(file, budget.bytes if _is_zip(name) else min(budget.bytes, LARGEST_NOTEBOOK))
    budget.bytes -= len(content)
    if _is_zip(name):
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
        raise ValueError("it is truncated or no zip")
    if struct.unpack_from("<I", tail, end + 12)[0] > LARGEST_DIRECTORY:
        raise ValueError("it lists too many files")
    file.seek(0)


def _entry_time(entry):
    """Time of an entry in s; None for 1980, which stands where nobody knows, and for nonsense."""
    try:
        return time.mktime((*entry.date_time, 0, 0, -1)) if entry.date_time[0] > 1980 else None
    except (ValueError, OverflowError):
        return None


def _split(name, tree, report):
    """The hand-ins in a tree of files: the tree itself, or each participant, folder and zip in it."""
    participants = _by_participant(tree)
    if participants:
        for who, below in participants.items():
            yield from _split(f"{name}/{printable(who)}", below, report)
        return
    heads = sorted({path.split("/", 1)[0] for path in tree if "/" in path and not JUNK.search(path)})
    direct = any("/" not in p and (_is_notebook(p) or p == "group.toml") for p in tree)
    if direct or not heads or not any(_is_notebook(p) for p in tree):
        yield _gathered(name, tree)
        return
    for path in tree:
        if "/" not in path and not JUNK.search(path):
            report(f"{name}/{printable(path)}: not looked at")
    for head in heads:
        below = {p.removeprefix(f"{head}/"): source for p, source in tree.items() if p.startswith(f"{head}/")}
        yield from _split(f"{name}/{printable(head)}", below, report)


def _by_participant(tree):
    """Files by the participant that Moodle or Canvas wrote before their names.

    Files without one beside them stay together as participant "".
    """
    found = {}
    for path, source in tree.items():
        if JUNK.search(path):
            continue
        who, rest = "", path
        if match := MOODLE.match(path):
            who, rest = match["who"], match["rest"].lstrip("/")
        elif match := CANVAS.match(path):
            who, rest = f"{match['who']}_{match['id']}", match["rest"]
        found.setdefault(who, {})[rest] = source
    if set(found) == {""}:
        return {}
    others = found.pop("", {})
    if any(_is_notebook(path) or _is_zip(path) for path in others):
        found["others"] = others
    return found


def _gathered(name, tree):
    found, strays = HandIn(name), []
    for path, source in sorted(tree.items(), key=lambda item: (item[0].count("/"), item[0])):
        if JUNK.search(path):
            continue
        try:
            with source.open() as file:
                if _is_notebook(path):
                    content = _at_most(file, LARGEST_NOTEBOOK)
                    found.notebooks.append(HandedFile(path, content, source.time))
                elif PurePosixPath(path).name == "group.toml" and found.toml is None:
                    found.toml = _at_most(file, 100_000)
                elif OTHER_ARCHIVES.search(path):
                    found.remarks.append(f"{printable(path)} is no zip and was not read; ask for a zip")
                elif is_companion(path):
                    _take_along(path, file, source.time, found)
                elif not EXPECTED.search(path):
                    strays.append(printable(path))
        except UNREADABLE as error:
            found.remarks.append(f"{printable(path)} was not read: {error}")
    if strays:
        more = f" and {len(strays) - 3} more" if len(strays) > 3 else ""
        found.remarks.append(f"other files, not looked at: {', '.join(strays[:3])}{more}")
    return found


def _take_along(path, file, time, found):
    """Keep a file that the notebooks may need, unless it is one too many."""
    if why := refusal(path):
        raise ValueError(why)
    room = MOST_BYTES_ALONG - sum(len(known.content) for known in found.files)
    if room <= 0 or len(found.files) == MOST_FILES_ALONG:
        raise ValueError(
            f"at most {MOST_FILES_ALONG} files of {MOST_BYTES_ALONG / 1e6:.0f} MB are taken along"
        )
    found.files.append(HandedFile(path, _at_most(file, min(LARGEST_ALONG, room)), time))


def _is_notebook(name):
    return name.lower().endswith(".ipynb")


def _is_zip(name):
    return name.lower().endswith(".zip")
