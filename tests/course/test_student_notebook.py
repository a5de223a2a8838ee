"""What is read of a notebook that a stranger wrote."""

import json

import nbformat
import pytest

from helpers.course.student_notebook import NotANotebook, notebook_of, read_untrusted
from tests.builders import toy_sheet
from tests.builders.executed import SOLUTION, notebook


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"nbformat": 4}',
        b'{"nbformat": 4, "cells": [{}]}',
        b"null",
        b"1e999",
    ],
)
def test_what_is_no_notebook(content):
    with pytest.raises(NotANotebook):
        notebook_of(content)


def test_hostile_metadata_are_left_behind():
    notebook = toy_sheet.released({})
    notebook.cells[5].metadata = {"nbgrader": {"grade_id": ["a"], "points": 100}, "tags": "raises-exception"}
    notebook.cells[6].metadata["nbgrader"]["points"] = 1000
    notebook.metadata = {"course": {"sheet": "7; drop table", "exercise": 1}, "kernelspec": {"name": "evil"}}
    read = notebook_of(json.dumps(notebook).encode())
    assert "evil" not in str(read.metadata.get("kernelspec")) and read.metadata["course"] == {"exercise": 1}
    assert read.cells[5].metadata == {} and read.cells[6].metadata == {
        "nbgrader": {"grade_id": "a-mean-check"}
    }


def test_reading_keeps_what_grading_needs():
    given = json.loads(nbformat.writes(notebook("1", "2", "3", title="T")))
    given["cells"][0] |= {"id": "x", "metadata": SOLUTION | {"tags": ["a", "a", 3], "trusted": True}}
    given["cells"][1]["id"] = "x"
    del given["cells"][2]["id"]
    read = read_untrusted(json.dumps(given).encode())
    assert [c.id for c in read.cells] == ["x", "again-2", "cell-3"]
    assert read.cells[0].metadata == SOLUTION | {"tags": ["a", "3"]}
    assert read == read_untrusted(read) and read.metadata.title == "T"
    given["cells"][0]["id"] = given["cells"][1]["id"] = "again-2"
    assert [c.id for c in read_untrusted(json.dumps(given).encode()).cells] == [
        "again-2",
        "again-3",
        "cell-3",
    ]
    with pytest.raises(NotANotebook, match="list of cells"):
        read_untrusted(b'{"cells": 3}')
