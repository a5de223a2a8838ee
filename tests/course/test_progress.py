"""The live line of `course run`: what it says at a given time."""

import pytest
from nbformat import v4

from helpers.course.progress import Progress, measured_seconds, seconds_of


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def _notebook(*seconds):
    """A text cell, then a code cell for each number of seconds."""
    cells = [v4.new_markdown_cell("text", id="text")]
    known = {}
    for number, taken in enumerate(seconds):
        cells.append(v4.new_code_cell("1", id=f"c{number}"))
        if taken is not None:
            known[f"c{number}"] = taken
    return v4.new_notebook(cells=cells, metadata={"course": {"seconds": known}})


def test_seconds_of_cells_are_those_of_the_metadata():
    assert seconds_of(_notebook(3.0, None, 5.0)) == [0.0, 3.0, 0.1, 5.0]
    assert seconds_of(v4.new_notebook(cells=[v4.new_code_cell("1")])) == [0.1]


def test_time_left_follows_the_speed_of_this_machine():
    clock = Clock()
    progress = Progress(clock)
    progress.add("one", _notebook(10.0, 30.0))
    progress.add("two", _notebook(60.0))
    assert progress.total == 100
    assert progress.left() is None
    progress.start_cell("one", 1)
    clock.now += 20  # twice as slow as the metadata say: the cell is done
    progress.start_cell("one", 2)
    assert progress.done() == 10
    assert progress.left() == pytest.approx(180)  # 90 s of work at half the speed


def test_a_cell_that_runs_counts_with_its_time_but_never_more_than_it_should_take():
    clock = Clock()
    progress = Progress(clock)
    progress.add("one", _notebook(10.0, 30.0))
    progress.start_cell("one", 1)
    clock.now += 4
    assert progress.done() == 4
    clock.now += 400
    assert progress.done() == 10
    progress.end("one")
    assert progress.done() == progress.total == 40
    assert progress.left() == 0


def test_the_line_names_notebook_cell_percent_and_time_left():
    clock = Clock()
    progress = Progress(clock)
    progress.add("04_1_small", _notebook(100.0, 100.0))
    progress.add("09_3_large", _notebook(600.0))
    assert str(progress) == ""
    progress.start_cell("04_1_small", 1)
    progress.start_cell("09_3_large", 1)
    clock.now += 100
    progress.start_cell("04_1_small", 2)
    assert str(progress) == "25 %, 5 min left: 04_1_small cell 3/3, 09_3_large cell 2/2"
    progress.end("09_3_large")
    assert str(progress).endswith(": 04_1_small cell 3/3")


def test_seconds_are_measured_by_the_times_of_the_kernel():
    notebook = _notebook(1.0, 1.0, 1.0)
    for cell, end in zip(notebook.cells[1:], ["10:00:02.500000Z", "10:00:00.100000Z", None], strict=True):
        if end:
            cell.metadata["execution"] = {
                "iopub.execute_input": "2026-11-27T10:00:00.000000Z",
                "shell.execute_reply": f"2026-11-27T{end}",
            }
    assert measured_seconds(notebook) == {"c0": 2.5}
