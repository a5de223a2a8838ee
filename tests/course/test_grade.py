"""Grading as a tutor does it: zips in; points, feedback and a report out; killed, taken up again, marked."""

import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from concurrent.futures import BrokenExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
from click.testing import CliRunner
from nbformat import v4
from pypdf import PdfReader

from helpers import places
from helpers.course import cli
from helpers.course import grade as grade_room
from helpers.course.bubblewrap import unavailable
from helpers.course.errors import CourseError
from helpers.course.grade import authors_of, grade, open_book
from helpers.course.grading.gradebook import GradeBook
from helpers.course.grading.intake import Submission, take_in
from helpers.course.pages.render import cells_as_html, markdown_as_html
from helpers.course.status import Status
from tests.builders import toy_sheet

LIMITS = {"cell_seconds": 15, "seconds": 60}
GRADED = [
    *(
        "good",
        "good, metadata lost",
        "hidden check fails",
        "text not answered",
        "error in a cell",
        "untouched",
    ),
    *(
        "kernel dies",
        "check altered",
        "checks deleted, good",
        "allclose redefined",
        "exits",
        "assertions swallowed",
    ),
]
sandboxed = pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))


def rows(out):
    return list(csv.DictReader((out / "grades.csv").read_text(encoding="utf-8-sig").splitlines()))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A sheet with a dozen hand-ins, graded once for all tests. Holds folder, slug → kind, groups by slug."""
    if unavailable():
        pytest.skip(unavailable())
    folder = tmp_path_factory.mktemp("sheet")
    toy_sheet.write_sheet(folder / "notebooks")
    kinds = toy_sheet.write_hand_ins(folder / "in", GRADED)
    hostile = 'Eve <script>alert("x")</script> & $x$ =1+1'
    members = [toy_sheet.Member(hostile, "<b>3</b>"), toy_sheet.Member("Mallory *m*", "1")]
    toy_sheet.pack(folder / "in" / "z.zip", toy_sheet.hand_in("good", members), members)
    groups = grade(
        [folder / "in"], 7, folder / "notebooks", folder / "out", jobs=2, limits=LIMITS, report=print
    )
    return folder, kinds, {g.slug: g for g in groups}


@sandboxed
@pytest.mark.parametrize("kind", GRADED)
def test_exact_points_verdict_and_findings(graded, kind):
    _, kinds, groups = graded
    group = groups[next(slug for slug, k in kinds.items() if k == kind)]
    wanted, found = toy_sheet.KINDS[kind], group.notebooks[1]
    assert {s.item.id: s.points for s in group.scores} == toy_sheet.expected(kind)
    assert str(found).startswith(wanted.verdict)
    assert wanted.tampered in "\n".join(found.tampered) and bool(wanted.tampered) == bool(found.tampered)
    assert wanted.suspicious in "\n".join(found.suspicions)
    assert bool(wanted.suspicious) == bool(found.suspicions)


@sandboxed
def test_the_table_has_three_rows_per_group(graded):
    folder, kinds, _ = graded
    table = rows(folder / "out")
    assert len(table) == 3 * len(kinds) + 2 and len({r["name"] for r in table}) == len(table)
    for row in table:
        same = [r for r in table if r["group"] == row["group"]]
        assert len({tuple(v for k, v in r.items() if k not in ("name", "tutorial")) for r in same}) == 1
        assert len(same) == (3 if row["group"] in kinds else 2)
    good = next(r for r in table if kinds.get(r["group"]) == "good")
    assert (good["automatic"], good["manual"], good["total"], good["out of"]) == ("4", "0", "4", "5")
    assert good["1.c-words"] == "" and good["verdict"] == "1: ran"


@sandboxed
def test_pages_show_hostile_names_and_run_nothing(graded):
    folder, kinds, _ = graded
    pages = [folder / "out" / "report.html", *sorted((folder / "out" / "feedback").glob("*.html"))]
    assert len(pages) == len(kinds) + 2
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and "javascript:" not in text and not re.search(r"\son\w+=", text)
        assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in text
        assert not re.search(r'(src|href)="(https?:|//)', text), "everything is in the page"
    report = pages[0].read_text(encoding="utf-8")
    assert "Eve &lt;script&gt;" in report and "&lt;b&gt;3&lt;/b&gt;" in report
    links = re.findall(r'href="([^"#]+)"', report)
    assert len(links) > 40 and all((folder / "out" / link).is_file() for link in links)


@sandboxed
def test_the_report_begins_with_what_needs_a_human_eye(graded):
    folder, kinds, _ = graded
    order = re.findall(
        r'<tr class=first id="(\w+)">', (folder / "out" / "report.html").read_text(encoding="utf-8")
    )
    rank = {kinds.get(slug, "hostile name"): k for k, slug in enumerate(order)}
    assert len(order) == len(kinds) + 1
    assert max(rank["allclose redefined"], rank["check altered"]) < rank["error in a cell"] < rank["good"]


@sandboxed
def test_feedback_shows_points_and_room_but_no_hidden_check(graded):
    folder, kinds, groups = graded
    for slug, kind in kinds.items():
        page = (folder / "out" / "feedback" / f"{slug}.html").read_text(encoding="utf-8")
        pdf = "\n".join(
            p.extract_text() for p in PdfReader(folder / "out" / "feedback" / f"{slug}.pdf").pages
        )
        for text in (page, pdf):
            assert "HIDDEN" not in text and "course_" not in text and "2.0, 3.0, 6.0" not in text, kind
            assert all(m.name in text for m in groups[slug].members)
    slug = next(s for s, k in kinds.items() if k == "hidden check fails")
    page = (folder / "out" / "feedback" / f"{slug}.html").read_text(encoding="utf-8")
    pdf = "\n".join(p.extract_text() for p in PdfReader(folder / "out" / "feedback" / f"{slug}.pdf").pages)
    assert "wrong for [1, -1]" in page and "wrong for [1, −1]" in " ".join(pdf.split())  # set as a minus
    assert page.count("<span class=blank>") == 2 and "0 / 1 points" in page and "2 / 2 points" in pdf
    assert "<math" in page, "formulas are set"


@sandboxed
def test_executed_notebooks_show_tutors_the_whole_check_and_no_guard(graded):
    folder, kinds, _ = graded
    slug = next(s for s, k in kinds.items() if k == "checks deleted, good")
    notebook = nbformat.read(folder / "out" / "executed" / slug / toy_sheet.NAME, 4)
    text = nbformat.writes(notebook)
    assert text.count("### BEGIN HIDDEN TESTS") == 2 and "course_" not in text and "guard" not in text
    check = next(c for c in notebook.cells if c.metadata.get("course", {}).get("check") == "1.a-mean-check")
    assert [o.text for o in check.outputs] == ["the mean is right\n"]


@sandboxed
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
    before = rows(out)
    mine = next(r for r in before if r["group"] == slug)
    assert (mine["1.c-words"], mine["1.d-proof"], mine["manual"], mine["total"]) == (
        "0.25",
        "0.5",
        "0.75",
        "4.75",
    )

    output = course("grade", tmp_path / "s" / "in", "--jobs", "1", "--timeout", "60")
    assert rows(out) == before and "answers are to be marked by you" in output
    (tmp_path / "marks.csv").write_text(f"group,item,points\n{slug},1.c-words,9\n")
    assert "nothing was changed" in course("marks", "import", tmp_path / "marks.csv", code=1)
    assert rows(out) == before


RUN = """
import sys
from pathlib import Path
from helpers.course.grade import grade

folder = Path(sys.argv[1])
limits = {"cell_seconds": 15, "seconds": 60}
grade([folder / "in"], 7, folder / "notebooks", folder / "out", jobs=2, limits=limits)
"""


@sandboxed
def test_killed_in_the_middle_of_ten_and_taken_up_again(graded, tmp_path):
    folder, _, groups = graded
    toy_sheet.write_sheet(tmp_path / "notebooks")
    kinds = toy_sheet.write_hand_ins(tmp_path / "in", GRADED[:10])  # groups of the run that nobody killed
    command = [sys.executable, "-c", RUN, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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

    resumed = grade([tmp_path / "in"], 7, tmp_path / "notebooks", out, jobs=2, limits=LIMITS)
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
    assert rows(out) == [row for row in rows(folder / "out") if row["group"] in kinds]


def test_what_broke_its_process_has_a_verdict_and_is_tried_the_next_time(tmp_path, monkeypatch):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    for number in range(2):
        members = toy_sheet.people(number)
        toy_sheet.pack(tmp_path / "in" / f"{number}.zip", toy_sheet.hand_in("untouched", members), members)
    arguments = [tmp_path / "in"], 7, tmp_path / "notebooks", tmp_path / "out"
    run_tasks = grade_room.run_tasks

    def first_one_dies(function, tasks, journal, *, report, **how):
        (dies, _), *others = tasks.items()
        report(dies, BrokenExecutor("its process ended with exit status -9"))
        return run_tasks(function, dict(others), journal, report=report, **how)

    with monkeypatch.context() as patch:
        patch.setattr(grade_room, "run_tasks", first_one_dies)
        died, other = grade(*arguments)
    assert str(died.notebooks[1]) == (
        "marking broke off, run it again (BrokenExecutor: its process ended with exit status -9)"
    )
    assert other.notebooks[1].status == Status.UNCHANGED
    assert "marking broke off" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    verdicts = [row["verdict"] for row in rows(tmp_path / "out") if row["group"] == died.slug]
    assert all(verdict.startswith("1: marking broke off") for verdict in verdicts) and len(verdicts) == 3
    assert [group.notebooks[1].status for group in grade(*arguments)] == [Status.UNCHANGED] * 2


# who is who, without running anything


@pytest.fixture
def intake(tmp_path):
    authors = authors_of(toy_sheet.write_sheet(tmp_path / "notebooks"), 7)

    def intake(known=()):
        groups = take_in([tmp_path / "in"], authors, tmp_path / "kept", known, lambda line: None)
        return {g.slug: g for g in groups}

    return intake


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
            (folder / name / f"Sheet7_{toy_sheet.NAME}").write_bytes(content)
        if toml:
            (folder / name / "group.toml").write_text(toml)
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


def test_notebooks_of_other_sheets_and_other_names(tmp_path, intake):
    members = toy_sheet.people(3)
    content = toy_sheet.hand_in("good", members)
    folder = tmp_path / "in" / "g"
    folder.mkdir(parents=True)
    (folder / "our solution.ipynb").write_bytes(content)
    other = json.loads(content)
    other["metadata"]["course"]["sheet"] = 8
    (folder / "02_other.ipynb").write_text(json.dumps(other))
    (group,) = intake().values()
    assert group.notebooks[1].kept.read_bytes() == content
    assert group.remarks == ["02_other.ipynb is no notebook of this sheet"]


def test_nothing_to_grade(tmp_path):
    notebooks = toy_sheet.write_sheet(tmp_path / "notebooks")
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match="no hand-in in"):
        grade([tmp_path / "in"], 7, notebooks, tmp_path / "out", report=lambda line: None)
    with pytest.raises(ValueError, match="is of sheet 8"):
        grade([tmp_path / "in"], 8, notebooks, tmp_path / "out", report=lambda line: None)
    with pytest.raises(ValueError, match="grade the hand-ins first"):
        open_book(tmp_path / "nowhere")


def test_outputs_of_strangers_are_shown_and_do_nothing():
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)'>x</a>"
    table = f"<table onclick='x'><style>*{{}}</style><tr><td style='x'>1{evil}</td></tr></table>"
    outputs = [
        nbformat.v4.new_output("display_data", data={"text/html": table}),
        nbformat.v4.new_output("display_data", data={"text/html": evil, "text/plain": evil}),
        nbformat.v4.new_output(
            "display_data", data={"text/markdown": f"{evil}\n\n[x](javascript:alert(1)) $x^2$"}
        ),
        nbformat.v4.new_output("display_data", data={"image/svg+xml": f"<svg>{evil}</svg>"}),
        nbformat.v4.new_output("display_data", data={"image/png": '"><script>'}),
        nbformat.v4.new_output("stream", name="stdout", text=evil),
        nbformat.v4.new_output("error", ename=evil, evalue=evil, traceback=[evil]),
    ]
    cells = [nbformat.v4.new_code_cell(evil, outputs=outputs), nbformat.v4.new_markdown_cell(evil)]
    page = cells_as_html(nbformat.v4.new_notebook(cells=cells), lambda item: "")
    tags = set(re.findall(r"<\s*([a-zA-Z]+)", page))
    assert not tags & {"script", "a", "style", "svg", "iframe"} and "<td>1" in page and "<math" in page
    assert all("onerror" not in tag and "onclick" not in tag for tag in re.findall(r"<[^>]*>", page))
    assert re.findall(r'<img[^>]*src="(data:[a-z+/]+);', page) and "src=x" not in "".join(
        re.findall(r"<img[^>]*>", page)
    )


def test_markdown_cannot_leave_its_cell_or_read_files(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    texts = [
        "```",
        "$$",
        f"![x]({secret})\n\n![y](file://{secret})",
        "<div>",
        "---\ntitle: x\n---",
        "fine **bold**",
    ]
    pages = markdown_as_html(texts)
    assert len(pages) == 6 and "<strong>bold</strong>" in pages[-1]
    assert not any("SECRET" in p or "<img" in p or "<div" in p for p in pages)
    (item,) = markdown_as_html(["(a) one, and\n(c) <script>two</script>"])
    assert item.startswith("<p>") and "<script" not in item, "a text, as Jupyter reads it, and no list"
    assert Path(secret).exists()


@sandboxed
def test_more_time_runs_again_what_timed_out_and_nothing_else(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    slow = nbformat.reads(toy_sheet.hand_in("good", members).decode(), 4)
    toy_sheet.add("import time\ntime.sleep(4)")(slow)
    toy_sheet.pack(tmp_path / "in" / "slow.zip", nbformat.writes(slow).encode(), members)
    arguments = [tmp_path / "in"], 7, tmp_path / "notebooks", tmp_path / "out"

    def run(seconds):
        (group,) = grade(
            *arguments, limits={"cell_seconds": seconds, "seconds": 60}, report=lambda line: None
        )
        return (
            group.verdict,
            group.automatic,
            len((tmp_path / "out" / "journal.jsonl").read_bytes().splitlines()),
        )

    assert run(2) == ("1: timed out at cell 6 (more than 2 s)", 0, 1)
    assert run(50) == ("1: ran", 4, 2)
    assert run(50) == ("1: ran", 4, 2)


# people and what servers pack


def notebook_of_people(*members, kind="good"):
    return toy_sheet.hand_in(kind, [toy_sheet.Member(*member) for member in members])


def with_matriculation(name, number, kind="good"):
    notebook = toy_sheet.released(toy_sheet.KINDS[kind].answers)
    who = [{"name": name, "tutorial": 1, "matriculation": number}]
    toy_sheet.find(notebook, "group").source = f"GROUP = {json.dumps(who)}"
    return nbformat.writes(notebook).encode()


def put_zip(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_namesakes_are_kept_apart_and_asked_about(tmp_path, intake):
    for number in ("1111111", "2222222"):
        put_zip(
            tmp_path / "in" / f"{number}.zip", {"01_toy.ipynb": with_matriculation("Anna Müller", number)}
        )
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
    early = put_zip(tmp_path / "in" / "a.zip", {"01_toy.ipynb": notebook_of_people(("Anna Müller", ""))})
    late = put_zip(tmp_path / "in" / "b.zip", {"01_toy.ipynb": with_matriculation("anna müller", "11")})
    os.utime(early, (1e9, 1e9))
    os.utime(late, (1e9 + 60, 1e9 + 60))
    (group,) = intake().values()
    assert (group.members[0].matriculation, len(group.hand_ins)) == ("11", 2)
    assert "marked is b.zip" in "\n".join(group.remarks)


ONE_NAME = ["Sinéad O'Neill-D'Angelo", "Sinéad O’Neill‐D’Angelo", "Sine\u0301ad O´Neill–Dʼangelo"]


def test_a_person_stays_one_however_apostrophes_and_hyphens_were_typed(tmp_path, intake):
    for number, name in enumerate(ONE_NAME):
        path = put_zip(tmp_path / "in" / f"{number}.zip", {"01_toy.ipynb": notebook_of_people((name, "2"))})
        os.utime(path, (1e9 + 60 * number, 1e9 + 60 * number))
    toml = '[[members]]\nname = "Sinéad O’Neill-D\'Angelo"\ntutorial = 2\n'
    files = {"01_toy.ipynb": notebook_of_people((ONE_NAME[0], "2")), "group.toml": toml}
    put_zip(tmp_path / "in" / "with a file.zip", files)
    ((slug, group),) = intake().items()
    assert slug == "ONeillDAngelo" and len(group.hand_ins) == 4
    assert [m.name.casefold() for m in group.members] == [ONE_NAME[0].casefold()]
    # the same person in a second group is seen too
    put_zip(tmp_path / "in" / "z.zip", {"01_toy.ipynb": notebook_of_people((ONE_NAME[1], "2"), ("A B", "2"))})
    assert "is also in B_ONeillDAngelo" in "\n".join(intake()["ONeillDAngelo"].remarks)


def test_moodle_may_write_the_apostrophe_of_one_participant_in_two_ways(tmp_path, intake):
    moodle = "{}_1_assignsubmission_file_{}"
    files = {
        moodle.format("Sinéad O’Neill", "01_toy.ipynb"): notebook_of_people(("S O'Neill", "")),
        moodle.format("Sinéad O'Neill", "tools.py"): "x = 1",
        moodle.format("Ada L", "01_toy.ipynb"): notebook_of_people(("Ada L", "")),
    }
    put_zip(tmp_path / "in" / "all.zip", files)
    groups = intake()
    assert groups["ONeill"].hand_ins == ["all.zip/Sinéad O'Neill_1"] and len(groups) == 2
    assert [file.path for file in groups["ONeill"].notebooks[1].files] == ["tools.py"]


def test_whose_hand_in_it_is_when_two_could_be_meant_is_asked(tmp_path, intake):
    for number in ("11", "22"):
        put_zip(
            tmp_path / "in" / f"{number}.zip", {"01_toy.ipynb": with_matriculation("Anna Müller", number)}
        )
    put_zip(tmp_path / "in" / "which.zip", {"01_toy.ipynb": notebook_of_people(("Anna Müller", ""))})
    groups = intake()
    assert len(groups) == 3 and all(g.notebooks for g in groups.values())
    (unsure,) = [g for g in groups.values() if g.hand_ins == ["which.zip"]]
    assert "whose is it? groups of these names handed in 11.zip, 22.zip" in unsure.remarks[0]


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
    files = {name: notebook_of_people(who) for name, who in zip(names, people, strict=True)}
    put_zip(tmp_path / "in" / "all.zip", files)
    groups = intake()
    assert sorted(groups) == ["Lovelace", "Noether"] and all(g.notebooks for g in groups.values())


def test_who_left_the_names_out_of_a_flat_zip_still_has_a_row(tmp_path, intake):
    files = {
        "lovelaceada_12345_678901_01_toy.ipynb": notebook_of_people(("Ada Lovelace", "1")),
        "noetheremmy_12346_678902_01_toy.ipynb": notebook_of_people(),
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
        "Vera Rubin_1_assignsubmission_file_/01_toy.ipynb": notebook_of_people(("Vera Rubin", "1")),
        "Vera Rubin_1_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello",
    }
    put_zip(tmp_path / "in" / "moodle.zip", files)
    assert sorted(intake()) == ["Rubin"]


def test_a_group_cell_that_was_typed_anew(tmp_path, intake):
    notebook = nbformat.reads(notebook_of_people().decode(), 4)
    toy_sheet.delete("group")(notebook)
    toy_sheet.add('# we\nGROUP = [{"name": "Ada Lovelace", "tutorial": 3}]')(notebook)
    put_zip(tmp_path / "in" / "a.zip", {"01_toy.ipynb": nbformat.writes(notebook)})
    (group,) = intake().values()
    assert group.members == (toy_sheet.Member("Ada Lovelace", "3"),)


def test_two_notebooks_of_one_name_in_two_folders(tmp_path):
    authors = authors_of(toy_sheet.write_sheet(tmp_path / "notebooks"), 7)
    second = nbformat.from_dict(authors[1][1])
    second.metadata["course"]["exercise"] = 2
    nbformat.write(second, tmp_path / "notebooks" / "02_toy.ipynb")
    authors = authors_of(tmp_path / "notebooks", 7)
    contents = []
    for exercise in (1, 2):
        notebook = nbformat.reads(notebook_of_people().decode(), 4)
        notebook.metadata["course"]["exercise"] = exercise
        contents.append(nbformat.writes(notebook).encode())
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


def test_a_grade_book_of_the_first_version_keeps_its_marks(tmp_path):
    old = sqlite3.connect(tmp_path / "gradebook.sqlite")
    old.executescript(OLD_BOOK)
    old.close()
    for _ in range(2):  # once brought to the new form, it stays so
        with GradeBook(tmp_path / "gradebook.sqlite") as book:
            (group,) = book.groups()
            assert [(s.proposed, s.marked, s.comment) for s in group.scores] == [(0.0, 1.5, "well said")]
            assert group.members == (toy_sheet.Member("Ada Lovelace", "3", "0012"),)
            result = group.notebooks[1]
            assert (result.status, result.place, result.more, result.detail) == (
                Status.FAILED,
                "cell 6",
                2,
                "ValueError: (x)",
            )
            assert str(result) == "failed at cell 6 and 2 more (ValueError: (x))"
            assert [k.slug for k in book.known()] == ["Lovelace"]


OLD_BOOK = """
create table items (position integer, id text primary key, exercise integer, cell text,
    title text, points real, checked integer, answers text);
create table groups (slug text primary key, identity text unique, present integer,
    hand_ins text, members text, remarks text);
create table notebooks (slug text, exercise integer, name text, file text, executed integer,
    verdict text, seconds real, tampered text, suspicions text, primary key (slug, exercise));
create table proposals (slug text, item text, points real, reason text, primary key (slug, item));
create table similar (one text, other text, exercise integer, score real);
create table marks (slug text, item text, points real, comment text, primary key (slug, item));
insert into items values (0, '1.a-words', 1, 'a-words', 'Words', 2, 0, '["a-words"]');
insert into groups values ('Lovelace', '["ada lovelace"]', 1, '["a.zip"]',
    '[{"name": "Ada Lovelace", "tutorial": "3", "matriculation": "0012"}]', '[]');
insert into notebooks values ('Lovelace', 1, '01.ipynb', 'x.ipynb', 1,
    'failed at cell 6 and 2 more (ValueError: (x))', 2.5, '[]', '[]');
insert into proposals values ('Lovelace', '1.a-words', 0, 'not answered');
insert into marks values ('Lovelace', '1.a-words', 1.5, 'well said');
"""


RICH = {
    "Math": ({"text/latex": r"$\displaystyle \frac{1}{2}$", "text/plain": "<Math object>"}, "<mfrac>"),
    "Latex": (
        {"text/latex": r"\begin{equation}x^2\end{equation}", "text/plain": "<Latex object>"},
        "<msup>",
    ),
    "HTML": ({"text/html": "<h3>Fit</h3><ul><li>one</li></ul>", "text/plain": "<HTML object>"}, "<li>one"),
    "picture in HTML": (
        {"text/html": '<img src="data:image/png;base64,iVBORw0KGgo=" onload="x()">', "text/plain": "<HTML>"},
        'src="data:image/png;base64,iVBORw0KGgo="',
    ),
    "widget": ({"text/html": "<script>draw()</script><div></div>", "text/plain": "a widget"}, "a widget"),
    "remote picture": (
        {"text/html": '<img src="http://x.org/a.png">', "text/plain": "a picture from the web"},
        "a picture from the web",
    ),
}


@pytest.mark.parametrize("kind", RICH)
def test_rich_outputs_are_shown_in_the_feedback(kind):
    data, expected = RICH[kind]
    cell = nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("display_data", data=data)])
    page = cells_as_html(nbformat.v4.new_notebook(cells=[cell]), lambda item: "")
    assert expected in page and "object&gt;" not in page
    assert "onload" not in page and "<script" not in page and "http:" not in page.replace("http://www.w3", "")


@sandboxed
def test_own_modules_and_data_are_there_when_the_notebook_is_marked(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    notebook = nbformat.reads(toy_sheet.hand_in("good", members).decode(), 4)
    toy_sheet.find(notebook, "a-mean").source = "from tools import mean"
    toy_sheet.add("shift = np.loadtxt('data/shift.csv')")(notebook)
    files = {
        "sub/01_toy.ipynb": nbformat.writes(notebook),
        "sub/tools.py": "def mean(x):\n    return sum(x) / len(x)\n",
        "sub/data/shift.csv": "1.5\n",
        "sub/numpy.py": "raise RuntimeError\n",
        "sub/large.csv": "1\n" * 3_000_000,
    }
    put_zip(tmp_path / "in" / "a.zip", files)
    arguments = [tmp_path / "in"], 7, tmp_path / "notebooks", tmp_path / "out"
    (group,) = grade(*arguments, limits=LIMITS, report=lambda line: None)
    assert str(group.notebooks[1]) == "ran" and group.automatic == 4
    assert "numpy.py was not read: it would hide the package numpy" in "\n".join(group.remarks)
    assert "large.csv was not read: it holds more than 5 MB" in "\n".join(group.remarks)
    # another module is another hand-in
    put_zip(tmp_path / "in" / "a.zip", files | {"sub/tools.py": "def mean(x):\n    return 0\n"})
    (group,) = grade(*arguments, limits=LIMITS, report=lambda line: None)
    assert group.automatic == 3


@sandboxed
def test_a_guard_that_was_silenced_is_told(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    silence = (
        "import sys\n\nfor name, module in list(sys.modules.items()):\n    if name.startswith('course_'):\n"
        "        module.restore = lambda *_: None\n"
    )
    notebook = nbformat.reads(toy_sheet.hand_in("good", members).decode(), 4)
    toy_sheet.add("import quiet", before="b-norm")(notebook)
    put_zip(tmp_path / "in" / "a.zip", {"01_toy.ipynb": nbformat.writes(notebook), "quiet.py": silence})
    arguments = [tmp_path / "in"], 7, tmp_path / "notebooks", tmp_path / "out"
    (group,) = grade(*arguments, limits=LIMITS, report=lambda line: None)
    silenced = "what should put back the originals before it was silenced"
    told = group.notebooks[1].suspicions
    assert [f"{check}: {silenced}" for check in ("b-norm-check", "e-order-check")] == told[-2:]
    assert f"a-mean-check: {silenced}" not in told and "quiet.py: uses sys.modules" in "\n".join(told)


def test_a_module_that_two_groups_share_is_told(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    module = "\n".join(f"def step_{k}(first):\n    return {k} * first - {k * k}\n" for k in range(9))
    for number, text in enumerate([module, module.replace("first", "other"), "x = 1"]):
        notebook = toy_sheet.hand_in("untouched", toy_sheet.people(number))
        put_zip(tmp_path / "in" / f"{number}.zip", {"01_toy.ipynb": notebook, "steps.py": text})
    arguments = [tmp_path / "in"], 7, tmp_path / "notebooks", tmp_path / "out"
    groups = {group.hand_ins[0]: group for group in grade(*arguments, report=lambda line: None)}
    assert groups["0.zip"].similar == [(groups["1.zip"].slug, 1, 1.0)] and groups["2.zip"].similar == []


def test_zips_of_others_beside_a_loose_notebook_stay_their_own(tmp_path, intake):
    ada, emmy = toy_sheet.Member("Ada Lovelace", "1"), toy_sheet.Member("Emmy Noether", "1")
    folder = tmp_path / "in" / "tutorial1"
    for member in (ada, emmy):
        toy_sheet.pack(folder / f"{member.name[:3]}.zip", toy_sheet.hand_in("good", [member]), [member])
    (folder / "lise.ipynb").write_bytes(notebook_of_people(("Lise Meitner", "1")))
    assert sorted(intake()) == ["Lovelace", "Meitner", "Noether"]
    (tmp_path / "in" / "group.toml").write_text('[[members]]\nname = "Vera Rubin"\n')
    assert {"Lovelace", "Meitner", "Noether"} <= set(intake())


def test_a_group_toml_beside_a_zip_says_whose_it_is(tmp_path, intake):
    put_zip(tmp_path / "in" / "x" / "x.zip", {"01_toy.ipynb": notebook_of_people()})
    (tmp_path / "in" / "x" / "group.toml").write_text('[[members]]\nname = "Vera Rubin"\n')
    (group,) = intake().values()
    assert group.slug == "Rubin" and group.notebooks


def test_notebooks_of_others_beside_a_group_toml_and_without_names(tmp_path, intake):
    folder = tmp_path / "in" / "x"
    folder.mkdir(parents=True)
    (folder / "ada.ipynb").write_bytes(notebook_of_people(("Ada Lovelace", "1")))
    (folder / "nobody.ipynb").write_bytes(toy_sheet.hand_in("untouched", []))
    groups = intake()
    assert sorted(groups) == ["Lovelace", "unknown_x"] and all(g.notebooks for g in groups.values())
    (folder / "emmy.ipynb").write_bytes(notebook_of_people(("Emmy Noether", "1")))
    (folder / "group.toml").write_text('[[members]]\nname = "Ada Lovelace"\n')
    assert {"Lovelace", "Noether"} <= set(intake())


def test_marks_stay_with_who_handed_in_the_same_file_before(tmp_path, intake):
    put_zip(tmp_path / "in" / "z.zip", {"01_toy.ipynb": with_matriculation("Anna Müller", "11")})
    put_zip(tmp_path / "in" / "a.zip", {"01_toy.ipynb": with_matriculation("Anna Müller", "22")})
    known = [Submission((toy_sheet.Member("Anna Müller", ""),), "Marked", earlier=["z.zip"])]
    groups = intake(known)
    assert {slug: g.members[0].matriculation for slug, g in groups.items()} == {
        "Marked": "11",
        "Mueller": "22",
    }


def test_another_tutorial_or_a_group_toml_later_keeps_the_group(tmp_path, intake):
    put_zip(tmp_path / "in" / "a.zip", {"01_toy.ipynb": notebook_of_people(("Ada Lovelace", "3"))})
    known = [Submission((toy_sheet.Member("Ada Lovelace", "2"),), "Marked", earlier=["old.zip"])]
    (group,) = intake(known).values()
    assert (group.slug, group.members[0].tutorial) == ("Marked", "3")
    assert "the same people?" in "".join(group.remarks)
    (group,) = intake([Submission((), "unknown_a-zip", earlier=["a.zip"])]).values()
    assert (group.slug, group.members[0].name) == ("unknown_a-zip", "Ada Lovelace")


def test_two_unknown_files_of_one_name_keep_their_rows(tmp_path, intake):
    for folder in ("t1", "t2"):
        put_zip(tmp_path / "in" / folder / "sub" / "abgabe.zip", {"01_toy.ipynb": notebook_of_people()})
    authors = authors_of(tmp_path / "notebooks", 7)
    paths = [tmp_path / "in" / "t1" / "sub", tmp_path / "in" / "t2" / "sub"]
    first = take_in(paths, authors, tmp_path / "kept", [], print)
    assert [g.slug for g in first] == ["unknown_abgabe-zip", "unknown_abgabe-zip_2"]
    known = [Submission((), g.slug, earlier=g.hand_ins) for g in first]
    assert [g.slug for g in take_in(paths, authors, tmp_path / "kept", known, print)] == [
        g.slug for g in first
    ]


def test_the_name_of_a_folder_does_not_name_the_exercise(tmp_path, intake):
    folder = tmp_path / "in" / "x" / "01_toy"
    folder.mkdir(parents=True)
    other = nbformat.reads(notebook_of_people(("Ada Lovelace", "1")).decode(), 4)
    other.metadata["course"]["sheet"] = 8
    nbformat.write(other, folder / "02_other.ipynb")
    (group,) = intake().values()
    assert not group.notebooks and "02_other.ipynb is no notebook of this sheet" in group.remarks[0]


def test_a_name_with_bad_bytes_stops_nobody(tmp_path, intake):
    folder = tmp_path / "in" / "ada"
    folder.mkdir(parents=True)
    (folder / "01_toy.ipynb").write_bytes(notebook_of_people(("Ada Lovelace", "1")))
    try:
        Path(os.fsdecode(bytes(folder) + b"/w\xe4rme.csv")).write_bytes(b"1\n")
    except OSError:
        pytest.skip("this file system has no such names")
    (group,) = intake().values()
    assert group.notebooks and "runs with files of its own: w?rme.csv" in "".join(group.remarks)


@sandboxed
def test_a_module_that_reaches_into_checks_is_seen(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    hooks = (
        "import ast\n\n\nclass T(ast.NodeTransformer):\n    def visit_Assert(self, node):\n"
        "        return ast.Pass()\n\n\nget_ipython().ast_transformers.append(T())\n"
    )
    patch = "import numpy as np\n\n\ndef allclose(*a, **k):\n    return True\n\n\nnp.allclose = allclose\n"
    for module, source in (("mytools", f"from IPython import get_ipython\n{hooks}"), ("numpytools", patch)):
        notebook = nbformat.reads(toy_sheet.hand_in("wrong norm", members).decode(), 4)
        toy_sheet.add(f"import {module}")(notebook)
        files = {"01_toy.ipynb": nbformat.writes(notebook), f"{module}.py": source}
        put_zip(tmp_path / "in" / "a.zip", files)
        arguments = [tmp_path / "in"], 7, tmp_path / "notebooks", tmp_path / "out"
        (group,) = grade(*arguments, limits=LIMITS, report=lambda line: None)
        assert {s.item.id: s.points for s in group.scores}["1.b-norm-check"] == 0
        assert any(module in line for line in group.notebooks[1].suspicions)


# looks for a text in what IPython and Python keep, each time that it is called; the text of the check that is
# running stands in the frames of its callers too, out of which nothing takes it
LOOKS = """
import linecache

from IPython import get_ipython

shell = get_ipython()
found, seen = set(), []
shell.events.register("pre_run_cell", seen.append)


def norm(x):
    last = shell.last_execution_result
    places = {
        "In": shell.user_ns["In"],
        "raw": shell.history_manager.input_hist_raw,
        "parsed": shell.history_manager.input_hist_parsed,
        "range": list(shell.history_manager.get_range()),
        "lines": linecache.cache,
        "message": shell.kernel.get_parent("shell"),
        "parent": shell.get_parent(),
        "last": last and last.info.raw_cell,
        "hook": [info.raw_cell for info in seen],
    }
    for place, content in places.items():
        for text in ("in range(SIZE)", "norm is " + "wrong", "three " + "dimensions", "seal" + "("):
            if text in str(content):
                found.add(f"{place}: {text}")
    return sum(value**2 for value in x) ** 0.5
"""


@sandboxed
def test_a_module_finds_no_check_in_what_ipython_keeps(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    members = toy_sheet.people(0)
    notebook = nbformat.reads(toy_sheet.hand_in("good", members).decode(), 4)
    toy_sheet.find(notebook, "b-norm").source = "from looks import found, norm"
    notebook.cells.append(v4.new_code_cell("print(sorted(found))\nprint(len(In) > 5)"))
    files = {"01_toy.ipynb": nbformat.writes(notebook), "looks.py": LOOKS}
    put_zip(tmp_path / "in" / "a.zip", files)
    arguments = [tmp_path / "in"], 7, tmp_path / "notebooks", tmp_path / "out"
    (group,) = grade(*arguments, limits=LIMITS, report=lambda line: None)
    assert {s.item.id: s.points for s in group.scores}["1.b-norm-check"] == 2
    executed = nbformat.read(tmp_path / "out" / "executed" / group.slug / "01_toy.ipynb", 4)
    places = ("In", "hook", "lines", "message", "parent", "parsed", "range", "raw")
    expected = [f"{place}: in range(SIZE)" for place in places]  # their own cell, and no check
    assert executed.cells[-1].outputs[0].text == f"{expected}\nTrue\n"
    assert "1.b" not in group.notebooks[1].tampered
    assert any("looks.py: imports IPython.get_ipython" in line for line in group.notebooks[1].suspicions)


def test_a_broken_or_newer_grade_book_is_refused_in_words(tmp_path):
    path = tmp_path / "gradebook.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(CourseError, match="is no grade book"):
        GradeBook(path)
    path.unlink()
    newer = sqlite3.connect(path)
    newer.execute("pragma user_version = 99")
    newer.close()
    with pytest.raises(CourseError, match="newer version of this package"):
        GradeBook(path)


def test_code_that_turns_its_direction_is_shown_straight():
    cell = nbformat.v4.new_code_cell("x = 1  # \u202eevil\u2066")
    page = cells_as_html(nbformat.v4.new_notebook(cells=[cell]), lambda item: "")
    assert not {"\u202e", "\u2066"} & set(page) and "evil" in page
