"""One-loop amplitudes of gg → γγg with massless quarks, summed over orders and helicities.

Every leg is outgoing; legs 0, 1, 4 are gluons, 2 and 3 photons; ⟨ij⟩[ji] = s_ij. Five observations replace
the plain sum of 32 helicities, 12 orders:

1. A helicity amplitude is A = Σ c F with rational c of spinor products and loop functions F of invariants.
   Parity turns c into ±c* and leaves F, so that with X = Σ c Re F and Y = Σ c Im F two mirror helicities give
   |X + iY|² + |X − iY|² = 2 (|X|² + |Y|²). Sixteen helicities suffice.
2. Reflected orders differ by a sign, and orders that differ by exchanging neighbours share loop functions.
3. With minus legs i, j and plus legs x, y, z the phase of A is that of ⟨ij⟩²/(⟨xy⟩⟨yz⟩⟨zx⟩). The rest of c
   holds invariants and cross ratios C(a, b, c, d) = ⟨ac⟩⟨bd⟩/(⟨ab⟩⟨cd⟩), of which there are 30.
   C(a, b, c, d) + C(a, b, d, c) = 1 (Schouten) and C(a, c, b, d) = 1/C(a, b, c, d).
4. With fewer than two minus legs A is rational, and its sum over orders is a few terms.
5. All terms of one kind are the rows of one array, (rows, n): few and large NumPy operations. Which spinor
   products and loop functions a row holds, and with which sign, is worked out once, below each formula.

Sources: Bern, Dixon, Kosower, Phys. Rev. Lett. 70 (1993) 2677 for one order; Binoth, Guillet, Mahmoudi,
hep-ph/0312334 for the process.
"""

from itertools import combinations, permutations

import numpy as np

from helpers.generators.diphoton_loops import BOX, LEGS, PAIR, PAIRS, RATIO, LoopFunctions

__all__ = ["helicity_sum"]


def helicity_sum(p: np.ndarray) -> np.ndarray:
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
    return 2 * (_rational(k) + _two_minus(k, LoopFunctions(k.s))) / 9  # mirror helicities; below are 3 A


def _square(z):
    return z.real**2 + z.imag**2


def _others(*legs):
    return [leg for leg in LEGS if leg not in legs]


def _sign(*order):
    """+1 if the gluons stand in the cyclic order (0, 1, 4), −1 if in the reflected one."""
    after = order[order.index(0) :] + order[: order.index(0)]
    return 1 if after.index(1) < after.index(4) else -1


def _even(a, b, c):
    """+1 if a, b, c are sorted up to a rotation, else −1."""
    return 1 if (a < b) + (b < c) + (c < a) == 2 else -1


def _table(rows):
    """Columns of a list of tuples, as index arrays."""
    return np.array(rows).T.copy()


_I, _J = _table(PAIRS)

# Products ⟨ij⟩⟨kl⟩ of disjoint pairs, then their negatives; C(a, b, c, d), one over another, is the same for
# four of the 120 orders of legs.
_FIRST, _SECOND = _table(list(RATIO)[:15])


def _product(a, b, c, d):
    """Row of ⟨ab⟩⟨cd⟩, and whether it holds that product and not its negative."""
    return RATIO[PAIR[a, b], PAIR[c, d]], (a < b) == (c < d)


_CROSS, _rows = {}, []
for _a, _b, _c, _d in permutations(LEGS, 4):
    if (_a, _b, _c, _d) not in _CROSS:
        for _legs in ((_a, _b, _c, _d), (_b, _a, _d, _c), (_c, _d, _a, _b), (_d, _c, _b, _a)):
            _CROSS[_legs] = len(_rows)
        (_above, _plus), (_below, _same) = _product(_a, _c, _b, _d), _product(_a, _b, _c, _d)
        _rows.append((_above + 15 * (_plus != _same), _below))
_ABOVE, _BELOW = _table(_rows)


class _Spinors:
    """Invariants s and spinor products ⟨ij⟩, (10, n), and cross ratios, (30, n), from p (4, 5, n)."""

    def __init__(self, p):
        outgoing = np.sign(p[0, :, :1])  # (5, 1)
        energy, px, py, pz = p * outgoing
        # λ = (√(E+pz), (px+ipy)/√(E+pz)), times a phase that avoids small E+pz for pz < 0.
        large = np.sqrt(energy + np.abs(pz))
        small = (px + 1j * py) / large
        north = pz >= 0
        up, down = np.where(north, large, small.conj()), np.where(north, small, large)

        self.ang = up.take(_I, 0) * down.take(_J, 0)
        self.ang -= down.take(_I, 0) * up.take(_J, 0)
        self.s = outgoing[_I] * outgoing[_J] * _square(self.ang)

        product = self.ang.take(_FIRST, 0) * self.ang.take(_SECOND, 0)
        inverse = product.conj() * (1 / _square(product))
        self.cross = np.concatenate([product, -product]).take(_ABOVE, 0) * inverse.take(_BELOW, 0)


# Photon γ, the minus leg i, gluons g; row 10 holds ⟨gg⟩ = 0.
_MINUS = ((3, 0, 1, 4), (2, 0, 1, 4))
_IG = np.array([[[PAIR.get((i, g), 10) for g in (0, 1, 4)] for i in legs] for legs in _MINUS])  # (2, 4, 3)
_PHOTON_G = np.array([[[PAIR[photon, g] for g in (0, 1, 4)]] for photon in (2, 3)])  # (2, 1, 3)
_GLUONS = ((0, 1, 4), (1, 4, 0), (4, 0, 1))
_I2, _I3, _IA, _IB, _AB = _table(
    [(PAIR[i, 2], PAIR[i, 3], PAIR[i, a], PAIR[i, b], PAIR[a, b]) for i, a, b in _GLUONS]
)


def _rational(k):
    """Σ |3 A|² of + + + + + and of one minus leg, summed over orders; (n,).

    With T = 1/(⟨01⟩⟨14⟩⟨40⟩) and F_γ(i) = Σ_g ⟨ig⟩² [γg]/⟨γg⟩ over the gluons g, the sums over orders are
    6 T [23]² without a minus leg, 6 T F_γ(i) for a photon i and the other one γ, and for a gluon i, followed
    by a and b, 6 {T ⟨i2⟩² F_2(i) + T ⟨i3⟩² F_3(i) + [ab]³/([ia][bi])}/⟨23⟩². An ansatz with the poles of the
    single orders, fitted to their sum at random points, gave them.
    """
    square = k.ang * k.ang
    turned = square.conj() * (-1 / k.s)  # [ij]/⟨ij⟩
    padded = np.concatenate([square, np.zeros_like(square[:1])])
    f = (padded.take(_IG, 0) * turned.take(_PHOTON_G, 0)).sum(axis=2)  # (2, 4, n)
    ia_ib = square.take(_IA, 0) * square.take(_IB, 0) / (k.s.take(_IA, 0) * k.s.take(_IB, 0))
    gluon = square.take(_I2, 0) * f[0, 1:] + square.take(_I3, 0) * f[1, 1:]
    gluon -= ia_ib * square.conj().take(_AB, 0) * k.s.take(_AB, 0)
    s23 = k.s[PAIR[2, 3]]
    total = s23**2 + _square(f[:, 0]).sum(axis=0) + _square(gluon).sum(axis=0) / s23**2
    return 36 * total / np.abs(k.s[PAIR[0, 1]] * k.s[PAIR[1, 4]] * k.s[PAIR[0, 4]])


_PLUS = _table([[PAIR[pair] for pair in combinations(_others(*pair), 2)] for pair in PAIRS])  # (3, 10)


def _two_minus(k, loops):
    """Σ |3 A|² with two minus legs, summed over orders; (n,)."""
    x, y = (box + log for box, log in zip(_boxes(k, loops), _logarithms(k, loops), strict=True))
    xy, yz, zx = k.s.take(_PLUS, 0)
    return ((_square(x) + _square(y)) * (k.s * k.s / np.abs(xy * yz * zx))).sum(axis=0)


# Box with the massive pair (a x), middle leg b and ends y, z: the orders (a z b y x) and (a y b z x), where x
# stands between a and either end: ±C(a, x, y, z) ± C(a, x, z, y). This is ±1, or ±(2 C(a, x, y, z) − 1) where
# a and x are gluons; exchanging these changes its sign.
_GLUONIC = [(a, x, b) for a, x in combinations((0, 1, 4), 2) for b in _others(a, x)]
_INSERTED = _table([_CROSS[a, x, *_others(a, x, b)] for a, x, b in _GLUONIC])
_rows = []
for _i, _j in PAIRS:
    for _x in _others(_i, _j):
        _y, _z = _others(_i, _j, _x)
        for _a, _b in ((_i, _j), (_j, _i)):
            _one, _two = _sign(_a, _z, _b, _y, _x), _sign(_a, _y, _b, _z, _x)
            _insertion, _one = 0, _one * _even(_x, _y, _z)
            if _one == _two * _even(_x, _y, _z):
                _insertion = 1 + _GLUONIC.index((*sorted((_a, _x)), _b))
                _one *= 1 if _a < _x else -1
            _rows.append((BOX[PAIR[_a, _x], _b], _insertion + 10 * (_one == -1)))
_BOX, _INSERTION = _table(_rows)
_BOX = _BOX.reshape(30, 2)
# Exchanging i and j exchanges C and D: one goes with r_z of the first and r_y of the second box.
_BOX_C, _BOX_D = _BOX + np.array([30, 0]), _BOX + np.array([0, 30])
_ENDS = [(i, j, *_others(i, j, x)) for i, j in PAIRS for x in _others(i, j)]
_C, _D = _table([(_CROSS[i, j, y, z], _CROSS[i, j, z, y]) for i, j, y, z in _ENDS])


def _boxes(k, loops):
    """Terms of X, then of Y, with the functions of boxes, by pair (10, n).

    ±{1 or 2 C(a, x, y, z) − 1} ρ² {3 Ls1 − c d (6 Ls1 + 3 L1(r_y) + 3 L1(r_z) − ...)
    + 2 ρ [c² L2(r_z) + d² L2(r_y)]} with c = C(a, b, y, z), d = C(a, b, z, y) = 1 − c, ρ = s_yz/s_ax.
    """
    n = k.s.shape[1]
    one, double = np.ones((1, n)), 2 * k.cross.take(_INSERTED, 0)  # (9, n)
    insertion = np.concatenate([one, double - 1, -one, 1 - double]).take(_INSERTION, 0)  # (60, n)
    c, d = k.cross.take(_C, 0)[:, None], k.cross.take(_D, 0)[:, None]  # (30, 1, n)
    cc, cd, dd = c * c, c * d, d * d
    for box, rest, l2 in zip(loops.box, loops.box_rest, loops.box_l2, strict=True):
        term = cc * l2.take(_BOX_C, 0)  # (30, 2, n)
        term += dd * l2.take(_BOX_D, 0)
        term -= cd * rest.take(_BOX, 0)
        term += box.take(_BOX, 0)
        yield (term.reshape(60, n) * insertion).reshape(10, 6, n).sum(axis=1)


# ln, L0 and L2 of the ratio s_jy/s_xi: the orders (i j y z x) and (i z j y x).
_rows, _turns = [], []
for _i, _j in PAIRS:
    _a, _b, _c = _others(_i, _j)
    for _x, _y, _z in ((_a, _b, _c), (_c, _a, _b), (_b, _c, _a), (_b, _a, _c), (_c, _b, _a), (_a, _c, _b)):
        _outer, _inner = (
            _CROSS[legs] + 30 * (_sign(*order) != _even(_x, _y, _z))
            for legs, order in (
                ((_i, _x, _j, _y), (_i, _j, _y, _z, _x)),
                ((_i, _x, _j, _z), (_i, _z, _j, _y, _x)),
            )
        )
        _ratio = RATIO[PAIR[_j, _y], PAIR[_x, _i]]
        _rows.append((_ratio, _outer, _inner, _CROSS[_i, _z, _j, _y], PAIR[_x, _y], PAIR[_i, _j]))
        _turns.append((_CROSS[_i, _j, _x, _z], PAIR[_x, _z]))
_RATIO, _OUTER, _INNER_XZ, _INNER_ZY, _XY, _IJ = _table(_rows)
# Of three rows that differ by a rotation each needs (x, z) and, from the next one, (z, y): hence a fourth.
_XZ, _S_XZ = np.array(_turns).reshape(20, 3, 2)[:, [0, 1, 2, 0]].transpose(2, 0, 1).copy()  # (20, 4)


def _logarithms(k, loops):
    """Terms of X, then of Y, with ln, L0 and L2, by pair (10, n), and the rational terms.

    With O = ±C(i, x, j, y) and N = ±C(i, x, j, z) C(i, z, j, y) of the two orders
    (O + N) ln + (O − N) {(u + v) L0 + u v [(u + v) L2 + 1/(2 s_xi s_jy)]} + ..., where
    u = s_xz C(i, j, x, z), v = s_yz C(i, j, z, y).
    """
    n = k.s.shape[1]
    s_xz = k.s.take(_S_XZ, 0)  # (20, 4, n)
    uv = s_xz * k.cross.take(_XZ, 0)
    signed = np.concatenate([k.cross, 0 - k.cross])
    outer, inner = signed.take(_OUTER, 0), signed.take(_INNER_XZ, 0) * k.cross.take(_INNER_ZY, 0)
    both, difference = outer + inner, outer - inner
    product = (uv[:, :3] * uv[:, 1:]).reshape(60, n) * difference
    total = (uv[:, :3] + uv[:, 1:]).reshape(60, n)
    product_total = product * total
    total *= difference

    re = both * loops.log[0].take(_RATIO, 0)
    re += total * loops.l0[0].take(_RATIO, 0)
    re += product_total * loops.l2[0].take(_RATIO, 0)
    re += product * loops.pole.take(_RATIO, 0)
    inv_ij = 1 / k.s.take(_IJ, 0)
    xy = k.s.take(_XY, 0) * inv_ij
    outer *= xy * (1 - xy)
    inner *= (s_xz[:, :3] * s_xz[:, 1:]).reshape(60, n) * (inv_ij * inv_ij)
    outer += inner
    re += outer.conj()
    yield re.reshape(10, 6, n).sum(axis=1)

    im = both * loops.log[1].take(_RATIO, 0)
    cut = np.flatnonzero(loops.cut.take(_RATIO))
    im[cut] += total.take(cut, 0) * loops.l0[1].take(_RATIO[cut], 0)
    im[cut] += product_total.take(cut, 0) * loops.l2[1].take(_RATIO[cut], 0)
    yield im.reshape(10, 6, n).sum(axis=1)
