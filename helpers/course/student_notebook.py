"""Notebooks of strangers: of what their files say, only what running and marking them needs."""

import json
import re

import nbformat
from nbformat import NotebookNode, v4

from helpers.course.cells import marked
from helpers.course.errors import CourseError
from helpers.course.sanitise import sendable

__all__ = ["LARGEST", "NotANotebook", "notebook_of", "read_untrusted"]

LARGEST = 25 * 10**6  # bytes of a hand-in, pictures included
MOST_CELLS = 2000
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
KERNEL = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}


class NotANotebook(CourseError):
    """The bytes are none that Jupyter could open; says why."""


def read_untrusted(source: bytes | NotebookNode) -> NotebookNode:
    """A clean notebook from a hand-in.

    Cells keep text, attachments, tags and what nbgrader wrote; the notebook its metadata `course` and
    `title`. Outputs are gone, and every cell has an id that no other has.

    Parameters
    ----------
    source : bytes or NotebookNode
        What is in the file, or a notebook.

    Returns
    -------
    NotebookNode

    Raises
    ------
    NotANotebook
    """
    try:
        notebook = _parsed(source) if isinstance(source, bytes) else source
        if len(notebook["cells"]) > MOST_CELLS:
            raise NotANotebook(f"{len(notebook['cells'])} cells, expected at most {MOST_CELLS}")
        cells = [_clean_cell(cell, k) for k, cell in enumerate(notebook["cells"], 1)]
        metadata = _kept(notebook.get("metadata"), course=dict, title=str)
        seen = set()
        for k, cell in enumerate(cells, 1):
            if cell.id in seen:
                cell.id = _unused(seen, k)
            seen.add(cell.id)
        return v4.new_notebook(cells=cells, metadata=metadata | KERNEL)
    except NotANotebook:
        raise
    except Exception as error:  # whatever it holds, it gets a verdict
        raise NotANotebook(f"{type(error).__name__}: {error}") from error


def _unused(seen, number):
    """An id for the cell of this number that no earlier cell has."""
    while f"again-{number}" in seen:
        number += 1
    return f"again-{number}"


def _parsed(source):
    if len(source) > LARGEST:
        raise NotANotebook(f"{len(source) / 1e6:.0f} MB, expected less than {LARGEST / 1e6:.0f} MB")
    notebook = json.loads(source.decode("utf-8-sig"))
    if isinstance(notebook, dict) and notebook.get("nbformat") in (2, 3):
        notebook = nbformat.convert(nbformat.from_dict(notebook), 4)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise NotANotebook("it has no list of cells")
    return notebook


def _clean_cell(cell, number):
    kind, text = cell["cell_type"], cell["source"]
    text = "".join(text) if isinstance(text, list) else text
    if kind not in ("code", "markdown", "raw") or not isinstance(text, str):
        raise NotANotebook(f"cell {number} is no cell")
    more = {"metadata": _kept(cell.get("metadata"), nbgrader=dict, tags=list)}
    if kind == "markdown":
        more |= _kept({"attachments": cell.get("attachments")}, attachments=dict)
    named = cell.get("id")
    more["id"] = named if isinstance(named, str) and CELL_ID.fullmatch(named) else f"cell-{number}"
    return getattr(v4, f"new_{kind}_cell")(sendable(text), **more)


def _kept(found, **wanted):
    """The entries of a dictionary that have the type wanted and no deep insides."""
    if not isinstance(found, dict):
        return {}
    kept = {}
    for name, kind in wanted.items():
        if isinstance(found.get(name), kind) and _flat(found[name]):
            kept[name] = found[name]
    if "tags" in kept:
        kept["tags"] = [tag for tag in dict.fromkeys(map(str, kept["tags"])) if tag and "," not in tag]
    return kept


def _flat(value, levels=6):
    """Whether lists and dictionaries lie in each other less than `levels` deep."""
    inner = ()
    if isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    return levels > 0 and all(_flat(v, levels - 1) for v in inner)


def notebook_of(content: bytes) -> NotebookNode:
    """The notebook in a hand-in: cells with type, text, id, nbgrader's grade_id and tags.

    Parameters
    ----------
    content : bytes
        What is in the file.

    Returns
    -------
    NotebookNode
        Without outputs.

    Raises
    ------
    NotANotebook
    """
    notebook = read_untrusted(content)
    course = notebook.metadata.get("course")
    kept = {}
    for name in ("sheet", "exercise"):
        if isinstance(course, dict) and isinstance(course.get(name), int):
            kept[name] = course[name]
    notebook.metadata = nbformat.from_dict({"course": kept})
    for cell in notebook.cells:
        metadata = {}
        if isinstance(marked(cell).get("grade_id"), str):
            metadata["nbgrader"] = {"grade_id": marked(cell)["grade_id"]}
        if isinstance(cell.metadata.get("tags"), list):
            metadata["tags"] = [tag for tag in cell.metadata["tags"] if isinstance(tag, str)]
        cell.metadata = nbformat.from_dict(metadata)
    return notebook
