"""From parts to a page: what pandoc has converted is put in, and what Typst refuses is shown as it is."""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import typst

from helpers.course.typeset.builder import verbatim, wrappable
from helpers.course.typeset.fonts import fonts
from helpers.course.typeset.marks import FORMULA, PICTURE, PIECE, REFERENCE
from helpers.course.typeset.parts import Draft, Part
from helpers.course.typeset.pictures import PictureError
from helpers.course.typeset.text import Converted, literal, raw_tex

__all__ = ["IMPORT", "Page"]

# The template keeps its names to itself, as many are those of Typst's own functions for formulas.
IMPORT = '#import "/template.typ"\n#import "/template.typ": dvert, horizontalrule, vert\n'


class Page:
    """A page that Typst can compile.

    Parameters
    ----------
    draft : Draft
        What is on it.
    converted : Converted
        What pandoc has made of its text and formulas.
    folder : str
        Where the template and the pictures lie.
    form : dict
        What Typst is to write.
    """

    def __init__(self, draft: Draft, converted: Converted, folder: str, form: dict):
        self.draft, self.converted, self.form = draft, converted, form
        self.expressions = list(converted.expressions)  # one per formula
        self.compiler = typst.Compiler(
            root=folder, font_paths=fonts(draft.glyphs, Path(folder) / "fonts"), ignore_system_fonts=True
        )
        self.parts = [self._filled(part) for part in draft.parts]

    def compiled(self) -> bytes | list[bytes]:
        """What Typst makes of the page."""
        try:
            return self._compile(self._source())
        except typst.TypstError:
            self._repair()
            return self._compile(self._source())

    def _source(self) -> str:
        title, *cells = self.parts
        bodies = []
        for _, group in groupby(cells, lambda part: part.cell):
            bodies.append(_together(list(group)))
        show = f"#show: template.course.with(title: [{title.typst}], {self.draft.arguments})"
        return f"{self._head()}\n{show}\n" + "\n\n".join(bodies) + "\n"

    def _head(self) -> str:
        lines = "".join(f"  {expression},\n" for expression in self.expressions)
        return f"#let f = (\n{lines})"

    def _compile(self, body: str) -> bytes | list[bytes]:
        return self.compiler.compile(input=(IMPORT + body).encode(), **self.form)

    # what stands in the place of marks

    def _filled(self, part: Part) -> Part:
        markup = PIECE.pattern.sub(lambda found: self._piece(int(found[1]), part), part.typst)
        markup = FORMULA.pattern.sub(r"#f.at(\1);", markup)
        markup = REFERENCE.pattern.sub(lambda found: self._reference(int(found[1])), markup)
        return replace(part, typst=markup)

    def _piece(self, number: int, part: Part) -> str:
        converted, attachments = self.converted.pieces[number], self.draft.pieces[number].attachments
        if converted is None:
            self.draft.warn(f"text shown as it is, pandoc cannot read it: {part.plain[:100]}")
            return _plain(part)
        return PICTURE.pattern.sub(lambda found: self._picture(int(found[1]), attachments), converted)

    def _picture(self, number: int, attachments: dict) -> str:
        image = self.converted.images[number]
        try:
            name, width = self.draft.pictures.markdown(image["source"], attachments, image["width"])
        except PictureError as error:
            return self._missing_picture(error, image)
        return f"#template.inline-picture({literal(name)}, {width}pt);"

    def _missing_picture(self, error: PictureError, image: dict) -> str:
        if error.remote:  # a badge, mostly, whose words say the same
            self.draft.warn("pictures on the network are not fetched: their alternative text stands there")
            words = f"{image['alt'] or 'picture on the network'}, not fetched"
            return f"#template.badge({literal(wrappable(words))});"
        alt = f" ({image['alt']})" if image["alt"] else ""
        why = f"{error}{alt}"[:300]
        self.draft.warn(why)
        return f"#template.placeholder({literal(wrappable(why))});"

    def _reference(self, number: int) -> str:
        formulas = self.draft.formulas
        return f"#{literal(formulas.number(formulas.references[number]))};"

    # what Typst refuses

    def _repair(self) -> None:
        """Find what Typst refuses, formula by formula and part by part, and show its source instead."""
        bodies = [f"#{{ {expression} }}" for expression in self.expressions]
        for i in _culprits(bodies, self._fails):
            source = self.draft.formulas.sources[i]
            self.draft.warn(f"formula shown as TeX, Typst cannot set it: {source[:200]}")
            self.expressions[i] = raw_tex(source)
        head = self._head()
        bodies = [part.typst for part in self.parts]
        for i in _culprits(bodies, lambda some: self._fails([head, *some])):
            part = self.parts[i]
            self.draft.warn(f"shown as plain text, Typst cannot set it: {part.plain[:200]}")
            self.parts[i] = replace(part, typst=_plain(part))

    def _fails(self, bodies: list[str]) -> bool:
        try:
            self._compile("\n\n".join(bodies))
        except typst.TypstError:
            return True
        return False


def _culprits(bodies: list[str], fails: Callable[[list[str]], bool]) -> list[int]:
    """Numbers of the bodies that fail, found by halving."""

    def search(start: int, end: int) -> list[int]:
        if start == end or not fails(bodies[start:end]):
            return []
        if end - start == 1:
            return [start]
        middle = (start + end) // 2
        return search(start, middle) + search(middle, end)

    return search(0, len(bodies))


def _plain(part: Part) -> str:
    return verbatim(wrappable(part.plain))


def _together(parts: list[Part]) -> str:
    """The markup of a cell: the end of its code stays on one page with the output that follows."""
    groups: list[list[Part]] = []
    for part in parts:
        if part.whole and groups and groups[-1][-1].whole and len(groups[-1]) < 3:
            groups[-1].append(part)
        else:
            groups.append([part])
    out = []
    for group in groups:
        markup = "\n\n".join(part.typst for part in group)
        if group[0].whole:
            markup = f"#block(width: 100%, breakable: false)[\n{markup}\n]"
        out.append(markup)
    return "\n\n".join(out)
