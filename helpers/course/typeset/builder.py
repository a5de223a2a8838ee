"""From the cells of a notebook to parts of a page."""

import re

from nbformat import NotebookNode

from helpers.course.group import cell_entries
from helpers.course.typeset.code import SHORT, code_calls
from helpers.course.typeset.marks import FORMULA, PIECE
from helpers.course.typeset.maths import cut_maths
from helpers.course.typeset.outputs import output_parts
from helpers.course.typeset.parts import Draft, Part, Piece
from helpers.course.typeset.pictures import PictureError, Pictures
from helpers.course.typeset.text import literal, visible

__all__ = ["Builder", "build", "verbatim", "wrappable"]

_LONG = re.compile(r"[^\s\u200b]{48,}")
_TITLE = re.compile(r"\s*#[ \t]+([^\n]+?)[ \t#]*(?:\n|$)")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+.!|~$-])")
# Tags by which authors say what is not to be printed, in the spellings of nbconvert and Jupyter Book.
_NO_CELL = {"remove_cell", "remove-cell"}
_NO_INPUT = {"remove_input", "remove-input", "hide_input", "hide-input"}
_NO_OUTPUT = {"remove_output", "remove-output", "hide_output", "hide-output"}


def build(
    notebook: NotebookNode, pictures: Pictures, name: str, date: str | None, code: bool = True
) -> Draft:
    """The parts of a page.

    Parameters
    ----------
    notebook : NotebookNode
    pictures : Pictures
    name : str
        Stands on the page when the notebook has no title.
    date : str, optional
        Stands on the page when the metadata of the notebook hold none.
    code : bool
        Whether the code of cells is shown.

    Returns
    -------
    Draft
    """
    builder = Builder(notebook, pictures)
    length = builder.heading(name, date)
    for number, cell in enumerate(notebook.cells):
        builder.cell(number, cell, skip=length if number == 0 else 0, code=code)
    return builder.draft


class Builder:
    """Makes parts of cells; the readers of outputs and tables make theirs with its methods.

    Parameters
    ----------
    notebook : NotebookNode
    pictures : Pictures
        Writes those that are found.

    Attributes
    ----------
    draft : Draft
        What has been made so far.
    """

    def __init__(self, notebook: NotebookNode, pictures: Pictures):
        self.notebook = notebook
        self.draft = Draft(pictures)
        self.language = notebook.metadata.get("language_info", {}).get("name", "python")
        self.number = -1  # of the cell at hand
        self.attachments: dict = {}  # of that cell

    def heading(self, name: str, date: str | None) -> int:
        """Add the title, and note authors and date: from the metadata, the first heading and the group cell.

        Parameters
        ----------
        name : str
            Title when there is none.
        date : str, optional
            Date when the metadata hold none.

        Returns
        -------
        int
            Length of the heading in the first cell, which stands above the page instead.
        """
        metadata, cells = self.notebook.metadata, self.notebook.cells
        found = None
        if cells and cells[0].cell_type == "markdown":
            found = _TITLE.match("".join(cells[0].source))
        title = found[1] if found else metadata.get("title") or name
        plain = metadata.get("title") or re.sub(r"[$*`\\]", "", title)
        date = metadata.get("date") or date
        shown_date = literal(self.visible(str(date))) if date else "none"
        authors = "".join(f"{literal(self.visible(author))}, " for author in _authors(self.notebook))
        self.draft.parts.append(self.markdown(title, title))
        self.draft.arguments = (
            f"plain: {literal(self.visible(str(plain)))}, authors: ({authors}), date: {shown_date}"
        )
        return found.end() if found else 0

    def cell(self, number: int, cell: NotebookNode, skip: int, code: bool) -> None:
        """Add the parts of a cell.

        Parameters
        ----------
        number : int
            Of the cell, from 0.
        cell : NotebookNode
        skip : int
            So many characters at the head of its text are left out.
        code : bool
            Whether its code is shown.
        """
        tags = set(cell.metadata.get("tags", []))
        if hiding := tags & (_NO_CELL | _NO_INPUT | _NO_OUTPUT):
            self.draft.warn(f"tags leave out parts of cells: {', '.join(sorted(hiding))}")
        if tags & _NO_CELL:
            return
        self.number, self.attachments = number, cell.get("attachments", {})
        source = "".join(cell.source)[skip:]
        parts = []
        if cell.cell_type == "markdown" or cell.metadata.get("raw_mimetype") == "text/markdown":
            parts.append(self.markdown(source, source))
        elif cell.cell_type == "raw":
            parts.append(self.part(verbatim(self.wrappable(source)), source))
        else:
            outputs = [] if tags & _NO_OUTPUT else output_parts(cell, self.notebook, self)
            if code and not tags & _NO_INPUT and not _speaks_for_itself(cell):
                parts += self.code(source, f"[{cell.get('execution_count') or ' '}]")
            parts += outputs
        self.draft.parts += parts

    def code(self, source: str, label: str) -> list[Part]:
        """The code of a cell, beside its label; the markup is made late."""
        parts = []
        calls = code_calls(source.expandtabs(4), self.language, label, self.wrappable)
        for make, text in calls:
            last = text is calls[-1][1]
            parts.append(Part("", text, whole=last, cell=self.number, late=make))
        return parts

    def part(self, markup: str, plain: str, whole: bool | None = None) -> Part:
        """A part of the cell at hand; short ones are not torn unless `whole` says otherwise."""
        if whole is None:
            whole = plain.count("\n") < SHORT
        return Part(markup, plain, whole, self.number)

    def markdown(self, text: str, plain: str, kind: str = "markdown") -> Part:
        """Markdown or HTML, which pandoc converts later.

        Parameters
        ----------
        text : str
        plain : str
            What is shown when it cannot be set.
        kind : {"markdown", "html"}

        Returns
        -------
        Part
        """
        if "```mermaid" in text:
            self.draft.warn("a diagram in mermaid is shown as its source")
        text = self.visible(text)
        if kind == "markdown":
            text = cut_maths(text, self.draft.formulas)
        self.draft.pieces.append(Piece(text, kind, self.attachments))
        return self.part(f"#[\n{PIECE.of(len(self.draft.pieces) - 1)}\n]", plain, whole=False)

    def html(self, html: str) -> Part:
        """HTML, which pandoc converts later."""
        return self.markdown(html, html, "html")

    def figure(self, data: str, mime: str, metadata: dict) -> Part:
        """A picture in an output.

        Parameters
        ----------
        data, mime, metadata
            As for `Pictures.output`.

        Returns
        -------
        Part
            A box with the reason where the picture cannot be shown.
        """
        try:
            name, width = self.draft.pictures.output(data, mime, metadata)
        except PictureError as error:
            return self.refused(error)
        return self.part(
            f"#template.picture({literal(name)}, {width}pt);", "a picture that cannot be set", whole=True
        )

    def refused(self, error: Exception) -> Part:
        """A box that says why a picture is not there."""
        text = str(error)[:300]
        self.draft.warn(text)
        text = self.wrappable(text)
        return self.part(f"#template.placeholder({literal(text)});", text)

    def left_out(self, what: str) -> Part:
        """A line that says what is not shown."""
        self.draft.warn(what)
        return self.part(f"#template.left-out({literal(self.wrappable(what))});", what)

    def inline(self, text: str) -> str:
        """Text of a table cell as a Typst expression, formulas in it set."""
        text = self.visible(text)
        if "$" not in text:
            return literal(wrappable(text))
        pieces = FORMULA.pattern.split(cut_maths(text, self.draft.formulas))
        terms = []
        for i, piece in enumerate(pieces):
            terms.append(f"f.at({piece})" if i % 2 else literal(piece))  # text and numbers take turns
        return "(" + " + ".join(terms) + ")"

    def cell_picture(self, source: str, width: str) -> str:
        """A picture in a table cell as a Typst expression."""
        try:
            name, points = self.draft.pictures.markdown(source, self.attachments, width)
        except PictureError as error:
            self.draft.warn(str(error)[:300])
            return f"template.placeholder({literal(self.wrappable(str(error)[:300]))})"
        return f"template.cell-picture({literal(name)}, {points}pt)"

    def escaped(self, text: str) -> str:
        """Plain text as Markdown that shows just that."""
        return _SPECIAL.sub(r"\\\1", text)

    def visible(self, text: str) -> str:
        """Text of which everything can be seen."""
        return visible(text, self.draft.warn, self.draft.glyphs)

    def wrappable(self, text: str) -> str:
        """The same with places to break where it has none."""
        return wrappable(self.visible(text))


def wrappable(text: str) -> str:
    """Text with places to break in words that are longer than a line may be."""

    def broken(word: re.Match) -> str:
        return "\u200b".join(re.findall(".{1,8}", word[0], re.DOTALL))

    return _LONG.sub(broken, text)


def verbatim(text: str) -> str:
    """Typst that shows a text as it is."""
    return f"#template.verbatim({literal(text)});"


def _speaks_for_itself(cell: NotebookNode) -> bool:
    """Whether a cell is a written answer that computes its numbers: its text would stand there twice."""
    marked = cell.metadata.get("nbgrader") or {}
    if not (marked.get("grade") and marked.get("solution")):
        return False
    return any("text/markdown" in output.get("data", {}) for output in cell.get("outputs", []))


def _authors(notebook: NotebookNode) -> list[str]:
    """Names in the metadata, else in the group cell, none when it cannot be read: every notebook is set."""
    given = notebook.metadata.get("authors") or []
    names = []
    for author in given if isinstance(given, list) else [given]:
        names.append(author.get("name", "") if isinstance(author, dict) else str(author))
    if not names:
        try:
            for member in cell_entries(notebook, ""):
                names.append(str(member["name"]))
        except (ValueError, AttributeError, TypeError):
            return []
    return list(filter(None, names))
