"""Letters without a glyph: a font of the system serves, or they are named once."""

from helpers.course.typeset import fonts
from helpers.course.typeset.fonts import FONTS, Glyphs
from helpers.course.typeset.text import visible


def test_missing_glyphs_are_named_once(monkeypatch):
    warnings = []
    monkeypatch.setattr(fonts, "_system_fonts", list)
    glyphs = Glyphs()
    shown = visible("a\U0001f680b 中文 ≤", warnings.append, glyphs)
    assert shown == "a‹rocket›b ‹U+4E2D U+6587› ≤"
    assert len(warnings) == 2
    assert visible("\ud83d", warnings.append, glyphs) == "\ufffd"


def test_a_font_of_the_system_serves_where_none_at_hand_has_a_letter(monkeypatch):
    system = [str(FONTS / "DejaVuSerif.ttf"), str(FONTS / "DejaVuSans.ttf")]
    monkeypatch.setattr(fonts, "_at_hand", lambda: frozenset("ab"))
    monkeypatch.setattr(fonts, "_system_fonts", lambda: system)
    glyphs, warnings = Glyphs(), []
    assert visible("ab", warnings.append, glyphs) == "ab"
    assert glyphs.files == []
    assert visible("Ж", warnings.append, glyphs) == "Ж"
    assert glyphs.files == system[:1] and warnings == []
