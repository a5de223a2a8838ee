"""CSV files that spreadsheets of any language may have made, and that calculate nothing when opened."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpers.course.errors import CourseError
from helpers.course.sanitise import with_guarded_formulas, without_guards
from helpers.files import replacing

__all__ = ["EXCEL", "PLAIN", "Dialect", "Row", "read_rows", "write_rows"]

NAMED_DELIMITER = re.compile(r"sep=(.)\r?\n?")
# Of an old encoding only what German and French need is believed; more could be letters of any other.
USUAL = set("äöüÄÖÜßéèêëàçïîôûùÉ§°²³µ«»€‚„…‘’“”–—×±½\xa0")


@dataclass(frozen=True)
class Dialect:
    """How cells are separated and numbers written."""

    delimiter: str
    decimal: str


PLAIN = Dialect(",", ".")
EXCEL = Dialect(";", ",")  # what a German Excel opens by double click


@dataclass(frozen=True)
class Row:
    """One row: its line in the file, and the text of each cell by the name of its column."""

    line: int
    values: dict[str, str]


def write_rows(path: Path, rows: Iterable[Iterable[str | float | None]], dialect: Dialect) -> None:
    """Write a table.

    Parameters
    ----------
    path : Path
    rows : iterable of iterable
        Numbers get the decimal sign of the dialect, None is an empty cell.
    dialect : Dialect
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(value, dialect) for value in row])
    with replacing(path) as file:
        file.write(text.getvalue().encode("utf-8-sig"))  # with the mark by which Excel knows UTF-8


def read_rows(path: Path, needed: Iterable[str]) -> list[Row]:
    """Read a table, whatever a spreadsheet has made of it.

    Commas, semicolons and tabs separate, with or without a line `sep=;` before; a table of which each row
    became one quoted cell is taken apart again.

    Parameters
    ----------
    path : Path
    needed : iterable of str
        Columns that must be there, in small letters.

    Returns
    -------
    list of Row
        Without empty ones.

    Raises
    ------
    ValueError
        For a file that is no table, lacks a column, has rows with more cells than the head, or letters in
        an encoding that cannot be told.
    """
    text = _decoded(path).lstrip()
    first = text.splitlines()[0] if text else ""
    if "\0" in text or not first:
        raise CourseError(f"{path} is empty or no CSV file; save the spreadsheet as CSV")
    before = 0  # lines before the head
    delimiter = max(",;\t", key=first.count)
    if named := NAMED_DELIMITER.match(text):
        delimiter, text, before = named[1], text[named.end() :], 1
        first = text.splitlines()[0] if text else ""
    try:
        rows = _parsed(text, delimiter)
        if all(len(cells) == 1 for _, cells in rows):  # each row is one quoted cell
            rows = [(line, _split(cells[0])) for line, cells in rows]
    except csv.Error as error:
        raise CourseError(f"{path} is no CSV file: {error}") from error
    if not rows:
        raise CourseError(f"{path} is empty or no CSV file; save the spreadsheet as CSV")

    head = [name.strip().casefold() for name in rows[0][1]]
    for name in head:
        if name and head.count(name) > 1:
            raise CourseError(f"{path}: nothing was changed: it has the column {name} twice")
    missing = sorted(set(needed) - set(head))
    if missing:
        raise CourseError(f"{path} lacks the column {', '.join(missing)}; it begins with {first[:80]!r}")
    table = []
    for line, cells in rows[1:]:
        surplus = cells[len(head) :]
        if any(surplus) or (surplus and delimiter == ","):
            raise CourseError(
                f"{path}: nothing was changed: line {line + before} has {len(cells)} cells, its head"
                f" {len(head)}; a decimal comma without quotes? Save it with semicolons"
            )
        values = dict.fromkeys(head, "")
        for name, cell in zip(head, cells, strict=False):
            values[name] = without_guards(cell)
        table.append(Row(line + before, values))
    return table


def _cell(value: str | float | None, dialect: Dialect) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return with_guarded_formulas(value)
    return f"{value:g}".replace(".", dialect.decimal)


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    encoding = "utf-8-sig"
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        pass
    old = "cp1252"
    if b"\n" not in content:  # only old Macs end lines by \r
        old = "mac_roman"
    text = content.decode(old, errors="replace")
    strange = sorted({c for c in text if ord(c) > 127 and c not in USUAL})
    if strange:
        raise CourseError(
            f"{path}: nothing was changed: its encoding cannot be told ({strange[0]!r} is in it);"
            f" save the spreadsheet as CSV UTF-8"
        )
    return text


def _parsed(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Rows that are not empty, with their lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    for cells in reader:
        if any(cells):
            rows.append((reader.line_num, cells))
    return rows


def _split(cell: str) -> list[str]:
    delimiter = max(",;\t", key=cell.count)
    return next(csv.reader([cell], delimiter=delimiter), [])
