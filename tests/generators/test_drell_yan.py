"""Drell-Yan: cross section against independent formulae, events against integration and Pythia."""

import numpy as np
import pytest
from scipy import stats
from scipy.ndimage import map_coordinates
from scipy.optimize import curve_fit

from helpers.generators import drell_yan
from helpers.generators.drell_yan import (
    CHUNK,
    ETA_MAX,
    MASS_RANGE,
    MUON_MASS,
    PT_MIN,
    angular_coefficients,
    cos_theta_max,
    cross_section,
    generate,
    partonic_coefficients,
)

N_EVENTS = 400_000
OBSERVABLES = ("pt", "eta1", "eta2", "m", "cos_theta")


def observables(events):
    """pt, eta of both muons, and mass, rapidity and Collins-Soper angle of the pair, from the muons alone.

    cos(theta) = sign(Qz) (l1+ l2- - l1- l2+) / (m sqrt(m^2 + QT^2)) with l+- = E +- pz, l1 = mu-, Q = l1 + l2
    (Collins, Soper, Phys. Rev. D 16 (1977) 2219); at QT = 0 its axis is the flight direction of the pair.
    """
    minus, plus = events[:, :4], events[:, 4:]
    pt = np.hypot(minus[:, 1], minus[:, 2])
    pair = minus + plus
    mass2 = pair[:, 0] ** 2 - np.sum(pair[:, 1:] ** 2, axis=1)
    up1, down1 = minus[:, 0] + minus[:, 3], minus[:, 0] - minus[:, 3]
    up2, down2 = plus[:, 0] + plus[:, 3], plus[:, 0] - plus[:, 3]
    qt2 = pair[:, 1] ** 2 + pair[:, 2] ** 2
    cos_theta = np.sign(pair[:, 3]) * (up1 * down2 - down1 * up2) / np.sqrt(mass2 * (mass2 + qt2))
    return {
        "pt": pt,
        "eta1": np.arcsinh(minus[:, 3] / pt),
        "eta2": np.arcsinh(plus[:, 3] / np.hypot(plus[:, 1], plus[:, 2])),
        "m": np.sqrt(mass2),
        "y": np.log((up1 + up2) / (down1 + down2)) / 2,
        "cos_theta": cos_theta,
    }


@pytest.fixture(scope="module")
def events():
    return generate(N_EVENTS, 1)


@pytest.fixture(scope="module")
def observed(events):
    return observables(events)


@pytest.fixture(scope="module")
def prediction():
    """Direct integration over cos(theta) within cuts for massless muons, on a grid of mass and rapidity.

    Returns mass (n_m,), y (n_y,), and d sigma / (dm dy), each (n_m, n_y), with mu- forward and backward
    with respect to the flight direction of the pair.
    """
    mass = np.arange(MASS_RANGE[0], MASS_RANGE[1] + 0.01, 0.1)
    y = np.linspace(-ETA_MAX, ETA_MAX, 401)
    even, odd = (part[..., None] for part in angular_coefficients(mass[:, None], y))  # (n_m, n_y, 1)
    limit = np.minimum(np.tanh(ETA_MAX - np.abs(y)), np.sqrt(1 - (2 * PT_MIN / mass[:, None]) ** 2))
    nodes, weights = np.polynomial.legendre.leggauss(4)
    cos = np.sign(y)[:, None] * limit[..., None] * (nodes + 1) / 2  # (n_m, n_y, 4)
    forward = (even * (1 + cos**2) + 2 * odd * cos) @ weights * limit / 2
    backward = (even * (1 + cos**2) - 2 * odd * cos) @ weights * limit / 2
    return mass, y, forward, backward


# The cross section


@pytest.mark.parametrize("quark", [1, 2, 3, 4, 5])
def test_partonic_coefficients_are_the_sum_of_chirality_amplitudes(quark):
    mass = np.linspace(40.0, 200.0, 33)[:, None]
    cos = np.linspace(-1, 1, 21)
    s, s2w = mass**2, drell_yan.SIN2_THETA
    charge = {0: 2 / 3, 1: -1 / 3}[quark % 2]
    isospin = {0: 0.5, 1: -0.5}[quark % 2]
    couplings = {"L": isospin - charge * s2w, "R": -charge * s2w}
    couplings_mu = {"L": -0.5 + s2w, "R": s2w}
    z = s / (s2w * (1 - s2w)) / (s - drell_yan.Z_MASS**2 + 1j * s * drell_yan.Z_WIDTH / drell_yan.Z_MASS)
    expected = 0.0
    for chirality, g in couplings.items():
        for chirality_mu, g_mu in couplings_mu.items():
            amplitude = -charge + g * g_mu * z
            sign = 1 if chirality == chirality_mu else -1
            expected = expected + np.abs(amplitude) ** 2 * (1 + sign * cos) ** 2 / 4
    symmetric, asymmetric = partonic_coefficients(quark, mass)
    np.testing.assert_allclose(symmetric * (1 + cos**2) + 2 * asymmetric * cos, expected, rtol=1e-12)


@pytest.mark.parametrize(("quark", "charge"), [(1, -1 / 3), (2, 2 / 3)])
def test_only_the_photon_is_left_at_low_mass(quark, charge):
    symmetric, asymmetric = partonic_coefficients(quark, 0.1)
    assert symmetric == pytest.approx(charge**2, rel=1e-5)
    assert abs(asymmetric) < 1e-5


def test_proton_beams_are_alike():
    """Turning the picture round exchanges the beams: y -> -y with cos -> -cos."""
    mass, y, cos = np.array([[70.0], [91.0], [120.0]]), np.linspace(-2.4, 2.4, 13), 0.6
    np.testing.assert_allclose(cross_section(mass, y, cos), cross_section(mass, -y, -cos), rtol=1e-12)
    assert np.all(cross_section(120.0, 2.0, 0.6) > cross_section(120.0, 2.0, -0.6))


def test_total_cross_section(prediction):
    """660 pb within cuts; Pythia 8.317 gives 659.1 +- 0.2 pb from three million events."""
    mass, y, forward, backward = prediction
    total = np.trapezoid(np.trapezoid(forward + backward, y), mass)
    assert total == pytest.approx(659.1, rel=0.01)


def test_cos_theta_max():
    mass, y = np.meshgrid(np.linspace(*MASS_RANGE, 15), np.linspace(-2.49, 2.49, 41))
    massless = np.minimum(np.tanh(ETA_MAX - np.abs(y)), np.sqrt(1 - (2 * PT_MIN / mass) ** 2))
    np.testing.assert_allclose(cos_theta_max(mass, y), massless, atol=2e-5)
    assert np.all(cos_theta_max(mass[0], ETA_MAX) <= 0)
    assert cos_theta_max(2 * PT_MIN, 0.0) == 0


def test_density_between_the_nodes():
    grid = drell_yan._grid()
    index = np.random.default_rng(3).uniform(0, np.array(drell_yan.GRID)[:, None] - 1, (2, 50_000))
    mass, y = grid.mass(index[0]), grid.rapidity(index[1])
    even, odd = angular_coefficients(mass, y)
    limit = cos_theta_max(mass, y)
    exact = 2 * even * (limit + limit**3 / 3) * np.hypot(mass - drell_yan.Z_MASS, drell_yan.Z_WIDTH / 2)
    linear = map_coordinates(grid.density, index, order=1)
    asymmetry = (
        map_coordinates(grid.density * grid.asymmetry.reshape(drell_yan.GRID), index, order=1) / linear
    )
    assert np.abs(linear - exact).sum() / exact.sum() < 5e-5
    inside = np.abs(y) < 2.48  # beyond, both go to zero
    np.testing.assert_allclose(linear[inside], exact[inside], rtol=1e-3)
    np.testing.assert_allclose(asymmetry[inside], (odd / even)[inside], atol=1e-3)


# The events


@pytest.mark.parametrize("n", [1, 7, CHUNK, CHUNK + 1])
def test_shape_and_seed(n):
    events = generate(n, 5)
    assert events.shape == (n, 8) and events.dtype == np.float64
    np.testing.assert_array_equal(events, generate(n, 5))
    assert not np.any(events[:, 0] == generate(n, 6)[:, 0])


@pytest.mark.parametrize("n", [0, -3, 10.0, "10", None])
def test_bad_number_of_events(n):
    with pytest.raises(ValueError, match="positive integer"):
        generate(n, 1)


def test_no_event_twice(events):
    assert len(np.unique(events[:, 0])) == N_EVENTS


def test_cuts(observed):
    assert observed["pt"].min() > PT_MIN
    assert max(np.abs(observed["eta1"]).max(), np.abs(observed["eta2"]).max()) < ETA_MAX
    low, high = MASS_RANGE
    assert observed["m"].min() > low and observed["m"].max() < high
    # The cuts are reached, not merely kept.
    assert observed["pt"].min() < PT_MIN + 0.01
    assert np.abs(observed["eta1"]).max() > ETA_MAX - 0.001
    assert observed["m"].min() < low + 0.1 and observed["m"].max() > high - 0.1


def test_transverse_balance_is_exact(events):
    np.testing.assert_array_equal(events[:, 5], -events[:, 1])
    np.testing.assert_array_equal(events[:, 6], -events[:, 2])


def test_muons_are_on_shell(events):
    muons = events.reshape(-1, 2, 4)
    energy = np.sqrt(np.sum(muons[..., 1:] ** 2, axis=-1) + MUON_MASS**2)
    np.testing.assert_allclose(muons[..., 0], energy, rtol=1e-15)


def test_azimuth_is_uniform(events):
    phi = np.arctan2(events[:, 2], events[:, 1])
    assert stats.kstest(phi, stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > 0.01


def test_rapidity_is_symmetric(observed):
    y = observed["y"]
    assert stats.ks_2samp(y[::2], -y[1::2]).pvalue > 0.01
    assert y.std() > 1


def test_z_peak(observed):
    """A fit of the Breit-Wigner with a falling parton luminosity finds mass and width of the Z."""
    edges = np.arange(84.0, 98.01, 0.25)
    counts, _ = np.histogram(observed["m"], edges)
    centres = (edges[1:] + edges[:-1]) / 2

    def line(m, mass, width, height, slope, background):
        peak = m**3 / ((m**2 - mass**2) ** 2 + (m**2 * width / mass) ** 2)
        return height * (m / 91) ** slope * (peak + background / m**2)

    start = (91.0, 2.0, counts.max() / 10, -3.0, 1.0)
    (mass, width, *_), _ = curve_fit(line, centres, counts, start, sigma=np.sqrt(counts))
    assert mass == pytest.approx(91.19, abs=0.05)
    assert width == pytest.approx(2.495, abs=0.05)


@pytest.mark.parametrize("variable", ["m", "y"])
def test_histogram_follows_the_integrated_cross_section(observed, prediction, variable):
    mass, y, forward, backward = prediction
    if variable == "m":
        grid, density = mass, np.trapezoid(forward + backward, y)
        edges = np.concatenate([np.arange(60, 86, 2.0), np.arange(86, 96, 0.5), np.arange(96, 131, 2.0)])
    else:
        grid, density = y, np.trapezoid(forward + backward, mass, axis=0)
        edges = np.linspace(-ETA_MAX, ETA_MAX, 41)
    counts, _ = np.histogram(observed[variable], edges)
    integral = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(grid))])
    expected = np.diff(np.interp(edges, grid, integral)) / integral[-1] * N_EVENTS
    assert counts.sum() == N_EVENTS
    assert stats.chisquare(counts, expected).pvalue > 0.01


@pytest.mark.parametrize(("low", "high", "sign"), [(60, 82, -1), (100, 130, 1)])
def test_forward_backward_asymmetry(observed, prediction, low, high, sign):
    """mu- follows the quark, so the flight of the pair, above the peak, and goes against it below."""
    chosen = (observed["m"] > low) & (observed["m"] < high) & (np.abs(observed["y"]) > 1)
    signs = np.sign(observed["cos_theta"][chosen])
    error = 1 / np.sqrt(chosen.sum())
    mass, y, forward, backward = prediction
    m_cut, y_cut = (mass > low - 0.01) & (mass < high + 0.01), y > 0.999
    total = {
        name: np.trapezoid(np.trapezoid(part[m_cut][:, y_cut], y[y_cut]), mass[m_cut])
        for name, part in (("forward", forward), ("backward", backward))
    }
    expected = (total["forward"] - total["backward"]) / (total["forward"] + total["backward"])
    assert sign * signs.mean() > 5 * error
    assert abs(signs.mean() - expected) < 3 * error


# Against Pythia


def pythia(n, seed):
    """n events of the same process by Pythia 8, (n, 8), and the cross section within cuts in pb."""
    pythia8 = pytest.importorskip("pythia8mc", reason="needs the extra `authors` (pythia8mc)")
    generator = pythia8.Pythia("", False)
    settings = (
        "Print:quiet = on",
        "Random:setSeed = on",
        f"Random:seed = {seed}",
        "Beams:eCM = 13000",
        "WeakSingleBoson:ffbar2gmZ = on",
        "PartonLevel:all = off",
        "23:onMode = off",
        "23:onIfAny = 13",
        f"PhaseSpace:mHatMin = {MASS_RANGE[0]}",
        f"PhaseSpace:mHatMax = {MASS_RANGE[1]}",
    )
    assert all(generator.readString(setting) for setting in settings)
    assert generator.init()
    events, n_accepted, n_tried = np.empty((n, 8)), 0, 0
    while n_accepted < n:
        assert generator.next()
        n_tried += 1
        minus, plus = sorted((generator.process[6], generator.process[7]), key=lambda muon: -muon.id())
        inside = (muon.pT() > PT_MIN and abs(muon.eta()) < ETA_MAX for muon in (minus, plus))
        if all(inside):
            events[n_accepted] = [f() for muon in (minus, plus) for f in (muon.e, muon.px, muon.py, muon.pz)]
            n_accepted += 1
    return events, generator.infoPython().sigmaGen() * 1e9 * n / n_tried


@pytest.fixture(scope="module")
def reference():
    events, sigma = pythia(100_000, 13)
    return observables(events), sigma


@pytest.mark.parametrize("observable", OBSERVABLES)
def test_agrees_with_pythia(reference, observable):
    ours = observables(generate(100_000, 13))
    assert stats.ks_2samp(ours[observable], reference[0][observable]).pvalue > 0.01


def test_cross_section_agrees_with_pythia(reference, prediction):
    mass, y, forward, backward = prediction
    total = np.trapezoid(np.trapezoid(forward + backward, y), mass)
    assert total == pytest.approx(reference[1], rel=0.015)
