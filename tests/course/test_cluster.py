"""The same work on a Dask cluster: workers and schedulers that are lost, and code that changes meanwhile."""

import importlib
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import nbformat
import psutil
import pytest
from nbformat import v4

from helpers.course import cluster
from helpers.course.batch import execute_all, find_handins
from helpers.course.errors import CourseError
from helpers.course.grade import grade
from helpers.course.pool import read_journal, run_tasks
from helpers.places import ROOT
from tests.builders import tasks, toy_sheet
from tests.builders.executed import UNSAFE
from tests.builders.graded import needs_sandbox, silent


@dataclass
class Cluster:
    """A scheduler and its workers, in processes of their own."""

    address: str
    scheduler: subprocess.Popen
    workers: list[subprocess.Popen]


@pytest.fixture
def dask():
    """A real Dask cluster with two workers of one thread; nobody starts a lost worker again."""
    pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = []

    def start(module, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments, "--no-dashboard"]
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, env=environment, **pipes)
        started.append(process)
        return process

    scheduler = start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
    for line in scheduler.stderr:
        if found := re.search(r"tcp://127.0.0.1:\d+", line):
            break
    worker = "dask_worker", found.group(), "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1"
    yield Cluster(found.group(), scheduler, [start(*worker), start(*worker)])
    for process in reversed(started):
        process.kill()
        process.communicate()


def calls(folder):
    return {p.name.split()[1]: p.read_text() for p in folder.glob("called *")}


def test_each_once_and_what_kills_its_process_leaves_the_workers_alone(dask, tmp_path):
    told, journal = {}, tmp_path / "journal.jsonl"
    work = {"dies": ("dies", str(tmp_path), 9), "fails": ("fails", "", 1)}
    work |= {f"n{k}": ("double", str(tmp_path), k, 0.3) for k in range(6)}
    results = run_tasks(tasks.either, work, journal, scheduler=dask.address, report=told.__setitem__)
    assert results == {f"n{k}": {"double": 2 * k} for k in range(6)}
    assert "disk full" in str(told["fails"]) and len(told) == 8
    assert str(told["dies"]) == "its process ended with exit status 1"
    assert [worker.poll() for worker in dask.workers] == [None, None]
    again = run_tasks(tasks.either, {"n0": work["n0"]}, journal, scheduler="tcp://127.0.0.1:9")
    assert again == {"n0": {"double": 0}}, "nothing to do needs no cluster"
    assert calls(tmp_path) == {str(k): "x" for k in range(6)}


def test_strict_execution_on_a_cluster(dask, tmp_path):
    cells = [v4.new_code_cell("print(6 * 7)"), v4.new_code_cell("1 / 0")]
    for name in ("one", "two", "three"):
        nbformat.write(v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    out = tmp_path / "out"
    found = find_handins([tmp_path], out)
    verdicts = execute_all(found, out, unsafe=UNSAFE, scheduler=dask.address, report=silent)
    assert [(v.name, v.status, v.cell) for v in verdicts] == [(name, "failed", 2) for name in found]
    assert nbformat.read(out / "two.ipynb", 4).cells[0].outputs[0].text == "42\n"


def running(worker):
    """The processes of a worker, where one of them is the kernel of a hand-in."""
    below = psutil.Process(worker.pid).children(recursive=True)
    for process in below:
        with suppress(psutil.Error):
            if "ipykernel_launcher" in process.cmdline():
                return below
    return []


def without_times(page):
    return re.sub(r"\d+\.\d s\b", "", page.read_text(encoding="utf-8"))


@needs_sandbox
def test_a_worker_lost_in_the_middle_changes_no_points(dask, tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    wait = toy_sheet.add("import time\ntime.sleep(6)")
    for number, kind in enumerate(["good", "wrong norm", "check altered"]):
        members = toy_sheet.people(number)
        notebook = nbformat.reads(toy_sheet.hand_in(kind, members).decode(), 4)
        wait(notebook)
        toy_sheet.pack(tmp_path / "in" / f"{number}.zip", nbformat.writes(notebook), members)
    journal = tmp_path / "cluster" / "journal.jsonl"
    ended_before, outlived = [], []

    def kill():
        while not all(running(worker) for worker in dask.workers):
            time.sleep(0.05)
        of_the_lost = running(dask.workers[0])
        ended_before.extend(read_journal(journal))
        dask.workers[0].kill()
        outlived.extend(psutil.wait_procs(of_the_lost, timeout=4)[1])

    def graded(out, **how):
        return grade([tmp_path / "in"], 7, tmp_path / "notebooks", out, report=silent, **how)

    killer = threading.Thread(target=kill)
    killer.start()
    groups = graded(tmp_path / "cluster", scheduler=dask.address)
    killer.join()
    assert ended_before == outlived == [], "the hand-in ended with its worker, in the middle"
    keys = [line.split(b'"')[3] for line in journal.read_bytes().splitlines()]
    assert len(keys) == len(set(keys)) == 3 and dask.workers[1].poll() is None

    alone = graded(tmp_path / "alone", jobs=2)
    for one, other in zip(groups, alone, strict=True):
        assert (one.slug, one.scores) == (other.slug, other.scores)
        assert str(one.notebooks[1]) == str(other.notebooks[1])
    assert sorted(sum(s.points or 0 for s in group.scores) for group in groups) == [2, 3, 4]
    for name in ("grades.csv", "report.html"):
        assert without_times(tmp_path / "cluster" / name) == without_times(tmp_path / "alone" / name)


@pytest.mark.parametrize(
    "lost, message",
    [
        ("scheduler", "the scheduler {} is gone; what has ended is kept: start the cluster again"),
        ("workers", "{} has had no worker for 1 s; what has ended is kept: start workers again"),
    ],
)
def test_what_ended_is_kept_when_all_are_gone(dask, tmp_path, monkeypatch, lost, message):
    journal, work = tmp_path / "journal.jsonl", {"n0": (str(tmp_path), 0)}
    work |= {f"n{k}": (str(tmp_path), k, 60) for k in range(1, 5)}

    def kill(key, result):
        monkeypatch.setattr(cluster, "PATIENCE", 1)
        for process in {"scheduler": [dask.scheduler], "workers": dask.workers}[lost]:
            process.kill()

    with pytest.raises(CourseError, match=message.format(dask.address)):
        run_tasks(tasks.double, work, journal, scheduler=dask.address, report=kill)
    assert read_journal(journal) == {"n0": {"double": 0}}


def test_a_scheduler_that_is_not_there_is_named(tmp_path):
    pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    with pytest.raises(OSError, match=r"tcp://127\.0\.0\.1:9"):
        run_tasks(tasks.double, {"n1": ("", 1)}, tmp_path / "j", scheduler="tcp://127.0.0.1:9")


def test_a_worker_that_is_older_than_the_code_runs_the_code(tmp_path, monkeypatch):
    module = tmp_path / "changing.py"
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    module.write_text("def f(x):\n    print(x)\n    return x\n")
    f = importlib.import_module("changing").f
    assert cluster.in_new_process(f, (1,)) == 1
    module.write_text("def f(x):\n    return [x, 'new']\n")
    assert cluster.in_new_process(f, (1,)) == [1, "new"]
    module.write_text("def f(x):\n    raise OSError(f'disk full at {x}')\n")
    with pytest.raises(OSError, match="disk full at 1"):
        cluster.in_new_process(f, (1,))
