"""Densities of several samples, and below them their ratios and pulls to the first one."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.plotting import plot_histogram

__all__ = ["compare", "compare_grid", "draw_comparison"]


def compare(
    samples: dict,
    bins: np.ndarray,
    xlabel: str,
    *,
    panels: Sequence[str] = ("ratio", "pull"),
    title: str | None = None,
    log: bool = False,
    ratio_range: tuple[float, float] = (0.5, 1.5),
) -> tuple[Figure, list[plt.Axes]]:
    """Figure with the densities of several samples above their ratios and pulls to the first one.

    Parameters
    ----------
    samples : dict of str to array (n,) or (array, weights)
        By label; the first one is the reference.
    bins, xlabel, panels
        As for `draw_comparison`.
    title : str, optional
    log, ratio_range
        As for `draw_comparison`.

    Returns
    -------
    Figure
    list of Axes
        From top to bottom.
    """
    figure = plt.figure(figsize=(6.4, 3.6 + 1.2 * len(panels)))
    axes = _stack(figure, figure.add_gridspec(1)[0], panels)
    draw_comparison(axes, samples, bins, xlabel, panels=panels, log=log, ratio_range=ratio_range)
    axes[0].legend()
    if title is not None:
        axes[0].set_title(title)
    return figure, axes


def compare_grid(
    samples: dict,
    observables: dict,
    *,
    columns: int = 3,
    panels: Sequence[str] = ("ratio",),
    log: bool = False,
    ratio_range: tuple[float, float] = (0.5, 1.5),
) -> tuple[Figure, list[list[plt.Axes]]]:
    """Figure with one comparison per observable and one legend for all.

    Parameters
    ----------
    samples : dict of str to array (n, ...) or (array, weights)
        Events by label; the first ones are the reference.
    observables : dict of str to (callable, array)
        Label of the axis → function of the events that gives (n,), and bins.
    columns : int
        Of the figure.
    panels, log, ratio_range
        As for `draw_comparison`.

    Returns
    -------
    Figure
    list of list of Axes
        One list per observable, from top to bottom.
    """
    rows = -(-len(observables) // columns)
    width = min(6.4 * columns, 11.0)
    figure = plt.figure(figsize=(width, (2.6 + 0.8 * len(panels)) * rows))
    grid = figure.add_gridspec(rows, columns)
    all_axes = []
    for k, (xlabel, (observable, bins)) in enumerate(observables.items()):
        axes = _stack(figure, grid[divmod(k, columns)], panels)
        values = {label: (observable(events), w) for label, (events, w) in _pairs(samples).items()}
        draw_comparison(axes, values, bins, xlabel, panels=panels, log=log, ratio_range=ratio_range)
        all_axes.append(axes)
    handles, labels = all_axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    return figure, all_axes


def draw_comparison(
    axes: Sequence[plt.Axes],
    samples: dict,
    bins: np.ndarray,
    xlabel: str,
    *,
    panels: Sequence[str] = ("ratio", "pull"),
    log: bool = False,
    ratio_range: tuple[float, float] = (0.5, 1.5),
) -> None:
    """Draw densities with √Σw² bands into the first Axes, ratios and pulls to the first sample into the rest.

    Each sample is divided by its total weight, including what lies outside the bins. In a ratio panel, the
    points carry the errors of their own sample; those of the reference are the grey band around 1. A pull is
    the difference over the combined error of both. Values beyond a panel appear as triangles at its edge.

    Parameters
    ----------
    axes : sequence of Axes
        1 + len(panels) of them.
    samples
        As for `compare`.
    bins : array (m + 1,)
        Edges.
    xlabel : str
        With its unit in brackets.
    panels : sequence of {"ratio", "pull"}
    log : bool
        Whether the axis of the density is logarithmic.
    ratio_range : (float, float)
        Limits of the ratio panel.

    Raises
    ------
    ValueError
        For an unknown panel or a number of axes that does not fit.
    """
    if len(axes) != 1 + len(panels) or not set(panels) <= {"ratio", "pull"}:
        raise ValueError(f"got {len(axes)} axes for panels {panels}; expected 1 + one per ratio or pull")
    bins = np.asarray(bins)
    drawn = []
    for k, (label, (x, weights)) in enumerate(_pairs(samples).items()):
        # black for the reference leaves the colours to what is compared with it
        color = "black" if k == 0 else f"C{k - 1}"
        density = plot_histogram(axes[0], x, bins, weights, density=True, label=label, color=color)
        drawn.append((*density, color))
    for ax, panel in zip(axes[1:], panels, strict=True):
        draw = _ratios if panel == "ratio" else _pulls
        draw(ax, bins, drawn, ratio_range)
    unit = xlabel.partition("[")[2]  # "GeV]" or nothing
    axes[0].set(ylabel=f"density [1/{unit}" if unit else "density", yscale="log" if log else "linear")
    axes[-1].set(xlabel=xlabel, xlim=(bins[0], bins[-1]))


def _ratios(ax, bins, drawn, limits):
    (reference, error, _), *others = drawn
    with np.errstate(divide="ignore", invalid="ignore"):  # bins without reference have no ratio
        band = error / reference
        low, high = (np.append(v, v[-1]) for v in (1 - band, 1 + band))
        ax.fill_between(bins, low, high, step="post", color="black", alpha=0.15, linewidth=0)
        for shift, (content, own_error, color) in zip(_side_by_side(others), others, strict=True):
            _points(ax, bins, shift, content / reference, own_error / reference, limits, color)
    ax.axhline(1, color="black", linewidth=0.8)
    ax.set(ylabel="ratio", ylim=limits)


def _pulls(ax, bins, drawn, _):
    (reference, error, _), *others = drawn
    ax.axhspan(-1, 1, color="black", alpha=0.15, linewidth=0)
    ax.axhline(0, color="black", linewidth=0.8)
    for shift, (content, own_error, color) in zip(_side_by_side(others), others, strict=True):
        with np.errstate(invalid="ignore"):  # both empty: no pull
            pull = (content - reference) / np.hypot(error, own_error)
        _points(ax, bins, shift, pull, None, (-5, 5), color)
    ax.set(ylabel="pull", ylim=(-5, 5))


def _side_by_side(samples):
    """Shifts in bin widths, so that the error bars of several samples do not cover each other."""
    return 0.6 * ((np.arange(len(samples)) + 0.5) / len(samples) - 0.5)


def _points(ax, bins, shift, values, errors, limits, color):
    """Points at the middle of the bins plus shift bin widths; triangles where they leave the panel."""
    x = bins[:-1] + (0.5 + shift) * np.diff(bins)
    inside = (values >= limits[0]) & (values <= limits[1])
    bars = None if errors is None else errors[inside]
    ax.errorbar(x[inside], values[inside], bars, fmt="o", markersize=3, elinewidth=1, color=color)
    for marker, beyond, edge in (("v", values < limits[0], limits[0]), ("^", values > limits[1], limits[1])):
        if beyond.any():  # an empty line that is not clipped would confuse the layout
            ax.plot(x[beyond], np.full(beyond.sum(), edge), marker, markersize=5, color=color, clip_on=False)


def _pairs(samples):
    """Samples with None as weights where none are given."""
    return {label: s if isinstance(s, tuple) else (s, None) for label, s in samples.items()}


def _stack(figure, place, panels):
    """Axes on top of each other that share x; the upper one is higher and only the lowest has tick labels."""
    grid = place.subgridspec(1 + len(panels), 1, height_ratios=(3, *[1] * len(panels)))
    axes = [figure.add_subplot(grid[0])]
    axes += [figure.add_subplot(grid[k], sharex=axes[0]) for k in range(1, 1 + len(panels))]
    for ax in axes[:-1]:
        ax.tick_params(labelbottom=False)
    return axes
