"""Wells within a cell of a side of the box, whose image in that side the grid cannot place.

A well acts on the cells around it, the outermost ones however near the side it stands, so the grid sees its image
about a cell away. The image's part of the pressure at the bore is put right in closed form (image wells: Ferris et
al. 1962, USGS WSP 1536-E): a closed side mirrors the rate, a side of constant pressure its opposite. On a closed
side the bore itself is cut in half, in a corner to a quarter, as in an element of a five-spot.
"""

from __future__ import annotations

import math

import numpy as np

from twin_models.grid import Grid

Axis = tuple[float, float, list[tuple[float, float]]]


def _axis(place_m: float, low_m: float, extent_m: float, cells: int) -> Axis:
    """Distance from the nearer side, the cell size, and distances and weights of the cells that the well acts on."""
    size = extent_m / cells
    off = min(max(min(place_m - low_m, low_m + extent_m - place_m), 0.0), 0.5 * extent_m)
    n = int(off / size - 0.5) if off > 0.5 * size else 0
    part = min(max(off / size - 0.5 - n, 0.0), 1.0)
    return off, size, [((n + 0.5) * size, 1.0 - part), ((n + 1.5) * size, part)]


def _seen(x: Axis, y: Axis, mirror_x: bool, mirror_y: bool) -> float:
    """Mean logarithm of the distance from the cells of the well to those of its image."""
    total = 0.0
    for ax, wax in x[2]:
        for bx, wbx in x[2]:
            for ay, way in y[2]:
                for by, wby in y[2]:
                    weight = wax * wbx * way * wby
                    if weight > 0.0:
                        across = ax + bx if mirror_x else ax - bx
                        along = ay + by if mirror_y else ay - by
                        total += weight * math.log(math.hypot(across, along))
    return total


def near_walls(grid: Grid, cx: np.ndarray, cy: np.ndarray) -> np.ndarray:
    """Which of many wells, by cell coordinates, stand so near a side that ``wall_loss`` has something to say."""
    if grid.nx == 1 or grid.ny == 1:
        return np.zeros(cx.size, dtype=bool)
    near: np.ndarray = np.minimum(np.minimum(cx, grid.nx - cx), np.minimum(cy, grid.ny - cy)) < 1.0 + 1e-6
    return near


def wall_loss(grid: Grid, x_m: float, y_m: float, radius_m: float) -> float:
    """What ``ln(r_o / r_w) + skin`` of a well lacks because of near sides (0 a cell and more away).

    Sections one cell wide have no image across: flow there is plane from the first cell on.
    """
    if grid.nx == 1 or grid.ny == 1:
        return 0.0
    (x0, y0), (wide, deep) = grid.reservoir.origin_m, grid.reservoir.extent_m
    x, y = _axis(x_m, x0, wide, grid.nx), _axis(y_m, y0, deep, grid.ny)
    near_x, near_y = bool(x[0] < x[1]), bool(y[0] < y[1])
    if not (near_x or near_y):
        return 0.0
    sign_x, sign_y = (-1.0 if is_open else 1.0 for is_open in grid.open_sides)
    images = [(sign_x, True, False)] * near_x + [(sign_y, False, True)] * near_y
    images += [(sign_x * sign_y, True, True)] * (near_x and near_y)
    total = 0.0
    for sign, mirror_x, mirror_y in images:
        true = math.hypot(2.0 * x[0] * mirror_x, 2.0 * y[0] * mirror_y)
        total += sign * (_seen(x, y, mirror_x, mirror_y) - math.log(max(true, radius_m)))
    return total
