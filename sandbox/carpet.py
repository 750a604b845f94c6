"""The value carpet: what the chosen KPI would become if the well in hand stood elsewhere.

The reservoir part is batched (``twin_models.simulators.carpet``); wells, station and money are evaluated
per place with the same ``evaluate`` as everything else, so a carpet value is exactly what a drop there
would first show.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from scenarios import edits
from scenarios.evaluate import evaluate
from scenarios.kpis import KPIS
from scenarios.scheme import Scheme
from twin_models.base import ForecastModel
from twin_models.errors import InputError
from twin_models.sites import Site

STAGES = (9, 17, 40)
HALF_WIDTH_M = 900.0


def carpet_stages() -> Sequence[int]:
    return range(len(STAGES))


class Carpet:
    """Carpet of one well and one KPI around the place where it was grabbed."""

    def __init__(self, site: Site, scheme: Scheme, well: str, handle: str, key: str, live: ForecastModel):
        self.site, self.scheme, self.well, self.handle, self.key = site, scheme, well, handle, key
        self.live = live
        held = scheme.well(well)
        self.centre = (held.x_m, held.y_m) if handle == "target" else (held.head_x_m, held.head_y_m)
        self.row = next(r for r in KPIS if r.key == key)
        self._batch: Any = None
        self._here: float | None = None

    def paint(self, stage: int, stop: threading.Event) -> dict[str, Any] | None:
        """Values at this stage's raster (south to north), or ``None`` when stopped."""
        n = STAGES[stage]
        half = min(HALF_WIDTH_M, 0.2 * min(self.scheme.ground().extent_m))
        cx, cy = self.centre
        xs, ys = np.linspace(cx - half, cx + half, n), np.linspace(cy - half, cy + half, n)
        places = np.array([(x, y) for y in ys for x in xs])
        if self._here is None:
            self._here = self._values(np.array([self.centre]), stop)[0]
        if stop.is_set() or self._here is None:
            return None
        values = self._values(places, stop)
        if stop.is_set():
            return None
        deltas = [None if v is None else v - self._here for v in values]
        known = [abs(d) for d in deltas if d is not None]
        return {
            "well": self.well,
            "handle": self.handle,
            "key": self.key,
            "unit": self.row.unit,
            "better": self.row.better,
            "nx": n,
            "ny": n,
            "x0": float(xs[0]),
            "x1": float(xs[-1]),
            "y0": float(ys[0]),
            "y1": float(ys[-1]),
            "values": [None if d is None else float(f"{d:.5g}") for d in deltas],
            "max": _rounded(float(np.percentile(known, 97)) if known else 0.0),
            "stage": stage,
        }

    def _values(self, places: np.ndarray, stop: threading.Event) -> list[float | None]:
        raise NotImplementedError


def _rounded(value: float) -> float:
    """One significant digit upward, for the ends of the colour scale."""
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(np.ceil(value / power) * power)


__all__ = ["STAGES", "Carpet", "InputError", "carpet_stages", "edits", "evaluate"]
