"""How long a notebook takes: reading its text, and solving its items, by a rule that counts words and lines.

`python -m helpers.course.effort notebooks/NAME.ipynb` prints the right headings, `--write` puts them in.
"""

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers.course.cells import is_written_answer, marked

__all__ = ["Effort", "effort_of", "in_words", "main_part", "with_times"]

WORDS_READ = 150  # per minute: physics is read slowly
WORDS_WRITTEN = 15  # per minute, of the answer in the solved notebook
START = 5  # minutes to understand an item, whatever it asks
_PART = re.compile(r"^## \((\w)\) (.*?) \((\d+) points?(?:, \d+ min)?\)(.*)$", re.MULTILINE)
_ABOUT = re.compile(r"points · about [^*]*\*\*")
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)


@dataclass(frozen=True)
class Effort:
    """Minutes of a notebook.

    Parameters
    ----------
    reading : float
        Minutes for the text before `## Beyond`.
    parts : dict of str to float
        Minutes to solve the items of each part: letter → minutes.
    """

    reading: float
    parts: dict[str, float]

    @property
    def total(self) -> int:
        """Minutes for all of it, a multiple of ten."""
        return 10 * -int(-(self.reading + sum(self.parts.values())) // 10)

    def rounded(self, letter: str) -> int:
        """Minutes of a part, a multiple of five."""
        return max(5, 5 * round(self.parts[letter] / 5))


def main_part(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells before the heading `## Beyond`."""
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and re.match(r"## Beyond\b", cell.source):
            break
        cells.append(cell)
    return cells


def effort_of(notebook: NotebookNode) -> Effort:
    """Minutes by the rule: what is read counts by its words, an item by the lines or words of its solution.

    Parameters
    ----------
    notebook : NotebookNode
        A solved notebook.
    """
    words, parts, letter = 0, {}, ""
    for cell in main_part(notebook):
        if is_written_answer(cell):
            parts[letter] = parts.get(letter, 0) + START + _words_of_answer(cell) / WORDS_WRITTEN
        elif cell.cell_type == "markdown":
            words += len(cell.source.split())
            for heading in _PART.finditer(cell.source):
                letter = heading[1]
                parts[letter] = 0
        elif marked(cell).get("solution"):
            parts[letter] = parts.get(letter, 0) + START + _lines_of_solution(cell)
    return Effort(words / WORDS_READ, parts)


def in_words(minutes: int) -> str:
    """Minutes as the title states them."""
    if minutes <= 120:
        return f"about {minutes} minutes"
    halves = round(minutes / 30)
    return f"about {halves // 2}{'½' if halves % 2 else ''} hours"


def with_times(notebook: NotebookNode) -> NotebookNode:
    """The notebook with the right times in its headings, its title and its metadata; changed in place."""
    effort = effort_of(notebook)

    def heading(found: re.Match) -> str:
        letter, title, points, rest = found.groups()
        unit = "point" if points == "1" else "points"
        return f"## ({letter}) {title} ({points} {unit}, {effort.rounded(letter)} min){rest}"

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _PART.sub(heading, cell.source)
    title = notebook.cells[0]
    title.source = _ABOUT.sub(f"points · {in_words(effort.total)}**", title.source, count=1)
    notebook.metadata["course"]["minutes"] = effort.total
    return notebook


def _lines_of_solution(cell: NotebookNode) -> int:
    count = 0
    for region in _SOLUTION.findall(cell.source):
        for line in region.splitlines():
            count += bool(line.strip()) and not line.strip().startswith("#")
    return count


def _words_of_answer(cell: NotebookNode) -> int:
    """Words of a written answer; where code computes its numbers, those of its longest text."""
    if cell.cell_type == "markdown":
        return len(cell.source.split())
    longest = 0
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.JoinedStr):
            texts = [v.value for v in node.values if isinstance(v, ast.Constant)]
            longest = max(longest, len(" ".join(map(str, texts)).split()))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            longest = max(longest, len(node.value.split()))
    return longest


def _main(path: str, *options: str) -> None:
    notebook = nbformat.read(path, as_version=4)
    right = with_times(notebook)
    print(right.cells[0].source.split("**")[1], f"(metadata: {right.metadata['course']['minutes']})")
    for cell in right.cells:
        for found in _PART.finditer(cell.source if cell.cell_type == "markdown" else ""):
            print(found[0])
    if "--write" in options:
        Path(path).write_text(nbformat.writes(right) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])
