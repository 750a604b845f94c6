"""The fast simulation: layered finite volumes, flow and heat one after the other.

Flow is solved at the start of each period with the viscosity of that moment and carried forward with the
second-order Adams-Bashforth rule; heat takes explicit steps in between. Water rises and sinks with its
temperature where a reservoir has several active layer cells. A reservoir with a compressibility has transient
pressure: small steps after every change of rates, seasons as they come. Without one pressure is steady at every
moment, but a closed box with unbalanced rates is drained. What is left out: heat made by friction.
Sources stand with each part (``flow``, ``multigrid``, ``heat``, ``rock``, ``completion``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from twin_models.base import Cancelled
from twin_models.errors import Fault, InputError
from twin_models.grid import MILLIDARCY_M2, Grid, grid_of
from twin_models.simulators.clogging import clogging_bar, clogging_notices
from twin_models.simulators.completion import complete
from twin_models.simulators.exchange import drive_of
from twin_models.simulators.flow import COMPRESSIBILITY_PER_PA, Flow, Solution, beyond
from twin_models.simulators.input import check_input, drawdown_notices, range_notices
from twin_models.simulators.limits import at_limits, taken_parts, throttled
from twin_models.simulators.observe import Frames, Record, monitor_stencils
from twin_models.simulators.refined import NearWells, RefinedTransport
from twin_models.simulators.sweeping import LEAST_PERIODS, sweeping_s
from twin_models.simulators.timeline import (
    Interval,
    Pace,
    flow_periods,
    intervals,
    seasons,
    transient_periods,
)
from twin_models.simulators.transport import STEPS_PER_PERIOD, Drive, Transport
from twin_models.simulators.windows import windows_of
from twin_models.types import (
    DAYS_PER_YEAR,
    SECONDS_PER_DAY,
    SECONDS_PER_YEAR,
    Forecast,
    Notice,
    Reservoir,
    Well,
)

Cancel = Callable[[], bool] | None
# Cell-steps between two looks at ``cancel``: some tens of milliseconds.
_CELL_STEPS_PER_CALL = 5_000_000
# More of them in one period of flow would take the better part of an hour.
MOST_CELL_STEPS = 2e11
SINKING_PART = 0.1
# Below this Rayleigh number conduction over the height undoes what sinking would do (convection begins at 4 pi^2:
# Lapwood 1948, Proc. Camb. Phil. Soc. 44, 508-521).
CALM_RAYLEIGH = 10.0
SHORTEST_STEP_S = 60.0


class LayeredSimulation:
    """Predictor ``"simulation"``. ``scheme``: ``"tvd"`` (default) or ``"upwind"``, which smears fronts like
    first-order codes do and serves to compare with them."""

    name = "simulation"
    version = "1"

    def __init__(self, scheme: Literal["tvd", "upwind"] = "tvd", *, periods_per_sweep: float = 4.0):
        """``periods_per_sweep``: how often flow is solved anew, at least, while a typical well's water sweeps half the
        way to its neighbour (``sweeping``); more for a reference solution."""
        if scheme not in ("tvd", "upwind"):
            raise ValueError(f"scheme must be tvd or upwind, got {scheme}")
        self.scheme, self.periods_per_sweep = scheme, periods_per_sweep

    def check(self, reservoir: Reservoir, wells: Sequence[Well]) -> tuple[Notice, ...]:
        """Temperatures outside the water table's range and rates that do not balance in a closed box."""
        return range_notices(reservoir, wells)

    def forecast(
        self,
        reservoir: Reservoir,
        wells: Sequence[Well],
        years: np.ndarray,
        *,
        season_days: float = DAYS_PER_YEAR,
        fields: Sequence[float] | None = None,
        cancel: Cancel = None,
    ) -> Forecast:
        """See ``ForecastModel.forecast``. ``years`` (t,), increasing, all > 0."""
        began, cpu = time.perf_counter(), time.process_time()
        years = np.asarray(years, dtype=np.float64)
        check_input(reservoir, wells, years)
        horizon = max(float(y) for y in (years[-1], *(() if fields is None else fields)))
        transient = reservoir.compressibility_per_pa is not None
        working = seasons(wells, horizon, season_days) if transient else wells
        calendar = intervals(working, horizon, season_days)

        def follow(calendar: Sequence[Interval]) -> tuple[_Run, dict[str, np.ndarray], dict[str, np.ndarray]]:
            run = _Run(reservoir, wells, self.scheme, calendar, fields, cancel)
            run.periods_per_sweep = self.periods_per_sweep
            for interval in calendar:
                run.through(interval)
            return run, *run.record.report(years * SECONDS_PER_YEAR)

        run, temperature, pressure = follow(calendar)
        clogs = clogging_bar(reservoir, wells, years, season_days)
        pressure |= {name: pressure[name] + more for name, more in clogs.items()}
        told, parts = clogging_notices(wells, years, pressure), taken_parts(reservoir, wells, pressure)
        if parts:
            run, temperature, pressure = follow(throttled(calendar, wells, parts, years))
            pressure |= {name: pressure[name] + parts.get(name, 1.0) * more for name, more in clogs.items()}
            pressure = at_limits(pressure, wells, parts)
        notices = self.check(reservoir, wells) + run.notices(pressure) + told
        return Forecast(
            engine=self.name,
            engine_version=f"{self.version}-{self.scheme}",
            years=years,
            temperature_degc=temperature,
            pressure_change_bar=pressure,
            state="simulated",
            in_range=not any(n.code == "out_of_range" for n in notices),
            warnings=notices,
            elapsed_ms=1e3 * (time.perf_counter() - began),
            fields=run.frames.result() if run.frames else None,
            diagnostics=run.diagnostics() | {"cpu_ms": 1e3 * (time.process_time() - cpu)},
            taken=parts or None,
        )


class _Run:
    """One forecast in progress."""

    def __init__(
        self,
        reservoir: Reservoir,
        wells: Sequence[Well],
        scheme: str,
        calendar: Sequence[Interval],
        fields: Sequence[float] | None,
        cancel: Cancel,
    ):
        self.grid: Grid = grid_of(reservoir)
        self.wells, self.cancel = wells, cancel
        self.at = complete(self.grid, wells)
        self.flow = Flow(self.grid, self.at, upstream=scheme == "upwind")
        shortest = min(interval.end_s - interval.start_s for interval in calendar)
        self.first_s = self._first_step_s() if self.flow.transient else 0.0
        if self.flow.transient:
            shortest = min(shortest, STEPS_PER_PERIOD * self.first_s)
        self.heat, self.near = self._transport(scheme, calendar[-1].end_s, shortest)
        self.capacity = reservoir.fluid.heat_capacity_mj_m3k * 1e6
        self.constant = reservoir.fluid.viscosity != "water"
        self.monitors = monitor_stencils(wells, self.at)
        self.record = Record(wells, self.at, self.grid, self.monitors)
        if self.near is not None:
            self.record.begin_at(*self.near.start_degc())
        self.frames = Frames(self.grid, self.at, fields) if fields is not None else None
        self.drained_pa = 0.0
        self.past: tuple[float, np.ndarray] | None = None
        self.pressure_pa = np.zeros(self.flow.kh.shape if self.flow.transient else (0, 0, 0))
        self.solves, self.iterations, self.mass_error = 0, 0, 0.0
        self.periods_per_sweep = 4.0

    def _transport(
        self, scheme: str, horizon_s: float, shortest_s: float
    ) -> tuple[Transport, NearWells | None]:
        """Heat, and the flow in windows of smaller cells if there are any."""
        windows = windows_of(self.grid, self.wells, self.at)
        if not windows:
            return Transport(self.grid, scheme, horizon_s, shortest_s), None
        heat = RefinedTransport(self.grid, windows, scheme, horizon_s, shortest_s)
        return heat, NearWells(windows, self.wells, self.at, heat, upstream=scheme == "upwind")

    def through(self, interval: Interval) -> None:
        """Run one interval of constant rates."""
        if self.frames is not None and interval.start_s == 0.0:
            self.frames.at_start(self.heat.t)
        if self.flow.transient:
            self._step_through(interval)
            return
        before: tuple[float, Solution] | None = None
        pace, longest = Pace(self._sinking_s()), self._sweeping_s(interval)
        for start, end in flow_periods(interval, steady=self.constant, longest_s=longest, pace=pace):
            solution = self._solved(interval, start)
            if before is not None and np.isfinite(pace.shortest_s):
                pace.note(_changed_part(solution, before[1]))
            self._note_pressure(start, interval, solution)
            ahead = _extrapolated(solution, before, start, end)
            self._carry(self._drive(interval, ahead, spare=ahead is not solution), start, end, interval)
            before = (start, solution)
            self.drained_pa += self._drain_rate(interval.rates_m3_s) * (end - start)
        last = before[1] if self.constant and before else self._solved(interval, interval.end_s)
        self._note_pressure(interval.end_s, interval, last)

    def _first_step_s(self) -> float:
        """Time in which a pressure change crosses about a cell; shorter steps would see nothing new."""
        grid = self.grid
        k_m2 = float(grid.k_md[grid.permeable].mean()) * MILLIDARCY_M2
        mobile = k_m2 * float(self.flow.table[len(self.flow.table) // 4])
        porosity = float(grid.porosity[grid.permeable].mean())
        stored = (grid.reservoir.compressibility_per_pa or 0.0) * porosity
        return min(max(stored * max(grid.dx_m, grid.dy_m) ** 2 / mobile, SHORTEST_STEP_S), SECONDS_PER_DAY)

    def _step_through(self, interval: Interval) -> None:
        """As ``through``, with pressure that takes its time."""
        if interval.start_s == 0.0:
            self._note_pressure(0.0, interval, None)
        past: tuple[float, np.ndarray] | None = None
        for start, end in transient_periods(interval, first_s=self.first_s, longest_s=self._sinking_s()):
            if self.cancel is not None and self.cancel():
                raise Cancelled
            degc = self._midway(start, end)
            before, span = _two_steps_back(self.pressure_pa, past, end - start)
            solution = self._near(self.flow.step(degc, interval.rates_m3_s, before, span))
            self._count(solution)
            self._carry(self._drive(interval, solution, spare=True), start, end, interval)
            past, self.pressure_pa = (end - start, self.pressure_pa), solution.pressure_pa
            self._note_pressure(end, interval, solution)

    def _midway(self, start: float, end: float) -> np.ndarray:
        """Temperature at the middle of the coming step, on a straight line from the last two (nz, ny, nx)."""
        now = self.heat.t
        past_s, past = self.past if self.past is not None else (start, now)
        part = 0.5 * (end - start) / (start - past_s) if start > past_s else 0.0
        ahead = np.clip(
            beyond(now, past, min(part, 1.0)), min(now.min(), past.min()), max(now.max(), past.max())
        )
        self.past = (start, now.copy())
        return ahead

    def _sinking_s(self) -> float:
        """Time in which the heaviest water sinks a tenth of the active layers' thickness."""
        degc = [
            t for w in self.wells for t in (w.temperature_degc, *(s.temperature_degc for s in w.schedule))
        ]
        known = [t for t in degc if t is not None] + [float(self.heat.t.min()), float(self.heat.t.max())]
        speed = self.flow.sinking_m_s(min(known), max(known)) * self.capacity
        if speed <= 0.0:
            return np.inf
        bulk = float(self.grid.heat_capacity_j_m3k[self.grid.active].min())
        height = float(self.grid.dz_m[self.grid.active].sum())
        if speed * height < CALM_RAYLEIGH * float(self.grid.conductivity_w_mk[self.grid.active].mean()):
            return np.inf
        return max(SINKING_PART * height * bulk / speed, SECONDS_PER_DAY)

    def _sweeping_s(self, interval: Interval) -> float:
        """Longest time between two solutions of flow that the wells' own pace allows."""
        sweep = sweeping_s(self.grid, self.wells, interval.rates_m3_s, self.capacity)
        return max(sweep / self.periods_per_sweep, self.heat.horizon_s / LEAST_PERIODS)

    def _solved(self, interval: Interval, when_s: float) -> Solution:
        if self.cancel is not None and self.cancel():
            raise Cancelled
        solution = self._near(self.flow.solve(self.heat.t, interval.rates_m3_s, when_s))
        self._count(solution)
        return solution

    def _near(self, solution: Solution) -> Solution:
        return solution if self.near is None else self.near.solved(solution)

    def _count(self, solution: Solution) -> None:
        self.solves += 1
        self.iterations += solution.iterations
        self.mass_error = max(self.mass_error, solution.mass_error)

    def _drain_rate(self, rates: np.ndarray) -> float:
        """Rise of the mean pressure of a closed box, Pa/s."""
        if not self.flow.closed:
            return 0.0
        return float(rates.sum()) / (COMPRESSIBILITY_PER_PA * self.flow.pore_total)

    def _note_pressure(self, when_s: float, interval: Interval, solution: Solution | None) -> None:
        """Take down pressures; no solution: the undisturbed state."""
        if solution is None:
            well, field = np.zeros(len(self.wells)), self.pressure_pa
        else:
            well, field = solution.well_pa, solution.pressure_pa
        if solution is None or self.flow.transient:
            self.record.note_pressure(when_s, well, field, 0.0)
            if self.frames is not None:
                self.frames.note_pressure(when_s, field)
            return
        factor = _common_factor(interval.working_m3_s, interval.rates_m3_s)
        if factor is None or (self.flow.buoyant and factor != 1.0):
            working = self._near(self.flow.solve(self.heat.t, interval.working_m3_s, when_s))
            well, field, factor = working.well_pa, working.pressure_pa, 1.0
        field = field * factor
        self.record.note_pressure(when_s, well * factor + self.drained_pa, field, self.drained_pa)
        if self.frames is not None:
            self.frames.note_pressure(when_s, field + self.drained_pa)

    def _drive(self, interval: Interval, flow: Solution, *, spare: bool) -> Drive:
        """What ``flow`` does to heat; a flow that nobody else needs (``spare``) is turned into it in place."""
        drive = drive_of(
            self.at, self.monitors, interval.rates_m3_s, interval.temperature_degc, flow,
            now_degc=self.heat.t, capacity=self.capacity, pore=self.flow.pore, spare=spare,
        )  # fmt: skip
        if self.near is None:
            return drive
        inside = self.near.drives(interval, flow, self.capacity, spare=spare)
        return replace(self.near.bare(drive), inside=inside)

    def _carry(self, drive: Drive, start: float, end: float, interval: Interval) -> None:
        steps = self.heat.steps_for(drive, end - start)
        if steps * self.heat.cells_a_step > MOST_CELL_STEPS:
            text = (
                f"the fastest cell is renewed {steps / max(end - start, 1.0) * SECONDS_PER_YEAR:.3g} times a year, too "
                f"often for {self.heat.t.size} cells: use larger cells, thicker layers or smaller rates"
            )
            raise InputError(Fault("reservoir.cell_m", "range", text))
        dt = (end - start) / steps
        most = max(1, _CELL_STEPS_PER_CALL // self.heat.cells_a_step)
        stops = self.frames.stops(start, dt, steps) if self.frames is not None else []
        done = 0
        while done < steps:
            ahead = [s for s in stops if s > done]
            target = min(done + most, ahead[0] if ahead else steps, steps)
            if self.frames is not None:
                self.frames.note(start + done * dt, self.heat.t)
            series = self.heat.advance(drive, target - done, dt)
            times = start + dt * np.arange(done + 1, target + 1)
            self.record.note(times, series, interval)
            done = target
            if self.cancel is not None and self.cancel():
                raise Cancelled
        if self.frames is not None:
            self.frames.note(end, self.heat.t)

    def notices(self, pressure: dict[str, np.ndarray]) -> tuple[Notice, ...]:
        """What the result itself gives reason to say."""
        return tuple(drawdown_notices(self.wells, float(self.grid.top_m[self.grid.active.start]), pressure))

    def diagnostics(self) -> dict[str, float]:
        near = {} if self.near is None else {"refined_cells": float(self.near.cells)}
        return near | {
            "cells": float(self.heat.t.size) + near.get("refined_cells", 0.0),
            "steps": float(self.heat.steps),
            "pressure_solves": float(self.solves),
            "pressure_iterations": float(self.iterations),
            "energy_error": self.heat.energy_error(),
            "mass_error": self.mass_error,
        }


def _common_factor(working: np.ndarray, mean: np.ndarray) -> float | None:
    """The one factor from mean to working rates, or ``None`` when wells differ in it."""
    moving = mean != 0.0
    if not moving.any():
        return 1.0 if not working.any() else None
    factors = working[moving] / mean[moving]
    return float(factors[0]) if np.allclose(factors, factors[0], rtol=1e-12) else None


def _changed_part(now: Solution, past: Solution) -> float:
    """Sum of the changes of all flows over the sum of the flows."""
    pairs = [(getattr(now, n), getattr(past, n)) for n in ("fx", "fy", "fz")]
    moved = sum(float(np.abs(a).sum()) for a, _ in pairs)
    return sum(float(np.abs(a - b).sum()) for a, b in pairs) / moved if moved > 0.0 else 0.0


def _two_steps_back(
    now: np.ndarray, past: tuple[float, np.ndarray] | None, span_s: float
) -> tuple[np.ndarray, float]:
    """Pressures and length of a backward Euler step that does what the second-order backward difference does
    over ``span_s`` (BDF2 with unequal steps: Hairer, Norsett & Wanner 1993, III.5).

    ``past``: length of the last step and the pressures before it; ``None`` after a change of rates, when the first
    and short step is backward Euler's own.
    """
    if past is None:
        return now, span_s
    w = span_s / past[0]
    part = (1.0 + w) / (1.0 + 2.0 * w)
    return part * ((1.0 + w) * now - w * w / (1.0 + w) * past[1]), part * span_s


def _extrapolated(
    now: Solution, before: tuple[float, Solution] | None, start_s: float, end_s: float
) -> Solution:
    """Flow at the middle of the coming period, from this and the last solution (Adams-Bashforth 2).

    A straight line through two balanced flows is balanced too.
    """
    if before is None:
        return now
    past_s, past = before
    w = 0.5 * (end_s - start_s) / (start_s - past_s)
    inside = tuple(_moved_on(a, b, w) for a, b in zip(now.inside, past.inside, strict=True))
    return replace(_moved_on(now, past, w), inside=inside)


def _moved_on(now: Solution, past: Solution, w: float) -> Solution:
    ahead: dict[str, Any] = {
        n: beyond(getattr(now, n), getattr(past, n), w) for n in ("fx", "fy", "fz", "entry_m3_s")
    }
    return replace(now, **ahead)
