"""Theory on paper: scanned PDFs and photos become upright, compressed pages of one PDF."""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError
from pypdf import PdfReader, PdfWriter
from pypdf.generic import IndirectObject

from helpers.course.errors import CourseError

__all__ = ["theory_pages"]

A4 = 210 / 25.4, 297 / 25.4  # inches
LONG_SIDE = 2200  # pixels of a page: 190 per inch, pencil stays legible
QUALITY = 70  # of JPEG
MOST_PIXELS = 120e6  # a phone's full resolution; what is larger fills the memory
MOST_BYTES = 200e6
MOST_PAGES = 200
PHOTOS = ("JPEG", "PNG", "TIFF", "WEBP")
DAMAGED = "is truncated or damaged"


def theory_pages(path: Path) -> PdfWriter:
    """The pages of a scan (PDF) or of a photo (JPEG, PNG, TIFF, WebP) as a PDF.

    Photos are turned as their EXIF says and lose everything that is not picture (place, time); large
    pictures in PDFs are compressed too. What a viewer would run or send (scripts, actions) is removed.

    Parameters
    ----------
    path : Path

    Returns
    -------
    PdfWriter
        At least one page.

    Raises
    ------
    ValueError
        It names the file and what is wrong with it.
    """
    path = Path(path)
    if path.is_symlink() or not path.is_file():
        raise CourseError(f"{path} is a link or no file, expected a PDF or a photo")
    content = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    if content is None:
        raise CourseError(f"{path} has more than {MOST_BYTES / 1e6:.0f} MB; scan it with fewer dots per inch")
    if not content:
        raise CourseError(f"{path} is empty (0 bytes)")
    is_pdf = path.suffix.lower() == ".pdf" or b"%PDF-" in content[:1024]
    pages = _scan(content, path) if is_pdf else _photo(content, path)
    if len(pages.pages) > MOST_PAGES:
        raise CourseError(f"{path} has {len(pages.pages)} pages, expected at most {MOST_PAGES}")
    return pages


def _scan(content, path):
    if b"%PDF-" not in content[:1024]:
        raise CourseError(f"{path} {DAMAGED}: it does not begin as a PDF")
    # pypdf would rebuild what is left of a truncated file and silently lose the last pages
    if b"%%EOF" not in content[-2048:]:
        raise CourseError(f"{path} {DAMAGED}: its end is missing; copy or scan it again")
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise CourseError(f"{path} is locked (encrypted); print it to a new PDF without a password")
        announced = reader.root_object["/Pages"]["/Count"]
        pages = reader.pages[: MOST_PAGES + 1]
        blank = [_is_blank(page) for page in pages]
        writer = PdfWriter()
        for page in pages:
            writer.add_page(_without_actions(page))
        _compress_images(writer)
    except ValueError as error:
        raise error if str(path) in str(error) else ValueError(f"{path} {DAMAGED}: {error}") from error
    except Exception as error:  # pypdf meets malformed files with almost every exception there is
        raise CourseError(f"{path} {DAMAGED}: {error}") from error
    if not pages or all(blank):
        raise CourseError(f"{path} is empty: no page has anything on it")
    if announced != len(reader.pages):
        raise CourseError(f"{path} {DAMAGED}: {len(reader.pages)} of {announced} pages are there")
    return writer


def _is_blank(page):
    contents = page.get_contents()
    return (contents is None or not contents.get_data().strip()) and not _entry(page, "/Annots")


def _without_actions(page):
    page.pop("/AA", None)
    for annotation in _entry(page, "/Annots"):
        for key in ("/A", "/AA"):
            annotation.get_object().pop(key, None)
    return page


def _compress_images(writer):
    seen = set()
    for page in writer.pages:
        for key, reference in _entry(_entry(page, "/Resources"), "/XObject").items():
            if not isinstance(reference, IndirectObject) or reference.idnum in seen:
                continue
            seen.add(reference.idnum)
            image = reference.get_object()
            if not _is_plain_picture(image) or image["/Width"] * image["/Height"] > MOST_PIXELS:
                continue
            raw = len(image._data)
            try:
                picture = page.images[key]
                smaller = _page_picture(picture.image)
            except Exception:  # an exotic encoding: the page stays as it was scanned
                continue
            if len(_jpeg(smaller)) < 0.8 * raw:
                picture.replace(smaller, quality=QUALITY)


def _entry(dictionary, key):
    try:
        return dictionary[key]  # follows references; get() does not
    except KeyError:
        return {}


def _is_plain_picture(image):
    """Whether the picture means the same as a JPEG: no mask, no table of colours, no inverted values."""
    return (
        _entry(image, "/Subtype") == "/Image"
        and _entry(image, "/Filter") in ("/DCTDecode", "/FlateDecode", ["/DCTDecode"], ["/FlateDecode"])
        and _entry(image, "/ColorSpace") in ("/DeviceRGB", "/DeviceGray")
        and _entry(image, "/BitsPerComponent") == 8
        and not {"/SMask", "/Mask", "/Decode", "/ImageMask"} & image.keys()
    )


def _photo(content, path):
    writer = PdfWriter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd EXIF entries, and of large pictures: see MOST_PIXELS
            for picture in _pictures(content):
                writer.append(_page(picture))
    except UnidentifiedImageError as error:
        known = ", ".join(PHOTOS)
        raise CourseError(
            f"{path} cannot be read as a photo: not one of {known}; export it as JPEG"
        ) from error
    except Exception as error:  # so does Pillow
        raise CourseError(f"{path} cannot be read as a photo: {error}") from error
    return writer


def _page(picture):
    width, height = picture.size
    inches = A4 if width <= height else A4[::-1]
    page = io.BytesIO()
    resolution = max(width / inches[0], height / inches[1])
    picture.save(page, "PDF", resolution=resolution, quality=QUALITY)
    return page


def _pictures(content):
    image = Image.open(io.BytesIO(content), formats=PHOTOS)
    # a TIFF may hold many pages; the second picture of a JPEG is only a preview
    frames = ImageSequence.Iterator(image) if image.format == "TIFF" else [image]
    for frame in frames:
        if frame.width * frame.height > MOST_PIXELS:
            raise CourseError(
                f"{frame.width} × {frame.height} pixels, expected at most {MOST_PIXELS / 1e6:.0f} million"
            )
        frame.load()
        yield _page_picture(ImageOps.exif_transpose(frame))


def _page_picture(image):
    """RGB or grey, on white, with at most LONG_SIDE pixels along a page."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, float)
        image = Image.fromarray((255 * values / max(values.max(), 1)).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    image = image.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
    image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    return image


def _jpeg(image):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
