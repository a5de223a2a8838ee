"""How good a classifier is: ROC curve and the area under it, and whether its probabilities are right."""

import numpy as np

from helpers.statistics import Measured

__all__ = ["auc", "calibration_error", "reliability", "roc_curve"]


def roc_curve(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Fractions of both classes above every threshold, from none to all.

    Parameters
    ----------
    labels : array (n,)
        0 or 1.
    scores : array (n,)
        Larger for class 1.
    weights : array (n,), optional

    Returns
    -------
    false_positives, true_positives : array (t,)
        Fraction of class 0, of class 1.

    Raises
    ------
    ValueError
        As for `auc`.
    """
    labels, scores, weights = _classified(labels, scores, weights)
    order = np.argsort(-scores, kind="stable")
    # a threshold cannot pass between equal scores
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    fractions = []
    for k in (0, 1):
        passed = np.cumsum((weights * (labels == k))[order])[last]
        fractions.append(np.append(0.0, passed / passed[-1]))
    return tuple(fractions)


def auc(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> Measured:
    """Area under the ROC curve: the chance that an event of class 1 scores higher than one of class 0.

    The error is that of a difference of means: an event of class 1 contributes the fraction of class 0
    below it and the reverse. For unit weights this is DeLong's method (Biometrics 44 (1988) 837).

    Parameters
    ----------
    labels, scores, weights
        As for `roc_curve`.

    Returns
    -------
    Measured

    Raises
    ------
    ValueError
        If a class is missing, a label is neither 0 nor 1, for lengths that differ, or NaN.
    """
    labels, scores, weights = _classified(labels, scores, weights)
    variance, parts = 0.0, {}
    for k in (0, 1):
        own, other = labels == k, labels != k
        below = _fraction_below(scores[own], scores[other], weights[other])
        parts[k] = below if k == 1 else 1 - below  # (n_k,), with mean AUC
        w = weights[own] / weights[own].sum()
        value = (w * parts[k]).sum()
        variance += (w**2 * (parts[k] - value) ** 2).sum()
    return Measured(float(value), float(np.sqrt(variance)))


def _fraction_below(points, scores, weights):
    """Weight fraction of the scores below each point, equal ones counting half."""
    order = np.argsort(scores)
    scores, cumulative = scores[order], np.append(0.0, np.cumsum(weights[order]))
    low, high = (cumulative[np.searchsorted(scores, points, side=s)] for s in ("left", "right"))
    return (low + high) / (2 * cumulative[-1])


def _classified(labels, scores, weights):
    labels, scores = np.asarray(labels), np.asarray(scores, dtype=float)
    weights = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=float)
    if not labels.shape == scores.shape == weights.shape:
        raise ValueError(f"{labels.shape} labels, {scores.shape} scores, {weights.shape} weights")
    if set(np.unique(labels)) != {0, 1}:
        raise ValueError(f"labels {np.unique(labels)[:5]}; expected 0 and 1, both present")
    if not (np.isfinite(scores).all() and np.isfinite(weights).all()):
        raise ValueError("scores or weights are not finite")
    return labels, scores, weights


def reliability(labels: np.ndarray, probabilities: np.ndarray, bins: int = 10):
    """Predicted probability against the observed fraction of class 1, in bins of equal numbers of events.

    Parameters
    ----------
    labels : array (n,)
        0 or 1.
    probabilities : array (n,)
        Of class 1.
    bins : int
        Their number.

    Returns
    -------
    pandas.DataFrame
        One row per bin: predicted (mean probability), observed (fraction of class 1), error (binomial, of the
        observed fraction if the prediction is right), events.

    Raises
    ------
    ValueError
        For probabilities outside [0, 1], and as for `auc`.
    """
    labels, probabilities, _ = _classified(labels, probabilities, None)
    if probabilities.min() < 0 or probabilities.max() > 1:
        raise ValueError(f"probabilities from {probabilities.min():.3g} to {probabilities.max():.3g}")
    rows = []
    for chosen in np.array_split(np.argsort(probabilities, kind="stable"), bins):
        p, n = probabilities[chosen], len(chosen)
        rows.append((p.mean(), labels[chosen].mean(), np.sqrt((p * (1 - p)).sum()) / n, n))
    import pandas as pd  # slow to import, and nothing else here needs it

    return pd.DataFrame(rows, columns=["predicted", "observed", "error", "events"])


def calibration_error(table) -> tuple[float, float]:
    """Expected calibration error, the mean |observed − predicted|, and what statistics alone would give.

    Parameters
    ----------
    table : pandas.DataFrame
        From `reliability`.

    Returns
    -------
    float
        The calibration error.
    float
        Its mean for perfect calibration.
    """
    share = table["events"] / table["events"].sum()
    distance = (table["observed"] - table["predicted"]).abs()
    return float((share * distance).sum()), float((share * table["error"]).sum() * np.sqrt(2 / np.pi))
