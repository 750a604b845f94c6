"""Cases A and B: the simulation with a first-order scheme against open-darts on the same cells, TVD beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from services.validation import Outcome
from services.validation_cases.common import ENGINES, Inputs, box, forecast, wells, worst

YEARS = (5, 10, 15, 20, 25, 30)
TIMES = tuple(y * 365.0 / 365.25 for y in YEARS)  # open-darts counts years of 365 days


def _compared(inputs: Inputs) -> tuple[dict[str, Any], Mapping[str, Any]]:
    rows = {"printed": inputs["printed_degc"]}
    for engine in ("upwind", "tvd", "live"):
        rows[engine] = forecast(inputs, TIMES, engine).temperature_degc["P"]
    figures: dict[str, Any] = {
        "upwind_k": worst(rows["upwind"], rows["printed"]),
        "tvd_k": worst(rows["tvd"], rows["upwind"]),
        "live_k": worst(rows["live"], rows["tvd"]),
    }
    return figures, rows


def a_constant(inputs: Inputs) -> Outcome:
    figures, rows = _compared(inputs)
    change = forecast(inputs, TIMES, "upwind").pressure_change_bar
    figures["spread_bar"] = float(change["I"][-1] - change["P"][-1])
    return Outcome(figures, YEARS, rows)


def a_water(inputs: Inputs) -> Outcome:
    figures, rows = _compared(inputs)
    return Outcome(figures, YEARS, rows)


b_constant = a_water


def b_water(inputs: Inputs) -> Outcome:
    figures, rows = _compared(inputs)
    # the run above may have compiled; this one is timed
    again = ENGINES["upwind"].forecast(box(inputs), wells(inputs), np.array(TIMES))
    figures["times_faster"] = inputs["reference_cpu_s"] / (1e-3 * again.diagnostics["cpu_ms"])
    return Outcome(figures, YEARS, rows)


def heat_store(inputs: Inputs) -> Outcome:
    """Four yearly cycles of a store that does not rise, against a separate axisymmetric calculation."""
    ground = box(inputs)
    hot, cold = inputs["injected_degc"], float(np.mean(ground.layers[0].temperature_degc))
    fill, rest, draw = inputs["fill_days"], inputs["rest_days"], inputs["draw_days"]
    volume, cycles = inputs["volume_m3"], len(inputs["printed_pct"])
    steps: list[list[float]] = []
    for start in (365.25 * n for n in range(cycles)):
        steps += [[start, volume / fill / 24.0, hot], [start + fill, 0.0]]
        steps += [[start + fill + rest, -volume / draw / 24.0], [start + fill + rest + draw, 0.0]]
    days = (365.25 * np.arange(cycles)[:, None] + fill + rest + np.arange(0.5, draw)).ravel()
    asked = {**inputs, "wells": [{"name": "S", "kind": "storage", "x_m": 0.0, "y_m": 0.0, "schedule": steps}]}
    drawn = forecast(asked, days / 365.25).temperature_degc["S"].reshape(cycles, -1)
    got = 100.0 * (drawn.mean(axis=1) - cold) / (hot - cold)
    rows = {"printed": inputs["printed_pct"], "simulated": got, "lateral": inputs["lateral_pct"]}
    figures = {
        "worst_pct": worst(got, inputs["printed_pct"]),
        "lateral_pct": worst(got, inputs["lateral_pct"]),
    }
    return Outcome(figures, list(range(1, cycles + 1)), rows)
