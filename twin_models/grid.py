"""The cells of a box reservoir, and which of them a well is open to.

Arrays are (nz, ny, nx): layer cells from the top down, rows from south to north, columns from west to
east. Face arrays have one more entry along their own axis, boundary faces included.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from twin_models.errors import Fault, InputError
from twin_models.types import Layer, Reservoir, Well

MILLIDARCY_M2 = 9.869233e-16
PERMEABLE_ABOVE_MD = 1e-2
LEAST_PERMEABLE_PART = 1e-6  # of the most permeable cell of its layer
LEAST_POROSITY = 1e-6
_KEPT = 12
_SAMPLES_PER_PIECE = 24

T = TypeVar("T")


class RecentlyUsed:
    """The last few values made, by key; safe to share between threads."""

    def __init__(self, size: int = _KEPT):
        self._size = size
        self._values: OrderedDict[Any, Any] = OrderedDict()
        self._lock = Lock()

    def seen(self, key: Any) -> Any:
        """The value under ``key``, ``None`` when it is not there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        return None

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """The value under ``key``, made by ``make`` when it is not there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of a reservoir.

    ``dx_m``, ``dy_m``: cell size; ``dz_m`` (nz,): gross cell thickness; ``top_m`` (nz,): depth of the cell
    tops; ``layer_of`` (nz,): index of the reservoir's layer. ``net_m`` (nz,): thickness that carries water.
    ``k_md``, ``porosity`` (of the gross volume, net-to-gross included), ``temperature_degc`` (initial),
    ``heat_capacity_j_m3k`` (rock and water): (nz, ny, nx). ``kv_kh``, ``conductivity_w_mk``: (nz,).
    ``permeable`` (nz,): water can move in it. ``active``: the range of cells from the first permeable one
    to the last, in which pressure is solved.
    """

    reservoir: Reservoir
    nx: int
    ny: int
    nz: int
    dx_m: float
    dy_m: float
    dz_m: np.ndarray
    top_m: np.ndarray
    net_m: np.ndarray
    layer_of: np.ndarray
    k_md: np.ndarray
    kv_kh: np.ndarray
    porosity: np.ndarray
    temperature_degc: np.ndarray
    heat_capacity_j_m3k: np.ndarray
    conductivity_w_mk: np.ndarray
    permeable: np.ndarray

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.nz, self.ny, self.nx

    @property
    def active(self) -> slice:
        where = np.flatnonzero(self.permeable)
        return slice(int(where[0]), int(where[-1]) + 1)

    @property
    def open_sides(self) -> tuple[bool, bool]:
        """Whether the x-sides and the y-sides are held at the initial pressure.

        A box one cell wide is a section: its long sides are closed whatever the boundary.
        """
        held = self.reservoir.boundary == "constant_pressure"
        single = self.nx == 1 and self.ny == 1
        return held and (self.nx > 1 or single), held and (self.ny > 1 or single)

    @cached_property
    def x_m(self) -> np.ndarray:
        """Cell centres (nx,)."""
        return self.reservoir.origin_m[0] + (np.arange(self.nx) + 0.5) * self.dx_m

    @cached_property
    def y_m(self) -> np.ndarray:
        """Cell centres (ny,)."""
        return self.reservoir.origin_m[1] + (np.arange(self.ny) + 0.5) * self.dy_m

    @cached_property
    def pore_volume_m3(self) -> np.ndarray:
        """(nz, ny, nx)."""
        return np.maximum(self.porosity, LEAST_POROSITY) * self.dz_m[:, None, None] * (self.dx_m * self.dy_m)

    @cached_property
    def transmissivity_m3(self) -> np.ndarray:
        """Permeability times net thickness, (nz, ny, nx), m3; zero where nothing is permeable."""
        carries = (self.net_m * self.permeable)[:, None, None]
        return self.k_md * carries * MILLIDARCY_M2

    def cell_at(self, x_m: float, y_m: float) -> tuple[int, int]:
        """Row and column (j, i) of the cell that holds the point; points on the far edge count as inside."""
        i = int((x_m - self.reservoir.origin_m[0]) / self.dx_m)
        j = int((y_m - self.reservoir.origin_m[1]) / self.dy_m)
        return min(max(j, 0), self.ny - 1), min(max(i, 0), self.nx - 1)


def _overlap(parts: int, cells: int) -> np.ndarray:
    """(cells, parts): share of each raster part in each cell along one axis; rows sum to one."""
    edges_p = np.linspace(0.0, 1.0, parts + 1)
    edges_c = np.linspace(0.0, 1.0, cells + 1)
    low = np.maximum(edges_c[:-1, None], edges_p[None, :-1])
    high = np.minimum(edges_c[1:, None], edges_p[None, 1:])
    share = np.maximum(high - low, 0.0)
    return share / share.sum(axis=1, keepdims=True)


def resample(raster: Any, ny: int, nx: int, *, logarithmic: bool = False) -> np.ndarray:
    """A scalar or raster over the whole box as cell means (ny, nx), area-weighted.

    ``logarithmic`` takes the geometric mean, as is usual for permeability in two dimensions
    (Matheron 1967); a raster of the grid's own size comes back unchanged.
    """
    values = np.asarray(raster, dtype=np.float64)
    if values.ndim == 0:
        return np.full((ny, nx), float(values))
    if values.shape == (ny, nx):
        return values.copy()
    if logarithmic:
        values = np.log(np.maximum(values, 1e-12))
    out = _overlap(values.shape[0], ny) @ values @ _overlap(values.shape[1], nx).T
    return np.exp(out) if logarithmic else out


def _layer_cells(layer: Layer, reservoir: Reservoir, ny: int, nx: int) -> dict[str, np.ndarray]:
    porosity = resample(layer.porosity, ny, nx) * layer.net_to_gross
    water = reservoir.fluid.heat_capacity_mj_m3k * 1e6
    rock = layer.rock_heat_capacity_mj_m3k * 1e6
    return {
        "k_md": resample(layer.permeability_md, ny, nx, logarithmic=True),
        "porosity": porosity,
        "temperature_degc": resample(layer.temperature_degc, ny, nx),
        "heat_capacity_j_m3k": porosity * water + (1.0 - porosity) * rock,
    }


def _cells_along(extent_m: float, cell_m: float) -> int:
    return max(1, math.ceil(extent_m / cell_m - 1e-9))


def _build(reservoir: Reservoir, cell_m: float) -> Grid:
    nx = _cells_along(reservoir.extent_m[0], cell_m)
    ny = _cells_along(reservoir.extent_m[1], cell_m)
    layers = reservoir.layers
    counts = [max(1, layer.cells) for layer in layers]
    layer_of = np.repeat(np.arange(len(layers)), counts)
    stacked = [_layer_cells(layer, reservoir, ny, nx) for layer in layers]
    dz = np.array([layer.thickness_m / n for layer, n in zip(layers, counts, strict=True) for _ in range(n)])
    top = np.array(
        [
            layer.top_m + m * layer.thickness_m / n
            for layer, n in zip(layers, counts, strict=True)
            for m in range(n)
        ]
    )
    for (
        cells
    ) in stacked:  # a hole in a sand still lets a trace through: no part of it becomes a problem of its own
        cells["k_md"] = np.maximum(cells["k_md"], LEAST_PERMEABLE_PART * cells["k_md"].max())
    arrays = {name: np.stack([stacked[n][name] for n in layer_of]) for name in stacked[0]}
    per_layer = {
        name: np.array([getattr(layers[n], name) for n in layer_of], dtype=np.float64)
        for name in ("kv_kh", "conductivity_w_mk", "net_to_gross")
    }
    grid = Grid(
        reservoir=reservoir,
        nx=nx,
        ny=ny,
        nz=layer_of.size,
        dx_m=reservoir.extent_m[0] / nx,
        dy_m=reservoir.extent_m[1] / ny,
        dz_m=dz,
        top_m=top,
        net_m=dz * per_layer["net_to_gross"],
        layer_of=layer_of,
        kv_kh=per_layer["kv_kh"],
        conductivity_w_mk=per_layer["conductivity_w_mk"],
        permeable=arrays["k_md"].mean(axis=(1, 2)) > PERMEABLE_ABOVE_MD,
        **arrays,
    )
    if not grid.permeable.any():
        raise InputError(
            Fault("reservoir.layers", "range", f"no layer has a permeability above {PERMEABLE_ABOVE_MD:g} mD")
        )
    return grid


_GRIDS = RecentlyUsed()


def grid_of(reservoir: Reservoir, *, cell_m: float | None = None) -> Grid:
    """The grid of a reservoir (kept by its key). ``cell_m`` overrides the reservoir's own cell size."""
    size = reservoir.cell_m if cell_m is None else cell_m
    return _GRIDS.get((reservoir.key, size), lambda: _build(reservoir, size))


@dataclass(frozen=True, eq=False)
class Perforations:
    """Where wells are open to the reservoir: one entry per well and cell, wells in their given order.

    ``well`` (n,): index of the well; ``k``, ``j``, ``i`` (n,): the cell; ``index_m3`` (n,): Peaceman's well
    index without viscosity, so that flow into the reservoir = index / viscosity x (p_well - p_cell);
    ``share`` (n,): part of the well's transmissivity, summing to one per well; ``thickness_m`` (n,): of the
    hole inside the cell. Monitors have entries too (they see these cells) but carry no flow.
    """

    well: np.ndarray
    k: np.ndarray
    j: np.ndarray
    i: np.ndarray
    index_m3: np.ndarray
    share: np.ndarray
    thickness_m: np.ndarray

    def of(self, well: int) -> np.ndarray:
        """Indices of that well's entries."""
        return np.flatnonzero(self.well == well)


def wells_to_cells(grid: Grid, wells: Sequence[Well]) -> Perforations:
    """Find every cell that each well is open to. Raises ``InputError`` with one fault per bad well."""
    faults: list[Fault] = []
    rows: list[tuple[int, int, int, int, float, float, float]] = []
    for n, well in enumerate(wells):
        problem = misplaced(grid, well, n)
        if problem is not None:
            faults.append(problem)
            continue
        try:
            rows.extend(_indexed(grid, well, n, _open_cells(grid, well, n)))
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    whole = [np.array(c, dtype=np.int64) for c in columns[:4]]
    real = [np.array(c, dtype=np.float64) for c in columns[4:]]
    return Perforations(*whole, *real)


def misplaced(grid: Grid, well: Well, n: int) -> Fault | None:
    """The fault of a well that does not stand inside the box."""
    for axis, value in (("x_m", well.x_m), ("y_m", well.y_m)):
        if not math.isfinite(value):
            return Fault(f"wells[{n}].{axis}", "not_finite", f"must be a number, got {value}")
    if grid.reservoir.contains(well.x_m, well.y_m):
        return None
    (x0, y0), (ex, ey) = grid.reservoir.origin_m, grid.reservoir.extent_m
    bad_x = not x0 <= well.x_m <= x0 + ex
    axis, value, low, high = ("x_m", well.x_m, x0, x0 + ex) if bad_x else ("y_m", well.y_m, y0, y0 + ey)
    text = f"must lie inside the model, between {low:g} and {high:g}, got {value:g}"
    return Fault(f"wells[{n}].{axis}", "outside", text, {"well": well.name})


def open_levels(grid: Grid, well: Well, n: int) -> np.ndarray:
    """Layer cells that well number ``n`` is open to; raises ``InputError`` when there are none."""
    names = [layer.name for layer in grid.reservoir.layers]
    if well.layers is None:
        return np.flatnonzero(grid.permeable)
    for name in well.layers:
        if name not in names:
            raise InputError(
                Fault(f"wells[{n}].layers", "unknown", f"must be among {', '.join(names)}, got {name}")
            )
    wanted = np.isin(grid.layer_of, [names.index(name) for name in well.layers])
    levels = np.flatnonzero(wanted if well.kind == "monitor" else wanted & grid.permeable)
    if levels.size == 0:
        text = f"must name at least one permeable layer, got {', '.join(well.layers) or 'none'}"
        raise InputError(Fault(f"wells[{n}].layers", "range", text))
    return levels


def hole_points(grid: Grid, well: Well, k: int) -> list[tuple[float, float, float]]:
    """Points (x, y, part) that stand for the hole in layer cell ``k``; the parts sum to one.

    Above its first point and below its last one the hole is taken to go on vertically, so that a path which
    ends at the top of the reservoir still opens it.
    """
    if well.trajectory is None or len(well.trajectory) < 2:
        return [(well.x_m, well.y_m, 1.0)]
    path = np.asarray(well.trajectory, dtype=np.float64)
    low, high = float(grid.top_m[k]), float(grid.top_m[k] + grid.dz_m[k])
    points: list[tuple[float, float, float]] = []
    for a, b in pairwise(path):
        inside = _clip(a[2], b[2], low, high)
        if inside is None:
            continue
        s0, s1 = inside
        piece = (s1 - s0) * float(np.linalg.norm(b - a)) / _SAMPLES_PER_PIECE
        for s in s0 + (s1 - s0) * (np.arange(_SAMPLES_PER_PIECE) + 0.5) / _SAMPLES_PER_PIECE:
            x, y = (a + s * (b - a))[:2]
            points.append((float(x), float(y), piece))
    for end, length in ((path[0], min(path[0, 2], high) - low), (path[-1], high - max(path[-1, 2], low))):
        if length > 0.0:
            points.append((float(end[0]), float(end[1]), float(length)))
    total = sum(part for _, _, part in points)
    return [(x, y, part / total) for x, y, part in points]


def _open_cells(grid: Grid, well: Well, n: int) -> list[tuple[int, int, int, float]]:
    """(k, j, i, part of the cell's thickness) of every cell the well is open to."""
    cells: dict[tuple[int, int, int], float] = {}
    for k in open_levels(grid, well, n):
        for x, y, part in hole_points(grid, well, int(k)):
            key = (int(k), *grid.cell_at(x, y))
            cells[key] = cells.get(key, 0.0) + part
    return [(*key, part) for key, part in cells.items()]


def _clip(z_a: float, z_b: float, low: float, high: float) -> tuple[float, float] | None:
    """The part (from, to) in 0..1 of a straight piece that lies between two depths, or ``None``."""
    if z_a == z_b:
        return (0.0, 1.0) if low <= z_a < high else None
    s0, s1 = sorted(((low - z_a) / (z_b - z_a), (high - z_a) / (z_b - z_a)))
    s0, s1 = max(s0, 0.0), min(s1, 1.0)
    return (s0, s1) if s1 > s0 else None


def _indexed(
    grid: Grid, well: Well, n: int, cells: list[tuple[int, int, int, float]]
) -> list[tuple[int, int, int, int, float, float, float]]:
    """Peaceman (1983, SPEJ 23, 531-543): r_o = 0.14 sqrt(dx^2 + dy^2) for isotropic permeability.

    The denominator ln(r_o/r_w) + skin is kept above 0.2, so that a wide hole in a small cell or a strongly
    negative skin still gives a finite loss.
    """
    radius = 0.14 * math.hypot(grid.dx_m, grid.dy_m)
    denominator = max(math.log(radius / max(well.radius_m, 1e-3)) + well.skin, 0.2)
    moved = [float(grid.k_md[k, j, i]) * MILLIDARCY_M2 * grid.net_m[k] * part for k, j, i, part in cells]
    total = sum(moved) or 1.0
    return [
        (n, k, j, i, 2.0 * math.pi * kh / denominator, kh / total, float(grid.dz_m[k]) * part)
        for (k, j, i, part), kh in zip(cells, moved, strict=True)
    ]
