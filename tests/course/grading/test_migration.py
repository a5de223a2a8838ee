"""Grade books of earlier versions of this package."""

import sqlite3

from helpers.course.grading.gradebook import GradeBook
from helpers.course.status import Status
from tests.builders import toy_sheet


def test_a_grade_book_of_the_first_version_keeps_its_marks(tmp_path):
    old = sqlite3.connect(tmp_path / "gradebook.sqlite")
    old.executescript(OLD_BOOK)
    old.close()
    for _ in range(2):  # once brought to the new form, it stays so
        with GradeBook(tmp_path / "gradebook.sqlite") as book:
            (group,) = book.groups()
            assert [(s.proposed, s.marked, s.comment) for s in group.scores] == [(0.0, 1.5, "well said")]
            assert group.members == (toy_sheet.Member("Ada Lovelace", "3", "0012"),)
            result = group.notebooks[1]
            assert (result.status, result.place, result.more, result.detail) == (
                Status.FAILED,
                "cell 6",
                2,
                "ValueError: (x)",
            )
            assert str(result) == "failed at cell 6 and 2 more (ValueError: (x))"
            assert [k.slug for k in book.known()] == ["Lovelace"]


OLD_BOOK = """
create table items (position integer, id text primary key, exercise integer, cell text,
    title text, points real, checked integer, answers text);
create table groups (slug text primary key, identity text unique, present integer,
    hand_ins text, members text, remarks text);
create table notebooks (slug text, exercise integer, name text, file text, executed integer,
    verdict text, seconds real, tampered text, suspicions text, primary key (slug, exercise));
create table proposals (slug text, item text, points real, reason text, primary key (slug, item));
create table similar (one text, other text, exercise integer, score real);
create table marks (slug text, item text, points real, comment text, primary key (slug, item));
insert into items values (0, '1.a-words', 1, 'a-words', 'Words', 2, 0, '["a-words"]');
insert into groups values ('Lovelace', '["ada lovelace"]', 1, '["a.zip"]',
    '[{"name": "Ada Lovelace", "tutorial": "3", "matriculation": "0012"}]', '[]');
insert into notebooks values ('Lovelace', 1, '01.ipynb', 'x.ipynb', 1,
    'failed at cell 6 and 2 more (ValueError: (x))', 2.5, '[]', '[]');
insert into proposals values ('Lovelace', '1.a-words', 0, 'not answered');
insert into marks values ('Lovelace', '1.a-words', 1.5, 'well said');
"""
