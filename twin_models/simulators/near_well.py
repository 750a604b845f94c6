"""Wells between the grid points: a finite grid's own error near a well, taken out in closed form.

A five-point grid puts a well's rate into whole cells and gives fluxes near it that are some ten per cent
off, more along the axes than between them, and a well dragged across a cell would jump. Here the rate
is shared bilinearly between the four nearest cells, and afterwards

    fluxes += q (angle each face subtends at the well / 2 pi  -  flux of the shared source on the lattice)

within a few cells. Both fields carry the same rate and agree far away, so the sum conserves mass in
every cell, has its source exactly where the well is, and moves smoothly with it.

Source of the first term: radial flow q / (2 pi r) integrated along a face. The second needs the lattice's
potential kernel A (A = 0 at the source, A ~ ln(r) / 2 pi far away), solved once per cell shape; for
squares A(1,0) = 1/4, A(1,1) = 1/pi and the equivalent radius exp(-2 pi (A - ln(r) / 2 pi)) is Peaceman's
0.198 dx (Peaceman 1983, SPEJ 23, 531-543).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numba as nb
import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as sla

REACH = 4  # cells on each side within which fluxes are mended
KERNEL_HALF = REACH + 4
_SOLVE_HALF = 36
SMOOTH_CONTRAST = (0.02, 0.2)  # ratio of transmissivities round a well: below no mending, above full


@lru_cache(maxsize=16)
def lattice_kernel(aspect: float) -> np.ndarray:
    """Potential kernel A (2K+1, 2K+1), K = ``KERNEL_HALF``, indexed [dj + K, di + K].

    ``aspect`` = dy/dx (round it first). Steady head fall per unit rate and transmissivity between the
    source cell and a neighbour. Outermost cells are held at ln(r) / 2 pi, r measured in sqrt(dx dy).
    """
    n = 2 * _SOLVE_HALF + 1
    along_x, along_y = aspect, 1.0 / aspect
    offset = np.arange(n) - _SOLVE_HALF
    xx, yy = np.meshgrid(offset / math.sqrt(aspect), offset * math.sqrt(aspect))
    far = np.log(np.hypot(np.maximum(np.abs(xx), 1e-9), yy)) / (2.0 * math.pi)
    inner = np.zeros((n, n), dtype=bool)
    inner[1:-1, 1:-1] = True
    laplace = sp.kron(sp.identity(n), _second(n) * along_x) + sp.kron(_second(n) * along_y, sp.identity(n))
    source = np.zeros((n, n))
    source[_SOLVE_HALF, _SOLVE_HALF] = -1.0
    rhs = source.ravel()[inner.ravel()] - laplace.tocsr()[inner.ravel()][:, ~inner.ravel()] @ far[~inner]
    solved = far.copy()
    solved[inner] = sla.spsolve(laplace.tocsr()[inner.ravel()][:, inner.ravel()].tocsc(), rhs)
    middle = slice(_SOLVE_HALF - KERNEL_HALF, _SOLVE_HALF + KERNEL_HALF + 1)
    kernel = solved[middle, middle] - solved[_SOLVE_HALF, _SOLVE_HALF]
    kernel.setflags(write=False)
    return kernel


def _second(n: int) -> sp.csr_matrix:
    """Second difference with the sign that makes the operator positive."""
    return sp.diags_array([2.0 * np.ones(n), -np.ones(n - 1), -np.ones(n - 1)], offsets=[0, 1, -1]).tocsr()


@lru_cache(maxsize=16)
def equivalent_radius_factor(aspect: float) -> float:
    """r_e / sqrt(dx dy) of a whole-cell source: where ln(r)/2 pi meets the lattice's far field."""
    kernel = lattice_kernel(aspect)
    k = KERNEL_HALF
    r_x, r_y = k / math.sqrt(aspect), k * math.sqrt(aspect)
    shifts = (
        kernel[k, 2 * k] - math.log(r_x) / (2 * math.pi),
        kernel[2 * k, k] - math.log(r_y) / (2 * math.pi),
    )
    return math.exp(-math.pi * (shifts[0] + shifts[1]))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def share_out(cx, cy, contrast, ny, nx, cells, weights):
    """The four cells (flat index) and weights of wells at cell coordinates ``cx``, ``cy``.

    ``contrast`` in 0..1 blends from the whole well in its own cell (0) to the bilinear share (1).
    Cell coordinates: 0 at the western/southern edge, one per cell. Outputs (n, 4).
    """
    for n in range(cx.size):
        ic, jc = min(int(cx[n]), nx - 1), min(int(cy[n]), ny - 1)
        fx, fy = cx[n] - 0.5, cy[n] - 0.5
        i0, j0 = math.floor(fx), math.floor(fy)
        ux, uy = fx - i0, fy - j0
        placed = False
        for m in range(4):
            di, dj = m % 2, m // 2
            w = (ux if di else 1.0 - ux) * (uy if dj else 1.0 - uy) * contrast[n]
            i, j = min(max(i0 + di, 0), nx - 1), min(max(j0 + dj, 0), ny - 1)
            if j == jc and i == ic and not placed:  # once, also where an edge folds two corners together
                w += 1.0 - contrast[n]
                placed = True
            cells[n, m] = j * nx + i
            weights[n, m] = w


@nb.njit(cache=True, nogil=True, error_model="numpy")
def own_heads(cells, weights, nx, kernel, out):
    """Per well the sum of w_a w_b A(a - b): how much lower a shared source's own head is than a whole-cell one's."""
    k = kernel.shape[0] // 2
    for n in range(cells.shape[0]):
        out[n] = 0.0
        for a in range(4):
            for b in range(4):
                dj = cells[n, a] // nx - cells[n, b] // nx
                di = cells[n, a] % nx - cells[n, b] % nx
                out[n] += weights[n, a] * weights[n, b] * kernel[k + dj, k + di]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _mend_one(
    fx, fy, x, y, q, cells, weights, mirror_x, mirror_y, aspect, kernel, open_x, open_y, near, angle
):
    """Add q (exact - lattice) of one source at cell coordinates x, y to the faces within reach.

    ``cells`` are those of the real well; ``mirror_*`` -1 none, else the coordinate (0 or n) of the wall.
    """
    ny, nx = fx.shape[0], fy.shape[1]
    k = kernel.shape[0] // 2
    ic, jc = math.floor(x), math.floor(y)
    i_low, i_high = max(ic - REACH, 0), min(ic + REACH, nx - 1)
    j_low, j_high = max(jc - REACH, 0), min(jc + REACH, ny - 1)
    if i_low > i_high or j_low > j_high:
        return
    for j in range(j_low - 1, j_high + 2):  # lattice head fall in every cell of the window and its rim
        for i in range(i_low - 1, i_high + 2):
            total = 0.0
            for m in range(4):
                if weights[m] != 0.0:
                    si, sj = cells[m] % nx, cells[m] // nx
                    if mirror_x >= 0:
                        si = 2 * mirror_x - 1 - si
                    if mirror_y >= 0:
                        sj = 2 * mirror_y - 1 - sj
                    dj, di = min(max(j - sj, -k), k), min(max(i - si, -k), k)
                    total += weights[m] * kernel[k + dj, k + di]
            near[j - j_low + 1, i - i_low + 1] = total
    for j in range(j_low, j_high + 2):
        for i in range(i_low, i_high + 2):
            angle[j - j_low, i - i_low] = math.atan2((j - y) * aspect, i - x)
    two_pi = 2.0 * math.pi
    for j in range(j_low, j_high + 1):
        for i in range(i_low, i_high + 2):
            if (i == 0 or i == nx) and not open_x:
                continue
            turn = angle[j + 1 - j_low, i - i_low] - angle[j - j_low, i - i_low]
            turn -= two_pi * round(turn / two_pi)
            grid = aspect * (near[j - j_low + 1, i - i_low + 1] - near[j - j_low + 1, i - i_low])
            fx[j, i] += q * (turn / two_pi - grid)
    for j in range(j_low, j_high + 2):
        if (j == 0 or j == ny) and not open_y:
            continue
        for i in range(i_low, i_high + 1):
            turn = angle[j - j_low, i - i_low] - angle[j - j_low, i + 1 - i_low]
            turn -= two_pi * round(turn / two_pi)
            grid = (near[j - j_low + 1, i - i_low + 1] - near[j - j_low, i - i_low + 1]) / aspect
            fy[j, i] += q * (turn / two_pi - grid)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def mend_fluxes(fx, fy, cx, cy, q, contrast, cells, weights, aspect, kernel, open_x, open_y):
    """Mend the fluxes ``fx`` (ny, nx+1), ``fy`` (ny+1, nx) round every well, in place.

    ``q`` (n,): rates into the reservoir, same unit as the fluxes; ``contrast`` (n,): 0 leaves a well
    alone. Walls nearer than the reach mirror the well: same sign at a closed side, opposite at an open one.
    """
    ny, nx = fx.shape[0], fy.shape[1]
    near = np.empty((2 * REACH + 3, 2 * REACH + 3))
    angle = np.empty((2 * REACH + 2, 2 * REACH + 2))
    pure = np.empty(4)
    own = np.empty(4, dtype=np.int64)
    for n in range(cx.size):
        if contrast[n] <= 0.0 or q[n] == 0.0:
            continue
        # the whole-cell part stays as the grid has it; only the bilinear part is mended
        ic, jc = min(int(cx[n]), nx - 1), min(int(cy[n]), ny - 1)
        for m in range(4):
            own[m] = cells[n, m]
            pure[m] = weights[n, m]
        found = False
        for m in range(4):
            if own[m] == jc * nx + ic and not found:
                pure[m] = max(pure[m] - (1.0 - contrast[n]), 0.0)
                found = True
        strength = q[n] * pure.sum()
        if strength == 0.0:
            continue
        pure /= pure.sum()
        for mx in (-1, 0, nx):
            if mx >= 0 and abs(cx[n] - mx) > REACH + 1:
                continue
            for my in (-1, 0, ny):
                if my >= 0 and abs(cy[n] - my) > REACH + 1:
                    continue
                sign = 1.0
                x, y = cx[n], cy[n]
                if mx >= 0:
                    x = 2.0 * mx - x
                    sign = -sign if open_x else sign
                if my >= 0:
                    y = 2.0 * my - y
                    sign = -sign if open_y else sign
                _mend_one(
                    fx,
                    fy,
                    x,
                    y,
                    sign * strength,
                    own,
                    pure,
                    mx,
                    my,
                    aspect,
                    kernel,
                    open_x,
                    open_y,
                    near,
                    angle,
                )


@nb.njit(cache=True, nogil=True, error_model="numpy")
def contrast_round(transmissivity, cx, cy):
    """How evenly the rock carries water round each well (0 sharp contrast .. 1 smooth), from 3 x 3 cells."""
    ny, nx = transmissivity.shape
    low, high = SMOOTH_CONTRAST
    out = np.empty(cx.size)
    for n in range(cx.size):
        i, j = min(int(cx[n]), nx - 1), min(int(cy[n]), ny - 1)
        least, most = np.inf, 0.0
        for b in range(max(j - 1, 0), min(j + 2, ny)):
            for a in range(max(i - 1, 0), min(i + 2, nx)):
                least, most = min(least, transmissivity[b, a]), max(most, transmissivity[b, a])
        out[n] = min(max((least / max(most, 1e-300) - low) / (high - low), 0.0), 1.0)
    return out
