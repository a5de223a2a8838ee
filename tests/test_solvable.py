"""The known answers of helpers.solvable, from torch's own densities."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from helpers.solvable import FarAway, Known, LinearGaussian


@pytest.mark.parametrize(("d", "s"), [(0.0, 1.0), (0.4, 1.0), (-0.2, 1.6)])
def test_the_gap_is_the_divergence_of_the_encoder_from_the_posterior(d, s):
    model, exact = LinearGaussian(d=d, s=s), LinearGaussian()
    x = torch.randn(5, 3)
    densities = []
    for encoder in (model, exact):
        mu, log_var = encoder.encode(x)
        densities.append(Normal(mu, (log_var / 2).exp()))
    gap = kl_divergence(*densities)
    assert gap.shape == (5, 3)
    assert torch.allclose(gap, model.gap().expand(5, 3), atol=1e-5)


def test_posterior_times_evidence_is_the_joint_density():
    model, x, z = LinearGaussian(), torch.randn(6, 2), torch.randn(6, 2)
    mu, log_var = model.encode(x)
    mean, log_tau = model.decode(z)
    evidence = Normal(0, math.hypot(model.a, model.tau)).log_prob(x)
    left = Normal(mu, (log_var / 2).exp()).log_prob(z) + evidence
    assert torch.allclose(left, Normal(mean, log_tau.exp()).log_prob(x) + Normal(0, 1).log_prob(z), atol=1e-4)


def test_a_step_of_adam_moves_far_away_by_the_rate():
    model = FarAway()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(10):
        mean, log_tau = model.decode(model.encode(torch.full((4, 1), 1000.0))[0])
        optimizer.zero_grad()
        ((1000 - mean) / log_tau.exp()).square().mean().backward()
        optimizer.step()
    assert model.w.item() == pytest.approx(0.1, rel=1e-3)


def test_known_is_off_by_three_tenths():
    x = torch.randn(7, 2).repeat(1, 2)
    mu, log_var = Known().encode(x)
    mean, log_tau = Known(tau=0.2).decode(mu)
    assert torch.allclose(mean - x, torch.full((7, 4), 0.3))
    assert torch.allclose((log_var[0] / 2).exp(), torch.tensor([0.1, 0.6]))
    assert torch.allclose(log_tau.exp(), torch.full((4,), 0.2))
