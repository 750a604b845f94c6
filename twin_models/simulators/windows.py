"""Windows of smaller cells near wells: where they lie, what their cells are made of, how wells open to them.

A window is a rectangle of the box's own cells, each divided into ``rows`` x ``columns`` equal ones with the rock
of the cell they came from. Windows do not touch: those that would are joined into one, so that every window is
surrounded by the box's own cells (or ends at the box).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from twin_models.box import MAX_CELLS
from twin_models.errors import Fault, InputError
from twin_models.faults import fault_faces, parted
from twin_models.grid import Grid, hole_points
from twin_models.simulators.completion import Completions, complete, surrounding
from twin_models.types import Refine, Well

GAP = 2  # cells of the box's own size between two windows, at least
Rectangle = tuple[int, int, int, int]  # first and last row (exclusive), first and last column (exclusive)


@dataclass(frozen=True, eq=False)
class Window:
    """One window.

    ``j0``, ``j1``, ``i0``, ``i1``: its rows and columns of the box's cells; ``rows``, ``columns``: into how many
    each is divided. ``wells``: those that lie in it (index), open to its cells as ``at`` says; ``openings``: their
    openings' places among those of all wells; ``places``: x, y of the wells. ``x_factor`` (na, ny, nx+1),
    ``y_factor``: what faults let through, ``None`` without faults.
    """

    j0: int
    j1: int
    i0: int
    i1: int
    rows: int
    columns: int
    grid: Grid
    wells: np.ndarray
    at: Completions
    openings: np.ndarray
    places: tuple[tuple[float, float], ...]
    x_factor: np.ndarray | None = None
    y_factor: np.ndarray | None = None

    def walled(self, box: Grid) -> tuple[bool, bool, bool, bool]:
        """Whether its western, eastern, southern and northern side lie on those of the box."""
        return self.i0 == 0, self.i1 == box.nx, self.j0 == 0, self.j1 == box.ny


def windows_of(grid: Grid, wells: Sequence[Well], at: Completions) -> tuple[Window, ...]:
    """The windows round all wells that move water; ``at``: how wells open to the box's own cells."""
    refine = grid.reservoir.refine
    if refine is None or refine.factor < 2:
        return ()
    moving = [n for n, well in enumerate(wells) if well.kind != "monitor"]
    around = joined([_around(grid, wells[n], n, at, refine.radius_m) for n in moving])
    rows, columns = (refine.factor if n > 1 else 1 for n in (grid.ny, grid.nx))
    cells = grid.nz * rows * columns * sum((j1 - j0) * (i1 - i0) for j0, j1, i0, i1 in around)
    if cells > MAX_CELLS:
        text = (
            f"makes {cells} cells near wells, at most {MAX_CELLS}: use a smaller factor or a smaller radius"
        )
        raise InputError(Fault("reservoir.refine", "range", text))
    return tuple(_window(grid, wells, at, where, refine) for where in around)


def _around(grid: Grid, well: Well, n: int, at: Completions, radius_m: float) -> Rectangle:
    """Cells within the radius of any point of the well, at least those next to the cells that it is open to."""
    own = at.cells[at.entry_well == n]
    _, j, i = np.unravel_index(own, grid.shape)
    points = [(well.x_m, well.y_m, 1.0)]
    for k in np.unique(at.level[at.well_of == n]):
        points += hole_points(grid, well, int(k))
    x0, y0 = grid.reservoir.origin_m
    out = []
    for axis, cells, size, first, count in ((1, j, grid.dy_m, y0, grid.ny), (0, i, grid.dx_m, x0, grid.nx)):
        low = math.floor((min(p[axis] for p in points) - radius_m - first) / size + 1e-9)
        high = math.ceil((max(p[axis] for p in points) + radius_m - first) / size - 1e-9)
        out += [max(min(low, int(cells.min()) - 1), 0), min(max(high, int(cells.max()) + 2), count)]
    return out[0], out[1], out[2], out[3]


def joined(rectangles: Sequence[Rectangle]) -> list[Rectangle]:
    """Rectangles with fewer than ``GAP`` cells between them become the one around both."""
    left = sorted(set(rectangles))
    done: list[Rectangle] = []
    while left:
        a = left.pop()
        near = [b for b in (*left, *done) if _close(a, b)]
        if not near:
            done.append(a)
            continue
        left = [b for b in left if b not in near]
        done = [b for b in done if b not in near]
        parts = np.array([a, *near])
        low, high = parts.min(axis=0), parts.max(axis=0)
        left.append((int(low[0]), int(high[1]), int(low[2]), int(high[3])))
    return sorted(done)


def _close(a: Rectangle, b: Rectangle) -> bool:
    return a[0] < b[1] + GAP and b[0] < a[1] + GAP and a[2] < b[3] + GAP and b[2] < a[3] + GAP


def _window(grid: Grid, wells: Sequence[Well], at: Completions, where: Rectangle, refine: Refine) -> Window:
    j0, j1, i0, i1 = where
    rows, columns = (refine.factor if n > 1 else 1 for n in (grid.ny, grid.nx))
    _, j, i = np.unravel_index(at.cells, grid.shape)
    inside = (j >= j0) & (j < j1) & (i >= i0) & (i < i1)
    fine = _divided(grid, where, rows, columns)
    outside = np.bincount(at.entry_well, ~inside, at.n_wells)
    ground = fine.reservoir
    own = [n for n, well in enumerate(wells) if not outside[n] and ground.contains(well.x_m, well.y_m)]
    reached = partial(_reached, grid, where) if grid.reservoir.faults else None
    sides = replace(grid, nx=grid.nx * columns, ny=grid.ny * rows, dx_m=fine.dx_m, dy_m=fine.dy_m)
    opened = complete(fine, [wells[n] for n in own], reached=reached, sides=sides)
    window = Window(
        j0,
        j1,
        i0,
        i1,
        rows,
        columns,
        fine,
        np.array(own, np.int64),
        opened,
        np.flatnonzero(np.isin(at.well_of, own)),
        tuple((wells[n].x_m, wells[n].y_m) for n in own),
    )
    return _hindered(grid, window) if grid.reservoir.faults else window


def _divided(grid: Grid, where: Rectangle, rows: int, columns: int) -> Grid:
    """The rectangle's cells divided; the new cells have the rock of those they came from."""
    j0, j1, i0, i1 = where
    dx, dy = grid.dx_m / columns, grid.dy_m / rows
    x0, y0 = grid.reservoir.origin_m
    ground = replace(
        grid.reservoir,
        origin_m=(x0 + i0 * grid.dx_m, y0 + j0 * grid.dy_m),
        extent_m=((i1 - i0) * grid.dx_m, (j1 - j0) * grid.dy_m),
        cell_m=max(dx, dy),
        boundary="closed",
        faults=(),
        compressibility_per_pa=None,
        refine=None,
    )
    split: dict[str, Any] = {
        name: np.ascontiguousarray(getattr(grid, name)[:, j0:j1, i0:i1].repeat(rows, 1).repeat(columns, 2))
        for name in ("k_md", "porosity", "temperature_degc", "heat_capacity_j_m3k")
    }
    return replace(
        grid,
        reservoir=ground,
        nx=(i1 - i0) * columns,
        ny=(j1 - j0) * rows,
        dx_m=dx,
        dy_m=dy,
        **split,
    )


def _reached(
    box: Grid, where: Rectangle, grid: Grid, k: int, points: Sequence[tuple[float, float, float]]
) -> dict[tuple[int, int], float]:
    """Bilinear weights of a window's cells round a well, those left out whose cell of the box lies beyond a fault
    (faults follow the faces of the box's own cells)."""
    rows, columns = grid.ny // (where[1] - where[0]), grid.nx // (where[3] - where[2])
    out: dict[tuple[int, int], float] = {}
    for x, y, part in points:
        here = surrounding(grid, [(x, y, 1.0)])
        near = {}
        for (j, i), w in here.items():
            centre = float(box.x_m[where[2] + i // columns]), float(box.y_m[where[0] + j // rows])
            if not parted(box, k, (x, y), centre):
                near[j, i] = w
        near = near or here
        total = sum(near.values())
        for cell, w in near.items():
            out[cell] = out.get(cell, 0.0) + part * w / total
    return out


def _hindered(grid: Grid, window: Window) -> Window:
    """The window with what faults take: they follow the faces of the box's own cells and resist as much there."""
    faces, levels = fault_faces(grid), grid.active
    x, y = np.ones((grid.nz, grid.ny, grid.nx + 1)), np.ones((grid.nz, grid.ny + 1, grid.nx))
    x.reshape(-1)[faces.x_at] = faces.x_factor
    y.reshape(-1)[faces.y_at] = faces.y_factor
    shape = window.grid.shape
    na = levels.stop - levels.start
    fx, fy = np.ones((na, shape[1], shape[2] + 1)), np.ones((na, shape[1] + 1, shape[2]))
    rows = slice(window.j0, window.j1)
    columns = slice(window.i0, window.i1)
    whole = x[levels, rows, window.i0 : window.i1 + 1].repeat(window.rows, 1)
    fx[:, :, :: window.columns] = 1.0 / (1.0 + window.columns * (1.0 / whole - 1.0))
    whole = y[levels, window.j0 : window.j1 + 1, columns].repeat(window.columns, 2)
    fy[:, :: window.rows] = 1.0 / (1.0 + window.rows * (1.0 / whole - 1.0))
    return replace(window, x_factor=fx, y_factor=fy)
