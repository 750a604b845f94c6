"""The energy system through the whole chain: every field moves a figure, money follows the hours, old schemes stay."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scenarios.costs import load_library
from scenarios.edits import set_use
from scenarios.energy_system import made_by_hour, used_by_hour
from scenarios.evaluate import Evaluation, evaluate
from scenarios.faults_zh import chinese
from scenarios.labels import label
from scenarios.scheme import read_scheme, to_dict
from scenarios.uses_report import uses_report
from tests.scenarios.test_uses import doublet, leaves, values
from twin_models.errors import InputError
from twin_models.uses.system import AQUIFER, NETWORK, TANK, TARIFF

HEATING = {
    "area_m2": 1.7e5,
    "load_w_m2": 32,
    "design_load_w_m2": 55,
    "season_days": 120,
    "heat_pump": {"tail_degc": 15, "capacity_mw": 1.5},
    "peak_boiler": {"capacity_mw": 0.5},
}
SYSTEM = {
    "tank": {"volume_m3": 1200, "usable_k": 10, "power_mw": 2},
    "aquifer": {"volume_m3": 8e4, "power_mw": 1},
    "network": {"length_m": 2000},
    "tariff": {},
}
MOVED = {
    "tank": {"volume_m3": 2500, "usable_k": 14, "loss_w_m2k": 1.0, "power_mw": 0.2},
    "aquifer": {
        "volume_m3": 4e4,
        "usable_k": 30,
        "power_mw": 0.5,
        "loss_pct_per_month": 20,
        "kwh_per_mwh": 20,
    },
    "network": {"length_m": 3000, "dn": 250 - 50, "ground_degc": 5, "friction_pa_per_m": 100},
    "tariff": {
        "valley_factor": 0.3,
        "peak_factor": 1.8,
        "valley_hours": [1, 2, 3],
        "peak_hours": [17, 18],
        "own_power": "feed_in",
    },
}


def run(uses: dict, degc: float = 70.0, **more: object) -> Evaluation:
    data = doublet(uses=uses, **{"season_days": 365.25, "years": 6, **more})
    data["reservoir"]["layers"][0]["temperature_degc"] = degc
    return evaluate(read_scheme(data), "streamline")


@pytest.fixture(scope="module")
def full() -> dict[str, float | None]:
    return values(run({"heating": HEATING, "power": {}, "system": SYSTEM}, 95.0))


def test_the_list_of_fields_is_whole() -> None:
    known = {"tank": TANK, "aquifer": AQUIFER, "network": {*NETWORK, "dn"}}
    for part, fields in known.items():
        assert set(MOVED[part]) == set(fields)
    assert set(MOVED["tariff"]) == {*TARIFF, "valley_hours", "peak_hours", "own_power"}


@pytest.mark.parametrize("path", leaves(MOVED), ids=".".join)
def test_every_field_moves_a_figure(path: tuple[str, ...], full: dict[str, float | None]) -> None:
    system = json.loads(json.dumps(SYSTEM))
    system[path[0]][path[1]] = MOVED[path[0]][path[1]]
    assert values(run({"heating": HEATING, "power": {}, "system": system}, 95.0)) != full
    assert label(f"uses.system.{path[0]}.{path[1]}")[0] != f"uses.system.{path[0]}.{path[1]}"


@pytest.mark.parametrize("key", ["tank", "aquifer_store", "network_pipe"])
def test_every_cost_moves_a_figure(key: str, full: dict[str, float | None]) -> None:
    cost = load_library().costs[key]
    after = run(
        {"heating": HEATING, "power": {}, "system": SYSTEM}, 95.0, economics={"costs": {key: 2 * cost.mode}}
    )
    built = {"tank": 1200.0, "aquifer_store": 1000.0, "network_pipe": 2000 * 1.2**1.2}[key]
    more = built * cost.mode * (1.0 + load_library().costs["contingency_pct"].mode / 100.0)
    assert after.kpis["capex_cny"].value - full["capex_cny"] == pytest.approx(more, rel=1e-9)


def test_electricity_by_hour_adds_up_and_is_priced_by_hand() -> None:
    """Own power is taken off hour by hour: bought + own = used, own + sold = made; the bill is the sum over the hours."""
    found = run({"heating": HEATING, "power": {}, "system": {"tariff": {}}}, 105.0)
    plan, work, flow = found.facts.plan, found.facts.run, found.cash_flow
    used = used_by_hour(work, plan.cascade, flow.electricity_mwh)
    made = made_by_hour(work, plan.cascade, np.asarray(flow.generated_mwh))
    assert used.sum(axis=(1, 2)) == pytest.approx(flow.electricity_mwh)
    assert made.sum(axis=(1, 2)) == pytest.approx(flow.generated_mwh)
    own = np.minimum(used, made)
    assert flow.sold_mwh == pytest.approx(flow.generated_mwh - own.sum(axis=(1, 2)))
    price = np.full(24, 0.78)
    price[[23, 0, 1, 2, 3, 4, 5, 6]], price[[8, 9, 10, 17, 18, 19, 20, 21]] = 0.39, 1.17
    bill = ((used - own) * price * 1e3).sum(axis=(1, 2))
    assert flow.electricity_cny == pytest.approx(bill)
    plain = run({"heating": HEATING, "power": {}}, 105.0)
    assert (flow.sold_mwh >= plain.cash_flow.sold_mwh - 1e-6).all()  # a year nets more than its hours do


def test_the_store_feeds_back_into_the_reservoir() -> None:
    """Heat put away in summer is taken from the water: it goes back colder, and more of the winter's demand is met."""
    plain = run({"heating": HEATING, "system": {}})
    stored = run({"heating": HEATING, "system": {"aquifer": {"volume_m3": 4e5, "power_mw": 2}}})
    assert stored.wells[1].temperature_degc < plain.wells[1].temperature_degc - 1.0
    assert stored.kpis["demand_met_pct"].value > plain.kpis["demand_met_pct"].value
    sums = stored.facts.run.delivery.hours.sums
    met = 100.0 * sums["delivered"].sum() / sums["load"].sum()
    assert stored.kpis["demand_met_pct"].value == pytest.approx(met, rel=1e-6)
    assert sums["unmet_users"] + sums["delivered"] == pytest.approx(sums["load"])


def test_schemes_without_a_system_are_as_before_and_edits_come_back() -> None:
    scheme = read_scheme(doublet(uses={"heating": HEATING}))
    new, edit = set_use(scheme, "system.tank.volume_m3", value=500)
    assert to_dict(new)["uses"]["system"] == {"tank": {"volume_m3": 500}}
    assert "tank" in edit.label_en and "蓄热罐" in edit.label_zh
    assert new.key() != scheme.key() and read_scheme(to_dict(new)) == new
    back, _ = set_use(new, "system", value=None)
    assert values(evaluate(back, "streamline")) == values(evaluate(scheme, "streamline"))
    with pytest.raises(InputError) as caught:
        set_use(new, "system.tank.usable_k", value=-3)
    assert caught.value.faults[0].field == "uses.system.tank.usable_k"


def test_a_system_without_a_load_says_so() -> None:
    found = run({"system": {"tank": {"volume_m3": 100}}})
    assert "system_idle" in [n.code for n in found.notices]


@pytest.mark.parametrize(
    "text",
    [
        "hour 8 cannot be a valley hour and a peak hour at once",
        "must be at most peak_factor (1.5), got 2",
        "serves the heating of buildings, which this scheme does without",
        '"heating" is named twice',
    ],
)
def test_faults_have_chinese(text: str) -> None:
    assert chinese(text) != text


def test_the_report_closes() -> None:
    """Load = delivered + unmet each year; the cascade's temperatures follow one another; JSON takes all of it."""
    found = run({"heating": HEATING, "wellness": {"pools_m2": 500}, "system": SYSTEM}, 80.0)
    told = json.loads(json.dumps(uses_report(found), allow_nan=False))
    hours = told["hours"]
    for load, got, lack in zip(hours["load_gj"], hours["delivered_gj"], hours["unmet_gj"], strict=True):
        assert load == pytest.approx(got + lack)
    for year in told["cascade"].values():
        degc = year["wellhead_degc"]
        for place in year["places"]:
            assert place["inlet_degc"] == pytest.approx(degc)
            degc = place["outlet_degc"]
        assert year["tail_degc"] == pytest.approx(degc)
        assert sum(p["share_pct"] for p in year["places"]) + year["tail_pct"] == pytest.approx(100.0)
    assert uses_report(run({"heating": HEATING}))["hours"] is None
