"""The dispatched year as the dock draws it: months, the coldest day, the load-duration line, levels of the stores."""

from __future__ import annotations

from typing import Any

import numpy as np

from scenarios.cascade_view import hours_of, months_of, pictures_of
from scenarios.evaluate import Evaluation

SOURCES = ("exchange", "store_out", "heat_pump", "tank_out", "boiler", "unmet")


def row_of(result: Evaluation, year: float) -> int:
    """Operating year (0 the first) that holds a time."""
    edges = result.facts.plan.edges
    return min(int(np.searchsorted(edges[1:], year)), len(edges) - 2)


def picture(result: Evaluation, row: int) -> dict[str, Any]:
    """Everything of one year for the page, rounded; ``stack`` is missing where no building is heated."""
    plan, run = result.facts.plan, result.facts.run
    months = months_of(plan, run, row)
    uses = {
        name: {
            key: [None if np.isnan(v) else round(float(v), 4) for v in values] for key, values in rows.items()
        }
        for name, rows in months["uses"].items()
    }
    found: dict[str, Any] = {
        "year": row + 1,
        "water": [round(float(v), 4) for v in months["water"]],
        "uses": uses,
        "stack": None,
        "followed": run.delivery.hours is not None,
    }
    year = hours_of(plan, run, row, price=result.terms.electricity_price_cny_per_kwh)
    if year is not None:
        drawn = pictures_of(year)
        used = [name for name in SOURCES if drawn["sums"].get(name, 0.0) > 1e-6]
        found["stack"] = {
            "sources": used,
            **{
                part: {name: np.round(drawn[part][name], 4).tolist() for name in used}
                for part in ("months", "winter", "duration")
            },
            "need": np.round(drawn["winter"]["need"], 4).tolist(),
            "curtailed": np.round(drawn["curtailed"], 4).tolist(),
            "sums": {key: round(float(value), 3) for key, value in drawn["sums"].items()},
            "tank": _thinned(drawn["tank"]),
            "store": _thinned(drawn["store"]),
            "day": drawn["day"] + 1,
        }
    return found


def _thinned(daily: np.ndarray) -> list[float]:
    """Every third day, or nothing for an empty store."""
    return np.round(daily[::3], 2).tolist() if daily.max(initial=0.0) > 0.0 else []
