"""The hand-in: notebooks run from a clean state, theory and cover in one PDF, everything in one zip."""

import datetime
import io
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from pypdf import PdfReader, PdfWriter

from helpers import files
from helpers.course.checklist import findings, pages
from helpers.course.errors import CourseError
from helpers.course.execute import execute
from helpers.course.fingerprint import digest_of
from helpers.course.handed import Handed, agreed, beside_of, left_out, printable_name, read_all
from helpers.course.member import Member, file_stem, to_toml
from helpers.course.scans import theory_pages
from helpers.course.typeset.cover import cover_pdf
from helpers.course.typeset.document import make_pdf

__all__ = ["RUNNING", "hand_in"]

COURSE = "Machine learning for particle physics"
RUNNING = "COURSE_HANDIN"  # set in kernels, so that a notebook that hands itself in does not do so forever

Report = Callable[[str], None]


@dataclass(frozen=True)
class Scan:
    """A scan or photo of the theory, turned into pages.

    Parameters
    ----------
    name : str
        Of its file.
    pages : PdfWriter
    """

    name: str
    pages: PdfWriter


def hand_in(
    notebooks: Iterable[str | Path],
    theory: Iterable[str | Path] = (),
    as_is: bool = False,
    group_size: int = 3,
    overwrite: bool = False,
    report: Report = print,
) -> Path:
    """Run notebooks from a clean state and pack sheetNN_group.zip beside the first of them.

    The zip holds one PDF (cover, theory, notebooks), the executed notebooks, modules and small data that
    they use, checklist.txt and group.toml. The notebooks themselves stay as they are. A zip made from the
    same files is left alone.

    Parameters
    ----------
    notebooks : iterable of path
        Of one sheet.
    theory : iterable of path
        Scans and photos, in order.
    as_is : bool
        Take the notebooks as they were saved.
    group_size : int
    overwrite : bool
        Replace an earlier zip.
    report : callable
        Gets lines for the reader.

    Returns
    -------
    Path
        Of the zip.

    Raises
    ------
    CourseError or OSError
        With what to do about it; nothing was changed then.
    """
    handed = read_all(notebooks, as_is)
    sheet, members = agreed(handed, group_size)
    theory = list(map(Path, theory))
    scans = [Scan(printable_name(path), theory_pages(path)) for path in theory]
    beside = beside_of(handed)
    origin = _origin(handed, [*theory, *beside.values()], members, as_is)
    stem = file_stem(sheet, members)
    target = handed[0].path.parent / f"{stem}.zip"

    earlier, held = _earlier(target)
    if not overwrite and earlier == origin:
        report(f"{target} is there already, made from the same files; nothing to do")
        return target
    if target.is_symlink() or (target.exists() and not overwrite):
        raise CourseError(
            f"{target} is there already, with {held}; "
            f"rename it to keep it, or add --overwrite to replace it. "
            f"The notebooks of a sheet are handed in together, by one command that names them all"
        )
    if not as_is:
        for one in handed:
            _run(one, report)
    pdf, checklist = _assembled(sheet, members, scans, handed, as_is, beside, report)

    parts = {f"{stem}.pdf": pdf}
    for one in handed:
        parts[unicodedata.normalize("NFC", one.path.name)] = nbformat.writes(one.notebook).encode()
    parts |= {"checklist.txt": checklist.encode(), "group.toml": to_toml(members).encode()}
    for name, path in beside.items():
        parts[name] = path.read_bytes()
    replaces = f", replaces the earlier one with {held}" if target.exists() else ""
    with files.replacing(target) as file:
        files.write_zip(file, parts, comment=origin)
    report(f"\n{checklist}")
    if others := left_out(handed):
        report(f"Not in it, although of the same sheet: {', '.join(others)}")
    report(f"{target} ({target.stat().st_size / 1e6:.1f} MB){replaces}")
    return target


def _origin(handed: list[Handed], others: list[Path], members: tuple[Member, ...], as_is: bool) -> str:
    """Digest of everything that the zip is made from; outputs count only where they are handed in."""
    made_from = [to_toml(members)]
    for one in handed:
        made_from += [one.path.name, one.title]
        for cell in one.notebook.cells:
            made_from += [cell.cell_type, cell.source, cell.get("attachments")]
        if as_is:
            made_from.append(one.path)
    for path in others:
        made_from += [path.name, path]
    return digest_of(*made_from)


def _earlier(target: Path) -> tuple[str | None, str]:
    """Digest in an earlier zip, None when it is broken, and which notebooks it holds, for messages."""
    try:
        with zipfile.ZipFile(target) as archive:
            names = [name for name in archive.namelist() if name.endswith(".ipynb")]
            if archive.testzip() is not None:
                return None, "damaged content"
            return archive.comment.decode(), " and ".join(names) or "no notebook"
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error):
        return None, "unreadable content"


# the run and the PDF


def _run(handed: Handed, report: Report) -> None:
    for cell in handed.code:
        cell.outputs, cell.execution_count = [], None
    report(f"{handed.path.name}: running {len(handed.code)} code cells from a clean state")
    if error := execute(handed.notebook, handed.path, **{RUNNING: "1"}):
        raise CourseError(
            f"{error}\nNo points for code that does not run: mend this cell and save, "
            f"or add --as-is to hand in what was saved."
        )
    for cell in handed.code:
        cell.metadata.pop("execution", None)  # the clock


def _assembled(
    sheet: int,
    members: tuple[Member, ...],
    scans: list[Scan],
    handed: list[Handed],
    as_is: bool,
    beside: dict[str, Path],
    report: Report,
) -> tuple[bytes, str]:
    """The PDF of a hand-in and the text of its checklist."""
    exported = [_exported(one, report) for one in handed]
    theory, in_all = [], 0
    for scan in scans:
        number = len(scan.pages.pages)
        theory.append((1, f"{scan.name}: {pages(number)}"))
        in_all += number
    lines = [(0, f"Theory: {pages(in_all) if scans else 'none handed in'}"), *theory]  # depth, text
    for one, reader in zip(handed, exported, strict=True):
        lines.append((0, f"{one.path.name}: {pages(len(reader.pages))}"))
        for finding in findings(one.notebook, as_is):
            lines.append((1, finding))
    if beside:
        lines.append((0, f"Files beside the notebooks: {', '.join(beside)}"))
    today = datetime.date.today().isoformat()
    cover = cover_pdf(COURSE, f"Sheet {sheet}", [one.title for one in handed], members, lines, today)

    writer = PdfWriter()
    writer.append(io.BytesIO(cover), "Cover", import_outline=False)
    for scan in scans:
        writer.append(_reopened(scan.pages), f"Theory: {scan.name}", import_outline=False)
    for one, reader in zip(handed, exported, strict=True):
        writer.append(reader, one.title)
    authors = ", ".join(member.name for member in members)
    writer.add_metadata({"/Title": f"Sheet {sheet}", "/Author": authors})
    pdf = io.BytesIO()
    writer.write(pdf)

    text = [f"Sheet {sheet}, {today}"]
    for member in members:
        text.append(f"{member.name} (tutorial {member.tutorial})")
    text.append(f"PDF: {pages(len(writer.pages))}, the cover among them")
    for depth, line in lines:
        text.append("    " * depth + line)
    return pdf.getvalue(), "\n".join([*text, ""])


def _exported(handed: Handed, report: Report) -> PdfReader:
    pdf, remarks = make_pdf(handed.notebook, home=handed.path.parent, name=handed.path.stem)
    for remark in remarks:
        report(f"{handed.path.name}, in the PDF: {remark}")
    return PdfReader(io.BytesIO(pdf))


def _reopened(writer: PdfWriter) -> PdfReader:
    file = io.BytesIO()
    writer.write(file)
    return PdfReader(file)
