"""Whose a hand-in is: by its group cell, a group.toml or the file names of a course server."""

import pytest

from tests.builders import toy_sheet
from tests.builders.files import put, put_zip
from tests.builders.notebooks import bytes_of, parsed


def test_who_is_known_from_where(tmp_path, intake):
    members, folder = toy_sheet.people(2), tmp_path / "in"
    notebook = toy_sheet.hand_in("good", members)
    nobody = toy_sheet.hand_in("good", [])
    for name, content, toml in (
        ("cell", notebook, None),
        ("toml", nobody, 'members = [{name = "Rosalind Franklin"}]'),
        ("neither", nobody, None),
        ("both", notebook, 'members = [{name = "Some Body"}]'),
        ("broken", b"{", 'members = [{name = "Mary Cartwright", tutorial = 3}]'),
        ("nothing", None, None),
    ):
        (folder / name).mkdir(parents=True)
        if content is not None:
            put(folder / name / f"Sheet7_{toy_sheet.NAME}", content)
        if toml:
            put(folder / name / "group.toml", toml)
    groups = intake()
    by_folder = {g.hand_ins[0]: g for g in groups.values()}
    assert [m.name for m in by_folder["cell"].members] == [m.name for m in members]
    assert [m.name for m in by_folder["toml"].members] == ["Rosalind Franklin"]
    assert [m.name for m in by_folder["broken"].members] == ["Mary Cartwright"]
    assert by_folder["neither"].slug == "unknown_neither" and by_folder["neither"].notebooks
    assert "who is this? Sheet7_01_toy.ipynb: no name in the group cell" in by_folder["neither"].remarks[0]
    assert "names" in by_folder["both"].remarks[0] and not by_folder["both"].members
    assert "no notebook was handed in" in by_folder["nothing"].remarks[0]
    assert str(tmp_path) not in "".join(r for g in groups.values() for r in g.remarks)


@pytest.mark.parametrize(
    "names",
    [
        ["lovelaceada_12345_678901_01_toy.ipynb", "noetheremmy_LATE_12346_678902_01_toy-1.ipynb"],
        ["Ada L_1_assignsubmission_file_01_toy.ipynb", "Emmy N_2_assignsubmission_file_01_toy.ipynb"],
        ["all/01_toy (1).ipynb", "all/01_toy (2).ipynb"],
        ["Übung\\ada 01_toy.ipynb", "Übung\\emmy 01_toy.ipynb"],
    ],
    ids=["Canvas", "Moodle", "subfolder of loose notebooks", "PowerShell"],
)
def test_everybody_in_a_flat_zip_has_a_row(tmp_path, intake, names):
    people = [("Ada Lovelace", "1"), ("Emmy Noether", "1")]
    files = {name: toy_sheet.good(who) for name, who in zip(names, people, strict=True)}
    put_zip(tmp_path / "in" / "all.zip", files)
    groups = intake()
    assert sorted(groups) == ["Lovelace", "Noether"] and all(g.notebooks for g in groups.values())


def test_who_left_the_names_out_of_a_flat_zip_still_has_a_row(tmp_path, intake):
    files = {
        "lovelaceada_12345_678901_01_toy.ipynb": toy_sheet.good(("Ada Lovelace", "1")),
        "noetheremmy_12346_678902_01_toy.ipynb": toy_sheet.good(),
        "meitnerlise_12347_678903_photo.jpg": b"x",
    }
    put_zip(tmp_path / "in" / "all.zip", files)
    groups = intake()
    assert sorted(groups) == [
        "Lovelace",
        "unknown_all-zip-meitnerlise-12347",
        "unknown_all-zip-noetheremmy-12346",
    ]
    assert groups["unknown_all-zip-noetheremmy-12346"].notebooks


def test_online_text_is_no_second_group(tmp_path, intake):
    files = {
        "Vera Rubin_1_assignsubmission_file_/01_toy.ipynb": toy_sheet.good(("Vera Rubin", "1")),
        "Vera Rubin_1_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello",
    }
    put_zip(tmp_path / "in" / "moodle.zip", files)
    assert sorted(intake()) == ["Rubin"]


def test_a_group_cell_that_was_typed_anew(tmp_path, intake):
    notebook = parsed(toy_sheet.good())
    toy_sheet.delete("group")(notebook)
    toy_sheet.add('# we\nGROUP = [{"name": "Ada Lovelace", "tutorial": 3}]')(notebook)
    put_zip(tmp_path / "in" / "a.zip", {"01_toy.ipynb": bytes_of(notebook)})
    (group,) = intake().values()
    assert group.members == (toy_sheet.Member("Ada Lovelace", "3"),)


def test_zips_of_others_beside_a_loose_notebook_stay_their_own(tmp_path, intake):
    ada, emmy = toy_sheet.Member("Ada Lovelace", "1"), toy_sheet.Member("Emmy Noether", "1")
    folder = tmp_path / "in" / "tutorial1"
    for member in (ada, emmy):
        toy_sheet.pack(folder / f"{member.name[:3]}.zip", toy_sheet.hand_in("good", [member]), [member])
    put(folder / "lise.ipynb", toy_sheet.good(("Lise Meitner", "1")))
    assert sorted(intake()) == ["Lovelace", "Meitner", "Noether"]
    put(tmp_path / "in" / "group.toml", '[[members]]\nname = "Vera Rubin"\n')
    assert {"Lovelace", "Meitner", "Noether"} <= set(intake())


def test_a_group_toml_beside_a_zip_says_whose_it_is(tmp_path, intake):
    toy_sheet.zip_good(tmp_path / "in" / "x" / "x.zip")
    put(tmp_path / "in" / "x" / "group.toml", '[[members]]\nname = "Vera Rubin"\n')
    (group,) = intake().values()
    assert group.slug == "Rubin" and group.notebooks


def test_notebooks_of_others_beside_a_group_toml_and_without_names(tmp_path, intake):
    folder = tmp_path / "in" / "x"
    put(folder / "ada.ipynb", toy_sheet.good(("Ada Lovelace", "1")))
    put(folder / "nobody.ipynb", toy_sheet.hand_in("untouched", []))
    groups = intake()
    assert sorted(groups) == ["Lovelace", "unknown_x"] and all(g.notebooks for g in groups.values())
    put(folder / "emmy.ipynb", toy_sheet.good(("Emmy Noether", "1")))
    put(folder / "group.toml", '[[members]]\nname = "Ada Lovelace"\n')
    assert {"Lovelace", "Noether"} <= set(intake())


def test_moodle_may_write_the_apostrophe_of_one_participant_in_two_ways(tmp_path, intake):
    moodle = "{}_1_assignsubmission_file_{}"
    files = {
        moodle.format("Sinéad O’Neill", "01_toy.ipynb"): toy_sheet.good(("S O'Neill", "")),
        moodle.format("Sinéad O'Neill", "tools.py"): "x = 1",
        moodle.format("Ada L", "01_toy.ipynb"): toy_sheet.good(("Ada L", "")),
    }
    put_zip(tmp_path / "in" / "all.zip", files)
    groups = intake()
    assert groups["ONeill"].hand_ins == ["all.zip/Sinéad O'Neill_1"] and len(groups) == 2
    assert [file.path for file in groups["ONeill"].notebooks[1].files] == ["tools.py"]
