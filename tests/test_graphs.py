"""Drawings of computational graphs: every step, every arrow and every number is there."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers.graphs import draw_graph

GRAPH = {
    "v1": (torch.div, ["x1", "x2"]),
    "v2": (torch.sin, ["v1"]),
    "v3": (torch.mul, ["v2", "x2"]),
}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def count(ax, kind):
    return sum(isinstance(patch, kind) for patch in ax.patches)


def test_one_box_for_each_node_and_one_arrow_for_each_argument():
    ax = draw_graph(GRAPH)
    assert count(ax, FancyBboxPatch) == 5 and count(ax, FancyArrowPatch) == 5
    assert r"$v_1 = x_1 / x_2$" in texts(ax) and r"$v_3 = v_2 \cdot x_2$" in texts(ax)


def test_a_step_stands_right_of_what_it_uses():
    ax = draw_graph(GRAPH)
    place = {text.get_text()[1:4]: text.get_position()[0] for text in ax.texts}
    assert place["x_1"] < place["v_1"] < place["v_2"] < place["v_3"]


def test_the_numbers_of_the_traces_are_written_in():
    names = ["x1", "x2", *GRAPH]
    values = {name: k + 0.5 for k, name in enumerate(names)}
    adjoints = {name: -k - 0.25 for k, name in enumerate(names)}
    slopes = {(i, name): 7.125 for name, (_, inputs) in GRAPH.items() for i in inputs}
    shown = texts(draw_graph(GRAPH, values, adjoints, slopes))
    assert "0.5000" in shown and "−4.2500" in shown
    assert shown.count("7.125") == 5
