"""Partitions: numbers known from combinatorics, and each one a division of the whole."""

import pytest

from helpers.partitions import partitions, subsets


@pytest.mark.parametrize(("n", "bell"), [(0, 1), (1, 1), (2, 2), (3, 5), (4, 15), (5, 52), (6, 203)])
def test_there_are_as_many_partitions_as_bell_counted(n, bell):
    found = partitions(tuple(range(n)))
    as_sets = {frozenset(blocks) for blocks in found}
    assert len(found) == len(as_sets) == bell
    for blocks in found:
        assert sorted(i for block in blocks for i in block) == list(range(n))
        assert all(block == tuple(sorted(block)) and block for block in blocks)


def test_partitions_of_other_indices():
    assert set(partitions((2, 5))) == {((2,), (5,)), ((2, 5),)}


def test_subsets():
    assert subsets(2) == [(), (0,), (1,), (0, 1)]
    assert len(set(subsets(5))) == 32
    assert subsets(5)[-1] == (0, 1, 2, 3, 4)
