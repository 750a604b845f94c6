"""From scheme to figures: the chain holds together, and everything a person can change changes something."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from scenarios.cash_flow import capex_items
from scenarios.chain import year_means
from scenarios.costs import load_library
from scenarios.evaluate import CLOSE_K, Evaluation, evaluate
from scenarios.scheme import read_scheme
from scenarios.station import OF_USE
from scenarios.uncertainty import Ground, scaled_forecast, spread, unit_draws
from twin_models.base import Cancelled
from twin_models.errors import InputError
from twin_models.models import load_model

HEATING = {
    "area_m2": 1.8e5,
    "load_w_m2": 32,
    "design_load_w_m2": 40,
    "supply_degc": 42,
    "return_degc": 31,
    "heat_pump": {"tail_degc": 16, "lorenz_fraction": 0.4, "capacity_mw": 1.0},
    "peak_boiler": {"efficiency": 0.9, "capacity_mw": 1.5},
    "network_loss_pct": 5,
    "station_x_m": 100,
    "station_y_m": 300,
}


def doublet(**more: object) -> dict:
    """As in test_kpis, for a heating season and with the return temperature left to the station."""
    return {
        "format": "geosandbox-scheme/1",
        "name": "doublet",
        "reservoir": {
            "extent_m": [2880, 2880],
            "origin_m": [-1440, -1440],
            "cell_m": 60,
            "boundary": "constant_pressure",
            "layers": [{"name": "Guantao", "top_m": 1400, "thickness_m": 60, "temperature_degc": 70}],
        },
        "wells": [
            {"name": "P1", "kind": "producer", "x_m": -180, "y_m": 0, "rate_m3_h": 100, "pad": "A"},
            {
                "name": "I1",
                "kind": "injector",
                "x_m": 180,
                "y_m": 0,
                "rate_m3_h": 90,
                "head_x_m": 0,
                "head_y_m": 0,
            },
        ],
        "years": 30,
        "season_days": 300,
        "uses": {"heating": HEATING},
        **more,
    }


def run(**more: object) -> Evaluation:
    return evaluate(read_scheme(doublet(**more)), "streamline")


def values(result: Evaluation) -> dict[str, float | None]:
    return {key: kpi.value for key, kpi in result.kpis.items()}


@pytest.fixture(scope="module")
def base() -> Evaluation:
    return run()


def test_equal_schemes_give_equal_figures(base: Evaluation) -> None:
    run(years=20)  # whatever was evaluated between
    assert values(run()) == values(base)


def test_energy_goes_round(base: Evaluation) -> None:
    """Heat at the station = heat used + heat sent back, every year; delivered = used + compressor + boiler - losses."""
    out = base.facts.run
    stream, delivery = out.stream, out.delivery
    taken = stream.capacity_mw_k * (stream.temperature_degc - delivery.outlet_degc)
    assert taken == pytest.approx(delivery.extracted_mw, rel=1e-9)
    s = delivery.series
    made = delivery.extracted_mw + s["heat_pump_power_mw"] + s["peak_boiler_mw"]
    assert made * 0.95 == pytest.approx(delivery.product_mw, rel=1e-9)
    heat = float((delivery.product_mw * delivery.days * 86.4).sum()) / 30
    assert base.kpis["annual_heat_gj"].value == pytest.approx(heat)


def test_water_cools_on_its_way(base: Evaluation) -> None:
    temperatures = base.station.at(1)["temperatures_degc"]
    bottom = float(base.facts.run.bottom_degc[0, 0])
    order = [bottom, *(temperatures[key] for key in ("wellhead", "station_in", "hx1_out", "tail"))]
    assert all(a > b for a, b in pairwise(order))


def test_the_station_decides_what_is_injected(base: Evaluation) -> None:
    """The return temperature in the forecast is the station's, warmed in the hole, within the stated closeness."""
    used = base.wells[1].temperature_degc
    assert used == pytest.approx(base.forecast.temperature_degc["I1"][0])
    assert abs(float(base.facts.run.injected_degc[0]) - used) <= 2 * CLOSE_K
    assert used > float(np.mean(base.facts.run.tail_degc))
    colder = run(uses={"heating": {**HEATING, "heat_pump": {"tail_degc": 10}, "area_m2": 1e6}})
    assert colder.wells[1].temperature_degc < used
    assert colder.kpis["thermal_power_mw"].value > base.kpis["thermal_power_mw"].value


def test_a_second_forecast_where_the_return_follows_the_reservoir() -> None:
    """Little demand, so that the tail is the wellhead less a constant: it falls as the reservoir cools."""
    low = run(uses={"heating": {"area_m2": 6e4, "load_w_m2": 30}}, season_days=365.25)
    assert low.kpis["temperature_decline_k"].value > 1.0
    assert abs(float(low.facts.run.injected_degc[0]) - low.wells[1].temperature_degc) < 2.0


def test_a_stated_injection_temperature_rules(base: Evaluation) -> None:
    data = doublet(uses={})
    data["wells"][1]["temperature_degc"] = 25
    stated = evaluate(read_scheme(data), "streamline")
    assert stated.wells[1].temperature_degc == 25
    assert stated.station.at(1)["temperatures_degc"]["tail"] == pytest.approx(25.0)
    data["uses"] = {"heating": {"return_degc": 40, "supply_degc": 50}}
    wasted = evaluate(read_scheme(data), "streamline")
    assert "heat_unused" in [notice.code for notice in wasted.notices]
    assert wasted.kpis["annual_heat_gj"].value < stated.kpis["annual_heat_gj"].value


def test_moving_a_well_moves_power_pipes_and_money(base: Evaluation) -> None:
    data = doublet()
    data["wells"][0].update(x_m=-900, head_x_m=-900)
    far = evaluate(read_scheme(data), "streamline")
    assert far.cash_flow.quantities["pipe"] > base.cash_flow.quantities["pipe"]
    assert far.kpis["temperature_decline_k"].value < base.kpis["temperature_decline_k"].value
    assert far.kpis["max_drawdown_bar"].value != base.kpis["max_drawdown_bar"].value
    changed = {key for key, value in values(far).items() if value != values(base)[key]}
    assert changed >= {
        "capex_cny",
        "opex_cny_per_year",
        "lcoh_cny_per_gj",
        "npv_cny",
        "annual_heat_gj",
        "spf",
    }


def test_a_bent_well_is_longer_and_dearer(base: Evaluation) -> None:
    data = doublet()
    data["wells"][0].update(head_x_m=-900, head_y_m=300)
    bent = evaluate(read_scheme(data), "streamline")
    assert bent.cash_flow.quantities["well_deviated"] > base.cash_flow.quantities["well_deviated"] + 1460.0
    assert base.cash_flow.quantities["well_vertical"] == pytest.approx(1460.0)


def test_existing_wells_cost_nothing_unless_asked(base: Evaluation) -> None:
    data = doublet()
    for well in data["wells"]:
        well["existing"] = True
    sunk = evaluate(read_scheme(data), "streamline")
    assert not {"well_vertical", "well_deviated", "pad", "pipe", "well_pump"} & set(sunk.cash_flow.capex)
    data["economics"] = {"include_existing": True}
    priced = evaluate(read_scheme(data), "streamline")
    assert priced.kpis["capex_cny"].value == pytest.approx(base.kpis["capex_cny"].value)


def leaves(data: dict, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Paths of all numbers in nested objects."""
    found = []
    for key, value in data.items():
        found += leaves(value, (*path, key)) if isinstance(value, dict) else [(*path, key)]
    return found


# Costs of other uses than heating (test_uses) and of the energy system (test_energy_system).
LIVES = {f"{key}_life_years" for key in OF_USE.values()}
PRICED_ELSEWHERE = {*OF_USE.values(), *LIVES, "tank", "aquifer_store", "network_pipe"}
INPUTS: dict = {
    "uses": {
        "heating": {
            **HEATING,
            "load_w_m2": 33,
            "season_days": 200,
            "approach_k": 4,
            "network_head_m": 60,
            "intermediate_head_m": 30,
            "circulation_efficiency": 0.6,
            "area_m2": 1.6e5,
            "design_load_w_m2": 44,
            "supply_degc": 44,
            "return_degc": 33,
            "network_loss_pct": 8,
            "station_x_m": 400,
            "station_y_m": 500,
            "mode": "direct",
            "heat_pump": {
                "tail_degc": 20,
                "lorenz_fraction": 0.35,
                "capacity_mw": 0.6,
                "evaporator_approach_k": 5,
                "evaporator_glide_k": 5,
            },
            "peak_boiler": {"efficiency": 0.8, "capacity_mw": 0.3, "fuel": "coal"},
        },
        "pumping": {
            "static_level_m": 90,
            "wellhead_pressure_bar": 4,
            "efficiency": 0.55,
            "casing_radius_m": 0.08,
            "surface_degc": 15,
        },
    },
    "economics": {
        "discount_rate": 0.05,
        "heat_price_cny_per_gj": 60,
        "heat_price_cny_per_m2": 25,
        "electricity_price_cny_per_kwh": 0.6,
        "fuel_price_cny_per_gj": 100,
        "staff": 9,
        "resource_tax_cny_per_m3": 2,
        "subsidy_cny": 1e6,
        "heat_subsidy_cny_per_gj": 10,
        "grid": "south",
        "grid_co2_kg_per_kwh": 0.4,
        "baseline": {
            "kind": "gas_boiler",
            "boiler_efficiency": 0.7,
            "electricity_kwh_per_gj": 3,
            "income_cny_per_year": 1e6,
            "cost_cny_per_year": 1e6,
        },
        "costs": {
            key: 0.5 * cost.mode for key, cost in load_library().costs.items() if key not in PRICED_ELSEWHERE
        },
    },
    "season_days": 250,
    "years": 25,
}


@pytest.mark.parametrize("path", leaves(INPUTS), ids=".".join)
def test_every_input_moves_an_output(path: tuple[str, ...]) -> None:
    """One number at a time. A gas boiler price needs gas; an unlimited unit cost a unit that is built."""
    data, source = doublet(), INPUTS
    # both wells bent and the ground tight, so that every priced thing is built
    data["wells"][0]["head_x_m"] = -300
    data["reservoir"]["layers"][0]["permeability_md"] = 100
    before = values(evaluate(read_scheme(data), "streamline"))
    target = data
    for key in path[:-1]:
        target[key] = dict(target.get(key, {}))
        target, source = target[key], source[key]
    if path == ("economics", "costs", "well_vertical"):
        data["wells"][0].pop("head_x_m")  # a vertical well to price
        before = values(evaluate(read_scheme(data), "streamline"))
    target[path[-1]] = source[path[-1]]
    after = values(evaluate(read_scheme(data), "streamline"))
    assert before != after


def test_the_cost_list_adds_up_and_says_its_range(base: Evaluation) -> None:
    items = capex_items(base.cash_flow, base.terms)
    assert sum(item.cost_cny for item in items) == pytest.approx(base.kpis["capex_cny"].value)
    assert all(item.low_cny <= item.cost_cny <= item.high_cny for item in items)


def test_renewals_fall_at_the_end_of_lives(base: Evaluation) -> None:
    """Well pumps every 5 a and heat pumps every 15 a, in 30 a: years 5..25 and 15; never in the last year."""
    paid = np.flatnonzero(base.cash_flow.renewal_cny) + 1
    assert paid.tolist() == [5, 10, 15, 20, 25]
    extra = base.cash_flow.renewal_cny[14] - base.cash_flow.renewal_cny[4]
    assert extra == pytest.approx(base.cash_flow.capex["heat_pump"])


def test_storage_schedule_and_part_years() -> None:
    """A well that stores and gives back: 100 days in at 30 m3/h, 100 days out at 20 m3/h, 1.5 years."""
    steps = [
        (0, 30, 60),
        (100, 0, None),
        (200, -20, None),
        (300, 0, None),
        (365.25, 30, 60),
        (465.25, -20, None),
    ]
    wells = [
        {
            "name": "S1",
            "kind": "storage",
            "x_m": 0,
            "y_m": 0,
            "schedule": [
                {"start_day": d, "rate_m3_h": q, **({} if t is None else {"temperature_degc": t})}
                for d, q, t in steps
            ],
        }
    ]
    out = evaluate(read_scheme(doublet(wells=wells, years=1.5, uses={})), "streamline")
    plan = out.facts.plan
    assert plan.hot.volume_m3[:, 0] == pytest.approx([20 * 24 * 100, 20 * 24 * (1.5 * 365.25 - 465.25)])
    assert plan.cold.volume_m3[:, 0] == pytest.approx([30 * 24 * 100, 30 * 24 * 100])
    assert plan.hot.days[0, 0] == pytest.approx(100.0)
    assert out.cash_flow.quantities["wellhead"] == 1.0  # one hole, though it stands on both sides


def test_producers_alone_have_no_breakthrough() -> None:
    data = doublet()
    data["wells"] = data["wells"][:1]
    out = evaluate(read_scheme(data), "streamline")
    assert out.kpis["breakthrough_years"].value is None
    assert out.kpis["reinjection_ratio_pct"].value == 0.0
    assert out.kpis["max_injection_pressure_bar"].value is None
    assert out.kpis["annual_heat_gj"].value > 0.0


def test_station_equipment_is_live(base: Evaluation) -> None:
    pieces = {piece.key: piece for piece in base.station.equipment(1)}
    assert set(pieces) == {
        "exchanger1",
        "exchanger2",
        "heat_pump",
        "peak_boiler",
        "circulation_pumps",
        "intermediate_pumps",
    }
    first = pieces["exchanger1"]
    flow_mw_k = 4.18 * first.hot_flow_m3_h / 3600
    assert first.duty_kw == pytest.approx(1e3 * flow_mw_k * (first.hot[0] - first.hot[1]), rel=1e-9)
    assert all(piece.zh and piece.en for piece in pieces.values())
    assert set(base.station.pump_kw) == {"P1", "I1"}


# --- bands -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def banded() -> Evaluation:
    return evaluate(read_scheme(doublet(seed=3)), "streamline", bands=True)


def test_bands_hold_the_value(banded: Evaluation, base: Evaluation) -> None:
    for key, kpi in banded.kpis.items():
        if key == "probability_npv_negative_pct":
            assert 0.0 <= kpi.value <= 100.0
            continue
        assert kpi.value == base.kpis[key].value
        if kpi.low is not None and kpi.value is not None:
            assert kpi.low <= kpi.value + 1e-9 * abs(kpi.value)
        if kpi.high is not None and kpi.value is not None:
            assert kpi.high >= kpi.value - 1e-9 * abs(kpi.value)
    for key in ("npv_cny", "lcoh_cny_per_gj", "annual_heat_gj", "capex_cny", "max_drawdown_bar"):
        assert banded.kpis[key].low < banded.kpis[key].high


def test_bands_repeat_and_follow_the_seed(banded: Evaluation) -> None:
    again = evaluate(read_scheme(doublet(seed=3)), "streamline", bands=True)
    other = evaluate(read_scheme(doublet(seed=4)), "streamline", bands=True)
    assert again.kpi_dict() == banded.kpi_dict()
    assert other.kpis["npv_cny"].low != banded.kpis["npv_cny"].low
    assert other.kpis["npv_cny"].value == banded.kpis["npv_cny"].value


def test_nothing_varies_where_nothing_is_uncertain() -> None:
    fixed = {key: [0, 0] for key in load_library().uncertainty}
    out = evaluate(read_scheme(doublet(economics={"uncertainty": fixed})), "streamline", bands=True)
    for key in ("npv_cny", "lcoh_cny_per_gj", "annual_heat_gj", "max_drawdown_bar"):
        kpi = out.kpis[key]
        assert (kpi.low, kpi.high) == (pytest.approx(kpi.value), pytest.approx(kpi.value))


def test_more_uncertain_prices_widen_the_band_and_the_risk() -> None:
    """At a price near cost, a wider price range makes a loss likelier."""
    risk = []
    for width in (5, 60):
        money = {"heat_price_cny_per_gj": 46, "uncertainty": {"heat_price_pct": [-width, width]}}
        out = evaluate(read_scheme(doublet(economics=money)), "streamline", bands=True)
        risk.append(
            (
                out.kpis["npv_cny"].high - out.kpis["npv_cny"].low,
                out.kpis["probability_npv_negative_pct"].value,
            )
        )
    assert risk[1][0] > 1.5 * risk[0][0]
    assert risk[1][1] > risk[0][1]


def test_draws_have_the_stated_quantiles() -> None:
    """P10 and P90 of -15 % and +30 % are factors 0.85 and 1.30 (lognormal sides), of +-2 K are -2 and 2."""
    scores = unit_draws(0, 4000, 2)
    factors = spread(scores[:, 0], -15, 30, per_cent=True)
    kelvins = spread(scores[:, 1], -2, 2, per_cent=False)
    assert np.quantile(factors, [0.1, 0.5, 0.9]) == pytest.approx([0.85, 1.0, 1.30], abs=2e-3)
    assert np.quantile(kelvins, [0.1, 0.5, 0.9]) == pytest.approx([-2, 0, 2], abs=1e-2)


@pytest.mark.parametrize(("thickness", "warmer"), [(0.85, 0.0), (1.15, 0.0), (1.0, 2.0)])
def test_scaling_a_forecast_is_like_forecasting_anew(thickness: float, warmer: float) -> None:
    """No confining rock, so that scaling is exact but for straight lines between year ends.

    The curve bends within one year at breakthrough (up to 2 K there): what is left over 25 of 30 a is
    less than 0.4 (measured 0.04 to 0.30) of what the change of the ground itself does (2 K rms).
    """
    data = doublet()
    data["reservoir"]["confining"] = None
    data["wells"][1].update(temperature_degc=30, rate_m3_h=100)
    plain = evaluate(read_scheme(data), "streamline")
    scaled = scaled_forecast(
        plain.facts.plan, plain.forecast, Ground(thickness, 1.0, warmer, 1.0), plain.facts.run.injected_degc
    )
    layer = data["reservoir"]["layers"][0]
    layer["thickness_m"] *= thickness
    layer["temperature_degc"] += warmer
    scheme = read_scheme(data)
    anew = load_model("streamline").forecast(
        scheme.ground(), scheme.ground_wells(), plain.forecast.years, season_days=scheme.season_days
    )
    off = scaled.temperature_degc["P1"][:25] - anew.temperature_degc["P1"][:25]
    moved = plain.forecast.temperature_degc["P1"][:25] - anew.temperature_degc["P1"][:25]
    assert np.sqrt(np.mean(off**2)) <= 0.4 * np.sqrt(np.mean(moved**2))
    assert scaled.pressure_change_bar["P1"][0] == pytest.approx(anew.pressure_change_bar["P1"][0], rel=0.03)


def test_cancelling_and_bad_input() -> None:
    with pytest.raises(Cancelled):
        evaluate(read_scheme(doublet()), "streamline", bands=True, cancel=lambda: True)
    with pytest.raises(InputError):
        read_scheme(doublet(uses={"heating": {"area_m2": -1}}))


def test_year_means_are_between_year_ends(base: Evaluation) -> None:
    means = year_means(base.facts.plan, base.forecast)[:, 0]
    ends = np.append(70.0, base.forecast.temperature_degc["P1"])
    assert means == pytest.approx(0.5 * (ends[1:] + ends[:-1]))


def test_the_simulation_answers_the_same_question(base: Evaluation) -> None:
    out = evaluate(read_scheme(doublet(years=5)), "simulation")
    assert {kpi.state for kpi in out.kpis.values()} == {"simulated"}
    live = run(years=5)
    assert out.kpis["annual_heat_gj"].value == pytest.approx(live.kpis["annual_heat_gj"].value, rel=0.03)
