"""Members of an ensemble trained side by side: each as if it were alone."""

import torch
from torch import nn

from helpers.members import outputs_of, train_members
from helpers.models import MLP

X = torch.linspace(-2, 2, 40)[:, None]
Y = torch.sin(2 * X)
SIZES = {"batch_size": 16, "lr": 1e-2}


def squared(outputs, y):
    return ((outputs[..., :1] - y) ** 2).mean()


def new_members(count):
    torch.manual_seed(0)
    return [MLP(1, 2, hidden=(12, 12), activation=nn.Tanh) for _ in range(count)]


def trained(members, steps=300, y=Y):
    train_members(members, squared, X, y, steps=steps, generator=torch.Generator().manual_seed(1), **SIZES)
    return members


def test_outputs_are_those_of_the_single_networks():
    members = new_members(3)
    single = torch.stack([member(X) for member in members])
    assert torch.allclose(outputs_of(members, X), single, atol=1e-6)


def test_members_learn_and_differ():
    before = outputs_of(new_members(3), X)
    after = outputs_of(trained(new_members(3), 1000), X)
    error = ((after[..., 0] - Y[:, 0]) ** 2).mean(1)
    assert (error < 0.1 * ((before[..., 0] - Y[:, 0]) ** 2).mean(1)).all()
    assert after[..., 0].std(0).mean() > 1e-3


def test_a_member_does_what_the_plain_loop_does():
    (member,) = trained(new_members(1), 20)
    (plain,) = new_members(1)
    generator = torch.Generator().manual_seed(1)
    optimizer = torch.optim.Adam(plain.parameters(), 1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, 20)
    for _ in range(20):
        chosen = torch.randint(40, (1, 16), generator=generator)[0]
        prior = sum(0.5 * (p**2).sum() for p in plain.parameters())
        optimizer.zero_grad()
        (squared(plain(X[chosen]), Y[chosen]) + prior / 40).backward()
        optimizer.step()
        schedule.step()
    assert torch.allclose(member(X), plain(X), atol=1e-4)


def test_the_prior_counts_less_with_more_points():
    few, many = new_members(1), new_members(1)
    options = {"steps": 1500, "batch_size": 8, "lr": 1e-2}
    train_members(few, squared, X[::20], Y[::20], generator=torch.Generator().manual_seed(1), **options)
    x, y = X.repeat(50, 1), Y.repeat(50, 1)
    train_members(many, squared, x, y, generator=torch.Generator().manual_seed(1), **options)
    size = [sum((p**2).sum().item() for p in members[0].parameters()) for members in (few, many)]
    assert size[0] < 0.5 * size[1]
