"""What is read of a notebook that a stranger wrote."""

import json

import pytest

from helpers.course.student_notebook import NotANotebook, notebook_of
from tests.builders import toy_sheet


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
