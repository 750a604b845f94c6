"""Blocks of communities as the page shows them: today's wells beside the linked ones, block by block."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from scenarios.blocks import (
    SPACING_M,
    USUAL_MEMBERS,
    Block,
    blocks_of,
    breakthrough_years,
    communities,
    counts,
    interference_m,
    is_linked,
    linked_scheme,
    spacing_m,
    today_rates,
)
from scenarios.evaluate import Evaluation
from scenarios.linkage import linkage, load_case
from scenarios.scheme import Scheme
from twin_models.sites import load_site

# Paired hues of even lightness; neighbours in the list differ, and every block carries its name as well.
COLOURS = (
    "#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#a6761d", "#1f78b4",
    "#b15928", "#6a3d9a", "#33a02c", "#e31a1c", "#0f8b8d", "#8c6d31", "#5254a3",
)  # fmt: skip
ALONE_COLOUR = "#7d8d99"
MARGIN_M = 110.0  # a block's outline stands this far from its communities
CIRCLE = 12
COMPARED = (
    "flow_m3_h",
    "reinjection_ratio_pct",
    "max_drawdown_bar",
    "breakthrough_years",
    "temperature_decline_k",
    "annual_heat_gj",
    "capex_cny",
    "npv_cny",
    "lcoh_cny_per_gj",
    "co2_avoided_t_per_year",
)
_KEPT = 32
_levels: OrderedDict[str, dict[str, float]] = OrderedDict()


def levels(scheme: Scheme) -> dict[str, float]:
    """``interference_m`` of a scheme, kept by its content."""
    key = scheme.key()
    if key not in _levels:
        _levels[key] = interference_m(scheme)
        while len(_levels) > _KEPT:
            _levels.popitem(last=False)
    return _levels[key]


def colour_of(block: Block) -> str:
    """By the block's number, so that regrouping others does not repaint it."""
    number = int("".join(c for c in block.id if c.isdigit()) or 0)
    return ALONE_COLOUR if block.alone else COLOURS[(5 * number) % len(COLOURS)]


def outline(places: np.ndarray) -> list[list[float]]:
    """Ring (m) around places (n, 2), ``MARGIN_M`` outside of them."""
    turn = np.linspace(0.0, 2.0 * np.pi, CIRCLE, endpoint=False)
    around = places[:, None] + MARGIN_M * np.column_stack([np.cos(turn), np.sin(turn)])[None]
    cloud = around.reshape(-1, 2)
    try:
        ring = cloud[ConvexHull(cloud).vertices]
    except QhullError:  # cannot happen with a circle about each place; a picture is no reason to fail
        ring = cloud
    return [[round(float(x)), round(float(y))] for x, y in ring]


def layout(site_name: str, scheme: Scheme) -> dict[str, Any]:
    """Communities and blocks of a scheme: who, where, which wells. Quick; nothing is simulated."""
    site = load_site(site_name)
    blocks = blocks_of(scheme, site)
    colour = {b.id: colour_of(b) for b in blocks}
    own = {c: b.id for b in blocks for c in b.members}
    people = [
        {
            "id": c.id,
            "zh": c.name.zh,
            "en": c.name.en,
            "x_m": c.x_m,
            "y_m": c.y_m,
            "area_m2": c.area_m2,
            "wells": list(c.wells),
            "block": own[c.id],
            "colour": colour[own[c.id]],
        }
        for c in communities(site)
    ]
    at = {p["id"]: (p["x_m"], p["y_m"]) for p in people}
    area = {p["id"]: p["area_m2"] for p in people}
    today = today_rates(site)
    rates = {w.name: w.rate_m3_h for w in scheme.wells}
    rows = []
    for b in blocks:
        wells = [*b.kept, *b.standby]
        space = spacing_m(scheme, b)
        rows.append(
            {
                "id": b.id,
                "alone": b.alone,
                "colour": colour[b.id],
                "members": list(b.members),
                "kept": list(b.kept),
                "standby": list(b.standby),
                "injectors": list(b.injectors),
                "area_m2": sum(area[m] for m in b.members),
                "flow_today": round(sum(today.get(n, 0.0) for n in wells), 1),
                "flow": round(sum(rates[n] for n in b.kept), 1),
                "spacing_m": None if space is None else round(space),
                "near": space is not None and space < SPACING_M - 0.5,
                "large": len(b.members) > USUAL_MEMBERS,
                "ring": outline(np.array([at[m] for m in b.members])),
            }
        )
    known = {n for c in communities(site) for n in c.wells}
    count = counts(blocks)
    count["unused"] = sum(1 for w in scheme.wells if w.kind == "monitor" and w.name not in known)
    return {
        "site": site_name,
        "blocks": rows,
        "communities": people,
        "counts": count,
        "linked": is_linked(scheme),
    }


def answers(site_name: str, now: Evaluation, today: Evaluation) -> dict[str, Any]:
    """What the reservoir says: per block the level change by the other wells and the breakthrough, today and now.

    Slow (a third of a second): for a worker thread.
    """
    site = load_site(site_name)
    level = {"now": levels(now.scheme), "today": levels(today.scheme)}
    rows = {}
    for b in blocks_of(now.scheme, site):
        wells = [n for n in (*b.kept, *b.standby) if n in level["today"]]
        when = breakthrough_years(now, b.kept)
        rows[b.id] = {
            "level_today_m": _mean(level["today"], wells),
            "level_m": _mean(level["now"], wells),
            "breakthrough_a": None if when is None else round(when, 1),
        }
    return {
        "key": now.scheme.key(),
        "blocks": rows,
        "rows": [_row(key, now, today) for key in COMPARED],
        "level": {
            "today": round(min(level["today"].values()), 1),
            "now": round(min(level["now"].values()), 1),
        },
        "years": now.scheme.years,
        "state": "simulated" if now.forecast.engine == "simulation" else "estimate",
    }


def _mean(values: Mapping[str, float], names: list[str]) -> float | None:
    found = [values[n] for n in names if n in values]
    return round(float(np.mean(found)), 1) if found else None


def _row(key: str, now: Evaluation, today: Evaluation) -> dict[str, Any]:
    return {
        "key": key,
        "unit": now.kpis[key].unit,
        "today": today.kpis[key].value,
        "now": now.kpis[key].value,
    }


def paper() -> dict[str, Any]:
    """The A/B case of source 004: water saved under each way of comparing, and the figures it is known by."""
    result = linkage(load_case())
    rows = {r["key"]: r for r in result["printed"]}
    shown = (
        "before_heat_mean_kw", "after_heat_mean_kw", "after_flow_mean_m3_h", "reduction_mean",
        "capex", "opex_total", "payback", "net_over_life",
    )  # fmt: skip
    return {
        "ways": [
            {
                "key": key,
                "flow": way["flow_m3_h"],
                "percent": way["percent"],
                "zh": way["zh"],
                "en": way["en"],
            }
            for key, way in result["reduction"].items()
        ],
        "rows": [
            {
                "key": key,
                "zh": rows[key]["zh"],
                "en": rows[key]["en"],
                "unit": rows[key]["unit"].replace("m2", "m²").replace("m3", "m³"),
                "printed": f"{rows[key]['printed']:.{rows[key]['digits']}f}",
                "ours": f"{rows[key]['recomputed']:.{rows[key]['digits']}f}",
                "verdict": rows[key]["verdict"],
            }
            for key in shown
        ],
        "printed": len(rows),
        "ok": sum(1 for r in rows.values() if r["verdict"] == "ok"),
    }


__all__ = ["answers", "layout", "linked_scheme", "paper"]
