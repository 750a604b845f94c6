"""The mine: a handle or slider changes one number, the heat and the money follow."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox import mining
from sandbox.controllers.assess import Newest
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

PREFERENCE = "mine-"


class Mining:
    def __init__(self, session: Session):
        self.session = session
        self.state = session.state
        self.job = Newest(session, "mining")
        self.past: list[dict[str, Any]] = []
        self._before: dict[str, Any] | None = None  # what a hand that moves set out from

    def open(self) -> None:
        """Show the site's mine, as it was left."""
        name = self.session.site.name
        if self.state.drawer != "mining" or not mining.has_mine(name):
            return
        if (self.state.mine or {}).get("site") != name:
            self.past = []
            self._show(self._kept(name))

    def _kept(self, name: str) -> dict[str, Any]:
        kept = self.session.store.preference(self.session.sid, PREFERENCE + name)
        try:
            mine: dict[str, Any] = json.loads(kept) if kept else mining.shipped(name)
            mining.read_given(mine)
        except (ValueError, InputError):
            return mining.shipped(name)  # of an older version: the example is a safe start
        return mine

    def _show(self, mine: dict[str, Any]) -> None:
        name = self.session.site.name
        old = (self.state.mine or {}).get("answer") if (self.state.mine or {}).get("site") == name else None
        self.state.mine = mining.page_state(name, mine) | {"answer": old, "can_undo": bool(self.past)}

        def show(answer: dict[str, Any]) -> None:
            if self.state.mine and self.state.mine["site"] == name:
                self.state.mine = {**self.state.mine, "answer": answer}

        self.job.ask(partial(mining.answer, mine), show)

    def put(self, part: str, key: str, value: Any, level: int = 0, final: bool = True) -> None:
        """One number or choice. ``final``: the hand has let go; only such states can be returned to."""
        mine = self._mine()
        new = mining.changed(mine, part=part, key=key, value=value, level=int(level))
        if final:
            before, self._before = self._before or mine, None
            if before != new:
                self.past.append(before)
            self._keep(new)
            return
        self._before = self._before or mine
        self._show(new)

    def undo(self) -> None:
        if self.past:
            self._keep(self.past.pop())

    def reset(self) -> None:
        self.past.append(self._mine())
        self._keep(mining.shipped(self.session.site.name))

    def _keep(self, mine: dict[str, Any]) -> None:
        self.session.store.set_preference(
            self.session.sid, PREFERENCE + self.session.site.name, json.dumps(mine)
        )
        self._show(mine)

    def _mine(self) -> dict[str, Any]:
        shown = self.state.mine
        if not shown or shown["site"] != self.session.site.name:
            raise InputError(Fault("mine", "missing", "this site has no mine", {
                "text_zh": "该场地没有矿井", "text_en": "This site has no mine.",
            }))  # fmt: skip
        mine: dict[str, Any] = shown["mine"]
        return mine


def register(session: Session) -> None:
    own = Mining(session)
    drawer = session.actions["set_drawer"]

    def set_drawer(**given: Any) -> None:
        drawer(**given)
        own.open()

    session.actions |= {
        "set_drawer": set_drawer,
        "mine_set": own.put,
        "mine_undo": own.undo,
        "mine_reset": own.reset,
    }
