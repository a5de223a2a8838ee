"""What is run for marking: the author's checks in their places, whatever the hand-in has made of them."""

import json

import nbformat
import pytest
from nbformat import v4

from helpers.course.cells import name_of
from helpers.course.grading.insert_checks import prepare
from helpers.course.grading.proposals import propose, untouched
from helpers.course.grading.suspicions import suspicions
from helpers.course.items import items_of
from helpers.course.stubs import student_version
from helpers.course.student_notebook import NotANotebook, notebook_of
from tests.builders import toy_sheet

AUTHOR = toy_sheet.toy()
CHECKS = ["a-mean-check", "b-norm-check", "e-order-check"]


def prepared(kind):
    student = notebook_of(toy_sheet.hand_in(kind, toy_sheet.people(0)))
    return student, prepare(student, AUTHOR)


def order(result):
    """Names of the cells as they are run, guards as `guard`."""
    known = result.names | result.checks | dict.fromkeys(result.guards, "guard")
    return [known[c.id] for c in result.notebook.cells]


def untampered_order():
    names = [c.id for c in AUTHOR.cells]
    return ["guard", *[n for name in names for n in (["guard", name] if name in CHECKS else [name])]]


@pytest.mark.parametrize(
    "kind",
    ["good", "good, metadata lost", "check altered", "checks deleted, good", "check moved", "check doubled"],
)
def test_checks_are_the_authors_and_stand_in_their_places(kind):
    _, result = prepared(kind)
    assert order(result) == untampered_order()
    originals = {c.id: c.source for c in AUTHOR.cells}
    by_id = {c.id: c.source for c in result.notebook.cells}
    for cell_id, name in result.checks.items():
        text = by_id[cell_id] + "\n"
        for call in ("hide()", f"seal('{result.seals[name]}')"):
            text = text.replace(f"__import__('course_{result.token}').{call}\n", "")
        assert text.rstrip() == originals[name]
    tampered = toy_sheet.KINDS[kind].tampered
    assert tampered in "\n".join(result.tampered) and bool(tampered) == bool(result.tampered)


def test_a_check_keeps_the_place_that_the_student_gave_it_within_its_item():
    student, _ = prepared("good")
    extra = v4.new_code_cell("mean([4.0])", id="extra")
    student.cells.insert(student.cells.index(toy_sheet.find(student, "a-mean-check")), extra)
    names = order(prepare(student, AUTHOR))
    assert names[names.index("a-mean") + 1] == "extra" and names.index("extra") < names.index("a-mean-check")


def test_a_solution_behind_its_check_is_run_before_it():
    student, _ = prepared("good")
    solution = toy_sheet.find(student, "e-order")
    student.cells.remove(solution)
    student.cells.append(solution)
    result = prepare(student, AUTHOR)
    assert order(result)[-3:] == ["e-order", "guard", "e-order-check"]
    assert "e-order-check: the check was moved" in result.tampered


def test_without_any_known_cell_all_checks_come_last():
    student = v4.new_notebook(cells=[v4.new_code_cell("x = 1", id="x"), v4.new_code_cell("y = 1", id="y")])
    assert order(prepare(student, AUTHOR))[1:3] == ["x", "y"]
    assert len(prepare(student, AUTHOR).checks) == 3


def test_the_seal_comes_after_everything_that_can_fail():
    _, result = prepared("good")
    sources = {
        result.checks[c.id]: c.source.split("\n") for c in result.notebook.cells if c.id in result.checks
    }
    assert "seal" in sources["b-norm-check"][-2] and sources["b-norm-check"][-1] == "lengths[:2]"
    assert "seal" in sources["e-order-check"][-1]


def test_the_whole_prepared_notebook_is_python_and_names_only_what_checks_use():
    _, result = prepared("good")
    guards = {result.guards[c.id]: c.source for c in result.notebook.cells if c.id in result.guards}
    for c in result.notebook.cells:
        if c.cell_type == "code":
            compile(c.source, c.id, "exec")
    assert "'np': ('numpy', None)" in guards["b-norm-check"] and "'np'" not in guards["a-mean-check"]
    assert "'abs': ('builtins', None)" in guards["a-mean-check"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"nbformat": 4}',
        b'{"nbformat": 4, "cells": [{}]}',
        b"null",
        b"1e999",
    ],
)
def test_what_is_no_notebook(content):
    with pytest.raises(NotANotebook):
        notebook_of(content)


def test_hostile_metadata_are_left_behind():
    notebook = toy_sheet.released({})
    notebook.cells[5].metadata = {"nbgrader": {"grade_id": ["a"], "points": 100}, "tags": "raises-exception"}
    notebook.cells[6].metadata["nbgrader"]["points"] = 1000
    notebook.metadata = {"course": {"sheet": "7; drop table", "exercise": 1}, "kernelspec": {"name": "evil"}}
    read = notebook_of(json.dumps(notebook).encode())
    assert "evil" not in str(read.metadata.get("kernelspec")) and read.metadata["course"] == {"exercise": 1}
    assert read.cells[5].metadata == {} and read.cells[6].metadata == {
        "nbgrader": {"grade_id": "a-mean-check"}
    }


def test_items_are_those_of_the_author():
    items = items_of(AUTHOR)
    assert [(i.id, i.points, i.check, i.title) for i in items] == [
        ("1.a-mean-check", 1, True, "(a) The mean"),
        ("1.b-norm-check", 2, True, "(b) The norm"),
        ("1.c-words", 0.5, False, "(b) The norm"),
        ("1.d-proof", 0.5, False, "(b) The norm"),
        ("1.e-order-check", 1, True, "(e) Order"),
    ]
    assert items[1].answers == ("b-norm",) and items[2].answers == ("c-words",)


def test_proposals():
    items, student = items_of(AUTHOR), notebook_of(toy_sheet.hand_in("one stub left", toy_sheet.people(0)))
    student.cells = [c for c in student.cells if name_of(c) != "d-proof"]
    stubs = untouched(student, AUTHOR)
    assert stubs == {"a-mean"}
    checks = {"a-mean-check": "", "b-norm-check": "", "e-order-check": "AssertionError: no"}
    assert propose(items, stubs, {name_of(c) for c in student.cells}, checks) == {
        "1.a-mean-check": (0.0, "not answered"),
        "1.b-norm-check": (2.0, "passed"),
        "1.c-words": (None, ""),
        "1.d-proof": (None, "its cell is gone: is the answer elsewhere?"),
        "1.e-order-check": (0.0, "AssertionError: no"),
    }


@pytest.mark.parametrize("kind", [k for k, v in toy_sheet.KINDS.items() if v.suspicious])
def test_suspicious_code_is_found_by_reading(kind):
    student, _ = prepared(kind)
    wanted = toy_sheet.KINDS[kind].suspicious
    found = "\n".join(suspicions(student, AUTHOR))
    assert wanted in found or ("was not the original" in wanted and "uses get_ipython" in found)


@pytest.mark.parametrize(
    "kind", ["good", "good, metadata lost", "good, a cell more", "wrong norm", "check altered"]
)
def test_honest_code_is_not_suspicious(kind):
    student, _ = prepared(kind)
    assert suspicions(student, AUTHOR) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("sum = 0", "cell 1: sum is redefined, and a check uses it"),
        ("def f():\n    global sum\n    sum = 0", "sum is redefined"),
        ("import other as np", "np is redefined"),
        ("from builtins import abs as sum", "sum is redefined"),
        ("np.testing.assert_allclose = print", "np.testing.assert_allclose is changed"),
        ("setattr(np, 'allclose', print)", "an attribute of np is changed"),
        ("import sys\nsys.modules['numpy'] = None", "uses sys.modules"),
        ("import builtins\nbuiltins.sum = max", "builtins.sum is changed"),
        ("class A:\n    __eq__ = lambda a, b: True", "class A has its own __eq__"),
        ("class A: pass\nA.__eq__ = lambda a, b: True", "A.__eq__ is changed"),
        ("from os import _exit", "imports os._exit"),
        ("from unittest import mock", "imports unittest.mock"),
        ("print(In[-1])", "uses In"),
        ("exec('x')", "uses exec"),
        ("get_ipython().events.register", "uses get_ipython"),
        ("given = 3", "given is redefined"),
        ("import sys\nsys._getframe(1).f_back", "uses f_back"),
        ("try: 1 / 0\nexcept Exception as e: frame = e.__traceback__.tb_frame", "tb_frame"),
        ("getattr(frame, 'f_' + 'locals'), getattr(frame, 'f_back')", "names 'f_back'"),
        ("from IPython import get_ipython as ip", "imports IPython.get_ipython"),
        ("import IPython\nIPython.get_ipython().history_manager", "uses IPython.get_ipython"),
        ("import linecache", "imports linecache"),
        ("import __main__", "imports __main__"),
        ("open('/proc/self/mem', 'rb')", "names '/proc/self/mem'"),
    ],
)
def test_tricks_are_found(code, found):
    author = v4.new_notebook(
        cells=[
            v4.new_code_cell("import numpy as np\n\n\ndef given(x):\n    return x", id="imports"),
            toy_sheet.cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "a", solution=True),
            toy_sheet.cell("assert np.allclose(given(sum([x])), 1)", "b", grade=True, locked=True, points=1),
        ]
    )
    student = student_version(author)
    student.cells.insert(0, v4.new_code_cell(code, id="mine"))
    assert found in "\n".join(suspicions(student, author))


@pytest.mark.parametrize(
    "code",
    [
        "def f(values):\n    sum = 0\n    return [np for np in values]",
        "%timeit 3\n!ls\nvalues = [sum for sum in range(3)]",
        "import numpy as np\nimport matplotlib.pyplot as plt\nplt.rcParams['font.size'] = 9",
        "class Net:\n    def __init__(self):\n        self.sum = 3",
        "x = (",
        "from IPython.display import Markdown, display\nimport traceback\n'a process of decay'",
    ],
)
def test_usual_code_is_no_trick(code):
    author = v4.new_notebook(
        cells=[
            v4.new_code_cell("import numpy as np", id="imports"),
            toy_sheet.cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "a", solution=True),
            toy_sheet.cell("assert np.allclose(sum([x]), 1)", "b", grade=True, locked=True, points=1),
        ]
    )
    student = student_version(author)
    student.cells.insert(0, v4.new_code_cell(code, id="mine"))
    assert suspicions(student, author) == []


def test_the_courses_own_solutions_are_not_suspicious(request):
    folder = request.config.rootpath / "notebooks"
    for path in sorted(folder.glob("*.ipynb")):
        author = nbformat.read(path, 4)
        if not items_of(author):
            continue
        read = notebook_of(path.read_bytes())
        result = prepare(read, author)
        assert result.tampered == [] and suspicions(read, author) == [], path.name
        assert len(result.checks) == sum(i.check for i in items_of(author)), path.name
