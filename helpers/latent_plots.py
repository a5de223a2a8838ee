"""Pictures of latent variables: how much they hold, how they fill the prior, what each of them does."""

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np

from helpers.plotting import plot_histogram

__all__ = ["draw_latent", "draw_marginals", "draw_scan"]


def draw_scan(
    errors: dict[int, float], kl: dict[int, np.ndarray], pca: dict[int, float], floor: float, floor_label: str
) -> None:
    """Reconstruction error and KL term against the number of latent variables, in a figure of two panels.

    Parameters
    ----------
    errors : dict of int to float
        Number of latent variables → rms error.
    kl : dict of int to array (k,)
        The KL term of each latent variable in nat.
    pca : dict of int to float
        Number of principal components → rms error; zeros are left out.
    floor : float
        Error of a horizontal line with the label floor_label.
    floor_label : str
    """
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 3.0))
    kept = [k for k, error in pca.items() if error > 1e-6]
    left.plot(kept, [pca[k] for k in kept], "s--", color="C6", label="PCA")
    left.plot(list(errors), list(errors.values()), "o-", color="C0", label="VAE")
    left.axhline(floor, color="black", linestyle=":", label=floor_label)
    left.set(xlabel="latent variables or principal components", ylabel="rms error [std. deviations]")
    left.set(yscale="log", ylim=(0.5 * min(errors.values()), 2))
    left.legend()
    for k, terms in kl.items():
        terms = np.sort(terms)[::-1]
        tops = np.cumsum(terms)
        right.bar([k] * k, terms, bottom=tops - terms, color=[f"C{j}" for j in range(k)], edgecolor="white")
    right.set(xlabel="latent variables of the VAE", ylabel="KL term, one colour each [nat]")


def draw_latent(
    axes: Sequence[plt.Axes],
    z: np.ndarray,
    follow: np.ndarray,
    walk: Callable[[int, np.ndarray], dict],
    title: str,
) -> None:
    """Encoded events in two latent variables, and observables on a walk along each of all.

    Parameters
    ----------
    axes : sequence of three Axes
    z : array (n, k)
        Latent variables of encoded events.
    follow : array (n, 2)
        The two latent variables that correlate most with these two numbers become variable 1 and 2.
    walk : callable
        walk(j, steps) moves latent variable j of one event and returns two observables as a dict of axis
        label → (len(steps),).
    title : str
        Above the first panel.
    """
    correlation = np.corrcoef(np.column_stack([z, follow]).T)[: z.shape[1], -2:]
    order = np.argsort(-(correlation**2).sum(1))
    axes[0].plot(*z[:, order[:2]].T, ".", markersize=2, alpha=0.5)
    for radius in (1, 2):
        axes[0].add_patch(plt.Circle((0, 0), radius, fill=False, color="black", zorder=3))
    axes[0].set(xlabel="variable 1", ylabel="variable 2", xlim=(-4, 4), ylim=(-4, 4), aspect="equal")
    axes[0].set_title(title, fontsize=10)
    steps = np.linspace(-2, 2, 81)
    for number, j in enumerate(order, start=1):
        for ax, (label, values) in zip(axes[1:], walk(j, steps).items(), strict=True):
            ax.plot(steps, values, ".", markersize=3, color=f"C{number}", label=f"variable {number}")
            ax.set(xlabel="step along one variable", ylabel=label)
    axes[2].legend(loc="lower right", ncols=2)


def draw_marginals(
    axes: Sequence[plt.Axes], columns: np.ndarray, labels: Sequence[str], gaussian: bool = False
) -> None:
    """The density of each column in a panel, and a unit Gaussian for comparison.

    Parameters
    ----------
    axes : sequence of k Axes
    columns : array (n, k)
    labels : sequence of k str
        Of the x axes.
    gaussian : bool
        Whether to draw the unit Gaussian, within ±4.5.
    """
    x = np.linspace(-4.5, 4.5, 201)
    for ax, values, label in zip(axes, np.transpose(columns), labels, strict=True):
        low, high = np.quantile(values, [0.0005, 0.9995])
        bins = np.linspace(low - 0.1 * (high - low), high + 0.1 * (high - low), 61)
        plot_histogram(ax, values, bins, density=True, color="C0", label="events")
        if gaussian:
            ax.plot(x, np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi), "k--", label="unit Gaussian")
            ax.set_xlim(x[0], x[-1])
        ax.set(xlabel=label, ylabel="density")
    if gaussian:
        axes[0].legend(loc="upper left")
