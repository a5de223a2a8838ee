"""From files to groups: everybody keeps a row."""

import os
from pathlib import Path

import pytest

from helpers.course.grade import authors_of
from helpers.course.grading.intake import Submission, take_in
from tests.builders import toy_sheet
from tests.builders.files import put


def test_two_unknown_files_of_one_name_keep_their_rows(tmp_path, intake):
    for folder in ("t1", "t2"):
        toy_sheet.zip_good(tmp_path / "in" / folder / "sub" / "abgabe.zip")
    authors = authors_of(tmp_path / "notebooks", 7)
    paths = [tmp_path / "in" / "t1" / "sub", tmp_path / "in" / "t2" / "sub"]
    first = take_in(paths, authors, tmp_path / "kept", [], print)
    assert [g.slug for g in first] == ["unknown_abgabe-zip", "unknown_abgabe-zip_2"]
    known = [Submission((), g.slug, earlier=g.hand_ins) for g in first]
    assert [g.slug for g in take_in(paths, authors, tmp_path / "kept", known, print)] == [
        g.slug for g in first
    ]


def test_a_name_with_bad_bytes_stops_nobody(tmp_path, intake):
    folder = tmp_path / "in" / "ada"
    put(folder / toy_sheet.NAME, toy_sheet.good(("Ada Lovelace", "1")))
    try:
        Path(os.fsdecode(bytes(folder) + b"/w\xe4rme.csv")).write_bytes(b"1\n")
    except OSError:
        pytest.skip("this file system has no such names")
    (group,) = intake().values()
    assert group.notebooks and "runs with files of its own: w?rme.csv" in "".join(group.remarks)
