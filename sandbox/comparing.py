"""The Compare workspace as page state: views, what changed between them, every scheme's delta to a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import differences
from scenarios.causes import npv_ways
from scenarios.changes import what_changed
from scenarios.compare import compare as compare_evaluations
from scenarios.evaluate import Evaluation
from scenarios.kpis import KPIS

if TYPE_CHECKING:
    from sandbox.compute import Settled
    from sandbox.session import Session

SIDES = "abcd"
LARGEST_WAYS = 3
MODES = ("side", "swipe", "blink", "difference", "grid")
PAIRED = ("swipe", "blink", "difference")  # these show two schemes, whatever else is chosen


def fill(session: Session, views: list[str], mode: str, base: str, settled: dict[str, Settled]) -> None:
    """``views``: schemes by place, two to four; ``base``: the scheme that deltas are taken against."""
    from sandbox import show

    ws, state = session.workspace, session.state
    shown = views[:2] if mode in PAIRED else views
    results = {e.id: settled[e.id].evaluation for e in ws.entries if e.id in settled}
    maps = {id: show.frames_of(session, settled[id]) for id in results}
    state.compare = {
        "mode": mode,
        "views": shown,
        "chosen": views,
        "base": base,
        "a": views[0],
        "b": views[1],
        "wells": [show.wells_of(session.site, ws.entry(id).scheme) for id in shown],
        "frames": [maps.get(id) for id in shown],
        "events": [show.events(session, results[id]) if id in results else [] for id in shown],
        "columns": [
            {**e, "wells": len(ws.entry(e["id"]).scheme.wells)} for e in state.schemes if e["id"] in results
        ],
        "thumbs": thumbs(session, maps) if mode == "grid" else [],
        "table": delta_table(results, compare_evaluations(results, baseline=base)),
        "changes": changes(session, views[0], views[1]),
        "cause": cause(session, results.get(views[0]), results.get(views[1])),
    }


def cause(session: Session, first: Evaluation | None, second: Evaluation | None) -> dict[str, Any] | None:
    """The difference of the NPV and the ways it took, largest first."""
    if first is None or second is None or first is second:
        return None
    before, after = first.kpis["npv_cny"].value, second.kpis["npv_cny"].value
    if before is None or after is None or before == after:
        return None
    ways = sorted(npv_ways(first, second).items(), key=lambda item: -abs(item[1]))
    return {
        "key": "npv_cny",
        "value": after - before,
        "ways": [{"key": k, "value": v} for k, v in ways[:LARGEST_WAYS] if v],
    }


def thumbs(session: Session, maps: dict[str, Any]) -> list[dict[str, Any]]:
    """Every scheme as a small picture: its maps and where its wells end."""
    return [
        {
            "id": e.id,
            "frames": maps.get(e.id),
            "wells": [[round(w.x_m), round(w.y_m), w.kind] for w in e.scheme.wells],
        }
        for e in session.workspace.entries
    ]


def delta_table(results: dict[str, Evaluation], compared: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows KPI, cells per scheme: value, difference to the baseline, its percent, band and meaning."""
    rows = []
    for row in KPIS.values():
        cells = {}
        for id, scheme in compared["schemes"].items():
            kpi, step = scheme["kpis"][row.key], scheme["deltas"].get(row.key, {})
            band = differences.band(results[compared["baseline"]], results[id], row.key)
            cells[id] = {
                "value": kpi["value"],
                "low": kpi["low"],
                "high": kpi["high"],
                "delta": step.get("value"),
                "pct": step.get("percent"),
                "verdict": step.get("verdict", "unknown"),
                "delta_low": band[0],
                "delta_high": band[1],
            }
        rows.append({"key": row.key, "unit": row.unit, "better": row.better, "cells": cells})
    return rows


def changes(session: Session, first: str, second: str) -> list[dict[str, Any]]:
    """What the second scheme has otherwise than the first, in the session's language."""
    ws = session.workspace
    lang = session.lang
    return [
        {
            "group": c.group,
            "kind": c.kind,
            "wells": list(c.wells),
            "sign": {"added": "+", "removed": "−"}.get(c.kind, "Δ"),
            "text": c.text_zh if lang == "zh" else c.text_en,
        }
        for c in what_changed(ws.entry(first).scheme, ws.entry(second).scheme)
    ]
