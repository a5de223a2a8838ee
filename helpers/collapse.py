"""Has a generator collapsed? Crowding, empty or narrow regions, folds of the latent space."""

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import nn

__all__ = ["distances_to_next", "folds", "regions"]


def distances_to_next(x: np.ndarray) -> np.ndarray:
    """Distance of each point to its nearest neighbour in the same sample.

    Parameters
    ----------
    x : array (n, d)

    Returns
    -------
    array (n,)
    """
    return cKDTree(x).query(x, 2)[0][:, 1]  # the first neighbour is the point itself


def regions(
    x: np.ndarray, y: np.ndarray, value: np.ndarray, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Content and spread of a sample in the cells of a grid.

    Parameters
    ----------
    x, y : array (n,)
        Coordinates that say in which cell an event is.
    value : array (n,)
        Of which the spread is taken.
    edges : array (2, k)
        Inner edges of the cells along x and y.

    Returns
    -------
    content : array (k + 1, k + 1)
        Share of the events in each cell.
    spread : array (k + 1, k + 1)
        Distance between the quartiles of value, NaN in cells with 20 events or fewer.
    """
    cells = len(edges[0]) + 1
    content, spread = np.zeros((cells, cells)), np.full((cells, cells), np.nan)
    column, row = np.digitize(x, edges[0]), np.digitize(y, edges[1])
    for i, j in np.ndindex(cells, cells):
        inside = value[(column == i) & (row == j)]
        content[i, j] = len(inside) / len(value)
        if len(inside) > 20:
            spread[i, j] = np.subtract(*np.quantile(inside, [0.75, 0.25]))
    return content, spread


def folds(network: nn.Module, z: torch.Tensor) -> float:
    """Share of latent points where the map has the rarer orientation; 0 for a map without folds.

    Parameters
    ----------
    network : Module
        Maps (n, d) to (n, d).
    z : Tensor (n, d)

    Returns
    -------
    float
        Between 0 and 1/2.

    Raises
    ------
    ValueError
        For a network between spaces of different dimension.
    """
    jacobian = torch.func.vmap(torch.func.jacrev(network))(z)  # (n, d_out, d_in)
    if jacobian.shape[1] != jacobian.shape[2]:
        raise ValueError(f"a map from {jacobian.shape[2]} to {jacobian.shape[1]} numbers has no orientation")
    share = (torch.linalg.det(jacobian) > 0).double().mean().item()
    return min(share, 1 - share)
