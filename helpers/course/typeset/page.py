"""From a notebook to a PDF: cells become parts of one Typst document, and no part can stop the others."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from helpers.course.group import cell_entries
from helpers.course.typeset.code import SHORT, code_calls
from helpers.course.typeset.maths import Formulas, cut_maths
from helpers.course.typeset.outputs import output_parts
from helpers.course.typeset.pictures import PictureError, Pictures
from helpers.course.typeset.text import FONTS, convert, literal, raw_tex, visible

__all__ = ["draw_pages", "make_pdf"]

TEMPLATE = Path(__file__).with_name("template.typ")
_LONG = re.compile(r"[^\s\u200b]{48,}")
_FORMULA = re.compile("\ue000(\\d+)\ue001")
_PICTURE = re.compile("\ue002(\\d+)\ue003")
_REFERENCE = re.compile("\ue005(\\d+)\ue006")
_PIECE = re.compile("\ue007(\\d+)\ue008")
_TITLE = re.compile(r"\s*#[ \t]+([^\n]+?)[ \t#]*(?:\n|$)")


@dataclass
class Part:
    """A piece of the page: Typst markup, what is shown instead when that fails, and whether it stays whole.

    Long code is several parts.
    """

    typst: str  # or a function that returns it
    plain: str = ""
    whole: bool = False
    attachments: dict | None = None


@cache
def _fonts():
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])


def make_pdf(notebook, home=None, name="notebook", date=None):
    """Set a notebook as PDF.

    Arguments: notebook, an nbformat 4 node; home, its folder, from which its text may show pictures; name and
    date, which stand on the page when its metadata hold no title or date.
    Returns: the PDF as bytes, and messages about everything that is not shown as it is in the notebook.
    """
    return _set(notebook, home, name, date, {"format": "pdf"})


def draw_pages(notebook, home=None, name="notebook", ppi=60):
    """The pages of that PDF as pictures. Returns: list of PNG bytes."""
    pages, _ = _set(notebook, home, name, None, {"format": "png", "ppi": ppi})
    return pages if isinstance(pages, list) else [pages]


def _set(notebook, home, name, date, form):
    with TemporaryDirectory(prefix="course-pdf-") as folder:
        (Path(folder) / "template.typ").write_bytes(TEMPLATE.read_bytes())
        return _Document(notebook, Pictures(folder, home), name, date, form).set(folder)


class _Document:
    def __init__(self, notebook, pictures, name, date, form):
        self.notebook, self.pictures, self.name, self.date = notebook, pictures, name, date
        self.form = form  # what Typst is to write
        self.formulas = Formulas()
        self.pieces = []  # (text, format, attachments) for pandoc
        self.warnings = []
        self.attachments = {}
        self.title_length = 0  # of the heading in the first cell, which stands above the page instead

    def warn(self, message):
        if message not in self.warnings:
            self.warnings.append(message)

    # what the readers of outputs and tables make parts with

    def part(self, markup, plain, whole=None):
        return Part(markup, plain, plain.count("\n") < SHORT if whole is None else whole)

    def markdown(self, text, plain, kind="markdown"):
        text = visible(text, self.warn)
        if kind == "markdown":
            text = cut_maths(text, self.formulas)
        self.pieces.append((text, kind, self.attachments))
        return self.part(f"#[\n\ue007{len(self.pieces) - 1}\ue008\n]", plain, whole=False)

    def html(self, html):
        return self.markdown(html, html, "html")

    def figure(self, data, mime, metadata):
        try:
            name, width = self.pictures.output(data, mime, metadata)
        except PictureError as error:
            return self.refused(error)
        return self.part(f"#picture({literal(name)}, {width}pt);", "a picture that cannot be set", whole=True)

    def refused(self, error):
        self.warn(str(error)[:300])
        text = self.wrappable(str(error)[:300])
        return self.part(f"#placeholder({literal(text)});", text)

    def left_out(self, what):
        self.warn(what)
        return self.part(f"#left-out({literal(what)});", what)

    def inline(self, text):
        """Text of a table cell as a Typst expression, formulas in it set."""
        text = visible(text, self.warn)
        pieces = re.split("\ue000(\\d+)\ue001", cut_maths(text, self.formulas) if "$" in text else text)
        if len(pieces) == 1:
            return literal(self.wrappable(text))
        return "(" + " + ".join(f"f.at({p})" if i % 2 else literal(p) for i, p in enumerate(pieces)) + ")"

    def escaped(self, text):
        """Plain text as Markdown that shows just that."""
        return re.sub(r"([\\`*_{}\[\]()<>#+.!|~$-])", r"\\\1", text)

    def wrappable(self, text):
        """Text with places to break where it has none."""
        text = visible(text, self.warn)
        return _LONG.sub(lambda m: "\u200b".join(re.findall(".{1,8}", m[0], re.DOTALL)), text)

    # from cells to parts

    def cells(self):
        language = self.notebook.metadata.get("language_info", {}).get("name", "python")
        for number, cell in enumerate(self.notebook.cells):
            self.attachments = cell.get("attachments", {})
            source = "".join(cell.source)[self.title_length if number == 0 else 0 :]
            if cell.cell_type == "markdown":
                yield [self.markdown(source, source)]
            elif cell.cell_type == "raw":
                if cell.metadata.get("raw_mimetype") == "text/markdown":
                    yield [self.markdown(source, source)]
                else:
                    yield [self.part(f"#verbatim({literal(self.wrappable(source))});", source)]
            else:
                label = f"[{cell.get('execution_count') or ' '}]"
                calls = code_calls(source.expandtabs(4), language, label, self.wrappable)
                code = [self.part(call, text, whole=call is calls[-1][0]) for call, text in calls]
                yield [*code, *output_parts(cell, self.notebook, self)]

    def heading(self):
        """Title, authors and date: from the metadata, the first heading and the group cell."""
        metadata, cells = self.notebook.metadata, self.notebook.cells
        found = cells and cells[0].cell_type == "markdown" and _TITLE.match("".join(cells[0].source))
        title = found[1] if found else metadata.get("title") or self.name
        self.title_length = found.end() if found else 0
        authors = [
            a.get("name", "") if isinstance(a, dict) else str(a) for a in _list(metadata.get("authors"))
        ]
        authors = [visible(a, self.warn) for a in authors or _group(self.notebook) if a]
        date = metadata.get("date") or self.date
        plain = metadata.get("title") or re.sub(r"[$*`\\]", "", title)
        return (
            self.markdown(title, title),
            f"plain: {literal(visible(str(plain), self.warn))}, "
            f"authors: ({''.join(f'{literal(a)}, ' for a in authors)}), "
            f"date: {literal(visible(str(date), self.warn)) if date else 'none'}",
        )

    # from parts to a page

    def set(self, folder):
        title, arguments = self.heading()
        parts = [title]
        cells = list(self.cells())
        for cell in cells:
            parts += cell
        texts = [(text, kind) for text, kind, _ in self.pieces]
        with ThreadPoolExecutor(1) as pool:
            converted = pool.submit(convert, texts, self.formulas, self.warn)
            for part in parts:  # colours of code, while pandoc is at work in a process of its own
                if callable(part.typst):
                    part.typst = part.typst()
        typst_pieces, self.expressions, images = converted.result()
        for part in parts:
            self.fill(part, typst_pieces, images)

        compiler = typst.Compiler(root=folder, font_paths=_fonts(), ignore_system_fonts=True)

        def whole():
            body = "\n\n".join(_together(cell) for cell in cells)
            return f"{self.head()}\n#show: course.with(title: [{title.typst}], {arguments})\n{body}\n"

        try:
            return self.compile(compiler, whole()), self.warnings
        except typst.TypstError:
            self.repair(compiler, parts)
            return self.compile(compiler, whole()), self.warnings

    def head(self):
        return "#let f = (\n" + "".join(f"  {e},\n" for e in self.expressions) + ")"

    def compile(self, compiler, body):
        source = f'#import "/template.typ": *\n{body}'.encode()
        return compiler.compile(input=source, **self.form)

    def fill(self, part, pieces, images):
        def picture(match):
            image = images[int(match[1])]
            try:
                name, width = self.pictures.markdown(image["source"], part.attachments, image["width"])
            except PictureError as error:
                alt = f" ({image['alt']})" if image["alt"] else ""
                return self.refused(f"{error}{alt}").typst
            return f"#inline-picture({literal(name)}, {width}pt);"

        def piece(match):
            found = pieces[int(match[1])]
            part.attachments = self.pieces[int(match[1])][2]
            if found is None:
                self.warn(f"text shown as it is, pandoc cannot read it: {part.plain[:100]}")
                return _plain(part, self)
            return _PICTURE.sub(picture, found)

        markup = _PIECE.sub(piece, part.typst)
        markup = _FORMULA.sub(r"#f.at(\1);", markup)
        number = self.formulas.number
        part.typst = _REFERENCE.sub(
            lambda m: f"#{literal(number(self.formulas.references[int(m[1])]))};", markup
        )

    def repair(self, compiler, parts):
        """Find what Typst refuses, formula by formula and part by part, and show its source instead."""

        def fails(bodies):
            try:
                self.compile(compiler, "\n\n".join(bodies))
            except typst.TypstError:
                return True
            return False

        for i in _culprits([f"#{{ {e} }}" for e in self.expressions], fails):
            self.warn(f"formula shown as TeX, Typst cannot set it: {self.formulas.sources[i][:200]}")
            self.expressions[i] = raw_tex(self.formulas.sources[i])
        head = self.head()
        for i in _culprits([p.typst for p in parts], lambda bodies: fails([head, *bodies])):
            self.warn(f"shown as plain text, Typst cannot set it: {parts[i].plain[:200]}")
            parts[i].typst = _plain(parts[i], self)


def _culprits(bodies, fails):
    """Numbers of the bodies that fail, found by halving."""

    def search(start, end):
        if start == end or not fails(bodies[start:end]):
            return []
        if end - start == 1:
            return [start]
        middle = (start + end) // 2
        return search(start, middle) + search(middle, end)

    return search(0, len(bodies))


def _plain(part, document):
    return f"#verbatim({literal(document.wrappable(part.plain))});"


def _together(parts):
    """The markup of a cell: the end of its code stays on one page with the output that follows."""
    groups = []
    for i, part in enumerate(parts):
        joins = part.whole and groups and groups[-1][-1].whole and len(groups[-1]) < 3
        if joins and i:
            groups[-1].append(part)
        else:
            groups.append([part])
    out = []
    for group in groups:
        markup = "\n\n".join(part.typst for part in group)
        out.append(f"#block(width: 100%, breakable: false)[\n{markup}\n]" if group[0].whole else markup)
    return "\n\n".join(out)


def _list(value):
    return value if isinstance(value, list) else [value] if value else []


def _group(notebook):
    """Names in the group cell, none when it cannot be read: a page is set for every notebook."""
    try:
        return [str(member["name"]) for member in cell_entries(notebook, "")]
    except (ValueError, AttributeError, TypeError):
        return []
