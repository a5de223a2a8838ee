"""Figures of networks that know their error show the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.uncertainty_plots import draw_largest, draw_methods, draw_pulls, draw_sizes


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def labels_of(legend):
    return [text.get_text() for text in legend.get_texts()]


def test_sizes_have_a_line_at_the_noise_in_the_first_panel_only():
    table = pd.DataFrame(
        {"σ_stoch [%]": [7, 5], "σ_pred [%]": [3, 1], "error [%]": [4, 1]}, index=[1000, 5000]
    )
    draw_sizes({"noise": table, "exact": table}, 0.05)
    left, right = plt.gcf().axes
    assert len(left.lines) == 4 and len(right.lines) == 3
    assert set(left.lines[3].get_ydata()) == {5.0}
    assert list(left.lines[1].get_ydata()) == [3, 1]
    assert [text.get_text() for text in left.get_xticklabels()] == ["1,000", "5,000"]


def test_pulls_beyond_the_axis_are_counted():
    draw_pulls({"far": np.array([100.0, -100.0])}, [0.5, 0.9], {"far": [0.0, 0.1]})
    left, right = plt.gcf().axes
    density = left.patches[0].get_data().values
    assert np.isclose(density[0], 0.5 / 0.2) and np.isclose(density[-1], 0.5 / 0.2)
    assert list(right.lines[0].get_ydata()) == [0.0, 0.1]


def test_found_and_claimed_errors_of_the_largest():
    log_a = np.linspace(-16, -10, 10_000)
    sigma = np.full(10_000, 0.01)
    error = np.where(log_a > np.quantile(log_a, 0.9), 0.04, 0.02)
    draw_largest({"all": error}, log_a, error, sigma)
    right = plt.gcf().axes[1]
    found, claimed = (line.get_ydata() for line in right.lines if len(line.get_ydata()) == 9)
    assert np.allclose(found[:5], 2) and np.allclose(found[5:], 4, atol=0.01) and np.allclose(claimed, 1)


def test_methods_have_a_curve_each():
    index = pd.MultiIndex.from_product([["Bayesian", "dropout"], [1000, 5000]])
    columns = ["error [%]", "σ_pred [%]", "pull width"]
    draw_methods(pd.DataFrame(np.arange(1, 13).reshape(4, 3), index=index, columns=columns))
    axes = plt.gcf().axes
    assert labels_of(plt.gcf().legends[0]) == ["Bayesian", "dropout", "calibrated"]
    assert list(axes[0].lines[1].get_ydata()) == [7, 10]
