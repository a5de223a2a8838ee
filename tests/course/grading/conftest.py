"""The intake of the toy sheet, which runs nothing, and a grade book of two groups."""

import pytest

from helpers.course.grade import authors_of
from helpers.course.grading.gradebook import GradeBook
from helpers.course.grading.intake import take_in
from tests.builders import toy_sheet
from tests.builders.grade_book import ITEMS, group
from tests.builders.graded import silent


@pytest.fixture
def intake(tmp_path):
    """A function that takes in what lies in in/. Returns: the groups by slug."""
    authors = authors_of(toy_sheet.write_sheet(tmp_path / "notebooks"), 7)

    def intake(known=()):
        groups = take_in([tmp_path / "in"], authors, tmp_path / "kept", known, silent)
        return {g.slug: g for g in groups}

    return intake


@pytest.fixture
def book(tmp_path):
    with GradeBook(tmp_path / "book.sqlite") as book:
        book.write(ITEMS, [group(), group("Curie_Wu", ["Marie Curie", "C. S. Wu"], (0.0, None, 0.0))])
        yield book
