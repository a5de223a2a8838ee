"""Notebooks as PDFs: a corpus of hard constructs, random notebooks, and what no page may show or do."""

import base64
import re
import subprocess
from io import BytesIO
from itertools import pairwise

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from nbformat import v4
from pypdf import PdfReader

from helpers.course.typeset import fonts
from helpers.course.typeset.document import make_pdf
from tests.builders import random_notebook
from tests.builders.hard_notebook import CASES, hard_notebook
from tests.builders.notebooks import course_notebook
from tests.builders.pdfs import shown, squeezed, text_of
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
    assert "the footnote" in shown(*[c.cell for c in CASES if c.name == "footnote"])[0]


def test_nothing_is_fetched_or_read(monkeypatch, tmp_path):
    """Pandoc is the only other process, and it gets nothing but the text on its standard input."""
    (tmp_path / "secret.html").write_text("<p>TOPSECRET</p>")
    asked, run = [], subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: asked.append(a) or run(*a, **k))
    frame = f'<iframe src="{tmp_path / "secret.html"}"></iframe><p>after the frame</p>'
    cells = [v4.new_markdown_cell(s) for s in ("![x](https://example.org/a.png)", frame)]
    cells += [v4.new_code_cell(outputs=[v4.new_output("display_data", {"text/html": frame})])]
    page = squeezed(shown(*cells)[0])
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
    text, _, warnings = shown(*cells)
    page = squeezed(text)
    assert "goodx1" in page and "finey2" in page
    assert r"TeX$u\otimesv$" in page and r"TeX$\bigcap$" in page
    assert len(warnings) == 2


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
    _, pages, _ = shown(*cells)
    for page in pages:
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
    _, (page,), _ = shown(v4.new_code_cell(code))
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
        _, pages, _ = shown(*cells)
        (page,) = (p for p in pages if len(p.images))
        assert "line_39" in page.extract_text()


def test_oversized_pictures_are_made_smaller():
    def size(pixels, **metadata):
        output = v4.new_output(
            "display_data", {"image/png": noise(pixels, 40)}, metadata={"image/png": metadata}
        )
        _, pages, _ = shown(v4.new_code_cell("", outputs=[output]))
        ((picture,),) = (list(page.images) for page in pages)
        return picture.image.width

    assert size(400) == 400
    assert size(1200, width=600) < 1300
    assert size(8000) < 2000


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
    page = squeezed(shown(*made)[0])
    for number, (kind, _, _) in enumerate(cells):
        assert f"CELL{number}END" in page
        assert kind != "code" or f"OUTPUT{number}END" in page
