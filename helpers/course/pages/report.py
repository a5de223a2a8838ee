"""The tutor's page: all groups, those first that need a human eye."""

from dataclasses import dataclass
from pathlib import Path

from helpers.course.grading.scores import Group, Score
from helpers.course.items import Item
from helpers.course.pages.html import fill
from helpers.course.pages.words import colour
from helpers.files import replacing

__all__ = ["attention", "write_report"]

NO_ANSWER = ("not answered", "not handed in", "unchanged", "empty")
LONGEST = 300  # characters of a line


@dataclass(frozen=True)
class Row:
    """A group as the page shows it."""

    group: Group
    tampered: list[str]
    suspicions: list[str]
    problem: str  # with its feedback
    links: list[tuple[str, str]]


def write_report(
    groups: list[Group], items: list[Item], out: Path, sheet: int, problems: dict[str, str]
) -> None:
    """Write report.html, a page that runs nothing and fetches nothing.

    Parameters
    ----------
    groups : list of Group
    items : list of Item
    out : Path
        Folder of the sheet.
    sheet : int
    problems : dict of str to str
        Slug → what is missing in the feedback.
    """
    rows = []
    for group in sorted(groups, key=lambda g: (-attention(g), g.slug)):
        problem = problems.get(group.slug, "")
        tampered = _lines(group, "tampered", ".")
        suspicions = _lines(group, "suspicions", ": ")
        rows.append(Row(group, tampered, suspicions, problem, _links(group, problem)))
    text = fill(
        "report.html",
        sheet=sheet,
        rows=rows,
        items=items,
        exercises=_exercises(groups, items),
        numbers=_numbers(groups),
        shade=_shade,
    )
    with replacing(out / "report.html") as file:
        file.write(text.encode())


def attention(group: Group) -> float:
    """How much a group needs a human eye: unknown people, tampering, likeness, code that did not run."""
    tampered = _lines(group, "tampered", ".")
    suspicions = _lines(group, "suspicions", ": ")
    weight = 0.0
    if not group.members:
        weight += 100
    for found in (tampered, suspicions, group.similar):
        if found:
            weight += 20
    if group.remarks:
        weight += 5
    weight += 5 * _broken(group)
    return weight + (len(tampered) + len(suspicions) + len(group.remarks)) / 100


def _broken(group: Group) -> int:
    broken = 0
    for result in group.notebooks.values():
        if not result.status.clean:
            broken += 1
    return broken


def _lines(group: Group, name: str, between: str) -> list[str]:
    """Findings of one kind in all notebooks of a group."""
    lines = []
    for exercise, result in sorted(group.notebooks.items()):
        for finding in getattr(result, name):
            lines.append(f"{exercise}{between}{finding}"[:LONGEST])
    return lines


def _links(group: Group, problem: str) -> list[tuple[str, str]]:
    links = [(f"feedback/{group.slug}.html", "feedback")]
    if not problem:
        links.append((f"feedback/{group.slug}.pdf", "PDF"))
    for exercise, result in sorted(group.notebooks.items()):
        if result.executed:
            links.append((f"executed/{group.slug}/{result.name}", f"executed {exercise}"))
        if result.file:
            links.append((f"hand-ins/{result.file}", f"as handed in {exercise}"))
    return links


def _exercises(groups: list[Group], items: list[Item]) -> list[str]:
    names = {item.exercise: "" for item in items}
    for group in groups:
        for exercise, result in group.notebooks.items():
            names[exercise] = result.name
    return [f"{exercise} {name}" for exercise, name in sorted(names.items())]


def _numbers(groups: list[Group]) -> list[tuple[str, str]]:
    students = to_mark = broken = odd = alike = 0
    total, out_of = 0.0, ""
    for group in groups:
        students += len(group.members)
        to_mark += len(group.to_mark)
        broken += _broken(group) > 0
        odd += bool(_lines(group, "tampered", ".") or _lines(group, "suspicions", ": "))
        alike += bool(group.similar)
        total += group.total
        out_of = f", of {group.out_of:g}"
    return [
        (str(len(groups)), "groups"),
        (str(students), "students"),
        (f"{total / max(len(groups), 1):.1f}", f"points on average{out_of}"),
        (str(to_mark), "answers to mark"),
        (str(broken), "did not run through"),
        (str(odd), "tampered or suspicious"),
        (str(alike), "resemble others"),
    ]


def _shade(score: Score) -> str:
    if score.marked is None and score.reason.startswith(NO_ANSWER):
        return "faint"
    return colour(score)
