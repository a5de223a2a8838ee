"""What the page is made of, and what is known of the notebook while it is built."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from helpers.course.typeset.fonts import Glyphs
from helpers.course.typeset.maths import Formulas
from helpers.course.typeset.pictures import Pictures

__all__ = ["Draft", "Part", "Piece"]


@dataclass(frozen=True)
class Part:
    """A piece of the page.

    Parameters
    ----------
    typst : str
        Typst markup.
    plain : str
        What is shown when Typst refuses the markup.
    whole : bool
        Whether it is not torn over two pages.
    cell : int
        Number of the cell that it belongs to; -1 for the title.
    late : callable, optional
        Makes the markup, where that takes so long that it is done while pandoc is at work.
    """

    typst: str
    plain: str = ""
    whole: bool = False
    cell: int = -1
    late: Callable[[], str] | None = None

    def finished(self) -> "Part":
        """The part with the markup that was put off."""
        if self.late is None:
            return self
        return replace(self, typst=self.late(), late=None)


@dataclass(frozen=True)
class Piece:
    """Text for pandoc.

    Parameters
    ----------
    text : str
    kind : str
        "markdown" or "html".
    attachments : dict
        Pictures attached to its cell.
    """

    text: str
    kind: str
    attachments: dict


@dataclass
class Draft:
    """A notebook on its way to the page.

    Parameters
    ----------
    pictures : Pictures
        Writes pictures to the folder that Typst reads.
    parts : list of Part
        The title first, then the cells in their order.
    arguments : str
        What stands above the page, as arguments of the template.
    pieces : list of Piece
    formulas : Formulas
    glyphs : Glyphs
        The characters that can be shown.
    warnings : list of str
        What is not shown as it is in the notebook.
    """

    pictures: Pictures
    parts: list[Part] = field(default_factory=list)
    arguments: str = ""
    pieces: list[Piece] = field(default_factory=list)
    formulas: Formulas = field(default_factory=Formulas)
    glyphs: Glyphs = field(default_factory=Glyphs)
    warnings: list[str] = field(default_factory=list)

    def warn(self, message: str) -> None:
        """Keep a message, once."""
        if message not in self.warnings:
            self.warnings.append(message)
