"""One person's session: the workspace, what is computed of it, and the page's state.

The session owns no decision: controllers (sandbox/controllers) react to the page, change the workspace
and call ``changed``; ``sandbox/show.py`` turns results into page state.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sandbox import bridge, show
from sandbox.app import build_page
from sandbox.compute import Compute, Settled, report
from sandbox.i18n import dictionary, pick
from scenarios.edits import Edit
from scenarios.scheme import Scheme
from services.store import Store
from services.workspace import Workspace
from twin_models.errors import Fault, InputError
from twin_models.sites import Site, load_site, site_names

Action = Callable[..., Any]


class Session:
    # Set by the controllers of the same name.
    drag: Any
    decide: Any
    suggest: Any
    possible: Any
    proposals: Any

    def __init__(self, sid: str, site_name: str, store: Store, workers: ThreadPoolExecutor):
        self.sid = sid
        self.store = store
        self.compute = Compute(workers)
        self.server = bridge.new_server(sid)
        self.state = self.server.state
        self.visitors = 0
        self.last_seen = time.monotonic()
        self.frames: dict[str, bytes] = {}
        self.actions: dict[str, Action] = {}
        self.listeners: set[Callable[[str], None]] = set()
        self.lang = store.preference(sid, "lang") or "zh"
        self.evaluation: Any = None
        self.baseline: Settled | None = None
        self.before: dict[str, Any] | None = None
        self.settled_kpis: dict[str, Any] = {}
        self.pair: dict[str, str] = {}
        self.workers = workers
        self._task: asyncio.Task[None] | None = None
        self._compare_task: asyncio.Task[None] | None = None
        self._open(store.preference(sid, "site") or site_name)
        self._register()

    # --- life ---------------------------------------------------------------------------------

    def _open(self, site_name: str) -> None:
        self.site: Site = load_site(site_name)
        self.workspace = Workspace.open(self.store, self.sid, site_name)

    def _register(self) -> None:
        from sandbox.controllers import (
            assess,
            campaign,
            compare,
            decide,
            drag,
            explain,
            futures,
            linking,
            mend,
            mining,
            model_card,
            replay,
            schemes,
            sobol,
            suggest,
            uses,
            view,
            wells,
            why,
        )

        for module in (
            view,
            schemes,
            wells,
            mend,
            compare,
            decide,
            assess,
            suggest,
            futures,
            linking,
            why,
            mining,
            model_card,
            uses,
            campaign,
            sobol,
            replay,
            explain,
        ):
            module.register(self)
        drag.register(self)
        self.server.controller.trigger("act")(self._answer)

    async def start(self) -> None:
        show.initial(self)
        build_page(self.server)
        await bridge.start(self.server)
        self.refresh()

    async def close(self) -> None:
        self.compute.stop()
        self.suggest.clear()
        self.possible.stop()
        self.proposals.stop()
        if self._task:
            self._task.cancel()
        await bridge.stop(self.server)

    def arrive(self) -> None:
        self.visitors += 1
        self.last_seen = time.monotonic()

    def leave(self) -> None:
        self.visitors -= 1
        self.last_seen = time.monotonic()

    # --- words --------------------------------------------------------------------------------

    def text(self, key: str, **values: Any) -> str:
        return dictionary(self.lang)[key].format(**values)

    def pick(self, texts: dict[str, str] | str) -> str:
        return pick(texts, self.lang)

    # --- acting -------------------------------------------------------------------------------

    def act(self, action: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run one named action of the page. Bad input comes back as a fault, never as a traceback."""
        self.last_seen = time.monotonic()
        handler = self.actions.get(action)
        if handler is None:
            return {"ok": False, "field": "action", "text": f"unknown action {action!r}"}
        try:
            with self.state:
                self.state.edit_error = None
                answer = handler(**(params or {}))
            return {"ok": True, **(answer or {})}
        except InputError as error:
            return self.refuse(error.faults[0])
        except (TypeError, KeyError, ValueError) as error:
            traceback.print_exc()
            return self.refuse(Fault(action, "invalid", str(error)))

    async def _answer(self, action: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The page's own call of ``act``: the answer follows the state that it speaks of."""
        answer = self.act(action, params)
        self.state.flush()
        await bridge.delivered(self.server)
        return answer

    def refuse(self, fault: Fault) -> dict[str, Any]:
        text = fault.context.get(f"text_{self.lang}") or fault.text
        with self.state:
            self.state.edit_error = {"field": fault.field, "text": text}
        return {"ok": False, "field": fault.field, "text": text}

    # --- the active scheme --------------------------------------------------------------------

    @property
    def scheme(self) -> Scheme:
        return self.workspace.active.scheme

    def commit(self, scheme: Scheme, edit: Edit) -> None:
        """Make ``scheme`` the active one's new version: durable first, then shown and simulated."""
        if self.workspace.active.baseline:
            # The baseline stays what everything is compared against; a change to it becomes a scheme of its own.
            self.workspace.duplicate(self.workspace.active_id)
            self.toast("baseline_pinned", name=self.workspace.active.letter)
        self.remember()
        self.workspace.edit(scheme, label_zh=edit.label_zh, label_en=edit.label_en)
        self.refresh()

    def remember(self) -> None:
        """Keep the numbers shown now as the ``before`` of the next change."""
        self.state.replay = None
        self.before = dict(self.state.kpi or {})

    def refresh(self) -> None:
        """Show the active scheme: from memory if simulated already, else estimate, then simulate."""
        with self.state:
            show.schemes(self)
            show.scheme(self)
            settled = self.compute.cached(self.scheme)
            if settled is not None:
                self._show_settled(settled)
            else:
                self._show_estimate(self.scheme)
            self.suggest.follow()
        if settled is None or self.baseline is None:
            self._settle_later()

    def _show_estimate(self, scheme: Scheme) -> None:
        try:
            evaluation, elapsed = self.compute.estimate(scheme)
        except InputError as error:
            show.fault(self, error)
            return
        self.evaluation = evaluation
        show.evaluation(self, evaluation, state="refining", elapsed_ms=elapsed)

    def _settle_later(self) -> None:
        if self._task:
            self._task.cancel()
        try:
            self._task = asyncio.get_running_loop().create_task(self._settle())
        except RuntimeError:
            self._task = None

    async def _settle(self) -> None:
        scheme = self.scheme
        try:
            settled = await self.compute.settle(scheme)
            if settled is not None and scheme.key() == self.scheme.key():
                with self.state:
                    self._show_settled(settled)
            if self.baseline is None:
                await self._settle_baseline()
            await self._settle_others()
        except InputError as error:
            with self.state:
                show.fault(self, error)
        except asyncio.CancelledError:
            raise
        except Exception:
            traceback.print_exc()
            with self.state:
                show.failure(self)

    async def _settle_baseline(self) -> None:
        baseline = await self.compute.settle_beside(self.workspace.baseline.scheme)
        self.baseline = baseline
        known = self.compute.cached(self.scheme)
        if known is not None:
            with self.state:
                self._show_settled(known)

    async def _settle_others(self) -> None:
        """Simulate the schemes nobody looks at while nothing else is to do; a new change ends this at once."""
        for entry in self.workspace.entries:
            if self.compute.cached(entry.scheme) is None:
                await self.compute.settle_beside(entry.scheme)
                with self.state:
                    show.schemes(self)

    def _show_settled(self, settled: Settled) -> None:
        estimate = self.evaluation
        self.evaluation = settled.evaluation
        self.settled_kpis = settled.evaluation.kpis
        self.compute.anchor(settled)
        show.frames(self, settled)
        show.evaluation(
            self, settled.evaluation, state="simulated", elapsed_ms=settled.elapsed_ms, estimate=estimate
        )
        self.notify("settled")

    def reopen(self) -> None:
        """Show the workspace after its schemes (not just the active one's wells) have changed."""
        self.refresh()
        if self.state.workspace == "compare":
            self.open_compare()
        self.decide.follow()

    def relabel(self) -> None:
        """Say everything again in the session's language; no number changes."""
        show.words(self)
        show.schemes(self)
        show.scheme(self)
        if self.evaluation is not None:
            show.said_again(self, self.evaluation)
        if self.state.workspace == "compare":
            self.open_compare()
        self.decide.follow()
        self.notify("lang")

    def open_compare(self) -> None:
        """Fill the compare workspace; views and table appear as their simulations come in."""
        from sandbox.controllers import compare

        if self._compare_task:
            self._compare_task.cancel()
        self._compare_task = asyncio.get_running_loop().create_task(compare.fill(self))
        self._compare_task.add_done_callback(report)

    def notify(self, what: str) -> None:
        """Tell the charts that something changed."""
        for listener in list(self.listeners):
            listener(what)

    def toast(self, key: str, **values: Any) -> None:
        self.state.toast = {"text": self.text(key, **values), "at": time.time()}

    def switch_site(self, name: str) -> None:
        if name not in site_names():
            raise InputError(
                Fault("site", "unknown", f"must be one of {', '.join(site_names())}, got {name!r}")
            )
        self.compute.stop()
        self.compute.anchor(None)
        self.baseline = None
        self.before = None
        self.settled_kpis = {}
        self._open(name)
        self.store.set_preference(self.sid, "site", name)
        show.initial(self)
        self.refresh()
