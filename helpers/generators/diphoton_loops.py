"""Loop functions of the five-point quark loop: L0, L1, L2 and the box Ls1, in any physical region."""

from itertools import combinations

import numpy as np
from scipy.special import roots_sh_jacobi, spence

__all__ = ["BOX", "LEGS", "PAIR", "PAIRS", "RATIO", "LoopFunctions"]

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
_RY, _RZ = ([_ROW[pair] for pair in zip(end, _M, strict=True)] for end in (_MY, _MZ))
_RY, _RZ = np.array(_RY), np.array(_RZ)
_ENDS = np.concatenate([_RY, _RZ])

_NEAR_ONE = 0.15  # |1 − r| below which L1 and L2 cancel
_SERIES = [1 / (2 * k + 3) for k in reversed(range(8))]
_SMALL_ENDS = 0.02  # s_yz relative to the other invariants of a box, below which Ls1 cancels
_NODES, _WEIGHTS = roots_sh_jacobi(6, 2, 2)  # for ∫₀¹ t f(t) dt


class LoopFunctions:
    """Loop functions of invariants as they stand in the amplitudes, each a pair (Re, Im).

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
    log, l0, l2 : tuple
        ln(−s_N) + ln(−s_D) up to a scale that drops out, L0/s_D and L2/s_D³, which are symmetric in N and D:
        (15, n), rows by `RATIO`; the imaginary part of `log` is (15, 1).
    pole : np.ndarray
        1/(2 s_N s_D), (15, n), rows by `RATIO`.
    cut : np.ndarray
        Whether L0 and L2 have an imaginary part, (15,).
    box, box_rest, box_l2 : tuple
        3 Ls1 and 3 (2 Ls1 + L1(r_y) + L1(r_z)) − s_yz s_M/(s_my s_mz), both times d², (30, n), rows by `BOX`;
        2 d³ L2 of r_y, then of r_z, (60, n).
    """

    def __init__(self, s):
        r = s.take(_NUM, 0) / s.take(_DEN, 0)  # (30, n)
        log_r = np.log(np.abs(r[:15]))
        log_r = np.concatenate([log_r, -log_r])
        pi = np.pi * (s[:, :1] > 0)
        phase = pi.take(_DEN, 0) - pi.take(_NUM, 0)  # (30, 1), Im ln r
        l0, l1, l2, inv_u = _l_functions(r, log_r)
        # r < 0 where the phase is not zero, so that 1 − r is never small here.
        l0_im = phase * inv_u
        l1_im = l0_im * inv_u
        l2_im = l1_im * inv_u

        n, m = _NUM[:15], _DEN[:15]
        inv_m = 1 / s[m]
        inv_m3 = inv_m * inv_m * inv_m
        log_s = np.log(np.abs(s / s[0]))
        self.cut = phase[:15, 0] != 0
        self.log = log_s[n] + log_s[m], -(pi[n] + pi[m])
        self.l0 = l0[:15] * inv_m, l0_im[:15] * inv_m
        self.l2 = l2[:15] * inv_m3, l2_im[:15] * inv_m3
        self.pole = 0.5 * inv_m / s[n]

        d = s.take(_YZ, 0) / s.take(_M, 0)  # (30, n)
        d2 = d * d
        box, box_im = _boxes(d, r, log_r, phase, (l0, l0_im))
        rest = 2 * box + d2 * (l1.take(_RY, 0) + l1.take(_RZ, 0))
        rest_im = 2 * box_im + d2 * (l1_im.take(_RY, 0) + l1_im.take(_RZ, 0))
        d3 = d2 * d
        self.box = 3 * box, 3 * box_im
        self.box_rest = (
            3 * rest - d3 * (s.take(_M, 0) * s.take(_M, 0)) / (s.take(_MY, 0) * s.take(_MZ, 0)),
            3 * rest_im,
        )
        d3 = np.concatenate([2 * d3, 2 * d3])
        self.box_l2 = d3 * l2.take(_ENDS, 0), d3 * l2_im.take(_ENDS, 0)


def _l_functions(r, log_r):
    """Real parts of L0, L1, L2, from a series where the closed forms cancel, and 1/(1−r)."""
    u = 1 - r
    near = np.flatnonzero(np.abs(u) < _NEAR_ONE)
    inv_u = 1 / u
    l0 = log_r * inv_u
    l1 = (l0 + 1) * inv_u
    l2 = (l1 + 0.5 / r) * inv_u
    # ln r = −2 artanh t gives m = (L1 + 1/2)/(1−r) without cancellation, and m gives all three.
    x = r.ravel()[near]
    t = (1 - x) / (1 + x)
    square, series = t * t, 0
    for coefficient in _SERIES:
        series = series * square + coefficient
    m = -(1 + t) / 4 - (1 + t) ** 3 / 4 * series
    l1_near = (1 - x) * m - 0.5
    for table, value in ((l0, (1 - x) * l1_near - 1), (l1, l1_near), (l2, m + 0.5 / x)):
        table.ravel()[near] = value
    return l0, l1, l2, inv_u


def _dilogarithms(r, log_r, phase):
    """Re and Im of Li2(1−r) for all ratios: the second half from the first by inversion."""
    log_r, phase = log_r[:15], phase[:15]
    negative = np.flatnonzero(phase)
    # spence(z) = Li2(1−z); for r < 0 Li2(1−r) = π²/6 − ln r ln(1−r) − Li2(r).
    z = r[:15].copy()
    z[negative] = 1 - z[negative]
    re, im = spence(z), np.zeros_like(z)
    log_one = np.log(z[negative])
    re[negative] = np.pi**2 / 6 - log_r[negative] * log_one - re[negative]
    im[negative] = -phase[negative] * log_one
    re_inverse = -re - (log_r * log_r - phase**2) / 2
    im_inverse = -im - log_r * phase
    return np.concatenate([re, re_inverse]), np.concatenate([im, im_inverse])


def _boxes(d, r, log_r, phase, l0):
    """Re and Im of d² Ls1 for all boxes, (30, n)."""
    r_y, r_z, log_y, log_z = r.take(_RY, 0), r.take(_RZ, 0), log_r.take(_RY, 0), log_r.take(_RZ, 0)
    phase_y, phase_z = phase.take(_RY, 0), phase.take(_RZ, 0)
    li2 = _dilogarithms(r, log_r, phase)
    re, im = (
        dilog.take(_RY, 0) + dilog.take(_RZ, 0) + d * (one.take(_RY, 0) + one.take(_RZ, 0))
        for dilog, one in zip(li2, l0, strict=True)
    )
    re += log_y * log_z - (phase_y * phase_z + np.pi**2 / 6)
    im += log_y * phase_z + phase_y * log_z
    largest = np.maximum(np.maximum(np.abs(r_y), np.abs(r_z)), 1)
    small = np.flatnonzero(np.abs(d) < _SMALL_ENDS * largest)
    box, point = np.divmod(small, d.shape[1])
    re[box, point], im[box, point] = d[box, point] ** 2 * _box_with_small_ends(
        d[box, point],
        *(r_y[box, point], log_y[box, point], phase_y[box, 0]),
        *(r_z[box, point], log_z[box, point], phase_z[box, 0]),
    )
    return re, im


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
