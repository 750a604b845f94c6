"""A well in the hand: estimate on every move, value carpet while it rests, simulation after release.

The page sends one ``drag`` at a time and keeps only the newest position (latest wins), so every message
here is worth answering. The scheme itself changes once, on release: one drag is one undo step.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox import show
from sandbox.carpet import Carpet, carpet_stages
from sandbox.compute import report
from sandbox.model_card import flag_of
from scenarios import edits
from scenarios.scheme import Scheme
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

# Carpet and charts wait while the hand moves: the estimate must answer first.
REST_S = 0.2
CHARTS_REST_S = 0.2


def moved(scheme: Scheme, well: str, handle: str, x_m: float, y_m: float) -> tuple[Scheme, edits.Edit]:
    """The scheme with a target, a head or a whole pad at a new place."""
    move = {"target": edits.move_target, "head": edits.move_head, "pad": edits.move_pad}[handle]
    return move(scheme, well, x_m=float(x_m), y_m=float(y_m))


class Drag:
    """What is in the hand of one session."""

    def __init__(self, session: Session):
        self.session = session
        self.origin: Scheme | None = None
        self.at: tuple[float, float] | None = None
        self.last_move = 0.0
        self._stop = threading.Event()
        self._charts: asyncio.TimerHandle | None = None

    def grab(self, well: str, handle: str) -> None:
        session = self.session
        if handle not in HANDLES:
            raise InputError(
                Fault("handle", "unknown", f"must be one of {', '.join(HANDLES)}, got {handle!r}")
            )
        self._stop.set()
        self.origin = session.scheme
        self.at = None
        self.last_move = 0.0
        session.remember()
        session.compute.stop()
        with session.state:
            session.state.selected = well if handle != "pad" else session.state.selected
            session.state.carpet = None
        if handle != "pad":
            self._stop = threading.Event()
            task = asyncio.get_running_loop().create_task(self._weave(well, handle, self._stop))
            task.add_done_callback(report)

    def move(self, seq: int, well: str, handle: str, x_m: float, y_m: float) -> None:
        session = self.session
        if self.origin is None:
            return
        self.last_move, self.at = time.monotonic(), (float(x_m), float(y_m))
        try:
            scheme, _ = moved(self.origin, well, handle, x_m, y_m)
            result, elapsed = session.compute.estimate(scheme)
        except InputError as error:
            with session.state:
                session.state.edit_error = {"field": error.faults[0].field, "text": error.faults[0].text}
                session.state.kpi_seq = seq
            return
        session.evaluation = result
        with session.state:
            session.state.kpi = show.kpi_state(session, result, "estimate")
            session.state.kpi_seq = seq
            session.state.model_flag = flag_of(result.forecast, session.lang)
            if session.state.status.get("engine") != result.forecast.engine:  # once a drag: it is painted too
                session.state.status = {"engine": result.forecast.engine, "ms": round(elapsed, 1), "text": ""}
        self._charts_at_rest()

    def _charts_at_rest(self) -> None:
        """Charts share the page's thread and the server's: they follow when the hand pauses, not before."""
        if self._charts is not None:
            self._charts.cancel()
        loop = asyncio.get_running_loop()
        self._charts = loop.call_later(CHARTS_REST_S, self.session.notify, "estimate")

    def drop(self, seq: int, well: str, handle: str, x_m: float, y_m: float) -> dict[str, Any]:
        session, origin = self.session, self.origin
        self._end()
        if origin is None:
            return {"ok": False, "field": "drop", "text": "nothing in hand"}
        try:
            scheme, edit = moved(origin, well, handle, x_m, y_m)
            session.commit(scheme, edit)
        except InputError as error:
            session.refresh()
            return session.refuse(error.faults[0])
        with session.state:
            session.state.kpi_seq = seq
        return {"ok": True}

    def cancel(self) -> None:
        self._end()
        self.session.refresh()

    def _end(self) -> None:
        self._stop.set()
        self.origin = None
        if self._charts is not None:
            self._charts.cancel()
        with self.session.state:
            self.session.state.carpet = None

    def _moving(self) -> bool:
        return time.monotonic() - self.last_move < REST_S

    async def _weave(self, well: str, handle: str, stop: threading.Event) -> None:
        """Fill the carpet in ever finer stages, pausing while the hand moves.

        When the hand comes to rest near the edge, the carpet is woven anew about that place.
        """
        session = self.session
        loop = asyncio.get_running_loop()
        scheme = self.origin
        if scheme is None:
            return
        wells = session.evaluation.wells if session.evaluation else scheme.ground_wells()
        carpet = Carpet(
            scheme,
            wells,
            well,
            handle,
            key=session.state.carpet_key,
            live=session.compute.live,
            moving=self._moving,
        )
        centre, stage = carpet.home, 0
        while not stop.is_set():
            if self._moving() and stage > 0:
                await asyncio.sleep(0.03)
                continue
            if self.at is not None and math.dist(self.at, centre) > 0.6 * carpet.half_m:
                centre, stage = self.at, 0
            if stage >= len(carpet_stages()):
                await asyncio.sleep(0.05)
                continue
            paint = partial(carpet.paint, stage, stop, centre=centre)
            picture = await loop.run_in_executor(session.workers, paint)
            if stop.is_set() or picture is None:
                return
            with session.state:
                session.state.carpet = picture
            stage += 1


HANDLES = ("target", "head", "pad")


def register(session: Session) -> None:
    drag = Drag(session)
    session.drag = drag

    def answer(name: str, handler: Callable[..., Any]) -> None:
        """A message that cannot be used is refused in words; no traceback leaves the server."""

        def guarded(*args: Any) -> Any:
            try:
                return handler(*args)
            except InputError as error:
                return session.refuse(error.faults[0])
            except (TypeError, KeyError, ValueError) as error:
                return session.refuse(Fault(name, "invalid", f"cannot be used: {error}"))

        session.server.controller.trigger(name)(guarded)

    answer("grab", drag.grab)
    answer("drag", drag.move)
    answer("drop", drag.drop)
    answer("cancel_drag", drag.cancel)
