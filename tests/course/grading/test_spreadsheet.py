"""CSV files as spreadsheets of any language make them: understood, or refused by name and line."""

import pytest

from helpers.course.grading.tables import import_marks, mark_one
from tests.builders.files import put
from tests.builders.grade_book import marks


def read_in(book, folder, content):
    """Import marks from a file of this content. Returns: how many changed."""
    return import_marks(book, put(folder / "marks.csv", content))


def spreadsheet(separator=",", encoding="utf-8-sig", decimal=".", end="\r\n"):
    lines = [
        ["Comment", "GROUP ", "item", "members", "points"],
        ["schön", "Curie_Wu", "1.b-words", '"Curie; Wu, x"', f"1{decimal}25"],
        ["", "Lovelace_Noether", "2.b-words", "", f"0{decimal}5"],
        ["", "Lovelace_Noether", "1.b-words", "", ""],
        ["", "", "", "", ""],
    ]
    return end.join(separator.join(line) for line in lines).encode(encoding)


@pytest.mark.parametrize(
    "content",
    [
        spreadsheet(),
        spreadsheet(";", decimal=","),
        spreadsheet("\t", "utf-16", ","),
        spreadsheet(";", "cp1252", ",", "\n"),
        spreadsheet(",", "utf-8", "."),
    ],
    ids=["Excel", "semicolons", "UTF-16", "Windows", "plain"],
)
def test_what_spreadsheets_make_of_it(book, tmp_path, content):
    mark_one(book, "lovelace", "1.b-words", "1", "stays, the cell is empty")
    assert read_in(book, tmp_path, content) == 2
    assert marks(book) == {
        ("Curie_Wu", "1.b-words"): (1.25, "schön"),
        ("Lovelace_Noether", "2.b-words"): (0.5, ""),
        ("Lovelace_Noether", "1.b-words"): (1, "stays, the cell is empty"),
    }


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"name,points\nx,1\n", b"PK\x03\x04\0\0"])
def test_files_that_are_no_marks(book, tmp_path, content):
    with pytest.raises(ValueError, match=r"marks\.csv (is|lacks)"):
        read_in(book, tmp_path, content)


WRONG = {
    "one field too many": (
        b"item,group,members,points,comment\n1.b-words,Curie_Wu,x,0,25,good\n",
        r"line 2 has 6 cells, its head 5; a decimal comma without quotes\?",
    ),
    "a date": (
        b"item;group;points\r\n1.b-words;Curie_Wu;01. Mai\r\n",
        r"line 2: Curie_Wu, 1.b-words: points are '01. Mai': the spreadsheet made a date",
    ),
    "another date": (b"item;group;points\n1.b-words;Curie_Wu;1.5.2026\n", "made a date of them"),
    "an English date": (b"item;group;points\n1.b-words;Curie_Wu;May-05\n", "made a date of them"),
    "MacRoman with lines of Unix": (
        "item;group;points;comment\n1.b-words;Curie_Wu;1;Schöne Lösung\n".encode("mac_roman"),
        "encoding cannot be told",
    ),
    "Greek": ("item;group;points;comment\n1.b-words;Curie_Wu;1;αβγ\n".encode("cp1253"), "cannot be told"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_would_be_taken_wrongly_is_refused(book, tmp_path, kind):
    content, message = WRONG[kind]
    with pytest.raises(ValueError, match=message) as refused:
        read_in(book, tmp_path, content)
    assert "nothing was changed" in str(refused.value) and marks(book) == {}


UNDERSTOOD = {
    "each row one quoted cell": (
        b'\xef\xbb\xbf"item,group,points,comment"\r\n"1.b-words,Curie_Wu,0.25,ok"\r\n'
    ),
    "quoted cells in them": b'"item,group,points,comment"\r\n"1.b-words,Curie_Wu,0.25,""ok"""\r\n',
    "sep=;": b"sep=;\r\nitem;group;points;comment\r\n1.b-words;Curie_Wu;0,25;ok\r\n",
    "an old Mac": b"item;group;points;comment\r1.b-words;Curie_Wu;0.25;ok\r",
    "surplus delimiters": b"item;group;points;comment\r\n1.b-words;Curie_Wu;0,25;ok;;;\r\n",
}


@pytest.mark.parametrize("kind", UNDERSTOOD)
def test_what_german_spreadsheets_do_is_understood(book, tmp_path, kind):
    assert read_in(book, tmp_path, UNDERSTOOD[kind]) == 1
    assert marks(book) == {("Curie_Wu", "1.b-words"): (0.25, "ok")}


def test_letters_of_an_old_mac(book, tmp_path):
    content = "item;group;points;comment\r1.b-words;Curie_Wu;1;Schöne Lösung\r".encode("mac_roman")
    read_in(book, tmp_path, content)
    assert marks(book)["Curie_Wu", "1.b-words"] == (1, "Schöne Lösung")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"item,group,out of,points,comment\n1.b-words,Curie_Wu,1.5,0,25,\n",
            "line 2 has 6 cells, its head 5",
        ),
        (b"item,group,points,comment\n1.b-words,Curie_Wu,0,25\n", "the comment is a number: a decimal comma"),
        (b"item,group,points,points\n1.b-words,Curie_Wu,1,\n", "it has the column points twice"),
        (
            b'item,group,points,comment\n1.b-words,Curie_Wu,1,"open\n2.b-words,Curie_Wu,0.5,\n',
            "is no CSV file",
        ),
    ],
)
def test_what_hides_a_mark_is_refused(book, tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_in(book, tmp_path, content)
    assert marks(book) == {}
