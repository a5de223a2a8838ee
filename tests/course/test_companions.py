"""Files beside a notebook that come along: own modules and small data, and nothing else."""

import nbformat
import numpy as np

from helpers.course.companions import companions_of
from tests.builders.files import unzipped
from tests.builders.worked import STEM, course, notebook, refused


def test_own_modules_and_small_data_come_along_and_run(write, tmp_path):
    (tmp_path / "tools.py").write_text("from more import seven\n\n\ndef double(x):\n    return 2 * x\n")
    (tmp_path / "more.py").write_text("seven = 7\n")
    (tmp_path / "data").mkdir()
    np.savetxt(tmp_path / "data" / "points.csv", [1.0, 2.0])
    (tmp_path / "unused.py").write_text("x = 1\n")
    path = write(
        "import numpy as np\nimport tools\nx = np.loadtxt('data/points.csv')[1]\n"
        "print(tools.double(x + tools.seven))"
    )
    result = course(path)
    assert result.exit_code == 0, result.output
    assert "Files beside the notebooks: " in result.output
    parts = unzipped(tmp_path / f"{STEM}.zip")
    assert set(parts) - {f"{STEM}.pdf", "01_worked.ipynb", "checklist.txt", "group.toml"} == {
        "tools.py",
        "more.py",
        "data/points.csv",
    }
    assert b"18.0" in parts["01_worked.ipynb"]
    before = (tmp_path / f"{STEM}.zip").read_bytes()
    (tmp_path / "more.py").write_text("seven = 8\n")
    assert "add --overwrite" in course(path).output and (tmp_path / f"{STEM}.zip").read_bytes() == before


def test_a_module_that_would_hide_a_package_is_refused(write, tmp_path, never_run):
    (tmp_path / "numpy.py").write_text("x = 1\n")
    assert "numpy.py cannot be handed in: it would hide the package numpy" in refused(write("import numpy"))


def test_nothing_outside_of_the_folder_comes_along(write, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "secret.txt").write_text("SECRET")
    (tmp_path / "a" / "link.txt").symlink_to(tmp_path / "secret.txt")
    path = tmp_path / "a" / "01_worked.ipynb"
    names = ["../secret.txt", str(tmp_path / "secret.txt"), "link.txt", "/etc/hostname", "x" * 500]
    nbformat.write(notebook(f"x = {names!r}"), path)
    assert course(path).exit_code == 0
    (zipped,) = (tmp_path / "a").glob("*.zip")
    assert not any(b"SECRET" in content for content in unzipped(zipped).values())
    assert not [n for n in unzipped(zipped) if n.endswith(".txt") and n != "checklist.txt"]


def test_a_package_with_relative_imports_comes_along_whole(write, tmp_path):
    (tmp_path / "tools" / "deep").mkdir(parents=True)
    (tmp_path / "tools" / "__init__.py").write_text("from .core import mean\n")
    (tmp_path / "tools" / "core.py").write_text("from . import more\nfrom .deep.base import mean\n")
    (tmp_path / "tools" / "more.py").write_text("x = 1\n")
    (tmp_path / "tools" / "deep" / "base.py").write_text(
        "from ..more import x\n\n\ndef mean(v):\n    return x\n"
    )
    path = write("import tools\nprint(tools.mean([3]))\nnames = ['../x.csv', 'tools/../more.csv']")
    (tmp_path / "more.csv").write_text("1\n")
    found = companions_of(nbformat.read(path, 4), tmp_path)
    assert set(found) == {"tools/__init__.py", "tools/core.py", "tools/more.py", "tools/deep/base.py"}
