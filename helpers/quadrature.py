"""Points and weights for integrals over the unit cube: Gauss-Legendre products and Sobol sequences."""

import numpy as np

__all__ = ["gauss_legendre", "sobol"]


def gauss_legendre(n: int, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """Product of Gauss-Legendre rules, exact for polynomials up to degree 2 n - 1 in each variable.

    Parameters
    ----------
    n : int
        Nodes per dimension.
    dimension : int
        Dimension D of the cube.

    Returns
    -------
    nodes : array (n**D, D)
        Between 0 and 1.
    weights : array (n**D,)
        Their sum is 1.
    """
    places, weight = np.polynomial.legendre.leggauss(n)  # on [-1, 1]
    nodes = np.stack(np.meshgrid(*[(places + 1) / 2] * dimension, indexing="ij"), axis=-1)
    weights = np.stack(np.meshgrid(*[weight / 2] * dimension, indexing="ij"), axis=-1)
    return nodes.reshape(-1, dimension), weights.reshape(-1, dimension).prod(1)


def sobol(n: int, dimension: int, seed: int) -> np.ndarray:
    """Points of a scrambled Sobol sequence in the unit cube; each has the weight 1 / n.

    Parameters
    ----------
    n : int
        Number of points, a power of two.
    dimension : int
        Dimension D of the cube.
    seed : int
        Of the scrambling.

    Returns
    -------
    array (n, D)

    Raises
    ------
    ValueError
        For an n that is not a power of two: then the points lose their balance.
    """
    from scipy.stats import qmc  # slow to import: only where it is needed

    if n < 1 or n & (n - 1):
        raise ValueError(f"a Sobol sequence is balanced for 1, 2, 4, 8, ... points, not for {n}")
    return qmc.Sobol(dimension, rng=seed).random(n)
