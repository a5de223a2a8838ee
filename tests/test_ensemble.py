"""Training side by side: the same networks as one after the other."""

import pytest
import torch
from torch.nn.functional import mse_loss

from helpers.ensemble import fit_ensemble
from helpers.models import MLP
from helpers.training import fit


def loss(model, x, y):
    return mse_loss(model(x), y)


@pytest.fixture
def data():
    x = torch.randn(600, 3, generator=torch.Generator().manual_seed(0))
    y = (x[:, :1] * x[:, 1:2]).sin() + 0.1 * x[:, 2:]
    return (x[:450], y[:450]), (x[450:], y[450:])


def networks(seeds, **options):
    for seed in seeds:
        torch.manual_seed(seed)
        yield MLP(3, 1, hidden=(16, 16), **options)


SIZES = {"epochs": 12, "batch_size": 64, "lr": 0.02, "weight_decay": 0.1}


@pytest.mark.parametrize("one_cycle", [False, True])
def test_every_member_is_the_network_that_fit_gives(data, one_cycle):
    seeds = [1, 2, 3]
    together, alone = list(networks(seeds)), list(networks(seeds))
    options = SIZES | {"one_cycle": one_cycle}
    histories = fit_ensemble(
        together, loss, *data, generators=[torch.Generator().manual_seed(s) for s in seeds], **options
    )
    for seed, member, single, history in zip(seeds, together, alone, histories, strict=True):
        expected = fit(single, loss, *data, generator=torch.Generator().manual_seed(seed), **options)
        torch.testing.assert_close(
            torch.tensor(history.to_numpy()), torch.tensor(expected.to_numpy()).float(), rtol=2e-3, atol=1e-5
        )
        x = data[1][0]
        torch.testing.assert_close(member(x), single(x), rtol=2e-2, atol=2e-3)
        assert not member.training
    assert not torch.equal(together[0](x), together[1](x))


def test_dropout_draws_for_each_member_and_is_off_in_the_validation(data):
    twins = list(networks([1, 1], dropout=0.5))
    generators = [torch.Generator().manual_seed(1) for _ in twins]  # same start, same batches
    first, second = fit_ensemble(twins, loss, *data, generators=generators, **SIZES)
    assert (first["train"] != second["train"]).all()
    best = first["val"].min()
    assert loss(twins[0], *data[1]).item() == pytest.approx(best, rel=1e-4)


def test_bad_input_is_named(data):
    models = list(networks([1, 2]))
    with pytest.raises(ValueError, match="2 models need as many generators, got 1"):
        fit_ensemble(models, loss, *data, generators=[torch.Generator()], **SIZES)
    broken = (data[0][0], torch.full_like(data[0][1], torch.nan))
    generators = [torch.Generator() for _ in models]
    with pytest.raises(FloatingPointError, match="epoch 0"):
        fit_ensemble(models, loss, broken, data[1], generators=generators, **SIZES)
