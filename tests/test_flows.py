"""Flows: errors of inverse and Jacobian are found, the rotation is one, figures show all events."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

from helpers.flows import (
    Rotation,
    Watch,
    draw_likely,
    draw_planes,
    draw_ring_errors,
    draw_weights,
    errors_of,
)


class Scale(nn.Module):
    """z = factor x with two faults to choose from."""

    def __init__(self, log_det=1.0, back=1.0):
        super().__init__()
        self.factor, self.faults = nn.Parameter(torch.tensor(2.0)), (log_det, back)

    def forward(self, x):
        return self.factor * x, torch.full(
            (len(x),), self.faults[0] * x.shape[1]
        ).double() * self.factor.log()

    def inverse(self, z):
        return self.faults[1] * z / self.factor


@pytest.fixture
def x():
    return torch.randn(20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_a_right_layer_has_no_errors(x):
    assert max(errors_of(Scale(), x)) < 1e-8


def test_a_wrong_inverse_and_a_wrong_jacobian_are_told_apart(x):
    back, jacobian = errors_of(Scale(back=1.1), x)
    assert back > 0.01 and jacobian < 1e-8
    back, jacobian = errors_of(Scale(log_det=-1.0), x)
    assert back < 1e-8 and jacobian > 0.01


def test_a_layer_that_changes_nothing_is_refused(x):
    class Identity(Scale):
        def forward(self, x):
            return x, x.new_zeros(len(x))

    with pytest.raises(AssertionError, match="nothing"):
        errors_of(Identity(), x)


def test_the_rotation_turns_back_and_keeps_volumes():
    x = torch.tensor([[0.5, 1.0, -1.0], [-2.0, 0.3, 0.3]])
    z, log_det = Rotation()(x)
    assert torch.allclose(z[:, 1], torch.tensor([math.sqrt(2), 0.0])) and (log_det == 0).all()
    assert torch.allclose(Rotation(shift=1.0)(x)[0][:, 0], x[:, 0] + 1)
    assert torch.allclose(Rotation().inverse(z), x, atol=1e-6)
    assert abs(torch.det(Rotation().matrix) - 1) < 1e-6


def test_a_watched_function_remembers_its_last_call():
    x = torch.arange(10.0)[:, None]
    f = Watch(lambda train, val, *, epochs=2: epochs)
    assert f.last is None and f((x,), (x,)) == 2 and f((x[:8],), (x[8:],), epochs=5) == 5
    f.expect(x[:8], x[8:], epochs=5)
    f.expect_split(0.8)
    with pytest.raises(AssertionError, match="epochs = 2, not 5"):
        f.expect(epochs=2)
    with pytest.raises(AssertionError, match="train"):
        f.expect(x[:3])
    with pytest.raises(AssertionError, match="50%"):
        f.expect_split(0.5)
    f((x[:8],), (x[:2],))
    with pytest.raises(AssertionError, match="not used"):
        f.expect_split(0.8)


def test_figures_have_a_panel_for_each_sample():
    rng = np.random.default_rng(1)
    points, values = rng.normal(size=(500, 2)), rng.uniform(size=500)
    edges, plots = np.linspace(0, 1, 11), []
    draw_planes({"a": (points, 4, "x"), "b": (points, 4, "z")})
    plots.append(len(plt.gcf().axes))
    draw_likely({"t": values, "g": values}, {"m [GeV]": (values, edges)}, {"top": values > 0.9})
    plots.append(len(plt.gcf().axes))
    draw_weights({"w": values + 0.5}, {"m [GeV]": (values, values, values, edges)})
    assert [*plots, len(plt.gcf().axes)] == [3, 2, 2]  # the first one with a colour bar
    assert plt.gcf().axes[1].get_ylabel() == "density [1/GeV]"
    plt.close("all")


def test_the_error_of_a_ring_has_a_dip_only_if_the_mean_is_uncertain():
    draw_ring_errors({"fit": (1.0, 0.71), "dip": (1.37, 0.24)})
    fit, dip = (line.get_ydata() for line in plt.gca().lines)
    assert fit.argmax() == 70 and dip[70] < 0.5 * dip.max()
    assert abs(dip[70] - 0.24 / math.sqrt(2 * math.pi)) < 1e-12
    plt.close("all")
