"""Points for integrals over the cube: exact for polynomials, and as precise as theory says."""

import numpy as np
import pytest

from helpers.quadrature import gauss_legendre, sobol


@pytest.mark.parametrize(("n", "dimension"), [(1, 4), (3, 1), (4, 2), (2, 5)])
def test_gauss_legendre_is_exact_up_to_its_degree(n, dimension):
    nodes, weights = gauss_legendre(n, dimension)
    assert nodes.shape == (n**dimension, dimension)
    assert weights.sum() == pytest.approx(1)
    highest = 2 * n - 1
    monomial = nodes**highest  # x₁^h x₂^h …
    assert weights @ monomial.prod(1) == pytest.approx((highest + 1.0) ** -dimension, rel=1e-12)
    assert weights @ nodes[:, 0] ** (highest + 1) != pytest.approx(1 / (highest + 2), rel=1e-6)


def test_sobol_points_fill_the_cube_evenly():
    points = sobol(64, 3, seed=1)
    assert points.shape == (64, 3)
    for column in points.T:  # one in each of 64 slices
        assert sorted((64 * column).astype(int)) == list(range(64))
    assert not np.allclose(points, sobol(64, 3, seed=2))
    np.testing.assert_array_equal(points, sobol(64, 3, seed=1))


def test_sobol_beats_random_numbers():
    rng, errors = np.random.default_rng(8), {"sobol": [], "random": []}
    for seed in range(20):
        for kind, x in (("sobol", sobol(1024, 3, seed)), ("random", rng.random((1024, 3)))):
            errors[kind].append(np.exp(x).prod(1).mean() - (np.e - 1) ** 3)
    assert np.std(errors["sobol"]) < np.std(errors["random"]) / 10


@pytest.mark.parametrize("n", [0, 3, 100])
def test_sobol_refuses_what_is_no_power_of_two(n):
    with pytest.raises(ValueError, match="not for"):
        sobol(n, 2, seed=1)
