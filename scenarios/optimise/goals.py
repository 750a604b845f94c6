"""What is wanted of a scheme: one objective, and limits on any KPI. Read from what people write.

``lcoh_cny_per_gj<=45`` is a limit. Limits that contradict each other, or that nothing can fulfil, are
refused with the reason before any search begins; what only a search can tell is told after it (``search``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from scenarios.compare import NEVER_IS_BEST
from scenarios.kpis import KPIS
from scenarios.labels import short_number
from scenarios.schema_io import closest
from twin_models.errors import Fault, InputError

Origin = Literal["given", "implied"]

NOT_SEARCHED = ("probability_npv_negative_pct",)  # needs hundreds of futures of every candidate
# What no scheme can go beyond, whatever is drilled: (lowest, highest).
BOUNDS: dict[str, tuple[float, float]] = {
    "demand_met_pct": (0.0, 100.0),
    "probability_npv_negative_pct": (0.0, 100.0),
    "annual_heat_gj": (0.0, math.inf),
    "flow_m3_h": (0.0, math.inf),
    "breakthrough_years": (0.0, math.inf),
    "lifetime_years": (0.0, math.inf),
    "payback_years": (0.0, math.inf),
    "discounted_payback_years": (0.0, math.inf),
    "max_drawdown_bar": (0.0, math.inf),
    "max_injection_pressure_bar": (0.0, math.inf),
    "reinjection_ratio_pct": (0.0, math.inf),
    "heat_recovery_pct": (0.0, math.inf),
    "spf": (0.0, math.inf),
    "electric_power_mw": (0.0, 0.0),
}
_LIMIT = re.compile(r"\s*([A-Za-z0-9_]+)\s*(>=|<=|==|=|>|<|≥|≤)\s*(\S+)\s*")
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Limit:
    """``key`` at least (``>=``) or at most (``<=``) ``value``. ``implied``: kept though nobody wrote it down."""

    key: str
    op: Literal[">=", "<="]
    value: float
    origin: Origin = "given"

    def violation(self, values: Mapping[str, float | None]) -> float:
        """How far the limit is missed, relative to its size; 0 when kept.

        "Never within the life" keeps every lower limit on a lifetime; what is otherwise undefined misses by 1.
        """
        value = values.get(self.key)
        if value is None or not math.isfinite(value):
            kept = self.key in NEVER_IS_BEST and self.op == ">="
            return 0.0 if kept else 1.0
        short = self.value - value if self.op == ">=" else value - self.value
        size = max(abs(self.value), 1e-6)
        return short / size if short > _ROUNDING * size else 0.0

    def text(self) -> str:
        return f"{self.key}{self.op}{short_number(self.value)}"

    def as_dict(self) -> dict[str, Any]:
        return {"key": self.key, "op": self.op, "value": self.value, "origin": self.origin}


@dataclass(frozen=True)
class Objective:
    """``sign`` times the KPI is what grows when a scheme gets better."""

    key: str
    sign: float
    horizon_years: float

    @property
    def direction(self) -> str:
        return "maximise" if self.sign > 0.0 else "minimise"

    def merit(self, values: Mapping[str, float | None]) -> float:
        """Larger is better. A lifetime that ends after the horizon counts as the horizon and is told apart
        by the temperature lost until then; what is undefined is the worst there is."""
        value = values.get(self.key)
        if value is not None and math.isfinite(value):
            return self.sign * value
        if self.key in NEVER_IS_BEST and value is None:
            lost = values.get("temperature_decline_k")
            return self.sign * (self.horizon_years + 1.0) - 1e-3 * (lost or 0.0)
        return -math.inf

    def as_dict(self) -> dict[str, Any]:
        row = KPIS[self.key]
        return {"key": self.key, "direction": self.direction, "unit": row.unit, "zh": row.zh, "en": row.en}


@dataclass(frozen=True)
class Goals:
    objective: Objective
    limits: tuple[Limit, ...] = ()

    def violation(self, values: Mapping[str, float | None]) -> float:
        """Sum of what is missed, 0 for a scheme that keeps every limit."""
        return sum(limit.violation(values) for limit in self.limits)

    def rank_key(self, values: Mapping[str, float | None]) -> tuple[float, float]:
        """Smaller is better: first the limits, then the objective."""
        return (self.violation(values), -self.objective.merit(values))

    def missed(self, values: Mapping[str, float | None]) -> list[Limit]:
        return [limit for limit in self.limits if limit.violation(values) > 0.0]


def read_goals(
    objective: str, *, minimise: bool = False, limits: Sequence[str] = (), horizon_years: float = 30.0
) -> Goals:
    """The goals that an objective and limits such as ``KPI>=VALUE`` say. Raises ``InputError`` with every fault.

    Without ``minimise`` the objective goes the way that is better for its KPI (up where neither is).
    """
    faults: list[Fault] = []
    _check_key(objective, "objective", faults)
    if objective in NOT_SEARCHED:
        faults.append(
            _fault(
                "objective",
                "range",
                f"{objective} is known only for schemes that are settled; use it in a constraint",
                f"{objective} 只对最终方案计算,不能作为目标;可用于约束",
            )
        )
    found = [limit for i, text in enumerate(limits) for limit in _read_limit(text, i, faults)]
    if not faults:
        faults += _impossible(found, horizon_years)
        faults += _contradictions(found)
    if faults:
        raise InputError(faults)
    down = minimise or KPIS[objective].better == "down"
    return Goals(Objective(objective, -1.0 if down else 1.0, horizon_years), _tightest(found))


def _fault(field: str, reason: str, text: str, zh: str) -> Fault:
    return Fault(field, reason, text, {"text_zh": zh})


def _check_key(key: str, field: str, faults: list[Fault]) -> bool:
    if key in KPIS:
        return True
    hint = closest(key, KPIS) or f"; there are {', '.join(KPIS)}"
    faults.append(_fault(field, "unknown", f'no KPI "{key}"{hint}', f"没有指标“{key}”"))
    return False


def _read_limit(text: str, index: int, faults: list[Fault]) -> list[Limit]:
    field = f"constraint[{index}]"
    match = _LIMIT.fullmatch(text)
    if match is None:
        faults.append(
            _fault(field, "syntax", f'must look like KPI>=VALUE or KPI<=VALUE, got "{text}"',
                   f"应写成 KPI>=数值 或 KPI<=数值,实际为“{text}”")
        )  # fmt: skip
        return []
    key, sign, number = match.groups()
    known = _check_key(key, field, faults)
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        faults.append(
            _fault(
                field,
                "type",
                f"{key} must be compared with a finite number, got {number}",
                f"{key} 应与有限的数字比较,实际为 {number}",
            )
        )
        return []
    if not known:
        return []
    if sign in ("=", "=="):
        return [Limit(key, ">=", value), Limit(key, "<=", value)]
    return [Limit(key, ">=" if sign in (">=", ">", "≥") else "<=", value)]


def _impossible(limits: Sequence[Limit], horizon_years: float) -> list[Fault]:
    """Limits that no scheme of this length of operation can keep, whatever is drilled."""
    faults = []
    for limit in limits:
        low, high = BOUNDS.get(limit.key, (-math.inf, math.inf))
        if (limit.op == ">=" and limit.value > high) or (limit.op == "<=" and limit.value < low):
            end = high if limit.op == ">=" else low
            faults.append(
                _fault(
                    f"constraint {limit.text()}",
                    "impossible",
                    f"{limit.key} never goes {'above' if limit.op == '>=' else 'below'} {short_number(end)}",
                    f"{KPIS[limit.key].zh}不可能{'超过' if limit.op == '>=' else '低于'} {short_number(end)}",
                )
            )
        elif limit.key in NEVER_IS_BEST and limit.op == ">=" and limit.value > horizon_years:
            faults.append(
                _fault(
                    f"constraint {limit.text()}",
                    "impossible",
                    f"the scheme is computed for {short_number(horizon_years)} years only; set its years to at least"
                    f" {short_number(limit.value)}",
                    f"方案只计算 {short_number(horizon_years)} 年;请把运行年限设为至少 {short_number(limit.value)}",
                )
            )
    return faults


def _contradictions(limits: Sequence[Limit]) -> list[Fault]:
    faults = []
    for low in (limit for limit in limits if limit.op == ">="):
        for high in (limit for limit in limits if limit.op == "<=" and limit.key == low.key):
            if low.value > high.value:
                faults.append(
                    _fault(
                        f"constraint {low.text()}",
                        "contradiction",
                        f"cannot hold together with {high.text()}",
                        f"与 {high.text()} 互相矛盾",
                    )
                )
    return faults


def _tightest(limits: Sequence[Limit]) -> tuple[Limit, ...]:
    """Of several limits one way on one KPI, the one that matters; in the order of the first mention."""
    kept: dict[tuple[str, str], Limit] = {}
    for limit in limits:
        other = kept.get((limit.key, limit.op))
        tighter = other is None or (
            limit.value > other.value if limit.op == ">=" else limit.value < other.value
        )
        if tighter:
            kept[limit.key, limit.op] = limit
    return tuple(kept.values())
