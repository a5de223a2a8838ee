"""Classifier two-sample test: can a network tell two samples apart?"""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from helpers.classifiers import auc
from helpers.models import MLP
from helpers.preprocessing import Standardizer
from helpers.statistics import Measured
from helpers.training import fit

__all__ = ["classifier_auc"]


def classifier_auc(
    x: np.ndarray,
    y: np.ndarray,
    weights_x: np.ndarray | None = None,
    *,
    seed: int,
    split: tuple[float, float] = (0.5, 0.2),
    hidden: Sequence[int] = (64, 64),
    epochs: int = 15,
    batch_size: int = 1024,
    lr: float = 3e-3,
) -> Measured:
    """Train a network to tell y from x and return its AUC on events that it has not seen.

    0.5 within the error means that this network finds no difference (arXiv:1610.06545); a larger network or
    better inputs may still find one. The events are split at random into training, validation (best
    epoch) and test events. Both samples have the same total weight in the loss, whatever their sizes.

    Parameters
    ----------
    x, y : array (n, ...), (m, ...)
        Of the same row shape.
    weights_x : array (n,), optional
        Of the events in x.
    seed : int
        Of split, network and batches.
    split : (float, float)
        Shares of training and validation events.
    hidden : sequence of int
        Widths of the hidden layers.
    epochs, batch_size, lr
        As for training.fit.

    Returns
    -------
    Measured

    Raises
    ------
    ValueError
        For shapes that differ, or NaN.
    """
    x, y = np.asarray(x), np.asarray(y)
    if x.shape[1:] != y.shape[1:]:
        raise ValueError(f"rows of shape {x.shape[1:]} cannot be compared with rows of {y.shape[1:]}")
    weights_x = np.ones(len(x)) if weights_x is None else np.asarray(weights_x, dtype=float)
    if weights_x.shape != (len(x),):
        raise ValueError(f"{weights_x.shape} weights for {len(x)} events")
    features = np.concatenate([x, y]).reshape(len(x) + len(y), -1)
    labels = np.repeat([0.0, 1.0], [len(x), len(y)])
    weights = np.concatenate([weights_x / weights_x.sum(), np.full(len(y), 1 / len(y))]) * len(labels) / 2

    order = np.random.default_rng(seed).permutation(len(labels))
    train, val, test = np.split(order, [round(share * len(labels)) for share in np.cumsum(split)])
    standardizer = Standardizer().fit(features[train])
    columns = (standardizer.transform(features), labels[:, None], weights[:, None])
    tensors = [torch.as_tensor(c, dtype=torch.float32) for c in columns]

    def loss(model, x, labels, weights):
        return binary_cross_entropy_with_logits(model(x), labels, weights)

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = MLP(tensors[0].shape[1], 1, hidden=hidden)
    fit(
        model,
        loss,
        [t[train] for t in tensors],
        [t[val] for t in tensors],
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        generator=torch.Generator().manual_seed(seed),
        one_cycle=True,
    )
    with torch.no_grad():
        scores = model(tensors[0][test])[:, 0].numpy()
    return auc(labels[test], scores, weights[test])
