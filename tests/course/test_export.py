"""Export to PDF: what changed is set again, what is no notebook leaves none, strangers have limits."""

import nbformat
import pytest
from click.testing import CliRunner
from nbformat import v4

from helpers.course.cli import main
from helpers.course.export import ExportError, export, export_all, export_untrusted
from tests.builders.notebooks import course_notebook
from tests.builders.pdfs import text_of


def test_what_is_no_notebook_leaves_no_pdf(tmp_path):
    (tmp_path / "torn.ipynb").write_text('{"cells": [')
    with pytest.raises(ValueError, match=r"torn\.ipynb is no notebook"):
        export(tmp_path / "torn.ipynb", tmp_path / "torn.pdf")
    assert [p.name for p in tmp_path.iterdir()] == ["torn.ipynb"]


def test_only_what_changed_is_set_again(tmp_path):
    for name in ("a", "b"):
        nbformat.write(course_notebook(), tmp_path / f"{name}.ipynb")
    (tmp_path / "torn.ipynb").write_text("{")
    paths, said = sorted(tmp_path.glob("*.ipynb")), []
    assert export_all(paths, tmp_path / "pdf", report=said.append) == ["torn"]
    assert sorted(p.name for p in (tmp_path / "pdf").iterdir()) == ["a.pdf", "b.pdf"]
    said.clear()
    export_all(paths[:2], tmp_path / "pdf", report=said.append)
    assert [line.split()[-1] for line in said] == ["unchanged", "unchanged"]
    assert export_all(paths[:1], tmp_path / "pdf", force=True, report=said.append) == []
    assert "a.pdf" in said[-1]


def test_command_sets_all_that_was_executed(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.places.ROOT", tmp_path)
    nothing = CliRunner().invoke(main, ["pdf"])
    assert nothing.exit_code == 1 and "course run" in nothing.output
    (tmp_path / "build" / "notebooks").mkdir(parents=True)
    for name in ("one", "two.failed"):
        nbformat.write(course_notebook(), tmp_path / "build" / "notebooks" / f"{name}.ipynb")
    result = CliRunner().invoke(main, ["pdf"])
    assert result.exit_code == 0, result.output
    out = tmp_path / "build" / "pdf"
    assert [p.name for p in out.iterdir()] == ["one.pdf"]
    assert str(out) in result.output, "who comes new should not have to look for them"


def test_untrusted_notebooks_have_limits(tmp_path):
    path, pdf = tmp_path / "n.ipynb", tmp_path / "n.pdf"
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("![r](//example.org/r.png) harmless")]), path)
    (message,) = export_untrusted(path, pdf)
    assert "not fetched" in message
    assert "harmless" in text_of(pdf.read_bytes())
    pdf.unlink()
    with pytest.raises(ExportError, match=r"no PDF after 0\.05 s"):
        export_untrusted(path, pdf, seconds=0.05)
    with pytest.raises(ExportError, match="no PDF within 100 MB"):
        export_untrusted(path, pdf, megabytes=100)
    assert not pdf.exists()
