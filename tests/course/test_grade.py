"""Grading as a tutor does it: zips in; points, feedback and a report out; killed, taken up again, marked."""

import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor

import psutil
import pytest
from click.testing import CliRunner

from helpers import places
from helpers.course import cli
from helpers.course.grade import grade, open_book
from helpers.course.grading import runs
from helpers.course.status import Status
from helpers.places import ROOT
from tests.builders import toy_sheet
from tests.builders.graded import GRADED, grade_folder, grades, needs_sandbox, silent
from tests.builders.notebooks import bytes_of, parsed


@needs_sandbox
def test_the_table_has_three_rows_per_group(graded):
    folder, kinds, _ = graded
    table = grades(folder / "out")
    assert len(table) == 3 * len(kinds) + 2 and len({r["name"] for r in table}) == len(table)
    for row in table:
        same = [r for r in table if r["group"] == row["group"]]
        assert len({tuple(v for k, v in r.items() if k not in ("name", "tutorial")) for r in same}) == 1
        assert len(same) == (3 if row["group"] in kinds else 2)
    good = next(r for r in table if kinds.get(r["group"]) == "good")
    assert (good["automatic"], good["manual"], good["total"], good["out of"]) == ("4", "0", "4", "5")
    assert good["1.c-words"] == "" and good["verdict"] == "1: ran"


@needs_sandbox
def test_marks_from_the_command_line_and_the_spreadsheet_survive_a_new_run(graded, tmp_path, monkeypatch):
    folder, kinds, _ = graded
    shutil.copytree(folder, tmp_path / "s")
    monkeypatch.setattr(places, "ROOT", tmp_path / "root")
    monkeypatch.setattr(places, "NOTEBOOKS", tmp_path / "s" / "notebooks")
    out = tmp_path / "root" / "build" / "grades" / "07"
    out.parent.mkdir(parents=True)
    (tmp_path / "s" / "out").rename(out)
    for path in out.glob("journal.jsonl"):
        path.write_text(path.read_text().replace(str(folder / "out"), str(out)))

    def course(*arguments, code=0):
        result = CliRunner().invoke(cli.main, [*map(str, arguments), "--sheet", "7"])
        assert result.exit_code == code, result.output
        return result.output

    slug = next(s for s, k in kinds.items() if k == "good")
    page = out / "feedback" / f"{slug}.html"
    others = {p: p.stat().st_mtime_ns for p in out.glob("feedback/*.html") if p != page}
    assert f"{slug}, 1.c-words: 0.25 of 0.5" in course(
        "mark", slug, "words", "0,25", "--comment", "<i>short</i>"
    )
    assert "&lt;i&gt;short&lt;/i&gt;" in page.read_text(encoding="utf-8")
    assert {p: p.stat().st_mtime_ns for p in others} == others, "only this group's feedback is written anew"
    assert "expected 0 to 0.5" in course("mark", slug, "words", "0.75", code=1)
    course("marks", "export", tmp_path / "marks.csv")
    text = (tmp_path / "marks.csv").read_text(encoding="utf-8-sig")
    proof = next(line for line in text.splitlines() if line.startswith(f"1.d-proof,{slug}"))
    edited = text.replace(proof, f"{proof.rstrip(',')},0.5,fine".replace(",0.5,0.5", ",0.5,,0.5"))
    (tmp_path / "marks.csv").write_text(edited.replace(f"{slug},", f"{slug},", 1), encoding="utf-8")
    assert "1 marks changed" in course("marks", "import", tmp_path / "marks.csv")
    before = grades(out)
    mine = next(r for r in before if r["group"] == slug)
    assert (mine["1.c-words"], mine["1.d-proof"], mine["manual"], mine["total"]) == (
        "0.25",
        "0.5",
        "0.75",
        "4.75",
    )

    output = course("grade", tmp_path / "s" / "in", "--jobs", "1", "--timeout", "60")
    assert grades(out) == before and "answers are to be marked by you" in output
    (tmp_path / "marks.csv").write_text(f"group,item,points\n{slug},1.c-words,9\n")
    assert "nothing was changed" in course("marks", "import", tmp_path / "marks.csv", code=1)
    assert grades(out) == before


RUN = """
import sys
from pathlib import Path
from tests.builders.graded import GRADED, grade_folder

grade_folder(Path(sys.argv[1]), jobs=2)
"""


@needs_sandbox
def test_killed_in_the_middle_of_ten_and_taken_up_again(graded, tmp_path):
    folder, _, groups = graded
    toy_sheet.write_sheet(tmp_path / "notebooks")
    kinds = toy_sheet.write_hand_ins(tmp_path / "in", GRADED[:10])  # groups of the run that nobody killed
    command = [sys.executable, "-c", RUN, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    out, journal = tmp_path / "out", tmp_path / "out" / "journal.jsonl"
    while process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") >= 4):
        time.sleep(0.02)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    psutil.wait_procs(workers, timeout=20)
    ended = journal.read_bytes()[: journal.read_bytes().rfind(b"\n") + 1]
    assert 4 <= ended.count(b"\n") < 9 and not (out / "grades.csv").exists()
    written = {path: path.stat().st_mtime_ns for path in out.glob("executed/*/*.ipynb")}

    resumed = grade_folder(tmp_path, jobs=2)
    assert journal.read_bytes().startswith(ended)
    keys = [json.loads(line)["key"] for line in journal.read_bytes().splitlines()]
    assert sorted(key.split()[0] for key in keys) == sorted(kinds) == [group.slug for group in resumed]
    for line in ended.splitlines():
        executed = out / "executed" / json.loads(line)["key"].split()[0] / toy_sheet.NAME
        if executed.exists():
            assert executed.stat().st_mtime_ns == written[executed], "what had ended was run again"
    for group in resumed:
        assert group.scores == groups[group.slug].scores
        assert str(group.notebooks[1]) == str(groups[group.slug].notebooks[1])
        assert (out / "feedback" / f"{group.slug}.pdf").exists()
    assert grades(out) == [row for row in grades(folder / "out") if row["group"] in kinds]


def test_what_broke_its_process_has_a_verdict_and_is_tried_the_next_time(tmp_path, monkeypatch):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    for number in range(2):
        members = toy_sheet.people(number)
        toy_sheet.pack(tmp_path / "in" / f"{number}.zip", toy_sheet.hand_in("untouched", members), members)
    run_tasks = runs.run_tasks

    def first_one_dies(function, tasks, journal, *, report, **how):
        (dies, _), *others = tasks.items()
        report(dies, BrokenExecutor("its process ended with exit status -9"))
        return run_tasks(function, dict(others), journal, report=report, **how)

    with monkeypatch.context() as patch:
        patch.setattr(runs, "run_tasks", first_one_dies)
        died, other = grade_folder(tmp_path)
    assert str(died.notebooks[1]) == (
        "marking broke off, run it again (BrokenExecutor: its process ended with exit status -9)"
    )
    assert other.notebooks[1].status == Status.UNCHANGED
    assert "marking broke off" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    verdicts = [row["verdict"] for row in grades(tmp_path / "out") if row["group"] == died.slug]
    assert all(verdict.startswith("1: marking broke off") for verdict in verdicts) and len(verdicts) == 3
    assert [group.notebooks[1].status for group in grade_folder(tmp_path)] == [Status.UNCHANGED] * 2


def test_nothing_to_grade(tmp_path):
    notebooks = toy_sheet.write_sheet(tmp_path / "notebooks")
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match="no hand-in in"):
        grade([tmp_path / "in"], 7, notebooks, tmp_path / "out", report=silent)
    with pytest.raises(ValueError, match="is of sheet 8"):
        grade([tmp_path / "in"], 8, notebooks, tmp_path / "out", report=silent)
    with pytest.raises(ValueError, match="grade the hand-ins first"):
        open_book(tmp_path / "nowhere")


@needs_sandbox
def test_more_time_runs_again_what_timed_out_and_nothing_else(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    slow = parsed(toy_sheet.hand_in("good", members))
    toy_sheet.add("import time\ntime.sleep(4)")(slow)
    toy_sheet.pack(tmp_path / "in" / "slow.zip", bytes_of(slow), members)

    def run(seconds):
        (group,) = grade_folder(tmp_path, limits={"cell_seconds": seconds, "seconds": 60})
        journal = (tmp_path / "out" / "journal.jsonl").read_bytes()
        return group.verdict, group.automatic, len(journal.splitlines())

    assert run(2) == ("1: timed out at cell 6 (more than 2 s)", 0, 1)
    assert run(50) == ("1: ran", 4, 2)
    assert run(50) == ("1: ran", 4, 2)
