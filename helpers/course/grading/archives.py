"""Hand-ins as they come from a course server, each with its notebooks and the files beside them."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from helpers.course import companions
from helpers.course.grading import trees
from helpers.course.grading.trees import JUNK, UNREADABLE, Source, at_most, is_notebook, is_zip
from helpers.course.member import plain_signs

__all__ = ["HandIn", "HandedFile", "hand_ins", "printable"]

EXPECTED = re.compile(r"\.pdf$|(^|/)checklist\.txt$", re.IGNORECASE)
# How course servers name what they pack (both with and without a folder for each participant):
# Moodle: "Ada Lovelace_1234567_assignsubmission_file_" + name of the file, "…_onlinetext_" beside it
MOODLE = re.compile(r"^(?P<who>[^/]+_\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)$", re.DOTALL)
# Canvas: "lovelaceada_12345_678901_" or "lovelaceada_LATE_12345_678901_" + name of the file; the first
# number is the person's, the second one the file's
CANVAS = re.compile(r"^(?P<who>[^/]+?)(?:_LATE)?_(?P<id>\d{4,})_\d{4,}_(?P<rest>.+)$", re.DOTALL)
OTHER_ARCHIVES = re.compile(r"\.(rar|7z|zipx|tar|t?gz|t?bz2?|t?xz|zst|ace|arj|lzh|cab|dmg)$", re.IGNORECASE)
NO_ZIP = "is no zip and was not read: unpack it into a folder among the hand-ins, or ask for a zip"


@dataclass(frozen=True)
class HandedFile:
    """A file in a hand-in.

    Parameters
    ----------
    path : str
        From the top of the hand-in.
    content : bytes
    time : float
        In s.
    """

    path: str
    content: bytes
    time: float

    @property
    def name(self) -> str:
        """The name without its folders."""
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
            yield from _split(printable(path.resolve().name), trees.folder_tree(path), report)
            continue
        for entry in sorted(path.iterdir(), key=lambda p: p.name) if path.is_dir() else [path]:
            yield from _of_entry(entry, report)


def printable(name: object) -> str:
    """A file name as text that prints on one line, whatever its bytes are."""
    text = str(name).encode(errors="replace").decode()
    return "".join(c if c.isprintable() else "?" for c in text)[:200]


def _of_entry(entry: Path, report: Callable[[str], None]) -> Iterator[HandIn]:
    name = printable(entry.name)
    if JUNK.search(entry.name):
        return
    if entry.is_symlink():
        yield HandIn(name, remarks=["is a link, which is not followed"])
    elif entry.is_dir():
        yield from _split(name, trees.folder_tree(entry), report)
    elif entry.is_file() and is_zip(name):
        yield from _split(name, trees.zip_tree(entry), report)
    elif entry.is_file() and is_notebook(name):
        yield _gathered(name, trees.file_tree(entry))
    elif OTHER_ARCHIVES.search(name):
        yield HandIn(name, remarks=[NO_ZIP])
    else:
        report(f"{name}: not looked at")


def _split(name: str, tree: dict[str, Source], report: Callable[[str], None]) -> Iterator[HandIn]:
    """The hand-ins in a tree of files: the tree itself, or each participant, folder and zip in it."""
    participants = _by_participant(tree)
    if participants:
        for who, below in participants.items():
            yield from _split(f"{name}/{printable(who)}", below, report)
        return
    kept = [path for path in tree if not JUNK.search(path)]
    top = [path for path in kept if "/" not in path]
    heads = sorted({path.split("/", 1)[0] for path in kept} - {*top})
    direct = "group.toml" in top or any(map(is_notebook, top))
    if direct or not heads or not any(map(is_notebook, tree)):
        rest = dict(tree)
        for head in heads:  # that are hand-ins of their own, whatever lies beside them
            below = _below(tree, head)
            alone = is_zip(head) and "group.toml" not in tree and any(map(is_notebook, below))
            if "group.toml" in below or alone:
                yield from _split(f"{name}/{printable(head)}", below, report)
                for path in below:
                    del rest[f"{head}/{path}"]
        if rest or not tree:
            yield _gathered(name, rest)
        return
    for path in top:
        if OTHER_ARCHIVES.search(path):
            yield HandIn(f"{name}/{printable(path)}", remarks=[NO_ZIP])
        else:
            report(f"{name}/{printable(path)}: not looked at")
    for head in heads:
        yield from _split(f"{name}/{printable(head)}", _below(tree, head), report)


def _below(tree: dict[str, Source], head: str) -> dict[str, Source]:
    """The part of a tree in one folder or zip of it."""
    start = f"{head}/"
    return {path.removeprefix(start): source for path, source in tree.items() if path.startswith(start)}


def _by_participant(tree: dict[str, Source]) -> dict[str, dict[str, Source]]:
    """Files by the participant that Moodle or Canvas wrote before their names.

    Files without one beside them stay together as participant "".
    """
    kept = [path for path in tree if not JUNK.search(path)]
    notebooks = [path for path in kept if is_notebook(path) or is_zip(path.split("/", 1)[0])]
    # a data file may have a name like those of Canvas, a notebook of the course has not
    by_canvas = bool(notebooks) and all(map(CANVAS.match, notebooks))
    found = {}
    for path in kept:
        who, rest = "", path
        if match := MOODLE.match(path):
            who, rest = plain_signs(match["who"]), match["rest"].lstrip("/")
        elif by_canvas and (match := CANVAS.match(path)):
            who, rest = f"{plain_signs(match['who'])}_{match['id']}", match["rest"]
        files = found.setdefault(who, {})
        files[path if rest in files else rest] = tree[path]
    if set(found) == {""}:
        return {}
    others = found.pop("", {})
    if any(is_notebook(path) or is_zip(path) or OTHER_ARCHIVES.search(path) for path in others):
        found["others"] = others
    return found


def _gathered(name: str, tree: dict[str, Source]) -> HandIn:
    found, strays = HandIn(name), []
    for path in sorted(tree, key=_order):
        source = tree[path]
        if JUNK.search(path):
            continue
        try:
            with source.open() as file:
                if is_notebook(path):
                    content = at_most(file, trees.LARGEST_NOTEBOOK)
                    found.notebooks.append(HandedFile(path, content, source.time))
                elif PurePosixPath(path).name == "group.toml" and found.toml is None:
                    found.toml = at_most(file, 100_000)
                elif OTHER_ARCHIVES.search(path):
                    found.remarks.append(f"{printable(path)} {NO_ZIP}")
                elif companions.is_companion(path):
                    _take_along(path, file, source.time, found)
                elif not EXPECTED.search(path):
                    strays.append(printable(path))
        except UNREADABLE as error:
            found.remarks.append(f"{printable(path)} was not read: {error}")
    if strays:
        more = f" and {len(strays) - 3} more" if len(strays) > 3 else ""
        found.remarks.append(f"other files, not looked at: {', '.join(strays[:3])}{more}")
    return found


def _order(path: str) -> tuple[int, bool, str]:
    """What lies higher first, then modules, so that pictures do not take their places."""
    return path.count("/"), not path.endswith(".py"), path


def _take_along(path: str, file: BinaryIO, time: float, found: HandIn) -> None:
    """Keep a file that the notebooks may need, unless it is one too many."""
    if why := companions.refusal(path):
        raise ValueError(why)
    room = companions.MOST_BYTES - sum(len(known.content) for known in found.files)
    if room <= 0 or len(found.files) == companions.MOST_FILES:
        raise ValueError(
            f"at most {companions.MOST_FILES} files of {companions.MOST_BYTES / 1e6:.0f} MB are taken along"
        )
    found.files.append(HandedFile(path, at_most(file, min(companions.LARGEST, room)), time))
