"""One notebook of one group: restored, run in the sandbox, and judged by its checks."""

import json
from pathlib import Path

import nbformat

from helpers.course.cells import name_of
from helpers.course.grading.points import items_of, propose, untouched
from helpers.course.grading.reading import NotANotebook, notebook_of
from helpers.course.grading.redefinitions import suspicions
from helpers.course.grading.restore import prepare
from helpers.course.release import student_version
from helpers.course.strict import Limits, execute_untrusted
from helpers.files import replacing

__all__ = ["mark_notebook"]


def mark_notebook(handed_in, solved, executed, quick=False, limits=None, unsafe=False):
    """Run a hand-in with the author's checks and propose points; a task of pool.run_tasks.

    Arguments: paths of the hand-in, of the solved notebook, and of the executed copy that is written; quick,
    to use the small sizes of the notebook's metadata; limits: fields of strict.Limits; unsafe as there.
    Returns: dict of verdict, executed (whether it was run), limits, seconds, tampered, suspicions, points
    {item id: [points or None, reason]}.
    """
    author = nbformat.read(solved, as_version=4)
    items = items_of(author)
    try:
        student = notebook_of(Path(handed_in).read_bytes())
    except NotANotebook as error:
        return _nothing(items, f"not a notebook ({error})", limits)
    code = [c for c in student.cells if c.cell_type == "code" and c.source.strip()]
    if not code:
        return _nothing(items, "empty (no cell holds code)", limits)
    stubs = untouched(student, author)
    answers = {a for i in items for a in i.answers}
    if answers and answers <= stubs:
        return _nothing(items, "unchanged (nothing is filled in)", limits)

    prepared = prepare(student, author)
    values = author.metadata["course"].get("quick", {}) if quick else {}
    execution = execute_untrusted(
        prepared.notebook,
        Path(handed_in).name,
        Limits(**(limits or {})),
        unsafe=unsafe,
        keep_going=True,
        parameters=values,
    )
    results = {c.id: c for c in execution.cells}
    replaced = _said_by_guards(execution.notebook, prepared)
    checks = {n: _outcome(c, results, execution, prepared) for c, n in prepared.checks.items()}
    verdict = _verdict(execution, prepared)
    _write(_presentable(execution.notebook, prepared, author, items), executed)
    points = propose(items, stubs, {name_of(c) for c in student.cells}, checks)
    return {
        "verdict": verdict,
        "executed": True,
        "limits": limits,
        "seconds": round(execution.verdict.seconds, 1),
        "points": {item: list(proposal) for item, proposal in points.items()},
        "tampered": prepared.tampered,
        "suspicions": [*suspicions(student, author), *replaced],
    }


def _nothing(items, verdict, limits):
    points = {i.id: [0.0, verdict.split(" (")[0]] for i in items}
    return {
        "verdict": verdict,
        "executed": False,
        "limits": limits,
        "seconds": 0.0,
        "points": points,
        "tampered": [],
        "suspicions": [],
    }


def _outcome(cell_id, results, execution, prepared):
    """Why a check gives no points, or ""."""
    result = results[cell_id]
    if result.status == "error":
        told = result.ename == "AssertionError" and result.evalue  # the check's own words
        return result.evalue if told else f"{result.ename}: {result.evalue}"
    if result.status != "ok":
        return f"{result.status}: the notebook {_stop(execution, prepared)}"
    cell = execution.notebook.cells[result.index]
    whole = any(prepared.seals[prepared.checks[cell_id]] in line for line in _printed(cell))
    return "" if whole else "the check did not run to its end, although it reports no error"


def _said_by_guards(notebook, prepared):
    """What had been replaced when a check began, as the guards found it."""
    lines = []
    for cell in notebook.cells:
        check = prepared.guards.get(cell.id)
        for line in _printed(cell) if check else []:
            if line.startswith(prepared.token):
                lines += [f"{check}: {name} was not the original" for name in _names(line, prepared.token)]
    return lines


def _names(line, token):
    try:
        names = json.loads(line.removeprefix(token))
    except ValueError:
        return []
    return [str(n)[:80] for n in names[:20]] if isinstance(names, list) else []


def _printed(cell):
    streams = [o.text for o in cell.get("outputs", []) if o.output_type == "stream" and o.name == "stdout"]
    return "\n".join(streams).split("\n")


def _verdict(execution, prepared):
    """The verdict, with cells numbered as in the hand-in; failed checks are no failure of the notebook."""
    verdict = execution.verdict
    if verdict.status not in ("ran", "failed"):
        return f"{_stop(execution, prepared)}" + (f" ({verdict.error})" if verdict.error else "")
    failed = [c for c in execution.cells if c.status == "error" and c.id in prepared.student]
    if not failed:
        return "ran"
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    first = f"{failed[0].ename}: {failed[0].evalue}"[:100].rstrip(": ")
    return f"failed at cell {prepared.student[failed[0].id]}{more} ({first})"


def _stop(execution, prepared):
    verdict, where = execution.verdict, ""
    if verdict.cell:
        stopped_at = execution.notebook.cells[verdict.cell - 1].id
        if stopped_at in prepared.student:
            where = f" at cell {prepared.student[stopped_at]}"
        elif check := prepared.checks.get(stopped_at) or prepared.guards.get(stopped_at):
            where = f" at check {check}"
    return f"{verdict.status}{where}"


def _presentable(notebook, prepared, author, items):
    """The executed notebook without guards and seals; its metadata say what each cell is."""
    originals = {name_of(c): c.source for c in author.cells}
    released = {name_of(c): c.source for c in student_version(author).cells}
    by_cell = {i.cell: i.id for i in items}
    secrets = [*prepared.seals.values(), prepared.token]
    cells = []
    for cell in notebook.cells:
        if cell.id in prepared.guards:
            continue
        if check := prepared.checks.get(cell.id):
            cell.source = originals[check]
            cell.metadata = nbformat.from_dict(
                {"course": {"check": by_cell[check], "shown": released[check]}}
            )
        else:
            named = by_cell.get(prepared.names[cell.id])
            cell.metadata = nbformat.from_dict({"course": {"answer": named} if named else {}})
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                lines = [line for line in output.text.split("\n") if not any(s in line for s in secrets)]
                output.text = "\n".join(lines)
        if "outputs" in cell:
            cell.outputs = [o for o in cell.outputs if o.output_type != "stream" or o.text]
        cells.append(cell)
    notebook.cells = cells
    return notebook


def _write(notebook, path):
    with replacing(Path(path)) as file:
        file.write(nbformat.writes(notebook).encode())
