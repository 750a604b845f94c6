"""Wells as numbers for the live predictor: mean rates, places on the grid, and the water around each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin_models.errors import Fault, InputError
from twin_models.grid import grid_of
from twin_models.simulators import near_well, zones
from twin_models.simulators.flow_units import FlowUnit, Place
from twin_models.simulators.timeline import intervals
from twin_models.types import Reservoir, Well
from twin_models.water import fluid_viscosity_pa_s

COMPRESSIBILITY_PER_PA = 1e-9  # of water and rock together, for a closed box that is being emptied or filled
UNBALANCED = 1e-6  # part of the larger of produced and injected volume


@dataclass(frozen=True, eq=False)
class Rates:
    """Means over the forecast. ``mean``, ``working`` (n wells,): m3/s into the reservoir, over the year and
    while working. ``injected_degc`` (n wells,): flow-weighted, NaN for wells that inject nothing."""

    mean: np.ndarray
    working: np.ndarray
    injected_degc: np.ndarray


def mean_rates(wells: Sequence[Well], horizon_years: float, season_days: float) -> Rates:
    """Rates of a scheme as one constant state. Raises ``InputError`` for an injector without temperature."""
    parts = intervals(wells, horizon_years, season_days)
    span = np.array([p.end_s - p.start_s for p in parts])
    span /= span.sum()
    mean = sum(f * p.rates_m3_s for f, p in zip(span, parts, strict=True))
    hours = sum(f * (p.working_m3_s != 0.0) for f, p in zip(span, parts, strict=True))
    working = sum(f * p.working_m3_s for f, p in zip(span, parts, strict=True)) / np.where(
        hours > 0, hours, 1.0
    )
    volume, heat = np.zeros(len(wells)), np.zeros(len(wells))
    for f, p in zip(span, parts, strict=True):
        pressed_in = f * np.maximum(p.rates_m3_s, 0.0)
        volume += pressed_in
        heat += np.where(pressed_in > 0.0, pressed_in * p.temperature_degc, 0.0)
    injected = np.where(volume > 0.0, heat / np.where(volume > 0.0, volume, 1.0), np.nan)
    faults = [
        Fault(f"wells[{n}].temperature_degc", "missing", f"must be given for the injecting well {well.name}")
        for n, well in enumerate(wells)
        if mean[n] > 0.0 and not np.isfinite(injected[n])
    ]
    if faults:
        raise InputError(faults)
    return Rates(mean, working, injected)


@dataclass(frozen=True, eq=False)
class Sources:
    """Wells of one unit as arrays: cell coordinates, rates (m3/s, parts of this unit), temperatures."""

    cx: np.ndarray
    cy: np.ndarray
    contrast: np.ndarray
    cells: np.ndarray
    weights: np.ndarray
    mean: np.ndarray
    working: np.ndarray


def sources_of(unit: FlowUnit, at: Sequence[Place], mean: np.ndarray, working: np.ndarray) -> Sources:
    cx, cy = np.array([p.cx for p in at]), np.array([p.cy for p in at])
    contrast, share = np.array([p.contrast for p in at]), np.array([p.share for p in at])
    cells, weights = np.empty((len(at), 4), dtype=np.int64), np.empty((len(at), 4))
    near_well.share_out(cx, cy, contrast, unit.grid.ny, unit.grid.nx, cells, weights)
    return Sources(cx, cy, contrast, cells, weights, mean * share, working * share)


def gaps_m(unit: FlowUnit, src: Sources) -> np.ndarray:
    """Distance (m) from each well to the nearest other working well, at most the box's size."""
    out = np.empty(src.cx.size)
    grid = unit.grid
    zones.gaps(src.cx, src.cy, src.mean, grid.dx_m, grid.dy_m, max(grid.reservoir.extent_m), out)
    return out


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What the water round each well depends on, arrays (..., n wells). ``initial_degc``; ``loss`` and
    ``openness`` as in ``Place``; ``height_m``: heat capacity per area over that of water; ``gap_m``."""

    initial_degc: np.ndarray
    loss: np.ndarray
    openness: np.ndarray
    height_m: np.ndarray
    gap_m: np.ndarray


def surroundings(unit: FlowUnit, at: Sequence[Place], src: Sources) -> Surroundings:
    j, i = src.cy.astype(np.int64), src.cx.astype(np.int64)
    layer_share = np.array([p.layer_share for p in at]).reshape(len(at), -1)
    return Surroundings(
        initial_degc=(unit.theta[:, j, i].T * layer_share).sum(axis=1),
        loss=np.array([p.loss for p in at]),
        openness=np.array([p.open_mobility for p in at]),
        height_m=unit.water[j, i] / (unit.grid.dx_m * unit.grid.dy_m),
        gap_m=gaps_m(unit, src),
    )


def cold_bank_pa(
    unit: FlowUnit,
    around: Surroundings,
    mean: np.ndarray,
    working: np.ndarray,
    injected_degc: np.ndarray,
    temperature: np.ndarray,
    years_s: np.ndarray,
) -> np.ndarray:
    """Pressure (..., n wells, t) that the viscosity of the water round each well adds to the initial one's.

    Injector: a bank at the injected temperature out to r(t), pi r^2 (heat capacity) = rc_w Q t, at most
    half way to the nearest other well (``mean``,
    ``working`` (..., n wells) in m3/s): q (mu_i / mu_0 - 1) ln(r / r_w) / (2 pi k h / mu_0). Producer: the
    produced water (``temperature`` (..., n wells, t)) over the Peaceman radius. (Radial displacement with a
    sharp front.)
    """
    fluid = unit.grid.reservoir.fluid
    if fluid.viscosity != "water":
        return np.zeros(temperature.shape)
    resting = fluid_viscosity_pa_s(fluid, around.initial_degc)[..., None]
    injecting = (working > 0.0)[..., None]
    here = np.where(injecting, np.nan_to_num(injected_degc, nan=20.0)[..., None], temperature)
    excess = fluid_viscosity_pa_s(fluid, here) / resting - 1.0
    front = np.sqrt(np.maximum(mean, 0.0)[..., None] * years_s / (np.pi * around.height_m[..., None]))
    edge = np.minimum(front, 0.5 * around.gap_m[..., None])
    openness = np.maximum(around.openness[..., None], 1e-300)
    beyond = np.log(np.maximum(edge / unit.equivalent_radius_m, 1.0)) / (2.0 * np.pi * openness)
    return working[..., None] * excess * (around.loss[..., None] + np.where(injecting, beyond, 0.0))


def drift_pa(reservoir: Reservoir, rates: Rates, years_s: np.ndarray) -> np.ndarray:
    """Rise of the mean pressure (t,) of a closed box that is filled or emptied: net volume / (V_pore c)."""
    net = float(rates.mean.sum())
    grid = grid_of(reservoir)
    if any(grid.open_sides) or abs(net) <= UNBALANCED * np.abs(rates.mean).sum():
        return np.zeros(years_s.size)
    pores = float((grid.pore_volume_m3 * grid.permeable[:, None, None]).sum())
    own = reservoir.compressibility_per_pa
    return net * years_s / (pores * (COMPRESSIBILITY_PER_PA if own is None else own))
