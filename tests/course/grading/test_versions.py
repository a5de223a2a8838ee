"""Which exercise a notebook is of, and which of two versions counts."""

import json
import os
import shutil

import nbformat

from helpers.course.grade import authors_of
from helpers.course.grading.intake import take_in
from tests.builders import toy_sheet
from tests.builders.files import put, put_zip
from tests.builders.notebooks import bytes_of, parsed


def test_two_versions_of_one_group(tmp_path, intake):
    members = toy_sheet.people(1)
    early = toy_sheet.pack(
        tmp_path / "in" / "a" / "early.zip", toy_sheet.hand_in("untouched", members), members
    )
    late = toy_sheet.pack(tmp_path / "in" / "b" / "late.zip", toy_sheet.hand_in("good", members), members)
    os.utime(early, (1e9, 1e9))
    os.utime(late, (1e9 + 60, 1e9 + 60))
    (group,) = intake().values()
    assert group.notebooks[1].kept.read_bytes() == toy_sheet.hand_in("good", members)
    assert "marked is b/late.zip: 01_toy.ipynb, not a/early.zip" in "\n".join(group.remarks)
    os.utime(early, (1e9 + 59, 1e9 + 59))
    (group,) = intake().values()
    assert not group.notebooks and "put the wrong one away" in group.remarks[0]
    shutil.copy2(late, early)
    (group,) = intake().values()
    assert group.notebooks and "all the same" in group.remarks[0]


def test_notebooks_of_other_sheets_and_other_names(tmp_path, intake):
    members = toy_sheet.people(3)
    content = toy_sheet.hand_in("good", members)
    folder = tmp_path / "in" / "g"
    put(folder / "our solution.ipynb", content)
    other = json.loads(content)
    other["metadata"]["course"]["sheet"] = 8
    put(folder / "02_other.ipynb", json.dumps(other))
    (group,) = intake().values()
    assert group.notebooks[1].kept.read_bytes() == content
    assert group.remarks == ["02_other.ipynb is no notebook of this sheet"]


def test_two_notebooks_of_one_name_in_two_folders(tmp_path):
    authors = authors_of(toy_sheet.write_sheet(tmp_path / "notebooks"), 7)
    second = nbformat.from_dict(authors[1][1])
    second.metadata["course"]["exercise"] = 2
    nbformat.write(second, tmp_path / "notebooks" / "02_toy.ipynb")
    authors = authors_of(tmp_path / "notebooks", 7)
    contents = []
    for exercise in (1, 2):
        notebook = parsed(toy_sheet.good())
        notebook.metadata["course"]["exercise"] = exercise
        contents.append(bytes_of(notebook))
    put_zip(
        tmp_path / "in" / "a.zip",
        {
            "group.toml": '[[members]]\nname = "Ada Lovelace"\n',
            "exercise1/solution.ipynb": contents[0],
            "exercise2/solution.ipynb": contents[1],
        },
    )
    (group,) = take_in([tmp_path / "in"], authors, tmp_path / "kept", [], print)
    assert [group.notebooks[e].kept.read_bytes() for e in (1, 2)] == contents and not group.remarks


def test_the_name_of_a_folder_does_not_name_the_exercise(tmp_path, intake):
    folder = tmp_path / "in" / "x" / "01_toy"
    other = parsed(toy_sheet.good(("Ada Lovelace", "1")))
    other.metadata["course"]["sheet"] = 8
    put(folder / "02_other.ipynb", bytes_of(other))
    (group,) = intake().values()
    assert not group.notebooks and "02_other.ipynb is no notebook of this sheet" in group.remarks[0]
