"""Pictures for the page: checked, made no larger than print needs, and never fetched from anywhere."""

import base64
import binascii
import io
import re
from pathlib import Path
from urllib.parse import unquote

from PIL import Image, UnidentifiedImageError

__all__ = ["PictureError", "Pictures", "mime_type"]

PRINT = 0.54  # points per CSS pixel: 640 pixels of a figure become 12 cm
INCH = 54  # points per inch of a figure whose file tells its resolution
WIDEST = 485  # points
DOTS = 3.2  # pixels per point that print needs: 230 per inch
LARGEST = 60_000_000  # bytes of a file, and pixels of a picture
_KINDS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
}
_DATA = re.compile(r"data:([\w/+.-]+)(?:;[\w=-]+)*?(;base64)?,(.*)", re.DOTALL)


class PictureError(ValueError):
    """Why a picture is not shown.

    Parameters
    ----------
    why : str
    remote : bool
        Whether it lies on the network: a badge of a web page, mostly, whose alternative text says the same.
    """

    def __init__(self, why: str, remote: bool = False) -> None:
        super().__init__(why)
        self.remote = remote


def mime_type(name: str) -> str | None:
    """The type of a picture by the end of its name, None if it is none that can be shown."""
    suffix = Path(name).suffix.lower().lstrip(".").replace("jpeg", "jpg")
    return next((mime for mime, kind in _KINDS.items() if kind == suffix), None)


class Pictures:
    """Writes the pictures of one notebook to the folder that Typst reads.

    Parameters
    ----------
    target : str or Path
        That folder.
    home : str or Path, optional
        The folder of the notebook, outside of which nothing is read. Without it, no file is read.
    """

    def __init__(self, target: str | Path, home: str | Path | None) -> None:
        self.target = Path(target)
        self.home = Path(home).resolve() if home else None
        self.count = 0

    def output(self, data: str | list[str], mime: str, metadata: dict) -> tuple[str, float]:
        """Write the picture in an output.

        Parameters
        ----------
        data : str or list of str
            SVG, other pictures in base64.
        mime : str
        metadata : dict
            May hold a width in CSS pixels.

        Returns
        -------
        str
            Name of the file.
        float
            Width in points.

        Raises
        ------
        PictureError
        """
        if mime == "image/svg+xml":
            return self.write(_drawing("".join(data)), mime)
        return self.write(_decode("".join(data)), mime, _pixels(metadata.get("width")))

    def markdown(self, source: str, attachments: dict, width: str) -> tuple[str, float]:
        """Write the picture that a text names: an attachment, a data address or a file beside the notebook.

        Parameters
        ----------
        source : str
        attachments : dict
            Of the cell: name → dict of type to base64.
        width : str
            In CSS pixels or per cent of the page; may be empty.

        Returns
        -------
        str
            Name of the file.
        float
            Width in points.

        Raises
        ------
        PictureError
        """
        wide = _pixels(width)
        if found := _DATA.match(source):
            mime, encoded, body = found.groups()
            return self.write(_decode(body) if encoded else unquote(body).encode(), mime, wide, width)
        if re.match(r"[a-z][a-z0-9+.-]+:|//", source, re.IGNORECASE) and not source.startswith("attachment:"):
            raise PictureError(f"picture on the network, not fetched: {source}", remote=True)
        name = unquote(source)
        if name.startswith("attachment:"):
            bundle = attachments.get(name.removeprefix("attachment:")) or {}
            for mime, data in bundle.items():
                if mime in _KINDS:
                    if mime == "image/svg+xml" and "<svg" in "".join(data):
                        return self.write(_drawing("".join(data)), mime, wide, width)
                    return self.write(_decode("".join(data)), mime, wide, width)
            raise PictureError(f"missing attachment: {name.removeprefix('attachment:')}")
        return self.write(*self._file(name), wide, width)

    def _file(self, name):
        if self.home is None:
            raise PictureError(f"picture in a file, whose folder is unknown: {name}")
        try:
            path = (self.home / name.split("?")[0]).resolve()
            if not path.is_relative_to(self.home):
                raise PictureError(f"picture outside of the notebook's folder, not read: {name}")
            if not path.is_file():
                raise PictureError(f"missing picture: {name}")
            mime = mime_type(path.name)
            if mime is None:
                raise PictureError(f"no picture format that can be shown: {name}")
            if path.stat().st_size > LARGEST:
                raise PictureError(f"picture too large: {name}")
            return path.read_bytes(), mime
        except (OSError, ValueError) as error:
            if isinstance(error, PictureError):
                raise
            raise PictureError(f"missing picture: {name}") from error

    def write(self, data: bytes, mime: str, wide: float | None = None, given: str = "") -> tuple[str, float]:
        """Check, shrink and write a picture.

        Parameters
        ----------
        data : bytes
        mime : str
        wide : float, optional
            Width in CSS pixels, where the notebook asks for one.
        given : str
            Width as it stands in the notebook: here, per cent of the page count.

        Returns
        -------
        str
            Name of the file.
        float
            Width in points.

        Raises
        ------
        PictureError
            For a kind that cannot be shown, a broken picture, or one that is too large.
        """
        if mime not in _KINDS:
            raise PictureError(f"no picture format that can be shown: {mime}")
        kind = _KINDS[mime]
        if kind == "svg":
            width, kind = _svg_width(data), "svg"
        elif kind == "pdf":
            width = WIDEST * 0.7
        else:
            data, kind, width = _raster(data, kind, wide)
        if wide:
            width = wide * PRINT
        if percent := re.fullmatch(r"\s*([\d.]+)%\s*", given or ""):
            width = min(float(percent[1]), 100) / 100 * WIDEST
        self.count += 1
        name = f"picture{self.count}.{kind}"
        (self.target / name).write_bytes(data)
        return name, round(min(max(width, 4), WIDEST), 1)


def _raster(data, kind, wide):
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > LARGEST:
                raise PictureError(f"picture too large: {picture.width} × {picture.height} pixels")
            width = min(wide * PRINT if wide else _natural_width(picture), WIDEST)
            most = int(width * DOTS)
            if picture.width <= most * 1.3 and kind in ("png", "jpg") and picture.mode != "CMYK":
                picture.verify()
                return data, {"JPEG": "jpg", "PNG": "png"}.get(picture.format, kind), width
            small = picture.convert(
                "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
            )
            if picture.width > most:
                small = small.resize(
                    (most, max(round(picture.height * most / picture.width), 1)), Image.Resampling.LANCZOS
                )
            file = io.BytesIO()
            small.save(file, "PNG")
            return file.getvalue(), "png", width
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError("broken picture") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise PictureError(f"broken picture: {error}") from error


def _natural_width(picture):
    dots = picture.info.get("dpi", (0, 0))[0]
    return picture.width * (INCH / float(dots) if 50 <= dots <= 1200 else PRINT)


def _drawing(svg):
    """SVG as a file of its own: HTML forgives lower case and names without a namespace, XML does not."""
    svg = re.sub(r"\bviewbox=", "viewBox=", svg)
    if "xmlns=" not in svg:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    if "xlink:" in svg and "xmlns:xlink" not in svg:
        svg = svg.replace("<svg", '<svg xmlns:xlink="http://www.w3.org/1999/xlink"', 1)
    return svg.encode()


def _svg_width(data):
    head = data[:5000].decode(errors="replace")
    found = re.search(r"<svg\b[^>]*?\bwidth\s*=\s*[\"']([\d.]+)(pt|px|mm|cm|in)?", head)
    if not found:
        box = re.search(r"viewBox\s*=\s*[\"'][\d.eE+-]+[\s,]+[\d.eE+-]+[\s,]+([\d.]+)", head)
        return float(box[1]) * PRINT if box else WIDEST * 0.7
    pixels = {"pt": 4 / 3, "mm": 3.78, "cm": 37.8, "in": 96}.get(found[2], 1)
    return float(found[1]) * pixels * PRINT


def _pixels(value):
    found = re.fullmatch(r"\s*([\d.]+)\s*(px)?\s*", str(value)) if value else None
    return float(found[1]) if found and float(found[1]) > 0 else None


def _decode(text):
    try:
        return base64.b64decode(re.sub(r"\s", "", text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise PictureError(f"broken picture: {error}") from error
