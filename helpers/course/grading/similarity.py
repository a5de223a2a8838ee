"""Hand-ins that resemble each other more than the sheet makes them: a hint to look, never a proof."""

import ast
import builtins
import io
import keyword
import re
import tokenize
from collections import Counter
from itertools import combinations

from nbformat import NotebookNode, v4

from helpers.course.cells import marked, name_of
from helpers.course.grading.intake import Submission
from helpers.course.grading.scores import Group
from helpers.course.grading.versions import Authors
from helpers.course.stubs import student_version

__all__ = ["THRESHOLD", "find_similar", "pieces_of", "similar_pairs"]

LENGTH = 8  # tokens in a piece
FEWEST = 25  # pieces of its own that a hand-in needs to be compared
THRESHOLD = 0.6  # share of the pieces of the smaller one that the larger one holds
F_STRING = getattr(tokenize, "FSTRING_MIDDLE", None)  # from Python 3.12
COMMON = 0.5  # pieces in more than this share of all hand-ins prove nothing
FEW = 6  # hand-ins, below which nothing counts as common

# Why 0.6: the same solution with other names, comments and order of cells gives 0.9 and more, solutions
# written independently stay below 0.4 (tests/course/grading/test_similarity.py).


def find_similar(groups: list[Group], submissions: list[Submission], authors: Authors) -> None:
    """Note in groups whose notebooks are like those of others.

    Parameters
    ----------
    groups : list of Group
        Take it in `similar`.
    submissions : list of Submission
        Theirs.
    authors : dict of int to (Path, NotebookNode)
        The solved notebooks by exercise.
    """
    by_slug = {group.slug: group for group in groups}
    for exercise, (_, author) in authors.items():
        pieces = {}
        for submission in submissions:
            version = submission.notebooks.get(exercise)
            if version and version.notebook is not None:
                files = {file.path: file.content for file in version.files}
                pieces[submission.slug] = pieces_of(version.notebook, author, files)
        for one, other, share in similar_pairs(pieces):
            by_slug[one].similar.append((other, exercise, share))
            by_slug[other].similar.append((one, exercise, share))


def pieces_of(student: NotebookNode, author: NotebookNode, files: dict[str, bytes] | None = None) -> set[int]:
    """Pieces of LENGTH tokens of the solution cells and own modules that are not in the skeleton.

    Names that the student chose all count as the same name, comments and layout as nothing; words of texts
    count. Names of modules, functions and the skeleton's own stay as they are.

    Parameters
    ----------
    student : NotebookNode
        A hand-in.
    author : NotebookNode
        The solved notebook.
    files : dict of str to bytes, optional
        That lie beside the hand-in; own modules count like cells.

    Returns
    -------
    set of int
        Comparable within one process.
    """
    released = student_version(author)
    given, known, names, answers, skeleton = set(), set(dir(builtins)), set(), {None}, set()
    for cell in released.cells:
        given.add(cell.source)
        names.add(name_of(cell))
        if marked(cell).get("solution"):
            answers.add(name_of(cell))
        if cell.cell_type == "code":
            known.update(re.findall(r"\w+", cell.source))
        skeleton |= _pieces(_tokens(cell, set()))

    own, chosen = [], set()
    for cell in student.cells:
        name = name_of(cell)
        if (name in answers or name not in names) and cell.source not in given:
            own.append(cell)
    for path, content in (files or {}).items():
        if path.endswith(".py"):
            own.append(v4.new_code_cell(content.decode(errors="replace")))
    for cell in own:
        if cell.cell_type == "code":
            chosen |= _bound(cell.source)
    pieces = set()
    for cell in own:
        pieces |= _pieces(_tokens(cell, chosen - known))
    return pieces - skeleton


def similar_pairs(pieces: dict[str, set[int]], threshold: float = THRESHOLD) -> list[tuple[str, str, float]]:
    """Pairs that share much of what only few have.

    Parameters
    ----------
    pieces : dict of str to set
        Name → what `pieces_of` gave.
    threshold : float
        Smallest share.

    Returns
    -------
    list of tuple
        (name, name, share), the most similar first.
    """
    counts = Counter()
    for found in pieces.values():
        counts.update(found)
    most = len(pieces)
    if len(pieces) >= FEW:
        most = COMMON * len(pieces)
    rare = {}
    for name, found in sorted(pieces.items()):
        few_have = {piece for piece in found if counts[piece] <= most}
        if len(few_have) >= FEWEST:
            rare[name] = few_have

    pairs = []
    for one, other in combinations(rare, 2):
        share = len(rare[one] & rare[other]) / min(len(rare[one]), len(rare[other]))
        if share >= threshold:
            pairs.append((one, other, share))
    return sorted(pairs, key=lambda pair: (-pair[2], pair[:2]))


def _pieces(tokens: list[str]) -> set[int]:
    pieces = set()
    for start in range(len(tokens) - LENGTH + 1):
        pieces.add(hash(tuple(tokens[start : start + LENGTH])))
    return pieces


def _tokens(cell: NotebookNode, chosen: set[str]) -> list[str]:
    if cell.cell_type != "code":
        return _words(cell.source)
    tokens = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(cell.source).readline):
            if token.type == tokenize.NAME:
                own = token.string in chosen and not keyword.iskeyword(token.string)
                tokens.append("name" if own else token.string)
            elif token.type in (tokenize.STRING, F_STRING):
                tokens += _words(token.string)
            elif token.type in (tokenize.NUMBER, tokenize.OP):
                tokens.append(token.string)
    except (tokenize.TokenError, SyntaxError, ValueError):
        tokens += _words(cell.source)[len(tokens) :]
    return tokens


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _bound(source: str) -> set[str]:
    """Names that code binds anywhere; by their looks, where it is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"(\w+)\s*=(?!=)", source))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
    return names
