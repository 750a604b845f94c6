"""Transient pressure: Theis and his superposition, the balance of a closed box, the steady state it ends in."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import exp1

from twin_models.analytic import theis_drawdown_m
from twin_models.grid import MILLIDARCY_M2
from twin_models.models import load_model
from twin_models.simulators import layered
from twin_models.simulators.timeline import seasons
from twin_models.types import DAYS_PER_YEAR, SECONDS_PER_DAY, Fluid, Layer, Reservoir, Step, Well

COMPRESSIBILITY = 1e-9
VISCOSITY = 0.42e-3
SIM = load_model("simulation")


def ground(**more) -> Reservoir:
    """A sheet 36 km wide, 100 m of 500 mD with porosity 0.25: its sides are felt after a quarter year or so."""
    side = more.pop("side_m", 36_000.0)
    return Reservoir(
        (side, side),
        (-side / 2, -side / 2),
        more.pop("cell_m", side / 180.0),
        (Layer("sand", 1400.0, 100.0),),
        confining=None,
        fluid=more.pop("fluid", Fluid(0.42)),
        compressibility_per_pa=more.pop("compressibility_per_pa", COMPRESSIBILITY),
        **more,
    )


def theis_bar(r_m: float, days: np.ndarray, rate_m3_h: float = 100.0) -> np.ndarray:
    """Drawdown (bar) after Theis (1935) for the sheet of ``ground``, in pressures: density x g cancels."""
    weight = 9806.65
    transmissivity = 500.0 * MILLIDARCY_M2 * 100.0 * weight / VISCOSITY
    storativity = COMPRESSIBILITY * 0.25 * 100.0 * weight
    t = np.maximum(days, 1e-9) * SECONDS_PER_DAY
    head = theis_drawdown_m(
        r_m, t, flow_m3_s=rate_m3_h / 3600.0, transmissivity=transmissivity, storativity=storativity
    )
    return np.where(days > 0.0, head * weight / 1e5, 0.0)


def test_a_lone_producer_follows_theis() -> None:
    """Within 1 % at the well (off the centre of its cell) and 3 % 800 m away, from two days to a quarter year."""
    days = np.array([2.0, 10.0, 30.0, 90.0])
    wells = [Well("P", "producer", 13.0, 31.0, 100.0), Well("M", "monitor", 813.0, 31.0)]
    got = SIM.forecast(ground(), wells, days / DAYS_PER_YEAR).pressure_change_bar
    np.testing.assert_allclose(-got["P"], theis_bar(0.1, days), rtol=0.01)
    np.testing.assert_allclose(-got["M"][1:], theis_bar(800.0, days[1:]), rtol=0.03)


def test_steps_of_a_schedule_superpose() -> None:
    """100 m3/h for 30 days, a rest of 30, then 50: the sum of three Theis wells; the rest recovers most of it."""
    well = Well("P", "producer", 0.0, 0.0, schedule=(Step(0.0, 100.0), Step(30.0, 0.0), Step(60.0, 50.0)))
    days = np.array([29.0, 40.0, 59.0, 90.0])
    got = -SIM.forecast(ground(), [well], days / DAYS_PER_YEAR).pressure_change_bar["P"]
    expected = theis_bar(0.1, days) - theis_bar(0.1, days - 30.0) + 0.5 * theis_bar(0.1, days - 60.0)
    np.testing.assert_allclose(got, expected, rtol=0.02, atol=0.01)
    assert got[2] < 0.1 * got[0]


def test_a_recovery_is_second_order_in_time() -> None:
    """What is left of a drawdown long after pumping is a small difference of large ones: 30 then 60 m3/h, shut in after
    8 days, in 30 m of 200 mD (porosity 0.2, 5e-10 1/Pa); at the well and 500 m away within 4 % of the three Theis wells
    (first-order steps were 10 % off)."""
    rates = Step(0.0, 30.0), Step(3.0, 60.0), Step(8.0, 0.0)
    sheet = Reservoir(
        (12_000.0, 12_000.0),
        (-6000.0, -6000.0),
        100.0,
        (Layer("sand", 1400.0, 30.0, porosity=0.2, permeability_md=200.0),),
        confining=None,
        fluid=Fluid(0.5),
        compressibility_per_pa=5e-10,
    )
    days = np.array([2.9, 7.9, 12.0, 20.0])
    wells = [Well("P", "producer", 0.0, 0.0, schedule=rates), Well("M", "monitor", 500.0, 0.0)]
    got = SIM.forecast(sheet, wells, days / DAYS_PER_YEAR).pressure_change_bar
    unit = 30.0 / 3600.0 * 0.5e-3 / (4.0 * np.pi * 200.0 * MILLIDARCY_M2 * 30.0) / 1e5
    for name, r_m in (("P", 0.1), ("M", 500.0)):
        since = [np.maximum(days - start, 1e-9) * SECONDS_PER_DAY for start in (0.0, 3.0, 8.0)]
        u = [r_m**2 * 0.2 * 5e-10 * 0.5e-3 / (4.0 * 200.0 * MILLIDARCY_M2 * t) for t in since]
        expected = unit * (exp1(u[0]) + exp1(u[1]) - 2.0 * exp1(u[2]))
        np.testing.assert_allclose(-got[name], expected, rtol=0.04)


def test_steps_half_as_long_err_a_quarter_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of the pressure cut into 2 and 4 against 16: the error at the well and 800 m away falls as the square
    of the step, here by a factor of 3 at least each time (first order: 2), as pumping goes on and after it."""
    plain, years = layered.transient_periods, np.array([20.0, 45.0]) / DAYS_PER_YEAR
    wells = [
        Well("P", "producer", 0.0, 0.0, schedule=(Step(0.0, 100.0), Step(30.0, 0.0))),
        Well("M", "monitor", 800.0, 0.0),
    ]

    def told(parts: int) -> np.ndarray:
        def cut(interval, **more):
            for start, end in plain(interval, **more):
                places = np.linspace(start, end, parts + 1)
                yield from zip(places[:-1].tolist(), places[1:].tolist(), strict=True)

        monkeypatch.setattr(layered, "transient_periods", cut)
        got = SIM.forecast(ground(side_m=6000.0, cell_m=400.0), wells, years).pressure_change_bar
        return np.concatenate([got["P"], got["M"]])

    exact = told(16)
    errors = [np.abs(told(parts) - exact) for parts in (1, 2, 4)]
    for rough, fine in pairwise(errors):
        assert np.all(rough > 3.0 * fine)


def test_a_closed_box_gives_what_it_stores() -> None:
    """When all of a closed box sinks evenly, its mean pressure falls by Q t / (c V): 50 m3/h from 4 x 4 km x 100 m
    x 0.25 at 1e-9 1/Pa is 10.957 bar a year, at the well as at a monitor."""
    wells = [Well("P", "producer", 100.0, 0.0, 50.0), Well("M", "monitor", -1500.0, 900.0)]
    got = SIM.forecast(
        ground(side_m=4000.0, cell_m=80.0), wells, np.array([1.0, 2.0, 3.0])
    ).pressure_change_bar
    fall = 50.0 * 8766.0 / (4000.0**2 * 100.0 * 0.25 * COMPRESSIBILITY) / 1e5
    assert fall == pytest.approx(10.9575)
    for name in ("P", "M"):
        np.testing.assert_allclose(np.diff(-got[name]), fall, rtol=1e-3)


def test_it_ends_in_the_steady_state_and_balances() -> None:
    wells = [Well("P", "producer", -250.0, 20.0, 90.0), Well("I", "injector", 250.0, -30.0, 70.0, 25.0)]
    held = ground(side_m=2400.0, cell_m=60.0, boundary="constant_pressure", fluid=Fluid())
    years = np.array([10.0, 25.0])
    slow = SIM.forecast(held, wells, years, fields=[25.0])
    steady = SIM.forecast(replace(held, compressibility_per_pa=None), wells, years)
    for name in ("P", "I"):
        np.testing.assert_allclose(
            slow.pressure_change_bar[name], steady.pressure_change_bar[name], rtol=0.01
        )
    np.testing.assert_allclose(slow.temperature_degc["P"], steady.temperature_degc["P"], atol=0.1)
    assert slow.diagnostics["energy_error"] < 1e-12 and slow.diagnostics["mass_error"] < 1e-12


def test_seasons_come_as_they_are() -> None:
    """120 days of 90 m3/h a year: years end at work, and move as much heat as the mean rate does."""
    wells = [Well("P", "producer", -250.0, 20.0, 90.0), Well("I", "injector", 250.0, -30.0, 90.0, 25.0)]
    rows = seasons(wells, 3.0, 120.0)[0].schedule
    assert [s.rate_m3_h for s in rows] == [0.0, 90.0, 0.0, 90.0, 0.0, 90.0, 0.0]
    assert rows[1].start_day == pytest.approx(245.25) and rows[2].start_day == pytest.approx(365.25)
    small, years = ground(side_m=2400.0, cell_m=60.0, fluid=Fluid()), np.array([9.5, 10.0, 20.0])
    worked = SIM.forecast(small, wells, years, season_days=120.0)
    mean = SIM.forecast(replace(small, compressibility_per_pa=None), wells, years, season_days=120.0)
    assert worked.temperature_degc["P"][-1] == pytest.approx(mean.temperature_degc["P"][-1], abs=0.15)
    assert worked.pressure_change_bar["P"][1] == pytest.approx(mean.pressure_change_bar["P"][1], rel=0.02)
    assert abs(worked.pressure_change_bar["P"][0]) < 0.05 * abs(worked.pressure_change_bar["P"][1])


def test_layers_and_wells_through_several_balance_too() -> None:
    """Thin, strongly coupled layers with a shale between them, storage and gravity together."""
    layers = (
        Layer("upper", 1400.0, 20.0, cells=2, permeability_md=800.0),
        Layer("shale", 1420.0, 5.0, permeability_md=1e-3, porosity=0.05),
        Layer("lower", 1425.0, 30.0, cells=3, permeability_md=200.0),
    )
    box = replace(ground(side_m=1600.0, cell_m=40.0), layers=layers, fluid=Fluid())
    store = Well(
        "S", "storage", 0.0, 0.0, schedule=(Step(0.0, 40.0, 85.0), Step(90.0, -40.0), Step(180.0, 0.0))
    )
    got = SIM.forecast(box, [store, Well("P", "producer", 500.0, 0.0, 10.0)], np.array([0.2, 0.45, 1.0]))
    assert got.diagnostics["energy_error"] < 1e-12 and got.diagnostics["mass_error"] < 1e-12
    assert got.pressure_change_bar["S"][0] > 0.5 > -0.5 > got.pressure_change_bar["S"][1]
