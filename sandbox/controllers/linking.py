"""Blocks of communities: chosen by lasso or in the list, regrouped, and answered by the reservoir."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import linking
from sandbox.controllers.assess import Newest
from scenarios.blocks import has_blocks, regroup
from scenarios.edits import Edit
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session


class Linking:
    """What one session has chosen, and the newest answer."""

    def __init__(self, session: Session):
        self.session = session
        self.state = session.state
        self.job = Newest(session, "linking")
        self.chosen: list[str] = []

    def here(self) -> bool:
        return has_blocks(self.session.site)

    # --- showing -------------------------------------------------------------------------------

    def follow(self, what: str = "settled") -> None:
        """The scheme has been simulated, or the drawer has been opened."""
        if what not in ("settled", "open") or self.state.drawer != "linking" or not self.here():
            return
        session = self.session
        site, scheme = session.site.name, session.scheme
        shown = linking.layout(site, scheme) | {"chosen": list(self.chosen), "can_start": self._can_start()}
        old = self.state.blocks or {}
        same = (old.get("answers") or {}).get("key") == scheme.key()
        self.state.blocks = shown | {"paper": linking.paper(), "answers": old["answers"] if same else None}
        now, today = session.evaluation, session.baseline
        if now is None or today is None or now.scheme.key() != scheme.key():
            return
        if same and old["answers"]["state"] == "simulated":
            return

        def show(result: dict[str, Any]) -> None:
            if self.state.blocks and self.session.scheme.key() == result["key"]:
                self.state.blocks = {**self.state.blocks, "answers": result}

        self.job.ask(lambda: linking.answers(site, now, today.evaluation), show)

    def _can_start(self) -> bool:
        return not linking.layout(self.session.site.name, self.session.scheme)["linked"]

    # --- choosing ------------------------------------------------------------------------------

    def choose(self, ids: list[str]) -> None:
        """By lasso or by list: these communities and no others."""
        known = {c["id"] for c in (self.state.blocks or {}).get("communities", [])}
        wrong = [i for i in ids if i not in known]
        if wrong:
            raise InputError(Fault("members", "unknown", f"no community {wrong[0]!r}"))
        self.chosen = sorted(set(ids))
        self.state.blocks = {**self.state.blocks, "chosen": list(self.chosen)}

    def toggle(self, id: str) -> None:
        self.choose([i for i in self.chosen if i != id] if id in self.chosen else [*self.chosen, id])

    # --- changing ------------------------------------------------------------------------------

    def into(self, block: str) -> None:
        session = self.session
        scheme, edit = regroup(session.scheme, session.site, members=self.chosen, into=block)
        self.chosen = []
        session.commit(scheme, edit)
        self.follow("open")

    def start(self) -> None:
        """From today's wells to the site's own linked plan, as a scheme of one's own."""
        linked = linking.linked_scheme(self.session.site)
        if linked is None:
            raise InputError(Fault("blocks", "missing", "this site has no linked scheme", {
                "text_zh": "该场地没有联动方案", "text_en": "This site has no linked scheme.",
            }))  # fmt: skip
        self.session.commit(linked, Edit("link", {}, "采用联动方案", "Take the linked plan"))
        self.follow("open")

    def beside(self) -> None:
        """Today's wells and the linked ones in two views."""
        ws = self.session.workspace
        self.session.pair = {"a": ws.baseline.id, "b": ws.active_id}
        self.session.actions["set_workspace"](workspace="compare")


def register(session: Session) -> None:
    own = Linking(session)
    session.linking = own
    session.listeners.add(own.follow)
    drawer = session.actions["set_drawer"]

    def set_drawer(**given: Any) -> None:
        drawer(**given)
        own.follow("open")

    session.actions |= {
        "set_drawer": set_drawer,
        "blocks_choose": own.choose,
        "blocks_toggle": own.toggle,
        "blocks_into": own.into,
        "blocks_start": own.start,
        "blocks_beside": own.beside,
    }
