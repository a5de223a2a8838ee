"""The grade book of a sheet: one SQLite file with the proposals of the checks and the marks of the tutors."""

import contextlib
import json
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.course.errors import CourseError
from helpers.course.grading.intake import Submission
from helpers.course.grading.result import Result
from helpers.course.grading.schema import VERSION, create
from helpers.course.grading.scores import Group, Score
from helpers.course.items import Item
from helpers.course.member import Member, plain_signs
from helpers.course.status import Status

__all__ = ["GradeBook"]


class GradeBook:
    """The SQLite file at `path`, made if it is not there; a context manager that closes it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.database = sqlite3.connect(path, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self.database.close()
            raise

    def _prepare(self):
        try:
            (version,) = self.database.execute("pragma user_version").fetchone()
        except sqlite3.DatabaseError as error:
            raise CourseError(
                f"{self.path} is no grade book ({error}): put it away, or bring a copy back"
            ) from error
        if version > VERSION:
            raise CourseError(f"{self.path} was written by a newer version of this package: use that one")
        if version == 0:
            with self.all_or_nothing():
                create(self.database)

    def __enter__(self) -> "GradeBook":
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What is written within happens as a whole, or not at all."""
        self.database.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.database.execute("rollback")
            raise
        self.database.execute("commit")

    def items(self) -> list[Item]:
        """Items in the order of the sheet."""
        items = []
        for row in self._rows("select * from items order by position"):
            item = Item(
                row["id"],
                row["exercise"],
                row["cell"],
                row["title"],
                row["points"],
                bool(row["checked"]),
                tuple(json.loads(row["answers"])),
            )
            items.append(item)
        return items

    def known(self) -> list[Submission]:
        """Groups that were ever here, without notebooks."""
        known = []
        for row in self._rows("select * from groups order by slug"):
            members = _members(row["members"])
            known.append(Submission(members, row["slug"], earlier=json.loads(row["hand_ins"])))
        return known

    def write(self, items: list[Item], groups: list[Group]) -> None:
        """Replace everything but the marks.

        Parameters
        ----------
        items : list of Item
        groups : list of Group
            Others stay known, with their marks.
        """
        with self.all_or_nothing():
            for table in ("items", "notebooks", "proposals", "similar"):
                self.database.execute(f"delete from {table}")
            self.database.execute("update groups set present = 0")
            for position, item in enumerate(items):
                self._insert(
                    "items",
                    position,
                    item.id,
                    item.exercise,
                    item.cell,
                    item.title,
                    item.points,
                    item.check,
                    json.dumps(item.answers),
                )
            for group in groups:
                self._write_group(group)

    def _write_group(self, group: Group) -> None:
        members = json.dumps(list(map(vars, group.members)))
        hand_ins, remarks = json.dumps(group.hand_ins), json.dumps(group.remarks)
        self._insert("groups", group.slug, 1, hand_ins, members, remarks)
        for exercise, result in group.notebooks.items():
            self._insert(
                "notebooks",
                group.slug,
                exercise,
                result.name,
                result.file,
                result.executed,
                result.status.value,
                result.place,
                result.more,
                result.detail,
                result.seconds,
                json.dumps(result.tampered),
                json.dumps(result.suspicions),
            )
        for score in group.scores:
            self._insert("proposals", group.slug, score.item.id, score.proposed, score.reason)
        for other, exercise, share in group.similar:
            self._insert("similar", group.slug, other, exercise, share)

    def groups(self, present: bool = True) -> list[Group]:
        """Groups with all that is known of them.

        Parameters
        ----------
        present : bool
            Those of the last `course grade`; otherwise those of earlier ones.

        Returns
        -------
        list of Group
            By slug.
        """
        groups = {}
        for row in self._rows("select * from groups where present = ? order by slug", present):
            members = _members(row["members"])
            lists = json.loads(row["hand_ins"]), json.loads(row["remarks"])
            groups[row["slug"]] = Group(row["slug"], members, *lists)
        for row in self._rows("select * from notebooks"):
            if row["slug"] in groups:
                groups[row["slug"]].notebooks[row["exercise"]] = _result(row)
        for row in self._rows("select * from similar order by score desc"):
            if row["one"] in groups:
                likeness = row["other"], row["exercise"], row["score"]
                groups[row["one"]].similar.append(likeness)
        proposals = self._by_place("proposals")
        marks = self._by_place("marks")
        nothing = {"points": None, "reason": "", "comment": ""}
        for item in self.items():
            for slug, group in groups.items():
                proposal = proposals.get((slug, item.id), nothing)
                mark = marks.get((slug, item.id), nothing)
                group.scores.append(
                    Score(item, proposal["points"], proposal["reason"], mark["points"], mark["comment"])
                )
        return list(groups.values())

    def find(self, group: str, item: str) -> tuple[str, str]:
        """The group and the item that a tutor means.

        Parameters
        ----------
        group, item : str
            Any part of the slug or of a name, and of the id, that fits only one.

        Returns
        -------
        slug, id : str

        Raises
        ------
        CourseError
            It says which there are.
        """
        typed = plain_signs(group).casefold()
        slugs, named = [], []
        for row in self._rows("select slug, members from groups order by slug"):
            slugs.append(row["slug"])
            names = ", ".join(member.name for member in _members(row["members"]))
            if typed in names.casefold():
                named.append(row["slug"])
        if len(named) == 1 and not any(typed in slug.casefold() for slug in slugs):
            group = named[0]
        ids = [known.id for known in self.items()]
        return _only(group, slugs, "group"), _only(item, ids, "item")

    def mark(self, slug: str, item: str, points: float | None, comment: str | None = None) -> None:
        """Set what the tutor gives.

        Parameters
        ----------
        slug, item : str
        points : float or None
            None leaves only the comment.
        comment : str, optional
            Without it, the old one stays.

        Raises
        ------
        CourseError
            When the points are not between 0 and those of the item.
        """
        most = next(i.points for i in self.items() if i.id == item)
        if points is not None and not (math.isfinite(points) and 0 <= points <= most):
            raise CourseError(f"{slug}, {item}: {points:g} points, expected 0 to {most:g}")
        old = self._rows("select * from marks where slug = ? and item = ?", slug, item)
        comment = (old[0]["comment"] if old else "") if comment is None else comment
        if points is None and not comment:
            self.database.execute("delete from marks where slug = ? and item = ?", (slug, item))
        else:
            self.database.execute(
                "insert or replace into marks values (?, ?, ?, ?)", (slug, item, points, comment)
            )

    def _insert(self, table: str, *values: Any) -> None:
        places = ", ".join("?" * len(values))
        self.database.execute(f"insert or replace into {table} values ({places})", values)

    def _rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        cursor = self.database.execute(query, values)
        cursor.row_factory = sqlite3.Row
        return list(map(dict, cursor))

    def _by_place(self, table: str) -> dict[tuple[str, str], dict[str, Any]]:
        """Rows of a table by group and item."""
        found = {}
        for row in self._rows(f"select * from {table}"):
            found[row["slug"], row["item"]] = row
        return found


def _members(text: str) -> tuple[Member, ...]:
    members = []
    for entry in json.loads(text):
        members.append(Member(**entry | {"name": plain_signs(entry["name"])}))
    return tuple(members)


def _result(row: dict[str, Any]) -> Result:
    return Result(
        status=Status(row["status"]),
        place=row["place"],
        more=row["more"],
        detail=row["detail"],
        executed=bool(row["executed"]),
        seconds=row["seconds"],
        tampered=json.loads(row["tampered"]),
        suspicions=json.loads(row["suspicions"]),
        name=row["name"],
        file=row["file"],
    )


def _only(typed: str, names: list[str], what: str) -> str:
    exact = [n for n in names if n.casefold() == typed.casefold()]
    found = exact or [n for n in names if typed.casefold() in n.casefold()]
    if len(found) != 1:
        close = ", ".join(found[:8] or names[:8]) + (" …" if len(found or names) > 8 else "")
        raise CourseError(
            f"{what} {typed!r} fits {len(found)} of the {what}s, expected one; there are: {close}"
        )
    return found[0]
