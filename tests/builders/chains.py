"""Means over independent Markov chains, compared with exact values."""

import numpy as np


def pull(values, exact):
    """Distance of the mean over independent chains, the first axis, from the exact value in its errors."""
    error = values.std(0, ddof=1) / np.sqrt(len(values))
    return (values.mean(0) - exact) / error
