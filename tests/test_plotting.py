"""Histogram errors against bootstrap and Poisson statistics."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from helpers import plotting


@pytest.fixture
def sample():
    rng = np.random.default_rng(5)
    return rng.normal(size=4000), rng.exponential(size=4000)


BINS = np.linspace(-2, 2, 9)


def test_unit_weights_give_poisson_errors(sample):
    content, error = plotting.histogram(sample[0], BINS)
    assert content.sum() == ((sample[0] >= -2) & (sample[0] <= 2)).sum()
    np.testing.assert_allclose(error, np.sqrt(content))


def test_weighted_errors_agree_with_the_bootstrap(sample):
    x, w = sample
    rng = np.random.default_rng(6)
    replicas = []
    for _ in range(600):
        n = rng.poisson(1, len(x))  # a Poisson bootstrap, for a sample whose size fluctuates too
        replicas.append(np.histogram(x, BINS, weights=w * n)[0])
    _, error = plotting.histogram(x, BINS, weights=w)
    # 600 replicas know a standard deviation to 3 %
    np.testing.assert_allclose(error, np.std(replicas, axis=0), rtol=0.12)


def test_density_counts_what_is_outside_the_axis(sample):
    content, error = plotting.histogram(sample[0], BINS, density=True)
    inside = (np.abs(sample[0]) <= 2).mean()
    assert (content * np.diff(BINS)).sum() == pytest.approx(inside)
    n = content * len(sample[0]) * np.diff(BINS)
    np.testing.assert_allclose(error / content, 1 / np.sqrt(n))


def test_nan_and_wrong_lengths_are_refused(sample):
    x, w = sample
    with pytest.raises(ValueError, match=r"\(4000,\) values but \(3999,\) weights"):
        plotting.histogram(x, BINS, weights=w[1:])
    x[3] = np.nan
    with pytest.raises(ValueError, match="1 of 4000 values are NaN"):
        plotting.histogram(x, BINS)


def test_drawn_band_is_the_error(sample):
    figure, main, lower = plotting.ratio_axes("title")
    content, error = plotting.plot_histogram(main, *sample[:1], BINS, label="data")
    band = main.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx((content + error).max())
    assert main.get_legend_handles_labels()[1] == ["data"]
    assert main.get_shared_x_axes().joined(main, lower)
    mpl.pyplot.close(figure)


def test_loss_curve_marks_the_best_epoch():
    figure, ax = mpl.pyplot.subplots()
    plotting.loss_curves(ax, pd.DataFrame({"train": [3, 2, 1], "val": [3.0, 2.0, 2.5]}), "MSE")
    assert "best, epoch 2" in ax.get_legend_handles_labels()[1]
    mpl.pyplot.close(figure)
