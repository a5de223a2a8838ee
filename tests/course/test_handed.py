"""Notebooks and scans that are refused before anything runs."""

import os

import nbformat
import pytest
from nbformat import v4

from tests.builders.pdfs import pdf_file
from tests.builders.worked import STEM, notebook, refused


def test_scans_are_checked_before_anything_runs(write, tmp_path, never_run):
    path, scan = write(), tmp_path / "scan.pdf"
    pdf_file(scan, "theory", user_password="secret")
    assert "scan.pdf is locked (encrypted)" in refused(path, "--theory", scan)
    scan.write_bytes(pdf_file(scan, "theory").read_bytes()[:-200])
    assert "scan.pdf is truncated" in refused(path, "--theory", scan)
    scan.write_bytes(b"")
    assert "scan.pdf is empty" in refused(path, "--theory", scan)
    scan.with_suffix(".jpg").write_bytes(b"no photo")
    assert "scan.jpg cannot be read as a photo" in refused(path, "--theory", scan.with_suffix(".jpg"))
    assert not list(tmp_path.glob("*.zip"))


def test_notebooks_that_are_refused(write, tmp_path, never_run):
    assert "metadata course.sheet is None" in refused(write(metadata={"title": "x"}))
    assert "metadata course.sheet is None" in refused(write(metadata={"course": "x"}))
    assert "metadata course.sheet is '../4'" in refused(write(sheet="../4"))
    assert "was never executed" in refused(write(), "--as-is")
    torn = tmp_path / "torn.ipynb"
    for text in ("", "{", "[]", "[" * 10_000, '{"nbformat": 4}', '{"nbformat": 4, "cells": [{}]}', "\0"):
        torn.write_text(text)
        assert "torn.ipynb is no notebook" in refused(torn), text[:40]
    odd = nbformat.writes(notebook()).replace('"execution_count": null', '"execution_count": [1]')
    for text in (odd.replace('"outputs": []', '"outputs": [{}]'), odd.replace('"source": [', '"was": [')):
        torn.write_text(text)
        assert "torn.ipynb is no notebook" in refused(torn, "--as-is")
    nbformat.write(v4.new_notebook(), torn)
    assert "is empty: no cell holds code" in refused(torn)
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(" \n"), v4.new_markdown_cell("text")]), torn)
    assert "is empty: no cell holds code" in refused(torn)
    for bad in ("..\\x.ipynb", ".hidden.ipynb", "a\nb.ipynb", "scan.pdf"):
        (tmp_path / bad).write_bytes(write().read_bytes())
        assert "is no name of a notebook" in refused(write(), tmp_path / bad)
    assert "expected a notebook" in refused(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_refused(write, tmp_path, never_run):
    path, secret = write(), pdf_file(tmp_path / "secret.pdf", "secret")
    for name, target in (("link.ipynb", path), ("scan.pdf", secret), ("group.toml", secret)):
        (tmp_path / name).symlink_to(target)
    assert "link" in refused(tmp_path / "link.ipynb")
    assert "group.toml is a link" in refused(path)
    (tmp_path / "group.toml").unlink()
    assert "scan.pdf is a link" in refused(path, "--theory", tmp_path / "scan.pdf")
    (tmp_path / f"{STEM}.zip").symlink_to(secret)
    before = secret.read_bytes()
    assert "is there already" in refused(path, "--overwrite")
    assert secret.read_bytes() == before
