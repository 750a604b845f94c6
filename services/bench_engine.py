"""Figures of the simulation: case B beside open-darts, a million cells, memory, distance to the byte limit."""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np

from services import validation
from services.bench import Figures, benchmark
from services.validation_cases.codes import TIMES
from services.validation_cases.common import ENGINES, box, wells, worst

TIMES_FASTER = 500.0
REFERENCE_CPU_S = 231.0  # open-darts 2.0.0, one run (assets/validation/codes.yaml)
TRIES = 5
CELL_M = 25.0


def _inputs(key: str) -> Any:
    return next(case.entry["inputs"] for case in validation.cases() if case.key == key)


def _case_b(engine: str) -> Figures:
    """Best CPU time of several runs; the first one compiles and is not counted."""
    inputs = _inputs("b-water")
    ground, places, times = box(inputs), wells(inputs), np.array(TIMES)
    told = [ENGINES[engine].forecast(ground, places, times) for _ in range(TRIES + 1)][1:]
    best = min(f.diagnostics["cpu_ms"] for f in told)
    return {
        "value": best,
        "unit": "ms",
        "clock": "CPU",
        "times_faster_than_open_darts": 1e3 * REFERENCE_CPU_S / best,
        "largest_difference_k": worst(told[0].temperature_degc["P"], inputs["printed_degc"]),
        "pressure_solutions": told[0].diagnostics["pressure_solves"],
        "steps": told[0].diagnostics["steps"],
    }


@benchmark(
    "case-b-first-order",
    "case B with water, first order as open-darts (aim: 500 times faster)",
    aim=1e3 * REFERENCE_CPU_S / TIMES_FASTER,
)
def case_b_first_order() -> Figures:
    return _case_b("upwind")


@benchmark("case-b-tvd", "case B with water, TVD", aim=1e3 * REFERENCE_CPU_S / TIMES_FASTER)
def case_b_tvd() -> Figures:
    return _case_b("tvd")


@benchmark(
    "simulation-million", "a million cells of 25 m, 60 wells, 30 years: CPU time and memory", aim=10_000.0
)
def simulation_million() -> Figures:
    """In a process of its own, so that the memory counted is this run's: its peak above that before the run."""
    code = "from services.bench_engine import million; million()"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    cpu_ms, bytes_per_cell = (float(v) for v in out.split())
    return {
        "value": cpu_ms,
        "unit": "ms",
        "clock": "CPU",
        "bytes_per_cell": bytes_per_cell,
        "bytes_aim": 400.0,
    }


def million() -> None:
    """Print CPU time (ms) and bytes a cell of one run."""
    from services.bench_models import FIELD_M, YEARS, field, layout

    small = field(96)
    ENGINES["tvd"].forecast(small, layout(0), YEARS[:2])
    side, spread = 1000.0 * CELL_M, np.tile(small.layers[0].permeability_md, (11, 11))[:1000, :1000]
    sand = replace(small.layers[0], permeability_md=spread)
    shift = 0.5 * (side - FIELD_M)
    large = replace(small, extent_m=(side, side), origin_m=(-shift, -shift), cell_m=CELL_M, layers=(sand,))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = ENGINES["tvd"].forecast(large, layout(0), YEARS)
    grown = 1024.0 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    print(found.diagnostics["cpu_ms"], grown / found.diagnostics["cells"])


@benchmark(
    "byte-limit",
    "heat step, TVD, 100,000 cells: times the limit set by its bytes (96 a cell) and the bandwidth",
    aim=3.0,
)
def byte_limit() -> Figures:
    case = next(c for c in validation.cases() if c.key == "byte-limit")
    figures = case.run().figures
    rest = {k: v for k, v in figures.items() if k != "tvd_small"}
    return {"value": figures["tvd_small"], "unit": "1", **rest}
