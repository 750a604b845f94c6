"""Uses, energy system and the dispatched year: every change is an edit of the scheme."""

from __future__ import annotations

import asyncio
from functools import wraps
from typing import TYPE_CHECKING, Any

from sandbox import uses_state, year_state
from sandbox.compute import report
from sandbox.controllers.view import one_of
from scenarios import edits, use_edits
from scenarios.evaluate import cascade_of
from scenarios.faults_zh import in_both
from twin_models.errors import InputError
from twin_models.uses.system import PEAK_HOURS, VALLEY_HOURS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.session import Session

TABS = ("uses", "system", "campaign", "equipment")
NEXT = {"flat": "valley", "valley": "peak", "peak": "flat"}


def bilingual(actions: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """The same actions, whose faults carry their Chinese sentence too."""

    def wrapped(action: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(action)
        def run(**params: Any) -> Any:
            try:
                return action(**params)
            except InputError as error:
                raise InputError([in_both(fault) for fault in error.faults]) from None

        return run

    return {name: wrapped(action) for name, action in actions.items()}


class Uses:
    """What the page shows of the dispatched year; computed on a worker when somebody looks."""

    def __init__(self, session: Session):
        self.session = session
        self.task: asyncio.Task[None] | None = None
        self.shown: tuple[str, int, str] | None = None
        session.listeners.add(self.hear)

    def hear(self, what: str) -> None:
        if what in ("tab", "year", "settled", "lang"):
            self.look()

    def look(self) -> None:
        """Bring the dispatched year up to date if it is on the page."""
        session = self.session
        if session.state.dock != "hours" or session.evaluation is None:
            return
        result = session.evaluation
        row = year_state.row_of(result, float(session.state.year or 0.0))
        key = (session.scheme.key(), row, session.lang, result.forecast.engine)
        if key == self.shown:
            return
        self.shown = key
        if self.task is not None:
            self.task.cancel()
        self.task = asyncio.get_running_loop().create_task(self._fill(result, row))
        self.task.add_done_callback(report)

    async def _fill(self, result: Any, row: int) -> None:
        session = self.session
        loop = asyncio.get_running_loop()
        picture = await loop.run_in_executor(session.workers, year_state.picture, result, row)
        with session.state:
            session.state.hours_year = picture


def register(session: Session) -> None:
    state = session.state
    state.uses, state.cascade, state.hours_year = None, None, None
    state.uses_tab = "uses"
    session.uses = Uses(session)

    def uses_tab(tab: str) -> None:
        state.uses_tab = one_of("tab", tab, TABS)

    def use_add(path: str) -> None:
        cascade = cascade_of(session.scheme)
        heated = cascade is None or cascade.heated
        session.commit(*use_edits.add_part(session.scheme, path, heated=heated))

    def use_remove(path: str) -> None:
        session.commit(*use_edits.remove_part(session.scheme, path))

    def use_move(name: str, step: int) -> None:
        now = tuple((state.uses or {}).get("places", ()))
        session.commit(*use_edits.move_place(session.scheme, name, step=int(step), now=now))

    def use_hottest_first() -> None:
        session.commit(*use_edits.hottest_first(session.scheme))

    def tariff_hour(hour: int) -> None:
        """An hour of the day goes from flat to valley to peak and back."""
        hour = one_of("hour", hour, tuple(range(24)))
        kinds = uses_state.system(session, session.scheme.uses_dict(), {})["tariff_hours"]
        kind = NEXT[kinds[hour] if kinds else "flat"]
        chosen = {
            name: [h for h in range(24) if (kinds[h] == name if h != hour else kind == name)]
            for name in ("valley", "peak")
        }
        scheme, _ = edits.set_use(session.scheme, "system.tariff.valley_hours", value=None)
        scheme, _ = edits.set_use(scheme, "system.tariff.peak_hours", value=None)
        tariff = dict(scheme.uses_dict().get("system", {}).get("tariff") or {})
        for name, usual in (("valley", VALLEY_HOURS), ("peak", PEAK_HOURS)):
            if sorted(chosen[name]) != sorted(usual):
                tariff[f"{name}_hours"] = chosen[name]
        session.commit(*edits.set_use(session.scheme, "system.tariff", value=tariff))

    def set_baseline(path: str, value: Any) -> None:
        """A number of the baseline; its kind may stand as a plain word until now."""
        scheme, kind = session.scheme, session.scheme.economics_dict().get("baseline")
        if isinstance(kind, str):
            scheme, _ = edits.set_economics(scheme, "baseline", value={"kind": kind})
        session.commit(*edits.set_economics(scheme, path, value=value))

    session.actions |= bilingual(
        {
            "set_baseline": set_baseline,
            "uses_tab": uses_tab,
            "use_add": use_add,
            "use_remove": use_remove,
            "use_move": use_move,
            "use_hottest_first": use_hottest_first,
            "tariff_hour": tariff_hour,
        }
    )
