"""Loop functions of the five-point quark loop: L0, L1, L2 and the box Ls1, in any physical region."""

from itertools import combinations

import numpy as np
from scipy.special import roots_sh_jacobi, spence

__all__ = ["BOX", "LEGS", "PAIR", "PAIRS", "RATIO", "loop_functions"]

LEGS = range(5)
PAIRS = list(combinations(LEGS, 2))
PAIR = {legs: k for k, pair in enumerate(PAIRS) for legs in (pair, pair[::-1])}

# Ratios r = s_N/s_D of invariants without a common leg: 15 with N < D, then their inverses.
_RATIOS = [(n, d) for n, d in combinations(range(10), 2) if not {*PAIRS[n]} & {*PAIRS[d]}]
_NUM, _DEN = np.array(_RATIOS + [(d, n) for n, d in _RATIOS]).T
_ROW = {pair: row for row, pair in enumerate(zip(_NUM, _DEN, strict=True))}
RATIO = {pair: row % 15 for pair, row in _ROW.items()}

# Boxes with massive pair M, middle leg m and ends y < z: functions of r_y = s_my/s_M and r_z = s_mz/s_M,
# where 1 − r_y − r_z = s_yz/s_M.
BOX, _SIDES = {}, []
for _pair in PAIRS:
    for _m in sorted({*LEGS} - {*_pair}):
        _y, _z = sorted({*LEGS} - {*_pair, _m})
        BOX[PAIR[_pair], _m] = len(BOX)
        _SIDES.append((PAIR[_m, _y], PAIR[_m, _z], PAIR[_y, _z], PAIR[_pair]))
_MY, _MZ, _YZ, _M = np.array(_SIDES).T
_ENDS = np.array([[_ROW[pair] for pair in zip(end, _M, strict=True)] for end in (_MY, _MZ)])  # (2, 30)

_NEAR_ONE = 0.15  # |1 − r| below which L1 and L2 cancel
_SERIES = [1 / (2 * k + 3) for k in reversed(range(8))]
_SMALL_ENDS = 0.02  # s_yz relative to the other invariants of a box, below which Ls1 cancels
_NODES, _WEIGHTS = roots_sh_jacobi(6, 2, 2)  # for ∫₀¹ t f(t) dt


def loop_functions(s):
    """Loop functions of invariants: real parts and imaginary parts, as they stand in the amplitudes.

    With ln(−s) = ln|s| − iπθ(s) and ln r = ln(−s_N) − ln(−s_D) for r = s_N/s_D,
    L0 = ln r/(1−r), L1 = (L0+1)/(1−r), L2 = (ln r − (r−1/r)/2)/(1−r)³, and with d = 1−r−q
    Ls1(r, q) = {[Li2(1−r) + Li2(1−q) + ln r ln q − π²/6]/d + L0(r) + L0(q)}/d
    (Bern, Dixon, Kosower, Phys. Rev. Lett. 70 (1993) 2677).

    Parameters
    ----------
    s : np.ndarray
        Invariants of the ten `PAIRS`, (10, n) in GeV²; each has the same sign at all n points.

    Returns
    -------
    real, imaginary : dict
        `log`, `l0`, `l2`: ln(−s_N) + ln(−s_D) up to a scale that drops out, L0/s_D and L2/s_D³, (15, n), rows
        by `RATIO`; symmetric in N and D.
        `box`, `box_rest`, `box_l2`: 3 Ls1, 3 (2 Ls1 + L1(r_y) + L1(r_z)) − s_yz s_M/(s_my s_mz), both times
        d², and 2 d³ L2 of r_y and r_z, (30, n), (30, n) and (2, 30, n), rows by `BOX`.
    """
    r = s[_NUM] / s[_DEN]  # (30, n)
    log_r = np.log(np.abs(r[:15]))
    log_r = np.concatenate([log_r, -log_r])
    cut = (s[:, :1] > 0) * np.pi
    phase = cut[_DEN] - cut[_NUM]  # (30, 1), Im ln r
    l0, l1, l2, inv_u = _l_functions(r, log_r)
    # r < 0 where the phase is not zero, so that 1 − r is never small here.
    l0_im = phase * inv_u
    l1_im = l0_im * inv_u
    l2_im = l1_im * inv_u
    li2, li2_im = _dilogarithms(r, log_r, phase)

    d = s[_YZ] / s[_M]  # (30, n)
    d2 = 3 * d * d
    (r_y, r_z), (log_y, log_z), (phase_y, phase_z) = r[_ENDS], log_r[_ENDS], phase[_ENDS]
    ls = li2[_ENDS].sum(axis=0) + log_y * log_z - (phase_y * phase_z + np.pi**2 / 6) + d * l0[_ENDS].sum(axis=0)
    ls_im = li2_im[_ENDS].sum(axis=0) + log_y * phase_z + phase_y * log_z + d * l0_im[_ENDS].sum(axis=0)
    small = np.nonzero(_SMALL_ENDS * np.maximum(1, np.maximum(np.abs(r_y), np.abs(r_z))) > np.abs(d))
    if len(small[0]):
        box = small[0]
        small_ls = _box_with_small_ends(
            d[small],
            *(r_y[small], log_y[small], phase_y[box, 0]),
            *(r_z[small], log_z[small], phase_z[box, 0]),
        )
        ls[small], ls_im[small] = small_ls * d[small] ** 2
    ls *= 3
    ls_im *= 3
    rest = 2 * ls + d2 * l1[_ENDS].sum(axis=0) - d * d * d / (r_y * r_z)
    rest_im = 2 * ls_im + d2 * l1_im[_ENDS].sum(axis=0)
    d3 = 2 * d * d * d

    inv_d = 1 / s[_DEN[:15]]
    inv_d3 = inv_d * inv_d * inv_d
    log_s = np.log(np.abs(s / s[0]))
    real = {
        "log": log_s[_NUM[:15]] + log_s[_DEN[:15]],
        "l0": l0[:15] * inv_d,
        "l2": l2[:15] * inv_d3,
        "box": ls,
        "box_rest": rest,
        "box_l2": d3 * l2[_ENDS],
    }
    imaginary = {
        "log": -(cut[_NUM[:15]] + cut[_DEN[:15]]),
        "l0": l0_im[:15] * inv_d,
        "l2": l2_im[:15] * inv_d3,
        "box": ls_im,
        "box_rest": rest_im,
        "box_l2": d3 * l2_im[_ENDS],
    }
    return real, imaginary


def _l_functions(r, log_r):
    """Real parts of L0, L1, L2, from a series where the closed forms cancel, and 1/(1−r) elsewhere."""
    near = np.abs(1 - r) < _NEAR_ONE
    inv_u = 1 / np.where(near, 1, 1 - r)
    l0 = log_r * inv_u
    l1 = (l0 + 1) * inv_u
    l2 = (l1 + 0.5 / r) * inv_u
    # ln r = −2 artanh t gives m = (L1 + 1/2)/(1−r) without cancellation, and m gives all three.
    x = r[near]
    t = (1 - x) / (1 + x)
    series = np.zeros_like(t)
    for coefficient in _SERIES:
        series = series * (t * t) + coefficient
    m = -(1 + t) / 4 - (1 + t) ** 3 / 4 * series
    l1_near = (1 - x) * m - 0.5
    l0[near], l1[near], l2[near] = (1 - x) * l1_near - 1, l1_near, m + 0.5 / x
    return l0, l1, l2, inv_u


def _dilogarithms(r, log_r, phase):
    """Re and Im of Li2(1−r) for all ratios: the second half from the first by inversion."""
    x, log_x, phase_x = r[:15], log_r[:15], phase[:15]
    negative = x < 0
    # spence(z) = Li2(1−z); for r < 0 Li2(1−r) = π²/6 − ln r ln(1−r) − Li2(r).
    value = spence(np.where(negative, 1 - x, x))
    log_one = np.log(np.where(negative, 1 - x, 1))
    re = np.where(negative, np.pi**2 / 6 - log_x * log_one - value, value)
    im = -phase_x * log_one
    re_inverse = -re - (log_x**2 - phase_x**2) / 2
    im_inverse = -im - log_x * phase_x
    return np.concatenate([re, re_inverse]), np.concatenate([im, im_inverse])


def _box_with_small_ends(d, r, log_r, phase_r, q, log_q, phase_q):
    """Re and Im of Ls1 for small d = 1 − r − q; everything (n,).

    With q the smaller ratio and ρ = 1 − q − t d a divided difference of Li2 gives
    Ls1 = ln q/(1−q)² L1(r/(1−q)) − ∫₀¹ t [L1(ρ) + 1/ρ] dt, where nothing cancels and r, ρ > 0.
    """
    swap = q > r
    r, log_q, phase_q = np.where(swap, q, r), np.where(swap, log_r, log_q), np.where(swap, phase_r, phase_q)
    one_minus_q = r + d
    rho = one_minus_q - d * _NODES[:, None]  # (nodes, n)
    x = np.vstack([r / one_minus_q, rho])
    _, l1, *_ = _l_functions(x, np.log(x))
    first = l1[0] / one_minus_q**2
    return np.stack([log_q * first - _WEIGHTS @ (l1[1:] + 1 / rho), phase_q * first])
