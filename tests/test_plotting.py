"""Histogram errors against bootstrap and Poisson statistics."""

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


def test_comparison_panels_hold_ratio_and_pull_with_the_right_errors():
    a, b, w = (
        np.repeat([0.5, 1.5], [40, 60]),
        np.repeat([0.5, 1.5], [10, 30]),
        np.repeat([1.0, 2.0], [10, 30]),
    )
    samples = {"truth": a, "model": (b, w)}
    figure, (main, ratio, pull) = plotting.compare(samples, [0, 1, 2, 3], "x [GeV]")
    # model: 10/70 ± √10/70 and 60/70 ± √120/70; truth: 0.4 ± √40/100 and 0.6 ± √60/100
    model, error = np.array([10, 60]) / 70, np.sqrt([10, 120]) / 70
    truth, truth_error = np.array([0.4, 0.6]), np.sqrt([40, 60]) / 100
    (points,) = [c for c in ratio.containers if c.has_yerr]
    np.testing.assert_allclose(points.lines[0].get_ydata(), (model / truth)[1:])  # 0.36 lies below the panel
    bar = points.lines[2][0].get_segments()[0][:, 1]
    np.testing.assert_allclose(np.diff(bar) / 2, (error / truth)[1:])
    band = ratio.collections[0].get_paths()[0].vertices[:, 1]
    assert band[np.isfinite(band)].max() == pytest.approx(1 + (truth_error / truth).max())
    expected = (model - truth) / np.hypot(error, truth_error)
    np.testing.assert_allclose(pull.containers[0].lines[0].get_ydata(), expected[np.abs(expected) <= 5])
    assert [t.get_text() for t in main.get_legend().get_texts()] == ["truth", "model"]
    assert main.get_ylabel() == "density [1/GeV]" and pull.get_xlabel() == "x [GeV]"
    mpl.pyplot.close(figure)


def test_values_beyond_a_panel_become_triangles():
    samples = {"truth": np.repeat([0.5, 1.5], [900, 100]), "model": np.repeat([0.5, 1.5], [500, 500])}
    figure, (_, ratio, pull) = plotting.compare(samples, [0, 1, 2], "x")
    for ax in (ratio, pull):
        markers = {line.get_marker(): line.get_ydata() for line in ax.lines if len(line.get_ydata()) == 1}
        assert markers["^"] == [ax.get_ylim()[1]], ax.get_ylabel()
    mpl.pyplot.close(figure)


def test_empty_bins_draw_without_warning():
    samples = {"truth": np.array([0.5, 1.5]), "model": np.array([1.5, 2.5])}
    figure, _ = plotting.compare(samples, [0, 1, 2, 3, 4], "x", log=True)
    figure.canvas.draw()
    mpl.pyplot.close(figure)


def test_grid_has_one_comparison_per_observable(sample):
    events = np.stack(sample, axis=1)
    observables = {
        "x": (lambda e: e[:, 0], BINS),
        "y": (lambda e: e[:, 1], BINS + 2),
        "x + y": (lambda e: e.sum(1), BINS),
    }
    samples = {"truth": events, "weighted": (events, sample[1])}
    figure, axes = plotting.compare_grid(samples, observables, columns=2, panels=("pull",))
    figure.canvas.draw()
    places = [a[0].get_position() for a in axes]
    assert places[0].x1 < places[1].x0 and places[2].y1 < places[0].y0 and places[0].height > 0.1
    assert [a[-1].get_xlabel() for a in axes] == ["x", "y", "x + y"]
    assert [len(a) for a in axes] == [2, 2, 2]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["truth", "weighted"]
    mpl.pyplot.close(figure)


def test_unknown_panels_are_refused(sample):
    figure, main, lower = plotting.ratio_axes()
    with pytest.raises(ValueError, match="residual"):
        plotting.draw_comparison([main, lower], {"truth": sample[0]}, BINS, "x", panels=("residual",))
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
