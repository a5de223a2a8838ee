"""Many small networks side by side: one call of baddbmm runs a layer of all of them."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch.nn import functional as F

__all__ = ["descend", "network", "new_networks"]


def new_networks(
    n_networks: int, widths: Sequence[int], generator: torch.Generator, first_layer: float = 1.0
) -> list[torch.Tensor]:
    """Weights and biases of independent networks, uniform within ±1/√n_in.

    Parameters
    ----------
    n_networks : int
        How many.
    widths : sequence of int
        Number of inputs, of units in each hidden layer, of outputs.
    generator : torch.Generator
        Draws the weights.
    first_layer : float, optional
        Factor for the weights of the first layer. A larger one lets the networks resolve finer structures.

    Returns
    -------
    list of torch.Tensor
        Weight (n_networks, n_in, n_out) and bias (n_networks, 1, n_out) of each layer in turn.
    """
    weights = []
    for layer, (n_in, n_out) in enumerate(pairwise(widths)):
        scale = (first_layer if layer == 0 else 1.0) / math.sqrt(n_in)
        for rows in (n_in, 1):
            start = 2 * torch.rand(n_networks, rows, n_out, generator=generator) - 1
            weights.append((start * scale).requires_grad_())
    return weights


def network(weights: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Run all networks, each on its own batch; leaky ReLU between the layers.

    Parameters
    ----------
    weights : list of torch.Tensor
        From new_networks.
    x : torch.Tensor
        Shape (n_networks, batch, n_in).

    Returns
    -------
    torch.Tensor
        Shape (n_networks, batch, n_out).
    """
    for weight, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        x = F.leaky_relu(torch.baddbmm(bias, x, weight))
    return torch.baddbmm(weights[-1], x, weights[-2])


def descend(loss: torch.Tensor, weights: list[torch.Tensor], optimizer: torch.optim.Optimizer) -> None:
    """One step of the optimizer for all networks, each by the gradient of its own loss.

    Parameters
    ----------
    loss : torch.Tensor
        One loss per network, shape (n_networks,). In their sum, each weight meets only its own.
    weights : list of torch.Tensor
        What the optimizer moves.
    optimizer : torch.optim.Optimizer
        Holds these weights.
    """
    for weight, gradient in zip(weights, torch.autograd.grad(loss.sum(), weights), strict=True):
        weight.grad = gradient
    optimizer.step()
