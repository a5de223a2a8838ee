"""What the checks propose for the items."""

from helpers.course.cells import name_of
from helpers.course.grading.proposals import propose, untouched
from helpers.course.items import items_of
from helpers.course.student_notebook import notebook_of
from tests.builders import toy_sheet


def test_proposals():
    author = toy_sheet.toy()
    items, student = items_of(author), notebook_of(toy_sheet.hand_in("one stub left", toy_sheet.people(0)))
    student.cells = [c for c in student.cells if name_of(c) != "d-proof"]
    stubs = untouched(student, author)
    assert stubs == {"a-mean"}
    checks = {"a-mean-check": "", "b-norm-check": "", "e-order-check": "AssertionError: no"}
    assert propose(items, stubs, {name_of(c) for c in student.cells}, checks) == {
        "1.a-mean-check": (0.0, "not answered"),
        "1.b-norm-check": (2.0, "passed"),
        "1.c-words": (None, ""),
        "1.d-proof": (None, "its cell is gone: is the answer elsewhere?"),
        "1.e-order-check": (0.0, "AssertionError: no"),
    }
