"""Wells between cell centres: how the simulation opens a well to the grid.

A well acts on the four cells whose centres surround it, with bilinear weights, so that its effect moves
smoothly as it is dragged and its place counts to the metre. The pressure at the bore follows from the mean
of these cells' pressures: on a square lattice the mean differs from that of a single source cell by the
lattice's own resistance between its nodes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from twin_models.errors import Fault, InputError
from twin_models.faults import parted
from twin_models.grid import MILLIDARCY_M2, Grid, hole_points, misplaced, open_levels
from twin_models.simulators.walls import wall_loss
from twin_models.types import Well

LEAST_LOSS = 0.2
Point = tuple[float, float, float]
Reached = Callable[[Grid, int, list[Point]], dict[tuple[int, int], float]]


@dataclass(frozen=True, eq=False)
class Completions:
    """Open intervals of all wells: one *opening* per well and layer cell, each made of several cells.

    ``well_starts`` (w+1,) delimits the wells' openings, ``cell_starts`` (o+1,) the openings' entries in
    ``cells`` (flat index over the whole grid) and ``weight`` (summing to one per opening). ``index_m3`` (o,):
    flow into the reservoir = index / viscosity x (p_well - weighted mean p). ``share`` (o,): part of the
    well's transmissivity; ``level`` (o,): layer cell; ``thickness_m`` (o,). Monitors have openings with
    index zero.
    """

    well_starts: np.ndarray
    cell_starts: np.ndarray
    cells: np.ndarray
    weight: np.ndarray
    level: np.ndarray
    index_m3: np.ndarray
    share: np.ndarray
    thickness_m: np.ndarray

    @property
    def n_wells(self) -> int:
        return self.well_starts.size - 1

    @cached_property
    def well_of(self) -> np.ndarray:
        """(openings,) index of the well."""
        return np.repeat(np.arange(self.n_wells), np.diff(self.well_starts))

    @cached_property
    def opening_of(self) -> np.ndarray:
        """(entries,) index of the opening."""
        return np.repeat(np.arange(self.cell_starts.size - 1), np.diff(self.cell_starts))

    @cached_property
    def entry_well(self) -> np.ndarray:
        """(entries,) index of the well."""
        return self.well_of[self.opening_of]

    @cached_property
    def entry_share(self) -> np.ndarray:
        """(entries,) part of the well's transmissivity; sums to one per well."""
        return self.share[self.opening_of] * self.weight

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Weighted mean over each opening (o,) of per-entry values."""
        return np.bincount(self.opening_of, self.weight * values, self.level.size)


def between(axis: np.ndarray, place: float) -> tuple[int, int, float]:
    """Neighbouring centres of a place along one axis and the weight of the second one."""
    if axis.size == 1:
        return 0, 0, 0.0
    n = min(max(int(np.searchsorted(axis, place)) - 1, 0), axis.size - 2)
    part = (place - axis[n]) / (axis[n + 1] - axis[n])
    return n, n + 1, float(min(max(part, 0.0), 1.0))


def surrounding(grid: Grid, points: Sequence[tuple[float, float, float]]) -> dict[tuple[int, int], float]:
    """Bilinear weights of the cells (j, i) around points (x, y, part)."""
    out: dict[tuple[int, int], float] = {}
    for x, y, part in points:
        i0, i1, wx = between(grid.x_m, x)
        j0, j1, wy = between(grid.y_m, y)
        for j, part_y in ((j0, 1.0 - wy), (j1, wy)):
            for i, part_x in ((i0, 1.0 - wx), (i1, wx)):
                weight = part * part_x * part_y
                if weight > 1e-12:
                    out[j, i] = out.get((j, i), 0.0) + weight
    return out


def _reached(grid: Grid, k: int, points: list[tuple[float, float, float]]) -> dict[tuple[int, int], float]:
    """As ``surrounding``, without cells on the other side of a fault (if that leaves any)."""
    if not grid.reservoir.faults:
        return surrounding(grid, points)
    out: dict[tuple[int, int], float] = {}
    for x, y, part in points:
        here = surrounding(grid, [(x, y, 1.0)])
        near = {
            (j, i): w
            for (j, i), w in here.items()
            if not parted(grid, k, (x, y), (float(grid.x_m[i]), float(grid.y_m[j])))
        } or here
        total = sum(near.values())
        for cell, w in near.items():
            out[cell] = out.get(cell, 0.0) + part * w / total
    return out


def _lattice(di: int, dj: int, ratio: float) -> float:
    """Drop of pressure from a source cell to the cell (di, dj) away, times k h / (Q viscosity).

    ``ratio`` = dx/dy. Neighbours: half the resistance between nodes of an infinite lattice (Cserti 2000,
    Am. J. Phys. 68, 896-906), for unequal conductances too; farther off its logarithmic limit.
    """
    di, dj = abs(di), abs(dj)
    if (di, dj) == (0, 0):
        return 0.0
    if (di, dj) == (1, 0):
        return ratio / math.pi * math.atan(1.0 / ratio)
    if (di, dj) == (0, 1):
        return math.atan(ratio) / (ratio * math.pi)
    if (di, dj) == (1, 1):
        return 1.0 / math.pi
    span = math.hypot(di * math.sqrt(ratio), dj / math.sqrt(ratio))
    return (math.log(span) + 0.5772156649 + 1.5 * math.log(2.0)) / (2.0 * math.pi)


def _loss(grid: Grid, well: Well, around: dict[tuple[int, int], float], *, near_walls: float = 0.0) -> float:
    """ln(r_o / r_w) + skin: Peaceman (1983, SPEJ 23, 531-543), r_o = 0.14 sqrt(dx^2 + dy^2) for one cell,
    widened by the lattice's resistance for several. Kept above 0.2 so that a wide hole in a small cell or a
    strongly negative skin still gives a finite loss. ``near_walls``: see ``walls``."""
    ratio = grid.dx_m / grid.dy_m
    spread = sum(
        wa * wb * _lattice(ia - ib, ja - jb, ratio)
        for (ja, ia), wa in around.items()
        for (jb, ib), wb in around.items()
    )
    radius = 0.14 * math.hypot(grid.dx_m, grid.dy_m)
    loss = math.log(radius / max(well.radius_m, 1e-3)) + 2.0 * math.pi * spread + well.skin
    return max(loss + near_walls, LEAST_LOSS)


def complete(
    grid: Grid, wells: Sequence[Well], *, reached: Reached | None = None, sides: Grid | None = None
) -> Completions:
    """Open every well to the grid. Raises ``InputError`` with one fault per bad well.

    ``reached``: finds the cells round points of a hole, in place of ``_reached``; ``sides``: a grid whose sides are
    those of the box, where ``grid`` is a part of it.
    """
    faults: list[Fault] = []
    well_starts, cell_starts = [0], [0]
    cells: list[int] = []
    weight: list[float] = []
    openings: list[tuple[int, float, float, float]] = []
    for n, well in enumerate(wells):
        problem = misplaced(grid, well, n)
        try:
            levels = open_levels(grid, well, n) if problem is None else np.empty(0, np.int64)
        except InputError as error:
            faults.extend(error.faults)
            continue
        if problem is not None:
            faults.append(problem)
            continue
        opened = []
        for k in levels:
            points = hole_points(grid, well, int(k))
            around = (reached or _reached)(grid, int(k), points)
            walls = sum(part * wall_loss(sides or grid, x, y, well.radius_m) for x, y, part in points)
            kh = sum(w * float(grid.k_md[k, j, i]) for (j, i), w in around.items())
            kh *= MILLIDARCY_M2 * float(grid.net_m[k])
            opened.append((int(k), kh, 2.0 * math.pi * kh / _loss(grid, well, around, near_walls=walls)))
            cells.extend((int(k) * grid.ny + j) * grid.nx + i for j, i in around)
            weight.extend(around.values())
            cell_starts.append(len(cells))
        total = sum(kh for _, kh, _ in opened) or 1.0
        moves = 0.0 if well.kind == "monitor" else 1.0
        openings.extend((k, moves * index, kh / total, float(grid.dz_m[k])) for k, kh, index in opened)
        well_starts.append(len(openings))
    if faults:
        raise InputError(faults)
    columns = list(zip(*openings, strict=True)) if openings else [(), (), (), ()]
    return Completions(
        np.array(well_starts, dtype=np.int64),
        np.array(cell_starts, dtype=np.int64),
        np.array(cells, dtype=np.int64),
        np.array(weight, dtype=np.float64),
        np.array(columns[0], dtype=np.int64),
        *(np.array(c, dtype=np.float64) for c in columns[1:]),
    )
