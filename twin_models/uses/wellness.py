"""Culture, tourism and wellness: hot-spring pools.

Pools lose heat from their surface (``pools``), with the water renewed each day and with what visitors shower;
part of the heat of the waste water comes back. Pools of a spa are 38 to 42 degC; water is cooled by exchange, not
by dilution, so that the heat between the well and the pool stays useful to what follows in the cascade. The
industry's star rating asks for at least 40 degC in the pool or 50 degC at the wellhead for five stars.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twin_models.reading import Reader
from twin_models.types import Notice
from twin_models.uses.base import Alone, Delivery, Draw, Kind, Stream, Water, exchanged, needs, numbers_of
from twin_models.uses.climate import HOURS, Climate
from twin_models.uses.pools import indoor_loss_w_m2, outdoor_loss_w_m2

WATER_MJ_M3K = 4.18
SECONDS = 86_400.0

LIMITS = {
    "pools_m2": (1.0, 1e7, None),
    "pool_degc": (25.0, 45.0, 40.0),
    "supply_above_k": (1.0, 40.0, 6.0),
    "outdoor_pct": (0.0, 100.0, 30.0),
    "depth_m": (0.2, 5.0, 1.0),
    "renewal_pct_per_day": (0.0, 500.0, 30.0),
    "visitors_per_day": (0.0, 1e6, 0.0),
    "shower_l_per_visitor": (0.0, 1000.0, 60.0),
    "fresh_degc": (0.0, 40.0, 14.0),
    "heat_recovery_pct": (0.0, 90.0, 40.0),
    "air_degc": (10.0, 40.0, 28.0),
    "humidity_pct": (10.0, 95.0, 60.0),
    "activity": (0.3, 2.0, 1.0),
    "approach_k": (0.0, 50.0, 3.0),
    "power_per_heat": (0.0, 1.0, 0.03),
    "price_cny_per_gj": (0.0, 1e4, None),
}


@dataclass(frozen=True)
class WellnessUse(Alone):
    """``pools_m2`` at ``pool_degc``, ``outdoor_pct`` of them outdoors; ``renewal_pct_per_day`` of the water;
    ``heat_recovery_pct``: of the heat in waste water; ``air_degc``, ``humidity_pct``, ``activity``: indoors."""

    pools_m2: float = 1000.0
    pool_degc: float = 40.0
    supply_above_k: float = 6.0
    outdoor_pct: float = 30.0
    depth_m: float = 1.0
    renewal_pct_per_day: float = 30.0
    visitors_per_day: float = 0.0
    shower_l_per_visitor: float = 60.0
    fresh_degc: float = 14.0
    heat_recovery_pct: float = 40.0
    air_degc: float = 28.0
    humidity_pct: float = 60.0
    activity: float = 1.0
    approach_k: float = 3.0
    power_per_heat: float = 0.03
    price: float | None = None
    name: str = "wellness"
    kind: Kind = "heat"
    zh: str = "文旅康养"
    en: str = "Wellness"
    price_key: str = "spa_heat_cny_per_gj"
    sources: tuple[str, ...] = ("ASHRAE pool equation; Rafferty (1986), GHC Bulletin 9(4)",)

    @property
    def required_degc(self) -> float:
        return self.pool_degc + self.approach_k

    @property
    def ends_degc(self) -> tuple[float, float]:
        return (self.pool_degc + self.supply_above_k, self.pool_degc)

    @property
    def cuts_d(self) -> tuple[float, ...]:
        return ()

    @property
    def renewal_mw(self) -> float:
        """Fresh and shower water, after heat recovery."""
        flow = self.pools_m2 * self.depth_m * self.renewal_pct_per_day / 100.0
        flow += self.visitors_per_day * self.shower_l_per_visitor / 1e3
        warmed = max(self.pool_degc - self.fresh_degc, 0.0) * (1.0 - self.heat_recovery_pct / 100.0)
        return flow / SECONDS * WATER_MJ_M3K * warmed

    def hourly_mw(self, climate: Climate) -> np.ndarray:
        outside = self.outdoor_pct / 100.0 * self.pools_m2
        indoor = indoor_loss_w_m2(
            self.pool_degc, air_degc=self.air_degc, humidity_pct=self.humidity_pct, activity=self.activity
        )
        steady = indoor * (self.pools_m2 - outside) / 1e6 + self.renewal_mw
        open_air = outdoor_loss_w_m2(self.pool_degc, climate).reshape(-1, 24).mean(axis=1)
        return steady + np.repeat(np.maximum(open_air, 0.0), HOURS // 365) * outside / 1e6

    def draw(self, water: Water, loads: np.ndarray) -> Draw:
        supply, back = self.ends_degc
        heat = exchanged(water, loads, supply_degc=supply, return_degc=back, approach_k=self.approach_k)
        return Draw(heat, heat, heat * self.power_per_heat)

    def sizes_kw(self, draw: Draw) -> dict[str, float]:
        return {"pool_heating": 1e3 * float(draw.product.max(initial=0.0))}

    def remarks(self, stream: Stream, delivery: Delivery) -> list[Notice]:
        return self.too_cold(stream, delivery)


def parse(reader: Reader, data: Any, path: str) -> WellnessUse:
    got = reader.mapping(data, path, optional=LIMITS)
    values = numbers_of(reader, got, path, LIMITS)
    needs(reader, values, path, "pools_m2")
    values["pools_m2"] = values["pools_m2"] or 1.0
    values["price"] = values.pop("price_cny_per_gj")
    return WellnessUse(**values)
