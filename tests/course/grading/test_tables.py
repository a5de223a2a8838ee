"""The grade book and its tables: proposals, marks of tutors, spreadsheets out and in."""

import csv
import io

import pytest

from helpers.course.errors import CourseError
from helpers.course.grading.gradebook import GradeBook
from helpers.course.grading.spreadsheet import EXCEL, PLAIN
from helpers.course.grading.tables import export_marks, import_marks, mark_one, write_grades
from tests.builders.grade_book import ITEMS, group, marks


def table(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


@pytest.mark.parametrize("typed", ["O'Neill", "o’neill", "ONeill", "sinéad", "Anne-Marie"])
def test_a_group_is_found_by_a_name_however_it_is_typed(book, typed):
    names = ["Sinéad O’Neill", "Anne‑Marie Wu"]
    book.write(ITEMS, [group("ONeill_Wu", names)])
    assert mark_one(book, typed, "1.b", "1") == "ONeill_Wu, 1.b-words: 1 of 1.5"
    assert [m.name for m in book.groups()[0].members] == ["Sinéad O'Neill", "Anne-Marie Wu"]
    with pytest.raises(CourseError, match="fits 0 of the groups"):
        mark_one(book, "O'Neil l", "1.b", "1")
    with pytest.raises(CourseError, match="fits 2 of the groups"):
        mark_one(book, "Wu", "1.b", "1")


def test_three_rows_per_group_and_sums(book, tmp_path):
    mark_one(book, "lovelace", "1.b", "1,25")
    write_grades(book.groups(), book.items(), tmp_path / "grades.csv")
    rows = table(tmp_path / "grades.csv")
    assert list(rows[0]) == [
        *("name", "matriculation", "tutorial", "group", "1.a-check", "1.b-words", "2.b-words"),
        *("automatic", "manual", "total", "out of", "verdict"),
    ]
    assert [r["group"] for r in rows] == ["Curie_Wu"] * 2 + ["Lovelace_Noether"] * 3
    assert [r["name"] for r in rows[2:]] == ["Ada Lovelace", "Emmy Nöther", "'=cmd|'/c calc'!A1"]
    for row in rows[2:]:
        assert (row["1.a-check"], row["1.b-words"], row["2.b-words"]) == ("2", "1.25", "")
        assert (row["automatic"], row["manual"], row["total"], row["out of"]) == ("2", "1.25", "3.25", "4")
        assert (row["tutorial"], row["matriculation"], row["verdict"]) == ("3", "0012", "1: ran")


@pytest.mark.parametrize(
    ("who", "item", "points", "message"),
    [
        ("nobody", "1.b-words", "1", "group 'nobody' fits 0 of the groups"),
        ("e", "1.b-words", "1", "fits 2 of the groups"),
        (
            "wu",
            "b-words",
            "1",
            "item 'b-words' fits 2 of the items, expected one; there are: 1.b-words, 2.b-words",
        ),
        ("wu", "1.b-words", "1.75", "1.75 points, expected 0 to 1.5"),
        ("wu", "1.b-words", "-1", "-1 points, expected 0 to 1.5"),
        ("wu", "1.b-words", "nan", "points are 'nan', expected a number"),
        ("wu", "1.b-words", "inf", "expected a number"),
        ("wu", "1.b-words", "1e0", "expected a number"),
        ("wu", "1.b-words", "", "expected a number"),
    ],
)
def test_marks_that_are_refused(book, who, item, points, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        mark_one(book, who, item, points)
    assert marks(book) == {}


def test_round_trip_of_the_spreadsheet(book, tmp_path):
    mark_one(book, "lovelace", "1.b-words", "1.25", '+1 for "wit";\nbut = too long')
    mark_one(book, "curie", "1.a-check", "0.5", "overruled")
    mark_one(book, "curie", "2.b-words", "0")
    before = marks(book)
    assert export_marks(book, tmp_path / "marks.csv") == 5
    rows = table(tmp_path / "marks.csv")
    assert [(r["item"], r["group"]) for r in rows] == [
        ("1.a-check", "Curie_Wu"),  # only because it was overruled
        ("1.b-words", "Curie_Wu"),
        ("1.b-words", "Lovelace_Noether"),
        ("2.b-words", "Curie_Wu"),
        ("2.b-words", "Lovelace_Noether"),
    ]
    assert import_marks(book, tmp_path / "marks.csv") == 0 and marks(book) == before
    with GradeBook(tmp_path / "other.sqlite") as other:
        other.write(ITEMS, book.groups())
        assert import_marks(other, tmp_path / "marks.csv") == 3 and marks(other) == before


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Nobody,1.b-words,1", "line 3: there is no group 'Nobody'"),
        ("wu,1.b-words,1", "there is no group 'wu'"),
        ("Curie_Wu,1.c-words,1", "there is no item '1.c-words'"),
        ("Curie_Wu,1.b-words,1.75", "1.75 points, expected 0 to 1.5"),
        ("Curie_Wu,1.b-words,-0.5", "-0.5 points, expected 0 to 1.5"),
        ("Curie_Wu,1.b-words,NaN", "points are 'NaN'"),
        ("Curie_Wu,1.b-words,1e-1", "points are '1e-1'"),
        ("Curie_Wu,1.b-words,1.0.0", "points are '1.0.0'"),
        ("Curie_Wu", "there is no item ''"),
        ("Lovelace_Noether,2.b-words,0.25", "stands there twice"),
    ],
)
def test_one_wrong_line_and_nothing_is_changed(book, tmp_path, row, message):
    (tmp_path / "marks.csv").write_text(f"group,item,points\nLovelace_Noether,2.b-words,0.5\n{row}\n")
    with pytest.raises(ValueError, match="nothing was changed") as refused:
        import_marks(book, tmp_path / "marks.csv")
    assert message in str(refused.value) and marks(book) == {}


@pytest.mark.parametrize("dialect", [PLAIN, EXCEL], ids=["plain", "Excel"])
@pytest.mark.parametrize("comment", ["one, two; three", "'=x", "a;=1+1", "x\t-1\n+2", '5" @home', "", "''+"])
def test_every_comment_comes_back(book, tmp_path, dialect, comment):
    mark_one(book, "lovelace", "1.b-words", "1,25", comment)
    before = marks(book)
    export_marks(book, tmp_path / "marks.csv", dialect)
    mark_one(book, "lovelace", "1.b-words", "0", "something else")
    import_marks(book, tmp_path / "marks.csv")
    if comment:  # an empty cell leaves a comment as it is
        assert marks(book) == before


@pytest.mark.parametrize(
    "name", ["x;=cmd|'/c calc'!A1", "x,=1", "=1", "＝1", "a\t+1", 'q";=1', "x; @y", "\n=1", "'=1", "x|-2"]
)
def test_nothing_is_calculated_whatever_delimiter_a_spreadsheet_takes(book, tmp_path, name):
    book.write(ITEMS, [group(names=[name])])
    mark_one(book, "lovelace", "1.b-words", "1", f"{name} {name}")
    write_grades(book.groups(), book.items(), tmp_path / "grades.csv")
    for dialect in (PLAIN, EXCEL):
        export_marks(book, tmp_path / f"marks{dialect.delimiter}.csv", dialect)
    for path in tmp_path.glob("*.csv"):
        text = path.read_text(encoding="utf-8-sig")
        for delimiter in ",;\t|":
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
                assert not [c for c in row if c.strip()[:1] in tuple("=+-@＝")], f"{path.name}: {row}"


def test_grades_for_a_german_excel(book, tmp_path):
    mark_one(book, "lovelace", "1.b-words", "1,25")
    write_grades(book.groups(), book.items(), tmp_path / "grades.csv")
    content = (tmp_path / "grades_excel.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert (rows[2]["1.b-words"], rows[2]["total"], rows[2]["name"]) == ("1,25", "3,25", "Ada Lovelace")
