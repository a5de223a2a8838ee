"""Every notebook: committed clean, marked up for grading, executed in quick mode, its stubs too."""

import ast
import copy
import io
import itertools
import platform
import re

import nbformat
import pytest
from pypdf import PdfReader

from helpers.course.cells import INJECTED, is_check, is_written_answer
from helpers.course.effort import main_part, with_times
from helpers.course.execute import run_notebooks
from helpers.course.stubs import student_version
from helpers.course.typeset.document import make_pdf
from helpers.places import NOTEBOOKS, ROOT

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
FLAGS = ("grade", "solution", "locked", "task")
SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.MULTILINE | re.DOTALL)
EXECUTED = ROOT / "build" / "tests" / platform.python_version()  # each Python executes them for itself

TRIAL = """
import copy as _copy, matplotlib.pyplot as _plt, torch as _torch
_before = _torch.get_rng_state(), _copy.deepcopy(globals().get("rng"))
try:
    for _source in {sources!r}:
        exec(_source, globals())
except NotImplementedError:
    pass
else:
    raise AssertionError("nobody notices that stub {number} of {cell} is left over")
_torch.set_rng_state(_before[0])
if _before[1] is not None:
    rng = _before[1]
_plt.close("all")
"""


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
        if is_written_answer(cell):
            assert "### BEGIN" not in cell.source, f"{cell.id}: a written answer is one as a whole"
        elif meta.get("solution") and cell.cell_type == "code":
            assert "### BEGIN SOLUTION" in cell.source, cell.id


def test_every_coding_item_has_a_check_with_messages(notebook):
    waiting = None
    for cell, meta in nbgrader(notebook):
        if cell.cell_type == "code" and meta["solution"] and not meta["grade"]:
            assert waiting is None, f"no check between {waiting} and {cell.id}"
            waiting = cell.id
        elif is_check(cell):
            visible = cell.source.partition("### BEGIN HIDDEN TESTS")[0]
            asserts = [n for n in ast.walk(ast.parse(visible)) if isinstance(n, ast.Assert)]
            assert asserts and all(n.msg for n in asserts), f"{cell.id}: an assert without a message"
            waiting = None
    assert waiting is None, f"no check after {waiting}"


def test_what_a_check_shows_is_shown_with_its_hidden_part_too(notebook):
    for cell, _ in nbgrader(notebook):
        if cell.source.endswith("### END HIDDEN TESTS"):
            last = ast.parse(cell.source.partition("### BEGIN HIDDEN TESTS")[0]).body[-1]
            function = getattr(getattr(last, "value", None), "func", None)
            assert not isinstance(last, ast.Expr) or getattr(function, "id", "") in ("print", "display"), (
                cell.id
            )


def test_times_follow_the_rule(notebook, path):
    """See helpers/course/effort.py; `python -m helpers.course.effort FILE --write` puts the right ones in."""
    right = with_times(copy.deepcopy(notebook))
    stated = [c.source for c in notebook.cells if c.cell_type == "markdown"]
    expected = [c.source for c in right.cells if c.cell_type == "markdown"]
    wrong = [b for a, b in zip(stated, expected, strict=True) if a != b]
    assert not wrong, "expected: " + "\n".join(text[:150] for text in wrong)
    assert notebook.metadata["course"]["minutes"] == right.metadata["course"]["minutes"]


def test_group_and_quick_parameters(notebook):
    tagged = {"group": [], "parameters": []}
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", []):
            tagged.setdefault(tag, []).append(cell)
    assert len(tagged["group"]) == len(tagged["parameters"]) == 1
    assigned = set()
    for line in ast.parse(tagged["parameters"][0].source).body:
        if isinstance(line, ast.Assign):
            assigned.update(target.id for target in line.targets if isinstance(target, ast.Name))
    assert set(notebook.metadata["course"]["quick"]) <= assigned


def with_trials(notebook):
    """The notebook, and before each solution of code what a student meets on the way to it.

    One trial for each stub of the cell, with the stubs before it solved: it runs the cell and what follows,
    up to the next check, and must meet NotImplementedError and nothing else.
    """
    released, cells = student_version(notebook).cells, []
    for place, cell in enumerate(notebook.cells):
        meta = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and meta.get("solution") and not meta["grade"]:
            after = [c for c in released[place + 1 :] if c.cell_type == "code"]
            until = next(i for i, c in enumerate(after) if is_check(c))
            for number in range(1, len(SOLUTION.findall(cell.source)) + 1):
                sources = [solved_before(cell.source, number), *(c.source for c in after[: until + 1])]
                trial = TRIAL.format(sources=sources, number=number, cell=cell.id)
                cells.append(nbformat.v4.new_code_cell(trial, id=f"{cell.id}-trial-{number}"))
        cells.append(cell)
    return nbformat.from_dict(notebook | {"cells": cells})


def solved_before(source, number):
    """The source with the first number - 1 solutions in place and stubs for the others."""
    count = itertools.count(1)
    stub = "{0}# YOUR CODE HERE\n{0}raise NotImplementedError()"
    return SOLUTION.sub(lambda m: m[0] if next(count) < number else stub.format(m[1]), source)


@pytest.fixture(scope="session")
def outcomes(request):
    """Outcome of each notebook that a chosen test needs."""
    folder = EXECUTED / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    chosen = {
        item.callspec.params["path"] for item in request.session.items if "outcomes" in item.fixturenames
    }
    paths = sorted(chosen)
    for path in paths:
        nbformat.write(with_trials(nbformat.read(path, as_version=4)), folder / path.name)
    ran = run_notebooks([folder / path.name for path in paths], EXECUTED / "quick", quick=True, jobs=2)
    return {o.name: o for o in ran}


def test_executes_in_quick_mode_and_stubs_raise_only_not_implemented(path, outcomes):
    assert outcomes[path.stem].status != "failed", outcomes[path.stem].error
    executed = nbformat.read(EXECUTED / "quick" / path.name, as_version=4)
    warned = [
        o.text
        for c in executed.cells
        for o in c.get("outputs", [])
        if o.get("name") == "stderr" and "Warning" in o.text
    ]
    assert not warned


def test_main_part_fills_at_most_fifteen_pages(path, outcomes):
    executed = nbformat.read(EXECUTED / "quick" / path.name, as_version=4)
    kept = []
    for cell in main_part(executed):
        if "-trial-" not in cell.id and cell.id != INJECTED:  # neither is in a hand-in
            kept.append(cell)
    executed.cells = kept
    pdf, _ = make_pdf(executed, path.parent)
    assert len(PdfReader(io.BytesIO(pdf)).pages) <= 15


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        ("assert f(2) == 4, 'expected 4'", None),
        ("assert f, 'expected a function'", AssertionError),  # nobody calls the stub
        ("assert g(2) == 4, 'expected 4'", NameError),
    ],
)
def test_a_trial_insists_on_not_implemented(check, outcome):
    meta = dict.fromkeys(FLAGS, False)
    solution = nbformat.v4.new_code_cell(
        "def f(x):\n    ### BEGIN SOLUTION\n    return x**2\n    ### END SOLUTION"
    )
    solution.metadata["nbgrader"] = meta | {"solution": True}
    checked = nbformat.v4.new_code_cell(check, metadata={"nbgrader": meta | {"grade": True, "locked": True}})
    trial, *rest = with_trials(nbformat.v4.new_notebook(cells=[solution, checked])).cells
    assert rest == [solution, checked]
    if outcome:
        with pytest.raises(outcome):
            exec(trial.source, {})
    else:
        exec(trial.source, {})
