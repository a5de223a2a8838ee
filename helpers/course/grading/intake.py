"""From hand-ins to groups: who they are, which notebook of the sheet is which, which of two counts."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from helpers.course.grading.archives import hand_ins, printable
from helpers.course.grading.contents import contents_of
from helpers.course.grading.parts import ADVICE, Part, parts_of
from helpers.course.grading.people import (
    conflicting_numbers,
    may_be_one,
    may_be_one_group,
    merged,
    same_names,
)
from helpers.course.grading.versions import Authors, Version, keep, newest
from helpers.course.member import Member, file_stem

__all__ = ["Submission", "take_in"]


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
    groups = list(known)
    parts = []
    for hand_in in hand_ins(paths, report):
        parts += parts_of(contents_of(hand_in, authors))
    # those whose file was here before first, then those who say most about themselves: the others join them
    earlier = set()
    for group in groups:
        earlier.update(group.earlier)
    parts.sort(key=lambda part: (part.hand_in not in earlier, -_details(part)))
    leftover = []
    for part in parts:
        found = _fitting(part, groups)
        if len(found) == 1:
            _take(part, found[0], folder)
        else:
            leftover.append(part)
    for part in leftover:
        _take(part, _group_of(part, groups), folder)
    _name(groups)

    here = [group for group in groups if group.hand_ins]
    for group in here:
        _choose(group, authors)
    _find_people_in_two_groups(here)
    return sorted(here, key=lambda g: g.slug)


# who has handed in


def _details(part: Part) -> int:
    """How much the members of a hand-in say about themselves."""
    told = 0
    for member in part.members:
        told += 2 * bool(member.matriculation) + bool(member.tutorial)
    return told


def _fitting(part: Part, groups: list[Submission]) -> list[Submission]:
    """The groups that a part can be of: one, none, or several that could all be meant."""
    before = [g for g in groups if part.hand_in in g.earlier]
    nobody = [g for g in before if not g.members and not g.hand_ins]
    if not part.members:
        return nobody[:1]
    fitting, exact, same_file = [], [], []
    for group in groups:
        if not group.members or not may_be_one_group(group.members, part.members):
            continue
        fitting.append(group)
        if set(group.members) == set(part.members):
            exact.append(group)
        if group in before:
            same_file.append(group)
    for narrower in (exact, same_file):
        if len(narrower) == 1:
            return narrower
    return fitting or nobody[:1]  # the last: a group.toml was added to what named nobody


def _group_of(part: Part, groups: list[Submission]) -> Submission:
    """The group of a part that no single one fits: one with other details than before, or a new one."""
    found = _fitting(part, groups)
    if len(found) == 1:
        return found[0]
    others = [group for group in groups if _told_otherwise(part, group)]
    if not found and len(others) == 1:
        others[0].remarks.append("in an earlier run with another tutorial or number: the same people?")
        others[0].members = part.members
        return others[0]
    group = Submission(part.members)
    if found:
        names = set()
        for other in found:
            names.update(other.hand_ins or other.earlier)
        group.remarks.append(
            f"whose is it? groups of these names handed in {', '.join(sorted(names))}; {ADVICE}"
        )
    groups.append(group)
    return group


def _told_otherwise(part: Part, group: Submission) -> bool:
    """Whether a group of an earlier run, which nobody else is now, has the same names with other details."""
    if not part.members or not group.earlier or group.hand_ins:
        return False
    if not same_names(group.members, part.members):
        return False
    return not conflicting_numbers(group.members, part.members)


def _take(part: Part, group: Submission, folder: Path) -> None:
    """Add a part to its group, and keep its notebooks."""
    if not group.members:
        group.members = part.members
    elif part.members:
        group.members = merged(group.members, part.members)
    group.hand_ins.append(part.hand_in)
    group.remarks += part.remarks
    for version in part.versions:
        if version.exercise is None:
            group.remarks.append(f"{printable(version.file.path)} is no notebook of this sheet")
            continue
        keep(version, folder)
        group.versions.setdefault(version.exercise, []).append(version)


def _choose(group: Submission, authors: Authors) -> None:
    """Decide which version of each notebook is marked."""
    for exercise, versions in group.versions.items():
        chosen, remark = newest(versions, authors[exercise][0].name)
        if chosen:
            group.notebooks[exercise] = chosen
            if chosen.companions:
                names = ", ".join(file.path for file in chosen.files[:5])
                where = f"hand-ins/{chosen.companions.name}"
                group.remarks.append(f"runs with files of its own: {printable(names)} ({where})")
        if remark:
            group.remarks.append(remark)


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
