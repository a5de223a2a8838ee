"""The members of an ensemble, trained side by side on one sample, each with batches of its own."""

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.func import functional_call, stack_module_state

from helpers.optimizer import Adam, OneCycle

__all__ = ["outputs_of", "train_members"]


def _run_all(members: Sequence[nn.Module], weights: dict, x: torch.Tensor, shared: bool) -> torch.Tensor:
    """Outputs (members, n, n_out) of all networks, on x (n, n_in) if shared, else on x (members, n, n_in)."""

    def one(own_weights, own_x):
        return functional_call(members[0], own_weights, (own_x,))

    return torch.vmap(one, in_dims=(0, None if shared else 0))(weights, x)


def train_members(
    members: Sequence[nn.Module],
    loss: Callable,
    x: torch.Tensor,
    y: torch.Tensor,
    *,
    steps: int,
    batch_size: int,
    lr: float,
    generator: torch.Generator,
) -> None:
    """Minimise loss + ½ Σθ²/n for each member, with Adam and one cycle of the learning rate; in place.

    ½ Σθ² is what a prior N(0, 1) of the weights adds to the loss of the whole sample. In the sum of all
    losses, each weight meets only that of its own network, so that the members share nothing.

    Parameters
    ----------
    members : sequence of torch.nn.Module
        Networks of one architecture, without dropout.
    loss : callable
        Outputs (m, n_out), targets (m, 1) → mean over m.
    x : torch.Tensor (n, n_in)
    y : torch.Tensor (n, 1)
    steps, batch_size : int
    lr : float
        Peak of the learning rate.
    generator : torch.Generator
        Draws the batches, with replacement.
    """
    weights, _ = stack_module_state(list(members))
    optimizer = Adam(weights.values())
    schedule = OneCycle(optimizer, lr, steps)
    for _ in range(steps):
        chosen = torch.randint(len(x), (len(members), batch_size), generator=generator)
        outputs = _run_all(members, weights, x[chosen], shared=False)
        # the mean over the batches of all members is a sum over them once it is multiplied by their number
        fit = len(members) * loss(outputs.flatten(0, 1), y[chosen].flatten(0, 1))
        prior = sum(0.5 * (w**2).sum() for w in weights.values())
        optimizer.zero_grad()
        (fit + prior / len(x)).backward()
        optimizer.step()
        schedule.step()
    for k, member in enumerate(members):
        member.load_state_dict({name: w[k].detach().clone() for name, w in weights.items()})


@torch.no_grad()
def outputs_of(members: Sequence[nn.Module], x: torch.Tensor) -> torch.Tensor:
    """Outputs of all members at the same points.

    Parameters
    ----------
    members : sequence of torch.nn.Module
        Networks of one architecture.
    x : torch.Tensor (n, n_in)

    Returns
    -------
    torch.Tensor (members, n, n_out)
    """
    weights, _ = stack_module_state(list(members))
    parts = [_run_all(members, weights, part, shared=True) for part in x.split(5000)]
    return torch.cat(parts, dim=1)
