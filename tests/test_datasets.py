"""Official files win over generated ones; generated ones are made once; broken ones are reported."""

import hashlib

import numpy as np
import pytest

from helpers import datasets

OFFICIAL = {
    "data04/tutorial-2-data/trn_dat.npy": (30_000, 5, 4),
    "data04/tutorial-2-data/val_dat.npy": (30_000, 5, 4),
    "data04/tutorial-2-data/tst_dat.npy": (30_000, 5, 4),
    "data04/tutorial-2-data/trn_amp.npy": (30_000,),
    "data04/tutorial-2-data/val_amp.npy": (30_000,),
    "data04/tutorial-2-data/tst_amp.npy": (30_000,),
    "data09/tutorial-11-data/dy_trn_data.npy": (1_384_081, 8),
    "data09/tutorial-11-data/dy_val_data.npy": (296_588, 8),
    "data09/tutorial-11-data/dy_tst_data.npy": (296_588, 8),
    "data09/ttbarj_LO.npy": (45_115, 28),
    "data09/ttbarj_NLO.npy": (57_043, 28),
}


def write_official(folder, dataset, value=1.0):
    for name, shape in dataset.shapes.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        np.save(folder / name, np.full(shape, value))


def checksums(folder):
    return {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


def test_names_and_shapes_are_the_official_ones():
    assert {n: s for d in datasets.DATASETS.values() for n, s in d.shapes.items()} == OFFICIAL


def test_generated_files_have_the_official_layout():
    """The files as the loaders leave them for everybody, the unmodified official notebooks included."""
    datasets.load_diphoton(), datasets.load_drell_yan()
    for name, shape in OFFICIAL.items():
        array = np.load(datasets.DATA / "generated" / name, mmap_mode="r")
        assert (array.shape, array.dtype.kind) == (shape, "f"), name


def test_official_preprocessing_runs_on_generated_muons():
    """The logarithms and artanh of the official sheet, with its cuts, in the float32 of the files."""
    for name in datasets.DATASETS["drell_yan"].shapes:
        events = np.load(datasets.DATA / "generated" / name)
        assert events.dtype == np.float32
        for muon in (events[:, :4], events[:, 4:]):
            pt = np.sqrt(muon[:, 1] ** 2 + muon[:, 2] ** 2)
            eta = np.arctanh(muon[:, 3] / np.sqrt((muon[:, 1:] ** 2).sum(-1)))
            assert np.isfinite(np.log(pt - 10.0)).all()
            assert np.isfinite(np.arctanh(eta / (2.5 + 1e-5))).all()
        assert (events[:, 1:3] == -events[:, 5:7]).all()


def test_loaders_reshape_at_the_door(small):
    diphoton, drell_yan = datasets.load_diphoton(), datasets.load_drell_yan()
    assert diphoton.val.momenta.shape == (20, 5, 4) and diphoton.val.amplitudes.shape == (20,)
    assert drell_yan.test.shape == (20, 2, 4)
    assert diphoton.source == drell_yan.source == "generated"


def test_splits_are_independent(small):
    diphoton = datasets.load_diphoton()
    assert len(np.unique(np.concatenate([s.amplitudes for s in diphoton[:3]]))) == 60


def test_generation_happens_once_and_is_reproducible(small, data_folder):
    datasets.load_drell_yan()
    first = checksums(data_folder)
    times = {p: p.stat().st_mtime_ns for p in first}
    datasets.load_drell_yan()
    assert {p: p.stat().st_mtime_ns for p in first} == times
    for path in first:
        path.unlink()
    datasets.load_drell_yan()
    assert checksums(data_folder) == first


def test_official_files_win_and_stay_apart_from_generated(small, data_folder):
    datasets.load_diphoton()
    write_official(data_folder, small["diphoton"], value=7.0)
    before = checksums(data_folder)
    official = datasets.load_diphoton()
    assert official.source == "official"
    assert (official.test.amplitudes == 7).all()
    assert checksums(data_folder) == before


def test_zip_unpacked_by_hand_is_found(small, data_folder):
    write_official(data_folder, small["diphoton"], value=7.0)
    (data_folder / "data04/tutorial-2-data").rename(data_folder / "tutorial-2-data")
    assert datasets.load_diphoton().source == "official"


def test_incomplete_official_set_is_not_mixed_with_generated(small, data_folder):
    write_official(data_folder, small["diphoton"])
    (data_folder / "data04/tutorial-2-data/val_amp.npy").unlink()
    with pytest.raises(FileNotFoundError, match=r"val_amp\.npy is missing; `course data --official`"):
        datasets.load_diphoton()


def test_broken_official_file_names_the_mending_command(small, data_folder):
    write_official(data_folder, small["drell_yan"], value=np.nan)
    with pytest.raises(ValueError, match=r"dy_trn_data\.npy holds 20 rows with NaN.*course data --official"):
        datasets.load_drell_yan()


def test_broken_generated_file_is_reported_then_mended_alone(small, data_folder):
    datasets.load_diphoton()
    before = checksums(data_folder)
    victim = data_folder / "generated/data04/tutorial-2-data/val_dat.npy"
    victim.write_bytes(victim.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"val_dat\.npy is truncated.*`course data` mends it"):
        datasets.load_diphoton()
    untouched = {p: p.stat().st_mtime_ns for p in before if "val" not in p.name}
    datasets.generate(small["diphoton"], mend=True)
    assert checksums(data_folder) == before
    assert {p: p.stat().st_mtime_ns for p in untouched} == untouched


def test_missing_shipped_file_points_to_git_or_to_the_zip_of_students(small, monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "ROOT", tmp_path)
    with pytest.raises(
        FileNotFoundError, match=r"data09/ttbarj_LO\.npy from the zip of the course, unpacked"
    ):
        datasets.load_ttbarj()
    (tmp_path / ".git").mkdir()
    with pytest.raises(FileNotFoundError, match=r"git checkout -- data/generated/data09/ttbarj_LO\.npy"):
        datasets.load_ttbarj()


def test_interrupted_generation_leaves_nothing_half(small, data_folder, monkeypatch):
    from helpers.generators import drell_yan

    calls = []

    def interrupted(n, seed):
        calls.append(seed)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return np.ones((n, 8))

    monkeypatch.setattr(drell_yan, "generate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        datasets.load_drell_yan()
    assert [p.name for p in data_folder.rglob("*") if p.is_file()] == ["dy_trn_data.npy"]
    assert datasets.load_drell_yan().val.shape == (20, 2, 4)
    assert calls == [1101, 1102, 1102, 1103]  # the split that was finished is not made twice


def test_full_disk_during_generation(small, data_folder, monkeypatch):
    def no_space(file, array):
        file.write(b"some")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", no_space)
    with pytest.raises(OSError, match=r"dy_trn_data\.npy: No space left on device"):
        datasets.load_drell_yan()
    assert not [p for p in data_folder.rglob("*") if p.is_file()]


def test_description_names_the_source(small, data_folder):
    write_official(data_folder, small["diphoton"])
    assert "official" in datasets.describe(small["diphoton"])
    assert "60 events" in datasets.describe(small["diphoton"])
