"""Flow inside a window of smaller cells: what crosses its sides is given by the flow over the whole box.

The box's own solution says how much water crosses each face of the window's rim, enters each opening of its wells
and comes out of storage; pressure on the smaller cells then divides it among them (nested gridding: Gautier,
Blunt & Christie 1999, Comput. Geosci. 3, 295-320). Every small cell's balance holds to rounding, and the small
faces of one face of the rim carry together what that face does.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from twin_models.faults import parted
from twin_models.grid import Grid
from twin_models.simulators import multigrid
from twin_models.simulators.flow import MOST_ITERATIONS, TOLERANCE, Flow, Solution, sweep_out, worst_imbalance
from twin_models.simulators.multigrid import OPTIONS
from twin_models.simulators.windows import Window

MOST_RIM = 48  # cells of the rim that are looked at behind faults
# Part of a cell's own conductance that ties its pressure to zero, so that layers without a link to others, whose
# pressure is given but for a constant, do not drift; what it takes is given back cell by cell.
TIE = 1e-10
# Western, eastern, southern and northern faces or cells of arrays (na, ny, nx).
RIMS: tuple[Any, ...] = (np.s_[:, :, 0], np.s_[:, :, -1], np.s_[:, 0], np.s_[:, -1])


@nb.njit(**OPTIONS)
def slope(below, here, above):
    """Change over one cell from its neighbours', none at an extreme (van Leer 1974, J. Comput. Phys. 14, 361)."""
    a, b = here - below, above - here
    return 2.0 * a * b / (a + b) if a * b > 0.0 else 0.0


@nb.njit(**OPTIONS)
def divided(whole, parts, out):
    """Each face's flow on its ``parts`` small ones, along a straight line: whole (na, n), out (na, n x parts)."""
    na, n = whole.shape
    for k in range(na):
        for c in range(n):
            here = whole[k, c]
            tilt = slope(whole[k, c - 1], here, whole[k, c + 1]) if 0 < c < n - 1 else 0.0
            for m in range(parts):
                place = (m + 0.5) / parts - 0.5
                out[k, c * parts + m] = (here + tilt * place) / parts


def rim_of(box: Grid, window: Window) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each opening of the window's wells the box's cells along the rim (rows and columns within the window)
    that no fault parts from the well; all of them where faults leave none. The rim is where the window borders on
    other cells of the box; the box's own sides only if it borders on none."""
    ny, nx = window.j1 - window.j0, window.i1 - window.i0
    walled = window.walled(box)
    edge = np.zeros((1, ny, nx), dtype=np.bool_)
    for rim, at_edge in zip(RIMS, walled, strict=True):
        edge[rim] |= not at_edge or all(walled)
    j, i = np.nonzero(edge[0])
    keep = (
        np.unique(np.linspace(0, j.size - 1, MOST_RIM).astype(np.int64))
        if box.reservoir.faults
        else slice(None)
    )
    j, i = j[keep], i[keep]
    out = []
    for n, k in zip(window.at.well_of, window.at.level, strict=True):
        place = window.places[n]
        same = np.ones(j.size, dtype=np.bool_)
        if box.reservoir.faults:
            centres = zip(box.x_m[window.i0 + i].tolist(), box.y_m[window.j0 + j].tolist(), strict=True)
            same = np.array([not parted(box, int(k), place, centre) for centre in centres])
        out.append((j[same], i[same]) if same.any() else (j, i))
    return out


class WindowFlow(Flow):
    """Pressure solver of one window; keeps its last answer as a first guess."""

    def __init__(self, box: Grid, window: Window, *, upstream: bool, moved_m3_s: float):
        """``moved_m3_s``: what all wells together move at most, to which imbalances are related."""
        self.window, self.moved_m3_s = window, moved_m3_s
        super().__init__(window.grid, window.at, upstream=upstream)
        self.x = np.zeros(self.kh.shape)
        self.fine = (*self.fine[:3], np.zeros(self.x.size))
        tx, ty, tz, _, pivot = self.coarse
        self.coarse = (tx, ty, tz, np.zeros_like(pivot), pivot)
        self.known = False
        self.rim = rim_of(box, window)
        open_x, open_y = box.open_sides
        # Sides on those of the box that are held at the initial pressure need no flow to be given.
        held = (open_x, open_x, open_y, open_y)
        self.free = [at and is_open for at, is_open in zip(window.walled(box), held, strict=True)]
        self.anchored = all(self.free) or (any(self.free) and not box.reservoir.faults)
        self.no_wells = (
            np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0),
        )  # fmt: skip

    def _hinder(self) -> None:
        """Tie the pressures; open the faces on held sides of the box; let faults take their part."""
        self.fine[3][:] = TIE * (self.kh * self.fluidity).reshape(-1)
        na, ny, nx = self.na, self.grid.ny, self.grid.nx
        tx, ty = self.fine[0].reshape(na, ny, nx + 1), self.fine[1].reshape(na, ny + 1, nx)
        shape = self.grid.dy_m / self.grid.dx_m
        for n, rim in enumerate(RIMS):
            if self.free[n]:
                along = shape if n < 2 else 1.0 / shape
                (tx if n < 2 else ty)[rim] = 2.0 * along * self.kh[rim] * self.fluidity[rim]
        if self.window.x_factor is not None and self.window.y_factor is not None:
            self.fine[0][:] *= self.window.x_factor.reshape(-1)
            self.fine[1][:] *= self.window.y_factor.reshape(-1)

    def inside(self, temperature_degc: np.ndarray, whole: Solution, openings_m3_s: np.ndarray) -> Solution:
        """Flow for the temperatures (nz, ny, nx) of the window's cells under the flow ``whole`` over the box;
        ``openings_m3_s``: into the reservoir through each of the box's openings."""
        w, sides = self.window, self._sides(whole)
        entry = self.at.weight * openings_m3_s[self.window.openings][self.at.opening_of]
        sources: np.ndarray = np.bincount(self.cells, entry, self.x.size).reshape(self.x.shape)
        release = None
        if whole.release_m3_s is not None:
            release = whole.release_m3_s[:, w.j0 : w.j1, w.i0 : w.i1] / (w.rows * w.columns)
            release = np.ascontiguousarray(release.repeat(w.rows, 1).repeat(w.columns, 2))
            sources += release
        else:
            sources += whole.released_per_s * self.pore
        solution = self._solved(temperature_degc, sources, sides, entry)
        if self.upstream and not self.known:
            solution = self._solved(temperature_degc, sources, sides, entry)
        self.known = True
        solution.well_pa = self._wells_pa(solution.pressure_pa, whole, openings_m3_s[self.window.openings])
        solution.released_per_s, solution.release_m3_s = whole.released_per_s, release
        return solution

    def _sweep_out(self, left: np.ndarray, fx: np.ndarray, fy: np.ndarray, fz: np.ndarray) -> None:
        """Pass on what the iteration left, out of the box where one of its open sides is a side of the window."""
        west, east, south, north = self.free
        turn_x = -1 if west and not east else 1
        turn_y = -1 if south and not north else 1
        turned = np.s_[:, ::turn_y, ::turn_x]
        gx, gy = turn_x * fx[turned], turn_y * fy[turned]
        gz = np.ascontiguousarray(fz[turned])
        sweep_out(np.ascontiguousarray(left[turned]), west or east, south or north, gx, gy, gz)
        fx[turned], fy[turned], fz[turned] = turn_x * gx, turn_y * gy, gz

    def _wells_pa(self, p: np.ndarray, whole: Solution, through_m3_s: np.ndarray) -> np.ndarray:
        """Pressure in the window's wells (its wells,), NaN for monitors; ``p`` (na, ny, nx) is given but for a
        constant: along the rim its means are those of the box's own cells."""
        at, w = self.at, self.window
        level = np.clip(at.level - self.active.start, 0, self.na - 1)
        blocks = p.reshape(self.na, w.j1 - w.j0, w.rows, w.i1 - w.i0, w.columns).mean(axis=(2, 4))
        gap = whole.pressure_pa[:, w.j0 : w.j1, w.i0 : w.i1] - blocks
        shift = np.array([gap[k, j, i].mean() for k, (j, i) in zip(level, self.rim, strict=True)])
        if self.anchored:
            shift[:] = 0.0
        index = at.index_m3 * at.mean(self.fluidity.reshape(-1)[self.cells])
        lift = np.divide(through_m3_s, index, out=np.zeros(index.size), where=index > 0.0)
        level = np.clip(at.level - self.active.start, 0, self.na - 1)
        here = at.mean(p.reshape(-1)[self.cells]) + lift + shift
        total = np.bincount(at.well_of, index, at.n_wells)
        seen: np.ndarray = np.bincount(at.well_of, index * here, at.n_wells)
        return np.divide(seen, total, out=np.full(at.n_wells, np.nan), where=total > 0.0)

    def _sides(self, whole: Solution) -> tuple[np.ndarray, ...]:
        """Flow through the window's western, eastern, southern and northern side (na, ny or nx)."""
        w, na = self.window, self.na
        ny, nx = self.grid.ny, self.grid.nx
        out = []
        for flow, parts, n in (
            (whole.fx[:, w.j0 : w.j1, w.i0], w.rows, ny),
            (whole.fx[:, w.j0 : w.j1, w.i1], w.rows, ny),
            (whole.fy[:, w.j0, w.i0 : w.i1], w.columns, nx),
            (whole.fy[:, w.j1, w.i0 : w.i1], w.columns, nx),
        ):
            side = np.empty((na, n))
            divided(np.ascontiguousarray(flow), parts, side)
            out.append(side)
        return tuple(out)

    def _solved(
        self, degc: np.ndarray, sources: np.ndarray, sides: tuple[np.ndarray, ...], entry: np.ndarray
    ) -> Solution:
        self.update(degc, self.x)
        given = sources.copy()
        for rim, side, sign, free in zip(RIMS, sides, (1.0, -1.0, 1.0, -1.0), self.free, strict=True):
            given[rim] += 0.0 if free else sign * side
        b = given.reshape(-1)
        if self.buoyant:
            b = b - self.sink.reshape(-1)
            b[self.x[0].size :] += self.sink[:-1].reshape(-1)
        p = self.x.reshape(-1)
        count, _ = multigrid.solve(
            self.na, self.plan, self.fine, self.coarse, self.no_wells,
            b, p, TOLERANCE, MOST_ITERATIONS, self.space, self.single,
        )  # fmt: skip
        fx, fy, fz, left = self._fluxes(p, b, self.no_wells)
        left += self.fine[3].reshape(left.shape) * self.x
        self._sweep_out(left, fx, fy, fz)
        for rim, flow, side, free in zip(RIMS, (fx, fx, fy, fy), sides, self.free, strict=True):
            if not free:
                flow[rim] = side
        error = worst_imbalance(fx, fy, fz, sources) / self.moved_m3_s if self.moved_m3_s > 0.0 else 0.0
        return Solution(fx, fy, fz, entry, self.x, np.zeros(0), 0.0, int(count), error)
