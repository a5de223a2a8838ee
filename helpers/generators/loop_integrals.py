"""One-loop integrals with a heavy quark in the loop: integrands on the unit cube, and their exact values."""

import math
from dataclasses import dataclass

import numpy as np

from helpers.quadrature import gauss_legendre

__all__ = ["BOX", "HEXAGON", "TRIANGLE", "Loop"]

CHUNK = 2_000_000  # values of an integrand that are held at a time


@dataclass(frozen=True)
class Loop:
    """One sector of a scalar one-loop integral in four dimensions, below all thresholds.

    A loop with N propagators of the mass m_t = 1 has N Feynman parameters. In the sector where the last one
    is the largest, it is set to 1, and the others run over the unit cube of D = N - 1 dimensions. With
    U = 1 + x_1 + ... + x_D and F = m_t^2 U^2 - sum over i < j of s_ij x_i x_j, the integrand is
    U^(N - 4) / F^(N - 2) (G. Heinrich, arXiv:0803.4177, section 2; the box is the one-loop integral of
    D. Maitre and R. Santos-Mateos, arXiv:2211.02834).

    Parameters
    ----------
    name : str
    dimension : int
        Number D of integrals.
    names : tuple of str
        What the m parameters are called.
    low, high : tuple of float
        Range of each parameter, in units of m_t^2.
    pairs : tuple of tuple
        (i, j, k): parameter k is the invariant s_ij, with i < j counted from 1 to N. Pairs that are left out
        belong to massless external particles.
    """

    name: str
    dimension: int
    names: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    pairs: tuple[tuple[int, int, int], ...]

    def integrand(self, x, s):
        """The integrand, for arrays of NumPy and tensors of PyTorch.

        Parameters
        ----------
        x : array (..., D)
            Feynman parameters between 0 and 1.
        s : array (..., m)
            Invariants in units of m_t^2. Leading dimensions broadcast against those of x.

        Returns
        -------
        array (...)
            In units of 1 / m_t^(2 N - 4).

        Raises
        ------
        ValueError
            For another number of columns; where F is not positive, above a threshold.
        """
        if x.shape[-1] != self.dimension or s.shape[-1] != len(self.names):
            raise ValueError(
                f"{self.name}: x and s end in {x.shape[-1]} and {s.shape[-1]} columns, "
                f"expected {self.dimension} and {len(self.names)}"
            )
        columns = [x[..., i] for i in range(self.dimension)] + [1.0]  # the last one is 1 in this sector
        u = sum(columns)
        f = u**2
        for i, j, k in self.pairs:
            f = f - s[..., k] * columns[i - 1] * columns[j - 1]
        if not (f > 0).all():
            raise ValueError(f"{self.name}: F is not positive, these invariants lie above a threshold")
        n = self.dimension + 1
        return u ** (n - 4) / f ** (n - 2)

    def parameters(self, t: np.ndarray) -> np.ndarray:
        """Invariants in units of m_t^2, (..., m), from t (..., m) that run from -1 to 1."""
        low, high = np.array(self.low), np.array(self.high)
        return low + (t + 1) / 2 * (high - low)

    def flat(self, u, s):
        """The integrand in the coordinates u = log2(1 + x), with the Jacobian of the substitution.

        Like x, they run from 0 to 1. Equal steps in log(1 + x) even out the integrand, which falls like a
        power of 1 + x. It takes, returns and refuses what integrand does.
        """
        x = 2**u - 1
        jacobian = 1.0
        for i in range(self.dimension):
            jacobian = jacobian * math.log(2) * (1 + x[..., i])
        return self.integrand(x, s) * jacobian

    def exact(self, s: np.ndarray, nodes: int = 10) -> np.ndarray:
        """The integral by a Gauss-Legendre rule, with so many nodes per dimension that it counts as exact.

        Parameters
        ----------
        s : array (n, m)
            Invariants in units of m_t^2.
        nodes : int
            Per dimension.

        Returns
        -------
        array (n,)
        """
        u, weights = gauss_legendre(nodes, self.dimension)
        at_once = max(1, CHUNK // len(u))
        parts = []
        for start in range(0, len(s), at_once):
            parts.append(self.flat(u, s[start : start + at_once, None]) @ weights)
        return np.concatenate(parts)


TRIANGLE = Loop(
    name="triangle",
    dimension=2,
    names=("s12", "s13", "s23"),
    low=(-3.0, -3.0, 0.3),
    high=(3.5, 0.0, 1.0),
    pairs=((1, 2, 0), (1, 3, 1), (2, 3, 2)),
)

# gg -> HH: (1, 2) and (2, 3) are the Higgs bosons, (3, 4) and (1, 4) the gluons
BOX = Loop(
    name="box",
    dimension=3,
    names=("s12", "s14", "mH2"),
    low=(-3.0, -3.0, 0.3),
    high=(3.5, 0.0, 1.0),
    pairs=((1, 3, 0), (2, 4, 1), (1, 2, 2), (2, 3, 2)),
)

# gg -> HHHH: all invariants of two neighbouring particles are s2, all of three are s3
HEXAGON = Loop(
    name="hexagon",
    dimension=5,
    names=("s2", "s3", "mH2"),
    low=(-3.0, -3.0, 0.3),
    high=(1.5, 0.0, 1.0),
    pairs=(
        *((i, j, 0) for i, j in ((1, 3), (2, 4), (3, 5), (4, 6), (1, 5), (2, 6))),
        *((i, j, 1) for i, j in ((1, 4), (2, 5), (3, 6))),
        *((i, j, 2) for i, j in ((1, 2), (2, 3), (3, 4), (4, 5))),
    ),
)
