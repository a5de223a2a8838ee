"""The tables of a grade book, and how those of earlier versions become the present ones with all marks."""

import re
import sqlite3

from helpers.course.status import Status

__all__ = ["VERSION", "create"]

VERSION = 1  # of the schema, in the file's user_version
SCHEMA = """
create table if not exists items (position integer, id text primary key, exercise integer, cell text,
    title text, points real, checked integer, answers text);
create table if not exists groups (slug text primary key, present integer, hand_ins text, members text,
    remarks text);
create table if not exists notebooks (slug text, exercise integer, name text, file text, executed integer,
    status text, place text, more integer, detail text, seconds real, tampered text, suspicions text,
    primary key (slug, exercise));
create table if not exists proposals (slug text, item text, points real, reason text,
    primary key (slug, item));
create table if not exists similar (one text, other text, exercise integer, score real);
create table if not exists marks (slug text, item text, points real, comment text, primary key (slug, item));
"""
# marks belong to the tutors: nothing but `mark` ever writes them

SENTENCE = re.compile(
    r"(?: at (?P<place>.+?))?(?: and (?P<more>\d+) more)?(?: \((?P<detail>.*)\))?", re.DOTALL
)


def create(database: sqlite3.Connection) -> None:
    """Make the tables in an empty file, or those of a book without version number into the present ones.

    Parameters
    ----------
    database : Connection
        In a transaction.
    """
    _migrate(database)
    for statement in SCHEMA.split(";"):
        database.execute(statement)
    database.execute(f"pragma user_version = {VERSION}")


def _migrate(database: sqlite3.Connection) -> None:
    """From a book without version number, which knew groups by names and a status as a sentence."""
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
