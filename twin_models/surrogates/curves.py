"""The coarse simulation's answer for one flow unit: cells for the layout, the first day's flow, one layer or several."""

from __future__ import annotations

import numpy as np

from twin_models.simulators.flow_units import FlowUnit
from twin_models.simulators.well_sources import Sources
from twin_models.surrogates.coarse import sheet_falls
from twin_models.surrogates.lattice import ground_of, lattice_of, lift, to_points
from twin_models.surrogates.stack import stack_falls
from twin_models.surrogates.steps import flat
from twin_models.types import SECONDS_PER_YEAR


def coarse_curves(
    unit: FlowUnit, src: Sources, fluxes: tuple[np.ndarray, np.ndarray], injected_degc: np.ndarray,
    producing: np.ndarray, opened: np.ndarray, horizon_years: float,
) -> tuple[np.ndarray, float]:  # fmt: skip
    """Fall of the produced temperature (p, OUT) at even parts of the horizon, K, and the size of the cells, m.

    ``fluxes``: of the live grid, (ny, nx+1) and (ny+1, nx), m3/s; ``opened`` (wells, layers): parts of each well's water
    by layer on the first day."""
    ground, made = ground_of(unit), lattice_of(unit, src)
    ny, nx = shape = made.shape
    f0x, tx, f0y, ty = (np.empty(s) for s in ((ny, nx + 1), (ny, nx + 1), (nx, ny + 1), (nx, ny + 1)))
    lift(fluxes[0], ground.along_x, made.edges_x, made.edges_y, ground.open_x, f0x, tx)
    lift(
        np.ascontiguousarray(fluxes[1].T), ground.along_y, made.edges_y, made.edges_x, ground.open_y, f0y, ty
    )
    to_points(made.corner, made.live, made.point, src.mean, f0x, f0y)
    flow = (flat(f0x, shape), flat(f0y.T, shape), flat(tx, shape), flat(ty.T, shape))
    span_s = horizon_years * SECONDS_PER_YEAR
    if len(ground.layers) == 1:
        return sheet_falls(unit, ground, made, flow, src, injected_degc, producing, span_s), made.size_m
    return stack_falls(unit, ground, made, flow, src, injected_degc, opened, span_s)[producing], made.size_m
