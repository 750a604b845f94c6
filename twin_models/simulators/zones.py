"""The surroundings of each well, where its own radial flow rules and grid fluxes are too coarse to follow.

Inside a zone the flow is taken as radial flow of the well in a uniform stream, whose lines and travel times
are closed form (stream function of a source or sink in parallel flow: Bear 1972, Dynamics of Fluids in Porous
Media, section 7.8). Lines start on a producer's rim and end on an injector's.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

ZONE_CELLS = 1.6  # radius of the radial zone round a well, in cells
ZONE_GAP = 0.25  # and at most this part of the way to the next well
ALIKE_PART = 0.15  # of the way to the next well: equal pressures are circles there, every tube is the same


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _zone(row, rate, gap, fx, fy, dx, dy, thin):
    """Fill radius (m) and flow through (m2/s, x and y) of one well's zone, in which its radial flow rules.

    ``row``: x, y (cell coordinates), rate, radius, ux, uy, gap; ``rate`` into the reservoir; ``gap``: distance (m)
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
    row[3], row[4], row[5], row[6] = 0.0, ux, uy, gap
    if thin == 0:
        cell = max(dx, dy)
        row[3] = max(min(ZONE_CELLS * cell, ZONE_GAP * gap), 0.5 * cell)


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
    Out: ``inj`` (wells, 7), ``prods`` (producers, 7) rows x, y, rate (> 0), zone radius, flow through it, gap;
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
def zone_s(r, theta, alpha, rate, through, sign, height):
    """Travel time of heat between a well and a point of its zone, r metres off.

    Radial flow a/r, a = rate / 2 pi, in a uniform stream ``through`` (m2/s). The line that meets the well at
    angle alpha (0..pi, from the stream's direction; ``sign`` +1 for an injector, -1 for a producer) is at
    angle theta where alpha - theta = sign (through r / a) sin(theta), and integrating along it gives

        time = height a / through^2 [sign k cos(theta) + ln(sin(theta) / sin(alpha))],  k = through r / a

    (stream function of a source in uniform flow; for k -> 0 the series of int r dr / (a + u r)).
    ``height``: heat capacity per area over that of water (m).
    """
    a = rate / (2.0 * math.pi)
    k = through * r / a
    if k < 0.05:
        s = sign * k * math.cos(theta)
        return height * r * r / a * (0.5 - s / 3.0 + s * s / 4.0)
    ends = math.sin(max(min(theta, math.pi - 1e-6), 1e-6)) / max(math.sin(alpha), 1e-9)
    if theta < 1e-6:
        ends = 1.0 / (1.0 + sign * k) if sign * k > -1.0 else 1e3
    return max(height * a / (through * through) * (sign * k * math.cos(theta) + math.log(ends)), 0.0)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def plane_s(x, y, wx, wy, i, j, water, thin, fx, fy):
    """Travel time between a point of a well's cell and the well in a section one cell wide (plane flow)."""
    if thin == 1:
        flux = abs(fx[j, i + 1]) if x > wx else abs(fx[j, i])
        return water * abs(x - wx) / max(flux, 1e-300)
    flux = abs(fy[j + 1, i]) if y > wy else abs(fy[j, i])
    return water * abs(y - wy) / max(flux, 1e-300)


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def to_injector_s(inj, i, j, x, y, water, dx, dy, thin, fx, fy, always):
    """Travel time from an injector to a point of cell (j, i) inside its zone, -1 outside it."""
    if thin > 0:
        if int(inj[0]) != i or int(inj[1]) != j:
            return -1.0
        return plane_s(x, y, inj[0] - i, inj[1] - j, i, j, water, thin, fx, fy)
    ax, ay = (i + x - inj[0]) * dx, (j + y - inj[1]) * dy
    r = math.sqrt(ax * ax + ay * ay)
    if always or r <= 0.0:
        return math.pi * water / (dx * dy) * r * r / inj[2]
    if r > inj[3]:
        return -1.0
    through = math.hypot(inj[4], inj[5])
    theta = math.acos(min(max((inj[4] * ax + inj[5] * ay) / (r * max(through, 1e-300)), -1.0), 1.0))
    alpha = theta + 2.0 * math.pi * through * r / inj[2] * math.sin(theta)
    if alpha >= math.pi:  # the stream round the well, not the well's own water
        return -1.0
    return zone_s(r, theta, alpha, inj[2], through, 1.0, water / (dx * dy))


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def zone_head_pa(row, resistance):
    """Pressure between a zone's rim and the circle round the well inside which every tube is the same."""
    if row[3] <= 0.0:
        return 0.0
    return row[2] / (2.0 * math.pi) * resistance * math.log(max(ALIKE_PART * row[6], 1.0) / row[3])
