"""Cooling of buildings by absorption chillers driven with geothermal water.

Characteristic equation (single effect, water / lithium bromide), with the mean temperatures of generator t_G,
absorber and condenser t_AC and evaporator t_E:

    ddt = t_G - 2.5 t_AC + 1.8 t_E;  Q_E = 0.42 ddt + 0.9;  Q_G = 0.51 ddt + 2.0;  COP = Q_E / Q_G

Coefficients of a 10 kW chiller: Kuehn and Ziegler, as given in the documentation of oemof-thermal. Scaled to a
chiller of any size by its output at ``RATED_DEGC``. At t_AC 30 and t_E 15 the output at t_G 60/70/80/90 is
36/62/87/113 % of that at 85: water of 62 degC cools poorly, and the chiller must be built so much larger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twin_models.reading import Reader
from twin_models.types import DAYS_PER_YEAR, Notice
from twin_models.uses.base import Alone, Delivery, Draw, Kind, Stream, Water, needs, numbers_of
from twin_models.uses.climate import DAYS, Climate

A_AC, A_E = 2.5, 1.8
S_E, R_E, S_G, R_G = 0.42, 0.9, 0.51, 2.0
RATED_DEGC = 85.0
POOR = 0.7

LIMITS = {
    "area_m2": (1.0, 1e9, None),
    "load_w_m2": (0.1, 1000.0, 50.0),
    "season_days": (1.0, 365.25, 90.0),
    "chilled_degc": (5.0, 25.0, 15.0),
    "recooling_degc": (15.0, 45.0, 30.0),
    "minimum_degc": (45.0, 100.0, 55.0),
    "approach_k": (0.0, 50.0, 3.0),
    "generator_glide_k": (1.0, 50.0, 8.0),
    "power_per_cold": (0.0, 1.0, 0.06),
    "price_cny_per_gj": (0.0, 1e4, None),
}


@dataclass(frozen=True)
class CoolingUse(Alone):
    """Cooling in the warmest days of the year.

    ``area_m2`` x ``load_w_m2``: mean load over ``season_days``, spread over its hours by cooling degrees above
    ``base_degc``. ``chilled_degc``, ``recooling_degc``: mean temperatures of evaporator and of absorber and
    condenser. ``minimum_degc``: coldest mean temperature of the generator; ``generator_glide_k``: by how much
    the hot water is cooled in it. ``power_per_cold``: pumps and cooling tower.
    """

    area_m2: float = 1e4
    load_w_m2: float = 50.0
    season_days: float = 90.0
    chilled_degc: float = 15.0
    recooling_degc: float = 30.0
    minimum_degc: float = 55.0
    approach_k: float = 3.0
    generator_glide_k: float = 8.0
    power_per_cold: float = 0.06
    price: float | None = None
    base_degc: float = 18.0
    name: str = "cooling"
    kind: Kind = "cold"
    zh: str = "制冷"
    en: str = "Cooling"
    price_key: str = "cold_cny_per_gj"
    sources: tuple[str, ...] = ("Kuehn and Ziegler; documentation of oemof-thermal",)

    @property
    def required_degc(self) -> float:
        return self.minimum_degc + self.approach_k + 0.5 * self.generator_glide_k

    @property
    def ends_degc(self) -> tuple[float, float]:
        return (self.chilled_degc - 3.0, self.chilled_degc + 3.0)

    @property
    def cuts_d(self) -> tuple[float, ...]:
        return (DAYS_PER_YEAR - self.season_days,)

    def hourly_mw(self, climate: Climate) -> np.ndarray:
        wanted = np.maximum(climate.outdoor_degc - self.base_degc, 0.1) * climate.warmest(self.season_days)
        days = self.season_days * DAYS / DAYS_PER_YEAR
        return wanted * (self.area_m2 * self.load_w_m2 / 1e6 * days * 24.0 / wanted.sum())

    def characteristic(self, generator_degc: Any) -> tuple[Any, Any]:
        """(output over the output at 85 degC, coefficient of performance); (0, 0) below the minimum."""

        def ddt(degc: Any) -> Any:
            return degc - A_AC * self.recooling_degc + A_E * self.chilled_degc

        now = ddt(np.asarray(generator_degc, dtype=np.float64))
        cold, heat = S_E * now + R_E, S_G * now + R_G
        rated = S_E * ddt(RATED_DEGC) + R_E
        runs = (generator_degc >= self.minimum_degc) & (cold > 0.0) & (heat > 0.0)
        return np.where(runs, cold / max(rated, 1e-9), 0.0), np.where(
            runs, cold / np.where(heat > 0, heat, 1.0), 0.0
        )

    def draw(self, water: Water, loads: np.ndarray) -> Draw:
        generator = water.temperature_degc - self.approach_k - 0.5 * self.generator_glide_k
        capacity, cop = self.characteristic(generator)
        most = water.above(water.temperature_degc - self.generator_glide_k)
        cold = np.minimum(loads, most * cop)
        extracted = np.divide(cold, cop, out=np.zeros_like(cold), where=cop > 0.0)
        size = np.divide(cold, capacity, out=np.zeros_like(cold), where=capacity > 0.0)
        return Draw(
            extracted,
            cold,
            cold * self.power_per_cold,
            None,
            {"cop": cop, "capacity_ratio": capacity, "rated_mw": size},
        )

    def sizes_kw(self, draw: Draw) -> dict[str, float]:
        return {"absorption_chiller": 1e3 * float(draw.series["rated_mw"].max(initial=0.0))}

    def remarks(self, stream: Stream, delivery: Delivery) -> list[Notice]:
        found = self.too_cold(stream, delivery)
        share = delivery.series["capacity_ratio"]
        worst = float(share[share > 0.0].min(initial=1.0))
        if worst < POOR:
            found.append(
                Notice(
                    "cooling_poor",
                    "uses.heating.cooling",
                    f"at this water temperature an absorption chiller gives {100 * worst:.0f} % of its rated output;"
                    f" it must be built {1 / worst:.1f} times as large",
                    f"该水温下吸收式制冷机只能达到额定冷量的 {100 * worst:.0f} %,需放大到 {1 / worst:.1f} 倍",
                )
            )
        return found


def parse(reader: Reader, data: Any, path: str) -> CoolingUse:
    got = reader.mapping(data, path, optional=LIMITS)
    values = numbers_of(reader, got, path, LIMITS)
    needs(reader, values, path, "area_m2")
    values["area_m2"] = values["area_m2"] or 1.0
    values["price"] = values.pop("price_cny_per_gj")
    return CoolingUse(**values)
