"""The energy station as people see it: every temperature, flow and duty, year by year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios.chain import Plan, Run

EQUIPMENT = {  # key -> Chinese and English name
    "exchanger1": ("一级板式换热器", "Plate exchanger 1"),
    "exchanger2": ("二级板式换热器", "Plate exchanger 2"),
    "heat_pump": ("水源热泵", "Heat pumps"),
    "peak_boiler": ("调峰锅炉", "Peak boiler"),
    "circulation_pumps": ("供暖循环泵", "Network pumps"),
    "intermediate_pumps": ("中介水循环泵", "Intermediate pumps"),
    "orc": ("有机朗肯循环机组", "Binary power plant"),
    "air_heater": ("烘干空气加热器", "Dryer's air heater"),
    "absorption_chiller": ("吸收式制冷机", "Absorption chiller"),
    "pool_heating": ("泡池换热器", "Pool exchanger"),
    "greenhouse_heating": ("温室换热器", "Greenhouse exchanger"),
    "pond_heating": ("养殖池换热器", "Pond exchanger"),
}
OF_USE = {  # use -> its equipment
    "power": "orc",
    "drying": "air_heater",
    "cooling": "absorption_chiller",
    "wellness": "pool_heating",
    "agriculture": "greenhouse_heating",
    "aquaculture": "pond_heating",
}
HEATING_SERIES = (
    "exchanger1_mw",
    "exchanger2_mw",
    "heat_pump_mw",
    "peak_boiler_mw",
    "heat_pump_power_mw",
    "circulation_power_mw",
    "intermediate_power_mw",
    "boiler_power_mw",
    "network_flow_m3_h",
    "intermediate_flow_m3_h",
)


@dataclass(frozen=True)
class Equipment:
    """A piece of equipment at one time. ``hot``/``cold``: (inlet, outlet) degC of the two streams.

    ``hot_flow_m3_h``, ``cold_flow_m3_h``; ``duty_kw``: heat passed on; ``power_kw``: electricity used;
    ``size_kw``: built (0: not there).
    """

    key: str
    zh: str
    en: str
    hot: tuple[float, float]
    cold: tuple[float, float]
    hot_flow_m3_h: float
    cold_flow_m3_h: float
    duty_kw: float
    power_kw: float
    size_kw: float


@dataclass(frozen=True)
class UseState:
    """One use beside heating, (t,): water in and out, heat taken, product, electricity; ``ends_degc``: temperatures
    (supply, return) of the product; ``product``: ``heat``, ``cold`` or ``power``. Means over its own days."""

    name: str
    zh: str
    en: str
    product: str
    key: str
    ends_degc: tuple[float, float]
    inlet_degc: np.ndarray
    outlet_degc: np.ndarray
    extracted_kw: np.ndarray
    product_kw: np.ndarray
    power_kw: np.ndarray
    days: np.ndarray


@dataclass(frozen=True)
class StationState:
    """Station and wells over the years; ``years``: (t,) ends of the operating years.

    ``temperatures_degc``: wellhead, station_in, hx1_in/out, hx2_in/out, tail, supply, return, intermediate_in/out;
    ``flows_m3_h``: geothermal, network, intermediate, injection; ``duties_kw``: hx1, hx2, heat_pump,
    peak_boiler, delivered, demand; ``powers_kw``: well_pumps, injection_pumps, heat_pump, circulation,
    intermediate, boiler. All (t,), means over the season of each year. ``sizes_kw``: built.
    ``wellhead_degc``, ``pump_kw``, ``injection_bar``: by well, (t,). ``uses``: those beside heating, hottest first.
    """

    years: np.ndarray
    temperatures_degc: Mapping[str, np.ndarray]
    flows_m3_h: Mapping[str, np.ndarray]
    duties_kw: Mapping[str, np.ndarray]
    powers_kw: Mapping[str, np.ndarray]
    sizes_kw: Mapping[str, float]
    wellhead_degc: Mapping[str, np.ndarray]
    pump_kw: Mapping[str, np.ndarray]
    injection_bar: Mapping[str, np.ndarray]
    position_m: tuple[float, float]
    uses: tuple[UseState, ...] = ()

    def at(self, year: float) -> dict[str, dict[str, float]]:
        """temperatures_degc, flows_m3_h, duties_kw, powers_kw in the operating year that holds ``year``."""
        i = self._row(year)
        parts = ("temperatures_degc", "flows_m3_h", "duties_kw", "powers_kw")
        return {part: {k: float(v[i]) for k, v in getattr(self, part).items()} for part in parts}

    def _row(self, year: float) -> int:
        return min(int(np.searchsorted(self.years, year)), len(self.years) - 1)

    def equipment(self, year: float = 0.0) -> tuple[Equipment, ...]:
        """Every piece of equipment that is built, with its state in that operating year."""
        now = self.at(year)
        t, q = now["temperatures_degc"], now["flows_m3_h"]
        duty, power, size = now["duties_kw"], now["powers_kw"], self.sizes_kw
        supply, back = t["supply"], t["return"]
        geothermal, network, middle = q["geothermal"], q["network"], q["intermediate"]
        heated, chilled = (back, supply), (t["intermediate_in"], t["intermediate_out"])
        warmed = chilled[::-1]
        rows: dict[
            str, tuple[Any, ...]
        ] = {  # key -> hot side, cold side, flow hot, flow cold, heat passed on, electricity
            "exchanger1": ((t["hx1_in"], t["hx1_out"]), heated, geothermal, network, duty["hx1"], 0.0),
            "exchanger2": ((t["hx2_in"], t["hx2_out"]), warmed, geothermal, middle, duty["hx2"], 0.0),
            "heat_pump": (chilled, heated, middle, network, duty["heat_pump"], power["heat_pump"]),
            "peak_boiler": ((supply, supply), heated, 0.0, network, duty["peak_boiler"], power["boiler"]),
            "circulation_pumps": ((supply, back), heated, 0.0, network, 0.0, power["circulation"]),
            "intermediate_pumps": (chilled, warmed, middle, 0.0, 0.0, power["intermediate"]),
        }
        row = self._row(year)
        for use in self.uses:
            water = (float(use.inlet_degc[row]), float(use.outlet_degc[row]))
            made, spent = float(use.product_kw[row]), float(use.power_kw[row])
            rows[use.key] = (water, use.ends_degc[::-1], geothermal, 0.0, made, spent)
        filled: list[tuple[Any, ...]] = [
            (key, *EQUIPMENT[key], *values, size.get(key, 0.0)) for key, values in rows.items()
        ]
        items = (Equipment(*row) for row in filled)
        return tuple(item for item in items if item.size_kw > 0.0)


def station_state(plan: Plan, run: Run) -> StationState:
    """Collect the station's state from a run of the chain."""
    delivery = run.delivery
    series = delivery.series or _no_heating(run)
    volume = np.maximum(plan.hot.volume_of_year_m3, 1e-9)
    hours = np.maximum(plan.days * 24.0, 1e-9)
    flow = plan.hot.volume_of_year_m3 / hours
    mixed = (plan.hot.volume_m3 * run.wellhead_degc).sum(axis=1) / volume
    pump = plan.use.heat_pump
    cold_side = (pump.tail_degc - pump.evaporator_approach_k) if pump else 0.0
    glide = pump.evaporator_glide_k if pump else 0.0
    ones = np.ones_like(flow)
    injection_kw = run.injection_pump_kw
    return StationState(
        years=plan.edges[1:],
        temperatures_degc={
            "wellhead": np.where(flow > 0.0, mixed, run.station_degc),
            "station_in": run.station_degc,
            "hx1_in": series.get("inlet_degc", run.station_degc),
            "hx1_out": series["exchanger1_out_degc"],
            "hx2_in": series.get("exchanger2_in_degc", series["exchanger1_out_degc"]),
            "hx2_out": series["outlet_degc"],
            "tail": delivery.outlet_degc,
            "supply": series["supply_degc"],
            "return": series["return_degc"],
            "intermediate_in": (cold_side + glide) * ones if pump else delivery.outlet_degc,
            "intermediate_out": cold_side * ones if pump else delivery.outlet_degc,
        },
        flows_m3_h={
            "geothermal": flow,
            "network": series["network_flow_m3_h"],
            "intermediate": series["intermediate_flow_m3_h"],
            "injection": plan.cold.volume_of_year_m3 / hours,
        },
        duties_kw={
            "hx1": series["exchanger1_mw"] * 1e3,
            "hx2": series["exchanger2_mw"] * 1e3,
            "heat_pump": series["heat_pump_mw"] * 1e3,
            "peak_boiler": series["peak_boiler_mw"] * 1e3,
            "delivered": delivery.product_mw * 1e3,
            "demand": delivery.demand_mw * 1e3,
        },
        powers_kw={
            "well_pumps": run.well_pump_kw.sum(axis=1),
            "injection_pumps": injection_kw.sum(axis=1) if injection_kw.size else 0.0 * ones,
            "heat_pump": series["heat_pump_power_mw"] * 1e3,
            "circulation": series["circulation_power_mw"] * 1e3,
            "intermediate": series["intermediate_power_mw"] * 1e3,
            "boiler": series["boiler_power_mw"] * 1e3,
        },
        sizes_kw=delivery.sizes_kw,
        wellhead_degc={name: run.wellhead_degc[:, j] for j, name in enumerate(plan.hot.names)},
        pump_kw={
            **{name: injection_kw[:, j] for j, name in enumerate(plan.cold.names)},
            **{name: run.well_pump_kw[:, j] for j, name in enumerate(plan.hot.names)},
        },
        injection_bar={name: run.injection_bar[:, j] for j, name in enumerate(plan.cold.names)},
        position_m=plan.station_m,
        uses=_uses(plan, run),
    )


def _no_heating(run: Run) -> dict[str, np.ndarray]:
    """The series of a station that heats no buildings: nothing happens in its exchangers."""
    still = np.zeros_like(run.station_degc)
    tail = run.delivery.outlet_degc
    places = ("exchanger1_out_degc", "outlet_degc", "supply_degc", "return_degc", "inlet_degc")
    return dict.fromkeys(HEATING_SERIES, still) | dict.fromkeys(places, tail)


def _uses(plan: Plan, run: Run) -> tuple[UseState, ...]:
    """State of every use beside heating, hottest first."""
    if plan.cascade is None:
        return ()
    parts = run.delivery.parts
    air = plan.cascade.climate.mean_degc
    return tuple(
        UseState(
            name=step.name,
            zh=step.zh,
            en=step.en,
            product=step.kind,
            key=OF_USE[step.name],
            ends_degc=(air, air) if step.kind == "power" else step.ends_degc,
            inlet_degc=parts[step.name].series["inlet_degc"],
            outlet_degc=parts[step.name].outlet_degc,
            extracted_kw=parts[step.name].extracted_mw * 1e3,
            product_kw=parts[step.name].product_mw * 1e3,
            power_kw=parts[step.name].power_mw * 1e3,
            days=parts[step.name].days,
        )
        for step in plan.cascade.ordered
    )
