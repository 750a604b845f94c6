"""The value carpet: what the chosen KPI would become if the well in hand stood elsewhere.

Ground (``scenarios.well_moves``) and wells, station and money (``scenarios.many``) are computed for many places
at once, on as many threads as there are cores (the first picture on one less); both give the numbers that a drop there would first show.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from scenarios.evaluate import forecast_years
from scenarios.kpis import KPIS
from scenarios.many import Answers, figures_given
from scenarios.scheme import Scheme, SchemeWell, ground_well
from scenarios.well_moves import WellMoves
from twin_models.base import Cancelled
from twin_models.corrected import CorrectedModel
from twin_models.errors import InputError
from twin_models.models import BATCHED, load_model
from twin_models.types import Forecast, Reservoir

STAGES = (9, 17, 40)
HALF_WIDTH_M = 900.0
# Of the first picture, and of the finer ones: after each of these the hand is looked at again (32 places: 50 ms).
CHUNK, FINE_CHUNK = 64, 32
THREADS = min(os.cpu_count() or 1, 4)


class Carpet:
    """Carpet of one well and one KPI around the place where it was grabbed.

    ``wells``: the scheme's wells as last evaluated (injection temperatures filled in).
    ``moving``: whether the hand moves just now; finer pictures wait for it, so that figures follow the hand first.
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
        moving: Callable[[], bool] = lambda: False,
    ):
        self.scheme, self.well, self.handle, self.key, self.live = scheme, well, handle, key, live
        self.held = scheme.well(well)
        self.index = scheme.index(well)
        self.wells = tuple(wells)
        self.home = (
            (self.held.x_m, self.held.y_m) if handle == "target" else (self.held.head_x_m, self.held.head_y_m)
        )
        self.ground = scheme.ground()
        self.half_m = min(half_m, 0.2 * min(self.ground.extent_m))
        self.moving = moving
        self._known: dict[tuple[float, float], float | None] = {}
        self._moves: WellMoves | None = None
        self._home: Forecast | None = None
        self._once = threading.Lock()

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
            values = self._values([(float(x), float(y)) for y in ys for x in xs], stop, polite=stage > 0)
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
        if not self.ground.contains(x, y):
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

    def _values(
        self, places: Sequence[tuple[float, float]], stop: threading.Event, *, polite: bool = False
    ) -> list[float | None]:
        """The KPI at places; what an earlier stage has computed is not computed again."""
        missing = [p for p in dict.fromkeys(places) if p not in self._known]
        size = max(min(FINE_CHUNK if polite else CHUNK, -(-len(missing) // THREADS)), 1)
        chunks = [missing[start : start + size] for start in range(0, len(missing), size)]

        def fill(chunk: list[tuple[float, float]]) -> None:
            while polite and self.moving() and not stop.is_set():
                stop.wait(0.02)
            self._known.update(zip(chunk, self._figures(chunk, stop), strict=True))

        # The first picture is woven while the hand moves on: a core is left to the figures that follow it.
        threads = min(THREADS if polite else THREADS - 1, len(chunks))
        if threads < 2:
            for chunk in chunks:
                fill(chunk)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(fill, chunks))
        return [self._known[p] for p in places]

    def _figures(self, places: Sequence[tuple[float, float]], stop: threading.Event) -> list[float | None]:
        """The KPI at places, ``None`` where no well can stand or the KPI is undefined."""
        if stop.is_set():
            raise Cancelled
        variants = [self._variant(*p) for p in places]
        found: list[float | None] = [None] * len(places)
        standing = [
            n
            for n, s in enumerate(variants)
            if s is not None and _reachable(s.wells[self.index], self.ground)
        ]
        if standing:
            schemes = [s for s in (variants[n] for n in standing) if s is not None]
            values = figures_given(schemes, self._answers(schemes, stop), [self.key], cancel=stop.is_set)
            for n, value in zip(standing, values[self.key].tolist(), strict=True):
                found[n] = None if np.isnan(value) else value
        return found

    def _answers(self, schemes: Sequence[Scheme], stop: threading.Event) -> Answers:
        """The predictor's answer for each variant, with what the last simulation said of its error."""
        with self._once:
            if self._home is None:
                self._home = self._as_it_stands()
            home = self._home
            if self.handle == "head" and not self.held.is_vertical:
                return _repeated(home, self.scheme, len(schemes))
            if self._moves is None:
                self._moves = WellMoves(self.scheme, self.wells, self.index, home=home, fine=True)
        return self._moves.answers(schemes, cancel=stop.is_set)

    def _as_it_stands(self) -> Forecast:
        plain = load_model(BATCHED).forecast(
            self.ground, self.wells, forecast_years(self.scheme), season_days=self.scheme.season_days
        )
        return self.live.correct(plain, self.ground, self.wells)


def _reachable(well: SchemeWell, ground: Reservoir) -> bool:
    """Whether the well has a path to where it stands."""
    try:
        ground_well(well, ground)
    except InputError:
        return False
    return True


def _repeated(home: Forecast, scheme: Scheme, count: int) -> Answers:
    """The ground's answer where only a wellhead moves: the same at every place."""
    names = [w.name for w in scheme.wells]
    degc = np.array([home.temperature_degc[n] for n in names])
    bar = np.array([home.pressure_change_bar[n] for n in names])
    shape = (count, *degc.shape)
    return Answers(np.asarray(home.years), np.broadcast_to(degc, shape), np.broadcast_to(bar, shape))


def carpet_stages() -> Sequence[int]:
    return range(len(STAGES))


def _rounded(value: float) -> float:
    """One significant digit upward, for the ends of the colour scale."""
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(np.ceil(value / power) * power)
