"""The cascade in figures for people: who takes how much heat between which temperatures, and what comes of it.

Means over all days of flow of one operating year, so that the temperatures follow one another and the shares of the
heat above the ground's surface temperature add up to 100 per cent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scenarios.cash_flow import GJ_PER_MW_DAY, price_of
from scenarios.chain import Plan, Run
from scenarios.evaluate import Evaluation
from twin_models.uses.base import Delivery
from twin_models.uses.cascade import Cascade, Passage
from twin_models.uses.climate import DAYS, climate_of
from twin_models.uses.dispatch import Year
from twin_models.uses.system import MONTH_OF_DAY, EnergySystem, Station

PLACE_COSTS = {
    "heating": ("exchanger1", "circulation_pumps"),
    "heat_pump": ("exchanger2", "heat_pump", "intermediate_pumps"),
    "power": ("orc",),
    "drying": ("air_heater",),
    "cooling": ("absorption_chiller",),
    "wellness": ("pool_heating",),
    "agriculture": ("greenhouse_heating",),
    "aquaculture": ("pond_heating",),
}


@dataclass(frozen=True)
class Place:
    """One use in the cascade. ``heat_gj``: taken from the water in the year; ``share_pct``: of all heat above the surface
    temperature; ``product_mw``: mean while it runs; ``product_gj``, ``demand_gj`` (NaN: no limit), ``met_pct`` of it by all
    that serves it, heat pumps and boiler too; ``power_mwh``: used; ``price``: CNY per GJ (kWh for power, NaN: sold by
    area); ``income_cny``; ``capex_cny``: of its own equipment."""

    name: str
    kind: str
    inlet_degc: float
    outlet_degc: float
    heat_gj: float
    share_pct: float
    product_mw: float
    product_gj: float
    demand_gj: float
    met_pct: float
    power_mwh: float
    days: float
    price: float
    income_cny: float
    capex_cny: float


@dataclass(frozen=True)
class View:
    """``places``: in the order of the water; ``tail_pct``: share of the heat that goes back; ``store_gj``: into the seasonal store."""

    wellhead_degc: float
    tail_degc: float
    injected_degc: float | None
    flow_m3_h: float
    tail_pct: float
    store_gj: float
    places: tuple[Place, ...]


def view_of(result: Evaluation, year: float = 0.0) -> View:
    """The cascade in the operating year that holds ``year``."""
    plan, run = result.facts.plan, result.facts.run
    row = min(int(np.searchsorted(plan.edges[1:], year)), len(plan.edges) - 2)
    parts = run.delivery.parts or {"heating": run.delivery}
    names = order_of(plan, parts)
    stream = run.stream
    seconds = max(float(stream.days[row]), 1e-9)
    capacity = max(float(stream.capacity_mw_k[row]), 1e-12)
    surface = plan.use.pumping.surface_degc
    start = float(stream.temperature_degc[row])
    whole = max(capacity * (start - surface), 1e-9)
    degc = start
    places = []
    sunk = _stored_gj(run, row)
    for name in names:
        taken_gj = _taken_gj(parts, name, row) + (sunk if name == "heating" else 0.0)
        drop = taken_gj / GJ_PER_MW_DAY / seconds / capacity
        places.append(_place(result, parts, name, row, degc, drop, taken_gj, 100.0 * drop * capacity / whole))
        degc -= drop
    injected = run.injected_degc
    return View(
        wellhead_degc=start,
        tail_degc=degc,
        injected_degc=float(np.mean(injected)) if len(injected) else None,
        flow_m3_h=float(stream.flow_m3_h[row]),
        tail_pct=100.0 * capacity * (degc - surface) / whole,
        store_gj=float(run.delivery.hours.sums["store_in"][row] * 3.6) if run.delivery.hours else 0.0,
        places=tuple(places),
    )


def order_of(plan: Plan, parts: Any) -> list[str]:
    """Names in the order of the water; heat pumps are a place of their own, the last."""
    names = [] if plan.cascade is None else [step.name for step in plan.cascade.ordered]
    if "heating" in parts:
        needs = plan.use.return_or_default + plan.use.pinch_k
        before = 0
        if plan.cascade is not None:
            before = next(
                (i for i, s in enumerate(plan.cascade.ordered) if plan.cascade.heating_before(s, needs)),
                len(names),
            )
        names.insert(before, "heating")
        if plan.use.heat_pump is not None:
            names.append("heat_pump")
    return names


def _taken_gj(parts: Any, name: str, row: int) -> float:
    part: Delivery = parts["heating" if name == "heat_pump" else name]
    days = float(part.days[row]) * GJ_PER_MW_DAY
    if name == "heating":
        return float(part.series["exchanger1_mw"][row]) * days
    if name == "heat_pump":
        return float(part.series["exchanger2_mw"][row]) * days
    return float(part.extracted_mw[row]) * days


def _stored_gj(run: Run, row: int) -> float:
    """Heat taken outside the heating season, into stores."""
    hours = run.delivery.hours
    return 0.0 if hours is None else float((hours.sums["taken"] - hours.sums["in_season"])[row] * 3.6)


def _place(
    result: Evaluation,
    parts: Any,
    name: str,
    row: int,
    degc: float,
    drop: float,
    taken_gj: float,
    share: float,
) -> Place:
    flow, plan = result.cash_flow, result.facts.plan
    part: Delivery = parts["heating" if name == "heat_pump" else name]
    days = float(part.days[row])
    product = float(part.product_mw[row])
    if name == "heating" and plan.use.heat_pump is not None:
        product = float(part.series["exchanger1_mw"][row])
    if name == "heat_pump":
        product = float(part.series["heat_pump_mw"][row])
    steps = {} if plan.cascade is None else {s.name: s for s in plan.cascade.steps}
    power = float(part.power_mw[row])
    if name in ("heating", "heat_pump"):
        pumped = float(part.series["heat_pump_power_mw"][row] + part.series["intermediate_power_mw"][row])
        power = pumped if name == "heat_pump" else power - pumped
    income = flow.income_by_use.get(name)
    wanted = float(part.demand_mw[row] * part.demand_days[row]) if name != "heat_pump" else float("nan")
    met = 100.0 * min(float(part.product_mw[row]) * days / wanted, 1.0) if wanted > 0.0 else float("nan")
    return Place(
        name=name,
        kind=part.kind,
        inlet_degc=degc,
        outlet_degc=degc - drop,
        heat_gj=taken_gj,
        share_pct=share,
        product_mw=product,
        product_gj=product * days * GJ_PER_MW_DAY,
        demand_gj=wanted * GJ_PER_MW_DAY,
        met_pct=met,
        power_mwh=power * days * 24.0,
        days=days,
        price=price_of(steps[name]) if name in steps else float("nan"),
        income_cny=0.0 if income is None else float(income[row]),
        capex_cny=sum(flow.capex.get(key, 0.0) for key in PLACE_COSTS[name]),
    )


# --- the year ---------------------------------------------------------------------------------------------


def station_of(plan: Plan, run: Run) -> tuple[Station, dict[str, float], np.ndarray] | None:
    """The heating station for its hours, its sizes, and the levels (t, 2) its years begin with; ``None`` without a load."""
    cascade = plan.cascade or Cascade((), climate_of(None))
    levels = np.zeros((len(plan.edges) - 1, 2))
    if run.delivery.hours is not None:
        levels = run.delivery.hours.levels_mwh
    if cascade.system is None:
        cascade = replace(cascade, system=EnergySystem())
    station = cascade.station(run.stream, plan.use)
    if station is None:
        return None
    part = run.delivery.parts.get("heating", run.delivery)
    return station, dict(part.sizes_kw), levels


def hours_of(plan: Plan, run: Run, row: int, *, price: float = 1.0) -> Year | None:
    """The heating of the ``row``-th operating year (0 the first) hour by hour; ``None`` where no heated area is known."""
    found = station_of(plan, run)
    if found is None:
        return None
    station, sizes, levels = found
    return station.year(row, sizes, (float(levels[row, 0]), float(levels[row, 1])), price=price)


def months_of(plan: Plan, run: Run, row: int) -> dict[str, Any]:
    """Demand and product of every use by month (12,), GWh, and what the water offers above the surface temperature."""
    cascade = plan.cascade or Cascade((), climate_of(None))
    way = cascade.passage(run.stream, plan.use)
    group, flowing = _groups(cascade, way, float(run.stream.days[row]))
    capacity = float(run.stream.capacity_mw_k[row])
    offered = capacity * (float(run.stream.temperature_degc[row]) - plan.use.pumping.surface_degc)
    uses: dict[str, dict[str, np.ndarray]] = {}
    for stage in way.stages:
        name = "heating" if stage.name == "heat_pump" else stage.name
        product = stage.draw.product[row][group] * flowing
        loads = np.where(np.isfinite(stage.loads) & (stage.loads < 1e8), stage.loads, np.nan)[group]
        rows = uses.setdefault(name, {"demand": _monthly(loads), "product": np.zeros(12)})
        rows["product"] = rows["product"] + _monthly(product)
    return {"water": _monthly(offered * flowing), "uses": uses}


def _groups(cascade: Cascade, way: Passage, days: float) -> tuple[np.ndarray, np.ndarray]:
    """Typical group of each day (365,), and whether water flows on it."""
    edges = np.cumsum(np.maximum(way.lengths_d, 0.0))
    group = np.searchsorted(edges, (cascade.climate.rank + 0.5) * edges[-1] / DAYS)
    return np.minimum(group, len(edges) - 1), cascade.climate.rank < days * DAYS / 365.25


def _monthly(daily_mw: np.ndarray) -> np.ndarray:
    """GWh of each month from daily means (365,), MW."""
    starts = np.searchsorted(MONTH_OF_DAY, np.arange(12))
    return np.asarray(np.add.reduceat(daily_mw, starts)) * 24.0 / 1e3


def pictures_of(year: Year) -> dict[str, Any]:
    """What the dock draws of a dispatched year: sources by month (GWh), the coldest day (MW), load-duration (MW), levels."""
    parts = {
        "exchange": year.exchange,
        "store_out": year.store_out,
        "heat_pump": np.minimum(year.heat_pump, np.maximum(year.need - year.exchange - year.store_out, 0.0)),
        "tank_out": year.tank_out,
        "boiler": year.boiler,
        "unmet": year.unmet,
    }
    day = int(np.argmax(year.need.reshape(DAYS, 24).sum(axis=1)))
    hours = slice(24 * day, 24 * day + 24)
    order = np.argsort(-year.need, kind="stable")
    cuts = np.array_split(order, 100)
    return {
        "day": day,
        "months": {name: _monthly(v.reshape(DAYS, 24).mean(axis=1)) for name, v in parts.items()},
        "curtailed": _monthly(year.curtailed.reshape(DAYS, 24).mean(axis=1)),
        "winter": {name: v[hours] for name, v in parts.items()} | {"need": year.need[hours]},
        "duration": {name: np.array([v[c].mean() for c in cuts]) for name, v in parts.items()},
        "tank": year.level.reshape(DAYS, 24)[:, 0],
        "store": year.store_level.reshape(DAYS, 24)[:, 0],
        "sums": {
            "load": float(year.load.sum()),
            "network_loss": float(year.need.sum() - year.load.sum()),
            "unmet": float(year.unmet.sum()),
            "unmet_hours": float((year.unmet > 1e-6).sum()),
            "worst_unmet_mw": float(year.unmet.max()),
            "curtailed": float(year.curtailed.sum()),
            "store_in": float(year.store_in.sum()),
            "store_out": float(year.store_out.sum()),
            "tank_out": float(year.tank_out.sum()),
            "boiler": float(year.boiler.sum()),
            "heat_pump": float(year.heat_pump.sum()),
            "exchange": float(year.exchange.sum()),
            "power": float(year.power.sum()),
            "electricity_cny": float(year.cost_cny.sum()),
        },
    }
