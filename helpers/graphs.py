"""Drawings of computational graphs: one box for each step, one arrow for each argument."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch

__all__ = ["BLUE", "GREY", "RED", "draw_graph"]

BLUE, RED, GREY = "#0072b2", "#c04a00", "#555555"
INPUT, STEP, OUTPUT = "#ececec", "#e4f0fa", "#fff0c8"
FORMULA = {
    torch.add: "{} + {}",
    torch.sub: "{} - {}",
    torch.mul: r"{} \cdot {}",
    torch.div: "{} / {}",
    torch.sin: r"\sin {}",
    torch.exp: r"\exp {}",
}


def draw_graph(
    graph: dict,
    values: dict[str, float] | None = None,
    adjoints: dict[str, float] | None = None,
    slopes: dict[tuple[str, str], float] | None = None,
) -> plt.Axes:
    """Draw a computational graph, and the numbers of its traces where they are given.

    Parameters
    ----------
    graph : dict of str to (callable, list of str)
        Step → operation and the names that it acts on. The inputs are called x1 and x2; the last step is the
        output.
    values, adjoints : dict of str to float, optional
        Numbers of each node, written into its box.
    slopes : dict of (str, str) to float, optional
        Derivative of a step with respect to an argument: (argument, step) → number on the arrow.

    Returns
    -------
    matplotlib.axes.Axes
    """
    _, ax = plt.subplots(figsize=(10, 3.8))
    place = _layout(graph)
    boxes = {}
    for name, (x, y) in place.items():
        box = FancyBboxPatch((x - 0.62, y - 0.36), 1.24, 0.72, boxstyle="round,pad=0.06", zorder=3)
        box.set(facecolor=_face(graph, name), edgecolor=GREY)
        boxes[name] = ax.add_patch(box)
        lines = [(f"${_formula(graph, name)}$", "black", 11)]
        if values is not None:
            lines += [(_number(values[name], 4), BLUE, 10), (_number(adjoints[name], 4), RED, 10)]
        for row, (text, color, size) in enumerate(lines):
            height = y + 0.25 * ((len(lines) - 1) / 2 - row)
            ax.text(x, height, text, color=color, fontsize=size, ha="center", va="center", zorder=4)
    for name, (_, inputs) in graph.items():
        for i in inputs:
            label = None if slopes is None else _number(slopes[i, name], 3)
            _draw_arrow(ax, np.array(place[i]), np.array(place[name]), boxes[i], boxes[name], label)
    ax.legend(handles=_legend(values is not None, slopes is not None), loc="upper right")
    ax.set(xlim=(-0.9, 10.1), ylim=(-1.75, 1.9), aspect="equal")
    ax.axis("off")
    return ax


def _layout(graph):
    """Column by the longest way from an input, rows spread evenly. Returns: dict of name → (x, y)."""
    column = {"x1": 0, "x2": 0}
    for name, (_, inputs) in graph.items():
        column[name] = 1 + max(column[i] for i in inputs)
    place = {}
    for c in range(1 + max(column.values())):
        stack = [name for name in column if column[name] == c]
        for row, name in enumerate(stack):
            place[name] = (2.3 * c, len(stack) - 1 - 2 * row)
    return place


def _face(graph, name):
    if name not in graph:
        return INPUT
    return OUTPUT if name == list(graph)[-1] else STEP


def _formula(graph, name):
    """A step as mathematical text, e.g. v_1 = x_1 / x_2."""
    left = f"{name[0]}_{name[1:]}"
    if name not in graph:
        return left
    operation, inputs = graph[name]
    arguments = [f"{i[0]}_{i[1:]}" for i in inputs]
    return f"{left} = {FORMULA[operation].format(*arguments)}"


def _number(value, digits):
    return f"{value:.{digits}f}".replace("-", "−")


def _draw_arrow(ax, start, end, box, target, label):
    # an arrow over two columns bends around the box in between
    bend = 0.0
    if end[0] - start[0] > 3:
        bend = 0.34 if start[1] < 0 else -0.34
    arrow = ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", color=GREY, linewidth=1.3))
    arrow.set(patchA=box, patchB=target, mutation_scale=16)
    arrow.set_connectionstyle("arc3", rad=bend)
    if label is not None:
        middle = (start + end) / 2 + bend / 2 * np.array([1, -1]) * (end - start)[::-1]
        text = ax.text(*middle, label, fontsize=9, zorder=2, ha="center", va="center")
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})


def _legend(numbers, slopes):
    if not numbers:
        labels = {"input": INPUT, "intermediate": STEP, "output $L$": OUTPUT}
        return [Patch(facecolor=color, edgecolor=GREY, label=label) for label, color in labels.items()]
    handles = [
        Patch(color=BLUE, label="value $v$ (forward trace)"),
        Patch(color=RED, label=r"adjoint $\bar{v}$ (reverse trace)"),
    ]
    if slopes:
        label = r"slope $\partial v_j / \partial v_i$ of an arrow"
        handles.append(Patch(facecolor="white", edgecolor=GREY, label=label))
    return handles
