"""The grade book: marks survive whatever is graded again, and what is no grade book is refused."""

import sqlite3

import pytest

from helpers.course.errors import CourseError
from helpers.course.grading.gradebook import GradeBook
from helpers.course.grading.scores import Score
from helpers.course.grading.tables import mark_one
from tests.builders.grade_book import ITEMS, group, marks


def test_a_broken_or_newer_grade_book_is_refused_in_words(tmp_path):
    path = tmp_path / "gradebook.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(CourseError, match="is no grade book"):
        GradeBook(path)
    path.unlink()
    newer = sqlite3.connect(path)
    newer.execute("pragma user_version = 99")
    newer.close()
    with pytest.raises(CourseError, match="newer version of this package"):
        GradeBook(path)


def test_marks_survive_whatever_is_graded_again(book):
    mark_one(book, "lovelace", "1.b-words", "1", "well said")
    mark_one(book, "curie", "2.b-words", "0.5")
    before = marks(book)
    book.write(ITEMS, [group(points=(0.0, 0.0, 0.0), verdict="failed")])
    assert [g.slug for g in book.groups()] == ["Lovelace_Noether"] and book.groups()[0].manual == 1
    assert [g.slug for g in book.groups(present=False)] == ["Curie_Wu"]
    book.write(ITEMS, [group(), group("Curie_Wu", ["Marie Curie"])])
    assert marks(book) == before


def test_nothing_is_written_when_writing_fails(book):
    mark_one(book, "lovelace", "1.b-words", "1")
    before = [vars(g) for g in book.groups()]
    broken = group()
    broken.scores.append(Score(ITEMS[0], object(), ""))
    with pytest.raises(Exception, match="type 'object' is not supported"):
        book.write(ITEMS, [group("New_Group"), broken])
    assert [vars(g) for g in book.groups()] == before
