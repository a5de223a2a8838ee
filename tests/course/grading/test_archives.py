"""Hand-ins as course servers pack them: whose they are, and what nobody can read."""

import pytest

from helpers.course.grading.archives import NO_ZIP
from tests.builders.archives import NOTEBOOK, found, names
from tests.builders.files import put, put_zip, zipped


def test_layouts_of_course_servers(tmp_path):
    inner = zipped({"01.ipynb": NOTEBOOK, "group.toml": b"[[members]]", "sheet.pdf": b"%PDF"})
    put(tmp_path / "in" / "sheet07_Wu.zip", inner)
    put(tmp_path / "in" / "Group 7" / "sheet07_Bell.zip", inner)
    put(tmp_path / "in" / "Group 8" / "exercise" / "01.ipynb", NOTEBOOK)
    put(tmp_path / "in" / "Group 8" / "exercise" / "02.ipynb", NOTEBOOK)
    put(tmp_path / "in" / "Group 9" / "scan.pdf", b"%PDF")
    put(tmp_path / "in" / "loose_01.ipynb", NOTEBOOK)
    put_zip(
        tmp_path / "in" / "all.zip",
        {"G1/a.zip": inner, "G2/01.ipynb": NOTEBOOK, "readme.txt": b"hello"},
    )
    groups, strays = found(tmp_path / "in")
    assert {n: names(h) for n, h in groups.items()} == {
        "sheet07_Wu.zip": ["01.ipynb"],
        "Group 7/sheet07_Bell.zip": ["01.ipynb"],
        "Group 8/exercise": ["01.ipynb", "02.ipynb"],
        "Group 9": [],
        "loose_01.ipynb": ["loose_01.ipynb"],
        "all.zip/G1/a.zip": ["01.ipynb"],
        "all.zip/G2": ["01.ipynb"],
    }
    assert groups["all.zip/G1/a.zip"].toml == b"[[members]]"
    assert strays == ["all.zip/readme.txt: not looked at"]
    assert not any(h.remarks for h in groups.values()), "PDFs are expected, nothing else was there"


def test_stray_files_are_told_and_junk_is_not(tmp_path):
    junk = {
        "__MACOSX/._01.ipynb": b"x",
        ".DS_Store": b"x",
        "Thumbs.db": b"x",
        ".ipynb_checkpoints/01.ipynb": b"{",
    }
    files = {"01.ipynb": NOTEBOOK, "notes.docx": b"x", "more.rar": b"x"}
    put_zip(tmp_path / "in" / "a.zip", files | junk)
    for name in (".DS_Store", "Thumbs.db", "list.csv"):
        put(tmp_path / "in" / name, b"x")
    put(tmp_path / "in" / "b.7z", b"x")
    groups, strays = found(tmp_path / "in")
    assert names(groups["a.zip"]) == ["01.ipynb"]
    assert groups["a.zip"].remarks == [
        f"more.rar {NO_ZIP}",
        "other files, not looked at: notes.docx",
    ]
    assert groups["b.7z"].remarks == [NO_ZIP] and strays == ["list.csv: not looked at"]


FLAT_CANVAS = {
    "lovelaceada_12345_678901_01_toy.ipynb": NOTEBOOK,
    "noetheremmy_LATE_12346_678902_01_toy-1.ipynb": NOTEBOOK,
    "noetheremmy_LATE_12346_678907_group.toml": b"[[members]]",
    "meitnerlise_12347_678903_sheet07.zip": zipped({"01_toy.ipynb": NOTEBOOK}),
}
FLAT_MOODLE = {
    "Ada Lovelace_1_assignsubmission_file_01_toy.ipynb": NOTEBOOK,
    "Ada Lovelace_1_assignsubmission_file_group.toml": b"[[members]]",
    "Emmy Noether_2_assignsubmission_file_01_toy.ipynb": NOTEBOOK,
    "Emmy Noether_2_assignsubmission_onlinetext_onlinetext.html": b"<p>hello",
}
FOLDERS_MOODLE = {
    "Vera Rubin_1_assignsubmission_file_/01_toy.ipynb": NOTEBOOK,
    "Vera Rubin_1_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello",
    "Lise Meitner_2_assignsubmission_onlinetext_/onlinetext.html": b"<p>I forgot",
}
ILIAS = {
    "Uebung 7/Abgaben/Lovelace_Ada_al123_4711/20240101_01_toy.ipynb": NOTEBOOK,
    "Uebung 7/Abgaben/Noether_Emmy_en456_4712/20240101_01_toy.ipynb": NOTEBOOK,
}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            FLAT_CANVAS,
            {
                "lovelaceada_12345": ["01_toy.ipynb"],
                "noetheremmy_12346": ["01_toy-1.ipynb"],
                "sheet07.zip": ["01_toy.ipynb"],
            },
        ),
        (FLAT_MOODLE, {"Ada Lovelace_1": ["01_toy.ipynb"], "Emmy Noether_2": ["01_toy.ipynb"]}),
        (FOLDERS_MOODLE, {"Vera Rubin_1": ["01_toy.ipynb"], "Lise Meitner_2": []}),
        (
            ILIAS,
            {
                "Lovelace_Ada_al123_4711": ["20240101_01_toy.ipynb"],
                "Noether_Emmy_en456_4712": ["20240101_01_toy.ipynb"],
            },
        ),
    ],
    ids=["Canvas", "Moodle, flat", "Moodle, folders", "ILIAS"],
)
@pytest.mark.parametrize("packed", ["zip", "folder"])
def test_each_participant_of_a_server_is_a_hand_in(tmp_path, files, expected, packed):
    if packed == "zip":
        put_zip(tmp_path / "in" / "all.zip", files)
    else:
        for name, content in files.items():
            put(tmp_path / "in" / "all" / name, content)
    groups, _ = found(tmp_path / "in")
    assert {name.rpartition("all.zip/")[2].split("/")[-1]: names(h) for name, h in groups.items()} == expected


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere is a link or not there"):
        found(tmp_path / "nowhere")


OTHER = ("ada.rar", "ada.7z", "ADA.TAR.GZ", "ada.tgz", "ada.tar", "ada.tar.xz")


ME = "Ada Lovelace_123_assignsubmission_file_"


@pytest.mark.parametrize("name", OTHER)
@pytest.mark.parametrize(
    "place, row",
    [
        ("in/{name}", "{name}"),
        ("in/Ada Lovelace/{name}", "Ada Lovelace"),
        ("in/Ada Lovelace/sheet 7/{name}", "Ada Lovelace"),
        ("in/tutorial 1/{name}", "tutorial 1/{name}"),
        ("in/ada.zip: {name}", "ada.zip"),
        ("in/all.zip: {name}", "all.zip/{name}"),
        ("in/all.zip: Ada Lovelace/{name}", "all.zip/Ada Lovelace"),
        ("in/all.zip: Ada Lovelace/ada.zip/{name}", "all.zip/Ada Lovelace"),
        (f"in/moodle.zip: {ME}{{name}}", "moodle.zip/Ada Lovelace_123"),
        (f"in/moodle.zip: {ME}/{{name}}", "moodle.zip/Ada Lovelace_123"),
        ("in/moodle.zip: {name}", "moodle.zip/others"),
        ("in/canvas.zip: lovelaceada_12345_678901_{name}", "canvas.zip/lovelaceada_12345"),
    ],
)
def test_archives_that_are_no_zips_have_a_row_that_says_what_to_do(tmp_path, name, place, row):
    others = {
        "in/all.zip": {"Emmy/01.ipynb": NOTEBOOK},
        "in/moodle.zip": {"Emmy Noether_124_assignsubmission_file_01.ipynb": NOTEBOOK},
        "in/canvas.zip": {"noetheremmy_12346_678902_01.ipynb": NOTEBOOK},
    }
    put(tmp_path / "in" / "tutorial 1" / "Emmy" / "01.ipynb", NOTEBOOK)
    outer, _, inner = place.format(name=name).partition(": ")
    content = b"Rar!"
    if inner:
        folders = inner.split(".zip/")
        for below in folders[:0:-1]:
            content = zipped({below: content})
        path = inner if len(folders) == 1 else f"{folders[0]}.zip"
        content = zipped({path: content} | others.get(outer, {}))
    put(tmp_path / outer, content)
    groups, strays = found(tmp_path / "in")
    assert not groups[row.format(name=name)].notebooks
    assert any(line.endswith(NO_ZIP) for line in groups[row.format(name=name)].remarks)
    with_notebooks = [hand_in for hand_in in groups.values() if hand_in.notebooks]
    assert len(with_notebooks) == 1 + (outer in others) and strays == []


@pytest.mark.parametrize(
    "content", [b"Rar!\x1a\x07\x00 something else", b"", zipped({"01.ipynb": NOTEBOOK})[:-30]]
)
def test_what_is_called_a_zip_and_is_none_says_what_to_do(tmp_path, content):
    put(tmp_path / "in" / "a.zip", content)
    put(tmp_path / "in" / "b.zip", zipped({"ada/a.zip": content, "emmy/01.ipynb": NOTEBOOK}))
    groups, _ = found(tmp_path / "in")
    for row in ("a.zip", "b.zip/ada"):
        assert groups[row].remarks[0].endswith("truncated or no zip: ask for it again, as a zip")
