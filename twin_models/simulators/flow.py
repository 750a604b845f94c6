"""Flow through the active layers, with viscosity that follows the temperature; steady, or with storage.

The unknowns are the pressure changes of the cells from the first permeable layer to the last; rock above
and below carries no water. A well is a given rate; open to several cells, it has one pressure and its rate
divides accordingly. What the iteration leaves unbalanced is swept out along rows and columns, so that every
cell's flows add up to rounding error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np

from twin_models.faults import fault_faces
from twin_models.grid import MILLIDARCY_M2, Grid
from twin_models.simulators import multigrid
from twin_models.simulators.completion import Completions
from twin_models.simulators.multigrid import OPTIONS
from twin_models.water import density_table, fluidity_table, look_up

COMPRESSIBILITY_PER_PA = 1e-9
TOLERANCE = 1e-6
MOST_ITERATIONS = 400
GRAVITY_M_S2 = 9.80665
# First guesses are kept for each set of rates that a calendar returns to, up to this many numbers.
GUESSED_CELLS = 1_500_000
# A first guess is drawn out beyond the last solution by at most this many times the last distance in time.
FURTHEST_GUESS = 1.0


@nb.njit(**OPTIONS)
def _face(kh_a, kh_b, f_a, f_b, p_a, p_b, upstream):
    """Transmissibility x fluidity of the face between two cells, per unit of shape factor.

    Either both halves in series with their own viscosity, or the harmonic permeability with the viscosity
    of the cell that the water comes from (as most reservoir simulators do).
    """
    if upstream:
        both = kh_a + kh_b
        if both <= 0.0:
            return 0.0
        return 2.0 * kh_a * kh_b / both * (f_a if p_a >= p_b else f_b)
    m_a, m_b = kh_a * f_a, kh_b * f_b
    both = m_a + m_b
    return 2.0 * m_a * m_b / both if both > 0.0 else 0.0


@nb.njit(**OPTIONS)
def transmissibilities(kh, kv, f, p, shape_x, shape_y, open_x, open_y, upstream, tx, ty, tz):
    """Fill the finest level: kh = k x thickness, kv = vertical k x 2 area / thickness, f = 1/viscosity.

    Arrays (nz, ny, nx); ``shape_x`` = dy/dx, ``shape_y`` = dx/dy; tx, ty, tz flat.
    """
    nz, ny, nx = kh.shape
    for k in range(nz):
        for j in range(ny):
            at = (k * ny + j) * (nx + 1)
            for i in range(1, nx):
                tx[at + i] = shape_x * _face(
                    kh[k, j, i - 1],
                    kh[k, j, i],
                    f[k, j, i - 1],
                    f[k, j, i],
                    p[k, j, i - 1],
                    p[k, j, i],
                    upstream,
                )
            tx[at] = 2.0 * shape_x * kh[k, j, 0] * f[k, j, 0] * open_x
            tx[at + nx] = 2.0 * shape_x * kh[k, j, nx - 1] * f[k, j, nx - 1] * open_x
        for j in range(ny + 1):
            at = (k * (ny + 1) + j) * nx
            a, b = max(j - 1, 0), min(j, ny - 1)
            for i in range(nx):
                if a == b:
                    ty[at + i] = 2.0 * shape_y * kh[k, a, i] * f[k, a, i] * open_y
                else:
                    ty[at + i] = shape_y * _face(
                        kh[k, a, i], kh[k, b, i], f[k, a, i], f[k, b, i], p[k, a, i], p[k, b, i], upstream
                    )
        for j in range(ny):
            at = (k * ny + j) * nx
            for i in range(nx):
                tz[at + i] = 0.0
                if k < nz - 1:
                    tz[at + i] = 0.5 * _face(
                        kv[k, j, i],
                        kv[k + 1, j, i],
                        f[k, j, i],
                        f[k + 1, j, i],
                        p[k, j, i],
                        p[k + 1, j, i],
                        upstream,
                    )


@nb.njit(**OPTIONS)
def fluxes(nz, ny, nx, tx, ty, tz, p, fx, fy, fz):
    """Flows across all faces (m3/s): fx (nz, ny, nx+1) east, fy (nz, ny+1, nx) north, fz (nz+1, ny, nx) down."""
    layer = ny * nx
    for k in range(nz):
        for j in range(ny):
            at, edge = (k * ny + j) * nx, (k * ny + j) * (nx + 1)
            fx[k, j, 0] = -tx[edge] * p[at]
            for i in range(1, nx):
                fx[k, j, i] = tx[edge + i] * (p[at + i - 1] - p[at + i])
            fx[k, j, nx] = tx[edge + nx] * p[at + nx - 1]
        for i in range(nx):
            fy[k, 0, i] = -ty[k * (ny + 1) * nx + i] * p[k * layer + i]
            fy[k, ny, i] = ty[(k * (ny + 1) + ny) * nx + i] * p[k * layer + (ny - 1) * nx + i]
        for j in range(1, ny):
            edge, at = (k * (ny + 1) + j) * nx, (k * ny + j) * nx
            for i in range(nx):
                fy[k, j, i] = ty[edge + i] * (p[at - nx + i] - p[at + i])
        for j in range(ny):
            at = (k * ny + j) * nx
            for i in range(nx):
                fz[k + 1, j, i] = tz[at + i] * (p[at + i] - p[at + layer + i]) if k < nz - 1 else 0.0
    fz[0] = 0.0


@nb.njit(**OPTIONS)
def sinking(heavier, distance, tz, out):
    """Flow downward through the faces below each cell that weight alone would drive (m3/s).

    ``heavier`` (nz, ny, nx): density above that of the undisturbed state, kg/m3; ``distance`` (nz-1,) between
    cell centres, m; ``tz`` flat transmissibilities; ``out`` (nz, ny, nx), its last layer zero.
    """
    nz, ny, nx = heavier.shape
    out[nz - 1] = 0.0
    for k in range(nz - 1):
        head = 0.5 * GRAVITY_M_S2 * distance[k]
        for j in range(ny):
            at = (k * ny + j) * nx
            for i in range(nx):
                out[k, j, i] = tz[at + i] * head * (heavier[k, j, i] + heavier[k + 1, j, i])


@nb.njit(**OPTIONS)
def _beyond(now, past, w, out):
    for n in range(now.size):
        out[n] = now[n] + w * (now[n] - past[n])


def beyond(now: np.ndarray, past: np.ndarray, w: float) -> np.ndarray:
    """now + w (now - past), in one pass over arrays of any shape."""
    out = np.empty_like(now)
    _beyond(now.reshape(-1), past.reshape(-1), w, out.reshape(-1))
    return out


@nb.njit(**OPTIONS)
def sweep_out(left_over, open_x, open_y, fx, fy, fz):
    """Pass each cell's imbalance ``left_over`` (nz, ny, nx) on to the next cell until it leaves the box.

    Rows first, then the last column, then down the last corner; where the box is closed the imbalances of
    all cells cancel by then. What is passed is of the size of the solver's tolerance.
    """
    nz, ny, nx = left_over.shape
    down = 0.0
    for k in range(nz):
        along = 0.0
        for j in range(ny):
            carry = 0.0
            for i in range(nx):
                carry += left_over[k, j, i]
                if i < nx - 1 or open_x:
                    fx[k, j, i + 1] += carry
            if not open_x:
                along += carry
                if j < ny - 1 or open_y:
                    fy[k, j + 1, nx - 1] += along
        if not (open_x or open_y):
            down += along
            if k < nz - 1:
                fz[k + 1, ny - 1, nx - 1] += down


@nb.njit(**OPTIONS)
def worst_imbalance(fx, fy, fz, sources):
    """Largest difference between what flows into a cell and out of it (m3/s)."""
    nz, ny, nx = sources.shape
    worst = 0.0
    for k in range(nz):
        for j in range(ny):
            for i in range(nx):
                away = (
                    fx[k, j, i + 1]
                    - fx[k, j, i]
                    + fy[k, j + 1, i]
                    - fy[k, j, i]
                    + fz[k + 1, j, i]
                    - fz[k, j, i]
                )
                worst = max(worst, abs(sources[k, j, i] - away))
    return worst


@dataclass(eq=False)
class Solution:
    """Flow at one instant.

    ``fx``, ``fy``, ``fz``: face flows over the active layers; ``entry_m3_s``: flow into the reservoir through
    each entry of the completions. ``pressure_pa`` (na, ny, nx); ``well_pa`` (n wells,). ``released_per_s``:
    water taken out of storage per m3 of pore volume (closed box with unbalanced rates); ``release_m3_s``
    (na, ny, nx): that of each cell, in transient flow. ``mass_error``: the worst cell's imbalance over the total
    rate. ``inside``: flow in each window of smaller cells (``refined``).
    """

    fx: np.ndarray
    fy: np.ndarray
    fz: np.ndarray
    entry_m3_s: np.ndarray
    pressure_pa: np.ndarray
    well_pa: np.ndarray
    released_per_s: float
    iterations: int
    mass_error: float
    release_m3_s: np.ndarray | None = None
    inside: tuple[Solution, ...] = ()


class Flow:
    """Pressure solver of one grid and one set of wells; keeps its last answers as first guesses."""

    def __init__(self, grid: Grid, at: Completions, *, upstream: bool = False):
        self.grid, self.at, self.upstream = grid, at, upstream
        levels = grid.active
        self.active = levels
        self.na = levels.stop - levels.start
        net = grid.net_m[levels, None, None]
        self.kh = np.ascontiguousarray(grid.k_md[levels] * net * MILLIDARCY_M2)
        area = grid.dx_m * grid.dy_m
        vertical = grid.k_md[levels] * grid.kv_kh[levels, None, None] * MILLIDARCY_M2
        self.kv = (
            2.0 * area * vertical / grid.dz_m[levels, None, None] if self.na > 1 else np.zeros((0, 0, 0))
        )
        self.plan = multigrid.plan_levels(self.na, grid.ny, grid.nx)
        self.transient = grid.reservoir.compressibility_per_pa is not None
        stored = self.kh.size if self.transient else 0
        self.fine = tuple(np.zeros(n) for n in (*self.plan[1, [3, 4]], self.plan[1, 2], stored))
        cells, faces = self.plan[-1, 2], self.plan[-1, [3, 4]]
        stored = cells if self.transient else 0
        self.coarse = tuple(np.zeros(n, np.float32) for n in (*faces, cells, stored, cells))
        self.space, self.single = np.zeros((4, self.kh.size)), np.zeros((3, cells), np.float32)
        self.way = np.zeros(grid.ny * grid.nx, np.float32)
        self.table = fluidity_table(grid.reservoir.fluid)
        self.fluidity = np.empty((self.na, grid.ny, grid.nx))
        self._set_weight()
        # A monitor moves no water; it may even sit in the rock above, so its cells are led elsewhere.
        moves = at.index_m3[at.opening_of] > 0.0
        self.cells = np.where(moves, at.cells - levels.start * grid.ny * grid.nx, 0)
        # A closed box in steady flow: what is unbalanced is stored evenly.
        self.closed = not any(grid.open_sides) and not self.transient
        self.pore = np.ascontiguousarray((grid.pore_volume_m3 * grid.permeable[:, None, None])[levels])
        self.pore_total = float(self.pore.sum())
        holds = self.pore.reshape(-1) if self.transient else np.zeros(0)
        self.storage_m3_pa = (grid.reservoir.compressibility_per_pa or 0.0) * holds
        self._guess: dict[bytes, list[tuple[float, np.ndarray]]] = {}

    def _set_weight(self) -> None:
        """Densities, for boxes with more than one active layer cell and a fluid that knows its temperature."""
        grid, shape = self.grid, self.fluidity.shape
        self.buoyant = self.na > 1 and grid.reservoir.fluid.viscosity == "water"
        thickness = grid.dz_m[self.active]
        self.distance_m = 0.5 * (thickness[:-1] + thickness[1:])
        self.density = density_table(grid.reservoir.fluid)
        if not self.buoyant:
            return
        self.undisturbed, self.heavier, self.sink = np.empty(shape), np.empty(shape), np.zeros(shape)
        look_up(grid.temperature_degc[self.active].reshape(-1), self.density, self.undisturbed.reshape(-1))

    def _hinder(self) -> None:
        """Let faults take their part of the faces that they cross."""
        if not self.grid.reservoir.faults:
            return
        faces, first = fault_faces(self.grid), self.active.start
        for flat, at, factor, layer in (
            (self.fine[0], faces.x_at, faces.x_factor, self.grid.ny * (self.grid.nx + 1)),
            (self.fine[1], faces.y_at, faces.y_factor, (self.grid.ny + 1) * self.grid.nx),
        ):
            here = at - first * layer
            inside = (here >= 0) & (here < flat.size)
            flat[here[inside]] *= factor[inside]

    def sinking_m_s(self, coldest_degc: float, warmest_degc: float) -> float:
        """Fastest Darcy velocity that the difference in weight between two temperatures can drive (m/s)."""
        if not self.buoyant:
            return 0.0
        ends = np.array([coldest_degc, warmest_degc])
        density, fluid = np.empty(2), np.empty(2)
        look_up(ends, self.density, density)
        look_up(ends, self.table, fluid)
        grid = self.grid
        vertical = float((grid.k_md[self.active] * grid.kv_kh[self.active, None, None]).max()) * MILLIDARCY_M2
        return vertical * GRAVITY_M_S2 * float(density[0] - density[1]) * float(fluid[1])

    def update(self, temperature_degc: np.ndarray, pressure_pa: np.ndarray) -> None:
        """New viscosity: transmissibilities and multigrid levels. ``temperature_degc`` (nz, ny, nx)."""
        warm = temperature_degc[self.active]
        look_up(warm.reshape(-1), self.table, self.fluidity.reshape(-1))
        grid = self.grid
        open_x, open_y = grid.open_sides
        transmissibilities(
            self.kh, self.kv, self.fluidity, pressure_pa, grid.dy_m / grid.dx_m, grid.dx_m / grid.dy_m,
            float(open_x), float(open_y), self.upstream, *self.fine[:3],
        )  # fmt: skip
        self._hinder()
        multigrid.build(self.na, self.plan, *self.fine, *self.coarse, self.way)
        if self.buoyant:
            look_up(warm.reshape(-1), self.density, self.heavier.reshape(-1))
            self.heavier -= self.undisturbed
            sinking(self.heavier, self.distance_m, self.fine[2], self.sink)

    def solve(self, temperature_degc: np.ndarray, rates_m3_s: np.ndarray, when_s: float = 0.0) -> Solution:
        """Flow for the temperatures (nz, ny, nx) and signed rates (n wells,) of this moment."""
        key = rates_m3_s.tobytes()
        known = key in self._guess
        x = self._first_guess(key, when_s) if known else np.zeros(self.kh.shape)
        self.update(temperature_degc, x)
        solution = self._solve(rates_m3_s, x)
        if self.upstream and not known:
            self.update(temperature_degc, solution.pressure_pa)
            solution = self._solve(rates_m3_s, solution.pressure_pa.copy())
        if 2 * len(self._guess) * solution.pressure_pa.size > GUESSED_CELLS:
            self._guess.clear()
        self._guess[key] = [*self._guess.get(key, [])[-1:], (when_s, solution.pressure_pa)]
        return solution

    def step(
        self, temperature_degc: np.ndarray, rates_m3_s: np.ndarray, before_pa: np.ndarray, span_s: float
    ) -> Solution:
        """Flow over the ``span_s`` seconds after the pressures ``before_pa`` (na, ny, nx), storage included
        (backward Euler)."""
        self.fine[3][:] = self.storage_m3_pa / span_s
        self.update(temperature_degc, before_pa)
        return self._solve(rates_m3_s, before_pa.copy(), before_pa.reshape(-1))

    def _first_guess(self, key: bytes, when_s: float) -> np.ndarray:
        """The straight line through the last two pressures at these rates, a little beyond them at most."""
        *before, (last_s, last) = self._guess[key]
        if not before or not before[0][0] < last_s < when_s:
            return last.copy()
        past_s, past = before[0]
        ahead = min((when_s - last_s) / (last_s - past_s), FURTHEST_GUESS)
        return beyond(last, past, ahead)

    def _solve(self, rates_m3_s: np.ndarray, x: np.ndarray, before_pa: np.ndarray | None = None) -> Solution:
        at, n = self.at, self.at.n_wells
        index = at.index_m3 * at.mean(self.fluidity.reshape(-1)[self.cells])
        wells = (at.well_starts, at.cell_starts, self.cells, at.weight, index)
        total = np.bincount(at.well_of, index, n)
        safe = np.where(total > 0.0, total, 1.0)
        lift = np.where(total > 0.0, rates_m3_s / safe, 0.0)
        b: np.ndarray = np.bincount(self.cells, at.weight * (index * lift[at.well_of])[at.opening_of], x.size)
        released = -float(b.sum()) / self.pore_total if self.closed else 0.0
        if self.closed:
            b = b + released * self.pore.reshape(-1)
        if before_pa is not None:
            b = b + self.fine[3] * before_pa
        if self.buoyant:
            b = b - self.sink.reshape(-1)
            b[x[0].size :] += self.sink[:-1].reshape(-1)
        p = x.reshape(-1)
        count, _ = multigrid.solve(
            self.na, self.plan, self.fine, self.coarse, wells,
            b, p, TOLERANCE, MOST_ITERATIONS, self.space, self.single,
        )  # fmt: skip
        if self.closed:
            p -= np.sum(p * self.pore.reshape(-1)) / self.pore_total
        fx, fy, fz, left = self._fluxes(p, b, wells)
        release = None
        if before_pa is None:
            sweep_out(left, *self.grid.open_sides, fx, fy, fz)
        else:
            release = (self.fine[3] * (before_pa - p)).reshape(x.shape) - left
        local = at.mean(p[self.cells])
        mean = np.bincount(at.well_of, index * local, n) / safe
        flow = at.weight * (index * ((lift + mean)[at.well_of] - local))[at.opening_of]
        sources: np.ndarray = np.bincount(self.cells, flow, x.size).reshape(x.shape)
        sources += released * self.pore if release is None else release
        moved = float(np.abs(rates_m3_s).sum())
        error = worst_imbalance(fx, fy, fz, sources) / moved if moved > 0.0 else 0.0
        return Solution(fx, fy, fz, flow, x, mean + lift, released, int(count), error, release)

    def _fluxes(self, p: np.ndarray, b: np.ndarray, wells: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        na, ny, nx = self.kh.shape
        fx, fy, fz = np.empty((na, ny, nx + 1)), np.empty((na, ny + 1, nx)), np.empty((na + 1, ny, nx))
        fluxes(na, ny, nx, *self.fine[:3], p, fx, fy, fz)
        if self.buoyant:
            fz[1:] += self.sink
        left = self.space[0]  # from scratch: what the iteration carries along drifts from it by rounding
        multigrid.residual(na, ny, nx, *self.fine, wells, b, p, left)
        return fx, fy, fz, left.reshape(na, ny, nx)
