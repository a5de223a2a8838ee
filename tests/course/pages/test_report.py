"""The tutor's page of a graded sheet."""

import re

from tests.builders.graded import needs_sandbox


@needs_sandbox
def test_pages_show_hostile_names_and_run_nothing(graded):
    folder, kinds, _ = graded
    pages = [folder / "out" / "report.html", *sorted((folder / "out" / "feedback").glob("*.html"))]
    assert len(pages) == len(kinds) + 2
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and "javascript:" not in text and not re.search(r"\son\w+=", text)
        assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in text
        assert not re.search(r'(src|href)="(https?:|//)', text), "everything is in the page"
    report = pages[0].read_text(encoding="utf-8")
    assert "Eve &lt;script&gt;" in report and "&lt;b&gt;3&lt;/b&gt;" in report
    links = re.findall(r'href="([^"#]+)"', report)
    assert len(links) > 40 and all((folder / "out" / link).is_file() for link in links)


@needs_sandbox
def test_the_report_begins_with_what_needs_a_human_eye(graded):
    folder, kinds, _ = graded
    order = re.findall(
        r'<tr class=first id="(\w+)">', (folder / "out" / "report.html").read_text(encoding="utf-8")
    )
    rank = {kinds.get(slug, "hostile name"): k for k, slug in enumerate(order)}
    assert len(order) == len(kinds) + 1
    assert max(rank["allclose redefined"], rank["check altered"]) < rank["error in a cell"] < rank["good"]
