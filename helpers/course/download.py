"""Fetch the official data files: resumable, checked before they count, never half there."""

import shutil
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path

from tqdm.auto import tqdm

from helpers import datasets, files
from helpers.course.errors import CourseError

__all__ = ["fetch", "fetch_dataset"]

TIMEOUT = 30  # seconds without a byte
AGAIN = "run `course data --official` again"


def fetch(url: str, target: Path) -> None:
    """Download a file, continuing what an earlier attempt left in target + ".part".

    Parameters
    ----------
    url : str
    target : Path
        Takes the file once all of it is there.

    Raises
    ------
    OSError
        It names the address when the network or the disk fails; the part stays.
    """
    target = Path(target)
    part = target.with_name(target.name + ".part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        start = part.stat().st_size if part.exists() else 0
        request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})
        with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:
            _receive(reply, part, start)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # 416: nothing is left to send, the part is the whole file
            raise OSError(f"{url}: the server answers {error.code} {error.reason}") from error
    except OSError as error:
        reason = getattr(error, "reason", None) or error
        advice = f"check network and disk, then {AGAIN}, it goes on where it stopped"
        raise OSError(f"{url}: {reason}; {advice}") from error
    part.replace(target)


def _receive(reply, part, start):
    resumed = reply.status == 206  # a server that knows no ranges answers 200 and starts anew
    start = start if resumed else 0
    length = reply.headers.get("Content-Length")
    total = start + int(length) if length else None
    if total is not None and total - start > shutil.disk_usage(part.parent).free:
        raise OSError(f"no room for {(total - start) / 1e6:.0f} MB at {part.parent}")
    with (
        part.open("ab" if resumed else "wb") as file,
        tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=part.stem) as bar,
    ):
        while block := reply.read(1 << 16):
            file.write(block)
            bar.update(len(block))
        received = file.tell()
    if total is not None and received < total:
        raise OSError(f"the connection broke after {received} of {total} bytes")


def fetch_dataset(dataset: datasets.Dataset) -> None:
    """Bring the official files of a dataset to data/, unless they are there and good.

    Everything that arrives is checked (archive checksums, shapes, finite values) before it takes its
    place; a file that fails is deleted, and what was there before stays.

    Parameters
    ----------
    dataset : datasets.Dataset

    Raises
    ------
    OSError
        For network and disk.
    CourseError
        For damaged content.
    """
    if all(_is_good(dataset, name) for name in dataset.shapes):
        return
    for url in dataset.urls:
        arrived = datasets.DATA / "download" / url.rsplit("/", 1)[1]
        fetch(url, arrived)
        try:
            if arrived.suffix == ".zip":
                _unpack(arrived, dataset)
            else:
                (name,) = (n for n in dataset.shapes if n.endswith(f"/{arrived.name}"))
                _install(arrived.open("rb"), dataset, name)
        finally:
            arrived.unlink()


def _is_good(dataset, name):
    try:
        datasets.check_file(datasets.official_path(name), dataset.shapes[name])
    except (FileNotFoundError, ValueError):
        return False
    return True


def _unpack(archive, dataset):
    try:
        with zipfile.ZipFile(archive) as zipped:
            for name in dataset.shapes:
                _install(zipped.open(name.split("/", 1)[1]), dataset, name)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise CourseError(f"{archive.name} arrived damaged ({error}): {AGAIN}") from error


def _install(stream, dataset, name):
    with stream, files.replacing(datasets.official_path(name)) as file:
        shutil.copyfileobj(stream, file)
        file.flush()
        try:
            files.read_array(file.name, dataset.shapes[name])
        except ValueError as error:
            raise CourseError(f"{name} arrived damaged: it {error}; {AGAIN}") from error
