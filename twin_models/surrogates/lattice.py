"""The cells of the coarse simulation: fine where wells are, wider towards the sides, made anew for every layout.

What the live predictor found on its own grid is lifted exactly: a coarse face carries the sum of the fine fluxes
through it, so the first day's flow between wells, in whatever rock, is not coarsened at all. Everything is read from
sums that are kept per geology, in some tenths of a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np

from twin_models.grid import RecentlyUsed
from twin_models.simulators.flow_units import FlowUnit
from twin_models.simulators.well_sources import Sources
from twin_models.surrogates.live import usual_gap_m

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": True}
CELLS = 60  # along the longer side of the part with wells, at most
PER_PITCH = 6.6  # cells between neighbouring wells for sixty wells; fewer wells get more
MARGIN = 0.6  # of the distance between wells, added round the part with wells
WIDER = 1.4  # each cell outside it over the one before
LEAST_CELL = 0.52  # of the live grid's
SPAN = 3  # coarse cells along a side that one cell of the live grid can lie in
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


@dataclass(frozen=True, eq=False)
class Lattice:
    """One layout's cells. ``edges_x`` (nx+1,), ``edges_y``: in cells of the live grid; ``size_m``: of those among the wells.
    ``cells``, ``weights`` (wells, SPAN^2): those that each well's own cell lies in."""

    edges_x: np.ndarray
    edges_y: np.ndarray
    size_m: float
    cells: np.ndarray
    weights: np.ndarray

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
    cells = np.empty((src.cx.size, SPAN**2), dtype=np.int64)
    weights = np.empty((src.cx.size, SPAN**2))
    _share(src.cx, src.cy, edges_x, edges_y, cells, weights)
    return Lattice(edges_x, edges_y, size, cells, weights)


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
def _share(cx, cy, ex, ey, cells, weights):
    nx, ny = ex.size - 1, ey.size - 1
    for n in range(cx.size):
        i0, j0 = float(int(cx[n])), float(int(cy[n]))
        a = min(np.searchsorted(ex, i0, side="right") - 1, nx - 1)
        b = min(np.searchsorted(ey, j0, side="right") - 1, ny - 1)
        for m in range(SPAN * SPAN):
            i, j = a + m % SPAN, b + m // SPAN
            u = min(ex[i + 1], i0 + 1.0) - max(ex[i], i0) if i < nx else 0.0
            v = min(ey[j + 1], j0 + 1.0) - max(ey[j], j0) if j < ny else 0.0
            cells[n, m] = min(j, ny - 1) * nx + min(i, nx - 1)
            weights[n, m] = max(u, 0.0) * max(v, 0.0)
        total = weights[n].sum()
        for m in range(SPAN * SPAN):
            weights[n, m] /= total


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
