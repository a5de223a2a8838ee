"""What surrounds a flow: a test of its inverse and Jacobian, a fixed rotation, figures of what it learned."""

import inspect
import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import LogNorm
from torch import nn

from helpers.plotting import plot_histogram

__all__ = [
    "Rotation",
    "Watch",
    "draw_likely",
    "draw_planes",
    "draw_ring_errors",
    "draw_weights",
    "errors_of",
]


class Rotation(nn.Module):
    """The map x → (x₁ + shift, (x₂ − x₃)/√2, (x₂ + x₃)/√2): orthogonal matrix and shift, log|det| = 0.

    Parameters
    ----------
    shift : float
    """

    def __init__(self, shift=6.0):
        super().__init__()
        half = math.sqrt(0.5)
        matrix = [[1.0, 0.0, 0.0], [0.0, half, -half], [0.0, half, half]]
        self.register_buffer("matrix", torch.tensor(matrix))
        self.register_buffer("shift", torch.tensor([shift, 0.0, 0.0]))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Data side (n, 3) → (n, 3), log|det| = 0 (n,)."""
        return x @ self.matrix.T + self.shift, x.new_zeros(len(x))

    def inverse(self, z: torch.Tensor) -> torch.Tensor:
        """The way back, (n, 3) → (n, 3)."""
        return (z - self.shift) @ self.matrix


class Watch:
    """A function that remembers how it was called last.

    Parameters
    ----------
    function : callable

    Attributes
    ----------
    last : dict or None
        The arguments of the last call by name, defaults included (None before it).
    """

    def __init__(self, function):
        self.function, self.last = function, None

    def __call__(self, *arguments, **options):
        call = inspect.signature(self.function).bind(*arguments, **options)
        call.apply_defaults()
        self.last = dict(call.arguments)
        return self.function(*arguments, **options)

    def expect(
        self, train: torch.Tensor | None = None, val: torch.Tensor | None = None, **options: Any
    ) -> None:
        """Assert how the last call was made.

        Parameters
        ----------
        train, val : Tensor (n, D), optional
            What the first tensors of its arguments train and val must be.
        **options
            Name → value of other arguments.

        Raises
        ------
        AssertionError
            It says which argument is another one.
        """
        for name, inputs in (("train", train), ("val", val)):
            found = self.last[name][0] if inputs is not None else None
            assert inputs is None or torch.equal(found, inputs), (
                f"{name} should be the {len(inputs)} events asked for, not {len(found)} or other ones"
            )
        for name, value in options.items():
            found = self.last[name]
            assert found == value, f"{self.function.__name__} needs {name} = {value}, not {found}"

    def expect_split(self, share: float) -> None:
        """Assert how the last call divided its inputs.

        Parameters
        ----------
        share : float
            Of the inputs, for training; the rest is for validation.

        Raises
        ------
        AssertionError
            For another share, or when events for validation are also used for training.
        """
        train, val = self.last["train"][0], self.last["val"][0]
        assert np.isin(val, train).mean() < 0.1, "validate with events that are not used for training"
        found = len(train) / (len(train) + len(val))
        assert abs(found - share) < 1e-3, (
            f"{share:.0%} for training, the rest for validation; not {found:.0%}"
        )


def errors_of(layer: nn.Module, x: torch.Tensor) -> tuple[float, float]:
    """Largest errors of the inverse and of log|det| of an invertible layer with random weights.

    The layer is made double precision and its weights are changed at random, so that it is far from the
    identity. Its log|det| is compared with that of the Jacobian from automatic differentiation; differences
    would fail where random weights make the map steep.

    Parameters
    ----------
    layer : torch.nn.Module
        layer(x) → z (n, D), log|det ∂z/∂x| (n,); layer.inverse(z) → x. Each event is mapped by itself.
    x : torch.Tensor (n, D)
        Points in double precision.

    Returns
    -------
    float
        Largest difference of inverse(forward(x)) and x.
    float
        Largest difference of log|det| and its value from automatic differentiation.

    Raises
    ------
    AssertionError
        If shapes are wrong, the layer changes nothing, or z or log|det| carry no gradient.
    """
    layer = layer.double()
    with torch.no_grad():
        for p in layer.parameters():
            p += 0.3 * torch.randn_like(p)
    z, log_det = layer(x)
    assert z.shape == x.shape, f"z should have shape {tuple(x.shape)}, not {tuple(z.shape)}"
    assert log_det.shape == (len(x),), f"one log-determinant per event, {(len(x),)}, not {log_det.shape}"
    assert (z - x).abs().max() > 0.1, "the layer changes nothing"
    assert z.requires_grad and log_det.requires_grad, "z and log|det| need gradients: detached?"
    jacobian = torch.autograd.functional.jacobian(lambda x: layer(x)[0].sum(0), x).permute(1, 0, 2)
    expected = torch.linalg.slogdet(jacobian).logabsdet
    with torch.no_grad():
        back = layer.inverse(z.detach())
    return (back - x).abs().max().item(), (log_det - expected).abs().max().item()


def draw_planes(panels: dict, largest: float = 300) -> None:
    """Two-dimensional histograms side by side, with one logarithmic colour scale and equal axes.

    Parameters
    ----------
    panels : dict
        Title → (points (n, 2), half width of the square, letter of the axes).
    largest : float
        Upper end of the colour scale, in events per bin.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(4 * len(panels), 2.3))
    for ax, (title, (points, limit, letter)) in zip(axes, panels.items(), strict=True):
        image = ax.hist2d(*points.T, bins=60, range=[[-limit, limit]] * 2, norm=LogNorm(1, largest))[3]
        ax.set(title=title, xlabel=f"${letter}_1$", ylabel=f"${letter}_2$", aspect="equal")
    figure.colorbar(image, ax=axes, label="events per bin")
    plt.show()


def draw_likely(log_densities: dict, spectra: dict, chosen: dict) -> None:
    """Distribution of log p, and spectra of the most likely events among all.

    Parameters
    ----------
    log_densities : dict
        Label → log p (n,), at most two.
    spectra : dict
        Label of the axis → (values (m,), edges of the bins).
    chosen : dict
        Label → which of the m events to draw, bool (m,).
    """
    _, axes = plt.subplots(1, 1 + len(spectra), figsize=(13, 2.7))
    bins = np.linspace(*np.quantile(next(iter(log_densities.values())), [0.001, 1]), 61)
    for (label, values), color in zip(log_densities.items(), ("black", "C0"), strict=True):
        plot_histogram(axes[0], values, bins, density=True, color=color, label=label)
    axes[0].set(xlabel=r"$\log p(x)$ [nat]", ylabel="density [1/nat]")
    for ax, (name, (values, edges)) in zip(axes[1:], spectra.items(), strict=True):
        content, _ = plot_histogram(ax, values, edges, color="black", label="all")
        for k, (label, marked) in enumerate(chosen.items()):
            plot_histogram(ax, values[marked], edges, color=f"C{k + 1}", label=label)
        ax.set(xlabel=name, ylabel="events per bin", yscale="log", ylim=(1, 200 * content.max()))
    for ax in axes:
        ax.legend(loc="upper left")
    plt.show()


def draw_weights(weights: dict, spectra: dict) -> None:
    """Distributions of log w, and spectra before and after reweighting beside the truth.

    Parameters
    ----------
    weights : dict
        Label → weights (n,).
    spectra : dict
        Label of the axis → (true values, generated values, weights of the latter, edges of the bins).
    """
    _, axes = plt.subplots(1, 1 + len(spectra), figsize=(13, 2.7))
    logs = {label: np.log(w) for label, w in weights.items()}
    low, high = (f([f(v) for v in logs.values()]) for f in (min, max))
    for k, (label, values) in enumerate(logs.items()):
        plot_histogram(axes[0], values, np.linspace(low, high + 1e-6, 121), color=f"C{k}", label=label)
    axes[0].set(xlabel=r"$\log w$", ylabel="events per bin", yscale="log")
    for ax, (name, (true, values, w, edges)) in zip(axes[1:], spectra.items(), strict=True):
        plot_histogram(ax, true, edges, density=True, color="black", label="truth")
        plot_histogram(ax, values, edges, density=True, color="C0", label="generated")
        plot_histogram(ax, values, edges, w, density=True, color="C1", label="reweighted")
        ax.set(xlabel=name, ylabel=f"density [1/{name.partition('[')[2]}" if "[" in name else "density")
    for ax in axes:
        ax.legend()
    plt.show()


def draw_ring_errors(errors: dict[str, tuple[float, float]], mu: float = 4.0, sigma: float = 1.0) -> None:
    """Error Δp(r) of a Gaussian density with independent errors of its mean and its width.

    Parameters
    ----------
    errors : dict
        Label → (Δμ, Δσ).
    mu, sigma : float
        Mean and width.
    """
    u = np.linspace(-3.5, 3.5, 141)
    density = np.exp(-(u**2) / 2) / (sigma * math.sqrt(2 * math.pi))
    _, ax = plt.subplots(figsize=(10, 2.1))
    for (label, (d_mu, d_sigma)), style in zip(errors.items(), ("k-", "C0--", "C1-", "C2-."), strict=False):
        ax.plot(
            mu + sigma * u, density * np.hypot(u * d_mu, (u**2 - 1) * d_sigma) / sigma, style, label=label
        )
    ax.set(xlabel="$r$", ylabel=r"$\Delta p(r)$", ylim=(0, None))
    ax.legend()
    plt.show()
