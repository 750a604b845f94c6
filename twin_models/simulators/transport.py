"""The temperature state of one run, and how a flow field moves it on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twin_models.grid import Grid
from twin_models.simulators import heat, rock
from twin_models.types import SECONDS_PER_DAY

# Part of the explicit limit that a step takes. Upwind, whose time error is taken off (see ``heat``), stays
# positive up to 0.6 of it along a line and a little less across the grid.
COURANT = {"tvd": 0.85, "upwind": 0.4}
LONGEST_STEP_S = 60.0 * SECONDS_PER_DAY
STEPS_PER_PERIOD = 4


@dataclass(frozen=True, eq=False)
class Drive:
    """What moves heat during one period: flows times the water's heat capacity (W/K).

    ``hx`` (na, ny, nx+1), ``hy``, ``hz``; ``cells`` (m,) flat cells with wells, ``brings`` (m,) what flows in
    from wells and ``entry`` (m,) its temperature, ``takes`` (m,) what wells draw; ``released``: per m3 of
    pore volume, with ``pore`` (na, ny, nx). ``watch``: (starts, cells, weights) of the watched cells. ``inside``:
    the same of each window of smaller cells (``refined``).
    """

    hx: np.ndarray
    hy: np.ndarray
    hz: np.ndarray
    cells: np.ndarray
    brings: np.ndarray
    entry: np.ndarray
    takes: np.ndarray
    released: float
    pore: np.ndarray
    watch: tuple[np.ndarray, np.ndarray, np.ndarray]
    inside: tuple[Drive, ...] = ()


class Transport:
    """Temperature of all cells and of the rock around them, advanced period by period."""

    def __init__(self, grid: Grid, scheme: str, horizon_s: float, shortest_s: float):
        """``shortest_s``: the shortest interval of constant rates, which the rock's memory must resolve."""
        self.grid, self.scheme = grid, scheme
        self.first = int(grid.active.start)
        self.start = grid.temperature_degc
        self.t = grid.temperature_degc.copy()
        self.new, self.ratio = np.empty_like(self.t), np.zeros((grid.nz, grid.nx))
        area = float(grid.dx_m * grid.dy_m)
        self.area = area
        self.inverse = 1.0 / (grid.heat_capacity_j_m3k * (area * grid.dz_m)[:, None, None])
        lateral = grid.conductivity_w_mk * grid.dz_m
        # A direction one cell wide has no neighbours to conduct to.
        self.gx = lateral * grid.dy_m / grid.dx_m if grid.nx > 1 else np.zeros(grid.nz)
        self.gy = lateral * grid.dx_m / grid.dy_m if grid.ny > 1 else np.zeros(grid.nz)
        half = 0.5 * grid.dz_m / np.maximum(grid.conductivity_w_mk, 1e-12)
        self.gz = area / (half[:-1] + half[1:])
        around = grid.reservoir.confining
        self.effusivity = (
            math.sqrt(around.conductivity_w_mk * around.heat_capacity_mj_m3k * 1e6 / math.pi)
            if around
            else 0.0
        )
        self.horizon_s = horizon_s
        self.rates = rock.decay_rates(min(LONGEST_STEP_S, shortest_s) / STEPS_PER_PERIOD, horizon_s)
        sides = 1 if grid.nz == 1 else 2
        self.memory = np.zeros((sides, grid.ny, self.rates.size if around else 1, grid.nx), np.float32)
        self.contact = np.zeros((sides, grid.ny, grid.nx))
        self.half = area / half[[0, -1]]
        self.ledger = np.zeros(5)
        self.work = np.empty((3, grid.nx + 1))
        self.steps = 0

    @property
    def cells_a_step(self) -> int:
        """Cells that one step moves."""
        return self.t.size

    def steps_for(self, drive: Drive, duration_s: float) -> int:
        """How many equal steps the period needs."""
        self._prepare(drive)
        longest = min(LONGEST_STEP_S, duration_s / STEPS_PER_PERIOD)
        turnover = self._turnover(drive)
        if turnover > 0.0:
            longest = min(longest, COURANT[self.scheme] / turnover)
        return max(1, math.ceil(duration_s / longest - 1e-9))

    def _turnover(self, drive: Drive) -> float:
        """Times a second that the fastest cell is renewed."""
        fed = np.zeros(self.t.size, dtype=np.bool_)
        fed[drive.cells[drive.brings > 0.0]] = True
        worst: float = heat.fastest_turnover(
            self.first, self.inverse, self.gx, self.gy, drive.hx, drive.hy, drive.hz, fed
        )
        return worst

    def _prepare(self, drive: Drive) -> None:
        """Where other water comes from that flows into the well cells."""
        grid = self.grid
        k, j, i = np.unravel_index(drive.cells, grid.shape)
        a = k - self.first
        faces = (
            (drive.hx[a, j, i], k, j, np.maximum(i - 1, 0)),
            (-drive.hx[a, j, i + 1], k, j, np.minimum(i + 1, grid.nx - 1)),
            (drive.hy[a, j, i], k, np.maximum(j - 1, 0), i),
            (-drive.hy[a, j + 1, i], k, np.minimum(j + 1, grid.ny - 1), i),
            (drive.hz[a, j, i], np.maximum(k - 1, 0), j, i),
            (-drive.hz[a + 1, j, i], np.minimum(k + 1, grid.nz - 1), j, i),
        )
        self.near = np.empty((drive.cells.size, 6), np.int64)
        self.near_flow = np.empty((drive.cells.size, 6))
        for n, (flow, kk, jj, ii) in enumerate(faces):
            self.near[:, n] = (kk * grid.ny + jj) * grid.nx + ii
            self.near_flow[:, n] = np.maximum(flow, 0.0)
        self.held = np.empty(drive.cells.size)

    def advance(self, drive: Drive, steps: int, dt_s: float) -> np.ndarray:
        """Take ``steps`` steps; returns what the watched sets show after each (steps, watched)."""
        series = np.empty((steps, drive.watch[0].size - 1))
        kept = rock.memory(self.rates, dt_s, self.horizon_s)
        heat.advance(
            steps, dt_s, 1.0 if self.scheme == "tvd" else 0.0, self.first,
            self.t, self.new, self.start, self.inverse, self.gx, self.gy, self.gz, drive.hx, drive.hy, drive.hz,
            drive.released, drive.pore, self.area * self.effusivity,
            (kept.weight, kept.decay, kept.gain, kept.now), self.memory, self.contact, self.half,
            self.work, self.ratio,
            drive.cells, drive.brings, drive.entry, drive.takes, self.near, self.near_flow, self.held,
            *drive.watch, series, self.ledger,
        )  # fmt: skip
        self.steps += steps
        return series

    def energy_error(self) -> float:
        """Energy gained by rock and water less what came in, relative.

        The yardstick is the heat that cells and rock gained or lost, not the far larger heat that merely
        passed through the wells; a thousandth of that is added so that a run without cooling has one too.
        """
        change = (self.t - self.start) / self.inverse
        brought, taken, through, released, to_rock = self.ledger
        net = brought - taken + through + released
        moved = float(np.abs(change).sum()) + abs(to_rock) + 1e-3 * float(brought + taken)
        return float(abs(change.sum() + to_rock - net) / moved) if moved > 0.0 else 0.0
