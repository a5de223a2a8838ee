"""Figures of integrals show all entries, and each method where it belongs."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.integral_plots import draw_accuracy, draw_digits


def test_histograms_hold_all_entries_even_those_beyond_the_axis():
    _, ax = plt.subplots()
    draw_digits(ax, {"one": np.array([-30.0, -3.1, 0.5, -2.2]), "two": np.full(3, -4.0)})
    for stairs in ax.patches:
        assert stairs.get_data().values.sum() == pytest.approx(1)
    medians = [line.get_xdata()[0] for line in ax.lines]
    assert medians == pytest.approx([-2.65, -4.0])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one", "two"]
    plt.close("all")


def test_one_panel_per_loop_and_a_level_where_nothing_is_called():
    rows = [("box", "rule", 8, -2.0), ("box", "rule", 27, -3.0), ("box", "network", 0, -3.5)]
    rows += [("triangle", "rule", 4, -2.5), ("triangle", "network", 0, -4.0)]
    figure = draw_accuracy(pd.DataFrame(rows, columns=["loop", "method", "calls", "p"]))
    assert [ax.get_title() for ax in figure.axes] == ["box", "triangle"]
    rule, network = figure.axes[0].lines
    assert list(rule.get_xdata()) == [8, 27] and list(rule.get_ydata()) == [-2.0, -3.0]
    assert set(network.get_ydata()) == {-3.5}
    plt.close("all")
