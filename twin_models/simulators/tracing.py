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

from twin_models.simulators import tubes
from twin_models.simulators.zones import plane_s, to_injector_s, zone_head_pa, zone_s

MAX_EVENTS = 24  # changes of initial temperature kept per line; further ones join the last
EVENT_K = 0.25  # a change smaller than this waits for more
MAX_CELLS = 4000  # cells walked through by one line at most
KNOTS = 12  # points kept of travel time and pressure along a line
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


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _straight(v0, v1, u):
    """Time to the face ahead if the velocity stayed what it is here; inf where ``_crossing`` says never."""
    v = v0 + (v1 - v0) * u
    if v > 0.0 and v1 > 0.0:
        return (1.0 - u) / v
    if v < 0.0 and v0 < 0.0:
        return -u / v
    return math.inf


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _through(a0, a1, x, b0, b1, y):
    """Way out of a cell: whether by an x-face, the time (inf: never) and the place (x, y) on leaving.

    The face that is likelier first is tried first: where the other coordinate is still inside by then, its
    logarithm and this one's exponential need no computing.
    """
    by_x = _straight(a0, a1, x) <= _straight(b0, b1, y)
    if by_x:
        first, second, u, v0, v1 = _crossing(a0, a1, x), 0.0, y, b0, b1
    else:
        first, second, u, v0, v1 = _crossing(b0, b1, y), 0.0, x, a0, a1
    if first == math.inf:
        return by_x, math.inf, x, y
    v = v0 + (v1 - v0) * u
    s = (v1 - v0) * first
    step = v * first * (1.0 + 0.5 * s) if abs(s) < 1e-6 else v * (math.exp(s) - 1.0) / (v1 - v0)
    other = u + step
    if other < 0.0 or other > 1.0:  # it leaves by the other face before
        if by_x:
            second = _crossing(b0, b1, y)
            if second < first:
                return False, second, _moved(a0, a1, x, second), 1.0 if b0 + (b1 - b0) * y > 0.0 else 0.0
        else:
            second = _crossing(a0, a1, x)
            if second < first:
                return True, second, 1.0 if a0 + (a1 - a0) * x > 0.0 else 0.0, _moved(b0, b1, y, second)
        other = min(max(other, 0.0), 1.0)
    if by_x:
        return True, first, 1.0 if a0 + (a1 - a0) * x > 0.0 else 0.0, other
    return False, first, other, 1.0 if b0 + (b1 - b0) * y > 0.0 else 0.0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _thinned(knots):
    """A full trail keeps every second knot and goes on half as densely. Returns how many it keeps."""
    kept = KNOTS // 2
    for s in range(kept):
        knots[s, 0], knots[s, 1] = knots[2 * s, 0], knots[2 * s, 1]
    return kept


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _arrive(clock, trail, ratio, j, i, dt, head_pa):
    """The last way of a line, ``dt`` seconds from inside cell (j, i) to its injector."""
    for m in range(clock.size):
        clock[m] += dt * ratio[m, j, i]
    trail[0] += dt
    trail[1] -= head_pa


@nb.njit(cache=True, nogil=True, error_model="numpy")
def walk(field, i, j, x, y, clock, level, cap_s, ev_tau, ev_amp, trail, knots):
    """Follow one line backwards from inside cell (j, i). Returns (events, source).

    ``field``: fx, fy, water, ratio, theta, injector zone of each cell (-1 none), the injectors' (n, 7)
    x, y (cell coordinates), rate, zone radius, flow through it (x, y), gap, dx, dy, thin. ``clock`` (nl,) and
    ``level`` (nl,): travel time and initial temperature so far, carried on. ``source``: index of the injector
    reached, -1 the horizon ``cap_s``, -2 the edge of the model, -3 still water. ``trail`` (3,): travel time
    of the whole stack and pressure climbed so far, carried on, and the number of ``knots`` (``KNOTS``, 2)
    kept of the two; ``resistance`` (viscosity / kh of each cell) is the field's last part.
    """
    fx, fy, water, ratio, theta, near, inj, dx, dy, thin, resistance = field
    ny, nx = water.shape
    nl = clock.size
    events, kept, stride, per_area = 0, 0, 1, 1.0 / (dx * dy)
    for step in range(MAX_CELLS):
        if step % stride == 0:
            if kept == KNOTS:
                kept, stride = _thinned(knots), 2 * stride
            knots[kept, 0], knots[kept, 1] = trail[0], trail[1]
            kept += 1
            trail[2] = kept
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
            dt = to_injector_s(inj[n], i, j, x, y, w, dx, dy, thin, fx, fy, False)
            if dt >= 0.0:
                _arrive(clock, trail, ratio, j, i, dt, zone_head_pa(inj[n], resistance[j, i]))
                return events, n
        part = 1.0 / w
        a0, a1 = -fx[j, i] * part, -fx[j, i + 1] * part
        b0, b1 = -fy[j, i] * part, -fy[j + 1, i] * part
        along_x, dt, new_x, new_y = _through(a0, a1, x, b0, b1, y)
        if dt == math.inf:
            if n < 0 or int(inj[n, 0]) != i or int(inj[n, 1]) != j:
                return events, -3
            # nothing else feeds this cell
            dt = to_injector_s(inj[n], i, j, x, y, w, dx, dy, thin, fx, fy, True)
            _arrive(clock, trail, ratio, j, i, dt, 0.0)
            return events, n
        least = math.inf
        for m in range(nl):
            clock[m] += dt * ratio[m, j, i]
            least = min(least, clock[m])
        if least > cap_s:
            return events, -1
        if dt > 0.0:  # climb = speed^2 x time x heat capacity per area x viscosity / kh
            way = ((new_x - x) * dx) ** 2 + ((new_y - y) * dy) ** 2
            trail[1] += way / dt * w * per_area * resistance[j, i]
        trail[0] += dt
        if along_x:
            east = a0 + (a1 - a0) * x > 0.0
            i, x, y = (i + 1, 0.0, new_y) if east else (i - 1, 1.0, new_y)
        else:
            north = b0 + (b1 - b0) * y > 0.0
            j, y, x = (j + 1, 0.0, new_x) if north else (j - 1, 1.0, new_x)
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
    """Line m of a producer: reaches the well at an even angle (so all carry the same), followed back to the
    rim of the zone through radial flow in a uniform stream. Writes ``start``: cell, position, time."""
    water, dx, dy = field[2], field[7], field[8]
    ny, nx = water.shape
    rate, r = prod[2], prod[3]
    through, toward = math.hypot(prod[4], prod[5]), math.atan2(prod[5], prod[4])
    k = 2.0 * math.pi * through * r / rate
    signed = 2.0 * math.pi * (m + 0.5) / lines - math.pi
    alpha = abs(signed)
    # theta - k sin(theta) = alpha on its rising branch: Newton falls monotonically from pi, and fast from nearby
    theta = math.pi if k > 0.9 else alpha + k * math.sin(alpha)
    for _ in range(30):
        step = (theta - k * math.sin(theta) - alpha) / (1.0 - k * math.cos(theta))
        theta -= step
        if abs(step) < 1e-10:
            break
    angle = toward + (theta if signed > 0.0 else -theta)
    weight[m] = rate / (2.0 * math.pi)
    gx, gy = prod[0] + r * math.cos(angle) / dx, prod[1] + r * math.sin(angle) / dy
    gx, gy = min(max(gx, 1e-9), nx - 1e-9), min(max(gy, 1e-9), ny - 1e-9)
    i, j = int(gx), int(gy)
    start[0], start[1], start[2], start[3] = i, j, gx - i, gy - j
    home = water[min(int(prod[1]), ny - 1), min(int(prod[0]), nx - 1)]
    start[4] = zone_s(r, theta, alpha, rate, through, -1.0, home / (dx * dy))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _beside(prod, inj, dx, dy):
    """Index and distance (m) of an injector closer than a cell, or -1: the grid cannot tell them apart."""
    for n in range(inj.shape[0]):
        distance = math.hypot((prod[0] - inj[n, 0]) * dx, (prod[1] - inj[n, 1]) * dy)
        if distance < max(dx, dy):
            return n, distance
    return -1, 0.0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def trace_producer(
    field, prod, lines, cap_s, weight, source, count, end_tau, level, ev_tau, ev_amp, trail, knots
):
    """Trace ``lines`` lines back from one producer.

    ``prod`` (7,): x, y (cell coordinates), rate (> 0), zone radius, flow through the zone (x, y), gap. Fills
    weight, source, count (lines,), end_tau, level (lines, nl), ev_tau, ev_amp (lines, E, nl), trail (lines, 3),
    knots (lines, ``KNOTS``, 2).
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
            trail[m, 0], trail[m, 1], trail[m, 2] = near, 0.0, 0.0
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
        trail[m, 0], trail[m, 1], trail[m, 2] = start[4], -zone_head_pa(prod, field[10][j, i]), 0.0
        ni, nj = int(start[0]), int(start[1])
        if ni < 0 or nj < 0 or ni >= nx or nj >= ny:
            source[m] = -2
            continue
        count[m], source[m] = walk(
            field,
            ni,
            nj,
            start[2],
            start[3],
            end_tau[m],
            level[m],
            cap_s,
            ev_tau[m],
            ev_amp[m],
            trail[m],
            knots[m],
        )
    for m in range(lines):
        weight[m] = weight[m] / total if total > 0.0 else 1.0 / lines


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _add(out, years_s, amplitude, one, two, tau, kappa, table):
    """out[k] += amplitude (one[k] + two[k]) E(tau, years_s[k]) for every time after tau."""
    for k in range(years_s.size - 1, -1, -1):
        left = years_s[k] - tau
        if left <= 0.0:
            return
        seen = _erfc(kappa * tau / math.sqrt(left), table) if kappa > 0.0 else 1.0
        out[k] += amplitude * (one[k] + two[k]) * seen


@nb.njit(cache=True, nogil=True, error_model="numpy")
def produced(lines, thin, share_t, arrived, base, share, kappa, hot, years_s, table, out):
    """Temperature of one producer at ``years_s`` (t,) from its traced lines, written to ``out`` (t,).

    ``share_t`` (lines, t): part of the producer's flow in each tube; ``arrived``: source, count, end_tau,
    level, ev_tau, ev_amp of ``trace_producer``; ``base`` (nl,): initial temperature at the well; ``share``
    (nl,): of its inflow by layer; ``kappa`` (nl,): sqrt(K rc) / (rc_A h), 1/sqrt(s); ``hot`` (wells,):
    temperature each injector puts in.
    """
    source, count, end_tau, level, ev_tau, ev_amp = arrived
    for k in range(years_s.size):
        out[k] = 0.0
    for q in range(share.size):
        if share[q] <= 0.0:
            continue
        for k in range(years_s.size):
            out[k] += share[q] * base[q]
        half = 0.5 * share[q]
        for m in range(lines):
            one = share_t[m]
            for e in range(count[m]):
                _add(out, years_s, half * ev_amp[m, e, q], one, one, ev_tau[m, e, q], kappa[q], table)
            n = (m + 1) % lines
            two = share_t[n]
            if thin == 0 and source[m] >= 0 and source[m] == source[n]:
                drop_m, drop_n = hot[source[m]] - level[m, q], hot[source[n]] - level[n, q]
                for s in range(SUBLINES):
                    f = (s + 0.5) / SUBLINES
                    tau = end_tau[m, q] + f * (end_tau[n, q] - end_tau[m, q])
                    drop = drop_m + f * (drop_n - drop_m)
                    _add(out, years_s, half / SUBLINES * drop, one, two, tau, kappa[q], table)
                continue
            for o in (m, n):
                if source[o] >= 0:
                    own, drop = share_t[o], hot[source[o]] - level[o, q]
                    _add(out, years_s, 0.5 * half * drop, own, own, end_tau[o, q], kappa[q], table)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def trace(field, prods, lines, cap_s, kept):
    """Trace every producer; ``kept``: what ``trace_producer`` fills, with a leading axis over producers."""
    weight, source, count, end_tau, level, ev_tau, ev_amp, trail, knots = kept
    for n in range(prods.shape[0]):
        if prods[n, 2] > 0.0:
            trace_producer(
                field,
                prods[n],
                lines,
                cap_s,
                weight[n],
                source[n],
                count[n],
                end_tau[n],
                level[n],
                ev_tau[n],
                ev_amp[n],
                trail[n],
                knots[n],
            )


@nb.njit(cache=True, nogil=True, error_model="numpy")
def arrive(field, prods, share, kept, kappa, hot, thick, years_s, table, out):
    """Temperatures (n producers, t) from lines that ``trace`` has followed; ``kept`` is not changed."""
    weight, source, count, end_tau, level, ev_tau, ev_amp, trail, knots = kept
    lines, nl = end_tau.shape[1:]
    theta, thin = field[4], field[9]
    ny, nx = field[2].shape
    viscous = thin == 0 and np.any(thick != 1.0)
    share_t, base = np.empty((lines, years_s.size)), np.empty(nl)
    tau, events = np.empty((lines, nl)), np.empty((lines, MAX_EVENTS, nl))
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
        for m in range(lines):
            for q in range(nl):
                tau[m, q] = end_tau[n, m, q]
                for e in range(count[n, m]):
                    events[m, e, q] = ev_tau[n, m, e, q]
        if viscous:
            tubes.reshare(
                weight[n], source[n], count[n], trail[n], knots[n], thick, years_s, tau, events, share_t
            )
        else:
            for m in range(lines):
                share_t[m] = weight[n, m]
        arrived = (source[n], count[n], tau, level[n], events, ev_amp[n])
        produced(lines, thin, share_t, arrived, base, share[n], kappa, hot, years_s, table, out[n])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def producers(field, prods, share, lines, kappa, hot, thick, years_s, table, out):
    """Temperatures (n producers, t) of all producers ``prods`` (n, 7): trace, let the tubes share the flow
    anew as they cool (``thick``, see ``tubes``), then sum what has arrived. One after the other in one place."""
    nl, size = kappa.size, (1, lines)
    kept = (
        np.empty(size),
        np.empty(size, dtype=np.int64),
        np.empty(size, dtype=np.int64),
        np.empty((1, lines, nl)),
        np.empty((1, lines, nl)),
        np.empty((1, lines, MAX_EVENTS, nl)),
        np.empty((1, lines, MAX_EVENTS, nl)),
        np.empty((1, lines, 3)),
        np.empty((1, lines, KNOTS, 2)),
    )
    viscous = field[9] == 0 and np.any(thick != 1.0)
    cap_s = years_s[-1] * (tubes.LOOK_AHEAD if viscous else 1.0)
    for n in range(prods.shape[0]):
        one = slice(n, n + 1)
        trace(field, prods[one], lines, cap_s, kept)
        arrive(field, prods[one], share[one], kept, kappa, hot, thick, years_s, table, out[one])


def room(producers: int, lines: int, nl: int) -> tuple[np.ndarray, ...]:
    """Arrays for ``trace``."""
    shape = (producers, lines)
    return (
        np.empty(shape),
        np.empty(shape, dtype=np.int64),
        np.empty(shape, dtype=np.int64),
        np.empty((*shape, nl)),
        np.empty((*shape, nl)),
        np.empty((*shape, MAX_EVENTS, nl)),
        np.empty((*shape, MAX_EVENTS, nl)),
        np.empty((*shape, 3)),
        np.empty((*shape, KNOTS, 2)),
    )


@nb.njit(cache=True, nogil=True, error_model="numpy")
def points(field, px, py, share, kappa, hot, years_s, table, out):
    """Rock temperature (n points, t) at cell coordinates px, py; ``share`` (nl,): weight of each layer."""
    nl = kappa.size
    clock, level = np.empty(nl), np.empty(nl)
    ev_tau, ev_amp = np.empty((MAX_EVENTS, nl)), np.empty((MAX_EVENTS, nl))
    trail, knots, half = np.zeros(3), np.empty((KNOTS, 2)), np.full(years_s.size, 0.5)
    ny, nx = field[2].shape
    theta = field[4]
    for n in range(px.size):
        i, j = min(int(px[n]), nx - 1), min(int(py[n]), ny - 1)
        for q in range(nl):
            clock[q], level[q] = 0.0, theta[q, j, i]
        events, source = walk(
            field, i, j, px[n] - i, py[n] - j, clock, level, years_s[-1], ev_tau, ev_amp, trail, knots
        )
        for k in range(years_s.size):
            out[n, k] = 0.0
            for q in range(nl):
                out[n, k] += share[q] * theta[q, j, i]
        for q in range(nl):
            for e in range(events):
                _add(out[n], years_s, share[q] * ev_amp[e, q], half, half, ev_tau[e, q], kappa[q], table)
            if source >= 0:
                drop = share[q] * (hot[source] - level[q])
                _add(out[n], years_s, drop, half, half, clock[q], kappa[q], table)
