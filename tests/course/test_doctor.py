"""`course doctor`: what it says of a machine on which something is missing."""

import importlib.metadata

import numpy as np
import pytest
from packaging.requirements import Requirement

from helpers import datasets
from helpers.course import doctor


def _finding(what):
    (found,) = [finding for finding in doctor.examine() if finding.what == what]
    return found


def test_nothing_that_is_needed_is_missing_here():
    for finding in doctor.examine():
        assert not (finding.mend and finding.needed), str(finding)


@pytest.mark.parametrize("requirement", ["numpy<1", "a-package-that-nobody-has>=1"])
def test_a_package_that_is_missing_or_of_another_version_is_named(monkeypatch, requirement):
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: [requirement, "numpy>=1"])
    finding = _finding("packages")
    assert Requirement(requirement).name in finding.found
    assert finding.needed
    assert "pip install" in finding.mend


def test_packages_of_other_pythons_and_extras_do_not_count(monkeypatch):
    monkeypatch.setattr(
        importlib.metadata,
        "requires",
        lambda name: ['nobody-has-this; python_version < "3"', 'nor-this; extra == "test"', "numpy"],
    )
    assert _finding("packages").mend == ""


def test_data_that_is_missing_or_damaged_comes_with_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "DATA", tmp_path)
    finding = _finding("diphoton")
    assert (finding.found, finding.needed) == ("missing", True)
    assert "`course data`" in finding.mend
    for name, shape in datasets.DATASETS["diphoton"].shapes.items():
        path = tmp_path / "generated" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.zeros((2, *shape[1:])))
    finding = _finding("diphoton")
    assert finding.found == "damaged"
    assert "`course data`" in finding.mend


def test_too_little_memory_is_said_but_no_error(monkeypatch):
    monkeypatch.setattr(doctor, "MEMORY", 1e18)
    finding = _finding("memory")
    assert "--jobs 1" in finding.mend
    assert not finding.needed
    assert str(finding).startswith("-- memory")
