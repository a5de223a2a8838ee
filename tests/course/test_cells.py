"""Other sizes for a notebook: one more cell, which wins over the one tagged `parameters`."""

import copy

import pytest
from nbformat import v4, validate

from helpers.course.cells import INJECTED, with_parameters

VALUES = {"epochs": 2, "name": 'it\'s\n"x"', "rates": [1e-3, 0.5], "limits": {"a": None}, "fast": True}


def notebook(tagged):
    cells = [v4.new_markdown_cell("Title"), v4.new_code_cell("epochs = 1"), v4.new_code_cell("seen = epochs")]
    if tagged:
        cells[1].metadata["tags"] = ["wide", "parameters"]
        cells[2].metadata["tags"] = ["parameters"]  # the first one counts
    return v4.new_notebook(cells=cells)


@pytest.mark.parametrize("tagged, place, seen", [(True, 2, 2), (False, 0, 1)])
def test_values_are_set_behind_the_parameters_or_on_top(tagged, place, seen):
    given = notebook(tagged)
    before = copy.deepcopy(given)
    changed = with_parameters(given, VALUES)
    validate(changed)
    assert given == before, "the notebook itself is not changed"
    assert changed.cells.pop(place).metadata.tags == [INJECTED] and changed.cells == given.cells

    names = {}
    for cell in with_parameters(given, VALUES).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    assert names["seen"] == seen
    names["epochs"] = VALUES["epochs"]
    assert {name: names[name] for name in VALUES} == VALUES


def test_without_values_nothing_is_added():
    given = notebook(True)
    assert with_parameters(given, {}) == given
