"""Heat in a window of smaller cells, between two states of the box's own cells around it.

The steps are those of ``heat``; faces of the rim see the box's cells through two rows of ghosts, straight lines
through the box's cells and through time. What crosses the rim is added up, so that the box's cells beside it get
exactly that (Berger & Colella 1989, J. Comput. Phys. 82, 64-84).
"""

from __future__ import annotations

import numba as nb

from twin_models.simulators import heat
from twin_models.simulators.multigrid import OPTIONS
from twin_models.simulators.window_flow import slope

GHOSTS = 2


@nb.njit(**OPTIONS)
def _seen(t, k, j, i, place_x, place_y):
    """Temperature at a place in a cell of the box (in cell sizes from its centre), within its neighbours' range."""
    ny, nx = t.shape[1], t.shape[2]
    here = t[k, j, i]
    west, east = t[k, j, max(i - 1, 0)], t[k, j, min(i + 1, nx - 1)]
    south, north = t[k, max(j - 1, 0), i], t[k, min(j + 1, ny - 1), i]
    value = here + place_x * slope(west, here, east) + place_y * slope(south, here, north)
    low = min(min(min(west, east), min(south, north)), here)
    high = max(max(max(west, east), max(south, north)), here)
    return min(max(value, low), high)


@nb.njit(**OPTIONS)
def fill_ghosts(t, where, parts, ghosts):
    """Ghosts beside the window from the temperatures of the box ``t`` (nz, ny, nx): (west, east, south, north), the
    first two (nz, ny, 2), the others (nz, 2, nx), ordered eastward and northward. Sides on the box's edge stay as
    they are. ``where``: (j0, j1, i0, i1) in the box; ``parts``: rows and columns that a cell is divided into."""
    nz, box_y, box_x = t.shape
    (j0, j1, i0, i1), (rows, columns) = where, parts
    west, east, south, north = ghosts
    for k in range(nz):
        for j in range((j1 - j0) * rows):
            place = (j % rows + 0.5) / rows - 0.5
            for m in range(GHOSTS):
                if i0 > 0:
                    off = 0.5 - (GHOSTS - m - 0.5) / columns
                    west[k, j, m] = _seen(t, k, j0 + j // rows, i0 - 1, off, place)
                if i1 < box_x:
                    off = (m + 0.5) / columns - 0.5
                    east[k, j, m] = _seen(t, k, j0 + j // rows, i1, off, place)
        for i in range((i1 - i0) * columns):
            place = (i % columns + 0.5) / columns - 0.5
            for m in range(GHOSTS):
                if j0 > 0:
                    off = 0.5 - (GHOSTS - m - 0.5) / rows
                    south[k, m, i] = _seen(t, k, j0 - 1, i0 + i // columns, place, off)
                if j1 < box_y:
                    off = (m + 0.5) / rows - 0.5
                    north[k, m, i] = _seen(t, k, j1, i0 + i // columns, place, off)


@nb.njit(**OPTIONS)
def _padded(k, t, part, old, new, walled, pad):
    """One level with its ghosts at the part 0..1 of the box's step; beyond the box's edge the cell itself."""
    ny, nx = t.shape[1], t.shape[2]
    pad[2 : ny + 2, 2 : nx + 2] = t[k]
    for j in range(ny):
        for m in range(GHOSTS):
            a, b = old[0][k, j, m], old[1][k, j, m]
            west = t[k, j, 0] if walled[0] else a + part * (new[0][k, j, m] - a)
            east = t[k, j, nx - 1] if walled[1] else b + part * (new[1][k, j, m] - b)
            pad[j + 2, m], pad[j + 2, nx + 2 + m] = west, east
    for m in range(GHOSTS):
        for i in range(nx):
            a, b = old[2][k, m, i], old[3][k, m, i]
            south = t[k, 0, i] if walled[2] else a + part * (new[2][k, m, i] - a)
            north = t[k, ny - 1, i] if walled[3] else b + part * (new[3][k, m, i] - b)
            pad[m, i + 2], pad[ny + 2 + m, i + 2] = south, north


@nb.njit(**OPTIONS)
def _move_level(dt, second, pad, inverse, gx, gy, hx, hy, start, walled, new, rows, crossed):
    """Lateral advection and conduction of one level: ``pad`` temperatures, ``inverse`` of its cells and ghosts,
    flows ``hx`` (ny, nx+1), ``hy`` (ny+1, nx). ``crossed``: energy through the four sides, added to (J)."""
    ny, nx = new.shape
    west, east, south, north = crossed
    ex, low, high = rows[0], rows[1, :nx], rows[2, :nx]
    for j in range(ny + 1):
        line, v = pad[j + 1], inverse[j + 1]
        heat._faces_between(
            hy[j], pad[j, 2 : nx + 2], line[2 : nx + 2], pad[j + 2, 2 : nx + 2], pad[j + 3, 2 : nx + 2],
            v[2 : nx + 2], inverse[j + 2, 2 : nx + 2], dt, gy, second, high,
        )  # fmt: skip
        if j == 0:
            for i in range(nx):
                if walled[2] and hy[0, i] > 0.0:
                    high[i] = hy[0, i] * start[0, i]
                south[i] += dt * high[i]
        if j == ny:
            for i in range(nx):
                if walled[3] and hy[ny, i] < 0.0:
                    high[i] = hy[ny, i] * start[ny - 1, i]
                north[i] += dt * high[i]
        if j > 0:
            heat._faces_between(
                hx[j - 1], line[0 : nx + 1], line[1 : nx + 2], line[2 : nx + 3], line[3 : nx + 4],
                v[1 : nx + 2], v[2 : nx + 3], dt, gx, second, ex,
            )  # fmt: skip
            if walled[0] and hx[j - 1, 0] > 0.0:
                ex[0] = hx[j - 1, 0] * start[j - 1, 0]
            if walled[1] and hx[j - 1, nx] < 0.0:
                ex[nx] = hx[j - 1, nx] * start[j - 1, nx - 1]
            west[j - 1] += dt * ex[0]
            east[j - 1] += dt * ex[nx]
            heat._add_row(line[2 : nx + 2], v[2 : nx + 2], dt, ex, low, high, new[j - 1])
        low[:] = high


@nb.njit(**OPTIONS)
def advance(
    steps, dt, second, first, t, new, start, inverse, padded_inverse, gx, gy, gz, hx, hy, hz,
    released, pore, power, rock, memory, contact, half, rows, ratio,
    cells, brings, entry, takes, near, near_flow, held, box_t, where, parts, ghosts_old, ghosts_new,
    walled, still, pad, crossed, ledger,
):  # fmt: skip
    """As ``heat.advance`` for a window, ``steps`` of its own in one of the box's, which has become ``box_t``.

    ``where``: (j0, j1, i0, i1) in the box; ``parts``: (rows, columns) a cell of the box is divided into;
    ``ghosts_old``, ``ghosts_new``: (west, east, south, north) at the beginning and the end, see ``fill_ghosts``, the
    new ones filled here; ``walled`` (4,): the side lies on the box's edge; ``crossed``: energy eastward and
    northward through the sides, (nz, ny) or (nz, nx) (J). ``still``: zeros (ny+1, nx+1).
    """
    nz, na = t.shape[0], hx.shape[0]
    ny, nx = t.shape[1], t.shape[2]
    fill_ghosts(box_t, where, parts, ghosts_new)
    for side in crossed:
        side[:] = 0.0
    for n in range(steps):
        heat._before_wells(dt, cells, brings, entry, near, near_flow, t, inverse, held)
        for k in range(nz):
            _padded(k, t, n / steps, ghosts_old, ghosts_new, walled, pad)
            sides = (crossed[0][k], crossed[1][k], crossed[2][k], crossed[3][k])
            moving = first <= k < first + na
            mx = hx[k - first] if moving else still[:ny]
            my = hy[k - first] if moving else still[:, :nx]
            _move_level(
                dt,
                second,
                pad,
                padded_inverse[k],
                gx[k],
                gy[k],
                mx,
                my,
                start[k],
                walled,
                new[k],
                rows,
                sides,
            )
        if na > 1:
            heat._move_down(first, dt, second, t, inverse, hz, new, rows[1, :nx])
        if released != 0.0:
            ledger[3] += heat._release(dt, first, released, pore, t, inverse, new)
        heat._after_wells(dt, cells, brings, entry, takes, t, new, inverse, held, ledger)
        if nz > 1:
            ledger[4] += heat._columns(
                dt, t, new, start, inverse, gz, half, power, rock, memory, contact, rows, ratio
            )
        elif power > 0.0:
            ledger[4] += heat._thin_layer(
                dt, t, new, start, inverse, 2.0 * power, rock, memory, contact, rows
            )
        else:
            t[:] = new


@nb.njit(**OPTIONS)
def box_sides(dt, second, first, t, start, inverse, gx, gy, hx, hy, where, out):
    """What the box's own step carries through the window's sides (J), eastward and northward; ``out`` four arrays
    (nz, rows or columns of the box)."""
    nz, ny, nx = t.shape
    j0, j1, i0, i1 = where
    na = hx.shape[0]
    for k in range(nz):
        ka, moving = k - first, first <= k < first + na
        for side in range(2):
            i = i0 if side == 0 else i1
            for j in range(j0, j1):
                h = hx[ka, j, i] if moving else 0.0
                if i == 0 or i == nx:
                    edge = 0 if i == 0 else nx - 1
                    inflow = (h >= 0.0) == (i == 0)
                    e = h * (start[k, j, edge] if inflow else t[k, j, edge])
                else:
                    before, after = t[k, j, max(i - 2, 0)], t[k, j, min(i + 1, nx - 1)]
                    a, b = t[k, j, i - 1], t[k, j, i]
                    va, vb = dt * inverse[k, j, i - 1], dt * inverse[k, j, i]
                    e = heat._carried(h, before, a, b, after, va, vb, second) - gx[k] * (b - a)
                out[side][k, j - j0] = dt * e
        for side in range(2):
            j = j0 if side == 0 else j1
            for i in range(i0, i1):
                h = hy[ka, j, i] if moving else 0.0
                if j == 0 or j == ny:
                    edge = 0 if j == 0 else ny - 1
                    inflow = (h >= 0.0) == (j == 0)
                    e = h * (start[k, edge, i] if inflow else t[k, edge, i])
                else:
                    before, after = t[k, max(j - 2, 0), i], t[k, min(j + 1, ny - 1), i]
                    a, b = t[k, j - 1, i], t[k, j, i]
                    va, vb = dt * inverse[k, j - 1, i], dt * inverse[k, j, i]
                    e = heat._carried(h, before, a, b, after, va, vb, second) - gy[k] * (b - a)
                out[2 + side][k, i - i0] = dt * e


@nb.njit(**OPTIONS)
def kept_by_rock(weight, now, memory, contact, where, changed):
    """Sum over a window's cells of the box whose value before a step and that after it (``changed``) add up to the
    heat which the step gave to the rock, over step, area and effusivity (``heat._given_to_rock``)."""
    j0, j1, i0, i1 = where
    total = 0.0
    for side in range(contact.shape[0]):
        for j in range(j0, j1):
            for i in range(i0, i1):
                if changed:
                    total += now * contact[side, j, i]
                else:
                    total -= now * contact[side, j, i]
                    for m in range(weight.size):
                        total += weight[m] * memory[side, j, m, i]
    return total


@nb.njit(**OPTIONS)
def before_step(
    dt, second, first, t, start, inverse, gx, gy, hx, hy, where, parts, ghosts, out, kept, memory, contact
):
    """Look at the box before its step: ghosts, what its step will carry through the sides (``out``). Returns what past
    changes still draw into the rock under the window, see ``kept_by_rock``."""
    fill_ghosts(t, where, parts, ghosts)
    box_sides(dt, second, first, t, start, inverse, gx, gy, hx, hy, where, out)
    weight, now = kept
    return kept_by_rock(weight, now, memory, contact, where, False)


@nb.njit(**OPTIONS)
def after_step(fine, t, inverse, where, parts, crossed, box, walled, kept, memory, contact):
    """Give the box what a window has become. Returns the heat that came in through the box's own edge beyond what its
    step took (J), and what ``kept_by_rock`` says."""
    _restrict(fine, where, parts, t)
    _correct(t, inverse, where, parts, crossed, box)
    through = 0.0
    for n in range(4):
        if walled[n]:
            more = crossed[n].sum() - box[n].sum()
            through += more if n % 2 == 0 else -more
    weight, now = kept
    return through, kept_by_rock(weight, now, memory, contact, where, True)


@nb.njit(**OPTIONS)
def _restrict(fine, where, parts, out):
    """The box's cells under a window take the mean of its cells."""
    j0, _, i0, _ = where
    rows, columns = parts
    nz, ny, nx = fine.shape
    share = 1.0 / (rows * columns)
    for k in range(nz):
        for j in range(ny // rows):
            for i in range(nx // columns):
                total = 0.0
                for jj in range(j * rows, (j + 1) * rows):
                    for ii in range(i * columns, (i + 1) * columns):
                        total += fine[k, jj, ii]
                out[k, j0 + j, i0 + i] = share * total


@nb.njit(**OPTIONS)
def _correct(t, inverse, where, parts, crossed, box):
    """The box's cells beside a window get what crossed its rim in place of what their own step took."""
    (j0, j1, i0, i1), (rows, columns) = where, parts
    nz, ny, nx = t.shape
    for k in range(nz):
        for j in range(j0, j1):
            west, east = -box[0][k, j - j0], -box[1][k, j - j0]
            for m in range((j - j0) * rows, (j - j0 + 1) * rows):
                west += crossed[0][k, m]
                east += crossed[1][k, m]
            if i0 > 0:
                t[k, j, i0 - 1] -= inverse[k, j, i0 - 1] * west
            if i1 < nx:
                t[k, j, i1] += inverse[k, j, i1] * east
        for i in range(i0, i1):
            south, north = -box[2][k, i - i0], -box[3][k, i - i0]
            for m in range((i - i0) * columns, (i - i0 + 1) * columns):
                south += crossed[2][k, m]
                north += crossed[3][k, m]
            if j0 > 0:
                t[k, j0 - 1, i] -= inverse[k, j0 - 1, i] * south
            if j1 < ny:
                t[k, j1, i] += inverse[k, j1, i] * north
