"""What the network sees of one flow unit: a token per producer, one per injector, one per pair of them.

All numbers are without unit (times over the horizon, lengths over the radius that one well's water sweeps in
that time, temperatures over the flow-weighted cooling), so that fields of any size look alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin_models.grid import RecentlyUsed
from twin_models.simulators.flow_units import FlowUnit
from twin_models.simulators.well_sources import Rates
from twin_models.surrogates.coarse import OUT, coarse_curves
from twin_models.surrogates.lines import CURVE_AT, FAR, QUANTILES, RASTER, Traced
from twin_models.types import SECONDS_PER_YEAR
from twin_models.water import density_kg_m3, fluid_viscosity_pa_s

FEATURES = (
    *(f"base at {t:g} horizons" for t in CURVE_AT),
    *(f"base of one viscosity at {t:g} horizons, less the above" for t in CURVE_AT),
    *(f"ln travel time, quantile {q:g}" for q in QUANTILES),
    "conduction over the horizon",
    "ln viscosity ratio of its injectors",
    "part from injectors",
    "part from open sides",
    "injectors that feed it",
    "ln rate over mean",
    "ln distance to the nearest injector",
    "ln distance to the nearest producer",
    "ln cell size",
    "ln local over mean permeability x thickness",
    "sigma of ln permeability",
    "spread of speed between layers",
    "part of the year in use",
    "ln distance to the edge",
    "ln of 1 + heights that cold water sinks",
    *(f"coarse simulation at {k + 1}/{OUT} of the horizon, less the base" for k in range(OUT)),
)
INJECTOR_FEATURES = 6
PAIR_FEATURES = 5
LEAST_COOLING_K = 1.0
MOST_APART = 1.5  # coarse simulation less base, parts of the cooling


@dataclass(frozen=True, eq=False)
class Tokens:
    """``producer`` (p, features), ``injector`` (i, 6), ``pair`` (p, i, 5), ``takes`` (p, i): part of each
    producer's water by injector, ``gives`` (i, p): part of each injector's water by producer; ``fraction``
    (p, RASTER): base curve as a part of ``cooling_k`` (p,), ``start_degc`` (p,)."""

    producer: np.ndarray
    injector: np.ndarray
    pair: np.ndarray
    takes: np.ndarray
    gives: np.ndarray
    fraction: np.ndarray
    cooling_k: np.ndarray
    start_degc: np.ndarray


_LOG_MOBILITY = RecentlyUsed()
GRAVITY_M_S2 = 9.81
MILLIDARCY_M2 = 9.869233e-16


def _log_mobility(unit: FlowUnit) -> tuple[np.ndarray, float, float, float]:
    """ln of permeability x thickness over viscosity (ny, nx), its mean and standard deviation; and vertical
    permeability (m2, geometric mean), 0 for a unit of one cell in height, in which nothing sinks."""

    def make() -> tuple[np.ndarray, float, float, float]:
        field = np.log(np.maximum(unit.sheet_mobility, 1e-300))
        levels = np.concatenate(unit.levels)
        vertical = 0.0
        if levels.size > 1:
            k = unit.grid.k_md[levels] * unit.grid.kv_kh[levels, None, None]
            vertical = float(np.exp(np.log(np.maximum(k, 1e-9)).mean())) * MILLIDARCY_M2
        return field, float(field.mean()), float(field.std()), vertical

    return _LOG_MOBILITY.get((unit.grid.reservoir.key, unit.grid.nx, unit.grid.ny), make)


def build_tokens(traced: Traced, rates: Rates, horizon_years: float) -> Tokens:
    unit, src, prod, inj = traced.unit, traced.src, traced.producers, traced.injectors
    horizon_s = horizon_years * SECONDS_PER_YEAR
    part, cold = traced.part, traced.result.hot[: inj.size]
    drop = traced.curve[:, :1] - cold  # (p, i)
    total = part.sum(axis=1)
    cooling = np.divide((part * drop).sum(axis=1), total, out=np.ones(prod.size), where=total > 0.0)
    cooling = np.where(np.abs(cooling) < LEAST_COOLING_K, LEAST_COOLING_K, cooling)
    fraction = (traced.curve[:, :1] - traced.curve) / cooling[:, None]
    made, put = np.maximum(-src.mean[prod], 0.0), _merged_rate(src, inj)
    mean_rate = float(put.mean()) if put.size else float(made.mean()) if made.size else 1.0
    mean_rate = max(mean_rate, 1e-9)
    j, i = src.cy[prod].astype(np.int64), src.cx[prod].astype(np.int64)
    dx, dy = unit.grid.dx_m, unit.grid.dy_m
    height = float(unit.water.mean()) / (dx * dy)
    swept = np.sqrt(mean_rate * horizon_s / (np.pi * height))
    gives = np.minimum(part.T * made / np.maximum(put, 1e-9)[:, None], 1.5)
    xy = np.stack([src.cx * dx, src.cy * dy], axis=1)
    far = 3.0 * max(unit.grid.nx * dx, unit.grid.ny * dy)
    to_inj = np.linalg.norm(xy[prod][:, None] - xy[inj][None], axis=2)
    between = np.linalg.norm(xy[prod][:, None] - xy[prod][None], axis=2)
    between[np.arange(prod.size), np.arange(prod.size)] = far
    log_kh, mean_kh, sigma, vertical = _log_mobility(unit)
    log_thick = np.log(traced.thick)
    seen = _read(fraction, CURVE_AT)
    fell = coarse_curves(unit, src, rates.injected_degc, prod, horizon_years) / cooling[:, None]
    apart = np.clip(fell - _read(fraction, np.arange(1, OUT + 1) / OUT), -MOST_APART, MOST_APART)
    even = (traced.curve[:, :1] - traced.even) / cooling[:, None]
    edge = np.minimum.reduce(
        [xy[prod, 0], xy[prod, 1], unit.grid.nx * dx - xy[prod, 0], unit.grid.ny * dy - xy[prod, 1]]
    )
    on = src.working != 0.0
    duty = float(np.mean(src.mean[on] / src.working[on])) if on.any() else 1.0
    speed = np.log(np.maximum(unit.ratio[:, j, i], 1e-3))
    one = np.ones(prod.size)
    columns = [
        np.sqrt(horizon_s) * (traced.layer_share @ unit.kappa),
        part @ log_thick,
        total,
        traced.edge,
        np.divide(total**2, (part**2).sum(axis=1), out=np.zeros(prod.size), where=total > 0.0) / 5.0,
        np.log(np.maximum(made, 1e-9) / mean_rate),
        _log_ratio(to_inj.min(axis=1, initial=far), swept),
        _log_ratio(between.min(axis=1, initial=far), swept),
        _log_ratio(max(dx, dy), swept) * one,
        log_kh[j, i] - mean_kh,
        sigma * one,
        speed.std(axis=0),
        duty * one,
        _log_ratio(np.maximum(edge, 1.0), swept),
        _sunk(unit, vertical, traced.curve[:, 0], traced.curve[:, 0] - cooling) * (horizon_s / height),
    ]
    columns[-1] = np.log1p(columns[-1])
    injector = np.stack(
        [
            np.log(np.maximum(put, 1e-9) / mean_rate),
            log_thick,
            (cold.max(initial=0.0) - cold) / 20.0,
            gives.sum(axis=1),
            _log_ratio(traced.gap_m[inj], swept),
            _log_ratio(to_inj.min(axis=0, initial=far), swept),
        ],
        axis=1,
    )
    pair = np.concatenate(
        [
            traced.pair_log_tau,
            part[:, :, None],
            (drop / cooling[:, None])[:, :, None],
            _log_ratio(to_inj, swept)[:, :, None],
        ],
        axis=2,
    )
    return Tokens(
        producer=np.concatenate(
            [seen, even - seen, traced.log_tau, np.stack(columns, axis=1), apart], axis=1
        ),
        injector=injector,
        pair=pair,
        takes=part,
        gives=gives,
        fraction=fraction,
        cooling_k=cooling,
        start_degc=traced.curve[:, 0].copy(),
    )


def _read(fraction: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Base curves (p, RASTER) at parts of the horizon."""
    place = at / FAR * (RASTER - 1)
    low = np.minimum(place.astype(int), RASTER - 2)
    read: np.ndarray = fraction[:, low] + (place - low) * (fraction[:, low + 1] - fraction[:, low])
    return read


def _sunk(unit: FlowUnit, vertical_m2: float, warm: np.ndarray, cold: np.ndarray) -> np.ndarray:
    """Speed (m/s of heat capacity height) of cold water sinking in warm: k_v g (difference in density) / viscosity."""
    if vertical_m2 == 0.0:
        return np.zeros(warm.size)
    heavier = np.maximum(density_kg_m3(cold) - density_kg_m3(warm), 0.0)
    return vertical_m2 * GRAVITY_M_S2 * heavier / fluid_viscosity_pa_s(unit.grid.reservoir.fluid, warm)


def _merged_rate(src, inj: np.ndarray) -> np.ndarray:
    """Rate of each merged injector: all that are put into its cell."""
    cell = src.cy.astype(np.int64) * (10**6) + src.cx.astype(np.int64)
    into = np.maximum(src.mean, 0.0)
    return np.array([into[cell == cell[n]].sum() for n in inj])


def _log_ratio(length: np.ndarray | float, over: float) -> np.ndarray:
    return np.log(np.maximum(np.asarray(length, dtype=float), 1.0) / max(over, 1.0))
