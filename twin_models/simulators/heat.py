"""Heat carried by water and conducted by rock, on the cells of a layered box.

Advection and lateral conduction are explicit: face temperatures are those of the upstream cell, or that cell
plus half its slope, shortened by the local Courant number and limited by Roe's superbee (Sweby 1984, SIAM J.
Numer. Anal. 21, 995-1011). Of the limiters tried it left half of van Leer's error on the same cells, for a
doublet against its closed form and for sixty wells in patchy rock against cells a quarter as wide.
Vertical conduction and the heat lost to the rock above and below (see ``rock``) are implicit, column by
column. What a well brings to a cell, or takes, is implicit too: these cells turn over faster than any other
and would otherwise set the step.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from twin_models.simulators.multigrid import OPTIONS, SUMS


@nb.njit(inline="always", error_model="numpy")
def _carried(h, before, a, b, after, courant_a, courant_b, second):
    """Energy flow h x (face temperature): cells before, a | b, after.

    ``second`` 1: limited second order. ``second`` 0: upwind in space with the explicit step's own error taken
    off, v dx/2 x Courant (Hirt 1968, J. Comput. Phys. 2, 339-355), so that fronts smear by v dx/2 whatever the
    step, as in a first-order code with short steps.
    """
    east = h >= 0.0
    step = b - a
    behind = a - before if east else after - b
    u, d = abs(behind), abs(step)
    size = max(min(2.0 * u, d), min(u, 2.0 * d)) if behind * step > 0.0 else 0.0
    courant = abs(h) * (courant_a if east else courant_b)
    slope = (size if step > 0.0 else -size) * (1.0 - courant if courant < 1.0 else 0.0)
    half = 0.5 * (second * slope - (1.0 - second) * courant * step)
    return h * (a + half if east else b - half)


@nb.njit(**OPTIONS)
def _x_faces(h, t, inverse, dt, g, second, edge_w, edge_e, out):
    """Energy eastward through the nx+1 faces of one row (W). ``g``: lateral conductance (W/K)."""
    nx = t.size
    out[0] = h[0] * (edge_w if h[0] >= 0.0 else t[0])
    out[nx] = h[nx] * (t[nx - 1] if h[nx] >= 0.0 else edge_e)
    for n in range(2):
        # The first and the last inner face lack a neighbour: no slope there on that side.
        i = 1 if n == 0 else nx - 1
        if i < 1 or i > nx - 1:
            continue
        before, after = t[max(i - 2, 0)], t[min(i + 1, nx - 1)]
        out[i] = _carried(
            h[i], before, t[i - 1], t[i], after, dt * inverse[i - 1], dt * inverse[i], second
        ) - g * (t[i] - t[i - 1])
    if nx < 4:
        return
    t1, t2, t3 = t[1:], t[2:], t[3:]
    v1, v2, h2, o2 = inverse[1:], inverse[2:], h[2:], out[2:]
    for i in range(nx - 3):
        o2[i] = _carried(h2[i], t[i], t1[i], t2[i], t3[i], dt * v1[i], dt * v2[i], second) - g * (
            t2[i] - t1[i]
        )


@nb.njit(**OPTIONS)
def _faces_between(h, before, a, b, after, va, vb, dt, g, second, out):
    """Energy from row a to row b (W), rows of any direction; a missing neighbour is given as the row itself."""
    for i in range(a.size):
        out[i] = _carried(h[i], before[i], a[i], b[i], after[i], dt * va[i], dt * vb[i], second) - g * (
            b[i] - a[i]
        )


@nb.njit(**OPTIONS)
def _edge_faces(h, inner, outer, out):
    """Energy along +y through a row of boundary faces whose outer side has the initial temperature."""
    for i in range(inner.size):
        out[i] = h[i] * (outer[i] if h[i] >= 0.0 else inner[i])


@nb.njit(**OPTIONS)
def _add_row(t, inverse, dt, ex, low, high, out):
    east = ex[1:]
    for i in range(t.size):
        out[i] = t[i] + dt * inverse[i] * (ex[i] - east[i] + low[i] - high[i])


@nb.njit(**OPTIONS)
def _move_level(k, ka, dt, second, t, start, inverse, gx, gy, hx, hy, new, ex, low, high):
    """Lateral advection and conduction of one active layer cell; returns energy through its sides (J)."""
    ny, nx = t.shape[1], t.shape[2]
    through = 0.0
    for i in range(nx):
        low[i] = hy[ka, 0, i] * (start[k, 0, i] if hy[ka, 0, i] >= 0.0 else t[k, 0, i])
        through += low[i]
    for j in range(ny):
        _x_faces(hx[ka, j], t[k, j], inverse[k, j], dt, gx, second, start[k, j, 0], start[k, j, nx - 1], ex)
        through += ex[0] - ex[nx]
        if j < ny - 1:
            _faces_between(
                hy[ka, j + 1], t[k, max(j - 1, 0)], t[k, j], t[k, j + 1], t[k, min(j + 2, ny - 1)],
                inverse[k, j], inverse[k, j + 1], dt, gy, second, high,
            )  # fmt: skip
        else:
            for i in range(nx):
                high[i] = hy[ka, ny, i] * (t[k, j, i] if hy[ka, ny, i] >= 0.0 else start[k, j, i])
                through -= high[i]
        _add_row(t[k, j], inverse[k, j], dt, ex, low, high, new[k, j])
        for i in range(nx):
            low[i] = high[i]
    return through * dt


@nb.njit(**OPTIONS)
def _conduct_level(k, dt, t, inverse, gx, gy, new):
    """Lateral conduction alone, for rock that carries no water."""
    ny, nx = t.shape[1], t.shape[2]
    for j in range(ny):
        here, south, north = t[k, j], t[k, max(j - 1, 0)], t[k, min(j + 1, ny - 1)]
        v, out = inverse[k, j], new[k, j]
        for i in range(nx):
            out[i] = here[i] + dt * v[i] * gy * (south[i] + north[i] - 2.0 * here[i])
        for i in range(nx - 1):
            out[i] += dt * v[i] * gx * (here[i + 1] - here[i])
        for i in range(1, nx):
            out[i] += dt * v[i] * gx * (here[i - 1] - here[i])


@nb.njit(**OPTIONS)
def _move_down(first, dt, second, t, inverse, hz, new, e):
    """Vertical advection between the active layer cells; ``hz`` (na+1, ny, nx)."""
    ny, nx = t.shape[1], t.shape[2]
    last = first + hz.shape[0] - 2
    for ka in range(1, hz.shape[0] - 1):
        k = first + ka
        above, below = max(k - 2, first), min(k + 1, last)
        for j in range(ny):
            _faces_between(
                hz[ka, j], t[above, j], t[k - 1, j], t[k, j], t[below, j],
                inverse[k - 1, j], inverse[k, j], dt, 0.0, second, e,
            )  # fmt: skip
            upper, lower = new[k - 1, j], new[k, j]
            vu, vl = inverse[k - 1, j], inverse[k, j]
            for i in range(nx):
                upper[i] -= dt * vu[i] * e[i]
            for i in range(nx):
                lower[i] += dt * vl[i] * e[i]


@nb.njit(**SUMS)
def _given_to_rock(now, theta, kept):
    """Sum over a row of the heat flow into the rock, over effusivity and area: now x theta - kept."""
    total = 0.0
    for i in range(theta.size):
        total += now * theta[i] - kept[i]
    return total


@nb.njit(**OPTIONS)
def _remember(memory, weight, now, theta, out):
    """out = now x (theta before the step) - what past changes still draw, for one row of cells."""
    for i in range(out.size):
        out[i] = now * theta[i]
    for m in range(weight.size):
        past = memory[m]
        for i in range(out.size):
            out[i] -= weight[m] * past[i]


@nb.njit(**OPTIONS)
def _renew(memory, decay, gain, change):
    """Let the memory of one row fade and take in this step's change of theta."""
    for m in range(decay.size):
        past = memory[m]
        d, g = np.float32(decay[m]), gain[m]
        for i in range(change.size):
            past[i] = d * past[i] + np.float32(g * change[i])


@nb.njit(**OPTIONS)
def _thin_layer(dt, t, new, start, inverse, power, rock, memory, contact, rows):
    """Heat exchange with the rock for a box one cell thick, which is taken to be mixed over its thickness.

    ``power`` = 2 area sqrt(K rc/pi); ``rock`` (weight, decay, gain, now); ``memory`` (1, ny, m, nx);
    ``contact`` (1, ny, nx): temperature change at the contact. Returns the heat given to the rock (J).
    """
    weight, decay, gain, now = rock
    ny, nx = t.shape[1], t.shape[2]
    kept, change = rows[0, :nx], rows[1, :nx]
    given = 0.0
    for j in range(ny):
        old, out, base, v, touch = t[0, j], new[0, j], start[0, j], inverse[0, j], contact[0, j]
        _remember(memory[0, j], weight, now, touch, kept)
        for i in range(nx):
            scale = dt * power * v[i]
            theta = (out[i] - base[i] + scale * kept[i]) / (1.0 + scale * now)
            change[i] = theta - touch[i]
            touch[i] = theta
            old[i] = base[i] + theta
        given += _given_to_rock(now, touch, kept)
        _renew(memory[0, j], decay, gain, change)
    return given * dt * power


@nb.njit(**OPTIONS)
def _eliminate(k, dt, new, start, inverse, gz, ends, now, kept, ratio, j):
    """Forward step of Thomas' algorithm for one layer cell of one row; unknowns are changes from the start.

    ``ends`` x (now theta - kept): what this cell gives to the rock (W).
    """
    nz, nx = new.shape[0], new.shape[2]
    out, base, v, gain = new[k, j], start[k, j], inverse[k, j], ratio[k]
    down = dt * gz[k] if k < nz - 1 else 0.0
    up = dt * gz[k - 1] if k > 0 else 0.0
    before, base_up, gain_up = new[max(k - 1, 0), j], start[max(k - 1, 0), j], ratio[max(k - 1, 0)]
    first = 0.0 if k == 0 else 1.0
    for i in range(nx):
        value = out[i] - base[i] + v[i] * (dt * ends * kept[i] + up * (before[i] - base_up[i]))
        diagonal = 1.0 + v[i] * (up * (1.0 - first * gain_up[i]) + down + dt * ends * now)
        gain[i] = v[i] * down / diagonal
        out[i] = base[i] + value / diagonal


@nb.njit(**OPTIONS)
def _columns(dt, t, new, start, inverse, gz, half, power, rock, memory, contact, rows, ratio):
    """Vertical conduction through all layers and into the rock, implicit; the result goes to ``t``.

    ``gz`` (nz-1,): conductance between layer cells, W/K; ``half`` (2,): from the outermost cells' centres to
    the rock. ``power`` = area sqrt(K rc/pi), 0 without rock; ``memory`` (2, ny, m, nx), ``contact``
    (2, ny, nx). Returns the heat given to the rock (J).
    """
    weight, decay, gain, now = rock
    nz, ny, nx = t.shape
    kept, change = rows[:2, :nx], rows[2, :nx]
    kept[:] = 0.0
    given = 0.0
    for j in range(ny):
        for side in range(2):
            if power > 0.0:
                _remember(memory[side, j], weight, now, contact[side, j], kept[side])
        for k in range(nz):
            side = 0 if k == 0 else 1
            ends = 0.0
            if k == 0 or k == nz - 1:
                ends = power * half[side] / (half[side] + power * now)
            _eliminate(k, dt, new, start, inverse, gz, ends, now, kept[side], ratio, j)
        for k in range(nz - 1, -1, -1):
            here, out, base, back = t[k, j], new[k, j], start[k, j], ratio[k]
            deeper, deeper_base = t[min(k + 1, nz - 1), j], start[min(k + 1, nz - 1), j]
            more = 0.0 if k == nz - 1 else 1.0
            for i in range(nx):
                here[i] = out[i] + more * back[i] * (deeper[i] - deeper_base[i])
            if power > 0.0 and (k == 0 or k == nz - 1):
                side = 0 if k == 0 else 1
                touch, held = contact[side, j], kept[side]
                share = half[side] / (half[side] + power * now)
                rest = power / (half[side] + power * now)
                for i in range(nx):
                    theta = share * (here[i] - base[i]) + rest * held[i]
                    change[i] = theta - touch[i]
                    touch[i] = theta
                given += _given_to_rock(now, touch, held)
                _renew(memory[side, j], decay, gain, change)
    return given * dt * power


@nb.njit(**OPTIONS)
def _before_wells(dt, cells, brings, entry, near, near_flow, t, inverse, held):
    """Put the temperature of the step's end into cells that wells feed, for their neighbours to receive.

    ``brings`` (m,): heat capacity flow from wells (W/K), ``entry``: its temperature; ``near``, ``near_flow``
    (m, 6): cells that other water comes from, and how much.
    """
    flat, v = t.reshape(-1), inverse.reshape(-1)
    for n in range(cells.size):
        held[n] = flat[cells[n]]
    for n in range(cells.size):
        if brings[n] <= 0.0:
            continue
        inflow, warmth = brings[n], brings[n] * entry[n]
        for m in range(6):
            inflow += near_flow[n, m]
            warmth += near_flow[n, m] * flat[near[n, m]]
        share = dt * v[cells[n]]
        flat[cells[n]] = (held[n] + share * warmth) / (1.0 + share * inflow)


@nb.njit(**OPTIONS)
def _after_wells(dt, cells, brings, entry, takes, t, new, inverse, held, ledger):
    """Add what wells bring and take, and put it down in ``ledger`` [brought, taken, ...] (J)."""
    flat, out, v = t.reshape(-1), new.reshape(-1), inverse.reshape(-1)
    for n in range(cells.size):
        c = cells[n]
        share = dt * v[c]
        moved = held[n] + out[c] - flat[c]
        leaves = flat[c]
        if brings[n] > 0.0:
            out[c] = moved + share * (brings[n] * entry[n] - takes[n] * leaves)
        else:
            leaves = moved / (1.0 + share * takes[n])
            out[c] = leaves
        flat[c] = held[n]
        ledger[0] += dt * brings[n] * entry[n]
        ledger[1] += dt * takes[n] * leaves


@nb.njit(**OPTIONS)
def _release(dt, first, released, pore, t, inverse, new):
    """Water that the rock's and its own expansion releases (or stores) has the cell's temperature.

    ``released``: heat capacity flow per m3 of pore volume (W/K/m3). Returns the energy released (J).
    """
    na, ny, nx = pore.shape
    energy = 0.0
    for k in range(na):
        for j in range(ny):
            for i in range(nx):
                heat = dt * released * pore[k, j, i] * t[first + k, j, i]
                new[first + k, j, i] += inverse[first + k, j, i] * heat
                energy += heat
    return energy


@nb.njit(**OPTIONS)
def advance(
    steps, dt, second, first, t, new, start, inverse, gx, gy, gz, hx, hy, hz,
    released, pore, power, rock, memory, contact, half, work, ratio,
    cells, brings, entry, takes, near, near_flow, held,
    watch_starts, watch_cells, watch_weight, series, ledger,
):  # fmt: skip
    """Take ``steps`` steps of ``dt`` seconds; ``t`` (nz, ny, nx) is changed in place.

    ``ledger`` (5,): energy brought by wells, taken by wells, come through the sides, released from storage,
    given to the rock (J), added to. ``series`` (steps, watched): what each watched set of cells shows after
    each step.
    """
    nz, na = t.shape[0], hx.shape[0]
    ex, low, high = work[0], work[1, : t.shape[2]], work[2, : t.shape[2]]
    for n in range(steps):
        _before_wells(dt, cells, brings, entry, near, near_flow, t, inverse, held)
        for k in range(nz):
            if first <= k < first + na:
                ledger[2] += _move_level(
                    k, k - first, dt, second, t, start, inverse, gx[k], gy[k], hx, hy, new, ex, low, high
                )
            else:
                _conduct_level(k, dt, t, inverse, gx[k], gy[k], new)
        if na > 1:
            _move_down(first, dt, second, t, inverse, hz, new, low)
        if released != 0.0:
            ledger[3] += _release(dt, first, released, pore, t, inverse, new)
        _after_wells(dt, cells, brings, entry, takes, t, new, inverse, held, ledger)
        if nz > 1:
            ledger[4] += _columns(
                dt, t, new, start, inverse, gz, half, power, rock, memory, contact, work, ratio
            )
        elif power > 0.0:
            ledger[4] += _thin_layer(dt, t, new, start, inverse, 2.0 * power, rock, memory, contact, work)
        else:
            t[:] = new
        flat = t.reshape(-1)
        for w in range(watch_starts.size - 1):
            seen = 0.0
            for p in range(watch_starts[w], watch_starts[w + 1]):
                seen += watch_weight[p] * flat[watch_cells[p]]
            series[n, w] = seen


@nb.njit(**OPTIONS)
def fastest_turnover(first, inverse, gx, gy, hx, hy, hz, fed):
    """Largest (outflow + lateral conduction) / heat capacity over the cells (1/s): the explicit step's limit.

    ``fed`` (nz*ny*nx,) marks cells that wells feed; their outflow is implicit.
    """
    nz, ny, nx = inverse.shape
    na = hx.shape[0]
    worst = 0.0
    for k in range(nz):
        for j in range(ny):
            for i in range(nx):
                out = 2.0 * gx[k] * (nx > 1) + 2.0 * gy[k] * (ny > 1)
                if first <= k < first + na and not fed[(k * ny + j) * nx + i]:
                    a = k - first
                    out += max(hx[a, j, i + 1], 0.0) + max(-hx[a, j, i], 0.0)
                    out += max(hy[a, j + 1, i], 0.0) + max(-hy[a, j, i], 0.0)
                    out += max(hz[a + 1, j, i], 0.0) + max(-hz[a, j, i], 0.0)
                worst = max(worst, out * inverse[k, j, i])
    return worst
