"""Preprocessing is invertible, and knows nothing but the training data."""

import numpy as np
import pytest
from scipy import stats

from helpers.generators import drell_yan
from helpers.kinematics import eta, four_vector, mass, phi, pt
from helpers.preprocessing import MuonPairCoordinates, PairMassCoordinates, Standardizer, balanced_pair


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


@pytest.fixture(scope="module")
def pairs():
    return drell_yan.generate(20_000, seed=3).reshape(-1, 2, 4)


def test_muon_pairs_are_three_standardised_numbers(pairs):
    z = MuonPairCoordinates().fit(pairs).transform(pairs)
    assert z.shape == (20_000, 3)
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-9)
    np.testing.assert_allclose(z.std(0), 1, rtol=1e-9)
    # without a unit or a sign mixed up: the first grows with pt1, the others with eta1 and eta2
    for column, value in zip(z.T, (pt(pairs[:, 0]), eta(pairs[:, 0]), eta(pairs[:, 1])), strict=True):
        assert (np.diff(column[np.argsort(value)]) >= 0).all()


def test_muon_pairs_come_back_up_to_their_azimuth(pairs):
    coordinates = MuonPairCoordinates().fit(pairs)
    back = coordinates.inverse(coordinates.transform(pairs), np.random.default_rng(0))
    np.testing.assert_allclose(pt(back), pt(pairs), rtol=1e-9)
    np.testing.assert_allclose(eta(back), eta(pairs), atol=1e-9)
    np.testing.assert_allclose(mass(back.sum(1)), mass(pairs.sum(1)), rtol=1e-9)
    assert np.abs(phi(back) - phi(pairs)).mean() > 1


def test_validation_pairs_are_scaled_with_training_constants(pairs):
    coordinates = MuonPairCoordinates().fit(pairs[pt(pairs[:, 0]) < 40])
    assert coordinates.transform(pairs[pt(pairs[:, 0]) > 40])[:, 0].mean() > 0.5


def test_whatever_is_generated_respects_balance_mass_and_cuts(pairs):
    coordinates = MuonPairCoordinates().fit(pairs)
    z = 3 * np.random.default_rng(1).normal(size=(10_000, 3))
    p = coordinates.inverse(z, np.random.default_rng(2))
    assert p.shape == (10_000, 2, 4)
    assert (p[:, :, 1:3].sum(1) == 0).all()
    np.testing.assert_allclose(mass(p), drell_yan.MUON_MASS, rtol=1e-4)
    assert pt(p).min() > 10 - 3e-5 and np.abs(eta(p)).max() < 2.5 + 3e-5
    # a uniform azimuth: mean of cos and sin within 5 standard deviations, none of the circle left out
    assert np.abs([np.cos(phi(p[:, 0])).mean(), np.sin(phi(p[:, 0])).mean()]).max() < 5 / np.sqrt(2 * len(p))
    assert np.histogram(phi(p[:, 0]), 20, (-np.pi, np.pi))[0].min() > 350


def test_azimuth_comes_from_the_generator_passed(pairs):
    coordinates = MuonPairCoordinates().fit(pairs)
    z = coordinates.transform(pairs[:100])
    first, again, other = (coordinates.inverse(z, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert (first == again).all() and not (first == other).all()


def test_event_at_the_edge_is_taken_and_one_beyond_refused(pairs):
    coordinates = MuonPairCoordinates().fit(pairs)
    rng = np.random.default_rng(0)
    edge = balanced_pair(np.array([30.0, 10.0]), np.array([2.50001, 0.3]), np.array([0.1, -2.5]), rng)
    z = coordinates.transform(edge.astype(np.float32))
    assert np.isfinite(z).all() and z[0, 1] > 5
    with pytest.raises(ValueError, match="1 of 2 events violate"):
        coordinates.transform(balanced_pair(np.array([30.0, 30.0]), np.array([2.6, 0.3]), np.zeros(2), rng))


def test_bad_muon_pairs_are_refused(pairs):
    with pytest.raises(ValueError, match="fit the MuonPairCoordinates"):
        MuonPairCoordinates().transform(pairs)
    with pytest.raises(ValueError, match=r"\(n, 2, 4\), got \(20000, 8\)"):
        MuonPairCoordinates().fit(pairs.reshape(-1, 8))
    broken = pairs.copy()
    broken[7] = np.nan
    with pytest.raises(ValueError, match="1 of 20000 events violate"):
        MuonPairCoordinates().fit(broken)
    low = four_vector(np.array([9.0, 9.0]), np.zeros(2), np.array([0, np.pi]), 0.105)[None]
    with pytest.raises(ValueError, match="1 of 1 events violate"):
        MuonPairCoordinates().fit(low)
    with pytest.raises(ValueError, match="1 of 3 events have NaN"):
        balanced_pair(np.array([20, np.inf, 30]), np.zeros(3), np.zeros(3), np.random.default_rng(0))


def test_pair_mass_is_a_gaussian_coordinate(pairs):
    fitted, other = pairs[:15_000], pairs[15_000:]
    coordinates = PairMassCoordinates().fit(fitted)
    z = coordinates.transform(other)
    assert z.shape == (5000, 3)
    # 1.63/√n is the 1 % point of Kolmogorov-Smirnov; the quantiles of the fitted sample add their share
    assert stats.kstest(z[:, 0], "norm").statistic < 1.63 * np.sqrt(1 / 5000 + 1 / 15_000)
    np.testing.assert_allclose(z[:, 1:], MuonPairCoordinates().fit(fitted).transform(other)[:, 1:])


def test_pair_mass_comes_back(pairs):
    coordinates = PairMassCoordinates().fit(pairs)
    back = coordinates.inverse(coordinates.transform(pairs), np.random.default_rng(0))
    # beyond ±4.5 standard deviations lies at most the last event on either side
    inner = np.argsort(mass(pairs.sum(1)))[1:-1]
    np.testing.assert_allclose(mass(back.sum(1))[inner], mass(pairs.sum(1))[inner], rtol=1e-5)
    np.testing.assert_allclose(pt(back)[inner], pt(pairs)[inner], rtol=1e-5)
    np.testing.assert_allclose(eta(back), eta(pairs), atol=1e-9)


def test_generated_pair_masses_stay_in_the_training_range(pairs):
    coordinates = PairMassCoordinates().fit(pairs)
    p = coordinates.inverse(3 * np.random.default_rng(1).normal(size=(10_000, 3)), np.random.default_rng(2))
    assert (p[:, :, 1:3].sum(1) == 0).all()
    m, true = mass(p.sum(1)), mass(pairs.sum(1))
    assert m.min() > true.min() - 0.01 and m.max() < true.max() + 0.01
    assert (pt(p[:, 0]) < 10).any()  # the price that the docstring names


def test_bad_events_have_no_pair_mass(pairs):
    with pytest.raises(ValueError, match=r"\(n, 2, 4\), got \(20000, 8\)"):
        PairMassCoordinates().fit(pairs.reshape(-1, 8))
    with pytest.raises(ValueError, match="fit the PairMassCoordinates"):
        PairMassCoordinates().transform(pairs)
