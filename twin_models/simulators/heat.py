"""Heat carried by water and conducted by rock, on the cells of a layered box.

Advection and lateral conduction are explicit: face temperatures are those of the upstream cell, or that cell
plus a van Leer limited half slope shortened by the local Courant number (Sweby 1984, SIAM J. Numer. Anal. 21).
Vertical conduction and the heat lost to the rock above and below are implicit, column by column. The rock
follows Vinsome & Westerveld (1980, J. Can. Pet. Technol. 19(3)): in each column the disturbance is
(theta + p z + q z^2) exp(-z/d) with d = sqrt(alpha t)/2, and p, q follow from the heat equation at the contact
and from the conservation of heat. Cells with a well are integrated exactly over a step (their own turnover
is faster than any other), so they do not set the step.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from twin_models.simulators.multigrid import OPTIONS


@nb.njit(inline="always", error_model="numpy")
def _carried(h, before, a, b, after, courant_a, courant_b, second):
    """Energy flow h x (face temperature): cells before, a | b, after; ``second`` 0 is plain upwind."""
    east = h >= 0.0
    step = b - a
    behind = a - before if east else after - b
    product = behind * step
    rises = product > 0.0
    slope = (product if rises else 0.0) / (behind + step if rises else 1.0)
    courant = abs(h) * (courant_a if east else courant_b)
    half = second * slope * (1.0 - courant if courant < 1.0 else 0.0)
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


@nb.njit(**OPTIONS)
def _rock_terms(time, dt, alpha):
    """Coefficients (b, c, f) of the confining rock for a step that ends at ``time``.

    The heat flow into the rock is conductivity x (f theta - b (I + c theta_old)),
    with theta the temperature change at the contact and I the integral of the disturbance over depth.
    """
    d = 0.5 * np.sqrt(alpha * time)
    span = alpha * dt
    b = 1.0 / (3.0 * d * d + span)
    c = d * d * d / span
    a = (span / d - c) * b
    return b, c, 1.0 / d - a


@nb.njit(**OPTIONS)
def _thin_layer(dt, time, t, new, start, inverse, area, conductivity, alpha, sides, stored):
    """Heat exchange with the rock for a box one cell thick; both sides see the same temperature.

    ``stored`` (1, ny, nx): I of one side.
    """
    ny, nx = t.shape[1], t.shape[2]
    b, c, f = _rock_terms(time, dt, alpha)
    ga = sides * area * conductivity * dt
    for j in range(ny):
        old, out, base, v, kept = t[0, j], new[0, j], start[0, j], inverse[0, j], stored[0, j]
        for i in range(nx):
            memory = b * (kept[i] + c * (old[i] - base[i]))
            scale = ga * v[i]
            theta = (out[i] - base[i] + scale * memory) / (1.0 + scale * f)
            kept[i] += alpha * dt * (f * theta - memory)
            old[i] = base[i] + theta


@nb.njit(**OPTIONS)
def _columns(dt, time, t, new, start, inverse, gz, area, conductivity, alpha, stored, ratio):
    """Vertical conduction through all layers and into the rock, implicit (Thomas); result in ``t``.

    ``gz`` (nz-1,): conductance between layer cells, W/K. ``stored`` (2, ny, nx): I above and below.
    """
    nz, ny, nx = t.shape
    b, c, f = 0.0, 0.0, 0.0
    if conductivity > 0.0:
        b, c, f = _rock_terms(time, dt, alpha)
    ga = area * conductivity * dt
    for j in range(ny):
        for k in range(nz):
            old, out, base, v = t[k, j], new[k, j], start[k, j], inverse[k, j]
            up = dt * gz[k - 1] if k > 0 else 0.0
            down = dt * gz[k] if k < nz - 1 else 0.0
            ends = (1.0 if k == 0 else 0.0) + (1.0 if k == nz - 1 else 0.0)
            side = stored[0, j] if k == 0 else stored[1, j]
            gain, here = ratio[k], ratio[max(k - 1, 0)]
            before = new[max(k - 1, 0), j]
            base_up = start[max(k - 1, 0), j]
            for i in range(nx):
                # Unknowns are changes against the start, which conducts nothing by itself.
                value = out[i] - base[i]
                diagonal = 1.0 + v[i] * (up + down)
                if ends > 0.0:
                    value += ends * v[i] * ga * b * (side[i] + c * (old[i] - base[i]))
                    diagonal += ends * v[i] * ga * f
                if k > 0:
                    value += v[i] * up * (before[i] - base_up[i])
                    diagonal -= v[i] * up * here[i]
                gain[i] = v[i] * down / diagonal
                out[i] = base[i] + value / diagonal
        for k in range(nz - 1, -1, -1):
            old, out, base = t[k, j], new[k, j], start[k, j]
            gain, deeper, deeper_base = ratio[k], t[min(k + 1, nz - 1), j], start[min(k + 1, nz - 1), j]
            if k == 0 or k == nz - 1:
                for side in range(2):
                    if (side == 0 and k != 0) or (side == 1 and k != nz - 1) or conductivity == 0.0:
                        continue
                    kept = stored[side, j]
                    for i in range(nx):
                        theta = out[i] - base[i]
                        if k < nz - 1:
                            theta += gain[i] * (deeper[i] - deeper_base[i])
                        kept[i] += alpha * dt * (f * theta - b * (kept[i] + c * (old[i] - base[i])))
            for i in range(nx):
                theta = out[i] - base[i]
                if k < nz - 1:
                    theta += gain[i] * (deeper[i] - deeper_base[i])
                old[i] = base[i] + theta


@nb.njit(**OPTIONS)
def _before_wells(dt, cells, exact, power, entry, lateral, lateral_t, t, inverse, held):
    """Put the step's mean temperature into cells that are fed by a well alone.

    ``power``: heat capacity flow into the cell from its wells (W/K), ``entry``: its temperature.
    """
    flat, v = t.reshape(-1), inverse.reshape(-1)
    for n in range(cells.size):
        held[n] = flat[cells[n]]
        if exact[n] and power[n] > 0.0:
            rate = dt * v[cells[n]] * (power[n] + lateral[n])
            goal = (power[n] * entry[n] + lateral[n] * lateral_t[n]) / (power[n] + lateral[n])
            share = -np.expm1(-rate) / rate
            flat[cells[n]] = goal + (held[n] - goal) * share


@nb.njit(**OPTIONS)
def _after_wells(dt, cells, exact, power, entry, t, new, inverse, held, ledger):
    """Add what wells bring and take, and put it down in ``ledger`` [brought, taken, ...] (J)."""
    flat, out, v = t.reshape(-1), new.reshape(-1), inverse.reshape(-1)
    for n in range(cells.size):
        c = cells[n]
        change = out[c] - flat[c]
        flat[c] = held[n]
        if power[n] >= 0.0:
            out[c] = held[n] + change + dt * v[c] * power[n] * entry[n]
            ledger[0] += dt * power[n] * entry[n]
            continue
        take = -power[n] * dt * v[c]
        if exact[n]:
            goal = change / take
            mean = goal + (held[n] - goal) * (-np.expm1(-take) / take)
        else:
            mean = held[n]
        out[c] = held[n] + change - take * mean
        ledger[1] -= dt * power[n] * mean


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
    steps, dt, time, second, first, t, new, start, inverse, gx, gy, gz, hx, hy, hz,
    released, pore, area, conductivity, alpha, stored, work, ratio,
    cells, exact, power, entry, lateral, lateral_t, held,
    watch_starts, watch_cells, watch_weight, series, ledger,
):  # fmt: skip
    """Take ``steps`` steps of ``dt`` seconds from ``time``; ``t`` (nz, ny, nx) is changed in place.

    ``ledger`` (4,): energy brought by wells, taken by wells, come through the sides, released from storage
    (J), added to. ``series``
    (steps, watched): what each watched set of cells shows after each step.
    """
    nz, na = t.shape[0], hx.shape[0]
    ex, low, high = work[0], work[1, : t.shape[2]], work[2, : t.shape[2]]
    for n in range(steps):
        _before_wells(dt, cells, exact, power, entry, lateral, lateral_t, t, inverse, held)
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
        _after_wells(dt, cells, exact, power, entry, t, new, inverse, held, ledger)
        end = time + (n + 1) * dt
        if nz == 1 and conductivity > 0.0:
            _thin_layer(dt, end, t, new, start, inverse, area, conductivity, alpha, 2.0, stored)
        elif nz == 1:
            t[:] = new
        else:
            _columns(dt, end, t, new, start, inverse, gz, area, conductivity, alpha, stored, ratio)
        flat = t.reshape(-1)
        for w in range(watch_starts.size - 1):
            seen = 0.0
            for p in range(watch_starts[w], watch_starts[w + 1]):
                seen += watch_weight[p] * flat[watch_cells[p]]
            series[n, w] = seen


@nb.njit(**OPTIONS)
def fastest_turnover(first, inverse, gx, gy, hx, hy, hz, skip, take):
    """Largest (outflow + lateral conduction) / heat capacity over the cells (1/s): the explicit step's limit.

    ``skip`` (nz*ny*nx,) marks well cells treated exactly; ``take`` (same): heat flow to wells (W/K).
    """
    nz, ny, nx = inverse.shape
    na = hx.shape[0]
    worst = 0.0
    for k in range(nz):
        for j in range(ny):
            for i in range(nx):
                out = 2.0 * gx[k] * (nx > 1) + 2.0 * gy[k] * (ny > 1)
                c = (k * ny + j) * nx + i
                if first <= k < first + na and not skip[c]:
                    a = k - first
                    out += max(hx[a, j, i + 1], 0.0) + max(-hx[a, j, i], 0.0)
                    out += max(hy[a, j + 1, i], 0.0) + max(-hy[a, j, i], 0.0)
                    out += max(hz[a + 1, j, i], 0.0) + max(-hz[a, j, i], 0.0) + take[c]
                worst = max(worst, out * inverse[k, j, i])
    return worst
