"""Hours of source, network, load and storage: rules by hand on short days, balances over any year."""

from __future__ import annotations

import math

import numpy as np
import pytest

from twin_models.uses.climate import HOURS, climate_of
from twin_models.uses.dispatch import Network, Plant, Tank, Tariff, Year, heating_hourly_mw, run_year
from twin_models.uses.heating import parse

CLIMATE = climate_of("linqing")
USE = parse({"heating": {"area_m2": 1e5, "load_w_m2": 32, "design_load_w_m2": 50, "season_days": 120}})


def plant(exchange: float, **more: float) -> Plant:
    one = np.ones(HOURS)
    source = more.pop("source", 0.0)
    return Plant(exchange * one, source * one, more.pop("reach", 1.0) * one, **more)


def check(year: Year, offered: float, tank: Tank) -> None:
    """The three balances of the module text, every hour."""
    brought = year.exchange + year.tank_free + year.heat_pump + year.boiler + year.tank_out - year.tank_in
    assert brought == pytest.approx(year.need - year.unmet, abs=1e-9)
    after = year.level + year.tank_in - year.tank_out - year.tank_loss
    assert np.append(year.level[1:], year.level[0]) == pytest.approx(after, abs=1e-9)  # ends as it began
    used = year.exchange + year.tank_free + year.pump_offered + year.curtailed
    assert used == pytest.approx(np.full(HOURS, offered), abs=1e-9)
    for name in ("exchange", "heat_pump", "boiler", "tank_in", "tank_out", "level", "unmet", "curtailed"):
        assert getattr(year, name).min() >= -1e-9, name
    assert year.level.max() <= tank.capacity_mwh + 1e-9


@pytest.mark.parametrize("volume", [0.0, 200.0, 5000.0])
@pytest.mark.parametrize("exchange", [0.0, 2.0, 3.0, 9.0])
@pytest.mark.parametrize("pumps", [{}, {"cop": 4.0, "heat_pump_mw": 1.0, "source": 0.6}])
def test_balances_every_hour(volume: float, exchange: float, pumps: dict) -> None:
    tank = Tank(volume, power_mw=1.5)
    year = run_year(
        heating_hourly_mw(USE, CLIMATE),
        plant(exchange, boiler_mw=0.4, **pumps),
        tank=tank,
        network=Network(2000.0),
    )
    check(year, exchange, tank)
    if pumps:
        assert (year.heat_pump <= 1.0 + 1e-12).all()
        assert (year.heat_pump * 0.75 <= 0.6 + year.pump_offered + 1e-9).all()


def test_a_tank_carries_the_night_into_the_peak() -> None:
    """2 MW on offer, 1 MW wanted but 4 MW from 17 to 19 h: 6 of 8 MWh lack 4. A tank of 4 MWh without loss brings them."""
    load = np.tile(np.where(np.isin(np.arange(24), (17, 18)), 4.0, 1.0), 365)
    bare = run_year(load, plant(2.0))
    assert bare.totals["unmet_mwh"] == pytest.approx(365 * 4.0)
    assert bare.totals["worst_unmet_mw"] == pytest.approx(2.0)
    assert bare.totals["curtailed_mwh"] == pytest.approx(365 * 22.0)
    tank = Tank(4.0 / (4.18 / 3600 * 10), loss_w_m2k=0.0)
    assert tank.capacity_mwh == pytest.approx(4.0)
    stored = run_year(load, plant(2.0), tank=tank)
    assert stored.totals["unmet_mwh"] == pytest.approx(0.0, abs=1e-9)
    assert stored.totals["curtailed_mwh"] == pytest.approx(365 * 18.0)


def test_tariff_moves_heat_pumps_into_the_valley() -> None:
    """1 MW wanted all day, only heat pumps (2 MW, COP 4). A tank of 8 MWh fills from 23 to 7 h and serves all 8 peak
    hours: 8 valley hours at 2 MW, 8 flat ones at 1, none at peak."""
    tank = Tank(8.0 / (4.18 / 3600 * 10), loss_w_m2k=0.0)
    pumps = {"cop": 4.0, "heat_pump_mw": 2.0, "source": 9.0}
    year = run_year(np.ones(HOURS), plant(0.0, **pumps), tank=tank)
    by_hour = year.heat_pump.reshape(365, 24).mean(axis=0)
    assert by_hour[[8, 9, 10, 17, 18, 19, 20, 21]] == pytest.approx(0.0, abs=1e-9)
    assert by_hour.sum() == pytest.approx(24.0)
    assert by_hour[0] == pytest.approx(2.0)
    plain = run_year(np.ones(HOURS), plant(0.0, **pumps))
    assert year.totals["electricity_cny"] < 0.75 * plain.totals["electricity_cny"]


def test_nobody_heats_a_tank_for_a_summer_without_need() -> None:
    tank = Tank(500.0)
    pumps = {"cop": 4.0, "heat_pump_mw": 2.0, "source": 9.0}
    year = run_year(heating_hourly_mw(USE, CLIMATE), plant(0.0, **pumps), tank=tank)
    idle = np.convolve(np.append(year.need, np.zeros(24)), np.ones(25), mode="valid")[:HOURS] == 0.0
    assert idle.sum() > 4000
    assert year.heat_pump[idle].sum() == 0.0
    assert year.heat_pump.sum() > 0.0


def test_prices_keep_their_mean() -> None:
    prices = Tariff(0.8).cny_per_kwh
    assert prices.mean() == pytest.approx(0.8)
    assert prices[3] / prices[12] == pytest.approx(0.5)
    assert prices[9] / prices[12] == pytest.approx(1.5)


def test_tank_and_network_losses_by_hand() -> None:
    """500 m3: d = (2000/pi)^(1/3) = 8.6025 m, A = 3000/d = 348.74 m2; 0.3 x A = 104.62 W/K over 500 x 1161.1 Wh/K =
    1.8021e-4 per hour. 3 km of DN 150 at 40/30 over ground of 10: 0.3369 x 3000 x 50 = 50.535 kW."""
    assert Tank(500.0).loss_per_h == pytest.approx(1.8021e-4, rel=1e-4)
    assert Network(3000.0).loss_mw(40.0, 30.0) == pytest.approx(0.050535)
    still = run_year(np.zeros(HOURS), plant(0.0), tank=Tank(500.0), network=Network(3000.0))
    assert still.totals["network_loss_mwh"] == 0.0  # nobody is served, the network is cold


def test_hourly_heating_has_the_stated_mean_and_design() -> None:
    hourly = heating_hourly_mw(USE, CLIMATE)
    on = hourly > 0.0
    assert on.sum() == pytest.approx(120 * 24, abs=24)
    assert hourly[on].mean() == pytest.approx(3.2, rel=2e-3)
    assert hourly.max() == pytest.approx(5.0)
    assert (hourly[CLIMATE.outdoor_degc > 24.0] == 0.0).all()


def test_water_too_cold_for_the_network_carries_only_its_share() -> None:
    """Reach 0.4: of 2 MW wanted exchange brings 0.8, the rest of what is on offer feeds the heat pumps (x 4/3)."""
    year = run_year(np.full(HOURS, 2.0), plant(3.0, reach=0.4, cop=4.0, heat_pump_mw=9.0))
    assert year.exchange == pytest.approx(0.8)
    assert year.heat_pump == pytest.approx(1.2)
    assert year.pump_offered == pytest.approx(0.9)
    assert year.curtailed == pytest.approx(1.3)


def test_own_power_is_used_first() -> None:
    pumps = {"cop": 4.0, "heat_pump_mw": 2.0, "source": 9.0}
    year = run_year(np.ones(HOURS), plant(0.0, **pumps), own_power_mw=0.1, network=Network(head_m=0.0))
    assert year.power == pytest.approx(0.25)
    assert year.bought == pytest.approx(0.15)
    assert math.isclose(year.totals["electricity_cny"], 0.15 * 1e3 * 0.78 * HOURS, rel_tol=1e-9)
