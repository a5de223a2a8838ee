"""Files that a notebook needs beside it: own modules and small data, taken along with the hand-in."""

import ast
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from nbformat import NotebookNode

__all__ = ["LARGEST", "MOST_BYTES", "MOST_FILES", "companions_of", "is_companion", "refusal"]

ENDINGS = {
    *(".py", ".csv", ".tsv", ".txt", ".dat", ".json", ".toml", ".yaml", ".yml"),
    *(".npy", ".npz", ".h5", ".hdf5", ".pt", ".pth", ".png", ".jpg", ".jpeg", ".gif", ".svg"),
}
OURS = {"group.toml", "checklist.txt"}
LARGEST = 5_000_000  # bytes of one file
MOST_BYTES, MOST_FILES = 20_000_000, 30  # of all together


def is_companion(path: str) -> bool:
    """Whether a file with this name may be one that a notebook needs."""
    name = PurePosixPath(path)
    return name.suffix.lower() in ENDINGS and name.name not in OURS


def refusal(path: str) -> str:
    """Why a file is not laid beside the notebook: it would hide a package that others import.

    Parameters
    ----------
    path : str
        From the folder of the notebook.

    Returns
    -------
    str
        "" where nothing is wrong.
    """
    top = PurePosixPath(path).parts[0].removesuffix(".py")
    if not top.isidentifier() or (top == PurePosixPath(path).parts[0] and not path.endswith(".py")):
        return ""  # nothing that can be imported
    known = importlib.util.find_spec(top)
    if top == "helpers" or top in sys.stdlib_module_names or (known and known.origin):
        return f"it would hide the package {top}"
    return ""


def companions_of(notebook: NotebookNode, folder: Path) -> dict[str, Path]:
    """Files below a folder that the code of a notebook imports or names in a string.

    Modules that these modules import are found too. Links are not followed.

    Parameters
    ----------
    notebook : NotebookNode
    folder : Path
        Where the notebook lies.

    Returns
    -------
    dict of str to Path
        By the path from the folder.
    """
    found: dict[str, Path] = {}
    sources = [(cell.source, "") for cell in notebook.cells if cell.cell_type == "code"]
    while sources:
        source, package = sources.pop()
        for name in _names(source, package):
            path = folder / name
            if name in found or not is_companion(name) or not _inside(path, folder):
                continue
            if path.stat().st_size > LARGEST or len(found) == MOST_FILES:
                continue
            found[name] = path
            if path.suffix == ".py":
                text = path.read_text(encoding="utf-8", errors="replace")
                sources.append((text, name.rpartition("/")[0]))
    return found


def _inside(path: Path, folder: Path) -> bool:
    """Whether it is a file below the folder, reached without a link."""
    try:
        return path.is_file() and path.resolve().is_relative_to(folder.resolve()) and not path.is_symlink()
    except (OSError, ValueError):  # a string that is no path
        return False


def _names(source: str, package: str) -> Iterator[str]:
    """Paths that a source may mean: its strings, and the files of the modules that it imports.

    Only those that stay below the folder; `package` is the folder of the source, for relative imports.
    """
    code = "\n".join(line for line in source.split("\n") if not line.lstrip().startswith(("%", "!")))
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            path = PurePosixPath(node.value)
            if not path.is_absolute() and ".." not in path.parts:
                yield path.as_posix()
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                above = PurePosixPath(package).parts
                start = ".".join([*above[: len(above) - node.level + 1], *start.split(".")]).strip(".")
            modules = [start, *(f"{start}.{alias.name}".strip(".") for alias in node.names)]
        for module in modules:
            path = module.replace(".", "/")
            yield f"{path}.py"
            yield f"{path}/__init__.py"
