"""What newcomers read: short, with links that lead somewhere, and commands that exist."""

import json
import re
import textwrap

import pytest
import yaml

from helpers.course.cli import main
from helpers.places import ROOT
from tests.test_notebooks import FLAGS
from tests.variants import variant

PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md", "notebooks/README.md"]
PAGES += ["docs/students.md", "docs/tutors.md", "docs/authors.md"]
STUDENT = "helpers/course/student/README.md"
LINK = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")


def _text(page):
    return (ROOT / page).read_text(encoding="utf-8")


def test_readme_is_short():
    assert len(_text("README.md").split()) <= 700


@pytest.mark.parametrize("page", [*PAGES, STUDENT])
def test_links_lead_to_files(page):
    folder = ROOT if page == STUDENT else (ROOT / page).parent  # students find it at the top
    for target in LINK.findall(_text(page)):
        if not target.startswith("https://"):
            assert (folder / target).exists(), f"{page}: {target}"


@pytest.mark.parametrize("page", [*PAGES, STUDENT])
def test_commands_exist(page):
    code = re.findall(r"^```sh\n(.*?)^```", _text(page), re.MULTILINE | re.DOTALL)
    code += re.findall(r"`([^`\n]+)`", _text(page))
    for command in re.findall(r"(?:^|[\\/\s])course ([a-z]+)\b", "\n".join(code)):
        assert command in main.commands, f"{page}: course {command}"


def test_the_citation_names_title_authors_and_license():
    citation = yaml.safe_load(_text("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "version", "date-released", "license"} <= set(citation)
    version = re.search(r'^version = "(.+)"$', _text("pyproject.toml"), re.MULTILINE)[1]
    assert citation["version"] == version
    assert f"## {version}" in _text("CHANGELOG.md")


def test_the_example_of_contributing_holds():
    """The check of the walk through one item accepts the right solution and refuses the wrong variant."""
    blocks = re.findall(r"^ *```python\n(.*?)^ *```", _text("CONTRIBUTING.md"), re.MULTILINE | re.DOTALL)
    solution, check, variants = map(textwrap.dedent, blocks)
    quoted = re.findall(r'`"nbgrader": ({.+?})`', _text("CONTRIBUTING.md"))
    assert len(quoted) == 2
    for metadata in map(json.loads, quoted):
        assert metadata["schema_version"] == 3 and all(isinstance(metadata[flag], bool) for flag in FLAGS)
    for region in ("SOLUTION", "HIDDEN TESTS"):
        assert f"### BEGIN {region}" in solution + check

    def judged(source):
        exec(f"import numpy as np\n{source}\n{check}", {})

    judged(solution)
    examples = dict(vars(variant))
    exec(variants, examples)
    for example in examples["VARIANTS"]:
        changed = example.applied(solution)
        if isinstance(example, variant.Right):
            judged(changed)
        else:
            with pytest.raises(AssertionError, match=example.says):
                judged(changed)
