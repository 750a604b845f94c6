"""Electricity of a scheme hour by hour of typical days: what own power covers, and what is bought at which price.

Only schemes that describe their energy system (``uses.system``) are settled this way; all others pay the mean price
for what they use less what they make in a year. Hours are the 24 of a typical day of each month: the station's from
its dispatched year, pumps and the other uses spread evenly over the days on which wells run, power as the plant
makes it at the month's temperatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twin_models.uses.climate import DAYS
from twin_models.uses.system import MONTH_DAYS, MONTH_OF_DAY

if TYPE_CHECKING:
    from scenarios.chain import Plan, Run
    from scenarios.economics import Terms
    from twin_models.uses.cascade import Cascade
    from twin_models.uses.system import EnergySystem


def power_bill(
    plan: Plan, run: Run, terms: Terms, *, used_mwh: np.ndarray, generated_mwh: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Own electricity used by the scheme (MWh) and what the rest of its need costs (CNY), both (t,)."""
    cascade = plan.cascade
    price = terms.electricity_price_cny_per_kwh
    if cascade is None or cascade.system is None:
        own = np.minimum(generated_mwh, used_mwh)
        return own, (used_mwh - own) * 1e3 * price
    used = used_by_hour(run, cascade, used_mwh)
    made = made_by_hour(run, cascade, generated_mwh)
    own = np.minimum(used, made) * (cascade.system.rates.own_power == "use_first")
    bought = (used - own) @ cascade.system.rates.of_mean
    return own.sum(axis=(1, 2)), bought.sum(axis=1) * 1e3 * price


def used_by_hour(run: Run, cascade: Cascade, used_mwh: np.ndarray) -> np.ndarray:
    """Electricity used by month and hour of the day (t, 12, 24), MWh, adding up to ``used_mwh`` (t,)."""
    months = flowing_months(run, cascade)
    hours = run.delivery.hours
    shape = (len(used_mwh), 12, 24)
    if hours is None:
        return np.broadcast_to((used_mwh[:, None] * months / 24.0)[:, :, None], shape)
    station = hours.power_mw * MONTH_DAYS[None, :, None]
    part = run.delivery.parts["heating"]
    of_station = part.power_mw * part.days * 24.0
    total = station.sum(axis=(1, 2))
    scale = np.divide(of_station, total, out=np.zeros_like(total), where=total > 0.0)
    rest = (used_mwh - of_station)[:, None] * months / 24.0
    return station * scale[:, None, None] + rest[:, :, None]


def made_by_hour(run: Run, cascade: Cascade, generated_mwh: np.ndarray) -> np.ndarray:
    """Electricity made by month and hour (t, 12, 24), MWh; within a day evenly."""
    made = np.zeros((len(generated_mwh), 12, 24))
    if not np.any(generated_mwh > 0.0):
        return made
    way = cascade.passage(
        run.stream
    )  # power comes first or nearly so: heating does not change what reaches it
    stages = [s for s in way.stages if s.name == "power"]
    edges = np.cumsum(np.maximum(way.lengths_d, 0.0))
    group = np.minimum(
        np.searchsorted(edges, (cascade.climate.rank + 0.5) * edges[-1] / DAYS), len(edges) - 1
    )
    flowing = _flowing_days(run, cascade)
    product = sum(s.draw.product for s in stages)
    daily = np.asarray(product)[:, group] * flowing
    months = _by_month(daily)
    share = months / np.maximum(months.sum(axis=1, keepdims=True), 1e-12)
    made += (share * generated_mwh[:, None] / 24.0)[:, :, None]
    return made


def flowing_months(run: Run, cascade: Cascade) -> np.ndarray:
    """Share of each month in the days on which wells run (t, 12)."""
    months = _by_month(_flowing_days(run, cascade).astype(np.float64))
    return months / np.maximum(months.sum(axis=1, keepdims=True), 1e-12)


def _flowing_days(run: Run, cascade: Cascade) -> np.ndarray:
    days = run.stream.days[:, None] * DAYS / 365.25
    return np.asarray(cascade.climate.rank[None, :] < np.maximum(days, 1.0))


def _by_month(daily: np.ndarray) -> np.ndarray:
    """Sums over the days of each month (t, 12) of daily values (t, 365)."""
    return np.asarray(np.add.reduceat(daily, np.searchsorted(MONTH_OF_DAY, np.arange(12)), axis=1))


def has_stores(system: EnergySystem) -> bool:
    """Whether anything of the system is built (a tariff alone is not)."""
    return any(value > 0.0 for value in system.sizes().values())
