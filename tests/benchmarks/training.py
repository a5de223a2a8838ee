"""Training: steps per second, time to the same loss, and several networks at once; CPU time of one thread."""

import math
import time
from dataclasses import replace
from functools import partial
from itertools import islice
from unittest.mock import patch

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss
from torch.utils.data import DataLoader, TensorDataset

from helpers import datasets, kinematics, training
from helpers.ensemble import fit_ensemble
from helpers.models import MLP
from helpers.optimizer import Adam
from helpers.preprocessing import Standardizer
from helpers.training import batches, evaluate, fit
from tests.benchmarks.measure import Row, cpu_seconds, in_turns, seconds


class VAE(nn.Module):
    """Encoder and decoder as in notebook 09_3; the loss of an event is its forward pass."""

    def __init__(self, n_data, n_latent, tau=0.1):
        super().__init__()
        self.encoder, self.decoder = MLP(n_data, 2 * n_latent), MLP(n_latent, n_data)
        self.tau = tau

    def forward(self, x):
        mu, log_var = self.encoder(x).chunk(2, dim=1)
        z = mu + torch.exp(log_var / 2) * torch.randn_like(mu)
        pull = (x - self.decoder(z)) / self.tau
        kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(1)
        return 0.5 * (pull**2).sum(1) + kl


def squared_error(model, x, y):
    return mse_loss(model(x), y)


def amplitude():
    """Notebook 04_2: standardised momenta → standardised log A, two layers of 32."""
    data = datasets.load_diphoton()
    x_map = Standardizer().fit(data.train.momenta.reshape(-1, 20))
    y_map = Standardizer().fit(np.log(data.train.amplitudes)[:, None])
    parts = (
        (x_map.transform(e.momenta.reshape(-1, 20)), y_map.transform(np.log(e.amplitudes)[:, None]))
        for e in (data.train, data.val)
    )
    train, val = (tuple(torch.as_tensor(t, dtype=torch.float32) for t in part) for part in parts)
    return (lambda: MLP(20, 1, hidden=(32, 32))), squared_error, train, val


def classifier():
    """Notebook 09_2: pt, eta, phi, mass of seven jets → LO or NLO."""
    data = datasets.load_ttbarj()
    events = np.concatenate([data.lo, data.nlo])
    functions = (lambda p: np.log(kinematics.pt(p)), kinematics.eta, kinematics.phi, kinematics.mass)
    x = np.stack([f(events) for f in functions], axis=-1).reshape(len(events), -1)
    y = np.repeat([0.0, 1.0], [len(data.lo), len(data.nlo)])[:, None]
    order = np.random.default_rng(0).permutation(len(x))
    train, val = order[: len(x) * 6 // 10], order[len(x) * 6 // 10 :]
    x = Standardizer().fit(x[train]).transform(x)
    x, y = (torch.as_tensor(t, dtype=torch.float32) for t in (x, y))
    loss = lambda m, x, y: binary_cross_entropy_with_logits(m(x), y)  # noqa: E731
    return (lambda: MLP(28, 1, hidden=(64, 64))), loss, (x[train], y[train]), (x[val], y[val])


def vae():
    """Notebook 09_3 at the size of the official file: 1.38 million events of eight components."""
    data = datasets.load_drell_yan()
    scale = Standardizer().fit(data.train.reshape(-1, 8)[:200_000])
    train, val = (
        (torch.as_tensor(scale.transform(events.reshape(-1, 8)), dtype=torch.float32),)
        for events in (data.train, data.val[:50_000])
    )
    return (lambda: VAE(8, 4)), lambda m, x: m(x).mean(), train, val


# task, batch of the plain loop, its epochs, then ours: batch, peak learning rate, epochs of one cycle, events
TASKS = {
    "amplitude MLP": (amplitude, 64, 40, 256, 2e-2, 25, None),
    "LO/NLO classifier": (classifier, 512, 12, 1024, 1e-2, 5, None),
    "Drell-Yan VAE": (vae, 256, 1, 256, 2e-2, 1, 450_000),  # a third of the events is enough to get there
}


def plain_loop(model, loss, train, batch_size):
    """The usual training, over a DataLoader. Yields after each step, without end."""
    loader = DataLoader(TensorDataset(*train), batch_size, shuffle=True)
    return _loop(model, loss, lambda: loader, torch.optim.Adam(model.parameters()))


def our_loop(model, loss, train, batch_size):
    """The same over slices, with the optimizer of `fit`."""
    generator = torch.Generator().manual_seed(0)
    loader = partial(batches, *train, batch_size=batch_size, generator=generator)
    return _loop(model, loss, loader, Adam(model.parameters()))


def _loop(model, loss, loader, optimizer):
    while True:
        for batch in loader():
            optimizer.zero_grad()
            loss(model, *batch).backward()
            optimizer.step()
            yield


def bare_loop(model, loss, train, batch_size):
    """Forward and backward alone, what no loop can spare."""
    batch = tuple(t[:batch_size] for t in train)
    while True:
        loss(model, *batch).backward()
        yield


def rates():
    """Steps per second at the batch sizes of the sheets, epoch by epoch."""
    for name, (task, batch_size, *_) in TASKS.items():
        make, loss, train, _ = task()
        loops = [loop(make(), loss, train, batch_size) for loop in (our_loop, plain_loop, bare_loop)]
        steps = math.ceil(len(train[0]) / batch_size)
        epochs = [steps / side_by_side(loops, steps) for _ in range(2 if steps > 5_000 else 9)]
        ours, plain, bare = np.transpose(epochs).tolist()
        row = Row(f"{name}, batch {batch_size}", "steps/s", ours, plain, more_is_better=True, aim=2.5)
        row.note = f"forward and backward alone: {replace(row, ours=bare).ratio:.1f}x"
        yield row


def side_by_side(loops, steps, turn=30):
    """CPU seconds of each loop for so many steps, some at a time in turns: all see the same machine."""
    spent = np.zeros(len(loops))
    for start in range(0, steps, turn):
        few = min(turn, steps - start)
        spent += [cpu_seconds(list, islice(loop, few)) for loop in loops]
    return spent


def times_to_loss():
    """Seconds until the validation loss with which the plain loop ends."""
    for name, (task, batch_size, epochs, our_batch, lr, our_epochs, events) in TASKS.items():
        make, loss, train, val = task()
        ours, plain, reached = [], [], []
        for seed in range(3):
            torch.manual_seed(seed)
            model = make()
            loop, steps = plain_loop(model, loss, train, batch_size), math.ceil(len(train[0]) / batch_size)
            start = time.process_time()
            for _ in range(epochs):
                list(islice(loop, steps))
                target = evaluate(model, loss, val)
            plain.append(time.process_time() - start)

            torch.manual_seed(seed)
            model, generator = make(), torch.Generator().manual_seed(seed)
            sizes = {"epochs": our_epochs, "batch_size": our_batch, "lr": lr, "one_cycle": True}
            start = time.process_time()
            few = tuple(t[:events] for t in train)
            history = fit(model, loss, few, val, generator=generator, **sizes)
            ours.append(time.process_time() - start)
            reached.append(history["val"].min() <= target)
        note = f"loss reached in {sum(reached)} of {len(reached)} trainings"
        row = Row(f"{name}, to the same loss", "s", ours, plain, aim=5, note=note)
        if not all(reached):
            row.baseline = [0.0] * len(plain)  # no ratio can be claimed
        yield row


def at_once():
    """Trainings side by side against one after the other: seeds of the sheet's network, a larger ensemble."""
    make, loss, train, val = amplitude()
    few, val = tuple(t[:6_400] for t in train), tuple(t[:2_000] for t in val)

    def larger():
        return MLP(20, 1, hidden=(64, 64, 64), activation=nn.GELU)

    for name, network, count, batch_size in (
        ("6 trainings at once, batch 64", make, 6, 64),
        ("4 of 64-64-64 GELU at once, batch 256", larger, 4, 256),
    ):
        sizes = {"epochs": 4, "batch_size": batch_size, "lr": 1e-3}

        def together(network=network, count=count, sizes=sizes):
            generators = [torch.Generator().manual_seed(i) for i in range(count)]
            fit_ensemble([network() for _ in range(count)], loss, few, val, generators=generators, **sizes)

        def alone(network=network, count=count, sizes=sizes):
            for i in range(count):
                fit(network(), loss, few, val, generator=torch.Generator().manual_seed(i), **sizes)

        together()
        ours, plain = in_turns(21, partial(cpu_seconds, together), partial(cpu_seconds, alone))
        yield Row(name, "s", ours, plain, aim=3 if count == 6 else None)


def gpu():
    """An epoch of `fit` on the GPU, if there is one, against one core: small networks and larger ones."""
    if training.device().type == "cpu":
        return
    (x,) = (t[:200_000] for t in vae()[2])
    data = (x, x[:, :1]), (x[:10_000], x[:10_000, :1])

    def epoch(where, width, batch_size):
        sizes = {"epochs": 1, "batch_size": batch_size, "lr": 1e-3}
        model, generator = MLP(8, 1, hidden=(width, width)), torch.Generator().manual_seed(0)
        with patch.object(training, "device", lambda: where):
            return seconds(lambda: fit(model, squared_error, *data, generator=generator, **sizes))

    for width, batch_size in ((64, 256), (64, 10_000), (1024, 10_000)):
        here, there = (
            partial(epoch, where, width, batch_size) for where in (training.device(), torch.device("cpu"))
        )
        here()
        yield Row(f"GPU, {width} wide, batch {batch_size}", "s wall", *in_turns(3, here, there))
