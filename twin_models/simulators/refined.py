"""Smaller cells near wells: flow and heat in windows, coupled both ways to the box's own cells.

Flow: the box's own cells say what crosses a window's rim (``window_flow``), and see its temperatures as means.
Heat: the box's cells take their long step, then each window as many short ones as its fastest cell needs, between
the box's old and new state beside it; the box's cells under a window take its means, those beside it exactly what
crossed its rim. So water and heat are conserved to rounding, and only the windows pay for small cells.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from twin_models.grid import Grid
from twin_models.simulators import rock, window_heat
from twin_models.simulators.completion import Completions
from twin_models.simulators.exchange import drive_of
from twin_models.simulators.flow import Solution
from twin_models.simulators.observe import monitor_stencils
from twin_models.simulators.timeline import SECONDS_PER_HOUR, Interval
from twin_models.simulators.transport import COURANT, Drive, Transport
from twin_models.simulators.window_flow import WindowFlow
from twin_models.simulators.window_heat import GHOSTS
from twin_models.simulators.windows import Window
from twin_models.types import Well

Sides = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class WindowTransport(Transport):
    """Temperature of one window's cells."""

    def __init__(self, window: Window, box: Grid, scheme: str, horizon_s: float, shortest_s: float):
        super().__init__(window.grid, scheme, horizon_s, shortest_s)
        self.window = w = window
        ny, nx = self.t.shape[1:]
        self.walled = np.array(w.walled(box))
        self.work = np.empty((3, max(nx, ny) + 1))
        self.pad = np.zeros((ny + 2 * GHOSTS, nx + 2 * GHOSTS))
        self.still = np.zeros((ny + 1, nx + 1))
        self.crossed: Sides = self._sides(ny, nx)
        self.by_box: Sides = self._sides(w.j1 - w.j0, w.i1 - w.i0)
        self.ghosts = self._ghosts(), self._ghosts()
        self.where = w.j0, w.j1, w.i0, w.i1
        self.parts = w.rows, w.columns

    def _sides(self, ny: int, nx: int) -> Sides:
        nz = self.grid.nz
        return np.zeros((nz, ny)), np.zeros((nz, ny)), np.zeros((nz, nx)), np.zeros((nz, nx))

    def _ghosts(self) -> Sides:
        nz, ny, nx = self.t.shape
        across, along = (nz, ny, GHOSTS), (nz, GHOSTS, nx)
        return np.zeros(across), np.zeros(across), np.zeros(along), np.zeros(along)

    def surround(self, inverse: np.ndarray) -> None:
        """Take over the heat capacities of the box's cells, as ``inverse`` (nz, ny, nx), around the window."""
        w, n = self.window, GHOSTS
        small = inverse * (w.rows * w.columns)
        whole = np.pad(small, ((0, 0), (1, 1), (1, 1)), mode="edge")[:, w.j0 : w.j1 + 2, w.i0 : w.i1 + 2]
        whole = whole.repeat(max(w.rows, n), 1).repeat(max(w.columns, n), 2)
        cut_y, cut_x = max(w.rows, n) - n, max(w.columns, n) - n
        ny, nx = self.grid.ny, self.grid.nx
        if w.rows == 1:
            whole = np.concatenate([whole[:, :n], whole[:, n:-n:n], whole[:, -n:]], axis=1)
        if w.columns == 1:
            whole = np.concatenate([whole[:, :, :n], whole[:, :, n:-n:n], whole[:, :, -n:]], axis=2)
        self.around = np.ascontiguousarray(whole[:, cut_y : cut_y + ny + 2 * n, cut_x : cut_x + nx + 2 * n])

    def catch_up(self, box_t: np.ndarray, drive: Drive, steps: int, dt_s: float) -> None:
        """The short steps of one step of the box, which has become ``box_t``."""
        kept = rock.memory(self.rates, dt_s, self.horizon_s)
        window_heat.advance(
            steps, dt_s, 1.0 if self.scheme == "tvd" else 0.0, self.first,
            self.t, self.new, self.start, self.inverse, self.around, self.gx, self.gy, self.gz,
            drive.hx, drive.hy, drive.hz, drive.released, drive.pore, self.area * self.effusivity,
            (kept.weight, kept.decay, kept.gain, kept.now), self.memory, self.contact, self.half,
            self.work, self.ratio, drive.cells, drive.brings, drive.entry, drive.takes,
            self.near, self.near_flow, self.held, box_t, self.where, self.parts, *self.ghosts, self.walled, self.still, self.pad,
            self.crossed, self.ledger,
        )  # fmt: skip
        self.steps += steps


class RefinedTransport(Transport):
    """Temperature of the box's cells and of the windows in it, with the face of ``Transport``."""

    def __init__(
        self, grid: Grid, windows: Sequence[Window], scheme: str, horizon_s: float, shortest_s: float
    ):
        super().__init__(grid, scheme, horizon_s, shortest_s)
        self.windows = [WindowTransport(w, grid, scheme, horizon_s, shortest_s) for w in windows]
        self.every = self.inverse.copy()
        for window in self.windows:
            window.surround(self.every)
        self.outside = np.ones(grid.shape[1:], dtype=np.bool_)
        for w in windows:
            self.outside[w.j0 : w.j1, w.i0 : w.i1] = False
        # Cells under a window stay as they are during a step; the window then says what they have become.
        self.inverse *= self.outside
        self.short = 1

    @property
    def cells_a_step(self) -> int:
        return self.t.size + self.short * sum(w.t.size for w in self.windows)

    def steps_for(self, drive: Drive, duration_s: float) -> int:
        steps = super().steps_for(drive, duration_s)
        fastest = 0.0
        for window, inner in zip(self.windows, drive.inside, strict=True):
            window._prepare(inner)
            fastest = max(fastest, window._turnover(inner))
        self.short = max(1, math.ceil(duration_s / steps * fastest / COURANT[self.scheme] - 1e-9))
        return steps

    def advance(self, drive: Drive, steps: int, dt_s: float) -> np.ndarray:
        starts, cells, weights = drive.watch
        series = np.empty((steps, starts.size - 1))
        for n in range(steps):
            self._step(drive, dt_s)
            series[n] = np.add.reduceat(weights * self.t.reshape(-1)[cells], starts[:-1])
            for window, inner in zip(self.windows, drive.inside, strict=True):
                starts_in, cells_in, weights_in = inner.watch
                seen = np.add.reduceat(weights_in * window.t.reshape(-1)[cells_in], starts_in[:-1])
                series[n, window.window.wells] = seen
        return series

    def _step(self, drive: Drive, dt_s: float) -> None:
        second = 1.0 if self.scheme == "tvd" else 0.0
        memory = rock.memory(self.rates, dt_s, self.horizon_s)
        kept, given = (memory.weight, memory.now), 0.0
        for w in self.windows:
            given += window_heat.before_step(
                dt_s, second, self.first, self.t, self.start, self.inverse, self.gx, self.gy, drive.hx, drive.hy,
                w.where, w.parts, w.ghosts[0], w.by_box, kept, self.memory, self.contact,
            )  # fmt: skip
        super().advance(drive, 1, dt_s)
        for w, inner in zip(self.windows, drive.inside, strict=True):
            w.catch_up(self.t, inner, self.short, dt_s / self.short)
        for w in self.windows:
            through, held = window_heat.after_step(
                w.t, self.t, self.every, w.where, w.parts, w.crossed, w.by_box, w.walled, kept, self.memory, self.contact
            )  # fmt: skip
            self.ledger[2] += through
            given += held
        # The rock under a window is the window's to account for.
        sides = 2.0 if self.grid.nz == 1 else 1.0
        self.ledger[4] -= given * dt_s * sides * self.area * self.effusivity

    def energy_error(self) -> float:
        change = ((self.t - self.start) / self.every)[:, self.outside]
        gained, moved, ledger = float(change.sum()), float(np.abs(change).sum()), self.ledger.copy()
        for window in self.windows:
            inside = (window.t - window.start) / window.inverse
            gained, moved = gained + float(inside.sum()), moved + float(np.abs(inside).sum())
            ledger += window.ledger
        brought, taken, through, released, to_rock = ledger
        net = brought - taken + through + released
        moved += abs(to_rock) + 1e-3 * float(brought + taken)
        return float(abs(gained + to_rock - net) / moved) if moved > 0.0 else 0.0


class NearWells:
    """Flow in the windows of one run."""

    def __init__(
        self,
        windows: Sequence[Window],
        wells: Sequence[Well],
        at: Completions,
        transport: RefinedTransport,
        *,
        upstream: bool,
    ):
        self.at, self.transport = at, transport
        moved = sum(
            max(abs(r) for r in (w.signed_rate_m3_h, *(s.rate_m3_h for s in w.schedule))) / SECONDS_PER_HOUR
            for w in wells
        )
        self.flows = [WindowFlow(transport.grid, w, upstream=upstream, moved_m3_s=moved) for w in windows]
        self.monitors = [monitor_stencils([wells[n] for n in w.wells], w.at) for w in windows]

    @property
    def cells(self) -> int:
        """Smaller cells in all windows."""
        return sum(heat.t.size for heat in self.transport.windows)

    def solved(self, whole: Solution) -> Solution:
        """The box's flow with what it is inside the windows."""
        through = np.bincount(self.at.opening_of, whole.entry_m3_s, self.at.level.size)
        inside = tuple(
            flow.inside(warm.t, whole, through)
            for flow, warm in zip(self.flows, self.transport.windows, strict=True)
        )
        worst = max([whole.mass_error, *(s.mass_error for s in inside)])
        pressure = whole.well_pa.copy()
        for flow, near in zip(self.flows, inside, strict=True):
            known = np.isfinite(near.well_pa)
            pressure[flow.window.wells[known]] = near.well_pa[known]
        return replace(whole, inside=inside, mass_error=worst, well_pa=pressure)

    def drives(
        self, interval: Interval, whole: Solution, capacity: float, *, spare: bool
    ) -> tuple[Drive, ...]:
        """What the flow in each window does to heat."""
        return tuple(
            drive_of(
                flow.at, monitors, interval.rates_m3_s[flow.window.wells],
                interval.temperature_degc[flow.window.wells], inner,
                now_degc=warm.t, capacity=capacity, pore=flow.pore, spare=spare,
            )
            for flow, monitors, warm, inner in zip(
                self.flows, self.monitors, self.transport.windows, whole.inside, strict=True
            )
        )  # fmt: skip

    def bare(self, drive: Drive) -> Drive:
        """The box's drive without what happens under the windows: wells, storage."""
        none = np.zeros(0)
        pore = drive.pore * self.transport.outside
        return replace(drive, cells=np.zeros(0, np.int64), brings=none, entry=none, takes=none, pore=pore)

    def start_degc(self) -> tuple[np.ndarray, np.ndarray]:
        """Wells in windows, and what each sees before anything has moved."""
        wells: list[np.ndarray] = [np.zeros(0, np.int64)]
        seen: list[np.ndarray] = [np.zeros(0)]
        for flow, monitors, warm in zip(self.flows, self.monitors, self.transport.windows, strict=True):
            weights = flow.at.entry_share.copy()
            for m, (_, weight) in monitors.items():
                weights[flow.at.entry_well == m] = weight
            wells.append(flow.window.wells)
            seen.append(
                np.bincount(flow.at.entry_well, weights * warm.t.reshape(-1)[flow.at.cells], flow.at.n_wells)
            )
        return np.concatenate(wells), np.concatenate(seen)
