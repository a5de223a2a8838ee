"""Shared fixtures: one torch thread, a data folder of the test's own; the table of variants at the end."""

from dataclasses import replace

import pytest
import torch

from helpers import datasets
from tests.variants.table import TABLE

torch.set_num_threads(1)


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """An empty data/ for tests that write or break files."""
    monkeypatch.setattr(datasets, "DATA", tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def small(data_folder, monkeypatch):
    """All datasets with 20 events per file, in a data folder of their own."""
    shrunk = {
        key: replace(d, shapes={name: (20, *shape[1:]) for name, shape in d.shapes.items()})
        for key, d in datasets.DATASETS.items()
    }
    monkeypatch.setattr(datasets, "DATASETS", shrunk)
    return shrunk


def pytest_terminal_summary(terminalreporter, config):
    table = config.stash.get(TABLE, [])
    if table:
        terminalreporter.section("checks tried with right and wrong solutions")
        terminalreporter.write("\n".join([*table, ""]))
