"""Classifiers whose quality is known: Gaussians, counted pairs, calibrated and overconfident predictions."""

import numpy as np
import pytest
from scipy import stats

from helpers import classifiers


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize("distance", [0.0, 0.5, 2.0])
def test_auc_of_two_gaussians(rng, distance):
    labels = np.repeat([0, 1], [20_000, 8_000])
    result = classifiers.auc(labels, rng.normal(distance * labels))
    assert abs(result.value - stats.norm.cdf(distance / np.sqrt(2))) < 4 * result.error
    assert result.error < 0.005


@pytest.mark.parametrize("weighted", [False, True])
def test_auc_error_agrees_with_the_bootstrap(rng, weighted):
    labels = np.repeat([0, 1], [600, 300])
    scores = np.round(rng.normal(labels), 1)  # with ties
    weights = rng.exponential(size=900) if weighted else np.ones(900)
    result = classifiers.auc(labels, scores, weights)
    replicas = [classifiers.auc(labels, scores, weights * rng.poisson(1, 900)).value for _ in range(500)]
    assert result.error == pytest.approx(np.std(replicas), rel=0.12)
    assert result.value == pytest.approx(np.mean(replicas), abs=4 * result.error / np.sqrt(500))


def test_auc_by_counting_pairs(rng):
    labels, scores, w = np.array([0, 1] * 30), rng.integers(0, 8, 60), rng.uniform(size=60)
    zero, one = labels == 0, labels == 1
    wins = (scores[one][:, None] > scores[zero]) + 0.5 * (scores[one][:, None] == scores[zero])
    pairs = w[one][:, None] * w[zero]
    assert classifiers.auc(labels, scores, w).value == pytest.approx((wins * pairs).sum() / pairs.sum())


def test_roc_curve_ends_at_all_and_its_area_is_the_auc(rng):
    labels = rng.integers(0, 2, 500)
    scores, w = np.round(rng.normal(labels), 1), rng.uniform(size=500)
    false_positives, true_positives = classifiers.roc_curve(labels, scores, w)
    for fraction in (false_positives, true_positives):
        assert fraction[0] == 0 and fraction[-1] == pytest.approx(1) and (np.diff(fraction) >= 0).all()
    area = np.trapezoid(true_positives, false_positives)
    assert area == pytest.approx(classifiers.auc(labels, scores, w).value)


def test_auc_weights_undo_a_known_reweighting(rng):
    x, y = rng.normal(0, 1, 30_000), rng.normal(0.5, 1, 30_000)
    labels = np.repeat([0, 1], 30_000)
    weights = np.concatenate([np.exp(0.5 * x - 0.125), np.ones(30_000)])
    result = classifiers.auc(labels, np.concatenate([x, y]), weights)
    assert abs(result.value - 0.5) < 4 * result.error


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [([0, 0], [1, 2], "both present"), ([0, 2], [1, 2], "both present"), ([0, 1], [1], "scores"),
     ([0, 1], [1, np.nan], "not finite")],
)  # fmt: skip
def test_bad_classes_are_refused(labels, scores, message):
    with pytest.raises(ValueError, match=message):
        classifiers.auc(labels, scores)


def test_reliability_of_a_calibrated_prediction(rng):
    p = rng.beta(2, 3, 40_000)
    table = classifiers.reliability(rng.random(40_000) < p, p, bins=20)
    assert table["events"].sum() == 40_000 and len(table) == 20
    pull = (table["observed"] - table["predicted"]) / table["error"]
    assert stats.chi2.sf((pull**2).sum(), 20) > 1e-3
    found, expected = classifiers.calibration_error(table)
    assert found == pytest.approx(expected, rel=0.6)


def test_calibration_error_finds_an_overconfident_prediction(rng):
    p = rng.uniform(0, 1, 40_000)
    truth = 0.5 + 0.5 * (p - 0.5)  # |truth − p| = |p − ½|/2, on average 1/8
    table = classifiers.reliability(rng.random(40_000) < truth, p)
    assert classifiers.calibration_error(table)[0] == pytest.approx(0.125, abs=0.01)


def test_reliability_refuses_logits(rng):
    with pytest.raises(ValueError, match="probabilities from"):
        classifiers.reliability([0, 1], [-2.0, 3.0])
