"""Batches hold every event once; the fit finds known optima and keeps the best weights."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss

from helpers import training
from helpers.models import MLP
from helpers.training import batches, evaluate, fit


def squared_error(model, x, y):
    return mse_loss(model(x), y)


@pytest.fixture
def line():
    g = torch.Generator().manual_seed(0)
    x = torch.randn(400, 3, generator=g)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3
    return x, y


def test_batches_hold_every_row_once_and_keep_pairs():
    x = torch.arange(103)
    shuffled = list(batches(x, -x, batch_size=10, generator=torch.Generator().manual_seed(1)))
    assert [len(a) for a, _ in shuffled] == [10] * 10 + [3]
    assert all((a == -b).all() for a, b in shuffled)
    together = torch.cat([a for a, _ in shuffled])
    assert sorted(together.tolist()) == x.tolist() and together.tolist() != x.tolist()


def test_each_epoch_is_shuffled_anew_and_reproducibly():
    x = torch.arange(50)
    g = torch.Generator().manual_seed(1)
    first, second = (torch.cat([b for (b,) in batches(x, batch_size=7, generator=g)]) for _ in range(2))
    assert not torch.equal(first, second)
    again = torch.cat([b for (b,) in batches(x, batch_size=7, generator=torch.Generator().manual_seed(1))])
    assert torch.equal(first, again)


def test_batches_without_generator_keep_the_order():
    assert torch.equal(torch.cat([b for (b,) in batches(torch.arange(9), batch_size=4)]), torch.arange(9))


def test_batches_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"\[3, 4\]"):
        list(batches(torch.zeros(3), torch.zeros(4), batch_size=2))


def test_evaluate_is_the_exact_mean_and_ignores_dropout(line):
    model = MLP(3, 1, hidden=(20,), dropout=0.5).train()
    value = evaluate(model, squared_error, line, batch_size=150)  # 400 is no multiple of it
    assert model.training
    assert value == pytest.approx(squared_error(model.eval(), *line).item(), rel=1e-5)


def test_fit_finds_the_linear_solution(line):
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    g = torch.Generator().manual_seed(0)
    history = fit(model, squared_error, line, line, epochs=60, batch_size=50, lr=0.05, generator=g)
    np.testing.assert_allclose(model.weight.detach()[0], [1, -2, 0.5], atol=1e-3)
    assert history["val"].iloc[-1] < 1e-6 < history["val"].iloc[0]


def test_fit_restores_the_weights_of_the_best_validation_loss(line):
    """Pure noise as target: validation gets worse with training, and the best epoch is not the last."""
    g = torch.Generator().manual_seed(0)
    x, noise = line[0], torch.randn(400, 1, generator=g)
    train, val = (x[:40], noise[:40]), (x[40:], noise[40:])
    torch.manual_seed(0)
    model = MLP(3, 1, hidden=(100,))
    history = fit(model, squared_error, train, val, epochs=150, batch_size=10, lr=5e-3, generator=g)
    assert history["val"].iloc[-1] > 1.1 * history["val"].min()
    assert evaluate(model, squared_error, val) == pytest.approx(history["val"].min(), rel=1e-6)


def test_weight_decay_shrinks_the_weights(line):
    norms = []
    for decay in (0.0, 1.0):
        torch.manual_seed(0)
        model, g = nn.Linear(3, 1), torch.Generator().manual_seed(0)
        fit(
            model,
            squared_error,
            line,
            line,
            epochs=60,
            batch_size=50,
            lr=0.05,
            generator=g,
            weight_decay=decay,
        )
        norms.append(model.weight.norm().item())
    assert norms[1] < 0.9 * norms[0]


def test_same_seed_same_numbers(line):
    def run():
        torch.manual_seed(3)
        model, g = MLP(3, 1, hidden=(8,)), torch.Generator().manual_seed(3)
        return fit(
            model, squared_error, line, line, epochs=3, batch_size=32, lr=1e-2, generator=g, one_cycle=True
        )

    assert run().equals(run())


def test_nan_in_the_data_stops_the_fit_with_a_message(line):
    line[1][7] = torch.nan
    with pytest.raises(FloatingPointError, match="epoch 0"):
        g = torch.Generator().manual_seed(0)
        fit(nn.Linear(3, 1), squared_error, line, line, epochs=2, batch_size=50, lr=0.01, generator=g)


def test_fit_trains_on_the_device(line, monkeypatch):
    """Whatever has a GPU or not: the meta device, which has shapes but no numbers, stands for one."""
    monkeypatch.setattr(training, "device", lambda: torch.device("meta"))
    for name in ("__float__", "item"):
        monkeypatch.setattr(torch.Tensor, name, lambda tensor: 1.0)
    where = set()

    def loss(model, x, y):
        where.update(t.device.type for t in (x, y, *model.parameters()))
        return squared_error(model, x, y)

    with pytest.raises(NotImplementedError, match="Cannot copy out of meta"):  # the way home needs numbers
        g = torch.Generator().manual_seed(0)
        fit(MLP(3, 1), loss, line, line, epochs=2, batch_size=50, lr=0.01, generator=g, one_cycle=True)
    assert where == {"meta"}


def test_mlp_counts_its_layers():
    model = MLP(20, 1, hidden=(32, 32))
    assert sum(p.numel() for p in model.parameters()) == 20 * 32 + 32 + 32 * 32 + 32 + 32 + 1
    assert model(torch.zeros(5, 20)).shape == (5, 1)


def test_mlp_dropout_is_off_in_evaluation():
    model, x = MLP(4, 2, hidden=(50,), dropout=0.5), torch.ones(1, 4)
    assert not torch.equal(model(x), model(x))
    model.eval()
    assert torch.equal(model(x), model(x))
