"""One style for all plots, and histograms whose error bars are right for weighted events."""

import matplotlib.pyplot as plt
import numpy as np

__all__ = ["histogram", "loss_curves", "plot_histogram", "ratio_axes", "use_style"]


def use_style():
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


def histogram(x, bins, weights=None, density=False):
    """Histogram with statistical errors: bin content Σw, error √Σw² (Poisson √n for unit weights).

    With density, contents and errors are divided by the total weight and the bin width; the total
    counts events outside the bins, so that cutting an axis does not raise the rest.

    Arguments: x (n,); bins edges (m+1,); weights (n,) or None. Returns: contents (m,), errors (m,).
    Raises: ValueError for NaN in x or weights, or lengths that differ.
    """
    x = np.asarray(x)
    weights = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float)
    if x.shape != weights.shape:
        raise ValueError(f"{x.shape} values but {weights.shape} weights")
    for name, values in (("values", x), ("weights", weights)):
        if np.isnan(values).any():
            raise ValueError(f"cannot histogram: {np.isnan(values).sum()} of {len(values)} {name} are NaN")
    content, _ = np.histogram(x, bins, weights=weights)
    variance, _ = np.histogram(x, bins, weights=weights**2)
    scale = 1 / (weights.sum() * np.diff(bins)) if density else 1.0
    return content * scale, np.sqrt(variance) * scale


def plot_histogram(ax, x, bins, weights=None, density=False, label=None, **style):
    """Draw a histogram as a step line with its statistical error as a band.

    Arguments: as for histogram(); style goes to Axes.stairs. Returns: contents (m,), errors (m,).
    """
    content, error = histogram(x, bins, weights, density)
    line = ax.stairs(content, bins, label=label, linewidth=1.5, **style)
    # fill_between needs the last bin twice to reach the last edge
    low, high = (np.append(v, v[-1]) for v in (content - error, content + error))
    ax.fill_between(bins, low, high, step="post", alpha=0.25, linewidth=0, color=line.get_edgecolor())
    return content, error


def ratio_axes(title=None):
    """Figure with a main panel above a narrower one for ratios or pulls.

    Returns: Figure, main Axes, lower Axes sharing the x axis.
    """
    figure, (main, lower) = plt.subplots(2, sharex=True, height_ratios=(3, 1), figsize=(6.4, 5.0))
    if title is not None:
        main.set_title(title)
    return figure, main, lower


def loss_curves(ax, history, ylabel):
    """Training and validation loss against the epoch, and a dot at the best validation loss.

    Arguments: history a DataFrame with columns train and val, as from training.fit.
    """
    epochs = np.arange(1, len(history) + 1)
    best = int(history["val"].to_numpy().argmin())
    ax.plot(epochs, history["train"], label="training")
    ax.plot(epochs, history["val"], label="validation")
    ax.plot(epochs[best], history["val"].iloc[best], "o", color="black", label=f"best, epoch {epochs[best]}")
    ax.set(xlabel="epoch", ylabel=ylabel, yscale="log")
    ax.legend()
