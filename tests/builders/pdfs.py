"""What a PDF shows."""

import io
import re
import unicodedata

import typst
from nbformat import v4
from pypdf import PdfReader, PdfWriter

from helpers.course.typeset.document import make_pdf


def pages_of(pdf):
    """The pages of a PDF given as bytes."""
    return PdfReader(io.BytesIO(pdf)).pages


def text_of(pdf):
    """The text of all pages: letters of formulas as plain ones, without marks where a line may break."""
    text = "\n".join(page.extract_text() for page in pages_of(pdf))
    return unicodedata.normalize("NFKC", text).replace("\u200b", "")


def squeezed(text):
    """A text without spaces, which PDFs set where they like."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def pdf_file(path, *texts, **encryption):
    """Write a PDF with a page for each text, locked by passwords. Returns: its path."""
    pages = "\n#pagebreak()\n".join(f"#[{t}]" for t in texts)
    writer = PdfWriter(io.BytesIO(typst.compile(pages.encode())))
    if encryption:
        writer.encrypt(**encryption, algorithm="RC4-128")
    writer.write(path)
    return path


def shown(*cells, metadata=None, home=None):
    """What the PDF of these cells shows. Returns: its text, its pages and the warnings."""
    notebook = v4.new_notebook(cells=list(cells), metadata=metadata or {})
    pdf, warnings = make_pdf(notebook, home)
    return text_of(pdf), pages_of(pdf), warnings
