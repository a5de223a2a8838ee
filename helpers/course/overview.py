"""The map of the course: notebooks/README.md, made from the metadata of the notebooks.

`python -m helpers.course.overview` prints it, `--write` puts it in.
"""

import sys
from pathlib import Path

import nbformat

from helpers.course.errors import CourseError
from helpers.places import NOTEBOOKS

__all__ = ["overview"]

TARGET = NOTEBOOKS / "README.md"
HEAD = """# The map of the course

One notebook per exercise, named by sheet and exercise. *Needs* says which notebooks to work through before;
points are those of the sheet, minutes include reading. How to work with a notebook:
[docs/students.md](../docs/students.md).
"""
COLUMNS = "| notebook | what one learns | needs | points | minutes |\n|---|---|---|---|---|"
NEEDED = {
    "sheet": "its number",
    "exercise": "its number",
    "points": "the sum over the items",
    "minutes": "see `python -m helpers.course.effort`",
    "learn": "a sentence on what one learns",
    "needs": "a list of notebooks to work through before, as in ['04_1']",
}


def overview(folder: Path = NOTEBOOKS) -> str:
    """Write the map of the course.

    Parameters
    ----------
    folder : Path
        Of the notebooks.

    Returns
    -------
    str
        Markdown: a table for each sheet.

    Raises
    ------
    CourseError
        For a notebook whose metadata lack something.
    """
    sheets = {}
    for path in sorted(folder.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        course = notebook.metadata.get("course", {})
        for key, what in NEEDED.items():
            if key not in course:
                raise CourseError(f"{path.name}: its metadata lack course.{key}: {what}")
        title = f"[{path.stem}]({path.name})<br>{notebook.metadata['title']}"
        needs = ", ".join(course["needs"]) or "–"
        learn = course["learn"].replace("|", r"\|")
        row = f"| {title} | {learn} | {needs} | {course['points']} | {course['minutes']} |"
        sheets.setdefault(course["sheet"], []).append(row)

    parts = [HEAD]
    for sheet, rows in sheets.items():
        parts.append("\n".join([f"## Sheet {sheet}", "", COLUMNS, *rows, ""]))
    return "\n".join(parts)


def _main(*options: str) -> None:
    text = overview()
    if "--write" in options:
        TARGET.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    _main(*sys.argv[1:])
