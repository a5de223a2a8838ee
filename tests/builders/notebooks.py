"""Pieces of notebooks that are alike in all sheets: the group cell, nbgrader's marks, the bytes of a file."""

import nbformat
from nbformat import v4

from helpers.course.member import Member


def group_source(members):
    """What the group cell of these members says."""
    entries = []
    for member in members:
        entry = {"name": member.name, "tutorial": member.tutorial}
        if member.matriculation:
            entry["matriculation"] = member.matriculation
        entries.append(entry)
    return f"GROUP = {entries}"


def group_cell(source):
    """The cell that says who hands in."""
    return v4.new_code_cell(source, id="group", metadata={"tags": ["group"]})


def marked(**flags):
    """Metadata of a cell with nbgrader's marks, all off but those given."""
    off = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": off | flags}


def cell(source, name, kind="code", tags=None, **flags):
    """A cell by the name that it has for nbgrader, too, where flags (solution, grade, points) are given."""
    metadata = {}
    if tags:
        metadata["tags"] = tags
    if flags:
        metadata |= marked(grade_id=name, **flags)
    new = v4.new_code_cell if kind == "code" else v4.new_markdown_cell
    return new(source, id=name, metadata=metadata)


def bytes_of(notebook):
    """The file of a notebook."""
    return nbformat.writes(notebook).encode()


def parsed(content):
    """The notebook in the bytes of a file."""
    return nbformat.reads(content.decode(), 4)


def course_notebook(**metadata):
    """A heading, the group cell of two students, and a cell that was run."""
    members = [Member("Ada Lovelace", "1"), Member("Emmy Nöther", "2")]
    cells = [
        v4.new_markdown_cell("# A heading with $x^2$\n\nIntroduction."),
        group_cell(group_source(members)),
        v4.new_code_cell("print(1)", execution_count=3, outputs=[v4.new_output("stream", text="1\n")]),
    ]
    return v4.new_notebook(cells=cells, metadata=metadata)
