"""Faults that hinder flow: against a hand-derived drop, image wells, and no hole in a seal."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from twin_models.box import read_box
from twin_models.errors import InputError
from twin_models.faults import fault_faces
from twin_models.grid import MILLIDARCY_M2, grid_of
from twin_models.models import load_model
from twin_models.simulators.completion import complete
from twin_models.types import FaultLine, Fluid, Layer, Reservoir, Well

GRID_ENGINES = pytest.mark.parametrize("engine", ["simulation", "streamline"])
YEAR = np.array([1.0])


def square(*faults: FaultLine, **more) -> Reservoir:
    layers = more.pop("layers", (Layer("sand", 1400.0, 80.0),))
    side = more.pop("side_m", 2000.0)
    return Reservoir(
        (side, side),
        (-side / 2, -side / 2),
        more.pop("cell_m", 50.0),
        layers,
        fluid=Fluid(0.5),
        faults=faults,
        **more,
    )


@GRID_ENGINES
def test_a_fault_across_a_channel_adds_its_own_drop(engine: str) -> None:
    """One row of cells of 10 m, 20 m thick, 500 mD, 0.5 mPa s: a face lets T = 500 mD x 20 m /
    0.5 mPa s through. A fault leaving a tenth adds q (1/0.1 - 1) / T."""
    free = Reservoir((1000.0, 10.0), (0.0, 0.0), 10.0, (Layer("sand", 1400.0, 20.0),), fluid=Fluid(0.5))
    pair = [Well("I", "injector", 55.0, 5.0, 1.0, 25.0), Well("P", "producer", 955.0, 5.0, 1.0)]
    cut = replace(free, faults=(FaultLine("F", ((500.0, -1.0), (503.0, 20.0)), 0.1),))
    drop = [
        float(r["I"][0] - r["P"][0])
        for r in (load_model(engine).forecast(g, pair, YEAR).pressure_change_bar for g in (free, cut))
    ]
    face = 500.0 * MILLIDARCY_M2 * 20.0 / 0.5e-3
    assert drop[1] - drop[0] == pytest.approx(1.0 / 3600.0 * 9.0 / face / 1e5, rel=1e-6)


@GRID_ENGINES
def test_a_seal_is_an_image_well(engine: str) -> None:
    """Doublet of 500 m parallel to a seal 300 m away: dp = Q mu / (2 pi k h) [ln(D/r_w) + ln(sqrt(D2 + 4 b2) / 2b)]
    at the producer (Ferris et al. 1962)."""
    seal = FaultLine("F", ((-9e3, 300.0), (9e3, 300.0)))
    pair = [Well("P", "producer", -250.0, 0.0, 100.0), Well("I", "injector", 250.0, 0.0, 100.0, 25.0)]
    got = load_model(engine).forecast(square(seal, side_m=12000.0, cell_m=60.0), pair, YEAR)
    kh = 500.0 * MILLIDARCY_M2 * 80.0
    unit = 100.0 / 3600.0 * 0.5e-3 / (2.0 * math.pi * kh) / 1e5
    expected = unit * (math.log(500.0 / 0.1) + math.log(math.hypot(500.0, 600.0) / 600.0))
    assert -got.pressure_change_bar["P"][0] == pytest.approx(expected, rel=0.005)


@GRID_ENGINES
def test_a_slanting_seal_has_no_hole(engine: str) -> None:
    """Behind a bent, sealing trace from edge to edge nothing moves and nothing cools, though a well hugs it."""
    seal = FaultLine("F", ((-1500.0, -1480.0), (-200.0, -130.0), (1500.0, 1530.0)))
    pair = [Well("P", "producer", -250.0, -120.0, 100.0), Well("I", "injector", -600.0, 200.0, 100.0, 25.0)]
    got = load_model(engine).forecast(
        square(seal, boundary="constant_pressure"), pair, np.array([30.0]), fields=[30.0]
    )
    assert got.fields is not None and got.fields.pressure_bar is not None
    grid = grid_of(square(seal))
    x, y = np.meshgrid(grid.x_m, grid.y_m)
    behind = y < np.interp(x, [-1500.0, -200.0, 1500.0], [-1480.0, -130.0, 1530.0]) - 75.0
    assert np.abs(got.fields.pressure_bar[-1][behind]).max() < 2e-4
    assert got.fields.temperature_degc[-1][behind].min() > 69.99
    assert got.temperature_degc["P"][0] < 69.0


def test_open_faults_change_nothing() -> None:
    through = FaultLine("F", ((0.0, -2000.0), (0.0, 2000.0)), 1.0)
    wells = [Well("P", "producer", -300.0, 0.0, 90.0), Well("I", "injector", 300.0, 0.0, 90.0, 25.0)]
    model = load_model("simulation")
    a, b = (model.forecast(g, wells, np.array([20.0])) for g in (square(), square(through)))
    assert a.temperature_degc["P"].tolist() == b.temperature_degc["P"].tolist()


def test_faults_cut_the_layers_they_name() -> None:
    layers = (Layer("upper", 1400.0, 30.0, cells=2), Layer("lower", 1430.0, 30.0))
    ground = square(FaultLine("F", ((0.0, -2000.0), (0.0, 2000.0)), 0.2, ("lower",)), layers=layers)
    grid = grid_of(ground)
    faces = fault_faces(grid)
    k, _, i = np.unravel_index(faces.x_at, (grid.nz, grid.ny, grid.nx + 1))
    assert set(k.tolist()) == {2} and set(i.tolist()) == {20} and faces.x_at.size == 40
    assert set(faces.x_factor.tolist()) == {0.2} and faces.y_at.size == 0


def test_a_well_beside_a_fault_opens_its_own_side_only() -> None:
    """5 m west of the trace, the four nearest cell centres lie on both sides."""
    grid = grid_of(square(FaultLine("F", ((0.0, -2000.0), (0.0, 2000.0)))))
    at = complete(grid, [Well("P", "producer", -5.0, 0.0, 10.0)])
    assert np.all(grid.x_m[at.cells % grid.nx] < 0.0)
    assert at.weight.sum() == pytest.approx(1.0)


def test_salt_and_faults_are_read_from_a_file() -> None:
    data = {
        "extent_m": [1000.0, 1000.0],
        "cell_m": 50.0,
        "layers": [{"name": "sand", "top_m": 1400.0, "thickness_m": 50.0}],
        "faults": [{"points_m": [[0, 0], [1000, 900]], "transmissibility": 0.05, "layers": ["sand"]}],
        "fluid": {"salinity_g_kg": 150.0},
        "compressibility_per_pa": 1e-9,
    }
    ground = read_box(data)
    assert ground.faults[0].transmissibility == 0.05 and ground.faults[0].name == "fault 1"
    assert ground.fluid.salinity_g_kg == 150.0 and ground.compressibility_per_pa == 1e-9
    plain = read_box(
        {k: v for k, v in data.items() if k not in ("faults", "fluid", "compressibility_per_pa")}
    )
    assert ground.key != plain.key
    bad = {
        **data,
        "faults": [{"points_m": [[0, 0]], "transmissibility": 2.0, "layers": ["chalk"]}],
        "fluid": {"viscosity": 0.5, "salinity_g_kg": 10.0},
    }
    with pytest.raises(InputError) as caught:
        read_box(bad)
    assert {f.field for f in caught.value.faults} == {
        "reservoir.faults[0].points_m",
        "reservoir.faults[0].transmissibility",
        "reservoir.faults[0].layers[0]",
        "reservoir.fluid.salinity_g_kg",
    }
