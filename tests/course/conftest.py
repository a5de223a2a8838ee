"""A sheet graded once for all tests that look at its parts; notebooks written, and never run."""

import nbformat
import pytest

from helpers.course import handin
from helpers.course.bubblewrap import unavailable
from tests.builders import toy_sheet
from tests.builders.graded import GRADED, grade_folder
from tests.builders.worked import notebook


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """A sheet with a dozen hand-ins, graded once for all tests. Holds folder, slug → kind, groups by slug."""
    if unavailable():
        pytest.skip(unavailable())
    folder = tmp_path_factory.mktemp("sheet")
    toy_sheet.write_sheet(folder / "notebooks")
    kinds = toy_sheet.write_hand_ins(folder / "in", GRADED)
    hostile = 'Eve <script>alert("x")</script> & $x$ =1+1'
    members = [toy_sheet.Member(hostile, "<b>3</b>"), toy_sheet.Member("Mallory *m*", "1")]
    toy_sheet.pack(folder / "in" / "z.zip", toy_sheet.hand_in("good", members), members)
    groups = grade_folder(folder, jobs=2, report=print)
    return folder, kinds, {g.slug: g for g in groups}


@pytest.fixture
def write(tmp_path):
    """A function that writes a notebook of `worked`. Returns: its path."""

    def write(*sources, name="01_worked", **options):
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook(*sources, **options), path)
        return path

    return write


@pytest.fixture
def never_run(monkeypatch):
    """Nothing may be executed in this test."""

    def execute(*_, **__):
        raise AssertionError("this was to be refused before anything runs")

    monkeypatch.setattr(handin, "execute", execute)
