"""The versions of a notebook that a group has handed in: which exercise they are of, and which counts."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nbformat import NotebookNode

from helpers.course.cells import name_of
from helpers.course.fingerprint import digest_of
from helpers.course.grading.archives import HandedFile, printable
from helpers.course.student_notebook import NotANotebook, notebook_of
from helpers.files import replacing, write_zip

__all__ = ["Authors", "Version", "beside", "exercise_of", "keep", "newest", "readable"]

SAME_TIME = 3  # seconds within which two files are of the same time; zips count in twos

Authors = dict[int, tuple[Path, NotebookNode]]  # exercise → file and content of the solved notebook


@dataclass
class Version:
    """A notebook as one hand-in holds it; without `notebook` where it cannot be read."""

    hand_in: str
    file: HandedFile
    notebook: NotebookNode | None
    files: list[HandedFile]  # that lie beside it, by their path from there
    kept: Path | None = None  # the copy that is marked
    companions: Path | None = None  # a zip of the files

    @property
    def label(self) -> str:
        """Hand-in and path, as text that can be printed."""
        return printable(f"{self.hand_in}: {self.file.path}")


def readable(content: bytes) -> NotebookNode | None:
    """The notebook in a file, None where it cannot be read."""
    try:
        return notebook_of(content)
    except NotANotebook:
        return None


def beside(notebook: HandedFile, files: list[HandedFile]) -> list[HandedFile]:
    """The files in the folder of a notebook and below.

    Parameters
    ----------
    notebook : HandedFile
    files : list of HandedFile
        Of the hand-in.

    Returns
    -------
    list of HandedFile
        By their path from the folder of the notebook.
    """
    folder = PurePosixPath(notebook.path).parent
    found = []
    for file in files:
        path = PurePosixPath(file.path)
        if path.is_relative_to(folder):
            found.append(HandedFile(path.relative_to(folder).as_posix(), file.content, file.time))
    return found


def keep(version: Version, folder: Path) -> None:
    """Write the copies that are marked: the notebook, and a zip of the files beside it.

    Parameters
    ----------
    version : Version
        Takes the paths of both.
    folder : Path
    """
    name = digest_of(version.file.content)[:20]
    version.kept = folder / f"{name}.ipynb"
    with replacing(version.kept) as file:
        file.write(version.file.content)
    if version.files:
        parts = {file.path: file.content for file in version.files}
        version.companions = folder / f"{digest_of(*parts, *parts.values())[:20]}.zip"
        with replacing(version.companions) as file:
            write_zip(file, parts)


def exercise_of(version: Version, authors: Authors) -> int | None:
    """The exercise that a notebook is of: by its name, what it says, or most of its cells.

    Parameters
    ----------
    version : Version
    authors : dict of int to (Path, NotebookNode)
        The solved notebooks by exercise.

    Returns
    -------
    int or None
    """
    name, notebook = _comparable(version.file.name), version.notebook
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


def newest(versions: list[Version], name: str) -> tuple[Version | None, str]:
    """The version of a notebook that counts.

    Parameters
    ----------
    versions : list of Version
        Kept ones, of one group and exercise.
    name : str
        What the notebook of the course is called.

    Returns
    -------
    Version or None
        None where two are of the same time.
    str
        A remark when there are several, or "".
    """

    def by_time(version):
        return version.file.time, version.file.name == name

    different = {}  # of equal ones the latest
    for version in sorted(versions, key=by_time):
        different[version.kept, version.companions] = version
    *others, last = sorted(different.values(), key=by_time)
    if not others:
        same = f"{name} was handed in {len(versions)} times, all the same"
        return last, same if len(versions) > 1 else ""
    rivals = []
    for other in others:
        copied = last.file.name == name != other.file.name and other.hand_in == last.hand_in
        if last.file.time - other.file.time < SAME_TIME and not copied:
            rivals.append(other)
    if rivals:
        whose = _labels([*rivals, last])
        return None, f"{name} was handed in several times at the same time ({whose}): put the wrong one away"
    return last, f"{name} was handed in several times: marked is {last.label}, not {_labels(others)}"


def _labels(versions: list[Version]) -> str:
    return ", ".join(sorted({version.label for version in versions}))
