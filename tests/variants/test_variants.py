"""The checks of each notebook accept what is right and refuse what is wrong: see variant.py."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import nbformat
import pytest

from helpers.places import NOTEBOOKS
from tests.variants import judge as judging
from tests.variants.judge import judge, variants_of
from tests.variants.table import COLUMNS, TABLE, row
from tests.variants.variant import Right, Wrong

NAMES = [p.stem for p in sorted(NOTEBOOKS.glob("*.ipynb"))]


@pytest.fixture(scope="session")
def judged(request):
    """Notebook → future of its trials; two notebooks at a time."""
    chosen = {item.callspec.params["name"] for item in request.session.items if "judged" in item.fixturenames}
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=fresh, max_tasks_per_child=1) as pool:
        yield {name: pool.submit(judge, name) for name in NAMES if name in chosen}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_misjudged(name, judged, request):
    trials, together = judged[name].result()
    request.config.stash.setdefault(TABLE, [COLUMNS]).append(row(name, trials, together))
    complaints = [f"{t.variant.cell}, {t.variant.name}: {t.complaint}" for t in trials if t.complaint]
    assert not complaints, "\n".join(complaints)
    assert together is None, f"all right variants together: {together.cell}: {together.message}"


@pytest.mark.parametrize("name", NAMES)
def test_each_coding_item_has_a_right_and_two_wrong_variants(name):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    coding = set()
    for cell in notebook.cells:
        marked = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marked.get("solution") and not marked["grade"]:
            coding.add(cell.id)
    variants = variants_of(name)
    assert {v.cell for v in variants} <= coding, "variants of cells that are no coding items"
    for cell in coding:
        right = [v for v in variants if v.cell == cell and isinstance(v, Right)]
        wrong = [v for v in variants if v.cell == cell and isinstance(v, Wrong)]
        assert right, f"no right variant of {cell}"
        assert len(wrong) >= 2, f"{len(wrong)} wrong variants of {cell}, expected at least two"


SOLVED = "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION"
CHECK = (
    'assert half(4) == 2, f"half of 4 is 2, found {half(4)}"\n'
    '### BEGIN HIDDEN TESTS\nassert half(3) == 1.5, "odd numbers"\n### END HIDDEN TESTS'
)


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A notebook with one item; judging it gives the complaints about the variants that a test names."""
    solved = nbformat.v4.new_code_cell(SOLVED, id="half")
    solved.metadata["nbgrader"] = {"grade": False, "solution": True}
    check = nbformat.v4.new_code_cell(CHECK, id="half-check")
    check.metadata["nbgrader"] = {"grade": True, "solution": False}
    parameters = nbformat.v4.new_code_cell("SEED = 1", id="parameters", metadata={"tags": ["parameters"]})
    later = nbformat.v4.new_code_cell("assert SEED < 3 and not STRICT, 'too late'", id="later")
    notebook = nbformat.v4.new_notebook(cells=[parameters, solved, check, later])
    notebook.metadata["course"] = {"quick": {"STRICT": False}}
    nbformat.write(notebook, tmp_path / "toy.ipynb")
    monkeypatch.setattr(judging, "NOTEBOOKS", tmp_path)
    monkeypatch.chdir(tmp_path)

    def complaints(*variants):
        monkeypatch.setattr(judging, "variants_of", lambda name: list(variants))
        trials, together = judge("toy")
        return [t.complaint for t in trials], together

    return complaints


def test_a_judge_tells_right_from_wrong(toy):
    right = Right("half", "by a product", {"x / 2": "0.5 * x"})
    integer = Wrong("half", "integers", {"x / 2": "x // 2"}, says="odd", hidden=True)
    raises = Wrong("half", "raises", "def half(x):\n    return y", says="name 'y'")
    assert toy(right, integer, raises) == (["", "", ""], None)


@pytest.mark.parametrize(
    ("variant", "complaint"),
    [
        (Right("half", "doubles", {"/": "*"}), "refused in half-check (visible): AssertionError: half of 4"),
        (Right("half", "dies", "import os\nos._exit(0)"), "the process died"),
        (Wrong("half", "by a product", {"x / 2": "0.5 * x"}, says="half"), "not noticed"),
        (Wrong("half", "integers", {"/": "//"}, says="odd"), "noticed by the hidden check only"),
        (Wrong("half", "doubles", {"/": "*"}, says="halve twice"), "does not say 'halve twice'"),
    ],
)
def test_a_judge_complains(variant, complaint, toy):
    (found,), _ = toy(variant)
    assert complaint in found


def test_all_right_variants_run_through_the_whole_notebook_with_another_seed(toy):
    careless = {"    return x / 2": "    global STRICT\n    STRICT = True\n    return x / 2"}
    _, together = toy(Right("half", "changes a variable of a later cell", careless))
    assert together.message == "AssertionError: too late"
    _, together = toy(Right("half", "takes the seed", {"x / 2": "x / 2 * (SEED == 2) + x / 2 * (SEED != 2)"}))
    assert together is None


def test_a_replacement_must_stand_in_the_solved_cell():
    with pytest.raises(ValueError, match="does not stand in the solved cell"):
        Right("half", "typo", {"x /2": "0.5 * x"}).applied(SOLVED)
