"""80 % bands of every KPI from futures of ground, demand, prices and costs.

``DRAWS`` futures, the same for every scheme of one seed (common random numbers), drawn by Latin hypercube: what
varies and by how much stands in ``assets/factors.yaml`` and can be set in a scheme
(``economics.uncertainty``). The ground of each future is not simulated anew; the forecast in hand is scaled:

* thickness x h: a front moves 1/h as fast, so T'(t) = T(t / h); drawdown / h. Exact for advection in a
  layer; heat gained from confining rock is taken along unscaled (it is a correction of a correction);
* permeability x k: drawdown / k, temperatures unchanged (rates are given);
* rock warmer by dT: T' = T_inj + (T_0 + dT - T_inj) (T - T_inj)/(T_0 - T_inj), exact for linear transport.

What is not covered: another pattern of heterogeneity, faults, chemistry. Low and high are P10 and P90
relative to the median of the draws, carried over to the value in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from scipy.special import ndtri

from scenarios.batch_futures import in_futures
from scenarios.batch_kpis import Facts as Many
from scenarios.batch_kpis import figures
from scenarios.cash_flow import cash_flow
from scenarios.chain import Plan, follow, warm
from scenarios.economics import Terms, discount_factors, irr_rows, npv, payback
from scenarios.kpi_formulas import Facts
from scenarios.kpis import KPIS, compute
from scenarios.taxes import profit_tax
from twin_models.base import Cancelled
from twin_models.types import Forecast

GROUNDS = 24
DRAWS = 48
P90 = 1.2815515655446004  # standard normal quantile
GROUND_KEYS = ("thickness_pct", "permeability_pct", "temperature_k", "demand_pct")
MONEY_KEYS = ("heat_price_pct", "capex_pct", "electricity_price_pct")
NEVER_IS_LATE = ("breakthrough_years", "lifetime_years", "payback_years", "discounted_payback_years")

Band = tuple[float | None, float | None]


@dataclass(frozen=True)
class Ground:
    """One future of ground and demand: factors on thickness, permeability, demand; kelvins on the rock."""

    thickness: float
    permeability: float
    warmer_k: float
    demand: float


@dataclass(frozen=True)
class Bands:
    """KPI -> (low, high), and the draws they come from (key -> (DRAWS,), median not yet moved)."""

    bands: Mapping[str, Band]
    probability_npv_negative_pct: float
    draws: Mapping[str, np.ndarray]


@lru_cache(maxsize=32)
def unit_draws(seed: int, count: int, columns: int) -> np.ndarray:
    """Latin hypercube of standard normal scores (count, columns); equal seeds give equal draws.

    McKay, Beckman & Conover (1979), Technometrics 21(2), 239-245, at the middle of each stratum.
    """
    rng = np.random.default_rng([seed, count, columns])
    ranks = np.array([rng.permutation(count) for _ in range(columns)]).T
    scores = ndtri((ranks + 0.5) / count)
    scores.setflags(write=False)
    return scores


def spread(scores: np.ndarray, low: float, high: float, *, per_cent: bool) -> np.ndarray:
    """Values whose P10 and P90 are as stated: factors (lognormal) for per cent, else additions (normal)."""
    share = scores / P90
    if not per_cent:
        return np.where(share < 0.0, -share * low, share * high)
    return np.exp(np.where(share < 0.0, -share * np.log1p(low / 100.0), share * np.log1p(high / 100.0)))


def _columns(
    scores: np.ndarray, keys: tuple[str, ...], ranges: Mapping[str, tuple[float, float]]
) -> np.ndarray:
    values = [spread(scores[:, j], *ranges[key], per_cent=key.endswith("_pct")) for j, key in enumerate(keys)]
    return np.array(values).T


def scaled_forecast(plan: Plan, forecast: Forecast, ground: Ground, injected_degc: np.ndarray) -> Forecast:
    """The forecast in another ground (module text). Later than its last year it goes on in a straight line."""
    years = np.asarray(forecast.years)
    hot, cold = plan.hot, plan.cold
    back = float(np.mean(injected_degc)) if len(injected_degc) else None
    sooner = years / ground.thickness
    temperature = dict(forecast.temperature_degc)
    for j, name in enumerate(hot.names):
        start = float(hot.rock_degc[j])
        curve = np.concatenate(([start], forecast.temperature_degc[name]))
        at = np.concatenate(([0.0], years))
        value = np.interp(sooner, at, curve)
        slope = (curve[-1] - curve[-2]) / (at[-1] - at[-2])
        value = value + slope * np.maximum(sooner - at[-1], 0.0)
        if back is None or abs(start - back) < 1e-6:
            temperature[name] = value + ground.warmer_k
        else:
            left = np.clip((value - back) / (start - back), 0.0, None)
            temperature[name] = back + (start + ground.warmer_k - back) * left
    easier = ground.permeability * ground.thickness
    moved = {*hot.names, *cold.names}
    pressure = {
        name: change / easier if name in moved else change
        for name, change in forecast.pressure_change_bar.items()
    }
    return replace(forecast, temperature_degc=temperature, pressure_change_bar=pressure)


def _facts_in(facts: Facts, ground: Ground, estimate: Callable[[Ground], Forecast] | None) -> Facts:
    """Chain and money of one future of the ground."""
    plan, use = facts.plan, facts.plan.use
    if estimate is None:
        forecast = scaled_forecast(plan, facts.forecast, ground, facts.run.injected_degc)
    else:
        forecast = estimate(ground)
    design = use.design_load_w_m2
    there = replace(
        plan,
        hot=replace(plan.hot, rock_degc=plan.hot.rock_degc + ground.warmer_k),
        cold=replace(plan.cold, rock_degc=plan.cold.rock_degc + ground.warmer_k),
        use=replace(
            use,
            load_w_m2=use.load_w_m2 * ground.demand,
            design_load_w_m2=None if design is None else design * ground.demand,
        ),
        thicker=ground.thickness,
        cascade=None if plan.cascade is None else plan.cascade.scaled(ground.demand),
    )
    run = follow(there, forecast, warm(there, forecast))
    return Facts(there, forecast, run, cash_flow(there, run, facts.terms), facts.terms)


def bands_of(
    scheme: Any,
    facts: Facts,
    values: Mapping[str, float | None],
    *,
    estimate: Callable[[Ground], Forecast] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Bands:
    """Bands of all KPIs round the ``values`` in hand; ``scheme.seed`` picks the draws.

    ``estimate``: a forecast for one future of the ground, where scaling the forecast in hand is not wanted.
    """
    ranges = facts.terms.uncertainty
    grounds = _columns(unit_draws(scheme.seed, GROUNDS, len(GROUND_KEYS)), GROUND_KEYS, ranges)
    rows = [Ground(row[0], row[1], row[2], row[3]) for row in grounds.tolist()]
    money = _columns(unit_draws(scheme.seed, DRAWS, len(MONEY_KEYS)), MONEY_KEYS, ranges)
    together = in_futures(facts, rows) if estimate is None else None
    if together is not None:
        draws = _together_draws(together)
        flows: Callable[[str], np.ndarray] = partial(getattr, together.flow)
    else:
        futures = []
        for row in rows:
            if cancel is not None and cancel():
                raise Cancelled
            futures.append(_facts_in(facts, row, estimate))
        draws = _ground_draws(futures)

        def flows(name: str) -> np.ndarray:
            return np.array([getattr(f.flow, name) for f in futures])

    draws.update(_money_draws(flows, money, facts.terms))
    life = float(facts.plan.edges[-1])
    bands = {key: _band(key, draws[key], values[key], life) for key in draws}
    worth = draws["npv_cny"]
    value = values["npv_cny"]
    moved = worth + (0.0 if value is None else value - float(np.median(worth)))
    return Bands(bands, 100.0 * float(np.mean(moved < 0.0)), draws)


def _ground_draws(futures: list[Facts]) -> dict[str, np.ndarray]:
    """KPIs of every future of the ground; what never happens is late, what is undefined is NaN."""
    rows = [compute(f) for f in futures]
    result = {}
    for key in rows[0]:
        missing = np.inf if key in NEVER_IS_LATE else np.nan
        result[key] = np.array([missing if row[key] is None else row[key] for row in rows], dtype=np.float64)
    return result


def _together_draws(facts: Many) -> dict[str, np.ndarray]:
    """As ``_ground_draws`` for futures that were computed together."""
    found = figures(facts, KPIS)
    out = {}
    for key in KPIS:
        values = found.get(key, np.full(facts.batch.count, np.nan))
        missing = np.inf if key in NEVER_IS_LATE else np.nan
        out[key] = np.where(np.isnan(values), missing, values)
    return out


def _money_draws(
    flows: Callable[[str], np.ndarray], factors: np.ndarray, terms: Terms
) -> dict[str, np.ndarray]:
    """Money KPIs (DRAWS,): ground futures in turn, each with its own prices and costs. ``flows``: field of the
    cash flow -> its values in every future of the ground."""
    rate = terms.discount_rate
    price, build, power = (factors[:, j : j + 1] for j in range(3))
    turn = np.arange(len(factors)) % len(flows("capex_cny"))

    def rows(name: str) -> np.ndarray:
        return np.asarray(flows(name)[turn])

    capex = rows("capex_cny") * build[:, 0]
    built = (rows("maintenance_cny") + rows("renewal_cny")) * build
    other = rows("fuel_cny") + rows("staff_cny") + rows("resource_tax_cny")
    costs = built + other + rows("electricity_cny") * power
    profit = rows("income_cny") * price - costs
    pct, written = terms.income_tax_pct, terms.depreciation_years
    net = profit - profit_tax(profit, capex, pct=pct, years=written) - rows("baseline_cny")
    cash = np.column_stack([-capex, net])
    discount = discount_factors(rate, costs.shape[1])
    heat = rows("heat_gj") @ discount
    late = {
        "payback_years": payback(cash),
        "discounted_payback_years": payback(cash, rate),
    }
    return {
        "capex_cny": capex,
        "opex_cny_per_year": costs.mean(axis=1),
        "lcoh_cny_per_gj": np.divide(
            capex + costs @ discount, heat, out=np.full_like(heat, np.nan), where=heat > 0.0
        ),
        "npv_cny": npv(cash, rate),
        "irr_pct": 100.0 * irr_rows(cash),
        **{key: np.where(np.isnan(v), np.inf, v) for key, v in late.items()},
    }


def _band(key: str, draws: np.ndarray, value: float | None, life: float) -> Band:
    """P10 and P90 moved so that the median of the draws falls on the value in hand."""
    known = draws[~np.isnan(draws)]
    if len(known) < 5:
        return None, None
    low, middle, high = (float(v) for v in np.quantile(known, (0.1, 0.5, 0.9), method="inverted_cdf"))
    if value is None:
        return (low if key in NEVER_IS_LATE and np.isfinite(low) else None), None
    if not np.isfinite(middle):
        return min(value, low), None
    if low > 0.0 and value > 0.0:
        low, high = value * low / middle, value * high / middle
    else:
        low, high = value + (low - middle), value + (high - middle)
    if key in NEVER_IS_LATE and high > life:
        return min(low, value), None
    return min(low, value), (max(high, value) if np.isfinite(high) else None)
