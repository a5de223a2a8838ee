"""Where things lie: the root of the project and its folders."""

from pathlib import Path

__all__ = ["DATA", "HELPERS", "NOTEBOOKS", "ROOT"]

HELPERS = Path(__file__).resolve().parent


def _root() -> Path:
    """The checkout around helpers/; without one, the folder with notebooks/ around the current folder."""
    here = Path.cwd()
    for folder in (HELPERS.parent, here, *here.parents):
        if (folder / "notebooks").is_dir():
            return folder
    return here


ROOT = _root()
NOTEBOOKS = ROOT / "notebooks"
DATA = ROOT / "data"
