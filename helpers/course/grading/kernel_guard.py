"""Runs inside the kernel, as text in its first cell: keeps what checks rely on and puts it back before each.

It finds the ordinary tricks (a redefined np.allclose, a shadowed abs, hooks into IPython), and takes the text
of a check out of where Python and IPython keep it. It is no fortress: code that shares a process with a check
can always reach it, through the frames of its callers if nothing else. What it undoes is listed in
tests/course/grading/test_kernel_guard.py.
"""

import contextlib
import importlib
import json
import linecache
import os
import sys
from typing import Any

NOT_KEPT = type, object
CHANGING = "_", "input"  # which IPython and its kernel set themselves
READERS = "linecache", "codeop", "IPython.core.compilerop"  # which see the text of a cell before it runs
kept = {}  # (owner, name) → value, of modules and their classes
modules = {}  # name → module
hooks = {}  # name of a list of hooks in IPython → what was in it
parts = {}  # (part of IPython, name) → function
folder = os.getcwd()
streams = sys.stdout, sys.stderr, sys.displayhook
texts = linecache.cache
frame_of_caller = sys._getframe
shell = None  # of IPython


def start(names: list[str], running: Any = None) -> None:
    """Remember builtins and the modules named, with functions and classes in them, and IPython's shell."""
    global shell
    shell = running
    for name, found in hooks_of(shell).items():
        hooks[name] = list(found)
    for part in parts_of(shell):
        for name, value in vars(part).items():
            if callable(value):
                parts[part, name] = value
    for name in ["builtins", *READERS, *names]:
        try:
            modules[name] = importlib.import_module(name)
        except ImportError:
            continue
        if name == "matplotlib.pyplot":
            load_backend(modules[name])
        keep(modules[name])
        for value in list(vars(modules[name]).values()):
            if isinstance(value, type) and value not in NOT_KEPT and name != "builtins":
                keep(value)


def load_backend(pyplot: Any) -> None:
    """Let pyplot load what draws its figures now: with it, IPython puts a function of its own into pyplot."""
    with contextlib.suppress(ImportError):  # no screen there for the backend that is asked for
        pyplot.switch_backend(pyplot.get_backend())


def keep(owner: Any) -> None:
    """Remember the functions and classes in a module or class."""
    for name, value in list(vars(owner).items()):
        if callable(value) and name not in CHANGING:
            kept[owner, name] = value


def hide() -> None:
    """Take the text of the cell that calls this, and of the one before, out of where they are kept.

    These are the cache of source lines, the message in which it came, and the last result of IPython.
    """
    texts.pop(frame_of_caller(1).f_code.co_filename, None)
    if shell is not None:
        shell.last_execution_result = None
    if hasattr(shell, "kernel"):
        shell.kernel.get_parent("shell").get("content", {}).pop("code", None)


def restore(space: dict[str, Any], names: dict[str, tuple], token: str) -> None:
    """Put everything back as it was, and print as one line of JSON what had been changed.

    Parameters
    ----------
    space : dict of str to value
        Names of the notebook.
    names : dict of str to (str, str or None)
        Names that the check uses and the author imports, builtins among them → module and attribute.
    token : str
        Begins the line.
    """
    changed = set()
    if linecache.cache is not texts:
        linecache.cache = texts
        changed.add("linecache.cache")
    sys.settrace(None)
    sys.setprofile(None)
    sys.stdout, sys.stderr, sys.displayhook = streams
    for name, module in modules.items():
        if sys.modules.get(name) is not module:
            sys.modules[name] = module
            changed.add(f"sys.modules[{name!r}]")
    for (owner, name), value in kept.items():
        now = vars(owner).get(name)
        if now is not value and not is_own_doing(owner, now):
            put(owner, name, value)
            changed.add(f"{owner.__name__}.{name}")
    for owner in {owner for owner, _ in kept if isinstance(owner, type)}:
        inherited = {name for base in owner.__mro__[1:] for name in vars(base)}
        for name in [n for n, value in vars(owner).items() if n in inherited and is_of_notebook(value)]:
            delattr(owner, name)
            changed.add(f"{owner.__name__}.{name}")
    for name, (module, attribute) in names.items():
        if module == "builtins":
            if name in space:
                changed.add(name)
                del space[name]
        elif module in modules:
            value = modules[module] if attribute is None else vars(modules[module]).get(attribute, modules)
            if value is not modules and space.get(name, value) is not value:
                changed.add(name)
            if value is not modules:
                space[name] = value
    changed |= unhook()
    print(token + json.dumps(sorted(changed)))


def is_own_doing(owner: Any, value: Any) -> bool:
    """Whether a library has replaced a function by one of its own, as torch and matplotlib do."""
    package = (getattr(owner, "__module__", None) or owner.__name__).split(".")[0]
    return package != "builtins" and str(home(value)).split(".")[0] == package


def is_of_package(value: Any) -> bool:
    """Whether an installed package has made it: not the notebook, and not Python (a partial, list.append)."""
    package = str(home(value)).split(".")[0]
    return package not in sys.stdlib_module_names and not is_of_notebook(value)


def is_of_notebook(value: Any) -> bool:
    """Whether a function, class or object was made in the notebook or a file beside it."""
    return any(is_own(name) for name in (home(value), type(value).__module__))


def is_own(name: str) -> bool:
    """Whether a module is the notebook, or a file that lies beside it."""
    if name == "__main__":
        return True
    file = os.path.abspath(getattr(sys.modules.get(str(name)), "__file__", None) or os.sep)
    return file.startswith(folder + os.sep) and not file.startswith(sys.prefix + os.sep)


def home(value: Any) -> str | None:
    """Name of the module in which a function or class was written."""
    function = getattr(value, "__func__", value)
    if not isinstance(function, type) and hasattr(type(function).__call__, "__globals__"):
        function = type(function).__call__  # an object, whose __module__ can say anything
    if hasattr(function, "__globals__"):
        return function.__globals__.get("__name__")
    return getattr(function, "__module__", None) or type(function).__module__


def put(owner: Any, name: str, value: Any) -> None:
    """Set an attribute where that is possible."""
    with contextlib.suppress(AttributeError, TypeError):  # types that nobody can change
        setattr(owner, name, value)


def hooks_of(shell: Any) -> dict[str, list]:
    """The lists of hooks in IPython that see a cell or run around it, by their names."""
    if shell is None:
        return {}
    return {
        **shell.events.callbacks,
        "ast_transformers": shell.ast_transformers,
        "input_transformers_post": shell.input_transformers_post,
        "input_transformers_cleanup": shell.input_transformers_cleanup,
    }


def parts_of(shell: Any) -> list:
    """The objects through which the text of a cell goes, and their classes."""
    if shell is None:
        return []
    found = [shell, shell.compile, shell.input_transformer_manager]
    if hasattr(shell, "kernel"):
        found += [shell.kernel, shell.kernel.session]
    return [*found, *map(type, found)]


def unhook() -> set[str]:
    """Take out of IPython what the notebook has hooked into it; gives what was found."""
    found = set()
    for name, now in hooks_of(shell).items():
        for hook in [h for h in now if h not in hooks[name] and not is_of_package(h)]:
            now.remove(hook)
            found.add("a hook into IPython")
    for part in parts_of(shell):
        for name, value in list(vars(part).items()):
            before = parts.get((part, name))
            if not callable(value) or value is before or is_of_package(value):
                continue
            if before is None:
                delattr(part, name)
            else:
                setattr(part, name, before)
            found.add(f"get_ipython().{name}")
    if shell is not None and shell.custom_exceptions:
        shell.custom_exceptions = ()
        found.add("a hook into IPython")
    return found


def seal(token: str) -> None:
    """Print `token`: the check that calls this at its end has run to it."""
    print(token)
