"""Outputs and texts of strangers, made harmless and bounded."""

from nbformat import v4

from helpers.course.sanitise import Outputs, plain


def test_only_known_outputs_of_bounded_size():
    outputs = []
    Outputs().add(outputs, "stream", {"name": "stdout", "text": "a"})
    Outputs().add(outputs, "stream", {"name": "stdout", "text": "x" * 3 * 10**6})
    assert len(outputs) == 1 and outputs[0].text.startswith("ax") and len(outputs[0].text) <= 10**6
    assert "cut here" in outputs[0].text
    for odd in (
        None,
        3,
        {"data": None},
        {"data": {"application/javascript": "alert(1)"}},
        {"data": {"text/html": 5}},
    ):
        Outputs().add(outputs, "display_data", odd)
    Outputs().add(outputs, "unknown", {"data": {"text/plain": "x"}})
    assert len(outputs) == 1
    Outputs().add(outputs, "clear_output", {})
    for _ in range(2000):
        Outputs().add(
            outputs, "display_data", {"data": {"text/plain": "x", "image/png": "aGk="}, "metadata": {"a": 1}}
        )
    assert len(outputs) == 1000
    assert outputs[0] == v4.new_output("display_data", data={"text/plain": "x", "image/png": "aGk="})


def test_plain_text_for_tables():
    assert plain("\x1b[31mred\x1b[0m\n\tand \x07more\u202e") == "red and more"
    assert plain("x" * 1000, 10) == "xxxxxxxxx…"
