"""The generators: their fields by hand, and that they make again what is shipped."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from twin_models.generate.__main__ import WRITERS
from twin_models.generate.fields import gaussian_field, krige, lognormal_between, write_arrays
from twin_models.generate.schemes import balanced
from twin_models.generate.synthetic import synthetic_field
from twin_models.sites import assets_dir


def test_lognormal_keeps_the_mean_and_the_range() -> None:
    latent = gaussian_field((80, 90), 8.0, rng=np.random.default_rng(0))
    field = lognormal_between(latent, mean=596.3, low=121.2, high=3174.4, sigma=0.62)
    assert field.mean() == pytest.approx(596.3, rel=1e-9)
    assert field.min() >= 121.2 and field.max() <= 3174.4
    assert np.all(np.diff(field.ravel()[np.argsort(latent.ravel())]) >= 0.0)


def test_gaussian_field_has_its_correlation_length() -> None:
    """Correlation at the stated distance is 1/e = 0.37 (30 fields, so +-0.06)."""
    rng = np.random.default_rng(3)
    fields = [gaussian_field((120, 120), 10.0, rng=rng) for _ in range(30)]
    correlation = np.mean([np.mean(f[:, 10:] * f[:, :-10]) for f in fields])
    assert correlation == pytest.approx(math.exp(-1.0), abs=0.06)


def test_kriging_honours_its_places_and_fades_to_the_mean() -> None:
    places = np.array([[0.0, 0.0], [500.0, 0.0]])
    at = np.array([[0.0, 0.0], [500.0, 0.0], [1e6, 0.0]])
    values = krige(places, np.array([2.0, -1.0]), at, range_m=800.0, nugget=0.0)
    assert values == pytest.approx([2.0, -1.0, 0.0], abs=1e-12)


def test_balanced_returns_exactly_what_is_produced() -> None:
    wells = [{"name": f"P{i}", "kind": "producer", "rate_m3_h": 33.3} for i in range(3)]
    wells += [{"name": f"I{i}", "kind": "injector", "rate_m3_h": 10.0 + i} for i in range(7)]
    rates = [w["rate_m3_h"] for w in balanced(wells) if w["kind"] == "injector"]
    assert sum(rates) == pytest.approx(99.9, abs=1e-9)


def test_the_same_arrays_make_the_same_bytes(tmp_path: Path) -> None:
    arrays = {"b": np.eye(3), "a": np.zeros((3, 3))}
    first = write_arrays(tmp_path / "1.npz", arrays).read_bytes()
    assert write_arrays(tmp_path / "2.npz", dict(reversed(arrays.items()))).read_bytes() == first


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_shipped_files_come_from_their_generator(name: str, tmp_path: Path) -> None:
    """Text exactly; arrays to float32 rounding, which may differ in the last digit between processors."""
    shipped = assets_dir() / "sites" / name
    copy = tmp_path / name
    shutil.copytree(shipped, copy)
    written = WRITERS[name](copy)
    assert written
    for path in written:
        old = shipped / path.relative_to(copy)
        if path.suffix != ".npz":
            assert path.read_text(encoding="utf-8") == old.read_text(encoding="utf-8"), path.name
            continue
        with np.load(path) as new, np.load(old) as before:
            assert sorted(new.files) == sorted(before.files)
            for key in new.files:
                assert np.allclose(new[key], before[key], rtol=1e-5, atol=2e-4, equal_nan=True), key


@pytest.mark.parametrize("count", [2, 8, 60, 120])
def test_synthetic_field_is_balanced_and_spread(count: int) -> None:
    box, wells = synthetic_field(count)
    assert len(wells) == count
    assert sum(w.signed_rate_m3_h for w in wells) == pytest.approx(0.0, abs=1e-9)
    assert all(box.contains(w.x_m, w.y_m) for w in wells)
    gap = min(math.dist((a.x_m, a.y_m), (b.x_m, b.y_m)) for i, a in enumerate(wells) for b in wells[:i])
    assert gap > 300.0
    assert box.layers[0].permeability_md.shape == (96, 96)


def test_synthetic_field_repeats_by_seed_and_refuses_odd_counts() -> None:
    assert synthetic_field(60)[0].key == synthetic_field(60)[0].key
    assert synthetic_field(60)[0].key != synthetic_field(60, seed=1)[0].key
    assert synthetic_field(60, cell_m=50.0)[0].layers[0].permeability_md.shape == (192, 192)
    with pytest.raises(ValueError, match="even"):
        synthetic_field(7)
