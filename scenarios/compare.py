"""Schemes beside a baseline: KPIs, differences with their meaning, what changed, who is dominated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from scenarios.changes import Change, what_changed
from scenarios.kpis import KPIS, Kpi
from twin_models.errors import Fault, InputError

__all__ = ["HEADLINE", "Change", "compare", "delta", "dominated_by", "what_changed"]

Verdict = Literal["better", "worse", "same", "different", "unknown"]

# What a choice is mostly about: heat, how long it lasts, what it costs, what it earns, what it saves.
HEADLINE = ("annual_heat_gj", "lifetime_years", "lcoh_cny_per_gj", "npv_cny", "co2_avoided_t_per_year")
# "Never within the life" is the best that can happen to these; where others are undefined it is the worst.
NEVER_IS_BEST = ("lifetime_years", "breakthrough_years")
HEAVY_OVERLAP = 0.8  # share of the narrower band that two bands have in common


def compare(evaluations: Mapping[str, Any], *, baseline: str | None = None) -> dict[str, Any]:
    """Delta table of evaluated schemes (``Evaluation`` by name or id, in the order of the columns).

    Out: ``baseline``, ``objectives``, ``schemes``: id -> ``name``, ``kpis``, ``deltas`` (key -> value,
    percent, verdict), ``changes`` (lines of ``what_changed``), ``dominated``, ``dominated_by``.
    """
    ids = list(evaluations)
    if not ids:
        raise InputError(Fault("schemes", "empty", "must have at least one scheme, got none"))
    base_id = ids[0] if baseline is None else baseline
    if base_id not in evaluations:
        raise InputError(Fault("baseline", "unknown", f'must be one of {", ".join(ids)}, got "{base_id}"'))
    base = evaluations[base_id]
    values = {i: {k: kpi.value for k, kpi in evaluations[i].kpis.items()} for i in ids}
    beaten = dominated_by(values)
    return {
        "baseline": base_id,
        "objectives": list(HEADLINE),
        "schemes": {
            i: {
                "name": evaluations[i].scheme.name,
                "kpis": {key: kpi.as_dict() for key, kpi in evaluations[i].kpis.items()},
                "deltas": {
                    key: delta(key, base.kpis[key], kpi)
                    for key, kpi in evaluations[i].kpis.items()
                    if key in base.kpis
                },
                "changes": [c.as_dict() for c in what_changed(base.scheme, evaluations[i].scheme)],
                "dominated": bool(beaten[i]),
                "dominated_by": beaten[i],
            }
            for i in ids
        },
    }


def delta(key: str, base: Kpi, other: Kpi) -> dict[str, Any]:
    """``other`` minus ``base``: value, percent of the base's size, and what it means for that KPI."""
    step = None if base.value is None or other.value is None else other.value - base.value
    percent = None if step is None or not base.value else 100.0 * step / abs(base.value)
    return {"value": step, "percent": percent, "verdict": verdict(key, base, other)}


def verdict(key: str, base: Kpi, other: Kpi) -> Verdict:
    """Whether ``other`` is better than ``base``.

    ``same``: equal in the digits shown; or the bands overlap by 80 % of the narrower one and do not both
    move the way the value does (bands come from the same draws, so a shift of both ends is no accident).
    ``different``: neither direction is better for this KPI. ``unknown``: nothing to compare.
    """
    row = KPIS.get(key)
    before, after = oriented(key, base.value), oriented(key, other.value)
    if row is None or before is None or after is None:
        return "unknown"
    if before == after or (
        base.value is not None and other.value is not None and _alike(row.digits, base, other)
    ):
        return "same"
    if row.better is None:
        return "different"
    return "better" if after > before else "worse"


def oriented(key: str, value: float | None) -> float | None:
    """The value with up as better; what never happens or is undefined stands at an end. ``None``: no such KPI."""
    row = KPIS.get(key)
    if row is None:
        return None
    if value is None or not math.isfinite(value):
        if row.better is None or key == "probability_npv_negative_pct" or key == "demand_met_pct":
            return None
        return math.inf if key in NEVER_IS_BEST else -math.inf
    return -value if row.better == "down" else value


def _alike(digits: int, base: Kpi, other: Kpi) -> bool:
    assert base.value is not None and other.value is not None
    step = other.value - base.value
    if abs(step) < 0.5 * 10.0**-digits:
        return True
    if None in (base.low, base.high, other.low, other.high):
        return False
    low, high = other.low - base.low, other.high - base.high  # type: ignore[operator]
    if step * low > 0.0 and step * high > 0.0:
        return False
    shared = min(base.high, other.high) - max(base.low, other.low)  # type: ignore[type-var, operator]
    narrower = min(base.high - base.low, other.high - other.low)  # type: ignore[operator]
    return narrower > 0.0 and shared >= HEAVY_OVERLAP * narrower


def dominated_by(
    values: Mapping[str, Mapping[str, float | None]], *, objectives: Sequence[str] = HEADLINE
) -> dict[str, list[str]]:
    """For each scheme, the others that are at least as good in every objective and better in one.

    An objective that one of two schemes does not have is left out for that pair.
    """
    scores = {
        i: {key: oriented(key, kpis.get(key)) for key in objectives if key in kpis}
        for i, kpis in values.items()
    }
    return {i: [j for j in scores if j != i and _dominates(scores[j], scores[i])] for i in scores}


def _dominates(a: Mapping[str, float | None], b: Mapping[str, float | None]) -> bool:
    pairs = [(x, y) for key in a if key in b and (x := a[key]) is not None and (y := b[key]) is not None]
    return bool(pairs) and all(x >= y for x, y in pairs) and any(x > y for x, y in pairs)
