"""How the points of an item came about, in words and colours: the same in the report and the feedback."""

from helpers.course.grading.scores import Score

__all__ = ["colour", "how"]


def how(score: Score) -> str:
    """How the points came about."""
    if score.points is None:
        if score.reason:
            return f"to be marked ({score.reason})"
        return "to be marked"
    if score.marked is not None:
        return "marked by your tutor"
    if score.reason == "passed":
        return "check passed"
    return score.reason


def colour(score: Score) -> str:
    """Class of the style sheets: full points, none, or something between, or to be marked."""
    if score.points == score.item.points:
        return "good"
    if score.points == 0:
        return "bad"
    return "ask"
