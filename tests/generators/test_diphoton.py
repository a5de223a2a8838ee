"""gg → γγg: reference points, symmetries, limits, 40 digits of |M|²; cuts and distributions of the events."""

import mpmath as mp
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import ks_2samp

from helpers import kinematics as kin
from helpers.generators.diphoton import generate, squared_amplitude
from helpers.generators.diphoton_amplitude import helicity_sum
from helpers.generators.parton_density import xf
from tests.builders.diphoton_reference import DIGITS, boosted, diphoton_squared, flat_points, invariant
from tests.builders.diphoton_reference import helicity_sum as helicity_sum_40

U, V, W = (98, 28, 42, 84), (105, 18, -99, -30), (91, -46, 57, -54)
HEAD_ON = [(147, 0, 0, 147), (147, 0, 0, -147)]
POINTS = np.array(
    [
        [*HEAD_ON, U, V, W],
        [*HEAD_ON, V, W, U],
        [(192, 0, 0, 192), (48, 0, 0, -48), (126, 24, 48, 114), (33, 20, -8, -25), (81, -44, -40, 55)],
    ]
)
VALUES = np.array([2.87856116623887e-07, 5.32339933393850e-07, 5.51679847993704e-07])
ALL_OUTGOING = np.array([-1, -1, 1, 1, 1])[:, None]


def test_reference_points():
    np.testing.assert_allclose(squared_amplitude(POINTS), VALUES, rtol=1e-10)


def test_shape_follows_the_leading_axes():
    assert squared_amplitude(POINTS[0]).shape == ()
    assert squared_amplitude(np.empty((0, 5, 4))).shape == (0,)
    many = np.broadcast_to(POINTS, (1000, 3, 5, 4))
    np.testing.assert_allclose(squared_amplitude(many), np.broadcast_to(VALUES, (1000, 3)), rtol=1e-10)


@pytest.mark.parametrize("n", [1, 2, 1199, 1200, 1201, 2401])
def test_points_do_not_depend_on_their_neighbours(n):
    """Wherever the chunks end, and however few points the last one holds."""
    p = flat_points(2401, seed=12)
    alone = [squared_amplitude(p[i]) for i in (0, n // 2, n - 1)]
    np.testing.assert_allclose(squared_amplitude(p[:n])[[0, n // 2, n - 1]], alone, rtol=1e-12)


def test_couplings():
    expected = VALUES * 2**3 * 3**2
    np.testing.assert_allclose(
        squared_amplitude(POINTS, alpha_s=2 * 0.118, alpha=3 / 137.036), expected, rtol=1e-10
    )


def test_lorentz_invariance():
    rng = np.random.default_rng(3)
    p = flat_points(500, seed=3)
    rotation = np.linalg.qr(rng.normal(size=(500, 3, 3)))[0]
    rotation *= np.linalg.det(rotation)[:, None, None]
    moved = np.concatenate([p[..., :1], p[..., 1:] @ rotation], axis=-1)
    direction = rng.normal(size=(500, 3))
    speed = rng.uniform(0.1, 0.9, (500, 1))
    moved = boosted(moved, speed * direction / np.linalg.norm(direction, axis=1, keepdims=True))
    np.testing.assert_allclose(squared_amplitude(moved), squared_amplitude(p), rtol=1e-9)


def test_mirror_images_are_equal():
    p = flat_points(500, seed=4)
    np.testing.assert_allclose(squared_amplitude(p * [1, 1, -1, 1]), squared_amplitude(p), rtol=1e-10)


@pytest.mark.parametrize("order", [(0, 1, 3, 2, 4), (1, 0, 2, 3, 4)])
def test_exchange_of_photons_and_of_incoming_gluons(order):
    p = flat_points(500, seed=5)
    np.testing.assert_allclose(squared_amplitude(p[:, order]), squared_amplitude(p), rtol=1e-10)


@pytest.mark.parametrize("order", [(4, 1, 2, 3, 0), (0, 4, 2, 3, 1), (1, 4, 2, 3, 0), (4, 0, 3, 2, 1)])
def test_crossed_gluons_are_interchangeable(order):
    p = ALL_OUTGOING * flat_points(500, seed=6)
    np.testing.assert_allclose(helicity_sum(p[:, order]), helicity_sum(p), rtol=1e-10)


def test_gluon_and_photon_are_not_interchangeable():
    p = flat_points(100, seed=7)
    assert np.abs(squared_amplitude(p[:, [0, 1, 2, 4, 3]]) / squared_amplitude(p) - 1).min() > 1e-6


def test_scaling_dimension():
    """|M|² ∝ 1/mass², exactly: no scale μ is left, as only logarithms of ratios scale like this."""
    p = flat_points(500, seed=8)
    np.testing.assert_allclose(1e6 * squared_amplitude(1e3 * p), squared_amplitude(p), rtol=1e-10)


def soft_or_collinear(fraction, cos, first=2):
    """Rest-frame points (n, 5, 4) where leg `first` has 2E/√ŝ = fraction, at an angle to the next leg."""
    fraction, cos = np.broadcast_arrays(np.asarray(fraction, float), cos)
    other = 2 * (1 - fraction) / (2 - fraction * (1 - cos))
    one = np.array([0.6, 0.48, 0.64])
    across = np.array([0.8, -0.36, -0.48])
    a = fraction[:, None] * one
    b = other[:, None] * (cos[:, None] * one + np.sqrt((1 - cos) * (1 + cos))[:, None] * across)
    out = 150 * np.stack([a, b, -a - b], axis=1)
    out = np.concatenate([np.linalg.norm(out, axis=-1, keepdims=True), out], axis=-1)
    beams = np.broadcast_to(150.0 * np.array([[1, 0, 0, 1], [1, 0, 0, -1]]), (len(a), 2, 4))
    return np.concatenate([beams, np.roll(out, first - 2, axis=1)], axis=1)


def test_soft_gluon_limit():
    """|M5|² → 4π α_s C_A 4 s12/(s15 s25) |M4|²; the deviation falls like the gluon energy times a log."""
    fraction = np.array([1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
    p = soft_or_collinear(fraction, cos=-0.3, first=4)  # (gluon, photon, photon) in that order
    s12, s15, s25 = invariant(p, 0, 1), -invariant(p, 0, 4), -invariant(p, 1, 4)
    eikonal = 4 * np.pi * 0.118 * 3 * 4 * s12 / (s15 * s25)
    # The angle of the two photons, averaged over the recoil.
    t = -(invariant(p, 0, 2) + invariant(p, 1, 3)) / 2
    deviation = np.abs(squared_amplitude(p) / (eikonal * diphoton_squared(s12, t)) - 1)
    assert (deviation < 10 * fraction).all()
    assert (deviation[1:] < deviation[:-1] / 5).all()


@pytest.mark.parametrize("first", [2, 3, 4])
def test_no_pole_when_a_photon_is_collinear(first):
    """Neither γγ (legs 2, 3) nor γg (3, 4), (4, 2) splits: |M|² grows like log² s only, not like 1/s."""
    angle = np.array([1e-1, 1e-2, 1e-3, 1e-4])
    p = soft_or_collinear(0.7, np.cos(angle), first)
    pole = squared_amplitude(p) * angle**2
    assert (pole[1:] < pole[:-1] / 25).all()


def test_pole_when_the_gluon_is_collinear_to_the_beam():
    """The counterpart: here s |M|² tends to a constant."""
    angle = np.array([1e-2, 1e-3, 1e-4])
    gluon = 0.7 * np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=-1)  # (3, 3)
    across = np.cross(gluon, [0.0, 1.0, 0.0])
    across /= np.linalg.norm(across, axis=-1, keepdims=True)
    other = 2 * (1 - 0.7) / (2 - 0.7 * 1.3)
    photon = other * (-0.3 * gluon / 0.7 + np.sqrt(1 - 0.09) * across)
    out = 150 * np.stack([photon, -photon - gluon, gluon], axis=1)
    out = np.concatenate([np.linalg.norm(out, axis=-1, keepdims=True), out], axis=-1)
    beams = np.broadcast_to(150.0 * np.array([[1, 0, 0, 1], [1, 0, 0, -1]]), (3, 2, 4))
    pole = squared_amplitude(np.concatenate([beams, out], axis=1)) * angle**2
    np.testing.assert_allclose(pole[1:], pole[0], rtol=0.05)


def exact(p):
    """The point (5, 4) in 40 digits, balanced and on shell; all outgoing."""
    out = [[mp.mpf(float(x)) for x in q] for q in p[2:, 1:]]
    for axis in (0, 1):
        out[2][axis] = -out[0][axis] - out[1][axis]
    out = [[mp.sqrt(sum(x**2 for x in q)), *q] for q in out]
    plus, minus = (sum(q[0] + sign * q[3] for q in out) / 2 for sign in (1, -1))
    return [[-plus, 0, 0, -plus], [-minus, 0, 0, minus], *out]


def turned_to(ratio, p):
    """The point, its outgoing momenta turned around x such that s02/s13 has the given value."""

    def turn(angle):
        c, s = np.cos(angle), np.sin(angle)
        turned = p.copy()
        turned[2:, 2:] = p[2:, 2:] @ np.array([[c, s], [-s, c]])
        return turned

    def distance(angle):
        turned = turn(angle)
        return invariant(turned, 0, 2) - ratio * invariant(turned, 1, 3)

    angles = np.linspace(0, 2 * np.pi, 100)
    signs = np.sign([distance(angle) for angle in angles])
    k = np.flatnonzero(signs[1:] != signs[:-1])[0]
    return turn(brentq(distance, angles[k], angles[k + 1], xtol=1e-15, rtol=1e-15))


def points_for_40_digits():
    flat = flat_points(40, seed=9)
    # Sorted for turned_to(), which succeeds where the photons have similar energies.
    flat = flat[np.argsort(np.abs(flat[:, 2, 0] - flat[:, 3, 0]))]
    yield from ((f"flat {i}", flat[-i], range(5)) for i in range(1, 9))
    yield from ((f"event {i}", p, range(5)) for i, p in enumerate(generate(8, seed=9)[0]))
    for i, ratio in enumerate(
        (1, 1 + 1e-9, 1 - 1e-5, 1 + 1e-3, 0.85 - 1e-9, 0.85 + 1e-9, 1.15 - 1e-9, 1.15 + 1e-9)
    ):
        yield f"s02/s13 = {ratio}", turned_to(ratio, flat[i]), range(5)
    for first, angle in ((2, 0.3), (3, 0.1), (4, 0.03)):
        yield (
            f"legs {first}, {first + 1} at {angle}",
            soft_or_collinear([0.7], np.cos(angle), first)[0],
            range(5),
        )
    for i, order in enumerate(((4, 1, 2, 3, 0), (2, 1, 0, 3, 4), (2, 3, 0, 1, 4))):
        yield f"crossed {order}", flat[20 + i], order


def test_forty_digits():
    for name, point, order in points_for_40_digits():
        with mp.workdps(DIGITS):
            p = [exact(point)[leg] for leg in order]
            rounded = np.array([[[float(x) for x in q] for q in p]])
            deviation = float(abs(mp.mpf(float(helicity_sum(rounded)[0])) / helicity_sum_40(p) - 1))
        assert deviation < 1e-10, name


def test_same_precision_in_all_of_the_phase_space():
    """Turning around the beam changes every rounding error and nothing else."""
    p = flat_points(20_000, seed=10)
    c, s = np.cos(1.1), np.sin(1.1)
    turned = p.copy()
    turned[..., 1:3] = p[..., 1:3] @ np.array([[c, s], [-s, c]])
    np.testing.assert_allclose(squared_amplitude(turned), squared_amplitude(p), rtol=1e-10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p[:, :4], r"shape \(\.\.\., 5, 4\).*got \(3, 4, 4\)"),
        (lambda p: p.reshape(3, 20), r"got \(3, 20\)"),
        (lambda p: np.where(p == 98, np.nan, p), "2 values that are NaN or infinite"),
        (lambda p: np.where(p == 98, np.inf, p), "2 values that are NaN or infinite"),
        (lambda p: p * ALL_OUTGOING, "positive energies.*-192"),
        (lambda p: p[:, [0, 1, 2, 2, 4]], "singular at 3 points"),
    ],
)
def test_bad_momenta_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        squared_amplitude(change(POINTS.astype(float)))


@pytest.fixture(scope="module")
def sample():
    return generate(20_000, seed=1)


def test_events_obey_the_cuts(sample):
    p, _ = sample
    harder, softer, gluon = p[:, 2], p[:, 3], p[:, 4]
    assert p.shape == (20_000, 5, 4) and p.dtype == float
    assert (kin.pt(harder) >= kin.pt(softer)).all()
    for particle, pt_min, eta_max in ((harder, 40, 2.37), (softer, 30, 2.37), (gluon, 20, 5)):
        assert pt_min < kin.pt(particle).min() < pt_min + 0.5
        assert np.abs(kin.eta(particle)).max() < eta_max
    assert np.abs(kin.eta(p[:, 2:4])).max() > 2.3  # the energy keeps the gluon away from its cut
    assert kin.delta_r(harder, gluon).min() > 0.4  # by far, as they recoil against the softer photon
    for other in (harder, gluon):
        assert 0.4 < kin.delta_r(softer, other).min() < 0.5


def test_events_are_massless_and_balance(sample):
    p, _ = sample
    np.testing.assert_allclose(p[:, :2].sum(1), p[:, 2:].sum(1), atol=1e-10)
    np.testing.assert_allclose(p[..., 0], np.linalg.norm(p[..., 1:], axis=-1), rtol=1e-13)
    assert (p[:, :2, 1:3] == 0).all() and (p[:, 0, 3] > 0).all() and (p[:, 1, 3] < 0).all()
    assert p[:, :2, 0].max() < 500


def test_events_follow_from_the_seed(sample):
    p, amplitudes = generate(20_000, seed=1)
    assert (p == sample[0]).all() and (amplitudes == sample[1]).all()
    assert (generate(20, seed=1)[0] == p[:20]).all()
    assert (generate(20, seed=2)[0][..., 0] != p[:20, :, 0]).all()
    assert [array.shape for array in generate(0, seed=1)] == [(0, 5, 4), (0,)]


def test_labels_are_the_amplitudes_and_spread_as_expected(sample):
    p, amplitudes = sample
    np.testing.assert_allclose(amplitudes[:100], squared_amplitude(p[:100]), rtol=1e-12)
    logs = np.log(amplitudes)
    assert logs.mean() == pytest.approx(-14.7, abs=0.05)
    assert logs.std() == pytest.approx(1.0, abs=0.05)
    assert logs.min() > -20 and logs.max() < -7


def test_events_have_no_preferred_beam(sample):
    p, _ = sample
    for leg in (2, 3, 4):
        assert ks_2samp(p[::2, leg, 3], -p[1::2, leg, 3]).pvalue > 1e-3
    assert ks_2samp(p[::2, 0, 0], p[1::2, 1, 0]).pvalue > 1e-3


def test_events_follow_the_gluon_density_and_the_phase_space(sample):
    """Against uniform log x1, log x2 and RAMBO with weights x1 f(x1) x2 f(x2) ŝ and cuts of its own."""
    rng = np.random.default_rng(11)
    n = 600_000
    x = np.exp(rng.uniform(np.log(0.0081), 0, (n, 2)))
    x = x[x[:, 0] * x[:, 1] > 0.0081]
    weights = xf(21, x, 91.188).prod(axis=1) * x.prod(axis=1)
    p = flat_points(len(x), seed=11, energy=1)[:, 2:] * 1000 * np.sqrt(x.prod(axis=1))[:, None, None]
    beta = (x[:, 0] - x[:, 1]) / (x[:, 0] + x[:, 1])
    p = boosted(p, np.stack([0 * beta, 0 * beta, beta], axis=-1))
    pts, rapidities = kin.pt(p), np.abs(kin.eta(p))
    photons = np.sort(pts[:, :2], axis=1)
    keep = (photons[:, 0] > 30) & (photons[:, 1] > 40) & (pts[:, 2] > 20)
    keep &= (rapidities[:, :2].max(axis=1) < 2.37) & (rapidities[:, 2] < 5)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        keep &= kin.delta_r(p[:, i], p[:, j]) > 0.4
    weights, x, photons, gluon = weights[keep], x[keep], photons[keep], p[keep, 2]

    events, _ = sample
    for ours, weighted in (
        (events[:, 0, 0] / 500, x[:, 0]),
        (kin.pt(events[:, 2]), photons[:, 1]),
        (kin.pt(events[:, 3]), photons[:, 0]),
        (kin.pt(events[:, 4]), kin.pt(gluon)),
        (np.abs(kin.eta(events[:, 4])), np.abs(kin.eta(gluon))),
        (kin.mass(events[:, 0] + events[:, 1]), 1000 * np.sqrt(x.prod(axis=1))),
    ):
        mean = np.average(weighted, weights=weights)
        error = np.sqrt((weights**2 * (weighted - mean) ** 2).sum()) / weights.sum()
        assert abs(ours.mean() - mean) < 4 * np.hypot(error, ours.std() / np.sqrt(len(ours)))
        assert error < 0.01 * mean
