"""The chain of many schemes at once: the arithmetic of ``chain``, ``cash_flow`` and ``kpi_formulas`` on arrays.

Carpets, futures and searches ask for thousands of figures of schemes that are alike. Here the schemes of one
question share ground, uses, prices and years, their wells stand in one order, and every array has a leading
axis b over the schemes: (b, t, n) years and wells of one side; b is 1 where all schemes agree. The physics is
that of the scalar chain (the very functions of ``wellbore`` and ``heating``), so the two agree to rounding,
which a test holds over all shipped sites; what is not covered here (``covers``) is left to the scalar chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from scenarios.chain import HOURS, Plan
from scenarios.economics import Terms
from twin_models.uses.base import Delivery, Stream
from twin_models.uses.heating import HeatingUse
from twin_models.wellbore import (
    injected_bottom_degc,
    injection_pressure,
    production_lift,
    wellhead_temperature_degc,
)

COVERED: dict[type, set[str]] = {
    Plan: {"wells", "edges", "hot", "cold", "use", "ground", "station_m", "heat_capacity_mj_m3k", "thicker"},
    HeatingUse: {
        "area_m2",
        "load_w_m2",
        "design_load_w_m2",
        "season_days",
        "supply_degc",
        "return_degc",
        "mode",
        "approach_k",
        "heat_pump",
        "peak_boiler",
        "network_loss_pct",
        "network_head_m",
        "intermediate_head_m",
        "circulation_efficiency",
        "station_x_m",
        "station_y_m",
        "pumping",
        "name",
    },
    Terms: {
        "discount_rate",
        "heat_price_cny_per_gj",
        "heat_price_cny_per_m2",
        "electricity_price_cny_per_kwh",
        "fuel_price_cny_per_gj",
        "staff",
        "resource_tax_cny_per_m3",
        "subsidy_cny",
        "include_existing",
        "grid",
        "grid_co2_kg_per_kwh",
        "baseline",
        "costs",
        "factors",
        "uncertainty",
        "heat_subsidy_cny_per_gj",
        "heat_subsidy_years",
        "income_tax_pct",
        "depreciation_years",
    },
}


def covers(plan: Plan, terms: Terms) -> bool:
    """Whether the batch knows all that this plan asks for: heating alone, wells with constant rates.

    A field that is not in ``COVERED`` must be at its default, so that a feature added to the scalar chain is
    never left out here in silence.
    """
    for thing in (plan, plan.use, terms):
        known = COVERED.get(type(thing), set())
        for f in fields(thing):
            if f.name in known:
                continue
            default = f.default if f.default_factory is MISSING else f.default_factory()
            if default is MISSING or getattr(thing, f.name) != default:
                return False
    return all(not w.schedule and w.kind != "storage" and w.clogging is None for w in plan.wells)


@dataclass(frozen=True, eq=False)
class Flank:
    """The wells of one side in all schemes; ``chain.Side`` with a leading axis.

    ``index`` (n,): places in the scheme. (b, n): ``rate_m3_h``, ``drilled_m`` ... as in ``Side``; ``places_m``,
    ``heads_m`` (b, n, 2). ``season_d`` (t,): days of flow. Pipes: ``drop_bar`` (b, n) of each well's line,
    ``loss_w_k``, ``equivalent_m`` (b,) of all lines. ``pads`` (b, n): a number for each pad.
    """

    index: np.ndarray
    season_d: np.ndarray
    rate_m3_h: np.ndarray
    drilled_m: np.ndarray
    path_m: np.ndarray
    depth_m: np.ndarray
    rock_degc: np.ndarray
    stated_degc: np.ndarray
    deviated: np.ndarray
    existing: np.ndarray
    radius_m: np.ndarray
    places_m: np.ndarray
    pads: np.ndarray
    drop_bar: np.ndarray
    loss_w_k: np.ndarray
    equivalent_m: np.ndarray

    @cached_property
    def volume_m3(self) -> np.ndarray:
        """(b, t, n)"""
        return self.rate_m3_h[:, None, :] * self.season_d[:, None] * HOURS

    @cached_property
    def volume_of_year_m3(self) -> np.ndarray:
        return self.volume_m3.sum(axis=2)


@dataclass(frozen=True, eq=False)
class Batch:
    """``count`` schemes that share everything but their wells. ``plan``: of the first, for what they share.

    ``thicker`` and ``demand`` (b,): factors of a future on thickness and load, 1 as planned.
    """

    count: int
    plan: Plan
    terms: Terms
    hot: Flank
    cold: Flank
    thicker: np.ndarray
    demand: np.ndarray

    @property
    def days(self) -> np.ndarray:
        """(1, t) days a year in which water is produced."""
        n = self.hot.rate_m3_h.shape[1]
        return (self.hot.season_d if n else np.zeros_like(self.hot.season_d))[None, :]

    @cached_property
    def floor_degc(self) -> np.ndarray:
        """(b,) as ``Plan.floor_degc``, NaN for ``None``."""
        stated, volume = self.cold.stated_degc, self.cold.volume_m3.sum(axis=1)
        total = volume.sum(axis=1)
        if not stated.shape[1]:
            return np.full(len(total), np.nan)
        floor = (stated * volume).sum(axis=1) / np.where(total > 0.0, total, 1.0)
        return np.where(total > 0.0, floor, np.nan)


# --- the chain -----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Warm:
    """``chain.Heat`` of all schemes: (b, t, n) and (b, t); ``injected_degc`` (b, cold wells)."""

    bottom_degc: np.ndarray
    wellhead_degc: np.ndarray
    stream: Stream
    delivery: Delivery
    tail_degc: np.ndarray
    injected_degc: np.ndarray
    sizes_kw: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Work:
    """Pumps: (b, t, n) power in kW of producers and injectors; ``pump_mwh`` (b, t) of all."""

    well_pump_kw: np.ndarray
    injection_pump_kw: np.ndarray
    pump_mwh: np.ndarray


def bottoms(batch: Batch, ends_degc: np.ndarray | None) -> np.ndarray:
    """Year means (b, t, n) from temperatures at the years' ends (b, t, n), the rock's own without them."""
    rock = batch.hot.rock_degc[:, None, :]
    if ends_degc is None:
        return np.broadcast_to(rock, (rock.shape[0], len(batch.plan.edges) - 1, rock.shape[2]))
    before = np.concatenate(
        [np.broadcast_to(rock, (len(ends_degc), 1, rock.shape[2])), ends_degc[:, :-1]], axis=1
    )
    return 0.5 * (ends_degc + before)


def warm(batch: Batch, ends_degc: np.ndarray | None) -> Warm:
    """Temperatures through the chain. ``ends_degc`` (b, t, hot wells); ``None``: a ground that does not cool."""
    hot, surface = batch.hot, batch.plan.use.pumping.surface_degc
    bottom = bottoms(batch, ends_degc)
    elapsed = (np.cumsum(hot.season_d) - 0.5 * hot.season_d)[:, None]
    wellhead = wellhead_temperature_degc(
        bottom,
        hot.rate_m3_h[:, None, :],
        measured_depth_m=hot.path_m[:, None, :],
        elapsed_days=elapsed,
        surface_degc=surface,
        rock_bottom_degc=hot.rock_degc[:, None, :],
        radius_m=hot.radius_m[:, None, :],
    )
    stream = _gather(batch, wellhead)
    delivery, sizes = _deliver(batch, stream)
    used = np.divide(delivery.days, stream.days, out=np.zeros_like(stream.days), where=stream.days > 0.0)
    tail = stream.temperature_degc + (delivery.outlet_degc - stream.temperature_degc) * used
    return Warm(bottom, wellhead, stream, delivery, tail, _injected(batch, tail), sizes)


def _gather(batch: Batch, wellhead: np.ndarray) -> Stream:
    hot, plan = batch.hot, batch.plan
    volume, days = hot.volume_of_year_m3, batch.days
    shape = (batch.count, len(plan.edges) - 1)
    flow = np.where(days > 0.0, volume / np.maximum(days * HOURS, 1e-9), 0.0)
    surface = plan.use.pumping.surface_degc
    mixed = (hot.volume_m3 * wellhead).sum(axis=2) / np.maximum(volume, 1e-9)
    mixed = np.where(volume > 0.0, mixed, surface)
    capacity_w_k = np.maximum(plan.heat_capacity_mj_m3k * 1e6 * flow / 3600.0, 1e-6)
    left = np.exp(-hot.loss_w_k[:, None] / capacity_w_k)
    return Stream(
        flow_m3_h=np.broadcast_to(flow, shape),
        temperature_degc=np.broadcast_to(surface + (mixed - surface) * left, shape),
        days=np.broadcast_to(days, shape),
        heat_capacity_mj_m3k=plan.heat_capacity_mj_m3k,
    )


def _deliver(batch: Batch, stream: Stream) -> tuple[Delivery, dict[str, np.ndarray]]:
    """What heating makes of the streams (b, t), and what must be built (b,). Schemes of one floor go together."""
    floors = np.broadcast_to(batch.floor_degc, (batch.count,))
    demand = np.broadcast_to(batch.demand, (batch.count,))
    keys = np.where(np.isnan(floors), -np.inf, np.round(floors, 9))
    values = np.unique(keys)
    if len(values) == 1:
        return _deliver_at(batch.plan.use, stream, float(values[0]), demand)
    parts = []
    order = np.concatenate([np.flatnonzero(keys == v) for v in values])
    back = np.argsort(order)
    for value in values:
        rows = np.flatnonzero(keys == value)
        part = replace(
            stream,
            flow_m3_h=stream.flow_m3_h[rows],
            temperature_degc=stream.temperature_degc[rows],
            days=stream.days[rows],
        )
        parts.append(_deliver_at(batch.plan.use, part, float(value), demand[rows]))
    names = (
        "product_mw",
        "demand_mw",
        "extracted_mw",
        "outlet_degc",
        "power_mw",
        "fuel_mw",
        "days",
        "demand_days",
    )
    joined: dict[str, Any] = {n: np.concatenate([getattr(d, n) for d, _ in parts])[back] for n in names}
    sizes = {k: np.concatenate([s[k] for _, s in parts])[back] for k in parts[0][1]}
    return replace(parts[0][0], **joined, series={}, unreached=np.zeros(0, dtype=bool)), sizes


def _deliver_at(
    use: HeatingUse, stream: Stream, floor: float, demand: np.ndarray
) -> tuple[Delivery, dict[str, np.ndarray]]:
    """``HeatingUse.deliver`` with a leading axis and a factor on the load of each scheme."""
    known = None if floor == -np.inf else floor
    stream = replace(stream, floor_degc=known)
    network = use.network_degc(stream)
    levels, share = use.load_line
    loads = levels * demand[:, None, None]
    capacity = stream.capacity_mw_k[..., None]
    lift, first = use.first_stage(
        stream.temperature_degc[..., None], capacity, loads, network=network, floor=floor
    )
    left = np.zeros_like(first)
    if use.heat_pump is not None:
        drop = np.maximum(stream.temperature_degc - max(use.heat_pump.tail_degc, floor), 0.0)
        left = np.maximum((stream.capacity_mw_k * drop)[..., None] - first, 0.0)
    cop, pumped, source, boiler = use.second_stage(loads, first, left, network=network)
    parts = (first, source, pumped, boiler)
    delivery = use.summary(
        stream,
        lambda part: np.einsum("btl,l->bt", part, share),
        network=network,
        cop=cop,
        parts=parts,
        lift=lift[..., 0],
    )
    return replace(delivery, demand_mw=delivery.demand_mw * demand[:, None]), use.sizes_of(
        tuple(part.max(axis=(1, 2), initial=0.0) for part in parts), network[0] - network[1]
    )


def _injected(batch: Batch, tail: np.ndarray) -> np.ndarray:
    """Temperature at the bottom of each injector over the life (b, n)."""
    cold = batch.cold
    if not cold.rate_m3_h.shape[1]:
        return np.zeros((batch.count, 0))
    volume = batch.hot.volume_of_year_m3
    total = volume.sum(axis=1)
    weighted = (tail * volume).sum(axis=1) / np.where(total > 0.0, total, 1.0)
    mean_tail = np.where(total > 0.0, weighted, tail.mean(axis=1))
    bottom = injected_bottom_degc(
        mean_tail[:, None],
        cold.rate_m3_h,
        measured_depth_m=cold.path_m,
        elapsed_days=np.maximum(0.5 * cold.season_d.sum(), 1.0),
        rock_bottom_degc=cold.rock_degc,
        surface_degc=batch.plan.use.pumping.surface_degc,
        radius_m=cold.radius_m,
    )
    return np.where(np.isnan(cold.stated_degc), bottom, cold.stated_degc)


def pump(batch: Batch, heat: Warm, hot_bar: np.ndarray, cold_bar: np.ndarray) -> Work:
    """Pumps of all wells from the changes of pressure at the years' ends, (b, t, n) bar."""
    hot, cold, pumping = batch.hot, batch.cold, batch.plan.use.pumping
    lift = production_lift(
        hot.rate_m3_h[:, None, :],
        -hot_bar,
        true_depth_m=hot.depth_m[:, None, :],
        measured_depth_m=hot.path_m[:, None, :],
        bottom_degc=heat.bottom_degc,
        wellhead_degc=heat.wellhead_degc,
        static_level_m=pumping.static_level_m,
        surface_degc=pumping.surface_degc,
        rock_bottom_degc=hot.rock_degc[:, None, :],
        wellhead_pressure_bar=pumping.wellhead_pressure_bar + hot.drop_bar[:, None, :],
        inner_radius_m=pumping.casing_radius_m,
        efficiency=pumping.efficiency,
    ).power_kw
    press = injection_pressure(
        cold.rate_m3_h[:, None, :],
        cold_bar + cold.drop_bar[:, None, :],
        true_depth_m=cold.depth_m[:, None, :],
        measured_depth_m=cold.path_m[:, None, :],
        wellhead_degc=heat.tail_degc[..., None],
        bottom_degc=heat.injected_degc[:, None, :],
        rock_bottom_degc=cold.rock_degc[:, None, :],
        static_level_m=pumping.static_level_m,
        surface_degc=pumping.surface_degc,
        inner_radius_m=pumping.casing_radius_m,
        efficiency=pumping.efficiency,
    ).power_kw
    energy = lift.sum(axis=2) * hot.season_d + press.sum(axis=2) * cold.season_d
    return Work(lift, press, energy * HOURS / 1e3)
