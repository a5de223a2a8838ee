"""Many hand-ins at once: found, executed once each, taken up after a kill."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from click.testing import CliRunner

from helpers.course.batch import execute_all, find_handins
from helpers.course.cli import main
from helpers.places import ROOT
from tests.builders.executed import UNSAFE, notebook
from tests.builders.files import put
from tests.builders.notebooks import bytes_of

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
        put(folder / f"{name}.ipynb", bytes_of(notebook(*sources)))
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
    put(handins / "group2/04.ipynb", bytes_of(notebook("print('mended')")))
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
    for k in range(5):
        cells = f"print({k})", "import time; time.sleep(1)", "1"
        put(folder / f"{k}.ipynb", bytes_of(notebook(*cells)))
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
