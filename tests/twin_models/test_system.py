"""The energy system hour by hour through a life: balances, levels carried on, sums equal to their hours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twin_models.errors import InputError
from twin_models.uses import parse_uses
from twin_models.uses.base import Stream
from twin_models.uses.cascade import Cascade
from twin_models.uses.climate import climate_of
from twin_models.uses.dispatch import ROCK_MWH_M3K, Aquifer, Plant, run_year
from twin_models.uses.system import Rates

HEATING = {
    "area_m2": 1.6e5,
    "load_w_m2": 32,
    "design_load_w_m2": 52,
    "season_days": 120,
    "heat_pump": {"tail_degc": 15, "capacity_mw": 1.5},
    "peak_boiler": {"capacity_mw": 0.7},
}
SYSTEM = {
    "tank": {"volume_m3": 1500, "power_mw": 2},
    "aquifer": {"volume_m3": 1e5, "power_mw": 0.8},
    "network": {"length_m": 2500, "dn": 200},
    "tariff": {},
}
OTHERS = {"agriculture": {"greenhouse_m2": 12000}, "drying": {"feed_t_per_day": 8}}
CLIMATE = climate_of("linqing")


def cascade(uses: dict) -> tuple[Cascade, object]:
    found = parse_uses(uses)
    return Cascade(found.steps, CLIMATE, heated=True, order=found.order, system=found.system), found.heating


def water(years: int = 3, degc: float = 62.0, days: float = 365.25) -> Stream:
    one = np.ones(years)
    return Stream(90.0 * one, degc - 0.8 * np.arange(years), days * one, 4.18)


@pytest.mark.parametrize("others", [{}, OTHERS], ids=["alone", "in a cascade"])
def test_every_hour_balances_and_the_life_is_the_sum_of_its_hours(others: dict) -> None:
    chain, use = cascade({"heating": HEATING, "system": SYSTEM, **others})
    stream = water()
    delivery = chain.deliver(stream, use)
    hours, part = delivery.hours, delivery.parts["heating"]
    station = chain.station(stream, use)
    tank, store = chain.system.tank, chain.system.aquifer
    assert hours.levels_mwh[0].tolist() == [0.0, 0.0] and hours.levels_mwh[1, 1] > 0.0
    for row in range(3):
        year = station.year(row, part.sizes_kw, tuple(hours.levels_mwh[row]))
        plant = station.plant(row, part.sizes_kw)
        brought = year.exchange + year.tank_free + year.heat_pump + year.boiler + year.tank_out - year.tank_in
        assert brought + year.store_out == pytest.approx(year.need - year.unmet, abs=1e-9)
        used = year.exchange + year.tank_free + year.pump_offered + year.store_in + year.curtailed
        assert used == pytest.approx(plant.exchange_mw, abs=1e-9)
        after = year.level + year.tank_in - year.tank_out - year.tank_loss
        assert year.level[1:] == pytest.approx(after[:-1], abs=1e-9)
        kept = year.store_level * (1.0 - store.loss_per_h) + year.store_in - year.store_out
        assert year.store_level[1:] == pytest.approx(kept[:-1], abs=1e-9)
        assert year.level.max() <= tank.capacity_mwh + 1e-9
        assert year.store_level.max() <= store.capacity_mwh + 1e-9
        if row < 2:
            assert hours.levels_mwh[row + 1] == pytest.approx([after[-1], kept[-1]], abs=1e-9)
        scale = hours.sums["load"][row] / year.load.sum()
        for name in (
            "exchange",
            "heat_pump",
            "boiler",
            "unmet",
            "curtailed",
            "store_in",
            "tank_out",
            "power",
        ):
            assert hours.sums[name][row] == pytest.approx(getattr(year, name).sum() * scale, rel=1e-9), name


def test_what_is_taken_cools_the_water_by_as_much() -> None:
    chain, use = cascade({"heating": HEATING, "system": SYSTEM, **OTHERS})
    stream = water()
    delivery = chain.deliver(stream, use)
    others = sum(p.extracted_mw * p.days for n, p in delivery.parts.items() if n != "heating") * 24.0
    taken = delivery.hours.sums["taken"] + others
    assert delivery.extracted_mw * delivery.days * 24.0 == pytest.approx(taken, rel=1e-9)
    cooled = stream.capacity_mw_k * (stream.temperature_degc - delivery.outlet_degc)
    assert cooled == pytest.approx(delivery.extracted_mw, rel=1e-9)
    assert delivery.outlet_degc.min() > 15.0


def test_an_empty_system_gives_what_the_typical_days_give() -> None:
    """Demand to the last digit, heat within 2 %. The synthetic year has fewer cold hours than the straight load line of the
    typical days, so that the heat pumps, which serve only the peak here, run less."""
    with_it, use = cascade({"heating": {**HEATING, "area_m2": 1e5}, "system": {}})
    days = replace(with_it, system=None).deliver(water(), use)
    hours = with_it.deliver(water(), use)
    assert hours.demand_mw == pytest.approx(days.demand_mw)
    assert hours.product_mw == pytest.approx(days.product_mw, rel=0.02)
    assert hours.parts["heating"].power_mw == pytest.approx(days.parts["heating"].power_mw, rel=0.35)
    assert days.hours is None and hours.hours.sums["unmet_users"][0] >= 0.0


def test_a_store_carries_summer_into_winter_by_hand() -> None:
    """1 MW on offer all year, 1.5 MW wanted on the first 100 days: 1200 MWh lack. A store without loss, 2 MW, is empty when
    the first year begins, full (1200 MWh) after 50 of the days without load, and serves all of them in the second."""
    load = np.where(np.arange(8760) < 2400, 1.5, 0.0)
    plant = Plant(np.ones(8760), np.zeros(8760), np.ones(8760))
    store = Aquifer(1200.0 / (ROCK_MWH_M3K * 20.0), power_mw=2.0, loss_pct_per_month=0.0)
    assert store.capacity_mwh == pytest.approx(1200.0)
    bare = run_year(load, plant)
    assert bare.totals["unmet_mwh"] == pytest.approx(1200.0)
    year = run_year(load, plant, store=store)  # run twice: this is the second year
    assert year.totals["unmet_mwh"] == pytest.approx(0.0, abs=1e-6)
    assert year.totals["store_out_mwh"] == pytest.approx(1200.0)
    assert year.store_level.max() == pytest.approx(1200.0)
    assert Aquifer(1.0, loss_pct_per_month=10.0).loss_per_h == pytest.approx(1.0 - 0.9 ** (12 / 8766))


def test_the_tariff_keeps_its_mean() -> None:
    """8 valley hours at 0.5, 8 flat, 8 at 1.5: mean 1, so that the hours cost 0.5, 1 and 1.5 of the mean price."""
    rates = Rates(0.5, 1.5)
    assert rates.of_mean.mean() == pytest.approx(1.0)
    assert rates.of_mean[[0, 12, 18]] == pytest.approx([0.5, 1.0, 1.5])
    assert (Rates().kinds == Rates().kinds[0]).all()


@pytest.mark.parametrize(
    ("system", "more", "field", "word"),
    [
        ({"tank": {}}, {}, "uses.system.tank.volume_m3", "missing"),
        ({"tank": {"volume_m3": -1}}, {}, "uses.system.tank.volume_m3", "between 0"),
        ({"network": {"length_m": 500, "dn": 70}}, {}, "uses.system.network.dn", "one of 100"),
        ({"tariff": {"valley_factor": 2}}, {}, "uses.system.tariff.valley_factor", "peak_factor"),
        ({"tariff": {"peak_hours": [1]}}, {}, "uses.system.tariff.peak_hours", "hour 1"),
        ({"tariff": {"peak_hours": [24]}}, {}, "uses.system.tariff.peak_hours[0]", "between 0 and 23"),
        ({"batteries": {}}, {}, "uses.system.batteries", "not known"),
        (
            {"network": {"length_m": 500}},
            {"heating": {"area_m2": 1e4, "network_loss_pct": 5}},
            "uses.system.network.length_m",
            "network_loss_pct",
        ),
        ({"tank": {"volume_m3": 10}}, {"heating": False, "power": {}}, "uses.system.tank", "does without"),
    ],
)
def test_what_contradicts_itself_is_said_at_its_field(
    system: dict, more: dict, field: str, word: str
) -> None:
    with pytest.raises(InputError) as caught:
        parse_uses({"heating": {"area_m2": 1e4}, **more, "system": system})
    assert field in [f.field for f in caught.value.faults]
    assert word in str(caught.value)


def test_an_order_by_hand() -> None:
    uses = {"heating": {"area_m2": 5e4, "season_days": 120}, **OTHERS}
    usual, use = cascade(uses)
    turned, _ = cascade({**uses, "order": ["agriculture", "heating"]})
    names = [stage.name for stage in turned.passage(water(), use).stages]
    assert [s.name for s in usual.passage(water(), use).stages] == ["drying", "heating", "agriculture"]
    assert names == ["agriculture", "heating", "drying"]
    notices = list(turned.remarks(water(), turned.deliver(water(), use)))
    assert "use_too_cold" in {n.code for n in notices} or "use_cools_out" in {n.code for n in notices}
    drying_last, _ = cascade({**uses, "order": ["agriculture", "drying"]})
    assert "order_colder_first" in {
        n.code for n in drying_last.remarks(water(), drying_last.deliver(water(), use))
    }
    with pytest.raises(InputError):
        parse_uses({**uses, "order": ["heating", "heating"]})
