import torch
from torch import nn

from helpers.stacked import descend, network, new_networks


def plain(weights, k):
    """Network k as an ordinary torch module."""
    layers = []
    for weight, bias in zip(weights[::2], weights[1::2], strict=True):
        linear = nn.Linear(weight.shape[1], weight.shape[2])
        linear.weight.data = weight[k].detach().T.clone()
        linear.bias.data = bias[k, 0].detach().clone()
        layers += [linear, nn.LeakyReLU()]
    return nn.Sequential(*layers[:-1])


def test_each_network_is_an_ordinary_one():
    weights = new_networks(3, (2, 5, 4, 1), torch.Generator().manual_seed(1))
    x = torch.randn(3, 7, 2)
    for k in range(3):
        torch.testing.assert_close(network(weights, x)[k], plain(weights, k)(x[k]))


def test_start_is_uniform_and_the_first_layer_wider():
    weights = new_networks(200, (4, 9, 1), torch.Generator().manual_seed(1), first_layer=3.0)
    for weight, bound in zip(weights, (1.5, 1.5, 1 / 3, 1 / 3), strict=True):
        assert 0.98 * bound < weight.abs().max() <= bound
        assert abs(weight.mean()) < 0.1 * bound


def test_each_network_follows_its_own_loss():
    x = torch.randn(3, 7, 2)
    weights = new_networks(3, (2, 5, 1), torch.Generator().manual_seed(1))
    alone = plain(weights, 1)
    descend(network(weights, x).square().mean((1, 2)), weights, torch.optim.SGD(weights, 0.1))
    optimizer = torch.optim.SGD(alone.parameters(), 0.1)
    alone(x[1]).square().mean().backward()
    optimizer.step()
    torch.testing.assert_close(network(weights, x)[1], alone(x[1]))
