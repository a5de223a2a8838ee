"""From hand-ins to groups: who they are, which notebook of the sheet is which, which of two counts."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from helpers.course.cells import name_of
from helpers.course.grading.archives import HandIn, hand_ins, printable
from helpers.course.grading.people import may_be_one, may_be_one_group, merged
from helpers.course.grading.versions import Authors, Version, beside, exercise_of, keep, newest, readable
from helpers.course.group import Member, file_stem, parse_group

__all__ = ["Submission", "take_in"]

ADVICE = "put a group.toml into its folder, or beside the zip in a folder of their own"


@dataclass
class Submission:
    """What a group has handed in.

    Parameters
    ----------
    members : tuple of Member
        Empty where nobody is named.
    slug : str
        By which the group goes in files and tables.
    hand_ins : list of str
        Names of the zips and folders.
    remarks : list of str
        For the tutor.
    versions : dict of int to list of Version
        All notebooks by exercise.
    notebooks : dict of int to Version
        The version of each exercise that is marked.
    earlier : list of str
        Names of the zips and folders of an earlier run.
    """

    members: tuple[Member, ...]
    slug: str = ""
    hand_ins: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    versions: dict[int, list[Version]] = field(default_factory=dict)
    notebooks: dict[int, Version] = field(default_factory=dict)
    earlier: list[str] = field(default_factory=list)


@dataclass
class _Part:
    """What one hand-in holds of one group."""

    hand_in: str
    members: tuple[Member, ...]
    remarks: list[str]
    versions: list[Version]


def take_in(
    paths: Iterable[str | Path],
    authors: Authors,
    folder: Path,
    known: Iterable[Submission],
    report: Callable[[str], None] = print,
) -> list[Submission]:
    """Read all hand-ins, keep their notebooks in `folder`, and find the groups.

    Of several different versions of a notebook by one group the newest counts; where their times do not
    tell which that is, none does, and the remark asks the tutor to put the wrong one away.

    Parameters
    ----------
    paths : iterable of path
        As for `archives.hand_ins`.
    authors : dict
        Exercise → (path, notebook) of the solved ones.
    folder : Path
    known : iterable of Submission
        Groups of earlier runs, whose slugs stay.
    report : callable
        Gets lines about stray files.

    Returns
    -------
    list of Submission
        By slug.
    """
    parts = []
    for hand_in in hand_ins(paths, report):
        parts += _parts(hand_in, authors)
    parts.sort(key=_details, reverse=True)  # the others join those who say most about themselves

    groups = list(known)
    for part in parts:
        group = _group_of(part, groups)
        group.hand_ins.append(part.hand_in)
        group.remarks += part.remarks
        for version in part.versions:
            exercise = exercise_of(version, authors)
            if exercise is None:
                group.remarks.append(f"{printable(version.file.path)} is no notebook of this sheet")
                continue
            keep(version, folder)
            group.versions.setdefault(exercise, []).append(version)
    _name(groups)

    here = [group for group in groups if group.hand_ins]
    for group in here:
        for exercise, versions in group.versions.items():
            chosen, remark = newest(versions, authors[exercise][0].name)
            if chosen:
                group.notebooks[exercise] = chosen
            if remark:
                group.remarks.append(remark)
    _find_people_in_two_groups(here)
    return sorted(here, key=lambda g: g.slug)


# who has handed in


def _parts(hand_in: HandIn, authors: Authors) -> list[_Part]:
    """A hand-in as it is, or, where its notebooks name several groups, a part for each of them."""
    versions = []
    for file in hand_in.notebooks:
        notebook = readable(file.content)
        _tag_group_cell(notebook, authors)
        versions.append(Version(hand_in.name, file, notebook, beside(file, hand_in.files)))
    if hand_in.toml is not None:
        members, problem = _told_with_file(versions, hand_in.toml)
        return [_part(hand_in, members, problem, versions)]

    groups: list[_Part] = []
    nameless, problem = [], _nothing_to_read(versions)
    for version in versions:
        members, why = _told_by(version)
        problem = why or problem
        if not members:
            nameless.append(version)
            continue
        same = [g for g in groups if may_be_one_group(g.members, members)]
        if same:
            same[0].members = merged(same[0].members, members)
            same[0].versions.append(version)
        else:
            groups.append(_part(hand_in, members, "", [version]))
    if len(groups) == 1:
        groups[0].versions = versions
        return groups
    for group in groups:
        group.remarks.append(f"{hand_in.name} holds notebooks of {len(groups)} groups, told by their names")
    if nameless or not groups:
        groups.append(_part(hand_in, (), problem, nameless))
    return groups


def _part(hand_in: HandIn, members: tuple[Member, ...], problem: str, versions: list[Version]) -> _Part:
    remarks = list(hand_in.remarks)
    if not members:
        remarks.append(f"who is this? {problem}; {ADVICE}")
    return _Part(hand_in.name, members, remarks, versions)


def _nothing_to_read(versions: list[Version]) -> str:
    if not versions:
        return "no notebook was handed in"
    return "no notebook can be read"


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
    except ValueError as error:
        return (), _short(error)


def _told_with_file(versions: list[Version], toml: bytes) -> tuple[tuple[Member, ...], str]:
    """Members that group.toml names, and what is wrong where it names none or others than the notebooks."""
    problem = ""
    readable = [version for version in versions if version.notebook is not None]
    for version in readable:
        try:
            return parse_group(version.notebook, printable(version.file.name), toml), ""
        except ValueError as error:
            problem = _short(error)
    if not readable:
        try:
            return parse_group(None, "no notebook", toml), ""
        except ValueError as error:
            problem = _short(error)
    return (), problem


def _short(error: ValueError) -> str:
    return str(error).split("; fill in")[0]


def _details(part: _Part) -> int:
    """How much the members of a hand-in say about themselves."""
    return sum(2 * bool(member.matriculation) + bool(member.tutorial) for member in part.members)


def _group_of(part: _Part, groups: list[Submission]) -> Submission:
    """The group that a part is of, made and added where there is none yet."""
    if part.members:
        found = [g for g in groups if g.members and may_be_one_group(g.members, part.members)]
    else:  # nobody is named: the same zip as in an earlier run
        found = [g for g in groups if not g.members and part.hand_in in g.earlier]
    exact = [g for g in found if set(g.members) == set(part.members)]
    if len(exact) == 1:
        found = exact
    if len(found) == 1:
        group = found[0]
        group.members = merged(group.members, part.members)
        return group
    group = Submission(part.members)
    if found:
        names = ", ".join(sorted({name for g in found for name in g.hand_ins}))
        group.remarks.append(f"whose is it? groups of these names handed in {names}; {ADVICE}")
    groups.append(group)
    return group


def _name(groups: list[Submission]) -> None:
    taken = {group.slug.casefold() for group in groups}
    for group in sorted(groups, key=lambda g: [m.name for m in g.members]):
        if group.slug:
            continue
        if group.members:
            slug = file_stem(0, group.members).split("_", 1)[1]
        else:
            slug = "unknown_" + re.sub(r"[^A-Za-z0-9]+", "-", group.hand_ins[0]).strip("-")[-40:]
        group.slug, number = slug, 2
        while group.slug.casefold() in taken:
            group.slug, number = f"{slug}_{number}", number + 1
        taken.add(group.slug.casefold())


def _find_people_in_two_groups(groups: list[Submission]) -> None:
    for group in groups:
        for member in group.members:
            for other in groups:
                if other is not group:
                    group.remarks += _also(member, other)


def _also(member: Member, other: Submission) -> list[str]:
    """A remark where somebody of this name is in another group."""
    for namesake in other.members:
        if namesake.name.casefold() != member.name.casefold():
            continue
        if member.matriculation and namesake.matriculation and not may_be_one(member, namesake):
            return [f"another {member.name}, of another matriculation number, is in {other.slug}"]
        return [f"{member.name} is also in {other.slug}"]
    return []
