"""What a result depends on, as one digest: where it has changed, the result is stale and made again."""

import hashlib
import json
from pathlib import Path
from typing import Any

from helpers.places import DATA, HELPERS

__all__ = ["digest_of", "fingerprint"]

NOTEBOOKS = ("*.py", "generators/*")
RUNNING = (*NOTEBOOKS, "course/*.py")
MARKING = (*RUNNING, "course/grading/*")
PAGES = (*MARKING, "course/pages/**/*", "course/typeset/*")
# What each kind of result is made with: whole packages, so that no module can be forgotten.
CODE = {"notebooks": NOTEBOOKS, "running": RUNNING, "marking": MARKING, "pages": PAGES}


def fingerprint(kind: str, *made_from: Any) -> str:
    """Digest of the code and data behind a kind of result, and of what this one is made from.

    Parameters
    ----------
    kind : {"notebooks", "running", "marking", "pages"}
        Executed notebooks of the course; verdicts on strangers' notebooks; their marks; HTML and PDF.
    *made_from
        Settings and inputs: anything that `digest_of` takes.

    Returns
    -------
    str
        Hexadecimal.
    """
    files = set()
    for pattern in CODE[kind]:
        files.update(path for path in HELPERS.glob(pattern) if path.is_file())
    code = [path for path in sorted(files) if path.suffix != ".pyc"]
    data = []
    if kind != "pages":
        for path in sorted(DATA.rglob("*.npy")):  # large: their time tells whether they have changed
            data.append([path.relative_to(DATA).as_posix(), path.stat().st_size, path.stat().st_mtime_ns])
    return digest_of(*code, data, *made_from)


def digest_of(*parts: Any) -> str:
    """Digest of bytes, of the content of files (given as Path), and of anything that JSON can hold.

    Returns
    -------
    str
        Hexadecimal.
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            content = part.read_bytes()
        elif isinstance(part, bytes):
            content = part
        else:
            content = json.dumps(part, sort_keys=True).encode()
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()
