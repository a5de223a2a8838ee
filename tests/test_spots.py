"""The toy of spots on a ring against simulation and numerical integrals."""

import numpy as np
import pytest
import torch

from helpers.spots import SpotRing

RING = SpotRing()


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        yield


@pytest.mark.parametrize(("a", "b"), [(1.0, 0.0), (0.6, 0.4)])
def test_density_is_normalised(a, b):
    side = torch.linspace(-5, 5, 201)
    p = RING.log_density(torch.cartesian_prod(side, side), a, b).exp()
    assert abs(p.sum().item() * 0.05**2 - 1) < 1e-3


def test_data_mean_leaves_a_residual_without_slope():
    y, a, b = RING.draw(200_000), 0.6, 0.5
    x = a * y + b * torch.randn_like(y)
    column = torch.ones(len(x), 1)
    residual = y - RING.data_mean(x, a * column, b * column)
    for weight in (x, x**2, torch.sin(x)):
        assert abs((residual * weight).mean().item()) < 0.01


def test_noise_mean_leaves_a_residual_without_slope():
    y, a, b = RING.draw(200_000), 0.6, 0.5
    noise = torch.randn_like(y)
    x = a * y + b * noise
    column = torch.ones(len(x), 1)
    residual = noise - RING.noise_mean(x, a * column, b * column)
    for weight in (x, x**2, torch.sin(x)):
        assert abs((residual * weight).mean().item()) < 0.015


def test_probabilities_add_up_and_agree_with_a_sample():
    edges = np.linspace(-3.6, 3.6, 10)
    p = RING.probabilities(edges)
    assert abs(p.sum() - 1) < 1e-4
    share = np.histogram2d(*RING.draw(100_000).double().numpy().T, bins=edges)[0] / 100_000
    assert np.abs(share - p).max() < 0.005


def test_mismatch_is_zero_for_the_truth_and_sees_narrow_spots():
    assert abs(RING.mismatch(RING.draw(20_000)).value) < 0.01
    narrow = RING.mismatch(SpotRing(width=0.36).draw(20_000))
    assert narrow.value > 5 * narrow.error
