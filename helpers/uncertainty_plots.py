"""Figures of networks that know their error: number of points, pulls, coverage, largest amplitudes."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.plotting import plot_histogram
from helpers.statistics import bootstrap_error

__all__ = ["draw_largest", "draw_methods", "draw_pulls", "draw_sizes"]

PULLS = np.linspace(-6, 6, 61)
TICKS = [
    0.1,
    0.2,
    0.3,
    0.5,
    0.7,
    1,
    1.5,
    2,
    3,
    5,
    7,
    10,
    20,
    50,
]  # of logarithmic axes that span one or two decades


def _set_ticks(ax: plt.Axes, points: Sequence[int] = ()) -> None:
    """Plain numbers at the logarithmic axes: TICKS at y, the numbers of training points, if any, at x."""
    low, high = ax.get_ylim()
    inside = [t for t in TICKS if low <= t <= high]
    ax.minorticks_off()
    ax.set_yticks(inside, [f"{t:g}" for t in inside])
    if len(points):
        ax.set_xticks(points, [f"{n:,}" for n in points])


def draw_sizes(tables: Mapping[str, pd.DataFrame], noise: float) -> None:
    """Stochastic and predictive uncertainty against the number of training points, one panel per table.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Title → numbers of points as index, columns "σ_stoch [%]", "σ_pred [%]", "error [%]".
    noise : float
        Noise of the first table, as a fraction.
    """
    _, axes = plt.subplots(1, len(tables), figsize=(11, 3.6), sharey=True)
    styles = {"σ_stoch [%]": "s-", "σ_pred [%]": "o-", "error [%]": "k^:"}
    labels = ["$\\sigma_\\mathrm{stoch}$, median", "$\\sigma_\\mathrm{pred}$, median"]
    labels.append("error of the mean, 68 % width")
    for ax, (title, table) in zip(axes, tables.items(), strict=True):
        for (column, style), label in zip(styles.items(), labels, strict=True):
            ax.plot(table.index, table[column], style, label=label)
        ax.set(title=title, xlabel="training points", xscale="log", yscale="log")
    axes[0].axhline(100 * noise, color="black", linestyle="--", label="noise of the data")
    axes[0].set_ylabel("relative uncertainty of $A$ [%]")
    for ax, table in zip(axes, tables.values(), strict=True):
        _set_ticks(ax, table.index)
        ax.legend(loc="lower left", fontsize=8)
    plt.show()


def draw_pulls(pulls: Mapping[str, np.ndarray], levels: Sequence[float], shares: Mapping) -> None:
    """Distributions of pulls, and the share of events inside central intervals against what it should be.

    Parameters
    ----------
    pulls : mapping of str to array (n,)
        Label → pulls; what leaves the axis counts in the outer bins.
    levels : sequence of float
        Probabilities of the central intervals.
    shares : mapping of str to sequence of float
        Label → share of the events inside.
    """
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 3.9))
    for label, t in pulls.items():
        inside = np.clip(t, PULLS[0] + 1e-9, PULLS[-1] - 1e-9)
        plot_histogram(left, inside, PULLS, density=True, label=label)
    x = np.linspace(PULLS[0], PULLS[-1], 300)
    left.plot(x, np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi), "k--", label="unit Gaussian")
    left.set(xlabel="pull $t$", ylabel="density", yscale="log", ylim=(1e-4, 20))
    left.legend(fontsize=8, loc="upper left")
    for label, found in shares.items():
        right.plot(levels, found, "o-", markersize=3, label=label)
    right.plot([0, 1], [0, 1], "k--", label="calibrated")
    right.set(xlabel="probability of the interval", ylabel="share of the test events inside")
    right.legend(fontsize=8, loc="upper left")
    plt.show()


def _rms(x: np.ndarray) -> float:
    return float(np.sqrt((x**2).mean()))


def draw_largest(
    deltas: Mapping[str, np.ndarray], log_a: np.ndarray, error: np.ndarray, sigma: np.ndarray
) -> None:
    """Relative deviations of chosen events, and error found and claimed against the amplitude.

    Parameters
    ----------
    deltas : mapping of str to array
        Label → relative deviations.
    log_a : array (n,)
        log of the amplitudes, in GeV⁻².
    error, sigma : array (n,)
        Errors of the predicted log A, and the claimed ones.
    """
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6))
    edges = np.linspace(-0.105, 0.105, 22)
    for label, delta in deltas.items():
        inside = np.clip(delta, edges[0] + 1e-9, edges[-1] - 1e-9)
        plot_histogram(left, 100 * inside, 100 * edges, density=True, label=label)
    left.set(xlabel=r"$\Delta$ [%], the outer bins hold what lies beyond", ylabel="density [1/%]")
    left.set_yscale("log")
    left.legend(fontsize=8)
    order = np.argsort(log_a)
    cuts = (np.array([0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.999, 1]) * len(order)).astype(int)
    groups = [order[low:high] for low, high in pairwise(cuts)]
    centres = [log_a[g].mean() for g in groups]
    found = [100 * _rms(error[g]) for g in groups]
    rng = np.random.default_rng(0)
    statistical = [100 * bootstrap_error(_rms, error[g], rng) for g in groups]
    right.errorbar(centres, found, statistical, fmt="o-", label="error found (rms)")
    claimed = [100 * _rms(sigma[g]) for g in groups]
    right.plot(centres, claimed, "s--", label=r"$\sigma_\mathrm{pred}$ claimed (rms)")
    right.set(xlabel=r"$\log(A\,/\,\mathrm{GeV}^{-2})$", ylabel="relative error of $A$ [%]", yscale="log")
    right.legend(fontsize=8)
    _set_ticks(right)
    plt.show()


def draw_methods(table: pd.DataFrame) -> None:
    """Precision and calibration of several methods against the number of training points.

    Parameters
    ----------
    table : pandas.DataFrame
        Index (method, points), columns "error [%]", "σ_pred [%]" and "pull width".
    """
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.6))
    columns = {"error [%]": "error of the mean, 68 % width [%]", "σ_pred [%]": "claimed, median of σ [%]"}
    columns["pull width"] = "pull, 68 % width"
    for ax, (column, label) in zip(axes, columns.items(), strict=True):
        for method in table.index.unique(0):
            values = table.loc[method, column]
            ax.plot(values.index, values, "o-", label=method)
        ax.set(xlabel="training points", ylabel=label, xscale="log", yscale="log")
    axes[2].axhline(1, color="black", linestyle="--", label="calibrated")
    figure.legend(*axes[2].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    for ax in axes:
        _set_ticks(ax, table.index.unique(1))
    plt.show()
