"""The last change told again: before, after, and why every headline figure moved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox import show
from sandbox.places import wells_of
from scenarios.causes import by_input, changed_groups, lcoh_ways, npv_ways
from scenarios.changes import what_changed
from scenarios.compare import verdict
from scenarios.kpis import KPIS
from scenarios.schema_io import plain

if TYPE_CHECKING:
    from sandbox.compute import Settled
    from sandbox.session import Session

TOLD = (
    "npv_cny",
    "lcoh_cny_per_gj",
    "annual_heat_gj",
    "thermal_power_mw",
    "temperature_decline_k",
    "breakthrough_years",
    "capex_cny",
    "co2_avoided_t_per_year",
)
SMALL = 0.01  # share of the largest part below which a part is not told


def told(
    session: Session, label: str, before: Settled, after: Settled, between: Mapping[tuple[str, ...], Settled]
) -> dict[str, Any]:
    """Everything the replay panel and the scene need."""
    one, two = before.evaluation, after.evaluation
    shares = by_input(one, two, {some: s.evaluation for some, s in between.items()})
    zh = session.lang == "zh"
    return dict(
        plain(
            {
                "ready": True,
                "label": label,
                "changes": [c.text_zh if zh else c.text_en for c in what_changed(one.scheme, two.scheme)][:6],
                "groups": list(changed_groups(one.scheme, two.scheme)),
                "rows": rows(one, two, shares),
                "wells_before": wells_of(session.site, one.scheme),
                "wells_after": wells_of(session.site, two.scheme),
                "frames_before": show.frames_of(session, before),
                "frames_after": show.frames_of(session, after),
                "curve": {
                    "years": [float(y) for y in two.forecast.years],
                    "years_before": [float(y) for y in one.forecast.years],
                    "before": show.flow_mean(one),
                    "after": show.flow_mean(two),
                },
            }
        )
    )


def rows(one: Any, two: Any, shares: Mapping[str, Mapping[str, float]]) -> list[dict[str, Any]]:
    """Headline figures that changed, each with its causes: groups of inputs, and for money the way it took."""
    ways = {"npv_cny": npv_ways(one, two), "lcoh_cny_per_gj": lcoh_ways(one, two)}
    made = []
    for key in TOLD:
        before, after = one.kpis[key], two.kpis[key]
        judged = verdict(key, before, after)
        if before.value == after.value:
            continue
        made.append(
            {
                "key": key,
                "before": before.value,
                "after": after.value,
                "verdict": judged,
                "better": KPIS[key].better,
                "by": parts(shares.get(key), by=True),
                "ways": parts(ways.get(key)),
            }
        )
    return made


def parts(values: Mapping[str, float] | None, *, by: bool = False) -> list[dict[str, Any]]:
    """The parts worth telling, largest first; a single group tells itself."""
    if not values:
        return []
    most = max(abs(v) for v in values.values())
    kept = [
        {"key": k, "value": v}
        for k, v in values.items()
        if math.isfinite(v) and most > 0.0 and abs(v) >= SMALL * most
    ]
    return sorted(kept, key=lambda p: -abs(p["value"])) if by or len(kept) > 1 else kept
