"""The known cases of the checks: they know a good integrator from a bad one, and their numbers are right."""

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from helpers.generators import lattice
from helpers.lattice_checks import KnownAutoencoder, leapfrog_errors


def euler(phi, momenta, kappa, lam, step, n_steps):
    for _ in range(n_steps):
        kick = step * lattice.force(phi, kappa, lam)
        phi = phi + step * momenta
        momenta = momenta + kick
    return phi, momenta


def test_leapfrog_goes_back_and_euler_does_not():
    back, coarse, fine = leapfrog_errors(lattice.leapfrog, np.random.default_rng(1))
    assert back < 1e-12
    assert coarse < 0.1
    assert fine == pytest.approx(coarse / 4, rel=0.1)
    back, coarse, fine = leapfrog_errors(euler, np.random.default_rng(1))
    assert back > 0.1
    assert fine > 0.35 * coarse


def test_changed_arguments_are_noticed():
    def careless(phi, momenta, *others):
        momenta *= 1.1
        return lattice.leapfrog(phi, momenta, *others)

    with pytest.raises(AssertionError, match="changes its arguments"):
        leapfrog_errors(careless, np.random.default_rng(1))


def test_expected_loss_of_the_known_autoencoder():
    model, s = KnownAutoencoder(variational=True), torch.ones(50, 10)
    s[:, :3] = -1
    mean, log_variance = model.encode(s)
    z = mean + torch.randn(50, 1)
    logits = model.decoder(z)
    sites, kl = model.expected(n_up=7)
    assert sites == pytest.approx(
        -Bernoulli(logits=logits).log_prob((s + 1) / 2).sum(1).mean().item(), rel=1e-5
    )
    exact = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0, 1)).mean()
    assert kl == pytest.approx(exact.item(), rel=1e-5)
    assert KnownAutoencoder(variational=False).encode(s)[1] is None
