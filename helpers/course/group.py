"""Who hands in: names, tutorials and matriculation numbers, read without running anything."""

import ast
import re
import tomllib
import unicodedata
from pathlib import Path

from nbformat import NotebookNode

from helpers.course.errors import CourseError
from helpers.course.member import Member, listed, plain_signs

__all__ = ["cell_entries", "file_members", "parse_group", "read_group"]

EXAMPLE = '[[members]]\nname = "Ada Lovelace"\ntutorial = 3'
LONGEST = 80  # characters of a name
MOST = 8  # members of a group


def read_group(notebook: NotebookNode, path: str | Path, size: int | None = 3) -> tuple[Member, ...]:
    """Members of the group, from the notebook's cell tagged `group` or the group.toml beside it.

    Parameters
    ----------
    notebook : NotebookNode
        Its group cell is parsed, never executed. A cell with no name in it counts as not filled in.
    path : path
        Of its file, for messages and for group.toml.
    size : int or None
        Of a group. None: any will do and tutorials may be missing, as for marking.

    Returns
    -------
    tuple of Member

    Raises
    ------
    CourseError
        It says where something is missing, or that cell and file disagree.
    """
    path = Path(path)
    beside = path.parent / "group.toml"
    if beside.is_symlink():
        raise CourseError(f"{beside} is a link, expected a file")
    toml = None
    if beside.exists():
        toml = beside.read_bytes()
    return parse_group(notebook, path.name, toml, str(beside), size)


def parse_group(
    notebook: NotebookNode | None,
    name: str,
    toml: bytes | None,
    toml_name: str = "group.toml",
    size: int | None = None,
) -> tuple[Member, ...]:
    """Members of the group, from a notebook and the content of a group.toml, either of which may be None.

    Parameters
    ----------
    notebook : NotebookNode or None
    name : str
        Of the notebook, for messages.
    toml : bytes or None
    toml_name : str
        For messages.
    size : int or None
        As for `read_group`.

    Returns
    -------
    tuple of Member

    Raises
    ------
    CourseError
        As `read_group`.
    """
    in_cell, in_file = [], []
    if notebook is not None:
        in_cell = cell_entries(notebook, name)
    if toml is not None:
        in_file = _toml_entries(toml, toml_name)
    if not in_cell and not in_file:
        raise CourseError(
            f"{name}: no name in the group cell, and no names in {toml_name}; "
            f"fill in the cell, or write that file, for each member:\n{EXAMPLE}"
        )
    if not in_file:
        return _members(in_cell, name, size)
    members = _members(in_file, toml_name, size)
    if in_cell:
        told = _members(in_cell, name, size)
        if not _agree(told, members, size):
            raise CourseError(
                f"{name} names {listed(told)}, but {toml_name} names {listed(members)}; correct one of them"
            )
    return members


def file_members(toml: bytes) -> tuple[Member, ...]:
    """Members that the content of a group.toml names, for marking.

    Parameters
    ----------
    toml : bytes

    Returns
    -------
    tuple of Member
        () where it names none.

    Raises
    ------
    CourseError
        For a file that is not understood.
    """
    entries = _toml_entries(toml, "group.toml")
    return _members(entries, "group.toml", None) if entries else ()


def cell_entries(notebook: NotebookNode, name: str) -> list[dict]:
    """What the group cell lists, one dictionary for each member with a name, not yet checked.

    Where the cell lost its tag, or was deleted and typed anew, any cell that sets GROUP serves.

    Parameters
    ----------
    notebook : NotebookNode
    name : str
        Of its file, for messages.

    Returns
    -------
    list of dict

    Raises
    ------
    CourseError
        For a cell that is not understood.
    """
    tagged, untagged = [], []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if "group" in (cell.metadata.get("tags") or ()):
            tagged.append(cell)
        elif re.search(r"^GROUP\s*=", cell.source, re.MULTILINE):
            untagged.append(cell)
    if len(tagged) > 1:
        raise CourseError(f"{name}: {len(tagged)} cells are tagged `group`, expected one")
    entries = []
    if tagged:
        entries = _entries_of(tagged[0].source, name)
    if not entries and untagged:
        entries = _entries_of(untagged[0].source, name)
    return entries


def _entries_of(source: str, name: str) -> list[dict]:
    values = []
    try:
        for node in ast.parse(source).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "GROUP":
                values.append(ast.literal_eval(node.value))
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise CourseError(
            f'{name}: the group cell is not understood ({error}); expected GROUP = [{{"name": '
            f'"Ada Lovelace", "tutorial": 3}}, ...] with the values written out'
        ) from error
    if len(values) != 1:
        raise CourseError(f"{name}: the group cell sets GROUP {len(values)} times, expected once")
    return _filled(values[0], name)


def _agree(one: tuple[Member, ...], other: tuple[Member, ...], size: int | None) -> bool:
    """Whether both are the same people; for marking, one may know less of them than the other."""
    if size:
        return set(one) == set(other)
    return _names(one) == _names(other)


def _names(members):
    return sorted(member.name.casefold() for member in members)


def _toml_entries(content: bytes, where: str) -> list[dict]:
    try:
        content = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CourseError(
            f"{where} is not understood ({error}); expected, for each member:\n{EXAMPLE}"
        ) from error
    return _filled(content.get("members", []), where)


def _filled(entries, where):
    if not isinstance(entries, list):
        raise CourseError(f"{where}: the group is {type(entries).__name__}, expected a list of members")
    filled = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise CourseError(f"{where}: a member is {type(entry).__name__}, expected its name and tutorial")
        if entry.get("name") not in ("", None):
            filled.append(entry)
    return filled


def _members(entries, where, size):
    members = tuple([_member(entry, where, size) for entry in entries])
    if len(members) > MOST:
        raise CourseError(f"{where}: {len(members)} names, expected at most {MOST}")
    if size and len(members) != size:
        raise CourseError(
            f"{where}: {len(members)} name{'s' * (len(members) != 1)} ({listed(members)}), expected {size}; "
            f"where your tutor agreed to another number, add --group-size {len(members)}"
        )
    if len({(m.name.casefold(), m.matriculation) for m in members}) < len(members):
        raise CourseError(f"{where}: the same name twice ({listed(members)})")
    return members


def _member(entry, where, size):
    name = _text(entry.get("name"), "name", where)
    tutorial = _text(entry.get("tutorial"), "tutorial", where)
    matriculation = _text(entry.get("matriculation"), "matriculation", where)
    if not name:
        raise CourseError(f"{where}: a name is blank")
    if size and tutorial in ("", "0"):
        raise CourseError(f"{where}: the tutorial number of {name} is missing")
    return Member(name, tutorial, matriculation)


def _text(value, key, where):
    if value is None:
        return ""
    kinds = str if key == "name" else (str, int)
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise CourseError(f"{where}: {key} is {value!r}, expected a text or a whole number")
    text = " ".join(unicodedata.normalize("NFC", str(value)).split())
    if key == "name":
        text = plain_signs(text)
    if not text.isprintable() or len(text) > LONGEST:
        raise CourseError(
            f"{where}: {key} {text[:LONGEST]!r} is too long or has characters that do not print"
        )
    return text
