"""Statistics against closed forms, bootstrap and toys with known answers."""

import numpy as np
import pytest
from scipy import stats

from helpers import statistics


@pytest.fixture
def rng():
    return np.random.default_rng(11)


BINS = np.linspace(-1.5, 1.5, 13)  # leaves 13 % of a unit Gaussian outside


@pytest.mark.parametrize("weighted", [False, True])
def test_chi2_of_one_density_is_uniform_in_its_p_value(rng, weighted):
    results = []
    for _ in range(400):
        x, y = rng.normal(size=3000), rng.normal(size=2000)
        results.append(statistics.chi2(x, y, BINS, rng.uniform(0.5, 1.5, len(x)) if weighted else None))
    assert {r.ndf for r in results} == {13}  # 12 bins, two outside, one normalisation
    reduced = np.mean([r.per_ndf for r in results])
    assert abs(reduced - 1) < 4 * np.sqrt(2 / 13 / 400)
    assert stats.kstest([r.p_value for r in results], "uniform").pvalue > 1e-3


def test_chi2_undoes_a_known_reweighting_and_sees_it_missing(rng):
    x, y = rng.normal(0, 1, 20_000), rng.normal(0.2, 1, 20_000)
    weights = np.exp(0.2 * x - 0.02)  # ratio of the two Gaussians
    assert statistics.chi2(x, y, BINS).per_ndf > 10
    assert statistics.chi2(x, y, BINS, weights).p_value > 1e-3


def test_chi2_is_the_sum_of_squared_pulls():
    x, y = np.repeat([0.5, 1.5], [30, 70]), np.repeat([0.5, 1.5], [90, 110])
    error = np.sqrt(30 / 100**2 + 90 / 200**2), np.sqrt(70 / 100**2 + 110 / 200**2)
    result = statistics.chi2(x, y, [0, 1, 2, 3])  # the third bin and the outside are empty
    assert result.ndf == 1
    assert result.chi2 == pytest.approx((0.15 / error[0]) ** 2 + (0.15 / error[1]) ** 2)


def test_chi2_does_not_depend_on_the_scale_of_the_weights(rng):
    x, y = rng.normal(size=(2, 500))
    w = rng.exponential(size=500)
    assert statistics.chi2(x, y, BINS, 7 * w) == pytest.approx(statistics.chi2(x, y, BINS, w))


def test_chi2_needs_two_bins():
    with pytest.raises(ValueError, match="1 filled bins"):
        statistics.chi2(np.zeros(5), np.zeros(5), [-1, 1])


def test_effective_size_limits(rng):
    assert statistics.effective_size(np.full(50, 0.3)) == pytest.approx(50)
    assert statistics.effective_size([1, 0, 0, 0]) == 1
    # E[w²]/E[w]² = 2 for exponential weights
    assert statistics.effective_size(rng.exponential(size=100_000)) == pytest.approx(50_000, rel=0.03)


@pytest.mark.parametrize("distance", [0.0, 0.5, 2.0])
def test_auc_of_two_gaussians(rng, distance):
    labels = np.repeat([0, 1], [20_000, 8_000])
    result = statistics.auc(labels, rng.normal(distance * labels))
    assert abs(result.value - stats.norm.cdf(distance / np.sqrt(2))) < 4 * result.error
    assert result.error < 0.005


@pytest.mark.parametrize("weighted", [False, True])
def test_auc_error_agrees_with_the_bootstrap(rng, weighted):
    labels = np.repeat([0, 1], [600, 300])
    scores = np.round(rng.normal(labels), 1)  # with ties
    weights = rng.exponential(size=900) if weighted else np.ones(900)
    result = statistics.auc(labels, scores, weights)
    replicas = [statistics.auc(labels, scores, weights * rng.poisson(1, 900)).value for _ in range(500)]
    assert result.error == pytest.approx(np.std(replicas), rel=0.12)
    assert result.value == pytest.approx(np.mean(replicas), abs=4 * result.error / np.sqrt(500))


def test_auc_by_counting_pairs(rng):
    labels, scores, w = np.array([0, 1] * 30), rng.integers(0, 8, 60), rng.uniform(size=60)
    zero, one = labels == 0, labels == 1
    wins = (scores[one][:, None] > scores[zero]) + 0.5 * (scores[one][:, None] == scores[zero])
    pairs = w[one][:, None] * w[zero]
    assert statistics.auc(labels, scores, w).value == pytest.approx((wins * pairs).sum() / pairs.sum())


def test_roc_curve_ends_at_all_and_its_area_is_the_auc(rng):
    labels = rng.integers(0, 2, 500)
    scores, w = np.round(rng.normal(labels), 1), rng.uniform(size=500)
    false_positives, true_positives = statistics.roc_curve(labels, scores, w)
    for fraction in (false_positives, true_positives):
        assert fraction[0] == 0 and fraction[-1] == pytest.approx(1) and (np.diff(fraction) >= 0).all()
    area = np.trapezoid(true_positives, false_positives)
    assert area == pytest.approx(statistics.auc(labels, scores, w).value)


def test_auc_weights_undo_a_known_reweighting(rng):
    x, y = rng.normal(0, 1, 30_000), rng.normal(0.5, 1, 30_000)
    labels = np.repeat([0, 1], 30_000)
    weights = np.concatenate([np.exp(0.5 * x - 0.125), np.ones(30_000)])
    result = statistics.auc(labels, np.concatenate([x, y]), weights)
    assert abs(result.value - 0.5) < 4 * result.error


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [([0, 0], [1, 2], "both present"), ([0, 2], [1, 2], "both present"), ([0, 1], [1], "scores"),
     ([0, 1], [1, np.nan], "not finite")],
)  # fmt: skip
def test_bad_classes_are_refused(labels, scores, message):
    with pytest.raises(ValueError, match=message):
        statistics.auc(labels, scores)


def test_reliability_of_a_calibrated_prediction(rng):
    p = rng.beta(2, 3, 40_000)
    table = statistics.reliability(rng.random(40_000) < p, p, bins=20)
    assert table["events"].sum() == 40_000 and len(table) == 20
    pull = (table["observed"] - table["predicted"]) / table["error"]
    assert stats.chi2.sf((pull**2).sum(), 20) > 1e-3
    found, expected = statistics.calibration_error(table)
    assert found == pytest.approx(expected, rel=0.6)


def test_calibration_error_finds_an_overconfident_prediction(rng):
    p = rng.uniform(0, 1, 40_000)
    truth = 0.5 + 0.5 * (p - 0.5)  # |truth − p| = |p − ½|/2, on average 1/8
    table = statistics.reliability(rng.random(40_000) < truth, p)
    assert statistics.calibration_error(table)[0] == pytest.approx(0.125, abs=0.01)


def test_reliability_refuses_logits(rng):
    with pytest.raises(ValueError, match="probabilities from"):
        statistics.reliability([0, 1], [-2.0, 3.0])


def test_wasserstein_agrees_with_scipy(rng):
    x, y, w = rng.normal(size=700), rng.exponential(size=400), rng.uniform(size=700)
    assert statistics.wasserstein(x, y).value == pytest.approx(stats.wasserstein_distance(x, y))
    weighted = statistics.wasserstein(x, y, w)
    assert weighted.value == pytest.approx(stats.wasserstein_distance(x, y, u_weights=w))


def test_wasserstein_of_a_shift_and_its_error(rng):
    """For a clear shift the distance is the difference of the means, and so is its error."""
    x, y = rng.normal(size=4000), rng.normal(3, 1, size=4000)
    result = statistics.wasserstein(x, y, replicas=300)
    assert result.value == pytest.approx(3, abs=4 * np.sqrt(2 / 4000))
    assert result.error == pytest.approx(np.sqrt(2 / 4000), rel=0.2)


def test_measured_prints_with_its_error():
    assert f"{statistics.Measured(0.51234, 0.00456)}" == "0.512 ± 0.005"
    assert f"{statistics.Measured(12.34, 0.56):.1f}" == "12.3 ± 0.6"


def test_quantile_width_is_sigma_of_a_gaussian_and_ignores_tails():
    x = np.random.default_rng(1).normal(3.0, 2.0, 200_000)
    assert statistics.quantile_width(x) == pytest.approx(2.0, rel=0.01)
    with_tails = np.concatenate([x, np.full(200, 1e6)])
    assert statistics.quantile_width(with_tails) == pytest.approx(2.0, rel=0.01)


def test_bootstrap_error_of_a_mean_is_sigma_over_root_n():
    rng = np.random.default_rng(2)
    x = rng.normal(0.0, 3.0, 2500)
    assert statistics.bootstrap_error(np.mean, x, rng, replicas=400) == pytest.approx(3.0 / 50, rel=0.1)
