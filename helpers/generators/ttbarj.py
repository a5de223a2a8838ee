"""Top pairs with one jet: Pythia stand-ins for a leading- and a next-to-leading-order sample."""

import itertools
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from numpy.typing import ArrayLike

from helpers.datasets import DATA, DATASETS
from helpers.files import replacing
from helpers.kinematics import delta_r, eta, mass, pt

__all__ = ["SEEDS", "generate", "reconstruct"]

SEEDS = {"LO": 20231, "NLO": 20232}  # of the shipped files

JET_PT_MIN = 25.0  # GeV
JET_ETA_MAX = 4.5
JET_RADIUS = 0.4
M_W, SIGMA_W = 80.4, 10.0  # GeV
M_TOP, SIGMA_TOP = 173.0, 20.0  # GeV

# The order enters in one place only: how hard the first initial-state emission may be.
PT_MAX_MATCH = {"LO": 2, "NLO": 1}
BLOCK = 500  # generated events per vectorised reconstruction

# A particle that fails every jet cut but has finite η and φ.
PADDING = (1.0, 1.0, 0.0, 0.0)

# Ways to share five jets: two for the top, two for the antitop, one over.
PAIRINGS = np.array(
    [
        (*pair, *other, *(set(range(5)) - {*pair, *other}))
        for pair in itertools.combinations(range(5), 2)
        for other in itertools.combinations([i for i in range(5) if i not in pair], 2)
    ]
)  # (30, 5)


def reconstruct(jets: ArrayLike, b_quarks: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Select events with seven jets and assign six of them to the two tops.

    Each b jet is the jet nearest to its b quark (ΔR < 0.4, two distinct jets). Among the five hardest
    other jets the two W pairs minimise Σ ((m_W − 80.4)/10)² + ((m_t − 173)/20)², summed over both tops;
    the jet left over is j. Within a W pair the harder jet comes first, since jets carry no flavour.

    Parameters
    ----------
    jets : array, shape (n, k, 4)
        Jets (E, px, py, pz) in GeV in any order, padded with anything softer than the jet cut.
    b_quarks : array, shape (n, 2, 4)
        The b quark of the top and the b̄ quark of the antitop.

    Returns
    -------
    events : array, shape (m, 7, 4)
        Order (b1, q1, qbar1', bbar2, qbar2, q2', j).
    accepted : bool array, shape (n,)
        The m events that pass.

    Raises
    ------
    ValueError
        If a shape is not the one above or a number is not finite.
    """
    jets, b_quarks = np.asarray(jets, dtype=float), np.asarray(b_quarks, dtype=float)
    if jets.ndim != 3 or jets.shape[2] != 4 or b_quarks.shape != (len(jets), 2, 4):
        raise ValueError(
            f"expected jets (n, k, 4) and b_quarks (n, 2, 4), found {jets.shape}, {b_quarks.shape}"
        )
    if not (np.isfinite(jets).all() and np.isfinite(b_quarks).all()):
        raise ValueError("expected finite four-vectors, found NaN or infinity")

    if jets.shape[1] < 7:
        return np.empty((0, 7, 4)), np.zeros(len(jets), dtype=bool)
    is_jet = (pt(jets) > JET_PT_MIN) & (np.abs(eta(jets)) < JET_ETA_MAX)  # (n, k)
    distance = delta_r(b_quarks[:, :, None], jets[:, None])  # (n, 2, k)
    distance = np.where(is_jet[:, None], distance, np.inf)
    nearest = distance.argmin(axis=2)  # (n, 2)
    accepted = is_jet.sum(axis=1) >= 7
    accepted &= (distance.min(axis=2) < JET_RADIUS).all(axis=1) & (nearest[:, 0] != nearest[:, 1])

    jets, is_jet, nearest = jets[accepted], is_jet[accepted], nearest[accepted]
    row = np.arange(len(jets))[:, None]
    b_jets = jets[row, nearest]  # (m, 2, 4)
    is_jet[row, nearest] = False
    hardest = np.argsort(-np.where(is_jet, pt(jets), 0.0), axis=1)[:, :5]
    light = jets[row, hardest]  # (m, 5, 4), by falling pT

    # combinations() keeps the pT order, so the harder jet of a pair is the first.
    pairs = light[:, PAIRINGS[:, :4]].reshape(-1, len(PAIRINGS), 2, 2, 4)  # (m, 30, top, jet of W, 4)
    w = pairs.sum(axis=3)
    top = w + b_jets[:, None]
    cost = ((mass(w) - M_W) / SIGMA_W) ** 2 + ((mass(top) - M_TOP) / SIGMA_TOP) ** 2
    best = PAIRINGS[cost.sum(axis=2).argmin(axis=1)]  # (m, 5)
    chosen = light[row, best]
    return np.concatenate([b_jets[:, :1], chosen[:, :2], b_jets[:, 1:], chosen[:, 2:]], axis=1), accepted


def generate(n: int, order: str, seed: int) -> np.ndarray:
    """Generate n reconstructed pp → t t̄ + jet events at 13 TeV, both tops decaying to jets.

    Both orders are stand-ins, not fixed-order calculations. Both take the leading-order matrix element of
    t t̄ in Pythia 8 (arXiv:2203.11601) and the jet from its parton shower. "LO" lets the initial-state shower
    fill all of phase space (``SpaceShower:pTmaxMatch = 2``, the power shower), so that the t t̄ pair recoils
    too hard; "NLO" stops it at the hard scale (``pTmaxMatch = 1``), which softens the recoil as
    next-to-leading order does. Multiparton interactions and hadronisation are off; jets are anti-kT
    (arXiv:0802.1189) with R = 0.4, pT > 25 GeV, |η| < 4.5; `reconstruct` assigns them to the tops.

    Parameters
    ----------
    n : int
        Number of accepted events; about three to four times as many are generated.
    order : {"LO", "NLO"}
    seed : int
        Seed of Pythia, 1 to 900 000 000. The first rows do not depend on n.

    Returns
    -------
    array, shape (n, 28), float32
        (E, px, py, pz) in GeV of b1, q1, qbar1', bbar2, qbar2, q2', j, in this order.

    Raises
    ------
    ValueError
        If n, order or seed is out of range.
    ImportError
        If pythia8mc, an optional dependency for authors, is not installed.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, found {n}")
    if order not in PT_MAX_MATCH:
        raise ValueError(f"order must be one of {sorted(PT_MAX_MATCH)}, found {order!r}")
    if not 1 <= seed <= 900_000_000:  # Pythia takes the clock for 0
        raise ValueError(f"seed must lie between 1 and 900000000, found {seed}")

    blocks, found = [], 0
    for jets, b_quarks in _shower(order, seed):
        events, _ = reconstruct(jets, b_quarks)
        blocks.append(events)
        found += len(events)
        if found >= n:
            break
    return np.concatenate(blocks)[:n].reshape(n, 28).astype(np.float32)


def _shower(order, seed):
    """Yield without end blocks of showered and clustered events: jets (n, k, 4) and b quarks (n, 2, 4)."""
    pythia8, pythia = _start_pythia(order, seed)
    # Power −1 is anti-kT; 25 stands for no cut on the η of the partons, 1 for all final particles.
    clustering = pythia8.SlowJet(-1, JET_RADIUS, JET_PT_MIN, 25.0, 1)
    while True:
        jets, b_quarks = [], []
        while len(jets) < BLOCK:
            if not pythia.next():
                continue
            quarks = _decay_b_quarks(pythia.event)
            if quarks is None:
                continue
            clustering.analyze(pythia.event)
            jets.append([_components(clustering.p(i)) for i in range(clustering.sizeJet())])
            b_quarks.append(quarks)
        padded = np.tile(PADDING, (BLOCK, max(map(len, jets)), 1))  # (n, k, 4)
        for i, found in enumerate(jets):
            padded[i, : len(found)] = np.reshape(found, (-1, 4))  # also without any jet
        yield padded, np.array(b_quarks)


def _start_pythia(order, seed):
    """Return the pythia8 module and an initialised generator for one of the two orders."""
    try:
        import pythia8mc as pythia8
    except ImportError as error:
        raise ImportError('t t̄ j events are generated with Pythia 8: pip install ".[authors]"') from error
    pythia = pythia8.Pythia("", False)
    settings = [
        "Print:quiet = on",
        "Random:setSeed = on",
        f"Random:seed = {seed}",
        "Beams:eCM = 13000",
        "Top:gg2ttbar = on",
        "Top:qqbar2ttbar = on",
        "24:onMode = off",
        "24:onIfAny = 1 2 3 4 5",
        "PartonLevel:MPI = off",
        "HadronLevel:all = off",
        f"SpaceShower:pTmaxMatch = {PT_MAX_MATCH[order]}",
        "SpaceShower:pTdampMatch = 0",
    ]
    if not (all(pythia.readString(line) for line in settings) and pythia.init()):
        raise RuntimeError("Pythia did not accept its settings or failed to initialise")
    return pythia8, pythia


def _components(p):
    return p.e(), p.px(), p.py(), p.pz()


def _decay_b_quarks(event):
    """Return the last copies of the b from t → bW and of the b̄ from t̄, or None if a top decayed to s or d."""
    quarks = {}
    for hard in (5, 6):  # the two tops of the hard process in Pythia's event record
        top = event[event[hard].iBotCopyId()]
        for daughter in (top.daughter1(), top.daughter2()):
            if abs(event[daughter].id()) == 5:
                quarks[event[daughter].id()] = _components(event[event[daughter].iBotCopyId()].p())
    return [quarks[5], quarks[-5]] if len(quarks) == 2 else None


def _write(order):
    name = f"data09/ttbarj_{order}.npy"
    n, _ = DATASETS["ttbarj"].shapes[name]
    start = time.perf_counter()
    events = generate(n, order, SEEDS[order])
    with replacing(DATA / "generated" / name) as file:
        np.save(file, events)
    return f"{name}: {events.shape} in {time.perf_counter() - start:.0f} s"


def main() -> None:
    """Write the shipped files, one process per order."""
    with ProcessPoolExecutor(len(SEEDS)) as pool:
        for line in pool.map(_write, SEEDS):
            print(line)


if __name__ == "__main__":
    main()
