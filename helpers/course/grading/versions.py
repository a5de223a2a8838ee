"""The versions of a notebook that a group has handed in, and which of them counts."""

from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from helpers.course.fingerprint import digest_of
from helpers.course.grading.archives import HandedFile, printable
from helpers.course.member import Member
from helpers.files import replacing, write_zip

__all__ = ["Authors", "Version", "keep", "newest"]

SAME_TIME = 3  # seconds within which two files are of the same time; zips count in twos

Authors = dict[int, tuple[Path, NotebookNode]]  # exercise → file and content of the solved notebook


@dataclass
class Version:
    """A notebook as one hand-in holds it.

    Parameters
    ----------
    hand_in : str
    file : HandedFile
    notebook : NotebookNode or None
        None where the file cannot be read.
    files : list of HandedFile
        That lie beside it, by their path from there.
    exercise : int or None
        None where it is no notebook of the sheet.
    members : tuple of Member
        Whom it names.
    unclear : str
        Why it names nobody.
    kept : Path or None
        The copy that is marked.
    companions : Path or None
        A zip of the files.
    """

    hand_in: str
    file: HandedFile
    notebook: NotebookNode | None
    files: list[HandedFile]
    exercise: int | None
    members: tuple[Member, ...] = ()
    unclear: str = ""
    kept: Path | None = None
    companions: Path | None = None

    @property
    def label(self) -> str:
        """Hand-in and path, as text that can be printed."""
        return printable(f"{self.hand_in}: {self.file.path}")


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
