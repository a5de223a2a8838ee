"""Who hands in: names, tutorials and matriculation numbers, read without running anything."""

import ast
import hashlib
import json
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Member", "cell_entries", "file_stem", "read_group", "to_toml"]

EXAMPLE = '[[members]]\nname = "Ada Lovelace"\ntutorial = 3'
LONGEST = 80  # characters of a name
SPELT_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"} | {
    "æ": "ae",
    "ø": "oe",
    "ł": "l",
    "Æ": "Ae",
    "Ø": "Oe",
    "Ł": "L",
}


@dataclass(frozen=True)
class Member:
    """One student; matriculation is "" where nobody asks for it."""

    name: str
    tutorial: str
    matriculation: str = ""


def read_group(notebook, path, size=3):
    """Members of the group, from the notebook's cell tagged `group` or the group.toml beside it.

    The cell is parsed, never executed. A cell with no name in it counts as not filled in.

    Arguments: notebook node; path of its file, for messages and for group.toml; size of a group,
    or None where any will do and tutorials may be missing, as for marking.
    Returns: tuple of Member.
    Raises: ValueError saying where something is missing, or that cell and file disagree.
    """
    path = Path(path)
    beside = path.parent / "group.toml"
    in_cell, in_file = cell_entries(notebook, path.name), _from_file(beside)
    if not in_cell and not in_file:
        raise ValueError(
            f"{path.name}: no name in the group cell, and no names in {beside}; "
            f"fill in the cell, or write that file, for each member:\n{EXAMPLE}"
        )
    groups = [_members(g, where, size) for g, where in ((in_cell, path.name), (in_file, beside)) if g]
    if len(groups) == 2 and set(groups[0]) != set(groups[1]):
        raise ValueError(
            f"{path.name} names {_listed(groups[0])}, but {beside} names {_listed(groups[1])}; "
            f"correct one of them"
        )
    return groups[0]


def cell_entries(notebook, name):
    """What the group cell lists, one dictionary for each member with a name, not yet checked.

    Arguments: notebook node; name of its file, for messages.
    Raises: ValueError for a cell that is not understood.
    """
    cells = [c for c in notebook.cells if c.cell_type == "code" and "group" in (c.metadata.get("tags") or ())]
    if not cells:
        return []
    if len(cells) > 1:
        raise ValueError(f"{name}: {len(cells)} cells are tagged `group`, expected one")
    try:
        values = [
            ast.literal_eval(node.value)
            for node in ast.parse(cells[0].source).body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "GROUP"
        ]
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(
            f'{name}: the group cell is not understood ({error}); expected GROUP = [{{"name": '
            f'"Ada Lovelace", "tutorial": 3}}, ...] with the values written out'
        ) from error
    if len(values) != 1:
        raise ValueError(f"{name}: the group cell sets GROUP {len(values)} times, expected once")
    return _filled(values[0], name)


def file_stem(sheet, members):
    """sheetNN_ and the last names in alphabetical order, in ASCII letters and digits."""
    return "_".join([f"sheet{sheet:02d}", *sorted(_last_name(m.name) for m in members)])


def to_toml(members):
    """The group as the text of a group.toml."""
    # a JSON string without control characters is a TOML string
    entries = (
        "\n".join(f"{key} = {json.dumps(v, ensure_ascii=False)}" for key, v in vars(m).items() if v)
        for m in members
    )
    return "\n".join(f"[[members]]\n{entry}\n" for entry in entries)


def _from_file(path):
    if path.is_symlink():
        raise ValueError(f"{path} is a link, expected a file")
    if not path.exists():
        return []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} is not understood ({error}); expected, for each member:\n{EXAMPLE}"
        ) from error
    return _filled(content.get("members", []), path)


def _filled(entries, where):
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise ValueError(f"{where}: the group is {type(entries).__name__}, expected a list of members")
    return [e for e in entries if e.get("name") not in ("", None)]


def _members(entries, where, size):
    members = tuple(_member(e, where, size) for e in entries)
    if size and len(members) != size:
        raise ValueError(
            f"{where}: {len(members)} name{'s' * (len(members) != 1)} ({_listed(members)}), expected {size}; "
            f"where your tutor agreed to another number, add --group-size {len(members)}"
        )
    if len({m.name.casefold() for m in members}) < len(members):
        raise ValueError(f"{where}: the same name twice ({_listed(members)})")
    return members


def _member(entry, where, size):
    name, tutorial, matriculation = (
        _text(entry.get(key), key, where) for key in ("name", "tutorial", "matriculation")
    )
    if not name:
        raise ValueError(f"{where}: a name is blank")
    if size and tutorial in ("", "0"):
        raise ValueError(f"{where}: the tutorial number of {name} is missing")
    return Member(name, tutorial, matriculation)


def _text(value, key, where):
    if value is None:
        return ""
    if (
        isinstance(value, bool)
        or not isinstance(value, (str, int))
        or (key == "name" and isinstance(value, int))
    ):
        raise ValueError(f"{where}: {key} is {value!r}, expected a text or a whole number")
    text = " ".join(unicodedata.normalize("NFC", str(value)).split())
    if not text.isprintable() or len(text) > LONGEST:
        raise ValueError(f"{where}: {key} {text[:LONGEST]!r} is too long or has characters that do not print")
    return text


def _last_name(name):
    last = name.split(",")[0] if "," in name else name.split()[-1]
    spelt = unicodedata.normalize("NFKD", last.translate(str.maketrans(SPELT_OUT)))
    plain = re.sub(r"[^A-Za-z0-9]", "", spelt)[:30]
    return plain or "x" + hashlib.sha256(name.encode()).hexdigest()[:6]


def _listed(members):
    return ", ".join(m.name for m in members) or "none"
