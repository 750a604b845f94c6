"""Steady pressure of the depth-integrated reservoir, with its factor made once per geology.

Two-point fluxes between cells; water and rock do not change volume. The matrix belongs to the geology at
its initial temperature and holds no wells: moving a well changes only the right-hand side, so a drag costs
one back-substitution. All pressures are changes against the undisturbed state, in Pa; flows are in m3/s.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as sla

from twin_models.faults import hindered_sheet
from twin_models.grid import Grid, Perforations, RecentlyUsed, grid_of
from twin_models.simulators.factor import Factor, factor_of
from twin_models.types import Reservoir
from twin_models.water import fluid_viscosity_pa_s


def harmonic(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """2ab/(a+b), zero where both are zero: two half cells in series."""
    total = a + b
    return np.divide(2.0 * a * b, total, out=np.zeros_like(total), where=total > 0.0)


def face_transmissibility(
    mobility: np.ndarray, dx_m: float, dy_m: float, open_sides: tuple[bool, bool]
) -> tuple[np.ndarray, np.ndarray]:
    """Transmissibility of the x-faces (..., ny, nx+1) and y-faces (..., ny+1, nx).

    ``mobility`` (..., ny, nx): permeability x thickness (/ viscosity). Boundary faces of open sides get half
    a cell, of closed sides nothing.
    """
    *lead, ny, nx = mobility.shape
    tx, ty = np.zeros((*lead, ny, nx + 1)), np.zeros((*lead, ny + 1, nx))
    tx[..., 1:-1] = harmonic(mobility[..., :-1], mobility[..., 1:]) * (dy_m / dx_m)
    ty[..., 1:-1, :] = harmonic(mobility[..., :-1, :], mobility[..., 1:, :]) * (dx_m / dy_m)
    if open_sides[0]:
        tx[..., 0] = 2.0 * mobility[..., 0] * dy_m / dx_m
        tx[..., -1] = 2.0 * mobility[..., -1] * dy_m / dx_m
    if open_sides[1]:
        ty[..., 0, :] = 2.0 * mobility[..., 0, :] * dx_m / dy_m
        ty[..., -1, :] = 2.0 * mobility[..., -1, :] * dx_m / dy_m
    return tx, ty


def _matrix(tx: np.ndarray, ty: np.ndarray) -> sp.csc_matrix:
    """Five-point matrix (ny*nx square) of the given face transmissibilities, unpinned."""
    ny, nx = tx.shape[0], ty.shape[1]
    diagonal = (tx[:, :-1] + tx[:, 1:] + ty[:-1] + ty[1:]).ravel()
    if nx == 1:  # no eastern neighbours, and both pairs of diagonals would coincide
        north = ty[1:-1].ravel()
        return sp.diags_array([diagonal, -north, -north], offsets=[0, 1, -1], shape=(ny, ny)).tocsc()
    east = tx[:, 1:].copy()
    east[:, -1] = 0.0
    north = ty[1:-1].ravel()
    east = east.ravel()[:-1]
    return sp.diags_array(
        [diagonal, -east, -east, -north, -north], offsets=[0, 1, -1, nx, -nx], shape=(ny * nx, ny * nx)
    ).tocsc()


@dataclass(frozen=True, eq=False)
class PressureSystem:
    """Depth-integrated flow of one geology at its initial temperature.

    ``tx`` (ny, nx+1), ``ty`` (ny+1, nx): m3/s per Pa across faces, boundary faces included.
    """

    grid: Grid
    tx: np.ndarray
    ty: np.ndarray

    @property
    def closed(self) -> bool:
        """No pressure is held anywhere: only balanced rates have a steady answer."""
        return not any(self.grid.open_sides)

    @cached_property
    def pore_volume_m3(self) -> np.ndarray:
        """(ny, nx), permeable cells only."""
        return (self.grid.pore_volume_m3 * self.grid.permeable[:, None, None]).sum(axis=0)

    @cached_property
    def viscosity_pa_s(self) -> np.ndarray:
        """(nz, ny, nx) at the initial temperature."""
        return fluid_viscosity_pa_s(self.grid.reservoir.fluid, self.grid.temperature_degc)

    @cached_property
    def factor(self) -> sla.SuperLU:
        """LU factor of the matrix; in a closed box the first cell is pinned."""
        matrix = _matrix(self.tx, self.ty).tolil()
        if self.closed:
            matrix[0, 0] += self.tx.max() or self.ty.max() or 1.0
        options = {"SymmetricMode": True, "DiagPivotThresh": 0.0}
        return sla.splu(matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", options=options)

    @cached_property
    def blocks(self) -> Factor | None:
        """The same factor as dense blocks, which answers twice as fast and lets other threads run."""
        return factor_of(self.factor)

    def _answer(self, rows: np.ndarray) -> np.ndarray:
        """Matrix^-1 times each row (k, ny*nx)."""
        if self.blocks is None:
            return np.ascontiguousarray(self.factor.solve(np.ascontiguousarray(rows.T)).T)
        return self.blocks.solve(rows)

    @cached_property
    def _stored(self) -> tuple[np.ndarray, np.ndarray]:
        """Share of each cell in the pore volume (ny*nx,), and the pressure if 1 m3/s came evenly from all of it."""
        volume = self.pore_volume_m3.ravel() / self.pore_volume_m3.sum()
        return volume, self._answer(volume[None])[0]

    def solve(self, sources: np.ndarray) -> np.ndarray:
        """Pressure change (..., ny, nx) in Pa for sources (..., ny, nx) in m3/s, injection positive.

        In a closed box a net source is stored evenly over the pore volume (the pseudo-steady state) and
        the answer is the part that does not change with time, with zero mean over the pore volume.
        """
        b = np.asarray(sources, dtype=np.float64)
        rows = b.reshape(-1, self.grid.ny * self.grid.nx)
        p = self._answer(rows)
        if self.closed:
            volume, stored = self._stored
            p -= rows.sum(axis=1)[:, None] * stored
            p -= (p @ volume)[:, None]
        return p.reshape(b.shape)

    def fluxes(self, pressure_pa: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Flow across x-faces (..., ny, nx+1) eastward and y-faces (..., ny+1, nx) northward, m3/s."""
        p = np.asarray(pressure_pa)
        fx = np.empty((*p.shape[:-1], p.shape[-1] + 1))
        fy = np.empty((*p.shape[:-2], p.shape[-2] + 1, p.shape[-1]))
        fx[..., 1:-1] = self.tx[:, 1:-1] * (p[..., :-1] - p[..., 1:])
        fy[..., 1:-1, :] = self.ty[1:-1] * (p[..., :-1, :] - p[..., 1:, :])
        fx[..., 0], fx[..., -1] = -self.tx[:, 0] * p[..., 0], self.tx[:, -1] * p[..., -1]
        fy[..., 0, :], fy[..., -1, :] = -self.ty[0] * p[..., 0, :], self.ty[-1] * p[..., -1, :]
        return fx, fy

    def sources(self, perforations: Perforations, rates_m3_s: np.ndarray) -> np.ndarray:
        """Sources (ny, nx) of wells with the given signed rates (n wells,), spread by transmissivity."""
        out = np.zeros((self.grid.ny, self.grid.nx))
        flow = rates_m3_s[perforations.well] * perforations.share
        np.add.at(out, (perforations.j, perforations.i), flow)
        return out

    def well_pressures(
        self, perforations: Perforations, rates_m3_s: np.ndarray, pressure_pa: np.ndarray
    ) -> np.ndarray:
        """Pressure change in each well (n wells,), Pa, Peaceman and skin losses at initial viscosity included.

        A monitor (zero rate) sees the transmissivity-weighted mean of its cells.
        """
        at = perforations
        conductance = at.index_m3 / self.viscosity_pa_s[at.k, at.j, at.i]
        wells = rates_m3_s.size
        total = np.bincount(at.well, conductance, wells)
        mean = np.bincount(at.well, conductance * pressure_pa[at.j, at.i], wells)
        safe = np.where(total > 0.0, total, 1.0)
        seen = np.bincount(at.well, pressure_pa[at.j, at.i] * at.thickness_m, wells) / np.maximum(
            np.bincount(at.well, at.thickness_m, wells), 1e-30
        )
        return np.where(total > 0.0, (mean + rates_m3_s) / safe, seen)


_SYSTEMS = RecentlyUsed()


def _assemble(grid: Grid) -> PressureSystem:
    mobility = grid.transmissivity_m3 / fluid_viscosity_pa_s(grid.reservoir.fluid, grid.temperature_degc)
    tx, ty = face_transmissibility(mobility.sum(axis=0), grid.dx_m, grid.dy_m, grid.open_sides)
    if grid.reservoir.faults:
        each = face_transmissibility(mobility, grid.dx_m, grid.dy_m, grid.open_sides)
        for whole, free, left in zip((tx, ty), each, hindered_sheet(grid, *each), strict=True):
            total = free.sum(axis=0)
            whole *= np.divide(left, total, out=np.ones_like(total), where=total > 0.0)
    return PressureSystem(grid, tx, ty)


def pressure_system(reservoir: Reservoir, *, cell_m: float | None = None) -> PressureSystem:
    """The pressure system of a reservoir, factor included (kept by the reservoir's key)."""
    grid = grid_of(reservoir, cell_m=cell_m)
    return _SYSTEMS.get((reservoir.key, grid.nx, grid.ny), lambda: _assemble(grid))
