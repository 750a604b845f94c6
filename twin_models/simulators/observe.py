"""What a run writes down: temperatures and pressures at wells, and maps over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin_models.grid import Grid
from twin_models.simulators.completion import Completions
from twin_models.simulators.timeline import Interval
from twin_models.types import SECONDS_PER_YEAR, FieldFrames, Well

PASCAL_PER_BAR = 1e5
Stencil = tuple[np.ndarray, np.ndarray]


def monitor_stencils(wells: Sequence[Well], at: Completions) -> dict[int, Stencil]:
    """Flat cells and weights (summing to one) of what each monitor well sees: interpolated between cell
    centres, and over the cells of its layers the mean by thickness."""
    out: dict[int, Stencil] = {}
    thickness = at.thickness_m[at.opening_of] * at.weight
    for n, well in enumerate(wells):
        if well.kind == "monitor":
            own = np.flatnonzero(at.entry_well == n)
            out[n] = at.cells[own], thickness[own] / thickness[own].sum()
    return out


def watch_sets(
    at: Completions, monitors: dict[int, Stencil], rates: np.ndarray, flow: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(starts, cells, weights): for each well the cells whose temperatures make what it shows.

    A producing well mixes what it draws (``flow``: into the reservoir, per entry); a resting one sees its
    cells by their transmissivity.
    """
    well, n = at.entry_well, at.n_wells
    drawn = np.maximum(-flow, 0.0)
    total = np.bincount(well, drawn, n)
    producing = (rates < 0.0) & (total > 0.0)
    weights = np.where(producing[well], drawn / np.where(total > 0.0, total, 1.0)[well], at.entry_share)
    for m, (_, weight) in monitors.items():
        weights[well == m] = weight
    starts = at.cell_starts[at.well_starts]
    return starts, at.cells, weights


class Record:
    """Series at the wells, read out at any time between steps."""

    def __init__(self, wells: Sequence[Well], at: Completions, grid: Grid, monitors: dict[int, Stencil]):
        self.wells, self.monitors = wells, monitors
        self.layer = grid.ny * grid.nx
        self.first = grid.active.start * self.layer
        initial = grid.temperature_degc.reshape(-1)
        sets = watch_sets(at, monitors, np.zeros(len(wells)), np.zeros(at.cells.size))
        start = [
            float(sets[2][a:b] @ initial[sets[1][a:b]])
            for a, b in zip(sets[0][:-1], sets[0][1:], strict=True)
        ]
        self._times = [np.zeros(1)]
        self._series = [np.array([start]).reshape(1, -1)]
        self._pressure: list[tuple[float, np.ndarray]] = []

    def begin_at(self, wells: np.ndarray, seen_degc: np.ndarray) -> None:
        """What some wells (index) see before anything has moved, in place of what the grid's cells show."""
        self._series[0][0, wells] = seen_degc

    def note(self, times_s: np.ndarray, series: np.ndarray, interval: Interval) -> None:
        """Take down (steps, wells); a well that injects shows what it injects."""
        injecting = interval.rates_m3_s > 0.0
        series[:, injecting] = interval.temperature_degc[injecting]
        self._times.append(times_s)
        self._series.append(series)

    def note_pressure(
        self, when_s: float, well_pa: np.ndarray, field_pa: np.ndarray, drained_pa: float
    ) -> None:
        """Take down the pressure change of every well; monitors read the field (na, ny, nx)."""
        flat = field_pa.reshape(-1)
        seen = well_pa.copy()
        for n, (cells, weight) in self.monitors.items():
            local = cells - self.first
            inside = (local >= 0) & (local < flat.size)
            share = weight[inside].sum()
            seen[n] = weight[inside] @ flat[local[inside]] / share + drained_pa if share > 0.0 else 0.0
        self._pressure.append((when_s, seen / PASCAL_PER_BAR))

    def report(self, times_s: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Temperature and pressure change of each well at the given times (t,)."""
        t, values = np.concatenate(self._times), np.concatenate(self._series)
        when = np.array([p[0] for p in self._pressure])
        change = np.array([p[1] for p in self._pressure])
        degc, bar = {}, {}
        for n, well in enumerate(self.wells):
            degc[well.name] = np.interp(times_s, t, values[:, n])
            bar[well.name] = np.array([_left_interp(s, when, change[:, n]) for s in times_s])
            if well.kind == "injector" and not well.schedule:
                degc[well.name] = np.full(times_s.size, float(well.temperature_degc or 0.0))
        return degc, bar


def _left_interp(at: float, when: np.ndarray, values: np.ndarray) -> float:
    """Interpolate in a series that may jump (two values at one time); at a jump the earlier one holds."""
    n = int(np.searchsorted(when, at, side="left"))
    if n == 0:
        return float(values[0])
    if n >= when.size:
        return float(values[-1])
    span = when[n] - when[n - 1]
    part = (at - when[n - 1]) / span if span > 0.0 else 1.0
    return float(values[n - 1] + part * (values[n] - values[n - 1]))


class Frames:
    """Maps at the wanted years, mixed from the steps before and after so that they never change the steps."""

    def __init__(self, grid: Grid, at: Completions, years: Sequence[float]):
        self.grid = grid
        self.wanted = np.unique(np.concatenate([[0.0], np.asarray(list(years), dtype=np.float64)]))
        self.seconds = self.wanted * SECONDS_PER_YEAR
        open_k = np.unique(at.level[at.index_m3 > 0.0])
        levels = open_k if open_k.size else np.flatnonzero(grid.permeable)
        self.weight = np.zeros(grid.nz)
        self.weight[levels] = grid.dz_m[levels] / grid.dz_m[levels].sum()
        self.maps: dict[int, np.ndarray] = {}
        self._last: tuple[float, np.ndarray] | None = None
        self._bars: dict[int, np.ndarray] = {}
        self._last_bar: tuple[float, np.ndarray] | None = None

    def _mean(self, field: np.ndarray, weight: np.ndarray) -> np.ndarray:
        return np.sum(weight[:, None, None] * field, axis=0)

    def at_start(self, t: np.ndarray) -> None:
        self.maps[0] = self._mean(t, self.weight)
        self._last = (0.0, self.maps[0])

    def stops(self, start_s: float, dt_s: float, steps: int) -> list[int]:
        """Step counts after which a map must be looked at: just before and just after each wanted time."""
        m = (self.seconds - start_s) / dt_s
        m = m[(m > 0.0) & (m <= steps + 1e-9)]
        low = np.floor(m + 1e-9)
        return sorted({int(s) for s in np.concatenate([low, np.minimum(low + 1, steps)]) if s > 0})

    def note(self, when_s: float, t: np.ndarray) -> None:
        """Offer the state at this time; maps wanted since the last offer are mixed from the two."""
        due = [
            n
            for n in range(self.wanted.size)
            if n not in self.maps and self.seconds[n] <= when_s * (1 + 1e-12)
        ]
        if self._last is not None and self._last[0] == when_s:
            return
        near = bool(due) or np.any((self.seconds >= when_s) & (self.seconds < when_s + SECONDS_PER_YEAR))
        if not near:
            return
        now = self._mean(t, self.weight)
        for n in due:
            past_s, past = self._last if self._last is not None else (when_s, now)
            part = (self.seconds[n] - past_s) / (when_s - past_s) if when_s > past_s else 1.0
            self.maps[n] = past + min(part, 1.0) * (now - past)
        self._last = (when_s, now)

    def note_pressure(self, when_s: float, field_pa: np.ndarray) -> None:
        """Offer the pressure (na, ny, nx) at this time; maps wanted since the last offer lie between the two."""
        weight = self.weight[self.grid.active]
        now = self._mean(field_pa, weight / weight.sum()) / PASCAL_PER_BAR
        for n in range(self.wanted.size):
            if n in self._bars or self.seconds[n] > when_s * (1 + 1e-12):
                continue
            past_s, past = self._last_bar if self._last_bar is not None else (when_s, now)
            part = (self.seconds[n] - past_s) / (when_s - past_s) if when_s > past_s else 1.0
            self._bars[n] = past + min(part, 1.0) * (now - past)
        self._last_bar = (when_s, now)

    def result(self) -> FieldFrames:
        bar = np.stack([self._bars[n] for n in range(self.wanted.size)]).astype(np.float32)
        bar[0] = 0.0
        return FieldFrames(
            years=self.wanted,
            temperature_degc=np.stack([self.maps[n] for n in range(self.wanted.size)]).astype(np.float32),
            origin_m=self.grid.reservoir.origin_m,
            extent_m=self.grid.reservoir.extent_m,
            pressure_bar=bar,
        )
