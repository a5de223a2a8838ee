"""Fields on a periodic square lattice, and φ⁴ theory there by hybrid Monte Carlo."""

import numpy as np

__all__ = [
    "action",
    "force",
    "free_propagator",
    "hmc_step",
    "hopping",
    "leapfrog",
    "magnetisation",
    "sample_phi4",
]


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
    phi2 = phi * phi
    return ((1 - 2 * lam) * phi2 + lam * phi2**2).sum((-2, -1)) - 2 * kappa * hopping(phi)


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
    phi, pi = phi.copy(), momenta.copy()  # changed in place: no new fields at each step
    pi += 0.5 * step * force(phi, kappa, lam)
    for _ in range(n_steps - 1):
        phi += step * pi
        pi += step * force(phi, kappa, lam)
    phi += step * pi
    pi += 0.5 * step * force(phi, kappa, lam)
    return phi, pi


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
    start = rng.standard_normal(phi.shape)
    end, end_momenta = leapfrog(phi, start, kappa, lam, step, n_steps)
    delta_h = action(end, kappa, lam) - action(phi, kappa, lam)
    delta_h += 0.5 * (end_momenta**2 - start**2).sum((-2, -1))
    # a random number of the exponential distribution is minus the logarithm of a uniform one
    accepted = rng.exponential(size=len(phi)) > delta_h
    end[~accepted] = phi[~accepted]
    return end, delta_h, accepted


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
