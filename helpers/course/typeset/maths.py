"""Find formulas in Markdown by Jupyter's rules, and what labels and references point to."""

import re

__all__ = ["Formulas", "cut_maths"]

_FENCE = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}(?P=fence)[`~]* *$|\Z)", re.MULTILINE | re.DOTALL
)
_SPAN = re.compile(r"(?<![\\`])(?P<ticks>`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
_MARK = re.compile(
    r"(?P<skip>\\[\\${}])(?![\[\](){])|(?P<begin>\\begin\{(?P<env>[A-Za-z]+\*?)\})|(?P<dollars>\$\$?)"
    r"|(?P<bracket>\\\\[\[(])|(?P<ref>\\(?:eq)?ref\{(?P<label>[^{}]*)\})"
)
_BLANK = re.compile(r"\n\s*\n")
_NUMBERED = re.compile(r"\\label\s*\{([^{}]*)\}")
_TAG = re.compile(r"\\tag(\*?)\s*\{([^{}]*)\}")


class Formulas:
    """The formulas of one notebook.

    Attributes
    ----------
    sources : list of str
        As they stand in the notebook, for places where no formula can be.
    tex : list of str
        Without dollars, labels and tags.
    display : list of bool
    tags : list of str
        What stands at the right of a displayed formula, mostly nothing.
    labels : dict of str to str
        Label → number that a reference shows.
    references : list of str
        The label that each reference names.
    """

    def __init__(self) -> None:
        self.sources = []  # as they stand in the notebook, for places where no formula can be
        self.tex = []
        self.display = []
        self.tags = []  # "" or what stands at the right of a displayed formula
        self.labels = {}
        self.references = []

    def add(self, source: str, tex: str, display: bool) -> str:
        """Keep a formula.

        Parameters
        ----------
        source : str
            As it stands in the notebook.
        tex : str
            What is between its dollars or brackets.
        display : bool
            Whether it has a line of its own.

        Returns
        -------
        str
            The mark that stands for it in the text.
        """
        tags = [body if star else f"({body})" for star, body in _TAG.findall(tex)]
        labels = _NUMBERED.findall(tex)
        for i, label in enumerate(labels):
            if i >= len(tags):
                tags.append(f"({len(self.labels) + 1})")
            self.labels[label] = tags[i]
        tex = _NUMBERED.sub("", _TAG.sub("", tex))
        self.sources.append(source)
        self.tex.append(tex)
        self.display.append(display)
        self.tags.append(", ".join(tags) if display else "")
        return f"\ue000{len(self.tex) - 1}\ue001"

    def number(self, label: str) -> str:
        """What a reference shows: the number of a labelled formula of this notebook, or (???)."""
        return self.labels.get(label, "(???)")


def cut_maths(text: str, formulas: Formulas) -> str:
    """Replace formulas in Markdown by marks, before Markdown can take their _ and * for its own.

    As in Jupyter: $…$ (spaces inside allowed, no empty line), $$…$$, both brackets with two backslashes, and
    bare environments; braces are balanced; code is left alone; a dollar after a backslash is a dollar.

    Parameters
    ----------
    text : str
        Markdown.
    formulas : Formulas
        Takes what is cut out.

    Returns
    -------
    str
        The text with a mark for each formula and for each reference to one.
    """
    code = sorted(_code(text))
    out, position, search = [], 0, 0
    while found := _MARK.search(text, search):
        start, search = found.start(), found.end()
        inside = next((b for a, b in code if a <= start < b), None)
        if inside:
            search = inside
            continue
        if found["skip"]:
            continue
        if found["ref"]:
            formulas.references.append(found["label"])
            out += [text[position:start], f"\ue005{len(formulas.references) - 1}\ue006"]
            position = search
            continue
        end, inner, display = _formula(text, found)
        if end is None:
            continue
        out += [text[position:start], formulas.add(text[start:end], inner, display)]
        position = search = end
    return "".join([*out, text[position:]])


def _code(text):
    spans = [m.span() for m in _FENCE.finditer(text)]
    for m in _SPAN.finditer(text):
        if not any(a <= m.start() < b for a, b in spans):
            spans.append(m.span())
    return spans


def _formula(text, found):
    """Where the formula ends that starts at `found`, its TeX, and whether it is displayed."""
    if found["dollars"]:
        closing, display = found["dollars"], len(found["dollars"]) == 2
    elif found["bracket"]:
        display = found["bracket"].endswith("[")
        closing = "\\\\]" if display else "\\\\)"
    else:
        return _environment(text, found)
    depth, position = 0, found.end()
    while position < len(text):
        if depth <= 0 and text.startswith(closing, position):
            inner = text[found.end() : position]
            return (position + len(closing), inner, display) if inner.strip() else (None, "", False)
        if not display and (blank := _BLANK.match(text, position)) and blank:
            break
        step = 2 if text[position] == "\\" else 1
        if step == 1:
            depth += {"{": 1, "}": -1}.get(text[position], 0)
        position += step
    # unbalanced braces: take the first closing mark, so that pandoc can say what is wrong
    end = text.find(closing, found.end())
    if end <= found.end() or (not display and _BLANK.search(text, found.end(), end)):
        return None, "", False
    return end + len(closing), text[found.end() : end], display


def _environment(text, found):
    name, depth = re.escape(found["env"]), 0
    for edge in re.finditer(rf"\\(begin|end)\{{{name}\}}", text[found.start() :]):
        depth += 1 if edge[1] == "begin" else -1
        if depth == 0:
            end = found.start() + edge.end()
            return end, text[found.start() : end], True
    return None, "", False
