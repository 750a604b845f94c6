"""Uses through the whole chain: cascade, money, station, warnings."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scenarios.cash_flow import capex_items
from scenarios.costs import load_library
from scenarios.evaluate import Evaluation, evaluate
from scenarios.faults_zh import chinese
from scenarios.labels import label
from scenarios.scheme import read_scheme
from scenarios.station import EQUIPMENT, OF_USE
from twin_models.errors import InputError
from twin_models.sites import assets_dir
from twin_models.uses import agriculture, cooling, drying, power, wellness
from twin_models.uses.cascade import Cascade, balance
from twin_models.uses.climate import climate_of

HEATING = {
    "area_m2": 6e4,
    "load_w_m2": 32,
    "design_load_w_m2": 40,
    "season_days": 120,
    "heat_pump": {"tail_degc": 15},
}
ALL = {
    "heating": {**HEATING, "cooling": {"area_m2": 8000}},
    "power": {},
    "drying": {"feed_t_per_day": 10},
    "agriculture": {"greenhouse_m2": 5000, "ponds_m2": 1000},
    "wellness": {"pools_m2": 1000, "visitors_per_day": 500},
}


def doublet(**more: object) -> dict:
    """A doublet in a box, 30 years, return temperature left to the station."""
    return {
        "format": "geosandbox-scheme/1",
        "reservoir": {
            "extent_m": [2880, 2880],
            "origin_m": [-1440, -1440],
            "cell_m": 60,
            "boundary": "constant_pressure",
            "layers": [{"name": "Guantao", "top_m": 1400, "thickness_m": 60, "temperature_degc": 70}],
        },
        "wells": [
            {"name": "P1", "kind": "producer", "x_m": -180, "y_m": 0, "rate_m3_h": 100},
            {"name": "I1", "kind": "injector", "x_m": 180, "y_m": 0, "rate_m3_h": 100},
        ],
        "years": 30,
        **more,
    }


def values(result: Evaluation) -> dict[str, float | None]:
    return {key: kpi.value for key, kpi in result.kpis.items()}


def leaves(data: dict, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Paths of all values in nested objects."""
    found = []
    for key, value in data.items():
        found += leaves(value, (*path, key)) if isinstance(value, dict) else [(*path, key)]
    return found


def run(uses: dict, degc: float = 110.0, **more: object) -> Evaluation:
    data = doublet(uses=uses, season_days=365.25, **more)
    data["reservoir"]["layers"][0]["temperature_degc"] = degc
    return evaluate(read_scheme(data), "streamline")


@pytest.fixture(scope="module")
def full() -> Evaluation:
    return run(ALL)


def test_hottest_first(full: Evaluation) -> None:
    """Each use meets the water as the one before left it, at every typical day; the tail goes to the injector."""
    facts = full.facts
    way = facts.plan.cascade.passage(facts.run.stream, facts.plan.use)
    names = [stage.name for stage in way.stages]
    assert names == [
        "power",
        "cooling",
        "drying",
        "wellness",
        "heating",
        "aquaculture",
        "agriculture",
        "heat_pump",
    ]
    for before, after in zip(way.stages, way.stages[1:], strict=False):
        assert after.inlet_degc is before.outlet_degc
    tail = way.over_days(way.tail_degc)
    assert facts.run.tail_degc == pytest.approx(tail)
    assert full.station.at(1)["temperatures_degc"]["tail"] == pytest.approx(tail[0])


def test_energy_and_exergy_close(full: Evaluation) -> None:
    plan, stream = full.facts.plan, full.facts.run.stream
    found = balance(plan.cascade, stream, plan.use, dead_degc=12.0)
    assert found.heat_in == pytest.approx(sum(found.heat_taken.values()) + found.heat_out, rel=1e-9)
    assert found.exergy_in == pytest.approx(sum(found.exergy_taken.values()) + found.exergy_out, rel=1e-9)
    taken = stream.capacity_mw_k * (stream.temperature_degc - full.facts.run.delivery.outlet_degc)
    assert full.facts.run.delivery.extracted_mw == pytest.approx(taken, rel=1e-9)
    for name, useful in found.useful.items():
        assert (found.exergy_taken[name] + found.power[name] >= useful - 1e-12).all(), name
    assert (found.efficiency > 0.05).all() and (found.efficiency < 0.6).all()


def test_exergy_of_a_stream_by_hand() -> None:
    """1 MW/K from 60 to 40 degC against 10 degC: 20 - 283.15 ln(333.15/313.15) = 20 - 17.5299 = 2.4701 MW per use."""
    from twin_models.uses.base import Stream
    from twin_models.uses.wellness import WellnessUse

    one = np.ones(1)
    stream = Stream(3600.0 / 4.18 * one, 60.0 * one, 365.25 * one)
    use = WellnessUse(pools_m2=1e7, outdoor_pct=0.0, pool_degc=37.0)  # far too much: down to pool + approach
    found = balance(Cascade((use,), climate_of(None), heated=False), stream, None, dead_degc=10.0)
    assert found.heat_taken["wellness"][0] == pytest.approx(20.0)
    assert found.exergy_taken["wellness"][0] == pytest.approx(2.4701, abs=2e-4)


def test_an_empty_neighbour_hardly_moves_heating() -> None:
    """A power plant that stands leaves heating as it is alone: its demand to the last digit, its heat to 1 %."""
    lone, beside = run({"heating": HEATING}, 70.0), run({"heating": HEATING, "power": {}}, 70.0)
    one, two = lone.facts.run.delivery, beside.facts.run.delivery.parts["heating"]
    assert two.demand_mw == pytest.approx(one.demand_mw)
    assert two.product_mw == pytest.approx(one.product_mw, rel=0.01)
    assert two.sizes_kw["exchanger1"] == pytest.approx(one.sizes_kw["exchanger1"], rel=0.02)
    assert beside.kpis["annual_heat_gj"].value == pytest.approx(lone.kpis["annual_heat_gj"].value, rel=0.01)
    assert beside.kpis["electric_power_mw"].value == 0.0
    assert "use_too_cold" in [n.code for n in beside.notices]


def test_money_of_every_use(full: Evaluation) -> None:
    """Income adds up; own electricity is used before any is sold; each priced thing is built."""
    flow, prices = full.cash_flow, load_library().prices
    assert sum(flow.income_by_use.values()) == pytest.approx(flow.income_cny)
    parts = full.facts.run.delivery.parts
    spa = parts["wellness"].product_mw * parts["wellness"].days * 86.4
    assert flow.income_by_use["wellness"] == pytest.approx(spa * prices["spa_heat_cny_per_gj"].value)
    assert flow.sold_mwh == pytest.approx(np.maximum(flow.generated_mwh - flow.electricity_mwh, 0.0))
    bought = np.maximum(flow.electricity_mwh - flow.generated_mwh, 0.0)
    assert flow.electricity_cny == pytest.approx(bought * 1e3 * full.terms.electricity_price_cny_per_kwh)
    assert {*OF_USE.values()} <= set(flow.capex)
    items = {item.key: item for item in capex_items(flow, full.terms)}
    assert sum(item.cost_cny for item in items.values()) == pytest.approx(full.kpis["capex_cny"].value)
    heat = sum(p.product_mw * p.days * 86.4 for p in parts.values() if p.kind == "heat")
    assert flow.heat_gj == pytest.approx(heat)


def test_net_power_by_hand(full: Evaluation) -> None:
    """Generated in the first year, less the well pumps, over the hours of flow."""
    flow, hours = full.cash_flow, full.facts.plan.days[0] * 24.0
    net = (flow.generated_mwh[0] - full.facts.run.pump_mwh[0]) / hours
    assert full.kpis["electric_power_mw"].value == pytest.approx(net)
    assert net > 0.2


def test_only_power() -> None:
    """No heat is sold: no levelised cost of heat, no demand; electricity earns and avoids carbon."""
    only = run({"power": {}}, 120.0)
    assert only.kpis["annual_heat_gj"].value == 0.0
    assert only.kpis["lcoh_cny_per_gj"].value is None
    assert only.kpis["demand_met_pct"].value is None
    assert only.kpis["co2_avoided_t_per_year"].value > 0.0
    assert [item.key for item in only.station.equipment(1)] == ["orc"]
    dearer = run({"power": {"price_cny_per_kwh": 1.0}}, 120.0)
    assert dearer.kpis["npv_cny"].value > only.kpis["npv_cny"].value


def test_the_cascade_decides_what_is_injected(full: Evaluation) -> None:
    assert full.wells[1].temperature_degc > 40.0
    spa = run({"wellness": {"pools_m2": 100}}, 70.0)
    assert spa.wells[1].temperature_degc > 60.0  # hardly any heat taken
    assert spa.kpis["thermal_power_mw"].value < 1.0


def test_wells_that_stand_in_summer_cannot_cool() -> None:
    data = doublet(uses={"heating": {**HEATING, "cooling": {"area_m2": 1000}}}, season_days=120)
    data["reservoir"]["layers"][0]["temperature_degc"] = 90
    result = evaluate(read_scheme(data), "streamline")
    assert "no_water_in_season" in [n.code for n in result.notices]
    assert np.sum(result.cash_flow.cold_gj) == 0.0


def test_station_lists_every_use(full: Evaluation) -> None:
    keys = [item.key for item in full.station.equipment(1)]
    assert set(OF_USE.values()) <= set(keys)
    for item in full.station.equipment(1):
        assert np.isfinite([*item.hot, *item.cold, item.duty_kw, item.power_kw, item.size_kw]).all()
        assert (item.zh, item.en) == EQUIPMENT[item.key]
    assert next(use.name for use in full.station.uses) == "power"


def test_a_site_keeps_its_buildings_unless_they_are_excluded() -> None:
    path = assets_dir() / "sites" / "linqing-ab" / "schemes" / "linked.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    own = data.get("uses", {})
    spa = {"wellness": {"pools_m2": 300}}
    both = evaluate(read_scheme({**data, "uses": {**own, **spa}}), "streamline")
    assert set(both.facts.run.delivery.parts) == {"heating", "wellness"}
    alone = evaluate(read_scheme({**data, "uses": {**spa, "heating": False}}), "streamline")
    assert set(alone.facts.run.delivery.parts) == {"wellness"}


def test_bands_move_every_demand() -> None:
    data = doublet(uses={"drying": {"feed_t_per_day": 10}}, season_days=365.25)
    result = evaluate(read_scheme(data), "streamline", bands=True)
    heat = result.kpis["annual_heat_gj"]
    assert heat.low < 0.97 * heat.value and heat.high > 1.03 * heat.value


MOVED: dict = {
    "heating": {
        "area_m2": 5e4,
        "cooling": {
            "area_m2": 5000,
            "load_w_m2": 60,
            "season_days": 70,
            "chilled_degc": 13,
            "recooling_degc": 28,
            "minimum_degc": 75,
            "approach_k": 5,
            "generator_glide_k": 6,
            "power_per_cold": 0.1,
            "price_cny_per_gj": 70,
        },
    },
    "power": {"capacity_mw": 0.1, "minimum_degc": 106, "own_use_pct": 5, "price_cny_per_kwh": 0.6},
    "drying": {
        "feed_t_per_day": 15,
        "moisture_in_pct": 70,
        "moisture_out_pct": 20,
        "season_days": 100,
        "season": "cold",
        "air_degc": 85,
        "minimum_air_degc": 59.9,
        "wet_bulb_degc": 30,
        "approach_k": 20,
        "outlet_degc": 68,
        "efficiency": 0.5,
        "fan_kwh_per_t_water": 80,
        "price_cny_per_gj": 50,
    },
    "agriculture": {
        "greenhouse_m2": 8000,
        "cover": "single_glass",
        "cover_ratio": 1.6,
        "height_m": 5,
        "air_changes_per_h": 0.5,
        "indoor_degc": 20,
        "sun_used_pct": 20,
        "supply_degc": 50,
        "return_degc": 32,
        "ponds_m2": 500,
        "pond_degc": 28,
        "pond_depth_m": 2,
        "pond_renewal_pct_per_day": 20,
        "fresh_degc": 10,
        "approach_k": 5,
        "power_per_heat": 0.03,
        "price_cny_per_gj": 50,
    },
    "wellness": {
        "pools_m2": 500,
        "pool_degc": 42,
        "supply_above_k": 25,
        "outdoor_pct": 80,
        "depth_m": 1.5,
        "renewal_pct_per_day": 60,
        "visitors_per_day": 900,
        "shower_l_per_visitor": 90,
        "fresh_degc": 8,
        "heat_recovery_pct": 10,
        "air_degc": 31,
        "humidity_pct": 75,
        "activity": 0.6,
        "approach_k": 12,
        "power_per_heat": 0.1,
        "price_cny_per_gj": 100,
    },
}


@pytest.mark.parametrize("path", leaves(MOVED), ids=".".join)
def test_every_input_of_every_use_moves_an_output(path: tuple[str, ...]) -> None:
    """One at a time, in a cascade short of water, so that limits bind. Drying's season counts once it has an end."""
    base = json.loads(json.dumps(ALL))
    base["drying"]["feed_t_per_day"] = 60
    base["drying"]["outlet_degc"] = 60
    if path == ("drying", "season"):
        base["drying"]["season_days"] = 150
    changed = json.loads(json.dumps(base))
    target, source = changed, MOVED
    for key in path[:-1]:
        target, source = target.setdefault(key, {}), source[key]
    target[path[-1]] = source[path[-1]]
    assert values(run(changed)) != values(run(base))


@pytest.mark.parametrize("key", sorted(OF_USE.values()))
def test_every_cost_counts(full: Evaluation, key: str) -> None:
    other = run(ALL, economics={"costs": {key: 1.0}})
    assert other.kpis["capex_cny"].value < full.kpis["capex_cny"].value
    assert load_library().costs[key].source


LIMITS = {
    "power": power.LIMITS,
    "heating.cooling": cooling.LIMITS,
    "drying": drying.LIMITS,
    "agriculture": agriculture.LIMITS,
    "wellness": wellness.LIMITS,
}


@pytest.mark.parametrize("use", LIMITS)
def test_every_setting_has_words_and_is_tested_to_count(use: str) -> None:
    moved = MOVED["heating"]["cooling"] if use == "heating.cooling" else MOVED[use]
    assert set(LIMITS[use]) <= set(moved)
    for field in moved:
        zh, en = label(f"uses.{use}.{field}")
        assert zh != en and en != f"uses.{use}.{field}"


@pytest.mark.parametrize(
    "uses",
    [
        {"heating": False},
        {"agriculture": {}},
        {"drying": {"feed_t_per_day": 5, "moisture_in_pct": 10}},
        {"drying": {"feed_t_per_day": 5, "minimum_air_degc": 90}},
        {"agriculture": {"greenhouse_m2": 5, "supply_degc": 24}},
        {"wellness": {"pool_degc": 60, "pools_m2": 5}},
        {"spas": {}},
    ],
)
def test_faults_of_uses_are_said_in_chinese(uses: dict) -> None:
    with pytest.raises(InputError) as caught:
        read_scheme(doublet(uses=uses))
    for fault in caught.value.faults:
        assert chinese(fault.text) != fault.text


@pytest.mark.parametrize("uses", [{"heating": HEATING}, {"power": {}}, ALL], ids=["heating", "power", "all"])
def test_every_evaluation_has_its_balance(uses: dict) -> None:
    found = run(uses, years=10.5).balance
    assert found.heat_in == pytest.approx(sum(found.heat_taken.values()) + found.heat_out, rel=1e-9)
    assert found.exergy_in == pytest.approx(sum(found.exergy_taken.values()) + found.exergy_out, rel=1e-9)
    assert ((found.efficiency > 0.0) & (found.efficiency < 0.7)).all()


def test_a_stated_injection_temperature_is_the_floor_of_all_uses() -> None:
    data = doublet(uses=ALL, season_days=365.25)
    data["wells"][1]["temperature_degc"] = 45
    data["reservoir"]["layers"][0]["temperature_degc"] = 110
    result = evaluate(read_scheme(data), "streamline")
    way = result.facts.plan.cascade.passage(result.facts.run.stream, result.facts.plan.use)
    assert (way.tail_degc >= 45.0 - 1e-9).all()
    assert result.wells[1].temperature_degc == 45
