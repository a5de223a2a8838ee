"""One notebook of one group: restored, run in the sandbox, and judged by its checks."""

import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from helpers.course.cells import INJECTED, name_of, with_parameters
from helpers.course.grading.insert_checks import Prepared, prepare
from helpers.course.grading.proposals import propose, untouched
from helpers.course.grading.result import Result
from helpers.course.grading.suspicions import suspicions
from helpers.course.items import Item, items_of
from helpers.course.status import Status
from helpers.course.stubs import student_version
from helpers.course.student_notebook import NotANotebook, notebook_of
from helpers.course.untrusted import CellResult, Execution, Limits, execute_untrusted
from helpers.files import replacing

__all__ = ["mark_notebook"]


def mark_notebook(
    handed_in: str,
    solved: str,
    executed: str,
    companions: str | None = None,
    made_from: str = "",
    quick: bool = False,
    limits: dict[str, Any] | None = None,
    unsafe: bool = False,
) -> dict[str, Any]:
    """Run a hand-in with the author's checks and propose points; a task of pool.run_tasks.

    Parameters
    ----------
    handed_in, solved, executed : str
        Paths of the hand-in, of the solved notebook, and of the executed copy that is written.
    companions : str or None
        Path of a zip of the files that lie beside the hand-in.
    made_from : str
        Digest of all that the result depends on, for the metadata of the executed copy.
    quick : bool
        Use the small sizes of the notebook's metadata.
    limits : dict or None
        Fields of untrusted.Limits.
    unsafe : bool
        Without sandbox.

    Returns
    -------
    dict
        A Result as JSON.
    """
    author = nbformat.read(solved, as_version=4)
    items = items_of(author)
    try:
        student = notebook_of(Path(handed_in).read_bytes())
    except NotANotebook as error:
        return _nothing(items, Status.NOT_A_NOTEBOOK, str(error), limits)
    if not _holds_code(student):
        return _nothing(items, Status.EMPTY, "no cell holds code", limits)
    stubs = untouched(student, author)
    answers = set()
    for item in items:
        answers.update(item.answers)
    if answers and answers <= stubs:
        return _nothing(items, Status.UNCHANGED, "nothing is filled in", limits)

    files = _unpacked(companions)
    prepared = prepare(student, author)
    values = author.metadata["course"].get("quick", {}) if quick else {}
    execution = execute_untrusted(
        with_parameters(prepared.notebook, values),
        Path(handed_in).name,
        Limits(**(limits or {})),
        unsafe=unsafe,
        keep_going=True,
        files=files,
        unrecorded={INJECTED, *prepared.guards, *prepared.checks},
    )
    cells = {cell.id: cell for cell in execution.cells}
    replaced = _said_by_guards(execution, prepared)
    result = _result(execution, prepared)
    checks = {}
    for cell_id, name in prepared.checks.items():
        checks[name] = _outcome(cells[cell_id], execution, prepared, result)
    shown = _presentable(execution.notebook, prepared, author, items)
    shown.metadata.setdefault("course", {})["made_from"] = made_from
    _write(shown, executed)
    present = set(map(name_of, student.cells))
    result = replace(
        result,
        executed=True,
        limits=limits,
        seconds=round(execution.verdict.seconds, 1),
        points=propose(items, stubs, present, checks),
        tampered=prepared.tampered,
        suspicions=[*suspicions(student, author, files), *replaced],
    )
    return result.to_json()


def _unpacked(companions: str | None) -> dict[str, bytes]:
    """The files of a zip that intake has made."""
    if companions is None:
        return {}
    with zipfile.ZipFile(companions) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _holds_code(notebook: NotebookNode) -> bool:
    return any(cell.cell_type == "code" and cell.source.strip() for cell in notebook.cells)


def _nothing(items: list[Item], status: Status, detail: str, limits: dict[str, Any] | None) -> dict[str, Any]:
    points = {item.id: (0.0, str(status)) for item in items}
    return Result(status, detail=detail, limits=limits, points=points).to_json()


def _result(execution: Execution, prepared: Prepared) -> Result:
    """How the run went, with cells numbered as in the hand-in; failed checks are no failure of it."""
    verdict = execution.verdict
    if verdict.status not in (Status.RAN, Status.FAILED):
        return Result(verdict.status, _place(execution, prepared), detail=verdict.error)
    failed = []
    for cell in execution.cells:
        if cell.status == "error" and cell.id in prepared.student:
            failed.append(cell)
    if not failed:
        return Result(Status.RAN)
    place = f"cell {prepared.student[failed[0].id]}"
    detail = f"{failed[0].ename}: {failed[0].evalue}"[:100].rstrip(": ")
    return Result(Status.FAILED, place, len(failed) - 1, detail)


def _place(execution: Execution, prepared: Prepared) -> str:
    """Where the run stopped, as the student or the author knows the cell."""
    if not execution.verdict.cell:
        return ""
    cell_id = execution.notebook.cells[execution.verdict.cell - 1].id
    if cell_id in prepared.student:
        return f"cell {prepared.student[cell_id]}"
    check = prepared.checks.get(cell_id) or prepared.guards.get(cell_id)
    return f"check {check}" if check else ""


def _outcome(cell: CellResult, execution: Execution, prepared: Prepared, result: Result) -> str:
    """Why a check gives no points, or ""."""
    if cell.status == "error":
        if cell.ename == "AssertionError" and cell.evalue:
            return cell.evalue  # the check's own words
        return f"{cell.ename}: {cell.evalue}"
    if cell.status != "ok":
        return f"{cell.status}: the notebook {replace(result, more=0, detail='')}"
    seal = prepared.seals[prepared.checks[cell.id]]
    printed = _printed(execution.notebook.cells[cell.index])
    if seal in printed:
        return ""
    return "the check did not run to its end, although it reports no error"


def _said_by_guards(execution: Execution, prepared: Prepared) -> list[str]:
    """What had been replaced when a check began, as the guards found it, and guards that said nothing."""
    ran = {cell.id for cell in execution.cells if cell.status in ("ok", "error")}
    lines = []
    for cell in execution.notebook.cells:
        check = prepared.guards.get(cell.id)
        if not check:
            continue
        said = [line for line in _printed(cell).split("\n") if line.startswith(prepared.token)]
        for line in said:
            for name in _names(line, prepared.token):
                lines.append(f"{check}: {name} was not the original")
        if cell.id in ran and not said:
            lines.append(f"{check}: what should put back the originals before it was silenced")
    return lines


def _names(line: str, token: str) -> list[str]:
    try:
        names = json.loads(line.removeprefix(token))
    except ValueError:
        return []
    if not isinstance(names, list):
        return []
    return [str(name)[:80] for name in names[:20]]


def _printed(cell: NotebookNode) -> str:
    text = ""
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stdout":
            text += output.text + "\n"
    return text


def _presentable(
    notebook: NotebookNode, prepared: Prepared, author: NotebookNode, items: list[Item]
) -> NotebookNode:
    """The executed notebook without guards, seals and small sizes; its metadata say what each cell is."""
    originals = _sources(author)
    released = _sources(student_version(author))
    by_cell = {item.cell: item.id for item in items}
    secrets = [*prepared.seals.values(), prepared.token]
    cells = []
    for cell in notebook.cells:
        if cell.id in prepared.guards or cell.id == INJECTED:
            continue
        course = {}
        if check := prepared.checks.get(cell.id):
            cell.source = originals[check]
            course = {"check": by_cell[check], "shown": released[check]}
        elif item := by_cell.get(prepared.names[cell.id]):
            course = {"answer": item}
        cell.metadata = nbformat.from_dict({"course": course})
        if "outputs" in cell:
            _remove_lines(cell, secrets)
        cells.append(cell)
    notebook.cells = cells
    return notebook


def _sources(notebook: NotebookNode) -> dict[str, str]:
    return {name_of(cell): cell.source for cell in notebook.cells}


def _remove_lines(cell: NotebookNode, secrets: list[str]) -> None:
    """Take lines with secrets out of what a cell has printed."""
    secret = re.compile("|".join(map(re.escape, secrets)))
    kept = []
    for output in cell.outputs:
        if output.output_type == "stream":
            lines = output.text.split("\n")
            output.text = "\n".join(line for line in lines if not secret.search(line))
            if not output.text:
                continue
        kept.append(output)
    cell.outputs = kept


def _write(notebook: NotebookNode, path: str) -> None:
    with replacing(Path(path)) as file:
        file.write(nbformat.writes(notebook).encode())
