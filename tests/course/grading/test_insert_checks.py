"""What is run for marking: the author's checks in their places, whatever the hand-in has made of them."""

import pytest
from nbformat import v4

from helpers.course.grading.insert_checks import prepare
from helpers.course.student_notebook import notebook_of
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
