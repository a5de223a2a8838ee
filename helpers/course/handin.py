"""The hand-in: notebooks run from a clean state, theory and cover in one PDF, everything in one zip."""

import datetime
import io
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from pypdf import PdfReader, PdfWriter

from helpers import files
from helpers.course.checklist import findings, pages
from helpers.course.companions import companions_of, refusal
from helpers.course.errors import CourseError
from helpers.course.execute import execute
from helpers.course.fingerprint import digest_of
from helpers.course.group import Member, file_stem, read_group, to_toml
from helpers.course.scans import theory_pages
from helpers.course.typeset.cover import cover_pdf
from helpers.course.typeset.document import make_pdf

__all__ = ["RUNNING", "hand_in"]

COURSE = "Machine learning for particle physics"
RUNNING = "COURSE_HANDIN"  # set in kernels, so that a notebook that hands itself in does not do so forever
MALFORMED = ValueError, AttributeError, KeyError, TypeError, RecursionError, nbformat.ValidationError

Report = Callable[[str], None]


@dataclass(frozen=True)
class Handed:
    """One notebook that is handed in."""

    path: Path
    notebook: NotebookNode

    @property
    def title(self) -> str:
        return str(self.notebook.metadata.get("title") or self.path.stem)

    @property
    def code(self) -> list[NotebookNode]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]


@dataclass(frozen=True)
class Scan:
    """A scan or photo of the theory, turned into pages."""

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
    handed = _read_all(notebooks, as_is)
    sheet, members = _agreed(handed, group_size)
    theory = [Path(path) for path in theory]
    scans = [Scan(_name(path), theory_pages(path)) for path in theory]
    beside = _beside(handed)
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
    report(f"{target} ({target.stat().st_size / 1e6:.1f} MB){replaces}")
    return target


# what is handed in, and by whom


def _read_all(notebooks: Iterable[str | Path], as_is: bool) -> list[Handed]:
    paths = []
    for notebook in notebooks:
        path = Path(notebook)
        _check_name(path)
        paths.append(path)
    names = [path.name for path in paths]
    if not names or len(set(names)) < len(names):
        raise CourseError(f"expected different notebooks, got {', '.join(names) or 'none'}")
    return [Handed(path, _read(path, as_is)) for path in paths]


def _check_name(path: Path) -> None:
    if path.is_symlink() or not path.is_file():
        raise CourseError(f"{path} is a link or no file, expected a notebook")
    odd = any(unicodedata.category(c) in ("Cc", "Cs") for c in path.name) or "\\" in path.name
    if path.suffix != ".ipynb" or path.name.startswith(".") or odd:
        raise CourseError(
            f"{_name(path)!r} is no name of a notebook: expected one that ends in .ipynb, without control "
            f"characters; scans and photos come after --theory"
        )


def _read(path: Path, as_is: bool) -> NotebookNode:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cells without ids come from other editors and get one here
            notebook = nbformat.reads(path.read_text(encoding="utf-8-sig"), as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
        executed = any(cell.execution_count or cell.outputs for cell in code)
        findings(notebook, as_is)
    except MALFORMED as error:
        raise CourseError(f"{path} is no notebook: {error}; open it in JupyterLab and save it") from error
    if not code:
        raise CourseError(f"{path} is empty: no cell holds code")
    if as_is and not executed:
        raise CourseError(f"{path} was never executed: run it and save it, or leave out --as-is")
    return notebook


def _agreed(handed: list[Handed], group_size: int) -> tuple[int, tuple[Member, ...]]:
    """The sheet and the group that all notebooks name."""
    first = handed[0]
    sheet = _sheet(first)
    for one in handed:
        if _sheet(one) != sheet:
            raise CourseError(
                f"{one.path.name} is of sheet {_sheet(one)}, {first.path.name} of sheet {sheet}: "
                f"hand in sheet by sheet"
            )
    members = read_group(first.notebook, first.path, group_size)
    for one in handed:
        if set(read_group(one.notebook, one.path, group_size)) != set(members):
            raise CourseError(
                f"{one.path.name} and {first.path.name} name different groups; correct one of them"
            )
    return sheet, members


def _sheet(handed: Handed) -> int:
    course = handed.notebook.metadata.get("course")
    sheet = course.get("sheet") if isinstance(course, dict) else None
    if isinstance(sheet, bool) or not isinstance(sheet, int) or not 0 < sheet < 100:
        raise CourseError(
            f"{handed.path.name}: metadata course.sheet is {sheet!r}, expected a number; "
            f"begin with the notebook of the course"
        )
    return sheet


def _beside(handed: list[Handed]) -> dict[str, Path]:
    """Own modules and small data that the notebooks use: path from their folder → path."""
    found: dict[str, Path] = {}
    for one in handed:
        for name, path in companions_of(one.notebook, one.path.parent).items():
            if why := refusal(name):
                raise CourseError(f"{name} cannot be handed in: {why}; rename it")
            if found.setdefault(name, path).resolve() != path.resolve():
                raise CourseError(f"two notebooks use different files of the name {name}; rename one of them")
    return found


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
    theory = "none handed in"
    if scans:
        theory = pages(sum(len(scan.pages.pages) for scan in scans))
    lines = [(0, f"Theory: {theory}")]  # depth, text
    for scan in scans:
        lines.append((1, f"{scan.name}: {pages(len(scan.pages.pages))}"))
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
    names = [member.name for member in members]
    writer.add_metadata({"/Title": f"Sheet {sheet}", "/Author": ", ".join(names)})
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


def _name(path: Path) -> str:
    """The name of a file as text that can be printed, whatever its bytes are."""
    return path.name.encode(errors="replace").decode()
