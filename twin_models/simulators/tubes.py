"""Tubes that cool carry less: how cold, viscous water changes the way flow divides between streamlines.

Each traced line stands for a stream tube whose walls stay where they are (Higgins & Leighton 1962, J. Pet.
Technol. 14, 679-684). Tubes into one producer work under one pressure difference, so each carries flow in
proportion to 1/r, with r its resistance over the initial one:

    r(t) = 1 + (thick - 1) x part of the tube's pressure fall behind its cold front,
    thick = viscosity of the injected water / of the initial one at the injector

and the producer's rate stays what it is: tube flow / initial flow = (1/r) / mean(1/r). A front that has
come s (in travel time of the first day's flow) moves by ds/dt of that same factor. Travel times become real
times, and the tubes' parts of the produced water change with them.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from twin_models.water import TABLE_MIN_DEGC, TABLE_STEP_K

STEPS = 16
LOOK_AHEAD = 3.0  # lines are followed for that many horizons: a slow tube may speed up
GRADING = 1.5  # time steps shorter at the start


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _fluidity(degc, table):
    place = (degc - TABLE_MIN_DEGC) / TABLE_STEP_K
    low = min(max(int(place), 0), table.size - 2)
    return table[low] + min(max(place - low, 0.0), 1.0) * (table[low + 1] - table[low])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def thickness(inj, hot, theta, table, thick):
    """Viscosity of each injector's water over that of its cell's at first; ``table``: ``fluidity_table``."""
    nl, ny, nx = theta.shape
    for n in range(inj.shape[0]):
        i, j = min(int(inj[n, 0]), nx - 1), min(int(inj[n, 1]), ny - 1)
        resting = 0.0
        for q in range(nl):
            resting += theta[q, j, i] / nl
        thick[n] = _fluidity(resting, table) / _fluidity(hot[n], table)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _cold_part(front, trail, knots, ahead):
    """Part of a tube's pressure fall lying behind its front (``front`` seconds from the injector), and the first knot
    that is not nearer the producer than the front.

    What falls in the circles round its two wells is left out (negative or beyond the total in ``knots``).
    ``ahead``: that knot the last time; a front only comes nearer.
    """
    if front >= trail[0]:
        return 1.0, 0
    total = trail[1]
    if total <= 0.0:
        return front / trail[0], ahead
    at = trail[0] - front  # travel time from there to the producer
    while ahead > 0 and knots[ahead - 1, 0] >= at:
        ahead -= 1
    low_tau, low_head = 0.0, 0.0
    if ahead > 0:
        low_tau, low_head = knots[ahead - 1, 0], knots[ahead - 1, 1]
    high_tau, high_head = trail[0], total
    if ahead < int(trail[2]):
        high_tau, high_head = knots[ahead, 0], knots[ahead, 1]
    f = (at - low_tau) / (high_tau - low_tau) if high_tau > low_tau else 1.0
    head = low_head + f * (high_head - low_head)
    return 1.0 - min(max(head, 0.0), total) / total, ahead


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _when(tau, come, times):
    """Real time at which a front has come ``tau``; beyond the last step it keeps its last speed."""
    last = times.size - 1
    if tau <= 0.0:
        return 0.0
    if tau >= come[last]:
        speed = (come[last] - come[last - 1]) / (times[last] - times[last - 1])
        return times[last] + (tau - come[last]) / max(speed, 1e-9)
    k = np.searchsorted(come, tau)
    f = (tau - come[k - 1]) / (come[k] - come[k - 1])
    return times[k - 1] + f * (times[k] - times[k - 1])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def reshare(weight, source, count, trail, knots, thick, years_s, end_tau, ev_tau, share_t):
    """Turn travel times ``end_tau`` (lines, nl), ``ev_tau`` (lines, E, nl) into real ones, in place, and give
    each tube's part of the flow, ``share_t`` (lines, t).

    ``weight``, ``source`` (lines,), ``trail`` (lines, 3), ``knots`` (lines, K, 2): see ``tracing``; ``thick``
    (injectors,): viscosity ratio. Water from an open edge stays warm (r = 1); a tube not followed to its
    injector takes the least r of those that were.
    """
    lines = weight.size
    horizon = years_s[-1]
    times, come = np.zeros(STEPS + 1), np.zeros((lines, STEPS + 1))
    factor, ease = np.ones((lines, STEPS + 1)), np.ones(lines)
    ahead = np.empty(lines, dtype=np.int64)
    for m in range(lines):
        ahead[m] = int(trail[m, 2]) if source[m] >= 0 else 0
    for k in range(1, STEPS + 1):
        times[k] = horizon * (k / STEPS) ** GRADING
    for k in range(STEPS + 1):
        least = np.inf
        for m in range(lines):
            if source[m] >= 0:
                cold, ahead[m] = _cold_part(come[m, k], trail[m], knots[m], ahead[m])
                r = 1.0 + (thick[source[m]] - 1.0) * cold
                least = min(least, r)
                ease[m] = 1.0 / r
        mean = 0.0
        for m in range(lines):
            if source[m] == -1:
                ease[m] = 1.0 / least if least < np.inf else 1.0
            mean += weight[m] * ease[m]
        for m in range(lines):
            factor[m, k] = ease[m] / mean
            if k < STEPS:
                come[m, k + 1] = come[m, k] + factor[m, k] * (times[k + 1] - times[k])
    for m in range(lines):
        for q in range(end_tau.shape[1]):
            end_tau[m, q] = _when(end_tau[m, q], come[m], times)
            for e in range(count[m]):
                ev_tau[m, e, q] = _when(ev_tau[m, e, q], come[m], times)
        k = 1
        for y in range(years_s.size):
            while k < STEPS and times[k] < years_s[y]:
                k += 1
            f = (years_s[y] - times[k - 1]) / (times[k] - times[k - 1])
            share_t[m, y] = weight[m] * (factor[m, k - 1] + f * (factor[m, k] - factor[m, k - 1]))
