"""Pages of untrusted content from templates: nothing in them runs, and nothing is fetched."""

import re
from pathlib import Path
from typing import Any

import markupsafe
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from helpers.course.pages.words import colour, how

__all__ = ["escape", "fill", "macros", "visible"]

TEMPLATES = Path(__file__).with_name("templates")
# Belt and braces: everything is escaped, and the browser is told to run and to load nothing.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def fill(template: str, **values: Any) -> str:
    """A page from a template.

    Parameters
    ----------
    template : str
        Name of the file.
    **values
        What it shows. Texts are escaped, unless they are markupsafe.Markup.

    Returns
    -------
    str
    """
    return _environment(template).get_template(template).render(policy=POLICY, **values)


def macros(template: str) -> Any:
    """The macros of a template, as functions that return text."""
    return _environment(template).get_template(template).module


def escape(text: Any) -> str:
    """Text as HTML that shows just that, without characters that turn its direction."""
    return str(markupsafe.escape(visible(str(text))))


def visible(value: Any) -> Any:
    """A text without characters that do not print or turn its direction; anything else as it is."""
    if isinstance(value, markupsafe.Markup) or not isinstance(value, str):
        return value
    text = value.encode(errors="replace").decode()
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def _as_markdown(value: Any) -> Any:
    """Text as Markdown that shows just that, on one line."""
    if not isinstance(value, str):
        return value
    line = "".join(c if c.isprintable() else " " for c in value)
    return PUNCTUATION.sub(r"\\\1", " ".join(line.split()))


def _css(name: str) -> markupsafe.Markup:
    return markupsafe.Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _environment(template: str) -> Environment:
    return MARKDOWN if template.endswith(".md") else HTML


def _made(autoescape: bool, finalize: Any) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"css": _css, "how": how, "colour": colour}
    environment.filters["number"] = "{:g}".format
    return environment


HTML = _made(True, visible)
MARKDOWN = _made(False, _as_markdown)
