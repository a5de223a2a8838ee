"""Whose is a hand-in? It as a whole, or, where its notebooks name several groups, a part for each of them."""

from dataclasses import dataclass

from nbformat import NotebookNode

from helpers.course.cells import name_of
from helpers.course.errors import CourseError
from helpers.course.grading.archives import HandIn, printable
from helpers.course.grading.people import may_be_one_group, merged, same_names
from helpers.course.grading.versions import Authors, Version, beside, exercise_of, readable
from helpers.course.group import file_members, parse_group
from helpers.course.member import Member

__all__ = ["ADVICE", "Part", "parts_of"]

ADVICE = "put a group.toml into its folder, or beside the zip in a folder of their own"


@dataclass
class Part:
    """What one hand-in holds of one group; without members where nobody is named."""

    hand_in: str
    members: tuple[Member, ...]
    remarks: list[str]
    versions: list[Version]


def parts_of(hand_in: HandIn, authors: Authors) -> list[Part]:
    """The parts of a hand-in, one for each group that it names, and one for what names nobody.

    Parameters
    ----------
    hand_in : HandIn
    authors : dict of int to (Path, NotebookNode)
        The solved notebooks by exercise.

    Returns
    -------
    list of Part
    """
    versions = []
    for file in hand_in.notebooks:
        notebook = readable(file.content)
        _tag_group_cell(notebook, authors)
        versions.append(Version(hand_in.name, file, notebook, beside(file, hand_in.files)))
    named, nameless, problem = _by_names(hand_in, versions)
    try:
        leader = file_members(hand_in.toml) if hand_in.toml is not None else ()
    except CourseError as error:
        return [_part(hand_in, (), _short(error), versions)]

    if leader:
        mine = [part for part in named if same_names(part.members, leader)]
        if len(named) == 1 and not mine:
            return [_part(hand_in, (), _disagreement(named[0].versions[0], hand_in), versions)]
        first = _part(hand_in, leader, "", nameless)
        for part in mine:
            first.versions += part.versions
            named.remove(part)
        named.insert(0, first)
        nameless = []
    elif len(named) == 1:
        nameless = _take_along(named[0], nameless, authors)

    if len(named) > 1:
        for part in named:
            part.remarks.append(f"{hand_in.name} holds notebooks of {len(named)} groups, told by their names")
    if nameless or not named:
        named.append(_part(hand_in, (), problem, nameless))
    return named


def _by_names(hand_in: HandIn, versions: list[Version]) -> tuple[list[Part], list[Version], str]:
    """Versions by the group that they name, those that name none, and why they do not."""
    parts: list[Part] = []
    nameless, problem = [], "no notebook can be read" if versions else "no notebook was handed in"
    for version in versions:
        members, why = _told_by(version)
        problem = why or problem
        if not members:
            nameless.append(version)
            continue
        same = [part for part in parts if may_be_one_group(part.members, members)]
        if same:
            same[0].members = merged(same[0].members, members)
            same[0].versions.append(version)
        else:
            parts.append(_part(hand_in, members, "", [version]))
    return parts, nameless, problem


def _take_along(part: Part, nameless: list[Version], authors: Authors) -> list[Version]:
    """Give a group the notebooks without names of exercises that it lacks. Returns: the others."""
    covered = {exercise_of(version, authors) for version in part.versions}
    others = []
    for version in nameless:
        if exercise_of(version, authors) in covered:
            others.append(version)
        else:
            part.versions.append(version)
    return others


def _part(hand_in: HandIn, members: tuple[Member, ...], problem: str, versions: list[Version]) -> Part:
    remarks = list(hand_in.remarks)
    if not members:
        remarks.append(f"who is this? {problem}; {ADVICE}")
    return Part(hand_in.name, members, remarks, versions)


def _tag_group_cell(notebook: NotebookNode | None, authors: Authors) -> None:
    """Give the group cell its tag back, where it is still known by its name."""
    names = set()
    for _, author in authors.values():
        for cell in author.cells:
            if "group" in cell.metadata.get("tags", ()):
                names.add(name_of(cell))
    if notebook is not None:
        for cell in notebook.cells:
            if name_of(cell) in names:
                cell.metadata["tags"] = ["group"]


def _told_by(version: Version) -> tuple[tuple[Member, ...], str]:
    """Members that a notebook names, and what is wrong where it names none."""
    if version.notebook is None:
        return (), ""
    try:
        return parse_group(version.notebook, printable(version.file.name), None), ""
    except CourseError as error:
        return (), _short(error)


def _disagreement(version: Version, hand_in: HandIn) -> str:
    try:
        parse_group(version.notebook, printable(version.file.name), hand_in.toml)
    except CourseError as error:
        return _short(error)
    return "notebook and group.toml name different people"


def _short(error: CourseError) -> str:
    return str(error).split("; fill in")[0]
