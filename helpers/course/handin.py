"""The hand-in: notebooks run from a clean state, theory and cover in one PDF, everything in one zip."""

import datetime
import hashlib
import io
import json
import re
import unicodedata
import warnings
import zipfile
import zlib
from pathlib import Path

import nbformat
from pypdf import PdfReader, PdfWriter

from helpers import files
from helpers.course.cells import STUB, is_empty_answer
from helpers.course.companions import companions_of, refusal
from helpers.course.errors import CourseError
from helpers.course.execute import execute
from helpers.course.group import file_stem, read_group, to_toml
from helpers.course.scans import theory_pages
from helpers.course.typeset.cover import cover_pdf
from helpers.course.typeset.document import make_pdf

__all__ = ["RUNNING", "hand_in"]

COURSE = "Machine learning for particle physics"
RUNNING = "COURSE_HANDIN"  # set in kernels, so that a notebook that hands itself in does not do so forever
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MALFORMED = ValueError, AttributeError, KeyError, TypeError, RecursionError, nbformat.ValidationError


def hand_in(notebooks, theory=(), as_is=False, group_size=3, overwrite=False, report=print):
    """Run notebooks from a clean state and pack sheetNN_group.zip beside the first of them.

    The zip holds one PDF (cover, theory, notebooks), the executed notebooks, checklist.txt and group.toml.
    The notebooks themselves stay as they are. A zip made from the same files is left alone.

    Arguments: notebooks of one sheet; theory: scans and photos; as_is: take the notebooks as they were
    saved; overwrite: replace an earlier zip; report gets lines for the reader.
    Returns: path of the zip.
    Raises: ValueError or OSError with what to do about it; nothing was changed then.
    """
    paths = [_checked(Path(p)) for p in notebooks]
    if len({p.name for p in paths}) < max(len(paths), 1):
        raise CourseError(f"expected different notebooks, got {', '.join(p.name for p in paths) or 'none'}")
    contents = [_read(p, as_is) for p in paths]
    sheet, members = _agreed(contents, paths, group_size)
    stem = file_stem(sheet, members)
    target = paths[0].parent / f"{stem}.zip"
    scans = [(_name(p), theory_pages(p)) for p in map(Path, theory)]
    beside = _beside(contents, paths)
    origin = _origin(contents, paths, [*theory, *beside.values()], members, as_is)
    earlier, held = _earlier(target)
    if not overwrite and earlier == origin:
        report(f"{target} is there already, made from the same files; nothing to do")
        return target
    if target.is_symlink() or (target.exists() and not overwrite):
        raise FileExistsError(
            f"{target} is there already, with {held}; "
            f"rename it to keep it, or add --overwrite to replace it. "
            f"The notebooks of a sheet are handed in together, by one command that names them all"
        )
    if not as_is:
        for path, notebook in zip(paths, contents, strict=True):
            _run(notebook, path, report)
    exported = [_exported(n, p, report) for n, p in zip(contents, paths, strict=True)]
    pdf, checklist = _assemble(sheet, members, scans, contents, paths, exported, as_is, beside)
    parts = {f"{stem}.pdf": pdf}
    for path, notebook in zip(paths, contents, strict=True):
        parts[unicodedata.normalize("NFC", path.name)] = nbformat.writes(notebook).encode()
    parts |= {"checklist.txt": checklist.encode(), "group.toml": to_toml(members).encode()}
    for name, path in beside.items():
        parts[name] = path.read_bytes()
    replaces = f", replaces the earlier one with {held}" * target.exists()
    with files.replacing(target) as file:
        files.write_zip(file, parts, comment=origin)
    report(f"\n{checklist}")
    report(f"{target} ({target.stat().st_size / 1e6:.1f} MB){replaces}")
    return target


def _checked(path):
    if path.is_symlink() or not path.is_file():
        raise CourseError(f"{path} is a link or no file, expected a notebook")
    odd = any(unicodedata.category(c) in ("Cc", "Cs") for c in path.name) or "\\" in path.name
    if path.suffix != ".ipynb" or path.name.startswith(".") or odd:
        raise CourseError(
            f"{_name(path)!r} is no name of a notebook: expected one that ends in .ipynb, without control "
            f"characters; scans and photos come after --theory"
        )
    return path


def _beside(contents, paths):
    """Own modules and small data that the notebooks use: path from their folder → path."""
    found = {}
    for notebook, path in zip(contents, paths, strict=True):
        for name, file in companions_of(notebook, path.parent).items():
            if why := refusal(name):
                raise CourseError(f"{name} cannot be handed in: {why}; rename it")
            if found.setdefault(name, file).resolve() != file.resolve():
                raise CourseError(f"two notebooks use different files of the name {name}; rename one of them")
    return found


def _read(path, as_is):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cells without ids come from other editors and get one here
            notebook = nbformat.reads(path.read_text(encoding="utf-8-sig"), as_version=4)
        code = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
        executed = any(c.execution_count or c.outputs for c in code)
        _findings(notebook, as_is)
    except MALFORMED as error:
        raise CourseError(f"{path} is no notebook: {error}; open it in JupyterLab and save it") from error
    if not code:
        raise CourseError(f"{path} is empty: no cell holds code")
    if as_is and not executed:
        raise CourseError(f"{path} was never executed: run it and save it, or leave out --as-is")
    return notebook


def _agreed(contents, paths, group_size):
    """The sheet and the group that all notebooks name."""
    sheets = [_sheet(n, p) for n, p in zip(contents, paths, strict=True)]
    groups = [read_group(n, p, group_size) for n, p in zip(contents, paths, strict=True)]
    for path, sheet, group in zip(paths, sheets, groups, strict=True):
        if sheet != sheets[0]:
            raise CourseError(
                f"{path.name} is of sheet {sheet}, {paths[0].name} of sheet {sheets[0]}: "
                f"hand in sheet by sheet"
            )
        if set(group) != set(groups[0]):
            raise CourseError(f"{path.name} and {paths[0].name} name different groups; correct one of them")
    return sheets[0], groups[0]


def _sheet(notebook, path):
    course = notebook.metadata.get("course")
    sheet = course.get("sheet") if isinstance(course, dict) else None
    if isinstance(sheet, bool) or not isinstance(sheet, int) or not 0 < sheet < 100:
        raise CourseError(
            f"{path.name}: metadata course.sheet is {sheet!r}, expected a number; "
            f"begin with the notebook of the course"
        )
    return sheet


def _origin(contents, paths, theory, members, as_is):
    """Digest of everything that the zip is made from; outputs count only where they are handed in."""
    cells = [[(c.cell_type, c.source, c.get("attachments")) for c in n.cells] for n in contents]
    titles = [(p.name, _title(n, p)) for n, p in zip(contents, paths, strict=True)]
    scans = [(Path(p).name, _sha256(p)) for p in theory]
    saved = [_sha256(p) for p in paths] if as_is else None
    made_from = json.dumps([cells, titles, scans, saved, to_toml(members)])
    return hashlib.sha256(made_from.encode()).hexdigest()


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _earlier(target):
    """Digest in an earlier zip, None when it is broken, and which notebooks it holds, for messages."""
    try:
        with zipfile.ZipFile(target) as archive:
            held = " and ".join(n for n in archive.namelist() if n.endswith(".ipynb")) or "no notebook"
            return (
                (archive.comment.decode(), held) if archive.testzip() is None else (None, "damaged content")
            )
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error):
        return None, "unreadable content"


def _run(notebook, path, report):
    code = [c for c in notebook.cells if c.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    report(f"{path.name}: running {len(code)} code cells from a clean state")
    if error := execute(notebook, path, **{RUNNING: "1"}):
        raise CourseError(
            f"{error}\nNo points for code that does not run: mend this cell and save, "
            f"or add --as-is to hand in what was saved."
        )
    for cell in code:
        cell.metadata.pop("execution", None)  # the clock


def _exported(notebook, path, report):
    pdf, remarks = make_pdf(notebook, home=path.parent, name=path.stem)
    for remark in remarks:
        report(f"{path.name}, in the PDF: {remark}")
    return PdfReader(io.BytesIO(pdf))


def _assemble(sheet, members, scans, contents, paths, exported, as_is, beside):
    """The PDF of a hand-in and the text of its checklist."""
    lines = [(0, "Theory: " + (_pages(sum(len(w.pages) for _, w in scans)) if scans else "none handed in"))]
    lines += [(1, f"{name}: {_pages(len(writer.pages))}") for name, writer in scans]
    for notebook, path, reader in zip(contents, paths, exported, strict=True):
        lines += [(0, f"{path.name}: {_pages(len(reader.pages))}")]
        lines += [(1, finding) for finding in _findings(notebook, as_is)]
    if beside:
        lines += [(0, f"Files beside the notebooks: {', '.join(beside)}")]
    titles = [_title(n, p) for n, p in zip(contents, paths, strict=True)]
    today = datetime.date.today().isoformat()
    cover = cover_pdf(COURSE, f"Sheet {sheet}", titles, members, lines, today)

    writer = PdfWriter()
    writer.append(io.BytesIO(cover), "Cover", import_outline=False)
    for name, scan in scans:
        writer.append(_reopened(scan), f"Theory: {name}", import_outline=False)
    for title, reader in zip(titles, exported, strict=True):
        writer.append(reader, title)
    writer.add_metadata({"/Title": f"Sheet {sheet}", "/Author": ", ".join(m.name for m in members)})
    pdf = io.BytesIO()
    writer.write(pdf)

    who = [f"{m.name} (tutorial {m.tutorial})" for m in members]
    head = [f"Sheet {sheet}, {today}", *who, f"PDF: {_pages(len(writer.pages))}, the cover among them"]
    body = ["    " * depth + text for depth, text in lines]
    return pdf.getvalue(), "\n".join([*head, *body, ""])


def _title(notebook, path):
    return str(notebook.metadata.get("title") or path.stem)


def _name(path):
    """The name of a file as text that can be printed, whatever its bytes are."""
    return path.name.encode(errors="replace").decode()


def _reopened(writer):
    file = io.BytesIO()
    writer.write(file)
    return PdfReader(file)


def _pages(count):
    return f"{count} page{'s' * (count != 1)}"


def _findings(notebook, as_is):
    numbered = list(enumerate(notebook.cells, 1))
    code = [(n, c) for n, c in numbered if c.cell_type == "code" and c.source.strip()]
    counts = [c.execution_count for _, c in code if c.execution_count is not None]
    order = "in the order of the page" if counts == sorted(counts) else "NOT from top to bottom"
    how = f"NOT run again, as it was saved, {order}" if as_is else "from a clean state"
    found = (
        ("cells that ended in an error", code, lambda c: any(o.output_type == "error" for o in c.outputs)),
        ("empty answer cells", numbered, is_empty_answer),
        ("letters lost to control characters: write text in text cells", numbered, _has_control_characters),
        ("NotImplementedError left over", code, lambda c: STUB.search(c.source)),
    )
    lines = [f"{len(counts)} of {len(code)} code cells run, {how}"]
    for what, cells, applies in found:
        named = [f"{n} ({c.get('id', 'no id')})" for n, c in cells if applies(c)]
        more = f" and {len(named) - 5} more" * (len(named) > 5)
        lines.append(f"{what}: " + (f"{len(named)}, cell {', '.join(named[:5])}{more}" if named else "none"))
    return lines


def _has_control_characters(cell):
    r"""Whether letters were lost: `\beta` in a string that is not raw prints a backspace and "eta"."""
    texts = [cell.source] if cell.cell_type == "markdown" else []
    for output in cell.get("outputs", []):
        texts.append(output.get("data", {}).get("text/markdown", ""))
    return any(CONTROL.search("".join(text)) for text in texts)
