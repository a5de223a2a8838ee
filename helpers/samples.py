"""Generated events and what they cost, in files: written by one notebook, read by the one that compares."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers.files import replacing
from helpers.places import ROOT

__all__ = ["Sample", "load_events", "save_events"]


class Sample(NamedTuple):
    """Generated events and what they cost.

    Parameters
    ----------
    events : array (n, 2, 4)
        In GeV.
    train_seconds, sample_seconds : float
        CPU time (time.process_time) of one thread.
    parameters : int
        Number of trained weights.
    coordinates : str
        Says in words in which coordinates the events were learned.
    """

    events: np.ndarray
    train_seconds: float
    sample_seconds: float
    parameters: int
    coordinates: str


def save_events(
    folder: str | Path,
    name: str,
    events: np.ndarray,
    *,
    train_seconds: float,
    sample_seconds: float,
    parameters: int,
    coordinates: str,
) -> None:
    """Write generated events and their costs to `folder`/`name`.npz, for the comparison of all generators.

    Parameters
    ----------
    folder : str or Path
        If relative, from the root of the project.
    name : str
        Without slashes.
    events, train_seconds, sample_seconds, parameters, coordinates
        As in Sample.

    Raises
    ------
    ValueError
        For another shape, NaN, or a name that is no file name.
    """
    events = np.asarray(events, dtype=np.float32)
    if events.ndim != 3 or events.shape[1:] != (2, 4) or not np.isfinite(events).all():
        raise ValueError(f"expected finite muon pairs of shape (n, 2, 4), got {events.shape}")
    if Path(name).name != name:
        raise ValueError(f"{name!r} is no name for a file")
    sample = Sample(events, train_seconds, sample_seconds, parameters, coordinates)
    with replacing(ROOT / folder / f"{name}.npz") as file:
        np.savez(file, **sample._asdict())


def load_events(folder: str | Path) -> dict[str, Sample]:
    """All samples that save_events wrote to a folder.

    Parameters
    ----------
    folder : str or Path
        If relative, from the root of the project.

    Returns
    -------
    dict of str to Sample
        By name; empty if there are none.
    """
    samples = {}
    for path in sorted((ROOT / folder).glob("*.npz")):
        with np.load(path) as file:
            values = {key: file[key] for key in Sample._fields}
        costs = {key: value.item() for key, value in values.items() if key != "events"}
        samples[path.stem] = Sample(values["events"], **costs)
    return samples
