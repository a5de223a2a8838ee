"""Loop functions of the five-point quark loop: L0, L1, L2 and the box Ls1, in any physical region."""

from itertools import combinations, permutations

import numpy as np
from scipy.special import roots_sh_jacobi, spence

__all__ = ["BOX", "LEGS", "PAIR", "PAIRS", "RATIO", "LoopFunctions"]

LEGS = range(5)
PAIRS = list(combinations(LEGS, 2))
PAIR = {legs: k for k, pair in enumerate(PAIRS) for legs in (pair, pair[::-1])}

# Ratios r = s_N/s_D of invariants without a common leg.
RATIO = {}
for _n, _d in permutations(range(10), 2):
    if not {*PAIRS[_n]} & {*PAIRS[_d]}:
        RATIO[_n, _d] = len(RATIO)
_NUM, _DEN = np.array(list(RATIO)).T
_ONCE = [k for (n, d), k in RATIO.items() if n < d]
_INVERSE = [RATIO[d, n] for n, d in RATIO if n < d]

# Boxes with massive pair M, middle leg m and ends y, z: functions of r_y = s_my/s_M and r_z = s_mz/s_M, where
# 1 − r_y − r_z = s_yz/s_M.
BOX, _SIDES = {}, []
for _pair in PAIRS:
    for _m in sorted({*LEGS} - {*_pair}):
        _y, _z = sorted({*LEGS} - {*_pair, _m})
        BOX[PAIR[_pair], _m] = len(BOX)
        _SIDES.append((PAIR[_m, _y], PAIR[_m, _z], PAIR[_y, _z], PAIR[_pair]))
_MY, _MZ, _YZ, _M = np.array(_SIDES).T
_RY = [RATIO[pair] for pair in zip(_MY, _M, strict=True)]
_RZ = [RATIO[pair] for pair in zip(_MZ, _M, strict=True)]

_NEAR_ONE = 0.15  # |1 − r| below which L1 and L2 cancel
_SERIES = [-1 / (n + 3) for n in reversed(range(20))]
_SMALL_ENDS = 0.02  # s_yz relative to the other invariants of a box, below which Ls1 cancels
_NODES, _WEIGHTS = roots_sh_jacobi(6, 2, 2)  # for ∫₀¹ t f(t) dt


class LoopFunctions:
    """Loop functions of invariants, each a pair (Re, Im) with Im = None where it vanishes.

    With ln(−s) = ln|s| − iπθ(s) and ln r = ln(−s_N) − ln(−s_D) for r = s_N/s_D,
    L0 = ln r/(1−r), L1 = (L0+1)/(1−r), L2 = (ln r − (r−1/r)/2)/(1−r)³, and with d = 1−r−q
    Ls1(r, q) = {[Li2(1−r) + Li2(1−q) + ln r ln q − π²/6]/d + L0(r) + L0(q)}/d
    (Bern, Dixon, Kosower, Phys. Rev. Lett. 70 (1993) 2677).

    Parameters
    ----------
    s : np.ndarray
        Invariants of the ten `PAIRS`, (10, n) in GeV²; each has the same sign at all n points.

    Attributes
    ----------
    log : dict
        log[N, D] = ln(−s_N) + ln(−s_D) for the pairs of `RATIO`, up to a scale that drops out.
    l0, l2 : list
        L0 and L2 of each ratio.
    box3, box3_rest : list
        3 Ls1 and 3 (2 Ls1 + L1(r_y) + L1(r_z)) − s_yz s_M/(s_my s_mz) of each box, as they stand in A.
    """

    def __init__(self, s):
        r = s[_NUM] / s[_DEN]  # (30, n)
        cut = 1.0 * (s[:, 0] > 0)
        log_r, phase = np.log(np.abs(r)), np.pi * (cut[_DEN] - cut[_NUM])[:, None]  # Re and Im of ln r
        l0, l1, l2, inv_u = _l_functions(r, log_r)
        # r < 0 where the phase is not zero, so that 1 − r is never small here.
        l0_im = phase * inv_u
        l1_im = l0_im * inv_u
        li2, li2_im = _dilogarithms(r, log_r, phase)

        inv_d = s[_M] / s[_YZ]
        log_y, log_z, phase_y, phase_z = log_r[_RY], log_r[_RZ], phase[_RY], phase[_RZ]
        ls = (li2[_RY] + li2[_RZ] + (log_y * log_z - (phase_y * phase_z + np.pi**2 / 6))) * inv_d
        ls = (ls + l0[_RY] + l0[_RZ]) * inv_d
        ls_im = (li2_im[_RY] + li2_im[_RZ] + log_y * phase_z + phase_y * log_z) * inv_d
        ls_im = (ls_im + l0_im[_RY] + l0_im[_RZ]) * inv_d

        largest = np.maximum(1, np.maximum(np.abs(r[_RY]), np.abs(r[_RZ])))
        box, point = np.nonzero(_SMALL_ENDS * np.abs(inv_d) * largest > 1)
        ls[box, point], ls_im[box, point] = _box_with_small_ends(
            1 / inv_d[box, point],
            *(r[_RY][box, point], log_y[box, point], phase_y[box, 0]),
            *(r[_RZ][box, point], log_z[box, point], phase_z[box, 0]),
        )
        rest = 3 * (2 * ls + l1[_RY] + l1[_RZ]) - s[_YZ] * s[_M] / (s[_MY] * s[_MZ])
        rest_im = 3 * (2 * ls_im + l1_im[_RY] + l1_im[_RZ])

        log_s = np.log(np.abs(s / s[0]))
        self.log = {(n, d): (log_s[n] + log_s[d], -np.pi * (cut[n] + cut[d])) for n, d in RATIO}
        self.l0, self.l2 = _pairs(l0, l0_im), _pairs(l2, l1_im * inv_u)
        self.box3, self.box3_rest = _pairs(3 * ls, 3 * ls_im), _pairs(rest, rest_im)


def _pairs(real, imaginary):
    """(Re, Im) of each function; an imaginary part vanishes everywhere or nowhere."""
    return [(re, im if im.any() else None) for re, im in zip(real, imaginary, strict=True)]


def _l_functions(r, log_r):
    """Real parts of L0, L1, L2, from a series where the closed forms cancel, and 1/(1−r) elsewhere."""
    near = np.abs(1 - r) < _NEAR_ONE
    inv_u = 1 / np.where(near, 1, 1 - r)
    l0 = log_r * inv_u
    l1 = (l0 + 1) * inv_u
    l2 = (l1 + 0.5 / r) * inv_u
    # m = (L1 + 1/2)/u = −Σ uⁿ/(n+3) gives all three without cancellation.
    u = 1 - r[near]
    m = np.zeros_like(u)
    for coefficient in _SERIES:
        m = m * u + coefficient
    l1_near = u * m - 0.5
    l0[near], l1[near], l2[near] = u * l1_near - 1, l1_near, m + 0.5 / (1 - u)
    return l0, l1, l2, inv_u


def _dilogarithms(r, log_r, phase):
    """Re and Im of Li2(1−r) for all ratios: half of them from the others by inversion."""
    x, log_x, phase_x = r[_ONCE], log_r[_ONCE], phase[_ONCE]
    negative = x < 0
    # spence(z) = Li2(1−z); for r < 0 Li2(1−r) = π²/6 − ln r ln(1−r) − Li2(r).
    value = spence(np.where(negative, 1 - x, x))
    log_one = np.log(np.where(negative, 1 - x, 1))
    re, im = np.empty_like(r), np.empty_like(r)
    re[_ONCE] = np.where(negative, np.pi**2 / 6 - log_x * log_one - value, value)
    im[_ONCE] = -phase_x * log_one
    re[_INVERSE] = -re[_ONCE] - (log_x**2 - phase_x**2) / 2
    im[_INVERSE] = -im[_ONCE] - log_x * phase_x
    return re, im


def _box_with_small_ends(d, r, log_r, phase_r, q, log_q, phase_q):
    """Re and Im of Ls1 for small d = 1 − r − q; everything (n,).

    With q the smaller ratio and ρ = 1 − q − t d a divided difference of Li2 gives
    Ls1 = ln q/(1−q)² L1(r/(1−q)) − ∫₀¹ t [L1(ρ) + 1/ρ] dt, where nothing cancels and r, ρ > 0.
    """
    swap = q > r
    r, log_q, phase_q = np.where(swap, q, r), np.where(swap, log_r, log_q), np.where(swap, phase_r, phase_q)
    one_minus_q = r + d
    _, l1, *_ = _l_functions(r / one_minus_q, np.log(r / one_minus_q))
    l1 /= one_minus_q**2
    rho = one_minus_q - d * _NODES[:, None]  # (nodes, n)
    _, l1_rho, *_ = _l_functions(rho, np.log(rho))
    return log_q * l1 - _WEIGHTS @ (l1_rho + 1 / rho), phase_q * l1
