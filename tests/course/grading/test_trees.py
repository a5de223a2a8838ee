"""Archives that are broken or meant to harm, and odd names that are honest."""

import os
import stat
import struct
import zipfile

import pytest

from helpers.course.grading import trees
from tests.builders.archives import NOTEBOOK, found, names
from tests.builders.files import put, put_zip, zipped


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
