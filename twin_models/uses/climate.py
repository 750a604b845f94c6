"""A year of weather made from a few published means, hour by hour, and reduced to typical days.

The hourly year is synthetic and the same on every run. Daily mean, with theta = 2 pi (day - coldest day)/365:

    T = mean - a1 cos(theta) - a2 cos(2 theta) + day-to-day swing,
    a1 = (T_july - T_january)/2, a2 = mean - (T_july + T_january)/2

so that January, July and the year have their published means. The swing is an autoregressive series (0.7 from
day to day) of zero mean, its standard deviation ``swing_k`` in January and two thirds of it in July; within a
day a cosine of ``daily_range_k`` peaks at 15 h. Sun on the horizontal: extraterrestrial radiation times
0.25 + 0.5 n/N (Angstrom), spread over the day by the sun's height: Allen et al. (1998), FAO Irrigation and
Drainage Paper 56, equations 21 to 35.

Typical days: the 365 days ranked from coldest to warmest are cut into twelve equal groups (and at the ends of
every use's season); a group's load is the mean of its hours, so that the year's demand is kept exactly. A
group of no duration at each end holds the peak hour of winter and of summer, for sizing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from twin_models.errors import Fault
from twin_models.reading import Reader, read_yaml
from twin_models.sites import assets_dir
from twin_models.types import DAYS_PER_YEAR

DAYS = 365
HOURS = 24 * DAYS
COLDEST_DAY = 15.0
MEMORY = 0.7
GROUPS = 12
SOLAR_MJ_M2_MIN = 0.0820
DEFAULT = "north-china"


@dataclass(frozen=True)
class Climate:
    """Published means of a place (module text). ``humidity_pct``, ``wind_m_s``: means of the year."""

    name: str
    latitude_deg: float
    mean_degc: float
    january_degc: float
    july_degc: float
    daily_range_k: float
    sunshine_hours: float
    humidity_pct: float = 62.0
    wind_m_s: float = 2.5
    swing_k: float = 3.0
    seed: int = 0
    source: str = ""

    @cached_property
    def outdoor_degc(self) -> np.ndarray:
        """Air temperature of every hour (8760,), first hour of 1 January first."""
        theta = 2.0 * np.pi * (np.arange(DAYS) + 0.5 - COLDEST_DAY) / DAYS
        first = 0.5 * (self.july_degc - self.january_degc)
        second = self.mean_degc - 0.5 * (self.july_degc + self.january_degc)
        noise = np.random.default_rng([self.seed, DAYS]).standard_normal(DAYS)
        swing = np.empty(DAYS)
        last = 0.0
        for day in range(DAYS):
            last = swing[day] = MEMORY * last + np.sqrt(1.0 - MEMORY**2) * noise[day]
        swing = swing * self.swing_k * (5.0 + np.cos(theta)) / 6.0
        swing -= swing.mean()
        daily = self.mean_degc - first * np.cos(theta) - second * np.cos(2.0 * theta) + swing
        hours = np.arange(24) + 0.5
        within = 0.5 * self.daily_range_k * np.cos(2.0 * np.pi * (hours - 15.0) / 24.0)
        return _fixed((daily[:, None] + within).ravel())

    @cached_property
    def sun_w_m2(self) -> np.ndarray:
        """Radiation on the horizontal of every hour (8760,)."""
        day = np.arange(DAYS) + 1.0
        latitude = np.radians(self.latitude_deg)
        tilt = 0.409 * np.sin(2.0 * np.pi * day / DAYS - 1.39)
        sunset = np.arccos(np.clip(-np.tan(latitude) * np.tan(tilt), -1.0, 1.0))
        nearness = 1.0 + 0.033 * np.cos(2.0 * np.pi * day / DAYS)
        height = sunset * np.sin(latitude) * np.sin(tilt) + np.cos(latitude) * np.cos(tilt) * np.sin(sunset)
        top = 24.0 * 60.0 / np.pi * SOLAR_MJ_M2_MIN * nearness * height
        clear = min(1.0, self.sunshine_hours / float((24.0 / np.pi * sunset).sum()))
        daily = top * (0.25 + 0.5 * clear)
        angle = (np.arange(24) + 0.5 - 12.0) * np.pi / 12.0
        up = np.sin(latitude) * np.sin(tilt)[:, None] + np.outer(
            np.cos(latitude) * np.cos(tilt), np.cos(angle)
        )
        up = np.maximum(up, 0.0)
        share = up / np.maximum(up.sum(axis=1, keepdims=True), 1e-12)
        return _fixed((daily[:, None] * share * 1e6 / 3600.0).ravel())

    @cached_property
    def vapour_kpa(self) -> np.ndarray:
        """Vapour pressure of the air (8760,): the mean humidity at the mean temperature of each day."""
        daily = self.outdoor_degc.reshape(DAYS, 24).mean(axis=1)
        return _fixed(np.repeat(self.humidity_pct / 100.0 * saturation_kpa(daily), 24))

    @cached_property
    def ranked_days(self) -> np.ndarray:
        """Days of the year from coldest to warmest (365,)."""
        return np.argsort(self.outdoor_degc.reshape(DAYS, 24).mean(axis=1), kind="stable")

    @cached_property
    def rank(self) -> np.ndarray:
        """Rank of each day of the year, 0 the coldest (365,)."""
        rank = np.empty(DAYS, dtype=np.intp)
        rank[self.ranked_days] = np.arange(DAYS)
        return rank

    def coldest(self, days: float | None) -> np.ndarray:
        """Which hours (8760,) belong to so many coldest days of the year; ``None``: all."""
        return np.repeat(self.rank < (DAYS if days is None else days * DAYS / DAYS_PER_YEAR), 24)

    def warmest(self, days: float | None) -> np.ndarray:
        """Which hours (8760,) belong to so many warmest days of the year; ``None``: all."""
        return np.repeat(self.rank >= (0.0 if days is None else DAYS - days * DAYS / DAYS_PER_YEAR), 24)


def _fixed(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


def saturation_kpa(degc: Any) -> Any:
    """Saturation vapour pressure over water (kPa). FAO-56 equation 11 (Tetens)."""
    return 0.6108 * np.exp(17.27 * degc / (degc + 237.3))


@dataclass(frozen=True)
class Moments:
    """The year as groups of days, coldest first (module text); the first and the last last no time.

    ``edges_d``: (s + 1,) days from the coldest; ``outdoor_degc``: (s,). ``share``: (s - 2, 365) of each ranked day.
    """

    climate: Climate
    edges_d: np.ndarray
    outdoor_degc: np.ndarray
    share: np.ndarray

    def means(self, hourly: np.ndarray) -> np.ndarray:
        """Mean over each group of an hourly series (8760,), peaks in the two groups of no duration, (s,)."""
        by_day = hourly.reshape(DAYS, 24)[self.climate.ranked_days]
        half = DAYS // 2
        inner = self.share @ by_day.mean(axis=1)
        return np.concatenate(([by_day[:half].max()], inner, [by_day[half:].max()]))

    def durations(self, days: np.ndarray) -> np.ndarray:
        """Days that each group lasts when water flows on so many coldest days of the year, (t, s)."""
        end = np.minimum(self.edges_d[None, 1:], days[:, None])
        return np.maximum(end - self.edges_d[None, :-1], 0.0)


@lru_cache(maxsize=64)
def moments(climate: Climate, cuts: tuple[float, ...] = ()) -> Moments:
    """Typical days of a climate, cut additionally at so many days from the coldest."""
    regular = np.linspace(0.0, DAYS_PER_YEAR, GROUPS + 1)
    own = [cut for cut in cuts if 0.0 < cut < DAYS_PER_YEAR]
    edges = np.unique(np.round(np.concatenate((regular, own)), 9))
    day = np.arange(DAYS + 1) * DAYS_PER_YEAR / DAYS
    overlap = np.minimum(edges[1:, None], day[None, 1:]) - np.maximum(edges[:-1, None], day[None, :-1])
    share = np.maximum(overlap, 0.0)
    share /= share.sum(axis=1, keepdims=True)
    by_day = climate.outdoor_degc.reshape(DAYS, 24)[climate.ranked_days]
    outdoor = np.concatenate(([by_day.min()], share @ by_day.mean(axis=1), [by_day.max()]))
    return Moments(climate, np.concatenate(([0.0], edges, [edges[-1]])), outdoor, share)


@lru_cache(maxsize=4)
def climates() -> dict[str, Climate]:
    """Every climate of ``assets/climate.yaml``, by name. Raises ``InputError`` for a bad table."""
    label = "assets/climate.yaml"
    reader = Reader(label)
    got = reader.mapping(read_yaml(assets_dir() / "climate.yaml", label), "", required=("format", "climates"))
    fields = ("latitude_deg", "mean_degc", "january_degc", "july_degc", "daily_range_k", "sunshine_hours")
    more = ("humidity_pct", "wind_m_s", "swing_k")
    found = {}
    for name, row in reader.mapping(got.get("climates", {}), "climates", optional=None).items():
        at = f"climates.{name}"
        parts = reader.mapping(row, at, required=(*fields, *more, "source", "sites"))
        numbers = {
            key: reader.number(parts.get(key, 0.0), f"{at}.{key}", low=-60.0, high=9000.0)
            for key in (*fields, *more)
        }
        source = reader.text(parts.get("source", ""), f"{at}.source")
        climate = Climate(name=name, source=source, seed=0, **numbers)
        if not climate.january_degc < climate.mean_degc < climate.july_degc:
            reader.faults.append(Fault(at, "order", "january, mean and july must rise"))
        for key in (name, *reader.items(parts.get("sites", []), f"{at}.sites")):
            found[str(key)] = climate
    reader.done()
    return found


def climate_of(site: str | None) -> Climate:
    """The climate of a site, or the one taken where nobody says."""
    known = climates()
    return known.get(site or DEFAULT, known[DEFAULT])
