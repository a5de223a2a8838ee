"""The two-sample classifier finds known differences, and none where there is none."""

import numpy as np
import pytest
import torch
from scipy import stats

from helpers.two_sample import classifier_auc


@pytest.fixture
def rng():
    return np.random.default_rng(21)


SHIFT = np.array([0.6, 0.0, -0.8])  # distance 1, optimal AUC Φ(1/√2) = 0.760


def test_finds_the_optimal_auc(rng):
    x, y = rng.normal(size=(8000, 3)), rng.normal(size=(6000, 3)) + SHIFT
    result = classifier_auc(100 * x, 100 * y, seed=0, epochs=8)  # standardised inside
    assert abs(result.value - stats.norm.cdf(1 / np.sqrt(2))) < 4 * result.error
    assert result.error < 0.01


def test_one_density_gives_one_half(rng):
    x, y = rng.normal(size=(8000, 2, 4)), rng.normal(size=(6000, 2, 4))
    result = classifier_auc(x, y, seed=0, epochs=8)
    assert abs(result.value - 0.5) < 4 * result.error


def test_weights_undo_a_known_reweighting(rng):
    x, y = rng.normal(size=(12_000, 3)), rng.normal(size=(12_000, 3)) + SHIFT
    weights = np.exp(x @ SHIFT - SHIFT @ SHIFT / 2)
    result = classifier_auc(x, y, weights, seed=0, epochs=8)
    assert abs(result.value - 0.5) < 4 * result.error


def test_same_seed_same_number_and_no_global_randomness(rng):
    x, y = rng.normal(size=(2, 500, 2))
    torch.manual_seed(1)
    first = classifier_auc(x, y, seed=3, epochs=2)
    after = torch.rand(1)
    torch.manual_seed(2)
    second = classifier_auc(x, y, seed=3, epochs=2)
    torch.manual_seed(1)
    assert first == second
    assert torch.rand(1) == after


def test_shapes_that_do_not_fit_are_refused(rng):
    with pytest.raises(ValueError, match=r"rows of shape \(3,\)"):
        classifier_auc(np.zeros((5, 3)), np.zeros((5, 4)), seed=0)
    with pytest.raises(ValueError, match="weights for 5 events"):
        classifier_auc(np.zeros((5, 3)), np.zeros((5, 3)), np.ones(4), seed=0)
