"""How each KPI is computed: small functions of the facts of one evaluation. The table is in ``kpis``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from scenarios.cash_flow import CashFlow
from scenarios.chain import Plan, Run, pressures, year_ends
from scenarios.economics import Terms, discount_factors
from scenarios.economics import irr as internal_rate
from scenarios.ground import drained_area_m2
from twin_models.types import Forecast

BREAKTHROUGH_SHARE = 0.01
LIFETIME_SHARE = 0.10
LONE_WELL_MARGIN_M = 500.0


@dataclass(frozen=True)
class Facts:
    """Everything a KPI may be computed from."""

    plan: Plan
    forecast: Forecast
    run: Run
    flow: CashFlow
    terms: Terms

    @cached_property
    def seconds(self) -> np.ndarray:
        """Seconds of production in each year."""
        return self.plan.days * 86_400.0

    @cached_property
    def returned_degc(self) -> np.ndarray:
        """Temperature at which water goes back, (t,): mean of the injectors by volume, else the station's tail."""
        volume = self.plan.cold.volume_m3
        total = volume.sum(axis=1)
        if not len(self.run.injected_degc):
            return self.run.tail_degc
        mean = (volume @ self.run.injected_degc) / np.maximum(total, 1e-9)
        return np.where(total > 0.0, mean, self.run.tail_degc)

    @cached_property
    def extracted_mw(self) -> np.ndarray:
        """rho c Q (T_bottom - T_returned), mean over each year's season (t,)."""
        volume = self.plan.hot.volume_m3
        lost = (volume * (self.run.bottom_degc - self.returned_degc[:, None])).sum(axis=1)
        joule = lost * self.plan.heat_capacity_mj_m3k
        return np.divide(joule, self.seconds, out=np.zeros_like(joule), where=self.seconds > 0.0)

    @cached_property
    def losses(self) -> tuple[np.ndarray, np.ndarray]:
        """Temperature lost by each producer (t + 1, n) and the span T_initial - T_returned (n,)."""
        hot = self.plan.hot
        ends = year_ends(self.plan, self.forecast, hot)
        lost = hot.rock_degc - np.vstack([hot.rock_degc[None, :], ends])
        return lost, hot.rock_degc - float(np.mean(self.returned_degc))

    @cached_property
    def mean_loss(self) -> tuple[np.ndarray, float]:
        """Flow-weighted loss (t + 1,) and span."""
        lost, span = self.losses
        weight = self.plan.hot.volume_m3
        total = np.maximum(weight.sum(axis=1), 1e-9)
        mean = np.append(0.0, (lost[1:] * weight).sum(axis=1) / total)
        life = weight.sum(axis=0)
        return mean, float(np.dot(span, life) / max(life.sum(), 1e-9))


# --- productivity ----------------------------------------------------------------------------------------


def total_flow(f: Facts) -> float:
    first = f.plan.hot.volume_of_year_m3[0]
    return float(first / (f.plan.days[0] * 24.0)) if f.plan.days[0] > 0.0 else 0.0


def yearly_heat(f: Facts) -> float:
    return float(f.flow.heat_gj.sum() / f.plan.edges[-1])


def net_power(f: Facts) -> float:
    """Electricity generated less well pumps, mean over the first year's days of flow; 0 where none is generated."""
    if not any(part.kind == "power" for part in f.run.delivery.parts.values()) or f.plan.days[0] <= 0.0:
        return 0.0
    made = np.broadcast_to(f.flow.generated_mwh, f.plan.days.shape)[0]
    return float((made - f.run.pump_mwh[0]) / (f.plan.days[0] * 24.0)) if made > 0.0 else 0.0


def met(f: Facts) -> float | None:
    wanted = float(f.flow.demand_gj.sum())
    return 100.0 * float(f.flow.heat_gj.sum()) / wanted if wanted > 0.0 else None


def spf(f: Facts) -> float | None:
    used = float(f.flow.electricity_mwh.sum()) * 3.6
    return float(f.flow.heat_gj.sum()) / used if used > 0.0 else None


# --- sustainability --------------------------------------------------------------------------------------


def first_below(years: np.ndarray, lost: np.ndarray, limit: np.ndarray | float) -> float | None:
    """First time any loss (t + 1, n), starting at year 0, reaches its limit (n,); straight lines between years."""
    over = lost - limit
    reached = over >= 0.0
    wells = np.flatnonzero(reached.any(axis=0))
    if not len(wells):
        return None
    row = reached[:, wells].argmax(axis=0)
    now, before = over[row, wells], over[np.maximum(row - 1, 0), wells]
    step = np.where(row > 0, now - before, 1.0)
    part = np.where(row > 0, -before / step, 0.0)
    left = years[np.maximum(row - 1, 0)]
    return float((left + part * (years[row] - left)).min())


def breakthrough(f: Facts) -> float | None:
    if not f.plan.hot.names or not f.plan.cold.names:
        return None
    lost, span = f.losses
    moving = (f.plan.hot.volume_m3.sum(axis=0) > 0.0) & ~f.plan.hot.varying & (span > 0.0)
    return first_below(f.plan.edges, lost[:, moving], BREAKTHROUGH_SHARE * span[moving])


def lifetime(f: Facts) -> float | None:
    if not f.plan.hot.names or not f.plan.cold.names:
        return None
    mean, span = f.mean_loss
    return first_below(f.plan.edges, mean[:, None], LIFETIME_SHARE * span) if span > 0.0 else None


def decline(f: Facts) -> float | None:
    return float(f.mean_loss[0][-1]) if f.plan.hot.names else None


def drawdown(f: Facts) -> float | None:
    changes = pressures(f.plan, f.forecast, f.plan.hot)
    return float(max(0.0, (-changes).max())) if changes.size else None


def injection(f: Facts) -> float | None:
    changes = pressures(f.plan, f.forecast, f.plan.cold)
    return float(max(0.0, changes.max())) if changes.size else None


def returned(f: Facts) -> float | None:
    out = float(f.plan.hot.volume_m3.sum())
    return 100.0 * float(f.plan.cold.volume_m3.sum()) / out if out > 0.0 else None


def recovery(f: Facts) -> float | None:
    """Margin: mean distance from each producer to its nearest injector (500 m without one)."""
    plan = f.plan
    if not plan.hot.names:
        return None
    hot, cold = plan.hot.places_m, plan.cold.places_m
    margin = LONE_WELL_MARGIN_M
    if len(cold):
        gaps = np.hypot(hot[:, None, 0] - cold[None, :, 0], hot[:, None, 1] - cold[None, :, 1])
        margin = float(gaps.min(axis=1).mean()) or LONE_WELL_MARGIN_M
    box = plan.ground.reservoir.extent_m
    area = min(drained_area_m2(np.vstack([hot, cold]), margin), box[0] * box[1])
    in_place = plan.thicker * area * plan.ground.heat_j_per_m2(plan.use.pumping.surface_degc)
    produced = float((f.extracted_mw * f.seconds).sum()) * 1e6
    return 100.0 * produced / in_place if in_place > 0.0 else None


# --- economics -------------------------------------------------------------------------------------------


def lcoh(f: Facts) -> float | None:
    factors = discount_factors(f.terms.discount_rate, len(f.flow.heat_gj))
    heat = float(np.dot(f.flow.heat_gj, factors))
    if heat <= 0.0:
        return None
    costs = f.flow.costs_cny - f.flow.byproducts_cny
    return (f.flow.capex_cny + float(np.dot(costs, factors))) / heat


def finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def rate_of_return(f: Facts) -> float | None:
    rate = internal_rate(f.flow.flows_cny)
    return None if rate is None else 100.0 * rate


# --- environment -----------------------------------------------------------------------------------------


def fuel_gj(f: Facts) -> float:
    """Fuel of a boiler baseline for the same heat, GJ a year."""
    if f.terms.baseline.kind not in ("coal_boiler", "gas_boiler"):
        return 0.0
    return yearly_heat(f) / f.terms.baseline.boiler_efficiency


def coal_tce(f: Facts) -> float:
    return fuel_gj(f) / f.terms.factors["coal_gj_per_tce"]


def co2(f: Facts) -> float:
    """Baseline's fuel and electricity minus the scheme's own; cold is made by electric chillers in the baseline."""
    factors, years = f.terms.factors, float(f.plan.edges[-1])
    per_gj = {
        "coal_boiler": factors["coal_co2_t_per_tce"] / factors["coal_gj_per_tce"],
        "gas_boiler": factors["gas_co2_kg_per_gj"] / 1e3,
    }.get(f.terms.baseline.kind, 0.0)
    own_fuel = {"coal": factors["coal_co2_t_per_tce"] / factors["coal_gj_per_tce"]}
    boiler = f.plan.use.peak_boiler
    burnt = float(f.flow.fuel_gj.sum()) / years
    burnt_t = burnt * own_fuel.get(boiler.fuel if boiler else "", factors["gas_co2_kg_per_gj"] / 1e3)
    before_mwh = yearly_heat(f) * f.terms.baseline.electricity_kwh_per_gj / 1e3
    before_mwh += float(np.sum(f.flow.cold_gj)) / years / 3.6 / factors["electric_chiller_cop"]
    now_mwh = (float(f.flow.electricity_mwh.sum()) - float(np.sum(f.flow.generated_mwh))) / years
    return fuel_gj(f) * per_gj + (before_mwh - now_mwh) * f.terms.grid_co2_kg_per_kwh - burnt_t


def coal_emission(key: str) -> Callable[[Facts], float]:
    def compute(f: Facts) -> float:
        if f.terms.baseline.kind != "coal_boiler":
            return 0.0
        boiler = f.plan.use.peak_boiler
        own = (
            float(f.flow.fuel_gj.sum()) / float(f.plan.edges[-1]) if boiler and boiler.fuel == "coal" else 0.0
        )
        tce = coal_tce(f) - own / f.terms.factors["coal_gj_per_tce"]
        return tce * f.terms.factors[key] / 1e3

    return compute
