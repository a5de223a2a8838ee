"""The exporter that Jupyter and nbconvert find."""

import base64

import nbformat
from nbconvert.exporters import get_export_names, get_exporter
from nbformat import v4

from helpers.course.export import export
from helpers.course.exporter import TypstPDFExporter
from tests.builders.pdfs import pages_of, text_of
from tests.builders.pictures import noise


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
