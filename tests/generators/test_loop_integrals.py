"""One-loop integrals: against SciPy, exact values, and the expanded polynomial of the box."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.integrate import nquad

from helpers.generators.loop_integrals import BOX, HEXAGON, TRIANGLE
from helpers.quadrature import sobol

LOOPS = (TRIANGLE, BOX, HEXAGON)


def draw(loop, n, seed):
    """Random parameters (n, 3), uniform in their ranges."""
    return loop.parameters(np.random.default_rng(seed).uniform(-1, 1, (n, 3)))


@pytest.fixture(params=LOOPS, ids=lambda loop: loop.name)
def loop(request):
    return request.param


def test_box_against_nquad_of_the_expanded_polynomial():
    def integrand(x1, x2, x3, s12, s14, mh2):
        squares = 1 + x1**2 + x2**2 + x3**2 + 2 * (x1 + x2 + x3)
        f = squares + 2 * (x1 * x2 + x1 * x3 + x2 * x3)
        f -= x2 * s14 + x1 * x3 * s12 + (x1 * x2 + x2 * x3) * mh2
        return 1 / f**2

    s = draw(BOX, 5, 1)
    expected = [nquad(integrand, [(0, 1)] * 3, args=tuple(point), opts={"epsrel": 1e-9})[0] for point in s]
    np.testing.assert_allclose(BOX.exact(s), expected, rtol=1e-8)


def test_triangle_against_nquad():
    def integrand(x1, x2, s12, s13, s23):
        u = 1 + x1 + x2
        return 1 / (u * (u**2 - s12 * x1 * x2 - s13 * x1 - s23 * x2))

    s = draw(TRIANGLE, 5, 2)
    expected = [nquad(integrand, [(0, 1)] * 2, args=tuple(point))[0] for point in s]
    np.testing.assert_allclose(TRIANGLE.exact(s), expected, rtol=1e-8)


def test_sectors_of_the_triangle_add_up_to_the_known_function():
    """Of H → gg by a heavy quark: the integral over the simplex is 2 arcsin²(√s/2)/s for s < 4 m_t²."""
    s = 2.7
    sectors = TRIANGLE.exact(s * np.eye(3))  # each propagator in turn is the largest
    assert sectors.sum() == pytest.approx(2 * math.asin(math.sqrt(s) / 2) ** 2 / s, rel=1e-8)


def test_a_very_heavy_quark_leaves_a_sector_of_the_simplex(loop):
    """Without invariants F = U², and the sectors divide the volume 1/D! of the simplex among themselves."""
    value = loop.exact(np.zeros((1, len(loop.names))))
    assert value == pytest.approx(1 / math.factorial(loop.dimension + 1), rel=1e-8)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_first_order_in_the_invariants_of_the_hexagon(k):
    """dI/ds = (N - 2) ∫ x_i x_j over the sector of the simplex, summed over the pairs with this invariant."""
    x = np.random.default_rng(3).dirichlet(np.ones(6), 200_000)  # uniform in the simplex, of volume 1/5!
    products = np.zeros(len(x))
    for i, j, which in HEXAGON.pairs:
        if which == k:
            products += x[:, i - 1] * x[:, j - 1]
    last_is_largest = x[:, -1] == x.max(axis=1)
    slope = 4 * products * last_is_largest / math.factorial(5)
    error = slope.std() / math.sqrt(len(x))

    shift = 1e-3 * np.eye(3)[k : k + 1]
    numerical = (HEXAGON.exact(shift) - HEXAGON.exact(-shift)).item() / 2e-3
    assert abs(numerical - slope.mean()) < 4 * error
    assert error < 0.02 * numerical


def test_exact_has_converged(loop):
    s = draw(loop, 20, 4)
    np.testing.assert_allclose(loop.exact(s), loop.exact(s, nodes=8), rtol=1e-6)


def test_all_parameters_lie_below_the_thresholds(loop):
    corners = np.array(list(itertools.product(*zip(loop.low, loop.high, strict=True))))
    x = np.random.default_rng(5).random((4000, 1, loop.dimension))
    x[:2000] = x[:2000].round()
    assert np.isfinite(loop.integrand(x, corners)).all()


def test_tensors_and_arrays_alike(loop):
    rng = np.random.default_rng(6)
    x, s = rng.random((7, loop.dimension)), draw(loop, 7, 9)
    tensors = loop.integrand(torch.tensor(x), torch.tensor(s))
    np.testing.assert_allclose(tensors.numpy(), loop.integrand(x, s), rtol=1e-12)


def test_substitution_keeps_the_integral_and_evens_out_the_integrand(loop):
    x = sobol(2**14, loop.dimension, seed=1)
    s = draw(loop, 1, 8)
    plain, flat = loop.integrand(x, s), loop.flat(x, s)
    expected = pytest.approx(loop.exact(s).item(), rel=5e-3)
    assert plain.mean() == expected
    assert flat.mean() == expected
    assert flat.std() < 0.7 * plain.std()


def test_what_is_refused():
    with pytest.raises(ValueError, match="threshold"):
        TRIANGLE.integrand(np.array([1.0, 0.0]), np.array([0.0, 4.1, 0.0]))
    with pytest.raises(ValueError, match="expected 3 and 3"):
        BOX.integrand(np.zeros(2), np.zeros(3))


def test_parameters_run_from_the_lower_to_the_upper_end(loop):
    middle = np.add(loop.low, loop.high) / 2
    t = np.array([[-1.0] * 3, [0.0] * 3, [1.0] * 3])
    np.testing.assert_allclose(loop.parameters(t), [loop.low, middle, loop.high], atol=1e-15)
