"""What is drawn, compared with what was put in."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

mpl.use("Agg")

from helpers import plotting


@pytest.fixture
def sample():
    rng = np.random.default_rng(5)
    return rng.normal(size=4000), rng.exponential(size=4000)


BINS = np.linspace(-2, 2, 9)


def test_drawn_band_is_the_error(sample):
    figure, main = plt.subplots()
    content, error = plotting.plot_histogram(main, *sample[:1], BINS, label="data")
    band = main.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx((content + error).max())
    assert main.get_legend_handles_labels()[1] == ["data"]
    mpl.pyplot.close(figure)


def test_loss_curve_marks_the_best_epoch():
    figure, ax = mpl.pyplot.subplots()
    plotting.loss_curves(ax, pd.DataFrame({"train": [3, 2, 1], "val": [3.0, 2.0, 2.5]}), "MSE")
    assert "best, epoch 2" in ax.get_legend_handles_labels()[1]
    assert ax.get_yscale() == "log"
    plotting.loss_curves(ax, pd.DataFrame({"train": [3.0, -1.0], "val": [3.0, 2.0]}), "log-likelihood")
    assert ax.get_yscale() == "linear"
    mpl.pyplot.close(figure)


def test_paths_go_from_their_start_to_their_end():
    figure, ax = mpl.pyplot.subplots()
    paths = torch.tensor([[[0.0, 0.0], [1.0, 0.0]], [[1.0, 2.0], [1.0, 1.0]]])  # (times, n, 2)
    plotting.draw_paths(ax, paths, lambda x: -x.square().sum(1), "two")
    drawn = [line.get_xydata().tolist() for line in ax.lines]
    assert drawn[:2] == [[[0.0, 0.0], [1.0, 2.0]], [[1.0, 0.0], [1.0, 1.0]]]
    assert drawn[2] == paths[0].tolist() and drawn[3] == paths[1].tolist()
    assert ax.get_legend_handles_labels()[1] == ["start", "end"]
    mpl.pyplot.close(figure)


def test_panels_hold_every_event():
    x = np.random.default_rng(0).normal(size=1000)
    _, (left, right) = plt.subplots(1, 2)
    plotting.draw_panels(
        [(left, [(x, "a")], None, "x"), (right, [(x, "a"), (x, "b")], np.linspace(-9, 9, 10), "y")]
    )
    for ax, samples in ((left, 1), (right, 2)):
        assert [patch.get_data().values.sum() for patch in ax.patches] == [1000] * samples
        assert ax.get_yscale() == "log" and ax.get_legend() is not None


def test_quantile_bands_hold_their_share():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, 100_000)
    _, ax = plt.subplots()
    plotting.draw_quantile_bands(ax, x, 5 * x + rng.normal(size=len(x)), bins=10)
    line = ax.lines[0]
    assert np.allclose(line.get_ydata(), 5 * line.get_xdata(), atol=0.1)
    outer, inner = (band.get_paths()[0].get_extents().height for band in ax.collections)
    assert outer - 4.5 == pytest.approx(2 * 1.96, abs=0.3) and inner - 4.5 == pytest.approx(2, abs=0.3)
