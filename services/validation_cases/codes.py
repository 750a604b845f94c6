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
