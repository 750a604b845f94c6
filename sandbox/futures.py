"""Possible futures beside a session: a thread that computes them scheme by scheme, part by part.

Results are kept by scheme and beliefs, so that a new well costs one scheme's futures and not all. The thread
stands aside while a hand drags and ends within one part of being told to.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from scenarios.evaluate import Evaluation
from scenarios.futures import Beliefs, Ensemble
from scenarios.kpis import KPIS

PART = 25  # futures at a time before the next scheme has its turn
PACE_S = 0.4
NAP_S = 0.02
KEPT = 16


class Futures:
    """Runs ensembles; ``tell`` is called in the thread whenever there is more to show, and at the end."""

    def __init__(self, held: Callable[[], bool], tell: Callable[[], None]):
        self._held, self._tell = held, tell
        self._known: OrderedDict[tuple[str, str], Ensemble] = OrderedDict()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.ensembles: dict[str, Ensemble] = {}
        self.failed = False

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def begin(self, evaluations: Mapping[str, Evaluation], beliefs: Beliefs) -> None:
        """Compute what is missing of these schemes (id -> evaluation); what is under way ends."""
        self.stop()
        self.failed = False
        self.ensembles = {id: self._of(e, beliefs) for id, e in evaluations.items()}
        self._stop = stop = threading.Event()
        todo = [e for e in self.ensembles.values() if not e.complete]
        if not todo:
            self._thread = None
            return
        self._thread = threading.Thread(target=self._run, args=(todo, stop), name="futures", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _of(self, evaluation: Evaluation, beliefs: Beliefs) -> Ensemble:
        key = (evaluation.scheme.key(), beliefs.key)
        if key not in self._known:
            self._known[key] = Ensemble(evaluation.scheme, evaluation.facts, beliefs)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    # --- in the thread ------------------------------------------------------------------------

    def _run(self, todo: list[Ensemble], stop: threading.Event) -> None:
        said = time.monotonic()
        try:
            while todo and not stop.is_set():
                for ensemble in list(todo):
                    self._part(ensemble, stop)
                    if ensemble.complete:
                        todo.remove(ensemble)
                if time.monotonic() - said > PACE_S and not stop.is_set():
                    said = time.monotonic()
                    self._tell()
        except Exception:
            traceback.print_exc()
            self.failed = True
        if not stop.is_set():
            self._thread = None
            self._tell()

    def _part(self, ensemble: Ensemble, stop: threading.Event) -> None:
        with ensemble.lock:  # a run that was stopped may still be inside its last future
            while self._held() and not stop.is_set():
                time.sleep(NAP_S)
            if not stop.is_set() and not ensemble.complete:
                ensemble.advance(PART)
        time.sleep(0)  # the event loop may have been waiting for the interpreter


def planned(evaluation: Evaluation, key: str) -> float | None:
    """The value as planned: no uncertainty at all."""
    kpi = evaluation.kpis.get(key)
    return None if kpi is None else kpi.value


def better(key: str) -> str | None:
    return KPIS[key].better


def range_rows(beliefs: Beliefs) -> list[dict[str, Any]]:
    """The uncertain quantities as the page lists them: units first, then market and costs."""
    rows = [
        {"path": f"units.{unit}.{key}", "group": unit, "key": key, "low": r[0], "high": r[1]}
        for unit, ranges in beliefs.units.items()
        for key, r in ranges.items()
    ]
    return rows + [
        {"path": f"market.{key}", "group": "", "key": key, "low": r[0], "high": r[1]}
        for key, r in beliefs.market.items()
    ]
