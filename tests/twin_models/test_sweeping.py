"""How often flow is solved anew follows the pace of the wells."""

from __future__ import annotations

import numpy as np
import pytest

from twin_models.grid import grid_of
from twin_models.simulators.layered import LayeredSimulation
from twin_models.simulators.sweeping import sweeping_s
from twin_models.types import SECONDS_PER_YEAR, Fluid, Layer, Reservoir, Well

WATER = 4.18e6


def fast_field() -> tuple[Reservoir, list[Well]]:
    """Four wells 240 m apart in 30 m of sand, 150 m3/h each: water crosses within a year."""
    layer = Layer("sand", 1500.0, 30.0, permeability_md=400.0, temperature_degc=90.0)
    box = Reservoir((1000.0, 1000.0), (0.0, 0.0), 25.0, (layer,))
    wells = [
        Well("P1", "producer", 380.0, 380.0, 150.0),
        Well("P2", "producer", 620.0, 620.0, 150.0),
        Well("I1", "injector", 380.0, 620.0, 150.0, 15.0),
        Well("I2", "injector", 620.0, 380.0, 150.0, 30.0),
    ]
    return box, wells


def test_half_the_way_at_the_speed_of_heat() -> None:
    """pi (120 m)^2 x 30 m x rc over rc_w q, rc = 0.25 x 4.18 + 0.75 x 2.2 MJ/m3/K as the grid has it."""
    box, wells = fast_field()
    grid = grid_of(box)
    rc = float(grid.heat_capacity_j_m3k.mean())
    q = 150.0 / 3600.0
    expected = np.pi * 120.0**2 * 30.0 * rc / (WATER * q)
    rates = np.array([-q, -q, q, q])
    assert sweeping_s(grid, wells, rates, WATER) == pytest.approx(expected)
    assert expected < 1.5 * SECONDS_PER_YEAR
    assert sweeping_s(grid, wells, 2.0 * rates, WATER) == pytest.approx(0.5 * expected)


def test_a_single_well_sweeps_nothing() -> None:
    box, wells = fast_field()
    assert sweeping_s(grid_of(box), wells, np.array([-1.0, 0.0, 0.0, 0.0]), WATER) == np.inf


def test_a_fast_field_is_nearer_to_its_limit() -> None:
    """Against flow solved 32 times a sweep: the default leaves little more than half of what a solution every year or so does."""
    box, wells = fast_field()
    years = np.arange(1.0, 6.0)

    def found(per_sweep: float) -> tuple[np.ndarray, float]:
        answer = LayeredSimulation(periods_per_sweep=per_sweep).forecast(box, wells, years)
        curves = np.array([answer.temperature_degc[n] for n in ("P1", "P2")])
        return curves, answer.diagnostics["pressure_solves"]

    (limit, _), (default, solves), (yearly, fewer) = found(32.0), found(4.0), found(0.01)
    assert solves > fewer
    error, before = np.sqrt(np.mean((default - limit) ** 2)), np.sqrt(np.mean((yearly - limit) ** 2))
    assert error < 0.6 * before


def test_water_of_one_viscosity_is_solved_once() -> None:
    box, wells = fast_field()
    plain = Reservoir(box.extent_m, box.origin_m, box.cell_m, box.layers, fluid=Fluid(viscosity=0.4))
    answer = LayeredSimulation().forecast(plain, wells, np.arange(1.0, 6.0))
    assert answer.diagnostics["pressure_solves"] == 1.0
