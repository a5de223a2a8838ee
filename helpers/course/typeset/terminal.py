"""Text of a terminal as Typst: its final state, its colours, and the ends of what is very long."""

import re
from typing import Any

from helpers.course.typeset.parts import Part
from helpers.course.typeset.text import literal

__all__ = ["count", "terminal"]

HEAD, TAIL = 60, 20  # lines of a long output that are shown
LONGEST_LINE = 2000  # characters
COLUMNS = 110  # characters beside each other, see the template
WIDEST_DRAWING = 160  # characters: a table drawn with lines shrinks down to this, as wrapping would break it

_ESCAPE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?")
_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_DRAWING = re.compile("[\u2500-\u257f]")


def terminal(text: str | list[str], style: str, context: Any) -> list[Part]:
    """What a program has printed.

    Parameters
    ----------
    text : str or list of str
    style : str
        Function of the template: "output" or "errors".
    context : Builder

    Returns
    -------
    list of Part
    """
    text = "".join(text)
    if "\r" in text or "\b" in text or "\x1b" in text:
        lines = _screen(text)
    else:
        lines = [[("", line)] for line in text.split("\n")]
    while lines and not _plain(lines[-1]).strip():
        lines.pop()
    lines, gap = _shorten(lines)
    if not lines:
        return []
    plain = "\n".join(map(_plain, lines))
    if not gap:
        return [context.part(_runs(lines, style, context), plain)]
    return [
        context.part(_runs(lines[:HEAD], style, context), plain),
        context.left_out(f"… {count(gap)} lines left out …"),
        context.part(_runs(lines[HEAD:], style, context), ""),
    ]


def count(number: int) -> str:
    """A number with blanks between thousands."""
    return f"{number:,}".replace(",", " ")


def _plain(line):
    """The text of a line without its styles."""
    return "".join(run for _, run in line)


def _shorten(lines):
    """The lines that are shown, and how many are left out between them."""
    gap = len(lines) - HEAD - TAIL
    if gap <= 1:  # to say that one line is left out takes a line
        return list(map(_clip, lines)), 0
    return list(map(_clip, lines[:HEAD] + lines[-TAIL:])), gap


def _clip(line):
    length = len(_plain(line))
    if length <= LONGEST_LINE:
        return line
    kept, room = [], LONGEST_LINE
    for style, run in line:
        kept.append((style, run[:room]))
        room -= len(kept[-1][1])
        if room <= 0:
            break
    return [*kept, ("", f" … {count(length - LONGEST_LINE)} characters left out")]


def _runs(lines, style, context):
    """A call of the template's function with strings, or (style, string) where the text has a style."""
    runs = []
    for i, line in enumerate(lines):
        for mark, text in [*line, ("", "\n")] if i + 1 < len(lines) else line:
            if runs and runs[-1][0] == mark:
                runs[-1][1].append(text)
            else:
                runs.append((mark, [text]))
    out = []
    plain = list(map(_plain, lines))
    longest = max(map(len, plain))
    if COLUMNS < longest <= WIDEST_DRAWING and _DRAWING.search("\n".join(plain)):
        out.append(f"size: {7.3 * COLUMNS / longest:.2f}pt")
    for mark, texts in runs:
        string = literal(context.wrappable("".join(texts).expandtabs(8)))
        out.append(f"({mark}, {string})" if mark else string)
    return f"#template.{style}({', '.join(out)});"


def _screen(text):
    """What a terminal shows in the end: carriage returns, backspaces, erasing, moving up, colours."""
    rows, row, column, state = [{}], 0, 0, {}
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\x1b":
            found = _ESCAPE.match(text, position)
            position = found.end()
            code, command = found[1] or "", found[2]
            number = int(code) if code.isdigit() else 1
            if command == "m":
                state = _style(code, state)
            elif command == "A":
                row = max(row - number, 0)
            elif command == "K":
                rows[row] = _erased(rows[row], column, code)
            elif command == "C":
                column += number
            continue
        position += 1
        if char == "\n":
            row, column = row + 1, 0
            if row == len(rows):
                rows.append({})
        elif char == "\r":
            column = 0
        elif char == "\b":
            column = max(column - 1, 0)
        else:
            rows[row][column] = (_mark(state), char)
            column += 1
    return list(map(_row, rows))


def _erased(cells, column, code):
    """A row after the code for erasing: all of it, or what is right or left of the cursor."""
    kept = {}
    for place, cell in cells.items():
        if (code in ("", "0") and place < column) or (code == "1" and place >= column):
            kept[place] = cell
    return kept


def _row(cells):
    line = []
    for column in range(max(cells, default=-1) + 1):
        mark, char = cells.get(column, ("", " "))
        if line and line[-1][0] == mark:
            line[-1] = (mark, line[-1][1] + char)
        else:
            line.append((mark, char))
    return line


def _style(code, state):
    numbers = [int(n) for n in code.split(";") if n.isdigit()] or [0]
    state = dict(state)
    while numbers:
        n = numbers.pop(0)
        if n == 0:
            state = {}
        elif n == 1:
            state["bold"] = "true"
        elif n == 22:
            state.pop("bold", None)
        elif 30 <= n <= 37 or 90 <= n <= 97:
            state["color"] = f'"{_COLORS[n % 10]}"'
        elif n == 39:
            state.pop("color", None)
        elif n in (38, 48):  # 256 colours or red, green, blue: the first 16 have names
            values = numbers[1:2] if numbers[:1] == [5] else []
            del numbers[: 2 if values else 4]
            if n == 38 and values and values[0] < 16:
                state["color"] = f'"{_COLORS[values[0] % 8]}"'
    return state


def _mark(state):
    return f"({', '.join(f'{k}: {v}' for k, v in sorted(state.items()))})" if state else ""
