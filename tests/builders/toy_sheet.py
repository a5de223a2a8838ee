"""A small sheet with known points, and hand-ins of all kinds made from it; nothing here needs torch."""

from dataclasses import dataclass, field

import nbformat
from nbformat import v4

from helpers.course.member import Member, to_toml
from helpers.course.stubs import student_version
from tests.builders.files import put_zip
from tests.builders.notebooks import bytes_of, cell, group_source

SHEET = 7
NAME = "01_toy.ipynb"
FIRST = ("Ada", "Emmy", "Lise", "Marie", "Chien-Shiung", "Vera", "Jocelyn", "Maria", "Cecilia", "Hedwig")
LAST = ("Lovelace", "Noether", "Meitner", "Curie", "Wu", "Rubin", "Bell", "Goeppert", "Payne", "Kohn")


def toy():
    """The solved notebook: checks of 1 and 2 points, an answer in words (0.5), one in Markdown (0.5), a third
    check of 1 point; 5 in all."""
    cells = [
        cell("# A toy\n\nFor tests.", "title", "markdown"),
        cell('GROUP = [\n    {"name": "", "tutorial": None},\n]', "group", tags=["group"]),
        cell("import math\n\nimport numpy as np\nfrom IPython.display import Markdown", "imports"),
        cell("SIZE = 1000", "parameters", tags=["parameters"]),
        cell(
            "## (a) The mean (1 point, 5 min)\n\nOf $x$: $\\bar x$.", "a-statement", "markdown", locked=True
        ),
        cell(
            "def mean(x):\n    ### BEGIN SOLUTION\n    total = 0.0\n    for value in x:\n"
            "        total += value\n    return total / len(x)\n    ### END SOLUTION",
            "a-mean",
            solution=True,
        ),
        cell(
            'assert abs(mean([1, 2, 6]) - 3) < 1e-12, f"expected 3, found {mean([1, 2, 6])}"\n'
            '### BEGIN HIDDEN TESTS\nassert abs(mean([1.0, -1.0])) < 1e-12, "wrong for [1, -1]"\n'
            '### END HIDDEN TESTS\nprint("the mean is right")',
            "a-mean-check",
            points=1,
            grade=True,
            locked=True,
        ),
        cell("## (b) The norm (2 points, 10 min)", "b-statement", "markdown", locked=True),
        cell(
            "def norm(x):\n    ### BEGIN SOLUTION\n    return math.sqrt(sum(value**2 for value in x))\n"
            "    ### END SOLUTION",
            "b-norm",
            solution=True,
        ),
        cell("lengths = [norm([k, k + 1.0]) for k in range(SIZE)]", "b-use"),
        cell(
            "expected = np.hypot(np.arange(SIZE), np.arange(SIZE) + 1.0)\n"
            'assert np.allclose(lengths, expected), "norm is wrong"\n'
            '### BEGIN HIDDEN TESTS\nassert norm([2.0, 3.0, 6.0]) == 7, "wrong in three dimensions"\n'
            "### END HIDDEN TESTS\nlengths[:2]",
            "b-norm-check",
            points=2,
            grade=True,
            locked=True,
        ),
        cell(
            'Markdown(rf"The last one is {lengths[-1]:.1f}.")',
            "c-words",
            points=0.5,
            grade=True,
            solution=True,
        ),
        cell(
            "It follows from $|x|^2 = x \\cdot x$.",
            "d-proof",
            "markdown",
            points=0.5,
            grade=True,
            solution=True,
        ),
        cell("## (e) Order (1 point, 5 min)", "e-statement", "markdown", locked=True),
        cell("### BEGIN SOLUTION\nordered = sorted([3, 1, 2])\n### END SOLUTION", "e-order", solution=True),
        cell(
            'assert ordered == [1, 2, 3], f"expected 1, 2, 3, found {ordered}"',
            "e-order-check",
            points=1,
            grade=True,
            locked=True,
        ),
    ]
    course = {"sheet": SHEET, "exercise": 1, "points": 5, "minutes": 20, "quick": {"SIZE": 10}}
    return v4.new_notebook(cells=cells, metadata={"title": "A toy", "course": course})


ANSWERS = {
    "a-mean": "def mean(x):\n    return sum(x) / len(x)",
    "b-norm": "def norm(x):\n    return math.sqrt(sum(value * value for value in x))",
    "c-words": "The lengths grow.",
    "d-proof": "By Pythagoras.",
    "e-order": "ordered = [1, 2, 3]",
}
WORDS = {"1.c-words": None, "1.d-proof": None}
FULL = {"1.a-mean-check": 1, "1.b-norm-check": 2, "1.e-order-check": 1} | WORDS


@dataclass
class Kind:
    """A kind of hand-in: answers by grade_id, what else is done to the notebook, and what must come out."""

    answers: dict = field(default_factory=dict)
    change: object = None  # function of the notebook
    points: dict = field(default_factory=dict)  # where they differ from FULL
    verdict: str = "ran"
    tampered: str = ""  # must stand in what was tampered with
    suspicious: str = ""


def find(notebook, name):
    return next(c for c in notebook.cells if c.id == name)


def delete(*names):
    def change(notebook):
        notebook.cells = [c for c in notebook.cells if c.id not in names]

    return change


def alter(name, source):
    def change(notebook):
        find(notebook, name).source = source

    return change


def move_to_top(name):
    def change(notebook):
        moved = find(notebook, name)
        notebook.cells.remove(moved)
        notebook.cells.insert(0, moved)

    return change


def duplicate(name, source):
    def change(notebook):
        copy = nbformat.from_dict({**find(notebook, name), "source": source, "id": "copy"})
        notebook.cells.append(copy)

    return change


def add(source, before="a-mean"):
    def change(notebook):
        notebook.cells.insert(
            notebook.cells.index(find(notebook, before)), v4.new_code_cell(source, id="mine")
        )

    return change


def strip_metadata(notebook):
    for c in notebook.cells:
        c.metadata = {}


NO_MEAN, NO_NORM, NO_ORDER = {"1.a-mean-check": 0}, {"1.b-norm-check": 0}, {"1.e-order-check": 0}
NOTHING = dict.fromkeys(FULL, 0)
WRONG_MEAN = {"a-mean": "def mean(x):\n    return 3"}  # passes what is visible
WRONG_NORM = {"b-norm": "def norm(x):\n    return 0.0"}

KINDS = {
    "good": Kind(),
    "good, metadata lost": Kind(change=strip_metadata),
    "good, a cell more": Kind(change=add("extra = [mean for mean in range(3)]")),
    "hidden check fails": Kind(WRONG_MEAN, points=NO_MEAN),
    "wrong norm": Kind(WRONG_NORM, points=NO_NORM),
    "one stub left": Kind({"a-mean": None}, points=NO_MEAN),
    "text not answered": Kind({"c-words": None, "d-proof": None}, points={"1.c-words": 0, "1.d-proof": 0}),
    "error in a cell": Kind(change=add("1 / 0"), verdict="failed at cell 6 (ZeroDivisionError"),
    "syntax error": Kind({"b-norm": "def norm(x) return"}, points=NO_NORM, verdict="failed at cell 9"),
    "untouched": Kind(dict.fromkeys(ANSWERS), points=NOTHING, verdict="unchanged"),
    "empty": Kind(change=lambda n: n.cells.clear(), points=NOTHING, verdict="empty"),
    "kernel dies": Kind(
        {"b-norm": "import os\nos._exit(1)"},
        points=NO_NORM | NO_ORDER,
        verdict="kernel died at cell 9",
        suspicious="uses os._exit",
    ),
    "endless loop": Kind(
        {"b-norm": "while True:\n    try:\n        while True: pass\n    except BaseException: pass"},
        points=NO_NORM | NO_ORDER,
        verdict="timed out at cell 9",
    ),
    "check altered": Kind(
        WRONG_MEAN, alter("a-mean-check", "pass"), NO_MEAN, tampered="a-mean-check: the check was altered"
    ),
    "check deleted": Kind(
        WRONG_NORM, delete("b-norm-check"), NO_NORM, tampered="b-norm-check: the check was deleted"
    ),
    "checks deleted, good": Kind(
        {}, delete("a-mean-check", "b-norm-check", "e-order-check"), tampered="deleted"
    ),
    "check moved": Kind({}, move_to_top("b-norm-check"), tampered="b-norm-check: the check was moved"),
    "check doubled": Kind(
        WRONG_MEAN, duplicate("a-mean-check", "pass"), NO_MEAN, tampered="2 cells go by the name"
    ),
    "allclose redefined": Kind(
        WRONG_NORM, add("np.allclose = lambda *a, **k: True"), NO_NORM, suspicious="np.allclose is changed"
    ),
    "abs shadowed": Kind(
        WRONG_MEAN,
        add("def abs(x):\n    return 0"),
        NO_MEAN,
        suspicious="abs is redefined, and a check uses it",
    ),
    "equal to everything": Kind(
        {"e-order": "class Any:\n    def __eq__(self, other):\n        return True\n\n\nordered = Any()"},
        suspicious="class Any has its own __eq__",
    ),
    "exits": Kind(
        {"a-mean": "import sys\n\n\ndef mean(x):\n    sys.exit(0)"},
        points=NO_MEAN,
        suspicious="uses sys.exit",
    ),
    "assertions swallowed": Kind(
        WRONG_MEAN,
        add("get_ipython().set_custom_exc((AssertionError,), lambda *a, **k: None)"),
        NO_MEAN,
        suspicious="a hook into IPython was not the original",
    ),
}


def released(answers):
    """The notebook as a student hands it in: answers by name, None where the stub is left."""
    notebook = student_version(toy())
    for name, answer in (ANSWERS | answers).items():
        if answer is not None:
            find(notebook, name).source = answer
    return notebook


def people(number):
    """Three names of group `number`, all different."""
    return [
        Member(f"{FIRST[(number + k) % 10]} {LAST[(number + 3 * k + number // 10) % 10]}{number}", "2")
        for k in range(3)
    ]


def hand_in(kind, members):
    """A hand-in of a kind as the bytes of its notebook."""
    notebook = released(KINDS[kind].answers)
    find(notebook, "group").source = group_source(members)
    if KINDS[kind].change:
        KINDS[kind].change(notebook)
    return bytes_of(notebook)


def good(*members):
    """The good hand-in of members, each given as (name, tutorial) or (name, tutorial, matriculation)."""
    return hand_in("good", [Member(*member) for member in members])


def zip_good(path, *members):
    """A zip with nothing but the good hand-in of members. Returns: its path."""
    return put_zip(path, {NAME: good(*members)})


def pack(path, notebook, members):
    """A zip as `course handin` makes it."""
    return put_zip(path, {NAME: notebook, "checklist.txt": "", "group.toml": to_toml(members)})


def write_sheet(folder):
    """The folder with the solved notebook."""
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(toy(), folder / NAME)
    return folder


def many(count):
    """Kinds of `count` hand-ins: two of three good or nearly, the rest of all the others in turn."""
    usual, others = list(KINDS)[:7], list(KINDS)[7:]
    return [others[k // 3 % len(others)] if k % 3 == 2 else usual[k % len(usual)] for k in range(count)]


def write_hand_ins(folder, kinds):
    """Zips of many groups. Returns: slug → kind."""
    groups = {}
    for number, kind in enumerate(kinds):
        members = people(number)
        slug = "_".join(sorted(m.name.split()[-1] for m in members))
        pack(folder / f"sheet07_{slug}.zip", hand_in(kind, members), members)
        groups[slug] = kind
    return groups


def expected(kind):
    """Item → points that this kind must get; None for the tutor."""
    return FULL | KINDS[kind].points
