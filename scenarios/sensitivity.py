"""One assumption at a time: what a KPI becomes at the low and the high end of each (a tornado).

The ends are the P10 and P90 of the same uncertainties that make the bands (``scenarios.uncertainty``); all
other assumptions stay in the middle. The ground is scaled, not simulated anew, as for the bands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from scenarios.kpi_formulas import Facts
from scenarios.kpis import KPIS, compute
from scenarios.uncertainty import GROUND_KEYS, MONEY_KEYS, Ground, _facts_in
from twin_models.base import Cancelled

DISCOUNT_STEP = 0.02  # two points either way; the choice of a rate is a choice, not a distribution


@dataclass(frozen=True)
class Swing:
    """``low``, ``high``: change of the KPI at the two ends of ``key`` (``None``: undefined there).

    ``low_at``, ``high_at``: the ends themselves, per cent or kelvin (rates: per cent).
    """

    key: str
    low: float | None
    high: float | None
    low_at: float
    high_at: float

    @property
    def size(self) -> float:
        return max((abs(v) for v in (self.low, self.high) if v is not None), default=0.0)


def tornado(
    facts: Facts, kpi: str = "npv_cny", *, cancel: Callable[[], bool] | None = None
) -> tuple[Swing, ...]:
    """Swings of a KPI, the largest first. ``facts``: of the evaluation in hand. Raises ``KeyError``."""
    if kpi not in KPIS:
        raise KeyError(kpi)
    middle = compute(facts)[kpi]
    swings = []
    for key in (*GROUND_KEYS, *MONEY_KEYS):
        low_at, high_at = facts.terms.uncertainty[key]
        ends = []
        for at in (low_at, high_at):
            if cancel is not None and cancel():
                raise Cancelled
            ends.append(_moved(compute(_with(facts, key, at))[kpi], middle))
        swings.append(Swing(key, ends[0], ends[1], low_at, high_at))
    rate = facts.terms.discount_rate
    ends = [
        _moved(compute(replace(facts, terms=replace(facts.terms, discount_rate=r)))[kpi], middle)
        for r in (max(rate - DISCOUNT_STEP, 0.0), rate + DISCOUNT_STEP)
    ]
    swings.append(
        Swing(
            "discount_rate",
            ends[0],
            ends[1],
            100.0 * max(rate - DISCOUNT_STEP, 0.0),
            100.0 * (rate + DISCOUNT_STEP),
        )
    )
    return tuple(sorted(swings, key=lambda s: -s.size))


def _moved(value: float | None, middle: float | None) -> float | None:
    return None if value is None or middle is None else value - middle


def _with(facts: Facts, key: str, at: float) -> Facts:
    """The facts with one assumption at ``at`` (per cent of its middle, or kelvin)."""
    factor = 1.0 + at / 100.0
    if key == "heat_price_pct":
        return replace(facts, flow=replace(facts.flow, income_cny=facts.flow.income_cny * factor))
    if key == "electricity_price_pct":
        return replace(facts, flow=replace(facts.flow, electricity_cny=facts.flow.electricity_cny * factor))
    if key == "capex_pct":
        flow = facts.flow
        built = replace(
            flow,
            capex_cny=flow.capex_cny * factor,
            maintenance_cny=flow.maintenance_cny * factor,
            renewal_cny=flow.renewal_cny * factor,
        )
        return replace(facts, flow=built)
    middle = Ground(1.0, 1.0, 0.0, 1.0)
    field, value = {
        "thickness_pct": ("thickness", factor),
        "permeability_pct": ("permeability", factor),
        "temperature_k": ("warmer_k", at),
        "demand_pct": ("demand", factor),
    }[key]
    return _facts_in(facts, replace(middle, **{field: value}), None)
