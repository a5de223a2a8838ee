"""Feedback of one group, HTML and PDF: points, checks, executed notebooks, room for the tutor's hand."""

import hashlib
import json
import re
import tempfile
from pathlib import Path

import nbformat
from nbformat import v4

from helpers.course.export import ExportError, export_untrusted
from helpers.course.grading.page import escape, page
from helpers.course.grading.render import CODE_STYLE, cells_as_html
from helpers.course.pool import run_tasks
from helpers.files import replacing

__all__ = ["make_feedback", "write_feedback"]

MADE_FROM = re.compile(r'name="made-from" content="(\w+)"')
CODE = sorted(Path(__file__).parent.glob("*.py"))
STYLE = CODE_STYLE + Path(__file__).with_name("feedback.css").read_text(encoding="utf-8")


def write_feedback(groups, out, sheet, *, jobs=1, report=print):
    """Write feedback/GROUP.html and .pdf for each group, those that have changed only.

    Arguments: list of gradebook.Group; out, the folder of the sheet; sheet, its number.
    Returns: dict slug → what is missing, for groups whose feedback is not complete.
    """
    tasks, problems = {}, {}
    for group in groups:
        data = _data(group, out, sheet)
        target = out / "feedback" / group.slug
        if _made_from(target) != data["made from"]:
            tasks[group.slug] = data, str(target)
    if not tasks:
        return {}

    def ended(slug, result):
        if isinstance(result, Exception) or result:
            problems[slug] = str(result)[:300]
            report(f"feedback of {slug}: {problems[slug]}")

    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        run_tasks(make_feedback, tasks, Path(folder) / "journal", jobs=jobs, report=ended)
    return problems


def make_feedback(data, target):
    """Write the feedback of one group; a task of pool.run_tasks. Returns: what is missing, or ""."""
    target, scores = Path(target), {s["item"]: s for s in data["scores"]}
    notebooks = {n["name"]: nbformat.read(n["path"], as_version=4) for n in data["notebooks"] if n["path"]}
    parts = [_head(data)]
    for n in data["notebooks"]:
        parts.append(
            f"<h2>{escape(n['title'])}</h2><p class=faint>{escape(n['name'])}: {escape(n['verdict'])}</p>"
        )
        if n["name"] in notebooks:
            parts.append(cells_as_html(notebooks[n["name"]], lambda item: _box(scores.get(item))))
    title = f"Sheet {data['sheet']}, {data['who']}"
    missing = ""
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        source = Path(folder) / "feedback.ipynb"
        nbformat.write(_as_notebook(data, notebooks, scores), source)
        try:
            export_untrusted(source, target.with_name(f"{target.name}.pdf"))
        except ExportError as error:
            target.with_name(f"{target.name}.pdf").unlink(missing_ok=True)
            missing = f"no PDF: {str(error).replace(str(source), 'the notebook')}"
    with replacing(target.with_name(f"{target.name}.html")) as file:
        file.write(page(title, "\n".join(parts), STYLE, data["made from"]).encode())
    return missing


def _data(group, out, sheet):
    """Everything that the feedback shows, as JSON can hold it."""
    notebooks = []
    for exercise, n in sorted(group.notebooks.items()):
        path = out / "executed" / group.slug / n["name"]
        there = bool(n["executed"]) and path.exists()
        title = next((s.item.title for s in group.scores if s.item.exercise == exercise), n["name"])
        notebooks.append(
            {
                "name": n["name"],
                "title": f"Exercise {exercise}" if title else n["name"],
                "verdict": n["verdict"],
                "path": str(path) if there else "",
                "digest": hashlib.sha256(path.read_bytes()).hexdigest() if there else "",
            }
        )
    data = {
        "sheet": sheet,
        "who": ", ".join(m["name"] for m in group.members) or group.slug,
        "members": group.members,
        "notebooks": notebooks,
        "total": group.automatic + group.manual,
        "out of": group.out_of,
        "to mark": len(group.to_mark),
        "scores": [
            {
                "item": s.item.id,
                "title": s.item.title,
                "most": s.item.points,
                "points": s.points,
                "check": s.item.check,
            }
            | {"reason": s.reason, "marked": s.marked is not None, "comment": s.comment}
            for s in group.scores
        ],
    }
    content = data | {"notebooks": [{**n, "path": ""} for n in notebooks]}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
    for file in CODE:
        digest.update(file.read_bytes())
    return data | {"made from": digest.hexdigest()[:32]}


def _made_from(target):
    """What the feedback that is there was made from; nothing, where a part is missing."""
    try:
        with open(target.with_name(f"{target.name}.html"), encoding="utf-8") as file:
            found = MADE_FROM.search(file.read(2000))
        return found[1] if found and target.with_name(f"{target.name}.pdf").exists() else None
    except OSError:
        return None


def _how(score):
    """How the points came about, as text, and the colour of it."""
    if score["points"] is None:
        return "to be marked" + (f" ({score['reason']})" if score["reason"] else ""), "ask"
    colour = "good" if score["points"] == score["most"] else "bad" if score["points"] == 0 else "ask"
    if score["marked"]:
        return "marked by your tutor", colour
    return ("check passed" if score["reason"] == "passed" else score["reason"]), colour


def _head(data):
    rows = []
    for s in data["scores"]:
        how, colour = _how(s)
        points = "–" if s["points"] is None else f"{s['points']:g}"
        comment = f"<br><em>{escape(s['comment'])}</em>" if s["comment"] else ""
        rows.append(
            f"<tr><td>{escape(s['item'])}</td><td>{escape(s['title'])}</td>"
            f"<td class=number>{points} / {s['most']:g}</td>"
            f'<td class=small><span class="{colour}">{escape(how)}</span>{comment}</td></tr>'
        )
    members = "; ".join(
        escape(m["name"] + (f", tutorial {m['tutorial']}" if m["tutorial"] else "")) for m in data["members"]
    )
    left = f" <span class='tag ask'>{data['to mark']} still to be marked</span>" if data["to mark"] else ""
    points = f"{data['total']:g} of {data['out of']:g} points"
    return (
        f"<h1>Sheet {data['sheet']}: feedback</h1><p class=faint>{members or escape(data['who'])}</p>"
        f"<p><strong>{points}</strong>{left}</p>"
        "<table><tr><th>item<th>what<th class=number>points<th>how</tr>" + "".join(rows) + "</table>"
        '<p class="small faint">Checks propose points; the tutor has the last word.</p>'
    )


def _box(score):
    if score is None:
        return ""
    how, colour = _how(score)
    head = f"<p><strong>{escape(score['item'])}</strong>: "
    if score["points"] is None:
        blank = f"<span class=blank>&nbsp;</span> / {score['most']:g} points</p>"
        rules = "<p class=small>Comment:</p>" + 2 * "<div class=rule></div>"
        return f'<div class="box ask">{head}{blank}{rules}</div>'
    comment = f"<p><em>{escape(score['comment'])}</em></p>" if score["comment"] else ""
    text = f"{score['points']:g} / {score['most']:g} points <span class=faint>· {escape(how)}</span></p>"
    return f'<div class="box {colour}">{head}{text}{comment}</div>'


# the same as a notebook, for the PDF


def _as_notebook(data, notebooks, scores):
    rows = ["| item | | points | |", "|:--|:--|--:|:--|"]
    for s in data["scores"]:
        points = "–" if s["points"] is None else f"{s['points']:g}"
        how = _how(s)[0] + (f": {s['comment']}" if s["comment"] else "")
        cells = (s["item"], s["title"], f"{points} / {s['most']:g}", how[:200])
        rows.append("| " + " | ".join(_markdown(c) for c in cells) + " |")
    left = f", {data['to mark']} items still to be marked" if data["to mark"] else ""
    cells = [
        v4.new_markdown_cell(f"# Sheet {data['sheet']}: feedback"),
        v4.new_markdown_cell(
            f"{_markdown(data['who'])}\n\n**{data['total']:g} of {data['out of']:g} points**{left}"
        ),
        v4.new_markdown_cell("\n".join(rows)),
    ]
    for n in data["notebooks"]:
        cells.append(
            v4.new_markdown_cell(f"# {_markdown(n['title'])}\n\n{_markdown(n['name'] + ': ' + n['verdict'])}")
        )
        for cell in notebooks[n["name"]].cells if n["name"] in notebooks else []:
            known = cell.metadata.get("course", {})
            if "check" in known:
                cell.source = known["shown"]
                cell.outputs = [o for o in cell.outputs if o.output_type != "error"]
            cell.metadata = {}
            cells.append(cell)
            if score := scores.get(known.get("check") or known.get("answer")):
                cells.append(v4.new_markdown_cell(_markdown_box(score)))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return v4.new_notebook(cells=cells, metadata={"title": f"Sheet {data['sheet']}, feedback"})


def _markdown_box(score):
    name = f"**{_markdown(score['item'])}**"
    if score["points"] is None:
        line = "\\_" * 60
        return f"> {name}: \\_\\_\\_\\_\\_\\_\\_\\_ / {score['most']:g} points\n>\n> {line}\n>\n> {line}"
    comment = f"\n>\n> *{_markdown(score['comment'])}*" if score["comment"] else ""
    return (
        f"> {name}: **{score['points']:g} / {score['most']:g} points**, {_markdown(_how(score)[0])}{comment}"
    )


def _markdown(text):
    """Text as Markdown that shows just that, on one line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", line)
