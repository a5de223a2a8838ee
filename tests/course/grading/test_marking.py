"""Notebooks run with their checks: exact points, what was tampered with, files of the student's own."""

import nbformat
import pytest
from nbformat import v4

from helpers.course.grading.marking import mark_notebook
from tests.builders import toy_sheet
from tests.builders.files import put_zip
from tests.builders.graded import GRADED, grade_folder, needs_sandbox
from tests.builders.notebooks import bytes_of, parsed


@needs_sandbox
@pytest.mark.parametrize("kind", GRADED)
def test_exact_points_verdict_and_findings(graded, kind):
    _, kinds, groups = graded
    group = groups[next(slug for slug, k in kinds.items() if k == kind)]
    wanted, found = toy_sheet.KINDS[kind], group.notebooks[1]
    assert {s.item.id: s.points for s in group.scores} == toy_sheet.expected(kind)
    assert str(found).startswith(wanted.verdict)
    assert wanted.tampered in "\n".join(found.tampered) and bool(wanted.tampered) == bool(found.tampered)
    assert wanted.suspicious in "\n".join(found.suspicions)
    assert bool(wanted.suspicious) == bool(found.suspicions)


@needs_sandbox
def test_executed_notebooks_show_tutors_the_whole_check_and_no_guard(graded):
    folder, kinds, _ = graded
    slug = next(s for s, k in kinds.items() if k == "checks deleted, good")
    notebook = nbformat.read(folder / "out" / "executed" / slug / toy_sheet.NAME, 4)
    text = nbformat.writes(notebook)
    assert text.count("### BEGIN HIDDEN TESTS") == 2 and "course_" not in text and "guard" not in text
    check = next(c for c in notebook.cells if c.metadata.get("course", {}).get("check") == "1.a-mean-check")
    assert [o.text for o in check.outputs] == ["the mean is right\n"]


@needs_sandbox
def test_own_modules_and_data_are_there_when_the_notebook_is_marked(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    notebook = parsed(toy_sheet.hand_in("good", members))
    toy_sheet.find(notebook, "a-mean").source = "from tools import mean"
    toy_sheet.add("shift = np.loadtxt('data/shift.csv')")(notebook)
    files = {
        "sub/01_toy.ipynb": bytes_of(notebook),
        "sub/tools.py": "def mean(x):\n    return sum(x) / len(x)\n",
        "sub/data/shift.csv": "1.5\n",
        "sub/numpy.py": "raise RuntimeError\n",
        "sub/large.csv": "1\n" * 3_000_000,
    }
    put_zip(tmp_path / "in" / "a.zip", files)
    (group,) = grade_folder(tmp_path)
    assert str(group.notebooks[1]) == "ran" and group.automatic == 4
    assert "numpy.py was not read: it would hide the package numpy" in "\n".join(group.remarks)
    assert "large.csv was not read: it holds more than 5 MB" in "\n".join(group.remarks)
    # another module is another hand-in
    put_zip(tmp_path / "in" / "a.zip", files | {"sub/tools.py": "def mean(x):\n    return 0\n"})
    (group,) = grade_folder(tmp_path)
    assert group.automatic == 3


@needs_sandbox
def test_a_module_that_reaches_into_checks_is_seen(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    hooks = (
        "import ast\n\n\nclass T(ast.NodeTransformer):\n    def visit_Assert(self, node):\n"
        "        return ast.Pass()\n\n\nget_ipython().ast_transformers.append(T())\n"
    )
    patch = "import numpy as np\n\n\ndef allclose(*a, **k):\n    return True\n\n\nnp.allclose = allclose\n"
    for module, source in (("mytools", f"from IPython import get_ipython\n{hooks}"), ("numpytools", patch)):
        notebook = parsed(toy_sheet.hand_in("wrong norm", members))
        toy_sheet.add(f"import {module}")(notebook)
        files = {"01_toy.ipynb": bytes_of(notebook), f"{module}.py": source}
        put_zip(tmp_path / "in" / "a.zip", files)
        (group,) = grade_folder(tmp_path)
        assert {s.item.id: s.points for s in group.scores}["1.b-norm-check"] == 0
        assert any(module in line for line in group.notebooks[1].suspicions)


@needs_sandbox
def test_a_figure_before_a_check_is_not_suspicious(tmp_path):
    """With its first figure, IPython puts a function of its own into pyplot, in each honest hand-in."""
    draws = "import matplotlib.pyplot as plt\n\nplt.plot([0, 1])\nplt.show()"
    solved = parsed(bytes_of(toy_sheet.toy()))
    student = parsed(toy_sheet.hand_in("good", toy_sheet.people(0)))
    for notebook, name in ((solved, "author.ipynb"), (student, "student.ipynb")):
        toy_sheet.add(draws)(notebook)
        nbformat.write(notebook, tmp_path / name)
    paths = [str(tmp_path / name) for name in ("student.ipynb", "author.ipynb", "executed.ipynb")]
    result = mark_notebook(*paths)
    assert result["status"] == "ran"
    assert {item: given for item, (given, _) in result["points"].items()} == toy_sheet.FULL
    shown = nbformat.read(paths[2], 4).cells
    assert any("image/png" in output.get("data", {}) for cell in shown for output in cell.get("outputs", []))
    assert result["suspicions"] == []


@needs_sandbox
def test_quick_sizes_reach_the_code_and_do_not_show(tmp_path):
    solved = toy_sheet.write_sheet(tmp_path / "notebooks") / toy_sheet.NAME
    student = parsed(toy_sheet.hand_in("good", toy_sheet.people(0)))
    toy_sheet.add("print(SIZE)\n1 / 0")(student)
    nbformat.write(student, tmp_path / "student.ipynb")
    executed = tmp_path / "executed.ipynb"
    result = mark_notebook(str(tmp_path / "student.ipynb"), str(solved), str(executed), quick=True)
    mine = next(k for k, cell in enumerate(student.cells) if cell.id == "mine")
    assert (result["status"], result["place"]) == ("failed", f"cell {mine + 1}"), "numbered as in the hand-in"
    assert {item: given for item, (given, _) in result["points"].items()} == toy_sheet.FULL
    shown = nbformat.read(executed, 4).cells
    assert [cell.source for cell in shown][: mine + 1] == [c.source for c in student.cells][: mine + 1]
    assert len(shown) == len(student.cells)
    assert shown[mine].outputs[0].text == "10\n"


# looks for a text in what IPython and Python keep, each time that it is called; the text of the check that is
# running stands in the frames of its callers too, out of which nothing takes it
LOOKS = """
import linecache

from IPython import get_ipython

shell = get_ipython()
found, seen = set(), []
shell.events.register("pre_run_cell", seen.append)


def norm(x):
    last = shell.last_execution_result
    places = {
        "In": shell.user_ns["In"],
        "raw": shell.history_manager.input_hist_raw,
        "parsed": shell.history_manager.input_hist_parsed,
        "range": list(shell.history_manager.get_range()),
        "lines": linecache.cache,
        "message": shell.kernel.get_parent("shell"),
        "parent": shell.get_parent(),
        "last": last and last.info.raw_cell,
        "hook": [info.raw_cell for info in seen],
    }
    for place, content in places.items():
        for text in ("in range(SIZE)", "norm is " + "wrong", "three " + "dimensions", "seal" + "("):
            if text in str(content):
                found.add(f"{place}: {text}")
    return sum(value**2 for value in x) ** 0.5
"""


@needs_sandbox
def test_a_module_finds_no_check_in_what_ipython_keeps(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    notebook = parsed(toy_sheet.hand_in("good", members))
    toy_sheet.find(notebook, "b-norm").source = "from looks import found, norm"
    notebook.cells.append(v4.new_code_cell("print(sorted(found))\nprint(len(In) > 5)"))
    files = {"01_toy.ipynb": bytes_of(notebook), "looks.py": LOOKS}
    put_zip(tmp_path / "in" / "a.zip", files)
    (group,) = grade_folder(tmp_path)
    assert {s.item.id: s.points for s in group.scores}["1.b-norm-check"] == 2
    executed = nbformat.read(tmp_path / "out" / "executed" / group.slug / "01_toy.ipynb", 4)
    places = ("In", "hook", "lines", "message", "parent", "parsed", "range", "raw")
    expected = [f"{place}: in range(SIZE)" for place in places]  # their own cell, and no check
    assert executed.cells[-1].outputs[0].text == f"{expected}\nTrue\n"
    assert "1.b" not in group.notebooks[1].tampered
    assert any("looks.py: imports IPython.get_ipython" in line for line in group.notebooks[1].suspicions)


@needs_sandbox
def test_a_guard_that_was_silenced_is_told(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    silence = (
        "import sys\n\nfor name, module in list(sys.modules.items()):\n    if name.startswith('course_'):\n"
        "        module.restore = lambda *_: None\n"
    )
    notebook = parsed(toy_sheet.hand_in("good", members))
    toy_sheet.add("import quiet", before="b-norm")(notebook)
    put_zip(tmp_path / "in" / "a.zip", {"01_toy.ipynb": bytes_of(notebook), "quiet.py": silence})
    (group,) = grade_folder(tmp_path)
    silenced = "what should put back the originals before it was silenced"
    told = group.notebooks[1].suspicions
    assert [f"{check}: {silenced}" for check in ("b-norm-check", "e-order-check")] == told[-2:]
    assert f"a-mean-check: {silenced}" not in told and "quiet.py: uses sys.modules" in "\n".join(told)
