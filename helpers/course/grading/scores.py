"""Points of a group as they stand: what checks propose, what tutors give, what counts."""

from dataclasses import dataclass, field, replace

from helpers.course.grading.intake import Submission
from helpers.course.grading.result import Result
from helpers.course.grading.versions import Authors
from helpers.course.items import Item
from helpers.course.member import Member
from helpers.course.status import Status

__all__ = ["Group", "Score", "group_of"]


@dataclass(frozen=True)
class Score:
    """Points of one item: the proposal, the tutor's mark, and what counts (None: to be marked)."""

    item: Item
    proposed: float | None
    reason: str
    marked: float | None = None
    comment: str = ""

    @property
    def points(self) -> float | None:
        """What counts: the mark, else the proposal; None where there is neither."""
        return self.proposed if self.marked is None else self.marked


@dataclass
class Group:
    """A group with everything known of it.

    Parameters
    ----------
    slug : str
    members : tuple of Member
    hand_ins, remarks : list of str
    notebooks : dict of int to Result
        By exercise.
    scores : list of Score
        In the order of the sheet.
    similar : list of tuple
        (slug of the other, exercise, share).
    """

    slug: str
    members: tuple[Member, ...]
    hand_ins: list[str]
    remarks: list[str]
    notebooks: dict[int, Result] = field(default_factory=dict)
    scores: list[Score] = field(default_factory=list)
    similar: list[tuple[str, int, float]] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """What became of each notebook, on one line."""
        lines = [f"{exercise}: {result}" for exercise, result in sorted(self.notebooks.items())]
        return "; ".join(lines)

    @property
    def automatic(self) -> float:
        """Sum of the points that checks have given and that no tutor has changed."""
        total = 0.0
        for score in self.scores:
            if score.marked is None and score.proposed is not None:
                total += score.proposed
        return total

    @property
    def manual(self) -> float:
        """Sum of the points that tutors have given."""
        return sum(score.marked for score in self.scores if score.marked is not None)

    @property
    def total(self) -> float:
        """Sum of all points."""
        return self.automatic + self.manual

    @property
    def out_of(self) -> float:
        """Points that there are to get."""
        return sum(score.item.points for score in self.scores)

    @property
    def to_mark(self) -> list[str]:
        """Ids of the items that wait for a tutor."""
        return [score.item.id for score in self.scores if score.points is None]


def group_of(
    submission: Submission,
    authors: Authors,
    items: list[Item],
    results: dict[tuple[str, int], Result],
) -> Group:
    """A group with what came of its notebooks, and the points that are proposed for them.

    Parameters
    ----------
    submission : Submission
    authors : dict of int to (Path, NotebookNode)
        The solved notebooks by exercise.
    items : list of Item
        Of the sheet.
    results : dict of (str, int) to Result
        By slug and exercise.

    Returns
    -------
    Group
    """
    group = Group(submission.slug, submission.members, submission.hand_ins, submission.remarks)
    proposals = {}
    for exercise, (solved, _) in authors.items():
        result = results.get((submission.slug, exercise), Result(Status.NOT_HANDED_IN))
        file = ""
        if exercise in submission.notebooks:
            file = submission.notebooks[exercise].kept.name
        group.notebooks[exercise] = replace(result, name=solved.name, file=file)
        proposals |= result.points
    for item in items:
        nothing = 0.0, str(group.notebooks[item.exercise])
        points, reason = proposals.get(item.id, nothing)
        group.scores.append(Score(item, points, reason))
    return group
