"""Industrial drying with air heated by geothermal water.

Water removed from each tonne of wet feed, moistures on the wet basis: (w_in - w_out)/(1 - w_out). Heat per
kilogram of it: (h_fg(T_wb) + c (T_wb - T_feed))/eta, 2.5 MJ/kg before the dryer's efficiency. While the
surface is wet the rate of drying is proportional to the air's temperature above the wet bulb (constant-rate
period); water too cold for the wanted air thus dries less: phi = (T_air - T_wb)/(T_air,wanted - T_wb).

Measured (FAO chapters on geothermal drying): tomato 1450 kWh per tonne of wet fruit in Greece, rice 136 kWh per tonne;
dryers heated by gas are 55 to 70 % efficient, electric ones 31 to 54 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twin_models.reading import Reader
from twin_models.types import DAYS_PER_YEAR, Notice
from twin_models.uses.base import Alone, Delivery, Draw, Kind, Stream, Water, needs, numbers_of
from twin_models.uses.climate import Climate

SECONDS = 86_400.0
WATER_MJ_KGK = 4.186e-3

LIMITS = {
    "feed_t_per_day": (0.001, 1e6, None),
    "moisture_in_pct": (1.0, 98.0, 80.0),
    "moisture_out_pct": (0.0, 90.0, 14.0),
    "season_days": (1.0, 365.25, None),
    "air_degc": (30.0, 150.0, 60.0),
    "minimum_air_degc": (25.0, 150.0, 45.0),
    "wet_bulb_degc": (5.0, 60.0, 27.0),
    "approach_k": (1.0, 50.0, 8.0),
    "outlet_degc": (5.0, 120.0, 35.0),
    "efficiency": (0.1, 1.0, 0.6),
    "fan_kwh_per_t_water": (0.0, 1000.0, 60.0),
    "price_cny_per_gj": (0.0, 1e4, None),
}
SEASONS = ("warm", "cold")


@dataclass(frozen=True)
class DryingUse(Alone):
    """A dryer. ``feed_t_per_day``: wet feed; ``season_days``: on the warmest (or coldest) days of the year, ``None``:
    all year; ``air_degc``: drying air wanted, ``minimum_air_degc``: below it nothing is dried;
    ``outlet_degc``: coldest the water leaves the air heater (never closer than the approach to the fresh air).
    """

    feed_t_per_day: float = 10.0
    moisture_in_pct: float = 80.0
    moisture_out_pct: float = 14.0
    season_days: float | None = None
    season: str = "warm"
    air_degc: float = 60.0
    minimum_air_degc: float = 45.0
    wet_bulb_degc: float = 27.0
    approach_k: float = 8.0
    outlet_degc: float = 35.0
    efficiency: float = 0.6
    fan_kwh_per_t_water: float = 60.0
    price: float | None = None
    name: str = "drying"
    kind: Kind = "heat"
    zh: str = "工业烘干"
    en: str = "Drying"
    price_key: str = "process_heat_cny_per_gj"
    sources: tuple[str, ...] = ("constant-rate period of drying; FAO chapters on geothermal drying",)

    @property
    def required_degc(self) -> float:
        return self.minimum_air_degc + self.approach_k

    @property
    def ends_degc(self) -> tuple[float, float]:
        return (self.air_degc, self.wet_bulb_degc)

    @property
    def cuts_d(self) -> tuple[float, ...]:
        if self.season_days is None:
            return ()
        return (self.season_days if self.season == "cold" else DAYS_PER_YEAR - self.season_days,)

    @property
    def water_t_per_day(self) -> float:
        """Water removed at full throughput."""
        before, after = self.moisture_in_pct / 100.0, self.moisture_out_pct / 100.0
        return self.feed_t_per_day * (before - after) / (1.0 - after)

    def heat_mj_kg(self, feed_degc: float) -> float:
        """Heat per kilogram of water removed."""
        evaporation = 2.501 - 2.361e-3 * self.wet_bulb_degc
        warming = WATER_MJ_KGK * max(self.wet_bulb_degc - feed_degc, 0.0)
        return (evaporation + warming) / self.efficiency

    @property
    def _heat_mj_kg(self) -> float:
        return self.heat_mj_kg(12.0)

    def hourly_mw(self, climate: Climate) -> np.ndarray:
        within = climate.coldest if self.season == "cold" else climate.warmest
        full = self.water_t_per_day * 1e3 / SECONDS * self._heat_mj_kg
        return full * within(self.season_days).astype(np.float64)

    def draw(self, water: Water, loads: np.ndarray) -> Draw:
        air = np.minimum(water.temperature_degc - self.approach_k, self.air_degc)
        rate = (air - self.wet_bulb_degc) / (self.air_degc - self.wet_bulb_degc)
        rate = np.where(air >= self.minimum_air_degc, rate, 0.0)
        lowest = np.maximum(self.outlet_degc, water.outdoor_degc + self.approach_k)
        heat = np.minimum(rate * loads, water.above(lowest) * (rate > 0.0))
        removed = heat / self._heat_mj_kg * SECONDS / 1e3
        fans = removed * self.fan_kwh_per_t_water / 24.0 / 1e3
        return Draw(heat, heat, fans, None, {"water_t_per_day": removed})

    def sizes_kw(self, draw: Draw) -> dict[str, float]:
        return {"air_heater": 1e3 * float(draw.product.max(initial=0.0))}

    def remarks(self, stream: Stream, delivery: Delivery) -> list[Notice]:
        return self.too_cold(stream, delivery)


def parse(reader: Reader, data: Any, path: str) -> DryingUse:
    got = reader.mapping(data, path, optional=(*LIMITS, "season"))
    values = numbers_of(reader, got, path, LIMITS)
    values["season"] = reader.choice(got.get("season", "warm"), f"{path}.season", SEASONS)
    needs(reader, values, path, "feed_t_per_day")
    values["feed_t_per_day"] = values["feed_t_per_day"] or 1.0
    if values["moisture_out_pct"] >= values["moisture_in_pct"]:
        reader.fault(
            f"{path}.moisture_out_pct",
            "range",
            f"must be below moisture_in_pct, got {values['moisture_out_pct']:g}",
        )
    if not values["wet_bulb_degc"] + 1.0 <= values["minimum_air_degc"] <= values["air_degc"]:
        reader.fault(
            f"{path}.minimum_air_degc",
            "range",
            f"must be between wet_bulb_degc + 1 and air_degc ({values['wet_bulb_degc'] + 1:g} to"
            f" {values['air_degc']:g}), got {values['minimum_air_degc']:g}",
        )
    values["price"] = values.pop("price_cny_per_gj")
    return DryingUse(**values)
