"""From a notebook to a PDF: cells become parts of one Typst document, and no part can stop the others."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from nbformat import NotebookNode

from helpers.course.typeset.builder import build
from helpers.course.typeset.compiler import Page
from helpers.course.typeset.parts import Draft
from helpers.course.typeset.pictures import Pictures
from helpers.course.typeset.text import convert

__all__ = ["TEMPLATE", "draw_pages", "make_pdf"]

TEMPLATE = Path(__file__).with_name("template.typ")


def make_pdf(
    notebook: NotebookNode,
    home: Path | None = None,
    name: str = "notebook",
    date: str | None = None,
    code: bool = True,
) -> tuple[bytes, list[str]]:
    """Set a notebook as PDF.

    Parameters
    ----------
    notebook : NotebookNode
    home : Path, optional
        Its folder, from which its text may show pictures.
    name, date : str
        Stand on the page when the metadata of the notebook hold no title or date.
    code : bool
        Whether the code of cells is shown.

    Returns
    -------
    bytes
        The PDF.
    list of str
        Messages about everything that is not shown as it is in the notebook.
    """
    return _set(lambda pictures: build(notebook, pictures, name, date, code), home, {"format": "pdf"})


def draw_pages(
    notebook: NotebookNode, home: Path | None = None, name: str = "notebook", ppi: int = 60
) -> list[bytes]:
    """The pages of that PDF as PNG.

    Parameters
    ----------
    notebook, home, name
        As for `make_pdf`.
    ppi : int
        Pixels per inch.

    Returns
    -------
    list of bytes
    """
    pages, _ = _set(
        lambda pictures: build(notebook, pictures, name, None), home, {"format": "png", "ppi": ppi}
    )
    return pages if isinstance(pages, list) else [pages]


def _set(
    built: Callable[[Pictures], Draft], home: Path | None, form: dict
) -> tuple[bytes | list[bytes], list[str]]:
    with TemporaryDirectory(prefix="course-pdf-") as folder:
        (Path(folder) / "template.typ").write_bytes(TEMPLATE.read_bytes())
        draft = built(Pictures(folder, home))
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(convert, draft.pieces, draft.formulas, draft.warn)
            # the colours of code, while pandoc is at work in a process of its own
            draft.parts = [part.finished() for part in draft.parts]
        page = Page(draft, waiting.result(), folder, form)
        return page.compiled(), draft.warnings
