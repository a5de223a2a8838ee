"""Kinematics against hand calculations, round trips and Lorentz symmetry."""

import numpy as np
import pytest

from helpers import kinematics as kin


@pytest.fixture
def particles():
    rng = np.random.default_rng(1)
    n = 500
    return {
        "pt": rng.uniform(1, 200, n),
        "eta": rng.uniform(-4, 4, n),
        "phi": rng.uniform(-np.pi, np.pi, n),
        "mass": rng.uniform(0.1, 170, n),
    }


def test_pythagorean_vector():
    p = np.array([13.0, 3.0, 4.0, 12.0])
    assert kin.pt(p) == 5
    assert kin.mass(p) == 0
    assert kin.eta(p) == pytest.approx(np.arctanh(12 / 13))
    assert kin.phi(p) == pytest.approx(np.arctan2(4, 3))


def test_collider_coordinates_round_trip(particles):
    p = kin.four_vector(**particles)
    for name, values in particles.items():
        np.testing.assert_allclose(getattr(kin, name)(p), values, rtol=1e-6, atol=1e-12)


def test_beam_particle_has_infinite_pseudorapidity_without_warning():
    assert kin.eta(np.array([5.0, 0, 0, -5.0])) == -np.inf


def test_rounding_does_not_make_the_mass_nan():
    p = np.array([1000.0, 600.0, 0.0, 800.0], dtype=np.float32) * np.float32(1 - 1e-7)
    p[0] = np.nextafter(np.float32(np.linalg.norm(p[1:].astype(float))), np.float32(0))
    assert kin.mass(p) == 0


def test_delta_phi_crosses_the_branch_cut():
    p, q = kin.four_vector(1.0, 0.0, np.array([3.1, -3.1]), 0.0)
    assert kin.delta_phi(p, q) == pytest.approx(6.2 - 2 * np.pi)
    assert kin.delta_r(p, q) == pytest.approx(2 * np.pi - 6.2)


def test_invariants_of_massless_particles_are_those_of_their_sums():
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(50, 5, 3))
    p = np.concatenate([np.linalg.norm(vectors, axis=-1, keepdims=True), vectors], axis=-1)
    s = kin.invariants(p)  # (50, 10)
    assert s.shape == (50, 10)
    np.testing.assert_allclose(s[:, 0], kin.mass(p[:, 0] + p[:, 1]) ** 2)
    np.testing.assert_allclose(s[:, 9], kin.mass(p[:, 3] + p[:, 4]) ** 2)
    transfer = p[:, 0] - p[:, 2]
    np.testing.assert_allclose(s[:, 1], transfer[:, 0] ** 2 - (transfer[:, 1:] ** 2).sum(-1), atol=1e-12)


def test_invariants_sum_to_zero_per_massless_leg():
    """Momentum conservation with all legs outgoing: the five s_ij of one leg add up to its p² = 0."""
    from helpers.generators import diphoton

    momenta, _ = diphoton.generate(100, seed=3)
    i, j = np.triu_indices(5, k=1)
    s = kin.invariants(momenta)
    for leg in range(5):
        of_leg = s[:, (i == leg) | (j == leg)]
        assert np.abs(of_leg.sum(1)).max() < 1e-9 * np.abs(s).max()


@pytest.mark.parametrize("function", [kin.pt, kin.phi, kin.eta, kin.mass, kin.invariants])
def test_wrong_shape_is_named(function):
    with pytest.raises(ValueError, match=r"\(7, 3\)"):
        function(np.zeros((7, 3)))
