"""Figures of numerical integrals: how many digits are right, and for how many calls of the integrand."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plotting import plot_histogram

__all__ = ["draw_accuracy", "draw_digits"]


def draw_digits(ax: Axes, samples: dict[str, np.ndarray], bins: np.ndarray | None = None) -> None:
    """Histograms of p = log10 |I / I_truth - 1|, each divided by its number of entries.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    samples : dict of str to array (n,)
        Label → p of n integrals. What lies beyond the bins counts for the first or the last one.
    bins : array (k + 1,), optional
        Edges; by default 20 bins from -7 to -1.
    """
    bins = np.linspace(-7, -1, 21) if bins is None else np.asarray(bins)
    inner = (bins[:-1] + bins[1:]) / 2
    for k, (label, p) in enumerate(samples.items()):
        inside = np.clip(p, inner[0], inner[-1])
        weights = np.full(len(p), 1 / len(p))
        plot_histogram(ax, inside, bins, weights, label=label, color=f"C{k}")
        ax.axvline(np.median(p), color=f"C{k}", linestyle=":", linewidth=1)
    ax.set(xlabel=r"$p = \log_{10}|I/I_\mathrm{truth} - 1|$", ylabel="share of the integrals per bin")
    ax.set_ylim(0, 1.25 * ax.get_ylim()[1])  # room for the legend
    ax.legend(loc="upper left", fontsize=8)


def draw_accuracy(table: pd.DataFrame) -> Figure:
    """Median p against calls of the integrand for each integral, one panel for each loop.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns loop, method, calls, p. A method without calls for each integral is a horizontal line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    loops = list(table["loop"].unique())
    figure, axes = plt.subplots(1, len(loops), sharey=True, figsize=(3.7 * len(loops), 3.8), squeeze=False)
    for ax, loop in zip(axes[0], loops, strict=True):
        rows = table[table["loop"] == loop]
        for k, method in enumerate(table["method"].unique()):
            chosen = rows[rows["method"] == method]
            if (chosen["calls"] == 0).all():
                ax.axhline(chosen["p"].iloc[0], color=f"C{k}", linestyle="--", label=method)
            else:
                ax.plot(chosen["calls"], chosen["p"], "o-", color=f"C{k}", markersize=4, label=method)
        ax.set(title=loop, xlabel="calls of $f$ for each integral", xscale="log")
    axes[0, 0].set_ylabel("median of $p$")
    axes[0, 0].legend(fontsize=8)
    return figure
