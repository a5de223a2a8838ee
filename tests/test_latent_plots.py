"""Pictures of latent variables: what is drawn."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.latent_plots import draw_latent, draw_marginals, draw_scan


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def test_scan_leaves_out_exact_components_and_sorts_the_bars():
    errors, kl = {1: 0.5, 2: 0.1}, {1: np.array([3.0]), 2: np.array([1.0, 4.0])}
    draw_scan(errors, kl, {1: 0.8, 2: 0.0}, 0.2, "floor")
    left, right = plt.gcf().axes
    assert [len(line.get_xdata()) for line in left.lines[:2]] == [1, 2]
    assert [bar.get_height() for bar in right.patches] == [3, 4, 1]
    assert right.patches[2].get_y() == 4


def test_latent_variables_are_ordered_by_what_they_follow():
    z = np.random.default_rng(1).normal(size=(500, 3))
    asked = []

    def walk(j, steps):
        asked.append(j)
        return {"first": steps, "second": j * steps}

    _, axes = plt.subplots(1, 3)
    draw_latent(axes, z, z[:, [2, 1]], walk, "three")
    assert set(asked[:2]) == {1, 2} and asked[2] == 0
    assert len(axes[1].lines) == len(axes[2].lines) == 3
    assert axes[2].get_ylabel() == "second"


@pytest.mark.parametrize("gaussian", [False, True])
def test_marginals_are_densities_and_the_gaussian_is_drawn_when_asked(gaussian):
    _, axes = plt.subplots(1, 2)
    draw_marginals(axes, np.random.default_rng(1).normal(size=(2000, 2)), ["a", "b"], gaussian)
    content, edges, _ = axes[1].patches[0].get_data()
    assert 0.98 < (content * np.diff(edges)).sum() < 1.001
    assert axes[1].get_xlabel() == "b"
    assert len(axes[1].lines) == gaussian
