"""The training loop of the notebooks, once it has been written out there: batches, fit, early stopping."""

import copy
import math

import pandas as pd
import torch

from helpers.optimizer import Adam, OneCycle

__all__ = ["batches", "device", "evaluate", "fit"]


def batches(*tensors, batch_size, generator=None):
    """Yield tuples of batches, reshuffled at each call when a generator is given.

    The tensors are permuted once per epoch and then sliced: a slice is a view and costs a
    microsecond, where collecting a batch item by item costs a millisecond.

    Arguments: tensors of equal length n; batch_size; generator a torch.Generator (None: no shuffling).
    Yields: tuples of tensors with batch_size rows, the last one with what is left.
    Raises: ValueError if the lengths differ.
    """
    lengths = {len(t) for t in tensors}
    if len(lengths) != 1:
        raise ValueError(f"tensors of different lengths {sorted(lengths)} cannot be batched together")
    if generator is not None:
        order = torch.randperm(len(tensors[0]), generator=generator).to(tensors[0].device)
        tensors = [t.index_select(0, order) for t in tensors]  # three times faster than t[order]
    yield from zip(*(t.split(batch_size) for t in tensors), strict=True)


@torch.no_grad()
def evaluate(model, loss, tensors, batch_size=10_000):
    """Mean loss over a dataset with dropout switched off.

    Arguments: loss(model, *batch) → mean over the batch; tensors of equal length. Returns: float.
    """
    was_training = model.training
    model.eval()
    total = sum(loss(model, *b).item() * len(b[0]) for b in batches(*tensors, batch_size=batch_size))
    model.train(was_training)
    return total / len(tensors[0])


def device():
    """Where networks are trained: the GPU if there is one (an NVIDIA or AMD one), else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit(model, loss, train, val, *, epochs, batch_size, lr, generator, weight_decay=0.0, one_cycle=False):
    """Train with AdamW and leave the model with the weights of its best validation loss.

    Trains on device() and brings the model back to where it was, so that nothing else need care.

    Arguments: loss(model, *batch) → scalar mean over the batch; train, val tuples of tensors;
    lr the learning rate (the peak of it with one_cycle, arXiv:1708.07120); generator shuffles the
    batches; weight_decay decoupled from the gradient (arXiv:1711.05101).
    Returns: pandas.DataFrame with one row per epoch and the columns train, val. The train column is the
    mean over the epoch, dropout included, while the weights still move.
    Raises: FloatingPointError when a loss is no longer finite.
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
