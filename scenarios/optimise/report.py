"""A suggestion as plain data: what ``geosandbox suggest`` prints and the API answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from scenarios.checks import check_layout
from scenarios.optimise.ghosts import ghosts, words
from scenarios.optimise.goals import Goals, read_goals
from scenarios.optimise.problem import Problem, make_problem
from scenarios.optimise.propose import Offer, Suggestion
from scenarios.schema_io import plain
from scenarios.scheme import Scheme, read_scheme, to_dict


def problem_of(
    scheme: Scheme, objective: str, *, minimise: bool = False, limits: Sequence[str] = (), **space: Any
) -> Problem:
    """Goals and search space in one call (``read_goals``, ``make_problem``). Raises ``InputError``."""
    goals = read_goals(objective, minimise=minimise, limits=limits, horizon_years=scheme.years)
    return make_problem(scheme, goals, **space)


def report(found: Suggestion) -> dict[str, Any]:
    """Ranked schemes with simulated KPIs and bands, and how they were found."""
    goals, start = found.goals, found.start
    best = found.offers[0]
    answer: dict[str, Any] = {
        "objective": goals.objective.as_dict(),
        "constraints": [limit.as_dict() for limit in goals.limits],
        "feasible": goals.violation(best.values) == 0.0,
        "improved": not best.is_start,
        "evaluations": found.evaluations,
        "simulations": found.simulations,
        "failed": found.failed,
        "budget": found.budget,
        "seed": found.seed,
        "stopped": found.stopped,
        "start": {"name": start.scheme.name, **_figures(found, start)},
        "schemes": [_scheme(found, offer, i + 1) for i, offer in enumerate(found.offers)],
        "rejected": [
            {"scheme_key": o.scheme.key(), **_figures(found, o, kpis=False)} for o in found.rejected
        ],
        "pareto": [_with_scheme(row) for row in found.front],
        "by_number": [_with_scheme(row) for row in found.by_number],
        "conflicts": list(found.conflicts),
        "surrogate_gap": _gap(found),
    }
    result: dict[str, Any] = plain(answer)
    return result


def _with_scheme(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the Pareto set or of the numbers, its layout as in a scheme file."""
    return {k: v for k, v in row.items() if k != "values"} | {"scheme": to_dict(row["scheme"])}


def named(found: Suggestion, offer: Offer, rank: int) -> Scheme:
    """The layout as a scheme of its own name, read back as anybody would read it."""
    if offer.is_start:
        return offer.scheme
    scheme = replace(offer.scheme, name=f"{found.start.scheme.name} · {rank}")
    return read_scheme(to_dict(scheme))


def _scheme(found: Suggestion, offer: Offer, rank: int) -> dict[str, Any]:
    start = found.start.scheme
    scheme = named(found, offer, rank)
    broken = [f for f in check_layout(scheme, found.problem.site) if f.severity != "ok"]
    return {
        "rank": rank,
        "name": scheme.name,
        "is_start": offer.is_start,
        **_figures(found, offer),
        "changes": words(start, scheme),
        "wells": [] if offer.is_start else ghosts(start, scheme),
        "shares": list(offer.shares),
        "layout": [
            {"rule": f.rule, "well": f.well, "text": {"zh": f.text_zh, "en": f.text_en}} for f in broken
        ],
        "scheme": to_dict(scheme),
    }


def _figures(found: Suggestion, offer: Offer, *, kpis: bool = True) -> dict[str, Any]:
    """Objective, what it gains over the start, limits missed, estimate and its gap, KPIs."""
    goals = found.goals
    key = goals.objective.key
    value, before = offer.values.get(key), found.start.values.get(key)
    gain = None if value is None or before is None else value - before
    thought = None if offer.estimated is None else offer.estimated.get(key)
    out: dict[str, Any] = {
        "objective": value,
        "gain": gain,
        "gain_pct": None if gain is None or not before else 100.0 * gain / abs(before),
        "feasible": goals.violation(offer.values) == 0.0,
        "missed": _missed(goals, offer),
        "estimated": thought,
        "estimate_gap": None if thought is None or value is None else thought - value,
    }
    return out | ({"kpis": offer.confirmed.kpis} if kpis else {})


def _missed(goals: Goals, offer: Offer) -> list[dict[str, Any]]:
    return [
        {**limit.as_dict(), "reached": offer.values.get(limit.key)} for limit in goals.missed(offer.values)
    ]


def _gap(found: Suggestion) -> dict[str, Any]:
    """How far estimates of nominated layouts lay above (better) or below the simulated figure."""
    key, sign = found.goals.objective.key, found.goals.objective.sign
    gaps = []
    for offer in (*found.offers, *found.rejected):
        thought, value = (offer.estimated or {}).get(key), offer.values.get(key)
        if not offer.is_start and thought is not None and value is not None and math.isfinite(value):
            gaps.append(sign * (thought - value))
    return {
        "unit": found.goals.objective.as_dict()["unit"],
        "layouts": len(gaps),
        "mean": sum(gaps) / len(gaps) if gaps else None,
        "most_flattering": max(gaps, default=None),
        "least_flattering": min(gaps, default=None),
    }
