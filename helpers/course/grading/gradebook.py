"""The grade book of a sheet: one SQLite file with the proposals of the checks and the marks of the tutors."""

import contextlib
import json
import math
import sqlite3
from dataclasses import dataclass, field

from helpers.course.grading.points import Item

__all__ = ["GradeBook", "Group", "Score"]

SCHEMA = """
create table if not exists items (position integer, id text primary key, exercise integer, cell text,
    title text, points real, checked integer, answers text);
create table if not exists groups (slug text primary key, identity text unique, present integer,
    hand_ins text, members text, remarks text);
create table if not exists notebooks (slug text, exercise integer, name text, file text, executed integer,
    verdict text, seconds real,
    tampered text, suspicions text, primary key (slug, exercise));
create table if not exists proposals (slug text, item text, points real, reason text,
    primary key (slug, item));
create table if not exists similar (one text, other text, exercise integer, score real);
create table if not exists marks (slug text, item text, points real, comment text, primary key (slug, item));
"""
NOTEBOOK = ("name", "file", "executed", "verdict", "seconds")
# marks belong to the tutors: nothing but `mark` ever writes them


@dataclass(frozen=True)
class Score:
    """Points of one item: the proposal, the tutor's mark, and what counts (None: to be marked)."""

    item: Item
    proposed: float | None
    reason: str
    marked: float | None = None
    comment: str = ""

    @property
    def points(self):
        return self.proposed if self.marked is None else self.marked


@dataclass
class Group:
    """A group with everything known of it.

    members: list of dicts with name, tutorial, matriculation; notebooks: exercise → dict with name (of the
    solved one), file (the copy of the hand-in), executed (whether it was run), verdict, seconds, tampered,
    suspicions; scores: list of Score; similar: list of (slug, exercise, score).
    """

    slug: str
    identity: str
    members: list
    hand_ins: list
    remarks: list
    notebooks: dict = field(default_factory=dict)
    scores: list = field(default_factory=list)
    similar: list = field(default_factory=list)

    @property
    def verdict(self):
        return "; ".join(f"{e}: {n['verdict']}" for e, n in sorted(self.notebooks.items()))

    @property
    def automatic(self):
        return sum(s.proposed for s in self.scores if s.marked is None and s.proposed is not None)

    @property
    def manual(self):
        return sum(s.marked for s in self.scores if s.marked is not None)

    @property
    def out_of(self):
        return sum(s.item.points for s in self.scores)

    @property
    def to_mark(self):
        return [s.item.id for s in self.scores if s.points is None]


class GradeBook:
    """The SQLite file at `path`, made if it is not there; a context manager that closes it."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(SCHEMA)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.database.close()

    @contextlib.contextmanager
    def all_or_nothing(self):
        """What is written within happens as a whole, or not at all."""
        self.database.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.database.execute("rollback")
            raise
        self.database.execute("commit")

    def items(self):
        """Returns: list of Item, in the order of the sheet."""
        rows = self._rows("select * from items order by position")
        return [
            Item(
                r["id"],
                r["exercise"],
                r["cell"],
                r["title"],
                r["points"],
                bool(r["checked"]),
                tuple(json.loads(r["answers"])),
            )
            for r in rows
        ]

    def slugs(self):
        """Returns: dict identity → slug of all groups that were ever here."""
        return {r["identity"]: r["slug"] for r in self._rows("select identity, slug from groups")}

    def write(self, items, groups):
        """Replace everything but the marks. Groups that are not among these stay known, with their marks."""
        execute = self.database.execute
        with self.all_or_nothing():
            for table in ("items", "notebooks", "proposals", "similar"):
                execute(f"delete from {table}")
            for position, i in enumerate(items):
                values = (
                    position,
                    i.id,
                    i.exercise,
                    i.cell,
                    i.title,
                    i.points,
                    i.check,
                    json.dumps(i.answers),
                )
                execute("insert into items values (?, ?, ?, ?, ?, ?, ?, ?)", values)
            execute("update groups set present = 0")
            for g in groups:
                texts = [json.dumps(v) for v in (g.hand_ins, g.members, g.remarks)]
                execute(
                    "insert or replace into groups values (?, ?, 1, ?, ?, ?)", (g.slug, g.identity, *texts)
                )
                for exercise, n in g.notebooks.items():
                    lists = [json.dumps(n[k]) for k in ("tampered", "suspicions")]
                    values = (g.slug, exercise, *(n[k] for k in NOTEBOOK), *lists)
                    execute("insert into notebooks values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
                for s in g.scores:
                    execute(
                        "insert into proposals values (?, ?, ?, ?)", (g.slug, s.item.id, s.proposed, s.reason)
                    )
                for other, exercise, score in g.similar:
                    execute("insert into similar values (?, ?, ?, ?)", (g.slug, other, exercise, score))

    def groups(self, present=True):
        """Groups of the last `course grade`, or those of earlier ones. Returns: list of Group by slug."""
        items = {i.id: i for i in self.items()}
        groups = {
            r["slug"]: Group(
                r["slug"], r["identity"], *(json.loads(r[k]) for k in ("members", "hand_ins", "remarks"))
            )
            for r in self._rows("select * from groups where present = ? order by slug", present)
        }
        for r in self._rows("select * from notebooks"):
            lists = {k: json.loads(r[k]) for k in ("tampered", "suspicions")}
            if r["slug"] in groups:
                groups[r["slug"]].notebooks[r["exercise"]] = {k: r[k] for k in NOTEBOOK} | lists
        marks = {(r["slug"], r["item"]): r for r in self._rows("select * from marks")}
        proposals = {(r["slug"], r["item"]): r for r in self._rows("select * from proposals")}
        for slug, group in groups.items():
            for item in items.values():
                proposal, mark = proposals.get((slug, item.id)), marks.get((slug, item.id))
                group.scores.append(
                    Score(
                        item,
                        proposal["points"] if proposal else None,
                        proposal["reason"] if proposal else "",
                        mark["points"] if mark else None,
                        mark["comment"] if mark else "",
                    )
                )
        for r in self._rows("select * from similar order by score desc"):
            if r["one"] in groups:
                groups[r["one"]].similar.append((r["other"], r["exercise"], r["score"]))
        return list(groups.values())

    def find(self, group, item):
        """Slug of a group and id of an item, from what a tutor has typed: any part that fits only one.

        Raises: ValueError saying which there are.
        """
        slugs = [r["slug"] for r in self._rows("select slug from groups order by slug")]
        found = _only(group, slugs, "group"), _only(item, [i.id for i in self.items()], "item")
        return found

    def mark(self, slug, item, points, comment=None):
        """Set what the tutor gives; points None leaves only the comment, comment None leaves the old one.

        Raises: ValueError when the points are not between 0 and those of the item.
        """
        most = next(i.points for i in self.items() if i.id == item)
        if points is not None and not (math.isfinite(points) and 0 <= points <= most):
            raise ValueError(f"{slug}, {item}: {points:g} points, expected 0 to {most:g}")
        old = self._rows("select * from marks where slug = ? and item = ?", slug, item)
        comment = (old[0]["comment"] if old else "") if comment is None else comment
        if points is None and not comment:
            self.database.execute("delete from marks where slug = ? and item = ?", (slug, item))
        else:
            self.database.execute(
                "insert or replace into marks values (?, ?, ?, ?)", (slug, item, points, comment)
            )

    def _rows(self, query, *values):
        cursor = self.database.execute(query, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _only(typed, names, what):
    exact = [n for n in names if n.casefold() == typed.casefold()]
    found = exact or [n for n in names if typed.casefold() in n.casefold()]
    if len(found) != 1:
        close = ", ".join(found[:8] or names[:8]) + (" …" if len(found or names) > 8 else "")
        raise ValueError(
            f"{what} {typed!r} fits {len(found)} of the {what}s, expected one; there are: {close}"
        )
    return found[0]
