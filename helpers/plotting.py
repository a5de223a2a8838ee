"""One style for all plots; histograms with bands of their errors, losses, paths, quantiles."""

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch

from helpers.statistics import histogram

__all__ = [
    "draw_panels",
    "draw_paths",
    "draw_quantile_bands",
    "loss_curves",
    "plot_histogram",
    "use_style",
]


def use_style() -> None:
    """Set the plot style of the course for this session."""
    plt.rcParams.update(
        {
            "figure.figsize": (6.4, 4.2),
            "figure.dpi": 110,
            "figure.constrained_layout.use": True,
            "axes.grid": True,
            "grid.alpha": 0.25,
            "axes.axisbelow": True,
            "axes.prop_cycle": plt.cycler(
                color=["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555"]
            ),
            "legend.frameon": False,
            "font.size": 10,
        }
    )


def plot_histogram(
    ax: plt.Axes,
    x: np.ndarray,
    bins: np.ndarray,
    weights: np.ndarray | None = None,
    density: bool = False,
    label: str | None = None,
    **style: Any,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a histogram as a step line with its statistical error as a band.

    Parameters
    ----------
    ax : Axes
    x, bins, weights, density
        As for `histogram`.
    label : str, optional
    **style
        Goes to Axes.stairs.

    Returns
    -------
    content, error : array (m,)
    """
    content, error = histogram(x, bins, weights, density)
    line = ax.stairs(content, bins, label=label, linewidth=1.5, **style)
    # fill_between needs the last bin twice to reach the last edge
    low, high = (np.append(v, v[-1]) for v in (content - error, content + error))
    ax.fill_between(bins, low, high, step="post", alpha=0.25, linewidth=0, color=line.get_edgecolor())
    return content, error


def loss_curves(ax: plt.Axes, history, ylabel: str) -> None:
    """Training and validation loss against the epoch, and a dot at the best validation loss.

    The axis is logarithmic unless a loss is zero or negative, as a log-likelihood may be.

    Parameters
    ----------
    ax : Axes
    history : DataFrame
        Columns train and val, as from training.fit.
    ylabel : str
    """
    epochs = np.arange(1, len(history) + 1)
    best = int(history["val"].to_numpy().argmin())
    ax.plot(epochs, history["train"], label="training")
    ax.plot(epochs, history["val"], label="validation")
    ax.plot(epochs[best], history["val"].iloc[best], "o", color="black", label=f"best, epoch {epochs[best]}")
    positive = (history[["train", "val"]] > 0).all(axis=None)
    ax.set(xlabel="epoch", ylabel=ylabel, yscale="log" if positive else "linear")
    ax.legend()


def draw_panels(panels: list[tuple]) -> None:
    """Histograms with a logarithmic axis of events, several panels of a figure at once.

    Parameters
    ----------
    panels : list of tuple
        Axes; list of (x (n,), label); edges of the bins, or None for 40 bins over the whole range; label of
        the x axis.
    """
    for ax, samples, bins, xlabel in panels:
        if bins is None:
            low = min(x.min() for x, _ in samples)
            high = max(x.max() for x, _ in samples)
            bins = np.linspace(low, high + 1e-9 * max(abs(high), 1), 41)
        for k, (x, label) in enumerate(samples):
            plot_histogram(ax, x, bins, label=label, linestyle="--" if k else "-")
        ax.set(xlabel=xlabel, ylabel="events per bin", yscale="log")
        ax.set_ylim(0.5, 10 * ax.get_ylim()[1])  # room for the legend
        ax.legend(loc="upper right")


def draw_paths(
    ax: plt.Axes, paths: torch.Tensor, log_density: Callable, title: str, reach: float = 3
) -> None:
    """Paths of points in the plane, from their start to their end, over contours of a density.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    paths : Tensor (times, n, 2)
    log_density : callable
        (m, 2) → (m,), of the ends of perfect paths.
    title : str
    reach : float
        The contours are drawn from −reach to reach.
    """
    side = torch.linspace(-reach, reach, 61)
    density = log_density(torch.cartesian_prod(side, side)).exp().reshape(61, 61).T
    ax.contour(side, side, density, levels=4, colors="0.75", linewidths=0.8)
    ax.plot(paths[:, :, 0], paths[:, :, 1], color="C0", linewidth=1)
    ax.plot(*paths[0].T, "o", color="C1", markersize=4, label="start")
    ax.plot(*paths[-1].T, "o", color="C2", markersize=4, label="end")
    ax.set(title=title, xlabel="first component", ylabel="second component", aspect="equal")
    ax.legend(loc="upper right")


def draw_quantile_bands(
    ax: plt.Axes, x: np.ndarray, y: np.ndarray, bins: int = 20, levels: Sequence[float] = (0.95, 0.68)
) -> None:
    """Median of y and the bands that hold given shares of it, in bins of x with equally many events.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x, y : array (n,)
    bins : int
    levels : sequence of float
        Shares of the events, the largest first.
    """
    edges = np.quantile(x, np.linspace(0, 1, bins + 1))
    which = np.digitize(x, edges[1:-1])
    groups = [y[which == k] for k in range(bins)]
    centres = [x[which == k].mean() for k in range(bins)]
    for level, color in zip(levels, ("#56b4e9", "#0072b2"), strict=False):
        low = [np.quantile(group, (1 - level) / 2) for group in groups]
        high = [np.quantile(group, (1 + level) / 2) for group in groups]
        ax.fill_between(centres, low, high, color=color, alpha=0.4, label=f"central {level:.0%} of events")
    ax.plot(
        centres, [np.median(group) for group in groups], "o-", color="black", markersize=4, label="median"
    )
