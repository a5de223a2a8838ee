"""Verdicts: the hand-in decides nothing, and the copy is trusted."""

import json
from dataclasses import replace

import nbformat
import pytest
from nbformat import v4

from helpers.course import untrusted
from helpers.course.cells import PROMPT
from helpers.course.untrusted import CellResult, Limits, execute_untrusted
from tests.builders.executed import SOLUTION, UNSAFE, execute, notebook, text
from tests.builders.notebooks import bytes_of


def test_ran():
    given = notebook(v4.new_markdown_cell("# title"), "x = 3", " ", "print(x)", course={"sheet": 4}, odd=1)
    given.cells[1].outputs = [v4.new_output("stream", text="pretended")]
    run = execute_untrusted(bytes_of(given), "test", unsafe=UNSAFE)
    assert (run.verdict.status, run.verdict.cell, run.verdict.cells) == ("ran", None, 2)
    assert str(run.verdict) == "ran"
    assert [c.source for c in run.notebook.cells] == [c.source for c in given.cells]
    assert text(run) == ["3\n"]
    assert [(r.index, r.id, r.status) for r in run.cells] == [
        (1, given.cells[1].id, "ok"),
        (2, given.cells[2].id, "not run"),
        (3, given.cells[3].id, "ok"),
    ]
    assert run.notebook.metadata.course == {"sheet": 4} and "odd" not in run.notebook.metadata
    nbformat.validate(run.notebook)


def test_failed_stops_or_goes_on():
    cells = "print(1)", "1 / 0", "print(2)"
    stopped, whole = execute(*cells), execute(*cells, keep_going=True)
    assert (
        str(stopped.verdict) == str(whole.verdict) == "failed at cell 2 (ZeroDivisionError: division by zero)"
    )
    assert (text(stopped), text(whole)) == (["1\n", None], ["1\n", None, "2\n"])
    assert [r.status for r in stopped.cells] == ["ok", "error", "not run"]
    assert [r.status for r in whole.cells] == ["ok", "error", "ok"]
    assert replace(whole.cells[1], seconds=0) == CellResult(
        1, whole.notebook.cells[1].id, "error", "ZeroDivisionError", "division by zero"
    )


def test_a_cell_that_hangs_keeps_what_was_printed():
    run = execute(
        "print(1)", "print(2, flush=True)\nimport time; time.sleep(99)", "3", limits=Limits(cell_seconds=2)
    )
    assert str(run.verdict) == "timed out at cell 2 (more than 2 s)"
    assert text(run) == ["1\n", "2\n"]
    assert [r.status for r in run.cells] == ["ok", "timed out", "not run"]


def test_keep_going_ends_with_the_kernel():
    run = execute("1 / 0", "import os; os._exit(3)", "3", keep_going=True)
    assert str(run.verdict) == "kernel died at cell 2 (exit status 3)"
    assert [r.status for r in run.cells] == ["error", "error", "not run"]


def test_helpers_and_data_are_there_and_the_workflow_is_not():
    run = execute(
        "from helpers import datasets; print(datasets.load_ttbarj().lo.shape)",
        "open('../build/result.txt', 'w').write('kept')",
        "import helpers.course.cli",
    )
    assert text(run)[0] == "(45115, 7, 4)\n"
    if not UNSAFE:
        assert str(run.verdict).startswith("failed at cell 3 (ModuleNotFoundError")


def test_empty_and_unchanged_are_not_run():
    assert execute(" ", v4.new_markdown_cell("text")).verdict.status == "empty"
    stub = v4.new_code_cell(
        "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()", metadata=SOLUTION
    )
    words = v4.new_markdown_cell(PROMPT, metadata=SOLUTION)
    unchanged = execute("print(1)", stub, words)
    assert unchanged.verdict.status == "unchanged"
    assert [r.status for r in unchanged.cells] == ["not run", "not run"]
    answered = v4.new_markdown_cell("It grows.", metadata=SOLUTION)
    assert execute("print(1)", stub, answered).verdict.status == "ran"


def test_nobody_inside_can_name_a_cell_that_was_not_sent():
    run = untrusted._Run(notebook("1", "2"), Limits())
    run.waiting = [0, 1]
    events = [
        ["end", 0, "ok", "", ""],
        ["start", 1],
        ["output", "stream", {}],
        [],
        3,
        ["start"],
        ["start", "0"],
        "x",
    ]
    for event in events:
        assert not run._follow(json.dumps(event).encode())
    assert not run._follow(b"[" * 10**5)
    assert (run.results, run.running) == ({}, None)


def test_the_copy_grows_while_it_runs(monkeypatch):
    seen = []
    run = execute(
        "print(1)", "print(2)", on_cell=lambda copy: seen.append(sum(len(c.outputs) for c in copy.cells))
    )
    assert run.verdict.status == "ran" and seen == [1, 2]


def shown(output):
    return output.get("text") or output.get("data", {}).get("text/plain")


def test_displays_are_updated_and_cleared_as_jupyter_does():
    run = execute(
        "from IPython.display import display, clear_output\nh = display(0, display_id='d')\nprint('x')",
        "h.update(1)",
        "for k in range(3):\n    clear_output(wait=True)\n    display(k)",
        "for k in range(3):\n    display(k)\n    clear_output(wait=True)",
        "print('a')\nclear_output()\nprint('b')",
        "g = display(5, display_id=True)\nfor k in (6, 7, 8):\n    g.update(k)",
        "h.update(9)",
    )
    assert [[shown(o) for o in c.outputs] for c in run.notebook.cells] == [
        ["9", "x\n"],
        [],
        ["2"],
        ["2"],
        ["b\n"],
        ["8"],
        [],
    ]


def test_a_result_that_cannot_be_shown_names_its_error():
    run = execute("from IPython.display import Image\nImage('missing.png')")
    assert "FileNotFoundError: No such file or directory: 'missing.png'" in str(run.verdict)


def test_a_figure_as_pdf_only_is_told():
    run = execute(
        "%config InlineBackend.figure_formats = ['pdf']\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    )
    assert shown(run.notebook.cells[0].outputs[0]) == (
        "[a figure that exists as PDF only and cannot be shown here]"
    )


@pytest.mark.parametrize("backend", ["widget", "notebook", "qt", "tk"])
def test_figures_that_need_a_screen_are_drawn_inline(backend):
    source = f"%matplotlib {backend}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    run = execute(source, "plt.plot([2, 1]);")
    assert run.verdict.status == "ran" and run.notebook.cells[0].source == source
    for cell in run.notebook.cells:
        assert any("image/png" in o.get("data", {}) for o in cell.outputs)
    assert "figures are drawn inline here" in run.notebook.cells[0].outputs[0].text
