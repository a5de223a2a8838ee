"""A notebook of one answer, and what marks solutions and hidden checks in any."""

import re

from nbformat.v4 import new_code_cell, new_notebook

from tests.builders.notebooks import marked

REGION = re.compile(
    r"^[ \t]*### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)^[ \t]*### END \1$", re.MULTILINE | re.DOTALL
)


def small_notebook(source="### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION", **flags):
    """A notebook whose one cell holds this source, a solution if flags do not say otherwise."""
    cell = new_code_cell(source, id="answer", metadata=marked(**{"solution": True} | flags))
    course = {"sheet": 1, "exercise": 2, "points": 3, "minutes": 4}
    return new_notebook(cells=[cell], metadata={"title": "Small", "course": course})
