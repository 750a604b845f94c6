"""Heat along streamlines: walk backwards from a producer (or any point) and remember what arrives when.

Fluxes are steady, so water on one streamline keeps its company and heat moves along it with the thermal
velocity. Inside a cell each velocity component is linear between its two faces and the way through is
closed form (Pollock 1988, Ground Water 26(6), 743-750). Conduction to the rock above and below is
Lauwerier's kernel (1955, Appl. Sci. Res. A5, 145-150) on each streamline, as Gringarten & Sauty (1975) use
it for the doublet.

Initial temperature need not be uniform. With theta(x) the initial temperature of aquifer and rock along
the line, tau the heat travel time from x to the well and E(tau, t) = erfc(kappa tau / sqrt(t - tau)) for
t > tau, else 0, the linear problem superposes to

    T(t) = theta(well) + sum over changes [theta(upstream) - theta(downstream)] E(tau, t)
                       + [T_injected - theta(injector)] E(tau_injector, t)

which without conduction is just the initial temperature of the place whose travel time is t.

Arrays: cells (ny, nx); layers of one flow unit first where there are several (nl, ny, nx). ``water`` is the
cell's heat capacity over that of water (m3), all layers together; ``ratio`` turns its travel time into that
of each layer. Positions inside a cell are 0..1 from the west and from the south. Times in seconds.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

MAX_EVENTS = 24  # changes of initial temperature kept per line; further ones join the last
EVENT_K = 0.25  # a change smaller than this waits for more
MAX_CELLS = 4000  # cells walked through by one line at most
ZONE_CELLS = 2.0  # radius of the radial zone round a well, in cells
ZONE_GAP = 0.35  # and at most this part of the way to the next well
SUBLINES = 4  # lines interpolated between two traced neighbours that reach the same injector
ERFC_STEP = 1.0 / 256.0
ERFC_TABLE = np.array([math.erfc(n * ERFC_STEP) for n in range(int(4.5 / ERFC_STEP) + 2)])


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _erfc(x, table):
    """erfc by interpolation in ``ERFC_TABLE`` (within 2e-6), x >= 0."""
    place = x / ERFC_STEP
    low = int(place)
    if low >= table.size - 1:
        return 0.0
    return table[low] + (place - low) * (table[low + 1] - table[low])


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _crossing(v0, v1, u):
    """Time from position u (0..1) to the face ahead in a velocity linear from v0 to v1; inf if never."""
    v = v0 + (v1 - v0) * u
    if v > 0.0 and v1 > 0.0:
        ahead, left = v1, 1.0 - u
    elif v < 0.0 and v0 < 0.0:
        ahead, left = v0, -u
    else:
        return math.inf
    slope = v1 - v0
    if abs(slope) > 1e-7 * abs(v):
        return math.log(ahead / v) / slope
    return left / v


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _moved(v0, v1, u, dt):
    """Position after dt in a velocity linear from v0 to v1, kept inside the cell."""
    v = v0 + (v1 - v0) * u
    s = (v1 - v0) * dt
    step = v * dt * (1.0 + 0.5 * s) if abs(s) < 1e-6 else v * (math.exp(s) - 1.0) / (v1 - v0)
    return min(max(u + step, 0.0), 1.0)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _zone(row, rate, gap, fx, fy, dx, dy, thin):
    """Fill radius (m) and flow through (m2/s, x and y) of one well's zone, in which its radial flow rules.

    ``row``: x, y (cell coordinates), rate, radius, ux, uy; ``rate`` into the reservoir; ``gap``: distance (m)
    to the nearest other working well. The flow per width that the well does not make itself is that of the
    faces around it less its own share, interpolated to its place.
    """
    ny, nx = fx.shape[0], fy.shape[1]
    two_pi = 2.0 * math.pi
    own = rate / two_pi
    cx, cy = row[0], row[1]
    ux, uy = 0.0, 0.0
    i, j = min(int(cx), nx - 1), min(int(cy), ny - 1)
    i0, j0 = math.floor(cx - 0.5), math.floor(cy - 0.5)
    for d in range(4):
        e, g = d % 2, d // 2
        r, c = min(max(j0 + g, 0), ny - 1), i + e  # an x-face beside the well, rows interpolated
        fade = (cx - i if e else 1.0 - cx + i) * (cy - 0.5 - j0 if g else 1.5 - cy + j0)
        turn = math.atan2((r + 1 - cy) * dy, (c - cx) * dx) - math.atan2((r - cy) * dy, (c - cx) * dx)
        ux += fade * (fx[r, c] - own * (turn - two_pi * round(turn / two_pi))) / dy
        r, c = j + e, min(max(i0 + g, 0), nx - 1)
        fade = (cy - j if e else 1.0 - cy + j) * (cx - 0.5 - i0 if g else 1.5 - cx + i0)
        turn = math.atan2((r - cy) * dy, (c - cx) * dx) - math.atan2((r - cy) * dy, (c + 1 - cx) * dx)
        uy += fade * (fy[r, c] - own * (turn - two_pi * round(turn / two_pi))) / dx
    row[3], row[4], row[5] = 0.0, ux, uy
    if thin == 0:
        cell = max(dx, dy)
        row[3] = max(min(ZONE_CELLS * cell, ZONE_GAP * gap), 0.5 * cell)
        through = math.hypot(ux, uy)
        if through > 0.0:
            row[3] = min(row[3], 0.5 * abs(own) / through)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _mark_zones(inj, dx, dy, near):
    """For each cell (ny, nx) the nearest injector whose zone may reach into it, -1 for none."""
    ny, nx = near.shape
    near[:] = -1
    for n in range(inj.shape[0]):
        cx, cy, reach_x, reach_y = inj[n, 0], inj[n, 1], inj[n, 3] / dx, inj[n, 3] / dy
        for j in range(max(int(cy - reach_y), 0), min(int(cy + reach_y), ny - 1) + 1):
            for i in range(max(int(cx - reach_x), 0), min(int(cx + reach_x), nx - 1) + 1):
                o = near[j, i]
                if o >= 0:
                    new = (i + 0.5 - cx) ** 2 + (j + 0.5 - cy) ** 2
                    old = (i + 0.5 - inj[o, 0]) ** 2 + (j + 0.5 - inj[o, 1]) ** 2
                    if new >= old:
                        continue
                near[j, i] = n


@nb.njit(cache=True, nogil=True, error_model="numpy")
def gaps(cx, cy, mean, dx, dy, most, out):
    """Distance (m) from each well to the nearest other working well, at most ``most``."""
    for n in range(cx.size):
        out[n] = most
        for o in range(cx.size):
            if o != n and mean[o] != 0.0:
                out[n] = min(out[n], math.hypot((cx[n] - cx[o]) * dx, (cy[n] - cy[o]) * dy))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def gather(cx, cy, mean, degc, producing, gap, fx, fy, dx, dy, thin, inj, hot, prods, near):
    """Wells as the kernels below want them. Returns the number of injectors.

    In: cell coordinates, mean rates into the reservoir, injected temperature, indices of producers, ``gaps``.
    Out: ``inj`` (wells, 6), ``prods`` (producers, 6) rows x, y, rate (> 0), zone radius, flow through it;
    ``hot`` (wells,); ``near`` (ny, nx). Wells of one kind in one cell act as one: rates added, injectors'
    places and temperatures weighted by rate.
    """
    _ny, _nx = near.shape
    first = np.empty(cx.size, dtype=np.int64)
    count = 0
    for n in range(cx.size):
        if mean[n] <= 0.0:
            continue
        k = 0
        while k < count and (int(cx[first[k]]) != int(cx[n]) or int(cy[first[k]]) != int(cy[n])):
            k += 1
        if k == count:
            first[k] = n
            inj[k, 0], inj[k, 1], inj[k, 2], hot[k] = 0.0, 0.0, 0.0, 0.0
            count += 1
        inj[k, 0] += mean[n] * cx[n]
        inj[k, 1] += mean[n] * cy[n]
        inj[k, 2] += mean[n]
        hot[k] += mean[n] * degc[n]
    for k in range(count):
        inj[k, 0] /= inj[k, 2]
        inj[k, 1] /= inj[k, 2]
        hot[k] /= inj[k, 2]
        _zone(inj[k], inj[k, 2], gap[first[k]], fx, fy, dx, dy, thin)
    for k in range(producing.size):
        n = producing[k]
        prods[k, 0], prods[k, 1], prods[k, 2] = cx[n], cy[n], 0.0
        if mean[n] < 0.0:
            for o in producing:
                if mean[o] < 0.0 and int(cx[o]) == int(cx[n]) and int(cy[o]) == int(cy[n]):
                    prods[k, 2] -= mean[o]
            _zone(prods[k], -prods[k, 2], gap[n], fx, fy, dx, dy, thin)
    _mark_zones(inj[:count], dx, dy, near)
    return count


@nb.njit(cache=True, nogil=True, error_model="numpy")
def radial_s(r, rate, along, height):
    """Travel time of heat over r metres of radial flow rate/(2 pi r) with ``along`` (m2/s) helping.

    int r dr / (rate/2pi + along r) x height; ``height``: heat capacity per area over that of water (m).
    """
    a = rate / (2.0 * math.pi)
    s = along * r / a
    if abs(s) < 0.03:
        return height * r * r / a * (0.5 - s / 3.0 + s * s / 4.0)
    return height * r * r / a * (1.0 / s - math.log(max(1.0 + s, 0.2)) / (s * s))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def plane_s(x, y, wx, wy, i, j, water, thin, fx, fy):
    """Travel time between a point of a well's cell and the well in a section one cell wide (plane flow)."""
    if thin == 1:
        flux = abs(fx[j, i + 1]) if x > wx else abs(fx[j, i])
        return water * abs(x - wx) / max(flux, 1e-300)
    flux = abs(fy[j + 1, i]) if y > wy else abs(fy[j, i])
    return water * abs(y - wy) / max(flux, 1e-300)


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _to_injector(inj, i, j, x, y, water, dx, dy, thin, fx, fy, always):
    """Travel time from an injector to a point of cell (j, i) inside its zone, -1 outside it."""
    if thin > 0:
        if int(inj[0]) != i or int(inj[1]) != j:
            return -1.0
        return plane_s(x, y, inj[0] - i, inj[1] - j, i, j, water, thin, fx, fy)
    ax, ay = (i + x - inj[0]) * dx, (j + y - inj[1]) * dy
    r = math.sqrt(ax * ax + ay * ay)
    if r > inj[3] and not always:
        return -1.0
    along = 0.0 if r <= 0.0 or always else (inj[4] * ax + inj[5] * ay) / r
    return radial_s(r, inj[2], along, water / (dx * dy))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def walk(field, i, j, x, y, clock, level, cap_s, ev_tau, ev_amp):
    """Follow one line backwards from inside cell (j, i). Returns (events, source).

    ``field``: fx, fy, water, ratio, theta, injector zone of each cell (-1 none), the injectors' (n, 6)
    x, y (cell coordinates), rate, zone radius, flow through it (x, y), dx, dy, thin. ``clock`` (nl,) and
    ``level`` (nl,): travel time and initial temperature so far, carried on. ``source``: index of the injector
    reached, -1 the horizon ``cap_s``, -2 the edge of the model, -3 still water.
    """
    fx, fy, water, ratio, theta, near, inj, dx, dy, thin = field
    ny, nx = water.shape
    nl = clock.size
    events = 0
    for _ in range(MAX_CELLS):
        change = False
        for m in range(nl):
            change = change or abs(theta[m, j, i] - level[m]) > EVENT_K
        if change:
            at = min(events, MAX_EVENTS - 1)
            for m in range(nl):
                jump = theta[m, j, i] - level[m]
                if events < MAX_EVENTS:
                    ev_amp[at, m], ev_tau[at, m] = jump, clock[m]
                else:
                    ev_amp[at, m] += jump
                level[m] = theta[m, j, i]
            events = min(events + 1, MAX_EVENTS)
        w = water[j, i]
        n = near[j, i]
        if n >= 0:
            dt = _to_injector(inj[n], i, j, x, y, w, dx, dy, thin, fx, fy, False)
            if dt >= 0.0:
                for m in range(nl):
                    clock[m] += dt * ratio[m, j, i]
                return events, n
        a0, a1 = -fx[j, i] / w, -fx[j, i + 1] / w
        b0, b1 = -fy[j, i] / w, -fy[j + 1, i] / w
        tx, ty = _crossing(a0, a1, x), _crossing(b0, b1, y)
        dt = min(tx, ty)
        if dt == math.inf:
            if n >= 0 and int(inj[n, 0]) == i and int(inj[n, 1]) == j:  # nothing but the well feeds this cell
                dt = _to_injector(inj[n], i, j, x, y, w, dx, dy, thin, fx, fy, True)
                for m in range(nl):
                    clock[m] += dt * ratio[m, j, i]
                return events, n
            return events, -3
        least = math.inf
        for m in range(nl):
            clock[m] += dt * ratio[m, j, i]
            least = min(least, clock[m])
        if least > cap_s:
            return events, -1
        if tx <= ty:
            y = _moved(b0, b1, y, dt)
            east = a0 + (a1 - a0) * x > 0.0
            i, x = (i + 1, 0.0) if east else (i - 1, 1.0)
        else:
            x = _moved(a0, a1, x, dt)
            north = b0 + (b1 - b0) * y > 0.0
            j, y = (j + 1, 0.0) if north else (j - 1, 1.0)
        if i < 0 or j < 0 or i >= nx or j >= ny:
            return events, -2
    return events, -3


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _launch_plane(field, i, j, x, y, m, lines, weight, start):
    """Line m of a producer in a section: through one of the two faces, by their inflow. Writes ``start``:
    cell, position, time."""
    fx, fy, water, thin = field[0], field[1], field[2], field[9]
    first, second = (fx[j, i], -fx[j, i + 1]) if thin == 1 else (fy[j, i], -fy[j + 1, i])
    first, second = max(first, 0.0), max(second, 0.0)
    back = (m + 0.5) / lines < first / max(first + second, 1e-300)
    weight[m] = 1.0 / lines
    edge = 0.0 if back else 1.0
    to_x, to_y = (edge, 0.5) if thin == 1 else (0.5, edge)
    start[4] = plane_s(to_x, to_y, x, y, i, j, water[j, i], thin, fx, fy)
    step = -1 if back else 1
    start[0], start[1] = (i + step, j) if thin == 1 else (i, j + step)
    start[2], start[3] = (1.0 - to_x, 0.5) if thin == 1 else (0.5, 1.0 - to_y)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _launch_round(field, prod, m, lines, weight, start):
    """Line m of a producer: from its zone's rim at an even angle, weighted by what flows in there."""
    water, dx, dy = field[2], field[7], field[8]
    ny, nx = water.shape
    angle = 2.0 * math.pi * (m + 0.5) / lines
    c, s = math.cos(angle), math.sin(angle)
    rate, r = prod[2], prod[3]
    along = -(prod[4] * c + prod[5] * s)
    weight[m] = max(rate / (2.0 * math.pi) + along * r, 0.0)
    gx, gy = prod[0] + r * c / dx, prod[1] + r * s / dy
    gx, gy = min(max(gx, 1e-9), nx - 1e-9), min(max(gy, 1e-9), ny - 1e-9)
    i, j = int(gx), int(gy)
    start[0], start[1], start[2], start[3] = i, j, gx - i, gy - j
    home = water[min(int(prod[1]), ny - 1), min(int(prod[0]), nx - 1)]
    start[4] = radial_s(r, rate, along, home / (dx * dy))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _beside(prod, inj, dx, dy):
    """Index and distance (m) of an injector closer than a cell, or -1: the grid cannot tell them apart."""
    for n in range(inj.shape[0]):
        distance = math.hypot((prod[0] - inj[n, 0]) * dx, (prod[1] - inj[n, 1]) * dy)
        if distance < max(dx, dy):
            return n, distance
    return -1, 0.0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def trace_producer(field, prod, lines, cap_s, weight, source, count, end_tau, level, ev_tau, ev_amp):
    """Trace ``lines`` lines back from one producer.

    ``prod`` (6,): x, y (cell coordinates), rate (> 0), zone radius, flow through the zone (x, y). Fills
    weight, source, count (lines,), end_tau, level (lines, nl), ev_tau, ev_amp (lines, E, nl).
    """
    water, ratio, theta, inj, dx, dy, thin = (
        field[2],
        field[3],
        field[4],
        field[6],
        field[7],
        field[8],
        field[9],
    )
    ny, nx = water.shape
    i, j = min(int(prod[0]), nx - 1), min(int(prod[1]), ny - 1)
    nl = ratio.shape[0]
    start = np.empty(5)
    beside, distance = _beside(prod, inj, dx, dy) if thin == 0 else (-1, 0.0)
    total = 0.0
    for m in range(lines):
        count[m] = 0
        for q in range(nl):
            level[m, q] = theta[q, j, i]
        if beside >= 0 and (m + 0.5) / lines < inj[beside, 2] / prod[2]:  # the doublet's first arrival
            near = water[j, i] * math.pi * distance * distance / (3.0 * dx * dy * prod[2])
            weight[m], source[m] = prod[2] / (2.0 * math.pi), beside
            for q in range(nl):
                end_tau[m, q] = near * ratio[q, j, i]
            total += weight[m]
            continue
        if thin > 0:
            _launch_plane(field, i, j, prod[0] - i, prod[1] - j, m, lines, weight, start)
        else:
            _launch_round(field, prod, m, lines, weight, start)
        total += weight[m]
        for q in range(nl):
            end_tau[m, q] = start[4] * ratio[q, j, i]
        ni, nj = int(start[0]), int(start[1])
        if ni < 0 or nj < 0 or ni >= nx or nj >= ny:
            source[m] = -2
            continue
        count[m], source[m] = walk(
            field, ni, nj, start[2], start[3], end_tau[m], level[m], cap_s, ev_tau[m], ev_amp[m]
        )
    for m in range(lines):
        weight[m] = weight[m] / total if total > 0.0 else 1.0 / lines


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _add(out, years_s, amplitude, tau, kappa, table):
    """out[k] += amplitude E(tau, years_s[k]) for every time after tau."""
    for k in range(years_s.size - 1, -1, -1):
        left = years_s[k] - tau
        if left <= 0.0:
            return
        out[k] += amplitude * (_erfc(kappa * tau / math.sqrt(left), table) if kappa > 0.0 else 1.0)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def produced(lines, thin, arrived, base, share, kappa, hot, years_s, table, out):
    """Temperature of one producer at ``years_s`` (t,) from its traced lines (``arrived``, see
    ``trace_producer``), written to ``out`` (t,).

    ``base`` (nl,): initial temperature at the well; ``share`` (nl,): of its inflow by layer; ``kappa``
    (nl,): sqrt(K rc) / (rc_A h), 1/sqrt(s); ``hot`` (wells,): temperature each injector puts in.
    """
    weight, source, count, end_tau, level, ev_tau, ev_amp = arrived
    for k in range(years_s.size):
        out[k] = 0.0
    for q in range(share.size):
        if share[q] <= 0.0:
            continue
        for k in range(years_s.size):
            out[k] += share[q] * base[q]
        for m in range(lines):
            for e in range(count[m]):
                _add(out, years_s, share[q] * weight[m] * ev_amp[m, e, q], ev_tau[m, e, q], kappa[q], table)
            n = (m + 1) % lines
            pair = 0.5 * share[q] * (weight[m] + weight[n])
            if thin == 0 and source[m] >= 0 and source[m] == source[n]:
                drop_m, drop_n = hot[source[m]] - level[m, q], hot[source[n]] - level[n, q]
                for s in range(SUBLINES):
                    f = (s + 0.5) / SUBLINES
                    tau = end_tau[m, q] + f * (end_tau[n, q] - end_tau[m, q])
                    drop = drop_m + f * (drop_n - drop_m)
                    _add(out, years_s, pair / SUBLINES * drop, tau, kappa[q], table)
                continue
            for o in (m, n):
                if source[o] >= 0:
                    drop = hot[source[o]] - level[o, q]
                    _add(out, years_s, 0.5 * share[q] * weight[o] * drop, end_tau[o, q], kappa[q], table)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def producers(field, prods, share, lines, kappa, hot, years_s, table, out):
    """Temperatures (n producers, t) of all producers ``prods`` (n, 6): trace, then sum what has arrived."""
    nl = kappa.size
    weight, source = np.empty(lines), np.empty(lines, dtype=np.int64)
    count = np.empty(lines, dtype=np.int64)
    end_tau, level = np.empty((lines, nl)), np.empty((lines, nl))
    ev_tau, ev_amp = np.empty((lines, MAX_EVENTS, nl)), np.empty((lines, MAX_EVENTS, nl))
    theta, thin = field[4], field[9]
    ny, nx = field[2].shape
    base = np.empty(nl)
    for n in range(prods.shape[0]):
        i, j = min(int(prods[n, 0]), nx - 1), min(int(prods[n, 1]), ny - 1)
        for q in range(nl):
            base[q] = theta[q, j, i]
        if prods[n, 2] <= 0.0:
            for k in range(years_s.size):
                out[n, k] = 0.0
                for q in range(nl):
                    out[n, k] += share[n, q] * base[q]
            continue
        trace_producer(
            field, prods[n], lines, years_s[-1], weight, source, count, end_tau, level, ev_tau, ev_amp
        )
        arrived = (weight, source, count, end_tau, level, ev_tau, ev_amp)
        produced(lines, thin, arrived, base, share[n], kappa, hot, years_s, table, out[n])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def points(field, px, py, share, kappa, hot, years_s, table, out):
    """Rock temperature (n points, t) at cell coordinates px, py; ``share`` (nl,): weight of each layer."""
    nl = kappa.size
    clock, level = np.empty(nl), np.empty(nl)
    ev_tau, ev_amp = np.empty((MAX_EVENTS, nl)), np.empty((MAX_EVENTS, nl))
    ny, nx = field[2].shape
    theta = field[4]
    for n in range(px.size):
        i, j = min(int(px[n]), nx - 1), min(int(py[n]), ny - 1)
        for q in range(nl):
            clock[q], level[q] = 0.0, theta[q, j, i]
        events, source = walk(field, i, j, px[n] - i, py[n] - j, clock, level, years_s[-1], ev_tau, ev_amp)
        for k in range(years_s.size):
            out[n, k] = 0.0
            for q in range(nl):
                out[n, k] += share[q] * theta[q, j, i]
        for q in range(nl):
            for e in range(events):
                _add(out[n], years_s, share[q] * ev_amp[e, q], ev_tau[e, q], kappa[q], table)
            if source >= 0:
                _add(out[n], years_s, share[q] * (hot[source] - level[q]), clock[q], kappa[q], table)
