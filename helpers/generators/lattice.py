"""Fields on a periodic square lattice: φ⁴ theory by hybrid Monte Carlo, the Ising model by clusters."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import ellipkm1

__all__ = [
    "CRITICAL_TEMPERATURE",
    "action",
    "force",
    "free_propagator",
    "hmc_step",
    "hopping",
    "leapfrog",
    "magnetisation",
    "onsager_energy",
    "onsager_magnetisation",
    "sample_ising",
    "sample_phi4",
]

CRITICAL_TEMPERATURE = 2 / np.log(1 + np.sqrt(2))  # of the infinite Ising lattice, in units of the coupling


def neighbours(phi: np.ndarray) -> np.ndarray:
    """Sum of the four neighbours of each site; phi and the result have the shape (..., L, L)."""
    total = np.roll(phi, 1, -1)
    total += np.roll(phi, -1, -1)
    total += np.roll(phi, 1, -2)
    total += np.roll(phi, -1, -2)
    return total


def hopping(phi: np.ndarray) -> np.ndarray:
    """Sum of φ_x φ_y over all pairs of neighbours, each pair once.

    Parameters
    ----------
    phi : array (..., L, L)

    Returns
    -------
    array (...)
    """
    return 0.5 * (phi * neighbours(phi)).sum((-2, -1))


def magnetisation(phi: np.ndarray) -> np.ndarray:
    """Mean of the field over the lattice: (..., L, L) → (...)."""
    return phi.mean((-2, -1))


def action(phi: np.ndarray, kappa: float, lam: float) -> np.ndarray:
    """Action of φ⁴ theory, S = Σ_x [−2κ Σ_μ φ_x φ_{x+μ} + (1 − 2λ) φ_x² + λ φ_x⁴].

    Parameters
    ----------
    phi : array (..., L, L)
        Field, periodic, dimensionless.
    kappa : float
        Hopping parameter.
    lam : float
        Coupling λ.

    Returns
    -------
    array (...)

    Notes
    -----
    M. Lüscher, P. Weisz, Nucl. Phys. B 290 (1987) 25, without a constant.
    """
    square = phi**2
    return ((1 - 2 * lam) * square + lam * square**2).sum((-2, -1)) - 2 * kappa * hopping(phi)


def force(phi: np.ndarray, kappa: float, lam: float) -> np.ndarray:
    """Force −∂S/∂φ_x on each site; arguments as for action, result (..., L, L)."""
    return 2 * kappa * neighbours(phi) - phi * (2 * (1 - 2 * lam) + 4 * lam * phi**2)


def leapfrog(
    phi: np.ndarray, momenta: np.ndarray, kappa: float, lam: float, step: float, n_steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Solve the equations of motion of H = Σ π²/2 + S by the leapfrog: reversible, and it keeps volumes.

    Parameters
    ----------
    phi, momenta : array (..., L, L)
    kappa, lam : float
        Of the action.
    step : float
        Size of a step in the time of the motion.
    n_steps : int

    Returns
    -------
    phi, momenta : array (..., L, L)
        At the end of the trajectory.
    """
    momenta = momenta + 0.5 * step * force(phi, kappa, lam)
    for _ in range(n_steps - 1):
        phi = phi + step * momenta
        momenta = momenta + step * force(phi, kappa, lam)
    phi = phi + step * momenta
    return phi, momenta + 0.5 * step * force(phi, kappa, lam)


def hmc_step(
    phi: np.ndarray, kappa: float, lam: float, step: float, n_steps: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One trajectory of hybrid Monte Carlo with a Metropolis decision for each chain.

    Parameters
    ----------
    phi : array (n, L, L)
        Fields of n chains.
    kappa, lam, step, n_steps
        As for leapfrog.
    rng : numpy.random.Generator

    Returns
    -------
    phi : array (n, L, L)
        New fields; the old ones where the new ones were rejected.
    delta_h : array (n,)
        Change of H along the trajectory.
    accepted : bool array (n,)

    Notes
    -----
    S. Duane, A. Kennedy, B. Pendleton, D. Roweth, Phys. Lett. B 195 (1987) 216.
    """
    momenta = rng.standard_normal(phi.shape)
    new, new_momenta = leapfrog(phi, momenta, kappa, lam, step, n_steps)
    delta_h = action(new, kappa, lam) - action(phi, kappa, lam)
    delta_h += 0.5 * (new_momenta**2 - momenta**2).sum((-2, -1))
    # a random number of the exponential distribution is minus the logarithm of a uniform one
    accepted = rng.exponential(size=len(phi)) > delta_h
    return np.where(accepted[:, None, None], new, phi), delta_h, accepted


def sample_phi4(
    side: int,
    kappa: float,
    lam: float,
    rng: np.random.Generator,
    *,
    chains: int,
    snapshots: int = 1,
    warm_up: int = 100,
    spacing: int = 10,
) -> np.ndarray:
    """Fields of φ⁴ theory from independent chains of hybrid Monte Carlo with trajectories of length 1 to 3.

    The length is drawn anew each time: with a fixed one, a mode of the field whose half period it is would
    only change its sign. After each trajectory a random sign multiplies the field of each chain. The action
    allows it, and without it a chain in the broken phase would keep its sign.

    Parameters
    ----------
    side : int
        L, the number of sites in each direction.
    kappa, lam : float
        Of the action.
    rng : numpy.random.Generator
    chains : int
    snapshots : int
        Fields kept of each chain.
    warm_up : int
        Trajectories before the first snapshot.
    spacing : int
        Trajectories between two snapshots.

    Returns
    -------
    array (chains, snapshots, side, side)

    Raises
    ------
    ValueError
        If the action is not bounded from below.
    """
    if lam < 0 or (lam == 0 and abs(kappa) >= 0.25):
        raise ValueError(f"no such theory at kappa = {kappa}, lam = {lam}: the action has no minimum")
    phi = 0.5 * rng.standard_normal((chains, side, side))  # far out, the force is too steep for the steps
    kept = np.empty((chains, snapshots, side, side))
    for snapshot in range(snapshots):
        for _ in range(warm_up if snapshot == 0 else spacing):
            phi, _, _ = hmc_step(phi, kappa, lam, 0.2, int(rng.integers(5, 16)), rng)
            phi *= rng.choice([-1.0, 1.0], size=(chains, 1, 1))
        kept[:, snapshot] = phi
    return kept


def free_propagator(side: int, kappa: float) -> np.ndarray:
    """Two-point function ⟨φ_0 φ_x⟩ of the free field, λ = 0, on a periodic lattice; exact.

    The action is ½ Σ_p |φ_p|² (2 − 4κ Σ_μ cos p_μ) / L²: the bracket is the inverse of the propagator.

    Parameters
    ----------
    side : int
        L.
    kappa : float
        Below 1/4.

    Returns
    -------
    array (side, side)
    """
    wave = np.cos(2 * np.pi * np.arange(side) / side)
    inverse = 2 - 4 * kappa * (wave[:, None] + wave[None, :])
    return np.fft.ifft2(1 / inverse).real


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
        As for sample_phi4, in sweeps.

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
