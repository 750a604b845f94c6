"""A heat store round one well as a problem of two dimensions, r and depth: apart from all code of the project.

Half an aquifer (the middle is a plane of symmetry) and the rock above it; Crank-Nicolson steps with central
differences, so that nothing but conduction spreads the front while cells are finer than it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as sla

WATER_J_M3K = 4.18e6


class Store:
    """``height_m`` of aquifer with (conductivity W/m/K, heat capacity J/m3/K) ``sand`` in ``rock``; rings of ``ring_m``."""

    def __init__(
        self,
        height_m: float,
        sand: tuple[float, float],
        rock: tuple[float, float],
        *,
        sideways: bool = True,
        radius_m: float = 150.0,
        ring_m: float = 1.0,
        rows: int = 8,
    ):
        edge = np.arange(int(radius_m / ring_m) + 1) * ring_m
        self.area = np.pi * np.diff(edge**2)
        thick = [0.5 * height_m / rows] * rows
        while sum(thick) < 0.5 * height_m + 40.0:
            thick.append(thick[-1] * 1.25)
        self.dz, self.rows = np.array(thick), rows
        inside = np.arange(self.dz.size) < rows
        conductivity = np.where(inside, sand[0], rock[0])
        lateral = np.where(inside | sideways, conductivity, 0.0)
        self.capacity = (np.where(inside, sand[1], rock[1]) * self.dz)[:, None] * self.area
        half = 0.5 * self.dz / conductivity
        self.along = lateral[:, None] * self.dz[:, None] * 2.0 * np.pi * edge[1:] / ring_m
        self.along[:, -1] *= 2.0
        self.down = self.area / (half + np.append(half[1:], 0.0))[:, None]
        self.height = height_m
        self.shape = self.dz.size, self.area.size

    def _operator(self, rate_m3_h: float) -> tuple[sp.csc_matrix, np.ndarray]:
        """Matrix of all flows of heat (W/K), and what flows in per kelvin of injected water."""
        nz, nr = self.shape
        at = np.arange(nz * nr).reshape(nz, nr)
        water = np.zeros((nz, nr))
        water[: self.rows] = WATER_J_M3K * rate_m3_h / 3600.0 / self.height * self.dz[: self.rows, None]
        carried = [(at[:, :-1], at[:, 1:], self.along[:, :-1], 0.5 * water[:, :-1])]
        carried += [(at[:-1], at[1:], self.down[:-1], np.zeros((nz - 1, nr)))]
        rows, cols, values = [], [], []
        for a, b, conducts, flow in carried:
            for row, col, value in (
                (a, a, -conducts - flow), (a, b, conducts - flow), (b, b, flow - conducts), (b, a, conducts + flow)
            ):  # fmt: skip
                rows.append(row.ravel()), cols.append(col.ravel()), values.append(value.ravel())
        outer = -self.along[:, -1] - np.maximum(water[:, -1], 0.0)
        for cells, value in (
            (at[:, -1], outer), (at[-1], -self.down[-1]), (at[:, 0], np.minimum(water[:, 0], 0.0))
        ):  # fmt: skip
            rows.append(cells), cols.append(cells), values.append(value)
        entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(cols))
        inflow = np.zeros((nz, nr))
        inflow[:, 0] = np.maximum(water[:, 0], 0.0)
        return sp.csc_matrix(entries, shape=(nz * nr, nz * nr)), inflow.ravel()

    def drawn(self, phases: Sequence[tuple[float, float, float]], step_days: float = 0.5) -> list[float]:
        """Mean change of temperature of the water drawn in each phase (days, m3/h, change injected) that draws."""
        change, out, stored = np.zeros(self.capacity.size), [], sp.diags(self.capacity.ravel())
        for days, rate, hot in phases:
            matrix, inflow = self._operator(rate)
            steps = max(int(np.ceil(days / step_days)), 4)
            dt = days * 86400.0 / steps
            first = sla.splu((4.0 * stored / dt - matrix).tocsc())  # four short implicit steps damp the jump
            solver, before = sla.splu((stored / dt - 0.5 * matrix).tocsc()), stored / dt + 0.5 * matrix
            seen = []
            for n in range(steps):
                if n == 0:
                    for _ in range(4):
                        change = first.solve(4.0 * (stored @ change) / dt + hot * inflow)
                else:
                    change = solver.solve(before @ change + hot * inflow)
                seen.append(change.reshape(self.shape)[: self.rows, 0].mean())
            if rate < 0.0:
                out.append(float(np.mean(seen)))
        return out
