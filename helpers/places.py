"""Where things lie: the root of the project and its folders."""

from pathlib import Path

__all__ = ["DATA", "HELPERS", "NOTEBOOKS", "ROOT"]

HELPERS = Path(__file__).resolve().parent


def _root() -> Path:
    """The checkout around helpers/; where they are installed alone, the folder with notebooks/ around here."""
    here = Path.cwd()
    for folder in (HELPERS.parent, here, *here.parents):
        if (folder / "notebooks").is_dir():
            return folder
    return here


ROOT = _root()
NOTEBOOKS = ROOT / "notebooks"
DATA = ROOT / "data"
