"""The comparison of generators finds known differences, none where there are none, and keeps its files."""

import numpy as np
import pytest
from scipy import stats

from helpers import comparison, kinematics
from helpers.generators import drell_yan
from helpers.preprocessing import balanced_pair
from helpers.samples import Sample


@pytest.fixture(scope="module")
def events():
    return drell_yan.generate(60_000, 31).reshape(-1, 2, 4)


@pytest.fixture
def rng():
    return np.random.default_rng(31)


def stretched(events, factor):
    """All momenta times a factor per event (n,); the muons that leave the cuts as they were."""
    result = events * factor[:, None, None]
    return np.where((kinematics.pt(result).min(1) > 10)[:, None, None], result, events)


def test_observables_of_a_known_pair(rng):
    pair = balanced_pair(np.array([40.0]), np.array([1.0]), np.array([-0.5]), rng)
    values = comparison.observables(pair)
    assert all(v.shape == (1,) for v in values.values())
    # massless muons back to back: m² = 2 pt² (1 + cosh Δη)
    expected = {"pT(μ⁻) [GeV]": 40, "η(μ⁻)": 1, "η(μ⁺)": -0.5, "Δη": 1.5}
    expected["m(μμ) [GeV]"] = 40 * np.sqrt(2 * (1 + np.cosh(1.5)))
    for name, value in expected.items():
        assert values[name][0] == pytest.approx(value, abs=1e-3), name
    assert values["φ(μ⁻)"][0] == pytest.approx(kinematics.phi(pair[0, 0]))


def test_judge_sees_nothing_in_another_truth_and_a_broader_z(events, rng):
    first, second = np.split(events, 2)
    settings = {"seed": 1, "train": 18_000}
    nothing = comparison.judge(first, second, **settings)
    assert abs(nothing.value - 0.5) < 4 * nothing.error
    broad = stretched(second, 1 + rng.normal(size=len(second)) * 0.02)
    found = comparison.judge(first, broad, **settings)
    assert found.value > 0.53 and found.value > 0.5 + 5 * found.error


def test_scores_belong_to_the_sample_and_bring_its_costs(events, rng):
    first, second = np.split(events, 2)
    broad = stretched(second, 1 + rng.normal(size=len(second)) * 0.02)
    samples = {
        "truth": Sample(second, 0.0, 0.0, 0, ""),
        "broad": Sample(broad, 7.0, 2.0, 300, "three numbers"),
    }
    rows = comparison.scores(first, samples, seed=1, train=18_000, replicas=3)
    truth, found = rows["truth"], rows["broad"]
    assert abs(truth["AUC"].value - 0.5) < 4 * truth["AUC"].error
    assert found["AUC"].value > 0.5 + 5 * found["AUC"].error
    assert found["Z width [GeV]"].value > truth["Z width [GeV]"].value + 0.5
    mass = "W m(μμ) [GeV]"
    assert found[mass].value > truth[mass].value + 3 * truth[mass].error
    assert abs(found["W Δη"].value - truth["W Δη"].value) < 5 * truth["W Δη"].error  # the angles are the same
    assert (found["train_seconds"], found["parameters"], found["coordinates"]) == (7.0, 300, "three numbers")


def test_judge_accepts_events_at_the_cut_and_refuses_too_few(events):
    cut = events[:2000].copy()
    cut[0, :, 1:3] *= 9.9 / kinematics.pt(cut[0, 0])
    assert np.isfinite(comparison.judge(events[:2000], cut, seed=1, train=1000).value)
    with pytest.raises(ValueError, match="2000 events of each kind are too few to train on 1500"):
        comparison.judge(events[:2000], cut, seed=1, train=1500)


def test_z_peak_of_an_exact_breit_wigner(rng):
    mass = stats.cauchy(91.0, 1.3).rvs(400_000, random_state=rng)
    position, width = comparison.z_peak(mass)
    assert abs(position.value - 91.0) < 4 * position.error and position.error < 0.01
    assert abs(width.value - 2.6) < 4 * width.error and width.error < 0.02


def test_errors_of_the_z_peak_are_those_of_repeated_samples(rng):
    fits = [comparison.z_peak(stats.cauchy(91.2, 1.25).rvs(2000, random_state=rng)) for _ in range(150)]
    for k, true in enumerate((91.2, 2.5)):
        pulls = [(fit[k].value - true) / fit[k].error for fit in fits]
        assert abs(np.mean(pulls)) < 4 / np.sqrt(150)
        assert 0.75 < np.std(pulls) < 1.25


def test_z_peak_follows_scale_and_smearing_of_drell_yan(events, rng):
    mass = comparison.observables(events)["m(μμ) [GeV]"]
    (position, width), (up, _) = comparison.z_peak(mass), comparison.z_peak(mass * 1.003)
    assert position.value == pytest.approx(drell_yan.Z_MASS, abs=0.1)
    assert width.value == pytest.approx(drell_yan.Z_WIDTH, rel=0.03)
    assert up.value - position.value == pytest.approx(0.003 * 91.19, abs=0.03)
    assert comparison.z_peak(mass + rng.normal(size=len(mass)))[1].value > width.value + 0.5
    with pytest.raises(ValueError, match="3 events within"):
        comparison.z_peak(np.full(3, 91.0))


def test_breit_wigner_is_normalised_and_its_derivatives_are_right():
    window = (86.0, 96.0)
    m = np.linspace(*window, 20_001)
    value, score = comparison._breit_wigner(m, 91.3, 1.2, window)
    assert np.trapezoid(np.exp(value), m) == pytest.approx(1, abs=1e-6)
    for k, step in enumerate(([1e-5, 0], [0, 1e-5])):
        up, down = (
            comparison._breit_wigner(m, 91.3 + s * step[0], 1.2 + s * step[1], window)[0] for s in (1, -1)
        )
        assert score[:, k] == pytest.approx((up - down) / 2e-5, abs=1e-6)


def test_spectrum_chi2_is_one_per_degree_of_freedom(rng):
    edges = np.linspace(-3, 3, 25)
    results = [comparison.spectrum_chi2(*rng.normal(size=(2, 8000)), edges, minimum=300) for _ in range(60)]
    assert {r.ndf for r in results} <= set(range(9, 18))
    assert np.mean([r.per_ndf for r in results]) == pytest.approx(1, abs=0.15)


def test_spectrum_chi2_finds_a_shift_that_weights_take_away(rng):
    truth, edges = rng.normal(size=50_000), np.linspace(-3, 3, 25)
    x = rng.normal(size=50_000) + 0.1
    weights = np.exp(-0.1 * x + 0.005)
    assert comparison.spectrum_chi2(truth, x, edges).per_ndf > 5
    assert comparison.spectrum_chi2(truth, x, edges, weights).per_ndf < 2.5
    with pytest.raises(ValueError, match="0 bins have more than 60000"):
        comparison.spectrum_chi2(truth, x, edges, minimum=60_000)


def test_spectra_chi2_counts_what_lies_outside_of_the_axes(events):
    first, second = np.split(events, 2)
    spectra = {"m(μμ) [GeV]": np.linspace(85, 97, 13)}
    assert comparison.spectra_chi2(first, second, spectra)["m(μμ) [GeV]"] < 3
    far = second[comparison.observables(second)["m(μμ) [GeV]"] < 97]  # the upper tail is missing
    assert comparison.spectra_chi2(first, far, spectra)["m(μμ) [GeV]"] > 10
