"""A student, and how a group is named in files."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Member", "file_stem", "listed", "plain_signs", "to_toml"]

GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
OTHERS = {"æ": "ae", "ø": "oe", "ł": "l", "Æ": "Ae", "Ø": "Oe", "Ł": "L"}
SPELT_OUT = str.maketrans(GERMAN | OTHERS)
# the signs that keyboards, phones and word processors put into O'Neill and Anne-Marie
APOSTROPHES = "’‘‛ʼʹʻ′´`＇"
HYPHENS = "‐‑‒–−﹣－"
PLAIN_SIGNS = str.maketrans(dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(HYPHENS, "-"))


@dataclass(frozen=True)
class Member:
    """One student.

    Parameters
    ----------
    name : str
    tutorial, matriculation : str
        Their numbers, "" where they are not known.
    """

    name: str
    tutorial: str
    matriculation: str = ""


def plain_signs(name: str) -> str:
    """A name with the apostrophe and hyphen of a keyboard, so that it is the same however it was typed."""
    return unicodedata.normalize("NFC", name).translate(PLAIN_SIGNS)


def listed(members: Iterable[Member]) -> str:
    """Names with commas between them, "none" where there are none."""
    return ", ".join(member.name for member in members) or "none"


def file_stem(sheet: int, members: Iterable[Member]) -> str:
    """Name of the files of a hand-in: sheetNN_ and the last names in alphabetical order, in ASCII."""
    names = [_last_name(member.name) for member in members]
    return "_".join([f"sheet{sheet:02d}", *sorted(names)])


def to_toml(members: Iterable[Member]) -> str:
    """The group as the text of a group.toml."""
    entries = []
    for member in members:
        lines = ["[[members]]"]
        for key, value in vars(member).items():
            if value:  # a JSON string without control characters is a TOML string
                lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
        entries.append("\n".join(lines) + "\n")
    return "\n".join(entries)


def _last_name(name):
    last = name.split(",")[0] if "," in name else name.split()[-1]
    spelt = unicodedata.normalize("NFKD", last.translate(SPELT_OUT))
    plain = re.sub(r"[^A-Za-z0-9]", "", spelt)[:30]
    return plain or "x" + hashlib.sha256(name.encode()).hexdigest()[:6]
