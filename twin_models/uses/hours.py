"""The rules of a dispatched hour, compiled: one hour, a year kept hour by hour, a life summed up.

Rules and names: text of ``dispatch``. MW and MWh.
"""

from __future__ import annotations

import numpy as np
from numba import njit

VALLEY, FLAT, PEAK = 0, 1, 2
ROWS = (
    "exchange",
    "heat_pump",
    "boiler",
    "tank_in",
    "tank_out",
    "level",
    "unmet",
    "curtailed",
    "tank_free",
    "pump_offered",
    "store_in",
    "store_out",
    "store_level",
)
SUMS = (
    *ROWS,
    "source",
    "taken",
    "in_season",
    "exchange1",
    "delivered",
    "unmet_users",
)
Limits = tuple[float, float, float, float, float, float, float, float, float]


@njit(cache=True, nogil=True, inline="always")
def _hour(
    need: float,
    offered: float,
    beneath: float,
    reach: float,
    ahead: float,
    price: int,
    limits: Limits,
    level: float,
    deep: float,
) -> tuple[float, float, float, float, float, float, float, float, float, float, float, float]:
    """exchange, heat pumps, boiler, tank in, tank out, unmet, into the tank from exchange, taken by pumps of what is on
    offer, store in, store out; then the levels afterwards."""
    cop, pump_mw, boiler_mw, store_mwh, store_mw, loss, deep_mwh, deep_mw, seep = limits
    lift = cop / (cop - 1.0) if cop > 1.0 else 0.0
    stored = level * (1.0 - loss)
    kept = deep * (1.0 - seep)
    most_out = min(stored, store_mw)
    most_in = min(max(store_mwh - stored, 0.0), store_mw)
    direct = min(offered, reach * need)
    lack = need - direct
    raised = min(lack, min(kept, deep_mw))
    pumps = min(pump_mw, (beneath + offered - direct) * lift)
    if price == PEAK:
        drawn = min(lack, most_out)
        raised = min(lack - drawn, raised)
        pumped = min(lack - drawn - raised, pumps)
    else:
        pumped = min(lack - raised, pumps)
        drawn = min(lack - raised - pumped, most_out)
    lack -= drawn + pumped + raised
    burnt = min(lack, boiler_mw)
    free, charged, sunk = 0.0, 0.0, 0.0
    if drawn == 0.0:
        taken = max(pumped / lift - beneath, 0.0) if lift > 0.0 else 0.0
        free = min(offered - direct - taken, most_in) if reach >= 1.0 else 0.0
        charged = free
        if price == VALLEY and ahead > 0.0:
            left = min(pump_mw, (beneath + offered - direct - free) * lift)
            more = max(min(left - pumped, most_in - free), 0.0)
            pumped += more
            charged += more
    taken = max(pumped / lift - beneath, 0.0) if lift > 0.0 else 0.0
    if raised == 0.0 and reach >= 1.0:
        sunk = max(min(offered - direct - taken - free, min(deep_mw, deep_mwh - kept)), 0.0)
    return (
        direct,
        pumped,
        burnt,
        charged,
        drawn,
        lack - burnt,
        free,
        taken,
        sunk,
        raised,
        stored + charged - drawn,
        kept + sunk - raised,
    )


@njit(cache=True, nogil=True)
def follow_hours(
    need: np.ndarray, water: np.ndarray, price: np.ndarray, limits: Limits, start: tuple[float, float]
) -> tuple[np.ndarray, float, float]:
    """A year hour by hour. ``water``: rows offered, beneath and reach of a ``Plant``, need of the next day; ``price``: kind of
    each hour; ``limits``: cop, heat pumps, boiler, tank MWh, tank MW, tank loss per hour, store MWh, store MW, store loss
    per hour; ``start``: levels. Out: ``ROWS`` (13, n), then the levels at the end."""
    out = np.zeros((13, need.shape[0]))
    level, deep = start
    for h in range(need.shape[0]):
        offered = water[0, h]
        out[5, h], out[12, h] = level, deep
        direct, pumped, burnt, charged, drawn, unmet, free, taken, sunk, raised, level, deep = _hour(
            need[h], offered, water[1, h], water[2, h], water[3, h], price[h], limits, level, deep
        )
        out[0, h], out[1, h], out[2, h], out[3, h], out[4, h] = direct, pumped, burnt, charged, drawn
        out[6, h], out[7, h] = unmet, offered - direct - taken - free - sunk
        out[8, h], out[9, h], out[10, h], out[11, h] = free, taken, sunk, raised
    return out, level, deep


@njit(cache=True, nogil=True, inline="always")
def _book(
    row: np.ndarray,
    direct: float,
    pumped: float,
    burnt: float,
    charged: float,
    drawn: float,
    unmet: float,
    spare: float,
    free: float,
    taken: float,
    sunk: float,
    raised: float,
) -> None:
    """Add an hour to the sums of its year (places of ``ROWS``; the levels are added where they are known)."""
    row[0] += direct
    row[1] += pumped
    row[2] += burnt
    row[3] += charged
    row[4] += drawn
    row[6] += unmet
    row[7] += spare
    row[8] += free
    row[9] += taken
    row[10] += sunk
    row[11] += raised


@njit(cache=True, nogil=True)
def follow_life(
    load: np.ndarray,
    need: np.ndarray,
    ahead: np.ndarray,
    days: tuple[np.ndarray, np.ndarray, np.ndarray],
    offers: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    price: np.ndarray,
    limits: Limits,
    watts: tuple[float, float, float, float],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Year after year, levels carried on. ``days``: (365,) group, rank and month of each day; ``offers``: (t, s) offered,
    beneath, reach of each group and (t,) coldest days on which water flows; ``price``: (24,); ``watts``: electricity per
    heat of circulation, source, boiler and store. Out: ``SUMS`` (t, n) MWh, power (t, 12, 24) summed over the days of each
    month, levels at the start (t, 2) and the largest exchange and source (2,) MW."""
    group, rank, month = days
    offered, beneath, reach, flowing = offers
    years = offered.shape[0]
    sums = np.zeros((years, 19))
    power = np.zeros((years, 12, 24))
    levels = np.zeros((years, 2))
    peaks = np.zeros(2)
    cop = limits[0]
    upper = (cop - 1.0) / cop if cop > 1.0 else 0.0
    level, deep = 0.0, 0.0
    for y in range(years):
        levels[y, 0], levels[y, 1] = level, deep
        for day in range(group.shape[0]):
            g = group[day]
            runs = 1.0 if rank[day] < flowing[y] else 0.0
            on_offer, below, lift = offered[y, g] * runs, beneath[y, g] * runs, reach[y, g] * runs
            for hour in range(24):
                h = 24 * day + hour
                sums[y, 5] += level
                sums[y, 12] += deep
                direct, pumped, burnt, charged, drawn, unmet, free, taken, sunk, raised, level, deep = _hour(
                    need[h], on_offer, below, lift, ahead[h], price[hour], limits, level, deep
                )
                source = pumped * upper
                exchanged = direct + free + sunk
                spare = on_offer - direct - taken - free - sunk
                _book(sums[y], direct, pumped, burnt, charged, drawn, unmet, spare, free, taken, sunk, raised)
                sums[y, 13] += source
                sums[y, 14] += exchanged + source
                if load[h] > 0.0:
                    share = load[h] / need[h]
                    sums[y, 15] += exchanged + source
                    sums[y, 16] += exchanged
                    sums[y, 17] += (need[h] - unmet) * share
                    sums[y, 18] += unmet * share
                compressor = pumped / cop if cop > 1.0 else 0.0
                power[y, month[day], hour] += (
                    compressor
                    + (need[h] - unmet) * watts[0]
                    + source * watts[1]
                    + burnt * watts[2]
                    + (sunk + raised) * watts[3]
                )
                peaks[0] = max(peaks[0], exchanged)
                peaks[1] = max(peaks[1], source)
    return sums, power, levels, peaks
