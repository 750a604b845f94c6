"""What every use of geothermal water answers: how much product, how much power, how cold the water leaves.

Uses are chained hottest first: the outlet of one is the stream of the next (``cascade``). Yearly arrays are
(t,), one entry per year of operation; powers are means over the days the wells run for the use in that year.
Inside the cascade arrays are (t, s): s groups of typical days (``climate``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np

from twin_models.reading import Reader
from twin_models.types import Notice

if TYPE_CHECKING:
    from twin_models.uses.climate import Climate
    from twin_models.uses.system import Hours

Kind = Literal["heat", "cold", "power"]


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
    cannot be brought to its supply temperature by exchange alone. ``kind``: what the product is. ``parts``: of
    a cascade, the delivery of each use by name, hottest first (empty for a single use). ``hours``: of the station where
    the scheme describes its energy system.
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
    kind: Kind = "heat"
    parts: Mapping[str, Delivery] = field(default_factory=dict)
    hours: Hours | None = None


class Use(Protocol):
    """One use of geothermal water, alone or as a step of a cascade."""

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
        """What is sold: ``"m2"`` (heated area per season), ``"GJ"`` or ``"kWh"``."""
        ...

    def deliver(self, stream: Stream) -> Delivery:
        """Product, power and outlet for a stream. Energy in equals energy out."""
        ...

    def equipment_mw(self) -> Mapping[str, float | None]:
        """Sizes that the user fixed (MW), by equipment key; ``None``: sized by what the stream gives."""
        ...


# --- steps of a cascade ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Water:
    """Water arriving at a step: ``temperature_degc`` (t, s), ``capacity_mw_k`` (t, 1), ``outdoor_degc`` (s,)."""

    temperature_degc: np.ndarray
    capacity_mw_k: np.ndarray
    outdoor_degc: np.ndarray
    floor_degc: float = -np.inf

    def above(self, degc: Any) -> np.ndarray:
        """Heat (MW) that can be taken down to that temperature or the floor."""
        return self.capacity_mw_k * np.maximum(self.temperature_degc - np.maximum(degc, self.floor_degc), 0.0)


@dataclass(frozen=True)
class Draw:
    """What a step takes and makes, all (t, s), MW.

    ``power``: electricity used; ``generated``: electricity made; ``series``: more, name -> (t, s).
    """

    extracted: np.ndarray
    product: np.ndarray
    power: np.ndarray
    generated: np.ndarray | None = None
    series: Mapping[str, np.ndarray] = field(default_factory=dict)


@runtime_checkable
class Step(Protocol):
    """A use as a step of a cascade: a load by the hour, and what it draws from the water that reaches it.

    ``ends_degc``: temperatures (supply, return) of what the product is delivered as, for exergy and drawings.
    ``price_key``: of the library's prices; ``price``: the user's own, CNY per GJ or per kWh.
    ``sources``: of formulas and default numbers.
    """

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...
    @property
    def price(self) -> float | None: ...
    @property
    def price_key(self) -> str: ...
    @property
    def sources(self) -> tuple[str, ...]: ...
    def __hash__(self) -> int: ...
    @property
    def required_degc(self) -> float: ...
    @property
    def ends_degc(self) -> tuple[float, float]: ...
    @property
    def cuts_d(self) -> tuple[float, ...]:
        """Days from the coldest at which its season begins or ends."""
        ...

    def hourly_mw(self, climate: Climate) -> np.ndarray:
        """Load of every hour of the year (8760,), MW of product; infinite: whatever comes is taken."""
        ...

    def draw(self, water: Water, loads: np.ndarray) -> Draw:
        """What is drawn at each group of days; ``loads``: (s,)."""
        ...

    def sizes_kw(self, draw: Draw) -> dict[str, float]:
        """What must be built for that, by key of the cost library (kW)."""
        ...

    def remarks(self, stream: Stream, delivery: Delivery) -> list[Notice]:
        """Why the use cannot do what is asked, or only poorly."""
        ...


def exchanged(
    water: Water, loads: np.ndarray, *, supply_degc: float, return_degc: float, approach_k: float
) -> np.ndarray:
    """Heat (t, s), MW, through an exchanger against a circuit of stated temperatures.

    min(phi P, C (T - T_return - approach)), phi = (T - approach - T_return)/(T_supply - T_return) in 0..1: the
    share of the load that water of that temperature can carry, as in ``heating``.
    """
    lift = (water.temperature_degc - approach_k - return_degc) / (supply_degc - return_degc)
    return np.minimum(np.clip(lift, 0.0, 1.0) * loads, water.above(return_degc + approach_k))


class Alone:
    """Mixin: a step without neighbours is a cascade of one."""

    kind: Kind = "heat"

    @cached_property
    def _climate(self) -> Climate:
        from twin_models.uses.climate import climate_of

        return climate_of(None)

    @property
    def price_basis(self) -> str:
        return "kWh" if self.kind == "power" else "GJ"

    @property
    def demand_mw(self) -> float | None:
        """Mean over the hours of the year in which something is wanted, in the default climate."""
        hourly = self.hourly_mw(self._climate)  # type: ignore[attr-defined]
        wanted = hourly[hourly > 0.0]
        return None if not np.isfinite(hourly).all() else float(wanted.mean()) if len(wanted) else 0.0

    def deliver(self, stream: Stream) -> Delivery:
        from twin_models.uses.cascade import Cascade

        cascade = Cascade((self,), self._climate, heated=False)  # type: ignore[arg-type]
        return cascade.deliver(stream).parts[self.name]  # type: ignore[attr-defined]

    def equipment_mw(self) -> Mapping[str, float | None]:
        return {}

    @property
    def field(self) -> str:
        """Where the use stands in a scheme file."""
        name: str = self.name  # type: ignore[attr-defined]
        return {"cooling": "uses.heating.cooling", "aquaculture": "uses.agriculture"}.get(
            name, f"uses.{name}"
        )

    def too_cold(self, stream: Stream, delivery: Delivery) -> list[Notice]:
        """A notice when no water comes in the season, or it is never or not always as hot as the use needs."""
        zh: str = self.zh  # type: ignore[attr-defined]
        en: str = self.en  # type: ignore[attr-defined]
        need: float = self.required_degc  # type: ignore[attr-defined]
        flowing = (stream.flow_m3_h > 0.0) & (stream.days > 0.0)
        if not flowing.any():
            return []
        served = flowing & (delivery.days > 0.0)
        if not served.any():
            text = f"{en.lower()}: the wells stand in its season; they run on the coldest days only"
            return [
                Notice(
                    "no_water_in_season", self.field, text, f"{zh}:所需季节热水井不运行(只在最冷的日子运行)"
                )
            ]
        arriving = delivery.series["inlet_degc"]
        short = served & (arriving < need)
        if not short.any():
            return []
        if (short == served).all():
            hottest = float(arriving[served].max())
            text = f"{en.lower()} needs water of at least {need:.0f} degC; at most {hottest:.1f} arrives"
            zh_text = f"{zh}至少需要 {need:.0f} ℃ 的水,到达水温最高仅 {hottest:.1f} ℃"
            return [Notice("use_too_cold", self.field, text, zh_text)]
        year = int(short.argmax()) + 1
        text = f"{en.lower()} needs {need:.0f} degC; from year {year} on the water is colder"
        return [Notice("use_cools_out", self.field, text, f"{zh}需要 {need:.0f} ℃;自第 {year} 年起水温不足")]


# --- reading a scheme file ------------------------------------------------------------------------------

Limits = Mapping[str, tuple[float, float, float | None]]  # field -> lowest, highest, default


def numbers_of(reader: Reader, got: Mapping[str, Any], path: str, table: Limits) -> dict[str, Any]:
    """The numbers of a table out of a mapping, defaults where absent or null."""
    result: dict[str, Any] = {}
    for name, (low, high, default) in table.items():
        value = got.get(name)
        if value is None:
            result[name] = default
        else:
            result[name] = reader.number(value, f"{path}.{name}", low=low, high=high, default=low)
    return result


def needs(reader: Reader, values: Mapping[str, Any], path: str, *names: str) -> None:
    """A fault for each of these that was not given: without a size a use has nothing to deliver."""
    for name in names:
        if values[name] is None:
            reader.fault(f"{path}.{name}", "missing", "is missing")
