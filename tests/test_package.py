"""One source for the environment, and a command line that says what went wrong."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from helpers import datasets
from helpers.course.cli import main
from helpers.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
MACHINES = [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64")]
MAKE = shutil.which("make")


def locked():
    """Name → the lines of the lock for it, which differ by Python and system."""
    lines = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if not line.startswith("#"):
            pin = Requirement(line)
            lines.setdefault(canonicalize_name(pin.name), []).append(pin)
    return lines


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("machine", MACHINES, ids=" ".join)
def test_the_lock_holds_one_version_of_each_requirement_and_the_ranges_allow_it(python, machine):
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": machine[0],
        "platform_machine": machine[1],
        "os_name": "nt" if machine[0] == "win32" else "posix",
    }
    lock = locked()
    for requirement in map(Requirement, REQUIREMENTS):
        pins = []
        for pin in lock[canonicalize_name(requirement.name)]:
            if pin.marker is None or pin.marker.evaluate(environment):
                pins.append(pin)
        assert len(pins) == 1, f"{requirement}: {pins}"
        (exact,) = pins[0].specifier
        assert exact.operator == "==", pins[0]
        assert exact.version in requirement.specifier, f"{requirement}, but the lock has {exact}"


def test_every_requirement_has_a_lower_bound():
    for requirement in map(Requirement, REQUIREMENTS):
        assert {s.operator for s in requirement.specifier} & {">=", "=="}, requirement


def test_all_say_the_same_pythons():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = [d for d in environment if isinstance(d, str)]
    (pip,) = (d["pip"] for d in environment if isinstance(d, dict))
    # Conda brings nothing that pyproject.toml asks for, only the Python that it wants.
    assert conda == [f"python{PROJECT['requires-python']}", "pip"]
    assert pip == ["-c constraints.txt", "-e .[test]"]
    assert "test" in EXTRAS
    wanted = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{minor}" for minor in range(30) if f"3.{minor}" in wanted] == PYTHONS
    listed = re.search(r"^SUPPORTED := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert listed[1].split() == PYTHONS[::-1], "the newest comes first"


@pytest.fixture
def pythons(tmp_path):
    """Adds commands to an otherwise empty PATH that answer as if they were Pythons of some version."""

    def add(name, version, with_venv=True):
        pretend = f"import sys; sys.version_info = {version}"
        if not with_venv:
            pretend += "; sys.modules['ensurepip'] = None"
        script = f"""#!/bin/sh
case "$1" in
  -c) exec {sys.executable} -c "{pretend}; exec(sys.argv[1])" "$2" ;;
  *) echo "environment by {name}" ;;
esac
"""
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)

    return add


def make_environment(path, *arguments):
    command = [MAKE, "environment", "VENV=nowhere", *arguments]
    environment = os.environ | {"PATH": str(path)}
    for name in ("PYTHON", "MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES"):  # of the make that runs these tests
        environment.pop(name, None)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not MAKE, reason="make is not installed")
class TestMakeLooksForPython:
    def test_and_takes_the_newest_that_is_supported(self, pythons, tmp_path):
        pythons("python3.12", (3, 12, 1))
        pythons("python3.13", (3, 13, 0))
        pythons("python3.15", (3, 15, 0))
        pythons("python3", (3, 11, 2))
        assert "environment by python3.13\n" in make_environment(tmp_path).stdout

    def test_and_passes_by_one_without_venv(self, pythons, tmp_path):
        pythons("python3.13", (3, 13, 0), with_venv=False)
        pythons("python3", (3, 12, 4))
        assert "environment by python3\n" in make_environment(tmp_path).stdout

    def test_unless_it_is_told(self, pythons, tmp_path):
        pythons("python3.13", (3, 13, 0))
        pythons("mine", (3, 11, 7))
        told = make_environment(tmp_path, f"PYTHON={tmp_path / 'mine'}")
        assert "environment by mine\n" in told.stdout

    def test_and_says_when_there_is_none(self, pythons, tmp_path):
        pythons("python3", (3, 10, 2))
        none = make_environment(tmp_path)
        assert none.returncode != 0
        assert "needs one of Python 3.14 3.13 3.12 3.11" in none.stdout
        assert "Found: none of them" in none.stdout
        assert "environment by" not in none.stdout

    def test_and_refuses_another_that_it_is_told(self, pythons, tmp_path):
        pythons("old", (3, 10, 2))
        old = make_environment(tmp_path, f"PYTHON={tmp_path / 'old'}")
        assert old.returncode != 0
        assert f"Found: {tmp_path / 'old'}" in old.stdout
        assert "environment by" not in old.stdout


@pytest.mark.parametrize(
    ("machine", "advice"),
    [
        (("linux", "linux-x86_64", "x86_64", ""), None),
        (("linux", "linux-aarch64", "aarch64", ""), None),
        (("darwin", "macosx-11.0-arm64", "arm64", "14.0"), None),
        (("darwin", "macosx-10.13-universal2", "arm64", "26.1"), None),
        (("win32", "win-amd64", "AMD64", ""), None),
        (("win32", "win-amd64", "ARM64", ""), None),  # x86-64 Python that Windows on Arm emulates
        (("win32", "win-arm64", "ARM64", ""), "Install the 64-bit Python for x86-64"),
        (("win32", "win32", "AMD64", ""), "Install the 64-bit Python for x86-64"),
        (("darwin", "macosx-10.13-universal2", "x86_64", "15.2"), "work on Linux"),
        (("darwin", "macosx-11.0-arm64", "arm64", "13.7.1"), "needs macOS 14 or newer"),
    ],
    ids=str,
)
def test_a_machine_without_wheels_hears_what_to_do(machine, advice):
    refusal = runpy.run_path(str(ROOT / "setup.py"), run_name="setup")["refusal"]
    reason = refusal(*machine)
    if advice is None:
        assert reason == ""
    else:
        assert advice in reason


def test_helpers_do_not_import_the_workflow():
    for file in [*(ROOT / "helpers").glob("*.py"), *(ROOT / "helpers/generators").glob("*.py")]:
        assert "helpers.course" not in file.read_text(), file


def test_a_pdf_starts_without_what_it_does_not_need():
    """Each feedback is a process of its own: what it imports is paid two hundred times."""
    heavy = {"torch", "numpy", "nbconvert", "rfc3987_syntax.syntax_helpers"}
    code = f"import helpers.course.export, sys; print(*{heavy} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not ran.stdout.split()


@pytest.mark.parametrize("module", ["kinematics", "preprocessing", "datasets", "course.cli"])
def test_torch_is_imported_only_where_it_is_needed(module):
    code = f"import helpers.{module}, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_help_names_every_command():
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for command in ("data", "run", "pdf", "handin", "lab", "test"):
        assert re.search(rf"^  {command} ", result.output, re.MULTILINE)


def test_data_command_mends_and_reports(small, data_folder):
    for name, shape in small["ttbarj"].shapes.items():
        path = data_folder / "generated" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.ones(shape, np.float32))
    first = CliRunner().invoke(main, ["data"])
    assert first.exit_code == 0, first.output
    assert re.findall(r"^(\w+) +generated", first.stdout, re.MULTILINE) == ["diphoton", "drell_yan", "ttbarj"]
    victim = data_folder / "generated/data09/tutorial-11-data/dy_tst_data.npy"
    good = victim.read_bytes()
    victim.write_bytes(b"garbage")
    assert CliRunner().invoke(main, ["data"]).exit_code == 0
    assert victim.read_bytes() == good


def test_data_command_explains_what_it_cannot_mend(small):
    result = CliRunner().invoke(main, ["data"])
    assert result.exit_code == 1
    assert "data/generated/data09/ttbarj_LO.npy" in result.output
    assert "Traceback" not in result.output


def test_a_command_says_which_package_it_misses(monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)
    monkeypatch.delitem(sys.modules, "helpers.course.doctor", raising=False)
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "package psutil is missing" in result.output and "pip install -c constraints.txt" in result.output


def test_run_command_fails_when_a_notebook_does(tmp_path, monkeypatch):
    (tmp_path / "torn.ipynb").write_text("{")
    monkeypatch.setattr("helpers.places.ROOT", tmp_path)
    result = CliRunner().invoke(main, ["run", str(tmp_path / "torn.ipynb")])
    assert result.exit_code == 1
    assert "1 of 1 notebooks failed: torn" in result.output


def test_data_folder_is_the_one_of_the_checkout():
    assert ROOT / "data" == datasets.DATA


def test_installed_alone_it_works_in_the_folder_of_the_course_around_it(tmp_path):
    """As from a wheel: helpers lie elsewhere, and `course` is called from anywhere."""
    site = tmp_path / "site"
    shutil.copytree(ROOT / "helpers", site / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    inner = tmp_path / "course" / "notebooks" / "mine"
    inner.mkdir(parents=True)
    outside = tmp_path / "outside"
    outside.mkdir()

    def call(folder, *arguments):
        environment = os.environ | {"PYTHONPATH": str(site)}
        command = [sys.executable, "-P", *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    where = "import helpers.places as p; print(p.HELPERS, p.DATA)"
    assert call(inner, "-c", where).stdout.split() == [str(site / "helpers"), str(tmp_path / "course/data")]
    helped = call(outside, "-m", "helpers.course", "--help")
    assert helped.returncode == 0
    assert "Usage: course" in helped.stdout
    nothing = call(outside, "-m", "helpers.course", "run")
    assert nothing.returncode == 1
    assert "go to the folder of the course" in nothing.stderr
    assert not list(outside.iterdir())
