"""What can become of a notebook that is run."""

from enum import StrEnum

__all__ = ["Status"]


class Status(StrEnum):
    """What became of a notebook; the values stand in tables, journals and the grade book."""

    RAN = "ran"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    KERNEL_DIED = "kernel died"
    OUT_OF_MEMORY = "out of memory"
    TOO_MUCH_OUTPUT = "too much output"
    TOO_MANY_PROCESSES = "too many processes"
    TOO_MANY_FILES = "too many files"
    NOT_A_NOTEBOOK = "not a notebook"
    EMPTY = "empty"
    UNCHANGED = "unchanged"
    NOT_HANDED_IN = "not handed in"
    BROKE_OFF = "marking broke off, run it again"

    @property
    def clean(self) -> bool:
        """Whether nothing went wrong."""
        return self in (Status.RAN, Status.UNCHANGED, Status.NOT_HANDED_IN)
