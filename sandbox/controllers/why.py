"""Why here: answers of the knowledge graph for a unit, for the field as it stands, or for the scheme on the screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox import why
from sandbox.controllers.assess import Newest
from sandbox.controllers.view import one_of
from twin_models.errors import Fault, InputError

if TYPE_CHECKING:
    from sandbox.session import Session

SUBJECTS = ("scheme", "field", "unit")


class Why:
    def __init__(self, session: Session):
        self.session = session
        self.state = session.state
        self.job = Newest(session, "why")
        self.subject = ""
        self.unit = ""

    def follow(self, what: str = "settled") -> None:
        """The drawer was opened, or there are new numbers."""
        if self.state.drawer != "why" or what not in ("settled", "open"):
            return
        if what == "settled" and self._subject() == "unit" and self.state.why:
            return
        self.ask()

    def _subject(self) -> str:
        """As chosen; else what is looked at: a unit in the basin, the scheme elsewhere."""
        in_basin = self.state.scale == "basin" and bool(why.units(self.session.site.name))
        if self.subject == "unit" and not why.units(self.session.site.name):
            return "scheme"
        if self.session.site.reservoir is None:
            return "unit"
        return self.subject or ("unit" if in_basin else "scheme")

    def ask(self) -> None:
        session = self.session
        subject, site = self._subject(), session.site.name
        units = why.units(site)
        if subject == "unit":
            known = [u["id"] for u in units]
            picked = (self.state.resource or {}).get("id", "")
            unit = self.unit if self.unit in known else picked if picked in known else known[0]
            work = partial(why.of_unit, site, unit)
        else:
            unit = ""
            source = (
                session.evaluation
                if subject == "scheme"
                else session.baseline and session.baseline.evaluation
            )
            if source is None:
                return
            work = partial(why.of_evaluation, source, subject=subject)
        letter = "" if subject == "unit" else session.workspace.active.title(session.lang)

        def show(told: dict[str, Any]) -> None:
            if session.site.name == site:
                self.state.why = told | {"site": site, "unit": unit, "units": units, "scheme": letter}

        self.job.ask(work, show)

    def about(self, subject: str, unit: str = "") -> None:
        self.subject = one_of("subject", subject, SUBJECTS)
        known = {u["id"] for u in why.units(self.session.site.name)}
        if unit and unit not in known:
            raise InputError(
                Fault("unit", "unknown", f"must be one of {', '.join(sorted(known))}, got {unit!r}")
            )
        self.unit = unit or self.unit
        self.ask()


def register(session: Session) -> None:
    own = Why(session)
    session.listeners.add(own.follow)
    drawer = session.actions["set_drawer"]

    def set_drawer(**given: Any) -> None:
        drawer(**given)
        own.follow("open")

    session.actions |= {"set_drawer": set_drawer, "why_about": own.about}
