"""Parton densities of the proton, interpolated in a small table that ships with the package."""

from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["FLAVOURS", "Q_RANGE", "TABLE", "X_RANGE", "load_table", "write_table", "xf"]

FLAVOURS = (21, 1, 2, 3, 4, 5, -1, -2, -3, -4, -5)  # PDG numbers: gluon, d, u, s, c, b and antiquarks
X_RANGE = (1e-5, 1.0)
Q_RANGE = (10.0, 1000.0)  # GeV
TABLE = Path(__file__).with_name("parton_density.npz")


def xf(flavour: int, x: ArrayLike, q: ArrayLike) -> np.ndarray:
    """Momentum density x f(x, Q) of one parton in the proton.

    The set is NNPDF2.3 QCD+QED LO with alpha_s(M_Z) = 0.130 (arXiv:1308.0598), the default of Pythia 8
    (`PDF:pSet = 13`). A cubic spline in log x and log Q runs through the table; it follows Pythia
    within 1e-5 where partons are plentiful and within 1e-3 up to x = 0.8.

    Parameters
    ----------
    flavour : int
        PDG number: 21 for the gluon, 1 to 5 for d, u, s, c, b, negative for antiquarks.
    x : array_like
        Momentum fraction, 1e-5 <= x <= 1; x f vanishes at 1.
    q : float or array_like
        Factorisation scale in GeV, 10 <= Q <= 1000; a single number is the fast case.

    Returns
    -------
    np.ndarray
        x f(x, Q) >= 0, of the shape that x and q broadcast to.

    Raises
    ------
    ValueError
        If the flavour is not in `FLAVOURS`, or x or Q lies outside the table (or is NaN).
    """
    if flavour not in FLAVOURS:
        raise ValueError(f"flavour {flavour!r} is not in the table, expected one of {FLAVOURS}")
    log_x = np.log(_within(x, X_RANGE, "x"))
    log_q = np.log(_within(q, Q_RANGE, "Q in GeV"))
    if log_q.ndim == 0:
        density = _at_fixed_q(flavour, float(log_q))(log_x)
    else:
        density = _spline(flavour).ev(log_x, log_q)
    # Beyond x = 0.8 the density is so small that the spline may swing below zero.
    return np.maximum(density, 0.0)


def load_table() -> dict[str, np.ndarray]:
    """The shipped table.

    Returns
    -------
    dict
        `set` (name), `flavours` (11,), `log_x` (n_x,), `log_q` (n_q,) with Q in GeV, and `xf` (11, n_x, n_q).
    """
    with np.load(TABLE) as table:
        return {name: table[name] for name in table.files}


def write_table(n_x: int = 120, n_q: int = 20) -> None:
    """Write the table from the proton that Pythia 8 carries; for authors, needs the extra `authors`.

    Parameters
    ----------
    n_x, n_q : int
        Number of nodes: even in log x + 5x (dense in log x at small x and in x at large x), even in log Q.
    """
    import pythia8mc

    pythia = pythia8mc.Pythia("", False)
    for setting in ("Print:quiet = on", "ProcessLevel:all = off", "PDF:pSet = 13"):
        pythia.readString(setting)
    pythia.init()
    proton = pythia.getPDFPtr(2212)

    fine = np.linspace(*np.log(X_RANGE), 100_001)
    position = fine + 5 * np.exp(fine)
    log_x = np.interp(np.linspace(position[0], position[-1], n_x), position, fine)
    log_q = np.linspace(*np.log(Q_RANGE), n_q)
    table = np.zeros((len(FLAVOURS), n_x, n_q))  # stays zero at x = 1
    for i, flavour in enumerate(FLAVOURS):
        for j, x in enumerate(np.exp(log_x[:-1])):
            table[i, j] = [proton.xf(flavour, x, q2) for q2 in np.exp(2 * log_q)]
    np.savez_compressed(
        TABLE,
        set="NNPDF2.3 QCD+QED LO, alpha_s(M_Z) = 0.130 (Pythia 8 PDF:pSet = 13, member 0)",
        flavours=FLAVOURS,
        log_x=log_x,
        log_q=log_q,
        xf=table.astype(np.float32),
    )


def _within(values, limits, name):
    """The values as floats, or a ValueError if one lies outside the limits."""
    values = np.asarray(values, dtype=float)
    low, high = limits
    if values.size:
        smallest, largest = values.min(), values.max()
        if not (smallest >= low and largest <= high):
            raise ValueError(f"{name} covers [{smallest}, {largest}], expected values in [{low}, {high}]")
    return values


@cache
def _spline(flavour):
    """Bicubic spline of one flavour in (log x, log Q)."""
    from scipy.interpolate import RectBivariateSpline  # slow to import: only to generate events

    table = load_table()
    return RectBivariateSpline(table["log_x"], table["log_q"], table["xf"][FLAVOURS.index(flavour)], s=0)


@lru_cache(maxsize=64)
def _at_fixed_q(flavour, log_q):
    """The same spline at one scale: a piecewise cubic in log x."""
    from scipy.interpolate import BSpline, PPoly

    knots_x, knots_q, coefficients = _spline(flavour).tck
    coefficients = coefficients.reshape(len(knots_x) - 4, len(knots_q) - 4)
    return PPoly.from_spline(BSpline(knots_x, BSpline(knots_q, coefficients.T, 3)(log_q), 3))


if __name__ == "__main__":
    write_table()
