"""Pressure: the frozen factor, and the multigrid solver of the simulation, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from twin_models.grid import MILLIDARCY_M2, grid_of, wells_to_cells
from twin_models.simulators.completion import complete
from twin_models.simulators.flow import Flow
from twin_models.simulators.pressure import pressure_system
from twin_models.types import Fluid, Layer, Reservoir, Well
from twin_models.water import density_kg_m3, viscosity_pa_s

Q = 100.0 / 3600.0
MU = 0.42e-3
KH = 500.0 * MILLIDARCY_M2 * 100.0


def square(side: float = 8000.0, cell: float = 40.0, **more) -> Reservoir:
    layer = more.pop("layer", Layer("sand", 1400.0, 100.0, permeability_md=500.0))
    return Reservoir(
        (side, side), (-side / 2, -side / 2), cell, (layer,), fluid=Fluid(viscosity=0.42), **more
    )


def flow_pressures(reservoir: Reservoir, wells: list[Well]) -> np.ndarray:
    grid = grid_of(reservoir)
    flow = Flow(grid, complete(grid, wells))
    rates = np.array([w.signed_rate_m3_h / 3600.0 for w in wells])
    return flow.solve(grid.temperature_degc, rates).well_pa


def frozen_pressures(reservoir: Reservoir, wells: list[Well]) -> np.ndarray:
    system = pressure_system(reservoir)
    at = wells_to_cells(system.grid, wells)
    rates = np.array([w.signed_rate_m3_h / 3600.0 for w in wells])
    return system.well_pressures(at, rates, system.solve(system.sources(at, rates)))


BOTH = pytest.mark.parametrize("pressures", [flow_pressures, frozen_pressures])


@BOTH
def test_a_column_obeys_darcy(pressures) -> None:
    """Between the centres of the end cells of a column: dp = q mu L / (k A), L = 590 m, A = 1 x 20 m2.

    Both wells add the same Peaceman loss, which a second column of half the length takes out.
    """

    def drop(length: float) -> float:
        layer = Layer("sand", 1400.0, 20.0, permeability_md=500.0)
        column = Reservoir((length, 1.0), (0.0, 0.0), 10.0, (layer,), fluid=Fluid(viscosity=0.5))
        ends = [Well("I", "injector", 5.0, 0.5, 0.036, 25.0), Well("P", "producer", length - 5.0, 0.5, 0.036)]
        high, low = pressures(column, ends)
        return float(high - low)

    expected = (0.036 / 3600.0) * 0.5e-3 * 300.0 / (500.0 * MILLIDARCY_M2 * 20.0)
    assert drop(600.0) - drop(300.0) == pytest.approx(expected, rel=1e-5)


@BOTH
def test_doublet_between_two_wells_obeys_thiem(pressures) -> None:
    """Infinite plane: p_injector - p_producer = Q mu / (pi k h) ln(D/r_w) = 2 x 3.1895 bar at D = 480 m.

    In the 8 km box the closed sides add less than half a per cent.
    """
    wells = [Well("P", "producer", -220.0, 20.0, 100.0), Well("I", "injector", 260.0, 20.0, 100.0, 25.0)]
    low, high = pressures(square(), wells)
    assert high - low == pytest.approx(Q * MU / (math.pi * KH) * math.log(480.0 / 0.1), rel=5e-3)
    assert high - low == pytest.approx(2 * 3.189506e5, rel=5e-3)


def test_a_dragged_well_changes_pressure_smoothly() -> None:
    """Anywhere between cell centres the doublet keeps Thiem's answer within half a per cent."""
    for offset in (0.0, 7.0, 13.0, 20.0, 31.0):
        wells = [
            Well("P", "producer", -220.0, 20.0, 100.0),
            Well("I", "injector", 260.0 + offset, 20.0 + offset / 2, 100.0, 25.0),
        ]
        low, high = flow_pressures(square(), wells)
        distance = math.hypot(480.0 + offset, offset / 2)
        expected = Q * MU / (math.pi * KH) * math.log(distance / 0.1)
        assert high - low == pytest.approx(expected, rel=5e-3)


@BOTH
def test_a_no_flow_side_acts_like_an_image(pressures) -> None:
    """Doublet D = 500 m parallel to a closed side at 300 m: s = Q/(2 pi T) (ln(D/r_w) + ln(sqrt(D^2+4b^2)/(2b))).

    The box is 8 km wide and 4 km deep; its other sides are far away.
    """
    layer = Layer("sand", 1400.0, 100.0, permeability_md=500.0)
    half = Reservoir((8000.0, 4000.0), (-4000.0, 0.0), 40.0, (layer,), fluid=Fluid(viscosity=0.42))
    wells = [Well("P", "producer", -260.0, 300.0, 100.0), Well("I", "injector", 240.0, 300.0, 100.0, 25.0)]
    low, high = pressures(half, wells)
    image = math.log(math.hypot(500.0, 600.0) / 600.0)
    expected = Q * MU / (math.pi * KH) * (math.log(500.0 / 0.1) + image)
    assert high - low == pytest.approx(expected, rel=1e-2)


@BOTH
def test_skin_adds_its_own_loss(pressures) -> None:
    """dp = Q mu / (2 pi k h) x skin."""
    plain = [Well("P", "producer", -220.0, 20.0, 100.0), Well("I", "injector", 260.0, 20.0, 100.0, 25.0)]
    damaged = [plain[0], Well("I", "injector", 260.0, 20.0, 100.0, 25.0, skin=5.0)]
    more = pressures(square(cell=80.0), damaged)[1] - pressures(square(cell=80.0), plain)[1]
    assert more == pytest.approx(Q * MU / (2.0 * math.pi * KH) * 5.0, rel=1e-9)


@BOTH
def test_pressures_superpose(pressures) -> None:
    """Twice the rates, twice the changes; two doublets, the sum of each alone."""
    a = [Well("P", "producer", -300.0, 100.0, 80.0), Well("I", "injector", 300.0, 100.0, 80.0, 25.0)]
    b = [Well("Q", "producer", -900.0, -700.0, 50.0), Well("J", "injector", 500.0, -900.0, 50.0, 25.0)]
    rest_a = [Well(w.name, w.kind, w.x_m, w.y_m, 0.0, 25.0) for w in a]
    rest_b = [Well(w.name, w.kind, w.x_m, w.y_m, 0.0, 25.0) for w in b]
    box = square(cell=100.0)
    both = pressures(box, a + b)
    np.testing.assert_allclose(both, pressures(box, a + rest_b) + pressures(box, rest_a + b), rtol=2e-5)


def test_many_right_hand_sides_at_once() -> None:
    system = pressure_system(square(cell=200.0))
    rng = np.random.default_rng(5)
    sources = rng.normal(size=(3, 40, 40))
    sources -= sources.mean(axis=(1, 2), keepdims=True)
    together = system.solve(sources)
    for one, alone in zip(together, sources, strict=True):
        np.testing.assert_allclose(one, system.solve(alone), atol=1e-6 * np.abs(one).max())


@pytest.mark.parametrize("boundary", ["closed", "constant_pressure"])
def test_fluxes_balance_the_sources(boundary: str) -> None:
    system = pressure_system(square(cell=200.0, boundary=boundary))
    wells = [Well("P", "producer", 10.0, 10.0, 100.0), Well("I", "injector", 900.0, 10.0, 100.0, 25.0)]
    at = wells_to_cells(system.grid, wells)
    sources = system.sources(at, np.array([-Q, Q]))
    fx, fy = system.fluxes(system.solve(sources))
    away = fx[:, 1:] - fx[:, :-1] + fy[1:] - fy[:-1]
    assert np.abs(away - sources).max() < 1e-10 * Q


def test_held_sides_feed_a_lone_producer() -> None:
    """A lone well in a held square draws its whole rate through the sides, and lowers every cell."""
    reservoir = square(cell=200.0, boundary="constant_pressure")
    system = pressure_system(reservoir)
    at = wells_to_cells(system.grid, [Well("P", "producer", 100.0, 100.0, 100.0)])
    p = system.solve(system.sources(at, np.array([-Q])))
    fx, fy = system.fluxes(p)
    inflow = fx[:, 0].sum() - fx[:, -1].sum() + fy[0].sum() - fy[-1].sum()
    assert inflow == pytest.approx(Q, rel=1e-9)
    assert p.max() < 0.0


def layered_pressures(kv_kh: float) -> tuple[np.ndarray, np.ndarray, Reservoir]:
    layers = (
        Layer("upper", 1400.0, 20.0, permeability_md=1000.0, kv_kh=kv_kh),
        Layer("shale", 1420.0, 10.0, permeability_md=1e-4),
        Layer("lower", 1430.0, 60.0, permeability_md=250.0, kv_kh=kv_kh),
    )
    reservoir = Reservoir((3000.0, 3000.0), (0.0, 0.0), 75.0, layers, fluid=Fluid(viscosity=0.5))
    grid = grid_of(reservoir)
    wells = [Well("P", "producer", 1012.5, 1512.5, 90.0), Well("I", "injector", 1987.5, 1512.5, 90.0, 25.0)]
    at = complete(grid, wells)
    solution = Flow(grid, at).solve(grid.temperature_degc, np.array([-90.0, 90.0]) / 3600.0)
    return solution.entry_m3_s, at.level[at.opening_of], reservoir


@pytest.mark.parametrize("kv_kh", [0.0, 0.1])
def test_rate_divides_between_layers_by_transmissivity(kv_kh: float) -> None:
    """Layers with kh of 20 and 15 D m between common wells share the flow 4:3; the shale takes none."""
    flow, level, _ = layered_pressures(kv_kh)
    upper, lower = (np.abs(flow[level == k]).sum() for k in (0, 2))
    assert upper / lower == pytest.approx(4.0 / 3.0, rel=1e-3)
    assert flow.sum() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("boundary", ["closed", "constant_pressure"])
@pytest.mark.parametrize("shape", [(31, 17), (1, 40), (40, 1), (1, 1)])
def test_simulated_flow_closes_in_every_cell(boundary: str, shape: tuple[int, int]) -> None:
    """Any shape, layered and patchy: what flows into each cell flows out, to rounding."""
    ny, nx = shape
    rng = np.random.default_rng(3)
    patchy = np.exp(rng.normal(5.0, 1.5, (ny, nx)))
    layers = (
        Layer("a", 1400.0, 30.0, cells=2, permeability_md=patchy),
        Layer("b", 1430.0, 20.0, permeability_md=90.0),
    )
    reservoir = Reservoir((nx * 50.0, ny * 50.0), (0.0, 0.0), 50.0, layers, boundary=boundary)
    grid = grid_of(reservoir)
    x, y = reservoir.extent_m
    wells = [
        Well("P", "producer", 0.2 * x, 0.3 * y, 30.0),
        Well("I", "injector", 0.8 * x, 0.7 * y, 20.0, 25.0),
    ]
    solution = Flow(grid, complete(grid, wells)).solve(
        grid.temperature_degc, np.array([-30.0, 20.0]) / 3600.0
    )
    assert solution.mass_error < 1e-12


def test_cold_water_sinks_round_a_loop() -> None:
    """Two columns of two cells, one 40 K colder: flow = weight of the difference / resistance of the loop.

    Resistances: down and up mu dz/(k_v dx dy) with each column's own viscosity, across the top and the bottom
    half a cell of each, (mu_cold + mu_warm)/2 dx/(k_h dy dz); drive g (rho_cold - rho_warm) dz.
    """
    layer = Layer("sand", 1400.0, 40.0, cells=2, permeability_md=500.0, kv_kh=0.2, temperature_degc=70.0)
    grid = grid_of(Reservoir((20.0, 10.0), (0.0, 0.0), 10.0, (layer,)))
    flow = Flow(grid, complete(grid, [Well("M", "monitor", 1.0, 5.0)]))
    degc = grid.temperature_degc.copy()
    degc[:, :, 0] = 30.0
    solution = flow.solve(degc, np.zeros(1))
    cold, warm = viscosity_pa_s(30.0), viscosity_pa_s(70.0)
    k_h = 500.0 * MILLIDARCY_M2
    resistance = (cold + warm) * 20.0 / (0.2 * k_h * 100.0) + (cold + warm) * 10.0 / (k_h * 10.0 * 20.0)
    drive = 9.80665 * (density_kg_m3(30.0) - density_kg_m3(70.0)) * 20.0
    assert solution.fz[1, 0, 0] == pytest.approx(drive / resistance, rel=1e-4)
    assert solution.fz[1, 0, 1] == pytest.approx(-drive / resistance, rel=1e-4)
    np.testing.assert_allclose(flow.solve(grid.temperature_degc, np.zeros(1)).fz, 0.0)
