"""Loops that the coarse simulations of one layer (``coarse``) and of several (``stack``) share.

All arrays are flat, of 32 bits, with a rim of ``HALO`` cells at the initial temperature, so that every loop runs over the
whole field at once: a step costs less than a nanosecond per cell. Temperatures are kelvin below the warmest at the start,
so that where nothing has come rounding leaves nothing either. Compiled; lets go of the interpreter.

Heat: explicit steps with Roe's superbee limiter shortened by the Courant number (Sweby 1984, SIAM J. Numer. Anal. 21,
995-1011), conduction along the layers, and to the rock around as of Vinsome & Westerveld (1980, J. Can. Pet. Technol. 19,
87).
"""

from __future__ import annotations

import numba as nb
import numpy as np

from twin_models.simulators.flow_units import FlowUnit
from twin_models.surrogates.balance import HALO, balanced
from twin_models.surrogates.lattice import OPTIONS, Lattice
from twin_models.water import TABLE_MIN_DEGC, TABLE_STEP_K

MAKE = 3  # raised with every change of what the coarse simulations answer: kept tokens are then made anew
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
# In one part; cells that turn over faster count as larger, which delays the front there a little.
MOST_STEPS = 12
F = np.float32


@nb.njit(**OPTIONS)
def fluidity(table, degc):
    place = min(max((degc - TABLE_MIN_DEGC) / TABLE_STEP_K, 0.0), table.size - 1.001)
    low = int(place)
    return table[low] + (place - low) * (table[low + 1] - table[low])


@nb.njit(**OPTIONS)
def faces(t, h, s, d, stride, first, last, out):
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
def advance(t, k, ex, ey, stride, put, away, back, keep, theta, ends, first, last, new):
    coldest, hottest = ends
    rest = F(1.0) / (F(1.0) + keep)  # implicit: a thin layer follows the rock around at once
    here, kk, w, e, s, n = t[first:], k[first:], ex[first:], ex[first + 1 :], ey[first:], ey[first + stride :]
    pp, aw, bb, th, out = put[first:], away[first:], back[first:], theta[first:], new[first:]
    for i in range(last - first):
        gain = w[i] - e[i] + s[i] - n[i] + pp[i] - here[i] * aw[i]
        made = th[i] + (here[i] - th[i] + kk[i] * gain + bb[i]) * rest
        out[i] = min(max(made, coldest), hottest)


@nb.njit(**OPTIONS)
def to_rock(t, theta, old, inner, p, span, depth, first, last):
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
def slopes(fx, fy, k, stride, first, last, sx, sy):
    """``sx``, ``sy``: half of the flux, less its Courant number, by which slopes count."""
    for i in range(first, last + stride):
        c = abs(fx[i]) * (k[i - 1] if fx[i] >= F(0.0) else k[i])
        sx[i] = F(0.5) * abs(fx[i]) * max(F(1.0) - c, F(0.0))
        c = abs(fy[i]) * (k[i - stride] if fy[i] >= F(0.0) else k[i])
        sy[i] = F(0.5) * abs(fy[i]) * max(F(1.0) - c, F(0.0))


@nb.njit(**OPTIONS)
def asked(fx, fy, inside, stride, first, last, want):
    """``want``: net outflow of each cell on the first day, which wells go on asking of it."""
    for i in range(first, last):
        want[i] = inside[i] * (fx[i + 1] - fx[i] + fy[i + stride] - fy[i])


@nb.njit(**OPTIONS)
def eased(t, warmest, resting, table, ny, nx, ease):
    """Fluidity over its initial value, also in the rim; ``t`` K below ``warmest``."""
    width = nx + 2 * HALO
    for j in range(HALO, ny + HALO):
        at = j * width + HALO
        for i in range(at, at + nx):
            ease[i] = F(fluidity(table, warmest + t[i])) * resting[i]
        ease[at - 1], ease[at + nx] = ease[at], ease[at + nx - 1]
    first, last = HALO * width, (HALO + ny) * width
    for i in range(width):
        ease[first - width + i], ease[last + i] = ease[first + i], ease[last - width + i]


@nb.njit(**OPTIONS)
def ahead(flux, past, part):
    """Fluxes moved on by part of their last change; a straight line through balanced flows is balanced."""
    for i in range(flux.size):
        now = flux[i]
        flux[i] = now + part * (now - past[i])
        past[i] = now


@nb.njit(**OPTIONS)
def next_flow(first_day, want, ease, inside, closed, ny, nx, when, pressure, fluxes, work):
    """Balance the flow for the present ``ease`` and carry it forward by Adams-Bashforth to the middle of the time until
    the next. ``when``: parts since the last balance, between that and the one before it, and until the next; ``pressure``:
    the last two; ``fluxes``: fx, fy and those of the last balance."""
    f0x, f0y, tx, ty = first_day
    since, earlier, until = when
    head, last_head = pressure
    fx, fy, past_x, past_y = fluxes
    ahead(head, last_head, F(since / earlier))  # a first guess
    balanced(f0x, f0y, tx, ty, want, ease, inside, closed, ny, nx, head, fx, fy, work)
    ahead(fx, past_x, F(0.5 * until / since))
    ahead(fy, past_y, F(0.5 * until / since))


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


def on_flat(made: Lattice) -> np.ndarray:
    """Numbers (wells, SPAN^2) of the wells' cells in the flat layout."""
    _, nx = made.shape
    return (made.cells // nx + HALO) * (nx + 2 * HALO) + made.cells % nx + HALO
