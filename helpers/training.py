"""The training loop of the notebooks, once it has been written out there: batches, fit, early stopping."""

import copy
import math
from collections.abc import Callable, Iterator, Sequence

import pandas as pd
import torch
from torch import nn

from helpers.optimizer import Adam, OneCycle

__all__ = ["batches", "device", "evaluate", "fit"]


def batches(
    *tensors: torch.Tensor, batch_size: int, generator: torch.Generator | None = None
) -> Iterator[tuple]:
    """Yield tuples of batches, reshuffled at each call when a generator is given.

    The tensors are permuted once per epoch and then sliced: a slice is a view and costs a
    microsecond, where collecting a batch item by item costs a millisecond.

    Parameters
    ----------
    *tensors : Tensor (n, ...)
        Of equal length.
    batch_size : int
    generator : torch.Generator, optional
        Without it, nothing is shuffled.

    Yields
    ------
    tuple of Tensor (batch_size, ...)
        The last one with what is left.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    lengths = {len(t) for t in tensors}
    if len(lengths) != 1:
        raise ValueError(f"tensors of different lengths {sorted(lengths)} cannot be batched together")
    if generator is not None:
        order = torch.randperm(len(tensors[0]), generator=generator).to(tensors[0].device)
        tensors = [t.index_select(0, order) for t in tensors]  # three times faster than t[order]
    yield from zip(*(t.split(batch_size) for t in tensors), strict=True)


@torch.no_grad()
def evaluate(
    model: nn.Module, loss: Callable, tensors: Sequence[torch.Tensor], batch_size: int = 10_000
) -> float:
    """Mean loss over a dataset with dropout switched off.

    Parameters
    ----------
    model : Module
    loss : callable
        loss(model, *batch) → scalar mean over the batch.
    tensors : sequence of Tensor (n, ...)
        Of equal length.
    batch_size : int

    Returns
    -------
    float
    """
    was_training = model.training
    model.eval()
    total = sum(loss(model, *b).item() * len(b[0]) for b in batches(*tensors, batch_size=batch_size))
    model.train(was_training)
    return total / len(tensors[0])


def device() -> torch.device:
    """Where networks are trained: the GPU if there is one (an NVIDIA or AMD one), else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit(
    model: nn.Module,
    loss: Callable,
    train: Sequence[torch.Tensor],
    val: Sequence[torch.Tensor],
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    generator: torch.Generator,
    weight_decay: float = 0.0,
    one_cycle: bool = False,
) -> pd.DataFrame:
    """Train with AdamW and leave the model with the weights of its best validation loss.

    Trains on device() and brings the model back to where it was, so that nothing else need care.

    Parameters
    ----------
    model : Module
    loss : callable
        loss(model, *batch) → scalar mean over the batch.
    train, val : sequence of Tensor (n, ...), (m, ...)
    epochs, batch_size : int
    lr : float
        Learning rate; with one_cycle its peak.
    generator : torch.Generator
        Shuffles the batches.
    weight_decay : float
        Decoupled from the gradient (arXiv:1711.05101).
    one_cycle : bool
        Whether the learning rate rises and falls once (arXiv:1708.07120) instead of staying.

    Returns
    -------
    pandas.DataFrame
        One row per epoch, columns train and val. The train column is the mean over the epoch, dropout
        included, while the weights still move.

    Raises
    ------
    FloatingPointError
        When a loss is no longer finite.
    """
    home = next(model.parameters()).device
    model.to(device())
    train, val = ([t.to(device()) for t in part] for part in (train, val))
    optimizer = Adam(model.parameters(), lr, weight_decay=weight_decay)
    schedule = OneCycle(optimizer, lr, epochs * math.ceil(len(train[0]) / batch_size)) if one_cycle else None
    history, best, best_weights = [], float("inf"), None
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for batch in batches(*train, batch_size=batch_size, generator=generator):
            optimizer.zero_grad()
            batch_loss = loss(model, *batch)
            batch_loss.backward()
            optimizer.step()
            if schedule is not None:
                schedule.step()
            total += batch_loss.detach() * len(batch[0])
        history.append((float(total) / len(train[0]), evaluate(model, loss, val)))
        if not all(map(math.isfinite, history[-1])):
            raise FloatingPointError(f"loss is {history[-1]} in epoch {epoch}: lower lr or check the inputs")
        if history[-1][1] < best:
            best, best_weights = history[-1][1], copy.deepcopy(model.state_dict())
    model.load_state_dict(best_weights)
    model.to(home).eval()
    return pd.DataFrame(history, columns=["train", "val"])
