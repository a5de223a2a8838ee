"""What became of one notebook of one group, from its run to the pages."""

from dataclasses import asdict, dataclass, field
from typing import Any

from helpers.course.status import Status

__all__ = ["Result"]

Points = dict[str, tuple[float | None, str]]  # item → (proposal, None for the tutor; reason)


@dataclass(frozen=True)
class Result:
    """A notebook that was marked, or why it was not.

    Parameters
    ----------
    status : Status
    place : str
        Where it stopped or first failed, as "cell 6" of the hand-in or "check a-mean-check".
    more : int
        Further cells that failed.
    detail : str
        Why, in one line.
    executed : bool
        Whether it was run.
    seconds : float
    limits : dict or None
        Fields of untrusted.Limits that it ran with.
    points : dict
        Item → (points, None where the tutor decides; reason).
    tampered, suspicions : list of str
        Checks that were altered, deleted or moved; what could make a check pass that should not.
    name, file : str
        Of the solved notebook, and of the copy of the hand-in that was marked.
    """

    status: Status
    place: str = ""
    more: int = 0
    detail: str = ""
    executed: bool = False
    seconds: float = 0.0
    limits: dict[str, Any] | None = None
    points: Points = field(default_factory=dict)
    tampered: list[str] = field(default_factory=list)
    suspicions: list[str] = field(default_factory=list)
    name: str = ""
    file: str = ""

    def __str__(self) -> str:
        """One line for tables and terminals."""
        text = self.status.value
        if self.place:
            text += f" at {self.place}"
        if self.more:
            text += f" and {self.more} more"
        if self.detail:
            text += f" ({self.detail})"
        return text

    def to_json(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Result":
        """The result that `to_json` gave."""
        points = {item: (given, reason) for item, (given, reason) in values["points"].items()}
        return cls(**{**values, "status": Status(values["status"]), "points": points})
