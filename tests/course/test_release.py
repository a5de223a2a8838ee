"""The package for students: nothing leaks, everything needed is there, nothing of others is overwritten."""

import ast
import hashlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.course import release
from helpers.course.cells import is_written_answer
from helpers.course.cli import main
from helpers.course.release import release_all
from helpers.places import NOTEBOOKS, ROOT
from tests.builders.files import unzipped
from tests.builders.small_notebook import REGION, small_notebook

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
# helpers hold the training step and the early stopping that a notebook shows before it imports them
SHOWN_BEFORE = {"optimizer.zero_grad()", "loss.backward()", "optimizer.step()", "schedule.step()"}
SHOWN_BEFORE |= {"model.load_state_dict(best_weights)"}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The real package. Returns: its folder."""
    folder = tmp_path_factory.mktemp("package") / "release"
    release_all(folder, report=lambda line: None)
    return folder


@pytest.fixture
def small_root(tmp_path, monkeypatch):
    """A checkout with one small notebook and small data, to be changed by a test."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "helpers", root / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".gitignore", root)
    for name in ("constraints.txt", "setup.py"):
        shutil.copy(ROOT / name, root)
    (root / "notebooks").mkdir()
    nbformat.write(small_notebook(), root / "notebooks" / "01_small.ipynb")
    for name in ("ttbarj_LO.npy", "ttbarj_NLO.npy"):
        path = root / "data" / "generated" / "data09" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.zeros(3))
    (root / "data" / "README.md").write_text("data\n")
    monkeypatch.setattr(release, "ROOT", root)
    monkeypatch.setattr(release, "DATA", root / "data")
    return root


def quiet(out):
    release_all(out, report=lambda line: None)


def tree(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_no_solution_and_no_hidden_check_leaks(package):
    secret, public = set(), ""
    for path in PATHS:
        for cell in nbformat.read(path, as_version=4).cells:
            if is_written_answer(cell):
                secret.update(cell.source.splitlines())
                continue
            secret.update(line for m in REGION.finditer(cell.source) for line in m[2].splitlines())
            public += REGION.sub("", cell.source) + "\n"
    secret = {line.strip() for line in secret}
    secret = {s for s in secret if len(s) > 11 and s not in public} - SHOWN_BEFORE
    assert len(secret) > 700
    searched = set()
    for path in sorted(package.rglob("*")):
        if path.is_dir() or path.suffix in (".npy", ".npz"):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            content = nbformat.reads(text, as_version=4)
            text = "\n".join([str(content.metadata), *(f"{c.source}\n{c.metadata}" for c in content.cells)])
        assert "HIDDEN TESTS" not in text
        lines = {line.strip() for line in text.splitlines()}
        leaked = [s for s in secret if s in lines or (len(s) > 25 and s in text)]
        assert not leaked, f"{path.relative_to(package)}: {leaked}"
        searched.add(path.suffix)
    assert {".ipynb", ".py", ".md", ".toml"} <= searched


def test_what_is_for_tutors_stays_with_them(package):
    held = set(tree(package))
    assert {p.name for p in (package / "notebooks").iterdir()} == {"README.md", *(p.name for p in PATHS)}
    for name in ("release", "stubs", "staff", "grade", "sandbox", "untrusted", "pool", "kernel_runner"):
        assert f"helpers/course/{name}.py" not in held
    assert not [
        name for name in held if "__pycache__" in name or "grading" in name or name.startswith("tests")
    ]


def test_students_install_what_their_package_imports_and_no_more(package):
    """Both lists of requirements ask for the same versions; that of students lacks what only staff needs."""
    ours, theirs = requirements(ROOT / "pyproject.toml"), requirements(package / "pyproject.toml")
    assert theirs.items() < ours.items()
    imported = set()
    for name, content in tree(package).items():
        if name.endswith(".py") and name != "setup.py":
            for node in ast.walk(ast.parse(content)):
                if isinstance(node, ast.Import):
                    imported.update(alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.partition(".")[0])
    imported -= {*sys.stdlib_module_names, "helpers", "pythia8mc"}  # Pythia: to make the data that ships
    packages = importlib.metadata.packages_distributions()
    needed = {canonicalize_name(packages[module][0]) for module in imported}
    assert needed <= set(theirs)
    # zuko is for notebooks; the others are JupyterLab and the kernel behind it
    assert set(theirs) - needed == {"ipykernel", "jupyter", "zuko"}


def requirements(pyproject):
    """Name → range of versions."""
    lines = tomllib.loads(pyproject.read_text())["project"]["dependencies"]
    found = {}
    for requirement in map(Requirement, lines):
        found[canonicalize_name(requirement.name)] = str(requirement.specifier)
    return found


def test_what_both_packages_say_of_themselves_is_the_same(package):
    ours, theirs = (
        tomllib.loads((folder / "pyproject.toml").read_text())["project"] for folder in (ROOT, package)
    )
    for key in set(theirs) - {"dependencies", "description"}:
        assert theirs[key] == ours[key], key
    for target in ("data", "environment", "lab", "clean"):
        pattern = re.compile(rf"^{target}:.*\n(?:\t.*\n)*", re.MULTILINE)
        made = pattern.search((package / "Makefile").read_text())[0]
        assert made == pattern.search((ROOT / "Makefile").read_text())[0]


def test_every_import_of_the_package_is_in_it(package):
    wanted = set()
    for name, content in tree(package).items():
        sources = [content.decode()] if name.endswith(".py") else []
        if name.endswith(".ipynb"):
            sources = [c.source for c in nbformat.reads(content, as_version=4).cells if c.cell_type == "code"]
        for node in (n for source in sources for n in ast.walk(ast.parse(source))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("helpers"):
                parts = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                wanted.update(p for p in parts if is_module(ROOT, p))
    assert "helpers.course.handin" in wanted and "helpers.generators.diphoton" in wanted
    looked_for = {"helpers.course.staff", "helpers.course.bubblewrap"}  # and left out where they are not
    assert {m for m in wanted if not is_module(package, m)} == looked_for


def is_module(root, name):
    path = root.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def test_its_command_line_works_and_has_the_commands_for_students(package):
    code = (
        "from helpers.course.cli import main; from helpers.places import ROOT; print(ROOT); main(['--help'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=package, capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[0] == str(package), "this ran the checkout, not the package"
    commands = set(re.findall(r"^  (\w+) ", ran.stdout.partition("Commands:")[2], re.MULTILINE))
    assert commands == {"check", "data", "doctor", "run", "handin", "pdf", "lab"}


def test_its_readme_leads_to_the_map_of_the_course(package):
    readme = (package / "README.md").read_text()
    assert (ROOT / release.STUDENT / "README.md").read_text() == readme
    assert "(notebooks/README.md)" in readme and "(docs/students.md)" in readme
    listed = re.findall(r"^\| \[(\w+)\]", (package / "notebooks" / "README.md").read_text(), re.MULTILINE)
    assert listed == [path.stem for path in PATHS]


def test_same_sources_same_bytes_and_the_zip_holds_them(package, tmp_path):
    quiet(tmp_path / "release")
    assert tree(tmp_path / "release") == tree(package)
    archive = tmp_path / "release.zip"
    assert archive.read_bytes() == (package.parent / "release.zip").read_bytes()
    held = {name.partition("/")[2]: content for name, content in unzipped(archive).items()}
    assert held == tree(package)


def test_release_again_replaces_its_own_and_keeps_what_others_made(small_root, tmp_path):
    out = tmp_path / "release"
    quiet(out)
    (out / ".git").mkdir()
    (out / ".git" / "config").write_text("theirs")
    (out / "notebooks" / "mine.ipynb").write_text("theirs")
    (small_root / "notebooks" / "01_small.ipynb").rename(small_root / "notebooks" / "02_renamed.ipynb")
    quiet(out)
    held = tree(out)
    assert held[".git/config"] == held["notebooks/mine.ipynb"] == b"theirs"
    assert "notebooks/02_renamed.ipynb" in held and "notebooks/01_small.ipynb" not in held
    assert not [n for n in unzipped(tmp_path / "release.zip") if "mine" in n or ".git/" in n]


@pytest.mark.parametrize("victim", ["release/README.md", "release/notebooks/01_small.ipynb", "release.zip"])
def test_what_somebody_changed_is_not_overwritten(small_root, tmp_path, victim):
    out = tmp_path / "release"
    quiet(out)
    (tmp_path / victim).write_text("theirs")
    before = tree(tmp_path)
    (small_root / "constraints.txt").write_text("changed\n")
    with pytest.raises(FileExistsError, match=re.escape(victim)):
        quiet(out)
    del before["checkout/constraints.txt"]
    assert before.items() <= tree(tmp_path).items()


def test_a_folder_of_somebody_else_is_refused(small_root, tmp_path):
    out = tmp_path / "release"
    out.mkdir()
    (out / "README.md").write_text("theirs")
    result = CliRunner().invoke(main, ["release", "--out", str(out)])
    assert result.exit_code == 1
    assert "release/README.md" in result.output and "Traceback" not in result.output
    assert tree(out) == {"README.md": b"theirs"}


@pytest.mark.parametrize("link", ["release", "release/notebooks"])
def test_links_are_not_followed(small_root, tmp_path, link):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(elsewhere)
    with pytest.raises(FileExistsError):
        quiet(tmp_path / "release")
    assert tree(elsewhere) == {}


@pytest.mark.parametrize("name", ["victim", "release/../victim", "/{}/victim", ""])
def test_a_list_that_somebody_changed_deletes_nothing(small_root, tmp_path, name):
    quiet(tmp_path / "release")
    victim = tmp_path / "victim"
    victim.write_text("theirs")
    with open(tmp_path / "release.sha256", "a") as file:
        file.write(f"{hashlib.sha256(b'theirs').hexdigest()}  {name.format(tmp_path)}\n")
    with pytest.raises(FileExistsError):
        quiet(tmp_path / "release")
    assert victim.read_text() == "theirs"


def test_an_interrupted_release_can_be_repeated(small_root, tmp_path, monkeypatch):
    out = tmp_path / "release"
    quiet(out)
    (small_root / release.STUDENT / "Makefile").write_text("changed:\n")
    (small_root / "constraints.txt").write_text("changed\n")
    replacing, calls = release.replacing, []

    def full(path):
        calls.append(path)
        if len(calls) == 4:
            raise OSError("disk full")
        return replacing(path)

    monkeypatch.setattr(release, "replacing", full)
    with pytest.raises(OSError, match="disk full"):
        quiet(out)
    monkeypatch.setattr(release, "replacing", replacing)
    (small_root / "constraints.txt").write_text("changed again\n")
    quiet(out)
    assert (out / "Makefile").read_text() == "changed:\n"
    assert (out / "constraints.txt").read_text() == "changed again\n"


def test_a_malformed_notebook_stops_the_release(small_root, tmp_path):
    broken = small_notebook("### BEGIN SOLUTION\nx = 1")
    nbformat.write(broken, small_root / "notebooks" / "02_broken.ipynb")
    with pytest.raises(ValueError, match="Small: cell answer"):
        quiet(tmp_path / "release")
    assert not (tmp_path / "release").exists()
