"""Every notebook: committed clean, marked up for grading, and executed in quick mode."""

import re

import nbformat
import pytest
from papermill.inspection import inspect_notebook

from helpers.course.cli import NOTEBOOKS, ROOT
from helpers.course.execute import run_notebooks

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
FLAGS = ("grade", "solution", "locked", "task")


@pytest.fixture(params=PATHS, ids=lambda p: p.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def nbgrader(notebook):
    return [(c, c.metadata["nbgrader"]) for c in notebook.cells if "nbgrader" in c.metadata]


def test_there_are_notebooks():
    assert PATHS


def test_committed_without_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None, cell.id


def test_valid_with_unique_cell_ids(notebook):
    nbformat.validate(notebook)
    ids = [c.id for c in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i) for i in ids)


def test_nbgrader_metadata(notebook):
    marked = nbgrader(notebook)
    assert marked
    for cell, meta in marked:
        assert meta["schema_version"] == 3
        assert meta["grade_id"] == cell.id
        assert all(isinstance(meta[flag], bool) for flag in FLAGS)
        assert ("points" in meta) == meta["grade"]
        assert not (meta["solution"] and meta["locked"]), "a solution must be editable"
        assert meta["locked"] or not meta["grade"] or meta["solution"], "automatic checks are locked"


def test_points_add_up(notebook):
    course = notebook.metadata["course"]
    assert sum(meta["points"] for _, meta in nbgrader(notebook) if meta["grade"]) == course["points"]
    headings = re.findall(
        r"^## \([a-z]\).*\((\d+) points?,", "\n".join(c.source for c in notebook.cells), re.MULTILINE
    )
    assert sum(map(int, headings)) == course["points"]
    assert f"{course['points']} points" in notebook.cells[0].source


def test_solution_regions_are_closed_and_in_solution_cells(notebook):
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        for region, flag in (("SOLUTION", "solution"), ("HIDDEN TESTS", "grade")):
            begins, ends = (cell.source.count(f"### {edge} {region}") for edge in ("BEGIN", "END"))
            assert begins == ends, cell.id
            assert not begins or meta.get(flag), cell.id
        if meta.get("solution") and cell.cell_type == "code":
            assert "### BEGIN SOLUTION" in cell.source, cell.id


def test_group_and_quick_parameters(notebook, path):
    assert sum("group" in c.metadata.get("tags", []) for c in notebook.cells) == 1
    quick = notebook.metadata["course"]["quick"]
    assert set(quick) <= set(inspect_notebook(str(path)))


@pytest.fixture(scope="session")
def outcomes():
    ran = run_notebooks(PATHS, ROOT / "build" / "quick", quick=True, jobs=2)
    return {o.name: o for o in ran}


def test_executes_in_quick_mode(path, outcomes):
    assert outcomes[path.stem].status != "failed", outcomes[path.stem].error
    executed = nbformat.read(ROOT / "build" / "quick" / path.name, as_version=4)
    warned = [
        o.text
        for c in executed.cells
        for o in c.get("outputs", [])
        if o.get("name") == "stderr" and "Warning" in o.text
    ]
    assert not warned
