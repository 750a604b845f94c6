"""Compile every kernel once, at set-up, so that no visitor waits for it.

Compiled code is kept beside the sources (numba's cache); later processes only load it.
"""

from __future__ import annotations

import importlib.util

import numpy as np

from twin_models.models import LIVE, load_model
from twin_models.simulators.layered import LayeredSimulation
from twin_models.types import Confining, Fluid, Layer, Refine, Reservoir, Well


def tiny_cases() -> list[tuple[Reservoir, tuple[Well, ...]]]:
    """Thin and layered boxes, closed and open, one with smaller cells near wells: together every kernel."""
    thin = (Layer("sand", 1400.0, 50.0),)
    stack = (
        Layer("cap", 1380.0, 20.0, permeability_md=1e-5, porosity=0.05),
        Layer("upper", 1400.0, 25.0),
        Layer("lower", 1425.0, 25.0, cells=2),
    )
    doublet = (
        Well("P", "producer", 100.0, 150.0, 40.0),
        Well("I", "injector", 300.0, 150.0, 40.0, 25.0),
        Well("M", "monitor", 200.0, 150.0),
    )
    lone = (Well("P", "producer", 100.0, 150.0, 10.0),)
    box = ((400.0, 300.0), (0.0, 0.0), 50.0)
    return [
        (Reservoir(*box, thin), doublet),
        (Reservoir(*box, stack, boundary="constant_pressure", confining=Confining()), doublet),
        (Reservoir(*box, stack, confining=None, fluid=Fluid(viscosity=0.5)), lone),
        (Reservoir((800.0, 300.0), (0.0, 0.0), 50.0, thin, refine=Refine(2, 50.0)), doublet),
    ]


def warm() -> None:
    """Run the tiny cases through the simulation in both schemes, and let the streamline base do its own."""
    for reservoir, wells in tiny_cases():
        for scheme in ("tvd", "upwind"):
            LayeredSimulation(scheme).forecast(reservoir, wells, np.array([0.5]), fields=[0.5])
    if importlib.util.find_spec("twin_models.simulators.streamline") is not None:
        from twin_models.simulators import streamline

        getattr(streamline, "warm", lambda: None)()
    for reservoir, wells in tiny_cases():
        load_model(LIVE).forecast(reservoir, wells, np.array([0.5]), fields=[0.5])
    _warm_hours()


def _warm_hours() -> None:
    """One year of a small station with everything that an energy system may have."""
    from twin_models.uses import parse_uses
    from twin_models.uses.base import Stream
    from twin_models.uses.cascade import Cascade
    from twin_models.uses.climate import climate_of

    found = parse_uses({"heating": {"area_m2": 1000.0}, "system": {"tariff": {}}})
    one = np.ones(1)
    stream = Stream(5.0 * one, 60.0 * one, 365.25 * one)
    cascade = Cascade(found.steps, climate_of(None), system=found.system)
    part = cascade.deliver(stream, found.heating).parts["heating"]
    station = cascade.station(stream, found.heating)
    if station is not None:
        station.year(0, dict(part.sizes_kw), (0.0, 0.0))


if __name__ == "__main__":
    warm()
