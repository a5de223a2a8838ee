"""One-loop amplitudes of gg → γγg with massless quarks, summed over orders and helicities.

Every leg is outgoing; legs 0, 1, 4 are gluons, 2 and 3 photons. The spinor products ⟨ij⟩ = `ang[i][j]` and
[ij] = `sqr[i][j]` obey ⟨ij⟩[ji] = s_ij. Three observations replace the plain sum of 32 helicities, 12 orders:

1. A helicity amplitude is A = Σ c F with rational c of spinor products and loop functions F of invariants.
   Parity turns c into ±c* and leaves F, so that with X = Σ c Re F and Y = Σ c Im F two mirror helicities give
   |X + iY|² + |X − iY|² = 2 (|X|² + |Y|²). Sixteen helicities suffice, and few F have an imaginary part.
2. Reflected orders differ by a sign. With minus legs i, j and plus legs x, y, z the 12 orders are hence six
   (i j y z x) and six (i z j y x). Both hold the ratio s_jy/s_xi and nearly the same coefficients.
3. Orders that differ by exchanging neighbours share loop functions, and their coefficients add up to eikonal
   factors S(a, b, c) = ⟨ac⟩/(⟨ab⟩⟨bc⟩), known from the insertion of a soft leg b between a and c.

Sources: Bern, Dixon, Kosower, Phys. Rev. Lett. 70 (1993) 2677 for one order; Binoth, Guillet, Mahmoudi,
hep-ph/0312334 for the process.
"""

from functools import cache
from itertools import permutations

import numpy as np

from helpers.generators.diphoton_loops import BOX, LEGS, PAIR, PAIRS, RATIO, LoopFunctions

__all__ = ["helicity_sum"]


def helicity_sum(p):
    """Σ_h |Σ_orders A(h; order)|² over 32 helicities and 12 orders.

    Parameters
    ----------
    p : np.ndarray
        Momenta (n, 5, 4) in GeV of g, g, γ, γ, g, all outgoing: those of the two incoming legs, which are the
        same ones at all points, are negated.

    Returns
    -------
    np.ndarray
        The sum, (n,) in GeV⁻².
    """
    k = _Spinors(np.ascontiguousarray(p.transpose(2, 1, 0)))
    loops = LoopFunctions(k.s)
    total = _square(_all_plus(k))
    for i in LEGS:
        total += _square(_one_minus(k, i))
    for i, j in PAIRS:
        total += _square(_two_minus(k, loops, i, j)).sum(axis=0)
    return 2 * total / 9  # mirror helicities; the amplitudes below are 3 A


def _square(z):
    return z.real**2 + z.imag**2


class _Spinors:
    """Spinor products, their inverses, eikonal factors and invariants of p (4, 5, n); every entry is (n,)."""

    def __init__(self, p):
        outgoing = np.sign(p[0, :, :1])  # (5, 1)
        energy, px, py, pz = p * outgoing
        # λ = (√(E+pz), (px+ipy)/√(E+pz)), times a phase that avoids small E+pz for pz < 0.
        large = np.sqrt(energy + np.abs(pz))
        small = (px + 1j * py) / large
        north = pz >= 0
        up, down = np.where(north, large, small.conj()), np.where(north, small, large)

        i, j = np.array(PAIRS).T
        ang = up[i] * down[j] - down[i] * up[j]  # (10, n)
        sign = outgoing[i] * outgoing[j]
        sqr = -sign * ang.conj()
        self.s = sign * _square(ang)
        inv_s = 1 / self.s
        # Complex, because NumPy multiplies complex by real numbers more slowly.
        self.inv_s, self.half_inv_s = inv_s.astype(complex), 0.5 * inv_s.astype(complex)
        self.ang, self.sqr = _antisymmetric(ang), _antisymmetric(sqr)
        self.inv_ang, self.inv_sqr = _antisymmetric(-sqr * inv_s), _antisymmetric(-ang * inv_s)
        self.eikonal = {}
        for a, b, c in permutations(LEGS, 3):
            if a < c:
                factor = self.ang[a][c] * self.inv_ang[a][b] * self.inv_ang[b][c]
                self.eikonal[a, b, c], self.eikonal[c, b, a] = factor, -factor


def _antisymmetric(upper):
    """Table t[i][j] = −t[j][i] from the ten entries with i < j."""
    lower = -upper
    return [[None if i == j else (upper if i < j else lower)[PAIR[i, j]] for j in LEGS] for i in LEGS]


@cache
def _sign(*order):
    """+1 if the gluons stand in the cyclic order (0, 1, 4), −1 if in the reflected one."""
    after = order[order.index(0) :] + order[: order.index(0)]
    return 1 if after.index(1) < after.index(4) else -1


def _all_plus(k):
    """3 A of + + + + +, summed over orders."""
    ang, sqr, inv = k.ang, k.sqr, k.inv_ang
    total = 0
    for order in permutations(LEGS):
        if order[0] == 0 and _sign(*order) == 1:
            a, b, c, d, e = order
            ab, bc, cd, de, ea = (k.s[PAIR[pair]] for pair in ((a, b), (b, c), (c, d), (d, e), (e, a)))
            trace = sqr[a][b] * ang[b][c] * sqr[c][d] * ang[d][a]
            numerator = ab * (bc + ea) + cd * (bc + de) + de * ea + 2j * trace.imag
            total = total + numerator * (inv[a][b] * inv[b][c] * inv[c][d] * inv[d][e] * inv[e][a])
    return total / 2


def _one_minus(k, i):
    """3 A with the only minus leg i, summed over orders."""
    ang, sqr, inv, inv_sqr = k.ang, k.sqr, k.inv_ang, k.inv_sqr
    total = 0
    for u, v in permutations([leg for leg in LEGS if leg != i], 2):
        p, q = (leg for leg in LEGS if leg not in (i, u, v))
        inv_uv = inv[u][v] * inv[u][v]
        # The term with [pq]³ of the orders (i p u v q) and (i p v u q).
        if u < v and (weight := _sign(i, p, u, v, q) + _sign(i, p, v, u, q)):
            cube = sqr[p][q] * sqr[p][q] * sqr[p][q]
            total = total + weight * (cube * inv_sqr[i][p] * inv_sqr[q][i] * inv_uv)
        # The other two terms of an order mirror each other: one of (i p q u v) and one of (i q p u v).
        one = ang[q][v] * inv[q][u] * inv[q][u] * inv[i][p]
        two = ang[p][v] * inv[p][u] * inv[p][u] * inv[i][q]
        inner = one - two if _sign(i, p, q, u, v) * _sign(i, q, p, u, v) == 1 else one + two
        inner *= ang[i][u] * ang[i][u] * ang[i][u] * sqr[u][v] * inv_uv * inv[p][q]
        total = total - _sign(i, p, q, u, v) * inner
    return total


def _two_minus(k, loops, i, j):
    """3 (X, Y) with the minus legs i and j, summed over orders; shape (2, n)."""
    plus = [leg for leg in LEGS if leg not in (i, j)]
    square = k.ang[i][j] * k.ang[i][j]
    logs, total = np.zeros((2, 2, k.s.shape[1]), complex)
    for z in plus:
        x, y = (leg for leg in plus if leg != z)
        _add_boxes(total, k, loops, square, i, j, z, x, y)
        _add_boxes(total, k, loops, square, j, i, z, x, y)
        _add_logarithms(total, logs, k, loops, square, i, j, x, y, z)
        _add_logarithms(total, logs, k, loops, square, i, j, y, x, z)
        total[0] += _rational(k, i, j, x, y, z)
    return total - logs * (square * k.ang[i][j])


def _add(total, coefficient, function):
    """Add c F to (X, Y)."""
    re, im = function
    total[0] += coefficient * re
    if im is not None:
        total[1] += coefficient * im


def _insertion(k, sign, a, b, c):
    """±S(a, b, c); exchanging a and c is the cheapest sign."""
    return k.eikonal[(a, b, c) if sign == 1 else (c, b, a)]


def _add_boxes(total, k, loops, square, i, j, x, y, z):
    """Box with the massive pair (i x), middle leg j and ends y, z: the orders (i z j y x) and (i y j z x)."""
    ang, inv_yz = k.ang, k.inv_ang[y][z]
    ix = PAIR[i, x]
    box = BOX[ix, j]
    # S(y, x, i) and S(z, x, i) stand for x between i and either end; the rest is common to both orders.
    insertions = _insertion(k, _sign(i, z, j, y, x), y, x, i) + _insertion(k, _sign(i, y, j, z, x), z, x, i)
    kappa = k.sqr[z][y] * k.inv_s[ix]
    jz_iy, jy_iz = ang[j][z] * ang[i][y], ang[j][y] * ang[i][z]

    common = insertions * (kappa * kappa)
    _add(total, common * square, loops.box3[box])
    common = common * inv_yz
    _add(total, common * inv_yz * (jz_iy * jy_iz), loops.box3_rest[box])
    common = common * (2 * kappa)
    _add(total, common * (jz_iy * jz_iy), loops.l2[RATIO[PAIR[j, z], ix]])
    _add(total, common * (jy_iz * jy_iz), loops.l2[RATIO[PAIR[j, y], ix]])


def _add_logarithms(total, logs, k, loops, square, i, j, x, y, z):
    """ln, L0 and L2 of the ratio s_jy/s_xi: the orders (i j y z x) and (i z j y x)."""
    ang, sqr, inv = k.ang, k.sqr, k.inv_ang
    jy, xi = PAIR[j, y], PAIR[x, i]
    # z stands between y and x or between i and j; with the rest 1/(⟨jy⟩⟨xi⟩⟨yx⟩) either is the Parke–Taylor
    # denominator, here without 1/⟨ij⟩.
    outer = _insertion(k, _sign(i, j, y, z, x), y, z, x)
    inner = _insertion(k, _sign(i, z, j, y, x), i, z, j)
    rest = inv[j][y] * inv[x][i]
    _add(logs, (outer + inner) * (inv[y][x] * rest), loops.log[jy, xi])

    a, b = sqr[y][z] * ang[z][i], ang[j][z] * sqr[z][x]
    c = (ang[j][y] * a + b * ang[x][i]) * k.inv_s[xi]
    difference = (outer - inner) * inv[y][x]
    _add(total, difference * c * (square * rest), loops.l0[RATIO[jy, xi]])
    difference = difference * (a * b) * k.inv_s[xi]
    _add(total, difference * (c * k.inv_s[xi]), loops.l2[RATIO[jy, xi]])
    total[0] -= difference * (ang[i][j] * k.half_inv_s[jy])


def _rational(k, i, j, x, y, z):
    """Rational terms of (i j y z x) and (i z j y x), and of the same with x and y exchanged."""
    sqr, inv, inv_sqr = k.sqr, k.inv_ang, k.inv_sqr
    one, two = inv_sqr[j][y] * inv_sqr[x][i], inv_sqr[j][x] * inv_sqr[y][i]

    same = _sign(i, j, y, z, x) == _sign(i, j, x, z, y)
    outer = (one + two if same else one - two) * np.square(sqr[y][x]) * inv_sqr[i][j] * inv[y][z] * inv[z][x]
    outer *= k.s[PAIR[i, j]] - k.s[PAIR[x, y]]
    same = _sign(i, z, j, y, x) == _sign(i, z, j, x, y)
    inner = (one - two if same else one + two) * np.square(sqr[z][y] * sqr[z][x])
    inner *= inv_sqr[i][z] * inv_sqr[z][j] * inv[y][x]
    return _sign(i, j, y, z, x) * outer - _sign(i, z, j, y, x) * inner
