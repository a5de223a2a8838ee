"""Tables for lattice fields: the magnetisation beside Onsager's, latent numbers beside the magnetisation."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.generators import ising
from helpers.statistics import Measured

__all__ = ["compare_with_onsager", "correlations_with", "mean_of_chains"]


def mean_of_chains(values: np.ndarray) -> Measured:
    """Mean over measurements and chains, with the error from the spread of the chains.

    Parameters
    ----------
    values : array (measurements, chains, ...)
        The measurements of a chain may depend on each other, the chains do not.

    Returns
    -------
    Measured
        Floats, or arrays (...).
    """
    means = values.mean(0)
    return Measured(means.mean(0), means.std(0, ddof=1) / np.sqrt(len(means)))


def compare_with_onsager(size: np.ndarray, temperatures: Sequence[float]) -> pd.DataFrame:
    """Mean of |M| beside the exact one of the infinite Ising lattice, below its critical temperature.

    Parameters
    ----------
    size : array (m, chains)
        |M| of each temperature and chain; the chains are independent.
    temperatures : sequence (m,)
        In units of the coupling.

    Returns
    -------
    pandas.DataFrame
        One row for each temperature below the critical one; the pull is the difference over its error.
    """
    table = pd.DataFrame(index=pd.Index(temperatures, name="T"))
    table["⟨|M|⟩"], table["error"] = mean_of_chains(size.T[None])
    table["Onsager"] = ising.onsager_magnetisation(temperatures)
    table = table[table.index < ising.CRITICAL_TEMPERATURE].copy()
    table["ratio − 1"] = table["⟨|M|⟩"] / table["Onsager"] - 1
    table["pull"] = (table["⟨|M|⟩"] - table["Onsager"]) / table["error"]
    return table


def correlations_with(magnetisation: np.ndarray, latent: Mapping[str, Sequence[np.ndarray]]) -> pd.DataFrame:
    """Correlation of latent numbers with M: as a straight line, and with a curve through the points.

    Parameters
    ----------
    magnetisation : array (n,)
    latent : dict of str to sequence of array (n,)
        Method → latent number of each configuration in each run.

    Returns
    -------
    pandas.DataFrame
        For each method the mean and the lowest |correlation| of its runs, and the mean of that with a
        polynomial of degree 7 in M: what is missing there is noise.
    """
    rows = {}
    for name, runs in latent.items():
        straight, curved = [], []
        for z in runs:
            curve = np.polynomial.Polynomial.fit(magnetisation, z, 7)(magnetisation)
            straight.append(abs(np.corrcoef(z, magnetisation)[0, 1]))
            curved.append(np.corrcoef(z, curve)[0, 1])
        rows[name] = {
            "correlation with M": np.mean(straight),
            "lowest": min(straight),
            "with a curve": np.mean(curved),
        }
    return pd.DataFrame(rows).T
