"""One comparison for all generators of Drell-Yan events: the same observables and numbers."""

import numpy as np
from scipy import optimize

from helpers import kinematics
from helpers.generators.drell_yan import Z_MASS, Z_WIDTH
from helpers.preprocessing import PT_EDGE
from helpers.samples import Sample
from helpers.statistics import Chi2, Measured, histogram, p_value, wasserstein
from helpers.two_sample import classifier_auc

__all__ = [
    "features",
    "judge",
    "observables",
    "scores",
    "spectra_chi2",
    "spectrum_chi2",
    "z_peak",
]


def observables(events: np.ndarray) -> dict[str, np.ndarray]:
    """The numbers in which generators are compared.

    Parameters
    ----------
    events : array (n, 2, 4)
        In GeV, μ⁻ first.

    Returns
    -------
    dict of str to array (n,)
    """
    eta1, eta2 = kinematics.eta(events).T
    return {
        "pT(μ⁻) [GeV]": kinematics.pt(events[:, 0]),
        "η(μ⁻)": eta1,
        "η(μ⁺)": eta2,
        "φ(μ⁻)": kinematics.phi(events[:, 0]),
        "m(μμ) [GeV]": kinematics.mass(events.sum(1, dtype=np.float64)),
        "Δη": eta1 - eta2,
    }


def judge(truth: np.ndarray, events: np.ndarray, *, seed: int, train: int = 155_000) -> Measured:
    """AUC of a classifier that tells generated from true events, on events that it has not seen.

    It sees log(p_T − 10 GeV), η₁, η₂ and m_μμ, the last one as arsinh of its distance from the Z in half
    widths: linear within the peak, logarithmic in the tails. Of both samples as many events are used as the
    smaller one has, n: `train` for training (within a few hundred, the split is random), n/10 to find the
    best epoch, the rest for the AUC.

    Parameters
    ----------
    truth, events : array (m, 2, 4), (k, 2, 4)
        In GeV.
    seed : int
    train : int
        Events of each kind.

    Returns
    -------
    Measured
        0.5 within the error if no difference is found.

    Raises
    ------
    ValueError
        If less than a fifth of the events would be left for the AUC.
    """
    n = min(len(truth), len(events))
    if train > 0.7 * n:
        raise ValueError(f"{n} events of each kind are too few to train on {train} and test on the rest")
    x, y = (features(sample[:n]) for sample in (truth, events))
    return classifier_auc(x, y, seed=seed, split=(train / n, 0.1), epochs=12, lr=4e-3)


def features(events: np.ndarray) -> np.ndarray:
    """What the judge sees: log(p_T − 10), η₁, η₂, arsinh of the mass.

    Parameters
    ----------
    events : array (n, 2, 4)
        In GeV.

    Returns
    -------
    array (n, 4)
    """
    values = observables(events)
    above = np.maximum(values["pT(μ⁻) [GeV]"] - PT_EDGE, 1e-3)  # 1 MeV: rounding at the cut stays finite
    line = np.arcsinh((values["m(μμ) [GeV]"] - Z_MASS) / (Z_WIDTH / 2))
    return np.column_stack([np.log(above), values["η(μ⁻)"], values["η(μ⁺)"], line])  # (n, 4)


def z_peak(
    mass: np.ndarray, window: tuple[float, float] = (Z_MASS - 5, Z_MASS + 5)
) -> tuple[Measured, Measured]:
    """Position and full width at half maximum of the Z peak: maximum-likelihood fit of a Breit-Wigner.

    The density is that of (m − M)² + (Γ/2)² in the denominator, normalised in the window. Photon, parton
    densities and cuts tilt the true peak a little, so compare with what the same fit gives for the truth.

    Parameters
    ----------
    mass : array (n,)
        In GeV.
    window : (float, float)
        In GeV.

    Returns
    -------
    position, width : Measured
        M and Γ in GeV.

    Raises
    ------
    ValueError
        For fewer than 100 events in the window.
    """
    m = np.asarray(mass, dtype=np.float64)
    m = m[(m > window[0]) & (m < window[1])]
    if len(m) < 100:
        raise ValueError(f"{len(m)} events within {window} GeV are too few for a fit of the Z peak")

    def loss(theta):
        value, score = _breit_wigner(m, *theta, window)
        return -value.mean(), -score.mean(0)

    start, bounds = (np.median(m), Z_WIDTH / 2), [window, (0.05, 50.0)]
    best = optimize.minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B")
    score = _breit_wigner(m, *best.x, window)[1]
    error = np.sqrt(np.diag(np.linalg.inv(score.T @ score)))
    return Measured(float(best.x[0]), float(error[0])), Measured(2 * float(best.x[1]), 2 * float(error[1]))


def _breit_wigner(m, position, half_width, window):
    """Log density in the window (n,) and its derivatives with respect to position and half width (n, 2)."""
    m, edges = m - position, np.array(window) - position
    square, edge_square = m**2 + half_width**2, edges**2 + half_width**2
    norm = np.diff(np.arctan(edges / half_width))
    value = np.log(half_width / square / norm)
    by_position = 2 * m / square + np.diff(half_width / edge_square) / norm
    by_width = 1 / half_width - 2 * half_width / square + np.diff(edges / edge_square) / norm
    return value, np.column_stack([by_position, by_width])


def spectrum_chi2(
    truth_values: np.ndarray,
    values: np.ndarray,
    edges: np.ndarray,
    weights: np.ndarray | None = None,
    minimum: float = 2000,
) -> Chi2:
    """χ² of two spectra over the bins with more than `minimum` true events, normalised to these bins.

    Both samples bring their statistical errors, √Σw² for the weighted one; the common normalisation takes
    one degree of freedom. For another sample of the truth χ²/ndf is 1 within √(2/ndf).

    Parameters
    ----------
    truth_values, values : array (n,), (m,)
    edges : array (k + 1,)
    weights : array (m,), optional
        Of `values`.
    minimum : float

    Returns
    -------
    Chi2

    Raises
    ------
    ValueError
        If fewer than two bins are left.
    """
    truth, _ = histogram(truth_values, edges)
    content, error = histogram(values, edges, weights)
    kept = truth > minimum
    ndf = int(kept.sum()) - 1
    if ndf < 1:
        raise ValueError(f"{kept.sum()} bins have more than {minimum} true events; at least 2 are needed")
    truth, content, error = truth[kept], content[kept], error[kept]
    difference = content / content.sum() - truth / truth.sum()
    variance = (error / content.sum()) ** 2 + truth / truth.sum() ** 2
    value = float((difference**2 / variance).sum())
    return Chi2(value, ndf, p_value(value, ndf))


def scores(
    truth: np.ndarray, samples: dict[str, Sample], *, seed: int, train: int = 155_000, replicas: int = 10
) -> dict[str, dict]:
    """Numbers of several generators beside those of the truth.

    Parameters
    ----------
    truth : array (n, 2, 4)
        Events in GeV.
    samples : dict of str to Sample
        Of each, at most n events are looked at.
    seed, train
        As for `judge`.
    replicas : int
        Of the bootstrap that gives the errors of the Wasserstein distances.

    Returns
    -------
    dict of str to dict
        For each sample its AUC, position and width of the Z peak and one Wasserstein distance for each of the
        `observables`, all Measured, and the costs that came with it.
    """
    expected = observables(truth)
    rows = {}
    for name, sample in samples.items():
        events = sample.events[: len(truth)]
        values = observables(events)
        row = {"AUC": judge(truth, events, seed=seed, train=train)}
        row["Z position [GeV]"], row["Z width [GeV]"] = z_peak(values["m(μμ) [GeV]"])
        for observable in expected:
            distance = wasserstein(values[observable], expected[observable], replicas=replicas)
            row[f"W {observable}"] = distance
        for cost in ("coordinates", "parameters", "train_seconds", "sample_seconds"):
            row[cost] = getattr(sample, cost)
        rows[name] = row
    return rows


def spectra_chi2(
    truth: np.ndarray,
    events: np.ndarray,
    spectra: dict[str, np.ndarray],
    weights: np.ndarray | None = None,
    minimum: float = 25,
) -> dict[str, float]:
    """χ²/ndf of several spectra, as in spectrum_chi2, with a bin for what lies outside of each end.

    Parameters
    ----------
    truth, events : array (m, 2, 4), (k, 2, 4)
        In GeV.
    spectra : dict
        Key of observables() → edges of the bins.
    weights : array (k,), optional
    minimum : float
        Bins with fewer true events do not count.

    Returns
    -------
    dict of str to float
    """
    true, values = observables(truth), observables(events)
    results = {}
    for name, edges in spectra.items():
        whole = np.concatenate([[-np.inf], edges, [np.inf]])
        results[name] = spectrum_chi2(true[name], values[name], whole, weights, minimum).per_ndf
    return results
