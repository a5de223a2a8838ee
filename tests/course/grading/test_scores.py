"""Points as they stand: what checks propose and what tutors give."""

from helpers.course.grading.scores import Score
from helpers.course.grading.tables import mark_one
from tests.builders.grade_book import ITEMS


def test_a_tutor_overrules_a_check(book):
    mark_one(book, "Curie_Wu", "1.a-check", "1.5", "nearly")
    curie = book.groups()[0]
    assert (curie.automatic, curie.manual, curie.scores[0].points) == (0, 1.5, 1.5)
    assert (curie.scores[0].proposed, curie.scores[0].comment) == (0.0, "nearly")
    mark_one(book, "Curie_Wu", "1.a-check", "-")
    assert book.groups()[0].scores[0] == Score(ITEMS[0], 0.0, "")
