"""The notebook as students get it: stubs in place of solutions, prompts in place of written answers."""

import copy
import re

import nbformat
from nbformat import NotebookNode, v4

from helpers.course.cells import CODE, PROMPT, is_written_answer, marked
from helpers.course.errors import CourseError

__all__ = ["nbgrader_source", "stubbed", "student_version"]

FLAGS = {"SOLUTION": "solution", "HIDDEN TESTS": "grade"}  # region → what nbgrader must call its cell
MARKER = re.compile(r"(\s*)### (BEGIN|END) (SOLUTION|HIDDEN TESTS)\s*")
NEARLY = re.compile(r"#\s*(BEGIN|END)\s+(SOLUTION|HIDDEN|MARK)", re.IGNORECASE)
NEW = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}


def student_version(notebook: NotebookNode) -> NotebookNode:
    """The notebook as students get it: stubs for solutions, no hidden checks, no outputs.

    Written answers are text cells. Checks and statements are locked in JupyterLab.

    Parameters
    ----------
    notebook : NotebookNode
        A solved notebook; it is not changed.

    Returns
    -------
    NotebookNode

    Raises
    ------
    CourseError
        It names notebook and cell when regions are not closed, nested or misplaced.
    """
    released = copy.deepcopy(notebook)
    kept = ("title", "course", "kernelspec", "language_info")
    released.metadata = nbformat.from_dict({k: v for k, v in notebook.metadata.items() if k in kept})
    for number, cell in enumerate(released.cells):
        try:
            source = stubbed(cell)
        except ValueError as error:
            raise CourseError(f"{notebook.metadata.get('title', 'notebook')}: {error}") from None
        cell_marked = marked(cell)
        kept = {k: v for k, v in cell.metadata.items() if k in ("nbgrader", "tags")}
        if cell_marked.get("locked"):
            kept["editable"] = False
        if cell_marked.get("locked") or cell_marked.get("solution"):
            kept["deletable"] = False
        kind = "markdown" if is_written_answer(cell) else cell.cell_type
        new = NEW[kind](source, id=cell.id, metadata=kept)
        if cell.get("attachments") and not cell_marked.get("solution"):
            new.attachments = cell.attachments
        released.cells[number] = new
    return released


def stubbed(cell: NotebookNode) -> str:
    """Source of a cell as students get it.

    A solution region becomes a stub that raises NotImplementedError, at its indentation. A solution cell
    without regions is one as a whole, and so is a written answer, which becomes a prompt.

    Parameters
    ----------
    cell : NotebookNode

    Returns
    -------
    str

    Raises
    ------
    CourseError
        It names the cell when regions are not closed, nested or misplaced.
    """
    pieces = _pieces(cell)
    if is_written_answer(cell):
        return PROMPT
    if marked(cell).get("solution") and not any(region == "SOLUTION" for region, *_ in pieces):
        return PROMPT if cell.cell_type == "markdown" else "\n".join(CODE)
    released = []
    for region, indentation, lines in pieces:
        if not region:
            released += lines
        elif region == "SOLUTION":
            released += [indentation + line for line in CODE]
    return "\n".join(released)


def nbgrader_source(notebook: NotebookNode) -> NotebookNode:
    """The solved notebook with all written answers as text cells, as nbgrader makes code stubs of code cells.

    Parameters
    ----------
    notebook : NotebookNode
        A solved notebook; it is not changed.

    Returns
    -------
    NotebookNode
    """
    source = copy.deepcopy(notebook)
    for number, cell in enumerate(source.cells):
        if is_written_answer(cell) and cell.cell_type == "code":
            text = f"```python\n{cell.source}\n```"
            source.cells[number] = v4.new_markdown_cell(text, id=cell.id, metadata=cell.metadata)
    return source


def _pieces(cell):
    """Cut a cell at its markers. Returns: list of [region or "", indentation, lines without markers]."""

    def wrong(what):
        return CourseError(f"cell {cell.get('id', 'without id')}: {what}")

    pieces = [["", "", []]]
    for line in cell.source.split("\n"):
        marker, region = MARKER.fullmatch(line), pieces[-1][0]
        if not marker:
            if NEARLY.search(line):
                raise wrong(f"{line.strip()!r} is no marker; expected ### BEGIN SOLUTION or the like, alone")
            pieces[-1][2].append(line)
            continue
        indentation, edge, name = marker.groups()
        if edge == "BEGIN" and region:
            raise wrong(f"{name} begins within {region}; close that first")
        if edge == "END" and region != name:
            raise wrong(f"{name} ends, but {region or 'no region'} is open")
        if not marked(cell).get(FLAGS[name]) or (name == "HIDDEN TESTS" and marked(cell).get("solution")):
            raise wrong(f"{name} in a cell that nbgrader's metadata do not call one of {FLAGS[name]}s")
        pieces.append([name, indentation, []] if edge == "BEGIN" else ["", "", []])
    if pieces[-1][0]:
        raise wrong(f"{pieces[-1][0]} is not closed")
    return pieces
