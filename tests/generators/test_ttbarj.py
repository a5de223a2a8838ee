"""The t t̄ j stand-in samples as they ship, the reconstruction behind them, and Pythia where installed."""

import sys

import numpy as np
import pytest
import torch
from scipy.stats import rankdata

from helpers.datasets import DATA
from helpers.generators.ttbarj import SEEDS, generate, reconstruct
from helpers.kinematics import delta_phi, delta_r, eta, four_vector, mass, pt

SIZES = {"LO": 45115, "NLO": 57043}  # of the official sample


@pytest.fixture(scope="module")
def flat():
    return {order: np.load(DATA / f"generated/data09/ttbarj_{order}.npy") for order in SIZES}


@pytest.fixture(scope="module")
def events(flat):
    return {order: x.astype(float).reshape(-1, 7, 4) for order, x in flat.items()}


def leading_top(events):
    tops = np.stack([events[:, :3].sum(axis=1), events[:, 3:6].sum(axis=1)], axis=1)  # (n, 2, 4)
    return tops[np.arange(len(tops)), pt(tops).argmax(axis=1)]


def auc(scores, labels):
    n1 = labels.sum()
    n0 = len(labels) - n1
    return (rankdata(scores)[labels == 1].sum() - n1 * (n1 + 1) / 2) / (n0 * n1)


def bootstrap_quantile(x, q, rng, repeats=50):
    """Quantile of x and its bootstrap error."""
    return np.quantile(x, q), np.std([np.quantile(rng.choice(x, len(x)), q) for _ in range(repeats)])


# The shipped files


@pytest.mark.parametrize("order", SIZES)
def test_shipped_shape_and_jets(flat, events, order):
    assert flat[order].shape == (SIZES[order], 28)
    assert flat[order].dtype == np.float32
    assert np.isfinite(flat[order]).all()
    jets = events[order]
    energy, momentum = jets[..., 0], np.linalg.norm(jets[..., 1:], axis=-1)
    assert ((energy - momentum) / energy).min() > -3e-7  # float32 rounding of massless jets
    assert pt(jets).min() > 25 * (1 - 1e-6)
    assert np.abs(eta(jets)).max() < 4.5 * (1 + 1e-6)


@pytest.mark.parametrize("order", SIZES)
def test_shipped_jets_are_separate(events, order):
    i, j = np.triu_indices(7, k=1)
    a, b = events[order][:, i], events[order][:, j]
    y = [np.arctanh(p[..., 3] / p[..., 0]) for p in (a, b)]
    distance = np.hypot(y[0] - y[1], delta_phi(a, b))  # the anti-kT distance uses rapidity
    assert distance.min() > 0.3
    # A jet that grows after its neighbour is final may come a little closer than R.
    assert np.mean(distance > 0.4) > 0.999


@pytest.mark.parametrize("order", SIZES)
def test_shipped_candidates_are_tops_and_ws(events, order):
    x = events[order]
    w = mass(np.stack([x[:, 1] + x[:, 2], x[:, 4] + x[:, 5]]))
    top = mass(np.stack([x[:, :3].sum(axis=1), x[:, 3:6].sum(axis=1)]))
    # Wrong pairings pull the medians up, the peaks less so.
    for values, peak, shift in ((w, 80.4, 3), (top, 173, 8)):
        counts, edges = np.histogram(values, bins=np.arange(0, 400, 4))
        assert edges[counts.argmax()] + 2 == pytest.approx(peak, abs=4)
        assert np.median(values) == pytest.approx(peak, abs=shift)
    assert (pt(x[:, 1]) >= pt(x[:, 2])).all()
    assert (pt(x[:, 4]) >= pt(x[:, 5])).all()


def test_shipped_samples_reproduce_the_trial_numbers(events):
    """Medians of pT and 84 % quantiles of the mass of the leading top, in GeV, as found in a trial."""
    for order, median_pt, mass_84 in (("LO", 182, 276), ("NLO", 147, 231)):
        top = leading_top(events[order])
        assert np.median(pt(top)) == pytest.approx(median_pt, rel=0.05)
        assert np.quantile(mass(top), 0.84) == pytest.approx(mass_84, rel=0.05)


def test_lo_is_harder_and_broader(events):
    rng = np.random.default_rng(1)
    top = {order: leading_top(x) for order, x in events.items()}
    for observable, q in ((pt, 0.5), (mass, 0.84)):
        lo, error_lo = bootstrap_quantile(observable(top["LO"]), q, rng)
        nlo, error_nlo = bootstrap_quantile(observable(top["NLO"]), q, rng)
        assert lo - nlo > 10 * np.hypot(error_lo, error_nlo)
    spread = {order: np.subtract(*np.quantile(mass(p), [0.84, 0.16])) for order, p in top.items()}
    assert spread["LO"] > spread["NLO"]


def test_no_event_twice(flat):
    rows = {row.tobytes() for x in flat.values() for row in x}
    assert len(rows) == sum(SIZES.values())


def test_shipped_events_are_their_own_reconstruction(events):
    """The pairing in the files is the one that `reconstruct` finds for shuffled jets."""
    x = np.concatenate([events[order][:5000] for order in SIZES])
    shuffled = np.random.default_rng(2).permuted(np.arange(7) + np.zeros((len(x), 1), int), axis=1)
    again, accepted = reconstruct(x[np.arange(len(x))[:, None], shuffled], x[:, [0, 3]])
    assert accepted.all()
    np.testing.assert_array_equal(again, x)


def test_a_small_network_can_tell_the_orders_apart(flat):
    rng = np.random.default_rng(3)
    x = np.concatenate([flat["LO"], flat["NLO"]])
    label = np.repeat([0.0, 1.0], [SIZES["LO"], SIZES["NLO"]]).astype(np.float32)
    shuffled = rng.permutation(len(x))
    x, label = torch.from_numpy(x[shuffled]), torch.from_numpy(label[shuffled])
    train = 50_000
    x = (x - x[:train].mean(dim=0)) / x[:train].std(dim=0)

    torch.manual_seed(4)
    net = torch.nn.Sequential(
        torch.nn.Linear(28, 64),
        torch.nn.ReLU(),
        torch.nn.Linear(64, 64),
        torch.nn.ReLU(),
        torch.nn.Linear(64, 1),
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(5):
        for batch in torch.randperm(train).split(500):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x[batch])[:, 0], label[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        logits = net(x[train:])[:, 0]
    assert 0.58 < auc(logits.numpy(), label[train:].numpy()) < 0.70


# The reconstruction, on events with a known answer


def boost(p, parent):
    """Boost p from the rest frame of parent to the frame in which parent is given."""
    m = mass(parent)
    along = (p[..., 1:] * parent[..., 1:]).sum(axis=-1)
    energy = (p[..., 0] * parent[..., 0] + along) / m
    shift = (along / (parent[..., 0] + m) + p[..., 0]) / m
    return np.concatenate([energy[..., None], p[..., 1:] + shift[..., None] * parent[..., 1:]], axis=-1)


def two_body(parent, m1, rng):
    """Isotropic decay of parent to a particle of mass m1 and a massless one."""
    m = mass(parent)
    momentum = (m**2 - m1**2) / (2 * m)
    direction = rng.normal(size=(len(parent), 3))
    p = momentum[:, None] * direction / np.linalg.norm(direction, axis=1, keepdims=True)
    first = np.column_stack([np.sqrt(momentum**2 + m1**2), p])
    second = np.column_stack([momentum, -p])
    return boost(first, parent), boost(second, parent)


@pytest.fixture(scope="module")
def known():
    """On-shell decays t → b W → b q q' and a seventh jet: the pairing has one answer of cost zero."""
    rng = np.random.default_rng(5)
    n = 20_000
    particles = []
    for _ in range(2):
        top = four_vector(rng.exponential(150, n), rng.normal(0, 1, n), rng.uniform(-np.pi, np.pi, n), 173.0)
        w, b = two_body(top, 80.4, rng)
        q, qbar = two_body(w, 0.0, rng)
        swap = pt(q) < pt(qbar)
        q[swap], qbar[swap] = qbar[swap], q[swap]
        particles += [b, q, qbar]
    particles.append(
        four_vector(rng.uniform(30, 200, n), rng.normal(0, 1.5, n), rng.uniform(-np.pi, np.pi, n), 5.0)
    )
    x = np.stack(particles, axis=1)  # (n, 7, 4)
    i, j = np.triu_indices(7, k=1)
    good = (pt(x) > 30).all(axis=1) & (np.abs(eta(x)) < 4).all(axis=1)
    good &= (delta_r(x[:, i], x[:, j]) > 0.8).all(axis=1)
    assert good.sum() > 200
    return x[good]


def test_reconstruction_finds_the_known_pairing(known):
    events, accepted = reconstruct(known, known[:, [0, 3]])
    assert accepted.all()
    np.testing.assert_array_equal(events, known)


def test_reconstruction_ignores_jet_order_and_soft_or_forward_jets(known):
    n = len(known)
    # Beyond the cuts: too soft, too forward, padding. Within the cuts but the sixth of the others: 26 GeV.
    extra = np.stack(
        [four_vector(*p) for p in ((24.0, 0.1, 0.2, 1.0), (90.0, 4.6, 1.0, 1.0), (1.0, 0.0, 0.0, 0.0))]
    )
    sixth = four_vector(26.0, 4.4, -1.0, 1.0)
    jets = np.concatenate([known, np.tile(extra, (n, 1, 1)), np.tile(sixth, (n, 1, 1))], axis=1)  # (n, 11, 4)
    order = np.random.default_rng(6).permuted(np.tile(np.arange(11), (n, 1)), axis=1)
    isolated = (delta_r(known[:, [0, 3], None], np.vstack([extra, sixth[None]])) > 0.4).all(axis=(1, 2))
    assert isolated.sum() > 100
    events, accepted = reconstruct(jets[np.arange(n)[:, None], order], known[:, [0, 3]])
    assert accepted[isolated].all()
    np.testing.assert_array_equal(events[isolated[accepted]], known[isolated])


def test_exchanged_b_quarks_exchange_the_tops(known):
    events, _ = reconstruct(known, known[:, [3, 0]])
    np.testing.assert_array_equal(events, known[:, [3, 4, 5, 0, 1, 2, 6]])


def test_selection_rejects(known):
    x = known[:50]
    b = x[:, [0, 3]]
    assert not reconstruct(x[:, :6], b)[1].any()  # six jets
    soft = x.copy()
    soft[:, 6] = four_vector(24.9, 0.0, 0.0, 0.0)
    assert not reconstruct(soft, b)[1].any()
    forward = x.copy()
    forward[:, 6] = four_vector(60.0, -4.51, 0.0, 0.0)
    assert not reconstruct(forward, b)[1].any()
    assert not reconstruct(x, b[:, [0, 0]])[1].any()  # both b quarks in one jet
    away = b * [1, -1, -1, -1]  # back to back with its own jet
    lonely = (delta_r(away[:, 0, None], x) > 0.4).all(axis=1)
    assert lonely.sum() > 10
    assert not reconstruct(x, np.stack([away[:, 0], b[:, 1]], axis=1))[1][lonely].any()


@pytest.mark.parametrize(
    ("jets", "b_quarks", "message"),
    [
        (np.ones((5, 28)), np.ones((5, 2, 4)), r"\(5, 28\)"),
        (np.ones((5, 7, 4)), np.ones((4, 2, 4)), r"\(4, 2, 4\)"),
        (np.full((5, 7, 4), np.nan), np.ones((5, 2, 4)), "NaN"),
    ],
)
def test_reconstruction_names_bad_input(jets, b_quarks, message):
    with pytest.raises(ValueError, match=message):
        reconstruct(jets, b_quarks)


# Generation


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0, "LO", 1), "found 0"), ((5, "NNLO", 1), "'NNLO'"), ((5, "LO", 0), "seed .* found 0")],
)
def test_generate_names_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        generate(*arguments)


def test_generate_without_pythia_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pythia8mc", None)
    with pytest.raises(ImportError, match=r"pip install \"\.\[authors\]\""):
        generate(5, "LO", 1)


@pytest.mark.parametrize("order", SIZES)
def test_pythia_makes_the_shipped_events(flat, order):
    pytest.importorskip("pythia8mc", reason="Pythia 8 is an optional dependency of authors")
    x = generate(200, order, SEEDS[order])
    assert x.shape == (200, 28)
    assert x.dtype == np.float32
    # Another compiler or libm may round differently and, far down the file, take another branch.
    np.testing.assert_allclose(x[:50], flat[order][:50], rtol=1e-3, atol=1e-2)


def test_pythia_is_deterministic_and_prefix_stable():
    pytest.importorskip("pythia8mc", reason="Pythia 8 is an optional dependency of authors")
    short, long = generate(20, "NLO", 7), generate(250, "NLO", 7)
    np.testing.assert_array_equal(short, long[:20])
    assert not np.isin(generate(20, "NLO", 8)[:, 0], long[:, 0]).any()
