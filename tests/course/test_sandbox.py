"""Hostile hand-ins against the sandbox, as root and as an ordinary user; what is said where it is missing."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from helpers.course import bubblewrap
from helpers.course.cli import main
from helpers.course.sandbox import SandboxError
from helpers.course.untrusted import Limits, execute_untrusted
from helpers.places import ROOT
from tests.builders import hostile
from tests.builders.graded import needs_sandbox

ORDINARY = "4321"  # a user that owns nothing
USERS = ["root", "ordinary user"] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["ordinary user"]


def as_ordinary_user():
    """What to put before a command so that an ordinary user runs it and can read Python and the course."""
    if os.geteuid() != 0:
        return []
    command = ["bwrap", "--dev-bind", "/", "/"]
    for needed in sorted({Path(sys.prefix), Path(sys.base_prefix), ROOT}):
        closed = [p for p in (needed, *needed.parents) if not p.stat().st_mode & 0o1]
        if closed:  # an empty folder in the place of the closed one, with nothing but what is needed
            command += ["--perms", "0755", "--tmpfs", closed[-1]]
            between = [p for p in needed.parents if closed[-1] in p.parents]
            command += [part for p in reversed(between) for part in ("--perms", "0755", "--dir", p)]
            command += ["--ro-bind", needed, needed]
    return [*map(str, command), "--", "setpriv", "--reuid", ORDINARY, "--regid", ORDINARY, "--clear-groups"]


class Outside:
    """What hand-ins must not reach: a file that everybody may write, a secret, sockets that listen."""

    def __init__(self, folder):
        self.folder, self.secret = folder, secrets.token_hex(16)
        folder.chmod(0o777)
        self.file = folder / "file"
        self.file.write_text(self.secret)
        self.file.chmod(0o666)
        name = f"course-{secrets.token_hex(8)}"
        addresses = [(socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_UNIX, f"\0{name}")]
        self.listeners = []
        for family, address in [*addresses, (socket.AF_UNIX, f"{self.file}.socket")]:
            listener = socket.socket(family)
            listener.bind(address)
            listener.listen()
            listener.settimeout(0.1)
            self.listeners.append(listener)
        Path(f"{self.file}.socket").chmod(0o777)
        port = self.listeners[0].getsockname()[1]
        self.places = {"FILE": str(self.file), "ROOT": str(ROOT), "PORT": port, "SOCKET": name}

    def reached(self):
        """Addresses of listeners that somebody has called."""
        return [found.getsockname() for found in self.listeners if self._called(found)]

    def _called(self, listener):
        try:
            listener.accept()[0].close()
        except TimeoutError:
            return False
        return True


@pytest.fixture(scope="module")
def outside():
    with tempfile.TemporaryDirectory(prefix="outside-", ignore_cleanup_errors=True) as folder:
        found = Outside(Path(folder))
        yield found
        for listener in found.listeners:
            listener.close()


@pytest.fixture(scope="module")
def report(request, outside):
    """user → what came of all the cases that are to be tested."""
    wanted = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    done = {}

    def run(user):
        if user not in done:
            names = [p["name"] for p in wanted if p.get("user") == user and p.get("name") in hostile.CASES]
            before = as_ordinary_user() if user == "ordinary user" else []
            ran = subprocess.run(
                [*before, sys.executable, "-m", "tests.builders.hostile"],
                input=json.dumps({"names": names or ["links", "forges events"], "places": outside.places}),
                cwd="/",
                env=os.environ | {"COURSE_SECRET": outside.secret, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            assert ran.returncode == 0, ran.stderr
            done[user] = json.loads(ran.stdout)
        return done[user]

    return run


def cases():
    executed = [name for name, case in hostile.CASES.items() if "not a notebook" not in case.status]
    return [(USERS[0], name) for name in hostile.CASES] + [(u, name) for u in USERS[1:] for name in executed]


@needs_sandbox
@pytest.mark.parametrize(("user", "name"), cases())
def test_hostile(report, outside, user, name):
    case, result = hostile.CASES[name], report(user)["results"][name]
    outputs = json.dumps(result["outputs"])
    assert result["status"] in case.status, (result["status"], result["error"], outputs[-2000:])
    assert case.cell in (None, result["cell"])
    assert case.said in outputs, outputs
    assert outside.secret not in json.dumps(result)
    for output in result["outputs"]:
        assert output["output_type"] in ("stream", "display_data", "execute_result", "error")
        assert set(output.get("data", {})) <= {"text/plain", "text/html", "image/png"}
    assert all(output.get("text") != "forged" for output in result["outputs"])
    assert "reached" not in outputs


@needs_sandbox
@pytest.mark.parametrize("user", USERS)
def test_neighbours_are_intact(report, user):
    results = {k: r for k, r in report(user)["results"].items() if k.startswith(hostile.NEIGHBOUR)}
    assert results
    for name, result in results.items():
        number = int(name.split()[1])
        assert result["status"] == "ran", result
        said = [o.get("text") or o["data"]["text/plain"] for o in result["outputs"]]
        assert said == ["(['mine'], [], False)", f"sum {sum(range(number))} {number}\n"]


@needs_sandbox
@pytest.mark.parametrize("user", USERS)
def test_nothing_outside_is_changed_and_nobody_is_left(report, outside, user):
    assert report(user)["left"] == []
    sleeping = [p.info["cmdline"] for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"]]
    assert ["sleep", "31415"] not in sleeping
    assert outside.file.read_text() == outside.secret
    assert not (ROOT / "planted.py").exists()
    assert sorted(os.listdir(outside.folder)) == ["file", "file.socket"]
    assert not [
        *ROOT.glob("planted.py"),
        *ROOT.glob("helpers/planted.py"),
        *ROOT.glob("helpers/*/planted.py"),
    ]
    assert outside.reached() == []


@needs_sandbox
def test_the_listeners_would_have_heard(outside):
    for listener in outside.listeners:
        with socket.socket(listener.family) as caller:
            caller.connect(listener.getsockname())
    assert len(outside.reached()) == 3


def test_enough_cases():
    assert len(hostile.CASES) >= 70


NOTEBOOK = hostile.content(hostile.Case(("print('here')",), ()), {})


@pytest.fixture
def afresh():
    bubblewrap.unavailable.cache_clear()
    yield
    bubblewrap.unavailable.cache_clear()


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_without_bubblewrap_it_refuses(afresh, monkeypatch, tmp_path, platform):
    monkeypatch.setattr(bubblewrap.sys, "platform", platform)
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
    with pytest.raises(SandboxError, match="apt install bubblewrap"):
        execute_untrusted(NOTEBOOK, "x")
    (tmp_path / "x.ipynb").write_bytes(NOTEBOOK)
    result = CliRunner().invoke(main, ["execute", str(tmp_path)])
    assert result.exit_code == 1
    assert "--unsafe" in result.output and "Traceback" not in result.output
    assert ("bubblewrap is missing" in result.output) == (platform == "linux")


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")
def test_bubblewrap_that_does_not_work_is_quoted(afresh, monkeypatch, tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho No permissions to create new namespace >&2; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert "No permissions to create new namespace" in bubblewrap.unavailable()


@pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is missing")
def test_where_bubblewrap_works_the_sandbox_does():
    """The other tests are skipped without a sandbox; this one sees when that is our fault."""
    alone = ["bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--ro-bind", "/", "/", "true"]
    if subprocess.run(alone, capture_output=True, check=False).returncode:
        pytest.skip("no namespaces on this machine")
    assert bubblewrap.unavailable() == ""


@needs_sandbox
def test_without_data_it_says_where_to_go(afresh, monkeypatch, tmp_path):
    """`course doctor` from any folder, with a package that was installed alone."""
    monkeypatch.setattr(bubblewrap, "DATA", tmp_path / "data")
    assert f"no {tmp_path / 'data'}: go to the folder of the course" in bubblewrap.unavailable()


@needs_sandbox
@pytest.mark.skipif(USERS[0] != "root", reason="only root runs hand-ins as another user")
def test_what_nobody_may_read_is_named(afresh, monkeypatch, tmp_path):
    for name in ("helpers/course", "data"):
        (tmp_path / name).mkdir(parents=True)
    closed = tmp_path / "helpers/secret.py"
    closed.touch(mode=0o600)
    for name, path in (("ROOT", tmp_path), ("HELPERS", tmp_path / "helpers"), ("DATA", tmp_path / "data")):
        monkeypatch.setattr(bubblewrap, name, path)
    assert f"{closed}: chmod -R a+rX it" in bubblewrap.unavailable()
    closed.chmod(0o644)
    bubblewrap.unavailable.cache_clear()
    assert bubblewrap.unavailable() == ""


def test_without_a_sandbox_when_told_so():
    before = psutil.Process().children(recursive=True)
    run = execute_untrusted(NOTEBOOK, "x", unsafe=True)
    assert run.verdict.status == "ran"
    assert run.notebook.cells[0].outputs[0].text == "here\n"
    for name in ("sleeps", "kills itself", "kills the client"):
        case = hostile.CASES[name]
        run = execute_untrusted(hostile.content(case, {}), name, Limits(**case.limits), unsafe=True)
        assert run.verdict.status in case.status
    assert set(psutil.Process().children(recursive=True)) <= set(before)


def test_other_systems_can_import_it():
    hidden = "for name in ('resource', 'fcntl', 'pwd', 'grp', 'termios'): sys.modules[name] = None"
    code = f"import psutil, sys\n{hidden}\nimport helpers.course.kernel_runner, helpers.course.batch"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
