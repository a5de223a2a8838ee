"""Pictures of lattice fields: Monte Carlo at work, a phase transition, correlations, latent numbers."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.generators import ising
from helpers.statistics import Measured

__all__ = ["draw_correlations", "draw_fields", "draw_hmc", "draw_order", "draw_transition"]


def draw_hmc(histories: Mapping[float, Sequence[float]], table: pd.DataFrame) -> None:
    """Magnetisation along chains, and energy error and acceptance against the step size, in three panels.

    Parameters
    ----------
    histories : dict of float to sequence
        κ → magnetisation after each trajectory.
    table : pandas.DataFrame
        Step size ε as index; columns "rms of ΔH", "acceptance" (Measured) and "erfc".
    """
    _, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 2.6))
    for kappa, history in histories.items():
        left.plot(history, linewidth=1, label=rf"$\kappa$ = {kappa}")
    left.axhline(0, color="black", linewidth=0.8)
    left.set(xlabel="trajectory", ylabel="magnetisation $M$", ylim=(-3.3, 3.3))
    left.legend(loc="upper left", ncols=2)

    steps = table.index.to_numpy()
    rms = table["rms of ΔH"].to_numpy(dtype=float)
    middle.loglog(steps, rms, "o", label=r"rms of $\Delta H$")
    # the line goes through the point with the smallest step
    smallest = steps.argmin()
    middle.loglog(
        steps, rms[smallest] * (steps / steps[smallest]) ** 2, color="C1", label=r"$\propto\varepsilon^2$"
    )
    middle.set(xlabel=r"step size $\varepsilon$", ylabel=r"rms of $\Delta H$")
    middle.set_xticks(steps, [f"{step:.2g}" for step in steps])
    middle.minorticks_off()
    middle.legend()

    values = [acceptance.value for acceptance in table["acceptance"]]
    errors = [acceptance.error for acceptance in table["acceptance"]]
    right.errorbar(steps, values, errors, fmt="o", label="measured")
    right.plot(steps, table["erfc"], color="C1", label=r"erfc$(\sqrt{\langle\Delta H\rangle}/2)$")
    right.set(xlabel=r"step size $\varepsilon$", ylabel="acceptance", ylim=(0, 1.05))
    right.legend()
    plt.show()


def draw_fields(fields: Mapping[float, np.ndarray]) -> None:
    """Fields as pictures in one row, with one colour scale for all.

    Parameters
    ----------
    fields : dict of float to array (n, L, L)
        κ → a few fields.
    """
    pictures = []
    for kappa, group in fields.items():
        for phi in group:
            pictures.append((kappa, phi))
    figure, axes = plt.subplots(1, len(pictures), figsize=(11, 2.0))
    top = max(np.abs(phi).max() for _, phi in pictures)
    for ax, (kappa, phi) in zip(axes, pictures, strict=True):
        image = ax.imshow(phi, cmap="RdBu", vmin=-top, vmax=top)
        ax.set(title=rf"$\kappa$ = {kappa}", xticks=[], yticks=[])
        ax.grid(visible=False)
    figure.colorbar(image, ax=axes, label=r"field $\varphi_x$", shrink=0.8)
    plt.show()


def draw_transition(
    kappas: Sequence[float],
    outputs: np.ndarray,
    spreads: np.ndarray,
    size: Measured,
    chi: Measured,
    star: Mapping[str, Measured],
) -> None:
    """Output of the networks, its standard deviation and the susceptibility against κ, in three panels.

    Parameters
    ----------
    kappas : sequence (m,)
    outputs, spreads : array (networks, m)
        Mean and standard deviation of the output over the fields.
    size, chi : Measured, arrays (m,)
        Mean of |M| and susceptibility.
    star : dict of str to Measured
        Values of κ*: the first one belongs to the output, the second one to χ.
    """
    _, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 2.8), sharex=True)
    for number, (output, spread) in enumerate(zip(outputs, spreads, strict=True)):
        label = "networks" if number == 0 else None
        left.plot(kappas, output, color="C0", alpha=0.6, linewidth=1.2, label=label)
        middle.plot(kappas, spread, "o-", color="C0", alpha=0.6, linewidth=1.2, markersize=3, label=label)
    scale = size.value[-1]
    left.errorbar(kappas, size.value / scale, size.error / scale, fmt="s", color="C6", markersize=3)
    left.plot([], [], "s", color="C6", markersize=3, label=rf"$\langle|M|\rangle$ / {scale:.2f}")
    left.set(ylabel="mean output")
    middle.set(ylabel="standard deviation of the output")
    right.errorbar(kappas, chi.value, chi.error, fmt="o-", color="C2", markersize=4, label=r"$\chi$")
    right.set(ylabel=r"susceptibility $\chi$")
    of_output, of_chi = star.values()
    for ax, place, color in ((left, of_output, "C0"), (middle, of_output, "C0"), (right, of_chi, "C2")):
        ax.axvspan(place.value - place.error, place.value + place.error, color=color, alpha=0.3, linewidth=0)
        ax.axvline(place.value, color=color, linestyle=":", label=r"$\kappa^*$")
        ax.set(xlabel=r"hopping parameter $\kappa$")
        ax.legend(fontsize=9)
    plt.show()


def draw_correlations(by_site: pd.DataFrame, by_field: pd.DataFrame) -> None:
    """Correlations as one dot for each network, in a panel for sites and one for whole fields.

    Parameters
    ----------
    by_site, by_field : pandas.DataFrame
        A row for each network, a column for each observable.
    """
    _, axes = plt.subplots(1, 2, figsize=(10, 2.4), sharey=True)
    titles = ("relevance of a site", "logit of a field")
    for ax, table, title in zip(axes, (by_site, by_field), titles, strict=True):
        for place, name in enumerate(table.columns):
            # side by side, so that equal numbers do not hide each other
            shifts = np.linspace(-0.15, 0.15, len(table))
            ax.plot(place + shifts, table[name], "o", color="C0", label="networks" if place == 0 else None)
            mean = table[name].mean()
            ax.hlines(mean, place - 0.25, place + 0.25, color="C1", label=None if place else "mean")
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set_xticks(range(len(table.columns)), table.columns)
        ax.set(title=f"{title}, correlation with", ylim=(-0.6, 1.05), xlim=(-0.5, len(table.columns) - 0.5))
    axes[0].set(ylabel="correlation")
    axes[0].legend(loc="upper right")
    plt.show()


def draw_order(
    latent: Mapping[str, np.ndarray],
    magnetisation: np.ndarray,
    temperatures: np.ndarray,
    size: np.ndarray,
    grid: Sequence[float],
) -> None:
    """Latent numbers against the magnetisation (upper row), order parameters against T (lower row).

    Parameters
    ----------
    latent : dict of str to array (n,)
        Name of a method → latent number of each configuration; three methods.
    magnetisation, temperatures : array (n,)
        Of the same configurations.
    size : array (m, chains)
        |M| at each temperature of grid.
    grid : sequence (m,)
    """
    figure = plt.figure(figsize=(11, 5.0))
    rows = figure.add_gridspec(2, 1)
    upper = rows[0].subgridspec(1, 3).subplots()
    left, right = rows[1].subgridspec(1, 2).subplots()
    for ax, (name, z) in zip(upper, latent.items(), strict=True):
        dots = ax.scatter(magnetisation, z, c=temperatures, s=4, cmap="coolwarm")
        ax.set(xlabel="magnetisation $M$", ylabel="latent number $z$", title=name)
    figure.colorbar(dots, ax=upper, label="temperature $T$")

    line = np.linspace(min(grid), max(grid), 400)
    for ax in (left, right):
        ax.plot(line, ising.onsager_magnetisation(line), color="black", label=r"Onsager, $L\to\infty$")
    error = size.std(1, ddof=1) / np.sqrt(size.shape[1])
    left.errorbar(grid, size.mean(1), error, fmt="o", markersize=4, label=r"measured $\langle|M|\rangle$")
    left.set(ylabel=r"$\langle|M|\rangle$")
    for marker, (name, z) in zip("os^", latent.items(), strict=True):
        distance = np.abs(z - np.median(z))
        groups = [distance[temperatures == temperature] for temperature in grid]
        means = np.array([group.mean() for group in groups])
        errors = np.array([group.std(ddof=1) / np.sqrt(len(group)) for group in groups])
        scale = size[0].mean() / means[0]
        right.errorbar(grid, scale * means, scale * errors, fmt=marker, markersize=4, label=name)
    right.set(ylabel=r"mean of $|z|$, scaled")
    for ax in (left, right):
        ax.set(xlabel="temperature $T$", ylim=(0, 1.1))
        ax.legend()
    plt.show()
