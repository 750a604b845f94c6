"""The chain of a scheme: reservoir, well bottom, wellhead, energy station, return water, injector.

Arrays are (t, n): t operating years (the last may be a part of a year), n wells of one side (hot or cold).
A year's temperature is the mean of its two ends; pressures are those reported at its end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from scenarios.ground import Ground, ground_of
from scenarios.network import Pipes, lay_pipes
from twin_models.trajectory import path_lengths
from twin_models.types import DAYS_PER_YEAR, Forecast, Step, Well
from twin_models.uses.base import Delivery, Stream
from twin_models.uses.cascade import Cascade
from twin_models.uses.heating import HeatingUse
from twin_models.wellbore import (
    Injection,
    Lift,
    injected_bottom_degc,
    injection_pressure,
    production_lift,
    wellhead_temperature_degc,
)

HOURS = 24.0


@dataclass(frozen=True)
class Side:
    """The wells that move water one way.

    ``index``: their places in the scheme. ``rate_m3_h``, ``days``, ``volume_m3``: (t, n), rate while running,
    days of running, volume. ``drilled_m``: length drilled; ``path_m``, ``depth_m``: along the hole and
    straight down to the middle of the reservoir. ``rock_degc``: undisturbed. ``stated_degc``: injection
    temperature that the scheme states (NaN: left to the station). ``places_m``: (n, 2) at mid-reservoir.
    """

    index: np.ndarray
    names: tuple[str, ...]
    rate_m3_h: np.ndarray
    days: np.ndarray
    volume_m3: np.ndarray
    drilled_m: np.ndarray
    path_m: np.ndarray
    depth_m: np.ndarray
    rock_degc: np.ndarray
    stated_degc: np.ndarray
    deviated: np.ndarray
    existing: np.ndarray
    radius_m: np.ndarray
    varying: np.ndarray
    pads: tuple[str | None, ...]
    heads_m: np.ndarray
    places_m: np.ndarray
    pipes: Pipes

    @property
    def volume_of_year_m3(self) -> np.ndarray:
        return self.volume_m3.sum(axis=1)


@dataclass(frozen=True)
class Plan:
    """Everything of a scheme that the forecast does not change.

    ``edges``: (t + 1,) years. ``days``: (t,) days a year in which water is produced. ``thicker``: thickness
    over that of ``ground`` (uncertainty). ``cascade``: the uses beside heating, ``None`` where there are none.
    """

    wells: tuple[Well, ...]
    edges: np.ndarray
    hot: Side
    cold: Side
    use: HeatingUse
    ground: Ground
    station_m: tuple[float, float]
    heat_capacity_mj_m3k: float
    thicker: float = 1.0
    cascade: Cascade | None = None

    def deliver(self, stream: Stream) -> Delivery:
        """What the uses make of the water that arrives at the station."""
        return self.use.deliver(stream) if self.cascade is None else self.cascade.deliver(stream, self.use)

    @property
    def days(self) -> np.ndarray:
        return self.hot.days.max(axis=1, initial=0.0)

    @property
    def floor_degc(self) -> float | None:
        """Injection temperature stated by every injector, weighted by volume; ``None`` if one leaves it open."""
        stated, volume = self.cold.stated_degc, self.cold.volume_m3.sum(axis=0)
        if not len(stated) or np.isnan(stated).any() or volume.sum() <= 0.0:
            return None
        return float(np.dot(stated, volume) / volume.sum())


@dataclass(frozen=True)
class Heat:
    """Temperatures through the chain year by year.

    ``bottom_degc``, ``wellhead_degc``: (t, hot wells). ``stream``: hot water arriving at the station.
    ``tail_degc``: return water (t,), mean over all days of flow. ``injected_degc``: (cold wells,) at the
    well bottom, mean over the life.
    """

    bottom_degc: np.ndarray
    wellhead_degc: np.ndarray
    stream: Stream
    delivery: Delivery
    tail_degc: np.ndarray
    injected_degc: np.ndarray

    @property
    def station_degc(self) -> np.ndarray:
        return self.stream.temperature_degc


@dataclass(frozen=True)
class Run(Heat):
    """The whole chain: temperatures and what the pumps do.

    ``lift``: of the producers; ``injection_bar``: wellhead pressure of the injectors (t, cold wells);
    ``well_pump_kw``, ``injection_pump_kw``: (t, wells). ``pump_mwh``: electricity of all of them (t,).
    """

    lift: Lift
    injection_bar: np.ndarray
    well_pump_kw: np.ndarray
    injection_pump_kw: np.ndarray
    pump_mwh: np.ndarray


# --- what the forecast does not change -----------------------------------------------------------------


def make_plan(
    scheme: Any,
    use: HeatingUse,
    *,
    station_m: tuple[float, float] | None = None,
    cascade: Cascade | None = None,
) -> Plan:
    """Lay out a scheme: flows, lengths, pipes. ``station_m``: the site's station, if it has one."""
    reservoir = scheme.ground()
    ground = ground_of(reservoir)
    wells = scheme.ground_wells()
    whole = math.ceil(scheme.years - 1e-9)
    edges = np.minimum(np.arange(whole + 1, dtype=np.float64), scheme.years)
    if use.station_x_m is not None and use.station_y_m is not None:
        place = (use.station_x_m, use.station_y_m)
    else:
        place = station_m or _middle(scheme.wells)
    sides = [
        _side(scheme, wells, ground=ground, edges=edges, station_m=place, sign=sign) for sign in (-1.0, 1.0)
    ]
    return Plan(
        wells=wells,
        edges=edges,
        hot=sides[0],
        cold=sides[1],
        use=use,
        ground=ground,
        station_m=place,
        heat_capacity_mj_m3k=reservoir.fluid.heat_capacity_mj_m3k,
        cascade=cascade,
    )


def _middle(wells: Sequence[Any]) -> tuple[float, float]:
    """Mean of the wellheads: where a station would stand if nobody says otherwise."""
    return (
        sum(w.head_x_m for w in wells) / len(wells),
        sum(w.head_y_m for w in wells) / len(wells),
    )


def _moves(well: Well, sign: float) -> bool:
    """Whether the well moves water in that direction (+1 into the ground) at any time."""
    if well.kind == "monitor":
        return False
    if well.kind != "storage":
        return (well.kind == "injector") == (sign > 0.0)
    steps: Sequence[Any] = well.schedule or (well,)
    return any(step.rate_m3_h * sign > 0.0 for step in steps)


def _side(
    scheme: Any,
    wells: Sequence[Well],
    *,
    ground: Ground,
    edges: np.ndarray,
    station_m: tuple[float, float],
    sign: float,
) -> Side:
    index = [i for i, well in enumerate(wells) if _moves(well, sign)]
    chosen = [wells[i] for i in index]
    owners = [scheme.wells[i] for i in index]
    n, t = len(index), len(edges) - 1
    rate, days = np.zeros((t, n)), np.zeros((t, n))
    season = np.minimum(scheme.season_days, np.diff(edges) * DAYS_PER_YEAR)
    if any(well.schedule for well in chosen):
        for j, well in enumerate(chosen):
            if well.schedule:
                volume, days[:, j] = _scheduled(well.schedule, well.kind, sign, tuple(edges.tolist()))
                rate[:, j] = volume / np.maximum(days[:, j] * HOURS, 1e-9)
            else:
                rate[:, j], days[:, j] = abs(well.rate_m3_h), season
    else:
        rate[:] = np.array([abs(well.rate_m3_h) for well in chosen])
        days[:] = season[:, None]
    shapes = [shape_of(well, ground) for well in chosen]
    columns = np.array(shapes, dtype=np.float64).reshape(n, 5)
    heads = np.array([(o.head_x_m, o.head_y_m) for o in owners]).reshape(n, 2)
    existing = np.array([o.existing for o in owners], dtype=bool)
    pads = tuple(o.pad for o in owners)
    stated = [
        np.nan if well.temperature_degc is None or sign < 0.0 else well.temperature_degc for well in chosen
    ]
    return Side(
        index=np.array(index, dtype=np.intp),
        names=tuple(well.name for well in chosen),
        rate_m3_h=rate,
        days=days,
        volume_m3=rate * days * HOURS,
        drilled_m=columns[:, 0],
        path_m=columns[:, 1],
        depth_m=columns[:, 2],
        rock_degc=_rock(chosen, ground, columns[:, 3:]),
        stated_degc=np.array(
            [_stated(w) if w.schedule and sign > 0 else s for w, s in zip(chosen, stated, strict=True)]
        ),
        deviated=np.array([well.trajectory is not None for well in chosen], dtype=bool),
        existing=existing,
        radius_m=np.array([well.radius_m for well in chosen]),
        varying=np.array([well.kind == "storage" for well in chosen], dtype=bool),
        pads=pads,
        heads_m=heads,
        places_m=columns[:, 3:],
        pipes=lay_pipes(
            heads, station_m, pads=pads, flows_m3_h=rate.max(axis=0, initial=0.0), existing=existing
        ),
    )


def _stated(well: Well) -> float:
    """Injection temperature of a schedule, weighted by rate (NaN where a step leaves it open)."""
    steps = [s for s in well.schedule if s.rate_m3_h > 0.0]
    rates = np.array([s.rate_m3_h for s in steps])
    values = [s.temperature_degc if s.temperature_degc is not None else well.temperature_degc for s in steps]
    known = np.array([np.nan if v is None else v for v in values])
    return float(np.dot(rates, known) / rates.sum()) if rates.sum() > 0.0 else math.nan


@lru_cache(maxsize=512)
def _scheduled(
    schedule: tuple[Step, ...], kind: str, sign: float, edges: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Volume (m3) and days of running in each year, (t,), of a schedule in one direction."""
    start = np.array([step.start_day for step in schedule])
    stop = np.append(start[1:], np.inf)
    rates = np.array([step.rate_m3_h for step in schedule])
    moved = np.maximum(rates * sign, 0.0) if kind == "storage" else np.maximum(rates, 0.0)
    low = np.array(edges[:-1])[:, None] * DAYS_PER_YEAR
    high = np.array(edges[1:])[:, None] * DAYS_PER_YEAR
    overlap = np.maximum(np.minimum(stop, high) - np.maximum(start, low), 0.0)
    return overlap @ moved * HOURS, overlap @ (moved > 0.0)


def shape_of(well: Well, ground: Ground) -> tuple[float, float, float, float, float]:
    """Drilled length, length and depth to mid-reservoir, and place (x, y) there (m)."""
    layers = ground.open_layers(well.layers)
    top, base = layers[0].top_m, layers[-1].base_m
    middle = 0.5 * (top + base)
    if well.trajectory is None:
        return base, middle, middle, well.x_m, well.y_m
    length, depth, x, y = _path(well.trajectory)
    ratio = length / max(depth, 1e-6)
    beyond = max(base - depth, 0.0)
    return (
        length + beyond,
        middle * ratio if middle < depth else length + (middle - depth),
        middle,
        (0.5 * (x + well.x_m)),
        0.5 * (y + well.y_m),
    )


@lru_cache(maxsize=4096)
def _path(trajectory: tuple[tuple[float, float, float], ...]) -> tuple[float, float, float, float]:
    length, depth = path_lengths(trajectory)
    return length, depth, trajectory[-1][0], trajectory[-1][1]


def _rock(wells: Sequence[Well], ground: Ground, places_m: np.ndarray) -> np.ndarray:
    """Undisturbed temperature of the water each well would produce (degC), (n,)."""
    result = np.zeros(len(wells))
    groups: dict[tuple[str, ...] | None, list[int]] = {}
    for i, well in enumerate(wells):
        groups.setdefault(well.layers, []).append(i)
    for names, members in groups.items():
        at = places_m[members]
        result[members] = ground.rock_degc(ground.open_layers(names), at[:, 0], at[:, 1])
    return result


# --- the chain itself ----------------------------------------------------------------------------------


def year_means(plan: Plan, forecast: Forecast | None) -> np.ndarray:
    """Mean bottom temperature of each producer in each year, (t, n); the rock's own without a forecast."""
    hot = plan.hot
    t = len(plan.edges) - 1
    if forecast is None:
        return np.broadcast_to(hot.rock_degc, (t, len(hot.names)))
    ends = year_ends(plan, forecast, hot)
    with_start = np.vstack([hot.rock_degc[None, :], ends])
    means = 0.5 * (with_start[1:] + with_start[:-1])
    return np.where(hot.varying, ends, means) if hot.varying.any() else means


def year_ends(plan: Plan, forecast: Forecast, side: Side) -> np.ndarray:
    """Bottom temperature at the end of each year (t, n), from a forecast that reports those years."""
    at = np.searchsorted(forecast.years, plan.edges[1:] - 1e-9)
    if not side.names:
        return np.zeros((len(at), 0))
    return np.array([forecast.temperature_degc[name] for name in side.names])[:, at].T


def pressures(plan: Plan, forecast: Forecast, side: Side) -> np.ndarray:
    """Change of pressure at the wells at the end of each year (t, n), bar."""
    t = len(plan.edges) - 1
    if not side.names:
        return np.zeros((t, len(side.names)))
    at = np.searchsorted(forecast.years, plan.edges[1:] - 1e-9)
    return np.array([forecast.pressure_change_bar[name] for name in side.names])[:, at].T


def warm(plan: Plan, forecast: Forecast | None) -> Heat:
    """Temperatures through the chain for every year. ``None``: a reservoir that does not cool."""
    bottom = year_means(plan, forecast)
    wellhead = _wellheads(plan, bottom)
    stream = _gather(plan, wellhead)
    delivery = plan.deliver(stream)
    tail = _mixed_tail(stream, delivery)
    return Heat(bottom, wellhead, stream, delivery, tail, _injected(plan, tail))


def first_guess(plan: Plan) -> np.ndarray:
    """Injection temperatures (cold wells,) that a reservoir without cooling would lead to."""
    if plan.cascade is None:
        return warm(plan, None).injected_degc
    stream = _gather(plan, _wellheads(plan, year_means(plan, None)))
    return _injected(plan, plan.cascade.tail_degc(stream, plan.use))


def _wellheads(plan: Plan, bottom_degc: np.ndarray) -> np.ndarray:
    """Temperature of each producer's water at the surface (t, n)."""
    hot, use = plan.hot, plan.use
    return wellhead_temperature_degc(
        bottom_degc,
        hot.rate_m3_h,
        measured_depth_m=hot.path_m,
        elapsed_days=np.cumsum(hot.days, axis=0) - 0.5 * hot.days,
        surface_degc=use.pumping.surface_degc,
        rock_bottom_degc=hot.rock_degc,
        radius_m=hot.radius_m,
    )


def follow(plan: Plan, forecast: Forecast, heat: Heat) -> Run:
    """Add the pumps, which nothing else depends on."""
    lift, injection = _pumps(plan, forecast, heat)
    electricity = (lift.power_kw * plan.hot.days).sum(axis=1)
    electricity = electricity + (injection.power_kw * plan.cold.days).sum(axis=1)
    return Run(
        **{name: getattr(heat, name) for name in Heat.__dataclass_fields__},
        lift=lift,
        injection_bar=injection.wellhead_bar,
        well_pump_kw=lift.power_kw,
        injection_pump_kw=injection.power_kw,
        pump_mwh=electricity * HOURS / 1e3,
    )


def _gather(plan: Plan, wellhead: np.ndarray) -> Stream:
    """Mix the wells' water on the way to the station; lines lose U' L (T - T_surface)."""
    hot = plan.hot
    volume = hot.volume_of_year_m3
    days = plan.days
    flow = np.where(days > 0.0, volume / np.maximum(days * HOURS, 1e-9), 0.0)
    surface = plan.use.pumping.surface_degc
    some = volume > 0.0
    mixed = np.where(some, (hot.volume_m3 * wellhead).sum(axis=1) / np.maximum(volume, 1e-9), surface)
    capacity_w_k = np.maximum(plan.heat_capacity_mj_m3k * 1e6 * flow / 3600.0, 1e-6)
    left = np.exp(-float(hot.pipes.loss_w_k.sum()) / capacity_w_k)
    arriving = surface + (mixed - surface) * left
    return Stream(
        flow_m3_h=flow,
        temperature_degc=arriving,
        days=days,
        heat_capacity_mj_m3k=plan.heat_capacity_mj_m3k,
        floor_degc=plan.floor_degc,
    )


def _mixed_tail(stream: Stream, delivery: Delivery) -> np.ndarray:
    """Return water over all days of flow: days without delivery send the water back as it came."""
    used = np.divide(delivery.days, stream.days, out=np.zeros_like(stream.days), where=stream.days > 0.0)
    return stream.temperature_degc + (delivery.outlet_degc - stream.temperature_degc) * used


def _injected(plan: Plan, tail: np.ndarray) -> np.ndarray:
    """Temperature at the bottom of each injector over the life (degC), stated or left by the station."""
    cold = plan.cold
    if not len(cold.names):
        return np.zeros(0)
    volume = plan.hot.volume_of_year_m3
    mean_tail = float(np.dot(tail, volume) / volume.sum()) if volume.sum() > 0.0 else float(tail.mean())
    rate = cold.rate_m3_h.max(axis=0)
    bottom = injected_bottom_degc(
        mean_tail,
        rate,
        measured_depth_m=cold.path_m,
        elapsed_days=np.maximum(0.5 * cold.days.sum(axis=0), 1.0),
        rock_bottom_degc=cold.rock_degc,
        surface_degc=plan.use.pumping.surface_degc,
        radius_m=cold.radius_m,
    )
    return np.where(np.isnan(cold.stated_degc), bottom, cold.stated_degc)


def _pumps(plan: Plan, forecast: Forecast, heat: Heat) -> tuple[Lift, Injection]:
    """Pumps of producers and injectors, pressure drop of the lines included."""
    hot, cold, pumping = plan.hot, plan.cold, plan.use.pumping
    lift = production_lift(
        hot.rate_m3_h,
        -pressures(plan, forecast, hot),
        true_depth_m=hot.depth_m,
        measured_depth_m=hot.path_m,
        bottom_degc=heat.bottom_degc,
        wellhead_degc=heat.wellhead_degc,
        static_level_m=pumping.static_level_m,
        surface_degc=pumping.surface_degc,
        rock_bottom_degc=hot.rock_degc,
        wellhead_pressure_bar=pumping.wellhead_pressure_bar + hot.pipes.drop_of_well_bar,
        inner_radius_m=pumping.casing_radius_m,
        efficiency=pumping.efficiency,
    )
    injection = injection_pressure(
        cold.rate_m3_h,
        pressures(plan, forecast, cold) + cold.pipes.drop_of_well_bar,
        true_depth_m=cold.depth_m,
        measured_depth_m=cold.path_m,
        wellhead_degc=heat.tail_degc[:, None],
        bottom_degc=heat.injected_degc,
        rock_bottom_degc=cold.rock_degc,
        static_level_m=pumping.static_level_m,
        surface_degc=pumping.surface_degc,
        inner_radius_m=pumping.casing_radius_m,
        efficiency=pumping.efficiency,
    )
    return lift, injection


def resolved_wells(plan: Plan, injected_degc: np.ndarray) -> tuple[Well, ...]:
    """The wells with the station's return temperature put into injectors that state none."""
    wells = list(plan.wells)
    for j, i in enumerate(plan.cold.index):
        well = wells[i]
        if not np.isnan(plan.cold.stated_degc[j]) or well.kind != "injector":
            continue
        wells[i] = _injecting_at(well, float(injected_degc[j]))
    return tuple(wells)


def _injecting_at(well: Well, degc: float) -> Well:
    """The well with a temperature for everything it injects.

    Copying the fields is five times quicker than ``replace``, which counts with many wells under a hand.
    """
    if not well.schedule:
        other = object.__new__(Well)
        other.__dict__.update(well.__dict__)
        other.__dict__["temperature_degc"] = degc
        return other
    steps = tuple(
        step if step.temperature_degc is not None else replace(step, temperature_degc=degc)
        for step in well.schedule
    )
    return replace(well, temperature_degc=degc, schedule=steps)
