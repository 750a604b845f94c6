"""Injectors that clog while they inject, and what backflushing gives back.

On every day of injection a fixed part of the injectivity that is left is lost, so that it decays exponentially
between two backflushings; each of these restores a part of what is missing. The loss counts for the whole
resistance between the well and a radius of influence, because that is what an injection test sees: a measured loss
of hydraulic conductivity (Linqing RH1: 0.7699 to 0.3254 m/d in a season of 120 days, which is 0.00718 of what is
left a day) can be put in as it stands. Flow in the reservoir stays as it was: the rate is given, only the pressure
needed rises, by the skin (1/f - 1) (ln(R/r_w) + skin) of Hawkins (1956, Trans. AIME 207, 356-357). Where a limit is
given, ``limits`` cuts the rate to what still goes in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from twin_models.grid import MILLIDARCY_M2, Grid, grid_of, hole_points, open_levels
from twin_models.types import DAYS_PER_YEAR, Clogging, Notice, Reservoir, Step, Well
from twin_models.water import fluid_viscosity_pa_s

INFLUENCE_M = 500.0
SECONDS_PER_HOUR = 3600.0
PASCAL_PER_BAR = 1e5


def injectivity(clogging: Clogging, days: np.ndarray) -> np.ndarray:
    """Part of the fresh injectivity that is left after ``days`` (t,) of injection; (t,)."""
    keeps = -math.log1p(-min(clogging.loss_per_day, 1.0 - 1e-12))
    if clogging.backflush_days is None:
        return np.exp(-keeps * days)
    whole = np.floor(days / clogging.backflush_days + 1e-9)
    # f -> a f + r between the starts of two runs: a geometric series towards r / (1 - a)
    a = math.exp(-keeps * clogging.backflush_days) * (1.0 - clogging.restored)
    start = a**whole + clogging.restored * np.where(a < 1.0, (1.0 - a**whole) / max(1.0 - a, 1e-300), whole)
    return np.minimum(start, 1.0) * np.exp(-keeps * np.maximum(days - whole * clogging.backflush_days, 0.0))


def days_injecting(well: Well, years: np.ndarray, season_days: float) -> tuple[np.ndarray, np.ndarray]:
    """Days of injection until each time (t,), and the rate then in force (t,), m3/h (0 when not injecting)."""
    if not well.schedule:
        rate = max(well.signed_rate_m3_h, 0.0)
        return years * season_days * (rate > 0.0), np.full(years.size, rate)
    steps: list[Step] = sorted(well.schedule, key=lambda s: s.start_day)
    starts = np.array([s.start_day for s in steps])
    rates = np.maximum([s.rate_m3_h for s in steps], 0.0)
    now = years[:, None] * DAYS_PER_YEAR
    ends = np.append(starts[1:], np.inf)
    days = (np.clip(np.minimum(now, ends) - starts, 0.0, None) * (rates > 0.0)).sum(axis=1)
    at = np.searchsorted(starts, years * DAYS_PER_YEAR - 1e-6) - 1  # at a change the step before it counts
    return days, np.where(at >= 0, rates[np.maximum(at, 0)], 0.0)


def _transmissivity_m3(grid: Grid, well: Well, n: int) -> float:
    total = 0.0
    for k in open_levels(grid, well, n):
        for x, y, part in hole_points(grid, well, int(k)):
            j, i = grid.cell_at(x, y)
            total += part * float(grid.k_md[k, j, i]) * MILLIDARCY_M2 * float(grid.net_m[k])
    return total


def clogging_bar(
    reservoir: Reservoir, wells: Sequence[Well], years: np.ndarray, season_days: float
) -> dict[str, np.ndarray]:
    """Pressure (bar) that clogging adds at each well that has it, (t,) at ``years``."""
    out: dict[str, np.ndarray] = {}
    for n, well in enumerate(wells):
        if well.clogging is None or well.kind not in ("injector", "storage"):
            continue
        grid = grid_of(reservoir)
        days, rate = days_injecting(well, np.asarray(years, dtype=np.float64), season_days)
        degc = [well.temperature_degc, *(s.temperature_degc for s in well.schedule)]
        mild = next((t for t in degc if t is not None), 20.0)
        viscosity = float(fluid_viscosity_pa_s(reservoir.fluid, mild))
        skin = (1.0 / injectivity(well.clogging, days) - 1.0) * _resistance(well)
        unit = viscosity / (2.0 * math.pi * max(_transmissivity_m3(grid, well, n), 1e-30))
        out[well.name] = rate / SECONDS_PER_HOUR * unit * skin / PASCAL_PER_BAR
    return out


def clogged_pa(
    pressure_pa: np.ndarray,
    reservoir: Reservoir,
    wells: Sequence[Well],
    years: np.ndarray,
    season_days: float,
) -> np.ndarray:
    """Pressures (wells, t) in Pa with what clogging adds."""
    added = clogging_bar(reservoir, wells, years, season_days)
    if not added:
        return pressure_pa
    nothing = np.zeros(np.size(years))
    return pressure_pa + PASCAL_PER_BAR * np.stack([added.get(well.name, nothing) for well in wells])


def _resistance(well: Well) -> float:
    return max(math.log(INFLUENCE_M / max(well.radius_m, 1e-3)) + well.skin, 0.2)


def clogging_notices(
    wells: Sequence[Well], years: np.ndarray, change_bar: dict[str, np.ndarray]
) -> tuple[Notice, ...]:
    """Injectors whose pressure passes the limit that they were given."""
    out = []
    for n, well in enumerate(wells):
        if well.clogging is None or well.clogging.limit_bar is None:
            continue
        over = np.flatnonzero(change_bar[well.name] > well.clogging.limit_bar)
        if over.size:
            when, limit = float(years[over[0]]), well.clogging.limit_bar
            highest = float(change_bar[well.name].max())
            text = (
                f"would need {highest:.1f} bar, more than its limit of {limit:g} bar, first in year {when:g}: held at "
                f"the limit it takes less, down to about {100.0 * limit / highest:.0f} % of its rate; the rest is "
                "not put back (in a closed box: not drawn)"
            )
            zh = (
                f"若按原流量需要 {highest:.1f} bar，超过其上限 {limit:g} bar(最早在第 {when:g} 年)："
                f"按上限回灌，最低约只能注入 {100.0 * limit / highest:.0f} % 的水量，其余不回灌(封闭模型中相应减采)"
            )
            out.append(Notice("clogging", f"wells[{n}].clogging.limit_bar", text, zh))
    return tuple(out)
