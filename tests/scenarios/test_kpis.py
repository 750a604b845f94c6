"""KPIs: the table keeps the outside contract, and each formula gives what paper and pencil give."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from scenarios import kpi_formulas as formulas
from scenarios.economics import cash_flow_metrics
from scenarios.evaluate import Evaluation, evaluate
from scenarios.ground import Ground, drained_area_m2
from scenarios.kpis import KPIS, as_markdown
from scenarios.network import equivalent_length_m, lay_pipes
from scenarios.scheme import read_scheme
from twin_models.types import Layer, Reservoir

CONTRACT = {
    "flow_m3_h": "m3/h",
    "thermal_power_mw": "MW",
    "thermal_power_end_mw": "MW",
    "annual_heat_gj": "GJ/a",
    "electric_power_mw": "MW",
    "breakthrough_years": "a",
    "lifetime_years": "a",
    "temperature_decline_k": "K",
    "max_drawdown_bar": "bar",
    "max_injection_pressure_bar": "bar",
    "reinjection_ratio_pct": "%",
    "heat_recovery_pct": "%",
    "capex_cny": "CNY",
    "opex_cny_per_year": "CNY",
    "lcoh_cny_per_gj": "CNY/GJ",
    "npv_cny": "CNY",
    "irr_pct": "%",
    "payback_years": "a",
    "discounted_payback_years": "a",
    "co2_avoided_t_per_year": "t/a",
    "coal_replaced_tce_per_year": "tce/a",
    "so2_avoided_t_per_year": "t/a",
    "dust_avoided_t_per_year": "t/a",
    "spf": "-",
    "demand_met_pct": "%",
    "probability_npv_negative_pct": "%",
}


def doublet(**more: object) -> dict:
    """480 m apart, 100 m thick, 70 degC, 100 m3/h, injecting 25 degC all year (physics.md 3.1)."""
    return {
        "format": "geosandbox-scheme/1",
        "name": "doublet",
        "reservoir": {
            "extent_m": [2880, 2880],
            "origin_m": [-1440, -1440],
            "cell_m": 60,
            "boundary": "closed",
            "layers": [{"name": "Guantao", "top_m": 1400, "thickness_m": 100, "temperature_degc": 70}],
        },
        "wells": [
            {"name": "P1", "kind": "producer", "x_m": -240, "y_m": 0, "rate_m3_h": 100},
            {
                "name": "I1",
                "kind": "injector",
                "x_m": 240,
                "y_m": 0,
                "rate_m3_h": 100,
                "temperature_degc": 25,
            },
        ],
        "years": 30,
        **more,
    }


@pytest.fixture(scope="module")
def result() -> Evaluation:
    return evaluate(read_scheme(doublet()), "streamline")


def test_the_table_keeps_the_contract(result: Evaluation) -> None:
    assert {key: row.unit for key, row in KPIS.items()} == CONTRACT
    assert set(result.kpis) == set(CONTRACT)
    as_file = json.loads(json.dumps(result.kpi_dict(), allow_nan=False))
    assert all(set(kpi) == {"value", "unit", "low", "high", "state"} for kpi in as_file.values())
    assert {kpi["state"] for kpi in as_file.values()} == {"estimate"}


def test_every_row_can_be_shown_and_explained() -> None:
    for key, row in KPIS.items():
        assert key == row.key
        assert row.zh and row.en and row.definition_zh and row.definition_en and row.formula and row.source
        assert row.group in ("productivity", "sustainability", "economics", "environment")


def test_the_documents_say_the_same() -> None:
    page = Path(__file__).parents[2] / "docs" / "kpis.md"
    assert page.read_text(encoding="utf-8") == as_markdown()


def test_power_and_flow_of_the_doublet(result: Evaluation) -> None:
    """Before breakthrough: 4.18 MJ/m3K x 100/3600 m3/s x 45 K = 5.225 MW."""
    kpis = result.kpis
    assert kpis["flow_m3_h"].value == pytest.approx(100.0)
    assert kpis["thermal_power_mw"].value == pytest.approx(5.225, rel=1e-6)
    assert kpis["reinjection_ratio_pct"].value == pytest.approx(100.0)
    assert kpis["electric_power_mw"].value == 0.0
    assert kpis["demand_met_pct"].value is None  # no heated area is given


def test_times_follow_from_the_forecast(result: Evaluation) -> None:
    """1 % and 10 % of 45 K: 69.55 and 65.5 degC, read off the production curve by straight lines."""
    years = np.append(0.0, result.forecast.years)
    curve = np.append(70.0, result.forecast.temperature_degc["P1"])
    for key, limit in (("breakthrough_years", 69.55), ("lifetime_years", 65.5)):
        i = int(np.argmax(curve <= limit))
        expected = np.interp(limit, [curve[i], curve[i - 1]], [years[i], years[i - 1]])
        assert result.kpis[key].value == pytest.approx(expected, rel=1e-9)
    assert result.kpis["temperature_decline_k"].value == pytest.approx(70.0 - curve[-1], abs=1e-9)


def test_first_time_of_any_well() -> None:
    """Losses 0, 1, 2, 3 and 0, 0, 4, 4 with limits 2.5 and 1: the second passes 1 a quarter into the second year."""
    years = np.arange(4.0)
    lost = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 4.0], [3.0, 4.0]])
    assert formulas.first_below(years, lost, np.array([2.5, 1.0])) == pytest.approx(1.25)
    assert formulas.first_below(years, lost[:, :1], np.array([2.5])) == pytest.approx(2.5)
    assert formulas.first_below(years, lost, np.array([9.0, 9.0])) is None


def test_money_agrees_with_the_general_measures(result: Evaluation) -> None:
    """The KPIs and ``geosandbox economics`` are two ways to the same numbers."""
    flow, terms = result.cash_flow, result.terms
    general = cash_flow_metrics(
        {
            "capex": flow.capex_cny,
            "discount_rate": terms.discount_rate,
            "energy": flow.heat_gj.tolist(),
            "costs": flow.costs_cny.tolist(),
            "income": flow.income_cny.tolist(),
        }
    )
    kpis = {key: kpi.value for key, kpi in result.kpis.items()}
    assert kpis["lcoh_cny_per_gj"] == pytest.approx(general["levelised_cost"])
    assert kpis["npv_cny"] == pytest.approx(general["npv"])
    assert kpis["irr_pct"] == pytest.approx(100 * general["irr"])
    assert kpis["payback_years"] == pytest.approx(general["payback_years"])
    assert kpis["discounted_payback_years"] == pytest.approx(general["discounted_payback_years"])


def test_carbon_by_hand(result: Evaluation) -> None:
    """Coal: heat/(29.3076 x 0.80) tce, x 2.457 t of CO2, less electricity x 0.6361; SO2 x 16.5 kg, dust x 9.6 kg."""
    heat = result.kpis["annual_heat_gj"].value
    used = float(result.cash_flow.electricity_mwh.mean())
    coal = heat / (29.3076 * 0.80)
    assert result.kpis["coal_replaced_tce_per_year"].value == pytest.approx(coal)
    assert result.kpis["co2_avoided_t_per_year"].value == pytest.approx(coal * 2.457 - used * 0.6361)
    assert result.kpis["so2_avoided_t_per_year"].value == pytest.approx(coal * 16.5e-3)
    assert result.kpis["dust_avoided_t_per_year"].value == pytest.approx(coal * 9.6e-3)
    assert result.kpis["spf"].value == pytest.approx(heat / (3.6 * used))


@pytest.mark.parametrize("kind", ["gas_boiler", "existing_geothermal", "none"])
def test_other_baselines(kind: str) -> None:
    """Gas: 56.1 kg/GJ at 92 %; existing geothermal: its 5.4 kWh/GJ; none: the scheme's electricity counts alone."""
    out = evaluate(read_scheme(doublet(economics={"baseline": kind})), "streamline")
    heat = out.kpis["annual_heat_gj"].value
    own = float(out.cash_flow.electricity_mwh.mean()) * 0.6361
    before = {
        "gas_boiler": heat / 0.92 * 56.1e-3,
        "existing_geothermal": heat * 5.4e-3 * 0.6361,
        "none": 0.0,
    }[kind]
    assert out.kpis["co2_avoided_t_per_year"].value == pytest.approx(before - own)
    assert out.kpis["so2_avoided_t_per_year"].value == 0.0
    if kind != "gas_boiler":
        assert out.kpis["coal_replaced_tce_per_year"].value == 0.0


def test_heat_in_place_and_area() -> None:
    """100 m, porosity .25: (.75 x 2.2 + .25 x 4.18) x 58 K x 100 m = 15.631e9 J/m2 above 12 degC.

    Two wells 480 m apart, margin 480 m: 2 x 480 x 480 + pi 480^2; a unit square, margin 1: 1 + 4 + pi.
    """
    box = Reservoir((100.0, 100.0), (0.0, 0.0), 10.0, (Layer("a", 1400.0, 100.0, temperature_degc=70.0),))
    assert Ground(box).heat_j_per_m2(12.0) == pytest.approx((0.75 * 2.2 + 0.25 * 4.18) * 58e6 * 100)
    pair = np.array([[0.0, 0.0], [480.0, 0.0]])
    assert drained_area_m2(pair, 480.0) == pytest.approx(2 * 480**2 + math.pi * 480**2)
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0.5]], dtype=float)
    assert drained_area_m2(square, 1.0) == pytest.approx(1 + 4 + math.pi)
    line = np.array([[0.0, 0.0], [1.0, 1.0], [3.0, 3.0]])
    assert drained_area_m2(line, 1.0) == pytest.approx(2 * math.hypot(3, 3) + math.pi)


def test_heat_recovered_by_hand(result: Evaluation) -> None:
    """Heat drawn over 30 a / (area above x 15.631e9 J/m2)."""
    drawn = float((result.facts.extracted_mw * result.facts.seconds).sum()) * 1e6
    in_place = (2 + math.pi) * 480**2 * (0.75 * 2.2 + 0.25 * 4.18) * 58e6 * 100
    assert result.kpis["heat_recovery_pct"].value == pytest.approx(100 * drawn / in_place)


def test_water_temperature_of_layers_and_rasters() -> None:
    """k h weights: 100 mD x 10 m at 60 and 300 mD x 10 m at 80 degC give 75; rasters are bilinear between cells."""
    warm = Layer("b", 1010.0, 10.0, permeability_md=300.0, temperature_degc=80.0)
    cool = Layer("a", 1000.0, 10.0, permeability_md=100.0, temperature_degc=60.0)
    ground = Ground(Reservoir((100.0, 100.0), (0.0, 0.0), 10.0, (cool, warm)))
    here = np.array([50.0])
    assert ground.rock_degc(ground.open_layers(None), here, here)[0] == pytest.approx(75.0)
    assert ground.rock_degc(ground.open_layers(("a",)), here, here)[0] == pytest.approx(60.0)
    raster = np.array([[10.0, 20.0], [30.0, 40.0]])  # cell centres at 25 and 75 m
    assert ground.at(
        raster, np.array([25.0, 50.0, 75.0, 0.0]), np.array([25.0, 50.0, 75.0, 0.0])
    ) == pytest.approx([10.0, 25.0, 40.0, 10.0])


def test_pipes_by_hand() -> None:
    """Two wells of one pad at (300, 400): 1.2 x 500 m of one line for 200 m3/h, d = sqrt(4 x .0555556/(2 pi)).

    0.188063 m; cost as 600 x (0.188063/0.125)^1.2 = 979.2 m of DN125; a third, existing well is not counted.
    """
    pipes = lay_pipes(
        np.array([[300.0, 390.0], [300.0, 410.0], [0.0, 1000.0]]),
        (0.0, 0.0),
        pads=("A", "A", None),
        flows_m3_h=np.array([100.0, 100.0, 50.0]),
        existing=np.array([False, False, True]),
    )
    assert pipes.length_m == pytest.approx([600.0, 1200.0])
    assert pipes.diameter_m[0] == pytest.approx(math.sqrt(4 * 200 / 3600 / (2 * math.pi)))
    assert equivalent_length_m(pipes) == pytest.approx(600 * (pipes.diameter_m[0] / 0.125) ** 1.2)
    assert equivalent_length_m(pipes, all_lines=True) > equivalent_length_m(pipes)
    # 0.018 x 985 x 4/(2 d) Pa/m
    assert pipes.drop_bar[0] == pytest.approx(0.018 * 985 * 4 / (2 * pipes.diameter_m[0]) * 600 / 1e5)
