"""Subsets of indices and their partitions, for mixed derivatives of a function of a function."""

from itertools import combinations

__all__ = ["partitions", "subsets"]


def subsets(n: int) -> list[tuple[int, ...]]:
    """All subsets of 0, 1, ..., n - 1, small ones first, from () to the whole.

    Parameters
    ----------
    n : int
        Number of indices.

    Returns
    -------
    list of tuple of int
        2**n tuples in rising order.
    """
    found = []
    for size in range(n + 1):
        found += combinations(range(n), size)
    return found


def partitions(indices: tuple[int, ...]) -> list[tuple[tuple[int, ...], ...]]:
    """All ways to divide indices into blocks: of (0, 1), they are ((0,), (1,)) and ((0, 1),).

    Parameters
    ----------
    indices : tuple of int
        In rising order, each once.

    Returns
    -------
    list of tuple of tuple of int
        Each block in rising order. The empty tuple has one partition, without blocks.
    """
    if not indices:
        return [()]
    first, rest = indices[0], indices[1:]
    found = []
    for blocks in partitions(rest):
        found.append(((first,), *blocks))  # a block of its own
        for k, block in enumerate(blocks):  # or it joins another one
            found.append((*blocks[:k], (first, *block), *blocks[k + 1 :]))
    return found
