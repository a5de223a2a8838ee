"""HTML tables, as pandas writes them, as Typst tables that fit the page."""

from html.parser import HTMLParser
from typing import Any

from helpers.course.typeset.marks import PICTURE
from helpers.course.typeset.parts import Part

__all__ = ["tables"]

PAGE = 140  # characters of table text beside each other; more would become too small to read
MOST_ROWS = 80
PADDING = 3  # characters between columns


class _Reader(HTMLParser):
    """Collects rows of (text, columns, rows, is a heading) per table, and the text around tables."""

    def __init__(self):
        super().__init__()
        self.images = []  # (source, width), whose number stands in the text of a cell
        self.found = []  # a list of rows per table, a string for text
        self.open = []
        self.cell = None
        self.head = False
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("style", "script"):
            self.silent += 1
        elif tag == "table" and self.cell is None:
            self.open.append([])
        elif tag == "thead":
            self.head = True
        elif tag == "tr" and self.open and self.cell is None:
            self.open[-1].append([])
        elif tag in ("td", "th") and self.open:
            self._close_cell()
            wide, high = _number(attrs.get("colspan")), _number(attrs.get("rowspan"))
            self.cell = ["", wide, high, tag == "th", self.head]
        elif tag == "br" and self.cell is not None:
            self.cell[0] += "\n"
        elif tag == "img" and self.cell is not None and attrs.get("src"):
            self.cell[0] += PICTURE.of(len(self.images))
            self.images.append((attrs["src"], attrs.get("width") or ""))

    def handle_endtag(self, tag):
        if tag in ("style", "script"):
            self.silent = max(self.silent - 1, 0)
        elif tag in ("td", "th"):
            self._close_cell()
        elif tag == "thead":
            self.head = False
        elif tag == "table" and self.open:
            self._close_cell()
            self.found.append(self.open.pop())

    def handle_data(self, data):
        if self.silent:
            return
        if self.cell is not None:
            self.cell[0] += data
        elif data.strip():
            self.found.append(data.strip())

    def close(self):
        super().close()
        self._close_cell()
        self.found += self.open

    def _close_cell(self):
        if self.cell is not None and self.open:
            if not self.open[-1]:
                self.open[-1].append([])
            self.open[-1][-1].append(tuple(self.cell))
        self.cell = None


def tables(html: str, context: Any) -> list[Part]:
    """Every table and the text around it.

    Parameters
    ----------
    html : str
    context : Builder

    Returns
    -------
    list of Part
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    parts = []
    for found in reader.found:
        if isinstance(found, str):
            parts.append(context.markdown(context.escaped(found), found))
        elif grid := _grid(list(filter(None, found))):
            parts += _table(grid, reader.images, context)
    return parts


def _number(text):
    return min(max(int(text), 1), 1000) if text and text.strip().isdigit() else 1


def _grid(rows):
    """Spans spread out: rows of equal length of (text, heading, in the head, columns that it spans)."""
    taken, grid, width = {}, [], 0
    for i, row in enumerate(rows):
        column = 0
        for text, wide, high, heading, head in row:
            while (i, column) in taken:
                column += 1
            for down in range(min(high, len(rows) - i)):
                for right in range(wide):
                    first = right == 0 and down == 0
                    span = wide if first else 0
                    taken[i + down, column + right] = (
                        " ".join(text.split()) if first else "",
                        heading,
                        head,
                        span,
                    )
            column += wide
            width = max(width, column)
    for i in range(len(rows)):
        grid.append([taken.get((i, column), ("", False, False, 1)) for column in range(width)])
    return grid


def _table(grid, images, context):
    header = 0
    while header < len(grid) and any(cell[2] for cell in grid[header]):
        header += 1
    body = grid[header:]
    index = _index_columns(body)
    parts = []
    left_out = len(body) - MOST_ROWS
    if left_out > 0:
        body = body[: MOST_ROWS // 2] + body[-(MOST_ROWS // 2) :]
    rows = [*grid[:header], *body]
    widths = list(map(_width, zip(*rows, strict=True)))
    for columns in _split(widths, index):
        chosen, plain = [], []
        for row in rows:
            cells = [row[k] for k in columns]
            chosen.append(cells)
            plain.append("  ".join(cell[0] for cell in cells))
        typst = _typst(chosen, header, widths, columns, images, context)
        parts.append(context.part(typst, "\n".join(plain)))
    if left_out > 0:
        parts.append(context.left_out(f"{left_out} rows left out of the middle of this table"))
    return parts


def _index_columns(body):
    """How many columns on the left hold headings only; one column at least holds values."""
    if not body:
        return 0
    columns = list(zip(*body, strict=True))
    index = 0
    while index < len(columns) - 1 and all(cell[1] for cell in columns[index]):
        index += 1
    return index


def _width(column):
    """Characters that a column needs beside the next, at most 60 of them before its lines are broken."""
    widest = 0
    for text, _, _, span in column:
        if span == 1:
            widest = max(widest, len(text))
    return min(widest, 60) + PADDING


def _split(widths, index):
    """Columns side by side as far as the page goes; the index columns stand in every piece."""
    keys = list(range(index))
    pieces, current, used = [], [], sum(widths[:index])
    for k in range(index, len(widths)):
        if current and used + widths[k] > PAGE:
            pieces.append(keys + current)
            current, used = [], sum(widths[:index])
        current.append(k)
        used += widths[k]
    return [*pieces, keys + current]


def _typst(rows, header, widths, columns, images, context):
    out = []
    for i, row in enumerate(rows):
        cells, k = [], 0
        while k < len(row):
            text, heading, _, span = row[k]
            reach = 1
            while span > 1 and reach < span and k + reach < len(row) and row[k + reach][3] == 0:
                reach += 1
            content = _content(text, images, context)
            if heading or i < header:
                content = f"strong({content})"
            cells.append(f"table.cell(colspan: {reach}, align: center, {content})" if reach > 1 else content)
            k += reach
        line = ", ".join(cells)
        out.append(f"table.header({line}, table.hline())" if header == 1 and i == 0 else line)
    if header > 1:
        out = [f"table.header({', '.join(out[:header])}, table.hline())", *out[header:]]
    wide = ""
    for k in columns:
        wide += "1fr, " if widths[k] > 60 else "auto, "
    return f"#template.data({header}, columns: ({wide}), {', '.join(out)});"


def _content(text, images, context):
    """Text of a cell and the pictures in it as one Typst expression."""
    terms = []
    for i, piece in enumerate(PICTURE.pattern.split(text)):
        if i % 2:  # text and numbers of pictures take turns
            terms.append(context.cell_picture(*images[int(piece)]))
        elif piece or not terms:
            terms.append(context.inline(piece))
    return " + ".join(terms)
