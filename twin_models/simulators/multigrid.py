"""A multigrid preconditioner for layered pressure systems, and the conjugate gradients around it.

Every level keeps all layers and halves the rows and columns; the smoother solves each vertical column
exactly (line Jacobi), so thin, strongly coupled layers do no harm. Coarse transmissibilities are the sums
over the fine faces, halved along a coarsened direction because the distance doubles (Wesseling 1988's
cell-centred multigrid). Flat arrays hold all levels one after the other, so that one compiled kernel walks
them; ``plan`` says where each level lies. The preconditioner works in single precision, which halves what it
moves; the iteration around it, and with it the answer, is in double.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

# No reordering of sums and no fused multiply-add: which of a loop's compiled variants runs may depend on where
# its arrays lie, and the same scheme must give the same digits on every run. Sums that only read are exempt.
OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
SUMS: dict[str, Any] = {**OPTIONS, "fastmath": {"reassoc", "contract", "nsz"}}
DAMPING = 0.85


def plan_levels(nz: int, ny: int, nx: int) -> np.ndarray:
    """Rows (ny, nx, cell offset, x-face offset, y-face offset), fine to coarse, then one row of totals."""
    rows, cells, x_faces, y_faces = [], 0, 0, 0
    while True:
        rows.append((ny, nx, cells, x_faces, y_faces))
        cells += nz * ny * nx
        x_faces += nz * ny * (nx + 1)
        y_faces += nz * (ny + 1) * nx
        if ny == 1 and nx == 1:
            break
        ny, nx = (ny + 1) // 2, (nx + 1) // 2
    rows.append((0, 0, cells, x_faces, y_faces))
    return np.array(rows, dtype=np.int64)


@nb.njit(**SUMS)
def dot(a, b):
    total = 0.0
    for c in range(a.size):
        total += a[c] * b[c]
    return total


@nb.njit(**OPTIONS)
def _coarsen(nz, fine, coarse, tx, ty, tz, keep):
    """Sum the fine faces of one level, and what its cells store, into the next."""
    ny, nx, c0, x0, y0 = fine[0], fine[1], fine[2], fine[3], fine[4]
    my, mx, c1, x1, y1 = coarse[0], coarse[1], coarse[2], coarse[3], coarse[4]
    along_x = 0.5 if nx > 1 else 1.0
    along_y = 0.5 if ny > 1 else 1.0
    for k in range(nz):
        for j in range(my):
            for i in range(mx):
                tz[c1 + (k * my + j) * mx + i] = 0.0
                if keep.size > 0:
                    keep[c1 + (k * my + j) * mx + i] = 0.0
            for i in range(mx + 1):
                face = min(2 * i, nx)
                total = 0.0
                for jj in range(2 * j, min(2 * j + 2, ny)):
                    total += tx[x0 + (k * ny + jj) * (nx + 1) + face]
                tx[x1 + (k * my + j) * (mx + 1) + i] = along_x * total
        for j in range(my + 1):
            face = min(2 * j, ny)
            for i in range(mx):
                total = 0.0
                for ii in range(2 * i, min(2 * i + 2, nx)):
                    total += ty[y0 + (k * (ny + 1) + face) * nx + ii]
                ty[y1 + (k * (my + 1) + j) * mx + i] = along_y * total
        for j in range(ny):
            for i in range(nx):
                tz[c1 + (k * my + j // 2) * mx + i // 2] += tz[c0 + (k * ny + j) * nx + i]
                if keep.size > 0:
                    keep[c1 + (k * my + j // 2) * mx + i // 2] += keep[c0 + (k * ny + j) * nx + i]


@nb.njit(**OPTIONS)
def _pivots(nz, level, tx, ty, tz, keep, pivot, way):
    """Inverse pivots of each column's tridiagonal system, without a difference of large numbers: what a cell can
    pass on sideways or store, by itself or through those above it, only adds up.

    Where nothing is left (the one column that a closed box shrinks to is singular) the pivot is zero, which
    leaves that cell uncorrected: the answer is then one of the many that differ by a constant.
    """
    ny, nx, c0, x0, y0 = level[0], level[1], level[2], level[3], level[4]
    layer = ny * nx
    for k in range(nz):
        for j in range(ny):
            for i in range(nx):
                c = c0 + (k * ny + j) * nx + i
                x = x0 + (k * ny + j) * (nx + 1) + i
                y = y0 + (k * (ny + 1) + j) * nx + i
                sideways = tx[x] + tx[x + 1] + ty[y] + ty[y + nx]
                if keep.size > 0:
                    sideways += keep[c]
                if k > 0:
                    above = tz[c - layer]
                    sideways += above * way[j * nx + i]
                total = sideways + tz[c]
                pivot[c] = 1.0 / total if sideways > 0.0 else 0.0
                way[j * nx + i] = sideways / total if sideways > 0.0 else 0.0


@nb.njit(**OPTIONS)
def build(nz, plan, fx, fy, fz, stores, tx, ty, tz, keep, pivot, way):
    """Fill all levels of ``tx``, ``ty``, ``tz``, ``keep``, ``pivot`` (single precision) from the finest
    transmissibilities ``fx``, ``fy``, ``fz`` and what a cell stores, ``stores`` (double; empty: steady flow).
    ``way`` (cells of a layer,): used up."""
    tx[: fx.size], ty[: fy.size], tz[: fz.size] = fx, fy, fz
    keep[: stores.size] = stores
    levels = plan.shape[0] - 1
    for n in range(levels):
        if n > 0:
            _coarsen(nz, plan[n - 1], plan[n], tx, ty, tz, keep)
        _pivots(nz, plan[n], tx, ty, tz, keep, pivot, way)


@nb.njit(**OPTIONS)
def _residual_row(k, j, nz, ny, nx, tx, ty, tz, keep, x, b, out):
    """out = b - A x for one row of cells; arrays are one level's own slices."""
    row = (k * ny + j) * nx
    layer = ny * nx
    wx = tx[(k * ny + j) * (nx + 1) : (k * ny + j + 1) * (nx + 1)]
    south = ty[(k * (ny + 1) + j) * nx : (k * (ny + 1) + j + 1) * nx]
    north = ty[(k * (ny + 1) + j + 1) * nx : (k * (ny + 1) + j + 2) * nx]
    xc = x[row : row + nx]
    xs = x[row - nx : row] if j > 0 else xc
    xn = x[row + nx : row + 2 * nx] if j < ny - 1 else xc
    # A face of the box's edge carries to zero pressure: subtracting t * x is all it needs.
    fs = x.dtype.type(1.0) if j > 0 else x.dtype.type(0.0)
    fn = x.dtype.type(1.0) if j < ny - 1 else x.dtype.type(0.0)
    br = b[row : row + nx]
    east = wx[1:]
    for i in range(nx):
        out[i] = (
            br[i]
            - (wx[i] + east[i] + south[i] + north[i]) * xc[i]
            + fs * south[i] * xs[i]
            + fn * north[i] * xn[i]
        )
    if keep.size > 0:
        kept = keep[row : row + nx]
        for i in range(nx):
            out[i] -= kept[i] * xc[i]
    inner = wx[1:nx]
    left, right = xc[: nx - 1], xc[1:]
    tail = out[1:]
    for i in range(nx - 1):
        tail[i] += inner[i] * left[i]
    for i in range(nx - 1):
        out[i] += inner[i] * right[i]
    if k > 0:
        tu = tz[row - layer : row - layer + nx]
        xu = x[row - layer : row - layer + nx]
        for i in range(nx):
            out[i] += tu[i] * (xu[i] - xc[i])
    if k < nz - 1:
        td = tz[row : row + nx]
        xd = x[row + layer : row + layer + nx]
        for i in range(nx):
            out[i] += td[i] * (xd[i] - xc[i])


@nb.njit(**OPTIONS)
def _columns(nz, layer, tz, pivot, r, x, part, fresh):
    """x (+)= part * (column solve of r); r is used up. ``layer``: cells per layer."""
    weight = x.dtype.type(part)
    for k in range(1, nz):
        up, here = (k - 1) * layer, k * layer
        t, p = tz[up : up + layer], pivot[up : up + layer]
        ru, rh = r[up : up + layer], r[here : here + layer]
        for c in range(layer):
            rh[c] += t[c] * p[c] * ru[c]
    for k in range(nz - 1, -1, -1):
        here = k * layer
        t, p = tz[here : here + layer], pivot[here : here + layer]
        rh, xh = r[here : here + layer], x[here : here + layer]
        if k < nz - 1:
            rd = r[here + layer : here + 2 * layer]
            for c in range(layer):
                rh[c] = (rh[c] + t[c] * rd[c]) * p[c]
        else:
            for c in range(layer):
                rh[c] *= p[c]
        if fresh:
            for c in range(layer):
                xh[c] = weight * rh[c]
        else:
            for c in range(layer):
                xh[c] += weight * rh[c]


@nb.njit(**OPTIONS)
def _restrict(nz, fine, coarse, tx, ty, tz, keep, x, b, row, total):
    """Right-hand side of the coarse level: the fine residual summed over the children."""
    ny, nx, my, mx = fine[0], fine[1], coarse[0], coarse[1]
    total[: nz * my * mx] = 0.0
    for k in range(nz):
        for j in range(ny):
            _residual_row(k, j, nz, ny, nx, tx, ty, tz, keep, x, b, row)
            at = (k * my + j // 2) * mx
            for i in range(nx // 2):
                total[at + i] += row[2 * i] + row[2 * i + 1]
            if nx % 2 == 1:
                total[at + mx - 1] += row[nx - 1]


@nb.njit(**OPTIONS)
def _prolong(nz, fine, coarse, x, add):
    """Each child takes its parent's correction."""
    ny, nx, my, mx = fine[0], fine[1], coarse[0], coarse[1]
    for k in range(nz):
        for j in range(ny):
            at = (k * my + j // 2) * mx
            row = (k * ny + j) * nx
            for i in range(nx):
                x[row + i] += add[at + i // 2]


@nb.njit(**OPTIONS)
def v_cycle(nz, plan, tx, ty, tz, keep, pivot, b, x, work, row):
    """One symmetric V(1,1) cycle. ``b``, ``x``, ``work`` hold all levels; b's finest part is the input."""
    levels = plan.shape[0] - 1
    for n in range(levels):
        c0, c1 = plan[n, 2], plan[n + 1, 2]
        layer = plan[n, 0] * plan[n, 1]
        work[c0:c1] = b[c0:c1]
        weight = DAMPING if n < levels - 1 else 1.0
        _columns(nz, layer, tz[c0:c1], pivot[c0:c1], work[c0:c1], x[c0:c1], weight, True)
        if n < levels - 1:
            lx, ly = tx[plan[n, 3] : plan[n + 1, 3]], ty[plan[n, 4] : plan[n + 1, 4]]
            _restrict(
                nz, plan[n], plan[n + 1], lx, ly, tz[c0:c1], keep[c0:c1], x[c0:c1], b[c0:c1], row,
                b[c1 : plan[n + 2, 2]],
            )  # fmt: skip
    for n in range(levels - 2, -1, -1):
        ny, nx, c0, c1 = plan[n, 0], plan[n, 1], plan[n, 2], plan[n + 1, 2]
        lx, ly = tx[plan[n, 3] : plan[n + 1, 3]], ty[plan[n, 4] : plan[n + 1, 4]]
        _prolong(nz, plan[n], plan[n + 1], x[c0:c1], x[c1 : plan[n + 2, 2]])
        for k in range(nz):
            for j in range(ny):
                at = c0 + (k * ny + j) * nx
                _residual_row(
                    k, j, nz, ny, nx, lx, ly, tz[c0:c1], keep[c0:c1], x[c0:c1], b[c0:c1], work[at : at + nx]
                )
        _columns(nz, ny * nx, tz[c0:c1], pivot[c0:c1], work[c0:c1], x[c0:c1], DAMPING, False)


@nb.njit(**OPTIONS)
def _opening_mean(o, cell_starts, cells, weight, x):
    total = 0.0
    for p in range(cell_starts[o], cell_starts[o + 1]):
        total += weight[p] * x[cells[p]]
    return total


@nb.njit(**OPTIONS)
def residual(nz, ny, nx, tx, ty, tz, keep, wells, b, x, out):
    """out = b - A x, wells open to several layers included.

    Such a well has one pressure and a given total flow: eliminating its pressure leaves
    index * (x - weighted mean of x over its openings) in each of them, where x in an opening is itself the
    mean over its cells. ``wells``: (well starts, cell starts, cells, weight, index over viscosity).
    """
    well_starts, cell_starts, cells, weight, index = wells
    for k in range(nz):
        for j in range(ny):
            at = (k * ny + j) * nx
            _residual_row(k, j, nz, ny, nx, tx, ty, tz, keep, x, b, out[at : at + nx])
    for w in range(well_starts.size - 1):
        if well_starts[w + 1] - well_starts[w] < 2:
            continue
        total, mean = 0.0, 0.0
        for o in range(well_starts[w], well_starts[w + 1]):
            total += index[o]
            mean += index[o] * _opening_mean(o, cell_starts, cells, weight, x)
        mean /= max(total, 1e-300)
        for o in range(well_starts[w], well_starts[w + 1]):
            flow = index[o] * (_opening_mean(o, cell_starts, cells, weight, x) - mean)
            for p in range(cell_starts[o], cell_starts[o + 1]):
                out[cells[p]] -= weight[p] * flow


@nb.njit(**OPTIONS)
def solve(nz, plan, fine, coarse, wells, b, x, tolerance, most, space, single):
    """Conjugate gradients (Hestenes & Stiefel 1952) from the given ``x``; returns (iterations, residual).

    ``b``, ``x`` (n,); ``fine``: (tx, ty, tz, keep) of the finest level; ``coarse``: (tx, ty, tz, keep, pivot) of
    all levels, see ``build``; ``space`` (4, n), ``single`` (3, total cells of all levels) in single precision.
    """
    ny, nx, n = plan[0, 0], plan[0, 1], plan[1, 2]
    fx, fy, fz, stores = fine
    tx, ty, tz, keep, pivot = coarse
    r, direction, product, zero = space[0], space[1], space[2], space[3]
    given, z, work = single[0], single[1], single[2]
    row = np.empty(nx, single.dtype)
    zero[:] = 0.0
    residual(nz, ny, nx, fx, fy, fz, stores, wells, b, x, r)
    size, left = dot(b, b), dot(r, r)
    if size == 0.0:
        x[:] = 0.0
        return 0, 0.0
    goal = tolerance * tolerance * size
    direction[:] = 0.0
    before, done = 1.0, 0
    while left > goal and done < most:
        scale = 1.0 / np.sqrt(left)  # single precision has a short range
        for c in range(n):
            given[c] = scale * r[c]
        v_cycle(nz, plan, tx, ty, tz, keep, pivot, given, z, work, row)
        back = np.sqrt(left)
        now = back * dot(r, z[:n])
        ratio = now / before if done > 0 else 0.0
        for c in range(n):
            direction[c] = back * z[c] + ratio * direction[c]
        residual(nz, ny, nx, fx, fy, fz, stores, wells, zero, direction, product)
        curvature = -dot(direction, product)
        if not curvature > 0.0:
            break
        step = now / curvature
        for c in range(n):
            x[c] += step * direction[c]
            r[c] += step * product[c]
        left = dot(r, r)
        before = now
        done += 1
    return done, np.sqrt(left / max(size, 1e-300))
