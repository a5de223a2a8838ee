"""Exact amplitudes against a network, events against Pythia, loading; CPU time of one thread unless said."""

import importlib.util
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import torch

from helpers import datasets
from helpers.generators import diphoton, drell_yan
from helpers.generators.diphoton import squared_amplitude
from helpers.models import MLP
from tests.benchmarks.measure import Row, cpu_seconds, in_turns, seconds
from tests.generators.test_drell_yan import pythia

POINTS = 30_000
SIZES = (1, 10, 100, 1_000, 10_000, 100_000)


def amplitudes():
    """Microseconds per point of the exact amplitude and of the network of notebook 04_2.

    All sizes take turns, as the machine is slower in one minute than in the next.
    """
    momenta = np.resize(datasets.load_diphoton().test.momenta, (100_000, 5, 4))
    x = torch.as_tensor(momenta.reshape(-1, 20), dtype=torch.float32)
    network = MLP(20, 1, hidden=(32, 32))

    def per_point(function, calls, size):
        return 1e6 * cpu_seconds(lambda: [function() for _ in range(calls)]) / calls / size

    def exactly(size):
        return per_point(partial(squared_amplitude, momenta[:size]), max(1, 25 // size), size)

    def by_network(size):
        parts = x[:size].split(1_000)  # the exact amplitude takes many points in pieces, too
        with torch.no_grad():
            return per_point(lambda: [network(part) for part in parts], max(10, 1_000 // size), size)

    exactly(POINTS)
    turns = [partial(exactly, POINTS), *(partial(f, size) for size in SIZES for f in (by_network, exactly))]
    many, *times = in_turns(25, *turns)
    yield Row("exact amplitude, 30 000 points", "us/point", many, aim=10, limit=True)
    for size, ours, exact in zip(SIZES, times[::2], times[1::2], strict=True):
        yield Row(f"network against exact, batch {size}", "us/point", ours, exact)


def cores():
    """Wall time of the exact amplitude of 60 000 points in one process and in two."""
    momenta = np.resize(datasets.load_diphoton().test.momenta, (60_000, 5, 4))
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(squared_amplitude, np.array_split(momenta[:200], 2)))

        def two():
            return seconds(lambda: list(pool.map(squared_amplitude, np.array_split(momenta, 2))))

        ours, one = in_turns(21, two, lambda: seconds(squared_amplitude, momenta))
    yield Row("exact amplitude, 2 processes against 1", "s wall", ours, one)


def events():
    """Two million Drell-Yan events, against Pythia where it is installed; diphoton events."""
    drell_yan.generate(10_000, 1)

    def ours():
        return cpu_seconds(drell_yan.generate, 2_000_000, 1)

    yield Row("2 million Drell-Yan events", "s", *in_turns(5, ours), aim=6, limit=True)
    if importlib.util.find_spec("pythia8mc"):
        few = 20_000
        both = in_turns(5, ours, lambda: cpu_seconds(pythia, few, 1) * 2_000_000 / few)
        note = "Pythia: from 20 000 events, its start included"
        yield Row("2 million Drell-Yan events against Pythia", "s", *both, aim=10, note=note)
    diphotons = [cpu_seconds(diphoton.generate, 90_000, seed) for seed in range(3)]
    yield Row("90 000 diphoton events with amplitudes", "s", diphotons)


def loading():
    """The 1.98 million Drell-Yan events from disk, checks included."""
    yield Row("load Drell-Yan events", "s", [cpu_seconds(datasets.load_drell_yan) for _ in range(5)])
