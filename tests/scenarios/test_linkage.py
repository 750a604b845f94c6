"""Source 004's A/B case: Liu et al. 2025, Science Technology and Engineering 25(8), 3102-3109."""

from __future__ import annotations

import pytest

from scenarios.linkage import linkage, load_case
from twin_models.errors import InputError

DIFFERS = {
    "before_B_flow_peak_m3_d",  # 1680 printed, 85 m3/h is 2040
    "opex_pumps",  # 214 kW listed give 48.07, not 52.56
    "opex_staff",  # 4 months give 4.8, not 14.4
    "season_heat",  # 5120 kW x 120 d is 5.308e13, not 5.458e13 J
    "co2",  # 1248 t is carbon
}
ROUNDING = {"before_heat_mean_kw", "net_over_life", "so2"}  # 4652 printed as 4651; 2574.1 as .2; 30.73 as .72


@pytest.fixture(scope="module")
def result() -> dict:
    return linkage(load_case())


def test_every_printed_figure_is_reproduced_or_said_not_to_follow(result: dict) -> None:
    """Flows, loads (text after eq. 2), capex (Table 1), opex, payback (payback formula): to the printed digits."""
    verdicts = {row["key"]: row["verdict"] for row in result["printed"]}
    assert len(verdicts) == len(result["printed"]) >= 40
    assert {key for key, verdict in verdicts.items() if verdict == "differs"} == DIFFERS
    assert {key for key, verdict in verdicts.items() if verdict == "rounding"} == ROUNDING
    for row in result["printed"]:
        if row["verdict"] == "ok":
            assert round(row["recomputed"], row["digits"]) == pytest.approx(
                row["printed"], abs=1.01 * 10.0 ** -row["digits"]
            )
        if row["verdict"] == "differs":
            assert row["note_zh"] and row["note_en"]


def test_headline_figures(result: dict) -> None:
    """Abstract: 41.46 %, about 3 a, 2574.2e4 CNY. Table 1: 409e4 CNY. Text: 138.84e4, 288e4, 2.74 a."""
    assert result["reduction"]["as_defined_mean"]["percent"] == pytest.approx(41.46, abs=0.005)
    assert result["capex_cny"] == 4_090_000
    assert result["opex_cny"]["total"] == pytest.approx(1_388_400, abs=60)
    assert result["income_cny"] == 2_880_000
    assert result["payback_years"] == pytest.approx(2.74, abs=0.005)
    assert result["after"]["flow_mean_m3_h"] == pytest.approx(93.67, abs=0.005)


def test_like_for_like_variants(result: dict) -> None:
    """Same heat: 1 - 25/47 = 46.81 %. With heat-pump work each K of stage 2 delivers 1.25 K: 29 + 18 x 1.25 = 51.5 K.

    Then 5120 kW needs 5120 x 3.6/(4.1868 x 51.5) = 85.48 m3/h, 46.57 % less; the old heat 1 - 25/51.5 = 51.46 %.
    """
    cuts = {key: row["percent"] for key, row in result["reduction"].items()}
    assert cuts["same_heat"] == pytest.approx(100 * (1 - 25 / 47))
    assert cuts["with_heat_pump_work"] == pytest.approx(46.573, abs=1e-3)
    assert cuts["same_heat_with_heat_pump_work"] == pytest.approx(100 * (1 - 25 / 51.5))


def test_what_the_paper_leaves_out(result: dict) -> None:
    """Net 149.16e4 a year over 20 a: IRR 36.4 %, NPV at 8 % 1055.5e4, discounted payback 3.22 a, 34.0 CNY/GJ.

    With the listed pumps (48.07) and staff for the season (4.8): opex 124.76e4 and 2.51 a.
    """
    money = result["economics"]
    assert 100 * money["irr"] == pytest.approx(36.4, abs=0.05)
    assert money["npv_cny"] == pytest.approx(10_555_000, abs=5000)
    assert money["discounted_payback_years"] == pytest.approx(3.22, abs=0.01)
    assert money["lcoh_cny_per_gj"] == pytest.approx(34.0, abs=0.05)
    assert money["from_inputs"]["opex_cny"] == pytest.approx(1_247_600, abs=100)
    assert money["from_inputs"]["payback_years"] == pytest.approx(2.51, abs=0.005)
    assert money["against_baseline"]["irr"] is None  # residents paid before: no income is new


def test_emissions_are_co2_and_net_of_electricity(result: dict) -> None:
    """5120 kW x 120 d = 53 084 GJ = 1811.3 tce: 4450 t of CO2 (1214 t of carbon).

    Electricity 214 kW x 2880 h + 480 kW x 1920 h = 1537.9 MWh, 978 t in the north China grid: net 3472 t; SPF 9.6.
    """
    e = result["emissions"]
    assert e["coal_tce"] == pytest.approx(53_084.16 / 29.3076, rel=1e-9)
    assert e["co2_gross_t"] == pytest.approx(4450.3, abs=0.1)
    assert e["carbon_t"] == pytest.approx(1213.7, abs=0.1)
    assert e["co2_net_t"] == pytest.approx(4450.3 - 1537.92 * 0.6361, abs=0.1)
    assert e["spf"] == pytest.approx(9.588, abs=1e-3)


def test_a_case_of_ones_own() -> None:
    """One community, 50 000 m2, 60 -> 35, then 60 -> 35 -> 12: less flow for the same load; no printed rows."""
    case = {
        "communities": [{"name": "C", "area_m2": 50_000, "flow_mean_m3_h": 60, "load_mean_w_m2": 34.8}],
        "wellhead_degc": 60,
        "outlet_before_degc": 35,
        "outlet_exchanger_degc": 33,
        "outlet_after_degc": 12,
    }
    out = linkage(case)
    assert "printed" not in out
    assert out["after"]["flow_mean_m3_h"] == pytest.approx(1740 * 3.6 / (4.1868 * 48))
    assert out["payback_years"] == 0.0  # nothing was said to cost anything


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"communities": []}, "communities"),
        (
            {"communities": [{"name": "A", "area_m2": 0, "flow_mean_m3_h": 1, "load_mean_w_m2": 1}]},
            "communities[0].area_m2",
        ),
        ({"outlet_after_degc": 70}, "outlet_after_degc"),
        ({"outlet_exchanger_degc": 63}, "outlet_exchanger_degc"),
        ({"cop": 1.0}, "cop"),
        ({"colour": "red"}, "colour"),
        ({"capex": [{"cost_cny": float("nan")}]}, "capex[0].cost_cny"),
        ({"pumps": [{"count": 1}]}, "pumps[0].kw"),
    ],
)
def test_bad_input_names_its_field(change: dict, field: str) -> None:
    with pytest.raises(InputError) as caught:
        linkage({**load_case(), **change})
    assert field in [f.field for f in caught.value.faults]
