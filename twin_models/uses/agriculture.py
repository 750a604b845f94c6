"""Greenhouses and fish ponds.

Greenhouse, hour by hour: Q = (U A_cover + 0.34 n V)(T_in - T_out) - share of the sun on its floor, never below
zero; 0.34 Wh/(m3 K) is the heat capacity of air. U (W/m2K): single polyethylene 6.8, single glass 6.4, double
polyethylene 4.0, double glass 3.7, twin-wall polycarbonate 3.1 (growers' tables, converted); air changes n 0.3-0.5
tight, 0.8-1.2 usual, 1.5-2 old. Double polyethylene saves 30 to 40 % (Rafferty, Geothermal Direct Use, ch. 14).
Ponds: ``pools``, with the water replaced each day warmed from the ground's temperature. What the greenhouse
leaves warms the ponds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin_models.reading import Reader
from twin_models.types import Notice
from twin_models.uses.base import Alone, Delivery, Draw, Kind, Stream, Water, exchanged, numbers_of
from twin_models.uses.climate import HOURS, Climate
from twin_models.uses.pools import outdoor_loss_w_m2

AIR_WH_M3K = 0.34
WATER_MJ_M3K = 4.18
SECONDS = 86_400.0
COVERS: Mapping[str, float] = {
    "single_polyethylene": 6.8,
    "single_glass": 6.4,
    "double_polyethylene": 4.0,
    "double_glass": 3.7,
    "twin_wall_polycarbonate": 3.1,
}

LIMITS = {
    "greenhouse_m2": (0.0, 1e8, None),
    "cover_ratio": (1.0, 5.0, 1.4),
    "height_m": (1.5, 20.0, 3.5),
    "air_changes_per_h": (0.0, 20.0, 1.0),
    "indoor_degc": (0.0, 35.0, 16.0),
    "sun_used_pct": (0.0, 100.0, 40.0),
    "supply_degc": (20.0, 100.0, 36.0),
    "return_degc": (10.0, 90.0, 24.0),
    "ponds_m2": (0.0, 1e8, None),
    "pond_degc": (5.0, 40.0, 26.0),
    "pond_depth_m": (0.2, 10.0, 1.5),
    "pond_renewal_pct_per_day": (0.0, 500.0, 5.0),
    "fresh_degc": (0.0, 40.0, 14.0),
    "approach_k": (0.0, 50.0, 3.0),
    "power_per_heat": (0.0, 1.0, 0.01),
    "price_cny_per_gj": (0.0, 1e4, None),
}


@dataclass(frozen=True)
class GreenhouseUse(Alone):
    """``greenhouse_m2``: floor; ``cover_ratio``: cover over floor; ``sun_used_pct``: of the sun on the floor;
    ``supply_degc``/``return_degc``: of the heating pipes. ``power_per_heat``: pumps and fans."""

    greenhouse_m2: float = 1e4
    cover: str = "double_polyethylene"
    cover_ratio: float = 1.4
    height_m: float = 3.5
    air_changes_per_h: float = 1.0
    indoor_degc: float = 16.0
    sun_used_pct: float = 40.0
    supply_degc: float = 36.0
    return_degc: float = 24.0
    approach_k: float = 3.0
    power_per_heat: float = 0.01
    price: float | None = None
    name: str = "agriculture"
    kind: Kind = "heat"
    zh: str = "农业温室"
    en: str = "Greenhouses"
    price_key: str = "greenhouse_heat_cny_per_gj"
    sources: tuple[str, ...] = ("Rafferty, Geothermal Direct Use, chapter 14; growers' tables of covers",)

    @property
    def required_degc(self) -> float:
        return self.return_degc + self.approach_k

    @property
    def ends_degc(self) -> tuple[float, float]:
        return (self.supply_degc, self.return_degc)

    @property
    def cuts_d(self) -> tuple[float, ...]:
        return ()

    @property
    def loss_w_m2k(self) -> float:
        """Loss of the greenhouse per floor area and kelvin."""
        return COVERS[self.cover] * self.cover_ratio + AIR_WH_M3K * self.air_changes_per_h * self.height_m

    def hourly_mw(self, climate: Climate) -> np.ndarray:
        lost = self.loss_w_m2k * (self.indoor_degc - climate.outdoor_degc)
        net = np.maximum(lost - self.sun_used_pct / 100.0 * climate.sun_w_m2, 0.0)
        return net * self.greenhouse_m2 / 1e6

    def draw(self, water: Water, loads: np.ndarray) -> Draw:
        supply, back = self.ends_degc
        heat = exchanged(water, loads, supply_degc=supply, return_degc=back, approach_k=self.approach_k)
        return Draw(heat, heat, heat * self.power_per_heat)

    def sizes_kw(self, draw: Draw) -> dict[str, float]:
        return {"greenhouse_heating": 1e3 * float(draw.product.max(initial=0.0))}

    def remarks(self, stream: Stream, delivery: Delivery) -> list[Notice]:
        return self.too_cold(stream, delivery)


@dataclass(frozen=True)
class PondUse(Alone):
    """``ponds_m2`` kept at ``pond_degc``, ``pond_renewal_pct_per_day`` of the water replaced by water of ``fresh_degc``."""

    ponds_m2: float = 1e3
    pond_degc: float = 26.0
    pond_depth_m: float = 1.5
    pond_renewal_pct_per_day: float = 5.0
    fresh_degc: float = 14.0
    approach_k: float = 3.0
    power_per_heat: float = 0.01
    price: float | None = None
    name: str = "aquaculture"
    kind: Kind = "heat"
    zh: str = "水产养殖"
    en: str = "Fish ponds"
    price_key: str = "greenhouse_heat_cny_per_gj"
    sources: tuple[str, ...] = ("Rafferty (1986), Geo-Heat Center Quarterly Bulletin 9(4)",)

    @property
    def required_degc(self) -> float:
        return self.pond_degc + self.approach_k

    @property
    def ends_degc(self) -> tuple[float, float]:
        return (self.pond_degc + 6.0, self.pond_degc)

    @property
    def cuts_d(self) -> tuple[float, ...]:
        return ()

    def hourly_mw(self, climate: Climate) -> np.ndarray:
        """Surface and renewal, averaged over each day: the water's own heat carries it through the hours."""
        lost = outdoor_loss_w_m2(self.pond_degc, climate) * self.ponds_m2 / 1e6
        flow = self.ponds_m2 * self.pond_depth_m * self.pond_renewal_pct_per_day / 100.0 / SECONDS
        lost = lost + flow * WATER_MJ_M3K * max(self.pond_degc - self.fresh_degc, 0.0)
        return np.repeat(np.maximum(lost.reshape(-1, 24).mean(axis=1), 0.0), HOURS // 365)

    def draw(self, water: Water, loads: np.ndarray) -> Draw:
        supply, back = self.ends_degc
        heat = exchanged(water, loads, supply_degc=supply, return_degc=back, approach_k=self.approach_k)
        return Draw(heat, heat, heat * self.power_per_heat)

    def sizes_kw(self, draw: Draw) -> dict[str, float]:
        return {"pond_heating": 1e3 * float(draw.product.max(initial=0.0))}

    def remarks(self, stream: Stream, delivery: Delivery) -> list[Notice]:
        return self.too_cold(stream, delivery)


_SHARED = ("approach_k", "power_per_heat")
_PONDS = ("ponds_m2", "pond_degc", "pond_depth_m", "pond_renewal_pct_per_day", "fresh_degc")


def parse(reader: Reader, data: Any, path: str) -> tuple[GreenhouseUse | PondUse, ...]:
    """Greenhouses, ponds or both."""
    got = reader.mapping(data, path, optional=(*LIMITS, "cover"))
    values = numbers_of(reader, got, path, LIMITS)
    values["cover"] = reader.choice(got.get("cover", "double_polyethylene"), f"{path}.cover", tuple(COVERS))
    if not values["greenhouse_m2"] and not values["ponds_m2"] and isinstance(data, Mapping):
        reader.fault(f"{path}.greenhouse_m2", "missing", "is missing (or ponds_m2): there is nothing to heat")
    if values["supply_degc"] < values["return_degc"] + 1.0:
        reader.fault(
            f"{path}.supply_degc",
            "range",
            f"must be at least 1 K above return_degc, got {values['supply_degc']:g}",
        )
    price = values.pop("price_cny_per_gj")
    steps: list[GreenhouseUse | PondUse] = []
    if values["greenhouse_m2"]:
        steps.append(GreenhouseUse(price=price, **{k: v for k, v in values.items() if k not in _PONDS}))
    if values["ponds_m2"]:
        steps.append(PondUse(price=price, **{k: v for k, v in values.items() if k in (*_PONDS, *_SHARED)}))
    return tuple(steps)
