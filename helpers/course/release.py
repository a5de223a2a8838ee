"""The package for students: notebooks with stubs, and of the rest what they need."""

import copy
import hashlib
import io
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from helpers.course.cells import CODE, PROMPT, is_written_answer, marked
from helpers.course.errors import CourseError
from helpers.datasets import DATA, DATASETS
from helpers.files import replacing, write_zip
from helpers.places import ROOT

__all__ = ["nbgrader_source", "release_all", "stubbed", "student_version"]

FLAGS = {"SOLUTION": "solution", "HIDDEN TESTS": "grade"}  # region → what nbgrader must call its cell
MARKER = re.compile(r"(\s*)### (BEGIN|END) (SOLUTION|HIDDEN TESTS)\s*")
NEARLY = re.compile(r"#\s*(BEGIN|END)\s+(SOLUTION|HIDDEN|MARK)", re.IGNORECASE)
STAFF = re.compile(r"^### BEGIN STAFF\n.*?^### END STAFF\n+", re.MULTILINE | re.DOTALL)

FOR_STUDENTS = (
    *("__init__", "__main__", "cells", "check", "checklist", "commands", "companions", "doctor"),
    *("download", "errors", "execute", "export", "exporter", "fingerprint", "group", "handed", "handin"),
    *("items", "scans", "status"),
)
# What students get, besides notebooks, README and the data that ships; everything else stays with the tutors.
AS_IT_IS = (
    ".gitignore",
    "constraints.txt",
    "data/README.md",
    "setup.py",
    "helpers/*.py",
    "helpers/generators/*.py",
    "helpers/generators/*.npz",
    *(f"helpers/course/{name}.py" for name in FOR_STUDENTS),
    *(f"helpers/course/typeset/*.{suffix}" for suffix in ("py", "lua", "typ")),
)
WITHOUT_STAFF = "Makefile", "environment.yml", "pyproject.toml", "helpers/course/cli.py"
README = "helpers/course/students.md"
NEW = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}


def student_version(notebook: NotebookNode) -> NotebookNode:
    """The notebook as students get it: stubs for solutions, no hidden checks, no outputs.

    Written answers are text cells. Checks and statements are locked in JupyterLab.

    Parameters
    ----------
    notebook : NotebookNode
        A solved notebook; it is not changed.

    Returns
    -------
    NotebookNode

    Raises
    ------
    CourseError
        It names notebook and cell when regions are not closed, nested or misplaced.
    """
    released = copy.deepcopy(notebook)
    kept = ("title", "course", "kernelspec", "language_info")
    released.metadata = nbformat.from_dict({k: v for k, v in notebook.metadata.items() if k in kept})
    for number, cell in enumerate(released.cells):
        try:
            source = stubbed(cell)
        except ValueError as error:
            raise CourseError(f"{notebook.metadata.get('title', 'notebook')}: {error}") from None
        cell_marked = marked(cell)
        kept = {k: v for k, v in cell.metadata.items() if k in ("nbgrader", "tags")}
        if cell_marked.get("locked"):
            kept["editable"] = False
        if cell_marked.get("locked") or cell_marked.get("solution"):
            kept["deletable"] = False
        kind = "markdown" if is_written_answer(cell) else cell.cell_type
        new = NEW[kind](source, id=cell.id, metadata=kept)
        if cell.get("attachments") and not cell_marked.get("solution"):
            new.attachments = cell.attachments
        released.cells[number] = new
    return released


def stubbed(cell: NotebookNode) -> str:
    """Source of a cell as students get it.

    A solution region becomes a stub that raises NotImplementedError, at its indentation. A solution cell
    without regions is one as a whole, and so is a written answer, which becomes a prompt.

    Parameters
    ----------
    cell : NotebookNode

    Returns
    -------
    str

    Raises
    ------
    CourseError
        It names the cell when regions are not closed, nested or misplaced.
    """
    pieces = _pieces(cell)
    if is_written_answer(cell):
        return PROMPT
    if marked(cell).get("solution") and not any(region == "SOLUTION" for region, *_ in pieces):
        return PROMPT if cell.cell_type == "markdown" else "\n".join(CODE)
    released = []
    for region, indentation, lines in pieces:
        if not region:
            released += lines
        elif region == "SOLUTION":
            released += [indentation + line for line in CODE]
    return "\n".join(released)


def nbgrader_source(notebook: NotebookNode) -> NotebookNode:
    """The solved notebook with all written answers as text cells, as nbgrader makes code stubs of code cells.

    Parameters
    ----------
    notebook : NotebookNode
        A solved notebook; it is not changed.

    Returns
    -------
    NotebookNode
    """
    source = copy.deepcopy(notebook)
    for number, cell in enumerate(source.cells):
        if is_written_answer(cell) and cell.cell_type == "code":
            text = f"```python\n{cell.source}\n```"
            source.cells[number] = v4.new_markdown_cell(text, id=cell.id, metadata=cell.metadata)
    return source


def release_all(out: str | Path, report: Callable[[str], None] = print) -> None:
    """Write the package for students to a folder, and as a zip beside it.

    A list of what was written, `out`.sha256, lets the next release replace its own files and leave those
    of others alone, a git repository in the folder among them. Same sources, same bytes.

    Parameters
    ----------
    out : path
        The folder.
    report : callable
        Gets a line of text for each notebook and one for the whole.

    Raises
    ------
    CourseError
        As student_version, and when a STAFF region is not closed.
    FileExistsError
        When files would be lost that somebody else made or changed.
    """
    out = Path(out).absolute()
    files = {}
    for pattern in AS_IT_IS:
        files |= {p.relative_to(ROOT).as_posix(): p.read_bytes() for p in ROOT.glob(pattern)}
    for name in WITHOUT_STAFF:
        files[name] = _without_staff((ROOT / name).read_text(encoding="utf-8")).encode()
    for dataset in DATASETS.values():
        if not dataset.seeds:  # no generator: the files ship
            files |= {f"data/generated/{n}": (DATA / "generated" / n).read_bytes() for n in dataset.shapes}
    rows = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        released = student_version(nbformat.read(path, as_version=4))
        files[f"notebooks/{path.name}"] = (nbformat.writes(released) + "\n").encode()
        rows.append(_row(path.stem, released.metadata))
        sources = [c.source for c in released.cells]
        report(f"{path.name:<36} {sum(map(_to_do, sources)):3d} of {len(sources)} cells to fill in")
    readme = (ROOT / README).read_text(encoding="utf-8")
    files["README.md"] = readme.replace("NOTEBOOKS", "\n".join(rows)).encode()

    package = tomllib.loads(files["pyproject.toml"].decode())["project"]["name"]
    archive = io.BytesIO()
    write_zip(archive, {f"{package}/{name}": files[name] for name in sorted(files)})
    written = {f"{out.name}/{name}": files[name] for name in sorted(files)}
    _replace(out.parent, written | {f"{out.name}.zip": archive.getvalue()}, f"{out.name}.sha256")
    report(f"{out} and {out}.zip ({len(archive.getvalue()) / 1e6:.1f} MB): {len(files)} files")


def _pieces(cell):
    """Cut a cell at its markers. Returns: list of [region or "", indentation, lines without markers]."""

    def wrong(what):
        return CourseError(f"cell {cell.get('id', 'without id')}: {what}")

    pieces = [["", "", []]]
    for line in cell.source.split("\n"):
        marker, region = MARKER.fullmatch(line), pieces[-1][0]
        if not marker:
            if NEARLY.search(line):
                raise wrong(f"{line.strip()!r} is no marker; expected ### BEGIN SOLUTION or the like, alone")
            pieces[-1][2].append(line)
            continue
        indentation, edge, name = marker.groups()
        if edge == "BEGIN" and region:
            raise wrong(f"{name} begins within {region}; close that first")
        if edge == "END" and region != name:
            raise wrong(f"{name} ends, but {region or 'no region'} is open")
        if not marked(cell).get(FLAGS[name]) or (name == "HIDDEN TESTS" and marked(cell).get("solution")):
            raise wrong(f"{name} in a cell that nbgrader's metadata do not call one of {FLAGS[name]}s")
        pieces.append([name, indentation, []] if edge == "BEGIN" else ["", "", []])
    if pieces[-1][0]:
        raise wrong(f"{pieces[-1][0]} is not closed")
    return pieces


def _without_staff(text):
    text = STAFF.sub("", text)
    if "### BEGIN STAFF" in text or "### END STAFF" in text:
        raise CourseError("a STAFF region is not closed, or closed twice")
    return re.sub(r"'?\.\[test\]'?", ".", text)  # the extra for authors


def _to_do(source):
    return CODE[0] in source or PROMPT in source


def _row(name, metadata):
    course = metadata["course"]
    return (
        f"| `{name}` | {metadata['title']} | {course['sheet']}.{course['exercise']} | {course['points']} | "
        f"{course['minutes']} min |"
    )


def _replace(folder, files, manifest):
    """Write files (name → bytes) to the folder and delete those that only an earlier list names."""
    earlier = _digests(folder / manifest)
    names = sorted({*files, *earlier})
    tops = {name.partition("/")[0] for name in files}
    lost = [n for n in names if not _is_ours(folder, n, tops, earlier.get(n, ()))]
    if lost:
        more = f" and {len(lost) - 5} more" * (len(lost) > 5)
        raise FileExistsError(
            f"{folder / manifest} does not list, or lists otherwise, {', '.join(lost[:5])}{more}: "
            f"made or changed by somebody else; move them away, or release to another folder with --out"
        )
    new = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in files.items()]
    old = [f"{digest}  {name}" for name, digests in earlier.items() for digest in sorted(digests)]
    # both lists while it happens, so that a release that was interrupted can be repeated
    _write(folder / manifest, "\n".join([*old, *new, ""]).encode())
    for name, content in files.items():
        _write(folder / name, content)
    for name in sorted(set(earlier) - set(files)):
        (folder / name).unlink(missing_ok=True)
    _write(folder / manifest, "\n".join([*new, ""]).encode())


def _digests(manifest):
    digests = {}
    if manifest.exists():
        for line in manifest.read_text(encoding="utf-8").splitlines():
            digest, _, name = line.partition("  ")
            digests.setdefault(name, set()).add(digest)
    return digests


def _is_ours(folder, name, tops, digests):
    path, top = folder / name, name.partition("/")[0]
    if top not in tops or not path.resolve().is_relative_to(folder.resolve() / top):
        return False  # a link, or a list that somebody has changed
    return not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() in digests


def _write(path, content):
    with replacing(path) as file:
        file.write(content)
