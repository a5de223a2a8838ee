"""Points, bars and bands of ratios and pulls, compared with what was put in."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

mpl.use("Agg")

from helpers import ratio_plots


@pytest.fixture
def sample():
    rng = np.random.default_rng(5)
    return rng.normal(size=4000), rng.exponential(size=4000)


BINS = np.linspace(-2, 2, 9)


def test_comparison_panels_hold_ratio_and_pull_with_the_right_errors():
    a, b, w = (
        np.repeat([0.5, 1.5], [40, 60]),
        np.repeat([0.5, 1.5], [10, 30]),
        np.repeat([1.0, 2.0], [10, 30]),
    )
    samples = {"truth": a, "model": (b, w)}
    figure, (main, ratio, pull) = ratio_plots.compare(samples, [0, 1, 2, 3], "x [GeV]")
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
    figure, (_, ratio, pull) = ratio_plots.compare(samples, [0, 1, 2], "x")
    for ax in (ratio, pull):
        markers = {line.get_marker(): line.get_ydata() for line in ax.lines if len(line.get_ydata()) == 1}
        assert markers["^"] == [ax.get_ylim()[1]], ax.get_ylabel()
    mpl.pyplot.close(figure)


def test_empty_bins_draw_without_warning():
    samples = {"truth": np.array([0.5, 1.5]), "model": np.array([1.5, 2.5])}
    figure, _ = ratio_plots.compare(samples, [0, 1, 2, 3, 4], "x", log=True)
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
    figure, axes = ratio_plots.compare_grid(samples, observables, columns=2, panels=("pull",))
    figure.canvas.draw()
    places = [a[0].get_position() for a in axes]
    assert places[0].x1 < places[1].x0 and places[2].y1 < places[0].y0 and places[0].height > 0.1
    assert [a[-1].get_xlabel() for a in axes] == ["x", "y", "x + y"]
    assert [len(a) for a in axes] == [2, 2, 2]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["truth", "weighted"]
    mpl.pyplot.close(figure)


def test_unknown_panels_are_refused(sample):
    figure, axes = plt.subplots(2)
    with pytest.raises(ValueError, match="residual"):
        ratio_plots.draw_comparison(axes, {"truth": sample[0]}, BINS, "x", panels=("residual",))
    mpl.pyplot.close(figure)
