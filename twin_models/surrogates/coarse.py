"""A coarse simulation of one layer in some three milliseconds, for the surrogate to correct (several: ``stack``).

Streamlines know where water goes on the first day; how cold, viscous water then re-routes flow between wells they do
not. This does, on some eighty cells a side (``lattice``). Flow: the first day's, eased by the viscosity of each moment,
and balanced anew eight to twelve times (``balance``), carried forward by Adams-Bashforth. Heat: see ``steps``. Fronts are still
smeared over its cells; the network has learned by how much.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from twin_models.simulators.flow_units import FlowUnit
from twin_models.simulators.well_sources import Sources
from twin_models.surrogates.balance import HALO
from twin_models.surrogates.lattice import OPTIONS, SPAN, Ground, Lattice, box_sums
from twin_models.surrogates.steps import (
    COURANT,
    MOST_STEPS,
    OUT,
    PARTS,
    F,
    advance,
    asked,
    conducting,
    eased,
    edged,
    faces,
    flat,
    fluidity,
    next_flow,
    on_flat,
    slopes,
    solved_at,
    to_rock,
)


@nb.njit(**OPTIONS)
def _turnover(fx, fy, dx, dy, water, put, inside, stride, first, last):
    fastest = F(0.0)
    for i in range(first, last):
        conducts = dx[i] + dx[i + 1] + dy[i] + dy[i + stride]
        gets = max(fx[i], F(0.0)) - min(fx[i + 1], F(0.0)) + max(fy[i], F(0.0)) - min(fy[i + stride], F(0.0))
        fastest = max(fastest, inside[i] * (gets + put[i] + conducts) / water[i])
    return fastest


@nb.njit(**OPTIONS)
def _prepare(fx, fy, dx, dy, water, put, inside, dt, stride, first, last, k, away):
    """``k``: time over heat capacity; ``away``: what leaves with the cell's own temperature."""
    for i in range(first, last):
        gets = max(fx[i], F(0.0)) - min(fx[i + 1], F(0.0)) + max(fy[i], F(0.0)) - min(fy[i + stride], F(0.0))
        gets += dx[i] + dx[i + 1] + dy[i] + dy[i + stride]
        k[i] = inside[i] * dt / max(water[i], dt * (gets + put[i]) / F(COURANT))
        away[i] = fx[i] - fx[i + 1] + fy[i] - fy[i + stride] + put[i]


@nb.njit(**OPTIONS)
def _seen(t, cells, weights, out):
    for w in range(cells.shape[0]):
        total = 0.0
        for m in range(cells.shape[1]):
            total += weights[w, m] * t[cells[w, m]]
        out[w] = total


@nb.njit(**OPTIONS)
def _run(flow, ground, wells, table, horizon_s, ny, nx, solved_at, out):
    """Produced temperature ``out`` (OUT, p)."""
    water, theta, warmest, inside, dx, dy, kappa, closed = ground
    put, warm, cells, weights, ends = wells
    width = nx + 2 * HALO
    first, last = HALO * width, (HALO + ny) * width
    a = np.zeros((17, water.size), np.float32)
    t, new, ease, inner, p, old, back, k = a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
    away, sx, sy, head, ex, ey, resting, want = a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15]
    fx, fy, past_x, past_y = flow[0].copy(), flow[1].copy(), flow[0].copy(), flow[1].copy()
    work = np.zeros((9, water.size), np.float32)
    t[:], new[:], ease[:] = theta, theta, F(1.0)
    asked(fx, fy, inside, width, first, last, want)
    for i in range(first, last):
        resting[i] = F(1.0 / fluidity(table, warmest + theta[i]))
    span = horizon_s / PARTS
    dt, solved, steps, before, since = span, 0, 0, 0, 1
    for part in range(PARTS):
        if solved < solved_at.size and part == solved_at[solved]:
            eased(t, warmest, resting, table, ny, nx, ease)
            solved += 1
            until = solved_at[solved] if solved < solved_at.size else PARTS
            when = (part - before, since, until - part)
            next_flow(
                flow, want, ease, inside, closed, ny, nx, when, (head, a[16]), (fx, fy, past_x, past_y), work
            )
            before, since = part, part - before
        if part == before:
            fastest = _turnover(fx, fy, dx, dy, water, put, inside, width, first, last)
            steps = min(max(math.ceil(span * fastest / COURANT), 1), MOST_STEPS)
            dt = span / steps
            _prepare(fx, fy, dx, dy, water, put, inside, F(dt), width, first, last, k, away)
            slopes(fx, fy, k, width, first, last, sx, sy)
        keep = F(2.0 * dt * kappa / (0.5 * math.sqrt((part + 0.5) * span)))
        for i in range(first, last):
            back[i] = F(2.0 * dt * kappa) * p[i]
        for _ in range(steps):
            faces(t, fx, sx, dx, 1, first, last + 1, ex)
            faces(t, fy, sy, dy, width, first, last + width, ey)
            advance(t, k, ex, ey, width, warm, away, back, keep, theta, ends, first, last, new)
            t, new = new, t
        if kappa > 0.0:
            to_rock(t, theta, old, inner, p, span, 0.5 * math.sqrt((part + 1.0) * span), first, last)
        if (part + 1) % (PARTS // OUT) == 0:
            _seen(t, cells, weights, out[part // (PARTS // OUT)])


def sheet_falls(
    unit: FlowUnit, ground: Ground, made: Lattice, flow: tuple[np.ndarray, ...], src: Sources,
    injected_degc: np.ndarray, producing: np.ndarray, span_s: float,
) -> np.ndarray:  # fmt: skip
    """Fall of the temperature (p, OUT) that producers take from a unit of one layer over ``span_s`` seconds; ``flow``: fluxes
    of the first day and transmissibilities, flat."""
    (sheet,) = ground.layers
    shape = made.shape
    water, warmth = np.empty(shape), np.empty(shape)
    box_sums(sheet.water, made.edges_x, made.edges_y, water)
    box_sums(sheet.warmth, made.edges_x, made.edges_y, warmth)
    warmest = float(unit.theta.max())
    start = edged(warmth / water - warmest, shape)
    cells, weights = on_flat(made), made.weights
    amount = (weights * np.maximum(src.mean, 0.0)[:, None]).ravel()
    colder = np.nan_to_num(injected_degc - warmest)
    put = np.bincount(cells.ravel(), amount, start.size).astype(np.float32)
    warm = np.bincount(cells.ravel(), amount * np.repeat(colder, SPAN**2), start.size).astype(np.float32)
    ends = (F(min(start.min(), colder.min())), F(max(start.max(), colder.max())))
    dx, dy = conducting(unit, sheet.carried, made)
    rock = (
        flat(water, shape, 1.0), start, warmest, flat(np.ones(shape), shape), flat(dx, shape), flat(dy, shape),
        sheet.kappa, ground.closed,
    )  # fmt: skip
    taken, shares = np.ascontiguousarray(cells[producing]), np.ascontiguousarray(weights[producing])
    out = np.empty((OUT, producing.size))
    anew = solved_at(int((src.mean != 0.0).sum()))
    _run(flow, rock, (put, warm, taken, shares, ends), unit.fluidity, span_s, *shape, anew, out)
    fell: np.ndarray = (shares * start[taken]).sum(axis=1)[:, None] - out.T
    return fell
