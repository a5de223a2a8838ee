"""Theory on paper: upright, legible, small, harmless; what cannot be read is refused by name."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from helpers.course import scans
from helpers.course.scans import theory_pages

RNG = np.random.default_rng(4)


def paper(height=1400, width=1000):
    """A page with the noise of a scanner: grey at the bottom, a black corner at the upper left."""
    grey = np.linspace(250, 120, height)[:, None] + RNG.normal(0, 4, (height, width))
    grey[: height // 4, : width // 4] = 0
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def scan(path, pages=2, **options):
    first, *others = (paper() for _ in range(pages))
    first.save(path, save_all=True, append_images=others, quality=98, resolution=120, **options)
    return path


def reread(writer):
    file = io.BytesIO()
    writer.write(file)
    return PdfReader(file)


def changed(path, change):
    writer = PdfWriter(path)
    change(writer)
    writer.write(path)
    return path


def pictures(path):
    return [np.asarray(p.images[0].image.convert("L"), float) for p in reread(theory_pages(path)).pages]


def is_upright(picture):
    height, width = picture.shape
    return picture[: height // 5, : width // 5].max() < 40 < picture[:, width // 2 :].min()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_upright(tmp_path, orientation):
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Image.Transpose that EXIF's orientation takes back
    page = paper(640, 480)
    stored = page.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else page
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "SECRETPHONE"
    stored.save(tmp_path / "photo.jpg", exif=exif, quality=95)
    (picture,) = pictures(tmp_path / "photo.jpg")
    assert picture.shape == (640, 480) and is_upright(picture)
    file = io.BytesIO()
    theory_pages(tmp_path / "photo.jpg").write(file)
    assert b"SECRETPHONE" not in file.getvalue()


def test_pages_are_a4_and_small_but_legible(tmp_path):
    paper(4000, 3000).convert("RGB").save(tmp_path / "photo.jpg", quality=97)
    (page,) = reread(theory_pages(tmp_path / "photo.jpg")).pages
    assert page.mediabox.height <= 842 and 595 < page.mediabox.width < 596
    assert max(page.images[0].image.size) == scans.LONG_SIDE
    assert len(page.images[0].data) < (tmp_path / "photo.jpg").stat().st_size / 3
    paper(300, 400).save(tmp_path / "wide.png")
    (page,) = reread(theory_pages(tmp_path / "wide.png")).pages
    assert page.mediabox.width > page.mediabox.height and page.images[0].image.size == (400, 300)


def test_scanned_pages_are_compressed_and_nothing_else_changes(tmp_path):
    path = scan(tmp_path / "scan.pdf", pages=3)
    changed(path, lambda w: w.pages[1].rotate(90))
    out = reread(theory_pages(path))
    assert [p.rotation for p in out.pages] == [0, 90, 0]
    assert all(map(is_upright, pictures(path)))
    file = io.BytesIO()
    theory_pages(path).write(file)
    assert len(file.getvalue()) < path.stat().st_size / 2
    again = tmp_path / "again.pdf"
    again.write_bytes(file.getvalue())
    np.testing.assert_array_equal(pictures(again), pictures(path), "compressed once is enough")


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK", "I;16", "I"])
def test_pictures_of_every_kind(tmp_path, mode):
    page = paper(320, 240)
    if mode.startswith("I"):
        page = Image.fromarray(np.asarray(page).astype(np.uint16 if mode == "I;16" else np.int32) * 257)
    path = tmp_path / ("page.tiff" if mode in ("CMYK", "I") else "page.png")
    page.convert(mode).save(path)
    (picture,) = pictures(path)
    assert picture[:40, :40].mean() < 40 and picture[10:60, 130:].mean() > 220


def test_transparent_means_paper_white(tmp_path):
    Image.new("RGBA", (50, 60), (0, 0, 0, 0)).save(tmp_path / "page.png")
    assert pictures(tmp_path / "page.png")[0].min() > 250


def test_every_page_of_a_tiff(tmp_path):
    paper(320, 240).save(tmp_path / "s.tiff", save_all=True, append_images=[paper(320, 240).rotate(180)])
    first, second = pictures(tmp_path / "s.tiff")
    assert is_upright(first) and not is_upright(second)


def test_handwriting_as_annotations_stays_and_actions_go(tmp_path):
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("evilscript")}
    )
    note = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Ink"),
            NameObject("/Contents"): TextStringObject("my ink"),
            NameObject("/Rect"): ArrayObject(map(NumberObject, (0, 0, 9, 9))),
            NameObject("/A"): action,
        }
    )

    def add(writer):
        writer._root_object[NameObject("/OpenAction")] = action
        writer.pages[0][NameObject("/AA")] = action
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])

    file = io.BytesIO()
    theory_pages(changed(scan(tmp_path / "scan.pdf"), add)).write(file)
    assert b"evilscript" in (tmp_path / "scan.pdf").read_bytes()
    assert b"my ink" in file.getvalue() and b"evilscript" not in file.getvalue()


def locked(path, **passwords):
    return changed(scan(path), lambda w: w.encrypt(**passwords, algorithm="RC4-128"))


def huge_png(path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10**6))
        + chunk(b"IEND", b"")
    )


def test_locked_pdfs(tmp_path):
    for passwords in ({"user_password": "x"}, {"user_password": "", "owner_password": "x"}):
        with pytest.raises(ValueError, match=r"s\.pdf is locked \(encrypted\); print it"):
            theory_pages(locked(tmp_path / "s.pdf", **passwords))


def test_a_pdf_cut_anywhere_is_refused(tmp_path):
    whole = scan(tmp_path / "s.pdf", pages=1).read_bytes()
    assert len(theory_pages(tmp_path / "s.pdf").pages) == 1
    for size in (1, 5, 100, *range(1000, len(whole) - 10, len(whole) // 40), len(whole) - 10):
        (tmp_path / "s.pdf").write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"s\.pdf is truncated or damaged"):
            theory_pages(tmp_path / "s.pdf")


def test_a_pdf_with_a_hole_is_refused_or_whole(tmp_path):
    whole = scan(tmp_path / "s.pdf", pages=3).read_bytes()
    refused = 0
    for start in RNG.integers(0, len(whole) - 4096, 15):
        (tmp_path / "s.pdf").write_bytes(whole[:start] + b"\0" * 4096 + whole[start + 4096 :])
        try:
            assert len(theory_pages(tmp_path / "s.pdf").pages) == 3
        except ValueError as error:
            assert "s.pdf is truncated or damaged" in str(error)
            refused += 1
    assert refused < 15, "a hole in a picture costs no page"


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n%%EOF", b"%PDF-1.7\nxref\n0 0\ntrailer<<>>\nstartxref\n9\n%%EOF"]
)
def test_a_pdf_of_nothing(tmp_path, content):
    (tmp_path / "s.pdf").write_bytes(content)
    with pytest.raises(ValueError, match=r"s\.pdf is truncated or damaged"):
        theory_pages(tmp_path / "s.pdf")


def test_empty_files(tmp_path):
    for name in ("empty.pdf", "empty.jpg"):
        (tmp_path / name).touch()
        with pytest.raises(ValueError, match=rf"{name} is empty \(0 bytes\)"):
            theory_pages(tmp_path / name)
    PdfWriter().write(tmp_path / "none.pdf")
    with pytest.raises(ValueError, match=r"none\.pdf is empty: no page has anything on it"):
        theory_pages(tmp_path / "none.pdf")
    blank = PdfWriter()
    blank.add_blank_page(595, 842)
    blank.write(tmp_path / "blank.pdf")
    with pytest.raises(ValueError, match=r"blank\.pdf is empty: no page has anything on it"):
        theory_pages(tmp_path / "blank.pdf")


def test_photos_that_cannot_be_read(tmp_path):
    path = tmp_path / "p.jpg"
    paper().save(path)
    whole = path.read_bytes()
    for size in (3, 200, len(whole) // 2, len(whole) - 1000):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"p\.jpg cannot be read as a photo"):
            theory_pages(path)
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    with pytest.raises(ValueError, match="export it as JPEG"):
        theory_pages(path)
    path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n(evil) run")
    with pytest.raises(ValueError, match="export it as JPEG"):
        theory_pages(path)


def test_what_is_too_large(tmp_path, monkeypatch):
    huge_png(tmp_path / "bomb.png")
    with pytest.raises(ValueError, match=r"bomb\.png cannot be read as a photo: .*(bomb|pixels)"):
        theory_pages(tmp_path / "bomb.png")
    monkeypatch.setattr(scans, "MOST_PIXELS", 1000)
    paper(40, 30).save(tmp_path / "large.png")
    with pytest.raises(ValueError, match="30 × 40 pixels, expected at most"):
        theory_pages(tmp_path / "large.png")
    scan(tmp_path / "s.pdf", pages=4)
    assert len(theory_pages(tmp_path / "s.pdf").pages) == 4
    monkeypatch.setattr(scans, "MOST_PAGES", 2)
    with pytest.raises(ValueError, match="expected at most 2"):
        theory_pages(tmp_path / "s.pdf")
    monkeypatch.setattr(scans, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="has more than 0 MB"):
        theory_pages(tmp_path / "s.pdf")


def test_only_files(tmp_path):
    with pytest.raises(ValueError, match="is a link or no file"):
        theory_pages(tmp_path)
