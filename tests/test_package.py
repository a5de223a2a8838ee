"""One source for the environment, and a command line that says what went wrong."""

import re
import subprocess
import sys
import tomllib

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from helpers import datasets
from helpers.course.cli import main
from helpers.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [*PROJECT["dependencies"], *(pin for extra in EXTRAS.values() for pin in extra)]


def pins(lines):
    return dict(line.lower().split("==") for line in lines if "==" in line)


def constraints():
    return pins((ROOT / "constraints.txt").read_text().splitlines())


def test_every_dependency_is_pinned_exactly():
    for requirement in REQUIREMENTS:
        assert re.fullmatch(r"[\w.-]+==[\w.]+", requirement), requirement


def test_constraints_agree_with_pyproject():
    wanted = pins(REQUIREMENTS)
    assert {name: constraints().get(name) for name in wanted} == wanted


def test_environment_yml_delegates_to_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = [d for d in environment if isinstance(d, str)]
    (pip,) = (d["pip"] for d in environment if isinstance(d, dict))
    # Conda brings nothing that pyproject.toml pins, only the Python that it asks for.
    assert conda == ["python=3.11", "pip"]
    assert PROJECT["requires-python"] == ">=3.11,<3.12"
    assert pip == ["-c constraints.txt", "-e .[test]"]
    assert "test" in EXTRAS


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
    assert "git checkout -- data/generated/data09/ttbarj_LO.npy" in result.output
    assert "Traceback" not in result.output


def test_run_command_fails_when_a_notebook_does(tmp_path, monkeypatch):
    (tmp_path / "torn.ipynb").write_text("{")
    monkeypatch.setattr("helpers.places.ROOT", tmp_path)
    result = CliRunner().invoke(main, ["run", str(tmp_path / "torn.ipynb")])
    assert result.exit_code == 1
    assert "1 of 1 notebooks failed: torn" in result.output


def test_data_folder_is_the_one_of_the_checkout():
    assert ROOT / "data" == datasets.DATA
