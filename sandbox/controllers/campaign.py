"""Campaign and operation: rigs, crews, failures and workshop events; what they do to the active scheme."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from sandbox.compute import report
from sandbox.controllers.uses import bilingual
from sandbox.controllers.wells import number
from scenarios.campaign import EVENTS, Outcome, campaign_of, outcome
from scenarios.edits import Edit
from scenarios.faults_zh import in_both
from scenarios.kpis import KPIS
from twin_models.base import Cancelled
from twin_models.errors import Fault, InputError
from twin_models.models import LIVE
from twin_models.operations import Campaign, check
from twin_models.types import DAYS_PER_YEAR

if TYPE_CHECKING:
    from sandbox.session import Session

WHOLE = ("rigs", "crews", "spares")
FIELDS = {
    "rigs": "",
    "crews": "",
    "spares": "",
    "permit_days": "d",
    "drill_days": "d",
    "hookup_days": "d",
    "pump_years": "a",
    "spare_days": "d",
    "backflush_every_days": "d",
}
SHOWN = (
    "annual_heat_gj",
    "demand_met_pct",
    "npv_cny",
    "lcoh_cny_per_gj",
    "payback_years",
    "co2_avoided_t_per_year",
)
DRAWN = ("drill_injector", "drill_producer", "hook_up", "pump_change", "rig_late", "permit_hold")
MOST_ROWS = 40


class CampaignBoard:
    """Settings and events of one session; the outcome is computed on a worker for the newest request only."""

    def __init__(self, session: Session):
        self.session = session
        self.values: dict[str, float] = {}
        self.events: list[str] = []
        self.found: Outcome | None = None
        self.key = ""
        self.task: asyncio.Task[None] | None = None
        session.listeners.add(self.hear)

    def hear(self, what: str) -> None:
        """Another scheme or language: the form follows at once, the outcome when it is looked at."""
        if what in ("settled", "lang"):
            self.show()
            if self.found is not None and self.key != self.session.scheme.key():
                self.start()

    def show(self) -> None:
        session, found = self.session, self.found
        plain = Campaign()
        session.state.campaign = {
            "fields": [
                {
                    "key": name,
                    "field": f"campaign.{name}",
                    "label": session.text(f"campaign_{name}"),
                    "text": f"{self.values.get(name, getattr(plain, name)):g}",
                    "unit": unit,
                    "own": name in self.values,
                }
                for name, unit in FIELDS.items()
            ],
            "events": [
                {"key": name, "text": session.text(f"campaign_event_{name}"), "on": name in self.events}
                for name in EVENTS
            ],
            "running": self.task is not None and not self.task.done(),
            "result": None if found is None else result_state(session, found),
        }

    def start(self) -> None:
        campaign = campaign_of(self.session.scheme, **self.settings())
        check(campaign)
        if self.task is not None:
            self.task.cancel()
        self.task = asyncio.get_running_loop().create_task(self._run())
        self.task.add_done_callback(report)
        self.show()

    def settings(self) -> dict[str, Any]:
        return {k: int(v) if k in WHOLE else v for k, v in self.values.items()}

    async def _run(self) -> None:
        session, scheme = self.session, self.session.scheme
        events, settings = tuple(self.events), self.settings()
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                session.workers, lambda: outcome(scheme, LIVE, events=events, **settings)
            )
        except Cancelled:
            return
        except InputError as error:
            with session.state:
                session.refuse(in_both(error.faults[0]))
            return
        self.found, self.key = found, scheme.key()
        self.task = None
        with session.state:
            self.show()


def result_state(session: Session, found: Outcome) -> dict[str, Any]:
    """Figures before and after, availability, and bars for the picture."""
    run = found.operation
    rows: dict[int, list[dict[str, Any]]] = {}
    for event in run.log:
        if event.what in DRAWN:
            rows.setdefault(event.doublet, []).append(
                {
                    "what": event.what,
                    "day": round(event.day, 1),
                    "until": round(event.until, 1),
                    "text": session.text(f"campaign_bar_{event.what}"),
                }
            )
    years = found.share.shape[1]
    return {
        "kpis": [
            {
                "key": key,
                "better": KPIS[key].better,
                "planned": found.planned[key],
                "before": found.usual[key],
                "after": found.struck[key],
            }
            for key in SHOWN
        ],
        "availability_pct": round(100.0 * float(found.share.mean()), 2),
        "availability_usual_pct": round(100.0 * float(found.share_usual.mean()), 2),
        "by_year": [round(100.0 * float(v), 1) for v in found.share.mean(axis=0)],
        "first_heat_day": _first_new(found),
        "built_day": round(float(run.built_day.max())) if np.isfinite(run.built_day).all() else None,
        "pump_changes": run.pump_changes,
        "rig_idle_days": round(run.rig_idle_days),
        "new": len(found.names) - found.existing,
        "span_days": years * DAYS_PER_YEAR,
        "build_days": _build_days(found),
        "hidden": max(len(found.names) - MOST_ROWS, 0),
        "rows": [
            {
                "id": i,
                "name": session.text("campaign_field") if i < 0 else found.names[i],
                "bars": rows.get(i, []),
            }
            for i in _order(found, field=-1 in rows)
        ],
    }


def _order(found: Outcome, *, field: bool) -> list[int]:
    """Rows of the picture: the field, new doublets, existing ones."""
    new = list(range(found.existing, len(found.names)))
    return ([-1] if field else []) + (new + list(range(found.existing)))[:MOST_ROWS]


def _first_new(found: Outcome) -> int | None:
    """Day on which the first new doublet runs."""
    built = found.operation.built_day[found.existing :]
    return round(float(built.min())) if len(built) and np.isfinite(built.min()) else None


def _build_days(found: Outcome) -> float:
    """Span of the picture while things are being built: half a year beyond the last new doublet."""
    built = found.operation.built_day[found.existing :]
    done = built[np.isfinite(built)]
    return float(max(done.max() * 1.15 + 60.0, 365.25)) if len(done) else 0.0


def register(session: Session) -> None:
    board = session.campaign = CampaignBoard(session)

    def campaign_set(key: str, value: Any) -> None:
        if key not in FIELDS:
            raise InputError(Fault("campaign", "unknown", f"must be one of {', '.join(FIELDS)}, got {key}"))
        values = dict(board.values)
        if value is None:
            values.pop(key, None)
        else:
            values[key] = number(f"campaign.{key}", value)
            if key in WHOLE and values[key] != int(values[key]):
                raise InputError(Fault(f"campaign.{key}", "type", f"must be a whole number, got {value}"))
        check(dataclasses.replace(Campaign(), **values))
        board.values = values
        board.start()

    def campaign_event(key: str) -> None:
        if key not in EVENTS:
            raise InputError(Fault("campaign", "unknown", f"must be one of {', '.join(EVENTS)}, got {key}"))
        board.events = [k for k in EVENTS if (k in board.events) != (k == key)]
        board.start()

    def campaign_run() -> None:
        board.start()

    def campaign_apply() -> None:
        """Put the availability into the scheme: one edit, one undo."""
        if board.found is None or board.key != session.scheme.key():
            raise InputError(Fault("campaign", "missing", session.text("campaign_first")))
        edit = Edit(
            "campaign_apply", {}, "按建设与运行计划折减各井出力", "Wells run as the campaign lets them"
        )
        session.commit(board.found.scheme, edit)

    session.actions |= bilingual(
        {
            "campaign_set": campaign_set,
            "campaign_event": campaign_event,
            "campaign_run": campaign_run,
            "campaign_apply": campaign_apply,
        }
    )
