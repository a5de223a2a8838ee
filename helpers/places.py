"""Where things lie: the root of the project and its folders."""

from pathlib import Path

__all__ = ["DATA", "HELPERS", "NOTEBOOKS", "ROOT"]

ROOT = Path(__file__).resolve().parents[1]
HELPERS = ROOT / "helpers"
NOTEBOOKS = ROOT / "notebooks"
DATA = ROOT / "data"
