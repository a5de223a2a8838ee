"""A toy for generators of which every average is known: Gaussian spots on a ring, with and without noise."""

import math

import numpy as np
import torch

from helpers.statistics import Measured

__all__ = ["SpotRing"]


class SpotRing:
    """Gaussian spots of equal weight, evenly spread on a circle in the plane.

    Parameters
    ----------
    spots : int
        Their number.
    radius, width : float
        Of the circle, and standard deviation of a spot in each direction.
    """

    def __init__(self, spots=5, radius=1.5, width=0.4):
        angles = 2 * math.pi * torch.arange(spots) / spots
        self.centres = radius * torch.stack([angles.cos(), angles.sin()], 1)  # (spots, 2)
        self.width = width

    def draw(self, n: int) -> torch.Tensor:
        """Draw events.

        Parameters
        ----------
        n : int

        Returns
        -------
        Tensor (n, 2)
        """
        return self.centres[torch.randint(len(self.centres), (n,))] + self.width * torch.randn(n, 2)

    def log_density(self, x: torch.Tensor, a: float = 1.0, b: float = 0.0) -> torch.Tensor:
        """Exact log density of a · event + b · unit Gaussian noise.

        Parameters
        ----------
        x : Tensor (n, 2)
        a, b : float

        Returns
        -------
        Tensor (n,)
        """
        variance = a**2 * self.width**2 + b**2
        square = ((x[:, None] - a * self.centres) ** 2).sum(2)  # (n, spots)
        norm = math.log(2 * math.pi * variance * len(self.centres))
        return torch.logsumexp(-square / (2 * variance), 1) - norm

    def data_mean(self, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Exact mean of the event at given x = a · event + b · unit Gaussian noise.

        Parameters
        ----------
        x : Tensor (n, 2)
        a, b : Tensor (n, 1)

        Returns
        -------
        Tensor (n, 2)
        """
        variance = a**2 * self.width**2 + b**2  # (n, 1)
        distance = x[:, None] - a[:, :, None] * self.centres  # (n, spots, 2)
        share = torch.softmax(-(distance**2).sum(2) / (2 * variance), 1)[:, :, None]  # (n, spots, 1)
        means = self.centres + (a * self.width**2 / variance)[:, :, None] * distance
        return (share * means).sum(1)

    def noise_mean(self, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Exact mean of the noise at given x = a · event + b · unit Gaussian noise.

        Parameters
        ----------
        x, a, b
            As for `data_mean`.

        Returns
        -------
        Tensor (n, 2)
        """
        return (x - a * self.data_mean(x, a, b)) / b

    def probabilities(self, edges: np.ndarray) -> np.ndarray:
        """Exact probability of each square cell of a grid.

        Parameters
        ----------
        edges : array (k + 1,)
            Along both axes.

        Returns
        -------
        array (k, k)
        """
        edges = torch.as_tensor(edges, dtype=torch.float64)
        below = torch.special.ndtr((edges[:, None, None] - self.centres.double()) / self.width)
        x, y = below.diff(dim=0).unbind(2)  # (k, spots) each
        return (torch.einsum("is,js->ij", x, y) / len(self.centres)).numpy()

    def mismatch(self, x: torch.Tensor, side: float = 0.4, reach: float = 3.6) -> Measured:
        """Mean squared relative difference of the density of a sample from the exact one, in square cells.

        It is (χ² − ndf)/n, which is 0 on average for a perfect sample of any size. Cells with fewer than
        five expected events and all the rest of the plane count as one.

        Parameters
        ----------
        x : Tensor (n, 2)
        side, reach : float
            Side of a cell; the grid goes from −reach to reach.

        Returns
        -------
        Measured
        """
        edges = np.linspace(-reach, reach, round(2 * reach / side) + 1)
        expected = len(x) * self.probabilities(edges).ravel()
        found = np.histogram2d(*np.asarray(x, dtype=float).T, bins=edges)[0].ravel()
        kept = expected >= 5
        expected, found = (np.append(v[kept], len(x) - v[kept].sum()) for v in (expected, found))
        ndf = len(expected) - 1
        value = float((((found - expected) ** 2 / expected).sum() - ndf) / len(x))
        return Measured(value, math.sqrt(2 * ndf + 4 * len(x) * max(value, 0)) / len(x))
