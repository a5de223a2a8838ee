"""Drell-Yan muon pairs, p p -> photon*/Z -> mu- mu+ at 13 TeV, at leading order and without rejection."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from helpers.generators.parton_density import xf

__all__ = [
    "BEAM_ENERGY",
    "ETA_MAX",
    "MASS_RANGE",
    "MUON_MASS",
    "PT_MIN",
    "Z_MASS",
    "Z_WIDTH",
    "angular_coefficients",
    "cos_theta_max",
    "cross_section",
    "generate",
    "partonic_coefficients",
]

BEAM_ENERGY = 6500.0  # GeV, each of the two protons
MASS_RANGE = (60.0, 130.0)  # GeV, of the muon pair
PT_MIN = 10.0  # GeV, both muons
ETA_MAX = 2.5  # both muons
MUON_MASS = 0.105  # GeV, the rounded value that the inverse of the preprocessing uses too

# The values Pythia 8 takes by default; the Z parameters are those of a width that grows with s.
Z_MASS, Z_WIDTH = 91.1876, 2.4952  # GeV
SIN2_THETA = 0.2315  # effective leptonic weak mixing angle
ALPHA = 0.00781751  # electromagnetic coupling at the Z mass
PICOBARN = 3.89379e8  # GeV^-2 in pb

GRID = (401, 301)  # nodes in mass and in rapidity
QUARKS = (1, 2, 3, 4, 5)  # PDG numbers of d, u, s, c, b: odd ones have charge -1/3, even ones 2/3
CHUNK = 8192  # events made at a time: all columns of a chunk fit into the cache


def partonic_coefficients(quark: int, mass: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Photon, Z and interference in q qbar -> mu- mu+ with massless fermions.

    With theta the angle between quark and mu-, averaged over spins and colours,
    d sigma / d cos(theta) = pi alpha^2 / (6 s) [S (1 + cos^2) + 2 A cos]
    (Ellis, Stirling, Webber, QCD and Collider Physics, ch. 9; PDG review of cross-section formulae).

    Parameters
    ----------
    quark : int
        PDG number, 1 to 5.
    mass : array_like
        Invariant mass sqrt(s) in GeV.

    Returns
    -------
    tuple of np.ndarray
        S and A, dimensionless, shaped like mass; |A| <= S.
    """
    s = np.square(mass)
    charge, isospin = (2 / 3, 1 / 2) if quark % 2 == 0 else (-1 / 3, -1 / 2)
    vector, axial = isospin - 2 * charge * SIN2_THETA, isospin
    charge_mu = -1.0
    vector_mu, axial_mu = -1 / 2 + 2 * SIN2_THETA, -1 / 2
    propagator = s / (s - Z_MASS**2 + 1j * s * Z_WIDTH / Z_MASS)
    propagator = propagator / (4 * SIN2_THETA * (1 - SIN2_THETA))
    interference, resonance = 2 * charge * charge_mu * propagator.real, np.abs(propagator) ** 2

    symmetric = (charge * charge_mu) ** 2 + interference * vector * vector_mu
    symmetric = symmetric + resonance * (vector**2 + axial**2) * (vector_mu**2 + axial_mu**2)
    asymmetric = interference * axial * axial_mu + 4 * resonance * vector * axial * vector_mu * axial_mu
    return symmetric, asymmetric


def angular_coefficients(mass: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Hadronic cross section before cuts, d sigma / (dm dy d cos) = F (1 + cos^2) + 2 G cos.

    Here cos is that of the angle between mu- and the first beam (+z) in the rest frame of the pair. Quarks
    out of the first proton enter with theta, quarks out of the second with pi - theta:
    F adds q(x1) qbar(x2) + qbar(x1) q(x2), G takes the difference; the scale is the mass of the pair.

    Parameters
    ----------
    mass, y : array_like
        Mass in GeV and rapidity of the pair.

    Returns
    -------
    tuple of np.ndarray
        F and G in pb/GeV, of the shape that mass and y broadcast to.
    """
    mass, y = np.asarray(mass, dtype=float), np.asarray(y, dtype=float)
    x1 = mass * np.exp(y) / (2 * BEAM_ENERGY)
    x2 = mass * np.exp(-y) / (2 * BEAM_ENERGY)
    even, odd = 0.0, 0.0
    for quark in QUARKS:
        forward = xf(quark, x1, mass) * xf(-quark, x2, mass)
        backward = xf(-quark, x1, mass) * xf(quark, x2, mass)
        symmetric, asymmetric = partonic_coefficients(quark, mass)
        even = even + symmetric * (forward + backward)
        odd = odd + asymmetric * (forward - backward)
    # dx1 dx2 f f = 2 dm dy / m * (x1 f)(x2 f)
    factor = 2 / mass * PICOBARN * np.pi * ALPHA**2 / (6 * mass**2)
    return factor * even, factor * odd


def cross_section(mass: ArrayLike, y: ArrayLike, cos_theta: ArrayLike) -> np.ndarray:
    """d sigma / (dm dy d cos theta) before cuts.

    Parameters
    ----------
    mass, y : array_like
        Mass in GeV and rapidity of the pair.
    cos_theta : array_like
        As in `angular_coefficients`.

    Returns
    -------
    np.ndarray
        In pb/GeV, of the shape that the three broadcast to.
    """
    even, odd = angular_coefficients(mass, y)
    return even * (1 + np.square(cos_theta)) + 2 * odd * cos_theta


def cos_theta_max(mass: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Largest |cos theta| for which both muons pass the cuts; zero or negative where none does.

    The smaller solution of p* sin(theta) = PT_MIN and of |pz| = pt sinh(ETA_MAX) for the muon that is boosted
    forward, |pz| = E* sinh|y| + p* |cos theta| cosh(y).

    Parameters
    ----------
    mass, y : array_like
        Mass in GeV and rapidity of the pair.

    Returns
    -------
    np.ndarray
        Of the shape that mass and y broadcast to.
    """
    momentum2 = np.square(mass) / 4 - MUON_MASS**2
    sinh_max2 = np.sinh(ETA_MAX) ** 2
    cosh_y = np.cosh(y)
    shift2 = (np.square(cosh_y) - 1) * (1 + MUON_MASS**2 / momentum2)  # (E* sinh y / p*)^2
    norm = np.square(cosh_y) + sinh_max2
    forward = (np.sqrt(sinh_max2 * (norm - shift2)) - np.sqrt(shift2) * cosh_y) / norm
    return np.minimum(forward, np.sqrt(np.maximum(1 - PT_MIN**2 / momentum2, 0)))


class _Grid:
    """The cross section after cuts on a grid in mass and rapidity, to draw from.

    The mass is Z_MASS + Z_WIDTH/2 sinh(u), with u on an even grid, so that nodes are dense on the peak.
    Between nodes the density is linear in u and in y: a sum of hat functions, one on each node. To draw from
    it means to choose a node and to add triangular noise. On average it is off by 3e-5 of the exact density,
    so that it would take more than 1e8 events to notice.
    """

    def __init__(self):
        n_u, n_y = GRID
        self.u_min, u_max = np.arcsinh((np.array(MASS_RANGE) - Z_MASS) * 2 / Z_WIDTH)
        self.step_u = (u_max - self.u_min) / (n_u - 1)
        # The rapidity of a massive muon at ETA_MAX is smaller by up to 6e-6.
        self.y_max = ETA_MAX - 1e-5
        self.step_y = 2 * self.y_max / (n_y - 1)

        mass = self.mass(np.arange(n_u))[:, None]  # (n_u, 1)
        y = self.rapidity(np.arange(n_y))  # (n_y,)
        even, odd = angular_coefficients(mass, y)  # (n_u, n_y) each
        limit = cos_theta_max(mass, y)
        jacobian = np.hypot(mass - Z_MASS, Z_WIDTH / 2)  # dm/du
        self.density = 2 * even * (limit + limit**3 / 3) * jacobian  # pb per unit of u and y
        self.density[:, [0, -1]] = 0.0
        weights = self.density.copy()
        weights[[0, -1]] /= 2  # half a hat at the ends of the mass range
        cumulative = np.cumsum(weights)
        self.cumulative = cumulative / cumulative[-1]  # (n_u * n_y,)
        self.asymmetry = (odd / even).ravel()  # (n_u * n_y,)

    def mass(self, index):
        """Mass in GeV at a position between 0 and n_u - 1."""
        return Z_MASS + Z_WIDTH / 2 * np.sinh(self.u_min + self.step_u * index)

    def rapidity(self, index):
        """Rapidity at a position between 0 and n_y - 1."""
        return self.step_y * index - self.y_max


@cache
def _grid():
    return _Grid()


def generate(n: int, seed: int) -> np.ndarray:
    """Draw Drell-Yan events at leading order: no shower, so the muons balance exactly in pt.

    Parameters
    ----------
    n : int
        Number of events.
    seed : int
        Seed of `numpy.random.default_rng`.

    Returns
    -------
    np.ndarray
        (n, 8) float64, rows (E, px, py, pz) of mu-, then of mu+, in GeV; unweighted events within the cuts
        `MASS_RANGE`, `PT_MIN` and `ETA_MAX`, on shell with `MUON_MASS`.

    Raises
    ------
    ValueError
        If n is not a positive integer.
    """
    if not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"n is {n!r}, expected a positive integer number of events")
    rng = np.random.default_rng(seed)
    events = np.empty((n, 8))
    for start in range(0, n, CHUNK):
        _fill(events[start : start + CHUNK], rng)
    return events


def _fill(events, rng):
    """Write one chunk of events, (m, 8), in place."""
    grid = _grid()
    uniform = rng.random((8, len(events)))
    node = np.searchsorted(grid.cumulative, uniform[0], side="right")
    i, j = np.divmod(node, GRID[1])
    index, last = np.abs(i + uniform[1] + uniform[2] - 1), GRID[0] - 1
    mass = grid.mass(last - np.abs(last - index))  # both ends fold their hat inwards
    y = grid.rapidity(j + uniform[3] + uniform[4] - 1)

    # |cos| from 1 + cos^2: invert c + c^3/3 by c = 2 sinh(t). The factor keeps rounding within the cuts.
    limit = cos_theta_max(mass, y) * (1 - 1e-12)
    cos = 2 * np.sinh(np.arcsinh(1.5 * uniform[5] * (limit + limit**3 / 3)) / 3)
    sin2 = 1 - cos**2
    # The sign from the odd term; the asymmetry of the node drawn makes G, too, linear between nodes.
    forward = (2 * uniform[6] - 1) * (1 + cos**2) < 2 * grid.asymmetry[node] * cos
    cos = np.where(forward, cos, -cos)

    momentum = np.sqrt(mass**2 / 4 - MUON_MASS**2)
    pt = momentum * np.sqrt(sin2)
    phi = 2 * np.pi * uniform[7]
    px, py = pt * np.cos(phi), pt * np.sin(phi)
    common, relative = np.sinh(y) * mass / 2, np.cosh(y) * momentum * cos
    transverse2 = pt**2 + MUON_MASS**2
    for muon, sign in ((events[:, :4], 1), (events[:, 4:], -1)):
        pz = common + sign * relative
        muon[:, 0] = np.sqrt(transverse2 + pz**2)
        muon[:, 1], muon[:, 2], muon[:, 3] = sign * px, sign * py, pz
