"""Work that is done once each, whoever is killed."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from helpers.course.pool import read_journal, run_tasks
from helpers.places import ROOT
from tests.builders import tasks


def doubles(folder, numbers, seconds=0.0):
    return {f"n{k}": (folder, k, seconds) for k in numbers}


def calls(folder):
    return {p.name.split()[1]: p.read_text() for p in folder.glob("called *")}


@pytest.mark.parametrize("jobs", [1, 3])
def test_each_once_and_in_order(tmp_path, jobs):
    told = {}
    journal = tmp_path / "deep/journal.jsonl"
    results = run_tasks(
        tasks.double, doubles(tmp_path, range(4)), journal, jobs=jobs, report=told.__setitem__
    )
    assert results == {f"n{k}": {"double": 2 * k} for k in range(4)}
    assert list(results) == ["n0", "n1", "n2", "n3"] and told == results
    assert calls(tmp_path) == {str(k): "x" for k in range(4)}

    told.clear()
    again = run_tasks(tasks.double, doubles(tmp_path, range(2, 5)), journal, report=told.__setitem__)
    assert list(again) == ["n2", "n3", "n4"] and list(told) == ["n4"]
    assert calls(tmp_path) == {str(k): "x" for k in range(5)}


def test_a_torn_line_does_not_count(tmp_path):
    journal = tmp_path / "journal.jsonl"
    run_tasks(tasks.double, doubles(tmp_path, range(2)), journal)
    whole = journal.read_bytes()
    for torn in (whole[:-1], whole[:-9], whole + b'{"key": "n2"', whole + b"\0\0\n"):
        journal.write_bytes(torn)
        results = run_tasks(tasks.double, doubles(tmp_path, range(3)), journal)
        assert list(results) == ["n0", "n1", "n2"]
        assert read_journal(journal) == results
    assert read_journal(tmp_path / "none") == {}


def test_a_killed_worker_costs_its_own_task_only(tmp_path):
    told, journal = {}, tmp_path / "journal.jsonl"
    work = {"slow": ("double", tmp_path, 1, 1.5), "dies": ("dies", tmp_path, 2)}
    work |= {"fails": ("fails", tmp_path, 3), "after": ("double", tmp_path, 4)}
    results = run_tasks(tasks.either, work, journal, jobs=2, report=told.__setitem__)
    assert results == {"slow": {"double": 2}, "after": {"double": 8}}
    assert set(told) == set(work)
    assert "BrokenProcessPool" in repr(told["dies"]) and "disk full at 3" in str(told["fails"])
    assert calls(tmp_path) == {"1": "x", "4": "x"}
    assert set(read_journal(journal)) == {"slow", "after"}


KILLED = """
import sys
from helpers.course.pool import run_tasks
from tests.builders import tasks
run_tasks(tasks.double, {f"n{k}": (sys.argv[1], k, 0.5) for k in range(8)}, sys.argv[2], jobs=2)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no kill -9")
def test_kill_and_resume(tmp_path):
    journal = tmp_path / "journal.jsonl"
    process = subprocess.Popen([sys.executable, "-c", KILLED, tmp_path, journal], cwd=ROOT)
    while not journal.exists() or journal.read_bytes().count(b"\n") < 3:
        assert process.poll() is None
        time.sleep(0.05)
    workers = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []

    finished = set(read_journal(journal))
    assert 3 <= len(finished) < 8
    results = run_tasks(tasks.double, doubles(tmp_path, range(8)), journal, jobs=2)
    assert results == {f"n{k}": {"double": 2 * k} for k in range(8)}
    assert {f"n{k}": c for k, c in calls(tmp_path).items() if f"n{k}" in finished} == dict.fromkeys(
        finished, "x"
    )
    keys = [json.loads(line)["key"] for line in journal.read_bytes().splitlines()]
    assert sorted(keys) == [f"n{k}" for k in range(8)]
