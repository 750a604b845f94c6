"""What the wells do when: rates and temperatures as intervals in which nothing changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from twin_models.types import DAYS_PER_YEAR, SECONDS_PER_DAY, SECONDS_PER_YEAR, Step, Well

SECONDS_PER_HOUR = 3600.0
# Flow is solved anew after these parts of a year, then every LONGEST_YEARS: the cold bank's first growth
# changes it fastest.
GRADED_YEARS = (0.25, 0.25, 0.5, 1.0)
LONGEST_YEARS = 1.5
# Transient pressure: each step is longer than the last by this factor, up to this many years.
TRANSIENT_GROWTH = 1.3
TRANSIENT_LONGEST_YEARS = 0.25
# Flow driven by weight: wanted change from one solution to the next, and most growth of the time between them.
CHANGED_PART = 0.1
MOST_GROWTH = 1.5


@dataclass(frozen=True)
class Interval:
    """``rates_m3_s`` (n wells,): means that carry heat, injection positive. ``working_m3_s``: rates while
    working, which make the reported pressure. ``temperature_degc`` (n wells,): of injected water."""

    start_s: float
    end_s: float
    rates_m3_s: np.ndarray
    working_m3_s: np.ndarray
    temperature_degc: np.ndarray


def intervals(wells: Sequence[Well], horizon_years: float, season_days: float) -> list[Interval]:
    """Cut the time from 0 to the horizon wherever a schedule changes something.

    Wells without a schedule work ``season_days`` a year; their heat is carried at the mean rate over the
    year, which moves the same volume. A schedule states its own working times; before its first step the
    well rests.
    """
    horizon = horizon_years * SECONDS_PER_YEAR
    cuts = {0.0, horizon}
    cuts.update(s.start_day * SECONDS_PER_DAY for w in wells for s in w.schedule)
    times = sorted(t for t in cuts if 0.0 <= t <= horizon)
    duty = season_days / DAYS_PER_YEAR
    out: list[Interval] = []
    for start, end in pairwise(times):
        working, mean, temperature = _state(wells, start, duty)
        last = out[-1] if out else None
        if last is not None and _same(last, working, temperature):
            out[-1] = Interval(last.start_s, end, mean, working, temperature)
        else:
            out.append(Interval(start, end, mean, working, temperature))
    return out


def _same(last: Interval, working: np.ndarray, temperature: np.ndarray) -> bool:
    return np.array_equal(last.working_m3_s, working) and np.array_equal(
        last.temperature_degc, temperature, equal_nan=True
    )


def _state(wells: Sequence[Well], start_s: float, duty: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    working, mean = np.zeros(len(wells)), np.zeros(len(wells))
    temperature = np.full(len(wells), np.nan)
    for n, well in enumerate(wells):
        rate, degc, share = well.signed_rate_m3_h, well.temperature_degc, duty
        if well.schedule and well.kind != "monitor":
            step = _in_force(well.schedule, start_s / SECONDS_PER_DAY)
            share = 1.0
            rate = 0.0 if step is None else (-step.rate_m3_h if well.kind == "producer" else step.rate_m3_h)
            if step is not None and step.temperature_degc is not None:
                degc = step.temperature_degc
        working[n] = rate / SECONDS_PER_HOUR
        mean[n] = working[n] * share
        temperature[n] = np.nan if degc is None else degc
    return working, mean, temperature


def _in_force(schedule: Sequence[Step], day: float) -> Step | None:
    begun = [s for s in schedule if s.start_day <= day + 1e-9]
    return max(begun, key=lambda s: s.start_day) if begun else None


def seasons(wells: Sequence[Well], horizon_years: float, season_days: float) -> list[Well]:
    """Wells that rest between seasons, as schedules: each year ends with its season, so that what is reported at
    the end of a year is the state of work. Wells with schedules of their own keep them."""
    if season_days >= DAYS_PER_YEAR - 1e-9:
        return list(wells)
    out = []
    for well in wells:
        if well.schedule or well.kind == "monitor":
            out.append(well)
            continue
        steps = [Step(0.0, 0.0)]
        for year in range(int(np.ceil(horizon_years - 1e-9))):
            end = (year + 1) * DAYS_PER_YEAR
            steps += [Step(end - season_days, well.rate_m3_h), Step(end, 0.0)]
        out.append(replace(well, schedule=tuple(steps)))
    return out


def transient_periods(
    interval: Interval, *, first_s: float, longest_s: float = np.inf
) -> Iterator[tuple[float, float]]:
    """(start, end) in seconds of pressure steps that grow from ``first_s`` after every change of rates."""
    at, span = interval.start_s, first_s
    while at < interval.end_s:
        span = min(span, longest_s, TRANSIENT_LONGEST_YEARS * SECONDS_PER_YEAR)
        end = at + span
        end = interval.end_s if end > interval.end_s - 0.2 * span else end
        yield at, end
        at, span = end, TRANSIENT_GROWTH * span


class Pace:
    """How long a flow that water's weight drives may be taken from one solution.

    ``shortest_s``: time in which the heaviest water would sink a tenth of the height, were it surrounded by the
    lightest. Stores come near that for weeks only; then hot water lies over cold and the flow hardly changes. So the
    period grows while the flow changes by less than ``CHANGED_PART`` from one solution to the next, and shrinks again.
    """

    def __init__(self, shortest_s: float):
        self.shortest_s = self.span_s = shortest_s

    def note(self, changed: float) -> None:
        """``changed``: sum of changes of the flows over the sum of the flows, since the last solution."""
        factor = min(max(CHANGED_PART / max(changed, 1e-9), 0.5), MOST_GROWTH)
        self.span_s = max(self.span_s * factor, self.shortest_s)


def flow_periods(
    interval: Interval, *, steady: bool, longest_s: float = np.inf, pace: Pace | None = None
) -> Iterator[tuple[float, float]]:
    """(start, end) in seconds of the periods in which the flow field is taken from one solution.

    ``steady``: one solution holds for all; ``longest_s``: a limit set by the wells; ``pace``: by sinking water, asked
    anew for every period.
    """
    if steady:
        yield interval.start_s, interval.end_s
        return
    at, n = interval.start_s, 0
    while at < interval.end_s:
        span = (GRADED_YEARS[n] if n < len(GRADED_YEARS) else LONGEST_YEARS) * SECONDS_PER_YEAR
        end = at + min(span, longest_s, np.inf if pace is None else pace.span_s)
        # A last scrap joins the period before it; scraps shorter than a day would cost a whole solution.
        end = interval.end_s if end > interval.end_s - SECONDS_PER_DAY else end
        yield at, end
        at, n = end, n + 1
