"""The datasets of the course as NumPy arrays: the official files if they are there, else generated ones.

Official files live under data/, generated ones under data/generated/, both in the folders from which the
official notebooks read (data04/tutorial-2-data/trn_dat.npy, …), so that neither ever replaces the other.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm.auto import tqdm

from helpers.files import read_array, replacing
from helpers.places import DATA, ROOT

__all__ = [
    "DATA",
    "DATASETS",
    "Dataset",
    "Diphoton",
    "DrellYan",
    "Events",
    "TTbarJ",
    "check_file",
    "describe",
    "generate",
    "load_diphoton",
    "load_drell_yan",
    "load_ttbarj",
    "official_path",
    "source",
]


HEIDELBERG = "https://www.thphys.uni-heidelberg.de/~plehn/pics/"
GITHUB = "https://github.com/heidelberg-hepml/mlph2023-Exercises/raw/HEAD/"


@dataclass(frozen=True)
class Dataset:
    """What is known of a dataset: its files and where they come from.

    Parameters
    ----------
    name : str
    shapes : dict of str to tuple of int
        File name relative to data/ → shape.
    urls : tuple of str
        What to download.
    seeds : dict of tuple of str to int
        File names written by one call of the generator → seed; empty for files that ship.
    dtype : type
        Of the files that are generated.
    unit : str
        In words.
    """

    name: str
    shapes: dict[str, tuple[int, ...]]
    urls: tuple[str, ...]
    seeds: dict[tuple[str, ...], int]
    dtype: type
    unit: str


_SPLITS = ("trn", "val", "tst")
_DRELL_YAN_EVENTS = {"trn": 1_384_081, "val": 296_588, "tst": 296_588}


def _diphoton_files(split):
    return tuple(f"data04/tutorial-2-data/{split}_{part}.npy" for part in ("dat", "amp"))


def _drell_yan_files(split):
    return (f"data09/tutorial-11-data/dy_{split}_data.npy",)


DATASETS = {
    "diphoton": Dataset(
        name="diphoton",
        shapes={
            name: shape
            for split in _SPLITS
            for name, shape in zip(_diphoton_files(split), [(30_000, 5, 4), (30_000,)], strict=True)
        },
        urls=(HEIDELBERG + "tutorial-2-data.zip",),
        seeds={_diphoton_files(split): 2001 + i for i, split in enumerate(_SPLITS)},
        dtype=np.float64,
        unit="momenta in GeV, |M|² in GeV⁻²",
    ),
    "drell_yan": Dataset(
        name="drell_yan",
        shapes={name: (n, 8) for split, n in _DRELL_YAN_EVENTS.items() for name in _drell_yan_files(split)},
        urls=(HEIDELBERG + "tutorial-11-data.zip",),
        seeds={_drell_yan_files(split): 1101 + i for i, split in enumerate(_SPLITS)},
        dtype=np.float32,
        unit="momenta in GeV",
    ),
    "ttbarj": Dataset(
        name="ttbarj",
        shapes={"data09/ttbarj_LO.npy": (45_115, 28), "data09/ttbarj_NLO.npy": (57_043, 28)},
        urls=(GITHUB + "data09/ttbarj_LO.npy", GITHUB + "data09/ttbarj_NLO.npy"),
        seeds={},
        dtype=np.float32,
        unit="momenta in GeV",
    ),
}


class Events(NamedTuple):
    """Events with their squared amplitudes: momenta (n, 5, 4) in GeV, amplitudes (n,) in GeV⁻²."""

    momenta: np.ndarray
    amplitudes: np.ndarray


class Diphoton(NamedTuple):
    """gg → γγg, particles ordered (g, g, γ, γ, g); source is "official" or "generated"."""

    train: Events
    val: Events
    test: Events
    source: str


class DrellYan(NamedTuple):
    """pp → μ⁺μ⁻, each split (n, 2, 4) in GeV; source is "official" or "generated"."""

    train: np.ndarray
    val: np.ndarray
    test: np.ndarray
    source: str


class TTbarJ(NamedTuple):
    """pp → t t̄ j, jets (b₁, q₁, q̄₁′, b̄₂, q̄₂, q₂′, j), (n, 7, 4) in GeV; source as above."""

    lo: np.ndarray
    nlo: np.ndarray
    source: str


def load_diphoton() -> Diphoton:
    """gg → γγg events with their one-loop |M|²: Diphoton with 30 000 events per split."""
    files, origin = _load("diphoton")
    # float64 whatever the file holds: amplitudes are steep functions of momenta
    splits = [Events(*(files[n].astype(np.float64) for n in _diphoton_files(split))) for split in _SPLITS]
    return Diphoton(*splits, source=origin)


def load_drell_yan() -> DrellYan:
    """Drell–Yan muon pairs: DrellYan with 1 384 081 + 296 588 + 296 588 events."""
    files, origin = _load("drell_yan")
    splits = [files[name].reshape(-1, 2, 4) for split in _SPLITS for name in _drell_yan_files(split)]
    return DrellYan(*splits, source=origin)


def load_ttbarj() -> TTbarJ:
    """Top pairs with a jet: TTbarJ with 45 115 LO and 57 043 NLO events."""
    files, origin = _load("ttbarj")
    lo, nlo = (files[name].reshape(-1, 7, 4) for name in DATASETS["ttbarj"].shapes)
    return TTbarJ(lo, nlo, source=origin)


def official_path(name: str) -> Path:
    """Where an official file lies: in the folder of its sheet, or right under data/ as its zip unpacks."""
    unpacked = DATA / name.split("/", 1)[1]
    return unpacked if unpacked.exists() else DATA / name


def source(dataset: Dataset) -> str:
    """Where a dataset is read from: "official" as soon as one official file is there, else "generated"."""
    return "official" if any(official_path(name).exists() for name in dataset.shapes) else "generated"


def describe(dataset: Dataset) -> str:
    """One line on a dataset whose files have all been read and found good.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    str
        Its name, source, number of events, size and unit.

    Raises
    ------
    FileNotFoundError, ValueError
        As `check_file`.
    """
    files, origin = _read(dataset)
    rows = sum(len(a) for name, a in files.items() if "_amp" not in name)
    size = sum(a.nbytes for a in files.values()) / 1e6
    return f"{dataset.name:<12} {origin:<10} {rows:>9,d} events {size:7.1f} MB  {dataset.unit}"


def _load(key):
    dataset = DATASETS[key]
    if source(dataset) == "generated":
        generate(dataset)
    return _read(dataset)


def _read(dataset):
    origin = source(dataset)
    where = official_path if origin == "official" else (DATA / "generated").joinpath
    return {name: check_file(where(name), shape) for name, shape in dataset.shapes.items()}, origin


def generate(dataset: Dataset, mend: bool = False) -> None:
    """Write the generated files of a dataset that are missing.

    Files appear whole or not at all. Files that one call of the generator makes are written together.

    Parameters
    ----------
    dataset : Dataset
    mend : bool
        Write the broken ones anew, too.

    Raises
    ------
    OSError
        It names a file that cannot be written.
    """
    folder = DATA / "generated"
    wanted = [names for names in dataset.seeds if not all(_good(folder / n, dataset, n, mend) for n in names)]
    for names in tqdm(wanted, desc=f"generating {dataset.name}", unit="split", disable=not wanted):
        arrays = _generator(dataset.name)(dataset.shapes[names[0]][0], dataset.seeds[names])
        for name, array in zip(names, arrays, strict=True):
            with replacing(folder / name) as file:
                np.save(file, array.astype(dataset.dtype))


def _good(path, dataset, name, look_inside):
    if not look_inside:
        return path.exists()
    try:
        check_file(path, dataset.shapes[name])
    except (ValueError, FileNotFoundError):
        return False
    return True


def _generator(name):
    """Function (n, seed) → tuple of arrays in the order of the file names."""
    if name == "diphoton":
        from helpers.generators import diphoton

        return diphoton.generate
    from helpers.generators import drell_yan

    return lambda n, seed: (drell_yan.generate(n, seed),)


def check_file(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read one data file and make sure that it is what it should be.

    Parameters
    ----------
    path : Path
    shape : tuple of int

    Returns
    -------
    array
        Of this shape, floating point, finite.

    Raises
    ------
    FileNotFoundError, ValueError
        They name the file, what was found, and the command that mends it.
    """
    try:
        return read_array(path, shape)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing; {_mending(path)} brings it") from None
    except ValueError as error:
        raise ValueError(f"{path} {error}; {_mending(path)} mends it") from error


def _mending(path):
    if not path.is_relative_to(DATA / "generated"):
        return "`course data --official`"
    if "ttbarj" not in path.name:
        return "`course data`"
    shipped = f"data/{path.relative_to(DATA).as_posix()}"
    if (ROOT / ".git").exists():
        return f"`git checkout -- {shipped}`"
    return f"{shipped} from the zip of the course, unpacked once more,"
