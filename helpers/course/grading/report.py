"""The tutor's page: all groups, those first that need a human eye."""

from pathlib import Path

from helpers.course.grading.page import escape, page
from helpers.files import replacing

__all__ = ["attention", "write_report"]

STYLE = Path(__file__).with_name("report.css").read_text(encoding="utf-8")

KINDS = (
    ("people and files", "ask", lambda g: g.remarks),
    (
        "altered checks",
        "bad",
        lambda g: [f"{e}.{t}" for e, n in sorted(g.notebooks.items()) for t in n["tampered"]],
    ),
    (
        "suspicious",
        "bad",
        lambda g: [f"{e}: {s}" for e, n in sorted(g.notebooks.items()) for s in n["suspicions"]],
    ),
)
CLEAN = ("ran", "unchanged", "not handed in")
EMPTY = ("not answered", "not handed in", "unchanged", "empty")
ADVICE = (
    "Groups that need a human eye stand first. Points are proposals of the checks until a tutor has marked "
    "them: code in a notebook can fool a check that runs beside it. Fields with a question mark wait for "
    "you: <code>course mark GROUP ITEM POINTS --comment … --sheet NN</code>, or in a spreadsheet with "
    "<code>course marks export</code> and <code>course marks import</code>. Point at a field to read why."
)


def write_report(groups, items, out, sheet, problems):
    """Write report.html, a page that runs nothing and fetches nothing.

    Arguments: list of gradebook.Group and of points.Item; out, folder of the sheet; sheet, its number;
    problems: slug → what is missing in the feedback.
    """
    groups = sorted(groups, key=lambda g: (-attention(g), g.slug))
    exercises = sorted({i.exercise for i in items})
    names = {e: g.notebooks[e]["name"] for g in groups for e in exercises if e in g.notebooks}
    what = ", ".join(f"{e} {names.get(e, '')}" for e in exercises)
    body = [
        f"<h1>Sheet {sheet}: hand-ins</h1><p class=faint>{escape(what)}</p>",
        _numbers(groups),
        f"<p class=small>{ADVICE.replace('NN', str(sheet))}</p>",
        f"<div class=scroll><table class=groups>{_head(items)}<tbody>",
        *[_rows(g, items, problems.get(g.slug)) for g in groups],
        "</tbody></table></div>",
        _legend(items),
    ]
    with replacing(out / "report.html") as file:
        file.write(page(f"Sheet {sheet}: hand-ins", "\n".join(body), STYLE, wide=True).encode())


def attention(group):
    """How much a group needs a human eye: unknown people, tampering, likeness, code that did not run."""
    counts = {name: len(found(group)) for name, _, found in KINDS}
    broken = sum(not n["verdict"].startswith(CLEAN) for n in group.notebooks.values())
    return (
        100 * (not group.members)
        + 20 * (counts["altered checks"] > 0)
        + 20 * (counts["suspicious"] > 0)
        + 20 * (len(group.similar) > 0)
        + 5 * (counts["people and files"] > 0)
        + 5 * broken
        + sum(counts.values()) / 100
    )


def _numbers(groups):
    totals = [g.automatic + g.manual for g in groups]
    mean = sum(totals) / len(totals) if totals else 0
    pairs = (
        (len(groups), "groups"),
        (sum(len(g.members) for g in groups), "students"),
        (f"{mean:.1f}", f"points on average, of {groups[0].out_of:g}" if groups else "points"),
        (sum(len(g.to_mark) for g in groups), "answers to mark"),
        (
            sum(any(not n["verdict"].startswith(CLEAN) for n in g.notebooks.values()) for g in groups),
            "did not run through",
        ),
        (
            sum(any(found(g) for _, colour, found in KINDS if colour == "bad") for g in groups),
            "tampered or suspicious",
        ),
        (sum(bool(g.similar) for g in groups), "resemble others"),
    )
    return "<div class=numbers>" + "".join(f"<div><b>{n}</b>{escape(t)}</div>" for n, t in pairs) + "</div>"


def _head(items):
    cells, last = [], None
    for i in items:
        edge = " first-of" if i.exercise != last else ""
        last = i.exercise
        cells.append(
            f'<th class="item{edge}" title="{escape(i.title)}, {i.points:g} points">'
            f"<span>{escape(i.id)}</span></th>"
        )
    return f"<thead><tr><th>group<th class=number>total{''.join(cells)}<th>verdict</tr></thead>"


def _rows(group, items, problem):
    cells, last = [], None
    for score in group.scores:
        edge = " first-of" if score.item.exercise != last else ""
        last = score.item.exercise
        cells.append(f'<td class="points{edge}">{_points(score)}</td>')
    people = ", ".join(
        escape(m["name"]) + (f" <span class=faint>({escape(m['tutorial'])})</span>" if m["tutorial"] else "")
        for m in group.members
    )
    links = [(f"feedback/{group.slug}.html", "feedback"), (f"feedback/{group.slug}.pdf", "PDF")]
    for exercise, n in sorted(group.notebooks.items()):
        if n["executed"]:
            links.append((f"executed/{group.slug}/{n['name']}", f"executed {exercise}"))
        if n["file"]:
            links.append((f"hand-ins/{n['file']}", f"as handed in {exercise}"))
    shown = " · ".join(
        f'<a href="{escape(h)}">{escape(t)}</a>' for h, t in links if t != "PDF" or not problem
    )
    verdicts = "<br>".join(_verdict(e, n["verdict"]) for e, n in sorted(group.notebooks.items()))
    total = group.automatic + group.manual
    open_items = f'<br><span class="tag ask">+ {len(group.to_mark)} to mark</span>' if group.to_mark else ""
    first = (
        f"<td class=who><b>{escape(group.slug)}</b><br><span class=small>{people or 'nobody known'}</span>"
        f"<td class=number><b>{total:g}</b> / {group.out_of:g}{open_items}"
        f"{''.join(cells)}<td class=small>{verdicts}"
    )
    more = f"<td colspan={len(items) + 3}>{_findings(group, problem)}<div class=small>{shown}</div>"
    return f'<tr class=first id="{escape(group.slug)}">{first}</tr>\n<tr class=more>{more}</tr>'


def _points(score):
    reason = score.comment or score.reason
    title = f"{score.item.id}, {score.item.title}: {'marked by you' if score.marked is not None else reason}"
    if score.points is None:
        return f'<span class=ask title="{escape(title)}">?</span>'
    colour = "good" if score.points == score.item.points else "bad" if score.points == 0 else "ask"
    if score.reason in EMPTY and score.marked is None:
        colour = "faint"
    shown = f"<b>{score.points:g}</b>" if score.marked is not None else f"{score.points:g}"
    return f'<span class={colour} title="{escape(title)}">{shown}</span>'


def _verdict(exercise, verdict):
    colour = "good" if verdict == "ran" else "" if verdict.startswith(CLEAN) else "bad"
    short = verdict.split(" (")[0]
    rest = escape(verdict.removeprefix(short).strip()[:160])
    return f'{exercise}: <span class="tag {colour}">{escape(short)}</span> <span class=faint>{rest}</span>'


def _findings(group, problem):
    rows = [(name, colour, found(group)) for name, colour, found in KINDS]
    likeness = [
        f'{e}: {score:.0%} like <a href="#{escape(other)}">{escape(other)}</a>'
        for other, e, score in group.similar
    ]
    rows = [(name, colour, [escape(line[:300]) for line in lines]) for name, colour, lines in rows]
    rows += [("resembles", "bad", likeness), ("feedback", "ask", [escape(problem)] if problem else [])]
    shown = "".join(
        f'<dt><span class="tag {colour}">{name}</span></dt><dd>{_list(lines)}</dd>'
        for name, colour, lines in rows
        if lines
    )
    return f"<dl class=findings>{shown}</dl>" if shown else ""


def _list(lines):
    if len(lines) <= 4:
        return "<br>".join(lines)
    rest = "<br>".join(lines[3:])
    return "<br>".join(lines[:3]) + f"<details><summary>{len(lines) - 3} more</summary>{rest}</details>"


def _legend(items):
    rows = "".join(
        f"<tr><td>{escape(i.id)}</td><td>{escape(i.title)}</td><td class=number>{i.points:g}</td>"
        f"<td class=small>{'check' if i.check else 'you'}</td></tr>"
        for i in items
    )
    return f"<h2>Items</h2><table><tr><th>item<th>what<th class=number>points<th>marked by</tr>{rows}</table>"
