"""Cells that bring kernel_guard.py into the kernel, call it before each check, and show that it has ended."""

import ast
import builtins
from pathlib import Path

from nbformat import NotebookNode

__all__ = ["imported_by", "imports", "parsed", "restoring", "sealed", "starting", "used"]

GUARD = Path(__file__).with_name("kernel_guard.py")


def imports(author: NotebookNode) -> tuple[set[str], dict[str, tuple[str, str | None]]]:
    """What the author imports.

    Parameters
    ----------
    author : NotebookNode

    Returns
    -------
    set of str
        The modules.
    dict of str to (str, str or None)
        Name bound by an import → module and attribute. Only names that the code binds in no other way.
    """
    names, assigned = {}, set()
    for tree in map(parsed, author.cells):
        names |= imported_by(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                assigned.add(node.id)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                assigned.add(node.name)
    modules = {module for module, _ in names.values()}
    for name in assigned & set(names):
        del names[name]
    return modules, names


def imported_by(tree: ast.AST) -> dict[str, tuple[str, str | None]]:
    """Names that the imports in a piece of code bind.

    Parameters
    ----------
    tree : ast.AST

    Returns
    -------
    dict of str to (str, str or None)
        Name → module and attribute, None for a module itself.
    """
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for a in node.names:
                top = a.name.split(".")[0]
                names[a.asname or top] = (a.name if a.asname else top, None)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for a in node.names:
                names[a.asname or a.name] = (node.module, a.name)
    return names


def used(source: str) -> set[str]:
    """Names that a check takes from outside."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    found, stored = {"__import__"}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
            if isinstance(node.ctx, ast.Store):
                stored.add(node.id)
    return found - stored


def parsed(cell: NotebookNode) -> ast.Module:
    """Syntax tree of a cell, empty when it is no Python."""
    try:
        return ast.parse(cell.source if cell.cell_type == "code" else "")
    except SyntaxError:
        return ast.parse("")


def starting(token: str, modules: list[str]) -> str:
    """Text of the first cell: kernel_guard.py remembers the modules, under a name that no hand-in knows.

    Parameters
    ----------
    token : str
        Stands in that name.
    modules : list of str

    Returns
    -------
    str
    """
    return (
        "import sys, types\n"
        f"sys.modules['course_{token}'] = types.ModuleType('course_{token}')\n"
        f"exec({GUARD.read_text(encoding='utf-8')!r}, vars(sys.modules['course_{token}']))\n"
        f"sys.modules['course_{token}'].start({modules!r}, get_ipython())\n"
        f"sys.modules['course_{token}'].hide()\n"
        "del sys, types"
    )


def restoring(token: str, check: str, imported: dict[str, tuple[str, str | None]]) -> str:
    """Text of the cell before a check: what the check uses becomes what it was at the start.

    Parameters
    ----------
    token : str
        As for `starting`.
    check : str
        Source of the check.
    imported : dict of str to (str, str or None)
        From `imports`.

    Returns
    -------
    str
    """
    trusted = {}
    for name in used(check):
        if name in imported:
            trusted[name] = imported[name]
        elif hasattr(builtins, name):
            trusted[name] = ("builtins", None)
    guard = f"__import__('course_{token}')"
    return f"{guard}.restore(globals(), {trusted!r}, {token!r})\n{guard}.hide()"


def sealed(source: str, token: str, seal: str) -> str:
    """The check, which hides its text, and prints a line after everything that can fail.

    A value that is shown stands behind that line.

    Parameters
    ----------
    source : str
        Of the check.
    token : str
        As for `starting`.
    seal : str
        The line.

    Returns
    -------
    str
    """
    guard = f"__import__('course_{token}')"
    lines = source.rstrip().split("\n")
    at = len(lines)
    try:
        last = ast.parse(source).body[-1]
        if isinstance(last, ast.Expr):
            at = last.lineno - 1
    except (SyntaxError, IndexError):
        pass
    return "\n".join([f"{guard}.hide()", *lines[:at], f"{guard}.seal({seal!r})", *lines[at:]])
