"""Wells at their pressure limit: the part of the stated rate that still goes in, and what follows from it.

Pressure at a well grows with its own rate, so a well that would need p bar but may have only L takes about L / p of
its rate (the part of p that its neighbours make is counted as its own, which errs on the safe side next to
producers). What does not go in is not put back: the boundary or the reservoir's compressibility makes up for it. In a
closed box without a compressibility nothing can, and the producers without a schedule are cut in the same proportion:
what cannot be put back is not drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from twin_models.simulators.clogging import clogging_notices
from twin_models.simulators.timeline import Interval
from twin_models.types import SECONDS_PER_YEAR, Forecast, Reservoir, Well

WHOLE = 1.0 - 1e-9


def taken_parts(
    reservoir: Reservoir, wells: Sequence[Well], change_bar: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Part of its rate (0..1) that each well cut short still moves, (t,); empty where no limit is passed."""
    out: dict[str, np.ndarray] = {}
    for well in wells:
        limit = None if well.clogging is None else well.clogging.limit_bar
        if limit is not None:
            part = np.minimum(limit / np.maximum(change_bar[well.name], limit), 1.0)
            if part.min() < WHOLE:
                out[well.name] = part
    if not out or reservoir.boundary != "closed" or reservoir.compressibility_per_pa is not None:
        return out
    injected = {w.name: w.rate_m3_h for w in wells if w.signed_rate_m3_h > 0.0 and not w.schedule}
    total = sum(injected.values())
    if total > 0.0:
        left = sum(rate * out.get(name, 1.0) for name, rate in injected.items()) / total
        out |= {w.name: np.asarray(left) for w in wells if w.kind == "producer" and not w.schedule}
    return out


def throttled(
    calendar: Sequence[Interval], wells: Sequence[Well], parts: Mapping[str, np.ndarray], years: np.ndarray
) -> list[Interval]:
    """The calendar with each well's rates cut to its part, which holds from one of ``years`` (t,) to the next."""
    edges = np.concatenate([[0.0], years * SECONDS_PER_YEAR])
    factor = np.ones((years.size, len(wells)))
    for n, well in enumerate(wells):
        if well.name in parts:
            factor[:, n] = parts[well.name]
    out: list[Interval] = []
    for interval in calendar:
        cuts = edges[(edges > interval.start_s) & (edges < interval.end_s)]
        times = [interval.start_s, *cuts.tolist(), interval.end_s]
        for start, end in pairwise(times):
            row = min(int(np.searchsorted(edges, start, side="right")) - 1, years.size - 1)
            rates, working = interval.rates_m3_s * factor[row], interval.working_m3_s * factor[row]
            last = out[-1] if out else None
            if last is not None and last.end_s == start and _same(last, rates, working, interval):
                out[-1] = replace(last, end_s=end)
            else:
                out.append(
                    replace(interval, start_s=start, end_s=end, rates_m3_s=rates, working_m3_s=working)
                )
    return out


def _same(last: Interval, rates: np.ndarray, working: np.ndarray, interval: Interval) -> bool:
    return (
        np.array_equal(last.rates_m3_s, rates)
        and np.array_equal(last.working_m3_s, working)
        and np.array_equal(last.temperature_degc, interval.temperature_degc, equal_nan=True)
    )


def at_limits(
    change_bar: Mapping[str, np.ndarray], wells: Sequence[Well], parts: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Pressures with the wells that are cut short held at their limits."""
    out = dict(change_bar)
    for well in wells:
        if well.name in parts and well.clogging is not None and well.clogging.limit_bar is not None:
            out[well.name] = np.minimum(out[well.name], well.clogging.limit_bar)
    return out


def within_limits(forecast: Forecast, reservoir: Reservoir, wells: Sequence[Well]) -> Forecast:
    """An estimate with pressures held at the limits, the parts that still go in, and a word about it.

    The temperatures stay those of the whole rates: less injected water cools later, so that they err on the safe side.
    """
    if forecast.taken is not None:
        return forecast
    parts = taken_parts(reservoir, wells, forecast.pressure_change_bar)
    if not parts:
        return forecast
    told = clogging_notices(wells, forecast.years, forecast.pressure_change_bar)
    held = at_limits(forecast.pressure_change_bar, wells, parts)
    return replace(forecast, pressure_change_bar=held, taken=parts, warnings=(*forecast.warnings, *told))
