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


# Notebooks that are still to be brought to what these tests ask for; a list that only becomes shorter.
LENGTH = {"test_main_part_is_short", "test_main_part_fills_at_most_fifteen_pages"}
VARIANTS = {"test_nothing_is_misjudged", "test_each_coding_item_has_a_right_and_two_wrong_variants"}
UNFINISHED = {
    "10_1_gan_drell_yan": LENGTH | VARIANTS,
}


def pytest_collection_modifyitems(items):
    for item in items:
        notebook = item.callspec.id if hasattr(item, "callspec") else ""
        if getattr(item, "originalname", "") in UNFINISHED.get(notebook, ()):
            item.add_marker(pytest.mark.xfail(reason="notebook not yet brought up to this", strict=False))


def pytest_terminal_summary(terminalreporter, config):
    table = config.stash.get(TABLE, [])
    if table:
        terminalreporter.section("checks tried with right and wrong solutions")
        terminalreporter.write("\n".join([*table, ""]))
