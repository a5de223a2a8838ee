"""The tables say what they should of made-up numbers."""

import numpy as np
import pytest

from helpers.generators import ising
from helpers.lattice_tables import compare_with_onsager, correlations_with, mean_of_chains


def test_onsager_table_has_ratio_and_pull():
    exact = float(ising.onsager_magnetisation(2.0))
    size = np.array([[exact, exact + 0.02, exact + 0.04], [0.5, 0.5, 0.6]])
    table = compare_with_onsager(size, [2.0, 2.3])
    assert table.index.tolist() == [2.0]  # above the critical temperature there is nothing to compare
    row = table.loc[2.0]
    assert row["error"] == pytest.approx(0.02 / np.sqrt(3))
    assert row["pull"] == pytest.approx(np.sqrt(3))
    assert row["ratio − 1"] == pytest.approx(0.02 / exact)


def test_a_bent_line_is_told_from_noise():
    rng = np.random.default_rng(1)
    m = rng.uniform(-1, 1, 2000)
    noise = rng.normal(size=2000)
    table = correlations_with(m, {"line": [-3 * m], "bent": [m**3], "noisy": [m + 0.3 * noise, m + noise]})
    assert table.loc["line"].to_numpy() == pytest.approx([1, 1, 1])
    assert table.loc["bent", "correlation with M"] < 0.95
    assert table.loc["bent", "with a curve"] == pytest.approx(1)
    noisy = table.loc["noisy"]
    assert noisy["lowest"] == pytest.approx(np.sqrt(1 / 3 / (1 / 3 + 1)), abs=0.05)
    assert noisy["with a curve"] == pytest.approx(noisy["correlation with M"], abs=0.01)


def test_error_of_a_mean_comes_from_the_chains():
    values = np.repeat(np.array([[1.0, 2.0, 3.0, 6.0]]), 100, axis=0)  # 100 times the same of each chain
    mean, error = mean_of_chains(values)
    assert mean == 3
    assert error == pytest.approx(np.std([1, 2, 3, 6], ddof=1) / 2)
    assert mean_of_chains(np.ones((5, 4, 7))).error.shape == (7,)
