"""The cascade: uses take from the water one after another, hottest first; what they leave goes to the injector.

    wells -> power -> drying -> cooling -> pools -> heating's exchanger -> greenhouses, ponds -> heat pumps -> injector

The order is that of the temperatures that the uses require, unless ``order`` names another; the heating's heat pumps
come last. The year is followed at the typical days of ``climate``, so that winter's heating and summer's cooling do not
meet. All water passes every use; a use that is not needed lets it through. Wells that run a part of the year run on its
coldest days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from twin_models.types import DAYS_PER_YEAR, Notice
from twin_models.uses.base import Delivery, Draw, Step, Stream, Water
from twin_models.uses.climate import Climate, Moments, moments
from twin_models.uses.heating import HeatingUse
from twin_models.uses.system import EnergySystem, Station, with_hours

KELVIN = 273.15


@dataclass(frozen=True)
class Stage:
    """One step as it went: ``inlet_degc``, ``outlet_degc`` (t, s) of the water, ``loads`` (s,) and the draw."""

    name: str
    inlet_degc: np.ndarray
    outlet_degc: np.ndarray
    loads: np.ndarray
    draw: Draw


@dataclass(frozen=True)
class Passage:
    """One way through the cascade. ``days``: (t, s) days each group lasts, ``lengths_d``: (s,) in a whole year of flow;
    ``stages``: hottest first."""

    stream: Stream
    days: np.ndarray
    lengths_d: np.ndarray
    outdoor_degc: np.ndarray
    stages: tuple[Stage, ...]
    tail_degc: np.ndarray

    def over_days(self, values: np.ndarray) -> np.ndarray:
        """Mean over all days of flow (t,)."""
        total = np.maximum(self.days.sum(axis=1), 1e-9)
        return (np.broadcast_to(values, self.days.shape) * self.days).sum(axis=1) / total


@dataclass(frozen=True)
class Wanted:
    """What a step wants over the year: ``loads`` (s,) MW, infinite for a step that takes what comes; ``demand_mw``
    (NaN then): mean over ``days`` of the year."""

    loads: np.ndarray
    demand_mw: float
    days: float


@lru_cache(maxsize=256)
def wanted_of(step: Step, year: Climate, cuts: tuple[float, ...], factor: float) -> Wanted:
    """The load of a step on typical days, times a factor."""
    hourly = step.hourly_mw(year)
    typical = moments(year, cuts)
    lengths = np.diff(typical.edges_d)
    if not np.isfinite(hourly).all():
        return Wanted(np.full(len(lengths), np.inf), np.nan, float(lengths.sum()))
    loads = typical.means(hourly) * factor
    loads.setflags(write=False)
    days = float(lengths[loads > 0.0].sum())
    return Wanted(loads, float(lengths @ loads) / max(days, 1e-9), days)


@dataclass(frozen=True)
class Cascade:
    """Steps beside the heating of buildings. ``heated``: whether that takes part; ``demand``: factor on all their loads.

    ``order``: names that come first, in that order (``heating`` for its exchanger); the others follow hottest first.
    ``system``: stores, network and tariff, with which the heating is followed hour by hour.
    """

    steps: tuple[Step, ...]
    climate: Climate
    heated: bool = True
    demand: float = 1.0
    order: tuple[str, ...] = ()
    system: EnergySystem | None = None

    @cached_property
    def ordered(self) -> tuple[Step, ...]:
        place = {name: i for i, name in enumerate(self.order)}
        return tuple(sorted(self.steps, key=lambda s: (place.get(s.name, len(place)), -s.required_degc)))

    def heating_before(self, step: Step, needs_degc: float) -> bool:
        """Whether the heating's exchanger, which needs water of ``needs_degc``, comes before a step."""
        if "heating" in self.order:
            return step.name not in self.order or self.order.index("heating") < self.order.index(step.name)
        return step.name not in self.order and step.required_degc < needs_degc

    def scaled(self, demand: float) -> Cascade:
        """The same with every load times a factor."""
        return replace(self, demand=self.demand * demand)

    @cached_property
    def _own_cuts(self) -> frozenset[float]:
        return frozenset(cut for step in self.steps for cut in step.cuts_d)

    def _cuts(self, heating: HeatingUse | None, season: float) -> tuple[float, ...]:
        return tuple(sorted(self._own_cuts | {season} if heating is not None else self._own_cuts))

    def _season(self, stream: Stream, heating: HeatingUse | None) -> float:
        if heating is not None and heating.season_days is not None:
            return heating.season_days
        return float(min(stream.days.max(initial=0.0), DAYS_PER_YEAR)) or DAYS_PER_YEAR

    def deliver(self, stream: Stream, heating: HeatingUse | None = None) -> Delivery:
        """What all uses make of a stream: yearly totals, each use in ``parts``."""
        heating = heating if self.heated else None
        season = self._season(stream, heating)
        typical = moments(self.climate, self._cuts(heating, season))
        return _Run(self, stream, heating, typical, season).delivery()

    def station(self, stream: Stream, heating: HeatingUse) -> Station | None:
        """The heating station hour by hour; ``None`` without an energy system or a heated area."""
        if self.system is None or not self.heated or heating.area_m2 is None:
            return None
        season = self._season(stream, heating)
        return self.system.station(
            self.passage(stream, heating), heating, climate=self.climate, season=season
        )

    def tail_degc(self, stream: Stream, heating: HeatingUse | None = None) -> np.ndarray:
        """Only the temperature that is left behind all uses, mean over the days of flow (t,)."""
        way = self.passage(stream, heating)
        return np.where(way.days.sum(axis=1) > 0.0, way.over_days(way.tail_degc), stream.temperature_degc)

    def passage(self, stream: Stream, heating: HeatingUse | None = None) -> Passage:
        """The way of the water through the cascade at every typical day."""
        heating = heating if self.heated else None
        season = self._season(stream, heating)
        run = _Run(self, stream, heating, moments(self.climate, self._cuts(heating, season)), season)
        run.flow(summed=False)
        return run.passage

    def remarks(self, stream: Stream, delivery: Delivery) -> Iterator[Notice]:
        """Why uses cannot do what is asked."""
        for step in self.steps:
            yield from step.remarks(stream, delivery.parts[step.name])
        around = self.system
        if around is not None and delivery.hours is None and any(around.sizes().values()):
            yield Notice(
                "system_idle",
                "uses.system",
                "stores and network are not followed: no heated area is known whose load they could serve",
                "未给出供暖面积,储热与管网无负荷可服务,不参与计算",
            )
        listed = [step for step in self.ordered if step.name in self.order]
        for before, after in pairwise(listed):
            if before.required_degc < after.required_degc - 1.0:
                yield Notice(
                    "order_colder_first",
                    "uses.order",
                    f"{before.en.lower()} ({before.required_degc:.0f} degC) takes before {after.en.lower()}"
                    f" ({after.required_degc:.0f} degC), which needs hotter water",
                    f"{before.zh}({before.required_degc:.0f} ℃)排在所需水温更高的{after.zh}"
                    f"({after.required_degc:.0f} ℃)之前",
                )


class _Run:
    """One passage of the water; collects the parts on the way."""

    def __init__(
        self, cascade: Cascade, stream: Stream, heating: HeatingUse | None, typical: Moments, season: float
    ) -> None:
        self.cascade, self.stream, self.heating = cascade, stream, heating
        self.typical, self.season = typical, season
        self.days = typical.durations(stream.days)
        self.capacity = stream.capacity_mw_k[:, None]
        self.safe = np.maximum(self.capacity, 1e-12)
        self.floor = -np.inf if stream.floor_degc is None else stream.floor_degc
        self.degc = np.repeat(stream.temperature_degc[:, None], self.days.shape[1], axis=1)
        self.stages: list[Stage] = []
        self.parts: dict[str, Delivery] = {}
        self.summed = True

    @property
    def passage(self) -> Passage:
        lengths = np.diff(self.typical.edges_d)
        return Passage(
            self.stream, self.days, lengths, self.typical.outdoor_degc, tuple(self.stages), self.degc
        )

    def _take(self, name: str, loads: np.ndarray, draw: Draw) -> Stage:
        """Let the water flow on behind a draw."""
        left = self.degc - draw.extracted / self.safe
        stage = Stage(name, self.degc, left, loads, draw)
        self.stages.append(stage)
        self.degc = left
        return stage

    def delivery(self) -> Delivery:
        self.flow(summed=True)
        heating, system = self.heating, self.cascade.system
        if system is None or heating is None or heating.area_m2 is None:
            return self._total()
        station = system.station(self.passage, heating, climate=self.cascade.climate, season=self.season)
        self.parts["heating"], hours, taken = with_hours(station, self.parts["heating"])
        total = self._total()
        inside = hours.sums["in_season"] / np.maximum(24.0 * total.days, 1e-9)
        extracted = total.extracted_mw + taken / np.maximum(24.0 * total.days, 1e-9) - inside
        outlet = self.stream.temperature_degc - extracted / self.safe[:, 0]
        return replace(
            total,
            extracted_mw=extracted,
            outlet_degc=np.where(total.days > 0.0, outlet, self.stream.temperature_degc),
            hours=hours,
        )

    def flow(self, *, summed: bool) -> None:
        """Lead the water through all uses; ``summed``: with the yearly figures of each."""
        heating = self.heating
        self.summed = summed
        warm = np.inf if heating is None else self._exchanger_needs(heating)
        pending = heating is not None
        held = None
        for step in self.cascade.ordered:
            if pending and self.cascade.heating_before(step, warm):
                held, pending = self._first(), False
            self._step(step)
        if pending:
            held = self._first()
        if held is not None:
            self._second(*held)

    @staticmethod
    def _exchanger_needs(heating: HeatingUse) -> float:
        return heating.return_or_default + heating.pinch_k

    def _step(self, step: Step) -> None:
        cuts = self.cascade._cuts(self.heating, self.season)
        wanted = wanted_of(step, self.cascade.climate, cuts, self.cascade.demand)
        water = Water(self.degc, self.capacity, self.typical.outdoor_degc, self.floor)
        stage = self._take(step.name, wanted.loads, step.draw(water, wanted.loads))
        if self.summed:
            self.parts[step.name] = self._part(step, stage, wanted)

    def _part(self, step: Step, stage: Stage, wanted: Wanted) -> Delivery:
        """Yearly figures of a step, over the days on which something is wanted of it."""
        on = self.days * (wanted.loads > 0.0)
        days = on.sum(axis=1)
        draw = stage.draw
        rows = np.stack((stage.inlet_degc, draw.product, draw.extracted, draw.power, *draw.series.values()))
        means = np.einsum("kts,ts->kt", rows, on / np.maximum(days, 1e-9)[:, None])
        inlet, product, extracted, power = means[:4]
        nothing = np.zeros(len(days))
        return Delivery(
            product_mw=product,
            demand_mw=nothing + wanted.demand_mw,
            extracted_mw=extracted,
            outlet_degc=inlet - extracted / self.safe[:, 0],
            power_mw=power,
            fuel_mw=nothing,
            days=days,
            demand_days=nothing + wanted.days,
            sizes_kw=step.sizes_kw(draw) | {"station": 1e3 * self._thermal(step, draw)},
            series={"inlet_degc": inlet, **dict(zip(draw.series, means[4:], strict=True))},
            kind=step.kind,
        )

    @staticmethod
    def _thermal(step: Step, draw: Draw) -> float:
        """Heat (MW) whose make-up, controls and staff the station pays for; a power plant has its own."""
        return 0.0 if step.kind == "power" else float(draw.extracted.max(initial=0.0))

    def _first(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, tuple[float, float]]:
        """Exchanger of the heating: (inlet, lift, loads, heat) and the network."""
        heating = self.heating
        assert heating is not None
        network = heating.network_degc(self.stream)
        share = self.typical.edges_d / self.season
        loads = heating.loads_between(share[:-1], share[1:])
        inlet = self.degc
        lift, first = heating.first_stage(inlet, self.capacity, loads, network=network, floor=self.floor)
        self._take("heating", loads, Draw(first, first, 0.0 * first))
        return inlet, lift, loads, first, network

    def _second(
        self,
        inlet: np.ndarray,
        lift: np.ndarray,
        loads: np.ndarray,
        first: np.ndarray,
        network: tuple[float, float],
    ) -> None:
        """Heat pumps on the tail, boiler, and the season's means of the heating."""
        heating = self.heating
        assert heating is not None
        before = self.degc
        left = np.zeros_like(first)
        if heating.heat_pump is not None:
            tail = max(heating.heat_pump.tail_degc, self.floor)
            left = self.capacity * np.maximum(self.degc - tail, 0.0)
        cop, pumped, source, boiler = heating.second_stage(loads, first, left, network=network)
        if heating.heat_pump is not None:
            power = pumped / cop
            self._take("heat_pump", loads, Draw(source, pumped, power))
        if not self.summed:
            return
        wanted = self.days * (loads > 0.0)
        weight = wanted / np.maximum(wanted.sum(axis=1), 1e-9)[:, None]

        def mean(values: np.ndarray) -> np.ndarray:
            return (values * weight).sum(axis=1)

        short = np.where(wanted > 0.0, lift, 1.0).min(axis=1)
        arriving = replace(self.stream, temperature_degc=mean(inlet))
        part = heating.summary(
            arriving, mean, network=network, cop=cop, parts=(first, source, pumped, boiler), lift=short
        )
        series = {
            **part.series,
            "inlet_degc": mean(inlet),
            "exchanger2_in_degc": mean(before),
            "outlet_degc": mean(self.degc),
        }
        self.parts["heating"] = replace(part, series=series)

    def _total(self) -> Delivery:
        """All uses together, as means over all days of flow."""
        days = self.days.sum(axis=1)
        nothing = np.zeros(len(days))
        heat = {name: part for name, part in self.parts.items() if part.kind == "heat"}

        def total(parts: dict[str, Delivery], name: str, when: str = "days") -> np.ndarray:
            amount = sum((getattr(p, name) * getattr(p, when) for p in parts.values()), start=nothing)
            return amount / np.maximum(days, 1e-9)

        sizes: dict[str, float] = {}
        for part in self.parts.values():
            for key, size in part.sizes_kw.items():
                sizes[key] = sizes.get(key, 0.0) + size
        held = self.parts.get("heating")
        order = sorted(self.parts.items(), key=lambda item: -float(item[1].series["inlet_degc"].mean()))
        return Delivery(
            product_mw=total(heat, "product_mw"),
            demand_mw=total(heat, "demand_mw", "demand_days"),
            extracted_mw=total(self.parts, "extracted_mw"),
            outlet_degc=np.where(days > 0.0, self.passage.over_days(self.degc), self.stream.temperature_degc),
            power_mw=total(self.parts, "power_mw"),
            fuel_mw=total(self.parts, "fuel_mw"),
            days=days,
            demand_days=days,
            sizes_kw=sizes,
            series={} if held is None else held.series,
            unreached=np.zeros(len(days), dtype=bool) if held is None else held.unreached,
            parts=dict(order),
        )


# --- exergy ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Balance:
    """Energy and exergy of a cascade, MW, means over all days of flow (t,), against ``dead_degc``.

    ``heat_in``: of the stream above the dead state; ``heat_taken`` by use; ``heat_out``: of the tail; the same for
    exergy: ``exergy_in`` = sum of ``exergy_taken`` + ``exergy_out``. ``useful``: exergy of the products;
    ``power``: electricity spent, by use. Lost in a use: taken + power - useful >= 0.
    """

    dead_degc: float
    heat_in: np.ndarray
    heat_taken: dict[str, np.ndarray]
    heat_out: np.ndarray
    exergy_in: np.ndarray
    exergy_taken: dict[str, np.ndarray]
    exergy_out: np.ndarray
    useful: dict[str, np.ndarray]
    power: dict[str, np.ndarray]

    @property
    def efficiency(self) -> np.ndarray:
        """Useful exergy over exergy brought in, electricity included (t,)."""
        brought = self.exergy_in + sum(self.power.values())
        return sum(self.useful.values()) / np.maximum(brought, 1e-12)


def _exergy(capacity: np.ndarray, degc: np.ndarray, dead_degc: float) -> np.ndarray:
    """C ((T - T0) - T0 ln(T/T0)), MW."""
    hot, cold = degc + KELVIN, dead_degc + KELVIN
    return capacity * (hot - cold - cold * np.log(hot / cold))


def _carnot(kind: str, ends_degc: tuple[float, float], dead_degc: float) -> float:
    """Exergy over energy of a product: heat between two temperatures (logarithmic mean), cold, electricity."""
    if kind == "power":
        return 1.0
    hot, cold = max(ends_degc) + KELVIN, min(ends_degc) + KELVIN
    mean = hot if hot - cold < 1e-9 else (hot - cold) / np.log(hot / cold)
    return abs(1.0 - (dead_degc + KELVIN) / mean)


def balance(cascade: Cascade, stream: Stream, heating: HeatingUse | None, *, dead_degc: float) -> Balance:
    """Energy and exergy through a cascade."""
    way = cascade.passage(stream, heating)
    capacity = stream.capacity_mw_k[:, None]
    known = {step.name: (step.kind, step.ends_degc) for step in cascade.steps}
    if heating is not None and cascade.heated:
        network = heating.network_degc(stream)
        known |= {"heating": ("heat", network), "heat_pump": ("heat", network)}
    start = way.over_days(stream.temperature_degc[:, None])
    mean = way.over_days
    taken = {s.name: mean(s.draw.extracted) for s in way.stages}
    exergy = {
        s.name: mean(_exergy(capacity, s.inlet_degc, dead_degc) - _exergy(capacity, s.outlet_degc, dead_degc))
        for s in way.stages
    }
    return Balance(
        dead_degc=dead_degc,
        heat_in=stream.capacity_mw_k * (start - dead_degc),
        heat_taken=taken,
        heat_out=mean(capacity * (way.tail_degc - dead_degc)),
        exergy_in=mean(_exergy(capacity, stream.temperature_degc[:, None], dead_degc)),
        exergy_taken=exergy,
        exergy_out=mean(_exergy(capacity, way.tail_degc, dead_degc)),
        useful={s.name: mean(s.draw.product) * _carnot(*known[s.name], dead_degc) for s in way.stages},
        power={s.name: mean(s.draw.power) for s in way.stages},
    )
