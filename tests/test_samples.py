"""Events that were written come back with their costs."""

import numpy as np
import pytest

from helpers import samples
from helpers.generators import drell_yan


def test_saved_events_come_back_with_their_costs(tmp_path):
    events = drell_yan.generate(100, 31).reshape(-1, 2, 4)
    assert samples.load_events(tmp_path / "nothing") == {}
    costs = {"train_seconds": 1.5, "sample_seconds": 0.25, "parameters": 4803, "coordinates": "pT, η₁, η₂"}
    for name in ("VAE", "CFM, with mass"):
        samples.save_events(tmp_path, name, events, **costs)
    loaded = samples.load_events(tmp_path)
    assert list(loaded) == ["CFM, with mass", "VAE"]
    sample = loaded["VAE"]
    np.testing.assert_array_equal(sample.events, events.astype(np.float32))
    assert sample._asdict().items() >= costs.items()


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [("VAE", (5, 8), r"got \(5, 8\)"), ("a/b", (5, 2, 4), "'a/b' is no name")],
)
def test_what_cannot_be_saved_is_refused(tmp_path, name, shape, message):
    costs = {"train_seconds": 1.0, "sample_seconds": 1.0, "parameters": 1, "coordinates": ""}
    with pytest.raises(ValueError, match=message):
        samples.save_events(tmp_path, name, np.ones(shape), **costs)
    assert not list(tmp_path.iterdir())
