"""Source 001 (joint extraction of ore and heat) prints no result of a scheme: closed forms and balances instead."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.special import exp1

from scenarios.assess import assess
from scenarios.assess.comining import DOUBLET_MW
from scenarios.assess.conduction import (
    YEAR_S,
    cylinder_flux,
    cylinder_heat,
    interference,
    slab_share,
    yearly_cylinder_w_m,
)
from twin_models.errors import InputError

CASE = {"case": "jiaodong-2024"}
ALPHA = 3.0 / 2.332e6


def mine(**parts: object) -> dict:
    """One level of 48 degC rock, 20 K above the walls of its roadways."""
    return {"levels": [{"name": "a", "depth_m": 1000, "rock_degc": 48, **parts}]}


@pytest.fixture(scope="module")
def result() -> dict:
    return assess("comining", CASE)


# --- conduction ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("radius", "flux", "by_metre"),
    [
        (2.5, (3.7045, 2.6376, 2.0836), (222.3, 158.3, 125.0)),
        (0.075, (1.2708, 1.0958, 0.9792), (76.2, 65.8, 58.7)),
    ],
)
def test_cylinder_at_1_5_20_years(radius: float, flux: tuple, by_metre: tuple) -> None:
    """q'/(k dT) and W/m at 20 K, checked against an implicit finite-difference solution; to 0.1 %."""
    found = cylinder_flux(ALPHA * np.array([1.0, 5.0, 20.0]) * YEAR_S / radius**2)
    assert found == pytest.approx(flux, rel=1e-3)
    assert 3.0 * 20.0 * found == pytest.approx(by_metre, rel=1e-3)


def test_cylinder_early_and_late() -> None:
    """Early it is a plane wall, 2 sqrt(pi/Fo); late 4 pi [1/g - gamma/g^2], whose error falls as 1/g^3.

    g = ln(4 Fo) - 2 gamma (Carslaw & Jaeger, 13.5). A line source, 4 pi / E1(1/(4 Fo)), comes close as well.
    """
    early = 1e-6
    assert cylinder_flux(early) == pytest.approx(2.0 * math.sqrt(math.pi / early), rel=2e-3)
    late = np.array([1e4, 1e8, 1e12])
    g = np.log(4.0 * late) - 2.0 * np.euler_gamma
    error = np.abs(4.0 * np.pi * (1.0 / g - np.euler_gamma / g**2) / cylinder_flux(late) - 1.0)
    assert error[0] < 0.02 and error[1] < 0.005 and error[2] < 0.002
    assert 4.0 * np.pi / exp1(0.25 / late) == pytest.approx(cylinder_flux(late), rel=0.03)


def test_drawn_heat_is_the_integral_of_the_flux() -> None:
    """Gauss quadrature of q' in s = sqrt(Fo), where the early 1/sqrt(Fo) is smooth."""
    x, w = np.polynomial.legendre.leggauss(200)
    for fourier in (1e-4, 0.1, 5.0, 1e4):
        s = 0.5 * math.sqrt(fourier) * (x + 1.0)
        direct = float((0.5 * math.sqrt(fourier) * w * 2.0 * s * cylinder_flux(s * s)).sum())
        assert cylinder_heat(fourier) == pytest.approx(direct, rel=1e-6)


def test_yearly_means_lie_between_the_fluxes_of_their_ends() -> None:
    ages = np.array([0.0, 1.0, 5.0, 20.0])
    means = yearly_cylinder_w_m(3.0, ALPHA, 2.5, ages)
    ends = 3.0 * cylinder_flux(ALPHA * ages[1:] * YEAR_S / 2.5**2)
    assert (means > ends).all() and means[1] < ends[0] and means[2] < ends[1]


def test_neighbours_by_superposed_line_sources() -> None:
    """A second hole on top of the first halves what each draws; a far one does nothing."""
    spread = np.array(ALPHA * YEAR_S)
    assert interference(np.array([0.075]), np.ones(1), 0.075, spread) == pytest.approx(0.5)
    assert interference(np.array([1e4]), np.ones(1), 0.075, spread) == pytest.approx(1.0)


def test_slab_and_its_time_constants() -> None:
    """b^2/alpha is 9 d, 225 d, 15.4 a for 1, 5, 25 m; at Fo = 1 a slab has given 1 - 8/pi^2 e^(-pi^2/4) = 93.1 %."""
    b2 = np.array([1.0, 25.0, 625.0]) / ALPHA
    assert b2 / 86400.0 == pytest.approx([9.0, 225.0, 5623.0], rel=2e-3)
    assert slab_share(np.array(1.0)) == pytest.approx(
        1.0 - 8.0 / math.pi**2 * math.exp(-(math.pi**2) / 4.0), abs=1e-9
    )
    seam = slab_share(np.array([0.0, 0.0199, 0.0201, 100.0]))
    assert seam[0] == 0.0 and seam[3] == pytest.approx(1.0)
    assert seam[2] / seam[1] == pytest.approx(math.sqrt(201 / 199), rel=1e-4)


# --- one level ---------------------------------------------------------------------------------------------------


def test_one_kilometre_of_roadway() -> None:
    """222 kW at the end of year 1 at 20 K saves a chiller of COP 3 74 kW; the year's mean lies above."""
    out = assess("comining", mine(roadways=[{"length_m": 1000}]) | {"years": 2})
    first, second = out["total"]["power_mw"]
    assert second < 0.2223 < first < 0.35
    assert out["cooling"]["saved_electric_mw"][0] == pytest.approx(first / 3.0)
    assert pytest.approx(74.1, abs=0.1) == 222.3 / 3.0
    assert out["cooling"]["autocompression_k"] == pytest.approx(9.76, abs=0.005)
    assert out["total"]["per_km_roadway_mw"] == pytest.approx([first, second])
    assert out["total"]["heat_gj"][0] == pytest.approx(first * 31_557.6)


def test_a_million_cubic_metres_of_broken_rock() -> None:
    """1e6 m3 x 2.332 MJ/m3K x 40 K = 93.3 TJ; half of it over 20 years is 0.074 MW."""
    data = {
        "levels": [
            {"name": "a", "depth_m": 1, "rock_degc": 60, "blocks": [{"volume_m3": 1e6, "half_spacing_m": 1}]}
        ]
    }
    out = assess("comining", data)
    assert out["bounds"]["energy_in_place_gj"] == pytest.approx(93_280.0)
    assert out["total"]["mean_power_mw"] == pytest.approx(0.0739, abs=5e-5)
    assert out["bounds"]["blocks_recoverable_mw"] == pytest.approx(out["total"]["mean_power_mw"])


def test_big_fragments_give_their_heat_late() -> None:
    """50 m fragments (b = 25 m, 15.4 a) conduct 2/sqrt(pi) sqrt(1/15.4) = 28.8 % in the first year, 97 % in 20."""
    data = mine(blocks=[{"volume_m3": 1e6, "half_spacing_m": 250, "recovery": 1}])
    out = assess("comining", data)
    first = slab_share(np.array(ALPHA * YEAR_S / 250.0**2))
    stored = 1e6 * 2.332e6 * 28.0 / (YEAR_S * 1e6)
    assert out["bounds"]["conductive_by_year_mw"][0] == pytest.approx(stored * float(first))
    assert out["total"]["power_mw"][-1] == pytest.approx(out["bounds"]["conductive_by_year_mw"][-1])
    assert out["total"]["mean_power_mw"] < 0.2 * out["bounds"]["energy_in_place_mw"]


def test_doublet_for_comparison() -> None:
    """100 m3/h cooled by 30 K: 27.78 L/s x 4.1868 x 30 = 3.49 MW."""
    assert pytest.approx(3.489, abs=5e-4) == DOUBLET_MW


def test_gathered_share_and_saved_cooling() -> None:
    half = assess("comining", mine(roadways=[{"length_m": 1000, "collected_share": 0.5}]))
    whole = assess("comining", mine(roadways=[{"length_m": 1000}]))
    assert np.array(half["total"]["power_mw"]) * 2.0 == pytest.approx(np.array(whole["total"]["power_mw"]))
    assert half["cooling"]["strata_heat_mw"] == whole["cooling"]["strata_heat_mw"]
    assert (half["cooling"]["saved_share"], whole["cooling"]["saved_share"]) == (pytest.approx(0.5), 1.0)


def test_holes_in_a_row_and_in_a_fan() -> None:
    """More neighbours, less each; far apart they do not notice each other; never above the lone holes."""

    def holes(**more: object) -> dict:
        return assess("comining", mine(holes=[{"count": 20, "length_m": 100, **more}]))

    alone = assess("comining", mine(holes=[{"count": 1, "length_m": 2000}]))["total"]["mean_power_mw"]
    near = holes(layout="parallel", spacing_m=3)
    far = holes(layout="parallel", spacing_m=2000)
    fan = holes(layout="radial")
    assert near["total"]["mean_power_mw"] < fan["total"]["mean_power_mw"] < alone
    assert far["total"]["mean_power_mw"] == pytest.approx(alone, rel=1e-9)
    for row in (near, far, fan):
        assert row["bounds"]["conductive_mw"] == pytest.approx(alone)
    assert far["levels"][0]["interference"] == [pytest.approx(1.0)]


def test_rock_colder_than_the_wall_gives_nothing() -> None:
    out = assess("comining", mine(roadways=[{"length_m": 1000, "wall_degc": 60}]))
    assert out["total"]["mean_power_mw"] == 0.0 and out["bounds"]["energy_in_place_gj"] == 0.0


# --- sequence ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mining", "roadways", "holes", "blocks"),
    [("fill", 4, 20, 20), ("cave", 4, 4, 16), ("leach", 20, 20, 16), ("none", 20, 20, 20)],
)
def test_mining_is_a_calendar(mining: str, roadways: int, holes: int, blocks: int) -> None:
    """Mined at year 4: filled roadways end; caving ends holes too and begins the broken rock; leaching only begins it."""
    data = mine(
        roadways=[{"length_m": 10}],
        holes=[{"count": 1, "length_m": 10}],
        blocks=[{"volume_m3": 10, "half_spacing_m": 1}],
        mining=mining,
        **({} if mining == "none" else {"mined_year": 4}),
    )
    [level] = assess("comining", data)["levels"]
    years = {key: sum(v > 0.0 for v in level[f"{key}_mw"]) for key in ("roadways", "holes", "blocks")}
    assert years == {"roadways": roadways, "holes": holes, "blocks": blocks}


def test_a_part_that_begins_later_is_the_same_part_later() -> None:
    now = assess("comining", mine(roadways=[{"length_m": 100}]))["total"]["power_mw"]
    later = assess("comining", mine(roadways=[{"length_m": 100, "from_year": 5}]))["total"]["power_mw"]
    assert later[:5] == [0.0] * 5
    assert later[5:] == pytest.approx(now[:15])


# --- the example ---------------------------------------------------------------------------------------------------


def test_bounds_hold_and_levels_add_up(result: dict) -> None:
    bounds = result["bounds"]
    assert 0.0 < bounds["result_mw"] < bounds["conductive_mw"] < bounds["energy_in_place_mw"]
    total = np.sum([level["power_mw"] for level in result["levels"]], axis=0)
    assert total == pytest.approx(np.array(result["total"]["power_mw"]))
    assert sum(row["power_mw"] for row in result["loops"]["by_exergy"]) == pytest.approx(bounds["result_mw"])
    per_km = result["total"]["per_km_roadway_mw"]
    assert min(per_km) > 0.1 and max(per_km) < 0.5
    json.dumps(result, allow_nan=False)


def test_loops_are_ranked_by_exergy(result: dict) -> None:
    """55/45 degC above 13: 1 - 286.15 ln(328.15/318.15)/10 = 0.1144; flow = P / (4.1868 MJ/m3K x 10 K)."""
    rows = result["loops"]["by_exergy"]
    assert [row["exergy_factor"] for row in rows] == sorted(
        (row["exergy_factor"] for row in rows), reverse=True
    )
    best = rows[0]
    assert (best["level"], best["supply_degc"], best["return_degc"]) == ("-2000", 55.0, 45.0)
    assert best["exergy_factor"] == pytest.approx(1.0 - 286.15 * math.log(328.15 / 318.15) / 10.0)
    assert best["flow_m3_h"] == pytest.approx(best["power_mw"] / 4.1868 / 10.0 * 3600.0)
    assert result["loops"]["mixed"]["supply_degc"] < best["supply_degc"]


def test_both_ends_of_the_shaft_share_are_shown(result: dict) -> None:
    """The shaft is spent at time 0: from no share to all of it the present value falls by its whole cost."""
    none, chosen, whole = result["economics"]["by_shaft_share"]
    assert (none["shaft_share"], chosen["shaft_share"], whole["shaft_share"]) == (0.0, 0.1, 1.0)
    assert chosen["chosen"] and not none["chosen"]
    assert none["npv_cny"] - whole["npv_cny"] == pytest.approx(9e8)
    assert none["npv_cny"] - chosen["npv_cny"] == pytest.approx(9e7)
    assert none["lcoh_cny_per_gj"] < chosen["lcoh_cny_per_gj"] < whole["lcoh_cny_per_gj"]


def test_money_by_hand() -> None:
    """A block gives 2332 x 0.7 = 1632.4 GJ a year at 33 degC: heat pumps of COP 4 add a third, 2176.5 GJ, 151.1 MWh.

    At 100 CNY/GJ less 1 CNY/kWh: 217 653 - 151 148 = 66 505 CNY; invested 100 000: static payback 1.504 years.
    """
    data = mine(blocks=[{"volume_m3": 1e6, "half_spacing_m": 1, "fluid_degc": 20}]) | {
        "economics": {
            "fixed_capex_cny": 1e5, "opex_share_per_year": 0, "pump_kwh_per_gj": 0, "heat_price_cny_per_gj": 100,
            "electricity_price_cny_per_kwh": 1, "shaft_share": 0,
        },
    }  # fmt: skip
    money = assess("comining", data)["economics"]
    assert money["income_cny"][0] == pytest.approx(217_653, abs=1)
    assert money["electricity_mwh"][0] == pytest.approx(151.148, abs=1e-3)
    assert money["by_shaft_share"][0]["payback_years"] == pytest.approx(1e5 / 66_505, rel=1e-4)
    warm = data | {"economics": data["economics"] | {"use_degc": 20}}
    assert assess("comining", warm)["economics"]["electricity_mwh"][0] == 0.0


def test_honest_labels_and_printed_figures(result: dict) -> None:
    rows = {row["key"]: row for row in result["printed"]}
    assert [key for key, row in rows.items() if row["verdict"] == "differs"] == ["hdr_over_shallow"]
    assert rows["hdr_over_shallow"]["recomputed"] == pytest.approx(9.05e4, rel=1e-3)
    for row in result["printed"]:
        if row["verdict"] != "ok":
            assert row["why_zh"] and row["why_en"], row["key"]
    words = " ".join(note["en"] for note in result["notes"])
    for word in ("no precedent", "0.1 to 0.4 MW per km", "permeability", "safety", "both ends"):
        assert word in words
    whole = assess("comining", CASE | {"economics": {"shaft_share": 1}})
    assert "printed" in whole
    assert whole["economics"]["by_shaft_share"][-1] | {"chosen": 0} == (
        result["economics"]["by_shaft_share"][-1] | {"chosen": 0}
    )


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        ({}, "levels", "is missing"),
        (mine(), "levels[0]", "must have roadways, holes or blocks"),
        (mine(roadways=[{"length_m": -1}]), "levels[0].roadways[0].length_m", "between 0 and"),
        (mine(roadways=[{"radius_m": 2}]), "levels[0].roadways[0].length_m", "is missing"),
        (
            mine(roadways=[{"length_m": 1, "wall_degc": 45}]),
            "levels[0].roadways[0].wall_degc",
            "above the rock",
        ),
        (mine(holes=[{"count": 0, "length_m": 1}]), "levels[0].holes[0].count", "between 1 and"),
        (
            mine(holes=[{"count": 2, "length_m": 1, "layout": "row"}]),
            "levels[0].holes[0].layout",
            "parallel, radial",
        ),
        (
            mine(holes=[{"count": 2, "length_m": 1, "layout": "parallel"}]),
            "levels[0].holes[0].spacing_m",
            "missing",
        ),
        (
            mine(blocks=[{"volume_m3": 1, "half_spacing_m": 1, "recovery": 2}]),
            "levels[0].blocks[0].recovery",
            "0 and 1",
        ),
        (
            mine(roadways=[{"length_m": 1, "from_year": 5, "to_year": 2}]),
            "levels[0].roadways[0].to_year",
            "before",
        ),
        (mine(roadways=[{"length_m": 1}], mining="fill"), "levels[0].mined_year", "must be given"),
        (CASE | {"economics": {"shaft_share": 1.5}}, "economics.shaft_share", "between 0 and 1, got 1.5"),
        (CASE | {"years": 0}, "years", "between 1 and"),
        (CASE | {"rock": {"conductivity": 3}}, "rock.conductivity", 'did you mean "conductivity_w_mk"'),
        ({"case": "jiaodong"}, "case", "jiaodong-2024"),
    ],
)
def test_what_is_wrong_is_named(data: dict, field: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        assess("comining", data)
    assert any(f.field == field and says in f.text for f in caught.value.faults), caught.value
