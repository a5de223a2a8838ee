"""From hand-ins to groups: who they are, which notebook of the sheet is which, which of two counts."""

import hashlib
import json
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from helpers.course.cells import name_of
from helpers.course.grading.archives import hand_ins, printable
from helpers.course.grading.reading import NotANotebook, notebook_of
from helpers.course.group import file_stem, read_group
from helpers.files import replacing

__all__ = ["Submission", "take_in"]

SAME_TIME = 3  # seconds within which two files are of the same time; zips count in twos


@dataclass
class Submission:
    """What a group has handed in; notebooks: exercise → path of the copy that is marked."""

    slug: str
    identity: str
    members: list
    hand_ins: list = field(default_factory=list)
    remarks: list = field(default_factory=list)
    notebooks: dict = field(default_factory=dict)


@dataclass
class _File:
    path: Path
    time: float
    hand_in: str
    name: str


def take_in(paths, authors, folder, slugs, report=print):
    """Read all hand-ins, keep their notebooks in `folder`, and find the groups.

    Of several different versions of a notebook by one group the newest counts; where their times do not
    tell which that is, none does, and the remark asks the tutor to put the wrong one away.

    Arguments: paths as for archives.hand_ins; authors: exercise → (path, notebook) of the solved ones;
    slugs: identity → slug of groups that are known; report gets lines about stray files.
    Returns: list of Submission, by slug.
    """
    found, versions = {}, {}
    for hand_in in hand_ins(paths, report):
        readable = _readable(hand_in)
        members, problem = _members(hand_in, readable, authors)
        names = sorted(m["name"].casefold() for m in members)
        identity = json.dumps(names or ["", hand_in.name], ensure_ascii=False)
        group = found.setdefault(identity, Submission("", identity, members))
        group.hand_ins.append(hand_in.name)
        group.remarks += [*hand_in.remarks, *([problem] if problem else [])]
        for name, content, time in hand_in.notebooks:
            exercise = _exercise(name, readable.get(name), authors)
            if exercise is None:
                group.remarks.append(f"{printable(name)} is no notebook of this sheet")
                continue
            path = folder / f"{hashlib.sha256(content).hexdigest()[:20]}.ipynb"
            with replacing(path) as file:
                file.write(content)
            version = _File(path, time, hand_in.name, name)
            versions.setdefault((identity, exercise), []).append(version)
    for (identity, exercise), files in versions.items():
        chosen, remark = _newest(files, authors[exercise][0].name)
        if chosen:
            found[identity].notebooks[exercise] = chosen.path
        found[identity].remarks += [remark] if remark else []
    _name_groups(found, slugs)
    _find_people_in_two_groups(found.values())
    return sorted(found.values(), key=lambda g: g.slug)


def _readable(hand_in):
    readable = {}
    for name, content, _ in hand_in.notebooks:
        try:
            readable[name] = notebook_of(content)
        except NotANotebook:
            continue
    return readable


def _members(hand_in, readable, authors):
    """Members as dicts, and what is wrong with them."""
    group_cells = {
        name_of(c) for _, a in authors.values() for c in a.cells if "group" in c.metadata.get("tags", ())
    }
    problem = "no notebook was handed in" if not hand_in.notebooks else "no notebook can be read"
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        if hand_in.toml is not None:
            (Path(folder) / "group.toml").write_bytes(hand_in.toml)
            readable = readable or {
                "group.toml": notebook_of(
                    b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'
                )
            }
        for name, notebook in readable.items():
            for cell in notebook.cells:
                if name_of(cell) in group_cells:
                    cell.metadata["tags"] = ["group"]
            try:
                members = read_group(notebook, Path(folder) / name, size=None)
                return [dict(vars(m)) for m in members], ""
            except ValueError as error:
                problem = str(error).replace(f"{folder}/", "").split("; fill in")[0]
    advice = "put a group.toml into its folder, or beside the zip in a folder of their own"
    return [], f"who is this? {problem}; {advice}"


def _exercise(name, notebook, authors):
    """The exercise that a notebook is of: by its name, what it says, or most of its cells."""
    for exercise, (path, _) in authors.items():
        if path.stem.casefold() in name.casefold():
            return exercise
    if notebook is None:
        return next(iter(authors)) if len(authors) == 1 else None
    course = notebook.metadata["course"]
    sheets = {a.metadata["course"]["sheet"] for _, a in authors.values()}
    if course.get("sheet") in sheets and course.get("exercise") in authors:
        return course["exercise"]
    if course.get("sheet"):
        return None
    here = {name_of(c) for c in notebook.cells}
    shares = {
        e: len(here & (there := {name_of(c) for c in a.cells})) / len(there) for e, (_, a) in authors.items()
    }
    best = max(shares, key=shares.get)
    return best if shares[best] > 0.5 else None


def _newest(files, name):
    """The version that counts, or None, and a remark when there are several."""

    def by_time(file):
        return file.time, file.name == name

    *others, last = sorted({f.path: f for f in sorted(files, key=by_time)}.values(), key=by_time)
    if not others:
        return last, f"{name} was handed in {len(files)} times, all the same" if len(files) > 1 else ""
    rivals = [f for f in others if last.time - f.time < SAME_TIME]
    copies = [f for f in rivals if f.hand_in == last.hand_in and f.name != name == last.name]
    if rivals != copies:
        whose = ", ".join(sorted({printable(f"{f.hand_in}: {f.name}") for f in [*rivals, last]}))
        return None, f"{name} was handed in several times at the same time ({whose}): put the wrong one away"
    whose = ", ".join(sorted({printable(f"{f.hand_in}: {f.name}") for f in others}))
    return (
        last,
        f"{name} was handed in several times: marked is {last.hand_in}: {printable(last.name)}, not {whose}",
    )


def _name_groups(found, slugs):
    taken = {slug.casefold() for slug in slugs.values()}
    for identity, group in sorted(found.items()):
        if identity in slugs:
            group.slug = slugs[identity]
            continue
        if group.members:
            people = [_Named(m["name"]) for m in group.members]
            slug = file_stem(0, people).split("_", 1)[1]
        else:
            slug = "unknown_" + re.sub(r"[^A-Za-z0-9]+", "-", group.hand_ins[0]).strip("-")[:40]
        if slug.casefold() in taken:
            slug += "_" + hashlib.sha256(identity.encode()).hexdigest()[:4]
        group.slug = slug
        taken.add(slug.casefold())


@dataclass(frozen=True)
class _Named:
    name: str


def _find_people_in_two_groups(groups):
    where = {}
    for group in groups:
        for member in group.members:
            where.setdefault(member["name"].casefold(), []).append((group, member["name"]))
    for several in where.values():
        for group, name in several:
            others = ", ".join(g.slug for g, _ in several if g is not group)
            group.remarks += [f"{name} is also in {others}"] if others else []
