"""An answer with LaTeX, pictures and tables goes from the student to the feedback, and arrives unharmed."""

import re

import nbformat
import pytest

from helpers.course.bubblewrap import unavailable
from helpers.course.cells import PROMPT
from helpers.course.handin import hand_in
from helpers.course.stubs import student_version
from tests.builders import toy_sheet
from tests.builders.files import unzipped
from tests.builders.graded import grade_folder, needs_sandbox
from tests.builders.notebooks import bytes_of, group_source, parsed
from tests.builders.pdfs import pages_of, text_of
from tests.builders.pictures import plain

MEMBERS = [toy_sheet.Member(name, "1") for name in ("Ada Lovelace", "Emmy Noether", "Lise Meitner")]
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


RED, BLUE = plain(64, 32, "red"), plain(64, 32, "blue")
ANSWER = rf"""By the chain rule $\frac{{\partial L}}{{\partial v}}$ is $\beta \nu \tau \rho \theta$, and
$\mathrm{{KL}} \ge 0$; a set {{x}} and \{{y\}} in braces.

$$
\bar x = \frac{{1}}{{n}} \sum_i x_i
$$

![pasted](attachment:pasted.png) and ![data](data:image/png;base64,{BLUE})

| quantity | value |
|---|--:|
| apples | 17 |
"""


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    """Two hand-ins of the toy sheet: the answer as text, and as code that somebody made of the cell."""
    if unavailable():
        pytest.skip(unavailable())
    folder = tmp_path_factory.mktemp("answers")
    toy_sheet.write_sheet(folder / "notebooks")
    notebook = toy_sheet.released(
        {"c-words": ANSWER, "d-proof": PROMPT + "\n\nBy Pythagoras, below the prompt."}
    )
    toy_sheet.find(notebook, "c-words").attachments = {"pasted.png": {"image/png": RED}}
    toy_sheet.find(notebook, "group").source = group_source(MEMBERS)
    (folder / "work").mkdir()
    nbformat.write(notebook, folder / "work" / toy_sheet.NAME)
    lines = []
    packed = hand_in([folder / "work" / toy_sheet.NAME], report=lines.append, group_size=3)
    (folder / "in").mkdir()
    packed.rename(folder / "in" / packed.name)
    (group,) = grade_folder(folder)
    return folder, "\n".join(lines), group


def texts_of(pdf):
    """The text of a PDF and the number of its pictures."""
    return text_of(pdf), sum(len(page.images) for page in pages_of(pdf))


def check_page(text):
    """Formulas are set: no TeX is left, no letter is lost."""
    for command in (r"\frac", r"\beta", r"\mathrm", "$"):
        assert command not in text
    for letters in ("β", "ν", "τ", "ρ", "θ", "KL", "{x}", "{y}", "apples", "17", "below the prompt"):
        assert letters in text, letters
    assert not CONTROL.search(text)


def test_the_hand_in_shows_it(sheet):
    folder, checklist, _ = sheet
    (packed,) = (folder / "in").glob("*.zip")
    parts = unzipped(packed)
    (name,) = (n for n in parts if n.endswith(".pdf"))
    text, pictures = texts_of(parts[name])
    kept = parsed(parts[toy_sheet.NAME])
    check_page(text)
    assert pictures == 2
    assert (
        "empty answer cells: none" in checklist
        and "control characters: write text in text cells: none" in checklist
    )
    answer = toy_sheet.find(kept, "c-words")
    assert answer.source == ANSWER and answer.attachments == {"pasted.png": {"image/png": RED}}


def test_it_waits_for_the_tutor(sheet):
    _, _, group = sheet
    points = {s.item.id: s.points for s in group.scores}
    assert points == toy_sheet.FULL
    assert str(group.notebooks[1]) == "ran" and not group.notebooks[1].tampered


def test_the_feedback_shows_it(sheet):
    folder, _, group = sheet
    html = (folder / "out" / "feedback" / f"{group.slug}.html").read_text(encoding="utf-8")
    fraction = r"<mfrac><mrow><mi>∂</mi><mi>L</mi></mrow><mrow><mi>∂</mi><mi>v</mi></mrow></mfrac>"
    assert re.search(fraction.replace("<mi>∂</mi>", "<m[io]>∂</m[io]>"), re.sub(r"\s", "", html))
    for letter in "βντρθ":
        assert f"<mi>{letter}</mi>" in html
    assert 'display="block"' in html and "<td" in html and "apples" in html
    assert RED in html and BLUE in html
    assert not CONTROL.search(html)
    text, pictures = texts_of((folder / "out" / "feedback" / f"{group.slug}.pdf").read_bytes())
    check_page(text)
    assert pictures == 2


@needs_sandbox
def test_an_answer_whose_cell_became_code_waits_for_the_tutor_too(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    notebook = toy_sheet.released({})
    place = notebook.cells.index(toy_sheet.find(notebook, "c-words"))
    code = nbformat.v4.new_code_cell('Markdown("It grows.")', id="c-words")
    code.metadata = notebook.cells[place].metadata
    notebook.cells[place] = code
    toy_sheet.pack(tmp_path / "in" / "a.zip", bytes_of(notebook), MEMBERS)
    (group,) = grade_folder(tmp_path)
    assert {s.item.id: s.points for s in group.scores} == toy_sheet.FULL
    assert "It grows." in (tmp_path / "out" / "feedback" / f"{group.slug}.html").read_text(encoding="utf-8")


def test_letters_lost_in_strings_are_pointed_out(tmp_path):
    notebook = student_version(toy_sheet.toy())
    notebook.cells = [toy_sheet.find(notebook, "group"), *notebook.cells[2:3]]
    notebook.cells[0].source = group_source(MEMBERS)
    lost = nbformat.v4.new_code_cell('Markdown("$\\beta$")', id="lost")
    notebook.cells.append(lost)
    nbformat.write(notebook, tmp_path / toy_sheet.NAME)
    lines = []
    hand_in([tmp_path / toy_sheet.NAME], report=lines.append, group_size=3)
    assert "write text in text cells: cell 3 (lost)" in "\n".join(lines)
