"""Who hands in: the group cell and group.toml, and the names of files made of them."""

import nbformat
import pytest

from helpers.course.group import read_group
from helpers.course.member import Member, file_stem, to_toml
from tests.builders.worked import NAMES, group, notebook, refused


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (group(NAMES[:2], (1, 2)), "2 names (Ada Lovelace, Marie Curie-Skłodowska), expected 3"),
        (group([*NAMES, "Lise Meitner"], (1, 1, 2, 2)), "4 names"),
        (group([*NAMES[:2], ""]), "2 names"),
        (group(["", "", ""], (None, None, None)), "no name in the group cell"),
        (group([NAMES[0], NAMES[0], NAMES[1]]), "the same name twice"),
        (group(tutorials=(1, None, 2)), "tutorial number of Marie Curie-Skłodowska is missing"),
        (group(tutorials=(1, " ", 2)), "tutorial number of Marie Curie-Skłodowska is missing"),
        (group(tutorials=(1, True, 2)), "tutorial is True"),
        (group(tutorials=(1, [1], 2)), "tutorial is [1]"),
        (group(["Ada\\n../x", *NAMES[1:]]).replace("\\\\n", "\\u202e"), "do not print"),
        (group(["A" * 81, *NAMES[1:]]), "too long"),
        ("GROUP = open('/etc/passwd').readlines()", "not understood"),
        ("GROUP = [", "not understood"),
        ("GROUP = " + "[" * 5000, "not understood"),
        ("GROUP = {'name': 'Ada'}", "expected a list of members"),
        ("names = 3", "sets GROUP 0 times"),
        (group() + "\n" + group(), "sets GROUP 2 times"),
    ],
    ids=lambda v: v[:30],
)
def test_groups_that_are_refused(write, never_run, cell, message):
    assert message in refused(write(who=cell))


def test_the_group_cell_is_not_executed_to_be_read(tmp_path):
    trap = f"import os; os.mkdir({str(tmp_path / 'trap')!r})\n{group()}"
    assert len(read_group(notebook(who=trap), tmp_path / "x.ipynb")) == 3
    assert not (tmp_path / "trap").exists()


def test_group_toml_beside_the_notebook(write, tmp_path, never_run):
    members = [Member('Ada \\ "L" Lovelace', "3", "0123"), Member("Emmy Nöther", "4")]
    beside = tmp_path / "group.toml"
    beside.write_text("\ufeff" + to_toml(members), encoding="utf-8")
    path = write(who=group(["", "", ""], (None,) * 3))
    assert read_group(nbformat.read(path, 4), path, size=2) == tuple(members)
    assert "2 names" in refused(path)
    assert "correct one of them" in refused(write(who=group(["A B", "C D"], (1, 2))), "--group-size", 2)
    beside.write_text("[[members]\nname = 3")
    assert "group.toml is not understood" in refused(path)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Lovelace, Ada", "Lovelace"),
        ("John von Neumann", "Neumann"),
        ("Hans Groß-Müller", "GrossMueller"),
        ("Ørsted", "Oersted"),
        ("Étienne Ángström", "Angstroem"),
        ("../../etc/passwd", "etcpasswd"),
        ("X" * 80, "X" * 30),
        ("C:\\CON", "CCON"),
    ],
)
def test_file_names_are_plain(name, stem):
    assert file_stem(4, [Member(name, "1")]) == f"sheet04_{stem}"


def test_names_without_latin_letters_still_tell_groups_apart():
    first, second = (file_stem(4, [Member(n, "1")]) for n in ("杨振宁", "吴健雄"))
    assert first != second and first.isascii() and first.replace("_", "").isalnum()
