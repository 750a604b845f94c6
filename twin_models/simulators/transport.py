"""The temperature state of one run, and how a flow field moves it on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twin_models.grid import Grid
from twin_models.simulators import heat
from twin_models.types import SECONDS_PER_DAY

# Part of the explicit limit that a step takes. Upwind takes short steps so that it smears fronts as much as
# the first-order codes it is compared with (at its limit it smears less); the limited scheme gains nothing so.
COURANT = {"tvd": 0.85, "upwind": 0.2}
# A well cell is integrated exactly when other water makes up at most this part of its throughput.
FOREIGN_WATER = 0.02
LONGEST_STEP_S = 60.0 * SECONDS_PER_DAY
STEPS_PER_PERIOD = 4


@dataclass(frozen=True, eq=False)
class Drive:
    """What moves heat during one period: flows times the water's heat capacity (W/K).

    ``hx`` (na, ny, nx+1), ``hy``, ``hz``; ``cells`` (m,) flat cells with wells, ``power`` (m,) into the cell,
    ``entry`` (m,) temperature of what enters; ``released``: per m3 of pore volume, with ``pore`` (na, ny, nx).
    ``watch``: (starts, cells, weights) of the watched sets of cells.
    """

    hx: np.ndarray
    hy: np.ndarray
    hz: np.ndarray
    cells: np.ndarray
    power: np.ndarray
    entry: np.ndarray
    released: float
    pore: np.ndarray
    watch: tuple[np.ndarray, np.ndarray, np.ndarray]


class Transport:
    """Temperature of all cells and of the rock around them, advanced period by period."""

    def __init__(self, grid: Grid, scheme: str):
        self.grid, self.scheme = grid, scheme
        self.start = grid.temperature_degc
        self.t = grid.temperature_degc.copy()
        self.new, self.ratio = np.empty_like(self.t), np.empty((grid.nz, grid.nx))
        area = float(grid.dx_m * grid.dy_m)
        self.area = area
        self.inverse = 1.0 / (grid.heat_capacity_j_m3k * (area * grid.dz_m)[:, None, None])
        lateral = grid.conductivity_w_mk * grid.dz_m
        # A direction one cell wide has no neighbours to conduct to.
        self.gx = lateral * grid.dy_m / grid.dx_m if grid.nx > 1 else np.zeros(grid.nz)
        self.gy = lateral * grid.dx_m / grid.dy_m if grid.ny > 1 else np.zeros(grid.nz)
        half = 0.5 * grid.dz_m / grid.conductivity_w_mk
        self.gz = area / (half[:-1] + half[1:])
        rock = grid.reservoir.confining
        self.conductivity = float(rock.conductivity_w_mk) if rock else 0.0
        self.rock_capacity = rock.heat_capacity_mj_m3k * 1e6 if rock else 1.0
        self.stored = np.zeros((1 if grid.nz == 1 else 2, grid.ny, grid.nx))
        self.ledger = np.zeros(4)
        self.work = np.empty((3, grid.nx + 1))
        self.steps = 0

    @property
    def first(self) -> int:
        return self.grid.active.start

    def steps_for(self, drive: Drive, duration_s: float) -> int:
        """How many equal steps the period needs."""
        self._prepare(drive)
        turnover = heat.fastest_turnover(
            self.first, self.inverse, self.gx, self.gy, drive.hx, drive.hy, drive.hz, self.skip, self.take
        )
        longest = min(LONGEST_STEP_S, duration_s / STEPS_PER_PERIOD)
        if turnover > 0.0:
            longest = min(longest, COURANT[self.scheme] / turnover)
        return max(1, math.ceil(duration_s / longest - 1e-9))

    def _prepare(self, drive: Drive) -> None:
        """Which well cells can be integrated exactly, and what else flows into them."""
        grid, cells, power = self.grid, drive.cells, drive.power
        k, j, i = np.unravel_index(cells, grid.shape)
        a = k - self.first
        faces = (
            (drive.hx[a, j, i], k, j, np.maximum(i - 1, 0)),
            (-drive.hx[a, j, i + 1], k, j, np.minimum(i + 1, grid.nx - 1)),
            (drive.hy[a, j, i], k, np.maximum(j - 1, 0), i),
            (-drive.hy[a, j + 1, i], k, np.minimum(j + 1, grid.ny - 1), i),
            (drive.hz[a, j, i], np.maximum(k - 1, 0), j, i),
            (-drive.hz[a + 1, j, i], np.minimum(k + 1, grid.nz - 1), j, i),
        )
        inflow, outflow, warmth = np.zeros(cells.size), np.zeros(cells.size), np.zeros(cells.size)
        for flow, kk, jj, ii in faces:
            into = np.maximum(flow, 0.0)
            inflow += into
            outflow += np.maximum(-flow, 0.0)
            warmth += into * self.t[kk, jj, ii]
        self.lateral = inflow
        self.lateral_t = np.divide(warmth, inflow, out=np.zeros_like(warmth), where=inflow > 0.0)
        foreign = np.where(power > 0.0, inflow, outflow)
        alone = np.bincount(cells, minlength=grid.nz * grid.ny * grid.nx)[cells] == 1
        self.exact = alone & (foreign <= FOREIGN_WATER * np.abs(power)) & (power != 0.0)
        self.skip = np.zeros(self.t.size, dtype=np.bool_)
        self.skip[cells[self.exact]] = True
        self.take = np.bincount(cells, np.maximum(-power, 0.0), self.t.size)
        self.held = np.empty(cells.size)

    def advance(self, drive: Drive, steps: int, dt_s: float, time_s: float) -> np.ndarray:
        """Take ``steps`` steps; returns what the watched sets show after each (steps, watched)."""
        series = np.empty((steps, drive.watch[0].size - 1))
        heat.advance(
            steps, dt_s, time_s, 1.0 if self.scheme == "tvd" else 0.0, self.first,
            self.t, self.new, self.start, self.inverse, self.gx, self.gy, self.gz, drive.hx, drive.hy, drive.hz,
            drive.released, drive.pore, self.area, self.conductivity, self.conductivity / self.rock_capacity,
            self.stored, self.work, self.ratio, drive.cells, self.exact, drive.power, drive.entry,
            self.lateral, self.lateral_t, self.held, *drive.watch, series, self.ledger,
        )  # fmt: skip
        self.steps += steps
        return series

    def energy_error(self) -> float:
        """Energy gained by rock and water less what came in, relative.

        The yardstick is the heat that cells and rock gained or lost, not the far larger heat that merely
        passed through the wells; a thousandth of that is added so that a run without cooling has one too.
        """
        change = (self.t - self.start) / self.inverse
        sides = 2.0 if self.grid.nz == 1 else 1.0
        rock = self.rock_capacity * self.area * sides * float(self.stored.sum())
        brought, taken, through, released = self.ledger
        net = brought - taken + through + released
        moved = float(np.abs(change).sum()) + abs(rock) + 1e-3 * float(brought + taken)
        return abs(float(change.sum() + rock - net)) / moved if moved > 0.0 else 0.0
