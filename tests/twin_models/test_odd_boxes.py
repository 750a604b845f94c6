"""Odd but legal boxes: every engine answers them with finite numbers inside the physical bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twin_models.errors import InputError
from twin_models.models import MODELS, load_model
from twin_models.simulators import layered
from twin_models.types import Confining, Fluid, Layer, Reservoir, Step, Well

YEARS = np.array([0.01, 1.0, 20.0])
SAND = Layer("sand", 1400.0, 80.0)


def box(*layers: Layer, **more) -> Reservoir:
    extent = more.pop("extent_m", (2000.0, 2000.0))
    return Reservoir(
        extent, more.pop("origin_m", (-1000.0, -1000.0)), more.pop("cell_m", 100.0), layers or (SAND,), **more
    )


def pair(distance_m: float = 500.0, rate: float = 40.0, degc: float = 25.0) -> list[Well]:
    half = 0.5 * distance_m
    return [Well("P", "producer", -half, 12.0, rate), Well("I", "injector", half, -20.0, rate, degc)]


def along(extent: tuple[float, float]) -> list[Well]:
    at = [(min(5.0, e / 2), max(e - 5.0, e / 2)) for e in extent]
    return [
        Well("I", "injector", at[0][0], at[1][0], 0.5, 25.0),
        Well("P", "producer", at[0][1], at[1][1], 0.5),
    ]


def raster(**columns: float) -> np.ndarray:
    values = np.full((20, 20), 500.0)
    for name, k in columns.items():
        values[:, int(name[1:])] = k
    return values


rng = np.random.default_rng(4)
LINE, SECTION = (600.0, 10.0), (10.0, 400.0)
REST = (Step(0.0, 40.0, 25.0), Step(1000.0, 0.0), Step(3000.0, 40.0, 25.0))
ODD: dict[str, tuple[Reservoir, list[Well]]] = {
    "5 cm thick": (box(replace(SAND, thickness_m=0.05)), pair(rate=0.2)),
    "1 m in 5 cells": (box(replace(SAND, thickness_m=1.0, cells=5, kv_kh=1.0)), pair(rate=2.0)),
    "450 m thick": (box(replace(SAND, thickness_m=450.0, cells=6, kv_kh=1.0)), pair()),
    "10 mD": (box(replace(SAND, permeability_md=10.0)), pair()),
    "3000 mD": (box(replace(SAND, permeability_md=3000.0, cells=3)), pair()),
    "no vertical flow": (box(replace(SAND, kv_kh=0.0, cells=3)), pair()),
    "no pores": (box(replace(SAND, porosity=0.0)), pair()),
    "no conduction": (box(replace(SAND, conductivity_w_mk=0.0), confining=Confining(0.0)), pair()),
    "hot water into cold sand": (box(replace(SAND, temperature_degc=20.0)), pair(degc=150.0)),
    "a wall without permeability": (box(replace(SAND, permeability_md=raster(c10=0.0))), pair()),
    "a well in rock without permeability": (box(replace(SAND, permeability_md=raster(c12=0.0, c13=0.0))), pair()),
    "lines along x": (box(extent_m=LINE, origin_m=(0.0, 0.0), cell_m=10.0), along(LINE)),
    "lines along y": (box(extent_m=SECTION, origin_m=(0.0, 0.0), cell_m=10.0), along(SECTION)),
    "one column": (box(replace(SAND, cells=6), extent_m=(10.0, 10.0), origin_m=(0.0, 0.0), cell_m=10.0), along((10.0, 10.0))),
    "wells in the corners": (box(), [*pair()[:1], Well("I", "injector", 1000.0, 1000.0, 40.0, 25.0)]),
    "wells in one place": (box(), [Well("P", "producer", 0.0, 0.0, 40.0), Well("I", "injector", 0.0, 0.0, 40.0, 25.0)]),
    "sixty wells": (
        box(),
        [
            Well(f"W{n}", "injector" if n % 2 else "producer", x, y, 15.0, 25.0 if n % 2 else None)
            for n, (x, y) in enumerate(rng.uniform(-900.0, 900.0, (60, 2)).tolist())
        ],
    ),
    "years of rest": (box(), [replace(w, schedule=REST) for w in pair()]),
    "brine": (box(replace(SAND, cells=3), fluid=Fluid(salinity_g_kg=200.0)), pair()),
}  # fmt: skip


@pytest.mark.parametrize("engine", sorted(MODELS))
@pytest.mark.parametrize("name", ODD)
def test_odd_boxes_are_answered(engine: str, name: str) -> None:
    ground, wells = ODD[name]
    got = load_model(engine).forecast(ground, wells, YEARS)
    degc = [w.temperature_degc for w in wells if w.temperature_degc is not None]
    low, high = (f([*degc, float(ground.layers[0].temperature_degc)]) for f in (min, max))
    for well in wells:
        t, p = got.temperature_degc[well.name], got.pressure_change_bar[well.name]
        assert np.all(np.isfinite(t)) and np.all(np.isfinite(p)), well.name
        assert np.all((t >= low - 1e-3) & (t <= high + 1e-3)), (well.name, t)
    if engine == "simulation":
        assert got.diagnostics["energy_error"] < 1e-9 and got.diagnostics["mass_error"] < 1e-6


def test_a_question_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells that are renewed too often for any patience are named, not computed."""
    monkeypatch.setattr(layered, "MOST_CELL_STEPS", 1e3)
    with pytest.raises(InputError) as caught:
        load_model("simulation").forecast(box(), pair(), YEARS)
    assert caught.value.faults[0].field == "reservoir.cell_m"
    assert "times a year" in caught.value.faults[0].text
