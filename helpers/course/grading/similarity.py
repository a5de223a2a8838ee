"""Hand-ins that resemble each other more than the sheet makes them: a hint to look, never a proof."""

import ast
import builtins
import io
import keyword
import re
import tokenize
from collections import Counter

from helpers.course.cells import name_of
from helpers.course.release import student_version

__all__ = ["THRESHOLD", "pieces_of", "similar_pairs"]

LENGTH = 8  # tokens in a piece
FEWEST = 25  # pieces of its own that a hand-in needs to be compared
THRESHOLD = 0.6  # share of the pieces of the smaller one that the larger one holds
COMMON = 0.5  # pieces in more than this share of all hand-ins prove nothing
FEW = 6  # hand-ins, below which nothing counts as common

# Why 0.6: the same solution with other names, comments and order of cells gives 0.9 and more, solutions
# written independently stay below 0.4 (tests/test_grade_similarity.py).


def pieces_of(student, author):
    """Pieces of LENGTH tokens of the solution cells that are not in the skeleton.

    Names that the student chose all count as the same name, comments and layout as nothing; words of texts
    count. Names of modules, functions and the skeleton's own stay as they are.

    Arguments: notebook of a hand-in, the solved notebook. Returns: set of int.
    """
    released = student_version(author)
    given = {c.source for c in released.cells}
    handed_out = [c for c in released.cells if c.cell_type == "code"]
    known = {n for c in handed_out for n in re.findall(r"\w+", c.source)} | set(dir(builtins))
    answers = {name_of(c) for c in released.cells if c.metadata.get("nbgrader", {}).get("solution")}
    answers |= {None}
    ids = {name_of(c) for c in released.cells}
    own = [
        c for c in student.cells if (name_of(c) in answers or name_of(c) not in ids) and c.source not in given
    ]
    chosen = {n for c in own if c.cell_type == "code" for n in _bound(c.source)} - known
    skeleton = {p for c in released.cells for p in _pieces(_tokens(c, set()))}
    return {p for c in own for p in _pieces(_tokens(c, chosen))} - skeleton


def similar_pairs(fingerprints, threshold=THRESHOLD):
    """Pairs that share much of what only few have.

    Arguments: fingerprints: name → set. Returns: list of (name, name, share), the most similar first.
    """
    counts = Counter(p for pieces in fingerprints.values() for p in pieces)
    most = COMMON * len(fingerprints) if len(fingerprints) >= FEW else len(fingerprints)
    rare = {name: {p for p in pieces if counts[p] <= most} for name, pieces in sorted(fingerprints.items())}
    names = [name for name, pieces in rare.items() if len(pieces) >= FEWEST]
    pairs = []
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            share = len(rare[one] & rare[other]) / min(len(rare[one]), len(rare[other]))
            if share >= threshold:
                pairs.append((one, other, share))
    return sorted(pairs, key=lambda pair: (-pair[2], pair[:2]))


def _pieces(tokens):
    return {hash(tuple(tokens[i : i + LENGTH])) for i in range(len(tokens) - LENGTH + 1)}


def _tokens(cell, chosen):
    if cell.cell_type != "code":
        return _words(cell.source)
    tokens = []
    try:
        for t in tokenize.generate_tokens(io.StringIO(cell.source).readline):
            if t.type == tokenize.NAME:
                tokens.append("name" if t.string in chosen and not keyword.iskeyword(t.string) else t.string)
            elif t.type in (tokenize.STRING, *F_STRINGS):
                tokens += _words(t.string)
            elif t.type in (tokenize.NUMBER, tokenize.OP):
                tokens.append(t.string)
    except (tokenize.TokenError, SyntaxError, ValueError):
        tokens += _words(cell.source)[len(tokens) :]
    return tokens


F_STRINGS = [getattr(tokenize, n) for n in ("FSTRING_MIDDLE",) if hasattr(tokenize, n)]  # from Python 3.12


def _words(text):
    return re.findall(r"\w+", text.casefold())


def _bound(source):
    """Names that code binds anywhere; by their looks, where it is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(re.findall(r"(\w+)\s*=(?!=)", source))
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    return names | {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
