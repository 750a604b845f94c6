"""The physics inside the surrogate: streamlines of one flow unit, their curves and where their water comes from.

This is the live predictor's own flow and tracing (``streamline``), asked for more: the produced temperature on
a fixed raster of times past the horizon, travel times of the lines, and which injector feeds which producer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba as nb
import numpy as np

from twin_models.simulators import tracing, tubes
from twin_models.simulators.flow_units import FlowUnit, Place
from twin_models.simulators.streamline import UnitResult, field_of, flow_of, own_losses
from twin_models.simulators.well_sources import Rates, Sources, gaps_m, sources_of
from twin_models.types import SECONDS_PER_YEAR

LINES = 14  # per producer
FAR = 2.2  # the raster of times ends at this many horizons
RASTER = 89  # times of the raster, evenly from 0 to FAR horizons: a fortieth of one each
CURVE_AT = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20]) / 10.0  # horizons, of the tokens
QUANTILES = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.95])
LOOK = 4.0  # a travel time longer than this many horizons counts as this
LEAST_LOG = -5.0
NOT_MET = 99.0


@dataclass(frozen=True, eq=False)
class Traced:
    """One unit's flow and lines. Sizes: p producers, i injectors, n wells.

    ``result``: as of the live predictor, temperatures of producers not filled in. ``curve`` (p, RASTER):
    produced temperature; ``even`` (p, 13): at ``CURVE_AT`` if all water had one viscosity.
    ``log_tau`` (p, quantiles): ln of travel time over horizon.
    ``part`` (p, i): of each
    producer's lines that come from each injector; ``edge`` (p,): from the open sides. ``pair_log_tau``
    (p, i, 2): first and mean. ``prods`` rows of ``tracing``; ``injectors``, ``producers``: well indices; ``fluxes``: mean
    ones of the first day, m3/s; ``opened`` (n, layers): parts of each well's water by layer, ``layer_share`` those of producers.
    """

    unit: FlowUnit
    src: Sources
    result: UnitResult
    curve: np.ndarray
    even: np.ndarray
    log_tau: np.ndarray
    part: np.ndarray
    edge: np.ndarray
    pair_log_tau: np.ndarray
    thick: np.ndarray
    gap_m: np.ndarray
    producers: np.ndarray
    injectors: np.ndarray
    layer_share: np.ndarray
    opened: np.ndarray
    fluxes: tuple[np.ndarray, np.ndarray]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _trace_all(
    field, prods, share, lines, kappa, hot, thick, times_s, early_s, table, horizon_s, wanted, out
):
    """Trace every producer; ``out``: curve, log_tau, part, edge, pair of ``Traced`` by merged injector."""
    curve, log_tau, part, edge, pair, even = out
    nl = kappa.size
    weight, source = np.empty(lines), np.empty(lines, dtype=np.int64)
    count = np.empty(lines, dtype=np.int64)
    end_tau, level = np.empty((lines, nl)), np.empty((lines, nl))
    ev_tau = np.empty((lines, tracing.MAX_EVENTS, nl))
    ev_amp = np.empty((lines, tracing.MAX_EVENTS, nl))
    trail, knots = np.empty((lines, 3)), np.empty((lines, tracing.KNOTS, 2))
    share_t = np.empty((lines, times_s.size))
    fixed = np.empty((lines, early_s.size))
    spread_tau, spread_w = np.empty(lines * nl), np.empty(lines * nl)
    theta, thin = field[4], field[9]
    ny, nx = field[2].shape
    base = np.empty(nl)
    viscous = thin == 0 and np.any(thick != 1.0)
    cap_s = horizon_s * LOOK
    for n in range(prods.shape[0]):
        i, j = min(int(prods[n, 0]), nx - 1), min(int(prods[n, 1]), ny - 1)
        resting = 0.0
        for q in range(nl):
            base[q] = theta[q, j, i]
            resting += share[n, q] * base[q]
        curve[n] = resting
        even[n] = resting
        log_tau[n] = math.log(LOOK)
        pair[n] = math.log(LOOK)
        if prods[n, 2] <= 0.0:
            continue
        tracing.trace_producer(
            field, prods[n], lines, cap_s, weight, source, count, end_tau, level, ev_tau, ev_amp, trail, knots
        )
        _note_lines(
            weight,
            source,
            end_tau,
            share[n],
            horizon_s,
            wanted,
            (spread_tau, spread_w),
            (log_tau[n], part[n], edge, pair[n]),
            n,
        )
        arrived = (source, count, end_tau, level, ev_tau, ev_amp)
        for m in range(lines):
            fixed[m] = weight[m]
        tracing.produced(lines, thin, fixed, arrived, base, share[n], kappa, hot, early_s, table, even[n])
        if viscous:
            tubes.reshare(weight, source, count, trail, knots, thick, times_s, end_tau, ev_tau, share_t)
        else:
            for m in range(lines):
                share_t[m] = weight[m]
        tracing.produced(lines, thin, share_t, arrived, base, share[n], kappa, hot, times_s, table, curve[n])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _note_lines(weight, source, end_tau, share, horizon_s, wanted, work, out, n):
    """Quantiles of travel time and, per injector, part and times of one producer's lines."""
    tau, mass = work
    log_tau, part, edge, pair = out
    lines, nl = end_tau.shape
    for m in range(lines):
        for q in range(nl):
            known = source[m] >= 0
            log = math.log(max(end_tau[m, q] / horizon_s, 1e-9)) if known else math.log(LOOK)
            log = min(max(log, LEAST_LOG), math.log(LOOK))
            tau[m * nl + q], mass[m * nl + q] = log, weight[m] * share[q]
            if known and share[q] > 0.0:
                k = source[m]
                if part[k] == 0.0:
                    pair[k, 1] = 0.0
                part[k] += mass[m * nl + q]
                pair[k, 0] = min(pair[k, 0], log)
                pair[k, 1] += mass[m * nl + q] * log
        if source[m] == -2:
            edge[n] += weight[m]
    for k in range(part.size):
        if part[k] > 0.0:
            pair[k, 1] /= part[k]
    order = np.argsort(tau)
    total, at = 0.0, 0
    for o in range(order.size):
        before = total
        total += mass[order[o]]
        middle = 0.5 * (before + total)
        while at < wanted.size and middle >= wanted[at]:
            if o == 0:
                log_tau[at] = tau[order[0]]
            else:
                low = before - 0.5 * mass[order[o - 1]]
                f = (wanted[at] - low) / max(middle - low, 1e-12)
                f = min(max(f, 0.0), 1.0)
                log_tau[at] = tau[order[o - 1]] + f * (tau[order[o]] - tau[order[o - 1]])
            at += 1
    while at < wanted.size:
        log_tau[at] = tau[order[order.size - 1]]
        at += 1


def trace_unit(
    unit: FlowUnit,
    at: list[Place],
    rates: Rates,
    producing: np.ndarray,
    horizon_years: float,
) -> Traced:
    """Flow of one unit and lines of its producers (``streamline.solve_unit`` with more to show)."""
    src = sources_of(unit, at, rates.mean, rates.working)
    flow = flow_of(unit, src)
    field, hot, thick, prods = field_of(unit, flow.fx, flow.fy, src, rates.injected_degc, producing)
    loss = np.array([p.loss for p in at])
    seen_pa = (src.weights * flow.working.ravel()[src.cells]).sum(axis=1)
    pressure = seen_pa + src.working * (loss + own_losses(unit, src))
    opened = np.array([p.layer_share for p in at]).reshape(len(at), -1)
    share = opened[producing]
    horizon_s = horizon_years * SECONDS_PER_YEAR
    times_s = np.linspace(0.0, FAR, RASTER)[1:] * horizon_s
    merged = thick.size
    curve = np.empty((producing.size, RASTER - 1))
    log_tau = np.empty((producing.size, QUANTILES.size))
    part, edge = np.zeros((producing.size, merged)), np.zeros(producing.size)
    pair = np.empty((producing.size, merged, 2))
    even = np.empty((producing.size, CURVE_AT.size))
    out = (curve, log_tau, part, edge, pair, even)
    _trace_all(
        field, prods, share, LINES, unit.kappa, hot, thick, times_s, CURVE_AT * horizon_s, tracing.ERFC_TABLE, horizon_s,
        QUANTILES, out,
    )  # fmt: skip
    injectors = _first_of_each(src)
    resting = np.array([unit.theta[:, int(p.cy), int(p.cx)] for p in at]).reshape(len(at), -1)[producing]
    start = (share * resting).sum(axis=1)
    return Traced(
        unit=unit,
        src=src,
        result=UnitResult(np.zeros((len(at), 0)), pressure, field, hot, flow.working),
        curve=np.concatenate([start[:, None], curve], axis=1),
        even=even,
        log_tau=log_tau,
        part=part,
        edge=edge,
        pair_log_tau=pair,
        thick=thick,
        gap_m=gaps_m(unit, src),
        producers=producing,
        injectors=injectors,
        layer_share=share,
        opened=opened,
        fluxes=(flow.fx, flow.fy),
    )


def _first_of_each(src: Sources) -> np.ndarray:
    """Wells that stand for the merged injectors, in the order in which ``zones.gather`` merges them."""
    seen: dict[tuple[int, int], int] = {}
    for n in np.flatnonzero(src.mean > 0.0):
        seen.setdefault((int(src.cx[n]), int(src.cy[n])), int(n))
    return np.array(list(seen.values()), dtype=np.int64)
