"""The cells of the coarse simulation: fine where wells are, wider towards the sides, made anew for every layout.

What the live predictor found on its own grid is lifted exactly: a coarse face carries the sum of the fine fluxes
through it, so the first day's flow between wells, in whatever rock, is not coarsened at all. Everything is read from
sums that are kept per geology, in some tenths of a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba as nb
import numpy as np

from twin_models.grid import RecentlyUsed
from twin_models.simulators.flow_units import FlowUnit
from twin_models.simulators.well_sources import Sources
from twin_models.surrogates.live import usual_gap_m

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": True}
CELLS = 80  # along the longer side of the part with wells, at most
PER_PITCH = 8.8  # cells between neighbouring wells for sixty wells; fewer wells get more
MARGIN = 0.6  # of the distance between wells, added round the part with wells
WIDER = 1.4  # each cell outside it over the one before
LEAST_CELL = 0.52  # of the live grid's
SPAN = 5  # coarse cells along a side among which a well is moved from its live cell to where it stands
TIGHT = 1e7


@dataclass(frozen=True, eq=False)
class Sheet:
    """One layer of a unit, which is simulated by itself. ``part``: of the unit's flow; ``water``, ``warmth`` (ny+1, nx+1):
    sums of its heat capacity over that of water (m3 per cell) and of that times the initial temperature; ``kappa``:
    conduction to the rock around, 1/sqrt(s); ``carried``: conductivity x height over the water's heat capacity, m3/s."""

    part: float
    water: np.ndarray
    warmth: np.ndarray
    kappa: float
    carried: float


@dataclass(frozen=True, eq=False)
class Ground:
    """Sums of one unit on its own cells (ny, nx). ``along_x`` (ny, nx+2), ``along_y`` (nx, ny+2): resistance to flow at
    the initial viscosity from the side to each middle of a cell and to the far side, Pa s/m3."""

    along_x: np.ndarray
    along_y: np.ndarray
    layers: tuple[Sheet, ...]
    open_x: bool
    open_y: bool

    @property
    def closed(self) -> bool:
        return not (self.open_x or self.open_y)


@dataclass(frozen=True, eq=False)
class Lattice:
    """One layout's cells. ``edges_x`` (nx+1,), ``edges_y``: in cells of the live grid; ``size_m``: of those among the wells.

    ``corner`` (wells, 2): column and row where each well's SPAN x SPAN cells begin. ``live``, ``point`` (wells, 2, SPAN):
    parts of these columns and rows that its live cell covers, and by which the well acts where it stands (so that the
    middle of what it acts on is its own place)."""

    edges_x: np.ndarray
    edges_y: np.ndarray
    size_m: float
    corner: np.ndarray
    live: np.ndarray
    point: np.ndarray

    @cached_property
    def cells(self) -> np.ndarray:
        """Numbers (wells, SPAN^2) of the cells that each well acts on."""
        ny, nx = self.shape
        step = np.arange(SPAN)
        i = np.minimum(self.corner[:, :1] + step, nx - 1)
        j = np.minimum(self.corner[:, 1:] + step, ny - 1)
        cells: np.ndarray = (j[:, :, None] * nx + i[:, None, :]).reshape(len(i), -1)
        return cells

    @cached_property
    def weights(self) -> np.ndarray:
        """Parts (wells, SPAN^2) of each well's water in ``cells``."""
        both = self.point[:, 1, :, None] * self.point[:, 0, None, :]
        return np.ascontiguousarray(both.reshape(len(both), -1))

    @property
    def shape(self) -> tuple[int, int]:
        return self.edges_y.size - 1, self.edges_x.size - 1


_GROUNDS = RecentlyUsed()


def ground_of(unit: FlowUnit) -> Ground:
    """Made once per geology."""
    key = (unit.grid.reservoir.key, unit.grid.nx, unit.grid.ny, float(unit.middle_m))
    return _GROUNDS.get(key, lambda: _ground(unit))


def _ground(unit: FlowUnit) -> Ground:
    tx, ty, grid = unit.system.tx, unit.system.ty, unit.grid
    flowing = unit.mobility / np.maximum(unit.sheet_mobility, 1e-300)
    layers = []
    for n, levels in enumerate(unit.levels):
        # a layer's own heat capacity: travel time over that of the stack, times the stack's, times its part of the flow
        water = np.ascontiguousarray(unit.ratio[n] * flowing[n] * unit.water)
        carried = float((grid.conductivity_w_mk[levels] * grid.dz_m[levels]).sum())
        layers.append(
            Sheet(
                part=float(flowing[n].mean()),
                water=_prefix(water),
                warmth=_prefix(water * unit.theta[n]),
                kappa=float(unit.kappa[n]),
                carried=carried / (grid.reservoir.fluid.heat_capacity_mj_m3k * 1e6),
            )
        )
    return Ground(
        along_x=_sums(tx),
        along_y=_sums(np.ascontiguousarray(ty.T)),
        layers=tuple(layers),
        open_x=bool(tx[:, 0].any() or tx[:, -1].any()),
        open_y=bool(ty[0].any() or ty[-1].any()),
    )


def _sums(t: np.ndarray) -> np.ndarray:
    # tight enough to count as closed, small enough for sums to keep their digits
    most = TIGHT / float(t[t > 0.0].mean()) if (t > 0.0).any() else 1.0
    resistance = np.minimum(1.0 / np.maximum(t, 1e-300), most)
    resistance[:, 0] *= bool(t[:, 0].any())
    resistance[:, -1] *= bool(t[:, -1].any())
    return np.ascontiguousarray(np.pad(np.cumsum(resistance, axis=1), ((0, 0), (1, 0))))


def _prefix(a: np.ndarray) -> np.ndarray:
    return np.pad(a.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


def lattice_of(unit: FlowUnit, src: Sources) -> Lattice:
    """Cells for the wells that work, a fixed number between neighbours as far as ``CELLS`` allows."""
    grid = unit.grid
    on = src.mean != 0.0
    x, y = src.cx[on] * grid.dx_m, src.cy[on] * grid.dy_m
    wide, high = grid.nx * grid.dx_m, grid.ny * grid.dy_m
    pitch = usual_gap_m(x, y) if x.size > 1 else max(wide, high) / 3.0
    pitch = max(pitch, grid.dx_m, grid.dy_m)
    wanted = pitch / (PER_PITCH * (60.0 / max(x.size, 2)) ** 0.25)
    room = MARGIN * pitch
    spread = max(float(np.ptp(x)), float(np.ptp(y))) + 2.0 * room
    size = max(wanted, spread / CELLS, LEAST_CELL * max(grid.dx_m, grid.dy_m))
    edges_x = _edges(max(x.min() - room, 0.0), min(x.max() + room, wide), size, wide) / grid.dx_m
    edges_y = _edges(max(y.min() - room, 0.0), min(y.max() + room, high), size, high) / grid.dy_m
    edges_x[-1], edges_y[-1] = grid.nx, grid.ny
    wells = src.cx.size
    corner = np.empty((wells, 2), dtype=np.int64)
    live, point = np.empty((wells, 2, SPAN)), np.empty((wells, 2, SPAN))
    _along(src.cx, edges_x, corner[:, 0], live[:, 0], point[:, 0])
    _along(src.cy, edges_y, corner[:, 1], live[:, 1], point[:, 1])
    return Lattice(edges_x, edges_y, size, corner, live, point)


def _edges(low_m: float, high_m: float, size_m: float, whole_m: float) -> np.ndarray:
    count = max(round((high_m - low_m) / size_m), 1)
    size = (high_m - low_m) / count
    left, right = _outwards(low_m, size, whole_m), _outwards(whole_m - high_m, size, whole_m)
    inner = np.linspace(low_m, high_m, count + 1)
    return np.concatenate([low_m - left[::-1], inner, high_m + right])


def _outwards(room_m: float, size_m: float, whole_m: float) -> np.ndarray:
    """Distances from the part with wells of ever wider cells' edges, to the side itself."""
    out: list[float] = []
    at, step = 0.0, size_m
    while room_m - at > 1e-9 * whole_m:
        step *= WIDER
        at = room_m if room_m - at < 1.7 * step else at + step
        out.append(at)
    return np.array(out)


@nb.njit(**OPTIONS)
def _along(place, edges, corner, live, point):
    """In one direction: where each well's cells begin, what of them its live cell covers, and its linear parts between
    the middles of the two cells that it stands between."""
    count = edges.size - 1
    for n in range(place.size):
        low = float(int(place[n]))
        begin = int(np.searchsorted(edges, low, side="right")) - 2
        begin = max(min(begin, count - SPAN), 0)
        corner[n] = begin
        last = min(SPAN, count - begin) - 1
        live[n], point[n] = 0.0, 0.0
        total, left = 0.0, 0
        for m in range(last + 1):
            covers = max(min(edges[begin + m + 1], low + 1.0) - max(edges[begin + m], low), 0.0)
            live[n, m] = covers
            total += covers
            if 0.5 * (edges[begin + m] + edges[begin + m + 1]) <= place[n]:
                left = m
        for m in range(last + 1):
            live[n, m] /= total
        right = min(left + 1, last)
        a = 0.5 * (edges[begin + left] + edges[begin + left + 1])
        b = 0.5 * (edges[begin + right] + edges[begin + right + 1])
        part = min(max((place[n] - a) / (b - a), 0.0), 1.0) if right > left else 0.0
        point[n, left] += 1.0 - part
        point[n, right] += part


@nb.njit(**OPTIONS)
def to_points(corner, live, point, rates, fx, fy):
    """Let every well act where it stands, not all over its live cell: fluxes between the cells around it carry the
    difference, those farther away stay. ``fx`` (ny, nx+1), ``fy`` (nx, ny+1): m3/s, changed in place."""
    for n in range(rates.size):
        i, j = corner[n]
        for r in range(min(SPAN, fx.shape[0] - j)):
            moved = 0.0
            for m in range(min(SPAN, fx.shape[1] - 1 - i) - 1):
                moved += point[n, 0, m] - live[n, 0, m]
                fx[j + r, i + m + 1] += rates[n] * live[n, 1, r] * moved
        for m in range(min(SPAN, fy.shape[0] - i)):
            moved = 0.0
            for r in range(min(SPAN, fy.shape[1] - 1 - j) - 1):
                moved += point[n, 1, r] - live[n, 1, r]
                fy[i + m, j + r + 1] += rates[n] * point[n, 0, m] * moved


@nb.njit(**OPTIONS)
def box_sums(sums, ex, ey, out):
    """``out`` (ny, nx): what lies in each coarse cell, from sums (as ``Ground.water``)."""
    ny, nx = sums.shape
    for j in range(ey.size - 1):
        for i in range(ex.size - 1):
            total = 0.0
            for b in range(2):
                kj = min(int(ey[j + b]), ny - 2)
                v = ey[j + b] - kj
                for a in range(2):
                    ki = min(int(ex[i + a]), nx - 2)
                    u = ex[i + a] - ki
                    low = (1.0 - u) * sums[kj, ki] + u * sums[kj, ki + 1]
                    high = (1.0 - u) * sums[kj + 1, ki] + u * sums[kj + 1, ki + 1]
                    value = (1.0 - v) * low + v * high
                    total += value if a == b else -value
            out[j, i] = total


@nb.njit(**OPTIONS)
def _until(row, x, n):
    """Resistance from the side to ``x``: knots at 0, 0.5, 1.5 ... n - 0.5, n."""
    if n == 1:
        return row[0] + (row[2] - row[0]) * x
    if x < 0.5:
        return row[0] + (row[1] - row[0]) * x * 2.0
    if x > n - 0.5:
        return row[n] + (row[n + 1] - row[n]) * (x - n + 0.5) * 2.0
    k = min(int(x - 0.5), n - 2)
    return row[k + 1] + (x - 0.5 - k) * (row[k + 2] - row[k + 1])


@nb.njit(**OPTIONS)
def _of_row(flux, sums, edges, n, is_open, here_f, here_t):
    """Flux and transmissibility of one fine row at every coarse edge; flux is linear inside a fine cell."""
    faces = edges.size
    before = sums[0]
    for i in range(faces):
        k = min(int(edges[i]), n - 1)
        here_f[i] = flux[k] + (edges[i] - k) * (flux[k + 1] - flux[k])
        after = _until(sums, 0.5 * (edges[i] + edges[i + 1]), n) if i < faces - 1 else sums[n + 1]
        resistance = after - before
        here_t[i] = 1.0 / resistance if resistance > 0.0 else 0.0
        before = after
    if not is_open:
        here_t[0] = 0.0
        here_t[faces - 1] = 0.0


@nb.njit(**OPTIONS)
def lift(flux, sums, edges, across, is_open, out_f, out_t):
    """Fluxes (m3/s) and transmissibilities of coarse faces, ``out`` (rows, edges), from fine ones (m, n+1) and ``sums``
    (m, n+2); ``across``: edges of the coarse rows."""
    m, n = flux.shape[0], flux.shape[1] - 1
    here_f, here_t = np.empty(edges.size), np.empty(edges.size)
    out_f[:] = 0.0
    out_t[:] = 0.0
    row = 0
    for j in range(m):
        _of_row(flux[j], sums[j], edges, n, is_open, here_f, here_t)
        low = float(j)
        while low < j + 1.0:
            high = min(across[row + 1], j + 1.0)
            for i in range(edges.size):
                out_f[row, i] += (high - low) * here_f[i]
                out_t[row, i] += (high - low) * here_t[i]
            low = high
            if across[row + 1] <= j + 1.0:
                if row == across.size - 2:
                    break
                row += 1
