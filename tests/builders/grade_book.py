"""A grade book of three items, with whatever groups a test needs."""

from helpers.course.grading.result import Result
from helpers.course.grading.scores import Group, Score
from helpers.course.items import Item
from helpers.course.member import Member
from helpers.course.status import Status

ITEMS = [
    Item("1.a-check", 1, "a-check", "Code", 2.0, True, ("a",)),
    Item("1.b-words", 1, "b-words", "Words", 1.5, False, ("b-words",)),
    Item("2.b-words", 2, "b-words", "More words", 0.5, False, ("b-words",)),
]
NAMES = ["Ada Lovelace", "Emmy Nöther", "=cmd|'/c calc'!A1"]


def group(slug="Lovelace_Noether", names=NAMES, points=(2.0, None, None), verdict="ran"):
    """A group that handed in one notebook; points are what the checks propose for the items."""
    members = tuple(Member(n, "3", "0012") for n in names)
    result = Result(Status(verdict), executed=True, seconds=1.0, name="01.ipynb", file="x.ipynb")
    scores = [Score(i, p, "passed" if p else "") for i, p in zip(ITEMS, points, strict=True)]
    return Group(slug, members, [slug], [], {1: result}, scores)


def marks(book):
    """What tutors gave: (group, item) → points and comment."""
    return {
        (g.slug, s.item.id): (s.marked, s.comment)
        for g in book.groups()
        for s in g.scores
        if s.marked is not None or s.comment
    }
