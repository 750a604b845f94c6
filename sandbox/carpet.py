"""The value carpet: what the chosen KPI would become if the well in hand stood elsewhere.

The reservoir part is batched (``twin_models.simulators.carpet``); wells, station and money are evaluated
per place with the same ``evaluate`` as everything else, so a carpet value is exactly what a drop there
would first show.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from scenarios.evaluate import figure, forecast_years
from scenarios.kpis import KPIS
from scenarios.scheme import Scheme, SchemeWell
from twin_models.base import Cancelled
from twin_models.corrected import CorrectedModel
from twin_models.errors import InputError
from twin_models.simulators.carpet import WellMoveBatch
from twin_models.types import Forecast

STAGES = (9, 17, 40)
HALF_WIDTH_M = 900.0
CHUNK = 64


class _Given:
    """Hands out a forecast that is known already, so that the chain behind it is the usual one."""

    def __init__(self, name: str, version: str, forecast: Forecast):
        self.name, self.version, self._forecast = name, version, forecast

    def check(self, *_: Any) -> tuple[()]:
        return ()

    def forecast(self, *_: Any, **__: Any) -> Forecast:
        return self._forecast


class Carpet:
    """Carpet of one well and one KPI around the place where it was grabbed.

    ``wells``: the scheme's wells as last evaluated (injection temperatures filled in).
    """

    def __init__(
        self,
        scheme: Scheme,
        wells: Sequence[Any],
        well: str,
        handle: str,
        *,
        key: str,
        live: CorrectedModel,
        half_m: float = HALF_WIDTH_M,
    ):
        self.scheme, self.well, self.handle, self.key, self.live = scheme, well, handle, key, live
        self.held = scheme.well(well)
        self.index = scheme.index(well)
        self.wells = tuple(wells)
        self.home = (
            (self.held.x_m, self.held.y_m) if handle == "target" else (self.held.head_x_m, self.held.head_y_m)
        )
        self.half_m = min(half_m, 0.2 * min(scheme.ground().extent_m))
        self._known: dict[tuple[float, float], float | None] = {}
        self._batch: WellMoveBatch | None = None
        self._still: Forecast | None = None

    def paint(
        self, stage: int, stop: threading.Event, *, centre: tuple[float, float] | None = None
    ) -> dict[str, Any] | None:
        """Values at this stage's raster (south to north) about ``centre``, or ``None`` when stopped.

        Values are differences to the place where the well was grabbed, wherever the raster lies.
        """
        n, half = STAGES[stage], self.half_m
        cx, cy = centre or self.home
        xs, ys = np.linspace(cx - half, cx + half, n), np.linspace(cy - half, cy + half, n)
        try:
            here = self._values([self.home], stop)[0]
            values = self._values([(float(x), float(y)) for y in ys for x in xs], stop)
        except Cancelled:
            return None
        if here is None:
            return None
        row = KPIS[self.key]
        deltas = [None if v is None else v - here for v in values]
        known = [abs(d) for d in deltas if d is not None]
        return {
            "well": self.well,
            "handle": self.handle,
            "key": self.key,
            "unit": row.unit,
            "better": row.better,
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

    # --- one place ----------------------------------------------------------------------------

    def _variant(self, x: float, y: float) -> Scheme | None:
        """The scheme with the held well at a place, or ``None`` where no well can stand."""
        ground = self.scheme.ground()
        if not ground.contains(x, y):
            return None
        wells = list(self.scheme.wells)
        wells[self.index] = self._moved(self.held, x, y)
        return replace(self.scheme, wells=tuple(wells))

    def _moved(self, well: SchemeWell, x: float, y: float) -> SchemeWell:
        if self.handle == "target":
            moved = well.with_well(x_m=x, y_m=y, trajectory=None)
        elif well.is_vertical:
            moved = replace(well.with_well(x_m=x, y_m=y), head_x_m=x, head_y_m=y)
        else:
            moved = replace(well.with_well(trajectory=None), head_x_m=x, head_y_m=y)
        return replace(moved, existing=False) if (x, y) != self.home else moved

    def _values(self, places: Sequence[tuple[float, float]], stop: threading.Event) -> list[float | None]:
        """The KPI at places; what an earlier stage has computed is not computed again.

        The ground of the next places is computed in compiled code on another thread while wells, station
        and money of these are evaluated here.
        """
        missing = [p for p in places if p not in self._known]
        chunks = [missing[start : start + CHUNK] for start in range(0, len(missing), CHUNK)]
        with ThreadPoolExecutor(1) as ahead:
            coming = [ahead.submit(self._ground, chunk, stop) for chunk in chunks]
            try:
                for chunk, work in zip(chunks, coming, strict=True):
                    self._fill(chunk, *work.result(), stop)
            finally:
                for work in coming:
                    work.cancel()
        return [self._known[p] for p in places]

    def _ground(
        self, places: Sequence[tuple[float, float]], stop: threading.Event
    ) -> tuple[list[Scheme | None], list[Forecast]]:
        if stop.is_set():
            raise Cancelled
        variants = [self._variant(*p) for p in places]
        return variants, self._forecasts([s for s in variants if s is not None], stop)

    def _fill(
        self,
        places: Sequence[tuple[float, float]],
        variants: list[Scheme | None],
        forecasts: list[Forecast],
        stop: threading.Event,
    ) -> None:
        answers = iter(forecasts)
        for place, scheme in zip(places, variants, strict=True):
            if stop.is_set():
                raise Cancelled
            self._known[place] = None
            if scheme is not None:
                model = _Given(self.live.name, self.live.version, next(answers))
                with suppress(InputError):
                    self._known[place] = figure(scheme, model, self.key)

    def _forecasts(self, schemes: Sequence[Scheme], stop: threading.Event) -> list[Forecast]:
        """The live predictor's answer for each variant, residual included."""
        ground = self.scheme.ground()
        if self.handle == "head" and not self.held.is_vertical:
            if self._still is None:
                years = forecast_years(self.scheme)
                season = self.scheme.season_days
                self._still = self.live.forecast(ground, self.wells, years, season_days=season)
            return [self._still] * len(schemes)
        if self._batch is None:
            years = forecast_years(self.scheme)
            self._batch = WellMoveBatch(ground, self.wells, self.index, years, self.scheme.season_days)
        now = self.wells[self.index]
        stands = [
            replace(now, x_m=w.x_m, y_m=w.y_m, trajectory=w.trajectory)
            for w in (s.ground_wells()[self.index] for s in schemes)
        ]
        answer = self._batch.evaluate_wells(stands, cancel=stop.is_set)
        return [
            self.live.correct(self._batch.forecast(answer, n), ground, self.wells) for n in range(len(stands))
        ]


def carpet_stages() -> Sequence[int]:
    return range(len(STAGES))


def _rounded(value: float) -> float:
    """One significant digit upward, for the ends of the colour scale."""
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(np.ceil(value / power) * power)
