"""Time of a heat step per cell against the time its bytes need at this machine's bandwidth."""

from __future__ import annotations

import time

import numpy as np

from services.validation import Outcome
from services.validation_cases.common import ENGINES, Inputs
from twin_models.types import Fluid, Layer, Reservoir, Well

TRIES = 9
ARRAYS = 3  # read, read, written


def bandwidth_bytes_s(total_bytes: float) -> float:
    """Best of some sums of two arrays into a third, one thread, CPU time as for the steps."""
    n = int(total_bytes / ARRAYS / 8)
    a, b, out = np.ones(n), np.ones(n), np.empty(n)
    repeats = max(1, int(4e8 / total_bytes))
    best = np.inf
    for _ in range(TRIES):
        start = time.process_time()
        for _ in range(repeats):
            np.add(a, b, out=out)
        best = min(best, (time.process_time() - start) / repeats)
    return ARRAYS * 8 * n / best


def _ground(side: int, cell_m: float) -> tuple[Reservoir, list[Well]]:
    width = side * cell_m
    ground = Reservoir(
        (width, width),
        (0.0, 0.0),
        cell_m,
        (Layer("sand", 1400.0, 80.0),),
        confining=None,  # its memory would add bytes of its own
        fluid=Fluid(viscosity=0.5),
    )
    spots = [(n + 0.5) * width / 4.0 for n in range(4)]
    wells = [
        Well(f"{'PI'[(i + j) % 2]}{i}{j}", ("producer", "injector")[(i + j) % 2], x, y, 80.0, 25.0)
        for i, x in enumerate(spots)
        for j, y in enumerate(spots)
    ]
    return ground, wells


def ns_per_cell_step(engine: str, side: int, cell_m: float, horizons: list[float]) -> float:
    """CPU time of the steps by which a longer run exceeds a shorter one."""
    ground, wells = _ground(side, cell_m)
    told = [ENGINES[engine].forecast(ground, wells, np.array([y])).diagnostics for y in horizons]
    steps = told[1]["steps"] - told[0]["steps"]
    return 1e6 * (told[1]["cpu_ms"] - told[0]["cpu_ms"]) / (steps * side * side)


def byte_limit(inputs: Inputs) -> Outcome:
    figures: dict[str, float] = {}
    rows: dict[str, list[float]] = {"limit": [], "upwind": [], "tvd": []}
    for size, side in inputs["sides"].items():
        speed = bandwidth_bytes_s(inputs["bytes_per_cell"] * side * side)
        limit = 1e9 * inputs["bytes_per_cell"] / speed
        figures[f"bandwidth_{size}"] = 1e-9 * speed
        rows["limit"].append(limit)
        for engine in ("upwind", "tvd"):
            # not counted: compiles the kernels and makes this ground's grid
            ENGINES[engine].forecast(*_ground(side, inputs["cell_m"]), np.array([0.1]))
            spent = ns_per_cell_step(engine, side, inputs["cell_m"], inputs["horizons"][size])
            rows[engine].append(spent)
            figures[f"{engine}_{size}"] = spent / limit
    return Outcome(figures, list(inputs["sides"]), rows)
