"""The walls of the sandbox: what bubblewrap is told, and whether it works on this machine."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.places import DATA, HELPERS, ROOT

__all__ = ["MEMORY_FILES", "closed_command", "open_command", "unavailable", "waiting_processes"]

INSIDE = Path(__file__).with_name("kernel_runner.py")
COURSE = "/course"  # where notebooks/, build/, helpers/ and data/ stand inside
MEMORY_FILES = (COURSE, "/tmp", "/dev/shm")
INSTALL = (
    "Hand-ins run in a sandbox, which needs Linux and bubblewrap 0.8 or newer: apt install bubblewrap "
    "(Debian, Ubuntu) or dnf install bubblewrap (Fedora). --unsafe runs them without: then they can read and "
    "write whatever you can, so use it only on a machine that holds nothing of value."
)
NAMESPACES = ["--unshare-all", "--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000"]
NAMESPACES += ["--cap-drop", "ALL", "--die-with-parent", "--new-session"]
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
DETAILS = ("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/sys/devices/system/cpu")
NOBODY = "65534"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def closed_command(files: int) -> list[str]:
    """The command that runs kernel_runner.py in bubblewrap; the number of the pipe for events is to be added.

    Parameters
    ----------
    files : int
        Bytes that each file system in memory may hold.

    Returns
    -------
    list of str
    """
    variables = {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "PYTHONPATH": COURSE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": f"{COURSE}/home",
        "USER": "student",
        "LANG": "C.UTF-8",
        **ONE_THREAD,
    }
    settings = []
    for name, value in variables.items():
        settings += ["--setenv", name, value]
    return [*_walls(files), *settings, "--", sys.executable, "-B", "-I", "/kernel_runner.py"]


def open_command(folder: Path) -> tuple[list[str], dict[str, str]]:
    """The command that runs kernel_runner.py without any wall.

    Parameters
    ----------
    folder : Path
        Empty; the folders of the course are made in it.

    Returns
    -------
    list of str
        The command.
    dict of str to str
        The environment for it.
    """
    for name in ("notebooks", "build"):
        (folder / name).mkdir()
    variables = {"PYTHONPATH": str(ROOT), **ONE_THREAD}
    return [sys.executable, "-B", "-I", str(INSIDE)], os.environ | variables


def waiting_processes() -> int:
    """How many processes stand between the one that was started and the first one behind the walls."""
    return 1 if os.geteuid() == 0 else 0


@functools.cache
def unavailable() -> str:
    """Why there is no sandbox on this machine and what to do, or ""."""
    reason = _missing()
    if not reason:
        command = [*_walls(2**20), "--", sys.executable, "-I", "-S", "-c", ""]
        trial = subprocess.run(command, env={}, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if trial.returncode:
            said = trial.stderr.decode(errors="replace").strip() or f"exit status {trial.returncode}"
            reason = f"bubblewrap does not work here ({said})."
    return reason and f"{reason}\n{INSTALL}"


def _missing():
    if sys.platform != "linux":
        return f"There is no sandbox for {sys.platform}."
    if not shutil.which("bwrap"):
        return "bubblewrap is missing."
    if not DATA.is_dir():
        return f"There is no {DATA}: go to the folder of the course, and run `course data`."
    if ROOT in _pythons():
        return f"The environment must not be the folder of the course itself, {ROOT}."
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            return "setpriv (package util-linux) is missing; it is needed when root starts the sandbox."
        if closed := _closed_to_others():
            return f"Started by root, hand-ins run as nobody, who may not read {closed}: chmod -R a+rX it."
    return ""


def _closed_to_others():
    shown = [HELPERS, DATA]
    for path in [*shown, *_pythons()]:
        if path.stat().st_mode & 0o5 != 0o5:
            return path
    for folder in shown:
        for path in folder.rglob("*"):
            if path.is_file() and not path.stat().st_mode & 0o4:
                return path
    return None


def _walls(files):
    """bubblewrap and its arguments, started by nobody where root starts it.

    RLIMIT_NPROC does not bind root. A first bubblewrap builds a view of the host in which nobody can reach
    what is shown, whatever the folders above it allow; a second one in there does as for any other user.
    """
    inner = [shutil.which("bwrap"), *NAMESPACES, *_view(files)]
    if os.geteuid() != 0:
        return inner
    shown = sorted({*_system(), *_pythons(), HELPERS, DATA, INSIDE})
    shown += _font_lists()
    outer = [shutil.which("bwrap"), "--die-with-parent"]
    parents = {Path("/tmp")}  # the second one needs it to begin with
    for path in shown:
        parents.update(path.parents)
    for parent in sorted(parents - {Path("/")}):
        outer += ["--perms", "0755", "--dir", parent]
    outer += [*_links(), *_same(shown), "--bind", "/proc", "/proc", "--dev", "/dev"]
    drop = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups --no-new-privs --pdeathsig KILL --"
    return [*map(str, outer), "--", *drop.split(), *inner]


def _view(files):
    """What the hand-in sees. Nothing of the course but helpers without the workflow, and the data."""
    pythons, memory = _pythons(), ["--size", files, "--tmpfs"]
    system = [*_system(), *pythons]
    args = [*_links(), *memory, "/tmp", *_same(system)]
    if set(system) & set(ROOT.parents):  # the course is taken out again, but for an environment in it
        within = [path for path in pythons if ROOT in path.parents]
        args += ["--size", 4096, "--tmpfs", ROOT, *_same(within)]
    args += ["--proc", "/proc", "--size", 4096, "--tmpfs", "/proc/sys", "--remount-ro", "/proc/sys"]
    args += ["--dev", "/dev", *memory, "/dev/shm", "--remount-ro", "/dev"]
    args += [*memory, COURSE]
    args += ["--ro-bind", HELPERS, f"{COURSE}/helpers", "--ro-bind", DATA, f"{COURSE}/data"]
    args += ["--size", 4096, "--tmpfs", f"{COURSE}/helpers/course"]
    args += ["--remount-ro", f"{COURSE}/helpers/course"]
    for name in ("notebooks", "build", "home"):
        args += ["--dir", f"{COURSE}/{name}"]
    for path in _font_lists():
        args += ["--ro-bind", path, f"{COURSE}/home/.cache/matplotlib/{path.name}"]
    args += ["--ro-bind", INSIDE, "/kernel_runner.py"]
    args += ["--chdir", f"{COURSE}/notebooks", "--remount-ro", "/"]
    return list(map(str, args))


def _same(paths):
    """Arguments that show paths at the places where they are outside."""
    args = []
    for path in paths:
        args += ["--ro-bind", path, path]
    return args


def _links():
    """/bin and the like are links into /usr on most systems."""
    args = []
    for path in filter(os.path.islink, SYSTEM):
        args += ["--symlink", os.readlink(path), path]
    return args


def _system():
    found = []
    for path in (*SYSTEM, *DETAILS):
        if os.path.exists(path) and not os.path.islink(path):
            found.append(Path(path))
    return found


def _font_lists():
    """What Matplotlib has found out about fonts, which takes it a second each time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "matplotlib")
    lists = cache.glob("fontlist-*.json")
    return [path for path in lists if path.is_file() and path.stat().st_mode & 0o4]


def _pythons():
    """The folders of this Python by every name they go by: the environment, and what it was made from."""
    named = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]]
    folders = {*map(Path.absolute, named), *map(Path.resolve, named)}
    system = set(map(Path, SYSTEM))
    return sorted(p for p in folders if not system & {p, *p.parents} or ROOT in p.parents)
