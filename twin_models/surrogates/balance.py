"""Flow of the coarse simulation, balanced anew when cold water has made parts of the rock stiffer.

The initial fluxes, each eased by the fluidity of its cells, no longer balance; what is missing is a pressure p with
div(T e grad p) = what should leave each cell less what does. Found by conjugate gradients, preconditioned by the diagonal
and by the solution for blocks of cells (two-level additive Schwarz: Smith, Bjorstad & Gropp 1996, Domain
Decomposition, ch. 2), starting from the last one. Where viscosity has not changed nothing is corrected.

Flat arrays with a rim of ``HALO`` cells; face arrays hold the face before each cell.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from twin_models.surrogates.lattice import OPTIONS

HALO = 2
BLOCK = 6
STIFF = 2.0  # blocks of constant pressure are stiffer than the field they stand for
TOLERANCE = 5e-2  # sum of what is out of balance over all that wells put in and take
MOST_ROUNDS = 40
F = np.float32


@nb.njit(**OPTIONS)
def _apply(diag, cx, cy, stride, p, first, last, out):
    dd, w, e, s, n = diag[first:], cx[first:], cx[first + 1 :], cy[first:], cy[first + stride :]
    here, pw, pe = p[first:], p[first - 1 :], p[first + 1 :]
    ps, pn, oo = p[first - stride :], p[first + stride :], out[first:]
    for i in range(last - first):
        oo[i] = dd[i] * here[i] - w[i] * pw[i] - e[i] * pe[i] - s[i] * ps[i] - n[i] * pn[i]


@nb.njit(**OPTIONS)
def _dot(a, b):
    total = F(0.0)
    for i in range(a.size):
        total += a[i] * b[i]
    return total


@nb.njit(**OPTIONS)
def _size(a):
    total = F(0.0)
    for i in range(a.size):
        total += abs(a[i])
    return total


@nb.njit(**OPTIONS)
def _move(p, alpha, s, r, q):
    for i in range(p.size):
        p[i] += alpha * s[i]
        r[i] -= alpha * q[i]


@nb.njit(**OPTIONS)
def _subtract(r, q):
    for i in range(r.size):
        r[i] -= q[i]


@nb.njit(**OPTIONS)
def _turn(s, beta, z):
    for i in range(s.size):
        s[i] = z[i] + beta * s[i]


@nb.njit(**OPTIONS)
def _factor(band):
    """Cholesky factors of a symmetric matrix of upper diagonals (n, b + 1), in place."""
    n, width = band.shape
    for i in range(n):
        pivot = 1.0 / band[i, 0]
        last = min(width, n - i)
        for k in range(1, last):
            part = band[i, k] * pivot
            for j in range(last - k):
                band[i + k, j] -= part * band[i, k + j]


@nb.njit(**OPTIONS)
def _solve(band, x):
    n, width = band.shape
    for i in range(n):
        part = x[i] / band[i, 0]
        for k in range(1, min(width, n - i)):
            x[i + k] -= part * band[i, k]
    for i in range(n - 1, -1, -1):
        total = x[i]
        for k in range(1, min(width, n - i)):
            total -= band[i, k] * x[i + k]
        x[i] = total / band[i, 0]


@nb.njit(**OPTIONS)
def _blocks(cx, cy, ny, nx, closed):
    """Factors of the matrix of blocks of cells."""
    width = nx + 2 * HALO
    rows, columns = (ny + BLOCK - 1) // BLOCK, (nx + BLOCK - 1) // BLOCK
    band = np.zeros((rows * columns, columns + 1))
    for j in range(ny):
        row, at = (j // BLOCK) * columns, (j + HALO) * width + HALO
        band[row, 0] += cx[at]
        band[row + columns - 1, 0] += cx[at + nx]
        for c in range(1, columns):
            v = cx[at + c * BLOCK] / STIFF
            band[row + c - 1, 0] += v
            band[row + c, 0] += v
            band[row + c - 1, 1] -= v
    for b in range(rows + 1):
        at = (min(b * BLOCK, ny) + HALO) * width + HALO
        for i in range(nx):
            c, v = i // BLOCK, cy[at + i] / (STIFF if 0 < b < rows else 1.0)
            if b > 0:
                band[(b - 1) * columns + c, 0] += v
            if b < rows:
                band[b * columns + c, 0] += v
            if 0 < b < rows:
                band[(b - 1) * columns + c, columns] -= v
    most = max(band[:, 0].max(), F(1e-30))  # a single block in a closed box couples to nothing
    for n in range(band.shape[0]):
        band[n, 0] += 1e-6 * most
    if closed:
        band[0, 0] += most
    _factor(band)
    return band


@nb.njit(**OPTIONS)
def _precondition(band, inverse, r, ny, nx, small, row, z):
    """z = r over the diagonal + the blocks' own answer to r."""
    width, columns = nx + 2 * HALO, (nx + BLOCK - 1) // BLOCK
    for i in range(r.size):
        z[i] = r[i] * inverse[i]
    for b in range((ny + BLOCK - 1) // BLOCK):
        row[:] = F(0.0)
        for j in range(b * BLOCK, min(b * BLOCK + BLOCK, ny)):
            here = r[(j + HALO) * width + HALO :]
            for i in range(nx):
                row[i] += here[i]
        for c in range(columns):
            total = F(0.0)
            for i in range(c * BLOCK, c * BLOCK + BLOCK):
                total += row[i]
            small[b * columns + c] = total
    _solve(band, small)
    for b in range((ny + BLOCK - 1) // BLOCK):
        for c in range(columns):
            for i in range(c * BLOCK, c * BLOCK + BLOCK):
                row[i] = small[b * columns + c]
        for j in range(b * BLOCK, min(b * BLOCK + BLOCK, ny)):
            there = z[(j + HALO) * width + HALO :]
            for i in range(nx):
                there[i] += row[i]


@nb.njit(**OPTIONS)
def _ease(f0, t0, ease, stride, first, last, conducts, flux):
    """Fluxes and transmissibilities in one direction times the harmonic mean of the fluidities of both cells."""
    a, b = ease[first - stride :], ease[first:]
    tt, ff, cc, oo = t0[first:], f0[first:], conducts[first:], flux[first:]
    for i in range(last - first):
        mean = F(2.0) * a[i] * b[i] / (a[i] + b[i])
        cc[i] = mean * tt[i]
        oo[i] = mean * ff[i]


@nb.njit(**OPTIONS)
def _missing(fx, fy, want, inside, stride, first, last, r):
    w, e, s, n = fx[first:], fx[first + 1 :], fy[first:], fy[first + stride :]
    ww, ii, rr = want[first:], inside[first:], r[first:]
    for i in range(last - first):
        rr[i] = ii[i] * (ww[i] - (e[i] - w[i] + n[i] - s[i]))


@nb.njit(**OPTIONS)
def _push(flux, conducts, p, stride, first, last):
    ff, cc, before, here = flux[first:], conducts[first:], p[first - stride :], p[first:]
    for i in range(last - first):
        ff[i] += cc[i] * (before[i] - here[i])


@nb.njit(**OPTIONS)
def _without_sides(cx, cy, ny, nx, ix, iy):
    """Couplings among cells alone: open sides stand in the diagonal only."""
    width = nx + 2 * HALO
    ix[:], iy[:] = cx, cy
    for j in range(ny):
        at = (j + HALO) * width + HALO
        ix[at], ix[at + nx] = F(0.0), F(0.0)
    for i in range(nx):
        iy[HALO * width + HALO + i] = F(0.0)
        iy[(HALO + ny) * width + HALO + i] = F(0.0)


@nb.njit(**OPTIONS)
def balanced(f0x, f0y, tx, ty, want, ease, inside, closed, ny, nx, p, fx, fy, work):
    """Fluxes ``fx``, ``fy`` for the present ``ease`` (fluidity over its initial value); ``p`` holds the last pressure and
    takes the new one; ``want``: net outflow that wells ask of each cell. Returns the rounds it took."""
    cx, cy, diag, inverse, r, z, q, ix, iy = (
        work[0], work[1], work[2], work[3], work[4], work[5], work[6], work[7], work[8]
    )  # fmt: skip
    width = nx + 2 * HALO
    first, last = HALO * width, (HALO + ny) * width
    _ease(f0x, tx, ease, 1, first, last + width, cx, fx)
    _ease(f0y, ty, ease, width, first, last + width, cy, fy)
    for i in range(first, last):
        diag[i] = inside[i] * (cx[i] + cx[i + 1] + cy[i] + cy[i + width])
        inverse[i] = F(1.0) / diag[i] if diag[i] > F(0.0) else F(0.0)
    _without_sides(cx, cy, ny, nx, ix, iy)
    _missing(fx, fy, want, inside, width, first, last, r)
    # wells that cancel in one place leave nothing but rounding
    enough = F(TOLERANCE) * _size(want) + F(1e-18)
    _apply(diag, ix, iy, width, p, first, last, q)
    _subtract(r, q)
    rounds = 0
    if _size(r) > enough:
        band = _blocks(cx, cy, ny, nx, closed)
        small, row = np.empty(band.shape[0]), np.empty(nx + BLOCK, np.float32)
        _precondition(band, inverse, r, ny, nx, small, row, z)
        s, rz = z.copy(), _dot(r, z)
        while rounds < MOST_ROUNDS:
            rounds += 1
            _apply(diag, ix, iy, width, s, first, last, q)
            down = _dot(s, q)
            if min(down, rz) <= F(1e-36):  # nothing but rounding is left: wells that cancel in one place
                break
            alpha = rz / down
            _move(p, alpha, s, r, q)
            if _size(r) <= enough:
                break
            _precondition(band, inverse, r, ny, nx, small, row, z)
            fresh = _dot(r, z)
            _turn(s, fresh / rz, z)
            rz = fresh
    _push(fx, cx, p, 1, first, last + width)
    _push(fy, cy, p, width, first, last + width)
    return rounds
