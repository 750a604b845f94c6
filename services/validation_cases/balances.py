"""Conservation, linearity, symmetry and bounds, in patchy ground."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from services.validation import Outcome
from services.validation_cases.common import ENGINES, Inputs, box, wells, worst
from twin_models.box import read_box
from twin_models.types import Confining, Fluid, Layer, Reservoir, Step, Well

SIMULATION = ENGINES["tvd"]


def patchy(inputs: Inputs, **changed: Any) -> Reservoir:
    """The reservoir of a case with lognormal permeability by its seed."""
    rng = np.random.default_rng(inputs["seed"])
    field = np.exp(rng.normal(6.0, inputs["spread"], (inputs["cells"],) * 2))
    ground = box(inputs)
    layer = replace(ground.layers[0], permeability_md=field)
    return replace(ground, layers=(layer,), **changed)


def layered() -> tuple[Reservoir, list[Well]]:
    """Three layers in a closed box, more produced than injected, a storage well on a schedule."""
    layers = (
        Layer("cap", 1300.0, 50.0, cells=2, permeability_md=1e-6, porosity=0.05, temperature_degc=60.0),
        Layer("upper", 1350.0, 30.0, cells=2, permeability_md=300.0, temperature_degc=64.0),
        Layer("lower", 1380.0, 40.0, permeability_md=800.0, kv_kh=0.3, temperature_degc=67.0),
    )
    at = [
        Well("P", "producer", 300.0, 400.0, 60.0),
        Well("I", "injector", 640.0, 420.0, 30.0, 25.0, layers=("upper",)),
        Well("S", "storage", 500.0, 700.0, schedule=(Step(0, 20.0, 80.0), Step(120, 0.0), Step(200, -20.0))),
    ]
    return Reservoir((1000.0, 800.0), (0.0, 0.0), 50.0, layers), at


def energy_and_mass(inputs: Inputs) -> Outcome:
    energy, mass, at = [], [], wells(inputs)
    sides = product(("closed", "constant_pressure"), (None, Confining()), ("tvd", "upwind"))
    for boundary, rock, engine in sides:
        ground = patchy(inputs, boundary=boundary, confining=rock)
        told = ENGINES[engine].forecast(ground, at, np.array([inputs["years"]])).diagnostics
        energy.append(told["energy_error"])
        mass.append(told["mass_error"])
    ground, at = layered()
    told = SIMULATION.forecast(ground, at, np.array([1.0, 6.0]), season_days=150.0).diagnostics
    return Outcome(
        {
            "energy": max(energy),
            "mass": max(mass),
            "layered_energy": told["energy_error"],
            "layered_mass": told["mass_error"],
        }
    )


def _pressures(ground: Reservoir, at: list[Well], names: tuple[str, ...]) -> np.ndarray:
    change = SIMULATION.forecast(ground, at, np.array([0.1])).pressure_change_bar
    return np.array([change[name][0] for name in names])


def pressure(inputs: Inputs) -> Outcome:
    ground = patchy(inputs, fluid=Fluid(viscosity=0.5), boundary="constant_pressure")
    at = wells(inputs)
    names = tuple(w.name for w in at)
    off = [replace(w, rate_m3_h=0.0) for w in at]
    both = _pressures(ground, at, names)
    apart = _pressures(ground, [*at[:2], *off[2:]], names) + _pressures(ground, [*off[:2], *at[2:]], names)
    twice = _pressures(ground, [replace(w, rate_m3_h=2.0 * w.rate_m3_h) for w in at], names)
    scale = float(np.max(np.abs(both)))
    producer = Well("P", "producer", 2000.0, 2000.0, 100.0)
    years = np.array([1.0, 5.0])
    fall = SIMULATION.forecast(read_box(inputs["drained"]), [producer], years).pressure_change_bar["P"]
    return Outcome(
        {
            "superposition": worst(both, apart) / scale,
            "rate": worst(twice, 2.0 * both) / scale,
            "drained_bar": float(fall[1] - fall[0]) / 4.0,
        }
    )


def _turned(ground: Reservoir, at: list[Well]) -> tuple[Reservoir, list[Well]]:
    """Everything by a quarter turn to the left: (x, y) -> (width - y, x)."""
    width = ground.extent_m[0]
    layer = replace(ground.layers[0], permeability_md=np.rot90(ground.layers[0].permeability_md, -1))
    return replace(ground, layers=(layer,)), [replace(w, x_m=width - w.y_m, y_m=w.x_m) for w in at]


def temperature(inputs: Inputs) -> Outcome:
    ground, at = patchy(inputs), wells(inputs)
    years = np.arange(1.0, inputs["years"] + 1.0)
    injected = [w.temperature_degc for w in at if w.temperature_degc is not None]
    first = float(ground.layers[0].temperature_degc)

    def produced(ground: Reservoir, at: list[Well]) -> np.ndarray:
        found = SIMULATION.forecast(ground, at, years).temperature_degc
        return np.array([found[w.name] for w in at if w.kind == "producer"])

    frames = SIMULATION.forecast(ground, at, years, fields=[5.0, 15.0]).fields
    assert frames is not None
    outside = max(
        float(frames.temperature_degc.max()) - first, min(injected) - float(frames.temperature_degc.min())
    )
    usual = produced(ground, at)
    shift = 12_345.0
    moved = replace(ground, origin_m=(shift, -shift))
    colder = [
        replace(w, temperature_degc=w.temperature_degc - 10.0) if w.temperature_degc is not None else w
        for w in at
    ]
    return Outcome(
        {
            "overshoot_k": max(outside, 0.0),
            "turned_k": worst(produced(*_turned(ground, at)), usual),
            "moved_k": worst(
                produced(moved, [replace(w, x_m=w.x_m + shift, y_m=w.y_m - shift) for w in at]), usual
            ),
            "colder_k": max(float(np.max(produced(ground, colder) - usual)), 0.0),
            "repeated_k": worst(produced(ground, at), usual),
        }
    )
