"""Why a figure changed between two versions of a scheme: by what was changed, and by the way it took.

*By what*: the inputs fall into three groups (reservoir: wells and ground; station: uses; economics). Each group's
share is its Shapley value, the mean of its effect over all orders in which the groups could have been changed
(Shapley 1953, A value for n-person games): shares add up to the change exactly, and no order is preferred.

*By which way*: NPV is a sum of discounted cash flows, so its change is the sum of theirs. LCOH is a quotient
(investment + running costs less byproducts) / heat; its change is shared among the three by the same rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from scenarios.economics import discount_factors
from scenarios.kpis import KPIS
from scenarios.scheme import Scheme

GROUPS = ("reservoir", "station", "economics")
_FIELDS = {"station": ("uses",), "economics": ("economics",)}
_KEPT = ("name", "note", "keep_out")  # change no figure
Evaluate = Callable[[Scheme], Any]


def parts_of(group: str) -> tuple[str, ...]:
    """Fields of a scheme that belong to a group; what is neither station nor money is the ground's."""
    if group in _FIELDS:
        return _FIELDS[group]
    other = {*_KEPT, *(f for fields in _FIELDS.values() for f in fields)}
    return tuple(f for f in Scheme.__dataclass_fields__ if f not in other)


def changed_groups(before: Scheme, after: Scheme) -> tuple[str, ...]:
    """Groups in which two schemes differ."""
    return tuple(g for g in GROUPS if any(getattr(before, f) != getattr(after, f) for f in parts_of(g)))


def hybrid(before: Scheme, after: Scheme, groups: Sequence[str]) -> Scheme:
    """``before`` with some groups of inputs taken from ``after``."""
    fields = {f: getattr(after, f) for g in groups for f in parts_of(g)}
    return replace(before, **fields) if fields else before


def hybrids(before: Scheme, after: Scheme) -> dict[tuple[str, ...], Scheme]:
    """Every scheme between the two that the shares need; none when a single group has changed."""
    groups = changed_groups(before, after)
    return {
        some: hybrid(before, after, some)
        for size in range(1, len(groups))
        for some in combinations(groups, size)
    }


def shapley(names: Sequence[str], worth: Callable[[tuple[str, ...]], float]) -> dict[str, float]:
    """Shapley values of a game: ``worth`` of every subset (in the order of ``names``)."""
    n = len(names)
    shares = dict.fromkeys(names, 0.0)
    for name in names:
        others = [x for x in names if x != name]
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for some in combinations(others, size):
                joined = tuple(x for x in names if x in some or x == name)
                shares[name] += weight * (worth(joined) - worth(some))
    return shares


def by_input(
    before: Any, after: Any, between: Mapping[tuple[str, ...], Any], keys: Sequence[str] = tuple(KPIS)
) -> dict[str, dict[str, float]]:
    """KPI -> group -> its share of the change. A KPI undefined in any of the schemes is left out.

    ``before``, ``after``, ``between`` (``hybrids`` by the same keys): evaluations by the same predictor.
    """
    groups = changed_groups(before.scheme, after.scheme)
    known = {(): before, groups: after, **between}
    shares = {}
    for key in keys:
        values = {some: e.kpis[key].value for some, e in known.items()}
        if any(v is None or not math.isfinite(v) for v in values.values()):
            continue
        shares[key] = shapley(groups, values.__getitem__)
    return shares


def npv_ways(before: Any, after: Any) -> dict[str, float]:
    """The change of NPV (CNY) as the sum of its discounted parts; positive makes it better."""
    one, two = _present(before), _present(after)
    return {way: two[way] - one[way] for way in one}


def _present(evaluation: Any) -> dict[str, float]:
    """Present value of every kind of cash flow, costs negative; they add up to the NPV."""
    flow = evaluation.cash_flow
    factors = discount_factors(evaluation.terms.discount_rate, len(flow.heat_gj))
    return {
        "sales": float(flow.income_cny @ factors),
        "investment": -float(flow.capex_cny),
        "electricity": -float(flow.electricity_cny @ factors),
        "fuel": -float(flow.fuel_cny @ factors),
        "running": -float((flow.staff_cny + flow.maintenance_cny + flow.resource_tax_cny) @ factors),
        "renewal": -float(flow.renewal_cny @ factors),
        "baseline": -float(flow.baseline_cny @ factors),
    }


def lcoh_ways(before: Any, after: Any) -> dict[str, float] | None:
    """The change of LCOH (CNY/GJ) shared among investment, running costs and heat; ``None`` without heat."""
    one, two = _cost_of_heat(before), _cost_of_heat(after)
    if one["heat"] <= 0.0 or two["heat"] <= 0.0:
        return None

    def worth(some: tuple[str, ...]) -> float:
        now = {k: (two if k in some else one)[k] for k in one}
        return (now["investment"] + now["running"]) / now["heat"]

    return shapley(tuple(one), worth)


def _cost_of_heat(evaluation: Any) -> dict[str, float]:
    flow = evaluation.cash_flow
    factors = discount_factors(evaluation.terms.discount_rate, len(flow.heat_gj))
    return {
        "investment": float(flow.capex_cny),
        "running": float((flow.costs_cny - flow.byproducts_cny) @ factors),
        "heat": float(flow.heat_gj @ factors),
    }
