"""Fonts of the page: those that come along, and those of the system for scripts that these do not have."""

import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst

__all__ = ["FONTS", "Glyphs", "fonts"]

# Typst brings fonts for text and formulas; those of matplotlib add arrows, check marks and other scripts.
FONTS = Path(find_spec("matplotlib").origin).parent / "mpl-data" / "fonts" / "ttf"
_NAMES = ("DejaVuSans", "DejaVuSansMono", "STIXGeneral")


class Glyphs:
    """The characters that a page can show; grows by fonts of the system when a character needs one.

    Attributes
    ----------
    files : list of str
        Fonts of the system that are in use.
    """

    def __init__(self) -> None:
        self.files: list[str] = []  # of the system's fonts in use

    def has(self, char: str) -> bool:
        """Whether some font has the character."""
        if char in _at_hand():
            return True
        for file in self.files:
            if char in _characters(file):
                return True
        return self._found(char)

    def _found(self, char: str) -> bool:
        for file in _system_fonts():
            if char in _characters(file):
                self.files.append(file)
                return True
        return False


@cache
def _own_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])


def fonts(glyphs: Glyphs, folder: Path) -> typst.Fonts:
    """What Typst may use: the fonts that come along, and copies of those of the system that are needed.

    Parameters
    ----------
    glyphs : Glyphs
        Names the fonts of the system.
    folder : Path
        Where the copies go, as Typst takes whole folders only.

    Returns
    -------
    typst.Fonts
    """
    if not glyphs.files:
        return _own_fonts()
    folder.mkdir(exist_ok=True)
    for file in glyphs.files:
        shutil.copy(file, folder)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS, folder])


@cache
def _at_hand() -> frozenset[str]:
    known = set()
    for name in _NAMES:
        known |= _characters(str(FONTS / f"{name}.ttf"))
    return frozenset(known)


@cache
def _system_fonts() -> list[str]:
    from matplotlib.font_manager import findSystemFonts  # late: most notebooks need none

    return sorted(findSystemFonts())


@cache
def _characters(file: str) -> frozenset[str]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(map(chr, FT2Font(file).get_charmap()))
    except (RuntimeError, OSError):  # a font that matplotlib cannot read
        return frozenset()
