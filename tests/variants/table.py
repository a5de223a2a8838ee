"""The table of variants, one row per notebook."""

import pytest

from tests.variants.variant import Right

__all__ = ["COLUMNS", "TABLE", "row"]

COLUMNS = f"{'notebook':<32} items right wrong misjudged"
TABLE = pytest.StashKey[list]()  # where pytest keeps the rows until it is done


def row(name, trials, together):
    """One line of the table.

    Parameters
    ----------
    name : str
        Name of the notebook.
    trials : list of Trial
    together : Failure or None
        What stopped the run with all right variants at once; counts as one misjudged.

    Returns
    -------
    str
    """
    items = len({t.variant.cell for t in trials})
    right = sum(isinstance(t.variant, Right) for t in trials)
    misjudged = sum(bool(t.complaint) for t in trials) + bool(together)
    return f"{name:<32} {items:5d} {right:5d} {len(trials) - right:5d} {misjudged:9d}"
