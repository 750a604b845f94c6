"""Source 003: He et al. 2025, Coal Geology & Exploration 53(5), 176-187 (Table 2, section 3.3)."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from scenarios.assess import assess
from scenarios.assess.breaks import classified, natural_breaks, thinned
from scenarios.assess.indicators import INDICATORS, PUBLISHED, distance_m, inside
from scenarios.assess.suitability_map import (
    explained,
    load_stack,
    paint,
    published_weights,
    shares,
    stability,
)
from twin_models.errors import InputError

CASE = {"case": "nw-shandong-suitability-2025"}
SITE = {"site": "nw-shandong"}
TABLE_2 = {  # weights of 003 Table 2
    "temperature": 0.139, "heat_flow": 0.212, "thickness": 0.164, "gradient": 0.117, "land_use": 0.101,
    "porosity": 0.072, "population": 0.024, "base_depth": 0.077, "product": 0.095,
}  # fmt: skip
NOT_REPRODUCIBLE = {
    "heat_flow_weight", "good_km2", "good_pct", "poor_pct", "DZ_good_pct", "GT_good_pct", "GG_good_pct",
    "HM_good_pct", "TJ_poor_pct", "WD_poor_pct",
}  # fmt: skip


@pytest.fixture(scope="module")
def result() -> dict:
    return assess("suitability", CASE | {"at_m": [0, 40_000], "maps": ["class", "driver", "stability"]})


# --- natural breaks ------------------------------------------------------------------------------------------


def test_breaks_by_hand() -> None:
    """1 2 | 10 11 12 | 30: any other cut into three costs more than 0.5 + 2 + 0."""
    values = np.array([30.0, 2.0, 11.0, 1.0, 12.0, 10.0])
    bounds = natural_breaks(values, 3)
    assert list(bounds) == [2.0, 12.0]
    assert list(classified(values, bounds)) == [3, 1, 2, 1, 2, 2]


@pytest.mark.parametrize(
    ("classes", "bins"),
    [
        (2, [50.4]),
        (3, [27.48, 58.35]),
        (5, [19.34, 36.47, 58.35, 74.45]),
        (7, [6.15, 19.34, 36.47, 58.35, 74.45, 86.65]),
    ],
)
def test_breaks_are_those_of_the_library(classes: int, bins: list[float]) -> None:
    """mapclassify 2.10.0, FisherJenks(x, k).bins without the last, on these 80 numbers."""
    values = np.array([(37 * i * i + 11 * i) % 101 + 0.01 * i for i in range(80)])
    assert natural_breaks(values, classes) == pytest.approx(bins)


def test_no_other_cut_is_better() -> None:
    """All 455 ways to cut 16 numbers into four classes."""
    values = np.sort(np.random.default_rng(5).gamma(2.0, 1.0, 16))

    def cost(cuts: tuple[int, ...]) -> float:
        parts = np.split(values, cuts)
        return sum(float(((part - part.mean()) ** 2).sum()) for part in parts)

    best = min(itertools.combinations(range(1, 16), 3), key=cost)
    assert natural_breaks(values, 4) == pytest.approx([values[cut - 1] for cut in best])


def test_breaks_of_few_values_and_of_many() -> None:
    assert natural_breaks(np.full(9, 3.0), 5).size == 0
    assert list(natural_breaks(np.array([1.0, 1.0, 2.0]), 5)) == [1.0]
    many = np.random.default_rng(0).normal(size=20_000)
    sample = thinned(many)
    assert sample.size == 512 and sample[0] == many.min() and sample[-1] == many.max()


# --- maps --------------------------------------------------------------------------------------------------


def test_masks_and_distances_by_hand() -> None:
    """A square of 2 x 2 and the line x = 0: centres at 0.5, 1.5, 2.5."""
    x = np.array([0.5, 1.5, 2.5])
    ring = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
    assert inside(ring, x, x).astype(int).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    far = distance_m(((0.0, 0.0), (0.0, 1.0)), x, x)
    assert far[0].tolist() == [0.5, 1.5, 2.5]
    assert far[2, 0] == pytest.approx(np.hypot(0.5, 1.5))


def test_schematic_maps_keep_the_printed_figures() -> None:
    """003 section 3.1: mean 600 people/km2, Decheng 1400, built-up 23.75 %, product above 2800e4 CNY/km2."""
    site = load_stack("nw-shandong").site
    people = INDICATORS["population"].values(site)
    land = np.isfinite(people)
    assert people[land].mean() == pytest.approx(600.0, rel=0.01)
    layer = site.layer("counties")
    assert layer is not None
    x = site.raster_origin_m[0] + 1000.0 * (np.arange(people.shape[1]) + 0.5)
    y = site.raster_origin_m[1] + 1000.0 * (np.arange(people.shape[0]) + 0.5)
    for name, mean in (("Decheng", 1400.0), ("Dongchangfu", 800.0), ("Shenxian", 700.0)):
        feature = next(f for f in layer.features if f.name.en == name)
        mask = np.logical_or.reduce([inside(part, x, y) for part in feature.parts_m]) & land
        assert people[mask].mean() == pytest.approx(mean, rel=0.01), name
    use = INDICATORS["land_use"].values(site)
    assert (use[land] == 1.0).mean() == pytest.approx(0.2375, abs=0.001)
    assert np.nanmean(INDICATORS["product"].values(site)) > 2800.0
    assert np.array_equal(INDICATORS["land_use"].values(site), use, equal_nan=True)


def test_weights_are_those_of_table_2(result: dict) -> None:
    assert {row.id: row.published for row in INDICATORS.values() if row.published} == TABLE_2
    assert result["weight_sum"] == pytest.approx(1.001)
    assert result["weights"] == pytest.approx({key: w / 1.001 for key, w in TABLE_2.items()})
    kinds = {row["id"]: row["direction"] for row in result["indicators"]}
    assert [key for key, kind in kinds.items() if kind == "cost"] == ["base_depth"]
    assert {row["id"] for row in result["indicators"] if row["schematic"]} == {
        "land_use",
        "population",
        "product",
    }


def test_index_of_one_cell_is_the_sum_of_its_parts(result: dict) -> None:
    """R = sum f_i w_i (eq. 4) with f_i = (x - min)/(max - min), turned round for depth (eq. 5)."""
    cell = result["cell"]
    assert cell["unit"] == "DZ"
    assert cell["index"] == pytest.approx(sum(part["contribution"] for part in cell["parts"]), abs=1e-6)
    ranges = {row["id"]: (row["least"], row["greatest"]) for row in result["indicators"]}
    for part in cell["parts"]:
        low, high = ranges[part["id"]]
        scaled = (part["value"] - low) / (high - low)
        assert part["scaled"] == pytest.approx(
            1.0 - scaled if part["id"] == "base_depth" else scaled, abs=1e-6
        )
    low, high = result["classes"][cell["class"] - 1]["low"], result["classes"][cell["class"] - 1]["high"]
    assert low < cell["index"] <= high
    assert (
        explained(load_stack("nw-shandong"), paint(load_stack("nw-shandong"), np.ones(9)), 1e9, 0.0) is None
    )


def test_shares_add_up(result: dict) -> None:
    assert sum(row["share_pct"] for row in result["classes"]) == pytest.approx(100.0)
    assert sum(row["area_km2"] for row in result["classes"]) == pytest.approx(16_513, abs=1)
    for row in result["units"]:
        assert sum(row["share_pct"]) == pytest.approx(100.0)
    assert sum(row["share_pct"] for row in result["drivers"]) == pytest.approx(100.0)
    grid = result["map"]["class"]
    assert [len(grid), len(grid[0])] == result["map"]["shape"]
    flat = [v for row in grid for v in row if v is not None]
    assert len(flat) == 16_513 and set(flat) == {1, 2, 3, 4, 5}
    json.dumps(result, allow_nan=False)


def test_the_main_statements_of_the_paper_hold_on_synthetic_maps(result: dict) -> None:
    """Section 3.3: Dezhou and Gucheng-Guantao mostly rather good or better, Huimin hardly; about a third in all."""
    good = {row["id"]: row["good_pct"] for row in result["units"]}
    assert good["DZ"] > 70.0 and good["GG"] > 70.0 and good["HM"] < 5.0
    whole = sum(row["share_pct"] for row in result["classes"] if row["class"] >= 4)
    assert 25.0 < whole < 45.0


def test_printed_figures(result: dict) -> None:
    rows = {row["key"]: row for row in result["printed"]}
    by = {v: {k for k, row in rows.items() if row["verdict"] == v} for v in ("differs", "not_reproducible")}
    assert by == {"differs": {"weight_sum"}, "not_reproducible": NOT_REPRODUCIBLE}
    for key in NOT_REPRODUCIBLE | {"weight_sum", "wells_good_pct"}:
        assert rows[key]["why_zh"] and rows[key]["why_en"], key
    assert rows["wells_good_pct"]["recomputed"] == pytest.approx(91.58, abs=0.005)
    assert rows["top_three"]["recomputed"] == pytest.approx(0.515)
    assert len(result["findings"]) == 6


def test_all_weight_on_one_indicator_paints_that_indicator() -> None:
    stack = load_stack("nw-shandong")
    only = np.array([1.0 if key == "thickness" else 0.0 for key in stack.ids])
    painting = paint(stack, only)
    row = stack.ids.index("thickness")
    assert painting.index == pytest.approx(stack.scaled[row])
    assert (painting.driver == row).all()
    thick = stack.values[row]
    assert thick[painting.classes == 5].min() > thick[painting.classes == 4].max()
    turned = load_stack(
        "nw-shandong", PUBLISHED, tuple(False if key == "thickness" else None for key in PUBLISHED)
    )
    assert paint(turned, only).index == pytest.approx(1.0 - painting.index, abs=1e-6)


def test_stability_is_a_share_and_falls_with_the_shift() -> None:
    stack = load_stack("nw-shandong")
    painting = paint(stack, published_weights(stack.ids))
    none = stability(stack, painting, shift=0.0, draws=3)
    small, large = (stability(stack, painting, shift=shift) for shift in (0.1, 0.4))
    assert (none == 1.0).all()
    assert large.min() >= 0.0 and large.mean() < small.mean() < 1.0
    assert np.array_equal(small, stability(stack, painting, shift=0.1))
    every, by_unit = shares(stack, painting)
    assert every.sum() == pytest.approx(1.0) and by_unit.shape == (8, 5)


@pytest.mark.parametrize("name", ["equal", "entropy", "coefficient_of_variation", "combined"])
def test_other_weightings(name: str) -> None:
    out = assess("suitability", SITE | {"weights": name, "maps": []})
    assert out["weights"] == pytest.approx(out["weight_sets"][name], abs=1e-6)
    assert out["weight_source"] == name and "class" not in out["map"]
    assert out["combination"]["used"] == "average" and out["combination"]["condition_number"] > 1.0


def test_own_indicators_of_the_site() -> None:
    """Any raster of the site may be an indicator, in either direction; heat per area decides alone."""
    data = SITE | {
        "indicators": ["heat_gj_m2", {"id": "top_m", "direction": "cost"}, "fault_distance"],
        "weights": {"heat_gj_m2": 1},
    }
    out = assess("suitability", data)
    assert [row["direction"] for row in out["indicators"]] == ["benefit", "cost", "cost"]
    assert out["drivers"][0] == {
        "id": "heat_gj_m2",
        "share_pct": 100.0,
        "up_pct": out["drivers"][0]["up_pct"],
    }
    assert out["indicators"][0]["zh"] == "热量密度"


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        ({}, "site", "is missing"),
        ({"site": "nowhere"}, "site", "no site named"),
        ({"site": "linqing-ab", "indicators": ["heat_flow"]}, "indicators[0]", "has no map"),
        (SITE | {"indicators": ["temperature", "rainfall"]}, "indicators[1]", 'has no map for "rainfall"'),
        (SITE | {"indicators": ["porosity", "porosity"]}, "indicators[1]", "stands twice"),
        (
            SITE | {"indicators": [{"id": "porosity", "direction": "up"}]},
            "indicators[0].direction",
            "benefit",
        ),
        (SITE | {"weights": {"porosty": 1}}, "weights.porosty", 'did you mean "porosity"'),
        (SITE | {"weights": {"porosity": -1}}, "weights.porosity", "between 0 and"),
        (SITE | {"weights": {"porosity": 0}}, "weights", "must not all be 0"),
        (SITE | {"weights": "publishd"}, "weights", 'did you mean "published"'),
        (SITE | {"shift": 2}, "shift", "between 0 and 1"),
        (SITE | {"maps": ["classes"]}, "maps[0]", 'did you mean "class"'),
        (SITE | {"at_m": [1]}, "at_m", "must be 2 numbers"),
    ],
)
def test_what_is_wrong_is_named(data: dict, field: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        assess("suitability", data)
    assert any(f.field == field and says in f.text for f in caught.value.faults), caught.value
