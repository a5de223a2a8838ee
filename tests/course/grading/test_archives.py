"""Hand-ins as course servers pack them, and archives that are meant to harm."""

import os
import stat
import struct
import zipfile

import pytest

from helpers.course.grading import trees
from helpers.course.grading.archives import NO_ZIP, hand_ins
from tests.builders.files import put, put_zip, zipped

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def found(*paths):
    strays = []
    groups = {h.name: h for h in hand_ins(paths, strays.append)}
    return groups, strays


def names(hand_in):
    return [notebook.name for notebook in hand_in.notebooks]


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


@pytest.mark.parametrize(
    "name", ["../01.ipynb", "a/../../01.ipynb", "..\\01.ipynb", "C:\\..\\01.ipynb", "/../01.ipynb"]
)
def test_names_that_lead_out_are_refused(tmp_path, name):
    put_zip(tmp_path / "in" / "a.zip", {name: NOTEBOOK, "good.ipynb": NOTEBOOK})
    before = sorted(tmp_path.rglob("*"))
    groups, _ = found(tmp_path / "in")
    assert names(groups["a.zip"]) == ["good.ipynb"]
    assert "leads out of the archive" in groups["a.zip"].remarks[0]
    assert sorted(tmp_path.rglob("*")) == before, "nothing is unpacked"


@pytest.mark.parametrize(
    "name",
    [
        "sheet7\\01.ipynb",
        "C:\\work\\01.ipynb",
        "C:01.ipynb",
        "/home/01.ipynb",
        "Sheet 7: toys/01.ipynb",
        "👩\u200d🔬/01.ipynb",
        "U\u0308bung/01.ipynb",
        "a\n/01.ipynb",
        "a:b/01.ipynb",
    ],
)
def test_odd_but_honest_names_are_read(tmp_path, name):
    put_zip(tmp_path / "in" / "a.zip", {name: NOTEBOOK})
    groups, _ = found(tmp_path / "in")
    (hand_in,) = groups.values()
    assert [n.content for n in hand_in.notebooks] == [NOTEBOOK] and not hand_in.remarks
    assert all(label.isprintable() for label in groups)


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


def test_links_in_archives_and_folders_are_not_followed(tmp_path):
    link = zipfile.ZipInfo("01.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    put(tmp_path / "in" / "a.zip", zipped({}, [(link, b"/etc/passwd")]))
    secret = put(tmp_path / "secret.ipynb", NOTEBOOK)
    groups, _ = found(tmp_path / "in")
    assert names(groups["a.zip"]) == [] and "link" in groups["a.zip"].remarks[0]
    if os.name != "nt":
        put(tmp_path / "in" / "b" / "02.ipynb", NOTEBOOK)
        (tmp_path / "in" / "b" / "01.ipynb").symlink_to(secret)
        (tmp_path / "in" / "c").symlink_to(tmp_path)
        groups, _ = found(tmp_path / "in")
        assert (
            names(groups["b"]) == ["02.ipynb"]
            and "01.ipynb was not read: it is a link" in groups["b"].remarks[0]
        )
        assert groups["c"].remarks == ["is a link, which is not followed"]


def test_bombs_cost_little(tmp_path, monkeypatch):
    monkeypatch.setattr(trees, "LARGEST_NOTEBOOK", 1000)
    monkeypatch.setattr(trees, "MOST_BYTES", 3000)
    monkeypatch.setattr(trees, "MOST_FILES", 20)
    monkeypatch.setattr(trees, "LARGEST_DIRECTORY", 5000)
    put_zip(tmp_path / "in" / "large.zip", {"01.ipynb": b" " * 1001, "02.ipynb": NOTEBOOK})
    put_zip(tmp_path / "in" / "sum.zip", {f"{i}.ipynb": b" " * 900 for i in range(9)})
    put_zip(tmp_path / "in" / "many.zip", {f"{i}.ipynb": b"" for i in range(21)})
    put_zip(tmp_path / "in" / "table.zip", {f"{'x' * 200}{i}": b"" for i in range(30)})
    nested = NOTEBOOK
    for _ in range(5):
        nested = zipped({"a.zip" if nested != NOTEBOOK else "01.ipynb": nested})
    put(tmp_path / "in" / "nested.zip", nested)
    groups, _ = found(tmp_path / "in")
    by_zip = {n.split("/")[0]: h for n, h in groups.items()}
    assert names(by_zip["large.zip"]) == ["02.ipynb"]
    assert "01.ipynb was not read: it holds more than" in by_zip["large.zip"].remarks[0]
    assert len(names(by_zip["sum.zip"])) == 3 and len(by_zip["sum.zip"].remarks) == 6
    assert "more than 20 files" in by_zip["many.zip"].remarks[0]
    assert "lists too many files" in by_zip["table.zip"].remarks[0]
    assert "3 deep" in by_zip["nested.zip"].remarks[0] and not by_zip["nested.zip"].notebooks


def test_a_size_that_lies_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(trees, "LARGEST_NOTEBOOK", 1000)
    content = bytearray(zipped({"01.ipynb": b" " * 100_000}))
    at = content.find(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 10)  # size when unpacked, in the table of contents
    put(tmp_path / "a.zip", bytes(content))
    groups, _ = found(tmp_path / "a.zip")
    assert not groups["a.zip"].notebooks and "was not read" in groups["a.zip"].remarks[0]


def test_broken_archives(tmp_path):
    good = zipped({"01.ipynb": NOTEBOOK})
    put(tmp_path / "in" / "torn.zip", good[:-30])
    put(tmp_path / "in" / "empty.zip", b"")
    put(tmp_path / "in" / "text.zip", b"no zip at all" * 100)
    flipped = bytearray(good)
    flipped[35] ^= 0xFF
    put(tmp_path / "in" / "flipped.zip", bytes(flipped))
    locked = bytearray(good)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.find(mark) + offset] |= 1
    put(tmp_path / "in" / "locked.zip", bytes(locked))
    put(tmp_path / "in" / "x" / "inner.zip", good[:-30])
    put(tmp_path / "in" / "x" / "01.ipynb", NOTEBOOK)
    groups, _ = found(tmp_path / "in")
    for name in ("torn.zip", "empty.zip", "text.zip", "flipped.zip", "locked.zip"):
        assert groups[name].notebooks == [] and "was not read" in groups[name].remarks[0], name
    assert "encrypted" in groups["locked.zip"].remarks[0]
    assert names(groups["x"]) == ["01.ipynb"] and "inner.zip" in groups["x"].remarks[0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_second_of_one_name_is_told(tmp_path):
    infos = [(zipfile.ZipInfo("01.ipynb"), NOTEBOOK), (zipfile.ZipInfo("01.ipynb"), b"{}")]
    put(tmp_path / "a.zip", zipped({}, infos))
    groups, _ = found(tmp_path / "a.zip")
    assert [n.content for n in groups["a.zip"].notebooks] == [NOTEBOOK]
    assert "the first one counts" in groups["a.zip"].remarks[0]


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
