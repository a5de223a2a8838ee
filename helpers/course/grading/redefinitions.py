"""What in a student's code could make a check pass that should not: found by reading, without running it."""

import ast
import builtins
import re

from helpers.course.cells import is_check, name_of
from helpers.course.grading.guarding import imported_by, imports, parsed, used
from helpers.course.release import student_version

__all__ = ["suspicions"]

COMPARISONS = {
    f"__{n}__" for n in ("eq", "ne", "lt", "le", "gt", "ge", "bool", "abs", "instancecheck", "contains")
}
# names that have no place in an exercise; a dot at the end stands for everything below
ODD = (
    *(
        "sys.modules",
        "sys.exit",
        "sys.settrace",
        "sys.setprofile",
        "sys._getframe",
        "sys.stdout",
        "sys.stderr",
    ),
    *("os._exit", "os.abort", "os.kill", "os.fork", "os.system", "builtins.", "__builtins__", "__import__"),
    *(
        "inspect.",
        "ctypes.",
        "gc.",
        "unittest.mock",
        "importlib.",
        "subprocess.",
        "socket.",
        "signal.",
        "atexit.",
    ),
    *("exec", "eval", "exit", "quit", "globals", "get_ipython", "In", "_ih", "sys.modules", "threading."),
)
MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


def suspicions(student, author):
    """Redefinitions of what checks use, objects equal to everything, exits and hooks, in the student's cells.

    Cells that are as they were handed out are left aside, and what the author's own solution does is not odd.

    Returns: list of lines, each with the number of the cell.
    """
    _, imported = imports(author)
    names_of_checks = {n for c in author.cells if is_check(c) for n in used(c.source)}
    fixed = set(imported) | {n for n in names_of_checks if hasattr(builtins, n)} | _defined(author)
    fixed -= _assigned_by(author)
    usual = {line for c in author.cells for line in _odd(parsed(c))}
    handed_out = {"".join(c.source.split()) for c in student_version(author).cells}
    checks = {name_of(c) for c in author.cells if is_check(c)}
    found = []
    for number, cell in enumerate(student.cells, 1):
        if cell.cell_type != "code" or name_of(cell) in checks or "".join(cell.source.split()) in handed_out:
            continue
        try:
            tree = ast.parse(MAGIC.sub(r"\1pass", cell.source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        new = {n for n, what in imported_by(tree).items() if imported.get(n) != what}
        redefined = (_bound(tree) | new) & fixed & names_of_checks
        lines = [f"{name} is redefined, and a check uses it" for name in redefined]
        lines += [f"{name} is changed" for name in _patched(tree, imported)]
        lines += [line for line in _odd(tree) if line not in usual]
        found += [f"cell {number}: {line}" for line in sorted(set(lines))]
    return found


def _defined(author):
    """Functions and classes that the author's cells bring ready-made."""
    given = [c for c in student_version(author).cells if not c.metadata.get("nbgrader")]
    return {n.name for c in given for n in parsed(c).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}


def _assigned_by(author):
    """Names that the author's own solution binds anew."""
    solutions = [c for c in author.cells if c.metadata.get("nbgrader", {}).get("solution")]
    return {name for c in solutions for name in _bound(parsed(c))}


def _bound(tree):
    """Names that a cell binds in the notebook, not only within a function."""
    names, inner = (
        set(),
        [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.Lambda, ast.ClassDef))],
    )
    local = {id(n) for scope in inner for n in ast.walk(scope) if n is not scope}
    local |= {
        id(n)
        for scope in ast.walk(tree)
        if isinstance(scope, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
        for n in ast.walk(scope)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            names |= set(node.names)
        if id(node) in local:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
    return names


def _patched(tree, imported):
    """Attributes of modules, or of what is imported from them, that are set: `np.allclose = …`, setattr."""
    imported = set(imported) | {
        a.asname or a.name.split(".")[0]
        for n in ast.walk(tree)
        if isinstance(n, (ast.Import, ast.ImportFrom))
        for a in n.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
            if _root(node) in imported or node.attr in COMPARISONS:
                yield ast.unparse(node)
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") in ("setattr", "delattr")
            and node.args
        ):
            yield f"an attribute of {ast.unparse(node.args[0])[:60]}"


def _root(node):
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return getattr(node, "id", None)


def _odd(tree):
    inside = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            methods = {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
            methods |= {
                t.id for n in node.body if isinstance(n, ast.Assign) for t in n.targets if hasattr(t, "id")
            }
            for name in sorted(methods & COMPARISONS):
                yield f"class {node.name} has its own {name}"
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            start = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for a in node.names:
                if _is_odd(start + a.name) or _is_odd(start + a.name + "."):
                    yield f"imports {start}{a.name}"
        elif isinstance(node, (ast.Attribute, ast.Name)) and id(node) not in inside:
            name = ast.unparse(node) if _root(node) else getattr(node, "attr", "")
            if _is_odd(name) and isinstance(node.ctx, ast.Load):
                yield f"uses {name}"


def _is_odd(name):
    return any(name.startswith(o) if o.endswith(".") else name == o or name.startswith(f"{o}.") for o in ODD)
