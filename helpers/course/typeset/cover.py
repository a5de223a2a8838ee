"""The cover page of a hand-in."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from helpers.course.member import Member
from helpers.course.typeset.fonts import Glyphs, fonts
from helpers.course.typeset.text import visible

__all__ = ["cover_pdf"]

# Everything a student wrote arrives as data: Typst shows it and never reads it as code.
PAGE = rb"""
#import "/template.typ": accent, faint, ink, serif
#let given = json(bytes(sys.inputs.data))
#set page(paper: "a4", margin: (x: 24mm, top: 30mm, bottom: 20mm))
#set text(font: serif, size: 10.5pt, fill: ink)
#set par(leading: 0.62em, spacing: 0.8em)
#text(fill: faint, given.course)
#block(below: 1.2em, text(28pt, weight: "semibold", fill: accent, given.title))
#for title in given.notebooks { par(text(13pt, title)) }
#v(8mm)
#let keys = ("name", "tutorial", "matriculation").filter(key => given.members.any(m => m.at(key) != ""))
#table(
  columns: (1fr,) + (auto,) * (keys.len() - 1),
  stroke: (x, y) => (bottom: if y == 0 { 0.8pt + accent } else { 0.4pt + faint }),
  inset: (x: 2mm, y: 2.2mm),
  ..keys.map(key => text(fill: faint, upper(key.first()) + key.slice(1))),
  ..given.members.map(m => keys.map(key => m.at(key))).flatten(),
)
#v(8mm)
#text(12.5pt, weight: "semibold", fill: accent)[What is inside]
#for (depth, line) in given.checklist { block(inset: (left: 6mm * depth), spacing: 0.7em, line) }
#v(1fr)
#text(fill: faint, "Packed on " + given.date)
"""


def cover_pdf(
    course: str,
    title: str,
    notebooks: list[str],
    members: list[Member],
    checklist: list[tuple[int, str]],
    date: str,
) -> bytes:
    """One A4 page that says who hands in what.

    Parameters
    ----------
    course, title : str
    notebooks : list of str
        Their titles.
    members : list of Member
        The group.
    checklist : list of (int, str)
        Indentation and text of each line.
    date : str

    Returns
    -------
    bytes
        A PDF.
    """
    glyphs = Glyphs()

    def shown(text: str) -> str:
        return visible(text, _ignore, glyphs)  # a letter that no font has is named, and no empty box

    people = []
    for member in members:
        people.append({key: shown(value) for key, value in vars(member).items()})
    data = {
        "course": course,
        "title": title,
        "notebooks": [shown(name) for name in notebooks],
        "members": people,
        "checklist": [(depth, shown(line)) for depth, line in checklist],
        "date": date,
    }
    with TemporaryDirectory(prefix="course-fonts-") as folder:
        return typst.compile(
            PAGE,
            root=Path(__file__).parent,
            font_paths=fonts(glyphs, Path(folder)),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data)},
        )


def _ignore(message: str) -> None:
    """The PDF behind the cover says the same."""
