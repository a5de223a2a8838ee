"""What in a student's code could make a check pass that should not: found by reading, without running it."""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from helpers.course.cells import is_check, marked, name_of
from helpers.course.grading.guard_cells import imported_by, imports, parsed, used
from helpers.course.stubs import student_version

__all__ = ["suspicions"]

COMPARISONS = {
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"),
    *("__bool__", "__abs__", "__instancecheck__", "__contains__"),
}
# names that have no place in an exercise; a dot at the end stands for everything below
ODD = (
    *("sys.modules", "sys.exit", "sys.settrace", "sys.setprofile", "sys._getframe"),
    *("sys.stdout", "sys.stderr"),
    *("os._exit", "os.abort", "os.kill", "os.fork", "os.system"),
    *("builtins.", "__builtins__", "__import__", "exec", "eval", "exit", "quit", "globals"),
    *("get_ipython", "In", "_ih"),
    *("inspect.", "ctypes.", "gc.", "unittest.mock", "importlib.", "subprocess."),
    *("socket.", "signal.", "atexit.", "threading."),
    *("sys._current_frames", "sys.addaudithook", "sys.monitoring", "linecache.", "traceback.walk_stack"),
    *("IPython.get_ipython", "IPython.core.", "ipykernel.", "__main__"),
)
# attributes that lead from a function to those who call it, or to what IPython has run
WAYS_OUT = {
    *("tb_frame", "f_back", "f_code", "f_locals", "f_globals", "f_builtins", "gi_frame", "cr_frame"),
    *("__globals__", "__code__", "__subclasses__", "history_manager", "user_ns", "input_hist_raw"),
}
SCOPES = ast.FunctionDef, ast.Lambda, ast.ClassDef
COMPREHENSIONS = ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp
SETTERS = "setattr", "delattr"
MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


def suspicions(
    student: NotebookNode, author: NotebookNode, files: dict[str, bytes] | None = None
) -> list[str]:
    """Redefinitions of what checks use, objects equal to everything, exits and hooks, in the student's cells.

    Cells that are as they were handed out are left aside, and what the author's own solution does is not odd.

    Parameters
    ----------
    student : NotebookNode
        A hand-in.
    author : NotebookNode
        The solved notebook.
    files : dict of str to bytes, optional
        That lie beside the hand-in; own modules are read too.

    Returns
    -------
    list of str
        Lines, each with the number of the cell, or the name of the module.
    """
    known = _known(author)
    found = []
    for number, cell in enumerate(student.cells, 1):
        if cell.cell_type != "code" or name_of(cell) in known.checks or _bare(cell) in known.handed_out:
            continue
        for line in _lines_of(MAGIC.sub(r"\1pass", cell.source), known):
            found.append(f"cell {number}: {line}")
    for name, content in (files or {}).items():
        if name.endswith(".py"):
            for line in _lines_of(content.decode(errors="replace"), known):
                found.append(f"{name}: {line}")
    return found


def _lines_of(source: str, known: "_Known") -> list[str]:
    """What is suspicious in a source; nothing where it is no Python, or too deep to read."""
    try:
        return sorted(_lines(ast.parse(source), known))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


@dataclass(frozen=True)
class _Known:
    """What the author's notebook says: names by which checks stand or fall, and what is usual in it."""

    checks: set[str | None]  # names of their cells
    fixed: set[str]  # names that checks use and that stay as they were handed out
    imported: dict[str, tuple[str, str | None]]
    usual: set[str]  # lines that the author's own cells would give
    handed_out: set[str]  # texts of the released cells


def _known(author: NotebookNode) -> _Known:
    _, imported = imports(author)
    checks, used_by_checks, usual, assigned = set(), set(), set(), set()
    for cell in author.cells:
        tree = parsed(cell)
        usual.update(_odd(tree))
        if is_check(cell):
            checks.add(name_of(cell))
            used_by_checks |= used(cell.source)
        if marked(cell).get("solution"):
            assigned |= _bound(tree)
    handed_out, fixed = set(), set(imported)
    for cell in student_version(author).cells:
        handed_out.add(_bare(cell))
        if not marked(cell):
            fixed |= _defined(parsed(cell))
    for name in used_by_checks:
        if hasattr(builtins, name):
            fixed.add(name)
    return _Known(checks, (fixed - assigned) & used_by_checks, imported, usual, handed_out)


def _lines(tree: ast.AST, known: _Known) -> set[str]:
    """What is suspicious in one cell."""
    bound = _bound(tree)
    for name, what in imported_by(tree).items():
        if known.imported.get(name) != what:
            bound.add(name)
    lines = set()
    for name in bound & known.fixed:
        lines.add(f"{name} is redefined, and a check uses it")
    for name in _patched(tree, known.imported):
        lines.add(f"{name} is changed")
    return lines | (set(_odd(tree)) - known.usual)


def _bare(cell: NotebookNode) -> str:
    return "".join(cell.source.split())


def _defined(tree: ast.Module) -> set[str]:
    """Functions and classes of a cell."""
    return {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def _bound(tree: ast.AST) -> set[str]:
    """Names that a cell binds in the notebook, not only within a function."""
    inner = set()  # ids of the nodes within a scope of their own
    for scope in ast.walk(tree):
        if isinstance(scope, SCOPES):
            inner.update(map(id, list(ast.walk(scope))[1:]))
        elif isinstance(scope, COMPREHENSIONS):
            inner.update(map(id, ast.walk(scope)))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            names.update(node.names)
        if id(node) in inner:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
    return names


def _patched(tree: ast.AST, imported: Iterable[str]) -> Iterator[str]:
    """Attributes of modules, or of what is imported from them, that are set: `np.allclose = …`, setattr."""
    modules = set(imported)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                modules.add(alias.asname or alias.name.split(".")[0])
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
            if _root(node) in modules or node.attr in COMPARISONS:
                yield ast.unparse(node)
        elif isinstance(node, ast.Call) and node.args and getattr(node.func, "id", "") in SETTERS:
            yield f"an attribute of {ast.unparse(node.args[0])[:60]}"


def _root(node: ast.AST) -> str | None:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return getattr(node, "id", None)


def _odd(tree: ast.AST) -> Iterator[str]:
    inside = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for name in sorted(_methods(node) & COMPARISONS):
                yield f"class {node.name} has its own {name}"
        elif isinstance(node, ast.Import):
            yield from _odd_imports("", node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _odd_imports(f"{node.module}.", node.names)
        elif isinstance(node, (ast.Attribute, ast.Name)) and id(node) not in inside:
            name = ast.unparse(node)
            if not _root(node):
                name = getattr(node, "attr", "")
            ways_out = WAYS_OUT.intersection(name.split("."))
            if (_is_odd(name) or ways_out) and isinstance(node.ctx, ast.Load):
                yield f"uses {name[:60]}"
        elif isinstance(node, ast.Constant) and _names_way_out(node.value):
            yield f"names {node.value[:60]!r}"


def _methods(node: ast.ClassDef) -> set[str]:
    """Names that a class defines or assigns."""
    names = set()
    for part in node.body:
        if isinstance(part, ast.FunctionDef):
            names.add(part.name)
        elif isinstance(part, ast.Assign):
            names.update(getattr(target, "id", "") for target in part.targets)
    return names


def _odd_imports(start: str, aliases: Iterable[ast.alias]) -> Iterator[str]:
    for alias in aliases:
        name = start + alias.name
        if _is_odd(name) or _is_odd(f"{name}."):
            yield f"imports {name}"


def _names_way_out(value: object) -> bool:
    return isinstance(value, str) and (value in WAYS_OUT or value.startswith("/proc/"))


def _is_odd(name: str) -> bool:
    for odd in ODD:
        if odd.endswith(".") and name.startswith(odd):
            return True
        if name == odd or name.startswith(f"{odd}."):
            return True
    return False
