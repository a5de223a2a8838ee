"""One-loop amplitudes of gg → γγg with massless quarks, summed over orders and helicities.

TODO docstring
"""

from itertools import combinations, permutations

import numpy as np

from helpers.generators.diphoton_loops import BOX, LEGS, PAIR, PAIRS, RATIO, loop_functions

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
    total += _two_minus_squared(k, *loop_functions(k.s))
    return 2 * total / 9  # mirror helicities; the amplitudes below are 3 A


def _square(z):
    return z.real**2 + z.imag**2


def _others(*legs):
    return [leg for leg in LEGS if leg not in legs]


def _sign(*order):
    """+1 if the gluons stand in the cyclic order (0, 1, 4), −1 if in the reflected one."""
    after = order[order.index(0) :] + order[: order.index(0)]
    return 1 if after.index(1) < after.index(4) else -1


# Rows of ⟨ij⟩ and [ij]: the ten PAIRS, then the reversed ones.
LINK = {legs: row for row, legs in enumerate(PAIRS + [pair[::-1] for pair in PAIRS])}

# Rows of C(a, b, c, d) and of its numerator ⟨ac⟩⟨bd⟩: four of the 120 orders of legs are equal.
CROSS = {}
for _a, _b, _c, _d in permutations(LEGS, 4):
    _row = CROSS.get((_b, _a, _d, _c), CROSS.get((_c, _d, _a, _b), CROSS.get((_d, _c, _b, _a))))
    CROSS[_a, _b, _c, _d] = len(set(CROSS.values())) if _row is None else _row
_FOUR = [next(legs for legs, k in CROSS.items() if k == row) for row in range(30)]
_AB, _AC, _BD, _CD = ([LINK[legs[i], legs[j]] for legs in _FOUR] for i, j in ((0, 1), (0, 2), (1, 3), (2, 3)))
TRIANGLES = list(combinations(LEGS, 3))
_SIDES = [[LINK[legs[i], legs[j]] for legs in TRIANGLES] for i, j in ((0, 1), (1, 2), (2, 0))]


class _Spinors:
    """Invariants (10, n) and spinor products (20, n) of p (4, 5, n), and products of them."""

    def __init__(self, p):
        outgoing = np.sign(p[0, :, :1])  # (5, 1)
        energy, px, py, pz = p * outgoing
        # λ = (√(E+pz), (px+ipy)/√(E+pz)), times a phase that avoids small E+pz for pz < 0.
        large = np.sqrt(energy + np.abs(pz))
        small = (px + 1j * py) / large
        north = pz >= 0
        up, down = np.where(north, large, small.conj()), np.where(north, small, large)

        i, j = np.array(list(LINK)).T
        ang = up[i] * down[j] - down[i] * up[j]  # (20, n)
        sign = outgoing[i] * outgoing[j]
        s = sign * _square(ang)
        self.s = s[:10]
        self.ang, self.sqr = ang, -sign * ang.conj()
        self.inv = self.sqr * (-1 / s)

        self.numerator = ang[_AC] * ang[_BD]  # (30, n)
        self.cross = self.numerator * (self.inv[_AB] * self.inv[_CD])
        ab, bc, ca = self.inv[_SIDES]
        self.triangle = ab * bc * ca  # (10, n)


_ORDERS = [order for order in permutations(LEGS) if order[0] == 0 and _sign(*order) == 1]
_CYCLE = [[LINK[order[i - 1], order[i]] for order in _ORDERS] for i in (1, 2, 3, 4, 0)]
_DA = [LINK[order[3], order[0]] for order in _ORDERS]


def _all_plus(k):
    """3 A of + + + + +, summed over orders."""
    ab, bc, cd, de, ea = k.s[np.array(_CYCLE) % 10]
    trace = k.sqr[_CYCLE[0]] * k.ang[_CYCLE[1]] * k.sqr[_CYCLE[2]] * k.ang[_DA]
    numerator = ab * (bc + ea) + cd * (bc + de) + de * ea + 2j * trace.imag
    return (numerator * k.inv[_CYCLE].prod(axis=0)).sum(axis=0) / 2


def _numerator(sign, a, b, c, d):
    return CROSS[(a, b, c, d) if sign == 1 else (a, d, c, b)]


def _triangle(a, b, c):
    """Row and sign of 1/(⟨ab⟩⟨bc⟩⟨ca⟩)."""
    legs = tuple(sorted((a, b, c)))
    return TRIANGLES.index(legs), 1 if legs in ((a, b, c), (b, c, a), (c, a, b)) else -1


_IU = [LINK[i, u] for i in LEGS for u in _others(i)]
_STAR = [[LINK[u, _others(u)[w]] for u in LEGS] for w in range(4)]
_U = [u for i in LEGS for u in _others(i)]
_UV, _IPQ, _ONE, _TWO = [], [], [], []
for _i in LEGS:
    for _u in _others(_i):
        for _v in _others(_i, _u):
            _p, _q = _others(_i, _u, _v)
            _row, _side = _triangle(_i, _p, _q)
            _UV.append(LINK[_u, _v])
            _IPQ.append(_row)
            _sign_one, _sign_two = _side * _sign(_i, _p, _q, _u, _v), -_side * _sign(_i, _q, _p, _u, _v)
            _ONE.append((_numerator(_sign_one, _q, _p, _v, _u), CROSS[_p, _i, _u, _q]))
            _TWO.append((_numerator(_sign_two, _p, _q, _v, _u), CROSS[_q, _i, _u, _p]))
_ONE, _TWO = np.array(_ONE).T, np.array(_TWO).T

_CUBES = [(i, *uv, *_others(i, *uv)) for i in LEGS for uv in combinations(_others(i), 2)]  # (i, u, v, p, q)
_C_UV, _C_PQ = [LINK[u, v] for i, u, v, p, q in _CUBES], [LINK[p, q] for i, u, v, p, q in _CUBES]
_C_IPQ, _C_SIDE = zip(*(_triangle(i, p, q) for i, u, v, p, q in _CUBES), strict=True)
_C_WEIGHT = np.array([-_sign(i, p, u, v, q) - _sign(i, p, v, u, q) for i, u, v, p, q in _CUBES])
_C_WEIGHT = (_C_WEIGHT * np.array(_C_SIDE, float))[:, None]


def _one_minus(k):
    """3 A with the only minus leg i, summed over orders; shape (5, n)."""
    n = k.s.shape[1]
    square = k.ang * k.ang
    fourth = square[:10] * square[:10]
    star = k.inv[_STAR].prod(axis=0)  # (5, n)
    one, two = k.numerator[_ONE[0]] * k.numerator[_ONE[1]], k.numerator[_TWO[0]] * k.numerator[_TWO[1]]
    inner = (one + two) * (k.sqr[_UV] * k.triangle[_IPQ])  # (60, n)
    fifth = (fourth[np.array(_IU) % 10] * k.ang[_IU]) * (star * star)[_U]  # (20, n)
    total = (inner.reshape(20, 3, n).sum(axis=1) * fifth).reshape(5, 4, n).sum(axis=1)

    cube = (fourth[np.array(_C_PQ) % 10] * k.triangle[list(_C_IPQ)]).conj() * (k.inv * k.inv)[_C_UV]
    return total + (cube * _C_WEIGHT).reshape(5, 6, n).sum(axis=1)


_BOXES, _LOGS = [], []
_TURN = {}
for _i, _j in PAIRS:
    _plus = _others(_i, _j)
    for _x, _y, _z in permutations(_plus):
        _TURN[_i, _j, _x, _y, _z] = 1 if (_plus.index(_y) - _plus.index(_x)) % 3 == 1 else -1
    for _x in _plus:
        _y, _z = _others(_i, _j, _x)
        for _a, _b in ((_i, _j), (_j, _i)):
            _s1, _s2 = _sign(_a, _z, _b, _y, _x), _sign(_a, _y, _b, _z, _x)
            _BOXES.append((
                BOX[PAIR[_a, _x], _b], CROSS[_a, _b, _y, _z], CROSS[_a, _b, _z, _y],
                CROSS[_a, _x, _y, _z] + 1 if _s1 == _s2 else 0, _s1 * _TURN[_i, _j, _x, _y, _z],
            ))
    for _x, _y, _z in permutations(_plus):
        _t = _TURN[_i, _j, _x, _y, _z]
        _so, _sn = _t * _sign(_i, _j, _y, _z, _x), _t * _sign(_i, _z, _j, _y, _x)
        _LOGS.append((
            RATIO[PAIR[_j, _y], PAIR[_x, _i]], CROSS[_i, _x, _j, _y] + (0 if _so == 1 else 30),
            CROSS[_i, _z, _j, _y] + (0 if _sn == 1 else 30), CROSS[_i, _x, _j, _z],
            CROSS[_i, _j, _x, _z], CROSS[_i, _j, _z, _y],
            PAIR[_x, _z], PAIR[_z, _y], PAIR[_x, _y], PAIR[_i, _j], PAIR[_x, _i], PAIR[_j, _y],
        ))
_B = np.array(_BOXES).T
_L = np.array(_LOGS).T
_BSIGN = _B[4][:, None].astype(float)
_PLUS = np.array([[PAIR[pair] for pair in combinations(_others(i, j), 2)] for i, j in PAIRS]).T


def _two_minus_squared(k, real, imaginary):
    n = k.s.shape[1]
    s, cross = k.s, k.cross
    # boxes
    c, d = cross[_B[1]], cross[_B[2]]
    cc, cd, dd = c * c, c * d, d * d
    g = np.concatenate([np.ones((1, n)), 2 * cross - 1])[_B[3]]
    # logs
    signed = np.concatenate([cross, -cross])
    outer, inner = signed[_L[1]], signed[_L[2]] * cross[_L[3]]
    xz, zy, xy, ij, xi, jy = s[_L[6:]]
    u, v = xz * cross[_L[4]], zy * cross[_L[5]]
    w, uv = u + v, u * v
    plus, minus = outer + inner, outer - inner
    inv_ij = 1 / ij
    xy_ij = xy * inv_ij
    parts = []
    for f in (real, imaginary):
        box = f["box"][_B[0]] - cd * f["box_rest"][_B[0]]
        box += cc * f["box_l2"][1][_B[0]]
        box += dd * f["box_l2"][0][_B[0]]
        box *= g * _BSIGN
        log = w * f["l0"][_L[0]]
        h = w * f["l2"][_L[0]]
        if f is real:
            h += 0.5 / (xi * jy)
        log += h * uv
        log *= minus
        log += plus * f["log"][_L[0]]
        if f is real:
            log += (outer * (xy_ij * (1 - xy_ij)) + inner * (xz * zy * inv_ij * inv_ij)).conj()
        parts.append((box + log).reshape(10, 6, n).sum(axis=1))
    a, b, c = s[_PLUS]
    norm = s * s / np.abs(a * b * c)
    return ((_square(parts[0]) + _square(parts[1])) * norm).sum(axis=0)
