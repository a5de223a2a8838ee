"""Reading and writing data files so that a broken one is noticed and a good one is never lost."""

import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

__all__ = ["read_array", "replacing", "write_zip"]

SAME_TIME = (1980, 1, 1, 0, 0, 0)  # of every file in a zip: same content, same bytes


def read_array(path: Path, shape: tuple[int, ...]):
    """Read an .npy file that must hold finite floating-point numbers.

    Parameters
    ----------
    path : Path
    shape : tuple of int
        That it must have.

    Returns
    -------
    array

    Raises
    ------
    FileNotFoundError
    ValueError
        It says what is wrong with the file.
    """
    import numpy as np  # late: who writes a PDF does without it

    try:
        with open(path, "rb") as file:
            array = np.lib.format.read_array(file, allow_pickle=False)
    except FileNotFoundError:
        raise
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"is truncated or no .npy file ({error})") from error
    if array.shape != shape or array.dtype.kind != "f":
        raise ValueError(f"holds {array.dtype} {array.shape}, expected float {shape}")
    finite = np.isfinite(array.reshape(len(array), -1)).all(1)
    if not finite.all():
        raise ValueError(f"holds {(~finite).sum()} rows with NaN or infinity, expected none")
    return array


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that takes the place of `path` only once it is completely written.

    Parameters
    ----------
    path : Path
        Its folder is made where it is missing.

    Yields
    ------
    file
        Open for writing bytes.

    Raises
    ------
    OSError
        It names the file and the free space when the disk is full or not writable.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        with NamedTemporaryFile(prefix=f".{path.name}.", dir=path.parent, delete=False) as file:
            temporary = Path(file.name)
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        free = shutil.disk_usage(next(p for p in path.parents if p.exists())).free / 1e6
        raise OSError(
            f"cannot write {path}: {error.strerror or error} ({free:.0f} MB free); "
            f"nothing was changed, mend this and run the same command again"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_zip(file: IO[bytes], parts: dict[str, bytes], comment: str = "") -> None:
    """Write a zip whose bytes depend on nothing but its parts and the comment.

    Parameters
    ----------
    file : file
        Open for writing bytes.
    parts : dict of str to bytes
        Name → content.
    comment : str
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment.encode()
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, SAME_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content)


def _sweep(path):
    """Remove what a killed process left behind; younger files may belong to one that still writes."""
    for leftover in path.parent.glob(f".{path.name}.*"):
        if time.time() - leftover.stat().st_mtime > 3600:
            leftover.unlink(missing_ok=True)
