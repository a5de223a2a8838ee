"""`course check`: what a student learns of a notebook before handing it in."""

import os

import nbformat
import pytest
from nbformat import v4

from helpers.course.check import Judgement, check, checked_items
from helpers.course.errors import CourseError
from helpers.course.items import items_of
from helpers.course.member import Member
from tests.builders.notebooks import cell, group_cell, group_source

CHECK = {"grade": True, "locked": True}
MEMBERS = [Member(name, "3") for name in ("Ada Lovelace", "B C", "D E")]


def _notebook(square="def square(x):\n    return x * x", words="The square grows.", points=4):
    notebook = v4.new_notebook(
        cells=[
            group_cell(group_source(MEMBERS)),
            v4.new_markdown_cell("## (a) Squares (4 points, 10 min)"),
            cell(square, "a-square", solution=True),
            cell("assert square(3) == 9, 'expected 9, the square of 3'", "a-check", points=1.5, **CHECK),
            cell("cube = 1", "a-cube", solution=True),
            cell("assert cube == 8", "a-cube-check", points=0.5, **CHECK),
            cell(words, "a-words", "markdown", points=2.0, grade=True, solution=True),
        ]
    )
    notebook.metadata["course"] = {"sheet": 4, "exercise": 1, "points": points}
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return notebook


def _checked(tmp_path, notebook):
    path = tmp_path / "04_1_squares.ipynb"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    lines = []
    checked = check(path, report=lines.append)
    assert path.read_bytes() == before  # the student's file is not touched
    return {one.item.cell: one for one in checked}, "\n".join(lines)


def test_verdicts_and_points_per_item(tmp_path):
    checked, said = _checked(tmp_path, _notebook())
    assert checked["a-check"].verdict == Judgement.PASSED
    assert checked["a-cube-check"].verdict == Judgement.FAILED  # cells behind an error are run too
    assert checked["a-words"].verdict == Judgement.TO_MARK
    assert "1.5 points by the checks" in said
    assert "2 for your tutor" in said
    assert "0.5 failed" in said
    assert "Before you hand in" not in said


def test_a_notebook_saved_long_ago_is_one_that_came_so(tmp_path):
    """The package for students carries the time 1980, and minutes since then tell nobody anything."""
    path = tmp_path / "04_1_squares.ipynb"
    nbformat.write(_notebook(), path)
    said = []
    check(path, report=said.append)
    assert said[0].startswith("04_1_squares.ipynb, as it was saved 0 min ago: running")
    os.utime(path, (0, 315532800))
    check(path, report=said.append)
    assert "04_1_squares.ipynb: running 5 code cells" in said


def test_what_a_check_says_is_shown(tmp_path):
    checked, said = _checked(tmp_path, _notebook("def square(x):\n    return 2 * x"))
    assert checked["a-check"].verdict == Judgement.FAILED
    assert "expected 9, the square of 3" in said


@pytest.mark.parametrize(
    "left",
    ["# YOUR CODE HERE\nraise NotImplementedError()", "def square(x):\n    raise NotImplementedError()"],
)
def test_what_is_not_filled_in_is_empty(tmp_path, left):
    checked, said = _checked(tmp_path, _notebook(left, words="Your answer: double-click here."))
    assert checked["a-check"].verdict == Judgement.EMPTY
    assert checked["a-words"].verdict == Judgement.EMPTY
    assert "3.5 empty" in said


def test_a_kernel_that_dies_leaves_checks_that_were_not_run(tmp_path):
    checked, said = _checked(tmp_path, _notebook("import os\nos._exit(1)"))
    assert checked["a-check"].verdict == Judgement.FAILED
    assert checked["a-check"].said == "it was not run"
    assert "Broke off" in said


def test_deleted_items_and_a_missing_group_are_named(tmp_path):
    notebook = _notebook()
    del notebook.cells[-1]
    notebook.cells[0].source = 'GROUP = [{"name": "", "tutorial": 0}]'
    _, said = _checked(tmp_path, notebook)
    assert "Items of 2 points are missing" in said
    assert "no name in the group cell" in said


def test_a_notebook_without_items_is_refused(tmp_path):
    path = tmp_path / "mine.ipynb"
    notebook = v4.new_notebook(cells=[v4.new_code_cell("1 + 1")])
    nbformat.write(notebook, path)
    with pytest.raises(CourseError, match="no notebook of the course"):
        check(path)


def test_a_check_without_outputs_of_its_own_was_not_run():
    notebook = _notebook()
    verdicts = {one.item.cell: one.said for one in checked_items(notebook, items_of(notebook))}
    assert verdicts["a-check"] == "it was not run"
