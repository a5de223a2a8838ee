"""What a hand-in holds: its notebooks parsed, and whom these and its group.toml name."""

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from nbformat import NotebookNode

from helpers.course.cells import name_of
from helpers.course.errors import CourseError
from helpers.course.grading.archives import HandedFile, HandIn, printable
from helpers.course.grading.versions import Authors, Version
from helpers.course.group import file_members, parse_group
from helpers.course.member import Member
from helpers.course.student_notebook import NotANotebook, notebook_of

__all__ = ["Contents", "contents_of"]


@dataclass(frozen=True)
class Contents:
    """A hand-in that has been read.

    Parameters
    ----------
    name : str
        Of the zip or folder.
    remarks : list of str
        What was not read, and why.
    versions : list of Version
        Its notebooks.
    leader : tuple of Member
        Whom its group.toml names.
    unclear : str
        Why that file is not understood, or "".
    """

    name: str
    remarks: list[str]
    versions: list[Version]
    leader: tuple[Member, ...] = ()
    unclear: str = ""


def contents_of(hand_in: HandIn, authors: Authors) -> Contents:
    """Read a hand-in.

    Parameters
    ----------
    hand_in : HandIn
    authors : dict of int to (Path, NotebookNode)
        The solved notebooks by exercise.

    Returns
    -------
    Contents
    """
    versions = []
    for file in hand_in.notebooks:
        versions.append(_version(file, hand_in, authors))
    leader, unclear = (), ""
    try:
        if hand_in.toml is not None:
            leader = file_members(hand_in.toml)
    except CourseError as error:
        unclear = _short(error)
    return Contents(hand_in.name, hand_in.remarks, versions, leader, unclear)


def _version(file: HandedFile, hand_in: HandIn, authors: Authors) -> Version:
    notebook = _readable(file.content)
    exercise = _exercise_of(file.name, notebook, authors)
    version = Version(hand_in.name, file, notebook, _beside(file, hand_in.files), exercise)
    if notebook is not None:
        _tag_group_cell(notebook, authors)
        try:
            version.members = parse_group(notebook, printable(file.name), None)
        except CourseError as error:
            version.unclear = _short(error)
    return version


def _readable(content: bytes) -> NotebookNode | None:
    """The notebook in a file, None where it cannot be read."""
    try:
        return notebook_of(content)
    except NotANotebook:
        return None


def _beside(notebook: HandedFile, files: list[HandedFile]) -> list[HandedFile]:
    """The files in the folder of a notebook and below, by their path from there."""
    folder = PurePosixPath(notebook.path).parent
    found = []
    for file in files:
        path = PurePosixPath(file.path)
        if path.is_relative_to(folder):
            found.append(HandedFile(path.relative_to(folder).as_posix(), file.content, file.time))
    return found


def _tag_group_cell(notebook: NotebookNode, authors: Authors) -> None:
    """Give the group cell its tag back, where it is still known by its name."""
    names = set()
    for _, author in authors.values():
        for cell in author.cells:
            if "group" in cell.metadata.get("tags", ()):
                names.add(name_of(cell))
    for cell in notebook.cells:
        if name_of(cell) in names:
            cell.metadata["tags"] = ["group"]


def _exercise_of(name: str, notebook: NotebookNode | None, authors: Authors) -> int | None:
    """The exercise that a notebook is of: by its name, what it says, or most of its cells."""
    name = _comparable(name)
    for exercise, (path, _) in authors.items():
        if _comparable(path.stem) in name:
            return exercise
    if notebook is None:
        return next(iter(authors)) if len(authors) == 1 else None
    course = notebook.metadata["course"]
    if course.get("sheet"):
        _, author = authors.get(course.get("exercise"), (None, None))
        same = author is not None and author.metadata["course"]["sheet"] == course["sheet"]
        return course["exercise"] if same else None
    here = set(map(name_of, notebook.cells))
    shares = {}
    for exercise, (_, author) in authors.items():
        there = set(map(name_of, author.cells))
        shares[exercise] = len(here & there) / len(there)
    best = max(shares, key=shares.get)
    return best if shares[best] > 0.5 else None


def _comparable(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _short(error: CourseError) -> str:
    return str(error).split("; fill in")[0]
