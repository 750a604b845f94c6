"""The uses of an evaluation as plain data: the cascade of the first and the last year, and what the hours left over."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from scenarios.cascade_view import view_of
from scenarios.evaluate import Evaluation

GJ_PER_MWH = 3.6


def uses_report(result: Evaluation) -> dict[str, Any]:
    """``cascade``: first and last operating year, hottest water first. ``hours``: GJ of each year where the scheme describes its
    energy system, else ``None``."""
    last = float(result.facts.plan.edges[-1])
    return {
        "cascade": {"first_year": _view(result, 0.0), "last_year": _view(result, last)},
        "hours": _hours(result),
    }


def _view(result: Evaluation, year: float) -> dict[str, Any]:
    return {
        key: [_plain(place) for place in value] if key == "places" else value
        for key, value in asdict(view_of(result, year)).items()
    }


def _plain(place: dict[str, Any]) -> dict[str, Any]:
    """Numbers that do not exist (a demand without limit, a price by area) as nothing."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in place.items()}


def _hours(result: Evaluation) -> dict[str, list[float]] | None:
    found = result.facts.run.delivery.hours
    if found is None:
        return None
    names = {
        "load_gj": "load",
        "delivered_gj": "delivered",
        "unmet_gj": "unmet_users",
        "curtailed_gj": "curtailed",
        "into_store_gj": "store_in",
        "from_store_gj": "store_out",
        "from_tank_gj": "tank_out",
    }
    return {key: [float(v) * GJ_PER_MWH for v in found.sums[name]] for key, name in names.items()}
