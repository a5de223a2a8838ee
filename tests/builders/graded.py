"""The toy sheet, graded: a folder with the author's notebooks/, the hand-ins in/ and what comes out/."""

import csv

import pytest

from helpers.course.bubblewrap import unavailable
from helpers.course.grade import grade
from tests.builders import toy_sheet

needs_sandbox = pytest.mark.skipif(bool(unavailable()), reason=str(unavailable()))
LIMITS = {"cell_seconds": 15, "seconds": 60}
GRADED = [
    "good",
    "good, metadata lost",
    "hidden check fails",
    "text not answered",
    "error in a cell",
    "untouched",
    "kernel dies",
    "check altered",
    "checks deleted, good",
    "allclose redefined",
    "exits",
    "assertions swallowed",
]


def silent(line):
    """A report to nobody."""


def grade_folder(folder, **options):
    """Grade folder/in against folder/notebooks into folder/out. Returns: the groups."""
    settings = {"limits": LIMITS, "report": silent} | options
    return grade([folder / "in"], toy_sheet.SHEET, folder / "notebooks", folder / "out", **settings)


def grades(out):
    """Rows of the table of grades."""
    return list(csv.DictReader((out / "grades.csv").read_text(encoding="utf-8-sig").splitlines()))
