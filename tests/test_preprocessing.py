"""Preprocessing is invertible, and knows nothing but the training data."""

import numpy as np
import pytest

from helpers.preprocessing import Standardizer


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(3, [1e-3, 1, 1e6], size=(1000, 3))


def test_training_data_gets_mean_zero_and_width_one(x):
    z = Standardizer().fit(x).transform(x)
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-9)
    np.testing.assert_allclose(z.std(0), 1, rtol=1e-12)


def test_round_trip(x):
    s = Standardizer().fit(x)
    np.testing.assert_allclose(s.inverse(s.transform(x)), x, rtol=1e-12)


def test_validation_data_is_scaled_with_training_constants(x):
    s = Standardizer().fit(x)
    shifted = s.transform(x + 2 * s.std)
    np.testing.assert_allclose(shifted.mean(0), 2, atol=1e-9)


def test_constant_feature_stays_finite_and_invertible():
    x = np.full((10, 4, 2), 0.1)
    x[:, 0, 0] = np.arange(10)
    s = Standardizer().fit(x)
    z = s.transform(x)
    assert np.isfinite(z).all() and np.abs(z[:, 1:]).max() < 1e-15
    np.testing.assert_allclose(s.inverse(z), x, rtol=1e-15)
    # an outlier in a feature that was constant in training is not blown up
    assert s.transform(x + 0.5)[0, 1, 1] == pytest.approx(0.5)


def test_bad_input_is_refused(x):
    with pytest.raises(ValueError, match="fit the Standardizer"):
        Standardizer().transform(x)
    with pytest.raises(ValueError, match=r"\(2,\), but fitted on rows of \(3,\)"):
        Standardizer().fit(x).transform(x[:, :2])
    x[5, 1] = np.nan
    with pytest.raises(ValueError, match="1000 rows, 1 of them with NaN"):
        Standardizer().fit(x)
