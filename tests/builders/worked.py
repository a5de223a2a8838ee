"""A notebook that three students have worked on, and `course handin` of it."""

from click.testing import CliRunner
from nbformat import v4

from helpers.course.cli import main
from helpers.course.member import Member
from tests.builders.notebooks import group_cell, group_source

NAMES = ["Ada Lovelace", "Marie Curie-Skłodowska", "Emmy Nöther"]
STEM = "sheet04_CurieSklodowska_Lovelace_Noether"


def group(names=NAMES, tutorials=(1, 1, 2)):
    """What the group cell says."""
    return group_source([Member(n, t) for n, t in zip(names, tutorials, strict=True)])


def notebook(*sources, who=None, sheet=4, metadata=None):
    """The group cell, which says `who`, and cells of code from these sources: cell-2, cell-3, ..."""
    cells = [group_cell(who or group())]
    cells += [v4.new_code_cell(s, id=f"cell-{i}") for i, s in enumerate(sources or ["print(6 * 7)"], 2)]
    return v4.new_notebook(cells=cells, metadata=metadata or {"title": "Worked", "course": {"sheet": sheet}})


def course(*arguments):
    """What `course handin` with these arguments ends in."""
    return CliRunner().invoke(main, ["handin", *map(str, arguments)])


def refused(*arguments):
    """What `course handin` says when it refuses."""
    result = course(*arguments)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    return result.output
