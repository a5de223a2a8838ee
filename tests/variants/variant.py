"""Solutions of one cell, right and wrong, that the checks of a notebook have to tell apart."""

from dataclasses import dataclass

__all__ = ["Right", "Variant", "Wrong"]


@dataclass(frozen=True)
class Variant:
    """A way to fill one solution cell.

    Parameters
    ----------
    cell : str
        grade_id of the solution cell.
    name : str
        What is special about this solution.
    source : str or dict
        The whole cell, or replacements in the solved cell: old text → new text.
    """

    cell: str
    name: str
    source: str | dict

    def applied(self, solved):
        """The cell with this solution.

        Parameters
        ----------
        solved : str
            Source of the solved cell.

        Raises
        ------
        ValueError
            If a text to be replaced does not stand in the solved cell.
        """
        if isinstance(self.source, str):
            return self.source
        changed = solved
        for old, new in self.source.items():
            if old not in changed:
                raise ValueError(f"{self.cell}, {self.name}: {old!r} does not stand in the solved cell")
            changed = changed.replace(old, new)
        return changed


@dataclass(frozen=True)
class Right(Variant):
    """A right solution, written differently: it must pass the visible and the hidden check."""


@dataclass(frozen=True)
class Wrong(Variant):
    """A typical mistake: it must fail at its own item, with a message that names the fault.

    Parameters
    ----------
    says : str
        Regular expression that the message must match; case does not matter.
    hidden : bool
        Whether only the hidden part of the check can know.
    """

    says: str
    hidden: bool = False
