"""Source 003: He et al. 2025, Coal Geology & Exploration 53(5), 176-187 (Table 1; section 3.2, p. 182)."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from scenarios.assess import assess
from scenarios.assess.cases import load_case
from scenarios.assess.draws import Structure, exact_mean, quantile
from twin_models.errors import InputError

CASE = {"case": "nw-shandong-2025"}
# Recomputed from Table 1 with another random generator (Python's random.triangular, seed 1, 1e5 draws), in kJ:
# exact mean, P5, P50, P95, value with every parameter at its mode.
EXPECTED = {
    "Chengzikou-Ningjin": (1.547690e16, 1.0453e16, 1.5311e16, 2.0860e16, 1.501961e16),
    "Wudi": (5.243873e16, 4.0773e16, 5.1735e16, 6.5989e16, 4.983623e16),
    "Huimin": (1.445513e17, 8.9569e16, 1.4527e17, 1.9724e17, 1.560829e17),
    "Gucheng-Guantao": (3.494157e16, 2.7462e16, 3.4869e16, 4.2632e16, 3.610423e16),
    "Dezhou": (1.439967e17, 1.1306e17, 1.4454e17, 1.7349e17, 1.599226e17),
    "Gaotang": (3.005040e16, 2.5353e16, 3.0180e16, 3.4425e16, 3.172768e16),
    "Dongming-Shenxian": (8.829508e16, 5.0255e16, 8.6957e16, 1.2967e17, 8.906617e16),
    "Taishan-Jinan": (4.400789e16, 2.4385e16, 4.1754e16, 7.0436e16, 3.126160e16),
    "TOTAL": (5.537585e17, 4.7567e17, 5.5291e17, 6.3210e17, 5.690210e17),
}
DIFFERS = {  # what does not follow from printed inputs
    "area", "area_from_construction_land", "area_from_suitable", "porosity_huimin_points",
    "thickness_least", "thickness_greatest",
}  # fmt: skip
NOT_REPRODUCIBLE = {"probability_of_most", "least_draw", "greatest_draw"}


@pytest.fixture(scope="module")
def result() -> dict:
    return assess("heat-in-place", CASE)


def test_one_fixed_unit_by_hand() -> None:
    """1 km2, 100 m, phi 0.2, 10 K above reference: 1e8 m3 x 10 K x (2.0e6 x 0.8 + 4.1868e6 x 0.2) = 2.43736e15 J.

    Of that 25 % is 6.0934e14 J; the coal equivalent of the whole is 2.43736e15/29.3076e9 = 83 165 t.
    """
    unit = {
        "name": "box", "area_km2": 1, "thickness_m": 100, "porosity": 0.2, "temperature_degc": 30,
        "rock_density_kg_m3": 2000, "rock_heat_capacity_j_kgk": 1000,
    }  # fmt: skip
    out = assess(
        "heat-in-place",
        {"units": [unit], "reference_temperature_degc": 20, "draws": 1000, "recovery_factor": 0.25},
    )
    total = out["total"]
    assert total["mean_exact"] == pytest.approx(2.43736e15, rel=1e-12)
    for key in ("mean", "p5", "p50", "p95", "value_at_modes"):
        assert total[key] == pytest.approx(2.43736e15, rel=1e-6)
    assert total["coal_equivalent"] == pytest.approx(83_165, abs=1)
    assert out["recoverable"]["mean_exact"] == pytest.approx(6.0934e14, rel=1e-9)
    assert total["sd"] < 1e-6 * total["mean"]


def test_table_1_unit_by_unit(result: dict) -> None:
    """Exact means and values at the modes to 1e-6, percentiles of 1e5 draws to 1 %, mean of the draws to 0.3 %."""
    rows = {row["name"]: row for row in result["units"]} | {"TOTAL": result["total"]}
    assert rows.keys() == EXPECTED.keys()
    for name, (mean, p5, p50, p95, modes) in EXPECTED.items():
        row = rows[name]
        assert row["mean_exact"] / 1e3 == pytest.approx(mean, rel=1e-6), name
        assert row["value_at_modes"] / 1e3 == pytest.approx(modes, rel=1e-6), name
        assert row["mean"] / 1e3 == pytest.approx(mean, rel=0.003), name
        for key, value in (("p5", p5), ("p50", p50), ("p95", p95)):
            assert row[key] / 1e3 == pytest.approx(value, rel=0.01), (name, key)
    assert result["total"]["sd"] / 1e3 == pytest.approx(4.75e16, rel=0.01)


def test_every_printed_figure_follows_or_is_explained(result: dict) -> None:
    rows = {row["key"]: row for row in result["printed"]}
    assert len(rows) == len(result["printed"]) >= 30
    by = {v: {k for k, row in rows.items() if row["verdict"] == v} for v in ("differs", "not_reproducible")}
    assert by == {"differs": DIFFERS, "not_reproducible": NOT_REPRODUCIBLE}
    assert rows["total_value_at_modes"]["verdict"] == "ok_assuming"
    for key in DIFFERS | NOT_REPRODUCIBLE | {"total_value_at_modes", "total_p5"}:
        assert rows[key]["why_zh"] and rows[key]["why_en"] and rows[key]["where"], key


def test_correlation_is_the_paper_s_hidden_assumption(result: dict) -> None:
    """Abstract's 4.75 to 6.32e17 kJ needs correlation 0; one rank in all units gives 3.830 to 7.336e17 (2.24 x)."""
    shared = assess("heat-in-place", CASE | {"correlation": 1})["total"]
    assert shared["p5"] / 1e3 == pytest.approx(3.830e17, rel=0.01)
    assert shared["p50"] / 1e3 == pytest.approx(5.512e17, rel=0.01)
    assert shared["p95"] / 1e3 == pytest.approx(7.336e17, rel=0.01)
    assert shared["mean_exact"] == result["total"]["mean_exact"]  # a sum's mean does not mind correlation
    assert "2.2 " in result["notes"][0]["zh"] and "2.2 " in result["notes"][0]["en"]
    assert result["band_limits"]["units_correlated"]["p95"] == pytest.approx(shared["p95"], rel=0.01)


def test_density_printed_once_may_be_drawn_once() -> None:
    """Table 1 has one merged cell for rock density: one draw for all units gives 4.734 to 6.355e17 kJ."""
    total = assess("heat-in-place", CASE | {"shared": ["rock_density_kg_m3"]})["total"]
    assert total["p5"] / 1e3 == pytest.approx(4.734e17, rel=0.01)
    assert total["p95"] / 1e3 == pytest.approx(6.355e17, rel=0.01)


def test_bands_widen_with_correlation() -> None:
    """Same random numbers for every correlation, so the band grows without jumps."""
    widths = []
    for c in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        total = assess("heat-in-place", CASE | {"correlation": c, "draws": 20_000})["total"]
        widths.append(total["p95"] - total["p5"])
    assert all(b > 1.02 * a for a, b in itertools.pairwise(widths))


def test_correlated_parameters_move_the_exact_mean_too() -> None:
    """Everything of one rank: percentiles are those of the ranks, and the quadrature agrees with the draws."""
    out = assess("heat-in-place", CASE | {"correlation": {"parameters": 1, "units": 1}})
    for key, value in out["band_limits"]["everything_correlated"].items():
        assert out["total"][key] == pytest.approx(value, rel=0.01)
    assert out["total"]["mean_exact"] == pytest.approx(out["total"]["mean"], rel=0.003)
    assert out["total"]["mean_exact"] > 1.01 * 5.537585e20
    half = assess("heat-in-place", CASE | {"correlation": {"parameters": 0.5, "units": 0}})["total"]
    assert half["mean_exact"] == pytest.approx(half["mean"], rel=0.002)


def test_quadrature_against_a_closed_form() -> None:
    """X = U, Y = U triangular (0, 0, 1) of one rank: E XY = E X^2 = 1/6; independent: (1/3)^2."""
    triples = np.zeros((2, 1, 3))
    triples[:, :, 2] = 1.0

    def product(values: np.ndarray) -> np.ndarray:
        return values[0] * values[1]

    assert exact_mean(triples, Structure(parameters=1.0), product)[0] == pytest.approx(1 / 6, rel=1e-9)
    assert exact_mean(triples, Structure(), product)[0] == pytest.approx(1 / 9, rel=1e-12)
    middle = exact_mean(triples, Structure(parameters=0.5), product)[0]
    rng = np.random.default_rng(3)
    z = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=400_000)
    from scipy.special import ndtr

    sampled = float(np.prod(quantile(triples[0, 0], ndtr(z)), axis=1).mean())
    assert middle == pytest.approx(sampled, rel=0.005)


def test_quantile_of_a_triangle_by_hand() -> None:
    """(0, 1, 4): F(1) = 1/4; median 4 - sqrt(0.5 x 4 x 3) = 4 - sqrt 6."""
    triple = np.array([0.0, 1.0, 4.0])
    u = np.array([0.0, 0.25, 0.5, 1.0])
    assert quantile(triple, u) == pytest.approx([0.0, 1.0, 4.0 - 6.0**0.5, 4.0])


def test_histogram_and_exceedance_describe_the_draws(result: dict) -> None:
    total = result["total"]
    assert sum(total["histogram"]["share"]) == pytest.approx(1.0)
    assert len(total["histogram"]["edges_j"]) == len(total["histogram"]["share"]) + 1
    heat = total["exceedance"]["heat_j"]
    assert all(a >= b for a, b in itertools.pairwise(heat))
    assert heat[50] == pytest.approx(total["p50"])
    assert heat[95] == pytest.approx(total["p5"], rel=1e-6)
    json.dumps(result, allow_nan=False)


def test_same_seed_same_answer(result: dict) -> None:
    assert assess("heat-in-place", CASE) == result
    other = assess("heat-in-place", CASE | {"seed": 2})["total"]
    assert other["p5"] != result["total"]["p5"]
    assert other["mean_exact"] == result["total"]["mean_exact"]


def test_replaced_inputs_are_not_judged_against_the_paper() -> None:
    assert "printed" not in assess("heat-in-place", CASE | {"reference_temperature_degc": 15})
    assert "printed" not in assess("heat-in-place", CASE | {"correlation": 0.5})
    assert "printed" in assess("heat-in-place", CASE | {"seed": 3})


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"draws": 10}, "draws", "between 100 and"),
        ({"seed": 1.5}, "seed", "whole number"),
        ({"correlation": 1.2}, "correlation", "between 0 and 1, got 1.2"),
        ({"correlation": {"units": -1}}, "correlation.units", "between 0 and 1"),
        ({"shared": ["density"]}, "shared[0]", "must be one of"),
        ({"recovery_factor": [0.1, 0.3]}, "recovery_factor", "got 2 numbers"),
        ({"unit": []}, "unit", 'did you mean "units"'),
        ({"case": "nw-shandong"}, "case", 'did you mean "nw-shandong-2025"'),
    ],
)
def test_a_wrong_setting_is_named(change: dict, field: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        assess("heat-in-place", CASE | change)
    assert any(f.field == field and says in f.text for f in caught.value.faults), caught.value


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"porosity": 25}, "units[0].porosity", "between 0 and 1, got 25"),
        ({"thickness_m": [300, 200, 400]}, "units[0].thickness_m", "min <= mode <= max, got 300, 200, 400"),
        ({"thickness_m": [100, "x", 400]}, "units[0].thickness_m[1]", "must be a number"),
        (
            {"temperature_degc": {"min": 10, "mode": 50, "max": 60}},
            "units[0].temperature_degc",
            "below reference",
        ),
        ({"temperature_degc": {"min": 40, "max": 60}}, "units[0].temperature_degc.mode", "is missing"),
        ({"area_km2": float("nan")}, "units[0].area_km2", "finite"),
        ({"area_km2": None}, "units[0].area_km2", "must be a number"),
    ],
)
def test_a_wrong_unit_is_named(change: dict, field: str, says: str) -> None:
    case = load_case("nw-shandong-2025")["input"]
    case["units"][0] |= change
    with pytest.raises(InputError) as caught:
        assess("heat-in-place", case)
    assert any(f.field == field and says in f.text for f in caught.value.faults), caught.value


def test_every_fault_is_found_at_once() -> None:
    with pytest.raises(InputError) as caught:
        assess("heat-in-place", {"units": [{"name": "a"}, {"name": "a"}], "draws": 1})
    fields = [fault.field for fault in caught.value.faults]
    assert {"reference_temperature_degc", "units[0].porosity", "units[1].name", "draws"} <= set(fields)
    for data in ([], {}, {"units": []}):
        with pytest.raises(InputError):
            assess("heat-in-place", data)
