"""Many layouts in one ground by the live predictor: the same flow, lines and sums, without a call per layout.

The layouts have equally many wells of the same kinds in the same order, and no schedules. Pressures go eight
at a time through the factor; what follows is compiled and lets other threads run. Numbers are those of
``streamline`` with as many lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba as nb
import numpy as np

from twin_models.simulators import near_well, tracing, tubes, zones
from twin_models.simulators.flow_units import FlowUnit, Place, flow_units, places
from twin_models.simulators.streamline import LINES, PA_PER_BAR
from twin_models.simulators.timeline import SECONDS_PER_HOUR
from twin_models.simulators.well_sources import (
    COMPRESSIBILITY_PER_PA,
    UNBALANCED,
    Surroundings,
    cold_bank_pa,
)
from twin_models.types import DAYS_PER_YEAR, SECONDS_PER_YEAR, Reservoir, Well


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _mend_all(fx, fy, cx, cy, mean, contrast, cells, weights, aspect, kernel, open_x, open_y):
    for b in range(cx.shape[0]):
        near_well.mend_fluxes(
            fx[b],
            fy[b],
            cx[b],
            cy[b],
            mean[b],
            contrast[b],
            cells[b],
            weights[b],
            aspect,
            kernel,
            open_x,
            open_y,
        )


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _produce_all(fx, fy, ground, wells, times, lines, rows, out):
    """Temperatures ``out`` (b, producers, t) of the layouts in ``rows``.

    ``ground``: water, ratio, theta, dx, dy, thin, resistance, fluidity, kappa. ``wells``: cx, cy, mean, degc,
    gap (b, n), producing, layer share (b, producers, nl).
    """
    water, ratio, theta, dx, dy, thin, resistance, fluidity, kappa = ground
    cx, cy, mean, degc, gap, producing, share = wells
    years_s, table = times
    n = cx.shape[1]
    inj, hot, prods = np.zeros((n, 7)), np.zeros(n), np.zeros((producing.size, 7))
    near, thick = np.empty(water.shape, dtype=np.int64), np.empty(n)
    for b in rows:
        number = zones.gather(
            cx[b],
            cy[b],
            mean[b],
            degc[b],
            producing,
            gap[b],
            fx[b],
            fy[b],
            dx,
            dy,
            thin,
            inj,
            hot,
            prods,
            near,
        )
        field = (fx[b], fy[b], water, ratio, theta, near, inj[:number], dx, dy, thin, resistance)
        tubes.thickness(inj[:number], hot, theta, fluidity, thick)
        tracing.producers(field, prods, share[b], lines, kappa, hot, thick[:number], years_s, table, out[b])


@dataclass(frozen=True, eq=False)
class _Unit:
    """One unit under all layouts, arrays (b, n wells) unless said; ``fx``, ``fy`` mended mean fluxes (b, ny, nx)."""

    unit: FlowUnit
    share: np.ndarray
    layer_share: np.ndarray
    cx: np.ndarray
    cy: np.ndarray
    mean: np.ndarray
    working: np.ndarray
    fx: np.ndarray
    fy: np.ndarray
    seen_pa: np.ndarray
    around: Surroundings


class ManyLayouts:
    """Flow of many layouts, from which temperatures follow for any injection temperatures.

    ``layouts``: wells of each (equal kinds in equal order). Raises ``InputError`` for a well outside the model.
    """

    def __init__(
        self,
        reservoir: Reservoir,
        layouts: Sequence[Sequence[Well]],
        years: np.ndarray,
        season_days: float = DAYS_PER_YEAR,
        *,
        lines: int = LINES,
    ):
        self.reservoir, self.lines = reservoir, lines
        self.years_s = np.asarray(years, dtype=np.float64) * SECONDS_PER_YEAR
        self.count, self.wells = len(layouts), len(layouts[0])
        rates = [[w.signed_rate_m3_h for w in wells] for wells in layouts]
        self.working = np.array(rates, dtype=np.float64).reshape(self.count, -1) / SECONDS_PER_HOUR
        self.duty = season_days / DAYS_PER_YEAR
        self.mean = self.working * self.duty
        kinds = np.array([w.kind for w in layouts[0]])
        self.producing = np.flatnonzero(kinds == "producer")
        flat = places(reservoir, [w for wells in layouts for w in wells])
        self.units = [
            self._unit(unit, [row[n] for row in flat]) for n, unit in enumerate(flow_units(reservoir))
        ]

    def _unit(self, unit: FlowUnit, at: list[Place]) -> _Unit:
        shape, grid = (self.count, self.wells), unit.grid
        numbers = np.array([(p.cx, p.cy, p.contrast, p.share, p.loss, p.open_mobility) for p in at]).T
        cx, cy, contrast, share, loss, openness = (
            row.reshape(shape) for row in np.ascontiguousarray(numbers)
        )
        flat_cells, flat_weights = np.empty((len(at), 4), dtype=np.int64), np.empty((len(at), 4))
        near_well.share_out(
            cx.ravel(), cy.ravel(), contrast.ravel(), grid.ny, grid.nx, flat_cells, flat_weights
        )
        own = np.empty(len(at))
        near_well.own_heads(flat_cells, flat_weights, grid.nx, unit.kernel, own)
        cells, weights = flat_cells.reshape(*shape, 4), flat_weights.reshape(*shape, 4)
        working, mean = self.working * share, self.mean * share
        size = grid.ny * grid.nx
        slot = (cells + size * np.arange(self.count)[:, None, None]).ravel()
        sources = np.bincount(slot, (weights * working[..., None]).ravel(), self.count * size)
        pressure = unit.system.solve(sources.reshape(self.count, grid.ny, grid.nx))
        fx, fy = unit.system.fluxes(pressure * self.duty)
        if unit.mended:
            open_x, open_y = grid.open_sides
            _mend_all(
                fx, fy, cx, cy, mean, contrast, cells, weights, unit.aspect, unit.kernel, open_x, open_y
            )
        gap = np.empty(shape)
        for b in range(self.count):
            zones.gaps(cx[b], cy[b], mean[b], grid.dx_m, grid.dy_m, max(grid.reservoir.extent_m), gap[b])
        j, i = cy.astype(np.int64), cx.astype(np.int64)
        resting = pressure.reshape(self.count, -1)
        seen = weights * np.take_along_axis(resting, cells.reshape(self.count, -1), axis=1).reshape(
            cells.shape
        )
        sheet = np.maximum(unit.sheet_mobility[j, i], 1e-300)
        layer_share = np.array([p.layer_share for p in at]).reshape(*shape, -1)
        return _Unit(
            unit=unit,
            share=share,
            layer_share=layer_share,
            cx=cx,
            cy=cy,
            mean=mean,
            working=working,
            fx=fx,
            fy=fy,
            seen_pa=seen.sum(axis=2) + working * (loss + own.reshape(shape) / sheet),
            around=Surroundings(
                initial_degc=(np.moveaxis(unit.theta[:, j, i], 0, -1) * layer_share).sum(axis=2),
                loss=loss,
                openness=openness,
                height_m=unit.water[j, i] / (grid.dx_m * grid.dy_m),
                gap_m=gap,
            ),
        )

    def answer(
        self, injected_degc: np.ndarray, rows: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Temperature (degC) and pressure (bar) (rows, n wells, t) for injected temperatures (b, n wells).

        ``rows``: the layouts wanted (all). Monitors show the undisturbed rock.
        """
        rows = np.arange(self.count) if rows is None else rows
        shape = (rows.size, self.wells, self.years_s.size)
        temperature, pressure = np.zeros(shape), np.zeros(shape)
        injecting = self.mean[rows] > 0.0
        for one in self.units:
            made, pa = self._answer_unit(one, injected_degc, rows)
            share = one.share[rows][..., None]
            temperature += share * made
            pressure += share * pa
        temperature = np.where(injecting[..., None], injected_degc[rows][..., None], temperature)
        return temperature, (pressure + self._drift_pa(rows)[:, None, :]) / PA_PER_BAR

    def _answer_unit(self, one: _Unit, degc: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        unit, grid = one.unit, one.unit.grid
        ground = (
            unit.water, unit.ratio, unit.theta, grid.dx_m, grid.dy_m, unit.thin, unit.resistance, unit.fluidity,
            unit.kappa,
        )  # fmt: skip
        share = np.ascontiguousarray(one.layer_share[:, self.producing])
        wells = (one.cx, one.cy, one.mean, degc, one.around.gap_m, self.producing, share)
        out = np.empty((self.count, self.producing.size, self.years_s.size))
        _produce_all(one.fx, one.fy, ground, wells, (self.years_s, tracing.ERFC_TABLE), self.lines, rows, out)
        around = Surroundings(
            one.around.initial_degc[rows],
            one.around.loss[rows],
            one.around.openness[rows],
            one.around.height_m[rows],
            one.around.gap_m[rows],
        )
        temperature = np.repeat(around.initial_degc[..., None], self.years_s.size, axis=2)
        temperature[:, self.producing] = out[rows]
        extra = cold_bank_pa(
            unit, around, one.mean[rows], one.working[rows], degc[rows], temperature, self.years_s
        )
        return temperature, one.seen_pa[rows][..., None] + extra

    def _drift_pa(self, rows: np.ndarray) -> np.ndarray:
        """``well_sources.drift_pa`` of each layout (rows, t)."""
        grid = self.units[0].unit.grid
        mean = self.mean[rows]
        net = mean.sum(axis=1)
        drifting = np.abs(net) > UNBALANCED * np.abs(mean).sum(axis=1)
        if any(grid.open_sides):
            drifting[:] = False
        pores = sum(float(one.unit.system.pore_volume_m3.sum()) for one in self.units)
        own = grid.reservoir.compressibility_per_pa
        stored = pores * (COMPRESSIBILITY_PER_PA if own is None else own)
        return np.where(drifting, net, 0.0)[:, None] * self.years_s / stored
