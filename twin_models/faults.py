"""Faults that hinder flow: which cell faces a trace crosses, and how much these let through.

A face belongs to a fault when the line between the centres of its two cells crosses the trace. Rows and columns
are cut half-open, so that a trace running through centres counts once and a sealing fault has no holes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from twin_models.grid import Grid, RecentlyUsed
from twin_models.types import FaultLine

Point = tuple[float, float]
# A seal lets this much through, so that two sides of a closed box never become two problems.
LEAST_FACTOR = 1e-6


@dataclass(frozen=True, eq=False)
class FaultFaces:
    """Factors of the hindered faces: flat indices into (nz, ny, nx+1) and (nz, ny+1, nx)."""

    x_at: np.ndarray
    x_factor: np.ndarray
    y_at: np.ndarray
    y_factor: np.ndarray


def _crossed(a: Point, b: Point, axis: int, lines: np.ndarray, centres: np.ndarray) -> list[tuple[int, int]]:
    """(line, face) that the piece a-b crosses: ``lines`` are the cell centres across, ``centres`` along.

    ``axis`` 0: rows at y = ``lines``, faces between ``centres`` in x; 1: the other way round.
    """
    u, v = (0, 1) if axis == 0 else (1, 0)
    out = []
    for n in np.flatnonzero((a[v] > lines) != (b[v] > lines)):
        place = a[u] + (lines[n] - a[v]) / (b[v] - a[v]) * (b[u] - a[u])
        face = int(np.searchsorted(centres, place))
        if 0 < face < centres.size:
            out.append((int(n), face))
    return out


def _make(grid: Grid) -> FaultFaces:
    x, y = np.ones((grid.nz, grid.ny, grid.nx + 1)), np.ones((grid.nz, grid.ny + 1, grid.nx))
    for fault in grid.reservoir.faults:
        levels, factor = hindered_levels(grid, fault), max(fault.transmissibility, LEAST_FACTOR)
        for a, b in pairwise(fault.points_m):
            for j, face in _crossed(a, b, 0, grid.y_m, grid.x_m):
                x[levels, j, face] = np.minimum(x[levels, j, face], factor)
            for i, face in _crossed(a, b, 1, grid.x_m, grid.y_m):
                y[levels, face, i] = np.minimum(y[levels, face, i], factor)
    x_at, y_at = np.flatnonzero(x < 1.0), np.flatnonzero(y < 1.0)
    return FaultFaces(x_at, x.reshape(-1)[x_at], y_at, y.reshape(-1)[y_at])


def hindered_levels(grid: Grid, fault: FaultLine) -> np.ndarray:
    """Layer cells that the fault cuts."""
    if fault.layers is None:
        return np.arange(grid.nz)
    names = [layer.name for layer in grid.reservoir.layers]
    return np.flatnonzero(np.isin(grid.layer_of, [names.index(n) for n in fault.layers if n in names]))


_FACES = RecentlyUsed()


def fault_faces(grid: Grid) -> FaultFaces:
    """The hindered faces of a grid (kept by the reservoir's key)."""
    return _FACES.get((grid.reservoir.key, grid.nx, grid.ny), lambda: _make(grid))


def hindered_sheet(grid: Grid, tx: np.ndarray, ty: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What of the flow over all layers the faults let through: tx (nz, ny, nx+1), ty (nz, ny+1, nx) summed."""
    faces = fault_faces(grid)
    tx, ty = tx.copy(), ty.copy()
    tx.reshape(-1)[faces.x_at] *= faces.x_factor
    ty.reshape(-1)[faces.y_at] *= faces.y_factor
    return tx.sum(axis=0), ty.sum(axis=0)


def parted(grid: Grid, k: int, a: Point, b: Point) -> bool:
    """Whether a fault of layer cell ``k`` lies between two places."""
    for fault in grid.reservoir.faults:
        if fault.transmissibility < 1.0 and k in hindered_levels(grid, fault):
            for c, d in pairwise(fault.points_m):
                if _turns(a, b, c) != _turns(a, b, d) and _turns(c, d, a) != _turns(c, d, b):
                    return True
    return False


def _turns(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0.0
