"""Choosing among what a search has found: points of the Pareto set, numbers of doublets, other uses, a new layout.

Part of ``suggest``: whatever is chosen has been simulated before it stands there as a proposal.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.compute import report
from sandbox.suggesting import Found, News, Search
from scenarios import optimise
from scenarios.optimise import pareto, portfolios
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session


class Choosing(ABC):
    """Base of ``suggest.Suggest``."""

    session: Session
    search: Search | None
    news: News | None
    chosen: int
    objective: str
    settling: int | None = None
    _task: asyncio.Task[None] | None = None

    @abstractmethod
    def show(self) -> None:
        """Write what has been found and what is chosen into the page's state."""

    def _found(self) -> Found | None:
        """The proposal that is looked at."""
        offers = self.news.found if self.news else ()
        return offers[min(self.chosen, len(offers) - 1)] if offers else None

    # --- points -------------------------------------------------------------------------------

    def point(self, index: int) -> dict[str, Any]:
        """Choose a point of the Pareto set; an estimate is simulated first."""
        return self._settle(index, self.news.points if self.news else ())

    def number(self, index: int) -> dict[str, Any]:
        """Choose a point of the curve over the number of doublets."""
        curve = self.news.curve if self.news else ()
        return self._settle(index, tuple(pareto.Point(p.scheme, p.values, p.state) for p in curve))

    def _settle(self, index: int, points: tuple[pareto.Point, ...]) -> dict[str, Any]:
        if not (isinstance(index, int) and 0 <= index < len(points)):
            raise InputError(Fault("suggest", "unknown", f"no point number {index}"))
        self.settling = index
        self._task = asyncio.get_running_loop().create_task(self._settled(points[index], self.search))
        self._task.add_done_callback(report)
        self.show()
        return {"point": index}

    async def _settled(self, point: pareto.Point, search: Search | None) -> None:
        loop = asyncio.get_running_loop()
        try:
            known = await loop.run_in_executor(self.session.workers, pareto.settle, point)
        except InputError as error:
            self.settling = None
            self.session.refuse(error.faults[0])
            return
        if search is None or search is not self.search or self.news is None:
            return
        key = known.scheme.key()
        at = next((i for i, f in enumerate(self.news.found) if f.scheme.key() == key), None)
        if at is None:
            points = [known if p.scheme.key() == key else p for p in self.news.points]
            self.news = replace(
                self.news,
                found=(*self.news.found, self._as_found(known, search)),
                points=tuple(pareto.marked(points)),
            )
            at = len(self.news.found) - 1
        self.chosen, self.settling = at, None
        with self.session.state:
            self.show()

    def _as_found(self, known: pareto.Point, search: Search) -> Found:
        assert self.news is not None
        before = dict(self.news.found[0].before) if self.news.found else {}
        before = before or dict(next((p.values for p in self.news.points if p.is_start), {}))
        feasible = search.problem.goals.violation(known.values) == 0.0
        return Found(known.scheme, dict(known.values), before, feasible, "simulated")

    # --- uses, and a layout from nothing ------------------------------------------------------

    def _uses_left(self) -> portfolios.Portfolio | None:
        """The portfolio that wells were sought for, unless the scheme has it already."""
        made = self.search.uses if self.search else None
        return None if made is None or made.scheme.uses == self.session.scheme.uses else made

    def accept_uses(self) -> dict[str, Any]:
        made = self._uses_left()
        if made is None:
            text = "the uses are as proposed already"
            raise InputError(
                Fault("suggest", "range", text, {"text_zh": "用途已与建议一致", "text_en": text})
            )
        self.session.commit(*portfolios.adopt(self.session.scheme, made))
        return {"uses": list(made.uses)}

    def _laid_out_anew(self) -> bool:
        return self.search is not None and self.search.problem.from_nothing

    def _as_new_scheme(self, found: Found) -> dict[str, Any]:
        """A layout from nothing stands beside the old one, as a scheme of its own."""
        ws = self.session.workspace
        names = [w.name for w in found.scheme.wells]
        scheme, edit = optimise.accept(replace(found.scheme, wells=()), found.scheme, names)
        ws.duplicate(ws.active_id, fresh=True)
        self.session.commit(scheme, edit)
        return {"scheme": ws.active_id}

    # --- as page state ------------------------------------------------------------------------

    def _choice(self) -> dict[str, Any]:
        """The part of the page's state that this file fills."""
        news, made = self.news, self._uses_left()
        key = self.search.problem.goals.objective.key if self.search else self.objective
        chosen = self._found()
        here = "" if chosen is None else chosen.scheme.key()
        return {
            "anew": self._laid_out_anew(),
            "uses": None if made is None else {"text": made.title},
            "points": [
                {
                    "values": {k: p.values.get(k) for k in pareto.AXES},
                    "state": p.state,
                    "start": p.is_start,
                    "beaten": p.beaten,
                    "on": p.scheme.key() == here,
                }
                for p in (news.points if news else ())
            ],
            "axes": pareto.axes(news.points) if news else [],
            "curve": [
                {
                    "producers": p.producers,
                    "injectors": p.injectors,
                    "value": p.values.get(key),
                    "feasible": p.feasible,
                    "on": p.scheme.key() == here,
                }
                for p in (news.curve if news else ())
            ],
            "settling": self.settling,
        }
