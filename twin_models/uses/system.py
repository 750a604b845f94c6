"""The energy system round the heating station: stores, network and tariff, followed through every hour of the life.

``uses.system`` of a scheme. Without it the station's figures are means of typical days; with it each hour of every
operating year is dispatched (``dispatch``), stores carry their heat from one year into the next, and what the water
gave each hour decides the temperature that goes back to the reservoir:

    heat from the water in a year = exchange + into the tank + into the store + source of the heat pumps
    heat to users = load x (1 - unmet / need),   need = load + network loss

Hours are those of the synthetic year of 365 days; energies are scaled to the days that the season has in a scheme.
The other uses of a cascade keep what the typical days gave them: heat that uses behind the exchanger take is not
offered to the station's heat pumps and stores again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from twin_models.reading import Reader
from twin_models.types import DAYS_PER_YEAR
from twin_models.uses.base import Delivery, numbers_of
from twin_models.uses.climate import DAYS, Climate
from twin_models.uses.dispatch import (
    GRAVITY_KN_M3,
    PIPE_W_MK,
    Aquifer,
    Network,
    Plant,
    Tank,
    Year,
    heating_hourly_mw,
    limits_of,
    need_ahead,
)
from twin_models.uses.heating import WATER_MJ_M3K, HeatingUse
from twin_models.uses.hours import FLAT, PEAK, ROWS, SUMS, VALLEY, follow_hours, follow_life

if TYPE_CHECKING:
    from twin_models.uses.cascade import Passage

PA_PER_M_HEAD = 9806.65
MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
MONTH_OF_DAY = np.repeat(np.arange(12), MONTH_DAYS)
OWN_POWER = ("use_first", "feed_in")

TANK = {
    "volume_m3": (0.0, 1e6, None),
    "usable_k": (1.0, 80.0, 10.0),
    "loss_w_m2k": (0.0, 10.0, 0.3),
    "power_mw": (0.001, 1e4, None),
}
AQUIFER = {
    "volume_m3": (0.0, 1e9, None),
    "usable_k": (1.0, 80.0, 20.0),
    "power_mw": (0.001, 1e4, 1.0),
    "loss_pct_per_month": (0.0, 90.0, 5.0),
    "kwh_per_mwh": (0.0, 200.0, 8.0),
}
NETWORK = {
    "length_m": (0.0, 1e6, None),
    "ground_degc": (-5.0, 30.0, 10.0),
    "friction_pa_per_m": (0.0, 1000.0, 60.0),
}
TARIFF = {"valley_factor": (0.0, 5.0, 0.5), "peak_factor": (0.0, 10.0, 1.5)}
VALLEY_HOURS = (23, 0, 1, 2, 3, 4, 5, 6)
PEAK_HOURS = (8, 9, 10, 17, 18, 19, 20, 21)


@dataclass(frozen=True)
class Rates:
    """Electricity by the hour of the day: factors on the mean price in valley and peak hours, the day's mean kept.
    ``own_power``: electricity made by the scheme covers its own needs hour by hour first, or all is fed in."""

    valley_factor: float = 1.0
    peak_factor: float = 1.0
    valley_hours: tuple[int, ...] = VALLEY_HOURS
    peak_hours: tuple[int, ...] = PEAK_HOURS
    own_power: str = "use_first"

    @property
    def kinds(self) -> np.ndarray:
        """VALLEY, FLAT or PEAK of every hour of a day (24,); all flat without a spread of prices."""
        day = np.full(24, FLAT, dtype=np.int64)
        if self.valley_factor < 1.0:
            day[list(self.valley_hours)] = VALLEY
        if self.peak_factor > 1.0:
            day[list(self.peak_hours)] = PEAK
        return day

    @property
    def of_mean(self) -> np.ndarray:
        """Price of each hour of the day over the mean price (24,)."""
        factor = np.ones(24)
        factor[list(self.valley_hours)] = self.valley_factor
        factor[list(self.peak_hours)] = self.peak_factor
        return factor / max(float(factor.mean()), 1e-9)


@dataclass(frozen=True)
class Hours:
    """What became of the hours, by operating year: ``sums`` name -> (t,) MWh in the scheme's days; ``power_mw``: (t, 12, 24)
    electricity of the station by month and hour, mean; ``levels_mwh``: (t, 2) of tank and store when the year begins."""

    sums: Mapping[str, np.ndarray]
    power_mw: np.ndarray
    levels_mwh: np.ndarray


@dataclass(frozen=True)
class EnergySystem:
    """Stores, pipes and tariff. A ``network`` without length loses nothing."""

    tank: Tank = field(default_factory=Tank)
    aquifer: Aquifer = field(default_factory=Aquifer)
    network: Network = field(default_factory=Network)
    friction_pa_per_m: float = 0.0
    rates: Rates = field(default_factory=Rates)

    @property
    def head_m(self) -> float:
        """Friction of supply and return over the length of the network."""
        return 2.0 * self.network.length_m * self.friction_pa_per_m / PA_PER_M_HEAD

    def sizes(self) -> dict[str, float]:
        """What must be built, in the units of the cost library; pipes count as DN125 by (DN/125)^1.2, as well lines do."""
        return {
            "tank": self.tank.volume_m3,
            "aquifer_store": 1e3 * self.aquifer.power_mw * (self.aquifer.volume_m3 > 0.0),
            "network_pipe": self.network.length_m * (self.network.dn / 125.0) ** 1.2,
        }

    def station(self, way: Passage, heating: HeatingUse, *, climate: Climate, season: float) -> Station:
        """The heating station of a cascade as the hours see it."""
        return Station(self, way, heating, climate, season)


@dataclass(frozen=True)
class Station:
    """A heating station in its cascade: water by typical day in, hours out."""

    system: EnergySystem
    way: Passage
    heating: HeatingUse
    climate: Climate
    season: float

    def load_mw(self) -> np.ndarray:
        """Users' load of every hour (8760,)."""
        return heating_hourly_mw(replace(self.heating, season_days=self.season), self.climate)

    def need_mw(self, load: np.ndarray) -> np.ndarray:
        """Load and what pipes lose: a share of what is sent out, or by length."""
        keep = 1.0 - self.heating.network_loss_pct / 100.0
        lost = self.system.network.loss_mw(*self.heating.network_degc(self.way.stream))
        return load / keep + lost * (load > 0.0)

    @cached_property
    def group(self) -> np.ndarray:
        """Typical group of each day of the year (365,)."""
        edges = np.cumsum(np.maximum(self.way.lengths_d, 0.0))
        group = np.searchsorted(edges, (self.climate.rank + 0.5) * edges[-1] / DAYS)
        return np.minimum(group, len(edges) - 1)

    @cached_property
    def flowing_days(self) -> np.ndarray:
        """So many coldest days of the year of 365 have water (t,)."""
        return np.asarray(self.way.stream.days * DAYS / DAYS_PER_YEAR)

    @cached_property
    def offers(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Heat on offer by exchange, beneath it for heat pumps (MW), and reach, by year and group (t, s) (``Plant``)."""
        heating, stream = self.heating, self.way.stream
        at = next(i for i, stage in enumerate(self.way.stages) if stage.name == "heating")
        inlet = self.way.stages[at].inlet_degc
        capacity = stream.capacity_mw_k[:, None]
        behind = [s for s in self.way.stages[at + 1 :] if s.name != "heat_pump"]
        others = sum((np.maximum(s.draw.extracted, 0.0) for s in behind), start=np.zeros_like(inlet))
        floor = -np.inf if stream.floor_degc is None else stream.floor_degc
        supply, back = heating.network_degc(stream)
        pinch = max(back + heating.pinch_k, floor)
        pump = heating.heat_pump
        tail = min(max(pump.tail_degc, floor), pinch) if pump else pinch
        lowest = np.minimum(tail, behind[-1].outlet_degc) if behind else tail
        lift = np.clip((inlet - heating.pinch_k - back) / (supply - back), 0.0, 1.0)
        cooled = np.minimum(inlet, pinch)
        spared = np.maximum(others - capacity * np.maximum(cooled - lowest, 0.0), 0.0)
        offered = np.maximum(capacity * np.maximum(inlet - pinch, 0.0) - spared, 0.0) * (lift > 0.0)
        source = np.maximum(capacity * np.maximum(cooled - tail, 0.0) - others, 0.0)
        return offered, source if pump else np.zeros_like(source), lift

    def plant(self, row: int, sizes_kw: Mapping[str, float]) -> Plant:
        """What the water offers each hour of the ``row``-th year."""
        flowing = self.climate.rank < self.flowing_days[row]
        offered, source, reach = (np.repeat(values[row][self.group] * flowing, 24) for values in self.offers)
        return replace(self._machines(sizes_kw), exchange_mw=offered, source_mw=source, reach=reach)

    def _machines(self, sizes_kw: Mapping[str, float]) -> Plant:
        """Equipment without water."""
        pump, boiler = self.heating.heat_pump, self.heating.peak_boiler
        nothing = np.zeros(0)
        return Plant(
            exchange_mw=nothing,
            source_mw=nothing,
            reach=nothing,
            cop=pump.performance(*self.heating.network_degc(self.way.stream)) if pump else 0.0,
            heat_pump_mw=sizes_kw.get("heat_pump", 0.0) / 1e3,
            boiler_mw=sizes_kw.get("peak_boiler", 0.0) / 1e3,
            boiler_efficiency=boiler.efficiency if boiler else 1.0,
        )

    @cached_property
    def watts(self) -> tuple[float, float, float, float]:
        """Electricity per heat: of the network's pumps, of the intermediate water's, of an electric boiler, of the store's pumps."""
        use = self.heating
        supply, back = use.network_degc(self.way.stream)
        glide = use.heat_pump.evaporator_glide_k if use.heat_pump else 8.0
        per_head = GRAVITY_KN_M3 / (WATER_MJ_M3K * 1e3 * use.circulation_efficiency)
        boiler = use.peak_boiler
        electric = boiler is not None and boiler.fuel == "electric"
        return (
            (use.network_head_m + self.system.head_m) * per_head / (supply - back),
            use.intermediate_head_m * per_head / glide,
            1.0 / boiler.efficiency if boiler and electric else 0.0,
            self.system.aquifer.kwh_per_mwh / 1e3,
        )

    def year(
        self, row: int, sizes_kw: Mapping[str, float], start: tuple[float, float], *, price: float = 1.0
    ) -> Year:
        """The ``row``-th year (0 the first) hour by hour from the levels it begins with; ``price``: CNY per kWh, mean."""
        load = self.load_mw()
        need = self.need_mw(load)
        plant, system = self.plant(row, sizes_kw), self.system
        water = np.stack((plant.exchange_mw, plant.source_mw, plant.reach, need_ahead(need)))
        kinds = np.tile(system.rates.kinds, DAYS)
        rows, _, _ = follow_hours(need, water, kinds, limits_of(plant, system.tank, system.aquifer), start)
        hours = dict(zip(ROWS, rows, strict=True))
        pumped = hours["heat_pump"]
        compressor = pumped / plant.cop if plant.cop > 1.0 else 0.0 * pumped
        moved = (
            need - hours["unmet"],
            pumped - compressor,
            hours["boiler"],
            hours["store_in"] + hours["store_out"],
        )
        power = compressor + sum(w * m for w, m in zip(self.watts, moved, strict=True))
        return Year(
            load=load,
            need=need,
            tank_loss=hours["level"] * system.tank.loss_per_h,
            power=power,
            bought=power,
            fuel=hours["boiler"] / plant.boiler_efficiency * (self.watts[2] == 0.0),
            cost_cny=power * 1e3 * price * np.tile(system.rates.of_mean, DAYS),
            **hours,
        )

    def life(
        self, sizes_kw: Mapping[str, float], demand_mwh: np.ndarray
    ) -> tuple[Hours, tuple[float, float]]:
        """Every year of the life, and the largest exchange and source (MW). ``demand_mwh``: (t,) that the scheme's days hold."""
        load = self.load_mw()
        need = self.need_mw(load)
        plant = self._machines(sizes_kw)
        table, power, levels, peaks = follow_life(
            load,
            need,
            need_ahead(need),
            (self.group, self.climate.rank, MONTH_OF_DAY),
            (*self.offers, self.flowing_days),
            self.system.rates.kinds,
            limits_of(plant, self.system.tank, self.system.aquifer),
            self.watts,
        )
        wanted = max(float(load.sum()), 1e-9)
        scale = demand_mwh / wanted
        sums = {name: table[:, i] * scale for i, name in enumerate(SUMS)}
        sums |= {
            "load": demand_mwh,
            "need": float(need.sum()) * scale,
            "tank_loss": sums.pop("level") * self.system.tank.loss_per_h,
            "store_loss": sums.pop("store_level") * self.system.aquifer.loss_per_h,
            "power": power.sum(axis=(1, 2)) * scale,
            "heat_pump_power": sums["heat_pump"] / plant.cop if plant.cop > 1.0 else 0.0 * scale,
            "circulation_power": (float(need.sum()) * scale - sums["unmet"]) * self.watts[0],
            "intermediate_power": sums["source"] * self.watts[1],
            "boiler_power": sums["boiler"] * self.watts[2],
            "store_power": (sums["store_in"] + sums["store_out"]) * self.watts[3],
        }
        return Hours(sums, power / MONTH_DAYS[None, :, None], levels), (float(peaks[0]), float(peaks[1]))


def with_hours(station: Station, part: Delivery) -> tuple[Delivery, Hours, np.ndarray]:
    """The heating's part of a delivery as its hours make it, the hours, and all heat taken from the water (t,) MWh."""
    heating, stream = station.heating, station.way.stream
    hours, peaks = station.life(part.sizes_kw, part.demand_mw * part.demand_days * 24.0)
    s = hours.sums
    season_h = np.maximum(part.days * 24.0, 1e-9)
    boiler = heating.peak_boiler
    burns = boiler is not None and boiler.fuel != "electric"
    arriving = part.series["inlet_degc"]
    capacity = np.maximum(stream.capacity_mw_k, 1e-12)
    in_season, first = s["in_season"] / season_h, s["exchange1"] / season_h
    kinds = ("heat_pump_power", "circulation_power", "intermediate_power", "boiler_power")
    sizes = {**part.sizes_kw, **station.system.sizes()}
    if sizes.get("exchanger1", 0.0) > 0.0:
        sizes["exchanger1"] = 1e3 * peaks[0]
    new = replace(
        part,
        product_mw=s["delivered"] / season_h,
        extracted_mw=in_season,
        outlet_degc=arriving - in_season / capacity,
        power_mw=s["power"] / season_h,
        fuel_mw=s["boiler"] / boiler.efficiency / season_h if boiler and burns else 0.0 * season_h,
        sizes_kw=sizes,
        series={
            **part.series,
            "exchanger1_mw": first,
            "exchanger2_mw": s["source"] / season_h,
            "heat_pump_mw": s["heat_pump"] / season_h,
            "peak_boiler_mw": s["boiler"] / season_h,
            **{f"{kind}_mw": s[kind] / season_h for kind in kinds},
            "exchanger1_out_degc": arriving - first / capacity,
        },
        hours=hours,
    )
    return new, hours, s["taken"]


# --- reading a scheme file ------------------------------------------------------------------------------


def parse(reader: Reader, data: Any, path: str) -> EnergySystem:
    """``uses.system`` of a scheme; every part may be left out."""
    got = reader.mapping(
        {} if data is True else data, path, optional=("tank", "aquifer", "network", "tariff")
    )
    tank = _part(reader, got.get("tank"), f"{path}.tank", TANK, "volume_m3")
    aquifer = _part(reader, got.get("aquifer"), f"{path}.aquifer", AQUIFER, "volume_m3")
    network = _part(reader, got.get("network"), f"{path}.network", NETWORK, "length_m", more=("dn",))
    friction = network.pop("friction_pa_per_m", 0.0)
    if tank.get("power_mw", 0.0) is None:
        tank["power_mw"] = np.inf
    return EnergySystem(
        Tank(**tank), Aquifer(**aquifer), Network(**network), friction, _rates(reader, got, f"{path}.tariff")
    )


def _part(
    reader: Reader, data: Any, path: str, table: Any, needed: str, *, more: tuple[str, ...] = ()
) -> dict[str, Any]:
    if data is None or data is False:
        return {}
    got = reader.mapping(data, path, optional=(*table, *more))
    values = numbers_of(reader, got, path, table)
    if values[needed] is None:
        reader.fault(f"{path}.{needed}", "missing", "is missing")
        values[needed] = 0.0
    if "dn" in more:
        known = [str(dn) for dn in PIPE_W_MK]
        values["dn"] = int(reader.choice(_text(got.get("dn", 150)), f"{path}.dn", known))
    return values


def _text(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _rates(reader: Reader, got: Mapping[str, Any], path: str) -> Rates:
    data = got.get("tariff")
    if data is None or data is False:
        return Rates()
    given = reader.mapping(
        {} if data is True else data, path, optional=(*TARIFF, "valley_hours", "peak_hours", "own_power")
    )
    values: dict[str, Any] = numbers_of(reader, given, path, TARIFF)
    usual = {"valley_hours": VALLEY_HOURS, "peak_hours": PEAK_HOURS}
    for name, hours in usual.items():
        if given.get(name) is None:
            values[name] = tuple(h for h in hours)
            continue
        items = reader.items(given[name], f"{path}.{name}")
        values[name] = tuple(
            reader.integer(item, f"{path}.{name}[{i}]", low=0, high=23) for i, item in enumerate(items)
        )
    both = sorted(set(values["valley_hours"]) & set(values["peak_hours"]))
    if both:
        reader.fault(
            f"{path}.peak_hours",
            "conflict",
            f"hour {both[0]} cannot be a valley hour and a peak hour at once",
        )
    if values["valley_factor"] > values["peak_factor"]:
        reader.fault(
            f"{path}.valley_factor",
            "range",
            f"must be at most peak_factor ({values['peak_factor']:g}), got {values['valley_factor']:g}",
        )
    values["own_power"] = reader.choice(given.get("own_power", "use_first"), f"{path}.own_power", OWN_POWER)
    return Rates(**values)
