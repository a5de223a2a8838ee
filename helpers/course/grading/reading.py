"""Hand-ins as notebooks: of what a stranger's file says, only what marking needs."""

from nbformat import NotebookNode

from helpers.course.strict import NotANotebook, read_untrusted

__all__ = ["NotANotebook", "notebook_of"]

MOST_CELLS = 2000


def notebook_of(content: bytes) -> NotebookNode:
    """The notebook in the bytes of a hand-in: cells with type, text, id, nbgrader's grade_id and tags.

    Returns: notebook node without outputs.
    Raises: NotANotebook.
    """
    notebook = read_untrusted(content)
    if len(notebook.cells) > MOST_CELLS:
        raise NotANotebook(f"{len(notebook.cells)} cells, expected at most {MOST_CELLS}")
    course = notebook.metadata.get("course")
    course = course if isinstance(course, dict) else {}
    notebook.metadata = {
        "course": {k: course[k] for k in ("sheet", "exercise") if isinstance(course.get(k), int)}
    }
    for cell in notebook.cells:
        marked, tags = cell.metadata.get("nbgrader"), cell.metadata.get("tags")
        name = marked.get("grade_id") if isinstance(marked, dict) else None
        cell.metadata = type(cell)(
            ({"nbgrader": {"grade_id": name}} if isinstance(name, str) else {})
            | ({"tags": [t for t in tags if isinstance(t, str)]} if isinstance(tags, list) else {})
        )
    return notebook
