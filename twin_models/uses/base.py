"""What every use of geothermal water answers: how much product, how much power, how cold the water leaves.

Uses are chained hottest first: the outlet of one is the stream of the next. All arrays are (t,), one entry
per year of operation; powers are means over the days the wells run for the use in that year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Stream:
    """Geothermal water offered to a use.

    ``flow_m3_h``: rate while the wells run. ``temperature_degc``: mixed, at the station. ``days``: days of
    flow in each year. ``heat_capacity_mj_m3k``: volumetric. ``floor_degc``: the water must not leave
    colder than this (an injection temperature the scheme demands), or ``None``.
    """

    flow_m3_h: np.ndarray
    temperature_degc: np.ndarray
    days: np.ndarray
    heat_capacity_mj_m3k: float = 4.18
    floor_degc: float | None = None

    @property
    def capacity_mw_k(self) -> np.ndarray:
        """Heat capacity flow (MW/K)."""
        return self.heat_capacity_mj_m3k * self.flow_m3_h / 3600.0


@dataclass(frozen=True)
class Delivery:
    """What a use makes of a stream.

    ``product_mw``: delivered to users; ``demand_mw``: wanted (NaN: whatever comes is taken);
    ``extracted_mw``: heat taken from the geothermal water; ``outlet_degc``: its temperature behind the use;
    ``power_mw``: electricity used; ``fuel_mw``: fuel burnt (lower heating value); ``days``: days of delivery
    in each year; ``demand_days``: days of demand. ``sizes_kw``: what must be built, by equipment key.
    ``series``: everything else worth showing, name -> (t,). ``unreached``: years in which the network
    cannot be brought to its supply temperature by exchange alone.
    """

    product_mw: np.ndarray
    demand_mw: np.ndarray
    extracted_mw: np.ndarray
    outlet_degc: np.ndarray
    power_mw: np.ndarray
    fuel_mw: np.ndarray
    days: np.ndarray
    demand_days: np.ndarray
    sizes_kw: Mapping[str, float]
    series: Mapping[str, np.ndarray] = field(default_factory=dict)
    unreached: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))


class Use(Protocol):
    """One use: heating now; cooling, drying, power, greenhouses and spas join behind the same questions."""

    name: str

    @property
    def required_degc(self) -> float:
        """Coldest stream from which this use can still draw something (degC); sorts the cascade."""
        ...

    @property
    def demand_mw(self) -> float | None:
        """Mean demand over the season (MW), ``None`` when whatever comes is taken."""
        ...

    @property
    def price_basis(self) -> str:
        """What is sold: ``"m2"`` (heated area per season) or ``"GJ"``."""
        ...

    def deliver(self, stream: Stream) -> Delivery:
        """Product, power and outlet for a stream. Energy in equals energy out."""
        ...

    def equipment_mw(self) -> Mapping[str, float | None]:
        """Sizes that the user fixed (MW), by equipment key; ``None``: sized by what the stream gives."""
        ...
