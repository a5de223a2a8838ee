"""Who is who: namesakes, people in two groups, people who say more the second time."""

import os

from helpers.course.grading.intake import Submission
from tests.builders import toy_sheet
from tests.builders.files import put_zip


def test_a_person_in_two_groups(tmp_path, intake):
    ada, emmy, lise = (toy_sheet.Member(n, "1") for n in ("Ada Lovelace", "Emmy Noether", "Lise Meitner"))
    for name, members in (("a", [ada, emmy]), ("b", [toy_sheet.Member("ADA LOVELACE", "2"), lise])):
        toy_sheet.pack(tmp_path / "in" / f"{name}.zip", toy_sheet.hand_in("good", members), members)
    groups = intake()
    assert groups["Lovelace_Noether"].remarks == ["Ada Lovelace is also in LOVELACE_Meitner"]
    assert groups["LOVELACE_Meitner"].remarks == ["ADA LOVELACE is also in Lovelace_Noether"]


def test_groups_of_the_same_last_names_and_of_earlier_runs(tmp_path, intake):
    for name, first in (("a", "Ada"), ("b", "Byron")):
        members = [toy_sheet.Member(f"{first} Lovelace", "1")]
        toy_sheet.pack(tmp_path / "in" / f"{name}.zip", toy_sheet.hand_in("good", members), members)
    one, other = sorted(intake())
    assert (one, other) == ("Lovelace", "Lovelace_2")
    known = [Submission(members, "Kept", earlier=["an older.zip"])]
    groups = intake(known)
    assert sorted(groups) == ["Kept", "Lovelace"] and groups["Kept"].members == tuple(members)


def test_namesakes_are_kept_apart_and_asked_about(tmp_path, intake):
    for number in ("1111111", "2222222"):
        toy_sheet.zip_good(tmp_path / "in" / f"{number}.zip", ("Anna Müller", "1", number))
    groups = intake()
    assert {slug: g.members[0].matriculation for slug, g in groups.items()} == {
        "Mueller": "1111111",
        "Mueller_2": "2222222",
    }
    assert all(len(g.hand_ins) == 1 and g.notebooks for g in groups.values())
    assert groups["Mueller"].remarks == [
        "another Anna Müller, of another matriculation number, is in Mueller_2"
    ]
    # the next run keeps them, whatever comes first
    known = [Submission(g.members, slug[::-1], earlier=g.hand_ins) for slug, g in groups.items()]
    assert {slug: g.members[0].matriculation for slug, g in intake(known).items()} == {
        "relleuM": "1111111",
        "2_relleuM": "2222222",
    }


def test_one_person_who_says_more_the_second_time_stays_one(tmp_path, intake):
    early = toy_sheet.zip_good(tmp_path / "in" / "a.zip", ("Anna Müller", ""))
    late = toy_sheet.zip_good(tmp_path / "in" / "b.zip", ("anna müller", "1", "11"))
    os.utime(early, (1e9, 1e9))
    os.utime(late, (1e9 + 60, 1e9 + 60))
    (group,) = intake().values()
    assert (group.members[0].matriculation, len(group.hand_ins)) == ("11", 2)
    assert "marked is b.zip" in "\n".join(group.remarks)


def test_whose_hand_in_it_is_when_two_could_be_meant_is_asked(tmp_path, intake):
    for number in ("11", "22"):
        toy_sheet.zip_good(tmp_path / "in" / f"{number}.zip", ("Anna Müller", "1", number))
    toy_sheet.zip_good(tmp_path / "in" / "which.zip", ("Anna Müller", ""))
    groups = intake()
    assert len(groups) == 3 and all(g.notebooks for g in groups.values())
    (unsure,) = [g for g in groups.values() if g.hand_ins == ["which.zip"]]
    assert "whose is it? groups of these names handed in 11.zip, 22.zip" in unsure.remarks[0]


def test_marks_stay_with_who_handed_in_the_same_file_before(tmp_path, intake):
    toy_sheet.zip_good(tmp_path / "in" / "z.zip", ("Anna Müller", "1", "11"))
    toy_sheet.zip_good(tmp_path / "in" / "a.zip", ("Anna Müller", "1", "22"))
    known = [Submission((toy_sheet.Member("Anna Müller", ""),), "Marked", earlier=["z.zip"])]
    groups = intake(known)
    assert {slug: g.members[0].matriculation for slug, g in groups.items()} == {
        "Marked": "11",
        "Mueller": "22",
    }


def test_another_tutorial_or_a_group_toml_later_keeps_the_group(tmp_path, intake):
    toy_sheet.zip_good(tmp_path / "in" / "a.zip", ("Ada Lovelace", "3"))
    known = [Submission((toy_sheet.Member("Ada Lovelace", "2"),), "Marked", earlier=["old.zip"])]
    (group,) = intake(known).values()
    assert (group.slug, group.members[0].tutorial) == ("Marked", "3")
    assert "the same people?" in "".join(group.remarks)
    (group,) = intake([Submission((), "unknown_a-zip", earlier=["a.zip"])]).values()
    assert (group.slug, group.members[0].name) == ("unknown_a-zip", "Ada Lovelace")


ONE_NAME = ["Sinéad O'Neill-D'Angelo", "Sinéad O’Neill‐D’Angelo", "Sine\u0301ad O´Neill–Dʼangelo"]


def test_a_person_stays_one_however_apostrophes_and_hyphens_were_typed(tmp_path, intake):
    for number, name in enumerate(ONE_NAME):
        path = toy_sheet.zip_good(tmp_path / "in" / f"{number}.zip", (name, "2"))
        os.utime(path, (1e9 + 60 * number, 1e9 + 60 * number))
    toml = '[[members]]\nname = "Sinéad O’Neill-D\'Angelo"\ntutorial = 2\n'
    files = {"01_toy.ipynb": toy_sheet.good((ONE_NAME[0], "2")), "group.toml": toml}
    put_zip(tmp_path / "in" / "with a file.zip", files)
    ((slug, group),) = intake().items()
    assert slug == "ONeillDAngelo" and len(group.hand_ins) == 4
    assert [m.name.casefold() for m in group.members] == [ONE_NAME[0].casefold()]
    # the same person in a second group is seen too
    toy_sheet.zip_good(tmp_path / "in" / "z.zip", (ONE_NAME[1], "2"), ("A B", "2"))
    assert "is also in B_ONeillDAngelo" in "\n".join(intake()["ONeillDAngelo"].remarks)
