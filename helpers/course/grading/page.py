"""Self-contained HTML pages of untrusted content: nothing in them runs, and nothing is fetched."""

import html
from pathlib import Path

__all__ = ["escape", "page"]

# Belt and braces: everything is escaped, and the browser is told to run and to load nothing.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def escape(text):
    """Text as HTML that shows just that, on one line and without characters that turn its direction."""
    text = str(text).encode(errors="replace").decode()
    return html.escape("".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text))


def page(title, body, style="", made_from="", wide=False):
    """A whole page.

    Arguments: title and made_from as text, body as HTML, style as more CSS. Returns: str.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="made-from" content="{escape(made_from)}">\n'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head>\n"
        f"<body><main{' class=wide' if wide else ''}>\n{body}\n</main></body></html>\n"
    )
