"""The coarse simulation of several layers that touch: water crosses between them, and heat does.

Layers share one pressure (vertical equilibrium), so flow is balanced once for all of them, eased by the mean of their
viscosities; each takes its part of every face by its own, and what that leaves unbalanced in a cell crosses to the
layer below or above. Wells give and take by the present mobility of the layers that they are open to. Conduction
between layers is implicit, with the layers' own resistances in series; only the outermost meet the rock around.

Cold water sinks: the weight of each column leans on its neighbours, most in the lowest layer, which drives a
circulation that is balanced in itself. Rock that lets little through upright smooths that lean over the length at which
the ways across and along resist alike (q - l^2 grad div q = q0, l^2 = k_h / k_v times heights; solved by directions).
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from twin_models.simulators.flow_units import FlowUnit
from twin_models.simulators.well_sources import Sources
from twin_models.surrogates.balance import HALO
from twin_models.surrogates.lattice import OPTIONS, Ground, Lattice, box_sums
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
from twin_models.water import density_table

GRAVITY_M_S2 = 9.81


@nb.njit(**OPTIONS)
def _parts(cells, weights, opened, ease, out):
    """Part of each well's water by layer, ``out`` (wells, layers): as it is open at first, eased by present viscosity."""
    for w in range(cells.shape[0]):
        total = 0.0
        for n in range(ease.shape[0]):
            eased = 0.0
            for m in range(cells.shape[1]):
                eased += weights[w, m] * ease[n, cells[w, m]]
            out[w, n] = opened[w, n] * eased
            total += out[w, n]
        for n in range(ease.shape[0]):
            out[w, n] /= max(total, 1e-30)


@nb.njit(**OPTIONS)
def _wells(cells, weights, rates, injected, parts, put, warm, made):
    """What wells give to and take from each cell of each layer (m3/s, K m3/s)."""
    put[:], warm[:], made[:] = F(0.0), F(0.0), F(0.0)
    for w in range(cells.shape[0]):
        for n in range(put.shape[0]):
            for m in range(cells.shape[1]):
                flow = F(rates[w] * parts[w, n] * weights[w, m])
                if flow > F(0.0):
                    put[n, cells[w, m]] += flow
                    warm[n, cells[w, m]] += flow * F(injected[w])
                else:
                    made[n, cells[w, m]] -= flow


@nb.njit(**OPTIONS)
def _divided(flux, ease, part, stride, first, last, out):
    """Flux of each layer through the face before each cell, ``out`` (layers, size): its part of the whole by mobility."""
    for i in range(first, last):
        whole = F(0.0)
        for n in range(part.size):
            whole += part[n] * (ease[n, i - stride] + ease[n, i])
        for n in range(part.size):
            out[n, i] = flux[i] * part[n] * (ease[n, i - stride] + ease[n, i]) / whole


@nb.njit(**OPTIONS)
def _smoothed(lean, reach, sizes_x, sizes_y, ny, nx, gain):
    """(1 - reach d2/dx2) (1 - reach d2/dy2) u = lean, in place, over cells of ``sizes`` (m) with closed sides; ``reach`` m2."""
    width = nx + 2 * HALO
    corner = HALO * width + HALO
    for turn in range(2):
        long, sizes, step = (nx, sizes_x, 1) if turn == 0 else (ny, sizes_y, width)
        many, line = (ny, width) if turn == 0 else (nx, 1)
        before = F(0.0)
        for i in range(long):
            on = F(2.0) * reach / (sizes[i] * (sizes[i] + sizes[i + 1])) if i < long - 1 else F(0.0)
            back = F(2.0) * reach / (sizes[i] * (sizes[i] + sizes[i - 1])) if i > 0 else F(0.0)
            share = F(1.0) / (F(1.0) + back + on - back * before)
            at = corner + i * step
            for m in range(many):
                lean[at + m * line] = share * (lean[at + m * line] + back * lean[at - step + m * line])
            gain[i] = before = on * share
        for i in range(long - 2, -1, -1):
            at = corner + i * step
            for m in range(many):
                lean[at + m * line] += gain[i] * lean[at + step + m * line]


@nb.njit(**OPTIONS)
def _lean(t, theta, warmest, heavy, part, ny, nx, gain, out):
    """Pressure (layers, size) by which the weight of water that is colder than at first drives it along each layer, less
    the mean of all layers, Pa. ``heavy``: see ``_heavy``."""
    table, heights, reach, sizes_x, sizes_y = heavy
    width = nx + 2 * HALO
    first, last = HALO * width, (HALO + ny) * width
    for i in range(first, last):
        above, mean = F(0.0), F(0.0)
        for n in range(part.size):
            more = fluidity(table, warmest + t[n, i]) - fluidity(table, warmest + theta[n, i])
            half = F(0.5) * heights[n] * F(more)
            out[n, i] = above + half
            above += half + half
            mean += part[n] * out[n, i]
        for n in range(part.size):
            out[n, i] -= mean
    for n in range(part.size):
        _smoothed(out[n], reach[n], sizes_x, sizes_y, ny, nx, gain)


@nb.njit(**OPTIONS)
def _circulating(lean, ease, part, through, inside, stride, first, last, out):
    """Add to each layer's flux what leans on it; the layers' sum stays."""
    for i in range(first, last):
        half = F(0.5) * through[i] * inside[i - stride] * inside[i]
        mean, whole = F(0.0), F(0.0)
        for n in range(part.size):
            eases = part[n] * (ease[n, i - stride] + ease[n, i])
            mean += eases * (lean[n, i - stride] - lean[n, i])
            whole += eases
        mean /= whole
        for n in range(part.size):
            eases = part[n] * (ease[n, i - stride] + ease[n, i])
            out[n, i] += half * eases * (lean[n, i - stride] - lean[n, i] - mean)


@nb.njit(**OPTIONS)
def _crossing(fx, fy, put, made, inside, stride, first, last, down):
    """Flow from each layer to the next below, ``down`` (layers + 1, size), the first and the last nothing."""
    for i in range(first, last):
        below = F(0.0)
        for n in range(fx.shape[0] - 1):
            below += fx[n, i] - fx[n, i + 1] + fy[n, i] - fy[n, i + stride] + put[n, i] - made[n, i]
            down[n + 1, i] = inside[i] * below


@nb.njit(**OPTIONS)
def _received(fx, fy, above, below, put, stride, i):
    gets = max(fx[i], F(0.0)) - min(fx[i + 1], F(0.0)) + max(fy[i], F(0.0)) - min(fy[i + stride], F(0.0))
    return gets + max(above[i], F(0.0)) - min(below[i], F(0.0)) + put[i]


@nb.njit(**OPTIONS)
def _fastest(fx, fy, down, put, dx, dy, water, inside, stride, first, last):
    most = F(0.0)
    for n in range(fx.shape[0]):
        for i in range(first, last):
            gets = _received(fx[n], fy[n], down[n], down[n + 1], put[n], stride, i)
            gets += dx[n, i] + dx[n, i + 1] + dy[n, i] + dy[n, i + stride]
            most = max(most, inside[i] * gets / water[n, i])
    return most


@nb.njit(**OPTIONS)
def _prepare(fx, fy, above, below, put, dx, dy, water, inside, dt, stride, first, last, k, away):
    """As for one layer, with what crosses from other layers."""
    for i in range(first, last):
        gets = _received(fx, fy, above, below, put, stride, i)
        gets += dx[i] + dx[i + 1] + dy[i] + dy[i + stride]
        k[i] = inside[i] * dt / max(water[i], dt * gets / F(COURANT))
        away[i] = fx[i] - fx[i + 1] + fy[i] - fy[i + stride] + above[i] - below[i] + put[i]


@nb.njit(**OPTIONS)
def _brought(t, n, down, warm, first, last, out):
    """Heat that wells and other layers bring to layer ``n``, less what it gives them."""
    upper, here, lower = t[max(n - 1, 0)], t[n], t[min(n + 1, t.shape[0] - 1)]
    above, below = down[n], down[n + 1]
    for i in range(first, last):
        from_above = above[i] * (upper[i] if above[i] >= F(0.0) else here[i])
        to_below = below[i] * (here[i] if below[i] >= F(0.0) else lower[i])
        out[i] = warm[n, i] + from_above - to_below


@nb.njit(**OPTIONS)
def _conduct(t, theta, water, area, between, span, inside, first, last, gain):
    """Implicit conduction between the layers over a part of ``span`` seconds (Thomas' algorithm down each column)."""
    layers = t.shape[0]
    for i in range(first, last):
        if inside[i] == F(0.0):
            continue
        for n in range(layers):
            u = t[n, i] - theta[n, i]
            up = span * area[i] * between[n - 1] / water[n, i] if n > 0 else F(0.0)
            low = span * area[i] * between[n] / water[n, i] if n < layers - 1 else F(0.0)
            diagonal = F(1.0) + up + low
            if n > 0:
                diagonal -= up * gain[n - 1]
                u += up * (t[n - 1, i] - theta[n - 1, i])
            gain[n] = low / diagonal
            t[n, i] = theta[n, i] + u / diagonal
        for n in range(layers - 2, -1, -1):
            t[n, i] += gain[n] * (t[n + 1, i] - theta[n + 1, i])


@nb.njit(**OPTIONS)
def _of_rock(span, depth, rock):
    """What a layer gives to the rock behind half of its own resistance, implicit over a part: (stiffness of the rock,
    what its past counts, what the last contact temperature counts in that). p of ``steps.to_rock`` is linear in the
    contact temperature, so both can be eliminated."""
    c = 1.0 / (3.0 * depth**2 + span)
    return rock * (1.0 / depth - c * (span / depth - depth**3 / span)), rock * c, depth**3 / span


@nb.njit(**OPTIONS)
def _past(old, inner, gain, memory, first, last, out):
    oo, ol, inn = out[first:], old[first:], inner[first:]
    g, m = F(gain), F(memory)
    for i in range(last - first):
        oo[i] = g * (inn[i] + m * ol[i])


@nb.njit(**OPTIONS)
def _before_rock(span, depth, dt, rock, half, old, inner, first, last, stiff, past, back):
    """Of every layer: stiffness of the rock around, what its past counts, and what that gives back in a step."""
    for n in range(rock.size):
        stiff[n], gain, memory = _of_rock(span, depth, rock[n])
        _past(old[n], inner[n], gain, memory, first, last, past[n])
        share = F(dt * half[n] / (half[n] + stiff[n]))
        for i in range(first, last):
            back[n, i] = share * past[n, i]


@nb.njit(**OPTIONS)
def _at_contact(t, theta, past, half, stiff, first, last, out):
    """Temperature where a layer meets the rock."""
    a, b, base = F(half / (half + stiff)), F(1.0 / (half + stiff)), theta[first:]
    tt, pp, oo = t[first:], past[first:], out[first:]
    for i in range(last - first):
        oo[i] = base[i] + a * (tt[i] - base[i]) + b * pp[i]


@nb.njit(**OPTIONS)
def _seen(t, cells, weights, parts, out):
    for w in range(cells.shape[0]):
        total = 0.0
        for n in range(t.shape[0]):
            for m in range(cells.shape[1]):
                total += parts[w, n] * weights[w, m] * t[n, cells[w, m]]
        out[w] = total


@nb.njit(**OPTIONS)
def _share_out(
    fluxes, through, lean, wells, ease, part, inside, stride, first, last, fx, fy, put, warm, made, down, parts
):  # fmt: skip
    """The whole flow divided among layers, wells' parts of each, and what crosses from layer to layer."""
    cells, weights, rates, injected, opened, _ = wells
    _parts(cells, weights, opened, ease, parts)
    _wells(cells, weights, rates, injected, parts, put, warm, made)
    _divided(fluxes[0], ease, part, 1, first, last + stride, fx)
    _divided(fluxes[1], ease, part, stride, first, last + stride, fy)
    _circulating(lean, ease, part, through[0], inside, 1, first, last, fx)
    _circulating(lean, ease, part, through[1], inside, stride, first, last, fy)
    _crossing(fx, fy, put, made, inside, stride, first, last, down)


@nb.njit(**OPTIONS)
def _whole(ease, part, out):
    """Fluidity of all layers together over its initial value."""
    out[:] = F(0.0)
    for n in range(part.size):
        for i in range(out.size):
            out[i] += part[n] * ease[n, i]


@nb.njit(**OPTIONS)
def _run(flow, ground, wells, table, horizon_s, ny, nx, solved_at, out):
    """Temperature that each well would take, ``out`` (OUT, wells)."""
    water, theta, warmest, inside, area, dx, dy, rock, half, between, part, closed, heavy = ground
    cells, weights, _, _, opened, ends = wells
    layers, size = water.shape
    width = nx + 2 * HALO
    first, last = HALO * width, (HALO + ny) * width
    each = np.zeros((19, layers, size), np.float32)
    t, new, ease, inner, p, old = each[0], each[1], each[2], each[3], each[4], each[5]
    back, k, away, sx, sy, fx = each[6], each[7], each[8], each[9], each[10], each[11]
    fy, put, warm, past, made, resting = each[12], each[13], each[14], each[15], each[16], each[17]
    lean = each[18]
    stiff, parts, gain = np.zeros(layers), opened.copy(), np.zeros(layers, np.float32)
    down, a, work = np.zeros((layers + 1, size), F), np.zeros((7, size), F), np.zeros((9, size), F)
    want, whole, ex, ey, brought = a[0], a[1], a[2], a[3], a[4]
    fluxes = (flow[0].copy(), flow[1].copy(), flow[0].copy(), flow[1].copy())
    t[:], new[:], ease[:] = theta, theta, F(1.0)
    asked(flow[0], flow[1], inside, width, first, last, want)
    for n in range(layers):
        for i in range(first, last):
            resting[n, i] = F(1.0 / fluidity(table, warmest + theta[n, i]))
    span = horizon_s / PARTS
    dt, solved, steps, before, since = span, 0, 0, 0, 1
    for now in range(PARTS):
        if solved < solved_at.size and now == solved_at[solved]:
            for n in range(layers):
                eased(t[n], warmest, resting[n], table, ny, nx, ease[n])
            _whole(ease, part, whole)
            solved += 1
            when = (now - before, since, (solved_at[solved] if solved < solved_at.size else PARTS) - now)
            next_flow(flow, want, whole, inside, closed, ny, nx, when, (a[5], a[6]), fluxes, work)
            if heavy[0].size:
                _lean(t, theta, warmest, heavy, part, ny, nx, work[0], lean)
            before, since = now, now - before
        if now == before:
            _share_out(
                fluxes, flow[2:], lean, wells, ease, part, inside, width, first, last, fx, fy, put, warm, made, down, parts
            )  # fmt: skip
            fastest = _fastest(fx, fy, down, put, dx, dy, water, inside, width, first, last)
            steps = min(max(math.ceil(span * fastest / COURANT), 1), MOST_STEPS)
            dt = span / steps
            for n in range(layers):
                _prepare(
                    fx[n], fy[n], down[n], down[n + 1], put[n], dx[n], dy[n], water[n], inside, F(dt), width,
                    first, last, k[n], away[n],
                )  # fmt: skip
                slopes(fx[n], fy[n], k[n], width, first, last, sx[n], sy[n])
        depth = 0.5 * math.sqrt((now + 1.0) * span)
        _before_rock(span, depth, dt, rock, half, old, inner, first, last, stiff, past, back)
        for _ in range(steps):
            for n in range(layers):
                keep = F(dt * half[n] * stiff[n] / (half[n] + stiff[n]))
                faces(t[n], fx[n], sx[n], dx[n], 1, first, last + 1, ex)
                faces(t[n], fy[n], sy[n], dy[n], width, first, last + width, ey)
                _brought(t, n, down, warm, first, last, brought)
                advance(
                    t[n], k[n], ex, ey, width, brought, away[n], back[n], keep, theta[n], ends, first, last, new[n]
                )  # fmt: skip
            t, new = new, t
        _conduct(t, theta, water, area, between, F(span), inside, first, last, gain)
        for n in range(layers):
            if rock[n] > 0.0:
                _at_contact(t[n], theta[n], past[n], half[n], stiff[n], first, last, ex)
                to_rock(ex, theta[n], old[n], inner[n], p[n], span, depth, first, last)
        if (now + 1) % (PARTS // OUT) == 0:
            _seen(t, cells, weights, parts, out[now // (PARTS // OUT)])


def _between(unit: FlowUnit) -> np.ndarray:
    """Conductance between neighbouring layers' middles over the water's heat capacity, m/s per m2 (layers - 1,)."""
    grid = unit.grid
    resistance = np.array([float((grid.dz_m[ks] / grid.conductivity_w_mk[ks]).sum()) for ks in unit.levels])
    water = grid.reservoir.fluid.heat_capacity_mj_m3k * 1e6
    between: np.ndarray = 2.0 / (resistance[1:] + resistance[:-1]) / water
    return between


def _half(unit: FlowUnit) -> np.ndarray:
    """Conductance from each layer's outermost cell's middle to its side over the layer's heat capacity, 1/s (layers,)."""
    grid = unit.grid
    out = np.empty(len(unit.levels))
    for n, ks in enumerate(unit.levels):
        outer = ks[-1] if n else ks[0]
        heat = float((grid.heat_capacity_j_m3k[ks] * grid.dz_m[ks, None, None]).sum(axis=0).mean())
        out[n] = 2.0 * grid.conductivity_w_mk[outer] / grid.dz_m[outer] / heat
    return out


def _heavy(unit: FlowUnit, made: Lattice) -> tuple[np.ndarray, ...]:
    """Density table (kg/m3; empty where water of any temperature weighs alike), g x heights (layers,), m2/s2, reaches
    (layers,) over which rock that lets little through upright smooths what weight drives, m2; sizes of the cells, m."""
    grid = unit.grid
    heights = np.array([float(grid.dz_m[ks].sum()) for ks in unit.levels])
    along = [np.maximum(grid.k_md[ks], 1e-9) for ks in unit.levels]
    across = [(k * grid.kv_kh[ks, None, None]).mean() for k, ks in zip(along, unit.levels, strict=True)]
    carries = heights * [k.mean() for k in along]
    reach = 0.5 * (heights / across).sum() / (1.0 / carries + 1.0 / (carries.sum() - carries))
    fluid = grid.reservoir.fluid
    table = density_table(fluid) if fluid.viscosity == "water" else np.empty(0)
    sizes = (np.diff(made.edges_x) * grid.dx_m, np.diff(made.edges_y) * grid.dy_m)
    return table, *(a.astype(F) for a in (GRAVITY_M_S2 * heights, reach, *sizes))


def stack_falls(
    unit: FlowUnit, ground: Ground, made: Lattice, flow: tuple[np.ndarray, ...], src: Sources,
    injected_degc: np.ndarray, opened: np.ndarray, span_s: float,
) -> np.ndarray:  # fmt: skip
    """Fall of the temperature (wells, OUT) at every well over ``span_s`` seconds; ``opened`` (wells, layers): parts by which
    it gives and takes at first; ``flow``: as for one layer, of all together."""
    shape = made.shape
    warmest = float(unit.theta.max())
    water, start = [], []
    for sheet in ground.layers:
        held, warmth = np.empty(shape), np.empty(shape)
        box_sums(sheet.water, made.edges_x, made.edges_y, held)
        box_sums(sheet.warmth, made.edges_x, made.edges_y, warmth)
        water.append(flat(held, shape, 1.0))
        start.append(edged(warmth / held - warmest, shape))
    theta = np.array(start)
    carried = np.array([sheet.carried for sheet in ground.layers], dtype=np.float32)[:, None]
    area = np.diff(made.edges_y)[:, None] * np.diff(made.edges_x) * unit.grid.dx_m * unit.grid.dy_m
    part = np.array([sheet.part for sheet in ground.layers])
    dx, dy = conducting(unit, 1.0, made)
    rock = (
        np.array(water), theta, warmest, flat(np.ones(shape), shape), flat(area, shape),
        carried * flat(dx, shape), carried * flat(dy, shape),
        np.array([2.0 * sheet.kappa for sheet in ground.layers]), _half(unit), _between(unit).astype(np.float32),
        (part / part.sum()).astype(np.float32), ground.closed, _heavy(unit, made),
    )  # fmt: skip
    colder = np.nan_to_num(injected_degc - warmest)
    ends = (F(min(theta.min(), colder.min())), F(max(theta.max(), colder.max())))
    cells, weights = on_flat(made), made.weights
    wells = (cells, weights, src.mean, colder, np.ascontiguousarray(opened), ends)
    out = np.empty((OUT, len(cells)))
    anew = solved_at(int((src.mean != 0.0).sum()))
    _run(flow, rock, wells, unit.fluidity, span_s, *shape, anew, out)
    resting = np.einsum("wm,lwm->wl", weights, theta[:, cells])
    fell: np.ndarray = (opened * resting).sum(axis=1)[:, None] - out.T
    return fell
