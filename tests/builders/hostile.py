"""Hand-ins that try to break out, to hang, to flood or to cheat, and what must become of each.

Run as a script it executes them in the sandbox, several at a time with honest neighbours between them, and
prints what came of each as JSON; so that a test can do it as another user.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psutil

from helpers.course.untrusted import Limits, execute_untrusted
from tests.builders.hostile_cells import (
    CATCHES,
    CHILDREN_EAT,
    CONNECT,
    DAEMON,
    DEAF,
    DEEP_OUTPUT,
    ESCAPE,
    FILL,
    FLOOD_PICTURES,
    FOREVER,
    FORGE,
    FORKS,
    LINKS,
    NOHUP,
    ODD_OUTPUT,
    POISON,
    PRETEND,
    READ,
    REMOVE,
    SHARED,
    SILENCE,
    SPY,
    SYSTEM_V,
    THREADS,
    WRITE,
)

NEIGHBOUR = "neighbour"
JOBS = 4


@dataclass(frozen=True)
class Case:
    """Texts of code cells or the bytes of a file, and what is right: verdict, cell, and what was said."""

    source: tuple[str, ...] | bytes
    status: tuple[str, ...]
    cell: int | None = None
    said: str = ""  # must be among the outputs: the attack was made
    limits: dict = field(default_factory=dict)
    metadata: dict = field(default_factory=dict)  # of every cell
    about: dict = field(default_factory=dict)  # metadata of the notebook


def hangs(*cells, **more):
    """Gets two seconds for a cell."""
    return Case(cells, ("timed out",), len(cells), limits={"cell_seconds": 2}, **more)


def fails(*cells, **more):
    return Case(cells, ("failed",), len(cells), **more)


def dies(*cells):
    return Case((*cells, "print('still there')"), ("kernel died",), len(cells))


def runs(*cells, said, **more):
    return Case(cells, ("ran",), None, said, **more)


def greedy(*cells, status=("out of memory",), **more):
    """Gets 500 MiB of memory, 64 processes, 100 MB of files, 3 MB of output."""
    small = {"memory": 500 * 2**20, "processes": 64, "files": 10**8, "inodes": 3000, "output": 3 * 10**6}
    small["cell_seconds"] = 10
    return Case(cells, status, len(cells), limits=small, **more)


def malformed(content):
    return Case(content if isinstance(content, bytes) else json.dumps(content).encode(), ("not a notebook",))


CELL = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": [], "execution_count": None}
DEEP = b'{"cells": ' + b"[" * 10**5 + b"]" * 10**5 + b"}"

CASES = {
    # time
    "endless loop": hangs("print('before')", "while True: pass", said="before"),
    "loop that catches interrupts": hangs(CATCHES),
    "deaf to signals": hangs(DEAF),
    "sleeps": hangs(FOREVER),
    "regular expression": hangs("import re; re.match('(a+)+$', 'a' * 60 + 'b')"),
    "deadlock": hangs("import threading\nlock = threading.Lock()\nlock.acquire(); lock.acquire()"),
    "stops the client": hangs(f"import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\n{FOREVER}"),
    "stops itself": hangs("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"),
    "many slow cells": Case(("import time; time.sleep(0.7)",) * 20, ("timed out",), limits={"seconds": 6}),
    "burns processors": Case(
        ("import os\nfor _ in range(5): os.fork()\nwhile True: pass",),
        ("timed out",),
        1,
        limits={"cpu_seconds": 3, "cell_seconds": 20},
    ),
    # processes
    "fork bomb": greedy(FORKS, status=("too many processes",)),
    "thread bomb": greedy(THREADS, status=("too many processes",)),
    "shell bomb": greedy(
        "import subprocess\nsubprocess.run(['bash', '-c', ':(){ :|:& };:; sleep 60'])",
        status=("too many processes",),
    ),
    "daemon": runs(DAEMON, said="daemon started"),
    "nohup": runs(NOHUP, said="left"),
    "will not end": runs(
        "import atexit, threading, time\natexit.register(time.sleep, 1000)\n"
        "threading.Thread(target=time.sleep, args=(1000,)).start()\nprint('on')",
        said="on",
    ),
    # memory
    "list grows": greedy("x = []\nwhile True: x.append(bytearray(10**7))"),
    "array": greedy("import numpy as np, time\nx = np.ones(2 * 10**8); time.sleep(60)"),
    "more than there is": greedy("import numpy as np\nnp.empty(10**13)"),
    "children eat": greedy(CHILDREN_EAT),
    "shared memory": greedy(SHARED),
    "system V memory": greedy(SYSTEM_V, status=("failed",)),
    "memory file": greedy("import os\nos.memfd_create('x')", status=("failed",)),
    # output
    "prints": greedy("while True: print('x' * 1000)", status=("too much output",)),
    "one long line": greedy("print('x' * 10**8)", status=("too much output", "out of memory")),
    "prints past Python": greedy(
        "import os\nwhile True: os.write(1, b'x' * 1000)", status=("too much output",)
    ),
    "many pictures": greedy(FLOOD_PICTURES, status=("too much output",)),
    "clears": greedy(
        "from IPython.display import clear_output\nwhile True: print('x' * 9999); clear_output()",
        status=("too much output",),
    ),
    "long error": greedy(
        "raise ValueError('x' * 10**8)", status=("too much output", "out of memory", "failed")
    ),
    "deep output": Case((DEEP_OUTPUT,), ("ran", "failed", "kernel died")),
    "odd output": runs(ODD_OUTPUT, said="kept"),
    # files
    "big file": greedy(FILL.format("../build"), status=("failed",)),
    "big file in memory": greedy(FILL.format("/dev/shm"), status=("failed",)),
    "countless files": greedy("k = 0\nwhile True: k += 1; open(f'{k}', 'w')", status=("too many files",)),
    "countless folders": greedy(
        "import os\nwhile True: os.mkdir('d'); os.chdir('d')", status=("too many files", "failed")
    ),
    "removes everything": runs(REMOVE, said="removed"),
    # what is outside
    "reads outside": runs(READ, said="tried"),
    "links": runs(LINKS, said="tried"),
    "writes outside": runs(WRITE, said="tried"),
    "spies": runs(SPY, "x = 'SECRET-of-a-later-cell'", said="tried False"),
    "escapes": runs(ESCAPE, said="tried"),
    "network": runs(CONNECT, said="tried [(1, 'lo')]"),
    "poisons": runs(POISON, said="poisoned"),
    # the kernel and its client
    "exits": dies("import os; os._exit(0)"),
    "kills itself": dies("import os; os.kill(os.getpid(), 9)"),
    "crashes": dies("import ctypes; ctypes.string_at(0)"),
    "kills the client": dies("import os; os.kill(os.getppid(), 9)"),
    "kills everybody": dies("import os; os.kill(-1, 9)"),
    "quits politely": Case(("import sys; sys.exit()", "1"), ("failed",), 1),
    "asks": fails("input('password: ')"),
    # cheating
    "forges events": fails(FORGE, "raise ValueError('found')", said="tried"),
    "silences the kernel": hangs(SILENCE),
    "pretends": Case((PRETEND, "1 / 0"), ("ran", "failed")),  # whoever owns the kernel can; the checks decide
    "tagged to raise": fails(
        "1 / 0", metadata={"tags": ["raises-exception", "skip-execution", "nbconvert-skip"]}
    ),
    "odd tags": fails("1 / 0", metadata={"tags": [[], {}, "a,b", "a", "a"], "execution": {"timeout": -1}}),
    "another kernel": fails(
        "1 / 0", about={"kernelspec": {"name": "bash", "argv": ["true"]}, "language_info": 3}
    ),
    "longer, please": hangs(FOREVER, about={"execution": {"timeout": 9999, "allow_errors": True}}),
    "null byte": fails("x = 'a\0b'"),
    "lone surrogate": runs("print('\ud800')", said="?"),
    # files that are none
    "torn": malformed(b'{"cells": [{"cell_type": "code", "sour'),
    "nothing": malformed(b""),
    "other bytes": malformed(bytes(range(256)) * 10),
    "another encoding": malformed(json.dumps({"cells": [CELL]}).encode("utf-16")),
    "zip": malformed(b"PK\x03\x04" + bytes(100)),
    "too large": malformed(b" " * (25 * 10**6 + 1)),
    "countless cells": malformed({"nbformat": 4, "cells": [CELL] * 3000}),
    "list": malformed([CELL]),
    "deep": malformed(DEEP),
    "long number": malformed(b'{"cells": [], "nbformat": ' + b"9" * 10**5 + b"}"),
    "cells of odd types": malformed({"nbformat": 4, "cells": [3, None, "x"]}),
    "odd source": malformed({"nbformat": 4, "cells": [CELL | {"source": {"a": 1}}]}),
    "odd cell": malformed({"nbformat": 4, "cells": [CELL | {"cell_type": "__class__"}]}),
    "version 3": Case(
        json.dumps(
            {
                "nbformat": 3,
                "nbformat_minor": 0,
                "metadata": {},
                "worksheets": [{"cells": [CELL | {"input": "print('old')\n1 / 0", "language": "python"}]}],
            }
        ).encode(),
        ("failed",),
        1,
        "old",
    ),
    "same ids": Case(
        json.dumps(
            {"nbformat": 4, "cells": [CELL | {"id": "../../x"}, CELL | {"id": "a"}, CELL | {"id": "a"}]}
        ).encode(),
        ("ran",),
    ),
    "deep metadata": Case(
        b'{"nbformat": 4, "metadata": {"course": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}, "
        b'"cells": [{"cell_type": "code", "source": "1 / 0", "metadata": {"nbgrader": [[[]]]}}]}',
        ("failed", "not a notebook"),
    ),
    "no code": Case(json.dumps({"nbformat": 4, "cells": [CELL | {"source": "  \n"}]}).encode(), ("empty",)),
}


def content(case, places):
    """The bytes of a hand-in; @FILE@ and so on stand for what it shall try to reach."""
    if isinstance(case.source, bytes):
        return case.source
    cells = [CELL | {"source": text, "metadata": case.metadata} for text in case.source]
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": case.about, "cells": cells})
    for name, place in places.items():
        text = text.replace(f"@{name}@", str(place))
    return text.encode()


def honest(number):
    """A hand-in that must run as if it were alone."""
    check = "import os; os.listdir('.'), os.listdir('../build'), os.path.exists('/tmp/json.py')"
    return Case(
        (f"n = {number}\n_ = open('mine', 'w').write(str(n))", "from helpers import kinematics", check,
         "print('sum', sum(range(n)), open('mine').read())"),
        ("ran",),
    )  # fmt: skip


def run_all(names, places):
    """Execute cases and, after every sixth, a neighbour. Returns: name → what came of it."""
    cases = {}
    for k, name in enumerate(names):
        if k % 6 == 0:
            cases[f"{NEIGHBOUR} {1000 + k}"] = honest(1000 + k)
        cases[name] = CASES[name]
    with ThreadPoolExecutor(JOBS) as pool:
        runs = {
            name: pool.submit(execute_untrusted, content(case, places), name, Limits(**case.limits))
            for name, case in cases.items()
        }
        results = {name: _summary(run.result()) for name, run in runs.items()}
    return {"results": results, "left": [p.cmdline() for p in psutil.Process().children(recursive=True)]}


def _summary(execution):
    verdict = execution.verdict
    outputs = [o for c in execution.notebook.cells for o in c.get("outputs", [])]
    cells = [[r.id, r.status, r.ename, r.evalue, r.seconds] for r in execution.cells]
    summary = {
        "status": verdict.status,
        "cell": verdict.cell,
        "error": verdict.error,
        "seconds": verdict.seconds,
    }
    return summary | {"outputs": outputs, "cells": cells}


if __name__ == "__main__":
    request = json.load(sys.stdin)
    with open(request["places"]["FILE"], "r+") as file:  # this user could do what the hand-ins must not
        file.read()
    json.dump(run_all(request["names"], request["places"]), sys.stdout)
