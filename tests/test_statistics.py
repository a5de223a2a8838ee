"""Statistics against closed forms, bootstrap and toys with known answers."""

import numpy as np
import pytest
from scipy import stats

from helpers import statistics


@pytest.fixture
def rng():
    return np.random.default_rng(11)


BINS = np.linspace(-1.5, 1.5, 13)  # leaves 13 % of a unit Gaussian outside
EDGES = np.linspace(-2, 2, 9)


@pytest.fixture
def sample():
    rng = np.random.default_rng(5)
    return rng.normal(size=4000), rng.exponential(size=4000)


def test_unit_weights_give_poisson_errors(sample):
    content, error = statistics.histogram(sample[0], EDGES)
    assert content.sum() == ((sample[0] >= -2) & (sample[0] <= 2)).sum()
    np.testing.assert_allclose(error, np.sqrt(content))


def test_weighted_errors_agree_with_the_bootstrap(sample):
    x, w = sample
    rng = np.random.default_rng(6)
    replicas = []
    for _ in range(600):
        n = rng.poisson(1, len(x))  # a Poisson bootstrap, for a sample whose size fluctuates too
        replicas.append(np.histogram(x, EDGES, weights=w * n)[0])
    _, error = statistics.histogram(x, EDGES, weights=w)
    # 600 replicas know a standard deviation to 3 %
    np.testing.assert_allclose(error, np.std(replicas, axis=0), rtol=0.12)


def test_density_counts_what_is_outside_the_axis(sample):
    content, error = statistics.histogram(sample[0], EDGES, density=True)
    inside = (np.abs(sample[0]) <= 2).mean()
    assert (content * np.diff(EDGES)).sum() == pytest.approx(inside)
    n = content * len(sample[0]) * np.diff(EDGES)
    np.testing.assert_allclose(error / content, 1 / np.sqrt(n))


def test_nan_and_wrong_lengths_are_refused(sample):
    x, w = sample
    with pytest.raises(ValueError, match=r"\(4000,\) values but \(3999,\) weights"):
        statistics.histogram(x, EDGES, weights=w[1:])
    x[3] = np.nan
    with pytest.raises(ValueError, match="1 of 4000 values are NaN"):
        statistics.histogram(x, EDGES)


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
