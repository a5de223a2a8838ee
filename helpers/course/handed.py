"""What is handed in: notebooks of one sheet by one group, read and checked before anything runs."""

import unicodedata
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers.course.checklist import findings
from helpers.course.companions import companions_of, refusal
from helpers.course.errors import CourseError
from helpers.course.group import read_group
from helpers.course.member import Member

__all__ = ["Handed", "agreed", "beside_of", "left_out", "printable_name", "read_all"]

MALFORMED = ValueError, AttributeError, KeyError, TypeError, RecursionError, nbformat.ValidationError


@dataclass(frozen=True)
class Handed:
    """One notebook that is handed in."""

    path: Path
    notebook: NotebookNode

    @property
    def title(self) -> str:
        """What the metadata call the notebook, else the name of its file."""
        return str(self.notebook.metadata.get("title") or self.path.stem)

    @property
    def code(self) -> list[NotebookNode]:
        """The code cells."""
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]


def read_all(notebooks: Iterable[str | Path], as_is: bool) -> list[Handed]:
    """The notebooks that are handed in.

    Parameters
    ----------
    notebooks : iterable of path
    as_is : bool
        Whether they are taken as they were saved.

    Returns
    -------
    list of Handed

    Raises
    ------
    CourseError
        For two of one name, and for one that cannot be handed in.
    """
    paths, names = [], []
    for notebook in notebooks:
        path = Path(notebook)
        _check_name(path)
        paths.append(path)
        names.append(path.name)
    if not names or len(set(names)) < len(names):
        raise CourseError(f"expected different notebooks, got {', '.join(names) or 'none'}")
    return [Handed(path, _read(path, as_is)) for path in paths]


def _check_name(path: Path) -> None:
    if path.is_symlink() or not path.is_file():
        raise CourseError(f"{path} is a link or no file, expected a notebook")
    odd = any(unicodedata.category(c) in ("Cc", "Cs") for c in path.name) or "\\" in path.name
    if path.suffix != ".ipynb" or path.name.startswith(".") or odd:
        raise CourseError(
            f"{printable_name(path)!r} is no name of a notebook: expected one that ends in .ipynb, "
            f"without control characters; scans and photos come after --theory"
        )


def _read(path: Path, as_is: bool) -> NotebookNode:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cells without ids come from other editors and get one here
            notebook = nbformat.reads(path.read_text(encoding="utf-8-sig"), as_version=4)
        code, executed = 0, False
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.source.strip():
                code += 1
                executed = executed or bool(cell.execution_count or cell.outputs)
        findings(notebook, as_is)
    except MALFORMED as error:
        raise CourseError(f"{path} is no notebook: {error}; open it in JupyterLab and save it") from error
    if not code:
        raise CourseError(f"{path} is empty: no cell holds code")
    if as_is and not executed:
        raise CourseError(f"{path} was never executed: run it and save it, or leave out --as-is")
    return notebook


def agreed(handed: list[Handed], group_size: int) -> tuple[int, tuple[Member, ...]]:
    """The sheet and the group that all notebooks name.

    Parameters
    ----------
    handed : list of Handed
    group_size : int

    Returns
    -------
    int
        Number of the sheet.
    tuple of Member

    Raises
    ------
    CourseError
        Where one names another sheet or group, or none.
    """
    first = handed[0]
    sheet = _sheet(first)
    for one in handed:
        if _sheet(one) != sheet:
            raise CourseError(
                f"{one.path.name} is of sheet {_sheet(one)}, {first.path.name} of sheet {sheet}: "
                f"hand in sheet by sheet"
            )
    members = read_group(first.notebook, first.path, group_size)
    for one in handed:
        if set(read_group(one.notebook, one.path, group_size)) != set(members):
            raise CourseError(
                f"{one.path.name} and {first.path.name} name different groups; correct one of them"
            )
    return sheet, members


def left_out(handed: list[Handed]) -> list[str]:
    """Notebooks of the same sheet that lie beside those that are handed in.

    Parameters
    ----------
    handed : list of Handed

    Returns
    -------
    list of str
        Names of their files.
    """
    names = [one.path.name for one in handed]
    others = []
    for path in sorted(handed[0].path.parent.glob("*.ipynb")):
        try:
            if path.name not in names and _sheet(Handed(path, _read(path, as_is=False))) == _sheet(handed[0]):
                others.append(path.name)
        except CourseError:  # no notebook of the course
            continue
    return others


def _sheet(handed: Handed) -> int:
    course = handed.notebook.metadata.get("course")
    sheet = course.get("sheet") if isinstance(course, dict) else None
    if isinstance(sheet, bool) or not isinstance(sheet, int) or not 0 < sheet < 100:
        raise CourseError(
            f"{handed.path.name}: metadata course.sheet is {sheet!r}, expected a number; "
            f"begin with the notebook of the course"
        )
    return sheet


def beside_of(handed: list[Handed]) -> dict[str, Path]:
    """Own modules and small data that the notebooks use.

    Parameters
    ----------
    handed : list of Handed

    Returns
    -------
    dict of str to Path
        By the path from the folder of their notebook.

    Raises
    ------
    CourseError
        For a module that would hide a package, and for two files of one name.
    """
    found: dict[str, Path] = {}
    for one in handed:
        for name, path in companions_of(one.notebook, one.path.parent).items():
            if why := refusal(name):
                raise CourseError(f"{name} cannot be handed in: {why}; rename it")
            if found.setdefault(name, path).resolve() != path.resolve():
                raise CourseError(f"two notebooks use different files of the name {name}; rename one of them")
    return found


def printable_name(path: Path) -> str:
    """The name of a file as text that can be printed, whatever its bytes are."""
    return path.name.encode(errors="replace").decode()
