"""`python -m helpers.course` is the command `course`."""

from helpers.course.cli import main

main(prog_name="course")
