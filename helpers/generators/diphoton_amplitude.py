"""One-loop amplitudes of gg → γγg with massless quarks, summed over orders and helicities.

Every leg is outgoing; legs 0, 1, 4 are gluons, 2 and 3 photons; ⟨ij⟩[ji] = s_ij. Four observations replace
the plain sum of 32 helicities, 12 orders:

1. A helicity amplitude is A = Σ c F with rational c of spinor products and loop functions F of invariants.
   Parity turns c into ±c* and leaves F, so that with X = Σ c Re F and Y = Σ c Im F two mirror helicities give
   |X + iY|² + |X − iY|² = 2 (|X|² + |Y|²). Sixteen helicities suffice.
2. Reflected orders differ by a sign, and orders that differ by exchanging neighbours share loop functions.
3. With minus legs i, j and plus legs x, y, z the phase of A is that of ⟨ij⟩²/(⟨xy⟩⟨yz⟩⟨zx⟩). The rest of c
   holds invariants and cross ratios C(a, b, c, d) = ⟨ac⟩⟨bd⟩/(⟨ab⟩⟨cd⟩), of which there are 30.
   C(a, b, c, d) + C(a, b, d, c) = 1 (Schouten) and C(a, c, b, d) = 1/C(a, b, c, d).
4. All terms of one kind are the rows of one array, (rows, n): few and large NumPy operations. Which spinor
   products and loop functions a row holds, and with which sign, is worked out once, below each formula.

Sources: Bern, Dixon, Kosower, Phys. Rev. Lett. 70 (1993) 2677 for one order; Binoth, Guillet, Mahmoudi,
hep-ph/0312334 for the process.
"""

from itertools import combinations, permutations

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
    total = _square(_all_plus(k)) + _square(_one_minus(k)).sum(axis=0)
    total += _square(_two_minus(k, LoopFunctions(k.s))).sum(axis=(0, 1))
    return 2 * total / 9  # mirror helicities; the amplitudes below are 3 A


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


def _column(signs):
    return np.array(signs, float)[:, None]


# Rows of ⟨ij⟩ and [ij]: the ten PAIRS, then the reversed ones.
_LINK = {legs: row for row, legs in enumerate(PAIRS + [pair[::-1] for pair in PAIRS])}
_I, _J = _table(list(_LINK))

# Rows of C(a, b, c, d) and of its numerator ⟨ac⟩⟨bd⟩, which four of the 120 orders of legs share.
_CROSS, _rows = {}, []
for _a, _b, _c, _d in permutations(LEGS, 4):
    if (_a, _b, _c, _d) not in _CROSS:
        for _legs in ((_a, _b, _c, _d), (_b, _a, _d, _c), (_c, _d, _a, _b), (_d, _c, _b, _a)):
            _CROSS[_legs] = len(_rows)
        _rows.append((_LINK[_a, _c], _LINK[_b, _d], _LINK[_a, _b], _LINK[_c, _d]))
_AC, _BD, _AB, _CD = _table(_rows)

_TRIANGLES = list(combinations(LEGS, 3))
_SIDES = _table([(_LINK[a, b], _LINK[b, c], _LINK[c, a]) for a, b, c in _TRIANGLES])


class _Spinors:
    """Invariants s (10, n), spinor products (20, n) and products of them from p (4, 5, n)."""

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
        sign = outgoing[_I] * outgoing[_J]
        s = sign * _square(self.ang)
        self.s = s[:10]
        self.sqr = self.ang.conj() * -sign
        self.inv = self.sqr * (-1 / s)  # 1/⟨ij⟩

        self.numerator = self.ang.take(_AC, 0) * self.ang.take(_BD, 0)  # (30, n)
        self.cross = self.inv.take(_AB, 0) * self.inv.take(_CD, 0) * self.numerator
        ab, bc, ca = self.inv.take(_SIDES, 0)
        self.triangle = ab * bc * ca  # 1/(⟨ab⟩⟨bc⟩⟨ca⟩), (10, n)


_ORDERS = [order for order in permutations(LEGS) if order[0] == 0 and _sign(*order) == 1]
_CYCLE = _table([[_LINK[order[i - 1], order[i]] for i in (1, 2, 3, 4, 0)] for order in _ORDERS])  # (5, 12)
_DA = _table([_LINK[d, a] for a, b, c, d, e in _ORDERS])


def _all_plus(k):
    """3 A of + + + + +, summed over orders."""
    ab, bc, cd, de, ea = k.s.take(_CYCLE % 10, 0)
    trace = (
        k.sqr.take(_CYCLE[0], 0) * k.ang.take(_CYCLE[1], 0) * k.sqr.take(_CYCLE[2], 0) * k.ang.take(_DA, 0)
    )
    numerator = ab * (bc + ea) + cd * (bc + de) + de * ea + 2j * trace.imag
    return (numerator * k.inv.take(_CYCLE, 0).prod(axis=0)).sum(axis=0) / 2


# The two terms of the orders (i p q u v) and (i q p u v) that mirror each other, with the common factor
# ⟨iu⟩³[uv]/(⟨uv⟩²⟨pq⟩): ±⟨qv⟩/(⟨qu⟩²⟨ip⟩) ± ⟨pv⟩/(⟨pu⟩²⟨iq⟩), on the denominator ⟨qu⟩²⟨pu⟩²⟨ip⟩⟨iq⟩.
_rows = []
for _i, _u in permutations(LEGS, 2):
    for _v in _others(_i, _u):
        _p, _q = _others(_i, _u, _v)
        _one, _two = (
            _even(_i, _p, _q) * _sign(_i, _p, _q, _u, _v),
            _even(_i, _q, _p) * _sign(_i, _q, _p, _u, _v),
        )
        # Exchanging the second and the fourth leg changes the sign of ⟨ac⟩⟨bd⟩.
        _qv_pu = _CROSS[(_q, _p, _v, _u) if _one == 1 else (_q, _u, _v, _p)]
        _pv_qu = _CROSS[(_p, _q, _v, _u) if _two == 1 else (_p, _u, _v, _q)]
        _ipq = _TRIANGLES.index(tuple(sorted((_i, _p, _q))))
        _rows.append((_qv_pu, _CROSS[_p, _i, _u, _q], _pv_qu, _CROSS[_q, _i, _u, _p], _LINK[_u, _v], _ipq))
_QV_PU, _PU_IQ, _PV_QU, _QU_IP, _UV, _IPQ = _table(_rows)  # (60,) each
_IU = _table([_LINK[pair] for pair in permutations(LEGS, 2)])
_U = _table([u for i, u in permutations(LEGS, 2)])
_STAR = _table([[_LINK[u, w] for w in _others(u)] for u in LEGS])  # (4, 5)

# The term [pq]³/([ip][qi]⟨uv⟩²) of the orders (i p u v q) and (i p v u q).
_CUBES = [(i, u, v, *_others(i, u, v)) for i in LEGS for u, v in combinations(_others(i), 2)]
_CUBE_UV, _CUBE_PQ, _CUBE_IPQ = _table(
    [(_LINK[u, v], _LINK[p, q], _TRIANGLES.index(tuple(sorted((i, p, q))))) for i, u, v, p, q in _CUBES]
)
_CUBE_WEIGHT = _column(
    [-_even(i, p, q) * (_sign(i, p, u, v, q) + _sign(i, p, v, u, q)) for i, u, v, p, q in _CUBES]
)


def _one_minus(k):
    """3 A with the only minus leg i, summed over orders; shape (5, n)."""
    n = k.s.shape[1]
    square = k.ang[:10] * k.ang[:10]
    fourth = square * square
    inner = k.numerator.take(_QV_PU, 0) * k.numerator.take(_PU_IQ, 0)  # (60, n)
    inner += k.numerator.take(_PV_QU, 0) * k.numerator.take(_QU_IP, 0)
    inner *= k.sqr.take(_UV, 0)
    inner *= k.triangle.take(_IPQ, 0)
    star = k.inv.take(_STAR, 0).prod(axis=0)  # 1/(⟨ui⟩⟨uv⟩⟨up⟩⟨uq⟩), (5, n)
    outer = fourth.take(_IU % 10, 0) * k.ang.take(_IU, 0) * (star * star).take(_U, 0)  # (20, n)
    total = (inner.reshape(20, 3, n).sum(axis=1) * outer).reshape(5, 4, n).sum(axis=1)

    cube = (fourth.take(_CUBE_PQ, 0) * k.triangle.take(_CUBE_IPQ, 0)).conj() * _CUBE_WEIGHT  # (30, n)
    cube *= (k.inv * k.inv).take(_CUBE_UV, 0)
    return total + cube.reshape(5, 6, n).sum(axis=1)


_PLUS = _table([[PAIR[pair] for pair in combinations(_others(*pair), 2)] for pair in PAIRS])  # (3, 10)


def _two_minus(k, loops):
    """3 |X|, 3 |Y| up to a phase with two minus legs, summed over orders; shape (2, 10, n)."""
    total = [box + log for box, log in zip(_boxes(k, loops), _logarithms(k, loops), strict=True)]
    xy, yz, zx = k.s.take(_PLUS, 0)
    return np.stack(total) * (np.abs(k.s) / np.sqrt(np.abs(xy * yz * zx)))


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
