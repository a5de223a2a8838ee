"""For checks: whether a step of training has followed the right gradient, and if not, which one."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["followed", "gradient", "name_fault", "weights_of"]


def gradient(network: nn.Module, loss: Tensor) -> Tensor:
    """Gradient of a loss in all weights of a network.

    Parameters
    ----------
    network : Module
    loss : Tensor
        A scalar.

    Returns
    -------
    Tensor (n_weights,)
        In one row; zero for weights that the loss does not depend on.
    """
    grads = torch.autograd.grad(loss, list(network.parameters()), materialize_grads=True)
    return torch.cat([grad.flatten() for grad in grads])


def weights_of(network: nn.Module) -> Tensor:
    """A copy of all weights of a network, in one row.

    Parameters
    ----------
    network : Module

    Returns
    -------
    Tensor (n_weights,)
    """
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def followed(network: nn.Module, step: Callable[[], object]) -> Tensor:
    """The gradient that a step of plain descent with rate 1 has followed.

    Parameters
    ----------
    network : Module
    step : callable
        step() changes the weights.

    Returns
    -------
    Tensor (n_weights,)
    """
    before = weights_of(network)
    step()
    return before - weights_of(network)


def name_fault(found: Tensor, expected: Tensor, faults: dict[str, Tensor]) -> None:
    """Insist on a gradient.

    Parameters
    ----------
    found, expected : Tensor (n_weights,)
    faults : dict of str to Tensor (n_weights,)
        What is wrong → the gradient that this fault gives.

    Raises
    ------
    AssertionError
        It names the first fault whose gradient was found.
    """
    scale = expected.abs().max().item()

    def near(one, other):
        return torch.allclose(one, other, rtol=1e-2, atol=1e-3 * scale)

    if near(found, expected):
        return
    for text, wrong in faults.items():
        if near(found, wrong):
            raise AssertionError(text)
    raise AssertionError("the step does not follow the gradient of the right loss")
