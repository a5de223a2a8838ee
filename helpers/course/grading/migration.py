"""Grade books of earlier versions of this package, brought to the present form; marks are not touched."""

import re
import sqlite3

from helpers.course.status import Status

__all__ = ["migrate"]

SENTENCE = re.compile(
    r"(?: at (?P<place>.+?))?(?: and (?P<more>\d+) more)?(?: \((?P<detail>.*)\))?", re.DOTALL
)


def migrate(database: sqlite3.Connection) -> None:
    """Bring a grade book without version number to version 1; an empty file is left as it is.

    It knew groups by their names, and the status of a notebook as a sentence.
    """
    tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
    if "groups" not in tables:
        return
    database.execute("alter table groups rename to old_groups")
    database.execute(
        "create table groups (slug text primary key, present integer, hand_ins text, members text,"
        " remarks text)"
    )
    database.execute("insert into groups select slug, present, hand_ins, members, remarks from old_groups")
    database.execute("drop table old_groups")

    for column in ("status text", "place text", "more integer", "detail text"):
        database.execute(f"alter table notebooks add column {column}")
    rows = database.execute("select slug, exercise, verdict from notebooks").fetchall()
    for slug, exercise, verdict in rows:
        database.execute(
            "update notebooks set status = ?, place = ?, more = ?, detail = ?"
            " where slug = ? and exercise = ?",
            (*_parts(verdict), slug, exercise),
        )
    database.execute("alter table notebooks rename to old_notebooks")
    database.execute(
        "create table notebooks (slug text, exercise integer, name text, file text, executed integer,"
        " status text, place text, more integer, detail text, seconds real, tampered text, suspicions text,"
        " primary key (slug, exercise))"
    )
    database.execute(
        "insert into notebooks select slug, exercise, name, file, executed, status, place, more, detail,"
        " seconds, tampered, suspicions from old_notebooks"
    )
    database.execute("drop table old_notebooks")


def _parts(verdict: str) -> tuple[str, str, int, str]:
    """Status, place, number of further cells and reason, of a sentence."""
    for status in sorted(Status, key=len, reverse=True):
        if verdict.startswith(status.value):
            found = SENTENCE.fullmatch(verdict.removeprefix(status.value))
            if found:
                return status.value, found["place"] or "", int(found["more"] or 0), found["detail"] or ""
    return Status.FAILED.value, "", 0, verdict
