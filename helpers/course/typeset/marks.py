"""Private characters that stand in a text for what is put there later, each with a number.

The text of a notebook cannot hold them: text.visible() takes them out before the first one is set.
"""

import re
from dataclasses import dataclass

__all__ = ["ALL", "FORMULA", "FUNCTION", "PICTURE", "PIECE", "PIECE_END", "REFERENCE", "Mark"]


@dataclass(frozen=True)
class Mark:
    """Two characters around what identifies the thing that takes their place.

    Parameters
    ----------
    start, end : str
        One private character each.
    """

    start: str
    end: str

    def of(self, number: int) -> str:
        """The mark of the thing with this number."""
        return f"{self.start}{number}{self.end}"

    @property
    def pattern(self) -> re.Pattern:
        """Finds the marks of a kind; group 1 is the number."""
        return re.compile(rf"{self.start}(\d+){self.end}")


FORMULA = Mark("\ue000", "\ue001")  # a formula, cut out of Markdown
PICTURE = Mark("\ue002", "\ue003")  # a picture that a text shows
REFERENCE = Mark("\ue005", "\ue006")  # a reference to the number of a formula
PIECE = Mark("\ue007", "\ue008")  # Markdown or HTML that pandoc converts
FUNCTION = Mark("\ue010", "\ue011")  # function of the template, a word for it, number of its argument
PIECE_END = "\ue009"  # between the pieces that pandoc writes in one go
ALL = re.compile(r"[\ue000-\ue01f]")
