"""The guard in the kernel: what checks rely on is put back, and what was replaced is told."""

import builtins
import functools
import io
import json
import linecache
import math
import sys
import types

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from helpers.course.grading import kernel_guard as guard_module
from helpers.course.grading.guard_cells import GUARD


@pytest.fixture
def shell():
    return InteractiveShell()


@pytest.fixture
def guard(shell):
    """A guard of its own, as the first cell makes it; call it to restore and get what was replaced."""
    module = types.ModuleType("guard_of_test")
    exec(GUARD.read_text(encoding="utf-8"), vars(module))
    module.start(["numpy", "math", "json", "not_installed"], shell)

    def restore(space=(), names=()):
        before, module.streams = sys.stdout, (io.StringIO(), sys.stderr, sys.displayhook)
        module.restore({} if space == () else space, dict(names), "TOKEN")
        printed, sys.stdout = module.streams[0].getvalue(), before
        assert printed.startswith("TOKEN")
        return json.loads(printed.removeprefix("TOKEN"))

    restore.hide = module.hide
    yield restore
    restore()


def as_of_notebook(function):
    """The function as if it were written in a notebook."""
    return types.FunctionType(function.__code__, {"__name__": "__main__"}, function.__name__)


def test_nothing_happened(guard):
    assert guard() == [] and guard() == []


def test_functions_of_modules(guard):
    allclose, sqrt = np.allclose, math.sqrt
    np.allclose, math.sqrt = (lambda *_: True), abs
    assert guard() == ["math.sqrt", "numpy.allclose"]
    assert np.allclose is allclose and math.sqrt is sqrt and guard() == []


def test_a_deleted_function_comes_back(guard):
    del np.allclose
    assert guard() == ["numpy.allclose"] and not np.allclose([1], [2])


def test_builtins(guard):
    real = builtins.abs
    builtins.abs = lambda x: 0
    assert guard() == ["builtins.abs"] and builtins.abs is real


def test_methods_of_classes(guard):
    np.random.Generator  # noqa: B018 (a class of C, which nobody can change)
    json.JSONEncoder.encode = as_of_notebook(lambda self, x: "")
    json.JSONEncoder.__eq__ = as_of_notebook(lambda self, x: True)
    assert guard() == ["JSONEncoder.__eq__", "JSONEncoder.encode"]
    assert json.dumps([1], indent=0) == "[\n1\n]" and json.JSONEncoder() != 3


def test_modules_that_were_exchanged(guard):
    real = sys.modules["numpy"]
    sys.modules["numpy"] = types.ModuleType("numpy")
    assert guard() == ["sys.modules['numpy']"] and sys.modules["numpy"] is real


def test_names_of_the_notebook(guard):
    space = {"np": "mine", "abs": len, "sqrt": math.sqrt, "own": 3}
    names = {
        "np": ("numpy", None),
        "abs": ("builtins", None),
        "sqrt": ("math", "sqrt"),
        "all": ("builtins", None),
    }
    assert guard(space, names) == ["abs", "np"]
    assert space == {"np": np, "sqrt": math.sqrt, "own": 3}


def test_what_a_library_does_to_itself_is_left(guard):
    def patch():
        return True

    patch.__module__ = "numpy.testing"
    of_numpy = types.FunctionType(patch.__code__, {"__name__": "numpy.lib"}, "allclose")
    real, np.allclose = np.allclose, of_numpy
    try:
        assert guard() == [] and np.allclose is of_numpy
        np.allclose = patch  # says that it is of numpy, but is not
        assert guard() == ["numpy.allclose"]
    finally:
        np.allclose = real


def test_hooks_into_ipython(guard, shell):
    hook = as_of_notebook(lambda *_, **__: None)
    before = {name: list(hooks) for name, hooks in shell.events.callbacks.items()}
    shell.events.register("pre_run_cell", hook)
    shell.input_transformers_post.append(hook)
    shell.ast_transformers.append(hook)
    shell.set_custom_exc((AssertionError,), hook)
    shell.run_cell = hook
    assert guard() == ["a hook into IPython", "get_ipython().run_cell"]
    assert shell.events.callbacks == before and shell.input_transformers_post == shell.ast_transformers == []
    assert shell.custom_exceptions == () and shell.run_cell("1 + 1").result == 2
    assert guard() == []


def test_hooks_that_are_no_functions_of_the_notebook(guard, shell):
    """A list's own append, a partial, and an object that says it is of a library would all see the check."""

    class Spy:
        __module__ = "matplotlib.pyplot"

        def __call__(self, *_):
            return None

    Spy.__call__ = as_of_notebook(Spy.__call__)
    seen = []
    shell.events.register("pre_run_cell", seen.append)
    shell.events.register("pre_execute", functools.partial(print, end=""))
    shell.events.register("post_execute", Spy())
    shell.compile.cache = as_of_notebook(lambda *_, **__: "name")
    shell.input_transformer_manager.transform_cell = as_of_notebook(lambda text: text)
    linecache.cache = dict(linecache.cache)
    expected = ["a hook into IPython", "get_ipython().cache", "get_ipython().transform_cell"]
    assert guard() == [*expected, "linecache.cache"]
    shell.run_cell("'what a check looks at'")
    assert seen == [] and guard() == []


def test_hooks_of_libraries_stay(guard, shell):
    hook = types.FunctionType((lambda: None).__code__, {"__name__": "matplotlib.pyplot"})
    shell.events.register("post_execute", hook)
    assert guard() == [] and hook in shell.events.callbacks["post_execute"]


def test_the_text_of_a_cell_that_hides_is_nowhere(guard, shell):
    shell.user_ns |= {"hide": guard.hide, "linecache": linecache}
    shell.run_cell("hide(); secret = 'mar' + 'zipan'\nlines = str(linecache.cache)")
    assert shell.user_ns["secret"] == "marzipan" and "'mar'" not in shell.user_ns["lines"]
    shell.run_cell("other = 'mar' + 'zipan'\nlines = str(linecache.cache)")
    assert "'mar'" in shell.user_ns["lines"]


def test_what_is_printed_goes_to_the_stream_of_the_start(guard, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert guard() == [] and sys.stdout.getvalue() == ""


def test_the_text_that_is_sent_is_the_module_that_is_tested():
    assert GUARD.read_text(encoding="utf-8").startswith('"""' + guard_module.__doc__)
