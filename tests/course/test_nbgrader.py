"""nbgrader reads our notebooks: its student version is ours, and it gives the right points."""

import csv
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.course.stubs import nbgrader_source, student_version
from helpers.places import NOTEBOOKS

NAME = "04_1_pytorch_autograd.ipynb"
SHEET = "sheet04"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "course"
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\\nraise NotImplementedError()"}
c.ClearSolutions.text_stub = "Your answer: double-click here."
c.ExecutePreprocessor.timeout = 300
"""
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("nbgrader") is None,
    reason="nbgrader is not installed: pip install -c constraints.txt -e '.[nbgrader]'",
)


@pytest.fixture(scope="module")
def source():
    return nbgrader_source(nbformat.read(NOTEBOOKS / NAME, as_version=4))


@pytest.fixture(scope="module")
def course(tmp_path_factory, source):
    """A course of nbgrader with our notebook released and three hand-ins graded. Returns: its folder."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "nbgrader_config.py").write_text(CONFIG)
    write(source, folder / "source" / SHEET)
    nbgrader(folder, "generate_assignment", SHEET)

    released = nbformat.read(folder / "release" / SHEET / NAME, as_version=4)
    write(released, folder / "submitted" / "untouched" / SHEET)
    write(filled(released, source), folder / "submitted" / "solved" / SHEET)
    wrong = filled(released, source)
    # minima and maxima confused, which only the hidden check sees; and the check itself done away with
    solution, check = (next(c for c in wrong.cells if c.id == name) for name in ("c-zeros", "c-zeros-check"))
    right, twisted = '"minimum" if is_minimum else "maximum"', '"maximum" if is_minimum else "minimum"'
    assert right in solution.source
    solution.source, check.source = solution.source.replace(right, twisted), "pass"
    write(wrong, folder / "submitted" / "wrong" / SHEET)
    nbgrader(folder, "autograde", SHEET)
    nbgrader(folder, "export")
    return folder


def write(notebook, folder):
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / NAME)


def nbgrader(folder, *arguments):
    command = [sys.executable, "-m", "nbgrader", *arguments]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # it calls alembic
    environment = os.environ | {"PATH": path}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def filled(released, source):
    """The released notebook with the solutions of the source."""
    solutions = {c.id: c.source for c in source.cells if c.metadata.get("nbgrader", {}).get("solution")}
    cells = [nbformat.from_dict(c | {"source": solutions.get(c.id, c.source)}) for c in released.cells]
    return nbformat.from_dict(released | {"cells": cells})


def scores(course):
    with open(course / "grades.csv") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def test_its_student_version_is_ours(course, source):
    theirs = nbformat.read(course / "release" / SHEET / NAME, as_version=4)
    ours = student_version(source)
    assert [c.id for c in theirs.cells] == [c.id for c in ours.cells]
    for their, our in zip(theirs.cells, ours.cells, strict=True):
        assert (their.cell_type, their.source) == (our.cell_type, our.source)
        assert their.metadata.get("editable", True) == our.metadata.get("editable", True)
    assert any("raise NotImplementedError()" in c.source for c in theirs.cells)


def test_autograding_gives_the_right_points(course, source):
    marked = [c.metadata["nbgrader"] for c in source.cells if "nbgrader" in c.metadata]
    checks = {m["grade_id"]: m["points"] for m in marked if m["grade"] and not m["solution"]}
    got = scores(course)
    assert set(got) == {"solved", "untouched", "wrong"}
    assert {float(row["max_score"]) for row in got.values()} == {source.metadata["course"]["points"]}
    assert float(got["solved"]["score"]) == sum(checks.values())
    assert float(got["untouched"]["score"]) == 0
    assert float(got["wrong"]["score"]) == sum(checks.values()) - checks["c-zeros-check"]


def test_hidden_checks_are_run_but_not_shown(course):
    solved = course / "autograded" / "solved" / SHEET / NAME
    check = next(c for c in nbformat.read(solved, as_version=4).cells if c.id == "a-traces-check")
    assert "### BEGIN HIDDEN TESTS" in check.source
    released = (course / "release" / SHEET / NAME).read_text()
    assert not re.search("HIDDEN TESTS|BEGIN SOLUTION", released)
