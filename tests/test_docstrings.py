"""Docstrings of helpers/ against the code: what a reader is told of parameters is what the signature says."""

import ast
import re
from pathlib import Path

import pytest

from helpers.places import HELPERS

ROOMS = sorted(HELPERS.rglob("*.py"))
SECTION = re.compile(r"^(\w+)\n-{3,}$", re.MULTILINE)
KNOWN = ["Parameters", "Attributes", "Returns", "Yields", "Raises", "Notes"]


def public(nodes, prefix=""):
    """Names and nodes of the public functions, classes and methods among the nodes."""
    found = []
    for node in nodes:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        found.append((prefix + node.name, node))
        if isinstance(node, ast.ClassDef):
            found += public(node.body, f"{node.name}.")
    return found


def parameters(function):
    """Names in a signature as numpydoc writes them, without self and cls, and their annotations."""
    given = function.args
    by_place = [(a.arg, a.annotation) for a in [*given.posonlyargs, *given.args]]
    if by_place and by_place[0][0] in ("self", "cls"):
        by_place = by_place[1:]
    if given.vararg:
        by_place.append((f"*{given.vararg.arg}", given.vararg.annotation))
    by_place += [(a.arg, a.annotation) for a in given.kwonlyargs]
    if given.kwarg:
        by_place.append((f"**{given.kwarg.arg}", given.kwarg.annotation))
    return by_place


def constructed(node):
    """Names that a class is made with: fields of a dataclass or NamedTuple, else arguments of __init__."""
    fields = []
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and member.name == "__init__":
            return [name for name, _ in parameters(member)]
        if isinstance(member, ast.AnnAssign):
            fields.append(member.target.id)
    return fields


def sections(docstring):
    """Title → lines of each section."""
    pieces = SECTION.split(docstring)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def documented(lines):
    """Names in a section of parameters, in their order."""
    names = []
    for line in lines.splitlines():
        if line and not line.startswith(" "):
            names += line.partition(" : ")[0].split(", ")
    return names


def faults(source, annotated=False):
    """What is wrong with the docstrings of a room."""
    found = []
    for name, node in public(ast.parse(source).body):
        docstring = ast.get_docstring(node)
        if not docstring:
            found.append(f"{name} has no docstring")
            continue
        told = sections(docstring)
        if list(told) != [title for title in KNOWN if title in told]:
            found.append(f"{name}: sections {list(told)}, expected some of {KNOWN} in this order")
        if isinstance(node, ast.ClassDef):
            expected = constructed(node)
        else:
            expected = [parameter for parameter, _ in parameters(node)]
        if "Parameters" in told and documented(told["Parameters"]) != expected:
            found.append(f"{name}: Parameters {documented(told['Parameters'])}, in the code {expected}")
        if re.search(r"\b(Arguments|Returns|Yields|Raises): ", docstring):
            found.append(f"{name}: a section in one line")
        if annotated and isinstance(node, ast.FunctionDef):
            bare = [parameter for parameter, annotation in parameters(node) if annotation is None]
            if bare or node.returns is None:
                found.append(f"{name}: no annotation of {', '.join(bare) or 'what it returns'}")
    return found


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.relative_to(HELPERS).as_posix())
def test_docstrings_say_what_the_code_says(room):
    source = room.read_text(encoding="utf-8")
    assert "Arguments:" not in source
    assert faults(source, annotated=Path("course") in room.relative_to(HELPERS).parents) == []


GOOD = '''
def area(width: float, height: float = 1.0, *shape: int, unit: str = "m") -> float:
    """Area.

    Parameters
    ----------
    width, height : float
        In m.
    *shape : int
    unit : str

    Returns
    -------
    float
    """
'''


def test_a_right_docstring_passes():
    assert faults(GOOD, annotated=True) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("width, height : float", "height, width : float", "in the code"),
        ("    unit : str\n", "", "in the code"),
        ("    unit : str\n", "    unit : str\n    colour : str\n", "in the code"),
        ("height: float", "height", "no annotation of height"),
        (") -> float:", "):", "what it returns"),
        ("Area.", "Area. Returns: float.", "in one line"),
        ("Returns\n    -------", "Results\n    -------", "sections"),
        ('"""Area.', 'unit = """', "no docstring"),
    ],
)
def test_a_wrong_docstring_is_found(old, new, fault):
    assert old in GOOD
    (found,) = faults(GOOD.replace(old, new), annotated=True)
    assert fault in found
