"""`make bench`: every measurement, one table, and build/bench.json.

Each group runs in a process of its own, one after the other, so that its peak memory is its own too.
Names of groups as arguments run only these. Beside each ratio stands that of the last run.
"""

import contextlib
import datetime
import importlib
import json
import multiprocessing
import os
import platform
import resource
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "build" / "bench.json"
GROUPS = {
    "training": ("rates", "times_to_loss", "at_once", "gpu"),
    "physics": ("amplitudes", "cores", "events", "loading"),
    "commands": ("start", "notebooks", "pdfs", "sandbox"),
    "grading": ("throughput",),
}


def measure(module, group, results):
    """Rows of one group, and the peak memory of this process and of those it started, in MB."""
    import torch

    torch.set_num_threads(1)
    with contextlib.redirect_stdout(sys.stderr):
        rows = list(getattr(importlib.import_module(f"tests.benchmarks.{module}"), group)())
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(w).ru_maxrss for w in who) / 1024
    results.put([row.as_json() | {"group": group, "peak MB": round(peak)} for row in rows])


def line(row, last):
    """One line of the table; last is the ratio of the run before, if there was one."""
    number = f"{row['value']:.4g}"
    baseline = sorted(row["baseline"])[len(row["baseline"]) // 2] if len(row["baseline"]) else None
    columns = (
        f"{row['name']:<44}",
        f"{number:>9} ± {row['spread'] / 2:<8.2g} {row['unit']:<9}",
        f"{baseline:>9.4g}" if baseline is not None else " " * 9,
        *(f"{r:>7.1f}x" if r is not None else " " * 8 for r in (row["ratio"], last)),
        f"{row['peak MB']:>6} MB",
        {None: "", True: "reached", False: "NOT reached"}[row["reached"]],
        row["note"],
    )
    return "  ".join(columns).rstrip()


def main(wanted):
    os.environ["OMP_NUM_THREADS"] = "1"
    spawn = multiprocessing.get_context("spawn")
    rows = {row["name"]: row for row in json.loads(TABLE.read_text())} if TABLE.exists() else {}
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {datetime.date.today()}")
    heads = f"{'ours, half the spread':<29}  {'baseline':>9}  {'ratio':>8}  {'last run':>8}  {'peak':>9}"
    print(f"{'':<44}  {heads}")
    for module, groups in GROUPS.items():
        for group in groups:
            if wanted and group not in wanted:
                continue
            results = spawn.SimpleQueue()
            process = spawn.Process(target=measure, args=(module, group, results))
            process.start()
            process.join()
            if process.exitcode:
                sys.exit(f"{module}.{group} failed")
            for row in results.get():
                last = rows.get(row["name"], {}).get("ratio")
                rows[row["name"]] = row
                print(line(row, last), flush=True)
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(json.dumps(list(rows.values()), indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
