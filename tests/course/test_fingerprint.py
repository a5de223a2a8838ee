"""What is stale is made again: each module, table and template behind a result is in its fingerprint."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat import v4

from helpers.course import fingerprint as room
from helpers.course.batch import execute_all
from helpers.course.grade import grade
from helpers.course.pool import read_journal
from helpers.places import HELPERS, ROOT
from tests.builders import toy_sheet

IMPORTED = """
import sys, importlib
importlib.import_module(sys.argv[1])
for name, module in sys.modules.items():
    if name.split(".")[0] == "helpers":
        print(module.__file__)
"""
RESULTS = {
    "notebooks": "helpers.datasets",
    "running": "helpers.course.batch",
    "marking": "helpers.course.grading.marking",
    "pages": "helpers.course.pages.feedback",
}
# What no import tells: what runs inside the sandbox or beside the hand-in, templates, tables.
READ = {
    "notebooks": ["models.py", "generators/ttbarj.py", "generators/parton_density.npz"],
    "running": ["course/kernel_runner.py", "models.py", "generators/ttbarj.py"],
    "marking": ["course/kernel_runner.py", "course/grading/kernel_guard.py", "models.py"],
    "pages": ["course/pages/templates/feedback.html", "course/typeset/template.typ"],
}


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Helpers and a data file that tests may change; nothing is imported from there."""
    helpers = Path(shutil.copytree(HELPERS, tmp_path / "course" / "helpers"))
    data = tmp_path / "course" / "data"
    data.mkdir()
    np.save(data / "events.npy", np.zeros(3))
    monkeypatch.setattr(room, "HELPERS", helpers)
    monkeypatch.setattr(room, "DATA", data)
    return tmp_path / "course"


def change(path):
    with open(path, "ab") as file:
        file.write(b"\n")


@pytest.mark.parametrize("kind", RESULTS)
def test_all_that_a_result_is_made_with_is_in_its_fingerprint(copied, kind):
    command = [sys.executable, "-c", IMPORTED, RESULTS[kind]]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [Path(line).relative_to(HELPERS).as_posix() for line in printed.split("\n") if line]
    assert len(files) > 2
    seen = [room.fingerprint(kind)]
    for file in [*files, *READ[kind]]:
        change(copied / "helpers" / file)
        assert room.fingerprint(kind) not in seen, file
        seen.append(room.fingerprint(kind))
    (copied / "helpers" / "new.py").write_text("")
    assert room.fingerprint(kind) not in seen
    assert room.fingerprint(kind, 1) != room.fingerprint(kind, 2)


def in_journal(journal):
    return len(read_journal(journal))


def test_hand_ins_run_again_when_what_runs_them_has_changed(copied, tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    toy_sheet.pack(tmp_path / "in" / "a.zip", toy_sheet.hand_in("untouched", members), members)
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("")]), tmp_path / "empty.ipynb")

    def graded():
        arguments = [tmp_path / "in"], 7, tmp_path / "notebooks", tmp_path / "graded"
        grade(*arguments, report=lambda line: None)
        return in_journal(tmp_path / "graded" / "journal.jsonl")

    def executed():
        execute_all({"a": tmp_path / "empty.ipynb"}, tmp_path / "executed", report=lambda line: None)
        return in_journal(tmp_path / "executed" / "verdicts.jsonl")

    runs = 1
    assert graded() == executed() == runs
    for name in ("course/kernel_runner.py", "generators/ttbarj.py"):
        change(copied / "helpers" / name)
        runs += 1
        assert graded() == executed() == runs, name
    np.save(copied / "data" / "events.npy", np.zeros(4))
    runs += 1
    assert graded() == executed() == runs, "the data have changed"
    change(copied / "helpers" / "course" / "pages" / "templates" / "report.html")
    assert graded() == executed() == runs, "other pages need no other run"
    change(copied / "helpers" / "course" / "grading" / "marking.py")
    assert (graded(), executed()) == (runs + 1, runs)
