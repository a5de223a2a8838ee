"""Headless execution: outputs, failures that stop nobody else, and no work done twice."""

import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from nbformat import v4

from helpers.course.execute import run_notebooks
from helpers.course.progress import measured_seconds
from helpers.places import ROOT


@pytest.fixture
def write(tmp_path):
    def write(name, *sources, quick=None, after=()):
        cells = [v4.new_code_cell(s) for s in sources]
        cells[0].metadata["tags"] = ["parameters"]
        notebook = v4.new_notebook(
            cells=cells, metadata={"course": {"quick": quick or {}, "after": list(after)}}
        )
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    return write


def outputs(path):
    return "".join(o.get("text", "") for c in nbformat.read(path, 4).cells for o in c.get("outputs", []))


def test_good_and_bad_side_by_side(write, tmp_path):
    paths = [
        write("good", "n = 3", "print(n * 7)"),
        write("bad", "n = 1", "print('before')", "n / 0", "print('after')"),
        write("dead", "import os", "os._exit(1)"),
    ]
    (tmp_path / "torn.ipynb").write_text('{"cells": [')
    seen = []
    outcomes = run_notebooks([*paths, tmp_path / "torn.ipynb"], tmp_path / "out", jobs=2, report=seen.append)
    assert [o.status for o in outcomes] == ["ran", "failed", "failed", "failed"]
    assert sorted(o.name for o in seen) == ["bad", "dead", "good", "torn"]
    assert outputs(tmp_path / "out/good.ipynb") == "21\n"
    assert "cell 3" in outcomes[1].error and "ZeroDivisionError" in outcomes[1].error
    assert "before\n" in outputs(tmp_path / "out/bad.failed.ipynb")
    assert not (tmp_path / "out/bad.ipynb").exists()
    assert "cell 2" in outcomes[2].error
    assert "torn.ipynb is no notebook" in outcomes[3].error


def test_only_what_changed_runs_again(write, tmp_path):
    first, second = write("first", "print(1)"), write("second", "print(2)")

    def run(**options):
        return [
            o.status
            for o in run_notebooks([first, second], tmp_path / "out", report=lambda o: None, **options)
        ]

    assert run() == ["ran", "ran"]
    assert run() == ["unchanged", "unchanged"]
    write("second", "print(3)")
    assert run() == ["unchanged", "ran"]
    assert outputs(tmp_path / "out/second.ipynb") == "3\n"
    (tmp_path / "out/first.ipynb").write_text("torn by a kill")
    assert run() == ["ran", "unchanged"]
    assert run(force=True) == ["ran", "ran"]


def test_a_failure_keeps_the_last_good_result(write, tmp_path):
    path = write("n", "print('good')")
    run_notebooks([path], tmp_path / "out")
    write("n", "raise ValueError('bad')")
    assert run_notebooks([path], tmp_path / "out")[0].status == "failed"
    assert outputs(tmp_path / "out/n.ipynb") == "good\n"


def test_quick_mode_injects_the_parameters_of_the_notebook(write, tmp_path):
    path = write("n", "epochs = 100\nseed = 4", "print(epochs, seed)", quick={"epochs": 2})
    run_notebooks([path], tmp_path / "full")
    run_notebooks([path], tmp_path / "quick", quick=True)
    assert outputs(tmp_path / "full/n.ipynb") == "100 4\n"
    assert outputs(tmp_path / "quick/n.ipynb") == "2 4\n"


def test_who_reads_what_others_leave_behind_waits_for_them(write, tmp_path):
    save = "import time; time.sleep(1); open('left.txt', 'a').write('x')"
    paths = [
        write("first", save, after=["last"]),  # a circle, broken by the order of the list
        write("other", "print(1)"),
        write("last", "print(open('left.txt').read())", after=["first", "absent"]),
    ]

    def run():
        return [o.status for o in run_notebooks(paths, tmp_path / "out", jobs=3, report=lambda o: None)]

    assert run() == ["ran", "ran", "ran"]
    assert outputs(tmp_path / "out/last.ipynb") == "x\n"
    assert run() == ["unchanged", "unchanged", "unchanged"]
    write("first", save + " # changed")
    assert run() == ["ran", "unchanged", "ran"]
    assert outputs(tmp_path / "out/last.ipynb") == "xx\n"


INTERRUPTED = """
import signal, sys
from helpers.course.execute import run_notebooks

signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal
try:
    run_notebooks(sys.argv[2:], sys.argv[1], jobs=2)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(os.name == "nt", reason="no signals on Windows")
def test_ctrl_c_ends_everything_and_what_was_done_stays(write, tmp_path):
    waits = f"import pathlib, time\npathlib.Path({str(tmp_path)!r}, 'waits').touch()\ntime.sleep(60)"
    paths = [write("long", waits), write("short", "print('done')"), write("third", "time = 1")]
    command = [sys.executable, "-c", INTERRUPTED, tmp_path / "out", *paths]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes) as process:
        done, until = tmp_path / "out/third.ipynb", time.monotonic() + 120
        while not (done.exists() and (tmp_path / "waits").exists()) and time.monotonic() < until:
            time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)
        said, errors = process.communicate(timeout=30)
    assert said.endswith("interrupted\n"), errors
    assert "failed" not in said and "AssertionError" not in errors
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["short.ipynb", "third.ipynb"]


def test_executed_notebooks_hold_the_times_that_the_live_line_needs(write, tmp_path):
    path = write("n", "import time", "time.sleep(0.8)")
    run_notebooks([path], tmp_path / "out")
    (seconds,) = measured_seconds(nbformat.read(tmp_path / "out/n.ipynb", 4)).values()
    assert 0.8 <= seconds < 5
