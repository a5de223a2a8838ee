"""The step of a training is recognised by its gradient, right or wrong."""

import pytest
import torch

from helpers.known_step import followed, gradient, name_fault, weights_of


def test_the_gradient_that_a_step_has_followed_is_found():
    network = torch.nn.Linear(3, 1)
    x = torch.randn(10, 3, generator=torch.Generator().manual_seed(1))
    expected = gradient(network, network(x).square().mean())
    optimizer = torch.optim.SGD(network.parameters(), 1.0)

    def step():
        optimizer.zero_grad()
        network(x).square().mean().backward()
        optimizer.step()

    before = weights_of(network)
    found = followed(network, step)
    assert torch.allclose(found, expected, atol=1e-6) and not torch.equal(weights_of(network), before)
    name_fault(found, expected, {})
    with pytest.raises(AssertionError, match="uphill"):
        name_fault(-found, expected, {"half": expected / 2, "uphill": -expected})
    with pytest.raises(AssertionError, match="does not follow the gradient"):
        name_fault(2 * found, expected, {"uphill": -expected})
