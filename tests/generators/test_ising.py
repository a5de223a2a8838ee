"""Spins against Onsager's results and against the sum over all states of a small lattice."""

import numpy as np
import pytest

from helpers.generators import ising, lattice
from tests.builders.chains import pull


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_ising_energy_and_magnetisation_agree_with_onsager(rng):
    temperatures = [1.8, 2.0, 3.2]  # far enough from the critical one for 24 sites to be infinite
    spins = ising.sample_ising(24, temperatures, rng, chains=60, snapshots=10)
    assert spins.shape == (3, 60, 10, 24, 24)
    assert set(np.unique(spins)) == {-1, 1}
    for temperature, of_temperature in zip(temperatures, spins.astype(float), strict=True):
        energy = -lattice.hopping(of_temperature).mean(1) / 24**2
        assert abs(pull(energy, ising.onsager_energy(temperature))) < 4
        if temperature < 2.1:
            size = np.abs(lattice.magnetisation(of_temperature)).mean(1)
            assert abs(pull(size, ising.onsager_magnetisation(temperature))) < 4


def test_onsager_at_known_points():
    critical = ising.CRITICAL_TEMPERATURE
    assert critical == pytest.approx(2.269185314213022)
    assert ising.onsager_energy(critical * (1 + 1e-9)) == pytest.approx(-np.sqrt(2), abs=1e-7)
    assert ising.onsager_energy(0.3) == pytest.approx(-2, abs=1e-9)
    # high temperature: tanh β per bond, with plaquettes
    beta = 0.02
    assert ising.onsager_energy(1 / beta) == pytest.approx(-2 * (np.tanh(beta) + 2 * beta**3), rel=1e-5)
    assert ising.onsager_magnetisation([0.1, critical, 3.0]).tolist() == [1, 0, 0]
    assert ising.onsager_magnetisation(2.0) == pytest.approx(0.9113193)


def test_ising_on_a_small_lattice_agrees_with_the_sum_over_all_states(rng):
    numbers = np.arange(2**16)
    states = 2 * (numbers[:, None] >> np.arange(16) & 1) - 1
    states = states.reshape(-1, 4, 4)
    energy = -lattice.hopping(states)
    weight = np.exp(-energy / 2.269)
    weight /= weight.sum()
    spins = ising.sample_ising(4, [2.269], rng, chains=2000, snapshots=4)[0].astype(float)
    assert abs(pull(-lattice.hopping(spins).mean(1), (weight * energy).sum())) < 4
    exact = (weight * np.abs(lattice.magnetisation(states))).sum()
    assert abs(pull(np.abs(lattice.magnetisation(spins)).mean(1), exact)) < 4
    assert abs(pull(lattice.magnetisation(spins).mean(1), 0)) < 4
