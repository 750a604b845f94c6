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
from twin_models.surrogates.curves import coarse_curves
from twin_models.surrogates.lines import CURVE_AT, FAR, QUANTILES, RASTER, Traced
from twin_models.surrogates.steps import OUT
from twin_models.types import SECONDS_PER_YEAR
from twin_models.water import density_kg_m3, fluid_viscosity_pa_s

LOOKS = 12  # at the coarse simulation's curve
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
    "ln cell size of the coarse simulation",
    *(f"coarse simulation at {k + 1}/{LOOKS} of the horizon" for k in range(LOOKS)),
    *(f"the same less the base, {k + 1}/{LOOKS}" for k in range(LOOKS)),
)
INJECTOR_FEATURES = 6
PAIR_FEATURES = 5
LEAST_COOLING_K = 1.0
MOST_APART = 1.5  # coarse simulation less base, parts of the cooling
WIGGLE = 0.01
MOST_PART = 1.5  # the coarse simulation's curve


@dataclass(frozen=True, eq=False)
class Tokens:
    """``producer`` (p, features), ``injector`` (i, 6), ``pair`` (p, i, 5), ``takes`` (p, i): part of each
    producer's water by injector, ``gives`` (i, p): part of each injector's water by producer; ``fraction``
    (p, RASTER): base curve as a part of ``cooling_k`` (p,), ``start_degc`` (p,); ``coarse`` (p, RASTER): that of the coarse
    simulation."""

    producer: np.ndarray
    injector: np.ndarray
    pair: np.ndarray
    takes: np.ndarray
    gives: np.ndarray
    fraction: np.ndarray
    coarse: np.ndarray
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


@dataclass(frozen=True, eq=False)
class _Scales:
    """What tokens are measured by. ``swept``: radius (m) that one well's water sweeps; ``height``: heat capacity per
    area over that of water, m; ``made``, ``put``: rates of producers and merged injectors, m3/s."""

    horizon_s: float
    mean_rate: float
    height: float
    swept: float
    made: np.ndarray
    put: np.ndarray
    xy: np.ndarray
    far: float

    @classmethod
    def of(cls, traced: Traced, horizon_years: float) -> _Scales:
        unit, src = traced.unit, traced.src
        dx, dy = unit.grid.dx_m, unit.grid.dy_m
        made = np.maximum(-src.mean[traced.producers], 0.0)
        put = _merged_rate(src, traced.injectors)
        rate = float(put.mean()) if put.size else float(made.mean()) if made.size else 1.0
        rate = max(rate, 1e-9)
        height = float(unit.water.mean()) / (dx * dy)
        horizon_s = horizon_years * SECONDS_PER_YEAR
        return cls(
            horizon_s=horizon_s,
            mean_rate=rate,
            height=height,
            swept=float(np.sqrt(rate * horizon_s / (np.pi * height))),
            made=made,
            put=put,
            xy=np.stack([src.cx * dx, src.cy * dy], axis=1),
            far=3.0 * max(unit.grid.nx * dx, unit.grid.ny * dy),
        )


def build_tokens(traced: Traced, rates: Rates, horizon_years: float) -> Tokens:
    """Tokens of one unit; see ``Tokens``."""
    src, prod, inj, part = traced.src, traced.producers, traced.injectors, traced.part
    by = _Scales.of(traced, horizon_years)
    cold = traced.result.hot[: inj.size]
    drop = traced.curve[:, :1] - cold  # (p, i)
    cooling = _cooling(part, drop, np.maximum(src.mean[inj], 0.0))
    fraction = (traced.curve[:, :1] - traced.curve) / cooling[:, None]
    coarse, coarse_m = _coarse(traced, rates, horizon_years, fraction, cooling)
    seen, looked = _read(fraction, CURVE_AT), _read(coarse, LOOK_AT)
    even = (traced.curve[:, :1] - traced.even) / cooling[:, None]
    apart = np.clip(looked - _read(fraction, LOOK_AT), -MOST_APART, MOST_APART)
    gives = np.minimum(part.T * by.made / np.maximum(by.put, 1e-9)[:, None], 1.5)
    to_inj = np.linalg.norm(by.xy[prod][:, None] - by.xy[inj][None], axis=2)
    injector = [
        np.log(np.maximum(by.put, 1e-9) / by.mean_rate),
        np.log(traced.thick),
        (cold.max(initial=0.0) - cold) / 20.0,
        gives.sum(axis=1),
        _log_ratio(traced.gap_m[inj], by.swept),
        _log_ratio(to_inj.min(axis=0, initial=by.far), by.swept),
    ]
    pair = [part, drop / cooling[:, None], _log_ratio(to_inj, by.swept)]
    columns = [
        *_about_producers(traced, by, cooling, to_inj),
        _log_ratio(coarse_m, by.swept) * np.ones(prod.size),
    ]
    return Tokens(
        producer=np.concatenate(
            [seen, even - seen, traced.log_tau, np.stack(columns, axis=1), looked, apart], axis=1
        ),
        injector=np.stack(injector, axis=1),
        pair=np.concatenate([traced.pair_log_tau, np.stack(pair, axis=2)], axis=2),
        takes=part,
        gives=gives,
        fraction=fraction,
        coarse=coarse,
        cooling_k=cooling,
        start_degc=traced.curve[:, 0].copy(),
    )


def _cooling(part: np.ndarray, drop: np.ndarray, put: np.ndarray) -> np.ndarray:
    """Flow-weighted cooling (p,) by the injectors that feed a producer, K; by all of them where no line comes from one."""
    total = part.sum(axis=1)
    usual = drop @ put / put.sum() if put.any() else np.ones(len(part))
    cooling = np.divide((part * drop).sum(axis=1), total, out=usual, where=total > 0.0)
    made: np.ndarray = np.where(np.abs(cooling) < LEAST_COOLING_K, LEAST_COOLING_K, cooling)
    return made


def _about_producers(
    traced: Traced, by: _Scales, cooling: np.ndarray, to_inj: np.ndarray
) -> list[np.ndarray]:
    """The producers' single numbers, in the order of ``FEATURES``."""
    unit, src, prod, part = traced.unit, traced.src, traced.producers, traced.part
    total = part.sum(axis=1)
    dx, dy = unit.grid.dx_m, unit.grid.dy_m
    j, i = src.cy[prod].astype(np.int64), src.cx[prod].astype(np.int64)
    x, y = by.xy[prod].T
    between = np.linalg.norm(by.xy[prod][:, None] - by.xy[prod][None], axis=2)
    between[np.arange(prod.size), np.arange(prod.size)] = by.far
    edge = np.minimum.reduce([x, y, unit.grid.nx * dx - x, unit.grid.ny * dy - y])
    log_kh, mean_kh, sigma, vertical = _log_mobility(unit)
    on = src.working != 0.0
    duty = float(np.mean(src.mean[on] / src.working[on])) if on.any() else 1.0
    speed = np.log(np.maximum(unit.ratio[:, j, i], 1e-3))
    one = np.ones(prod.size)
    warm = traced.curve[:, 0]
    return [
        np.sqrt(by.horizon_s) * (traced.layer_share @ unit.kappa),
        part @ np.log(traced.thick),
        total,
        traced.edge,
        np.divide(total**2, (part**2).sum(axis=1), out=np.zeros(prod.size), where=total > 0.0) / 5.0,
        np.log(np.maximum(by.made, 1e-9) / by.mean_rate),
        _log_ratio(to_inj.min(axis=1, initial=by.far), by.swept),
        _log_ratio(between.min(axis=1, initial=by.far), by.swept),
        _log_ratio(max(dx, dy), by.swept) * one,
        log_kh[j, i] - mean_kh,
        sigma * one,
        speed.std(axis=0),
        duty * one,
        _log_ratio(np.maximum(edge, 1.0), by.swept),
        np.log1p(_sunk(unit, vertical, warm, warm - cooling) * (by.horizon_s / by.height)),
    ]


LOOK_AT = np.arange(1, LOOKS + 1) / LOOKS


def _coarse(
    traced: Traced, rates: Rates, horizon_years: float, fraction: np.ndarray, cooling: np.ndarray
) -> tuple[np.ndarray, float]:
    """The coarse simulation's curve (p, RASTER) as parts of the cooling, beyond the horizon going on as the streamlines'
    do; and the size of its cells, m."""
    prod = traced.producers
    if not prod.size or not (traced.src.mean != 0.0).any():
        return np.zeros((prod.size, RASTER)), 1.0
    fell, size_m = coarse_curves(
        traced.unit, traced.src, traced.fluxes, rates.injected_degc, prod, traced.opened, horizon_years
    )
    known = np.concatenate([np.zeros((prod.size, 1)), fell / cooling[:, None]], axis=1)
    at = np.linspace(0.0, FAR, RASTER)
    place = np.minimum(at, 1.0) * OUT
    low = np.minimum(place.astype(int), OUT - 1)
    curve = known[:, low] + (place - low) * (known[:, low + 1] - known[:, low])
    last = int(np.searchsorted(at, 1.0, side="right")) - 1
    curve[:, last + 1 :] += np.maximum(fraction[:, last + 1 :] - fraction[:, last : last + 1], 0.0)
    curve = np.clip(curve, -MOST_PART, MOST_PART)
    # numerical wiggles of a curve that only falls
    settled = np.maximum.accumulate(curve, axis=1)
    calm = (settled - curve).max(axis=1) < WIGGLE
    return np.where(calm[:, None], settled, curve), size_m


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
