"""Runs inside the kernel, as text in its first cell: keeps what checks rely on and puts it back before each.

It finds the ordinary tricks (a redefined np.allclose, a shadowed abs, hooks into IPython) and is no fortress:
code that shares a process with a check can always reach it. What it undoes is listed in
tests/course/grading/test_kernel_guard.py.
"""

import contextlib
import importlib
import json
import os
import sys
from typing import Any

NOT_KEPT = type, object
CHANGING = "_", "input"  # which IPython and its kernel set themselves
kept = {}  # (owner, name) → value, of modules and their classes
modules = {}  # name → module
folder = os.getcwd()
streams = sys.stdout, sys.stderr, sys.displayhook


def start(names: list[str]) -> None:
    """Remember builtins and the modules named, and the functions and classes in them."""
    for name in ["builtins", *names]:
        try:
            modules[name] = importlib.import_module(name)
        except ImportError:
            continue
        keep(modules[name])
        for value in list(vars(modules[name]).values()):
            if isinstance(value, type) and value not in NOT_KEPT and name != "builtins":
                keep(value)


def keep(owner: Any) -> None:
    """Remember the functions and classes in a module or class."""
    for name, value in list(vars(owner).items()):
        if callable(value) and name not in CHANGING:
            kept[owner, name] = value


def restore(space: dict[str, Any], names: dict[str, tuple], shell: Any, token: str) -> None:
    """Put everything back as it was, and print as one line of JSON what had been changed.

    Parameters
    ----------
    space : dict of str to value
        Names of the notebook.
    names : dict of str to (str, str or None)
        Names that the check uses and the author imports, builtins among them → module and attribute.
    shell : InteractiveShell or None
    token : str
        Begins the line.
    """
    changed = set()
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
    changed |= unhook(shell) if shell else set()
    print(token + json.dumps(sorted(changed)))


def is_own_doing(owner: Any, value: Any) -> bool:
    """Whether a library has replaced a function by one of its own, as torch and matplotlib do."""
    package = (getattr(owner, "__module__", None) or owner.__name__).split(".")[0]
    return package != "builtins" and str(home(value)).split(".")[0] == package


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
    if hasattr(function, "__globals__"):
        return function.__globals__.get("__name__")
    return getattr(function, "__module__", None) or type(function).__module__


def put(owner: Any, name: str, value: Any) -> None:
    """Set an attribute where that is possible."""
    with contextlib.suppress(AttributeError, TypeError):  # types that nobody can change
        setattr(owner, name, value)


def unhook(shell: Any) -> set[str]:
    """Take out of IPython what the notebook has hooked into it; gives what was found."""
    found = set()
    lists = [
        *(shell.events.callbacks.values()),
        shell.ast_transformers,
        shell.input_transformers_post,
        shell.input_transformers_cleanup,
    ]
    for hooks in lists:
        for hook in [h for h in hooks if is_of_notebook(h)]:
            hooks.remove(hook)
            found.add("a hook into IPython")
    for owner in (shell, type(shell)):
        for name in [n for n, value in vars(owner).items() if is_of_notebook(value)]:
            delattr(owner, name)
            found.add(f"get_ipython().{name}")
    if shell.custom_exceptions:
        shell.custom_exceptions = ()
        found.add("a hook into IPython")
    return found


def seal(token: str) -> None:
    """Print `token`: the check that calls this at its end has run to it."""
    print(token)
