"""The hand-in as students meet it: the zip and what is in it, every refusal, nothing lost or overwritten."""

import unicodedata

import nbformat
import numpy as np
import pytest
from nbformat import v4
from PIL import Image

from helpers.course import handin
from tests.builders.files import unzipped
from tests.builders.pdfs import pages_of, pdf_file
from tests.builders.worked import NAMES, STEM, course, group, refused


def photo(path, orientation=6):
    """Brighter towards its upper edge once it is turned as EXIF says; as a phone held upright stores it."""
    upright = np.linspace(250, 20, 640).astype(np.uint8)[:, None] * np.ones(480, np.uint8)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "SECRETPHONE"
    Image.fromarray(np.rot90(upright)).save(path, exif=exif)
    return path


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

    parts = unzipped(tmp_path / f"{STEM}.zip")
    assert set(parts) == {f"{STEM}.pdf", "01_worked.ipynb", "checklist.txt", "group.toml"}
    pages = pages_of(parts[f"{STEM}.pdf"])
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
        "empty answer cells: cell 3 (b-answer)",
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
    assert b"print(2)" in unzipped(target)["01_worked.ipynb"]
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


def test_failing_cell_is_named_and_stops_unless_as_is(write, tmp_path):
    path = write("x = 1", "print(x / 0)")
    output = refused(path)
    assert "stopped at cell 3 (cell-3)" in output and "ZeroDivisionError: division by zero" in output
    assert "--as-is" in output and "Traceback" not in output
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
    assert "ended in an error: cell 3 (cell-3)" in result.output
    kept = unzipped(tmp_path / f"{STEM}.zip")["01_worked.ipynb"].decode()
    assert nbformat.reads(kept, 4).cells == saved.cells


def test_leftover_stubs_and_errors_let_through_by_tags_are_listed(write, tmp_path):
    path = write("def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()", "%time x = 1", "1 / 0")
    loaded = nbformat.read(path, 4)
    loaded.cells[3].metadata["tags"] = ["raises-exception"]
    nbformat.write(loaded, path)
    output = course(path).output
    assert "NotImplementedError left over: cell 2 (cell-2)" in output
    assert "ended in an error: cell 4 (cell-4)" in output


def test_two_notebooks_of_one_sheet(write, tmp_path):
    paths = write("print('one')"), write("print('two')", name="02_more")
    scan, other = (pdf_file(tmp_path / f"{n}.pdf", f"theory {n}") for n in "ab")
    assert course("--theory", scan, other, "--group-size", 3, *paths).exit_code == 0
    parts = unzipped(tmp_path / f"{STEM}.zip")
    assert {"01_worked.ipynb", "02_more.ipynb"} < set(parts)
    texts = [p.extract_text() for p in pages_of(parts[f"{STEM}.pdf"])]
    assert [t in x for t, x in zip(("theory a", "theory b", "one", "two"), texts[1:], strict=True)] == [
        True
    ] * 4
    assert "hand in sheet by sheet" in refused(paths[0], write(name="03_later", sheet=5))
    stranger = group(["A B", "C D", "E F"])
    assert "different groups" in refused(paths[0], write(name="04_other", who=stranger))
    (tmp_path / "05_broken.ipynb").write_text("{", encoding="utf-8")
    said = course(paths[0], "--overwrite").output
    assert "Not in it, although of the same sheet: 02_more.ipynb, 04_other.ipynb\n" in said
    assert "expected different notebooks" in refused(paths[0], paths[0])


def test_a_notebook_that_hands_itself_in_ends(write, tmp_path, monkeypatch):
    path = write("import os; print(os.environ['COURSE_HANDIN'])")
    assert course(path).exit_code == 0
    monkeypatch.setenv("COURSE_HANDIN", "1")
    result = course(path, "--overwrite")
    assert result.exit_code == 0 and "just being handed in" in result.output


def test_names_cannot_inject_code_into_the_cover(write, tmp_path):
    hostile = '#read("/etc/passwd") $x$ \\ *b* Evil'
    assert course(write(who=group([hostile, *NAMES[1:]]))).exit_code == 0
    (made,) = tmp_path.glob("*.zip")
    assert made.name == "sheet04_CurieSklodowska_Evil_Noether.zip"
    (pdf,) = (c for n, c in unzipped(made).items() if n.endswith(".pdf"))
    assert '#read("/etc/passwd") $x$ \\ *b* Evil' in pages_of(pdf)[0].extract_text()


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
    names = [n for n in unzipped(zipped) if n.endswith(".ipynb")]
    assert names == [unicodedata.normalize("NFC", f"{name}.ipynb")]


def test_a_notebook_with_a_byte_order_mark(write, tmp_path):
    path = write()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert course(path).exit_code == 0
