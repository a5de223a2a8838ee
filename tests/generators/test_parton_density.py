"""Parton densities: sum rules of the shipped table, its limits, and agreement with Pythia."""

import numpy as np
import pytest

from helpers.generators import parton_density
from helpers.generators.parton_density import FLAVOURS, Q_RANGE, X_RANGE, load_table, write_table, xf

X = np.geomspace(*X_RANGE, 4001)
SCALES = (10.0, 91.188, 1000.0)


@pytest.mark.parametrize("q", SCALES)
def test_momentum_sum(q):
    """sum of int x f dx = 1, less the photon (0.8 %) and x < 1e-5 (0.2 to 1.2 %, rising with Q)."""
    total = sum(np.trapezoid(X * xf(flavour, X, q), np.log(X)) for flavour in FLAVOURS)
    assert 0.97 < total < 1.0


@pytest.mark.parametrize("q", SCALES)
@pytest.mark.parametrize(("quark", "number"), [(2, 2), (1, 1), (3, 0), (4, 0), (5, 0)])
def test_valence_number(quark, number, q):
    """int (q - qbar) dx counts the valence quarks, up to less than 1 % below x = 1e-5."""
    valence = np.trapezoid(xf(quark, X, q) - xf(-quark, X, q), np.log(X))
    assert valence == pytest.approx(number, abs=0.01)


def test_densities_are_ordered_as_in_a_proton():
    assert np.all(xf(21, [1e-4, 1e-2], 91.188) > 5 * xf(2, [1e-4, 1e-2], 91.188))
    assert xf(2, 0.3, 91.188) > 1.5 * xf(1, 0.3, 91.188) > 10 * xf(-2, 0.3, 91.188)
    # Scaling violation: with rising Q the gluon grows at small x, valence quarks shrink at large x.
    assert xf(21, 1e-3, 1000.0) > xf(21, 1e-3, 10.0)
    assert xf(2, 0.5, 1000.0) < xf(2, 0.5, 10.0)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_passes_through_the_table_and_stays_positive(flavour):
    table = load_table()
    nodes = table["xf"][FLAVOURS.index(flavour)]  # (n_x, n_q)
    x = np.exp(table["log_x"][1:-1, None])  # (n_x - 2, 1)
    q = np.exp(table["log_q"][None, 1:-1])  # (1, n_q - 2)
    values = xf(flavour, x, q)
    assert values.shape == (len(x), q.size)
    np.testing.assert_allclose(values, nodes[1:-1, 1:-1], rtol=1e-5, atol=1e-12)

    dense = xf(flavour, X, 91.188)
    assert np.all(dense >= 0) and np.all(np.isfinite(dense))
    assert xf(flavour, 1.0, 91.188) == 0


def test_one_scale_and_an_array_of_scales_agree():
    for q in (10.0, 47.3, 1000.0):
        np.testing.assert_allclose(xf(2, X, q), xf(2, X, np.full_like(X, q)), rtol=1e-9, atol=1e-12)


def test_table_is_small_and_named():
    assert parton_density.TABLE.stat().st_size < 300_000
    table = load_table()
    assert "NNPDF2.3" in str(table["set"])
    assert tuple(table["flavours"]) == FLAVOURS
    assert table["xf"].shape == (len(FLAVOURS), table["log_x"].size, table["log_q"].size)
    np.testing.assert_allclose(np.exp(table["log_x"][[0, -1]]), X_RANGE)
    np.testing.assert_allclose(np.exp(table["log_q"][[0, -1]]), Q_RANGE)


@pytest.mark.parametrize(
    ("flavour", "x", "q", "message"),
    [
        (6, 0.1, 100.0, "flavour 6"),
        (21, [0.1, 0.9e-5], 100.0, "x covers"),
        (21, 1.01, 100.0, "x covers"),
        (21, [0.1, np.nan], 100.0, "x covers"),
        (21, 0.1, 9.9, "Q in GeV covers"),
        (21, 0.1, [100.0, 1001.0], "Q in GeV covers"),
    ],
)
def test_outside_the_table(flavour, x, q, message):
    with pytest.raises(ValueError, match=message):
        xf(flavour, x, q)


@pytest.fixture(scope="module")
def proton():
    """The proton of Pythia, read with the settings of its own default set."""
    pythia8 = pytest.importorskip("pythia8mc", reason="needs the extra `authors` (pythia8mc)")
    pythia = pythia8.Pythia("", False)
    pythia.readString("Print:quiet = on")
    pythia.readString("ProcessLevel:all = off")
    assert pythia.settings.word("PDF:pSet") == "13"
    pythia.init()
    return pythia.getPDFPtr(2212)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_interpolation_agrees_with_pythia(proton, flavour):
    rng = np.random.default_rng(13)
    x = np.concatenate([10 ** rng.uniform(-5, -1, 300), rng.uniform(0.1, 0.8, 300)])
    q = 10 ** rng.uniform(1, 3, 600)
    expected = np.array([proton.xf(flavour, *point) for point in zip(x, q**2, strict=True)])
    values = xf(flavour, x, q)
    np.testing.assert_allclose(values, expected, rtol=1e-3, atol=1e-5)
    assert np.median(np.abs(values / expected - 1)) < 1e-5


def test_author_writes_the_shipped_table(proton, tmp_path, monkeypatch):
    shipped = load_table()
    monkeypatch.setattr(parton_density, "TABLE", tmp_path / "table.npz")
    write_table()
    written = load_table()
    assert set(written) == set(shipped)
    np.testing.assert_allclose(written["xf"], shipped["xf"], rtol=1e-6)
