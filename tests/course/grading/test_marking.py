"""One hand-in through marking: small sizes reach the student's code, and nobody reads of them."""

import nbformat
import pytest

from helpers.course.bubblewrap import unavailable
from helpers.course.grading.marking import mark_notebook
from tests.builders import toy_sheet


@pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
def test_quick_sizes_reach_the_code_and_do_not_show(tmp_path):
    solved = toy_sheet.write_sheet(tmp_path / "notebooks") / toy_sheet.NAME
    student = nbformat.reads(toy_sheet.hand_in("good", toy_sheet.people(0)).decode(), 4)
    toy_sheet.add("print(SIZE)\n1 / 0")(student)
    nbformat.write(student, tmp_path / "student.ipynb")
    executed = tmp_path / "executed.ipynb"
    result = mark_notebook(str(tmp_path / "student.ipynb"), str(solved), str(executed), quick=True)
    mine = next(k for k, cell in enumerate(student.cells) if cell.id == "mine")
    assert (result["status"], result["place"]) == ("failed", f"cell {mine + 1}"), "numbered as in the hand-in"
    assert {item: given for item, (given, _) in result["points"].items()} == toy_sheet.FULL
    shown = nbformat.read(executed, 4).cells
    assert [cell.source for cell in shown][: mine + 1] == [c.source for c in student.cells][: mine + 1]
    assert len(shown) == len(student.cells)
    assert shown[mine].outputs[0].text == "10\n"
