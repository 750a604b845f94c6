"""The coarse simulation inside the surrogate: balances, and the full simulation on like cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twin_models.simulators.flow_units import flow_units, places
from twin_models.simulators.layered import LayeredSimulation
from twin_models.simulators.well_sources import mean_rates, sources_of
from twin_models.surrogates.coarse import OUT, coarse_curves, lattice_of
from twin_models.types import Confining, Fluid, Layer, Reservoir, Well

YEARS = 30.0 * np.arange(1, OUT + 1) / OUT


def box(**more) -> Reservoir:
    layer = Layer("sand", 1500.0, 60.0, permeability_md=500.0, conductivity_w_mk=1e-6)
    plain = Fluid(viscosity=0.4, conductivity_w_mk=0.0)
    return replace(Reservoir((2000.0, 2000.0), (0.0, 0.0), 50.0, (layer,), fluid=plain), **more)


def doublet(cold: float = 25.0) -> tuple[Well, ...]:
    return (
        Well("P", "producer", 775.0, 1025.0, 100.0),
        Well("I", "injector", 1225.0, 1025.0, 100.0, cold),
    )


def fall(ground: Reservoir, wells: tuple[Well, ...], cells: int = 40) -> np.ndarray:
    rates = mean_rates(wells, 30.0, 365.25)
    at = [row[0] for row in places(ground, wells)]
    (unit,) = flow_units(ground)
    src = sources_of(unit, at, rates.mean, rates.working)
    producing = np.array([n for n, w in enumerate(wells) if w.kind == "producer"])
    return coarse_curves(unit, src, rates.injected_degc, producing, 30.0, cells=cells)


@pytest.mark.parametrize("confining", [None, Confining()])
@pytest.mark.parametrize("viscosity", [0.4, "water"])
def test_like_the_full_simulation_on_the_same_cells(confining, viscosity) -> None:
    """A doublet on 40 x 40 cells of 50 m: the same equations. Water's viscosity is followed at five times only (the
    simulation: nineteen), so the middle of the fall may be off by a kelvin or two; the network knows that."""
    ground = box(confining=confining, fluid=Fluid(viscosity=viscosity, conductivity_w_mk=0.0))
    truth = 70.0 - LayeredSimulation().forecast(ground, doublet(), YEARS).temperature_degc["P"]
    got = fall(ground, doublet())[0]
    assert np.sqrt(np.mean((got - truth) ** 2)) < (0.25 if viscosity == 0.4 else 1.3)
    assert got[-1] == pytest.approx(truth[-1], abs=0.2 if viscosity == 0.4 else 1.0)


def test_water_as_warm_as_the_rock_changes_nothing() -> None:
    np.testing.assert_allclose(fall(box(), doublet(cold=70.0)), 0.0, atol=1e-9)


def test_mirrored_layouts_fall_alike() -> None:
    mirrored = tuple(replace(w, x_m=2000.0 - w.x_m) for w in doublet())
    turned = tuple(replace(w, x_m=w.y_m, y_m=w.x_m) for w in doublet())
    for other in (mirrored, turned):
        np.testing.assert_allclose(fall(box(), other), fall(box(), doublet()), rtol=1e-6, atol=1e-6)


def test_the_lattice_keeps_heat_and_conductance() -> None:
    """Whatever the number of cells: the same heat capacity, and a strip as conductive as the fine one."""
    ground = box(boundary="constant_pressure")
    (unit,) = flow_units(ground)
    for cells in (17, 36, 55):
        made = lattice_of(unit, cells)
        assert made.water.sum() == pytest.approx(unit.water.sum())
        through = [1.0 / (1.0 / t).sum(axis=1) for t in (unit.system.tx, made.tx)]
        assert through[1].sum() == pytest.approx(through[0].sum(), rel=1e-3)


def test_a_drag_moves_the_answer_smoothly() -> None:
    """Ten metres at a time across the coarse cells: no jump larger than three times the mean step."""
    p, i = doublet()
    ends = np.array([fall(box(), (replace(p, x_m=700.0 + 10.0 * n), i), 36)[0, -1] for n in range(16)])
    steps = np.diff(ends)
    assert np.all(steps > 0.0) and steps.max() < 3.0 * steps.mean()
