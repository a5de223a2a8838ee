"""The Adam on one vector takes the steps of PyTorch's, and the cycle is that of OneCycleLR."""

import copy

import pytest
import torch
from torch import nn

from helpers.models import MLP
from helpers.optimizer import Adam, OneCycle


@pytest.fixture
def network():
    torch.manual_seed(0)
    return MLP(3, 1, hidden=(8, 8), activation=nn.Tanh).double()


def train(model, optimizer, schedule=None, steps=200):
    x = torch.randn(steps, 16, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    for batch in x:
        optimizer.zero_grad()
        (model(batch) - batch.prod(1, keepdim=True)).square().mean().backward()
        optimizer.step()
        if schedule is not None:
            schedule.step()
    return nn.utils.parameters_to_vector(model.parameters()).detach()


@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.3}, {"betas": (0.5, 0.99), "eps": 1e-3}])
def test_steps_are_those_of_pytorch(network, options):
    twin = copy.deepcopy(network)
    options = {"weight_decay": 0.0} | options
    ours = train(network, Adam(network.parameters(), 0.01, **options))
    theirs = train(twin, torch.optim.AdamW(twin.parameters(), 0.01, **options))
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("steps", [1, 3, 10, 200])
def test_the_cycle_is_that_of_pytorch(network, steps):
    twin = copy.deepcopy(network)
    adam, theirs = Adam(network.parameters()), torch.optim.AdamW(twin.parameters())
    ours, schedule = OneCycle(adam, 0.02, steps), torch.optim.lr_scheduler.OneCycleLR(theirs, 0.02, steps)
    for _ in range(steps - 1):
        group = theirs.param_groups[0]
        assert (adam.lr, *adam.betas) == pytest.approx((group["lr"], *group["betas"]), rel=1e-12)
        theirs.step()
        ours.step()
        schedule.step()
    assert adam.lr == pytest.approx(0.02 / 25e4)


def test_frozen_and_unused_weights_stay(network):
    unused = nn.Parameter(torch.ones(2, dtype=torch.float64))
    network[0].weight.requires_grad_(False)
    before = network[0].weight.clone()
    twin = copy.deepcopy(network)
    ours = train(network, Adam([*network.parameters(), unused], 0.01))
    theirs = train(twin, torch.optim.Adam(twin.parameters(), 0.01))
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)
    assert torch.equal(network[0].weight, before) and torch.equal(unused, torch.ones_like(unused))


def test_weights_can_be_restored_while_training(network):
    """Weights loaded into the model are those that the next step starts from."""
    optimizer = Adam(network.parameters())
    zeros = {name: torch.zeros_like(w) for name, w in network.state_dict().items()}
    train(network, optimizer, steps=3)
    network.load_state_dict(zeros)
    assert not optimizer.weights.any()


def test_an_optimizer_that_lost_its_weights_says_so(network):
    first = Adam(network.parameters())
    Adam(network.parameters())
    with pytest.raises(RuntimeError, match="make a new optimizer"):
        train(network, first)


def test_nothing_to_train_is_an_error(network):
    with pytest.raises(ValueError, match="nothing to train"):
        Adam(network.requires_grad_(False).parameters())
