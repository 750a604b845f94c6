"""What wells at a pressure limit still move, in a plan: the volumes that KPIs and pumps are reckoned with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenarios.chain import Plan, Side
from twin_models.types import Forecast


def curtailed(plan: Plan, forecast: Forecast) -> Plan:
    """The plan with the rates of wells cut short by a limit; the plan itself where none is."""
    if not forecast.taken:
        return plan
    at = np.searchsorted(forecast.years, plan.edges[1:] - 1e-9)
    return replace(plan, hot=_cut(plan.hot, forecast, at), cold=_cut(plan.cold, forecast, at))


def _cut(side: Side, forecast: Forecast, at: np.ndarray) -> Side:
    taken = forecast.taken or {}
    part = np.ones_like(side.rate_m3_h)
    for j, name in enumerate(side.names):
        if name in taken:
            part[:, j] = taken[name][at]
    return replace(side, rate_m3_h=side.rate_m3_h * part, volume_m3=side.volume_m3 * part)
