"""CSV for spreadsheets: grades of every student, marks out and in."""

import csv
import io
import math
import re

from helpers.course.group import Member
from helpers.files import replacing

__all__ = ["export_marks", "import_marks", "mark_one", "write_grades"]

FORMULA = re.compile(r"^'?[=+\-@\t\r]")  # a spreadsheet would calculate it
MARKS = ("item", "group", "members", "title", "out of", "proposed", "points", "comment")
MOST_ERRORS = 20


def write_grades(groups, items, path):
    """One row per student: names, tutorial, group, points of each item, sums, verdict.

    An item that is still to be marked is empty. Columns `automatic` and `manual` add up to `total`; an
    automatic proposal that a tutor has overruled counts as manual.
    """
    head = ["name", "matriculation", "tutorial", "group", *(i.id for i in items)]
    rows = [[*head, "automatic", "manual", "total", "out of", "verdict"]]
    for group in groups:
        scores = {s.item.id: s.points for s in group.scores}
        points = [_number(scores[i.id]) for i in items]
        sums = [group.automatic, group.manual, group.automatic + group.manual, group.out_of]
        for member in group.members or [Member("", "")]:
            who = [_harmless(text) for text in (member.name, member.matriculation, member.tutorial)]
            rows.append([*who, group.slug, *points, *map(_number, sums), _harmless(group.verdict)])
    _write(path, rows)


def export_marks(book, path):
    """Write what tutors mark by hand, one row per item and group: fill in `points` and `comment`.

    Rows of one item stand together, so that one question is marked for all groups in a row. Checks are
    listed only where a tutor has overruled them.

    Returns: number of rows.
    """
    rows = [list(MARKS)]
    groups = book.groups()
    for position, item in enumerate(book.items()):
        for group in groups:
            score = group.scores[position]
            if item.check and score.marked is None and not score.comment:
                continue
            members = _harmless(", ".join(m.name for m in group.members))
            given = [_number(score.marked), _harmless(score.comment)]
            proposed = [_number(item.points), _number(score.proposed)]
            rows.append([item.id, group.slug, members, _harmless(item.title), *proposed, *given])
    _write(path, rows)
    return len(rows) - 1


def mark_one(book, group, item, points, comment=None):
    """Enter one mark: group and item as typed, points as text with point or comma, `-` to take it back.

    Returns: a line that says what stands there now. Raises: ValueError.
    """
    slug, item_id = book.find(group, item)
    most = next(i.points for i in book.items() if i.id == item_id)
    value = _points(points or "nothing", most, None)
    book.mark(slug, item_id, value, "" if value is None and comment is None else comment)
    return f"{slug}, {item_id}: " + ("no mark" if value is None else f"{value:g} of {most:g}")


def import_marks(book, path):
    """Take marks from a spreadsheet: columns item, group, points and comment; others are ignored.

    Commas, semicolons and tabs separate, decimal commas are understood. Empty points leave a mark as it is,
    `-` takes it back.

    Returns: number of marks that changed.
    Raises: ValueError with all lines that are wrong; nothing is changed then.
    """
    rows = _rows(path)
    most = {i.id: i.points for i in book.items()}
    scores = {(g.slug, s.item.id): s for p in (True, False) for g in book.groups(p) for s in g.scores}
    slugs = {slug for slug, _ in scores}
    wrong, wanted = [], {}
    for line, row in rows:
        try:
            where = _known(row["group"], slugs, "group"), _known(row["item"], most, "item")
            points = _points(row["points"], most[where[1]], scores[where].marked)
            comment = _text(row.get("comment", "")) or scores[where].comment
            if wanted.setdefault(where, (points, comment)) != (points, comment):
                raise ValueError(f"{where[0]}, {where[1]} stands there twice, with different marks")
        except ValueError as error:
            wrong.append(f"line {line}: {error}")
    if wrong:
        more = [f"and {len(wrong) - MOST_ERRORS} more"] if len(wrong) > MOST_ERRORS else []
        lines = "\n  ".join([*wrong[:MOST_ERRORS], *more])
        raise ValueError(f"{path}: nothing was changed, because of\n  {lines}")
    changed = {w: v for w, v in wanted.items() if v != (scores[w].marked, scores[w].comment)}
    with book.all_or_nothing():
        for (slug, item), (points, comment) in changed.items():
            book.mark(slug, item, points, comment)
    return len(changed)


def _rows(path):
    """Rows as (number of the line, dict), whatever the spreadsheet has made of the file."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.lstrip().split("\n", 1)[0]
    if "\0" in text or not first:
        raise ValueError(f"{path} is empty or no CSV file; save the spreadsheet as CSV")
    reader = csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=max(",;\t", key=first.count))
    try:
        head = [name.strip().casefold() for name in next(reader)]
        if missing := {"group", "item", "points"} - set(head):
            raise ValueError(
                f"{path} lacks the column {', '.join(sorted(missing))}; it begins with {first[:80]!r}"
            )
        rows = [(reader.line_num, dict(zip(head, row, strict=False))) for row in reader if any(row)]
    except csv.Error as error:
        raise ValueError(f"{path} is no CSV file: {error}") from error
    return [(line, {"group": "", "item": "", "points": ""} | row) for line, row in rows]


def _known(name, names, what):
    name = name.strip()
    if name not in names:
        raise ValueError(f"there is no {what} {name!r}")
    return name


def _points(text, most, old):
    text = text.strip()
    if text in ("", "-"):
        return old if not text else None
    if not re.fullmatch(r"[+-]?\d*[.,]?\d+", text):
        raise ValueError(f"points are {text!r}, expected a number")
    points = float(text.replace(",", "."))
    if not (math.isfinite(points) and 0 <= points <= most):
        raise ValueError(f"{text} points, expected 0 to {most:g}")
    return points


def _harmless(text):
    text = " ".join(str(text).split("\0"))
    return f"'{text}" if FORMULA.match(text) else text


def _text(cell):
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def _number(points):
    return "" if points is None else f"{points:g}"


def _write(path, rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    with replacing(path) as file:
        file.write(text.getvalue().encode("utf-8-sig"))  # with the mark by which Excel knows UTF-8
