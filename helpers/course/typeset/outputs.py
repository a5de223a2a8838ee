"""Outputs of cells as Typst: terminal text in its final state, tables, and what is left out of long ones."""

import json
import re

from helpers.course.typeset.tables import tables
from helpers.course.typeset.text import literal

__all__ = ["output_parts"]

HEAD, TAIL = 60, 20  # lines of a long output that are shown
LONGEST_LINE = 2000  # characters
MOST_OUTPUTS = 40  # of one cell

_ESCAPE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?")
_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_MIME = (
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
    "application/pdf",
)


def output_parts(cell, notebook, context):
    """What a code cell has put out. Returns: list of Parts, see export.py."""
    outputs = _merged(cell.get("outputs", []))
    parts = []
    for output in outputs[:MOST_OUTPUTS]:
        kind = output.get("output_type")
        if kind == "stream":
            style = "errors" if output.get("name") == "stderr" else "output"
            parts += _terminal(output.get("text", ""), style, context)
        elif kind == "error":
            text = "\n".join(output.get("traceback") or [f"{output.get('ename')}: {output.get('evalue')}"])
            parts += _terminal(text, "errors", context)
        else:
            parts += _rich(output, notebook, context)
    if len(outputs) > MOST_OUTPUTS:
        parts.append(
            context.left_out(f"{_count(len(outputs) - MOST_OUTPUTS)} more outputs of this cell left out")
        )
    return parts


def _merged(outputs):
    """Join what one stream has written in pieces, and drop displays that were cleared."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if (
            output.get("output_type") == "stream" == last.get("output_type")
            and last["name"] == output["name"]
        ):
            merged[-1] = {**last, "text": last["text"] + output["text"]}
        else:
            merged.append(output)
    return merged


def _rich(output, notebook, context):
    data = output.get("data", {})
    widget = data.get("application/vnd.jupyter.widget-view+json")
    if widget and (text := _widget(widget.get("model_id"), notebook)):
        return _terminal(text, "output", context)
    if "text/latex" in data and "text/html" not in data:
        return [context.markdown(_maths_only(data["text/latex"]), data["text/latex"])]
    for mime in _MIME:
        if mime in data:
            return [context.figure(data[mime], mime, output.get("metadata", {}).get(mime, {}))]
    if "text/html" in data and (found := _html(data["text/html"], context)):
        return found
    if "text/markdown" in data:
        return [context.markdown(data["text/markdown"], data["text/markdown"])]
    if "application/json" in data:
        return _terminal(
            json.dumps(data["application/json"], indent=2, ensure_ascii=False), "output", context
        )
    if "text/plain" in data:
        return _terminal(data["text/plain"], "output", context)
    kinds = ", ".join(sorted(data)) or "nothing"
    return [context.part(f"#placeholder({literal(f'output that has no form on paper: {kinds}')});", kinds)]


def _maths_only(tex):
    tex = re.sub(r"^\\[\[(]|\\[\])]$", "", tex.strip())
    return tex if "$" in tex or tex.startswith("\\begin") else f"$${tex}$$"


def _html(html, context):
    """Tables as tables, other HTML by pandoc; nothing where nothing is to be read, as in plots by scripts."""
    if re.search(r"<table", html, re.IGNORECASE):
        return tables(html, context)
    if not re.sub(r"(?s)<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>|\s|&nbsp;", "", html):
        return []
    return [context.html(html)]


def _widget(model, notebook):
    """The text of a progress bar, a slider or a box of such, from the state saved in the notebook."""
    states = (
        notebook.metadata.get("widgets", {})
        .get("application/vnd.jupyter.widget-state+json", {})
        .get("state", {})
    )

    def text(key, depth=0):
        state = states.get(key, {}).get("state", {})
        if depth > 5:
            return ""
        children = [
            text(str(child).removeprefix("IPY_MODEL_"), depth + 1) for child in state.get("children", [])
        ]
        own = [re.sub(r"<[^>]*>", "", str(state.get("description") or ""))]
        if "max" in state and "value" in state:
            own.append(f"[{state['value']:g}/{state['max']:g}]")
        elif state.get("value") is not None:
            own.append(re.sub(r"<[^>]*>", "", str(state["value"])))
        return " ".join(filter(None, [*own, *children])).replace("\xa0", " ").replace("&nbsp;", " ")

    try:
        return text(model)
    except (TypeError, ValueError, AttributeError):
        return ""


def _terminal(text, style, context):
    text = "".join(text)
    if "\r" in text or "\b" in text or "\x1b" in text:
        lines = _screen(text)
    else:
        lines = [[("", line)] for line in text.split("\n")]
    while lines and not "".join(run for _, run in lines[-1]).strip():
        lines.pop()
    lines, gap = _shorten(lines)
    if not lines:
        return []
    plain = "\n".join("".join(run for _, run in line) for line in lines)
    if not gap:
        return [context.part(_runs(lines, style, context), plain)]
    return [
        context.part(_runs(lines[:HEAD], style, context), plain),
        context.left_out(f"… {_count(gap)} lines left out …"),
        context.part(_runs(lines[HEAD:], style, context), ""),
    ]


def _count(number):
    return f"{number:,}".replace(",", " ")


def _shorten(lines):
    gap = len(lines) - HEAD - TAIL
    if gap > 1:
        lines = lines[:HEAD] + lines[-TAIL:]
    return [_clip(line) for line in lines], max(gap, 0) if gap > 1 else 0


def _clip(line):
    length = sum(len(run) for _, run in line)
    if length <= LONGEST_LINE:
        return line
    kept, room = [], LONGEST_LINE
    for style, run in line:
        kept.append((style, run[:room]))
        room -= len(kept[-1][1])
        if room <= 0:
            break
    return [*kept, ("", f" … {_count(length - LONGEST_LINE)} characters left out")]


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
    for mark, texts in runs:
        string = literal(context.wrappable("".join(texts).expandtabs(8)))
        out.append(f"({mark}, {string})" if mark else string)
    return f"#{style}({', '.join(out)});"


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
                keep = {"": range(column), "0": range(column), "1": None, "2": ()}.get(code, ())
                rows[row] = {
                    c: v for c, v in rows[row].items() if (c >= column if keep is None else c in keep)
                }
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
    return [_row(cells) for cells in rows]


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
