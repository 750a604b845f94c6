"""Explain: the sheet of one figure, kept up to date while its assumptions are challenged in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sandbox import explaining
from sandbox.compute import report
from scenarios.kpis import KPIS
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session


def register(session: Session) -> None:
    sheet = Sheet(session)
    session.actions["explain"] = sheet.turn
    session.listeners.add(sheet.heard)


class Sheet:
    """At most one sheet is open. What takes time comes a moment later, computed beside the loop."""

    def __init__(self, session: Session):
        self.session = session
        self._task: asyncio.Task[None] | None = None

    def turn(self, key: str) -> None:
        """Open the sheet of a figure; the same figure again, or none, closes it."""
        if key and key not in KPIS:
            raise InputError(Fault("key", "unknown", f"must be one of {', '.join(KPIS)}, got {key!r}"))
        shown = self.session.state.explain
        if not key or (shown or {}).get("key") == key:
            self.session.state.explain = None
        else:
            self.session.state.replay = None  # they stand in the same place
            self.fill(key)

    def heard(self, what: str) -> None:
        """A result has settled, or the language has changed: say it again."""
        shown = self.session.state.explain
        if what in ("settled", "lang") and shown:
            self.fill(shown["key"], kept=shown if what == "settled" else None)

    def fill(self, key: str, *, kept: dict[str, object] | None = None) -> None:
        session = self.session
        session.decide.load()
        late = {k: (kept or {}).get(k) for k in ("futures", "tornado")}
        session.state.explain = {
            **explaining.at_once(session, key),
            **late,
            "objections": self.objections(key),
        }
        if self._task:
            self._task.cancel()
        try:
            self._task = asyncio.get_running_loop().create_task(self._later(key))
        except RuntimeError:
            return
        self._task.add_done_callback(report)

    def objections(self, key: str) -> list[dict[str, str]]:
        return [o for o in self.session.decide.objections if o["key"] == key]

    async def _later(self, key: str) -> None:
        session, result = self.session, self.session.evaluation
        loop = asyncio.get_running_loop()
        made = await loop.run_in_executor(session.workers, explaining.in_a_moment, session, result, key)
        shown = session.state.explain
        if shown and shown["key"] == key and session.evaluation is result:
            with session.state:
                session.state.explain = {**shown, **made}
