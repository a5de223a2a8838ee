"""Notebooks against the sheets: names, points, exam-like items, length."""

import re

import nbformat
import pytest

from helpers.course.cells import is_written_answer
from helpers.course.effort import main_part
from helpers.places import NOTEBOOKS

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
# points of the items (a), (b), … of the sheets, and which of them are called exam-like
POINTS = {
    "04_1": [1, 2, 1],
    "04_2": [1, 2, 2, 1, 2],
    "09_1": [2, 1],
    "09_2": [2, 1, 2],
    "09_3": [2, 3, 1, 2, 2, 1],
}
EXAM_LIKE = {"09_1": "a", "09_3": "a"}
MOST_CELLS = 60  # before what goes beyond the sheet
MOST_LINES = 30  # of a code cell


@pytest.fixture(params=PATHS, ids=lambda p: p.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def headings(notebook):
    """Heading lines `## (a) Title (2 points, 35 min)` as (letter, whole line, points)."""
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    found = re.finditer(r"^## \((\w)\).*\((\d+) points?\b.*$", text, re.MULTILINE)
    return [(m[1], m[0], int(m[2])) for m in found]


def test_name_metadata_and_first_cell_agree(path, notebook):
    name = re.fullmatch(r"(\d\d)_(\d)_[a-z]+(_[a-z]+)*", path.stem)
    assert name, f"{path.stem}: expected SS_E_title"
    course = notebook.metadata["course"]
    assert (course["sheet"], course["exercise"]) == (int(name[1]), int(name[2]))
    sheet = f"**Sheet {course['sheet']}, exercise {course['exercise']} · {course['points']} points · about "
    assert sheet in notebook.cells[0].source


def test_items_and_points_of_the_sheet(path, notebook):
    letters = [letter for letter, *_ in headings(notebook)]
    assert letters == list("abcdefgh"[: len(letters)])
    points = [points for *_, points in headings(notebook)]
    assert points == POINTS.get(path.stem[:4], points)


def test_exam_like_items_say_so(path, notebook):
    tagged = [letter for letter, line, _ in headings(notebook) if "exam-like" in line]
    expected = EXAM_LIKE.get(path.stem[:4])
    assert expected is None or tagged == [expected]


def test_nothing_is_asked_beyond_the_sheet(notebook):
    beyond = notebook.cells[len(main_part(notebook)) :]
    asked = [c.id for c in beyond if c.metadata.get("nbgrader", {}).get("grade")]
    assert not asked, f"items with points after ## Beyond: {asked}"


def test_main_part_is_short(notebook):
    assert len(main_part(notebook)) <= MOST_CELLS
    for cell in notebook.cells:
        if cell.cell_type == "code" and not is_written_answer(cell):  # of which only the text is read
            lines = len(cell.source.splitlines())
            assert lines <= MOST_LINES, f"{cell.id} has {lines} lines: move what only draws to helpers"
