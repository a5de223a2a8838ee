"""Known cases with which the checks of 05_1 try out an integrator and the loss of an autoencoder."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from helpers.generators import lattice

__all__ = ["KnownAutoencoder", "leapfrog_errors"]


def leapfrog_errors(leapfrog: Callable, rng: np.random.Generator) -> tuple[float, float, float]:
    """How well an integrator goes back, and how well it goes forward.

    Parameters
    ----------
    leapfrog : callable
        phi, momenta, kappa, lam, step, n_steps → phi, momenta, as helpers.generators.lattice.leapfrog.
    rng : numpy.random.Generator

    Returns
    -------
    back, coarse, fine : float
        Largest miss of the start after a way forth and back; largest miss of the right end after a time of 1
        with the steps 0.1 and 0.05.

    Raises
    ------
    AssertionError
        If the integrator changes its arguments.
    """
    phi, momenta = rng.normal(size=(2, 20, 4, 4))
    start = phi.copy(), momenta.copy()
    new, new_momenta = leapfrog(phi, momenta, 0.27, 0.02, 0.1, 10)
    unchanged = (phi == start[0]).all() and (momenta == start[1]).all()
    assert unchanged, "leapfrog changes its arguments: make new arrays, without += and *="
    returned, _ = leapfrog(new, -new_momenta, 0.27, 0.02, 0.1, 10)
    back = np.abs(returned - phi).max()

    right = lattice.leapfrog(phi, momenta, 0.27, 0.02, 1e-3, 1000)
    misses = []
    for n_steps in (10, 20):
        end = leapfrog(phi, momenta, 0.27, 0.02, 1 / n_steps, n_steps)
        misses.append(max(np.abs(end[0] - right[0]).max(), np.abs(end[1] - right[1]).max()))
    return float(back), float(misses[0]), float(misses[1])


class KnownAutoencoder(nn.Module):
    """An autoencoder with ten sites, m = 0.8 and σ = ½ whatever the spins are, and 2 z for all logits.

    Parameters
    ----------
    variational : bool
        Whether it draws z, and encode returns log σ².
    """

    def __init__(self, variational: bool):
        super().__init__()
        self.variational = variational

    def encode(self, s: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Spins (n, 10) → mean (n, 1), log σ² (n, 1) or None."""
        self.mean = torch.full((len(s), 1), 0.8, requires_grad=True)
        self.log_variance = torch.full((len(s), 1), math.log(0.25), requires_grad=True)
        return self.mean, self.log_variance if self.variational else None

    def decoder(self, z: torch.Tensor) -> torch.Tensor:
        """Latent numbers (n, 1) → logits (n, 10)."""
        self.z = z
        return 2 * z.expand(-1, 10)

    def expected(self, n_up: int) -> tuple[float, float]:
        """Right loss with n_up spins +1 and the z seen last: the part of the sites, and the KL."""
        n_down = 10 - n_up
        softplus = nn.functional.softplus
        sites = (n_up * softplus(-2 * self.z) + n_down * softplus(2 * self.z)).mean().item()
        return sites, 0.5 * (0.8**2 + 0.25 - 1 - math.log(0.25))
