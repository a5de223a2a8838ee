"""Feedback of one group, HTML and PDF: points, checks, executed notebooks, room for the tutor's hand."""

import re
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
from markupsafe import Markup
from nbformat import NotebookNode, v4

from helpers.course.export import ExportError, export_untrusted
from helpers.course.fingerprint import digest_of, fingerprint
from helpers.course.grading.scores import Group, Score
from helpers.course.pages.html import fill, macros
from helpers.course.pages.render import CODE_STYLE, cells_as_html
from helpers.course.pool import run_tasks
from helpers.files import replacing

__all__ = ["Feedback", "make_feedback", "write_feedback"]

MADE_FROM = re.compile(r'name="made-from" content="(\w+)"')


@dataclass(frozen=True)
class Shown:
    """A notebook as the feedback shows it."""

    title: str
    name: str
    verdict: str
    path: Path | None  # of the executed copy, where there is one
    cells: str = ""  # Markup


@dataclass(frozen=True)
class Feedback:
    """Everything that a group is told."""

    sheet: int
    group: Group
    who: str
    notebooks: list[Shown]
    made_from: str

    def score_of(self, item: str) -> Score | None:
        """The score of an item, None for one that is not of this sheet."""
        for score in self.group.scores:
            if score.item.id == item:
                return score
        return None


def write_feedback(
    groups: list[Group], out: Path, sheet: int, *, jobs: int = 1, report: Callable[[str], None] = print
) -> dict[str, str]:
    """Write feedback/GROUP.html and .pdf for each group, those that have changed only.

    Parameters
    ----------
    groups : list of Group
    out : Path
        The folder of the sheet.
    sheet : int
    jobs : int
    report : callable
        Gets a line for each feedback that is not complete.

    Returns
    -------
    dict of str to str
        Slug → what is missing, for groups whose feedback is not complete.
    """
    tasks, problems = {}, {}
    code = fingerprint("pages")
    for group in groups:
        feedback = _feedback(group, out, sheet, code)
        target = out / "feedback" / group.slug
        if _made_from(target) != feedback.made_from:
            tasks[group.slug] = feedback, str(target)
    if not tasks:
        return {}

    def ended(slug, result):
        if isinstance(result, Exception) or result:
            problems[slug] = str(result)[:300]
            report(f"feedback of {slug}: {problems[slug]}")

    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        run_tasks(make_feedback, tasks, Path(folder) / "journal", jobs=jobs, report=ended)
    return problems


def make_feedback(feedback: Feedback, target: str) -> str:
    """Write the feedback of one group, as a task of pool.run_tasks.

    Parameters
    ----------
    feedback : Feedback
    target : str
        Path of the files without .html and .pdf.

    Returns
    -------
    str
        What is missing, or "".
    """
    html, pdf = Path(f"{target}.html"), Path(f"{target}.pdf")
    contents = {}
    for shown in feedback.notebooks:
        if shown.path:
            contents[shown.name] = nbformat.read(shown.path, as_version=4)
    page = _as_page(feedback, contents)
    missing = ""
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        source = Path(folder) / "feedback.ipynb"
        nbformat.write(_as_notebook(feedback, contents), source)
        try:
            export_untrusted(source, pdf)
        except ExportError as error:
            pdf.unlink(missing_ok=True)
            missing = f"no PDF: {str(error).replace(str(source), 'the notebook')}"
    with replacing(html) as file:  # last, as it says what both are made from
        file.write(page.encode())
    return missing


def _feedback(group: Group, out: Path, sheet: int, code: str) -> Feedback:
    notebooks, contents = [], []
    for exercise, result in sorted(group.notebooks.items()):
        path = out / "executed" / group.slug / result.name
        if not (result.executed and path.exists()):
            path = None
        notebooks.append(Shown(f"Exercise {exercise}", result.name, str(result), path))
        contents.append(path or "")
    names = [member.name for member in group.members]
    who = ", ".join(names) or group.slug
    shown = [[notebook.name, notebook.verdict] for notebook in notebooks]
    told = [asdict(entry) for entry in (*group.members, *group.scores)]
    made_from = digest_of(code, sheet, who, shown, told, *contents)[:32]
    return Feedback(sheet, group, who, notebooks, made_from)


def _made_from(target: Path) -> str | None:
    """What the feedback that is there was made from; None, where a part is missing."""
    try:
        with open(target.with_name(f"{target.name}.html"), encoding="utf-8") as file:
            found = MADE_FROM.search(file.read(2000))
    except OSError:
        return None
    if found and target.with_name(f"{target.name}.pdf").exists():
        return found[1]
    return None


def _as_page(feedback: Feedback, contents: dict[str, NotebookNode]) -> str:
    box = macros("box.html").box

    def after(item):
        score = feedback.score_of(item)
        return box(score) if score else ""

    shown = []
    for notebook in feedback.notebooks:
        cells = Markup("")
        if notebook.name in contents:
            cells = Markup(cells_as_html(contents[notebook.name], after))
        shown.append(Shown(notebook.title, notebook.name, notebook.verdict, notebook.path, cells))
    return fill(
        "feedback.html",
        sheet=feedback.sheet,
        who=feedback.who,
        group=feedback.group,
        notebooks=shown,
        made_from=feedback.made_from,
        code_style=Markup(CODE_STYLE),
    )


def _as_notebook(feedback: Feedback, contents: dict[str, NotebookNode]) -> NotebookNode:
    """The same as a notebook, for the PDF."""
    texts = macros("feedback.md")
    cells = [
        v4.new_markdown_cell(f"# Sheet {feedback.sheet}: feedback"),
        v4.new_markdown_cell(texts.summary(feedback.group, feedback.who)),
        v4.new_markdown_cell(texts.table(feedback.group)),
    ]
    for shown in feedback.notebooks:
        cells.append(v4.new_markdown_cell(texts.heading(shown)))
        if shown.name not in contents:
            continue
        for cell in contents[shown.name].cells:
            course = cell.metadata.get("course", {})
            if "check" in course:  # as students know it, and without the traceback
                cell.source = course["shown"]
                cell.outputs = [output for output in cell.outputs if output.output_type != "error"]
            cell.metadata = {}
            cells.append(cell)
            score = feedback.score_of(course.get("check") or course.get("answer"))
            if score:
                cells.append(v4.new_markdown_cell(texts.box(score)))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return v4.new_notebook(cells=cells, metadata={"title": f"Sheet {feedback.sheet}, feedback"})
