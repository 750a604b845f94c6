"""The coarse simulation inside the surrogate: balances, and the full simulation beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twin_models.simulators.flow_units import FlowUnit, flow_units, places
from twin_models.simulators.layered import LayeredSimulation
from twin_models.simulators.streamline import flow_of
from twin_models.simulators.well_sources import Sources, mean_rates, sources_of
from twin_models.surrogates.balance import HALO, TOLERANCE, balanced
from twin_models.surrogates.curves import coarse_curves
from twin_models.surrogates.lattice import CELLS, box_sums, ground_of, lattice_of, lift, to_points
from twin_models.surrogates.live import live_ground, make_ready
from twin_models.surrogates.steps import OUT
from twin_models.types import Confining, Fluid, Layer, Reservoir, Well

YEARS = 30.0 * np.arange(1, OUT + 1) / OUT


def box(**more) -> Reservoir:
    layer = Layer("sand", 1500.0, 60.0, permeability_md=500.0)
    plain = Fluid(viscosity=0.4)
    return replace(Reservoir((2000.0, 2000.0), (0.0, 0.0), 25.0, (layer,), fluid=plain), **more)


def doublet(cold: float = 25.0) -> tuple[Well, ...]:
    return (
        Well("P", "producer", 775.0, 1025.0, 100.0),
        Well("I", "injector", 1225.0, 1025.0, 100.0, cold),
    )


def asked(ground: Reservoir, wells: tuple[Well, ...]) -> tuple[FlowUnit, Sources, np.ndarray]:
    rates = mean_rates(wells, 30.0, 365.25)
    (unit,) = flow_units(ground)
    return (
        unit,
        sources_of(unit, [row[0] for row in places(ground, wells)], rates.mean, rates.working),
        rates.injected_degc,
    )


def fall(ground: Reservoir, wells: tuple[Well, ...]) -> np.ndarray:
    unit, src, injected = asked(ground, wells)
    flow = flow_of(unit, src)
    producing = np.array([n for n, w in enumerate(wells) if w.kind == "producer"])
    opened = np.array([row[0].layer_share for row in places(ground, wells)])
    return coarse_curves(unit, src, (flow.fx, flow.fy), injected, producing, opened, 30.0)[0]


@pytest.mark.parametrize("confining", [None, Confining()])
@pytest.mark.parametrize("viscosity", [0.4, "water"])
def test_like_the_full_simulation(confining, viscosity) -> None:
    """A doublet: the simulation on 25 m cells against some 30 m. Fronts are a little wider, flow is
    balanced twelve times."""
    ground = box(confining=confining, fluid=Fluid(viscosity=viscosity))
    truth = (
        70.0
        - LayeredSimulation(periods_per_sweep=16).forecast(ground, doublet(), YEARS).temperature_degc["P"]
    )
    got = fall(ground, doublet())[0]
    assert np.sqrt(np.mean((got - truth) ** 2)) < 0.5
    assert got[-1] == pytest.approx(truth[-1], abs=0.5)


def test_water_as_warm_as_the_rock_changes_nothing() -> None:
    np.testing.assert_allclose(fall(box(), doublet(cold=70.0)), 0.0, atol=1e-3)


def test_mirrored_layouts_fall_alike() -> None:
    """Up to what the balance leaves over, whose blocks are not mirrored."""
    mirrored = tuple(replace(w, x_m=2000.0 - w.x_m) for w in doublet())
    turned = tuple(replace(w, x_m=w.y_m, y_m=w.x_m) for w in doublet())
    for other in (mirrored, turned):
        np.testing.assert_allclose(fall(box(), other), fall(box(), doublet()), atol=0.15)


def test_the_lattice_keeps_heat_flow_and_conductance() -> None:
    """What lies in the cells adds up; every cell gets what its wells put in; a strip conducts like the fine one."""
    ground = box(boundary="constant_pressure")
    unit, src, _ = asked(ground, doublet())
    flow, sums, made = flow_of(unit, src), ground_of(unit), lattice_of(unit, src)
    ny, nx = made.shape
    water = np.empty((ny, nx))
    box_sums(sums.layers[0].water, made.edges_x, made.edges_y, water)
    assert water.sum() == pytest.approx(unit.water.sum())
    f0x, tx, f0y, ty = (np.empty(s) for s in ((ny, nx + 1), (ny, nx + 1), (nx, ny + 1), (nx, ny + 1)))
    lift(flow.fx, sums.along_x, made.edges_x, made.edges_y, True, f0x, tx)
    lift(np.ascontiguousarray(flow.fy.T), sums.along_y, made.edges_y, made.edges_x, True, f0y, ty)
    through = [1.0 / (1.0 / t).sum(axis=1) for t in (unit.system.tx, tx)]
    assert through[1].sum() == pytest.approx(through[0].sum(), rel=1e-3)
    to_points(made.corner, made.live, made.point, src.mean, f0x, f0y)
    out = np.diff(f0x, axis=1) + np.diff(f0y.T, axis=0)
    wells = np.bincount(made.cells.ravel(), (made.weights * src.mean[:, None]).ravel(), ny * nx)
    np.testing.assert_allclose(out.ravel(), wells, atol=2e-3 * src.mean.max())


def test_wells_stand_among_small_cells() -> None:
    """Cells among the wells are alike and at most ``CELLS`` across; outside they widen to the sides of the box."""
    unit, src, _ = asked(box(), doublet())
    made = lattice_of(unit, src)
    wide = np.diff(made.edges_x) * unit.grid.dx_m
    assert made.edges_x[0] == 0.0 and made.edges_x[-1] == unit.grid.nx and np.all(wide > 0.0)
    assert np.sum(np.abs(wide - made.size_m) < 0.05 * made.size_m) <= CELLS
    assert wide[[0, -1]].min() > 1.3 * made.size_m
    np.testing.assert_allclose(made.weights.sum(axis=1), 1.0)
    middle = 0.5 * (made.edges_x[1:] + made.edges_x[:-1])
    at = (made.weights * middle[made.cells % (middle.size)]).sum(axis=1)
    np.testing.assert_allclose(at, src.cx)  # what a well acts on lies round its own place


def test_stiffer_rock_is_balanced_again() -> None:
    """Fluidity halved round the injector: fluxes change, and still every cell gets what its wells ask of it."""
    rng = np.random.default_rng(0)
    ny, nx = 21, 18
    width = nx + 2 * HALO

    def flat(a: np.ndarray) -> np.ndarray:
        out = np.zeros((ny + 2 * HALO, width), np.float32)
        out[HALO : HALO + a.shape[0], HALO : HALO + a.shape[1]] = a
        return out.ravel()

    tx, ty = np.exp(rng.standard_normal((ny, nx + 1))), np.exp(rng.standard_normal((ny + 1, nx)))
    tx[:, [0, -1]] = ty[[0, -1]] = 0.0
    p0 = rng.standard_normal((ny, nx))
    fx, fy = np.zeros((ny, nx + 1)), np.zeros((ny + 1, nx))
    fx[:, 1:-1], fy[1:-1] = tx[:, 1:-1] * -np.diff(p0, axis=1), ty[1:-1] * -np.diff(p0, axis=0)
    want = np.diff(fx, axis=1) + np.diff(fy, axis=0)
    ease = np.ones((ny + 2 * HALO, width), np.float32)
    ease[5:12, 4:11] = 0.5
    p, gx, gy = (np.zeros(ease.size, np.float32) for _ in range(3))
    inside, work = flat(np.ones((ny, nx))), np.zeros((9, ease.size), np.float32)
    rounds = balanced(
        flat(fx),
        flat(fy),
        flat(tx),
        flat(ty),
        flat(want),
        ease.ravel(),
        inside,
        True,
        ny,
        nx,
        p,
        gx,
        gy,
        work,
    )
    at = (np.arange(ny)[:, None] + HALO) * width + HALO + np.arange(nx)
    out = gx[at + 1] - gx[at] + gy[at + width] - gy[at]
    assert 0 < rounds < 40
    assert np.abs(out - want).sum() < 2.0 * TOLERANCE * np.abs(want).sum()
    assert np.abs(gx[at] - fx[:, :-1]).max() > 0.1


def test_a_drag_moves_the_answer_smoothly() -> None:
    """Ten metres at a time across the coarse cells: no jump larger than three times the mean step."""
    p, i = doublet()
    ends = np.array([fall(box(), (replace(p, x_m=700.0 + 10.0 * n), i))[0, -1] for n in range(16)])
    steps = np.diff(ends)
    assert np.all(steps > 0.0) and steps.max() < 3.0 * steps.mean()


def test_close_wells_get_smaller_live_cells() -> None:
    """Cells are divided until five lie between neighbours, at most in four; far wells keep the site's own cells."""
    ground = box(cell_m=100.0)
    p, i = doublet()
    assert live_ground(ground, (p, i)).cell_m == pytest.approx(50.0)
    assert live_ground(ground, (p, replace(i, x_m=p.x_m + 60.0))).cell_m == pytest.approx(25.0)
    assert live_ground(ground, (p, replace(i, x_m=1300.0, y_m=1400.0))) is ground
    assert live_ground(ground, (p,)) is ground


def test_finer_cells_are_ready_before_a_drag_asks_for_them() -> None:
    """Whatever the distance, the grid is one that was made beforehand: the very same factors."""
    ground = box(cell_m=100.0)
    make_ready(ground)
    p, i = doublet()
    for apart in (60.0, 120.0, 180.0, 300.0):
        fine = live_ground(ground, (p, replace(i, x_m=p.x_m + apart)))
        again = live_ground(ground, (p, replace(i, x_m=p.x_m + apart + 1.0)))
        assert again is fine and flow_units(again) is flow_units(fine)


@pytest.mark.parametrize("ends", [(25.0, 50.0), (25.0, 75.0), (1500.0, 10.0), (2000.0, 2000.0)])
@pytest.mark.parametrize("thickness", [0.05, 60.0])
def test_odd_boxes_and_wells_in_one_place_stay_possible(ends, thickness) -> None:
    """Tiny and thin boxes, a layer of five centimetres, both wells in the same place: between 25 and 70 degC, no more."""
    layer = Layer("sand", 1500.0, thickness, permeability_md=500.0)
    ground = replace(box(), extent_m=ends, layers=(layer,), confining=Confining())
    middle = (0.6 * ends[0], 0.6 * ends[1])
    for apart in (0.0, 0.3):
        wells = (
            Well("P", "producer", *middle, 900.0),
            Well("I", "injector", middle[0] - apart * ends[0], middle[1] - apart * ends[1], 900.0, 25.0),
        )
        fell = fall(ground, wells)
        assert np.all(np.isfinite(fell)) and fell.min() > -0.5 and fell.max() < 45.5
