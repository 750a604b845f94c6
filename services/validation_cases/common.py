"""What the cases share: reservoirs and wells from the inputs, each forecast made once, and measures of error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from twin_models.base import ForecastModel
from twin_models.box import read_box
from twin_models.simulators.layered import LayeredSimulation
from twin_models.simulators.streamline import StreamlineModel
from twin_models.types import Forecast, Reservoir, Step, Well

Inputs = Mapping[str, Any]
ENGINES: dict[str, ForecastModel] = {
    "tvd": LayeredSimulation(),
    "upwind": LayeredSimulation("upwind"),
    "live": StreamlineModel(),
}


def box(inputs: Inputs, **changed: Any) -> Reservoir:
    """The reservoir of a case, written as in a scheme file; ``changed`` replaces entries (another ``cell_m``)."""
    return read_box({**inputs["reservoir"], **changed})


def wells(inputs: Inputs) -> list[Well]:
    """The wells of a case; ``monitors: [[x, y], ...]`` are named M0, M1, ..."""
    out = []
    for entry in inputs["wells"]:
        more = dict(entry)
        if "schedule" in more:
            more["schedule"] = tuple(Step(*step) for step in more["schedule"])
        if "layers" in more:
            more["layers"] = tuple(more["layers"])
        out.append(Well(**more))
    places = inputs.get("monitors", ())
    return out + [Well(f"M{n}", "monitor", float(x), float(y)) for n, (x, y) in enumerate(places)]


def forecast(
    inputs: Inputs, years: Any, engine: str = "tvd", *, season_days: float = 365.25, **changed: Any
) -> Forecast:
    """The forecast of a case; equal questions are answered once per process."""
    asked = {
        "reservoir": inputs["reservoir"],
        "wells": inputs["wells"],
        "monitors": inputs.get("monitors", ()),
    }
    text = json.dumps([asked, changed], sort_keys=True)
    times = tuple(float(y) for y in np.atleast_1d(years))
    return _forecast(text, times, engine, season_days)


@lru_cache(maxsize=64)
def _forecast(text: str, years: tuple[float, ...], engine: str, season_days: float) -> Forecast:
    inputs, changed = json.loads(text)
    ground = box(inputs, **changed)
    return ENGINES[engine].forecast(ground, wells(inputs), np.array(years), season_days=season_days)


def volumetric(reservoir: Reservoir) -> tuple[float, float]:
    """Heat capacity (J/m3/K) of the water and of the saturated first layer."""
    layer = reservoir.layers[0]
    water = reservoir.fluid.heat_capacity_mj_m3k * 1e6
    porosity = float(np.mean(layer.porosity))
    return water, porosity * water + (1.0 - porosity) * layer.rock_heat_capacity_mj_m3k * 1e6


def worst(a: Any, b: Any) -> float:
    return float(np.max(np.abs(np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64))))


def rms(a: Any, b: Any) -> float:
    return float(np.sqrt(np.mean((np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)) ** 2)))


def drop_year(years: np.ndarray, degc: np.ndarray, *, initial_degc: float, drop_k: float = 1.0) -> float:
    """When the produced water has cooled by ``drop_k``, between two reports on a straight line; NaN: never."""
    target = initial_degc - drop_k
    below = np.flatnonzero(np.asarray(degc) < target)
    if below.size == 0 or below[0] == 0:
        return float("nan")
    n = int(below[0])
    part = (degc[n - 1] - target) / (degc[n - 1] - degc[n])
    return float(years[n - 1] + part * (years[n] - years[n - 1]))
