"""The synthetic basin against every number that source 003 publishes, for several seeds."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
import pytest

from twin_models.basin import Basin, basin_of, heat_in_place_j_m2, temperature_at
from twin_models.site_types import Text, UnitRow
from twin_models.sites import load_site

SEEDS = (7, 1, 2)
DEEP = {"DZ", "GT", "GG", "HM"}  # the four units whose Guantao base lies below 1,400 m on average (003)
FIELDS = {
    "thickness": ("thickness_m", 1.0),
    "temp": ("temperature_degc", 1.0),
    "porosity": ("porosity", 100.0),
}


@cache
def basin(seed: int) -> Basin:
    return basin_of(load_site("nw-shandong"), seed=seed)


def units() -> tuple[np.ndarray, list[str]]:
    site = load_site("nw-shandong")
    return site.rasters["unit"], [row.id for row in site.units]


def targets() -> list[dict[str, str]]:
    file = load_site("nw-shandong").folder / "tables" / "basin_targets.csv"
    return list(csv.DictReader(file.open(encoding="utf-8")))


def test_heat_in_place_by_hand() -> None:
    """100 m x 50 K x (2000 x 1000 x 0.75 + 4.1868e6 x 0.25) = 5000 x 2.5467e6 = 1.27335e10 J/m2."""
    flat = (1.0, 1.0, 1.0)
    row = UnitRow(
        "u",
        Text("单元", "unit"),
        "N",
        1.0,
        35.0,
        65.0,
        flat,
        flat,
        flat,
        (0, 2000.0, 0),
        (0, 1000.0, 0),
        0,
        0,
        0,
        "",
    )
    one = np.ones((1, 1))
    heat = heat_in_place_j_m2(np.zeros((1, 1), int), [row], 100.0 * one, 63.1 * one, 0.25 * one)
    assert heat[0, 0] == pytest.approx(1.27335e10, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_unit_has_its_published_min_mean_and_max(seed: int) -> None:
    """003 Table 1: 8 units x 3 fields x 3 numbers. The mean of Gaotang's porosity equals its minimum
    (27, 27, 29), which no map can have: it may differ by 0.2 %."""
    unit, ids = units()
    checked = 0
    for row in targets():
        if row["unit"] not in ids or row["field"] not in FIELDS:
            continue
        name, factor = FIELDS[row["field"]]
        values = factor * getattr(basin(seed), name)[unit == ids.index(row["unit"])]
        got = {"min": np.min, "mean": np.mean, "max": np.max}[row["stat"]](values)
        impossible = (row["unit"], row["field"], row["stat"]) == ("GT", "porosity", "mean")
        assert got == pytest.approx(float(row["target"]), rel=2e-3 if impossible else 1e-6), row
        checked += 1
    assert checked == 72


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_not_forced_comes_out_too(seed: int) -> None:
    """003 text: gradient 31.2-40.4 (35.3) K/km, heat flow 53-83 (65.74), base 700-1,800 m and deeper than 1,400 m
    in four units only, thickness 287.6 m, total heat 4.75-6.32e17 kJ (90 % band)."""
    unit, ids = units()
    got = basin(seed)
    known = np.isfinite(got.base_m)
    gradient, flow = got.gradient_k_per_km[known], got.heat_flow_mw_m2[known]
    assert gradient.mean() == pytest.approx(35.3, rel=0.01)
    assert gradient.min() >= 31.2 and gradient.max() <= 40.4
    assert flow.mean() == pytest.approx(65.74, rel=0.01)
    assert flow.min() >= 53.0 and flow.max() <= 83.0
    assert got.base_m[known].min() > 700.0 and got.base_m[known].max() < 1800.0
    base = {name: got.base_m[unit == i].mean() for i, name in enumerate(ids)}
    assert {name for name, depth in base.items() if depth > 1400.0} == DEEP
    assert got.thickness_m[known].mean() == pytest.approx(287.6, rel=2e-3)
    total_kj = np.nansum(got.heat_j_m2) * 1e6 / 1e3
    assert 5.5e17 < total_kj < 5.85e17


def test_depth_thickness_and_temperature_agree() -> None:
    """003 eq. 20: the gradient carries the surface temperature to the reservoir's at the middle depth."""
    got = basin(7)
    middle = (got.top_m + got.base_m) / 2.0
    row, column = np.argwhere(np.isfinite(middle))[1234]
    at = temperature_at(got, float(middle[row, column]))
    assert at[row, column] == pytest.approx(got.temperature_degc[row, column], abs=1e-9)
    assert np.nanmax(np.abs(got.base_m - got.top_m - got.thickness_m)) < 1e-9


def test_the_main_fault_is_a_step_and_ordinary_boundaries_are_not() -> None:
    """Median step of the base between neighbouring cells of 1 km."""
    unit, ids = units()
    step = np.abs(np.diff(basin(7).base_m, axis=1))
    change = (unit[:, 1:] != unit[:, :-1]) & np.isfinite(step)
    fault = change & ((unit[:, 1:] == ids.index("TJ")) != (unit[:, :-1] == ids.index("TJ")))
    assert np.median(step[fault]) > 100.0
    assert np.median(step[change & ~fault]) < 25.0


def test_seeds_differ_and_repeat() -> None:
    again = basin_of(load_site("nw-shandong"), seed=7)
    assert np.array_equal(again.thickness_m, basin(7).thickness_m, equal_nan=True)
    spread = np.nanmean(np.abs(basin(1).thickness_m - basin(7).thickness_m))
    assert spread > 20.0


def test_shipped_rasters_are_seed_7_of_this_generator() -> None:
    site = load_site("nw-shandong")
    for name in ("thickness_m", "temperature_degc", "base_m"):
        assert site.rasters[name] == pytest.approx(getattr(basin(7), name), abs=0.06, nan_ok=True)


def test_unit_table_agrees_with_the_recomputed_heat() -> None:
    """facts: exact mean of all units 5.5376e17 kJ (003 prints 5.54e17); areas sum to 16,522 km2."""
    rows = load_site("nw-shandong").units
    assert sum(row.heat_j_mean for row in rows) / 1e3 == pytest.approx(5.5376e17, rel=1e-4)
    assert sum(row.area_km2 for row in rows) == pytest.approx(16_522.0)
    for row in rows:
        mean_m, mean_t = (sum(triple) / 3.0 for triple in (row.thickness_m, row.temperature_degc))
        mean_phi = sum(row.porosity) / 3.0
        rock = sum(row.rock_density_kg_m3) / 3.0 * sum(row.rock_heat_capacity_j_kgk) / 3.0
        stored = rock * (1.0 - mean_phi) + 4.1868e6 * mean_phi
        # product of triangular means: exact, since the factors are independent
        heat = row.area_km2 * 1e6 * mean_m * (mean_t - 13.1) * stored
        assert heat == pytest.approx(row.heat_j_mean, rel=2e-4)
