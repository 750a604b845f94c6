"""One evaluated scheme in many futures of ground and demand at once (``uncertainty`` and ``futures``, on arrays)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from scenarios.batch import covers, pump, warm
from scenarios.batch_kpis import Facts
from scenarios.batch_layout import of_plan
from scenarios.chain import Plan, Side, pressures
from scenarios.kpi_formulas import Facts as OneFacts
from twin_models.types import Forecast


class Ground(Protocol):
    """One future: factors on thickness, permeability and demand; kelvins on the rock."""

    @property
    def thickness(self) -> float: ...
    @property
    def permeability(self) -> float: ...
    @property
    def warmer_k(self) -> float: ...
    @property
    def demand(self) -> float: ...


def in_futures(facts: OneFacts, grounds: Sequence[Ground]) -> Facts | None:
    """Chain and money of every future, ``None`` for a scheme that the batch does not cover."""
    plan = facts.plan
    if plan.thicker != 1.0 or not covers(plan, facts.terms):
        return None
    thicker, easier, warmer, demand = (
        np.array([getattr(g, name) for g in grounds], dtype=np.float64)
        for name in ("thickness", "permeability", "warmer_k", "demand")
    )
    batch = of_plan(plan, facts.terms, warmer_k=warmer, thicker=thicker, demand=demand)
    ends = scaled_ends(
        plan, facts.forecast, thicker=thicker, warmer_k=warmer, injected_degc=facts.run.injected_degc
    )
    easier = (easier * thicker)[:, None, None]

    def bar(side: Side) -> np.ndarray:
        return pressures(plan, facts.forecast, side)[None] / easier

    return Facts(batch, warm(batch, ends), ends, bar(plan.hot), bar(plan.cold), pump)


def scaled_ends(
    plan: Plan,
    forecast: Forecast,
    *,
    thicker: np.ndarray,
    warmer_k: np.ndarray,
    injected_degc: np.ndarray,
) -> np.ndarray:
    """``uncertainty.scaled_forecast`` of the producers at the ends of the operating years, (b, t, n)."""
    years, hot = np.asarray(forecast.years, dtype=np.float64), plan.hot
    if not hot.names:
        return np.zeros((len(thicker), len(plan.edges) - 1, 0))
    reported = years[np.searchsorted(years, plan.edges[1:] - 1e-9)]
    at = np.concatenate(([0.0], years))
    curves = np.array(
        [[hot.rock_degc[j], *forecast.temperature_degc[name]] for j, name in enumerate(hot.names)]
    )
    sooner = reported / thicker[:, None]
    low = np.clip(np.searchsorted(at, sooner, side="right") - 1, 0, len(at) - 2)
    slope = np.diff(curves, axis=1) / np.diff(at)
    value = np.moveaxis(curves[:, low] + slope[:, low] * (sooner - at[low]), 0, 2)
    more = warmer_k[:, None, None]
    if not len(injected_degc):
        return np.asarray(value + more)
    start, back = hot.rock_degc, float(np.mean(injected_degc))
    near = np.abs(start - back) < 1e-6
    left = np.clip((value - back) / np.where(near, 1.0, start - back), 0.0, None)
    return np.where(near, value + more, back + (start + more - back) * left)
