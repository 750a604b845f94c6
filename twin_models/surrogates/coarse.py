"""A coarse simulation of one flow unit in some three milliseconds, for the surrogate to look at.

Streamlines know where water goes on the first day; how cold, viscous water then re-routes flow between wells they do
not. This does, on a lattice of at most ``CELLS`` a side: pressure by a banded Cholesky factor at a few times, heat by
explicit steps with a van Leer limiter (van Leer 1974, J. Comput. Phys. 14, 361), conduction to the rock around as of
Vinsome & Westerveld (1980, J. Can. Pet. Technol. 19, 87). It smears fronts over its wide cells; the network has
learned by how much. All of it is compiled and lets go of the interpreter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba as nb
import numpy as np

from twin_models.grid import RecentlyUsed
from twin_models.simulators import near_well
from twin_models.simulators.flow_units import FlowUnit
from twin_models.simulators.well_sources import Sources
from twin_models.types import SECONDS_PER_YEAR
from twin_models.water import TABLE_MIN_DEGC, TABLE_STEP_K

CELLS = 36  # along the longer side, at most
OUT = 12  # times told, evenly to the horizon
PARTS = 4 * OUT  # of the horizon, between which conduction and wells are brought up to date
SOLVED_AT = np.array([0, 1, 5, 14, 28])  # parts before which flow is solved anew
AHEAD = 0.8  # of the change since the last solution is added: cold banks go on growing
COURANT = 0.9
TIGHT = 1e7
MOST_STEPS = 40  # in one part: a scheme that needs more is smeared, not awaited


@dataclass(frozen=True, eq=False)
class Lattice:
    """A unit on coarse cells. ``scale``: coarse cells per fine one in x and y; ``tx`` (ny, nx+1),
    ``ty`` (ny+1, nx): face transmissibilities at the initial viscosity, m3/(s Pa); ``water`` (ny, nx): as in ``FlowUnit``;
    ``theta`` (ny, nx): initial temperature; ``kappa``: of the whole stack, 1/sqrt(s)."""

    scale: tuple[float, float]
    tx: np.ndarray
    ty: np.ndarray
    water: np.ndarray
    theta: np.ndarray
    kappa: float
    closed: bool


_LATTICES = RecentlyUsed()


def lattice_of(unit: FlowUnit, cells: int = CELLS) -> Lattice:
    """Made once per geology."""
    key = (unit.grid.reservoir.key, unit.grid.nx, unit.grid.ny, float(unit.middle_m), cells)
    return _LATTICES.get(key, lambda: _lattice(unit, cells))


def _lattice(unit: FlowUnit, cells: int) -> Lattice:
    ny, nx = unit.water.shape
    dx, dy = unit.grid.dx_m, unit.grid.dy_m
    size = max(nx * dx, ny * dy) / cells
    across, up = max(round(nx * dx / size), 1), max(round(ny * dy / size), 1)
    part = unit.mobility / np.maximum(unit.sheet_mobility, 1e-300)
    share = (part * unit.water).sum(axis=(1, 2))
    weight = share / share.sum()
    to_x, to_y = _overlap(nx, across), _overlap(ny, up)
    water = to_y @ unit.water @ to_x.T
    theta = to_y @ (np.tensordot(weight, unit.theta, axes=1) * unit.water) @ to_x.T
    return Lattice(
        scale=(across / nx, up / ny),
        tx=_faces(unit.system.tx, across, to_y),
        ty=np.ascontiguousarray(_faces(np.ascontiguousarray(unit.system.ty.T), up, to_x).T),
        water=np.ascontiguousarray(water),
        theta=np.ascontiguousarray(theta / water),
        kappa=float(weight @ unit.kappa),
        closed=unit.system.closed,
    )


def _overlap(fine: int, cells: int) -> np.ndarray:
    """(cells, fine): part of each fine cell that lies in each coarse one."""
    ends = np.linspace(0.0, fine, cells + 1)
    low = np.maximum(ends[:-1, None], np.arange(fine)[None])
    return np.clip(np.minimum(ends[1:, None], np.arange(1, fine + 1)[None]) - low, 0.0, None)


def _faces(t: np.ndarray, cells: int, across: np.ndarray) -> np.ndarray:
    """Coarse faces (n across, cells + 1): fine ones in series between middles of cells, rows side by side."""
    # tight enough to count as closed, small enough for sums to keep their digits
    most = TIGHT / float(t[t > 0.0].mean()) if (t > 0.0).any() else 1.0
    resistance = np.minimum(1.0 / np.maximum(t, 1e-300), most)
    open_ends = [bool(t[:, 0].any()), bool(t[:, -1].any())]
    resistance[:, 0] *= open_ends[0]
    resistance[:, -1] *= open_ends[1]
    sums = np.concatenate([np.zeros((len(t), 1)), np.cumsum(resistance, axis=1)], axis=1)
    fine = t.shape[1] - 1
    # a face stands for the half cells beside it; those at the ends for one half only
    at = np.concatenate(([0.0], np.arange(fine) + 0.5, [fine]))
    middle = (np.arange(cells) + 0.5) * fine / cells
    here = np.array([np.interp(middle, at, row) for row in sums])
    ends = np.concatenate([here[:, :1], np.diff(here, axis=1), sums[:, -1:] - here[:, -1:]], axis=1)
    made = across @ (1.0 / np.maximum(ends, 1e-300))
    made[:, 0] *= open_ends[0]
    made[:, -1] *= open_ends[1]
    return np.ascontiguousarray(made)


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _fluidity(table, degc):
    place = min(max((degc - TABLE_MIN_DEGC) / TABLE_STEP_K, 0.0), table.size - 1.001)
    low = int(place)
    return table[low] + (place - low) * (table[low + 1] - table[low])


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _solve(band, rhs):
    """Symmetric positive definite, ``band`` (n, b + 1) upper diagonals, overwritten; answer in ``rhs``."""
    n, width = band.shape
    for i in range(n):
        pivot = 1.0 / band[i, 0]
        for k in range(1, min(width, n - i)):
            part = band[i, k] * pivot
            if part != 0.0:
                for j in range(width - k):
                    band[i + k, j] -= part * band[i, k + j]
                rhs[i + k] -= part * rhs[i]
    for i in range(n - 1, -1, -1):
        total = rhs[i]
        for k in range(1, min(width, n - i)):
            total -= band[i, k] * rhs[i + k]
        rhs[i] = total / band[i, 0]


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _flow(tx, ty, ease, rate, water, closed, across, fx, fy):
    """Fluxes for the present viscosity; ``ease`` (ny, nx): fluidity over its initial value."""
    ny, nx = rate.shape
    n = ny * nx
    width = (ny if across else nx) + 1
    band, rhs = np.zeros((n, width)), np.empty(n)
    spare = 0.0
    if closed:  # what is left over fills or drains every cell alike
        spare = rate.sum() / water.sum()
    for j in range(ny):
        for i in range(nx + 1):
            a = ease[j, max(i - 1, 0)]
            b = ease[j, min(i, nx - 1)]
            fx[j, i] = tx[j, i] * 2.0 * a * b / (a + b)
    for j in range(ny + 1):
        for i in range(nx):
            a = ease[max(j - 1, 0), i]
            b = ease[min(j, ny - 1), i]
            fy[j, i] = ty[j, i] * 2.0 * a * b / (a + b)
    largest = 0.0
    for j in range(ny):
        for i in range(nx):
            row = i * ny + j if across else j * nx + i
            band[row, 0] = fx[j, i] + fx[j, i + 1] + fy[j, i] + fy[j + 1, i]
            largest = max(largest, band[row, 0])
            east, north = (ny, 1) if across else (1, nx)
            if i < nx - 1:
                band[row, east] -= fx[j, i + 1]
            if j < ny - 1:
                band[row, north] -= fy[j + 1, i]
            rhs[row] = rate[j, i] - spare * water[j, i]
    for row in range(n):
        band[row, 0] += 1e-12 * largest
    if closed:
        band[0, 0] += largest
    _solve(band, rhs)
    for j in range(ny):
        for i in range(nx + 1):
            left = 0.0 if i == 0 else rhs[(i - 1) * ny + j if across else j * nx + i - 1]
            right = 0.0 if i == nx else rhs[i * ny + j if across else j * nx + i]
            fx[j, i] *= left - right
    for j in range(ny + 1):
        for i in range(nx):
            below = 0.0 if j == 0 else rhs[i * ny + j - 1 if across else (j - 1) * nx + i]
            above = 0.0 if j == ny else rhs[i * ny + j if across else j * nx + i]
            fy[j, i] *= below - above


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _go_on(flux, past, part):
    """Fluxes moved on by part of their change; a straight line through balanced flows is balanced."""
    for j in range(flux.shape[0]):
        for i in range(flux.shape[1]):
            now = flux[j, i]
            flux[j, i] = now + part * (now - past[j, i])
            past[j, i] = now


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _limited(before, here, after):
    """Half of van Leer's limited difference."""
    a, b = here - before, after - here
    product = a * b
    return product / (a + b) if product > 0.0 else 0.0


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _step(t, new, fx, fy, water, theta, rate, warm, loss, keep, dt):
    """One explicit step; ``loss`` (ny, nx): K/s that the rock around takes less ``keep`` x change."""
    ny, nx = t.shape
    for j in range(ny):
        for i in range(nx):
            new[j, i] = 0.0
    for j in range(ny):
        for i in range(nx + 1):
            f = fx[j, i]
            if i == 0:
                face = theta[j, 0] if f > 0.0 else t[j, 0]
            elif i == nx:
                face = t[j, nx - 1] if f > 0.0 else theta[j, nx - 1]
            elif f > 0.0:
                face = t[j, i - 1]
                if i > 1:
                    face += _limited(t[j, i - 2], face, t[j, i])
            else:
                face = t[j, i]
                if i < nx - 1:
                    face += _limited(t[j, i + 1], face, t[j, i - 1])
            if i > 0:
                new[j, i - 1] -= f * (face - t[j, i - 1])
            if i < nx:
                new[j, i] += f * (face - t[j, i])
    for j in range(ny + 1):
        for i in range(nx):
            f = fy[j, i]
            if j == 0:
                face = theta[0, i] if f > 0.0 else t[0, i]
            elif j == ny:
                face = t[ny - 1, i] if f > 0.0 else theta[ny - 1, i]
            elif f > 0.0:
                face = t[j - 1, i]
                if j > 1:
                    face += _limited(t[j - 2, i], face, t[j, i])
            else:
                face = t[j, i]
                if j < ny - 1:
                    face += _limited(t[j + 1, i], face, t[j - 1, i])
            if j > 0:
                new[j - 1, i] -= f * (face - t[j - 1, i])
            if j < ny:
                new[j, i] += f * (face - t[j, i])
    for j in range(ny):
        for i in range(nx):
            gain = (new[j, i] + max(rate[j, i], 0.0) * (warm[j, i] - t[j, i])) / water[j, i]
            gain -= keep * (t[j, i] - theta[j, i]) - loss[j, i]
            new[j, i] = t[j, i] + dt * gain


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _run(tx, ty, water, theta, kappa, closed, rate, warm, table, horizon_s, wells, out):
    """Produced temperature ``out`` (p, OUT). ``wells``: cells (p, 4) and weights (p, 4) of producers."""
    cells, weights = wells
    ny, nx = water.shape
    fx, fy = np.zeros((ny, nx + 1)), np.zeros((ny + 1, nx))
    t, new, ease = theta.copy(), np.empty_like(theta), np.ones_like(theta)
    inner, p, old = np.zeros_like(theta), np.zeros_like(theta), np.zeros_like(theta)
    loss = np.zeros_like(theta)
    span = horizon_s / PARTS
    past_x, past_y = np.zeros_like(fx), np.zeros_like(fy)
    solved, steps = 0, 1
    across = ny < nx
    for part in range(PARTS):
        if solved < SOLVED_AT.size and part == SOLVED_AT[solved]:
            if solved > 0:
                for j in range(ny):
                    for i in range(nx):
                        ease[j, i] = _fluidity(table, t[j, i]) / _fluidity(table, theta[j, i])
            _flow(tx, ty, ease, rate, water, closed, across, fx, fy)
            _go_on(fx, past_x, AHEAD if solved > 0 else 0.0)
            _go_on(fy, past_y, AHEAD if solved > 0 else 0.0)
            solved += 1
            fastest = 0.0
            for j in range(ny):
                for i in range(nx):
                    gets = max(fx[j, i], 0.0) - min(fx[j, i + 1], 0.0) + max(fy[j, i], 0.0)
                    gets += max(rate[j, i], 0.0) - min(fy[j + 1, i], 0.0)
                    fastest = max(fastest, gets / water[j, i])
            steps = min(max(math.ceil(span * fastest / COURANT), 1), MOST_STEPS)
        depth = 0.5 * math.sqrt((part + 0.5) * span)
        keep = 2.0 * kappa / depth
        for j in range(ny):
            for i in range(nx):
                loss[j, i] = 2.0 * kappa * p[j, i]
        dt = span / steps
        for _ in range(steps):
            _step(t, new, fx, fy, water, theta, rate, warm, loss, keep, dt)
            t, new = new, t
        if kappa > 0.0:
            depth = 0.5 * math.sqrt((part + 1.0) * span)
            for j in range(ny):
                for i in range(nx):
                    now = t[j, i] - theta[j, i]
                    change = (now - old[j, i]) / span
                    fresh = span * now / depth + inner[j, i] - depth**3 * change
                    fresh /= 3.0 * depth**2 + span
                    q = (2.0 * fresh * depth - now + depth**2 * change) / (2.0 * depth**2)
                    inner[j, i] = now * depth + fresh * depth**2 + 2.0 * q * depth**3
                    p[j, i], old[j, i] = fresh, now
        if part % (PARTS // OUT) == PARTS // OUT - 1:
            k = part // (PARTS // OUT)
            for w in range(cells.shape[0]):
                seen = 0.0
                for m in range(4):
                    seen += weights[w, m] * t[cells[w, m] // nx, cells[w, m] % nx]
                out[w, k] = seen


def coarse_curves(
    unit: FlowUnit, src: Sources, injected_degc: np.ndarray, producing: np.ndarray, horizon_years: float,
    *, cells: int = CELLS,
) -> np.ndarray:  # fmt: skip
    """Fall of the produced temperature (p, OUT) at even parts of the horizon, K."""
    made = lattice_of(unit, cells)
    shape, count = made.water.shape, src.cx.size
    place, weights = np.empty((count, 4), dtype=np.int64), np.empty((count, 4))
    near_well.share_out(
        src.cx * made.scale[0], src.cy * made.scale[1], src.contrast, shape[0], shape[1], place, weights
    )
    amount = (weights * src.mean[:, None]).ravel()
    size = made.water.size
    rate = np.bincount(place.ravel(), amount, size)
    pushed = np.maximum(amount, 0.0)
    warmth = np.bincount(place.ravel(), pushed * np.repeat(np.nan_to_num(injected_degc), 4), size)
    into = np.bincount(place.ravel(), pushed, size)
    # a cell that both takes and gives shows what is put in at its net rate
    warm = np.divide(warmth, into, out=made.theta.ravel().copy(), where=into > 0.0)
    out = np.empty((producing.size, OUT))
    wells = (np.ascontiguousarray(place[producing]), np.ascontiguousarray(weights[producing]))
    _run(
        made.tx, made.ty, made.water, made.theta, made.kappa, made.closed, rate.reshape(shape), warm.reshape(shape),
        unit.fluidity, horizon_years * SECONDS_PER_YEAR, wells, out,
    )  # fmt: skip
    start = (wells[1] * made.theta.ravel()[wells[0]]).sum(axis=1)
    return start[:, None] - out
