"""Estimates now, simulations in a moment, each for the newest request only.

The event loop computes estimates itself (a few milliseconds). Simulations and carpets run on worker
threads; a newer request cancels the older one, and results are kept by the scheme's content key, so that
undo and switching schemes show final numbers at once. Sessions that look at equal schemes hold one result
together: a further visitor of the shipped schemes waits for no simulation and adds no maps to memory.
"""

from __future__ import annotations

import asyncio
import threading
import time
import traceback
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from scenarios.evaluate import Evaluation, evaluate
from scenarios.scheme import Scheme
from twin_models.base import Cancelled
from twin_models.corrected import CorrectedModel
from twin_models.models import BATCHED, LIVE, load_model
from twin_models.surrogates.live import make_ready
from twin_models.types import Forecast

KEPT_RESULTS = 24


def frame_years(years: int) -> list[float]:
    """Years for which the scene gets a map: dense at the start, where the eye looks first."""
    wanted = [0, 1, 2, 3, 5, 7.5, 10, 12.5, 15, 17.5, 20, 25, 30, 35, 40, 45, 50]
    return sorted({float(y) for y in wanted if y <= years} | {float(years)})


@dataclass(frozen=True)
class Settled:
    """A simulated evaluation and what the live and the batched predictor say of the same layout."""

    evaluation: Evaluation
    estimated: Forecast
    batched: Forecast
    elapsed_ms: float


# What any session still holds. A result depends on nothing but the scheme's content, so nobody learns of another.
_HELD: WeakValueDictionary[str, Settled] = WeakValueDictionary()


class Compute:
    """Everything one session computes."""

    def __init__(self, workers: ThreadPoolExecutor):
        self._workers = workers
        self._results: OrderedDict[str, Settled] = OrderedDict()
        self._cancel = threading.Event()
        self._live = CorrectedModel(load_model(LIVE))
        self._audited: set[str] = set()

    @property
    def live(self) -> CorrectedModel:
        return self._live

    def cached(self, scheme: Scheme) -> Settled | None:
        key = scheme.key()
        if key not in self._results and (held := _HELD.get(key)) is not None:
            # the arrays are shared, the scheme's name and notes are the asker's own
            self._keep(key, replace(held, evaluation=replace(held.evaluation, scheme=scheme)))
        return self._results.get(key)

    def _keep(self, key: str, settled: Settled) -> None:
        self._results[key] = settled
        _HELD.setdefault(key, settled)
        while len(self._results) > KEPT_RESULTS:
            self._results.popitem(last=False)

    def anchor(self, settled: Settled | None) -> None:
        """From now on estimates start from this audited layout; ``None``: another site, nothing is known."""
        if settled is None:
            self._live.forget()
            self._live.recalibrate()
            self._audited.clear()
            return
        scheme, truth = settled.evaluation.scheme, settled.evaluation.forecast
        if scheme.key() not in self._audited:
            self._audited.add(scheme.key())
            self._live.audit(truth, settled.estimated, scheme.ground(), settled.evaluation.wells)
        self._live.learn(truth, settled.estimated, settled.batched)

    def estimate(self, scheme: Scheme) -> tuple[Evaluation, float]:
        """Evaluation with the live predictor, and the milliseconds it took."""
        start = time.perf_counter()
        evaluation = evaluate(scheme, self._live)
        return evaluation, 1e3 * (time.perf_counter() - start)

    async def settle(self, scheme: Scheme) -> Settled | None:
        """Simulate, cancelling any simulation of this session still running; ``None`` if overtaken."""
        known = self.cached(scheme)
        if known is not None:
            return known
        self._cancel.set()
        self._cancel = cancel = threading.Event()
        return await self._simulate(scheme, cancel)

    async def settle_beside(self, scheme: Scheme) -> Settled | None:
        """Simulate without disturbing the active scheme's run (baseline, compare views)."""
        return self.cached(scheme) or await self._simulate(scheme, threading.Event())

    async def _simulate(self, scheme: Scheme, cancel: threading.Event) -> Settled | None:
        loop = asyncio.get_running_loop()
        try:
            settled = await loop.run_in_executor(self._workers, _settle, scheme, cancel)
        except Cancelled:
            return None
        self._keep(scheme.key(), settled)
        loop.run_in_executor(self._workers, make_ready, scheme.ground())
        return settled

    def stop(self) -> None:
        self._cancel.set()


def _settle(scheme: Scheme, cancel: threading.Event) -> Settled:
    if cancel.is_set():
        raise Cancelled
    start = time.perf_counter()
    evaluation = evaluate(
        scheme, "simulation", with_fields=frame_years(scheme.years), bands=True, cancel=cancel.is_set
    )
    years = np.asarray(evaluation.forecast.years)
    estimated, batched = (
        load_model(name).forecast(
            scheme.ground(), evaluation.wells, years, season_days=scheme.season_days, cancel=cancel.is_set
        )
        for name in (LIVE, BATCHED)
    )
    return Settled(evaluation, estimated, batched, 1e3 * (time.perf_counter() - start))


def report(task: asyncio.Task[Any]) -> None:
    """Print what a background task died of; the page is told by whoever started it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        traceback.print_exception(error)
