"""Code that could make a check pass that should not, found by reading it."""

import nbformat
import pytest
from nbformat import v4

from helpers.course.grading.insert_checks import prepare
from helpers.course.grading.suspicions import suspicions
from helpers.course.items import items_of
from helpers.course.stubs import student_version
from helpers.course.student_notebook import notebook_of
from tests.builders import toy_sheet
from tests.builders.notebooks import cell


@pytest.mark.parametrize("kind", [k for k, v in toy_sheet.KINDS.items() if v.suspicious])
def test_suspicious_code_is_found_by_reading(kind):
    student = notebook_of(toy_sheet.hand_in(kind, toy_sheet.people(0)))
    wanted = toy_sheet.KINDS[kind].suspicious
    found = "\n".join(suspicions(student, toy_sheet.toy()))
    assert wanted in found or ("was not the original" in wanted and "uses get_ipython" in found)


@pytest.mark.parametrize(
    "kind", ["good", "good, metadata lost", "good, a cell more", "wrong norm", "check altered"]
)
def test_honest_code_is_not_suspicious(kind):
    student = notebook_of(toy_sheet.hand_in(kind, toy_sheet.people(0)))
    assert suspicions(student, toy_sheet.toy()) == []


def found_in(code, check):
    """What is suspicious in a cell of a student, before a solution and its check."""
    author = v4.new_notebook(
        cells=[
            v4.new_code_cell("import numpy as np\n\n\ndef given(x):\n    return x", id="imports"),
            cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "a", solution=True),
            cell(check, "b", grade=True, locked=True, points=1),
        ]
    )
    student = student_version(author)
    student.cells.insert(0, v4.new_code_cell(code, id="mine"))
    return suspicions(student, author)


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
        ("import sys\nsys._getframe(1).f_back", "uses f_back"),
        ("try: 1 / 0\nexcept Exception as e: frame = e.__traceback__.tb_frame", "tb_frame"),
        ("getattr(frame, 'f_' + 'locals'), getattr(frame, 'f_back')", "names 'f_back'"),
        ("from IPython import get_ipython as ip", "imports IPython.get_ipython"),
        ("import IPython\nIPython.get_ipython().history_manager", "uses IPython.get_ipython"),
        ("import linecache", "imports linecache"),
        ("import __main__", "imports __main__"),
        ("open('/proc/self/mem', 'rb')", "names '/proc/self/mem'"),
        ("given = 3", "given is redefined"),
    ],
)
def test_tricks_are_found(code, found):
    assert found in "\n".join(found_in(code, "assert np.allclose(given(sum([x])), 1)"))


@pytest.mark.parametrize(
    "code",
    [
        "def f(values):\n    sum = 0\n    return [np for np in values]",
        "%timeit 3\n!ls\nvalues = [sum for sum in range(3)]",
        "import numpy as np\nimport matplotlib.pyplot as plt\nplt.rcParams['font.size'] = 9",
        "class Net:\n    def __init__(self):\n        self.sum = 3",
        "from IPython.display import Markdown, display\nimport traceback\n'a process of decay'",
        "x = (",
    ],
)
def test_usual_code_is_no_trick(code):
    assert found_in(code, "assert np.allclose(sum([x]), 1)") == []


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
