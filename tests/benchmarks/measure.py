"""One line of the table: ours against the baseline, in turns, in one process."""

import statistics
import time
from dataclasses import dataclass

__all__ = ["Row", "cpu_seconds", "in_turns", "seconds"]


@dataclass
class Row:
    """Repeated measurements of one quantity; baseline is empty where there is nothing to compare with.

    aim is the ratio to the baseline or, when limit is True, the largest value that is allowed.
    """

    name: str
    unit: str
    ours: list
    baseline: list = ()
    more_is_better: bool = False
    aim: float | None = None
    limit: bool = False
    note: str = ""

    @property
    def value(self):
        return statistics.median(self.ours)

    @property
    def ratio(self):
        """How many times better than the baseline: median of the ratios of the turns."""
        if not self.baseline:
            return None
        pairs = zip(self.ours, self.baseline, strict=True)
        return statistics.median(ours / base if self.more_is_better else base / ours for ours, base in pairs)

    @property
    def reached(self):
        if self.aim is None:
            return None
        if self.limit:
            return self.value <= self.aim
        return self.ratio is not None and self.ratio >= self.aim

    def as_json(self):
        """What goes into bench.json."""
        spread = max(self.ours) - min(self.ours)
        found = {"value": self.value, "spread": spread, "ratio": self.ratio, "reached": self.reached}
        return vars(self) | found


def in_turns(repeats, *functions):
    """Call the functions in turns. Returns: for each of them the list of what it returned."""
    return tuple(zip(*([f() for f in functions] for _ in range(repeats)), strict=True))


def seconds(function, *arguments):
    """Wall time of one call."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def cpu_seconds(function, *arguments):
    """CPU time of this process in one call."""
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start
