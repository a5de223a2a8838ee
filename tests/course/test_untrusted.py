"""Verdicts: the hand-in decides nothing, the copy is trusted, and what has finished is not run again."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import nbformat
import psutil
import pytest
from click.testing import CliRunner
from nbformat import v4

from helpers.course import untrusted
from helpers.course.batch import execute_all, find_handins
from helpers.course.bubblewrap import unavailable
from helpers.course.cells import PROMPT
from helpers.course.cli import main
from helpers.course.sanitise import Outputs, plain
from helpers.course.student_notebook import NotANotebook, read_untrusted
from helpers.course.untrusted import CellResult, Limits, execute_untrusted
from helpers.places import ROOT

UNSAFE = bool(unavailable())  # these hand-ins do no harm
SOLUTION = {"nbgrader": {"schema_version": 3, "grade_id": "a", "solution": True, "grade": False}}


def notebook(*sources, **metadata):
    cells = [v4.new_code_cell(s) if isinstance(s, str) else s for s in sources]
    return v4.new_notebook(cells=cells, metadata=metadata)


def execute(*sources, limits=None, **options):
    content = nbformat.writes(notebook(*sources)).encode()
    return execute_untrusted(content, "test", limits, unsafe=UNSAFE, **options)


def text(execution):
    return [o.get("text") for c in execution.notebook.cells for o in c.get("outputs", [])]


def test_ran():
    given = notebook(v4.new_markdown_cell("# title"), "x = 3", " ", "print(x)", course={"sheet": 4}, odd=1)
    given.cells[1].outputs = [v4.new_output("stream", text="pretended")]
    run = execute_untrusted(nbformat.writes(given).encode(), "test", unsafe=UNSAFE)
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


def test_reading_keeps_what_grading_needs():
    given = json.loads(nbformat.writes(notebook("1", "2", "3", title="T")))
    given["cells"][0] |= {"id": "x", "metadata": SOLUTION | {"tags": ["a", "a", 3], "trusted": True}}
    given["cells"][1]["id"] = "x"
    del given["cells"][2]["id"]
    read = read_untrusted(json.dumps(given).encode())
    assert [c.id for c in read.cells] == ["x", "again-2", "cell-3"]
    assert read.cells[0].metadata == SOLUTION | {"tags": ["a", "3"]}
    assert read == read_untrusted(read) and read.metadata.title == "T"
    given["cells"][0]["id"] = given["cells"][1]["id"] = "again-2"
    assert [c.id for c in read_untrusted(json.dumps(given).encode()).cells] == [
        "again-2",
        "again-3",
        "cell-3",
    ]
    with pytest.raises(NotANotebook, match="list of cells"):
        read_untrusted(b'{"cells": 3}')


def test_only_known_outputs_of_bounded_size():
    outputs = []
    Outputs().add(outputs, "stream", {"name": "stdout", "text": "a"})
    Outputs().add(outputs, "stream", {"name": "stdout", "text": "x" * 3 * 10**6})
    assert len(outputs) == 1 and outputs[0].text.startswith("ax") and len(outputs[0].text) <= 10**6
    assert "cut here" in outputs[0].text
    for odd in (
        None,
        3,
        {"data": None},
        {"data": {"application/javascript": "alert(1)"}},
        {"data": {"text/html": 5}},
    ):
        Outputs().add(outputs, "display_data", odd)
    Outputs().add(outputs, "unknown", {"data": {"text/plain": "x"}})
    assert len(outputs) == 1
    Outputs().add(outputs, "clear_output", {})
    for _ in range(2000):
        Outputs().add(
            outputs, "display_data", {"data": {"text/plain": "x", "image/png": "aGk="}, "metadata": {"a": 1}}
        )
    assert len(outputs) == 1000
    assert outputs[0] == v4.new_output("display_data", data={"text/plain": "x", "image/png": "aGk="})


def test_plain_text_for_tables():
    assert plain("\x1b[31mred\x1b[0m\n\tand \x07more\u202e") == "red and more"
    assert plain("x" * 1000, 10) == "xxxxxxxxx…"


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


LONG = f"group3/{'x' * 240}"


@pytest.fixture
def handins(tmp_path):
    folder = tmp_path / "handins"
    for name, sources in {
        "group1/04": ["print(1)"],
        "group2/04": ["1 / 0"],
        "group2/.ipynb_checkpoints/04": ["1"],
        "group3/=cmd()": ["raise ValueError('x')"],
        LONG: ["1"],
    }.items():
        path = folder / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(nbformat.writes(notebook(*sources)))
    (folder / "group3/torn.ipynb").write_text("{")
    (folder / "group3/notes.txt").write_text("stray")
    if os.name != "nt":
        (folder / "group3/link.ipynb").symlink_to("/etc/passwd")
        os.mkfifo(folder / "group3/pipe.ipynb")
    return folder


def test_hand_ins_are_found_by_short_names(handins, tmp_path):
    found = find_handins([handins], tmp_path / "out")
    assert set(found) == {"group1/04", "group2/04", "group3/=cmd()", "group3/torn", LONG} | {
        f"group3/{n}" for n in ("link", "pipe") if os.name != "nt"
    }
    inside = find_handins(
        [handins / "group1" / ".." / "group2/04.ipynb", handins / "group1"], tmp_path / "out"
    )
    assert set(inside) == {"group1/04", "group2/04"}
    assert find_handins([handins], handins) == {}


def test_many_at_once_and_only_once(handins, tmp_path):
    out, lines = tmp_path / "out", []
    found = find_handins([handins], out)
    verdicts = execute_all(found, out, unsafe=UNSAFE, jobs=2, report=lines.append)
    assert {v.name: v.status for v in verdicts} == dict.fromkeys(found, "not a notebook") | {
        "group1/04": "ran",
        "group2/04": "failed",
        "group3/=cmd()": "failed",
        LONG: "ran",
    }
    assert len(lines) == len(found)
    copy = nbformat.read(out / "group1/04.ipynb", 4)
    assert copy.cells[0].outputs[0].text == "1\n"
    rows = list(csv.DictReader((out / "verdicts.csv").read_text("utf-8-sig").splitlines()))
    assert [r["status"] for r in rows] == [v.status for v in verdicts]
    assert not [r for r in rows if r["name"].startswith("=")]

    lines.clear()
    assert execute_all(found, out, unsafe=UNSAFE, report=lines.append) == verdicts
    assert lines == []
    (handins / "group2/04.ipynb").write_text(nbformat.writes(notebook("print('mended')")))
    verdicts = execute_all(found, out, unsafe=UNSAFE, report=lines.append)
    assert [v.status for v in verdicts if v.name == "group2/04"] == ["ran"]
    assert len(lines) == 1 and len(verdicts) == len(found)


def test_command(handins, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.places.ROOT", tmp_path)
    command = ["execute", str(handins / "group1"), "--jobs", "1", *["--unsafe"] * UNSAFE]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    assert "04 " in result.output and "ran" in result.output
    assert (tmp_path / "build/executed/04.ipynb").exists()
    (tmp_path / "none").mkdir()
    assert "no notebook" in CliRunner().invoke(main, ["execute", str(tmp_path / "none")]).output


KILLED = """
import sys
from pathlib import Path
from helpers.course.batch import execute_all, find_handins
out = Path(sys.argv[2])
execute_all(find_handins([sys.argv[1]], out), out, unsafe=sys.argv[3] == "True", jobs=2)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no kill -9")
def test_taken_up_after_a_kill(tmp_path):
    folder, out = tmp_path / "handins", tmp_path / "out"
    folder.mkdir()
    for k in range(5):
        cells = f"print({k})", "import time; time.sleep(1)", "1"
        (folder / f"{k}.ipynb").write_text(nbformat.writes(notebook(*cells)))
    command = [sys.executable, "-c", KILLED, folder, out, str(UNSAFE)]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL)
    journal = out / "verdicts.jsonl"
    while not journal.exists() or len(journal.read_bytes().splitlines()) < 2:
        assert process.poll() is None
        time.sleep(0.1)
    below = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(below, timeout=20)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
    before = journal.read_bytes()
    finished = [json.loads(line)["result"]["name"] for line in before.splitlines()]
    assert 2 <= len(finished) < 5
    copies = {p.stem: p.stat().st_mtime_ns for p in out.glob("*.ipynb") if p.stem in finished}
    journal.write_bytes(before + b'{"key": "5 torn", "resu')

    lines = []
    verdicts = execute_all(find_handins([folder], out), out, unsafe=UNSAFE, jobs=2, report=lines.append)
    assert len(lines) == 5 - len(finished)
    assert [(v.name, v.status) for v in verdicts] == [(str(k), "ran") for k in range(5)]
    assert {stem: (out / f"{stem}.ipynb").stat().st_mtime_ns for stem in copies} == copies
    names = [json.loads(line)["result"]["name"] for line in journal.read_bytes().splitlines()]
    assert sorted(names) == [str(k) for k in range(5)]


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
