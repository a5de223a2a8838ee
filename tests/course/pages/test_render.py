"""Executed notebooks of strangers as HTML: everything is shown, nothing runs or is fetched."""

import re
from pathlib import Path

import nbformat
import pytest

from helpers.course.pages.render import cells_as_html, markdown_as_html


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


def test_code_that_turns_its_direction_is_shown_straight():
    cell = nbformat.v4.new_code_cell("x = 1  # \u202eevil\u2066")
    page = cells_as_html(nbformat.v4.new_notebook(cells=[cell]), lambda item: "")
    assert not {"\u202e", "\u2066"} & set(page) and "evil" in page
