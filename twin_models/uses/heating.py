"""Space heating from an energy station: plate exchanger, heat pump on its tail, optional peak boiler.

    wells -> exchanger 1 -> exchanger 2 -> injector
                 |              |
                 |         heat pumps (lift the second stage to the network's temperature)
                 +------- network: supply / return ------ users

Layout and default numbers: Liu Dongyi et al. (2025), Science Technology and Engineering 25(8), 3102-3109
(source 004 below): 62 -> 33 degC against a 40/30 degC network in exchanger 1, 33 -> 15 degC in exchanger 2,
intermediate water 15/7 degC, heat pump with a coefficient of performance of 5.

The load over a season follows a straight load-duration line from the design load P_d down to 2 P_m - P_d,
so that its mean is P_m; it is summed at ``LEVELS`` equal shares of the season. At each load P, with C the
heat capacity flow of the geothermal water and k = COP / (COP - 1):

    Q1 = min(phi P, C (T - T_return - approach)),  phi = (T - approach - T_return)/(T_supply - T_return) in 0..1
    Qhp = min(P - Q1, k (C (T - T_tail) - Q1), size),   electricity Qhp / COP
    T_out = T - (Q1 + Qhp / k) / C

Less demand than the wells could serve thus leaves warmer water for reinjection, at unchanged rates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from twin_models.errors import Fault
from twin_models.reading import Reader
from twin_models.uses.base import Delivery, Stream, numbers_of

LEVELS = 24
NO_LIMIT_MW = 1e9
WATER_MJ_M3K = 4.18  # network and intermediate water
GRAVITY_KN_M3 = 9.80665
KELVIN = 273.15
DEFAULT_RETURN_DEGC = 30.0  # source 004: network 40/30 degC
DEFAULT_DROP_K = 10.0
MODES = ("exchanger", "direct")
FUELS = ("gas", "coal", "electric")

# field -> (lowest, highest, default); see the classes for meaning and sources
_HEATING = {
    "area_m2": (1.0, 1e9, None),
    "load_w_m2": (0.1, 1000.0, 32.0),
    "design_load_w_m2": (0.1, 1000.0, None),
    "season_days": (1.0, 365.25, None),
    "supply_degc": (5.0, 150.0, None),
    "return_degc": (1.0, 149.0, None),
    "approach_k": (0.0, 50.0, 3.0),
    "network_loss_pct": (0.0, 90.0, 0.0),
    "network_head_m": (0.0, 500.0, 43.0),
    "intermediate_head_m": (0.0, 500.0, 12.0),
    "circulation_efficiency": (0.05, 1.0, 0.7),
    "station_x_m": (-1e6, 1e6, None),
    "station_y_m": (-1e6, 1e6, None),
}
_PUMP = {
    "tail_degc": (1.0, 100.0, 15.0),
    "cop": (1.01, 50.0, None),
    "carnot_fraction": (0.05, 1.0, None),
    "lorenz_fraction": (0.05, 1.0, None),
    "evaporator_approach_k": (0.0, 50.0, 8.0),
    "evaporator_glide_k": (0.5, 50.0, 8.0),
    "capacity_mw": (0.0, 1e5, None),
}
_BOILER = {"efficiency": (0.1, 1.2, 0.92), "capacity_mw": (0.0, 1e5, None)}
_PUMPING = {
    "static_level_m": (-200.0, 1000.0, 50.0),
    "wellhead_pressure_bar": (0.0, 100.0, 2.0),
    "efficiency": (0.05, 1.0, 0.65),
    "casing_radius_m": (0.02, 1.0, 0.1),
    "surface_degc": (-20.0, 40.0, 12.0),
}


@dataclass(frozen=True)
class HeatPump:
    """Heat pumps on the second stage.

    ``tail_degc``: coldest outlet of the geothermal water. Performance: ``cop`` as given, or a fraction of
    Carnot or Lorenz between the evaporator water (leaving ``evaporator_approach_k`` below the tail,
    cooled by ``evaporator_glide_k``) and the network. ``capacity_mw``: heat output built, ``None``: as much
    as needed. Source 004: tail 15, water 15/7, COP 5 = 0.53 Carnot = 0.39 Lorenz.
    """

    tail_degc: float = 15.0
    cop: float | None = 5.0
    carnot_fraction: float | None = None
    lorenz_fraction: float | None = None
    evaporator_approach_k: float = 8.0
    evaporator_glide_k: float = 8.0
    capacity_mw: float | None = None

    def performance(self, supply_degc: float, return_degc: float) -> float:
        """Coefficient of performance (heat out per electricity in).

        Carnot: f T_hi / (T_hi - T_lo), T_hi supply, T_lo evaporator outlet. Lorenz: the same with
        logarithmic mean temperatures of network and evaporator water (K).
        """
        if self.cop is not None:
            return self.cop
        cold = self.tail_degc - self.evaporator_approach_k + KELVIN
        hot = supply_degc + KELVIN
        if self.carnot_fraction is not None:
            ideal = hot / max(hot - cold, 1.0)
            return max(1.01, self.carnot_fraction * ideal)
        sink = _log_mean(hot, return_degc + KELVIN)
        source = _log_mean(cold + self.evaporator_glide_k, cold)
        return max(1.01, (self.lorenz_fraction or 0.39) * sink / max(sink - source, 1.0))


@dataclass(frozen=True)
class PeakBoiler:
    """What covers the load that wells and heat pumps leave. ``capacity_mw`` ``None``: all of it."""

    fuel: str = "gas"
    efficiency: float = 0.92
    capacity_mw: float | None = None


@dataclass(frozen=True)
class Pumping:
    """Wells' pumps. ``static_level_m``: resting water level below the ground; ``wellhead_pressure_bar``:
    kept at the head for the station's own losses; ``surface_degc``: mean temperature of the ground surface."""

    static_level_m: float = 50.0
    wellhead_pressure_bar: float = 2.0
    efficiency: float = 0.65
    casing_radius_m: float = 0.1
    surface_degc: float = 12.0


@dataclass(frozen=True)
class HeatingUse:
    """Heating of buildings.

    ``area_m2`` ``None``: all heat offered is taken. ``load_w_m2``: mean over the season; ``design_load_w_m2``:
    coldest day (default: the mean). ``season_days`` ``None``: as long as the wells run.
    ``return_degc`` ``None``: 30 degC, or just cold enough for the injection temperature that the wells
    state; ``supply_degc`` ``None``: 10 K above the return. ``mode`` ``direct``: well water in the radiators.
    """

    area_m2: float | None = None
    load_w_m2: float = 32.0
    design_load_w_m2: float | None = None
    season_days: float | None = None
    supply_degc: float | None = None
    return_degc: float | None = None
    mode: str = "exchanger"
    approach_k: float = 3.0
    heat_pump: HeatPump | None = None
    peak_boiler: PeakBoiler | None = None
    network_loss_pct: float = 0.0
    network_head_m: float = 43.0
    intermediate_head_m: float = 12.0
    circulation_efficiency: float = 0.7
    station_x_m: float | None = None
    station_y_m: float | None = None
    pumping: Pumping = Pumping()
    name: str = "heating"

    @property
    def pinch_k(self) -> float:
        return 0.0 if self.mode == "direct" else self.approach_k

    @property
    def demand_mw(self) -> float | None:
        return None if self.area_m2 is None else self.area_m2 * self.load_w_m2 / 1e6

    @property
    def design_mw(self) -> float | None:
        if self.area_m2 is None:
            return None
        return self.area_m2 * (self.design_load_w_m2 or self.load_w_m2) / 1e6

    @property
    def price_basis(self) -> str:
        return "GJ" if self.area_m2 is None else "m2"

    @property
    def required_degc(self) -> float:
        """Above the return by the approach; with heat pumps above their tail."""
        return self.heat_pump.tail_degc if self.heat_pump else self.return_or_default + self.pinch_k

    @property
    def return_or_default(self) -> float:
        return DEFAULT_RETURN_DEGC if self.return_degc is None else self.return_degc

    def network_degc(self, stream: Stream) -> tuple[float, float]:
        """Supply and return temperature of the network for this stream."""
        back = self.return_or_default
        if self.return_degc is None and stream.floor_degc is not None and self.heat_pump is None:
            back = stream.floor_degc - self.pinch_k
        supply = back + DEFAULT_DROP_K if self.supply_degc is None else self.supply_degc
        return max(supply, back + 0.5), back

    def equipment_mw(self) -> Mapping[str, float | None]:
        return {
            "heat_pump": self.heat_pump.capacity_mw if self.heat_pump else 0.0,
            "peak_boiler": self.peak_boiler.capacity_mw if self.peak_boiler else 0.0,
        }

    @cached_property
    def load_line(self) -> tuple[np.ndarray, np.ndarray]:
        """Loads at the station (MW) with their shares of the season; the last is the design load, share 0."""
        if self.area_m2 is None:
            return np.array([NO_LIMIT_MW, NO_LIMIT_MW]), np.array([1.0, 0.0])
        keep = 1.0 - self.network_loss_pct / 100.0
        mean, design = (self.demand_mw or 0.0) / keep, (self.design_mw or 0.0) / keep
        if design <= mean:
            return np.array([mean, mean]), np.array([1.0, 0.0])
        share = (np.arange(LEVELS) + 0.5) / LEVELS
        line = design - 2.0 * (design - mean) * share
        return np.append(line, design), np.append(np.full(LEVELS, 1.0 / LEVELS), 0.0)

    def deliver(self, stream: Stream) -> Delivery:
        """Heat to users, power, outlet; formulas in the module text. Arrays (t,)."""
        supply, back = self.network_degc(stream)
        loads, share = self.load_line
        water = stream.temperature_degc[:, None]
        capacity = stream.capacity_mw_k[:, None]
        floor = -math.inf if stream.floor_degc is None else stream.floor_degc
        lift, first = self.first_stage(water, capacity, loads, network=(supply, back), floor=floor)
        left = np.zeros_like(first)
        if self.heat_pump is not None:
            drop = np.maximum(stream.temperature_degc - max(self.heat_pump.tail_degc, floor), 0.0)
            left = np.maximum((stream.capacity_mw_k * drop)[:, None] - first, 0.0)
        cop, pumped, source, boiler = self.second_stage(loads, first, left, network=(supply, back))
        return self.summary(
            stream,
            lambda part: part @ share,
            network=(supply, back),
            cop=cop,
            parts=(first, source, pumped, boiler),
            lift=lift[:, 0],
        )

    def first_stage(
        self,
        water_degc: np.ndarray,
        capacity_mw_k: np.ndarray,
        loads: np.ndarray,
        *,
        network: tuple[float, float],
        floor: float,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Share of a load that exchange can carry, and heat exchanged (MW); arrays broadcast together."""
        supply, back = network
        lift = np.clip((water_degc - self.pinch_k - back) / (supply - back), 0.0, 1.0)
        limit = capacity_mw_k * np.maximum(water_degc - max(back + self.pinch_k, floor), 0.0)
        return lift, np.minimum(lift * loads, limit)

    def second_stage(
        self, loads: np.ndarray, first: np.ndarray, left: np.ndarray, *, network: tuple[float, float]
    ) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        """Performance (0 without heat pumps), heat of heat pumps, of their source, of the boiler (MW).

        ``left``: heat that the water still holds above the tail (MW).
        """
        cop, pumped = 0.0, np.zeros_like(first)
        if self.heat_pump is not None:
            cop = self.heat_pump.performance(*network)
            pumped = np.minimum(np.maximum(loads - first, 0.0), left * cop / (cop - 1.0))
            if self.heat_pump.capacity_mw is not None:
                pumped = np.minimum(pumped, self.heat_pump.capacity_mw)
        source = pumped * (cop - 1.0) / cop if cop else pumped
        boiler = np.zeros_like(first)
        if self.peak_boiler is not None and self.area_m2 is not None:
            size = self.peak_boiler.capacity_mw
            boiler = np.clip(loads - first - pumped, 0.0, math.inf if size is None else size)
        return cop, pumped, source, boiler

    def loads_between(self, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
        """Mean load at the station (MW) between two shares of the season on the load-duration line; 0 behind it."""
        within = (stop <= 1.0 + 1e-9) & (start < 1.0 - 1e-9)
        if self.area_m2 is None:
            return np.where(within, NO_LIMIT_MW, 0.0)
        keep = 1.0 - self.network_loss_pct / 100.0
        mean, design = (self.demand_mw or 0.0) / keep, (self.design_mw or 0.0) / keep
        fall = 2.0 * max(design - mean, 0.0)
        return np.where(within, max(design, mean) - fall * 0.5 * (start + stop), 0.0)

    def summary(
        self,
        stream: Stream,
        mean: Callable[[np.ndarray], np.ndarray],
        *,
        network: tuple[float, float],
        cop: float,
        parts: tuple[np.ndarray, ...],
        lift: np.ndarray,
    ) -> Delivery:
        """Season means of what happens at each load; ``mean`` makes them."""
        supply, back = network
        first, source, pumped, boiler = (mean(part) for part in parts)
        total, extracted = first + pumped + boiler, first + source
        capacity = np.maximum(stream.capacity_mw_k, 1e-12)
        arriving = stream.temperature_degc
        network_flow, middle_flow = self._flows(total, source, supply - back)
        circulation = network_flow * self.network_head_m * self._mw_per_m3_h_m
        middle = middle_flow * self.intermediate_head_m * self._mw_per_m3_h_m
        nothing = np.zeros_like(total)
        compressor = pumped / cop if cop else nothing
        boiler_input = boiler / self.peak_boiler.efficiency if self.peak_boiler else nothing
        electric = self.peak_boiler is not None and self.peak_boiler.fuel == "electric"
        heated = boiler_input if electric else nothing
        outlet = arriving - extracted / capacity
        days = stream.days if self.season_days is None else np.minimum(stream.days, self.season_days)
        wanted = np.nan if self.demand_mw is None else self.demand_mw
        return Delivery(
            product_mw=total * (1.0 - self.network_loss_pct / 100.0),
            demand_mw=nothing + wanted,
            extracted_mw=extracted,
            outlet_degc=outlet,
            power_mw=compressor + circulation + middle + heated,
            fuel_mw=nothing if electric else boiler_input,
            days=days,
            demand_days=stream.days if self.season_days is None else nothing + self.season_days,
            sizes_kw=self.sizes_of(_most(parts), supply - back),
            series={
                "exchanger1_mw": first,
                "exchanger2_mw": source,
                "heat_pump_mw": pumped,
                "peak_boiler_mw": boiler,
                "heat_pump_power_mw": compressor,
                "circulation_power_mw": circulation,
                "intermediate_power_mw": middle,
                "boiler_power_mw": heated,
                "exchanger1_out_degc": arriving - first / capacity,
                "outlet_degc": outlet,
                "supply_degc": nothing + supply,
                "return_degc": nothing + back,
                "network_flow_m3_h": network_flow,
                "intermediate_flow_m3_h": middle_flow,
                "cop": nothing + cop,
            },
            unreached=(stream.flow_m3_h > 0.0) & (lift < 1.0 - 1e-9),
        )

    @property
    def _mw_per_m3_h_m(self) -> float:
        """Electricity of a circulation pump per flow and head: rho g Q H / efficiency."""
        return GRAVITY_KN_M3 / 3600.0 / 1e3 / self.circulation_efficiency

    def _flows(self, heat_mw: Any, source_mw: Any, drop_k: float) -> tuple[Any, Any]:
        """Flow of network and intermediate water (m3/h) for a heat: Q = P / (rho c dT)."""
        glide = self.heat_pump.evaporator_glide_k if self.heat_pump else 8.0
        return heat_mw / (WATER_MJ_M3K * drop_k) * 3600.0, source_mw / (WATER_MJ_M3K * glide) * 3600.0

    def sizes_of(self, most: tuple[Any, Any, Any, Any], drop_k: float) -> dict[str, Any]:
        """What must be built (kW) for the largest duties (exchanger, source, heat pumps, boiler; MW, numbers or
        arrays) over all years and loads; as built where the user fixed it."""
        first, source, pumped, boiler = most
        station = first + pumped + boiler
        network_flow, middle_flow = self._flows(station, source, drop_k)
        sizes = {
            "exchanger1": 0.0 * first if self.mode == "direct" else first * 1e3,
            "exchanger2": source * 1e3,
            "heat_pump": pumped * 1e3,
            "peak_boiler": boiler * 1e3,
            "circulation_pumps": network_flow * self.network_head_m * self._mw_per_m3_h_m * 1e3,
            "intermediate_pumps": middle_flow * self.intermediate_head_m * self._mw_per_m3_h_m * 1e3,
            "station": station * 1e3,
        }
        for key, size in self.equipment_mw().items():
            if size:
                sizes[key] = 1e3 * size
        return sizes


def _most(parts: tuple[np.ndarray, ...]) -> tuple[float, float, float, float]:
    first, source, pumped, boiler = (float(part.max(initial=0.0)) for part in parts)
    return first, source, pumped, boiler


def _log_mean(a: float, b: float) -> float:
    return a if abs(a - b) < 1e-9 else (a - b) / math.log(a / b)


# --- the door -------------------------------------------------------------------------------------------


OTHERS = ("power", "drying", "agriculture", "wellness")  # read by the package, ``twin_models.uses``


def parse(
    data: Any, path: str = "uses", faults: list[Fault] | None = None, *, also: Collection[str] = OTHERS
) -> HeatingUse:
    """The heating use in a scheme's ``uses`` object: ``{"heating": {...}, "pumping": {...}}``; ``also``: keys left alone.

    Faults are appended to ``faults``; with ``None`` they are raised as one ``InputError``. An empty object is
    the default: whatever heat comes is taken by an exchanger.
    """
    reader = Reader()
    raise_them = faults is None
    if faults is not None:
        reader.faults = faults
    got = reader.mapping({} if data is None else data, path, optional=("heating", "pumping", *also))
    before = len(reader.faults)
    at = f"{path}.heating"
    plain = got.get("heating")
    plain = {} if plain is None or isinstance(plain, bool) else plain
    heating = reader.mapping(plain, at, optional=(*_HEATING, "mode", "heat_pump", "peak_boiler", "cooling"))
    values: dict[str, Any] = numbers_of(reader, heating, at, _HEATING)
    values["mode"] = reader.choice(heating.get("mode", "exchanger"), f"{at}.mode", MODES)
    values["heat_pump"] = _heat_pump(reader, heating.get("heat_pump"), f"{at}.heat_pump")
    values["peak_boiler"] = _boiler(reader, heating.get("peak_boiler"), f"{at}.peak_boiler")
    pumping = {} if got.get("pumping") is None else got["pumping"]
    pumping = reader.mapping(pumping, f"{path}.pumping", optional=_PUMPING)
    values["pumping"] = Pumping(**numbers_of(reader, pumping, f"{path}.pumping", _PUMPING))
    if len(reader.faults) == before:
        _check(reader, values, at)
    if raise_them:
        reader.done()
    return HeatingUse(**values) if len(reader.faults) == before else HeatingUse()


def _heat_pump(reader: Reader, data: Any, path: str) -> HeatPump | None:
    if data is None or data is False:
        return None
    got = reader.mapping({} if data is True else data, path, optional=_PUMP)
    values = numbers_of(reader, got, path, _PUMP)
    ways = [k for k in ("cop", "carnot_fraction", "lorenz_fraction") if values[k] is not None]
    if len(ways) > 1:
        reader.fault(f"{path}.{ways[1]}", "conflict", f"cannot be given together with {ways[0]}")
    if not ways:
        values["cop"] = 5.0
    return HeatPump(**values)


def _boiler(reader: Reader, data: Any, path: str) -> PeakBoiler | None:
    if data is None or data is False:
        return None
    got = reader.mapping({} if data is True else data, path, optional=(*_BOILER, "fuel"))
    fuel = reader.choice(got.get("fuel", "gas"), f"{path}.fuel", FUELS)
    return PeakBoiler(fuel=fuel, **numbers_of(reader, got, path, _BOILER))


def _check(reader: Reader, values: dict[str, Any], path: str) -> None:
    """What fields must be to one another."""
    mean, design = values["load_w_m2"], values["design_load_w_m2"]
    if design is not None and not mean <= design <= 2.0 * mean:
        reader.fault(
            f"{path}.design_load_w_m2",
            "range",
            f"must be between load_w_m2 and twice that ({mean:g} to {2 * mean:g}), got {design:g}",
        )
    supply, back = values["supply_degc"], values["return_degc"]
    if supply is not None and supply < (back if back is not None else DEFAULT_RETURN_DEGC) + 1.0:
        reader.fault(
            f"{path}.supply_degc", "range", f"must be at least 1 K above return_degc, got {supply:g}"
        )
    pump = values["heat_pump"]
    if (
        pump
        and values["mode"] == "exchanger"
        and pump.tail_degc > (back or DEFAULT_RETURN_DEGC) + values["approach_k"]
    ):
        reader.fault(
            f"{path}.heat_pump.tail_degc",
            "range",
            "must lie below the outlet of the first exchanger (return_degc + approach_k), "
            f"got {pump.tail_degc:g}",
        )
    if (values["station_x_m"] is None) != (values["station_y_m"] is None):
        missing = "station_x_m" if values["station_x_m"] is None else "station_y_m"
        reader.fault(f"{path}.{missing}", "missing", "is missing (a place needs both)")
