"""Models with latent variables whose loss, gradient or training is known exactly, to test a VAE with."""

import math

import torch
from torch import nn

__all__ = ["FarAway", "Known", "LinearGaussian"]


class LinearGaussian:
    """p(z) = N(0, 1), p(x|z) = N(x; a z, τ²) in any number of dimensions; the encoder is near its posterior.

    Then p(x) = N(0, a² + τ²), and the posterior is N(a x / (a² + τ²), v) with v = τ² / (a² + τ²).

    Parameters
    ----------
    a, tau : float
        Slope and width of the decoder.
    d : float or Tensor
        By how much the encoder is shifted from the posterior.
    s : float or Tensor
        By which factor it is wider.
    """

    def __init__(self, a=1.2, tau=0.5, d=0.0, s=1.0):
        self.a, self.tau, self.d, self.s = a, tau, torch.as_tensor(d), torch.as_tensor(s)
        self.variance = tau**2 / (a**2 + tau**2)

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Data (n, D) → μ, log σ² (n, D)."""
        mu = self.a * x / (self.a**2 + self.tau**2) + self.d
        return mu, math.log(self.variance) + 2 * self.s.log() + torch.zeros_like(mu)

    def decode(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Latent variables (n, D) → mean (n, D), log τ (D,)."""
        return self.a * z, torch.full(z.shape[1:], math.log(self.tau))

    def gap(self) -> torch.Tensor:
        """By how much the bound exceeds -log p(x), on average, for each dimension; a scalar Tensor."""
        return 0.5 * (self.d**2 / self.variance + self.s**2 - 1 - 2 * self.s.log())


class FarAway(nn.Module):
    """One latent variable and one number w, to which everything is decoded; nothing else learns.

    Data of 1000 are so far away that the gradient hardly changes, and each step of Adam moves w by the
    learning rate.
    """

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1))

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Data (n, 1) → μ = 0, log σ² = 0, (n, 1) each."""
        return torch.zeros(len(x), 1), torch.zeros(len(x), 1)

    def decode(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Latent variables (n, 1) → w (n, 1), log τ = 0 (1,)."""
        return self.w.expand(len(z), 1), torch.zeros(1)


class Known(nn.Module):
    """Two latent variables with σ = 0.1 and 0.6; the decoder is off by 0.3 in each of four components.

    It is meant for data (n, 4) whose last two columns repeat the first two, which are μ.

    Parameters
    ----------
    tau : float
        Width of the decoder.
    """

    n_latent = 2

    def __init__(self, tau=1.0):
        super().__init__()
        self.tau = tau

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Data (n, 4) → μ, log σ² (n, 2)."""
        return x[:, :2], torch.tensor([0.1, 0.6]).square().log().expand(len(x), 2)

    def decode(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Latent variables (n, 2) → mean (n, 4), log τ (4,)."""
        return torch.cat([z, z], 1) + 0.3, torch.full((4,), math.log(self.tau))
