"""What a proposal changes, well by well, in words and as data: for the ghosts of the page and for people.

``ghosts`` says which wells a layout has otherwise than the user's and what each is; ``accept`` takes over some
of them. Both are pure functions.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from scenarios.changes import what_changed
from scenarios.edits import Change, Edit
from scenarios.kpis import KPIS
from scenarios.labels import KIND_EN, KIND_ZH, direction, short_number
from scenarios.schema_io import closest, refusal
from scenarios.scheme import Scheme, SchemeWell, read_scheme, to_dict
from scenarios.scheme_write import well_dict

RATE_CHANGE = 0.005  # relative: less is not worth a word
HEADLINE = (
    "npv_cny",
    "lcoh_cny_per_gj",
    "annual_heat_gj",
    "demand_met_pct",
    "temperature_decline_k",
    "lifetime_years",
    "capex_cny",
    "co2_avoided_t_per_year",
)


def ghosts(start: Scheme, proposal: Scheme) -> list[dict[str, Any]]:
    """The wells that a proposal has otherwise than the start, those with a new place first.

    Each: ``name``, ``action`` (add, move, role, rate, shut, remove), ``kind``, ``x_m``, ``y_m``, ``head_x_m``,
    ``head_y_m``, ``rate_m3_h``, ``group`` (wells to be accepted together), ``from`` (the well as it was, or
    ``None``), ``well`` (as in a scheme file, ``None`` for one left out), ``text`` in both languages.
    """
    old, new = {w.name: w for w in start.wells}, {w.name: w for w in proposal.wells}
    rows = []
    for name in dict.fromkeys([*new, *old]):
        before, after = old.get(name), new.get(name)
        action = _action(before, after)
        if action is not None:
            rows.append(_row(name, action, before, after))
    order = ("add", "move", "role", "shut", "remove", "rate")
    rows.sort(key=lambda r: order.index(r["action"]))
    for row, group in zip(rows, _groups(rows), strict=True):
        row["group"] = group
    return rows


def _action(before: SchemeWell | None, after: SchemeWell | None) -> str | None:
    if before is None:
        return "add"
    if after is None:
        return "remove"
    if after.kind != before.kind:
        return "shut" if after.kind == "monitor" else "role"
    if math.hypot(after.x_m - before.x_m, after.y_m - before.y_m) > 0.5:
        return "move"
    size = max(abs(before.rate_m3_h), 1e-9)
    return "rate" if abs(after.rate_m3_h - before.rate_m3_h) > RATE_CHANGE * size else None


def _row(name: str, action: str, before: SchemeWell | None, after: SchemeWell | None) -> dict[str, Any]:
    shown = after or before
    assert shown is not None
    zh, en = _words(name, action, before, after)
    return {
        "name": name,
        "action": action,
        "kind": shown.kind,
        "x_m": shown.x_m,
        "y_m": shown.y_m,
        "head_x_m": shown.head_x_m,
        "head_y_m": shown.head_y_m,
        "rate_m3_h": shown.rate_m3_h,
        "from": None if before is None else well_dict(before),
        "well": None if after is None else well_dict(after),
        "text": {"zh": zh, "en": en},
    }


def _words(name: str, action: str, before: SchemeWell | None, after: SchemeWell | None) -> tuple[str, str]:
    if action == "add" and after is not None:
        rate = short_number(after.rate_m3_h)
        return (
            f"新增{KIND_ZH[after.kind]} {name},{rate} m³/h",
            f"add {KIND_EN[after.kind]} {name}, {rate} m³/h",
        )
    if before is None or after is None:
        return f"取消 {name}", f"leave out {name}"
    if action == "shut":
        return f"关停 {name}(改作监测)", f"shut in {name} (kept for watching)"
    if action == "role":
        return f"{name} 改为{KIND_ZH[after.kind]}", f"make {name} {_article(KIND_EN[after.kind])}"
    if action == "move":
        dx, dy = after.x_m - before.x_m, after.y_m - before.y_m
        zh, en = direction(dx, dy)
        return f"{name} 向{zh}移 {math.hypot(dx, dy):.0f} m", f"move {name} {math.hypot(dx, dy):.0f} m {en}"
    change = f"{short_number(before.rate_m3_h)} → {short_number(after.rate_m3_h)} m³/h"
    return f"{name} 流量 {change}", f"{name} rate {change}"


def _article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _groups(rows: list[dict[str, Any]]) -> list[list[str]]:
    """Wells that belong together: a new producer with the new injector nearest to it; all changes of rate."""
    out: dict[str, list[str]] = {}
    free = [r for r in rows if r["action"] == "add" and r["kind"] == "injector"]
    for row in (r for r in rows if r["action"] == "add" and r["kind"] == "producer"):
        pair = [row["name"]]
        if free:
            mate = min(
                free, key=lambda r: (math.hypot(r["x_m"] - row["x_m"], r["y_m"] - row["y_m"]), r["name"])
            )
            free.remove(mate)
            pair.append(mate["name"])
        out.update(dict.fromkeys(pair, pair))
    rated = [r["name"] for r in rows if r["action"] == "rate"]
    out.update(dict.fromkeys(rated, rated))
    return [out.get(r["name"], [r["name"]]) for r in rows]


def words(start: Scheme, proposal: Scheme) -> list[dict[str, Any]]:
    """The changes as lines of both languages, wells of one kind of change named together."""
    return [change.as_dict() for change in what_changed(start, proposal) if change.group == "wells"]


def gains(key: str, before: Mapping[str, float | None], after: Mapping[str, float | None]) -> dict[str, Any]:
    """What a change does to the objective and to the headline KPIs: value, step and per cent of each."""
    out = {}
    for name in dict.fromkeys((key, *HEADLINE)):
        old, new = before.get(name), after.get(name)
        step = None if old is None or new is None else new - old
        percent = None if step is None or not old else 100.0 * step / abs(old)
        out[name] = {"value": new, "step": step, "percent": percent, "unit": KPIS[name].unit}
    return out


def accept(scheme: Scheme, proposal: Scheme, wells: Collection[str]) -> Change:
    """The scheme with some wells as the proposal has them (or without them, where it has none).

    ``scheme`` may have changed since the proposal was made. Raises ``InputError`` for a name that neither has,
    and for a result that no reader accepts.
    """
    new = {w.name: w for w in proposal.wells}
    old = {w.name: w for w in scheme.wells}
    for name in wells:
        if name not in new and name not in old:
            raise refusal("well", "unknown", f'no well "{name}"{closest(str(name), [*new, *old])}')
    kept = [new.get(w.name) if w.name in wells else w for w in scheme.wells]
    more = [w for w in proposal.wells if w.name in wells and w.name not in old]
    taken = replace(scheme, wells=tuple(w for w in (*kept, *more) if w is not None))
    names = [w for w in dict.fromkeys([*old, *new]) if w in wells]
    shown = "、".join(names[:3]) + (f" 等 {len(names)} 口井" if len(names) > 3 else "")
    english = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    params = {"wells": {n: None if n not in new else well_dict(new[n]) for n in names}}
    edit = Edit("accept", params, f"采纳建议:{shown}", f"Accept proposal: {english}")
    return read_scheme(to_dict(taken)), edit
