"""The notebook that is run for marking: the student's cells, with the author's checks in their places."""

import secrets
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode, v4

from helpers.course.cells import is_check, name_of
from helpers.course.grading.guard_cells import imports, restoring, sealed, starting
from helpers.course.release import student_version

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """What to run, and what its cells are.

    student: cell id → number of the cell in the hand-in; names: cell id → its grade_id there; checks: cell
    id → grade_id of the check; guards: cell id → grade_id of the check before which it stands; seals:
    grade_id → line that it prints at its end; token: begins the lines that guards print; tampered: what
    was found and mended.
    """

    notebook: NotebookNode
    student: dict[str, int]
    names: dict[str, str | None]
    checks: dict[str, str]
    guards: dict[str, str]
    seals: dict[str, str]
    token: str
    tampered: list[str] = field(default_factory=list)


def prepare(student: NotebookNode, author: NotebookNode) -> Prepared:
    """Put the author's checks, hidden ones included, into a hand-in.

    A check that the student left where it was keeps its place; one that was deleted or moved is put after
    the cells that it follows in the author's notebook. Before each check, kernel_guard.py restores
    what checks use.

    Arguments: student: notebook from notebook_of; author: the solved notebook.
    Returns: Prepared.
    """
    released = {name_of(c): c.source for c in student_version(author).cells}
    order = [name_of(c) for c in author.cells]
    tags = {name_of(c): c.metadata.tags for c in author.cells if c.metadata.get("tags")}
    checks = {name_of(c): c for c in author.cells if is_check(c)}
    graded = [name_of(c) for c in author.cells if c.metadata.get("nbgrader", {}).get("solution")]
    where = {}  # of the first cell of each name
    for index, cell in enumerate(student.cells):
        where.setdefault(name_of(cell), index)

    tampered, places = [], {}
    for name, check in checks.items():
        copies = [c for c in student.cells if name_of(c) == name]
        at = order.index(name)
        before = [where[k] for k in graded if k in where and order.index(k) < at]
        after = [where[k] for k in graded if k in where and order.index(k) > at]
        in_order = (
            name in where and all(i < where[name] for i in before) and all(i > where[name] for i in after)
        )
        if not copies:
            tampered.append(f"{name}: the check was deleted")
        elif any(c.cell_type != "code" or not _same(c.source, released[name], check.source) for c in copies):
            tampered.append(f"{name}: the check was altered")
        if len(copies) > 1:
            tampered.append(f"{name}: {len(copies)} cells go by the name of this check")
        if copies and not in_order:
            tampered.append(f"{name}: the check was moved")
        places[name] = where[name] if in_order else _place(name, order, checks, graded, where, student)

    return _assembled(student, author, checks, places, tags, tampered)


def _place(name, order, checks, graded, where, student):
    """Index of the student's cell after which a check belongs."""
    earlier = [k for k in order[: order.index(name)] if k in where and k not in checks]
    anchors = [where[k] for k in [*earlier[-1:], *[k for k in earlier if k in graded][-1:]]]
    return max(anchors, default=len(student.cells))


def _assembled(student, author, checks, places, tags, tampered):
    token = secrets.token_hex(8)
    modules, imported = imports(author)
    prepared = Prepared(v4.new_notebook(metadata=_metadata(author)), {}, {}, {}, {}, {}, token, tampered)
    cells = prepared.notebook.cells
    cells.append(v4.new_code_cell(starting(token, sorted(modules)), id="guard"))
    prepared.guards["guard"] = ""

    def add_checks_at(index):
        for name in [n for n in checks if places[n] == index]:
            number, seal = len(prepared.checks) + 1, secrets.token_hex(8)
            cells.append(
                v4.new_code_cell(restoring(token, checks[name].source, imported), id=f"guard-{number}")
            )
            cells.append(v4.new_code_cell(sealed(checks[name].source, token, seal), id=f"check-{number}"))
            prepared.guards[f"guard-{number}"] = name
            prepared.checks[f"check-{number}"] = name
            prepared.seals[name] = seal

    for index, cell in enumerate(student.cells):
        if name_of(cell) not in checks:
            metadata = {"tags": tags[name_of(cell)]} if name_of(cell) in tags else {}
            cells.append(nbformat.from_dict({**cell, "id": f"student-{index + 1}", "metadata": metadata}))
            prepared.student[f"student-{index + 1}"] = index + 1
            prepared.names[f"student-{index + 1}"] = name_of(cell)
        add_checks_at(index)
    add_checks_at(len(student.cells))
    return prepared


def _metadata(author):
    return {
        k: author.metadata[k]
        for k in ("course", "title", "kernelspec", "language_info")
        if k in author.metadata
    }


def _same(text, *others):
    return any(_bare(text) == _bare(other) for other in others)


def _bare(text):
    return [line.rstrip() for line in text.strip().splitlines() if line.strip()]
