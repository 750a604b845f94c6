"""Source, network, load and storage, hour by hour through a year.

Each hour the station must bring what users want and what the network loses:

    exchange + tank from exchange + heat pumps + boiler + tank out - tank in + store out = load + network loss - unmet
    level(h+1) = level(h) + tank in - tank out - loss x level(h)
    exchange + tank from exchange + heat pumps from exchange + into the store + curtailed = what the water offers by exchange

Rules, not an optimum: exchange first, its surplus into the tank, then into the seasonal store. What lacks comes from the
store, the heat pumps and then the tank; in hours of peak price from the tank first. In hours of valley price idle heat pumps
fill the tank if the next day wants heat. The boiler is last, then need stays unmet. Geothermal heat that nobody takes is
curtailed (the water goes back warmer).

Tank: water, E = rho c V dT, loss U A dT of a cylinder as high as wide. Seasonal store: a volume of aquifer beside the
reservoir, E = (rho c) V dT with 2.5 MJ/(m3 K) of saturated rock, a stated share of its heat lost each month.
Network: buried pre-insulated pipes, loss U' L (T - T_ground); U' (W/mK) of single pipes, standard insulation, from the
pipe table of pandapipes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from twin_models.uses.climate import DAYS, Climate
from twin_models.uses.heating import HeatingUse
from twin_models.uses.hours import FLAT, PEAK, VALLEY, Limits, follow_hours

WATER_MWH_M3K = 4.18 / 3600.0
ROCK_MWH_M3K = 2.5 / 3600.0
HOURS_PER_MONTH = 8766.0 / 12.0
PIPE_W_MK = {50: 0.2013, 80: 0.2418, 100: 0.2543, 125: 0.288, 150: 0.3369, 200: 0.3686, 300: 0.4126}
GRAVITY_KN_M3 = 9.80665


@dataclass(frozen=True)
class Tank:
    """Hot water store. ``usable_k``: between full and empty; ``loss_w_m2k``: of its insulated wall;
    ``power_mw``: fastest charge or discharge."""

    volume_m3: float = 0.0
    usable_k: float = 10.0
    loss_w_m2k: float = 0.3
    power_mw: float = math.inf

    @property
    def capacity_mwh(self) -> float:
        return WATER_MWH_M3K * self.volume_m3 * self.usable_k

    @property
    def loss_per_h(self) -> float:
        """Share of its heat lost in an hour: a cylinder as high as wide has A = 6 V / d, d = (4 V / pi)^(1/3)."""
        if self.volume_m3 <= 0.0:
            return 0.0
        wide = (4.0 * self.volume_m3 / math.pi) ** (1.0 / 3.0)
        return self.loss_w_m2k * (6.0 / wide) / (WATER_MWH_M3K * 1e6)


@dataclass(frozen=True)
class Aquifer:
    """Seasonal store underground, apart from the reservoir. ``volume_m3`` of saturated rock warmed by ``usable_k``; ``power_mw``:
    fastest charge or discharge; ``loss_pct_per_month`` of its heat; ``kwh_per_mwh``: of its pumps per heat moved."""

    volume_m3: float = 0.0
    usable_k: float = 20.0
    power_mw: float = 1.0
    loss_pct_per_month: float = 5.0
    kwh_per_mwh: float = 8.0

    @property
    def capacity_mwh(self) -> float:
        return ROCK_MWH_M3K * self.volume_m3 * self.usable_k

    @property
    def loss_per_h(self) -> float:
        return 1.0 - (1.0 - self.loss_pct_per_month / 100.0) ** (1.0 / HOURS_PER_MONTH)


@dataclass(frozen=True)
class Network:
    """Pipes between station and users: ``length_m`` of trench with supply and return of nominal width ``dn``;
    ``head_m``: of its pumps at full flow."""

    length_m: float = 0.0
    dn: int = 150
    ground_degc: float = 10.0
    head_m: float = 43.0
    efficiency: float = 0.7

    def loss_mw(self, supply_degc: float, return_degc: float) -> float:
        warm = supply_degc + return_degc - 2.0 * self.ground_degc
        return max(PIPE_W_MK[self.dn] * self.length_m * warm / 1e6, 0.0)


@dataclass(frozen=True)
class Tariff:
    """Electricity by the hour of the day: ``mean`` price times a factor; hours of valley and peak (north China's usual
    pattern, factors an assumption). Everything else is flat."""

    mean_cny_per_kwh: float = 0.78
    valley: tuple[int, ...] = (23, 0, 1, 2, 3, 4, 5, 6)
    peak: tuple[int, ...] = (8, 9, 10, 17, 18, 19, 20, 21)
    valley_factor: float = 0.5
    peak_factor: float = 1.5

    @property
    def kinds(self) -> np.ndarray:
        """VALLEY, FLAT or PEAK of every hour of the year (8760,)."""
        day = np.full(24, FLAT, dtype=np.int64)
        day[list(self.valley)] = VALLEY
        day[list(self.peak)] = PEAK
        return np.tile(day, DAYS)

    @property
    def cny_per_kwh(self) -> np.ndarray:
        """Price of every hour (8760,), its mean over the day as stated."""
        factor = np.array([self.valley_factor, 1.0, self.peak_factor])[self.kinds]
        return self.mean_cny_per_kwh * factor / factor.mean()


@dataclass(frozen=True)
class Plant:
    """What the station can do each hour (8760,), MW. ``exchange_mw``: heat on offer by exchange alone, of which no more
    than the share ``reach`` of the need can be carried at the network's temperature; ``source_mw``: heat beneath it
    for the heat pumps; ``cop``: 0 without heat pumps; sizes of heat pumps and boiler."""

    exchange_mw: np.ndarray
    source_mw: np.ndarray
    reach: np.ndarray
    cop: float = 0.0
    heat_pump_mw: float = 0.0
    boiler_mw: float = 0.0
    boiler_efficiency: float = 0.92


class _Hours(NamedTuple):
    exchange: np.ndarray
    heat_pump: np.ndarray
    boiler: np.ndarray
    tank_in: np.ndarray
    tank_out: np.ndarray
    level: np.ndarray
    unmet: np.ndarray
    curtailed: np.ndarray
    tank_free: np.ndarray
    pump_offered: np.ndarray
    store_in: np.ndarray
    store_out: np.ndarray
    store_level: np.ndarray


@dataclass(frozen=True)
class Year:
    """A year hour by hour, (8760,), MW (MWh for ``level`` and ``store_level``: at the start of the hour).

    ``need``: load and network loss. ``power``: electricity of heat pumps and network pumps. ``cost_cny``: of it,
    own power taken off first. ``fuel``: lower heating value. ``tank_free``: into the tank straight from exchange;
    ``pump_offered``: of the heat on offer, what heat pumps took because exchange could not use it.
    """

    load: np.ndarray
    need: np.ndarray
    exchange: np.ndarray
    heat_pump: np.ndarray
    boiler: np.ndarray
    tank_in: np.ndarray
    tank_out: np.ndarray
    tank_loss: np.ndarray
    level: np.ndarray
    unmet: np.ndarray
    curtailed: np.ndarray
    tank_free: np.ndarray
    pump_offered: np.ndarray
    store_in: np.ndarray
    store_out: np.ndarray
    store_level: np.ndarray
    power: np.ndarray
    bought: np.ndarray
    fuel: np.ndarray
    cost_cny: np.ndarray
    totals: dict[str, float] = field(default_factory=dict)


def limits_of(plant: Plant, tank: Tank, store: Aquifer) -> Limits:
    """What ``follow_hours`` needs to know of the equipment."""
    return (
        float(plant.cop),
        float(plant.heat_pump_mw),
        float(plant.boiler_mw),
        tank.capacity_mwh,
        float(min(tank.power_mw, 1e9)),
        tank.loss_per_h,
        store.capacity_mwh,
        float(store.power_mw) if store.volume_m3 > 0.0 else 0.0,
        store.loss_per_h,
    )


def need_ahead(need: np.ndarray) -> np.ndarray:
    """Need of the day that begins with each hour (8760,), MWh."""
    total = np.cumsum(np.concatenate(([0.0], need, need[:23])))
    ahead = total[24:] - total[:-24]
    return np.where(ahead > 1e-9 * total[-1], ahead, 0.0)


def run_year(
    load_mw: np.ndarray,
    plant: Plant,
    *,
    supply_degc: float = 40.0,
    return_degc: float = 30.0,
    tank: Tank | None = None,
    network: Network | None = None,
    tariff: Tariff | None = None,
    store: Aquifer | None = None,
    own_power_mw: np.ndarray | float = 0.0,
) -> Year:
    """Dispatch a year of loads (8760,). The tank ends the year as it began (found by running it twice)."""
    tank, network, tariff = tank or Tank(), network or Network(length_m=0.0), tariff or Tariff()
    load = np.asarray(load_mw, dtype=np.float64)
    need = load + network.loss_mw(supply_degc, return_degc) * (load > 0.0)
    kinds = tariff.kinds
    limits = limits_of(plant, tank, store or Aquifer())
    water = np.stack((plant.exchange_mw, plant.source_mw, plant.reach, need_ahead(need))).astype(np.float64)
    _, *end = follow_hours(need, water, kinds, limits, (0.0, 0.0))
    rows, *_ = follow_hours(need, water, kinds, limits, (end[0], end[1]))
    hours = _Hours(*rows)
    flow = (need - hours.unmet) / (WATER_MWH_M3K * max(supply_degc - return_degc, 0.5))
    pumping = flow * network.head_m * GRAVITY_KN_M3 / 3600.0 / 1e3 / network.efficiency
    compressor = hours.heat_pump / plant.cop if plant.cop > 1.0 else 0.0 * need
    deep = (hours.store_in + hours.store_out) * (store or Aquifer()).kwh_per_mwh / 1e3
    power = compressor + pumping + deep
    bought = np.maximum(power - own_power_mw, 0.0)
    year = Year(
        load=load,
        need=need,
        tank_loss=hours.level * tank.loss_per_h,
        power=power,
        bought=bought,
        fuel=hours.boiler / plant.boiler_efficiency,
        cost_cny=bought * 1e3 * tariff.cny_per_kwh,
        **hours._asdict(),
    )
    year.totals.update(_totals(year))
    return year


def _totals(year: Year) -> dict[str, float]:
    """MWh over the year, shares and cost."""
    need = float(year.need.sum())
    offered = float(
        (year.exchange + year.tank_free + year.pump_offered + year.store_in + year.curtailed).sum()
    )
    sums = {
        f"{name}_mwh": float(getattr(year, name).sum())
        for name in (
            "load",
            "exchange",
            "heat_pump",
            "boiler",
            "tank_out",
            "tank_loss",
            "store_in",
            "store_out",
            "unmet",
            "curtailed",
            "power",
        )
    }
    return {
        **sums,
        "network_loss_mwh": need - sums["load_mwh"],
        "unmet_hours": float((year.unmet > 1e-9).sum()),
        "worst_unmet_mw": float(year.unmet.max(initial=0.0)),
        "match_pct": 100.0 * (1.0 - sums["unmet_mwh"] / need) if need > 0.0 else 100.0,
        "curtailed_pct": 100.0 * sums["curtailed_mwh"] / offered if offered > 0.0 else 0.0,
        "peak_share_pct": 100.0 * sums["boiler_mwh"] / need if need > 0.0 else 0.0,
        "electricity_cny": float(year.cost_cny.sum()),
    }


# --- the heating of buildings by the hour ---------------------------------------------------------------


def heating_hourly_mw(use: HeatingUse, climate: Climate) -> np.ndarray:
    """Heat wanted by users each hour (8760,), MW: linear in the outdoor temperature over a day's running mean.

    Degree hours on the coldest ``season_days``; the season's mean is the mean load and its coldest day the design load:
    P = P_m + (P_d - P_m)(T_mean - T)/(T_mean - T_coldest). Zero without a heated area.
    """
    mean, design = use.demand_mw or 0.0, use.design_mw or 0.0
    within = climate.coldest(use.season_days)
    outdoor = climate.outdoor_degc
    around = np.concatenate((outdoor[-12:], outdoor, outdoor[:11]))
    felt = np.convolve(around, np.full(24, 1.0 / 24.0), mode="valid")
    usual, coldest = felt[within].mean(), felt[within].min()
    steeper = (max(design, mean) - mean) / max(usual - coldest, 1e-9)
    return np.where(within, np.maximum(mean + steeper * (usual - felt), 0.0), 0.0)


def heating_plant(
    use: HeatingUse,
    inlet_degc: np.ndarray,
    capacity_mw_k: np.ndarray,
    *,
    network_degc: tuple[float, float],
    sizes_kw: dict[str, float],
) -> Plant:
    """What a heating station offers for water of ``inlet_degc`` and heat capacity flow (8760,) at its exchanger."""
    supply, back = network_degc
    pinch = back + use.pinch_k
    offered = capacity_mw_k * np.maximum(inlet_degc - pinch, 0.0)
    lift = np.clip((inlet_degc - use.pinch_k - back) / (supply - back), 0.0, 1.0)
    pump, boiler = use.heat_pump, use.peak_boiler
    tail = pump.tail_degc if pump else pinch
    return Plant(
        exchange_mw=offered * (lift > 0.0),
        source_mw=capacity_mw_k * np.maximum(np.minimum(inlet_degc, pinch) - tail, 0.0),
        reach=lift,
        cop=pump.performance(supply, back) if pump else 0.0,
        heat_pump_mw=sizes_kw.get("heat_pump", 0.0) / 1e3,
        boiler_mw=sizes_kw.get("peak_boiler", 0.0) / 1e3,
        boiler_efficiency=boiler.efficiency if boiler else 1.0,
    )
