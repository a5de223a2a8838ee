"""A data file is whole or not there at all."""

import errno
import os
import time

import numpy as np
import pytest

from helpers.files import read_array, replacing


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.npy"
    np.save(path, np.ones((10, 4)))
    return path


def test_reads_what_was_written(good):
    np.testing.assert_array_equal(read_array(good, (10, 4)), 1)


def test_truncated_file(good):
    good.write_bytes(good.read_bytes()[:-9])
    with pytest.raises(ValueError, match="truncated"):
        read_array(good, (10, 4))


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"PK\x03\x04"])
def test_file_that_is_something_else(good, content):
    good.write_bytes(content)
    with pytest.raises(ValueError, match=r"no \.npy file"):
        read_array(good, (10, 4))


def test_pickles_are_never_loaded(good):
    np.save(good, np.array([print] * 10, dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"no \.npy file"):
        read_array(good, (10,))


def test_wrong_shape_and_type_are_named(good):
    with pytest.raises(ValueError, match=r"holds float64 \(10, 4\), expected float \(10, 5\)"):
        read_array(good, (10, 5))
    np.save(good, np.ones((10, 4), dtype=int))
    with pytest.raises(ValueError, match=r"holds int64 \(10, 4\), expected float"):
        read_array(good, (10, 4))


def test_nan_rows_are_counted(good):
    x = np.ones((10, 4))
    x[3], x[7, 1] = np.nan, np.inf
    np.save(good, x)
    with pytest.raises(ValueError, match="2 rows with NaN or infinity"):
        read_array(good, (10, 4))


def test_replacement_appears_only_when_complete(good):
    before = good.read_bytes()
    with pytest.raises(KeyboardInterrupt), replacing(good) as file:
        file.write(b"half of it")
        assert good.read_bytes() == before
        raise KeyboardInterrupt
    assert good.read_bytes() == before
    assert list(good.parent.iterdir()) == [good]
    with replacing(good) as file:
        file.write(b"all of it")
    assert good.read_bytes() == b"all of it"
    assert list(good.parent.iterdir()) == [good]


def test_full_disk_is_said_and_nothing_is_lost(good):
    before = good.read_bytes()
    with (
        pytest.raises(OSError, match=r"cannot write .*good\.npy: No space left on device.*MB free"),
        replacing(good),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert good.read_bytes() == before and list(good.parent.iterdir()) == [good]


def test_folder_in_the_way_is_said(tmp_path):
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="cannot write"), replacing(tmp_path / "data" / "x.npy"):
        pass


def test_leftovers_of_killed_processes_go_but_young_ones_stay(good):
    old, young = good.parent / ".good.npy.abc", good.parent / ".good.npy.def"
    for leftover in (old, young):
        leftover.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    with replacing(good) as file:
        file.write(b"new")
    assert not old.exists() and young.exists()
