"""Items with points, as the author's notebook asks for them."""

from helpers.course.items import items_of
from tests.builders import toy_sheet


def test_items_are_those_of_the_author():
    items = items_of(toy_sheet.toy())
    assert [(i.id, i.points, i.check, i.title) for i in items] == [
        ("1.a-mean-check", 1, True, "(a) The mean"),
        ("1.b-norm-check", 2, True, "(b) The norm"),
        ("1.c-words", 0.5, False, "(b) The norm"),
        ("1.d-proof", 0.5, False, "(b) The norm"),
        ("1.e-order-check", 1, True, "(e) Order"),
    ]
    assert items[1].answers == ("b-norm",) and items[2].answers == ("c-words",)
