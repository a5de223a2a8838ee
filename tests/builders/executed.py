"""Notebooks made of sources, and executed as those of strangers."""

from nbformat import v4

from helpers.course.bubblewrap import unavailable
from helpers.course.untrusted import execute_untrusted
from tests.builders.notebooks import bytes_of

UNSAFE = bool(unavailable())  # these hand-ins do no harm


SOLUTION = {"nbgrader": {"schema_version": 3, "grade_id": "a", "solution": True, "grade": False}}


def notebook(*sources, **metadata):
    """A notebook of cells, or of code given as text."""
    cells = [v4.new_code_cell(s) if isinstance(s, str) else s for s in sources]
    return v4.new_notebook(cells=cells, metadata=metadata)


def execute(*sources, limits=None, **options):
    """What came of a notebook of these cells."""
    content = bytes_of(notebook(*sources))
    return execute_untrusted(content, "test", limits, unsafe=UNSAFE, **options)


def text(execution):
    """The texts that its cells put out."""
    return [o.get("text") for c in execution.notebook.cells for o in c.get("outputs", [])]
