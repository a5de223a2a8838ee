"""One notebook for students: solutions fit the stubs, and nothing else is missing or left over."""

import ast
import builtins
import copy
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.course.cells import PROMPT, is_written_answer
from helpers.course.stubs import stubbed, student_version
from helpers.places import NOTEBOOKS
from tests.builders.notebooks import marked
from tests.builders.small_notebook import REGION, small_notebook

CODE_STUB = re.compile(r"^[ \t]*# YOUR CODE HERE\n[ \t]*raise NotImplementedError\(\)$", re.MULTILINE)


@pytest.fixture(params=sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_solutions_fill_the_stubs_exactly(notebook):
    stubs = 0
    for cell, released in zip(notebook.cells, student_version(notebook).cells, strict=True):
        assert released.id == cell.id
        if is_written_answer(cell):
            assert (released.cell_type, released.source) == ("markdown", PROMPT)
            assert released.metadata.nbgrader == cell.metadata.nbgrader
            continue
        assert released.cell_type == cell.cell_type
        if cell.cell_type == "markdown":
            assert released.source == cell.source
            continue
        solutions = [m for m in REGION.finditer(cell.source) if m[1] == "SOLUTION"]
        assert bool(CODE_STUB.search(released.source)) == bool(solutions), cell.id
        fill = iter(m[0] for m in solutions)
        filled = CODE_STUB.sub(lambda _, fill=fill: next(fill), released.source)
        assert next(fill, None) is None, cell.id
        # what was hidden was hidden as whole lines, and nothing else is missing
        hidden = [m[0] for m in REGION.finditer(cell.source) if m[1] == "HIDDEN TESTS"]
        expected = cell.source
        for region in hidden:
            expected = re.sub(rf"(^|\n){re.escape(region)}", "", expected)
        assert filled == expected, cell.id
        stubs += len(solutions)
    assert stubs


def test_stubs_stand_at_the_indentation_of_the_solution(notebook):
    for cell, released in zip(notebook.cells, student_version(notebook).cells, strict=True):
        if is_written_answer(cell):
            continue
        begins = re.findall(r"^([ \t]*)### BEGIN SOLUTION$", cell.source, re.MULTILINE)
        stubs = re.findall(r"^([ \t]*)raise NotImplementedError\(\)$", released.source, re.MULTILINE)
        assert stubs in ([], begins)
        if cell.cell_type == "code":
            ast.parse(released.source)


def test_no_other_cell_needs_a_written_answer(notebook):
    """For students it is text, which sets no variables."""
    only_there, given, used = set(), {*dir(builtins)}, set()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        sets, uses = names(cell.source)
        if is_written_answer(cell):
            only_there |= sets
        else:
            given, used = given | sets, used | uses
    assert not used & (only_there - given)


def test_nothing_from_a_run_and_nothing_of_the_editor_remains():
    original = small_notebook()
    original.metadata["widgets"] = {"state": "secret"}
    original.metadata["course"]["quick"] = {"N": 3}
    cell = original.cells[0]
    cell.outputs, cell.execution_count = [new_output("stream", text="42")], 7
    cell.metadata |= {"execution": {"iopub.status.idle": "today"}, "tags": ["kept"]}
    picture = {"solution.png": {"image/png": "abcd"}}
    original.cells.append(
        new_markdown_cell("42", id="words", metadata=marked(solution=True), attachments=picture)
    )
    original.cells.append(new_markdown_cell("Why?", id="question", metadata=marked(locked=True)))
    before = copy.deepcopy(original)
    released = student_version(original)
    assert original == before, "the notebook given must not change"
    assert set(released.metadata) == {"title", "course"}
    stub, words, question = released.cells
    assert stub.outputs == [] and stub.execution_count is None
    assert set(stub.metadata) == {"nbgrader", "tags", "deletable"}
    assert words.source == PROMPT and "attachments" not in words
    assert question.metadata["editable"] is False and question.metadata["deletable"] is False
    assert "editable" not in stub.metadata
    nbformat.validate(released)


def test_a_solution_without_regions_is_one_as_a_whole():
    assert stubbed(small_notebook("answer = 42").cells[0]) == "# YOUR CODE HERE\nraise NotImplementedError()"


@pytest.mark.parametrize("new", [new_code_cell, new_markdown_cell])
def test_a_written_answer_becomes_a_text_cell(new):
    answer = new('Markdown(rf"It is {x}.")', id="words", metadata=marked(grade=True, solution=True, points=1))
    answer.metadata["tags"] = ["kept"]
    notebook = new_notebook(cells=[answer], metadata=small_notebook().metadata)
    (released,) = student_version(notebook).cells
    assert (released.cell_type, released.source, released.id) == ("markdown", PROMPT, "words")
    assert released.metadata.nbgrader == answer.metadata.nbgrader and released.metadata.tags == ["kept"]
    assert released.metadata.deletable is False and "editable" not in released.metadata
    assert "outputs" not in released
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    ("source", "flags", "message"),
    [
        ("### BEGIN SOLUTION\nx = 1", {}, "SOLUTION is not closed"),
        ("x = 1\n### END SOLUTION", {}, "SOLUTION ends, but no region is open"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", {}, "SOLUTION begins within SOLUTION"),
        ("### BEGIN SOLUTION\n### END HIDDEN TESTS", {}, "HIDDEN TESTS ends, but SOLUTION is open"),
        ("### BEGIN SOLUTION\n### END SOLUTION", {"solution": False}, "do not call one of solutions"),
        ("### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS", {"grade": True}, "do not call one of grades"),
        ("## BEGIN SOLUTION\nx = 1\n## END SOLUTION", {}, "no marker"),
        ("### begin solution\nx = 1\n### end solution", {}, "no marker"),
        ("x = 1  ### BEGIN SOLUTION\n### END SOLUTION", {}, "no marker"),
        ("### BEGIN HIDDEN TEST\n### END HIDDEN TEST", {"solution": False, "grade": True}, "no marker"),
    ],
)
def test_malformed_markers_name_notebook_and_cell(source, flags, message):
    with pytest.raises(ValueError, match=f"Small: cell answer: .*{message}"):
        student_version(small_notebook(source, **flags))


def names(source):
    """Names that a source sets, and those that it uses."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = [n for n in nodes if isinstance(n, ast.Name)]
    given = {n.id for n in plain if not isinstance(n.ctx, ast.Load)}
    given |= {n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler))}
    given |= {(n.asname or n.name).split(".")[0] for n in nodes if isinstance(n, ast.alias)}
    given |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    return given, {n.id for n in plain if isinstance(n.ctx, ast.Load)}


def attributes(source):
    nodes = ast.walk(ast.parse(source))
    return {n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}


def test_what_later_cells_need_of_a_solution_is_named_before(notebook):
    """A name that only a solution sets must stand in its statement or around its stub."""
    cells = list(zip(notebook.cells, student_version(notebook).cells, strict=True))
    known, told = {*dir(builtins), "display"}, ""
    for cell, released in cells:
        if released.cell_type != "code":
            told += released.source
            continue
        solution = cell.metadata.get("nbgrader", {}).get("solution")
        told += released.source if solution else ""
        given, used = names(released.source)
        known |= given
        unknown = {n for n in used - known if not re.search(rf"\b{n}\b", told)}
        assert not unknown, f"{cell.id} needs {unknown}, which no student can know of"
        if solution:
            later = "\n".join(r.source for _, r in cells if r.cell_type == "code" and r is not released)
            hidden = attributes(cell.source) - attributes(released.source)
            needed = {a for a in hidden if re.search(rf"\.{a}\b", later)}
            assert all(re.search(rf"\b{a}\b", released.source) for a in needed), (cell.id, needed)
