"""How well two samples agree: numbers, each with its statistical error."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = [
    "Chi2",
    "Measured",
    "bootstrap_error",
    "chi2",
    "effective_size",
    "histogram",
    "p_value",
    "quantile_width",
    "wasserstein",
]


class Measured(NamedTuple):
    """A value with its statistical error (one standard deviation); prints as 0.512 ± 0.004."""

    value: float
    error: float

    def __format__(self, spec):
        return f"{self.value:{spec or '.3f'}} ± {self.error:{spec or '.3f'}}"


class Chi2(NamedTuple):
    """Outcome of a χ² test; the p-value is the chance of a larger χ² if both samples have one density."""

    chi2: float
    ndf: int
    p_value: float

    @property
    def per_ndf(self) -> float:
        """χ²/ndf, near 1 with a spread of √(2/ndf) if both samples have one density."""
        return self.chi2 / self.ndf


def histogram(
    x: np.ndarray, bins: np.ndarray, weights: np.ndarray | None = None, density: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Histogram with statistical errors: bin content Σw, error √Σw² (Poisson √n for unit weights).

    Parameters
    ----------
    x : array (n,)
    bins : array (m + 1,)
        Edges.
    weights : array (n,), optional
    density : bool
        Divide by the total weight and the bin width. The total counts events outside the bins, so that
        cutting an axis does not raise the rest.

    Returns
    -------
    content, error : array (m,)

    Raises
    ------
    ValueError
        For NaN in x or weights, or lengths that differ.
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


def p_value(chi2: float, ndf: int) -> float:
    """Probability of a χ² at least as large.

    Parameters
    ----------
    chi2 : float
    ndf : int
        Degrees of freedom.

    Returns
    -------
    float
    """
    from scipy.special import chdtrc  # half a second to import: only where it is needed

    return float(chdtrc(ndf, chi2))


def chi2(
    x: np.ndarray,
    y: np.ndarray,
    bins: np.ndarray,
    weights_x: np.ndarray | None = None,
    weights_y: np.ndarray | None = None,
) -> Chi2:
    """χ² test of two samples for one shape, from histograms normalised to their total weight.

    χ² is the sum of squared pulls, the difference of the contents over the combined error √Σw². What lies
    below or above the axis counts as one more bin each; bins empty in both samples are dropped; the common
    normalisation takes one degree of freedom. Bins should hold ten events or more: errors of fewer are
    not Gaussian.

    Parameters
    ----------
    x, y : array (n,), (m,)
    bins : array (k + 1,)
        Edges.
    weights_x, weights_y : array (n,), (m,), optional

    Returns
    -------
    Chi2

    Raises
    ------
    ValueError
        If fewer than two bins are filled; for NaN.
    """
    edges = np.concatenate([[-np.inf], bins, [np.inf]])
    (a, error_a), (b, error_b) = (
        [h / h_total for h in (content, error)]
        for content, error in (histogram(x, edges, weights_x), histogram(y, edges, weights_y))
        for h_total in [content.sum()]
    )
    variance = error_a**2 + error_b**2
    filled = variance > 0
    ndf = int(filled.sum()) - 1
    if ndf < 1:
        raise ValueError(f"{filled.sum()} filled bins; a comparison of shapes needs at least 2")
    value = float(((a - b)[filled] ** 2 / variance[filled]).sum())
    return Chi2(value, ndf, p_value(value, ndf))


def effective_size(weights: np.ndarray) -> float:
    """Number of unit-weight events with the same relative error of the sum, (Σw)²/Σw².

    Parameters
    ----------
    weights : array (n,)

    Returns
    -------
    float
        In [1, n] for positive weights.
    """
    weights = np.asarray(weights, dtype=float)
    return float(weights.sum() ** 2 / (weights**2).sum())


def wasserstein(
    x: np.ndarray, y: np.ndarray, weights_x: np.ndarray | None = None, *, replicas: int = 20, seed: int = 0
) -> Measured:
    """Wasserstein distance ∫|F(t) − G(t)| dt of two samples, with a bootstrap error.

    Each replica weights the events by Poisson numbers, which needs no second sorting. Two samples of one
    density do not give 0 but a distance comparable to the error.

    Parameters
    ----------
    x, y : array (n,), (m,)
    weights_x : array (n,), optional
    replicas : int
        Of the bootstrap.
    seed : int
        Of the Poisson numbers.

    Returns
    -------
    Measured
        In the unit of x.

    Raises
    ------
    ValueError
        For NaN or infinity.
    """
    rng = np.random.default_rng(seed)
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("cannot compare samples with NaN or infinity")
    weights = np.concatenate([np.ones(len(x)) if weights_x is None else weights_x, np.ones(len(y))])
    both = np.concatenate([x, y])
    order = np.argsort(both)
    gaps, weights, from_x = np.diff(both[order]), weights[order], order < len(x)

    def distance(w):
        f, g = np.cumsum(w * from_x), np.cumsum(w * ~from_x)
        return (np.abs(f / f[-1] - g / g[-1])[:-1] * gaps).sum()

    bootstrap = [distance(weights * rng.poisson(1, len(both))) for _ in range(replicas)]
    return Measured(float(distance(weights)), float(np.std(bootstrap, ddof=1)))


def quantile_width(x: np.ndarray) -> float:
    """Half the distance of the 16 % and 84 % quantiles: the width of a Gaussian, whatever the tails do.

    Parameters
    ----------
    x : array (n,)

    Returns
    -------
    float
    """
    low, high = np.quantile(x, [0.16, 0.84])
    return (high - low) / (2 * 0.994458)  # of a unit Gaussian


def bootstrap_error(
    statistic: Callable[[np.ndarray], float], x: np.ndarray, rng: np.random.Generator, replicas: int = 50
) -> float:
    """Standard deviation of a statistic over samples drawn from the sample, with replacement.

    Parameters
    ----------
    statistic : callable
        (n,) → float.
    x : array (n,)
    rng : numpy.random.Generator
    replicas : int
        How many samples are drawn.

    Returns
    -------
    float
    """
    values = [statistic(rng.choice(x, len(x))) for _ in range(replicas)]
    return float(np.std(values, ddof=1))
