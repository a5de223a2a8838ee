"""Networks of one shape trained side by side: a step of all costs little more than a step of one."""

import copy
import math
from collections.abc import Callable, Sequence

import pandas as pd
import torch
from torch import nn

from helpers.optimizer import Adam, OneCycle
from helpers.training import device

__all__ = ["fit_ensemble"]


class StackedLinear(nn.Module):
    """The linear layers of several networks as one batched product.

    Parameters
    ----------
    layers : sequence of k torch.nn.Linear
        Of one shape; their weights are copied.
    """

    def __init__(self, layers):
        super().__init__()
        self.weight = nn.Parameter(torch.stack([layer.weight.detach().T for layer in layers]))
        self.bias = nn.Parameter(torch.stack([layer.bias.detach()[None] for layer in layers]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Inputs (k, n, n_in) → outputs (k, n, n_out), each network on its own row."""
        return torch.baddbmm(self.bias, x, self.weight)

    def unstack(self, layers: Sequence[nn.Linear]) -> None:
        """Copy the weights back into the layers of the k networks."""
        for layer, weight, bias in zip(layers, self.weight.detach(), self.bias.detach(), strict=True):
            layer.load_state_dict({"weight": weight.T, "bias": bias[0]})


def fit_ensemble(
    models: Sequence[nn.Sequential],
    loss: Callable,
    train: Sequence[torch.Tensor],
    val: Sequence[torch.Tensor],
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    generators: Sequence[torch.Generator],
    weight_decay: float = 0.0,
    one_cycle: bool = False,
) -> list[pd.DataFrame]:
    """Do for each network what training.fit does, up to rounding, with all of them in one loop.

    Small networks are limited by the overhead of Python and PyTorch, which is paid once here. The members
    share nothing: the gradient of the summed loss with respect to one of them is that of its own loss. Each
    sees batches of its own, so the training data is held once per member.

    Parameters
    ----------
    models : sequence of MLP
        Of the same architecture.
    loss : callable
        loss(model, *batch) → scalar mean over the batch. It calls the model once, with the first tensor of
        the batch, and has no `if` that asks for numbers (torch.func.vmap).
    train, val, epochs, batch_size, lr
        As for `fit`.
    generators : sequence of torch.Generator
        One for each model.
    weight_decay, one_cycle
        As for `fit`.

    Returns
    -------
    list of pandas.DataFrame
        The history of each model, as from `fit`.

    Raises
    ------
    ValueError
        For another number of generators.
    FloatingPointError
        When a loss is no longer finite.
    """
    if len(models) != len(generators):
        raise ValueError(f"{len(models)} models need as many generators, got {len(generators)}")
    layers = list(zip(*models, strict=True))
    # what has no weights, activations and dropout, acts number by number and serves all members
    stack = nn.Sequential(
        *(StackedLinear(same) if isinstance(same[0], nn.Linear) else same[0] for same in layers)
    )
    stack.to(device())
    train, val = ([t.to(device()) for t in part] for part in (train, val))
    n_events = len(train[0])
    optimizer = Adam(stack.parameters(), lr, weight_decay=weight_decay)
    schedule = OneCycle(optimizer, lr, epochs * math.ceil(n_events / batch_size)) if one_cycle else None

    # of outputs (k, n, n_out) and batch, tensors (k, n, ...), the loss of each member
    losses = torch.func.vmap(lambda output, *batch: loss(lambda _: output, *batch), randomness="different")

    histories, best_weights = [], copy.deepcopy(stack.state_dict())
    best = torch.full((len(models),), math.inf, device=device())
    for epoch in range(epochs):
        stack.train()
        order = torch.stack([torch.randperm(n_events, generator=g) for g in generators])  # (k, n)
        total = torch.zeros(len(models), device=device())
        for batch in zip(*(t[order].split(batch_size, dim=1) for t in train), strict=True):
            optimizer.zero_grad()
            batch_losses = losses(stack(batch[0]), *batch)  # (k,)
            batch_losses.sum().backward()
            optimizer.step()
            if schedule is not None:
                schedule.step()
            total += batch_losses.detach() * batch[0].shape[1]

        stack.eval()
        with torch.no_grad():
            copies = (t.expand(len(models), *t.shape).split(10_000, dim=1) for t in val)
            sums = [losses(stack(b[0]), *b) * b[0].shape[1] for b in zip(*copies, strict=True)]
            val_losses = sum(sums) / len(val[0])
        histories.append(torch.stack([total / n_events, val_losses]))
        if not histories[-1].isfinite().all():
            raise FloatingPointError(
                f"losses are {val_losses.tolist()} in epoch {epoch}: lower lr or check the inputs"
            )
        better = val_losses < best
        best = torch.where(better, val_losses, best)
        for name, values in stack.state_dict().items():
            best_weights[name][better] = values[better]

    stack.load_state_dict(best_weights)
    for layer, same in zip(stack, layers, strict=True):
        if isinstance(layer, StackedLinear):
            layer.unstack(same)
    for model in models:
        model.eval()
    columns = torch.stack(histories).permute(2, 0, 1).cpu().numpy()  # (k, epochs, 2)
    return [pd.DataFrame(member, columns=["train", "val"]) for member in columns]
