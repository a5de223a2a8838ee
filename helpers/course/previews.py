"""The picture in README.md: a few pages of the PDFs, side by side."""

import io
from pathlib import Path

import nbformat
from PIL import Image, ImageOps

from helpers.course.errors import CourseError
from helpers.course.typeset.document import draw_pages
from helpers.files import replacing

__all__ = ["PICTURE", "draw_previews"]

PICTURE = Path(__file__).with_name("previews.png")
PAGES = {"04_1_pytorch_autograd": 1, "04_2_amplitude_regression": 3, "10_2_normalizing_flow": 9}
PPI = 52
GAP = 12  # pixels


def draw_previews(executed: Path, target: Path = PICTURE) -> None:
    """Draw one page of each notebook in PAGES next to each other.

    Parameters
    ----------
    executed : Path
        The folder that holds them with their outputs.
    target : Path
        A PNG.

    Raises
    ------
    CourseError
        When a notebook is missing there, or has fewer pages.
    """
    pages, width, height = [], -GAP, 0
    for name, number in PAGES.items():
        page = _page(Path(executed) / f"{name}.ipynb", number)
        pages.append(page)
        width += page.width + GAP
        height = max(height, page.height)
    strip = Image.new("RGB", (width, height), "white")
    left = 0
    for page in pages:
        strip.paste(page, (left, 0))
        left += page.width + GAP
    with replacing(target) as file:
        strip.quantize(256).save(file, "PNG", optimize=True)


def _page(path, number):
    if not path.exists():
        raise CourseError(f"{path} is missing: execute it first, with `course run`")
    pages = draw_pages(nbformat.read(path, as_version=4), path.parent, path.stem, PPI)
    if len(pages) < number:
        raise CourseError(f"{path.name} has {len(pages)} pages, page {number} was asked for")
    return ImageOps.expand(Image.open(io.BytesIO(pages[number - 1])).convert("RGB"), 1, "silver")
