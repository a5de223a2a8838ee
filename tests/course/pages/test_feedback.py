"""Feedback of a graded sheet, as HTML and PDF."""

from tests.builders.graded import needs_sandbox
from tests.builders.pdfs import text_of


@needs_sandbox
def test_feedback_shows_points_and_room_but_no_hidden_check(graded):
    folder, kinds, groups = graded
    for slug, kind in kinds.items():
        page = (folder / "out" / "feedback" / f"{slug}.html").read_text(encoding="utf-8")
        pdf = text_of((folder / "out" / "feedback" / f"{slug}.pdf").read_bytes())
        for text in (page, pdf):
            assert "HIDDEN" not in text and "course_" not in text and "2.0, 3.0, 6.0" not in text, kind
            assert all(m.name in text for m in groups[slug].members)
    slug = next(s for s, k in kinds.items() if k == "hidden check fails")
    page = (folder / "out" / "feedback" / f"{slug}.html").read_text(encoding="utf-8")
    pdf = text_of((folder / "out" / "feedback" / f"{slug}.pdf").read_bytes())
    assert "wrong for [1, -1]" in page and "wrong for [1, −1]" in " ".join(pdf.split())  # set as a minus
    assert page.count("<span class=blank>") == 2 and "0 / 1 points" in page and "2 / 2 points" in pdf
    assert "<math" in page, "formulas are set"
