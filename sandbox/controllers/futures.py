"""Possible futures in the page: what is uncertain, what comes of it for each scheme, and one of twenty shown.

The active scheme and the others of the workspace meet the same futures. While one future is shown, figures,
curves and maps are those of that future, and the page says so; the scheme itself does not change.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sandbox import show
from sandbox.compute import Settled, report
from sandbox.futures import Futures, range_rows
from scenarios.decide import FUTURES, in_future, regret
from scenarios.futures import (
    HEADLINES,
    MOST,
    SHARES,
    Beliefs,
    Ensemble,
    better_share,
    library,
    percentiles,
    twenty,
    usual_beliefs,
)
from scenarios.kpis import KPIS
from scenarios.uncertainty import NEVER_IS_LATE
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

SCHEMES = 6  # at most: the active one, the baseline, then the others in order
OF = 20


class Possible:
    """Futures of one session."""

    def __init__(self, session: Session):
        self.session, self.state = session, session.state
        self.key = HEADLINES[0]
        self.beliefs: Beliefs | None = None
        self.site = ""
        self.settled: dict[str, Settled] = {}
        self.regrets: dict[tuple[str, str], dict[str, float | None]] = {}
        self.shown: int | None = None
        self.runner = Futures(lambda: session.drag.origin is not None, self._more)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        session.listeners.add(self.hear)

    # --- running ------------------------------------------------------------------------------

    def hear(self, what: str) -> None:
        """The workspace has changed: what is open follows; a future that was shown is left."""
        if what == "settled":
            left, self.shown = self.shown is not None, None
            if self._open():
                self.run()
            elif self.site != self.session.site.name:
                self.state.futures = None
            elif left:
                self.show()
        elif what == "lang" and self.state.futures:
            self.show()

    def _open(self) -> bool:
        return bool(self.state.drawer == "futures" and self.session.site.reservoir is not None)

    def run(self) -> None:
        """Compute futures of the schemes in the workspace, those known already at no cost."""
        if self.session.site.reservoir is None:
            raise _fault("futures", "this site has no reservoir model", "此场地没有热储模型")
        if self.beliefs is None or self.site != self.session.site.name:
            self.beliefs = usual_beliefs(self.session.scheme, seed=self.session.scheme.seed)
            self.site = self.session.site.name
        if self._task is not None:
            self._task.cancel()
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._begin(self.beliefs))
        self._task.add_done_callback(report)

    async def _begin(self, beliefs: Beliefs) -> None:
        session, ws = self.session, self.session.workspace
        first = (ws.active_id, ws.baseline.id)
        entries = sorted(ws.entries, key=lambda e: (e.id not in first, e.id != ws.active_id))[:SCHEMES]
        fresh: dict[str, Settled] = {}
        with self.state:
            self.show(running=True)
        for entry in entries:
            try:
                settled = await session.compute.settle_beside(entry.scheme)
            except InputError:
                continue  # a scheme without an answer has no futures; its own panel says why
            if settled is not None:
                fresh[entry.id] = settled
        self.settled = fresh  # with the ensembles of the same schemes, in one go
        self.runner.begin({id: s.evaluation for id, s in fresh.items()}, beliefs)
        await self._regret()
        with self.state:
            self.show()

    async def _regret(self) -> None:
        """KPIs of every scheme in the named futures, kept by scheme."""
        loop = asyncio.get_running_loop()
        for settled in self.settled.values():
            for future in FUTURES:
                at = (settled.evaluation.scheme.key(), future.key)
                if at not in self.regrets:
                    self.regrets[at] = await loop.run_in_executor(
                        self.session.workers, in_future, settled.evaluation.facts, future
                    )

    def _more(self) -> None:
        """Called in the thread: there is more to show."""
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop has closed: the page is gone
            self._loop.call_soon_threadsafe(self._show_more)

    def _show_more(self) -> None:
        with self.state:
            self.show()

    def stop(self) -> None:
        self.runner.stop()
        if self._task is not None:
            self._task.cancel()

    def cancel(self) -> None:
        """Leave it at the futures computed so far."""
        self.stop()
        self.show(running=False)

    # --- what is chosen -----------------------------------------------------------------------

    def choose(self, key: str) -> None:
        if key not in HEADLINES:
            raise InputError(Fault("futures.key", "unknown", f"must be one of {', '.join(HEADLINES)}"))
        self.key = key
        self.show()

    def set_range(self, path: str, end: str, value: Any) -> None:
        beliefs = self._beliefs()
        rows = {row["path"]: row for row in range_rows(beliefs)}
        if path not in rows or end not in ("low", "high"):
            raise InputError(Fault("futures", "unknown", f"no uncertain quantity {path!r}"))
        row = {**rows[path], end: _number(path, value)}
        self._believe(beliefs.with_range(path, row["low"], row["high"]))

    def set_share(self, name: str, value: Any) -> None:
        self._believe(self._beliefs().with_share(name, _number(name, value)))

    def set_count(self, value: Any) -> None:
        count = _number("count", value)
        if count != int(count):
            raise _fault("futures.count", f"must be a whole number, got {value}", f"须为整数，实际为 {value}")
        self._believe(replace(self._beliefs(), count=int(count)))

    def reset(self) -> None:
        self._believe(usual_beliefs(self.session.scheme, seed=self.session.scheme.seed))

    def _beliefs(self) -> Beliefs:
        if self.beliefs is None:
            raise _fault("futures", "open the futures first", "请先打开“可能的未来”")
        return self.beliefs

    def _believe(self, beliefs: Beliefs) -> None:
        self.beliefs = beliefs
        self.leave()
        self.run()

    # --- one of twenty ------------------------------------------------------------------------

    def _active(self) -> Ensemble | None:
        return self.runner.ensembles.get(self.session.workspace.active_id)

    def show_future(self, future: Any) -> dict[str, Any]:
        """Show one future: figures, curves and maps; nothing of the scheme changes."""
        ensemble = self._active()
        known = ensemble is not None and self._settled_active() is not None
        if not known or not (isinstance(future, int) and 0 <= future < ensemble.done):  # type: ignore[union-attr]
            raise _fault("futures", "this future has not been computed", "这个未来尚未计算")
        assert ensemble is not None
        self.shown = future
        self._paint(ensemble, future)
        self.show()
        return {"future": future}

    def _settled_active(self) -> Settled | None:
        return self.settled.get(self.session.workspace.active_id)

    def _paint(self, ensemble: Ensemble, future: int) -> None:
        session, settled = self.session, self._settled_active()
        assert settled is not None
        values = ensemble.future(future)
        page = show.kpi_state(session, settled.evaluation, "future")
        planned = {key: kpi.value for key, kpi in settled.evaluation.kpis.items()}
        self.state.kpi = {
            key: row if key not in values else {**row, "value": values[key], "before": planned[key]}
            for key, row in page.items()
        }
        self.state.correction = {}
        there = replace(settled.evaluation, forecast=ensemble.forecast(future))
        self.state.curves = show.curves(session, there)
        kpis = {**there.kpis, "breakthrough_years": replace(
            there.kpis["breakthrough_years"], value=values["breakthrough_years"])}  # fmt: skip
        self.state.events = show.events(session, replace(there, kpis=kpis))
        maps = ensemble.maps(future)
        fields = settled.evaluation.forecast.fields
        if maps is not None and fields is not None:
            key = f"{settled.evaluation.scheme.key()}-{ensemble.beliefs.seed}-{future}-{abs(hash(ensemble.beliefs.key)) % 10**8}"
            if key not in session.frames:
                session.frames[key] = show.frames_bytes(
                    replace(fields, temperature_degc=maps.astype(np.float32))
                )
                while len(session.frames) > show.KEPT_FRAMES:
                    session.frames.pop(next(iter(session.frames)))
            base = show.frames_of(session, settled) or {}
            self.state.frames = {**base, "key": key, "url": f"frames/{key}.bin"}

    def leave(self) -> None:
        """Back to the scheme as planned."""
        if self.shown is None:
            return
        self.shown = None
        settled = self._settled_active()
        if settled is not None and settled.evaluation.scheme.key() == self.session.scheme.key():
            show.frames(self.session, settled)
            show.evaluation(
                self.session, settled.evaluation, state="simulated", elapsed_ms=settled.elapsed_ms
            )
        self.show()

    # --- as page state ------------------------------------------------------------------------

    def show(self, *, running: bool | None = None) -> None:
        if self.beliefs is None:
            return
        ws, lang = self.session.workspace, self.session.lang
        own = self._active()
        entries = [e for e in ws.entries if e.id in self.runner.ensembles]
        done = sum(e.done for e in self.runner.ensembles.values())
        reference = self.runner.ensembles.get(ws.baseline.id) if ws.active_id != ws.baseline.id else None
        dots = self._dots(own, reference)
        self.state.futures = {
            "key": self.key,
            "keys": list(HEADLINES),
            "better": KPIS[self.key].better,
            "count": self.beliefs.count,
            "most": MOST,
            "done": done,
            "total": self.beliefs.count * len(self.runner.ensembles),
            "running": self.runner.running if running is None else running,
            "failed": self.runner.failed,
            "ranges": range_rows(self.beliefs),
            "units": len(self.beliefs.units),
            "shares": [self._share(name) for name in SHARES],
            "schemes": [self._scheme(e, reference) for e in entries],
            "axis": self._axis(),
            "reference": ws.baseline.letter if reference is not None else "",
            "dots": dots,
            "good": None if not dots or dots[0]["good"] is None else sum(d["good"] for d in dots),
            "kpis": self._all(own),
            "regret": self._regret_rows(lang),
            "shown": self._shown_words(own, dots),
        }

    def _share(self, name: str) -> dict[str, Any]:
        row = library()[name]
        low = 50.0 if name.endswith("_pct") else float(row["low"])
        step = 1 if name.endswith("_pct") else 0.05
        value = getattr(self.beliefs, name)
        return {"name": name, "value": value, "min": low, "max": float(row["high"]), "step": step,
                "source": row["source_zh" if self.session.lang == "zh" else "source"]}  # fmt: skip

    def _dots(self, own: Ensemble | None, reference: Ensemble | None) -> list[dict[str, Any]]:
        """Twenty futures out of those that both schemes have met."""
        if own is None or own.done < OF:
            return []
        n = own.done if reference is None else min(own.done, reference.done)
        if n < OF:
            return []
        other = None if reference is None else reference.values[self.key][:n]
        return twenty(own.values[self.key][:n], other, key=self.key)

    def _scheme(self, entry: Any, reference: Ensemble | None) -> dict[str, Any]:
        ensemble = self.runner.ensembles[entry.id]
        values = ensemble.values[self.key][: ensemble.done]
        low, middle, high = percentiles(values)
        share = None
        base = self.runner.ensembles.get(self.session.workspace.baseline.id)
        if base is not None and base is not ensemble and KPIS[self.key].better is not None:
            n = min(ensemble.done, base.done)
            share = better_share(values[:n], base.values[self.key][:n], key=self.key) if n else None
        evaluation = self.settled[entry.id].evaluation
        name = entry.name_zh if self.session.lang == "zh" else entry.name_en
        return {
            "id": entry.id,
            "letter": entry.letter,
            "name": name,
            **show.letter_style(entry.letter),
            "active": entry.id == self.session.workspace.active_id,
            "baseline": entry.baseline,
            "p10": low,
            "p50": middle,
            "p90": high,
            "never": self.key in NEVER_IS_LATE,
            "planned": evaluation.kpis[self.key].value,
            "done": ensemble.done,
            "better_share": share,
        }

    def _axis(self) -> list[float] | None:
        """Ends of the shared axis: the P2 and P98 of all schemes together."""
        parts = [e.values[self.key][: e.done] for e in self.runner.ensembles.values()]
        known = np.concatenate(parts) if parts else np.zeros(0)
        known = known[np.isfinite(known)]
        if len(known) < 5:
            return None
        low, high = np.quantile(known, (0.02, 0.98)).tolist()
        margin = 0.04 * (high - low) or max(abs(high) * 0.05, 1e-9)
        return [low - margin, high + margin]

    def _all(self, own: Ensemble | None) -> list[dict[str, Any]]:
        """Every headline KPI of the active scheme with P10, P50, P90, and its value in the future shown."""
        settled = self._settled_active()
        if own is None or settled is None or own.done < OF:
            return []
        rows = []
        for key in HEADLINES:
            values = own.values[key][: own.done]
            low, middle, high = percentiles(values)
            here = None if self.shown is None else float(own.values[key][self.shown])
            rows.append(
                {
                    "key": key,
                    "planned": settled.evaluation.kpis[key].value,
                    "p10": low,
                    "p50": middle,
                    "p90": high,
                    "here": here if here is not None and np.isfinite(here) else None,
                }
            )
        return rows

    def _regret_rows(self, lang: str) -> dict[str, Any] | None:
        """Schemes by named futures: how far each stays behind the best of that future."""
        if KPIS[self.key].better is None or len(self.settled) < 2:
            return None
        outcomes: dict[str, dict[str, float | None]] = {}
        for id, settled in self.settled.items():
            key = settled.evaluation.scheme.key()
            found = {f.key: self.regrets.get((key, f.key)) for f in FUTURES}
            if any(v is None for v in found.values()):
                return None
            outcomes[id] = {name: v[self.key] for name, v in found.items() if v is not None}
        table = regret(outcomes, key=self.key)
        worst = max(table["largest"].values(), default=0.0)
        named = {f.key: f.zh if lang == "zh" else f.en for f in FUTURES}
        entries = {e.id: e for e in self.session.workspace.entries}
        return {
            "futures": [{"key": k, "text": named[k]} for k in table["futures"]],
            "rows": [
                {
                    "id": id,
                    "letter": entries[id].letter,
                    **show.letter_style(entries[id].letter),
                    "cells": [
                        {"value": cells[k], "share": cells[k] / worst if worst > 0.0 else 0.0}
                        for k in table["futures"]
                    ],
                    "largest": table["largest"][id],
                    "least": id == table["least_regret"],
                }
                for id, cells in table["regret"].items()
                if id in entries
            ],
        }

    def _shown_words(self, own: Ensemble | None, dots: list[dict[str, Any]]) -> dict[str, Any] | None:
        if self.shown is None or own is None:
            return None
        at = next((i for i, d in enumerate(dots) if d["future"] == self.shown), None)
        return {"future": self.shown, "dot": at, "of": OF, "changes": own.in_words(self.shown)}


def _number(name: str, value: Any) -> float:
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise _fault(
            f"futures.{name}", f"must be a number, got “{value}”", f"须为数字，实际为“{value}”"
        ) from None
    if not abs(result) < float("inf"):
        raise _fault(f"futures.{name}", "must be finite", "须为有限的数字")
    return result


def _fault(field: str, en: str, zh: str) -> InputError:
    return InputError(Fault(field, "range", en, {"text_zh": zh, "text_en": en}))


def register(session: Session) -> None:
    own = Possible(session)
    session.possible = own
    drawer = session.actions["set_drawer"]

    def set_drawer(**given: Any) -> None:
        drawer(**given)
        if own._open():
            own.run()
        else:
            own.leave()

    session.actions |= {
        "set_drawer": set_drawer,
        "futures_run": own.run,
        "futures_stop": own.cancel,
        "futures_key": own.choose,
        "futures_range": own.set_range,
        "futures_share": own.set_share,
        "futures_count": own.set_count,
        "futures_reset": own.reset,
        "future_show": own.show_future,
        "future_leave": own.leave,
    }
