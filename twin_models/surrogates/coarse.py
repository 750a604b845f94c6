"""A coarse simulation of one layer in some two milliseconds, for the surrogate to correct (several: ``stack``).

Streamlines know where water goes on the first day; how cold, viscous water then re-routes flow between wells they do
not. This does, on some sixty cells a side (``lattice``). Flow: the first day's, eased by the viscosity of each moment,
and balanced anew six to twelve times (``balance``), carried forward by Adams-Bashforth. Heat: explicit steps with Roe's superbee
limiter shortened by the Courant number (Sweby 1984, SIAM J. Numer. Anal. 21, 995-1011), conduction along the layers,
and to the rock around as of Vinsome & Westerveld (1980, J. Can. Pet. Technol. 19, 87). Fronts are still smeared over its
cells; the network has learned by how much.

All arrays are flat, of 32 bits, with a rim of ``HALO`` cells at the initial temperature, so that every loop runs over the
whole field at once: a step costs less than a nanosecond per cell. Compiled; lets go of the interpreter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numba as nb
import numpy as np

from twin_models.simulators.flow_units import FlowUnit
from twin_models.simulators.well_sources import Sources
from twin_models.surrogates.balance import HALO, balanced
from twin_models.surrogates.lattice import (
    OPTIONS,
    SPAN,
    Lattice,
    Sheet,
    box_sums,
)
from twin_models.water import TABLE_MIN_DEGC, TABLE_STEP_K

OUT = 24  # times told, evenly to the horizon
PARTS = 2 * OUT  # of the horizon, between which conduction to the rock is brought up to date
# Parts before which flow is balanced anew, by the most wells: where few wells share all the cold water each matters more,
# and their lattices are smaller.
SOLVED_AT = {
    10: (1, 2, 4, 6, 9, 12, 16, 20, 25, 30, 36, 42),
    30: (1, 2, 4, 7, 11, 16, 22, 29, 38),
    10_000: (1, 2, 4, 7, 11, 17, 25, 36),
}
COURANT = 0.85
MOST_STEPS = (
    12  # in one part; cells that turn over faster count as larger, which delays the front there a little
)
F = np.float32


@nb.njit(**OPTIONS)
def _fluidity(table, degc):
    place = min(max((degc - TABLE_MIN_DEGC) / TABLE_STEP_K, 0.0), table.size - 1.001)
    low = int(place)
    return table[low] + (place - low) * (table[low + 1] - table[low])


@nb.njit(**OPTIONS)
def _faces(t, h, s, d, stride, first, last, out):
    """Heat through the face before each cell: flux x upstream temperature, limited slope, conduction."""
    before, a, b, after = t[first - 2 * stride :], t[first - stride :], t[first:], t[first + stride :]
    hh, ss, dd, oo = h[first:], s[first:], d[first:], out[first:]
    for i in range(last - first):
        forward = hh[i] >= F(0.0)
        step = b[i] - a[i]
        behind = a[i] - before[i] if forward else after[i] - b[i]
        up = a[i] if forward else b[i]
        u, v = abs(behind), abs(step)
        size = max(min(u + u, v), min(u, v + v))
        size = size if behind * step > F(0.0) else F(0.0)
        size = size if step > F(0.0) else -size
        oo[i] = hh[i] * up + ss[i] * size - dd[i] * step


@nb.njit(**OPTIONS)
def _advance(t, k, ex, ey, stride, put, away, back, keep, theta, ends, first, last, new):
    coldest, hottest = ends
    rest = F(1.0) / (F(1.0) + keep)  # implicit: a thin layer follows the rock around at once
    here, kk, w, e, s, n = t[first:], k[first:], ex[first:], ex[first + 1 :], ey[first:], ey[first + stride :]
    pp, aw, bb, th, out = put[first:], away[first:], back[first:], theta[first:], new[first:]
    for i in range(last - first):
        gain = w[i] - e[i] + s[i] - n[i] + pp[i] - here[i] * aw[i]
        made = th[i] + (here[i] - th[i] + kk[i] * gain + bb[i]) * rest
        out[i] = min(max(made, coldest), hottest)


@nb.njit(**OPTIONS)
def _to_rock(t, theta, old, inner, p, span, depth, first, last):
    """Coefficients of Vinsome & Westerveld's profile in the rock after a part of ``span`` seconds."""
    tt, th, ol, inn, pp = t[first:], theta[first:], old[first:], inner[first:], p[first:]
    a, b, c = F(span / depth), F(depth**3), F(1.0 / (3.0 * depth**2 + span))
    d, e, g = F(2.0 * depth), F(depth**2), F(1.0 / (2.0 * depth**2))
    wide, cube, per = F(depth), F(2.0 * depth**3), F(1.0 / span)
    for i in range(last - first):
        now = tt[i] - th[i]
        change = (now - ol[i]) * per
        fresh = (a * now + inn[i] - b * change) * c
        inn[i] = now * wide + fresh * e + (fresh * d - now + e * change) * g * cube
        pp[i] = fresh
        ol[i] = now


@nb.njit(**OPTIONS)
def _turnover(fx, fy, dx, dy, water, put, inside, stride, first, last):
    fastest = F(0.0)
    for i in range(first, last):
        conducts = dx[i] + dx[i + 1] + dy[i] + dy[i + stride]
        gets = max(fx[i], F(0.0)) - min(fx[i + 1], F(0.0)) + max(fy[i], F(0.0)) - min(fy[i + stride], F(0.0))
        fastest = max(fastest, inside[i] * (gets + put[i] + conducts) / water[i])
    return fastest


@nb.njit(**OPTIONS)
def _prepare(fx, fy, dx, dy, water, put, inside, dt, stride, first, last, k, away, sx, sy):
    """``k``: time over heat capacity; ``away``: what leaves with the cell's own temperature; ``sx``, ``sy``: half of the
    flux, less its Courant number, by which slopes count."""
    for i in range(first, last):
        gets = max(fx[i], F(0.0)) - min(fx[i + 1], F(0.0)) + max(fy[i], F(0.0)) - min(fy[i + stride], F(0.0))
        gets += dx[i] + dx[i + 1] + dy[i] + dy[i + stride]
        k[i] = inside[i] * dt / max(water[i], dt * (gets + put[i]) / F(COURANT))
        away[i] = fx[i] - fx[i + 1] + fy[i] - fy[i + stride] + put[i]
    for i in range(first, last + stride):
        c = abs(fx[i]) * (k[i - 1] if fx[i] >= F(0.0) else k[i])
        sx[i] = F(0.5) * abs(fx[i]) * max(F(1.0) - c, F(0.0))
        c = abs(fy[i]) * (k[i - stride] if fy[i] >= F(0.0) else k[i])
        sy[i] = F(0.5) * abs(fy[i]) * max(F(1.0) - c, F(0.0))


@nb.njit(**OPTIONS)
def _eased(t, resting, table, ny, nx, ease):
    """Fluidity over its initial value, also in the rim."""
    width = nx + 2 * HALO
    for j in range(HALO, ny + HALO):
        at = j * width + HALO
        for i in range(at, at + nx):
            ease[i] = F(_fluidity(table, t[i])) * resting[i]
        ease[at - 1], ease[at + nx] = ease[at], ease[at + nx - 1]
    first, last = HALO * width, (HALO + ny) * width
    for i in range(width):
        ease[first - width + i], ease[last + i] = ease[first + i], ease[last - width + i]


@nb.njit(**OPTIONS)
def _ahead(flux, past, part):
    """Fluxes moved on by part of their last change; a straight line through balanced flows is balanced."""
    for i in range(flux.size):
        now = flux[i]
        flux[i] = now + part * (now - past[i])
        past[i] = now


@nb.njit(**OPTIONS)
def _seen(t, cells, weights, out):
    for w in range(cells.shape[0]):
        total = 0.0
        for m in range(cells.shape[1]):
            total += weights[w, m] * t[cells[w, m]]
        out[w] = total


@nb.njit(**OPTIONS)
def _run(flow, ground, wells, table, horizon_s, ny, nx, solved_at, out):
    """Produced temperature ``out`` (OUT, p)."""
    f0x, f0y, tx, ty = flow
    water, theta, inside, dx, dy, kappa, closed = ground
    put, warm, cells, weights, ends = wells
    width = nx + 2 * HALO
    first, last = HALO * width, (HALO + ny) * width
    a = np.zeros((16, water.size), np.float32)
    t, new, ease, inner, p, old, back, k = a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
    away, sx, sy, head, ex, ey, resting, want = a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15]
    fx, fy, past_x, past_y = f0x.copy(), f0y.copy(), f0x.copy(), f0y.copy()
    last_head, since = np.zeros(water.size, np.float32), 1
    work = np.zeros((9, water.size), np.float32)
    t[:], new[:], ease[:] = theta, theta, F(1.0)
    for i in range(first, last):
        want[i] = inside[i] * (f0x[i + 1] - f0x[i] + f0y[i + width] - f0y[i])
        resting[i] = F(1.0 / _fluidity(table, theta[i]))
    span = horizon_s / PARTS
    dt, solved, steps, before = span, 0, 0, 0
    for part in range(PARTS):
        if solved < solved_at.size and part == solved_at[solved]:
            _eased(t, resting, table, ny, nx, ease)
            _ahead(head, last_head, F((part - before) / since))  # a first guess
            balanced(f0x, f0y, tx, ty, want, ease, inside, closed, ny, nx, head, fx, fy, work)
            until = solved_at[solved + 1] if solved + 1 < solved_at.size else PARTS
            w = F(0.5 * (until - part) / (part - before))
            _ahead(fx, past_x, w)
            _ahead(fy, past_y, w)
            before, since = part, part - before
            solved += 1
        if part == before:
            fastest = _turnover(fx, fy, dx, dy, water, put, inside, width, first, last)
            steps = min(max(math.ceil(span * fastest / COURANT), 1), MOST_STEPS)
            dt = span / steps
            _prepare(fx, fy, dx, dy, water, put, inside, F(dt), width, first, last, k, away, sx, sy)
        keep = F(2.0 * dt * kappa / (0.5 * math.sqrt((part + 0.5) * span)))
        for i in range(first, last):
            back[i] = F(2.0 * dt * kappa) * p[i]
        for _ in range(steps):
            _faces(t, fx, sx, dx, 1, first, last + 1, ex)
            _faces(t, fy, sy, dy, width, first, last + width, ey)
            _advance(t, k, ex, ey, width, warm, away, back, keep, theta, ends, first, last, new)
            t, new = new, t
        if kappa > 0.0:
            _to_rock(t, theta, old, inner, p, span, 0.5 * math.sqrt((part + 1.0) * span), first, last)
        if (part + 1) % (PARTS // OUT) == 0:
            _seen(t, cells, weights, out[part // (PARTS // OUT)])


def solved_at(wells: int) -> np.ndarray:
    return np.array(next(at for most, at in SOLVED_AT.items() if wells <= most))


def flat(a: np.ndarray, shape: tuple[int, int], rim: float = 0.0) -> np.ndarray:
    """(rows, columns) of cells, or of faces from the first cell's on, in the flat layout."""
    ny, nx = shape
    out = np.full((ny + 2 * HALO, nx + 2 * HALO), rim, dtype=np.float32)
    out[HALO : HALO + a.shape[0], HALO : HALO + a.shape[1]] = a
    return out.ravel()


def edged(a: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(rows, columns) of cells in the flat layout, the rim as the cells next to it."""
    ny, nx = shape
    out = np.empty((ny + 2 * HALO, nx + 2 * HALO), dtype=np.float32)
    inner = slice(HALO, HALO + nx)
    out[HALO : HALO + ny, inner] = a
    out[:HALO, inner], out[HALO + ny :, inner] = a[0], a[-1]
    out[:, :HALO], out[:, HALO + nx :] = out[:, HALO : HALO + 1], out[:, HALO + nx - 1 : HALO + nx]
    return out.ravel()


def conducting(unit: FlowUnit, carried: float, made: Lattice) -> tuple[np.ndarray, np.ndarray]:
    """Conductances of the faces over the water's heat capacity, m3/s: (ny, nx+1) and (ny+1, nx)."""
    dx, dy = np.diff(made.edges_x) * unit.grid.dx_m, np.diff(made.edges_y) * unit.grid.dy_m
    rx, ry = np.zeros(dx.size + 1), np.zeros(dy.size + 1)
    rx[1:-1], ry[1:-1] = 2.0 / (dx[1:] + dx[:-1]), 2.0 / (dy[1:] + dy[:-1])
    return carried * dy[:, None] * rx, carried * ry[:, None] * dx


@dataclass(frozen=True, eq=False)
class Asked:
    """Wells on the flat lattice: ``put``, ``warm`` what is injected into each cell, m3/s and K m3/s; ``cells``, ``weights``
    (p, SPAN^2) of the producers; ``anew``: parts before which flow is balanced; ``coldest``, ``hottest`` water that is put in."""

    put: np.ndarray
    warm: np.ndarray
    cells: np.ndarray
    weights: np.ndarray
    anew: np.ndarray
    coldest: float
    hottest: float


def asked_of(made: Lattice, src: Sources, injected_degc: np.ndarray, producing: np.ndarray) -> Asked:
    ny, nx = made.shape
    cells = (made.cells // nx + HALO) * (nx + 2 * HALO) + made.cells % nx + HALO
    size = (ny + 2 * HALO) * (nx + 2 * HALO)
    amount = (made.weights * np.maximum(src.mean, 0.0)[:, None]).ravel()
    warmth = amount * np.repeat(np.nan_to_num(injected_degc), SPAN**2)
    return Asked(
        put=np.bincount(cells.ravel(), amount, size).astype(np.float32),
        warm=np.bincount(cells.ravel(), warmth, size).astype(np.float32),
        cells=np.ascontiguousarray(cells[producing]),
        weights=np.ascontiguousarray(made.weights[producing]),
        anew=solved_at(int((src.mean != 0.0).sum())),
        coldest=float(np.nanmin(injected_degc, initial=np.inf)),
        hottest=float(np.nanmax(injected_degc, initial=-np.inf)),
    )


def sheet_falls(
    unit: FlowUnit, sheet: Sheet, made: Lattice, flow: Sequence[np.ndarray], closed: bool, asked: Asked, span_s: float
) -> np.ndarray:  # fmt: skip
    """Fall of the temperature (p, OUT) that producers take from a unit of one layer."""
    ny, nx = shape = made.shape
    water, theta = np.empty(shape), np.empty(shape)
    box_sums(sheet.water, made.edges_x, made.edges_y, water)
    box_sums(sheet.warmth, made.edges_x, made.edges_y, theta)
    start = edged(theta / water, shape)
    dx, dy = conducting(unit, sheet.carried, made)
    rock = (
        flat(water, shape, 1.0), start, flat(np.ones(shape), shape), flat(dx, shape), flat(dy, shape),
        sheet.kappa, closed,
    )  # fmt: skip
    ends = (F(min(start.min(), asked.coldest)), F(max(start.max(), asked.hottest)))
    wells = (asked.put, asked.warm, asked.cells, asked.weights, ends)
    out = np.empty((OUT, len(asked.cells)))
    _run(tuple(flow), rock, wells, unit.fluidity, span_s, ny, nx, asked.anew, out)
    fell: np.ndarray = (asked.weights * start[asked.cells]).sum(axis=1)[:, None] - out.T
    return fell
