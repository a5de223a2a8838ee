"""What the commands of `course` share: how errors are shown, and how Python is run."""

import os
import subprocess
import sys
from typing import Any

import click

from helpers import places
from helpers.course.errors import CourseError

__all__ = ["INSTALL", "Commands", "run_python"]

INSTALL = "python -m pip install -c constraints.txt -e ."  # with the Python of the environment


class Commands(click.Group):
    """A group of commands that shows in one line what its user can mend, and a traceback of anything else."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (CourseError, OSError) as error:  # a file is missing, a disk is full
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as error:
            if str(error.name).startswith("helpers"):  # a mistake of ours
                raise
            raise click.ClickException(
                f"the package {error.name} is missing; in the folder of the course: {INSTALL}"
            ) from error


def run_python(*arguments: str) -> int:
    """Run Python in the root of the project.

    Parameters
    ----------
    *arguments : str

    Returns
    -------
    int
        Its exit code.
    """
    # so that `!course` is found in a notebook when no environment is activated
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=places.ROOT, env=os.environ | {"PATH": path}, check=False).returncode
