"""Whose is a hand-in? It as a whole, or, where its notebooks name several groups, a part for each of them."""

from dataclasses import dataclass

from helpers.course.grading.contents import Contents
from helpers.course.grading.people import may_be_one_group, merged, same_names
from helpers.course.grading.versions import Version
from helpers.course.member import Member, listed

__all__ = ["ADVICE", "Part", "parts_of"]

ADVICE = "put a group.toml into its folder, or beside the zip in a folder of their own"


@dataclass
class Part:
    """What one hand-in holds of one group; without members where nobody is named."""

    hand_in: str
    members: tuple[Member, ...]
    remarks: list[str]
    versions: list[Version]


def parts_of(contents: Contents) -> list[Part]:
    """The parts of a hand-in, one for each group that it names, and one for what names nobody.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    list of Part
    """
    if contents.unclear:
        return [_part(contents, (), contents.unclear, contents.versions)]
    named, nameless, problem = _by_names(contents)

    leader = contents.leader
    if leader:
        mine = [part for part in named if same_names(part.members, leader)]
        if len(named) == 1 and not mine:
            return [_part(contents, (), _disagreement(named[0].versions[0], leader), contents.versions)]
        first = _part(contents, leader, "", nameless)
        for part in mine:
            first.versions += part.versions
            named.remove(part)
        named.insert(0, first)
        nameless = []
    elif len(named) == 1:
        nameless = _take_along(named[0], nameless)

    if len(named) > 1:
        remark = f"{contents.name} holds notebooks of {len(named)} groups, told by their names"
        for part in named:
            part.remarks.append(remark)
    if nameless or not named:
        named.append(_part(contents, (), problem, nameless))
    return named


def _by_names(contents: Contents) -> tuple[list[Part], list[Version], str]:
    """Versions by the group that they name, those that name none, and why they do not."""
    parts: list[Part] = []
    nameless, problem = [], "no notebook was handed in"
    if contents.versions:
        problem = "no notebook can be read"
    for version in contents.versions:
        problem = version.unclear or problem
        if not version.members:
            nameless.append(version)
            continue
        same = [part for part in parts if may_be_one_group(part.members, version.members)]
        if same:
            same[0].members = merged(same[0].members, version.members)
            same[0].versions.append(version)
        else:
            parts.append(_part(contents, version.members, "", [version]))
    return parts, nameless, problem


def _take_along(part: Part, nameless: list[Version]) -> list[Version]:
    """Give a group the notebooks without names of exercises that it lacks. Returns: the others."""
    covered = {version.exercise for version in part.versions}
    others = []
    for version in nameless:
        if version.exercise in covered:
            others.append(version)
        else:
            part.versions.append(version)
    return others


def _part(contents: Contents, members: tuple[Member, ...], problem: str, versions: list[Version]) -> Part:
    remarks = list(contents.remarks)
    if not members:
        remarks.append(f"who is this? {problem}; {ADVICE}")
    return Part(contents.name, members, remarks, versions)


def _disagreement(version: Version, leader: tuple[Member, ...]) -> str:
    return (
        f"{version.label} names {listed(version.members)}, but group.toml names {listed(leader)}; "
        f"correct one of them"
    )
