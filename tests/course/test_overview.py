"""The map of the course against the metadata of the notebooks."""

import nbformat
import pytest
from nbformat import v4

from helpers.course.errors import CourseError
from helpers.course.overview import overview
from helpers.places import NOTEBOOKS

COURSE = {"sheet": 7, "exercise": 1, "points": 4, "minutes": 90, "learn": "What |M|² is.", "needs": ["04_1"]}


def _written(folder, name, **course):
    notebook = v4.new_notebook(metadata={"title": "Jets", "course": COURSE | course})
    nbformat.write(notebook, folder / f"{name}.ipynb")


def test_the_map_is_that_of_the_notebooks():
    text = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    assert text == overview(), "write it anew: python -m helpers.course.overview --write"


def test_what_is_needed_before_is_an_earlier_notebook():
    known = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        needs = nbformat.read(path, as_version=4).metadata["course"]["needs"]
        assert set(needs) <= set(known), f"{path.stem} needs {needs}"
        known.append(path.stem[:4])


def test_one_table_for_each_sheet_in_order(tmp_path):
    _written(tmp_path, "07_2_more", exercise=2, needs=[])
    _written(tmp_path, "07_1_jets")
    _written(tmp_path, "06_1_trees", sheet=6)
    text = overview(tmp_path)
    assert text.index("## Sheet 6") < text.index("06_1_trees") < text.index("## Sheet 7")
    assert text.index("## Sheet 7") < text.index("07_1_jets") < text.index("07_2_more")
    assert text.count("## Sheet 7") == 1
    assert r"| What \|M\|² is. | 04_1 | 4 | 90 |" in text  # a bar would end the cell
    assert "| – | 4 | 90 |" in text


def test_a_notebook_that_says_too_little_is_named(tmp_path):
    _written(tmp_path, "07_1_jets")
    notebook = nbformat.read(tmp_path / "07_1_jets.ipynb", as_version=4)
    del notebook.metadata["course"]["learn"]
    nbformat.write(notebook, tmp_path / "07_1_jets.ipynb")
    with pytest.raises(CourseError, match=r"07_1_jets\.ipynb: its metadata lack course\.learn"):
        overview(tmp_path)
