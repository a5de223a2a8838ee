"""Collider kinematics of four-vectors p = (E, px, py, pz) in GeV, stored along the last axis.

A p whose last axis does not hold four numbers is a ValueError.
"""

import numpy as np

__all__ = ["delta_phi", "delta_r", "eta", "four_vector", "invariants", "mass", "phi", "pt"]


def _components(p):
    p = np.asarray(p)
    if p.shape[-1:] != (4,):
        raise ValueError(f"four-vectors need shape (..., 4) = (E, px, py, pz), got {p.shape}")
    return p[..., 0], p[..., 1], p[..., 2], p[..., 3]


def pt(p: np.ndarray) -> np.ndarray:
    """Transverse momentum.

    Parameters
    ----------
    p : array (..., 4)
        In GeV.

    Returns
    -------
    array (...)
        In GeV.
    """
    _, px, py, _ = _components(p)
    return np.hypot(px, py)


def phi(p: np.ndarray) -> np.ndarray:
    """Azimuthal angle in (-π, π].

    Parameters
    ----------
    p : array (..., 4)
        In GeV.

    Returns
    -------
    array (...)
        In rad.
    """
    _, px, py, _ = _components(p)
    return np.arctan2(py, px)


def eta(p: np.ndarray) -> np.ndarray:
    """Pseudorapidity η = artanh(pz/|p|) = arsinh(pz/pt); ±inf along the beam.

    Parameters
    ----------
    p : array (..., 4)
        In GeV.

    Returns
    -------
    array (...)
    """
    _, _, _, pz = _components(p)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.arcsinh(pz / pt(p))


def mass(p: np.ndarray) -> np.ndarray:
    """Invariant mass √(E² − |p|²); a negative m², which only rounding produces, counts as zero.

    Parameters
    ----------
    p : array (..., 4)
        In GeV.

    Returns
    -------
    array (...)
        In GeV.
    """
    e, px, py, pz = _components(p)
    return np.sqrt(np.maximum(e**2 - px**2 - py**2 - pz**2, 0))


def delta_phi(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Azimuthal distance φ(p) − φ(q), wrapped into [-π, π).

    Parameters
    ----------
    p, q : array (..., 4)
        In GeV.

    Returns
    -------
    array (...)
        In rad.
    """
    return (phi(p) - phi(q) + np.pi) % (2 * np.pi) - np.pi


def delta_r(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Angular distance ΔR = √(Δη² + Δφ²).

    Parameters
    ----------
    p, q : array (..., 4)
        In GeV.

    Returns
    -------
    array (...)
    """
    return np.hypot(eta(p) - eta(q), delta_phi(p, q))


def four_vector(pt: np.ndarray, eta: np.ndarray, phi: np.ndarray, mass: np.ndarray | float) -> np.ndarray:
    """Four-vector from collider coordinates, the inverse of pt(), eta(), phi(), mass().

    Parameters
    ----------
    pt : array (...)
        Transverse momentum in GeV.
    eta, phi : array (...)
        Pseudorapidity, and azimuth in rad.
    mass : array (...) or float
        In GeV.

    Returns
    -------
    array (..., 4)
        In GeV.
    """
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    e = np.sqrt(px**2 + py**2 + pz**2 + np.square(mass))
    return np.stack(np.broadcast_arrays(e, px, py, pz), axis=-1)


def invariants(p: np.ndarray, incoming: int = 2) -> np.ndarray:
    """Invariants s_ij = (p_i ± p_j)² of massless particles, written as ±2 p_i·p_j.

    For massless particles this form keeps the relative precision of small invariants, which the
    square of a sum loses. The sign is negative between an incoming and an outgoing particle.

    Parameters
    ----------
    p : array (..., n, 4)
        In GeV.
    incoming : int
        The first so many of the n particles are in the initial state.

    Returns
    -------
    array (..., n(n−1)/2)
        In GeV², pairs ordered 01, 02, …, 12, ….
    """
    p = np.asarray(p)
    if p.ndim < 2 or p.shape[-1] != 4:
        raise ValueError(f"events need shape (..., particles, 4), got {p.shape}")
    i, j = np.triu_indices(p.shape[-2], k=1)
    a, b = p[..., i, :], p[..., j, :]
    sign = np.where((i < incoming) == (j < incoming), 1, -1)
    return 2 * sign * (a[..., 0] * b[..., 0] - (a[..., 1:] * b[..., 1:]).sum(-1))
