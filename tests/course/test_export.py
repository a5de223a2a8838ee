"""PDF export: a corpus of hard constructs, random notebooks, and what no page may show or do."""

import base64
import re
import subprocess
from io import BytesIO
from itertools import pairwise

import nbformat
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from nbconvert.exporters import get_export_names, get_exporter
from nbformat import v4
from pypdf import PdfReader

from helpers.course.cli import main
from helpers.course.export import ExportError, export, export_all, export_untrusted
from helpers.course.exporter import TypstPDFExporter
from helpers.course.typeset import fonts
from helpers.course.typeset.document import make_pdf
from tests.builders import random_notebook
from tests.builders.hard_notebook import CASES, hard_notebook
from tests.builders.pdfs import pages_of, squeezed, text_of
from tests.builders.pictures import noise


@pytest.fixture(scope="module")
def hard(tmp_path_factory):
    """The corpus as text, case by case, and the warnings."""
    home = tmp_path_factory.mktemp("course") / "notebooks"
    (home / "sub dir").mkdir(parents=True)
    for path in (home / "local.png", home / "sub dir" / "local.png", home.parent / "outside.png"):
        path.write_bytes(base64.b64decode(noise()))
    (home / "link.png").symlink_to(home.parent / "outside.png")
    (home / "broken.png").write_bytes(b"no picture")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "_system_fonts", list)  # the same on every machine
        pdf, warnings = make_pdf(hard_notebook(), home)
    (home / "hard.pdf").write_bytes(pdf)
    whole = text_of(pdf)
    return {
        c.name: whole.split(f"CASE{i:03d}BEGIN")[1].split(f"CASE{i:03d}END")[0] for i, c in enumerate(CASES)
    }, warnings


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_hard_case(case, hard):
    page = squeezed(hard[0][case.name])
    for wanted in case.shows:
        assert squeezed(wanted) in page
    for unwanted in case.hides:
        assert squeezed(unwanted) not in page


def test_the_corpus_costs_only_what_is_broken(hard):
    pages, warnings = hard
    assert len(pages) > 100
    raw = [w for w in warnings if "shown as" in w and "glyph" not in w]
    assert sorted(re.findall(r"undefinedthing|frac\{a|def\\loop|picture that cannot", " ".join(raw))) == [
        "def\\loop",
        "frac{a",
        "picture that cannot",
        "undefinedthing",
    ]
    assert len(raw) == 4


def test_footnotes_stand_on_the_page():
    assert "the footnote" in text_of(
        make_pdf(v4.new_notebook(cells=[c.cell for c in CASES if c.name == "footnote"]))[0]
    )


def test_nothing_is_fetched_or_read(monkeypatch, tmp_path):
    """Pandoc is the only other process, and it gets nothing but the text on its standard input."""
    (tmp_path / "secret.html").write_text("<p>TOPSECRET</p>")
    asked, run = [], subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: asked.append(a) or run(*a, **k))
    frame = f'<iframe src="{tmp_path / "secret.html"}"></iframe><p>after the frame</p>'
    cells = [v4.new_markdown_cell(s) for s in ("![x](https://example.org/a.png)", frame)]
    cells += [v4.new_code_cell(outputs=[v4.new_output("display_data", {"text/html": frame})])]
    page = squeezed(text_of(make_pdf(v4.new_notebook(cells=cells))[0]))
    assert len(asked) == 1
    assert "notfetched" in page
    assert page.count("aftertheframe") == 2
    assert "TOPSECRET" not in page


def test_a_formula_that_only_typst_refuses_costs_only_itself(monkeypatch):
    monkeypatch.setattr("helpers.course.typeset.text.SYMBOLS", {})
    cells = [
        v4.new_markdown_cell(s)
        for s in (r"good $x_1$", r"bad $u \otimes v$", r"fine $y_2$ and bad $\bigcap$")
    ]
    pdf, warnings = make_pdf(v4.new_notebook(cells=cells))
    page = squeezed(text_of(pdf))
    assert "goodx1" in page and "finey2" in page
    assert r"TeX$u\otimesv$" in page and r"TeX$\bigcap$" in page
    assert len(warnings) == 2


# The page


def course_notebook(**metadata):
    group = 'GROUP = [{"name": "Ada Lovelace", "tutorial": 1}, {"name": "Emmy Nöther", "tutorial": 2}]'
    cells = [
        v4.new_markdown_cell("# A heading with $x^2$\n\nIntroduction."),
        v4.new_code_cell(group, metadata={"tags": ["group"]}),
        v4.new_code_cell("print(1)", execution_count=3, outputs=[v4.new_output("stream", text="1\n")]),
    ]
    return v4.new_notebook(cells=cells, metadata=metadata)


def test_title_authors_and_date():
    pdf, warnings = make_pdf(course_notebook(title="The title", date="1 May 2030"))
    assert warnings == []
    reader = PdfReader(BytesIO(pdf))
    assert reader.metadata.title == "The title"
    assert reader.metadata.author == "Ada Lovelace, Emmy Nöther"
    page = text_of(pdf)
    assert page.count("heading") == 1
    assert "Ada Lovelace, Emmy Nöther" in page and "1 May 2030" in page and "1 / 1" in page and "[3]" in page
    other, _ = make_pdf(course_notebook(authors=[{"name": "Someone Else"}]))
    assert PdfReader(BytesIO(other)).metadata.author == "Someone Else"


def test_pages_are_a4_and_nothing_sticks_out(hard, tmp_path):
    lines = ["x" * 300, "y " * 200, "z," * 200]
    cells = [
        v4.new_code_cell("\n".join(lines)),
        v4.new_markdown_cell(f"`{lines[0]}` {lines[0]}\n\n$${' + '.join('abcdefgh' * 12)}$$"),
    ]
    cells += [v4.new_code_cell("1", outputs=[v4.new_output("display_data", {"image/png": noise(2000, 100)})])]
    reader = PdfReader(BytesIO(make_pdf(v4.new_notebook(cells=cells))[0]))
    for page in reader.pages:
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        assert (round(width), round(height)) == (595, 842)
        seen = []
        page.extract_text(visitor_text=lambda text, cm, tm, *_, seen=seen: seen.append((text, cm, tm)))
        for text, cm, tm in seen:
            if text.strip():
                left = tm[4] * cm[0] + cm[4]
                assert 0 < left < width, text


def test_code_keeps_its_empty_lines():
    code = "\n".join(["a = 1", "", "", "b = 2"] * 8)
    page = pages_of(make_pdf(v4.new_notebook(cells=[v4.new_code_cell(code)]))[0])[0]
    heights = []
    page.extract_text(visitor_text=lambda t, cm, tm, *_: "=" in t and heights.append(tm[5] * cm[3] + cm[5]))
    gaps = [above - below for above, below in pairwise(heights)]
    assert gaps[::2] == pytest.approx([3 * gaps[1]] * 8, abs=0.3)
    assert gaps[1::2] == pytest.approx([gaps[1]] * 7, abs=0.3)


def test_a_figure_stays_with_the_end_of_its_code():
    figure = v4.new_output("display_data", {"image/png": noise(900, 700)})
    code = "\n".join(f"line_{i} = {i}" for i in range(40))
    for filler in (5, 15, 25):
        cells = [
            v4.new_markdown_cell("\n\n".join(["filler"] * filler)),
            v4.new_code_cell(code, outputs=[figure]),
        ]
        pages = pages_of(make_pdf(v4.new_notebook(cells=cells))[0])
        (page,) = (p for p in pages if len(p.images))
        assert "line_39" in page.extract_text()


def test_oversized_pictures_are_made_smaller():
    def size(pixels, **metadata):
        output = v4.new_output(
            "display_data", {"image/png": noise(pixels, 40)}, metadata={"image/png": metadata}
        )
        pdf, _ = make_pdf(v4.new_notebook(cells=[v4.new_code_cell("", outputs=[output])]))
        ((picture,),) = (list(page.images) for page in pages_of(pdf))
        return picture.image.width

    assert size(400) == 400
    assert size(1200, width=600) < 1300
    assert size(8000) < 2000


# The ways to it


def test_jupyter_lists_the_exporter_under_a_name_that_one_understands():
    assert "PDF_without_LaTeX" in get_export_names()
    exporter = get_exporter("PDF_without_LaTeX")
    assert exporter is TypstPDFExporter
    assert (exporter.export_from_notebook, exporter.output_mimetype) == (
        "PDF without LaTeX",
        "application/pdf",
    )


def test_exporter_reads_pictures_beside_the_notebook(tmp_path):
    (tmp_path / "a.png").write_bytes(base64.b64decode(noise()))
    path = tmp_path / "n.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("![a](a.png)\n\nshown")]), path)
    pdf, resources = TypstPDFExporter().from_filename(str(path))
    assert resources["output_extension"] == ".pdf"
    assert len(pages_of(pdf)[0].images) == 1
    assert export(path, tmp_path / "n.pdf") == []
    assert "shown" in text_of((tmp_path / "n.pdf").read_bytes())


def test_what_is_no_notebook_leaves_no_pdf(tmp_path):
    (tmp_path / "torn.ipynb").write_text('{"cells": [')
    with pytest.raises(ValueError, match=r"torn\.ipynb is no notebook"):
        export(tmp_path / "torn.ipynb", tmp_path / "torn.pdf")
    assert [p.name for p in tmp_path.iterdir()] == ["torn.ipynb"]


def test_only_what_changed_is_set_again(tmp_path):
    for name in ("a", "b"):
        nbformat.write(course_notebook(), tmp_path / f"{name}.ipynb")
    (tmp_path / "torn.ipynb").write_text("{")
    paths, said = sorted(tmp_path.glob("*.ipynb")), []
    assert export_all(paths, tmp_path / "pdf", report=said.append) == ["torn"]
    assert sorted(p.name for p in (tmp_path / "pdf").iterdir()) == ["a.pdf", "b.pdf"]
    said.clear()
    export_all(paths[:2], tmp_path / "pdf", report=said.append)
    assert [line.split()[-1] for line in said] == ["unchanged", "unchanged"]
    assert export_all(paths[:1], tmp_path / "pdf", force=True, report=said.append) == []
    assert "a.pdf" in said[-1]


def test_command_sets_all_that_was_executed(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.places.ROOT", tmp_path)
    (tmp_path / "build" / "notebooks").mkdir(parents=True)
    for name in ("one", "two.failed"):
        nbformat.write(course_notebook(), tmp_path / "build" / "notebooks" / f"{name}.ipynb")
    result = CliRunner().invoke(main, ["pdf"])
    assert result.exit_code == 0, result.output
    assert [p.name for p in (tmp_path / "build" / "pdf").iterdir()] == ["one.pdf"]


def test_untrusted_notebooks_have_limits(tmp_path):
    path, pdf = tmp_path / "n.ipynb", tmp_path / "n.pdf"
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("![r](//example.org/r.png) harmless")]), path)
    (message,) = export_untrusted(path, pdf)
    assert "not fetched" in message
    assert "harmless" in text_of(pdf.read_bytes())
    pdf.unlink()
    with pytest.raises(ExportError, match=r"no PDF after 0\.05 s"):
        export_untrusted(path, pdf, seconds=0.05)
    with pytest.raises(ExportError, match="no PDF within 100 MB"):
        export_untrusted(path, pdf, megabytes=100)
    assert not pdf.exists()


# Any notebook


@settings(
    max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(random_notebook.cells)
def test_any_notebook_makes_a_pdf_and_keeps_every_cell(cells):
    made = []
    for number, (kind, source, outputs) in enumerate(cells):
        if kind == "code":
            first = {
                "output_type": "display_data",
                "metadata": {},
                "data": {"text/plain": f"OUTPUT{number}END"},
            }
            cell = v4.new_code_cell(f"CELL{number}END\n{source}")
            cell.outputs = [nbformat.from_dict(o) for o in [first, *outputs]]
        else:
            cell = getattr(v4, f"new_{kind}_cell")(f"CELL{number}END\n\n{source}")
        made.append(cell)
    page = squeezed(text_of(make_pdf(v4.new_notebook(cells=made))[0]))
    for number, (kind, _, _) in enumerate(cells):
        assert f"CELL{number}END" in page
        assert kind != "code" or f"OUTPUT{number}END" in page
