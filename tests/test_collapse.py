"""Diagnostics of collapse on samples and maps that are known."""

import numpy as np
import pytest
import torch

from helpers.collapse import distances_to_next, folds, regions


def test_distance_to_the_next_point_of_a_grid_and_its_scaling():
    grid = np.stack(np.meshgrid(np.arange(5.0), np.arange(5.0)), -1).reshape(-1, 2)
    assert distances_to_next(grid).tolist() == [1.0] * 25
    x = np.random.default_rng(1).normal(size=(500, 3))
    assert np.allclose(distances_to_next(3 * x), 3 * distances_to_next(x))


def test_content_and_spread_of_known_regions():
    rng = np.random.default_rng(2)
    x, y = rng.uniform(-1, 1, size=(2, 40_000))
    value = rng.uniform(size=40_000) * np.where(x > 0, 2, 1)
    content, spread = regions(x, y, value, np.zeros((2, 1)))
    assert np.abs(content - 0.25).max() < 0.01 and content.sum() == pytest.approx(1)
    assert np.abs(spread - [[0.5, 0.5], [1, 1]]).max() < 0.05
    _, empty = regions(np.full(30, -0.5), np.full(30, -0.5), np.arange(30.0), np.zeros((2, 1)))
    assert np.isnan(empty).sum() == 3


def test_folds_of_known_maps():
    z = torch.randn(4000, 2, generator=torch.Generator().manual_seed(3))
    assert folds(torch.nn.Linear(2, 2), z) == 0

    class Fold(torch.nn.Module):
        def forward(self, z):
            return torch.stack([z[..., 0] ** 2, z[..., 1]], -1)  # both halves of the plane on one

    assert folds(Fold(), z) == pytest.approx(0.5, abs=0.03)
    with pytest.raises(ValueError, match="from 2 to 3 numbers"):
        folds(torch.nn.Linear(2, 3), z)
