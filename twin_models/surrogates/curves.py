"""The coarse simulation's answer for one flow unit: cells for the layout, the first day's flow, one layer or several."""

from __future__ import annotations

import numpy as np

from twin_models.simulators.flow_units import FlowUnit
from twin_models.simulators.well_sources import Sources
from twin_models.surrogates.coarse import asked_of, flat, sheet_falls
from twin_models.surrogates.lattice import ground_of, lattice_of, lift, to_points
from twin_models.surrogates.stack import stack_falls
from twin_models.types import SECONDS_PER_YEAR

ROUNDING_K = 1e-4  # numbers of 32 bits: a fall below this is none


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
    if len(ground.layers) > 1:
        fell = stack_falls(unit, ground, made, flow, src, injected_degc, opened, horizon_years)[producing]
    else:
        asked = asked_of(made, src, injected_degc, producing)
        closed, span_s = not (ground.open_x or ground.open_y), horizon_years * SECONDS_PER_YEAR
        fell = sheet_falls(unit, ground.layers[0], made, flow, closed, asked, span_s)
    return np.sign(fell) * np.maximum(np.abs(fell) - ROUNDING_K, 0.0), made.size_m
