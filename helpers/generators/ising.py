"""The Ising model on a periodic square lattice: spins by cluster updates, and Onsager's exact results."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import ellipkm1

__all__ = [
    "CRITICAL_TEMPERATURE",
    "onsager_energy",
    "onsager_magnetisation",
    "sample_ising",
]

CRITICAL_TEMPERATURE = 2 / np.log(1 + np.sqrt(2))  # of the infinite Ising lattice, in units of the coupling


def swendsen_wang(
    spins: np.ndarray, freeze: float, sites: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """One sweep: equal neighbours freeze together at random, and each cluster gets a random sign.

    Parameters
    ----------
    spins : int8 array (n, L, L)
    freeze : float
        Probability that two equal neighbours freeze together, 1 − exp(−2/T).
    sites : int array (n, L, L)
        Number of each site, from zero.
    rng : numpy.random.Generator

    Returns
    -------
    int8 array (n, L, L)

    Notes
    -----
    R. Swendsen, J.-S. Wang, Phys. Rev. Lett. 58 (1987) 86.
    """
    starts, ends = [], []
    for axis in (-1, -2):
        equal = spins == np.roll(spins, -1, axis)
        frozen = equal & (rng.random(spins.shape, np.float32) < freeze)
        starts.append(sites[frozen])
        ends.append(np.roll(sites, -1, axis)[frozen])
    starts, ends = np.concatenate(starts), np.concatenate(ends)
    graph = coo_array((np.ones(len(starts), np.int8), (starts, ends)), shape=(spins.size, spins.size))
    n_clusters, cluster = connected_components(graph, directed=False)
    signs = rng.choice(np.array([-1, 1], np.int8), n_clusters)
    return signs[cluster].reshape(spins.shape)


def sample_ising(
    side: int,
    temperatures: np.ndarray,
    rng: np.random.Generator,
    *,
    chains: int,
    snapshots: int = 1,
    warm_up: int = 30,
    spacing: int = 1,
) -> np.ndarray:
    """Spins of the Ising model, H = −Σ s_x s_y over neighbours, from independent chains of cluster updates.

    Parameters
    ----------
    side : int
        L.
    temperatures : array (m,)
        In units of the coupling.
    rng : numpy.random.Generator
    chains : int
        For each temperature.
    snapshots, warm_up, spacing : int
        As for lattice.sample_phi4, in sweeps.

    Returns
    -------
    int8 array (m, chains, snapshots, side, side)
        Spins ±1.
    """
    temperatures = np.asarray(temperatures, dtype=float)
    kept = np.empty((len(temperatures), chains, snapshots, side, side), np.int8)
    sites = np.arange(chains * side**2, dtype=np.int32).reshape(chains, side, side)
    for temperature, of_temperature in zip(temperatures, kept, strict=True):
        freeze = 1 - np.exp(-2 / temperature)
        spins = np.ones((chains, side, side), np.int8)
        for snapshot in range(snapshots):
            for _ in range(warm_up if snapshot == 0 else spacing):
                spins = swendsen_wang(spins, freeze, sites, rng)
            of_temperature[:, snapshot] = spins
    return kept


def onsager_magnetisation(temperature: np.ndarray) -> np.ndarray:
    """Mean |magnetisation| per spin of the infinite Ising lattice.

    Parameters
    ----------
    temperature : array_like
        In units of the coupling.

    Returns
    -------
    array, shaped like temperature

    Notes
    -----
    C. N. Yang, Phys. Rev. 85 (1952) 808; L. Onsager announced it in 1949.
    """
    temperature = np.asarray(temperature, dtype=float)
    below = np.minimum(temperature, CRITICAL_TEMPERATURE)
    # at the critical temperature sinh is 1, and rounding may leave a negative number
    return np.maximum(1 - np.sinh(2 / below) ** -4, 0) ** 0.125


def onsager_energy(temperature: float) -> float:
    """Mean energy per spin of the infinite Ising lattice, in units of the coupling.

    Parameters
    ----------
    temperature : float
        In units of the coupling; not the critical one itself, where the elliptic integral diverges.

    Returns
    -------
    float

    Notes
    -----
    L. Onsager, Phys. Rev. 65 (1944) 117.
    """
    double = 2 / temperature
    complement = 2 * np.tanh(double) ** 2 - 1  # of the modulus of the elliptic integral
    bracket = 1 + 2 / np.pi * complement * ellipkm1(complement**2)
    return float(-bracket / np.tanh(double))
