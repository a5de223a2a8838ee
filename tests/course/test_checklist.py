"""The checklist of a hand-in."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from helpers.course.handin import hand_in
from helpers.course.member import Member
from helpers.course.stubs import student_version
from tests.builders.notebooks import group_cell, group_source, marked
from tests.builders.small_notebook import small_notebook


def test_the_checklist_of_a_hand_in_points_out_prompts(tmp_path):
    words = new_code_cell("Markdown('42')", id="words", metadata=marked(solution=True, grade=True, points=1))
    names = ("Ada Lovelace", "Emmy Noether", "Lise Meitner")
    group = group_cell(group_source([Member(name, "1") for name in names]))
    released = student_version(new_notebook(cells=[group, words], metadata=small_notebook().metadata))
    nbformat.write(released, tmp_path / "01_small.ipynb")
    lines = []
    hand_in([tmp_path / "01_small.ipynb"], report=lines.append)
    assert "empty answer cells: cell 2 (words)" in "\n".join(lines)
