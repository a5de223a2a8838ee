"""Sixty hand-ins graded: throughput with one job and with two, and a kill in the middle that costs nothing.

Run it from the root of the repository: python -m tests.benchmarks.grading
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helpers.course.grade import grade
from tests.benchmarks.measure import Row, in_turns
from tests.builders import toy_sheet

COUNT = 60
LIMITS = {"cell_seconds": 20, "seconds": 60}


def measure(jobs, kinds, folder=None):
    """Grade hand-ins of these kinds, feedback and report included. Returns: seconds per hand-in."""
    with tempfile.TemporaryDirectory(prefix="course-bench-") as scratch:
        folder = Path(folder or scratch)
        prepare(folder, kinds)
        start = time.perf_counter()
        run(folder, jobs)
        return (time.perf_counter() - start) / len(kinds)


def throughput():
    """Wall time of 32 hand-ins with feedback and report, in the sandbox; none of them waits for a limit."""
    kinds = [k for k in toy_sheet.many(40) if not toy_sheet.KINDS[k].verdict.startswith("timed out")][:32]
    ours, one = in_turns(3, lambda: measure(2, kinds), lambda: measure(1, kinds))
    yield Row("grading a hand-in, 2 jobs against 1", "s", ours, one, aim=1.8)


def prepare(folder, kinds):
    toy_sheet.write_sheet(folder / "notebooks")
    return toy_sheet.write_hand_ins(folder / "hand-ins", kinds)


def run(folder, jobs):
    silent = {"limits": LIMITS, "jobs": jobs, "report": lambda line: None}
    return grade([folder / "hand-ins"], toy_sheet.SHEET, folder / "notebooks", folder / "out", **silent)


def killed_and_resumed(folder, jobs, count=COUNT):
    """Kill -9 when a third is done, then run again. Returns: how many had finished before."""
    prepare(folder, toy_sheet.many(count))
    process = subprocess.Popen(
        [sys.executable, "-m", __spec__.name, str(folder), str(jobs)], start_new_session=True
    )
    journal = folder / "out" / "journal.jsonl"
    while process.poll() is None and lines_of(journal) < count // 3:
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = lines_of(journal)
    assert not (folder / "out" / "grades.csv").exists(), "it was not killed in the middle"
    run(folder, jobs)
    return done


def lines_of(journal):
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def main():
    with tempfile.TemporaryDirectory(prefix="course-bench-") as scratch:
        scratch = Path(scratch)
        tables = []
        for jobs in (1, 2):
            before = os.times()
            seconds = measure(jobs, toy_sheet.many(COUNT), scratch / str(jobs))
            after = os.times()
            cpu = sum(after[:4]) - sum(before[:4])
            print(f"{jobs} job(s): {seconds:.2f} s per hand-in, {cpu / COUNT:.2f} s of CPU", flush=True)
            tables.append((scratch / str(jobs) / "out" / "grades.csv").read_bytes())
        done = killed_and_resumed(scratch / "killed", 2)
        tables.append((scratch / "killed" / "out" / "grades.csv").read_bytes())
        print(
            f"killed after {done} of {COUNT} and resumed; {len(set(tables))} table(s) from {len(tables)} runs"
        )
        groups, kinds = run(scratch / "1", 1), toy_sheet.many(COUNT)
        slugs = toy_sheet.write_hand_ins(scratch / "again", kinds)
        right = sum(
            {s.item.id: s.points for s in g.scores} == toy_sheet.expected(slugs[g.slug]) for g in groups
        )
        print(f"{right} of {len(groups)} have exactly the points they must have")
        sys.exit(len(set(tables)) > 1 or right < COUNT)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        main()
