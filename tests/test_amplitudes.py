"""Inputs and targets of the amplitude regression: symmetries, dimension, constants from training events."""

import numpy as np
import pytest
import torch

from helpers.amplitudes import log_ratios, ratio_points
from helpers.datasets import Diphoton, Events
from helpers.generators.diphoton import generate, squared_amplitude


@pytest.fixture(scope="module")
def events():
    return Events(*generate(60, 5))


def boosted(momenta, rapidity):
    """Momenta in a frame that moves along the beam."""
    e, px, py, pz = np.moveaxis(momenta, -1, 0)
    c, s = np.cosh(rapidity), np.sinh(rapidity)
    return np.stack([c * e + s * pz, px, py, s * e + c * pz], axis=-1)


def test_the_ratios_know_neither_frame_nor_scale(events):
    ratios, log_s = log_ratios(events.momenta)
    moved, same = log_ratios(boosted(events.momenta, 0.7))
    assert np.allclose(moved, ratios, atol=1e-9) and np.allclose(same, log_s, atol=1e-9)
    larger, log_larger = log_ratios(3 * events.momenta)
    assert np.allclose(larger, ratios, atol=1e-9)
    assert np.allclose(log_larger - log_s, 2 * np.log(3))


def test_ratios_by_hand():
    directions = np.array([[0, 0, 1], [0, 0, -1], [1, 0, 0], [-1, 0, 0], [0, 1, 0]])
    energies = np.array([[1.0], [1.0], [1.0], [2.0], [1.0]])
    momenta = energies * np.column_stack([np.ones(5), directions])
    ratios, log_s = log_ratios(momenta[None])
    assert np.isclose(log_s[0], np.log(4))
    # the pairs 13, 14, 15, 23, 24, 25, 34, 35, 45 over s_12 = 4
    assert np.allclose(np.exp(ratios[0]), [1 / 2, 1, 1 / 2, 1 / 2, 1, 1 / 2, 2, 1 / 2, 1])


def test_the_target_has_no_dimension(events):
    larger = Events(2.5 * events.momenta, squared_amplitude(2.5 * events.momenta))
    points = ratio_points(Diphoton(events, larger, events, "generated"))
    assert torch.allclose(points.val.y, points.train.y, atol=1e-5)
    assert torch.allclose(points.val.x, points.train.x, atol=1e-5)


def test_constants_come_from_the_training_events(events):
    louder = Events(events.momenta, 1.05 * events.amplitudes)
    points = ratio_points(Diphoton(events, louder, louder, "generated"))
    assert points.train.x.shape == (60, 9) and points.train.y.shape == (60, 1)
    assert abs(points.train.y.mean()) < 1e-6
    assert torch.allclose(points.train.x.std(0, correction=0), torch.ones(9), atol=1e-5)
    assert torch.allclose(points.test.y - points.train.y, torch.tensor(np.log(1.05)).float(), atol=1e-5)
    assert torch.equal(points.test.x, points.train.x)
