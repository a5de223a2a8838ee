"""The notebook that is run for marking: the student's cells, with the author's checks in their places."""

import secrets
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode, v4

from helpers.course.cells import is_check, marked, name_of
from helpers.course.grading.guard_cells import imports, restoring, sealed, starting
from helpers.course.stubs import student_version

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """What to run, and what its cells are.

    Parameters
    ----------
    notebook : NotebookNode
    student : dict of str to int
        Cell id → number of the cell in the hand-in.
    names : dict of str to (str or None)
        Cell id → its grade_id there.
    checks : dict of str to str
        Cell id → grade_id of the check.
    guards : dict of str to str
        Cell id → grade_id of the check before which it stands.
    seals : dict of str to str
        grade_id → line that the check prints at its end.
    token : str
        Begins the lines that guards print.
    tampered : list of str
        What was found and mended.
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
    the cells that it follows in the author's notebook. Before each check, kernel_guard.py restores what
    checks use.

    Parameters
    ----------
    student : NotebookNode
        From notebook_of.
    author : NotebookNode
        The solved notebook.

    Returns
    -------
    Prepared
    """
    plan = _plan(author)
    where: dict[str | None, int] = {}  # index of the first cell of each name
    for index, cell in enumerate(student.cells):
        where.setdefault(name_of(cell), index)
    tampered, places = [], {}
    for name in plan.checks:
        copies = [cell for cell in student.cells if name_of(cell) == name]
        in_order = _is_in_order(name, plan, where)
        if not copies:
            tampered.append(f"{name}: the check was deleted")
        elif any(_is_altered(cell, name, plan) for cell in copies):
            tampered.append(f"{name}: the check was altered")
        if len(copies) > 1:
            tampered.append(f"{name}: {len(copies)} cells go by the name of this check")
        if copies and not in_order:
            tampered.append(f"{name}: the check was moved")
        if in_order:
            places[name] = where[name]
        else:
            places[name] = _place(name, plan, where, len(student.cells))
    return _assembled(student, author, plan, places, tampered)


@dataclass(frozen=True)
class _Plan:
    """The author's cells by their names: where each stands, and what it is."""

    order: dict[str | None, int]
    released: dict[str | None, str]  # texts as students get them
    tags: dict[str | None, list[str]]
    checks: dict[str, NotebookNode]
    solutions: list[str | None]  # in their order


def _plan(author: NotebookNode) -> _Plan:
    plan = _Plan({}, {}, {}, {}, [])
    for cell in student_version(author).cells:
        plan.released[name_of(cell)] = cell.source
    for index, cell in enumerate(author.cells):
        name = name_of(cell)
        plan.order[name] = index
        if cell.metadata.get("tags"):
            plan.tags[name] = cell.metadata.tags
        if is_check(cell):
            plan.checks[name] = cell
        if marked(cell).get("solution"):
            plan.solutions.append(name)
    return plan


def _is_in_order(name: str, plan: _Plan, where: dict[str | None, int]) -> bool:
    """Whether a check stands behind the same solution cells as in the author's notebook."""
    if name not in where:
        return False
    for solution in plan.solutions:
        if solution in where:
            behind_there = plan.order[solution] < plan.order[name]
            if (where[solution] < where[name]) != behind_there:
                return False
    return True


def _is_altered(cell: NotebookNode, name: str, plan: _Plan) -> bool:
    """Whether a cell with the name of a check is no longer the check, as released or as the author has it."""
    if cell.cell_type != "code":
        return True
    return _bare(cell.source) not in (_bare(plan.released[name]), _bare(plan.checks[name].source))


def _place(name: str, plan: _Plan, where: dict[str | None, int], last: int) -> int:
    """Index of the student's cell after which a check belongs: the last one of those that it follows."""
    nearest = solution = None
    for other in plan.order:
        if other in where and other not in plan.checks and plan.order[other] < plan.order[name]:
            nearest = other
            if other in plan.solutions:
                solution = other
    if nearest is None:
        return last
    return max(where[nearest], where[solution or nearest])


def _assembled(
    student: NotebookNode, author: NotebookNode, plan: _Plan, places: dict[str, int], tampered: list[str]
) -> Prepared:
    token = secrets.token_hex(8)
    modules, imported = imports(author)
    prepared = Prepared(v4.new_notebook(metadata=_metadata(author)), {}, {}, {}, {}, {}, token, tampered)
    cells = prepared.notebook.cells
    cells.append(v4.new_code_cell(starting(token, sorted(modules)), id="guard"))
    prepared.guards["guard"] = ""

    def add_checks_at(index: int) -> None:
        for name, check in plan.checks.items():
            if places[name] != index:
                continue
            number, seal = len(prepared.checks) + 1, secrets.token_hex(8)
            before = restoring(token, check.source, imported)
            cells.append(v4.new_code_cell(before, id=f"guard-{number}"))
            cells.append(v4.new_code_cell(sealed(check.source, token, seal), id=f"check-{number}"))
            prepared.guards[f"guard-{number}"] = name
            prepared.checks[f"check-{number}"] = name
            prepared.seals[name] = seal

    for index, cell in enumerate(student.cells):
        name = name_of(cell)
        if name not in plan.checks:
            cell_id = f"student-{index + 1}"
            metadata = {"tags": plan.tags[name]} if name in plan.tags else {}
            cells.append(nbformat.from_dict({**cell, "id": cell_id, "metadata": metadata}))
            prepared.student[cell_id] = index + 1
            prepared.names[cell_id] = name
        add_checks_at(index)
    add_checks_at(len(student.cells))
    return prepared


def _metadata(author: NotebookNode) -> dict:
    kept = {}
    for name in ("course", "title", "kernelspec", "language_info"):
        if name in author.metadata:
            kept[name] = author.metadata[name]
    return kept


def _bare(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines() if line.strip()]
