"""Tasks for test_pool.py; workers import them by name."""

import os
import time
from pathlib import Path


def double(folder, number, seconds=0.0):
    """Note that it was called, and take a while."""
    with open(Path(folder, f"called {number}"), "a") as file:
        file.write("x")
    time.sleep(seconds)
    return {"double": 2 * number}


def dies(folder, number):
    """Takes its process with it."""
    os._exit(1)


def fails(folder, number):
    """Raises what cannot be foreseen."""
    raise OSError(f"disk full at {number}")


def either(name, *args):
    """Several kinds of tasks in one run."""
    return globals()[name](*args)
