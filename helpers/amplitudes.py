"""gg → γγg for a regression: inputs that know dimension and symmetry, and the log of a number as target."""

from typing import NamedTuple

import numpy as np
import torch

from helpers.datasets import Diphoton, Events
from helpers.kinematics import invariants
from helpers.preprocessing import Standardizer

__all__ = ["Points", "RatioPoints", "log_ratios", "ratio_points"]


class Points(NamedTuple):
    """Phase-space points: x (n, 9) standardised inputs, y (n, 1) targets, both float32 tensors."""

    x: torch.Tensor
    y: torch.Tensor


class RatioPoints(NamedTuple):
    """The three splits of a dataset as Points."""

    train: Points
    val: Points
    test: Points


def log_ratios(momenta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logs of the ratios of Lorentz invariants, and the log of the one that they are divided by.

    A has the dimension GeV⁻² and depends on no scale but the s_ij, so that A·s_12 is a function of the
    ratios s_ij/s_12 alone.

    Parameters
    ----------
    momenta : array (n, 5, 4)
        Four-vectors of g, g → γ, γ, g in GeV.

    Returns
    -------
    array (n, 9)
        log|s_ij/s_12| for the nine other pairs.
    array (n,)
        log(s_12/GeV²).

    Source: notebook 04_2, Beyond.
    """
    log_s = np.log(np.abs(invariants(momenta)))  # (n, 10), s_12 first
    return log_s[:, 1:] - log_s[:, :1], log_s[:, 0]


def ratio_points(data: Diphoton) -> RatioPoints:
    """Inputs and targets of the three splits, with constants from the training events.

    The target is y = log(A s_12) minus its mean: its spread is near one, and an error of y is a relative
    error of A, as long as it is small.

    Parameters
    ----------
    data : Diphoton
        Momenta in GeV, amplitudes in GeV⁻².

    Returns
    -------
    RatioPoints
    """
    ratios, log_s = log_ratios(data.train.momenta)
    scale = Standardizer().fit(ratios)
    mean = (np.log(data.train.amplitudes) + log_s).mean()

    def prepare(events: Events) -> Points:
        ratios, log_s = log_ratios(events.momenta)
        x = torch.tensor(scale.transform(ratios), dtype=torch.float32)
        y = torch.tensor(np.log(events.amplitudes) + log_s - mean, dtype=torch.float32)
        return Points(x, y[:, None])

    return RatioPoints(prepare(data.train), prepare(data.val), prepare(data.test))
