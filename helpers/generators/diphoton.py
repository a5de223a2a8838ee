"""Events of gg → γγg at leading order (one loop), labelled by their exact |M|²."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import cumulative_trapezoid

from helpers.generators.diphoton_amplitude import helicity_sum
from helpers.generators.parton_density import xf
from helpers.kinematics import delta_r, eta, pt

__all__ = ["BEAM_ENERGY", "PT_MIN", "generate", "squared_amplitude"]

BEAM_ENERGY = 500.0  # GeV, each of the two protons
SCALE = 91.188  # GeV, factorisation scale
PT_MIN = (40.0, 30.0, 20.0)  # GeV: harder photon, softer photon, gluon
ETA_MAX = (2.37, 2.37, 5.0)
DELTA_R_MIN = 0.4

CHARGES = (11 / 9) ** 2  # (Σ Q²)² of u, d, s, c, b
_CHUNK = 1200  # points at a time; rows whose bytes are a multiple of 4096 would be gathered ten times slower
# Once an array of this size (24 MB, never touched) was freed, glibc keeps the memory of smaller ones at hand;
# otherwise it goes back to the system at once, and page faults take more time than the arithmetic.
_LARGEST = 3_000_000
_TRIALS = 100_000


def squared_amplitude(momenta: ArrayLike, alpha_s: float = 0.118, alpha: float = 1 / 137.036) -> np.ndarray:
    """|M|² of gg → γγg through a loop of five massless quarks.

    Averaged over helicities and colours of the incoming gluons, summed over those of the outgoing particles,
    without the factor 1/2 for identical photons, which belongs to the phase space. Momenta must balance and
    be massless.

    Parameters
    ----------
    momenta : array_like
        (..., 5, 4) = (E, px, py, pz) in GeV of g, g → γ, γ, g, all with positive energy.
    alpha_s, alpha : float
        Strong and electromagnetic coupling.

    Returns
    -------
    np.ndarray
        |M|² in GeV⁻², shape (...).

    Raises
    ------
    ValueError
        If the shape is wrong, a value is NaN or infinite, an energy is not positive, or the point is singular
        (two momenta exactly parallel).

    Notes
    -----
    Bern, Dixon, Kosower, Phys. Rev. Lett. 70 (1993) 2677; Binoth, Guillet, Mahmoudi, hep-ph/0312334.
    """
    momenta = np.asarray(momenta, dtype=float)
    if momenta.shape[-2:] != (5, 4):
        raise ValueError(f"momenta of gg → γγg need shape (..., 5, 4) = (E, px, py, pz), got {momenta.shape}")
    if not np.isfinite(momenta).all():
        raise ValueError(
            f"momenta hold {np.count_nonzero(~np.isfinite(momenta))} values that are NaN or infinite"
        )
    if not (momenta[..., 0] > 0).all():
        raise ValueError(
            f"momenta need positive energies, smallest energy found: {momenta[..., 0].min()} GeV"
        )

    points = momenta.reshape(-1, 5, 4) * np.array([-1.0, -1.0, 1.0, 1.0, 1.0])[:, None]  # all outgoing
    np.empty(_LARGEST)  # freed at once, see above
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        chunks = [helicity_sum(points[i : i + _CHUNK]) for i in range(0, len(points), _CHUNK)]
    result = np.concatenate(chunks) if chunks else np.empty(0)
    if not np.isfinite(result).all():
        raise ValueError(
            f"|M|² is singular at {np.count_nonzero(~np.isfinite(result))} points: parallel momenta"
        )
    colours_over_average = 48 / 256
    coupling = (4 * np.pi * alpha_s) ** 3 * 4 * (4 * np.pi * alpha) ** 2 * CHARGES / (16 * np.pi**2) ** 2
    return (colours_over_average * coupling * result).reshape(momenta.shape[:-2])


def generate(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Events of pp → γγg at √s = 1 TeV, distributed by gluon densities times phase space, with cuts.

    The density is f(x1) f(x2) dx1 dx2 dΦ3 inside the cuts. |M|² labels a point and does not shape the
    density, nor does the flux 1/(2ŝ): the events are points to learn |M|² from, not a cross section.

    Parameters
    ----------
    n : int
        Number of events.
    seed : int
        Seed of the generator; equal seeds give equal events.

    Returns
    -------
    momenta : np.ndarray
        (n, 5, 4) = (E, px, py, pz) in GeV of g, g → γ, γ, g, photons ordered by pt.
    amplitudes : np.ndarray
        |M|², (n,) in GeV⁻².
    """
    rng = np.random.default_rng(seed)
    accepted = [np.empty((0, 5, 4))]
    missing = n
    while missing > 0:
        events = _after_cuts(_trial_events(_TRIALS, rng))[:missing]
        accepted.append(events)
        missing -= len(events)
    momenta = np.concatenate(accepted)
    return momenta, squared_amplitude(momenta)


def _trial_events(n, rng):
    """Events (n, 5, 4) distributed by f(x1) f(x2) dx1 dx2 times phase space, before cuts."""
    x = _momentum_fractions(n, rng)
    beams = np.zeros((n, 2, 4))
    beams[:, :, 0] = BEAM_ENERGY * x
    beams[:, :, 3] = beams[:, :, 0] * [1, -1]
    outgoing = _flat_three_body(2 * BEAM_ENERGY * np.sqrt(x[:, 0] * x[:, 1]), rng)
    return np.concatenate([beams, _boost_z(outgoing, np.log(x[:, 0] / x[:, 1]) / 2)], axis=1)


def _momentum_fractions(n, rng):
    """Pairs (n, 2) of x1, x2 with density f(x1) f(x2) x1 x2, where the phase space gives ŝ ∝ x1 x2."""
    # The cuts need ŝ ≥ (Σ pt)²: x2 runs above τ/x1, and x1 has the density of that tail as a factor.
    log_tau = 2 * np.log(sum(PT_MIN) / (2 * BEAM_ENERGY))
    log_x = np.linspace(log_tau, 0, 10_001)
    density = np.exp(log_x) * xf(21, np.exp(log_x), SCALE)  # per unit of log x
    cumulative = cumulative_trapezoid(density, log_x, initial=0)
    tail = cumulative[-1] - np.interp(log_tau - log_x, log_x, cumulative)
    first = cumulative_trapezoid(density * tail, log_x, initial=0)

    log_x1 = np.interp(rng.random(n) * first[-1], first, log_x)
    lowest = np.interp(log_tau - log_x1, log_x, cumulative)
    log_x2 = np.interp(lowest + rng.random(n) * (cumulative[-1] - lowest), cumulative, log_x)
    return np.exp(np.stack([log_x1, log_x2], axis=-1))


def _flat_three_body(energy, rng):
    """Momenta (n, 3, 4) of three massless particles in their rest frame, flat in phase space.

    The energy fractions 2E/√ŝ are uniform in the triangle of the Dalitz plot, the orientation is isotropic.
    """
    n = len(energy)
    rest = np.diff(np.sort(rng.random((n, 2)), axis=1), axis=1, prepend=0, append=1)
    fraction = 1 - rest  # (n, 3), each 2E/√ŝ in [0, 1], sum 2
    first, across = _random_axes(n, rng)  # (n, 3) each
    cos = 1 - 2 * rest[:, 2] / (fraction[:, 0] * fraction[:, 1])
    sin = np.sqrt(np.clip(1 - cos**2, 0, None))
    second = cos[:, None] * first + sin[:, None] * across
    p = np.stack([fraction[:, :1] * first, fraction[:, 1:2] * second], axis=1)
    p = np.concatenate([p, -p.sum(axis=1, keepdims=True)], axis=1) * (energy / 2)[:, None, None]
    return np.concatenate([np.linalg.norm(p, axis=-1, keepdims=True), p], axis=-1)


def _random_axes(n, rng):
    """Two orthogonal unit vectors (n, 3) with isotropic common orientation."""
    cos = rng.uniform(-1, 1, n)
    sin = np.sqrt(1 - cos**2)
    phi, psi = rng.uniform(0, 2 * np.pi, (2, n))
    axis = np.stack([sin * np.cos(phi), sin * np.sin(phi), cos], axis=-1)
    along_theta = np.stack([cos * np.cos(phi), cos * np.sin(phi), -sin], axis=-1)
    along_phi = np.stack([-np.sin(phi), np.cos(phi), np.zeros(n)], axis=-1)
    return axis, np.cos(psi)[:, None] * along_theta + np.sin(psi)[:, None] * along_phi


def _boost_z(p, rapidity):
    """Massless momenta p (n, m, 4) boosted along z by rapidity (n,)."""
    energy, px, py, pz = np.moveaxis(p, -1, 0)
    pz = pz * np.cosh(rapidity)[:, None] + energy * np.sinh(rapidity)[:, None]
    return np.stack([np.sqrt(px**2 + py**2 + pz**2), px, py, pz], axis=-1)


def _after_cuts(events):
    """The events that pass all cuts, the harder photon in front."""
    softer_first = pt(events[:, 2]) < pt(events[:, 3])
    events[softer_first, 2:4] = events[softer_first, 3:1:-1]
    outgoing = events[:, 2:]  # (n, 3, 4)
    keep = np.all((pt(outgoing) > PT_MIN) & (np.abs(eta(outgoing)) < ETA_MAX), axis=1)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        keep &= delta_r(outgoing[:, i], outgoing[:, j]) > DELTA_R_MIN
    return events[keep]
