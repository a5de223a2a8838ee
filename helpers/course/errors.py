"""What went wrong, in words for the person at the terminal."""

__all__ = ["CourseError"]


class CourseError(ValueError):
    """Something that the person at the terminal can mend; the command line shows it as one line.

    Any other exception is a fault of this package and keeps its traceback.
    """
