"""The rule for the times that a notebook states."""

import nbformat
import pytest
from nbformat import v4

from helpers.course.effort import effort_of, in_words, with_times


def cell(source, kind="markdown", **flags):
    new = v4.new_code_cell if kind == "code" else v4.new_markdown_cell
    marks = {"grade": False, "solution": False, "locked": False} | flags
    return new(source, metadata={"nbgrader": marks} if flags else {})


def toy(words=1500):
    cells = [
        cell("# Toy\n\n**Sheet 1, exercise 2 · 3 points · about 1 minute**"),
        cell("## (a) Code (2 points, 1 min)\n\n" + "word " * words),
        cell("### BEGIN SOLUTION\nx = 1\n\n# why\ny = 2\n### END SOLUTION", "code", solution=True),
        cell("## (b) Words (1 point)"),
        cell("word " * 150, grade=True, solution=True),
        cell("## Beyond\n\n" + "word " * 5000),
    ]
    return v4.new_notebook(cells=cells, metadata={"course": {"points": 3, "minutes": 0}})


def test_words_are_read_and_solutions_are_written():
    effort = effort_of(toy())
    assert effort.reading == pytest.approx(1500 / 150, abs=0.3)  # and the words of the headings
    assert effort.parts == {"a": 5 + 2, "b": 5 + 10}
    assert (effort.rounded("a"), effort.rounded("b")) == (5, 15)
    assert effort.total == 40  # 10.2 + 22, rounded up


def test_what_stands_beyond_and_answers_are_not_read():
    notebook = toy()
    del notebook.cells[-1]
    assert effort_of(notebook) == effort_of(toy())


def test_an_answer_that_computes_counts_by_its_text():
    words = "one two three " * 10
    source = f'n = 3\nMarkdown(rf"""{words}{{n}} four five""")'
    answer = cell(source, "code", grade=True, solution=True)
    notebook = v4.new_notebook(cells=[cell("## (a) T (1 point)"), answer])
    assert effort_of(notebook).parts["a"] == 5 + 32 / 15


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(40, "about 40 minutes"), (120, "about 120 minutes"), (150, "about 2½ hours"), (240, "about 4 hours")],
)
def test_minutes_in_words(minutes, words):
    assert in_words(minutes) == words


def test_headings_title_and_metadata_are_set():
    right = with_times(toy())
    assert right.cells[0].source.endswith("3 points · about 40 minutes**")
    assert right.cells[1].source.startswith("## (a) Code (2 points, 5 min)")
    assert right.cells[3].source == "## (b) Words (1 point, 15 min)"
    assert right.metadata["course"]["minutes"] == 40
    assert with_times(nbformat.from_dict(right)) == right
