"""Sobol indices on demand, beside the tornado of the dock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sandbox.compute import report
from sandbox.controllers.uses import bilingual
from scenarios.faults_zh import in_both
from scenarios.kpis import KPIS
from scenarios.sobol import Sobol, sobol
from twin_models.base import Cancelled
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

SAMPLES = 64


def shown(session: Session, found: Sobol) -> dict[str, Any]:
    """Rows for the page, largest first."""
    return {
        "figure": found.kpi,
        "running": False,
        "futures": found.futures,
        "rows": [
            {
                "key": row.key,
                "label": session.text(f"vary_{row.key}"),
                "first": round(max(row.first, 0.0), 4),
                "total": round(max(row.total, 0.0), 4),
                "conf": round(row.total_conf, 4),
            }
            for row in found.indices
        ],
    }


def _work(
    session: Session, facts: Any, kpi: str, seed: int, cancel: Any, loop: asyncio.AbstractEventLoop
) -> Callable[[], Sobol]:
    """What the worker does; it tells the page how far it is."""
    state = session.state

    def heard(share: float) -> None:
        if state.sobol is not None and state.sobol["running"] and not cancel():
            with state:
                state.sobol = {**state.sobol, "done": round(100.0 * share)}

    def tell(share: float) -> None:
        with suppress(RuntimeError):  # the loop has closed: the page is gone
            loop.call_soon_threadsafe(heard, share)

    return lambda: sobol(facts, kpi, samples=SAMPLES, seed=seed, cancel=cancel, tell=tell)


def register(session: Session) -> None:
    state = session.state
    held: dict[str, Any] = {"task": None, "cancel": threading.Event(), "key": ""}

    def stop() -> None:
        held["cancel"].set()
        if held["task"] is not None:
            held["task"].cancel()

    def hear(what: str) -> None:
        """Indices of another scheme would mislead: they go with the scheme they were made for."""
        if (
            what in ("settled", "lang")
            and state.sobol is not None
            and (what == "lang" or held["key"] != session.scheme.key())
        ):
            stop()
            state.sobol = None

    def sobol_run(kpi: str = "npv_cny") -> None:
        if kpi not in KPIS:
            raise InputError(Fault("kpi", "unknown", f"must be one of {', '.join(KPIS)}, got {kpi}"))
        stop()
        held["cancel"], held["key"] = threading.Event(), session.scheme.key()
        state.sobol = {"figure": kpi, "running": True, "done": 0, "rows": [], "futures": 0}
        facts, seed, cancel = session.evaluation.facts, session.scheme.seed, held["cancel"].is_set
        held["task"] = asyncio.get_running_loop().create_task(_fill(facts, kpi, seed, cancel))
        held["task"].add_done_callback(report)

    async def _fill(facts: Any, kpi: str, seed: int, cancel: Any) -> None:
        loop = asyncio.get_running_loop()
        work = _work(session, facts, kpi, seed, cancel, loop)
        try:
            found = await loop.run_in_executor(session.workers, work)
        except Cancelled:
            return
        except InputError as error:
            with state:
                state.sobol = None
                session.refuse(in_both(error.faults[0]))
            return
        with state:
            state.sobol = shown(session, found)

    def sobol_close() -> None:
        stop()
        state.sobol = None

    session.listeners.add(hear)
    session.actions |= bilingual({"sobol_run": sobol_run, "sobol_close": sobol_close})
