"""What |M|² of gg → γγg is tested with: a plain loop in 40 digits, gg → γγ, flat phase space."""

from functools import cache
from itertools import permutations, product

import mpmath as mp
import numpy as np

__all__ = ["DIGITS", "boosted", "diphoton_squared", "flat_points", "helicity_sum", "invariant"]

DIGITS = 40


def helicity_sum(momenta):
    """Σ_h |Σ_orders A|² of one point (5, 4), all legs outgoing (Bern, Dixon, Kosower, PRL 70 (1993) 2677)."""
    with mp.workdps(DIGITS):
        return _helicity_sum(momenta)


def _helicity_sum(momenta):
    spinors = []
    for energy, px, py, pz in momenta:
        plus = mp.sqrt(mp.mpc(energy + px))  # light cone along x, as the beams are along z
        spinors.append(((plus, (py + 1j * pz) / plus), (plus, (py - 1j * pz) / plus)))
    legs = range(5)
    ang = [[_bracket(spinors[i][0], spinors[j][0]) for j in legs] for i in legs]
    sqr = [[-_bracket(spinors[i][1], spinors[j][1]) for j in legs] for i in legs]
    s = [[mp.re(ang[i][j] * sqr[j][i]) for j in legs] for i in legs]

    @cache
    def log(i, j):
        return mp.log(abs(s[i][j])) - (1j * mp.pi if s[i][j] > 0 else 0)

    @cache
    def ratio(i, j, k, m):
        return Ratio(s[i][j] / s[k][m], log(i, j) - log(k, m))

    total = mp.mpf(0)
    for helicity in product((-1, 1), repeat=5):
        tables = (ang, sqr) if sum(helicity) > 0 else (sqr, ang)
        minus = {leg for leg in legs if helicity[leg] * sum(helicity) < 0}
        amplitude = 0
        for order in permutations(legs):
            gluons = [leg for leg in order if leg in (0, 1, 4)]
            if order[0] == 0 and gluons == [0, 1, 4]:
                amplitude += _primitive(order, minus, *tables, s, log, ratio)
        total += abs(amplitude) ** 2
    return total


def _bracket(one, two):
    return one[0] * two[1] - one[1] * two[0]


def _primitive(order, minus, ang, sqr, s, log, ratio):
    """The primitive amplitude of one order, rotated until the minus legs stand as in the formulas."""
    formulas = {(): _ppppp, (0,): _mpppp, (0, 1): _mmppp, (0, 2): _mpmpp}
    for start in range(5):
        legs = order[start:] + order[:start]
        places = tuple(place for place in range(5) if legs[place] in minus)
        if places in formulas:

            def a(i, j, legs=legs):
                return ang[legs[i - 1]][legs[j - 1]]

            def b(i, j, legs=legs):
                return sqr[legs[i - 1]][legs[j - 1]]

            def inv(i, j, legs=legs):
                return s[legs[i - 1]][legs[j - 1]]

            def ln(i, j, legs=legs):
                return log(*sorted((legs[i - 1], legs[j - 1])))

            def r(i, j, k, m, legs=legs):
                return ratio(*sorted((legs[i - 1], legs[j - 1])), *sorted((legs[k - 1], legs[m - 1])))

            return formulas[places](a, b, inv, ln, r)
    raise AssertionError(f"no formula for minus legs {minus} in {order}")


class Ratio:
    """ln r, L0, L1, L2 and Li2(1−r) of one ratio."""

    def __init__(self, r, log):
        self.r, self.log = r, log
        self.l0 = log / (1 - r)
        self.l1 = (self.l0 + 1) / (1 - r)
        self.l2 = (log - (r - 1 / r) / 2) / (1 - r) ** 3
        self.li2 = (
            mp.re(mp.polylog(2, 1 - r)) if r > 0 else mp.pi**2 / 6 - log * mp.log(1 - r) - mp.polylog(2, r)
        )


def _ls1(one, two):
    d = 1 - one.r - two.r
    return ((one.li2 + two.li2 + one.log * two.log - mp.pi**2 / 6) / d + one.l0 + two.l0) / d


def _ppppp(a, b, s, ln, r):
    epsilon = b(1, 2) * a(2, 3) * b(3, 4) * a(4, 1) - a(1, 2) * b(2, 3) * a(3, 4) * b(4, 1)
    cycle = [s(i, i % 5 + 1) for i in range(1, 6)]
    numerator = sum(cycle[i] * cycle[i - 1] for i in range(5)) + epsilon
    return numerator / (6 * a(1, 2) * a(2, 3) * a(3, 4) * a(4, 5) * a(5, 1))


def _mpppp(a, b, s, ln, r):
    one = b(2, 5) ** 3 / (b(1, 2) * b(5, 1))
    two = a(1, 4) ** 3 * b(4, 5) * a(3, 5) / (a(1, 2) * a(2, 3) * a(4, 5) ** 2)
    three = a(1, 3) ** 3 * b(3, 2) * a(4, 2) / (a(1, 5) * a(5, 4) * a(3, 2) ** 2)
    return (one - two + three) / (3 * a(3, 4) ** 2)


def _mmppp(a, b, s, ln, r):
    x, y = b(3, 4) * a(4, 1), a(2, 4) * b(4, 5)
    z = (a(2, 3) * x + y * a(5, 1)) / s(5, 1)
    loop = r(2, 3, 5, 1)
    bracket = a(1, 2) ** 2 / (a(2, 3) * a(5, 1)) * (a(1, 2) * (ln(2, 3) + ln(5, 1)) - z * loop.l0)
    bracket += -x * y * z * loop.l2 / s(5, 1) ** 2 + a(1, 2) * x * y / (2 * s(2, 3) * s(5, 1))
    bracket += b(3, 5) ** 2 / (b(2, 3) * b(5, 1)) * (a(1, 2) - a(3, 5) * b(3, 5) / b(1, 2))
    return -bracket / (3 * a(3, 4) * a(4, 5))


def _mpmpp(a, b, s, ln, r):
    s34, s51 = s(3, 4), s(5, 1)
    p, q = a(4, 1) * b(2, 4) / s51, a(5, 3) * b(2, 5) / s34
    w = a(1, 5) * b(5, 2) * a(2, 3) - a(3, 4) * b(4, 2) * a(2, 1)
    middle = r(3, 4, 5, 1)
    b1, b2, a1, a2 = r(2, 3, 5, 1), r(3, 4, 5, 1), r(1, 2, 3, 4), r(5, 1, 3, 4)
    lsb, lsa = _ls1(b1, b2), _ls1(a1, a2)

    total = a(1, 3) ** 3 / (3 * a(1, 2) * a(2, 3) * a(3, 4) * a(5, 1))
    total *= a(1, 3) * (ln(3, 4) + ln(5, 1)) - w * middle.l0 / s51

    box = -(a(1, 3) ** 2) * b(2, 4) * p * lsb / s51
    box -= a(1, 2) * a(2, 3) * a(3, 4) * p**2 / a(2, 4) ** 2 * (2 * lsb + b1.l1 + b2.l1)
    box += 2 * a(2, 3) ** 2 * p**3 * b1.l2 / (3 * a(2, 4))
    box -= a(1, 2) * p**2 * b(2, 4) * s51 / (3 * a(2, 4) * b(2, 3) * b(3, 4))
    total += box / a(5, 1)

    box = a(1, 3) ** 2 * b(2, 5) * q * lsa / s34
    box += a(3, 2) * a(2, 1) * a(1, 5) * q**2 / a(2, 5) ** 2 * (2 * lsa + a1.l1 + a2.l1)
    box -= 2 * a(1, 2) ** 2 * q**3 * a1.l2 / (3 * a(2, 5))
    box -= a(2, 3) * q**2 * b(2, 5) * s34 / (3 * a(2, 5) * b(2, 1) * b(1, 5))
    total += box / a(3, 4)

    bracket = a(1, 3) * b(2, 4) * b(2, 5) * w / s51
    bracket += 2 * (a(1, 2) * a(3, 4) * b(2, 4)) ** 2 * p / (a(2, 4) * a(5, 1))
    bracket -= 2 * (a(3, 2) * a(1, 5) * b(2, 5)) ** 2 * q * s34 / (a(2, 5) * a(3, 4) * s51)
    total += middle.l2 / (3 * s51**2) * bracket

    total += b(2, 4) ** 2 * b(2, 5) ** 2 / (3 * b(1, 2) * b(2, 3) * b(3, 4) * b(5, 1))
    total += a(1, 3) ** 2 * b(2, 4) * b(2, 5) / (6 * s34 * s51)
    return -total / a(4, 5)


def diphoton_squared(s, t, alpha_s=0.118, alpha=1 / 137.036):
    """|M|² of gg → γγ, averaged and summed like that of gg → γγg (Bern, De Freitas, Dixon, hep-ph/0109078).

    The amplitude is 4 α α_s Σ Q² δ_ab M; M = 1 with at most one minus leg, all outgoing, and one function of
    the invariants otherwise.
    """
    u = -s - t

    def two_minus(x, y, z):
        """Minus legs in the channel of x; ln(−y) − ln(−z) = ln|y/z| − iπ (θ(y) − θ(z))."""
        log = np.log(np.abs(y / z)) - 1j * np.pi * ((y > 0) * 1.0 - (z > 0))
        return -(y**2 + z**2) / (2 * x**2) * (log**2 + np.pi**2) - (y - z) / x * log - 1

    pairs = sum(np.abs(two_minus(*xyz)) ** 2 for xyz in ((s, t, u), (t, u, s), (u, s, t)))
    helicities = 10 * 1 + 2 * pairs  # 16: 0 or 1 minus leg and their mirrors, 3 pairs of mirrors
    return (4 * alpha * alpha_s * 11 / 9) ** 2 * 8 / 256 * helicities


def flat_points(n, seed, energy=300.0):
    """Points (n, 5, 4) in the rest frame, flat in phase space (RAMBO, CPC 40 (1986) 359)."""
    rng = np.random.default_rng(seed)
    q = rng.normal(size=(n, 3, 3))
    q *= rng.gamma(2, size=(n, 3, 1)) / np.linalg.norm(q, axis=-1, keepdims=True)
    q = np.concatenate([np.linalg.norm(q, axis=-1, keepdims=True), q], axis=-1)
    total = q.sum(1)
    p = boosted(q, -total[:, 1:] / total[:, :1])
    p *= energy / p[..., :1].sum(1, keepdims=True)
    beams = np.zeros((n, 2, 4))
    beams[..., 0], beams[..., 3] = energy / 2, [energy / 2, -energy / 2]
    return np.concatenate([beams, p], axis=1)


def boosted(p, velocity):
    """Momenta (n, m, 4) seen with velocity (n, 3) added to their frame."""
    v = velocity[:, None]  # (n, 1, 3)
    gamma = 1 / np.sqrt(1 - (v**2).sum(-1, keepdims=True))
    along = (v * p[..., 1:]).sum(-1, keepdims=True)
    energy = gamma * (p[..., :1] + along)
    return np.concatenate(
        [energy, p[..., 1:] + v * gamma * (p[..., :1] + gamma / (gamma + 1) * along)], axis=-1
    )


def invariant(p, i, j):
    """2 p_i·p_j of two of the momenta p (..., m, 4)."""
    return 2 * (p[..., i, :] * p[..., j, :] * np.array([1, -1, -1, -1])).sum(-1)
