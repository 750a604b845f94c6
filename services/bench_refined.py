"""Figures of smaller cells near wells: error and CPU time beside large cells and small ones everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from services.bench import Figures, benchmark
from services.bench_models import YEARS, doublet, field, layout
from twin_models.types import Confining, Refine, Reservoir, Well

TRIES = 3


@benchmark(
    "refined-doublet",
    "doublet with confining rock, rms against the closed form: cells of 60 m, of 15 m within 300 m of the wells",
    aim=0.15,
)
def refined_doublet() -> Figures:
    """A box of 8.64 km; ``coarse``: 60 m everywhere, ``fine``: 15 m everywhere."""
    rock, found = Confining(2.5, 2.2), {}
    asked = {"coarse": (60.0, None), "refined": (60.0, Refine(4, 300.0)), "fine": (15.0, None)}
    for name, (cell_m, refine) in asked.items():
        tries = [doublet(rock, side_m=8640.0, cell_m=cell_m, refine=refine) for _ in range(TRIES)]
        found[name] = {**tries[0], "cpu_ms": min(f["cpu_ms"] for f in tries[1:])}
    return {"value": found["refined"]["value"], "unit": "K", **_beside(found)}


def _beside(found: dict[str, Figures]) -> Figures:
    out: Figures = {}
    for name, figures in found.items():
        out |= {f"{name}_rms_k": figures["value"], f"{name}_most_k": figures["most"]}
        out |= {f"{name}_cpu_ms": figures["cpu_ms"], f"{name}_cells": figures["cells"]}
    return out


@benchmark(
    "refined-field",
    "8 wells in patchy rock, 30 years, rms against cells of 12.5 m: cells of 100 m, of 25 m within 150 m of the wells",
)
def refined_field() -> Figures:
    """A box of 4.8 km, viscosity of water; ``coarse``: 100 m everywhere, ``fine``: 25 m everywhere."""
    wells = [w for n, w in enumerate(layout(0)) if n % 8 in (2, 3) and n < 30]
    truth, _, _ = _produced(field(384), wells)
    asked = {
        "coarse": field(48),
        "refined": replace(field(48), refine=Refine(4, 150.0)),
        "fine": field(192),
    }
    found = {}
    for name, ground in asked.items():
        tries = [_produced(ground, wells) for _ in range(TRIES)]
        error = np.abs(tries[0][0] - truth)
        found[name] = {
            "value": float(np.sqrt((error**2).mean())),
            "most": float(error.max()),
            "cpu_ms": min(t[1] for t in tries[1:]),
            "cells": tries[0][2],
        }
    return {"value": found["refined"]["value"], "unit": "K", **_beside(found)}


def _produced(ground: Reservoir, wells: Sequence[Well]) -> tuple[np.ndarray, float, float]:
    """Temperatures of all producers (producers, years), CPU time (ms), cells."""
    from twin_models.models import load_model

    told = load_model("simulation").forecast(ground, wells, YEARS)
    degc = np.array([told.temperature_degc[w.name] for w in wells if w.kind == "producer"])
    return degc, told.diagnostics["cpu_ms"], told.diagnostics["cells"]
