"""Outputs on paper: nothing is lost without a message, and nothing of a screen fills pages."""

import re

import nbformat
import pytest
from nbformat import v4
from traitlets.config import Config

from helpers.course.exporter import TypstPDFExporter
from tests.builders.notebooks import marked
from tests.builders.pdfs import shown, text_of
from tests.builders.pictures import plain


def printed(data, **metadata):
    return v4.new_code_cell("x", outputs=[v4.new_output("display_data", data=data)], metadata=metadata)


def pictures_of(pages):
    """(width, height) in points of each picture on the pages, from the matrix in which it is drawn."""
    found = []
    for page in pages:
        content = page.get_contents().get_data().decode(errors="replace")
        for a, d in re.findall(r"([\d.]+) 0 0 (-?[\d.]+) [-\d.]+ [-\d.]+ cm\s*/\w+ Do", content):
            found.append((float(a), abs(float(d))))
    return found


def test_a_tall_picture_in_text_fits_the_page():
    cell = v4.new_markdown_cell(
        "before ![phone](attachment:a.png) after",
        attachments={"a.png": {"image/png": plain(1080, 2400)}},
    )
    text, pages, warnings = shown(cell)
    ((width, height),) = pictures_of(pages)
    assert height < 842 and height / width == pytest.approx(2400 / 1080, rel=0.02)
    assert "before" in text and "after" in text and not warnings


def test_a_long_table_wider_than_the_page_breaks_between_its_rows():
    head = "".join(f"<th>name of column {k}</th>" for k in range(6))
    rows = "".join(
        f"<tr><th>row{i}</th>{''.join(f'<td>value {i}.{k}</td>' for k in range(6))}</tr>" for i in range(75)
    )
    text, pages, _ = shown(printed({"text/html": f"<table><thead><tr>{head}</tr></thead>{rows}</table>"}))
    assert len(pages) > 1
    first, second = (set(re.findall(r"row(\d+)", page.extract_text())) for page in pages[:2])
    assert first and second and not first & second
    assert len(set(re.findall(r"row(\d+)", text))) == 75


def test_a_sentence_in_a_markdown_table_wraps():
    sentence = "the learning rate which is the size of one step along the negative gradient " * 3
    _, pages, _ = shown(v4.new_markdown_cell(f"| a | b |\n|---|---|\n| $x$ | {sentence} |"))
    sizes = []
    pages[0].extract_text(visitor_text=lambda text, cm, tm, font, size: sizes.append((text.strip(), size)))
    assert min(size for text, size in sizes if "gradient" in text) > 9


def test_code_with_a_long_line_is_set_with_the_same_spacing_as_other_code():
    def distance(longest):
        lines = [*(f"name_{k} = {k}" for k in range(6)), "z = '" + "y " * (longest // 2) + "'"]
        _, pages, _ = shown(v4.new_code_cell("\n".join(lines)))
        heights = {}

        def visit(text, cm, tm, font, size):
            if found := re.match(r"name_(\d)", text.strip()):
                heights[int(found[1])] = tm[5] * cm[3] + cm[5]

        pages[0].extract_text(visitor_text=visit)
        return abs(heights[1] - heights[4]) / 3

    assert distance(200) == pytest.approx(distance(20), rel=0.05)


def test_code_of_other_languages_keeps_its_lines():
    language = {"language_info": {"name": "R"}}
    text, _, _ = shown(v4.new_code_cell("x <- c(1, 2)\nsummary(x)"), metadata=language)
    assert "x <- c(1, 2)\nsummary(x)" in text


SVG = '<svg viewbox="-10 -105 270 120"><polyline points="0,0 0,-79 25,-79" stroke="black"/></svg>'


def test_a_drawing_in_html_is_drawn_between_its_texts():
    text, pages, warnings = shown(printed({"text/html": f"<div>above{SVG}</div><p>below</p>"}))
    assert text.index("above") < text.index("below") and not warnings
    assert b"l\n" in pages[0].get_contents().get_data() or pages[0]["/Resources"].get("/XObject")


def test_a_picture_in_html_stands_there_alone_and_in_tables():
    image = f'<img src="data:image/png;base64,{plain(40, 20)}">'
    alone = printed({"text/html": image, "text/plain": "<IPython.core.display.HTML object>"})
    table = printed({"text/html": f"<table><tr><td>left</td><td>{image}</td></tr></table>"})
    text, pages, warnings = shown(alone, table)
    assert len(pictures_of(pages)) == 2 and not warnings
    assert "left" in text and "IPython" not in text


def test_a_missing_picture_in_a_table_is_named(tmp_path):
    html = '<table><tr><td>left</td><td><img src="gone.png"></td></tr></table>'
    text, _, warnings = shown(printed({"text/html": html}), home=tmp_path)
    assert "left" in text and warnings == ["missing picture: gone.png"]


def widget(states, text="interactive(children=(FloatSlider(value=2.0), Output()))"):
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "box"}, "text/plain": text}
    state = {key: {"state": value} for key, value in states.items()}
    metadata = {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": state}}}
    return printed(view), metadata


def test_an_output_area_shows_what_it_holds():
    inside = [
        {"output_type": "stream", "name": "stdout", "text": "result of wave 2.0\n"},
        {"output_type": "display_data", "data": {"image/png": plain(60, 30)}, "metadata": {}},
    ]
    states = {
        "box": {"children": ["IPY_MODEL_slider", "IPY_MODEL_out"]},
        "slider": {"description": "k", "value": 2.0, "max": 5.0},
        "out": {"outputs": inside},
    }
    cell, metadata = widget(states)
    text, pages, warnings = shown(cell, metadata=metadata)
    assert "k [2/5]" in text and "result of wave 2.0" in text
    assert len(pictures_of(pages)) == 1 and not warnings


def test_an_interactive_output_without_saved_state_is_named():
    cell, _ = widget({})
    text, _, warnings = shown(cell)
    assert "an interactive output is not shown" in text and len(warnings) == 1


@pytest.mark.parametrize(
    ("data", "library"),
    [
        ({"application/vnd.plotly.v1+json": "{}", "text/plain": "Figure({...})"}, "plotly"),
        ({"application/vnd.vegalite.v5+json": "{}", "text/plain": "alt.Chart(...)"}, "Altair"),
        ({"text/html": "<div id=a></div><script>plot()</script>", "text/plain": "<bokeh>"}, "a script"),
    ],
)
def test_a_chart_that_only_a_browser_draws_is_named(data, library):
    text, _, warnings = shown(printed(data))
    assert library in text and "save it as PNG" in text and "alt.Chart" not in text
    assert len(warnings) == 1


def test_a_chart_with_a_picture_is_shown():
    data = {"application/vnd.plotly.v1+json": "{}", "image/png": plain(60, 30)}
    _, pages, warnings = shown(printed(data))
    assert len(pictures_of(pages)) == 1 and not warnings


def test_html_that_folds_and_hides_stands_there_in_its_text_form():
    html = "<style>.a{color:red}</style><details><summary>shape</summary>hidden tooltip</details>"
    text, _, _ = shown(printed({"text/html": html, "text/plain": "Dimensions: (x: 3)"}))
    assert "Dimensions: (x: 3)" in text and "tooltip" not in text


def test_a_table_drawn_with_lines_keeps_them():
    lines = ["┏" + "━" * 118 + "┓", "┃" + " cell".ljust(118) + "┃", "┗" + "━" * 118 + "┛"]
    cell = v4.new_code_cell("x", outputs=[v4.new_output("stream", text="\n".join(lines))])
    text, _, _ = shown(cell)
    assert [len(line.strip()) for line in text.splitlines() if line.strip()[:1] in "┏┗"][:2] == [120, 120]


def test_badges_are_one_quiet_line():
    badges = " ".join(f"![badge {k}](https://img.example.org/{k}.svg)" for k in range(9))
    text, _, warnings = shown(v4.new_markdown_cell(badges))
    assert "[badge 8, not fetched]" in text and len(warnings) == 1


def test_a_diagram_in_mermaid_is_named():
    text, _, warnings = shown(v4.new_markdown_cell("```mermaid\ngraph TD\n```"))
    assert "graph TD" in text and "mermaid" in warnings[0]


CELLS = [
    v4.new_code_cell("SECRET = 1", metadata={"tags": ["hide-input"]}),
    v4.new_code_cell("GONE = 1", metadata={"tags": ["remove_cell"]}),
    v4.new_code_cell("VISIBLE = 1", metadata={"tags": ["remove-output"]}),
]
for number, cell_with_tag in enumerate(CELLS):
    cell_with_tag.outputs = [v4.new_output("stream", text=f"output{number}")]


def test_tags_hide_code_output_or_cell():
    text, _, warnings = shown(*CELLS)
    assert [re.findall("(?:hide|remove)[-_][a-z]+", w) for w in warnings] == [
        ["hide-input"],
        ["remove_cell"],
        ["remove-output"],
    ]
    assert "SECRET" not in text and "output0" in text
    assert "GONE" not in text and "output1" not in text
    assert "VISIBLE" in text and "output2" not in text


def test_no_input_of_nbconvert_hides_all_code():
    config = Config({"TemplateExporter": {"exclude_input": True}})
    pdf, _ = TypstPDFExporter(config=config).from_notebook_node(v4.new_notebook(cells=CELLS[2:] + CELLS[:1]))
    text = text_of(pdf)
    assert "VISIBLE" not in text and "output0" in text


def test_a_written_answer_that_computes_stands_there_once():
    marks = marked(grade=True, solution=True, points=1, grade_id="a-words")
    source = 'number = 3\nMarkdown(rf"The answer is {number}.")'
    answer = printed({"text/markdown": "The answer is 3."}, **marks)
    answer.source = source
    text, _, _ = shown(answer)
    assert "The answer is 3." in text and "Markdown" not in text
    answer.outputs = []
    assert "Markdown" in shown(nbformat.from_dict(answer))[0]
