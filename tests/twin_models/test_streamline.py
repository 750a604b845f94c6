"""The live predictor against closed forms: the doublet, its pressures, layers, seasons, bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin_models.analytic import (
    gringarten_sauty_degc,
    lauwerier_degc,
    linear_arrival_s,
    thiem_drawdowns_m,
)
from twin_models.errors import InputError
from twin_models.simulators.near_well import KERNEL_HALF, equivalent_radius_factor, lattice_kernel
from twin_models.simulators.streamline import StreamlineModel
from twin_models.types import SECONDS_PER_YEAR, Fluid, Layer, Reservoir, Step, Well

HEAT = {"rc_water": 4.18e6, "rc_aquifer": 0.25 * 4.18e6 + 0.75 * 2.2e6}
ROCK = {"k_rock": 2.5, "rc_rock": 2.2e6}
ENDS = {"initial_degc": 70.0, "injected_degc": 25.0}
YEARS = np.arange(0.5, 50.01, 0.5)


def box(cell_m: float = 30.0, **changes) -> Reservoir:
    base = Reservoir(
        (4320.0, 4320.0), (-2160.0, -2160.0), cell_m, (Layer("G", 1400.0, 100.0),), fluid=Fluid(0.5)
    )
    return replace(base, **changes)


def doublet(
    dx: float = 0.0, dy: float = 0.0, turn: float = 0.0, spacing: float = 480.0, **injector
) -> tuple[Well, Well]:
    x, y = np.cos(turn) * spacing / 2, np.sin(turn) * spacing / 2
    inj = {"rate_m3_h": 100.0, "temperature_degc": 25.0} | injector
    return Well("P", "producer", dx - x, dy - y, 100.0), Well("I", "injector", dx + x, dy + y, **inj)


def exact(years: np.ndarray = YEARS, rock: dict | None = None) -> np.ndarray:
    return gringarten_sauty_degc(
        years * SECONDS_PER_YEAR, 480, 100, 100 / 3600, **ENDS, **HEAT, **(ROCK if rock is None else rock)
    )


PLACES = [(0.0, 0.0, 0.0), (15.0, 15.0, 0.0), (7.0, 3.0, 0.4), (0.0, 11.0, np.pi / 4)]


@pytest.mark.parametrize(("dx", "dy", "turn"), PLACES)
def test_doublet_with_rock_at_30_m_cells(dx: float, dy: float, turn: float) -> None:
    """Gringarten & Sauty (1975), 480 m, 100 m, 100 m3/h: rms 0.25 K and first kelvin within 1.5 %, wherever
    the wells stand between the grid points and whichever way the doublet points."""
    got = StreamlineModel().forecast(box(), doublet(dx, dy, turn), YEARS).temperature_degc["P"]
    ref = exact()
    assert np.sqrt(np.mean((got - ref) ** 2)) < 0.25
    assert np.abs(got - ref).max() < 0.6
    first = np.interp(1.0, 70 - got, YEARS) / np.interp(1.0, 70 - ref, YEARS)
    assert first == pytest.approx(1.0, abs=0.015)


@pytest.mark.parametrize(("dx", "dy", "turn"), PLACES)
def test_doublet_without_rock(dx: float, dy: float, turn: float) -> None:
    got = StreamlineModel().forecast(box(confining=None), doublet(dx, dy, turn), YEARS).temperature_degc["P"]
    ref = exact(rock={})
    assert np.sqrt(np.mean((got - ref) ** 2)) < 0.5
    assert np.interp(1.0, 70 - got, YEARS) == pytest.approx(np.interp(1.0, 70 - ref, YEARS), rel=0.025)


def test_lattice_kernel_is_the_known_one() -> None:
    """Potential kernel of the square lattice: A(1,0) = 1/4, A(1,1) = 1/pi, A(2,0) = 1 - 2/pi (McCrea &
    Whipple 1940); Peaceman's equivalent radius exp(-gamma) / sqrt(8) = 0.1985 dx."""
    k, kernel = KERNEL_HALF, lattice_kernel(1.0)
    assert kernel[k, k + 1] == pytest.approx(0.25, abs=1e-9)
    assert kernel[k + 1, k + 1] == pytest.approx(1 / np.pi, abs=1e-6)
    assert kernel[k, k + 2] == pytest.approx(1 - 2 / np.pi, abs=1e-6)
    assert equivalent_radius_factor(1.0) == pytest.approx(0.1985, abs=5e-4)


@pytest.mark.parametrize(("dx", "dy"), [(0.0, 0.0), (15.0, 15.0), (7.0, 3.0)])
def test_doublet_pressure_is_thiems(dx: float, dy: float) -> None:
    """Steady doublet, s = Q/(2 pi T) ln(D / r_w): 100 m3/h, 500 mD, 100 m, 0.5 mPa s -> 3.7971 bar in an
    endless aquifer; in a closed 4.32 km square the images change it by some tenths of a per cent."""
    conductance = 500 * 9.869233e-16 * 100 / 0.5e-3
    bar = (
        thiem_drawdowns_m(np.array([[0, 0], [480, 0]]), np.array([1, -1]) / 36, transmissivity=conductance)[0]
        / 1e5
    )
    assert bar == pytest.approx(3.797, abs=1e-3)
    wells = doublet(dx, dy)
    got = StreamlineModel().forecast(box(), wells, np.array([10.0])).pressure_change_bar
    assert got["P"][0] == pytest.approx(-bar, rel=5e-3)
    assert got["I"][0] == pytest.approx(bar, rel=5e-3)
    skinned = (wells[0], replace(wells[1], skin=3.0))
    more = StreamlineModel().forecast(box(), skinned, np.array([10.0])).pressure_change_bar["I"][0]
    assert more - got["I"][0] == pytest.approx(3.0 / 36 / (2 * np.pi * conductance) / 1e5, rel=1e-6)


def test_a_well_dragged_across_cells_never_jumps() -> None:
    model, years = StreamlineModel(), np.array([30.0])
    values = []
    for x in np.arange(-260.0, -160.0, 2.0):
        wells = (replace(doublet()[0], x_m=float(x), y_m=4.0), doublet()[1])
        forecast = model.forecast(box(60.0), wells, years)
        values.append((forecast.temperature_degc["P"][0], forecast.pressure_change_bar["P"][0]))
    steps = np.abs(np.diff(np.array(values), axis=0)).max(axis=0)
    assert steps[0] < 0.25  # 100 m change about 5 K, so 0.1 K per step
    assert steps[1] < 0.01


def test_half_a_year_of_work_takes_twice_as_long_to_break_through() -> None:
    bare = box(confining=None)
    whole = StreamlineModel().forecast(bare, doublet(), YEARS)
    half = StreamlineModel().forecast(bare, doublet(), 2 * YEARS, season_days=365.25 / 2)
    assert half.temperature_degc["P"] == pytest.approx(whole.temperature_degc["P"], abs=1e-6)
    assert half.pressure_change_bar["P"] == pytest.approx(whole.pressure_change_bar["P"], abs=1e-6)


@pytest.mark.parametrize("along", ["x", "y"])
def test_section_is_lauweriers_linear_flow(along: str) -> None:
    """One row of cells, 20 m thick, 1 m3/h per metre of width... q = 5e-7 m/s: tau = rc_A x / (rc_F q)."""
    extent = (1200.0, 10.0) if along == "x" else (10.0, 1200.0)
    reservoir = Reservoir(extent, (0.0, 0.0), 10.0, (Layer("G", 1000.0, 20.0),), fluid=Fluid(0.5))
    rate = 5e-7 * 20 * 10 * 3600
    spots = [(105.0, 5.0), (305.0, 5.0)] if along == "x" else [(5.0, 105.0), (5.0, 305.0)]
    wells = (Well("I", "injector", *spots[0], rate, 25.0), Well("P", "producer", *spots[1], rate))
    years = np.array([5.0, 10.0, 30.0, 50.0])
    got = StreamlineModel().forecast(reservoir, wells, years).temperature_degc["P"]
    tau = linear_arrival_s(200.0, 5e-7, **HEAT)
    want = lauwerier_degc(years * SECONDS_PER_YEAR, tau, 20.0, **ENDS, **ROCK, rc_aquifer=HEAT["rc_aquifer"])
    assert got == pytest.approx(want, abs=0.02)


def test_water_brings_the_temperature_of_where_it_was() -> None:
    """Linear flow from x = 105 to 305 m through rock of 60 + x/20 degC, no conduction: at time t the producer
    gives the initial temperature of the place t tau/200 away, then the injected 25."""
    x = 5.0 + 10.0 * np.arange(120)
    layer = Layer("G", 1000.0, 20.0, temperature_degc=(60 + x / 20)[None, :])
    reservoir = Reservoir((1200.0, 10.0), (0.0, 0.0), 10.0, (layer,), confining=None, fluid=Fluid(0.5))
    rate = 5e-7 * 20 * 10 * 3600
    wells = (Well("I", "injector", 105.0, 5.0, rate, 25.0), Well("P", "producer", 305.0, 5.0, rate))
    tau = float(linear_arrival_s(200.0, 5e-7, **HEAT)) / SECONDS_PER_YEAR
    years = np.array([0.01, 0.25, 0.5, 0.75, 0.95, 1.05]) * tau
    got = StreamlineModel().forecast(reservoir, wells, years).temperature_degc["P"]
    assert got[:-1] == pytest.approx(60 + (305 - 200 * years[:-1] / tau) / 20, abs=0.5)
    assert got[-1] == pytest.approx(25.0, abs=1e-9)


def test_two_layers_of_one_unit_run_at_their_own_speed() -> None:
    """Two equal layers, one three times as permeable, no confining rock: with vertical equilibrium it takes
    3/4 of the flow, so each behaves as a doublet of 75 and 25 m3/h of its own 50 m."""
    layers = (
        Layer("A", 1400.0, 50.0, permeability_md=900.0),
        Layer("B", 1450.0, 50.0, permeability_md=300.0),
    )
    got = (
        StreamlineModel().forecast(box(layers=layers, confining=None), doublet(), YEARS).temperature_degc["P"]
    )
    parts = [
        gringarten_sauty_degc(YEARS * SECONDS_PER_YEAR, 480, 50, q / 3600, **ENDS, **HEAT)
        for q in (75.0, 25.0)
    ]
    want = 0.75 * parts[0] + 0.25 * parts[1]
    assert np.sqrt(np.mean((got - want) ** 2)) < 0.5


def test_shale_between_layers_makes_two_units_that_share_by_kh() -> None:
    layers = (
        Layer("A", 1400.0, 50.0, permeability_md=900.0),
        Layer("shale", 1450.0, 10.0, permeability_md=0.0),
        Layer("B", 1460.0, 50.0, permeability_md=300.0),
    )
    reservoir = box(layers=layers, confining=None)
    both = StreamlineModel().forecast(reservoir, doublet(), YEARS)
    only = tuple(replace(w, layers=("A",), rate_m3_h=75.0) for w in doublet())
    one = StreamlineModel().forecast(reservoir, only, YEARS)
    assert both.pressure_change_bar["P"] == pytest.approx(one.pressure_change_bar["P"], rel=1e-6)
    early = YEARS < 15  # the slow layer still gives its first temperature
    drop = 70 - one.temperature_degc["P"]
    assert (70 - both.temperature_degc["P"])[early] == pytest.approx(0.75 * drop[early], abs=1e-9)


def test_water_from_an_open_edge_is_warm() -> None:
    """A lone producer in a box with held pressure draws on the edge: it never cools."""
    reservoir = box(60.0, boundary="constant_pressure")
    forecast = StreamlineModel().forecast(reservoir, doublet()[:1], YEARS)
    assert forecast.temperature_degc["P"] == pytest.approx(70.0)
    assert forecast.in_range
    assert forecast.pressure_change_bar["P"][0] < -3


def test_cold_bank_raises_injection_pressure_only_with_real_water() -> None:
    constant = StreamlineModel().forecast(box(), doublet(), YEARS).pressure_change_bar["I"]
    water = StreamlineModel().forecast(box(fluid=Fluid("water")), doublet(), YEARS).pressure_change_bar["I"]
    assert np.ptp(constant) == 0
    assert water[-1] > water[0] > 0
    assert np.all(np.diff(water) >= -1e-12)


def test_monitor_and_maps_see_the_same_cold_water() -> None:
    years = np.array([5.0, 15.0, 30.0])
    watch = Well("M", "monitor", 200.0, 0.0)
    forecast = StreamlineModel().forecast(box(60.0), (*doublet(), watch), years, fields=(0.0, *years))
    maps = forecast.fields
    assert maps is not None
    assert maps.temperature_degc.shape == (4, 64, 64)
    assert np.all(maps.temperature_degc[0] == 70)
    row, column = 32, int((200 + 2160) / 4320 * 64)
    seen = maps.temperature_degc[1:, row, column]
    assert forecast.temperature_degc["M"] == pytest.approx(seen, abs=1.5)
    assert forecast.temperature_degc["M"][-1] < 30
    assert maps.temperature_degc.min() >= 25 - 1e-3
    assert maps.temperature_degc.max() <= 70 + 1e-3
    assert np.all(maps.pressure_bar[0] == 0)
    assert maps.pressure_bar[1, row, int((240 + 2160) / 4320 * 64)] > 1


def test_schedules_and_storage_are_said_to_be_out_of_range() -> None:
    steps = tuple(
        Step(day, 100.0 if n % 2 else 0.0, 30.0) for n, day in enumerate((0.0, 100.0, 200.0, 300.0))
    )
    wells = (doublet()[0], replace(doublet()[1], schedule=steps))
    forecast = StreamlineModel().forecast(box(60.0, boundary="constant_pressure"), wells, YEARS)
    assert not forecast.in_range
    assert forecast.state == "out_of_range"
    assert [n.code for n in forecast.warnings] == ["schedule"]
    assert all(n.text_zh for n in forecast.warnings)
    stored = (Well("S", "storage", 0.0, 0.0, 50.0, 60.0), Well("P", "producer", 480.0, 0.0, 50.0))
    assert StreamlineModel().check(box(), stored)[0].code == "storage"


def test_unbalanced_closed_box_is_said_and_drifts() -> None:
    wells = (doublet()[0], replace(doublet()[1], rate_m3_h=50.0))
    forecast = StreamlineModel().forecast(box(60.0), wells, np.array([1.0, 2.0]))
    assert [n.code for n in forecast.warnings] == ["unbalanced"]
    p = forecast.pressure_change_bar["P"]
    pores = 0.25 * 4320 * 4320 * 100
    assert p[0] - p[1] == pytest.approx(50 / 3600 * SECONDS_PER_YEAR / (pores * 1e-9) / 1e5, rel=1e-6)


def test_bad_wells_are_named() -> None:
    with pytest.raises(InputError) as caught:
        StreamlineModel().forecast(box(60.0), (doublet()[0], replace(doublet()[1], x_m=9999.0)), YEARS)
    assert caught.value.faults[0].field == "wells[1].x_m"
    with pytest.raises(InputError) as caught:
        StreamlineModel().forecast(
            box(60.0), (doublet()[0], replace(doublet()[1], temperature_degc=None)), YEARS
        )
    assert caught.value.faults[0].field == "wells[1].temperature_degc"


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    pairs=st.integers(1, 8),
    sides=st.sampled_from(["closed", "constant_pressure"]),
)
def test_any_field_of_wells_stays_between_its_temperatures(seed: int, pairs: int, sides: str) -> None:
    rng = np.random.default_rng(seed)
    k = 500 * np.exp(0.7 * rng.standard_normal((24, 24)))
    layer = Layer("G", 1400.0, 80.0, permeability_md=k, temperature_degc=65 + 10 * rng.random((24, 24)))
    reservoir = Reservoir((2400.0, 2400.0), (0.0, 0.0), 100.0, (layer,), boundary=sides)
    wells = []
    for n in range(pairs):
        rate = float(rng.uniform(5, 120))
        xs = rng.uniform(0, 2400, 4)
        wells.append(Well(f"P{n}", "producer", xs[0], xs[1], rate))
        wells.append(Well(f"I{n}", "injector", xs[2], xs[3], rate, float(rng.uniform(15, 40))))
    years = np.array([0.1, 1.0, 10.0, 40.0])
    forecast = StreamlineModel().forecast(reservoir, wells, years)
    for well in wells:
        values = forecast.temperature_degc[well.name]
        assert np.isfinite(values).all()
        assert values.min() > 14.9
        assert values.max() < 75.5
        assert np.isfinite(forecast.pressure_change_bar[well.name]).all()
    again = StreamlineModel().forecast(reservoir, wells, years)
    assert all(
        np.array_equal(forecast.temperature_degc[w.name], again.temperature_degc[w.name]) for w in wells
    )


def test_cold_tubes_carry_less() -> None:
    """One doublet with real water: cold water is 2.2 times as viscous, so the short tubes, which cool first,
    hand flow to the long ones and the producer stays warmer than with constant viscosity.

    open-darts 2.0 on this box (30 m cells, IAPWS water against a constant 0.5 mPa s): 65.54, 62.51, 59.73
    against 61.38, 56.76, 53.40 degC at 20, 25, 30 years. Tubes with fixed walls overstate the first gain
    a little and give about half of the late ones.
    """
    years = np.array([20.0, 25.0, 30.0])
    bare = box(confining=None, extent_m=(1800.0, 1800.0), origin_m=(-900.0, -900.0))
    water = StreamlineModel().forecast(replace(bare, fluid=Fluid("water")), doublet(), years)
    constant = StreamlineModel().forecast(bare, doublet(), years)
    gain = water.temperature_degc["P"] - constant.temperature_degc["P"]
    reference = np.array([65.54 - 61.38, 62.51 - 56.76, 59.73 - 53.40])
    assert gain[0] == pytest.approx(reference[0], abs=2.0)
    assert np.all(gain > 0.4 * reference)
    assert np.all(gain < reference + 2.0)


def test_even_cooling_changes_nothing() -> None:
    """Injected at the initial temperature nothing may change; a hair below it, next to nothing."""
    box_ = box(fluid=Fluid("water"))
    same = StreamlineModel().forecast(box_, doublet(temperature_degc=70.0), YEARS)
    assert same.temperature_degc["P"] == pytest.approx(70.0, abs=1e-9)
    near = StreamlineModel().forecast(box_, doublet(temperature_degc=69.9), YEARS).temperature_degc["P"]
    constant = StreamlineModel().forecast(box(), doublet(temperature_degc=69.9), YEARS).temperature_degc["P"]
    assert near == pytest.approx(constant, abs=1e-3)
