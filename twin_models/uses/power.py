"""Electricity from an organic Rankine cycle (binary plant).

P = m B(T, T_0) eta_u(T, T_0), with the exergy B of the water against the ambient T_0 and a utilisation
efficiency of the plant; its outlet follows T as well. Both are linear in T and in the ambient between 5, 15
and 25 degC (held outside). Correlations and constants: GEOPHIRES-X (module for subcritical ORC plants), which
are made for 100 to 200 degC. In a partial load, or when the water must not leave colder than a floor, only the
share of the water that passes the plant is cooled; the rest goes by.

    T 90/100/110/120/130/145 degC, ambient 15: 5.35/7.93/11.16/15.13/19.89/28.66 kJ of electricity per kg
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twin_models.reading import Reader
from twin_models.types import Notice
from twin_models.uses.base import Alone, Delivery, Draw, Kind, Stream, Water, needs, numbers_of
from twin_models.uses.climate import HOURS, Climate

KELVIN = 273.15
WATER_KJ_KGK = 4.18
MARGINAL_DEGC = 100.0
AMBIENT = np.array([5.0, 15.0, 25.0])
SLOPE = np.array([2.746e-3, 2.713e-3, 2.676e-3])
OFFSET = np.array([-8.3806e-2, -9.1841e-2, -0.1012])
OUTLET = np.array([55.6, 62.6, 69.6])
OUTLET_SLOPE = 0.0894
EXERGY = (4.04165, -1.204e-2, 1.605e-5)  # heat capacity of water A + B T + C T^2, Btu/(lb K)
TO_MJ_KG = 2.2046 / 947.83

LIMITS = {
    "capacity_mw": (0.001, 1e4, None),
    "minimum_degc": (80.0, 200.0, 90.0),
    "own_use_pct": (0.0, 60.0, 0.0),
    "price_cny_per_kwh": (0.0, 10.0, None),
}


def exergy_mj_kg(degc: Any, ambient_degc: Any) -> Any:
    """Exergy of liquid water (MJ/kg) against the ambient."""
    a, b, c = EXERGY
    hot, cold = degc + KELVIN, ambient_degc + KELVIN
    gain = (a - b * cold) * (hot - cold)
    gain = gain + (b - c * cold) / 2.0 * (hot**2 - cold**2) + c / 3.0 * (hot**3 - cold**3)
    return (gain - a * cold * np.log(hot / cold)) * TO_MJ_KG


def utilisation(degc: Any, ambient_degc: Any) -> Any:
    """Electricity over exergy."""
    slope = np.interp(ambient_degc, AMBIENT, SLOPE)
    return np.maximum(slope * degc + np.interp(ambient_degc, AMBIENT, OFFSET), 0.0)


def plant_outlet_degc(degc: Any, ambient_degc: Any) -> Any:
    """Temperature at which the water leaves the plant."""
    return np.minimum(OUTLET_SLOPE * degc + np.interp(ambient_degc, AMBIENT, OUTLET), degc)


def specific_mj_kg(degc: Any, ambient_degc: Any) -> Any:
    """Electricity per kilogram of water (MJ/kg)."""
    ambient = np.clip(ambient_degc, AMBIENT[0], AMBIENT[-1])
    return exergy_mj_kg(degc, ambient) * utilisation(degc, ambient)


@dataclass(frozen=True)
class PowerUse(Alone):
    """A binary plant. ``capacity_mw`` ``None``: as large as the stream gives; ``minimum_degc``: below it the
    plant stands; ``own_use_pct``: of the gross output, beyond what the correlation already holds; well pumps
    are counted with the wells."""

    capacity_mw: float | None = None
    minimum_degc: float = 90.0
    own_use_pct: float = 0.0
    price: float | None = None
    name: str = "power"
    kind: Kind = "power"
    zh: str = "发电"
    en: str = "Power"
    price_key: str = "power_cny_per_kwh"
    sources: tuple[str, ...] = ("GEOPHIRES-X, subcritical ORC plants",)

    @property
    def required_degc(self) -> float:
        return self.minimum_degc

    @property
    def ends_degc(self) -> tuple[float, float]:
        return (np.inf, np.inf)

    @property
    def cuts_d(self) -> tuple[float, ...]:
        return ()

    @property
    def demand_mw(self) -> float | None:
        return None

    def hourly_mw(self, climate: Climate) -> np.ndarray:
        return np.full(HOURS, np.inf)

    def draw(self, water: Water, loads: np.ndarray) -> Draw:
        degc = water.temperature_degc
        ambient = np.clip(water.outdoor_degc, AMBIENT[0], AMBIENT[-1])
        gross = water.capacity_mw_k * 1e3 / WATER_KJ_KGK * specific_mj_kg(degc, ambient)
        cooled = np.maximum(degc - plant_outlet_degc(degc, ambient), 1e-9)
        room = np.maximum(degc - water.floor_degc, 0.0) / cooled if np.isfinite(water.floor_degc) else np.inf
        share = np.minimum(room, 1.0) * (degc >= self.minimum_degc)
        if self.capacity_mw is not None:
            share = np.minimum(share, self.capacity_mw / np.maximum(gross, 1e-12))
        made = gross * share
        own = made * self.own_use_pct / 100.0
        extracted = water.capacity_mw_k * cooled * share
        return Draw(
            extracted, made - own, 0.0 * made, made - own, {"gross_mw": made, "rejected_mw": extracted - made}
        )

    def sizes_kw(self, draw: Draw) -> dict[str, float]:
        return {"orc": 1e3 * float(draw.series["gross_mw"].max(initial=0.0))}

    def equipment_mw(self) -> dict[str, float | None]:
        return {"orc": self.capacity_mw}

    def remarks(self, stream: Stream, delivery: Delivery) -> list[Notice]:
        found = self.too_cold(stream, delivery)
        arriving = float(delivery.series["inlet_degc"].max())
        if self.minimum_degc <= arriving < MARGINAL_DEGC:
            found.append(
                Notice(
                    "power_marginal",
                    "uses.power",
                    f"power from water of {arriving:.0f} degC is marginal: the plant leaves it at about"
                    f" {float(plant_outlet_degc(arriving, 15.0)):.0f} degC, and the correlation is made for"
                    " 100 degC and more",
                    f"{arriving:.0f} ℃ 的水发电处于边缘:排水约 {float(plant_outlet_degc(arriving, 15.0)):.0f} ℃,"
                    "所用关联式适用于 100 ℃ 以上",
                )
            )
        return found


def parse(reader: Reader, data: Any, path: str) -> PowerUse:
    got = reader.mapping({} if data is True else data, path, optional=LIMITS)
    values = numbers_of(reader, got, path, LIMITS)
    needs(reader, values, path)
    values["price"] = values.pop("price_cny_per_kwh")
    return PowerUse(**values)
