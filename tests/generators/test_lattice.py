"""Lattice fields against exact results: derivatives, reversibility, the free field."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from helpers.generators import lattice
from tests.builders.chains import pull

SIDE = 6


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_action_of_a_constant_field_and_of_one_site():
    constant = np.full((1, SIDE, SIDE), 1.5)
    density = -4 * 0.3 * 1.5**2 + (1 - 2 * 0.1) * 1.5**2 + 0.1 * 1.5**4
    assert lattice.action(constant, 0.3, 0.1) == pytest.approx(SIDE**2 * density)
    point = np.zeros((SIDE, SIDE))
    point[0, 5] = -2.0
    assert lattice.action(point, 0.3, 0.1) == pytest.approx(0.8 * 4 + 0.1 * 16)
    point[0, 0] = 3.0  # its right neighbour, round the edge
    assert lattice.hopping(point) == pytest.approx(-6)


def test_action_is_symmetric(rng):
    phi = rng.normal(size=(3, SIDE, SIDE))
    action = lattice.action(phi, 0.27, 0.02)
    shifted = np.roll(phi, (2, -1), (-2, -1))
    for same in (-phi, shifted, phi.swapaxes(-1, -2), phi[:, ::-1]):
        assert lattice.action(same, 0.27, 0.02) == pytest.approx(action, rel=1e-12)


def test_force_is_the_derivative_of_the_action(rng):
    phi = rng.normal(size=(SIDE, SIDE))
    numerical = np.empty((SIDE, SIDE))
    step = 1e-2
    for site in itertools.product(range(SIDE), repeat=2):
        bump = np.zeros((SIDE, SIDE))
        bump[site] = step
        near = lattice.action(phi + bump, 0.27, 0.3) - lattice.action(phi - bump, 0.27, 0.3)
        far = lattice.action(phi + 2 * bump, 0.27, 0.3) - lattice.action(phi - 2 * bump, 0.27, 0.3)
        numerical[site] = (8 * near - far) / (12 * step)  # exact for a polynomial of fourth order
    assert np.abs(lattice.force(phi, 0.27, 0.3) + numerical).max() < 1e-8


def test_leapfrog_is_reversible_and_conserves_energy_to_second_order(rng):
    phi, momenta = rng.normal(size=(2, 50, SIDE, SIDE))
    new, new_momenta = lattice.leapfrog(phi, momenta, 0.27, 0.02, 0.1, 10)
    back, back_momenta = lattice.leapfrog(new, -new_momenta, 0.27, 0.02, 0.1, 10)
    assert np.abs(back - phi).max() < 1e-12
    assert np.abs(back_momenta + momenta).max() < 1e-12

    def error(step, n_steps):
        end, end_momenta = lattice.leapfrog(phi, momenta, 0.27, 0.02, step, n_steps)
        change = lattice.action(end, 0.27, 0.02) - lattice.action(phi, 0.27, 0.02)
        return change + 0.5 * (end_momenta**2 - momenta**2).sum((-2, -1))

    ratio = error(0.02, 50) / error(0.01, 100)
    assert np.median(ratio) == pytest.approx(4, rel=0.01)


def test_leapfrog_keeps_the_volume_of_phase_space(rng):
    size = 4  # of a lattice 2 × 2
    start = rng.normal(size=2 * size)

    def moved(point):
        end = lattice.leapfrog(*point.reshape(2, 2, 2), 0.27, 0.5, 0.2, 3)
        return np.concatenate([part.ravel() for part in end])

    columns = []
    for bump in 1e-5 * np.eye(2 * size):
        columns.append((moved(start + bump) - moved(start - bump)) / 2e-5)
    assert np.linalg.det(columns) == pytest.approx(1, abs=1e-8)


def test_metropolis_decision(rng):
    phi = lattice.sample_phi4(SIDE, 0.27, 0.5, rng, chains=4000, warm_up=20)[:, 0]
    new, delta_h, accepted = lattice.hmc_step(phi, 0.27, 0.5, 0.3, 3, rng)
    assert 0.3 < accepted.mean() < 0.95  # steps so large that there is something to decide
    assert (new[~accepted] == phi[~accepted]).all()
    assert (new[accepted] != phi[accepted]).any((-2, -1)).all()
    assert accepted[delta_h < 0].all()
    assert abs(pull(accepted - np.minimum(1, np.exp(-delta_h)), 0)) < 4
    # what makes it exact, once the chain has come to rest
    assert abs(pull(np.exp(-delta_h), 1)) < 4
    assert (np.exp(-delta_h)).std() > 0.3


def test_sites_without_hopping_follow_the_exact_density(rng):
    lam = 0.5

    def weight(phi, power=0):
        return phi**power * np.exp(-((1 - 2 * lam) * phi**2 + lam * phi**4))

    fields = lattice.sample_phi4(SIDE, 0.0, lam, rng, chains=400, warm_up=60)[:, 0]
    norm = quad(weight, -6, 6)[0]
    for power in (2, 4):
        exact = quad(weight, -6, 6, args=(power,))[0] / norm
        assert abs(pull((fields**power).mean((-2, -1)), exact)) < 4


def test_free_field_has_the_exact_propagator(rng):
    side, kappa = 8, 0.22
    exact = lattice.free_propagator(side, kappa)
    wave = 2 - 4 * kappa * (np.cos(2 * np.pi / side) + 1)  # one momentum by hand
    assert (exact * np.cos(2 * np.pi * np.arange(side) / side)).sum() == pytest.approx(1 / wave)
    fields = lattice.sample_phi4(side, kappa, 0.0, rng, chains=600, snapshots=3, warm_up=60)
    power = np.abs(np.fft.fft2(fields)) ** 2
    correlation = np.fft.ifft2(power).real / side**2  # mean over all pairs at the same distance
    correlation = correlation.mean(1)
    assert np.abs(pull(correlation, exact)).max() < 4
    assert pull(correlation, 0)[1, 1] > 10  # a correlation that is seen clearly


def test_an_action_without_minimum_is_refused(rng):
    with pytest.raises(ValueError, match="no minimum"):
        lattice.sample_phi4(4, 0.26, 0.0, rng, chains=2)
    with pytest.raises(ValueError, match="no minimum"):
        lattice.sample_phi4(4, 0.2, -0.1, rng, chains=2)


def test_phases_and_signs(rng):
    fields = lattice.sample_phi4(8, 0.30, 0.02, rng, chains=300)[:, 0]
    magnetisation = lattice.magnetisation(fields)
    assert np.abs(magnetisation).min() > 0.5  # broken
    assert abs(pull(np.sign(magnetisation), 0)) < 4  # both signs alike
    symmetric = lattice.sample_phi4(8, 0.24, 0.02, rng, chains=300)[:, 0]
    assert np.abs(lattice.magnetisation(symmetric)).mean() < 0.5
