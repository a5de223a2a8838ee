"""The hand-in as students meet it: the zip and what is in it, every refusal, nothing lost or overwritten."""

import io
import os
import unicodedata
import zipfile

import nbformat
import numpy as np
import pytest
import typst
from click.testing import CliRunner
from nbformat import v4
from PIL import Image
from pypdf import PdfReader, PdfWriter

from helpers.course import handin
from helpers.course.cli import main
from helpers.course.companions import companions_of
from helpers.course.group import Member, file_stem, read_group, to_toml

NAMES = ["Ada Lovelace", "Marie Curie-Skłodowska", "Emmy Nöther"]
STEM = "sheet04_CurieSklodowska_Lovelace_Noether"


def group(names=NAMES, tutorials=(1, 1, 2)):
    return f"GROUP = {[{'name': n, 'tutorial': t} for n, t in zip(names, tutorials, strict=True)]}"


def notebook(*sources, group_cell=None, sheet=4, metadata=None):
    cells = [v4.new_code_cell(group_cell or group(), metadata={"tags": ["group"]}, id="group")]
    cells += [v4.new_code_cell(s, id=f"cell-{i}") for i, s in enumerate(sources or ["print(6 * 7)"], 2)]
    return v4.new_notebook(cells=cells, metadata=metadata or {"title": "Worked", "course": {"sheet": sheet}})


@pytest.fixture
def write(tmp_path):
    def write(*sources, name="01_worked", **options):
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook(*sources, **options), path)
        return path

    return write


@pytest.fixture
def never_run(monkeypatch):
    def execute(*_, **__):
        raise AssertionError("this was to be refused before anything runs")

    monkeypatch.setattr(handin, "execute", execute)


def course(*arguments):
    return CliRunner().invoke(main, ["handin", *map(str, arguments)])


def refused(*arguments):
    result = course(*arguments)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    return result.output


def pdf_file(path, *texts, **encryption):
    pages = "\n#pagebreak()\n".join(f"#[{t}]" for t in texts)
    writer = PdfWriter(io.BytesIO(typst.compile(pages.encode())))
    if encryption:
        writer.encrypt(**encryption, algorithm="RC4-128")
    writer.write(path)
    return path


def photo(path, orientation=6):
    """Brighter towards its upper edge once it is turned as EXIF says; as a phone held upright stores it."""
    upright = np.linspace(250, 20, 640).astype(np.uint8)[:, None] * np.ones(480, np.uint8)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "SECRETPHONE"
    Image.fromarray(np.rot90(upright)).save(path, exif=exif)
    return path


def unpacked(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {n: archive.read(n) for n in archive.namelist()}


def test_everything_in_one_zip(write, tmp_path):
    path = write("print(6 * 7)", "# YOUR CODE HERE\npass")
    path.write_text(path.read_text().replace('"id": "cell-3"', '"id": "b-answer"'))
    loaded = nbformat.read(path, 4)
    loaded.cells[2].metadata["nbgrader"] = {"solution": True}
    nbformat.write(loaded, path)
    before = path.read_bytes()
    scan = pdf_file(tmp_path / "scan.pdf", "first theory page", "second theory page")
    result = course(path, "--theory", scan, photo(tmp_path / "photo.jpg"))
    assert result.exit_code == 0, result.output
    assert path.read_bytes() == before, "the student's notebook is not touched"
    assert {p.name for p in tmp_path.iterdir()} == {"01_worked.ipynb", "scan.pdf", "photo.jpg", f"{STEM}.zip"}

    parts = unpacked(tmp_path / f"{STEM}.zip")
    assert set(parts) == {f"{STEM}.pdf", "01_worked.ipynb", "checklist.txt", "group.toml"}
    pages = PdfReader(io.BytesIO(parts[f"{STEM}.pdf"])).pages
    texts = [p.extract_text() for p in pages]
    assert len(texts) == 5
    assert all(name in texts[0] for name in NAMES) and "Sheet 4" in texts[0] and "Tutorial" in texts[0]
    assert "first theory page" in texts[1] and "second theory page" in texts[2]
    assert "print(6 * 7)" in texts[4] and "42" in texts[4]

    grey = np.asarray(pages[3].images[0].image.convert("L"), float)
    assert pages[3].mediabox.height > pages[3].mediabox.width and grey.shape == (640, 480)
    assert grey[:50].mean() > 220 and grey[-50:].mean() < 50, "the photo stands upright"
    assert b"SECRETPHONE" not in parts[f"{STEM}.pdf"]

    ran = nbformat.reads(parts["01_worked.ipynb"].decode(), 4)
    assert [c.execution_count for c in ran.cells] == [1, 2, 3] and ran.cells[1].outputs[0].text == "42\n"
    checklist = parts["checklist.txt"].decode()
    assert checklist in result.output
    for line in (
        "PDF: 5 pages",
        "Theory: 3 pages",
        "scan.pdf: 2 pages",
        "3 of 3 code cells run, from a clean state",
        "empty answer cells: 1, cell 3 (b-answer)",
        "NotImplementedError left over: none",
    ):
        assert line in checklist
    for line in ("3 of 3 code cells run", "cell 3 (b-answer)"):
        assert line in texts[0]


def test_same_files_same_zip(write, tmp_path, monkeypatch):
    path, scan = write(), pdf_file(tmp_path / "scan.pdf", "theory")
    assert course(path, "--theory", scan).exit_code == 0
    first = (tmp_path / f"{STEM}.zip").read_bytes()
    remade = course(path, "--theory", scan, "--overwrite")
    assert "replaces the earlier one" in remade.output
    assert (tmp_path / f"{STEM}.zip").read_bytes() == first
    monkeypatch.setattr(handin, "execute", None)
    again = course(path, "--theory", scan)
    assert again.exit_code == 0 and "made from the same files" in again.output
    assert (tmp_path / f"{STEM}.zip").read_bytes() == first


def test_another_hand_in_is_never_overwritten_silently(write, tmp_path):
    path, target = write("print(1)"), tmp_path / f"{STEM}.zip"
    assert course(path).exit_code == 0
    first = target.read_bytes()
    write("print(2)")
    assert "--overwrite" in refused(path)
    assert "--overwrite" in refused(path, "--theory", pdf_file(tmp_path / "scan.pdf", "theory"))
    assert target.read_bytes() == first
    other = write(name="02_more")
    assert "is there already, with 01_worked.ipynb" in refused(other)
    other.unlink()
    assert "replaces the earlier one with 01_worked.ipynb" in course(path, "--overwrite").output
    assert b"print(2)" in unpacked(target)["01_worked.ipynb"]
    target.write_bytes(target.read_bytes()[:-100])
    assert "--overwrite" in refused(path), "a torn zip is not taken for the same"


def test_what_is_there_survives_a_failure(write, tmp_path, monkeypatch):
    path, scan, target = write(), pdf_file(tmp_path / "scan.pdf", "theory"), tmp_path / f"{STEM}.zip"
    assert course(path).exit_code == 0
    before = {p: p.read_bytes() for p in (path, scan, target)}

    def full(*_, **__):
        raise OSError("no space left on device")

    monkeypatch.setattr(handin.zipfile.ZipFile, "writestr", full)
    assert "no space left" in refused(path, "--theory", scan, "--overwrite")
    assert {p: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_scans_are_checked_before_anything_runs(write, tmp_path, never_run):
    path, scan = write(), tmp_path / "scan.pdf"
    pdf_file(scan, "theory", user_password="secret")
    assert "scan.pdf is locked (encrypted)" in refused(path, "--theory", scan)
    scan.write_bytes(pdf_file(scan, "theory").read_bytes()[:-200])
    assert "scan.pdf is truncated" in refused(path, "--theory", scan)
    scan.write_bytes(b"")
    assert "scan.pdf is empty" in refused(path, "--theory", scan)
    scan.with_suffix(".jpg").write_bytes(b"no photo")
    assert "scan.jpg cannot be read as a photo" in refused(path, "--theory", scan.with_suffix(".jpg"))
    assert not list(tmp_path.glob("*.zip"))


def test_failing_cell_is_named_and_stops_unless_as_is(write, tmp_path):
    path = write("x = 1", "print(x / 0)")
    output = refused(path)
    assert "stopped at cell 3 (cell-3)" in output and "ZeroDivisionError" in output and "--as-is" in output
    assert [p.name for p in tmp_path.iterdir()] == [path.name]

    saved = nbformat.read(path, 4)
    saved.cells[1].execution_count = 7
    saved.cells[2] = v4.new_code_cell(
        "print(x / 0)",
        id="cell-3",
        execution_count=3,
        outputs=[v4.new_output("error", ename="ZeroDivisionError", evalue="", traceback=["division"])],
    )
    nbformat.write(saved, path)
    result = course(path, "--as-is")
    assert result.exit_code == 0, result.output
    assert "2 of 3 code cells run, NOT run again, as it was saved, NOT from top to bottom" in result.output
    assert "ended in an error: 1, cell 3 (cell-3)" in result.output
    kept = unpacked(tmp_path / f"{STEM}.zip")["01_worked.ipynb"].decode()
    assert nbformat.reads(kept, 4).cells == saved.cells


def test_leftover_stubs_and_errors_let_through_by_tags_are_listed(write, tmp_path):
    path = write("def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()", "%time x = 1", "1 / 0")
    loaded = nbformat.read(path, 4)
    loaded.cells[3].metadata["tags"] = ["raises-exception"]
    nbformat.write(loaded, path)
    output = course(path).output
    assert "NotImplementedError left over: 1, cell 2 (cell-2)" in output
    assert "ended in an error: 1, cell 4 (cell-4)" in output


def test_two_notebooks_of_one_sheet(write, tmp_path):
    paths = write("print('one')"), write("print('two')", name="02_more")
    scan, other = (pdf_file(tmp_path / f"{n}.pdf", f"theory {n}") for n in "ab")
    assert course("--theory", scan, other, "--group-size", 3, *paths).exit_code == 0
    parts = unpacked(tmp_path / f"{STEM}.zip")
    assert {"01_worked.ipynb", "02_more.ipynb"} < set(parts)
    texts = [p.extract_text() for p in PdfReader(io.BytesIO(parts[f"{STEM}.pdf"])).pages]
    assert [t in x for t, x in zip(("theory a", "theory b", "one", "two"), texts[1:], strict=True)] == [
        True
    ] * 4
    assert "hand in sheet by sheet" in refused(paths[0], write(name="03_later", sheet=5))
    stranger = group(["A B", "C D", "E F"])
    assert "different groups" in refused(paths[0], write(name="04_other", group_cell=stranger))
    assert "expected different notebooks" in refused(paths[0], paths[0])


def test_a_notebook_that_hands_itself_in_ends(write, tmp_path, monkeypatch):
    path = write("import os; print(os.environ['COURSE_HANDIN'])")
    assert course(path).exit_code == 0
    monkeypatch.setenv("COURSE_HANDIN", "1")
    result = course(path, "--overwrite")
    assert result.exit_code == 0 and "just being handed in" in result.output


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
    assert message in refused(write(group_cell=cell))


def test_the_group_cell_is_not_executed_to_be_read(tmp_path):
    trap = f"import os; os.mkdir({str(tmp_path / 'trap')!r})\n{group()}"
    assert len(read_group(notebook(group_cell=trap), tmp_path / "x.ipynb")) == 3
    assert not (tmp_path / "trap").exists()


def test_group_toml_beside_the_notebook(write, tmp_path, never_run):
    members = [Member('Ada \\ "L" Lovelace', "3", "0123"), Member("Emmy Nöther", "4")]
    beside = tmp_path / "group.toml"
    beside.write_text("\ufeff" + to_toml(members), encoding="utf-8")
    path = write(group_cell=group(["", "", ""], (None,) * 3))
    assert read_group(nbformat.read(path, 4), path, size=2) == tuple(members)
    assert "2 names" in refused(path)
    assert "correct one of them" in refused(
        write(group_cell=group(["A B", "C D"], (1, 2))), "--group-size", 2
    )
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


def test_names_cannot_inject_code_into_the_cover(write, tmp_path):
    hostile = '#read("/etc/passwd") $x$ \\ *b* Evil'
    assert course(write(group_cell=group([hostile, *NAMES[1:]]))).exit_code == 0
    (made,) = tmp_path.glob("*.zip")
    assert made.name == "sheet04_CurieSklodowska_Evil_Noether.zip"
    (pdf,) = (c for n, c in unpacked(made).items() if n.endswith(".pdf"))
    assert '#read("/etc/passwd") $x$ \\ *b* Evil' in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_notebooks_that_are_refused(write, tmp_path, never_run):
    assert "metadata course.sheet is None" in refused(write(metadata={"title": "x"}))
    assert "metadata course.sheet is None" in refused(write(metadata={"course": "x"}))
    assert "metadata course.sheet is '../4'" in refused(write(sheet="../4"))
    assert "was never executed" in refused(write(), "--as-is")
    torn = tmp_path / "torn.ipynb"
    for text in ("", "{", "[]", "[" * 10_000, '{"nbformat": 4}', '{"nbformat": 4, "cells": [{}]}', "\0"):
        torn.write_text(text)
        assert "torn.ipynb is no notebook" in refused(torn), text[:40]
    odd = nbformat.writes(notebook()).replace('"execution_count": null', '"execution_count": [1]')
    for text in (odd.replace('"outputs": []', '"outputs": [{}]'), odd.replace('"source": [', '"was": [')):
        torn.write_text(text)
        assert "torn.ipynb is no notebook" in refused(torn, "--as-is")
    nbformat.write(v4.new_notebook(), torn)
    assert "is empty: no cell holds code" in refused(torn)
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(" \n"), v4.new_markdown_cell("text")]), torn)
    assert "is empty: no cell holds code" in refused(torn)
    for bad in ("..\\x.ipynb", ".hidden.ipynb", "a\nb.ipynb", "scan.pdf"):
        (tmp_path / bad).write_bytes(write().read_bytes())
        assert "is no name of a notebook" in refused(write(), tmp_path / bad)
    assert "expected a notebook" in refused(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_refused(write, tmp_path, never_run):
    path, secret = write(), pdf_file(tmp_path / "secret.pdf", "secret")
    for name, target in (("link.ipynb", path), ("scan.pdf", secret), ("group.toml", secret)):
        (tmp_path / name).symlink_to(target)
    assert "link" in refused(tmp_path / "link.ipynb")
    assert "group.toml is a link" in refused(path)
    (tmp_path / "group.toml").unlink()
    assert "scan.pdf is a link" in refused(path, "--theory", tmp_path / "scan.pdf")
    (tmp_path / f"{STEM}.zip").symlink_to(secret)
    before = secret.read_bytes()
    assert "is there already" in refused(path, "--overwrite")
    assert secret.read_bytes() == before


def test_usage_errors_are_explained(write):
    assert "requires an argument" in course(write(), "--theory").output
    assert "does not exist" in course(write(), "--theory", "nowhere.pdf").output
    assert "Missing argument" in course().output


@pytest.mark.parametrize(
    "name",
    [
        "U\u0308bung 7",
        "01_toy [final]",
        "01_toy \u2013 Kopie",
        "Ada's",
        "a & b #2",
        "\U0001f469\u200d\U0001f52c",
    ],
)
def test_names_as_people_give_them(write, tmp_path, name):
    result = course(write(name=name))
    assert result.exit_code == 0, result.output
    (zipped,) = tmp_path.glob("*.zip")
    names = [n for n in unpacked(zipped) if n.endswith(".ipynb")]
    assert names == [unicodedata.normalize("NFC", f"{name}.ipynb")]


def test_a_notebook_with_a_byte_order_mark(write, tmp_path):
    path = write()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert course(path).exit_code == 0


def test_own_modules_and_small_data_come_along_and_run(write, tmp_path):
    (tmp_path / "tools.py").write_text("from more import seven\n\n\ndef double(x):\n    return 2 * x\n")
    (tmp_path / "more.py").write_text("seven = 7\n")
    (tmp_path / "data").mkdir()
    np.savetxt(tmp_path / "data" / "points.csv", [1.0, 2.0])
    (tmp_path / "unused.py").write_text("x = 1\n")
    path = write(
        "import numpy as np\nimport tools\nx = np.loadtxt('data/points.csv')[1]\n"
        "print(tools.double(x + tools.seven))"
    )
    result = course(path)
    assert result.exit_code == 0, result.output
    assert "Files beside the notebooks: " in result.output
    parts = unpacked(tmp_path / f"{STEM}.zip")
    assert set(parts) - {f"{STEM}.pdf", "01_worked.ipynb", "checklist.txt", "group.toml"} == {
        "tools.py",
        "more.py",
        "data/points.csv",
    }
    assert b"18.0" in parts["01_worked.ipynb"]
    before = (tmp_path / f"{STEM}.zip").read_bytes()
    (tmp_path / "more.py").write_text("seven = 8\n")
    assert "add --overwrite" in course(path).output and (tmp_path / f"{STEM}.zip").read_bytes() == before


def test_a_module_that_would_hide_a_package_is_refused(write, tmp_path, never_run):
    (tmp_path / "numpy.py").write_text("x = 1\n")
    assert "numpy.py cannot be handed in: it would hide the package numpy" in refused(write("import numpy"))


def test_nothing_outside_of_the_folder_comes_along(write, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "secret.txt").write_text("SECRET")
    (tmp_path / "a" / "link.txt").symlink_to(tmp_path / "secret.txt")
    path = tmp_path / "a" / "01_worked.ipynb"
    names = ["../secret.txt", str(tmp_path / "secret.txt"), "link.txt", "/etc/hostname", "x" * 500]
    nbformat.write(notebook(f"x = {names!r}"), path)
    assert course(path).exit_code == 0
    (zipped,) = (tmp_path / "a").glob("*.zip")
    assert not any(b"SECRET" in content for content in unpacked(zipped).values())
    assert not [n for n in unpacked(zipped) if n.endswith(".txt") and n != "checklist.txt"]


def test_a_package_with_relative_imports_comes_along_whole(write, tmp_path):
    (tmp_path / "tools" / "deep").mkdir(parents=True)
    (tmp_path / "tools" / "__init__.py").write_text("from .core import mean\n")
    (tmp_path / "tools" / "core.py").write_text("from . import more\nfrom .deep.base import mean\n")
    (tmp_path / "tools" / "more.py").write_text("x = 1\n")
    (tmp_path / "tools" / "deep" / "base.py").write_text(
        "from ..more import x\n\n\ndef mean(v):\n    return x\n"
    )
    path = write("import tools\nprint(tools.mean([3]))\nnames = ['../x.csv', 'tools/../more.csv']")
    (tmp_path / "more.csv").write_text("1\n")
    found = companions_of(nbformat.read(path, 4), tmp_path)
    assert set(found) == {"tools/__init__.py", "tools/core.py", "tools/more.py", "tools/deep/base.py"}
