"""What the predictors say of themselves: temperatures without properties, fronts that conduction spreads, near sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from twin_models.box import read_box
from twin_models.models import load_model
from twin_models.types import Reservoir, Step, Well


def _box(extent_m=(2000.0, 2000.0), cell_m: float = 50.0, **more) -> Reservoir:
    layer = {"name": "sand", "top_m": 1000.0, "thickness_m": 50.0, **more.pop("layer", {})}
    ground = {"extent_m": extent_m, "cell_m": cell_m, "fluid": {"viscosity": 0.5}, "confining": None}
    return read_box({**ground, "layers": [layer], **more})


def _pair(
    rate: float = 100.0, *, y_m: float = 1000.0, x_m: tuple[float, float] = (700.0, 1300.0)
) -> list[Well]:
    return [
        Well("P", "producer", x_m[0], y_m, rate_m3_h=rate),
        Well("I", "injector", x_m[1], y_m, rate_m3_h=rate, temperature_degc=25.0),
    ]


def _told(engine: str, ground: Reservoir, wells: list[Well], years: float = 30.0):
    found = load_model(engine).forecast(ground, wells, np.array([years]))
    return found, {(n.code, n.field): n.severity for n in found.warnings}


@pytest.mark.parametrize("engine", ["simulation", "streamline", "surrogate"])
def test_every_engine_names_the_field_that_is_too_hot(engine: str) -> None:
    """Properties of liquid water are known from 0 to 250 degC; one warning a field."""
    ground = _box(layer={"temperature_degc": 300.0})
    found, told = _told(engine, ground, _pair())
    assert not found.in_range
    assert ("out_of_range", "reservoir.layers[0].temperature_degc") in told
    hot = [replace(w, schedule=(Step(0.0, 100.0, 260.0),)) if w.name == "I" else w for w in _pair()]
    found, told = _told(engine, _box(), hot)
    assert not found.in_range
    assert ("out_of_range", "wells[1].schedule[0].temperature_degc") in told


def test_the_simulation_names_a_field_once() -> None:
    found, _ = _told("simulation", _box(layer={"temperature_degc": 300.0}), _pair())
    assert [n.field for n in found.warnings].count("reservoir.layers[0].temperature_degc") == 1


def test_fronts_that_conduction_spreads_are_the_simulations_business() -> None:
    """1-D, 100 m between wells, 2e-7 m/s: the width sqrt(2 D t) is a quarter of the way at Peclet 33; ten times the
    rate makes it a twelfth and needs no word. Without conductivity nothing spreads."""
    section = {"extent_m": (100.0, 10.0), "cell_m": 10.0}
    slow, fast = 2e-7 * 500.0 * 3600.0, 2e-6 * 500.0 * 3600.0
    for rate, conductivity, expected in ((slow, 2.5, "hard"), (fast, 2.5, None), (slow, 0.0, None)):
        ground = _box(**section, layer={"conductivity_w_mk": conductivity})
        found, told = _told("streamline", ground, _pair(rate, y_m=5.0, x_m=(0.0, 100.0)))
        assert told.get(("conduction", "wells[1].rate_m3_h")) == expected
        assert found.in_range == (expected != "hard")


def test_usual_doublets_need_no_word() -> None:
    found, told = _told("streamline", _box(), _pair())
    assert found.in_range and not told


def test_wells_on_a_side_or_in_one_cell_are_not_for_the_estimate() -> None:
    found, told = _told("streamline", _box(), _pair(y_m=20.0))
    assert not found.in_range and told["at_side", "wells[0]"] == "hard"
    close = _pair(x_m=(1000.0, 1030.0))
    assert _told("streamline", _box(), close)[1]["crowded", "wells[1]"] == "hard"
    simulated, told = _told("simulation", _box(), close, 1.0)
    assert told["crowded", "wells[1]"] == "soft" and simulated.in_range


def test_pressure_that_takes_its_time_is_said_and_a_box_is_drained_at_its_own_compressibility() -> None:
    """50 m3/h from 2 x 2 km x 50 m x 0.25 at 4e-10 1/Pa: 219 bar a year on the mean."""
    ground = _box(compressibility_per_pa=4e-10)
    assert (
        _told("streamline", ground, _pair())[1]["steady_pressure", "reservoir.compressibility_per_pa"]
        == "soft"
    )
    lone = _pair(50.0)[:1]
    engine = load_model("streamline")
    found = engine.forecast(ground, lone, np.array([0.5, 1.0]))
    assert not found.in_range
    fall = 50.0 * 8766.0 / (2000.0**2 * 50.0 * 0.25 * 4e-10) / 1e5
    change = found.pressure_change_bar["P"]
    assert change[0] - change[1] == pytest.approx(0.5 * fall, rel=1e-6)


@pytest.mark.parametrize("engine", ["simulation", "streamline"])
def test_gaps_and_layers_upside_down_are_said(engine: str) -> None:
    layers = [
        {"name": "a", "top_m": 1000.0, "thickness_m": 20.0, "temperature_degc": 80.0},
        {"name": "b", "top_m": 1100.0, "thickness_m": 20.0, "temperature_degc": 60.0},
    ]
    ground = read_box({"extent_m": [2000, 2000], "cell_m": 100, "layers": layers})
    _, told = _told(engine, ground, _pair(), 1.0)
    assert told["gap", "reservoir.layers[1].top_m"] == "soft"
    assert told["inverted", "reservoir.layers[1].temperature_degc"] == "soft"


@pytest.mark.parametrize("engine", ["simulation", "streamline"])
def test_a_skin_that_cells_cannot_hold_is_said(engine: str) -> None:
    """Cells of 50 m and a bore of 0.1 m: ln(0.198 x 50 / 0.1) = 4.6 is all that a negative skin can take away."""
    wells = [replace(w, skin=skin) for w, skin in zip(_pair(), (-4.0, -6.0), strict=True)]
    _, told = _told(engine, _box(), wells, 1.0)
    assert [field for code, field in told if code == "skin"] == ["wells[1].skin"]


def test_rock_in_thick_cells_is_said() -> None:
    """A shale of 60 m in one cell under 10 m of sand: four cells would do, and then nothing is said."""
    sand = {"name": "sand", "top_m": 1000.0, "thickness_m": 10.0}
    shale = {"name": "shale", "top_m": 1010.0, "thickness_m": 60.0, "permeability_md": 0.0}
    for cells, expected in ((1, ["reservoir.layers[1].cells"]), (4, [])):
        ground = read_box(
            {"extent_m": [2000, 2000], "cell_m": 100, "layers": [sand, {**shale, "cells": cells}]}
        )
        _, told = _told("simulation", ground, _pair(), 1.0)
        assert [field for code, field in told if code == "coarse_rock"] == expected
