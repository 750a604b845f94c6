"""A pressure factor as dense blocks, so that a solution streams through memory once forth and once back.

SuperLU answers one right-hand side at a time with an index for every number. The matrix here is symmetric and
factored without exchanging rows, so A = L D L' and L alone is enough. Neighbouring columns of L with (nearly)
the same rows are stored as one dense block (a supernode: Ashcraft & Grimes 1989, ACM Trans. Math. Softw.
15(4), 291-309); zeros that this brings in cost less than the indices they save. On the way forth only blocks
are visited to which a source leads along the elimination tree (Gilbert & Peierls 1988, SIAM J. Sci. Stat.
Comput. 9(5), 862-874): one well touches a few hundred columns of some ten thousand. Compiled, and other
threads run meanwhile. ``solve_one`` takes one right-hand side, ``solve_block`` eight at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import scipy.sparse.linalg as sla

BLOCK = 8
EXTRA = 0.25  # of a block's numbers may be zeros brought in by joining columns
SMALL = 96  # numbers: blocks below that are joined whatever it brings in


@dataclass(frozen=True, eq=False)
class Factor:
    """L D L' = A in the factor's order. ``order`` (n,): place of each unknown in it.

    Block s has columns ``first[s]`` to ``first[s + 1]`` and further rows ``rows[start[s]:start[s + 1]]``; its
    numbers by columns (its own rows, then the further ones) begin at ``at[s]`` of ``values``. ``home`` (n,): block
    of each column. ``pivots`` (n,): 1 / D.
    """

    order: np.ndarray
    first: np.ndarray
    start: np.ndarray
    rows: np.ndarray
    at: np.ndarray
    values: np.ndarray
    home: np.ndarray
    pivots: np.ndarray

    def solve(self, b: np.ndarray) -> np.ndarray:
        """x (k, n) with A x = b (k, n)."""
        b = np.ascontiguousarray(b, dtype=np.float64)
        x = np.empty_like(b)
        parts = (self.order, self.first, self.start, self.rows, self.at, self.values, self.home, self.pivots)
        count, n = b.shape
        if count < 3:
            work, line = np.empty(n), np.empty(n)
            for k in range(count):
                solve_one(*parts, b[k], work, line, x[k])
            return x
        work, line = np.zeros((n, BLOCK)), np.empty((n, BLOCK))
        for k in range(0, count, BLOCK):
            solve_block(*parts, b[k : k + BLOCK], work, line, x[k : k + BLOCK])
        return x


def factor_of(lu: sla.SuperLU) -> Factor | None:
    """Blocks of a SuperLU factor; ``None`` where rows were exchanged (then it is not L D L')."""
    if not np.array_equal(lu.perm_r, lu.perm_c):
        return None
    low = lu.L.tocsc()
    low.sort_indices()
    pointers, indices = low.indptr.astype(np.int64), low.indices.astype(np.int64)
    first, start, at = _blocks(pointers, indices, EXTRA, SMALL)
    rows, values = np.empty(start[-1], dtype=np.int32), np.zeros(at[-1])
    _fill(pointers, indices, low.data, first, start, at, rows, values)
    home = np.repeat(np.arange(first.size - 1), np.diff(first))
    return Factor(lu.perm_r.astype(np.int64), first, start, rows, at, values, home, 1.0 / lu.U.diagonal())


@nb.njit(cache=True)
def _blocks(pointers, indices, extra, small):
    """Columns joined into blocks: the last of a block must hold the rows of all others (parent after child)."""
    n = pointers.size - 1
    first, start, at = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    count, begin, held = 0, 0, pointers[1] - pointers[0]
    for c in range(n):
        closed = True
        if c + 1 < n and pointers[c + 1] - pointers[c] > 1 and indices[pointers[c] + 1] == c + 1:
            width = c + 2 - begin
            stored = width * (width + pointers[c + 2] - pointers[c + 1] - 1)
            grown = held + pointers[c + 2] - pointers[c + 1]
            numbers = stored - width * (width - 1) // 2
            if numbers - grown <= extra * numbers or stored <= small:
                closed, held = False, grown
        if closed:
            below = pointers[c + 1] - pointers[c] - 1
            width = c + 1 - begin
            first[count + 1] = c + 1
            start[count + 1] = start[count] + below
            at[count + 1] = at[count] + width * (width + below)
            count, begin = count + 1, c + 1
            if c + 1 < n:
                held = pointers[c + 2] - pointers[c + 1]
    return first[: count + 1].copy(), start[: count + 1].copy(), at[: count + 1].copy()


@nb.njit(cache=True)
def _fill(pointers, indices, data, first, start, at, rows, values):
    for s in range(first.size - 1):
        c0, c1 = first[s], first[s + 1]
        width, below = c1 - c0, start[s + 1] - start[s]
        for e in range(below):
            rows[start[s] + e] = indices[pointers[c1 - 1] + 1 + e]
        for c in range(c0, c1):
            column, e = at[s] + (c - c0) * (width + below), 0
            for p in range(pointers[c], pointers[c + 1]):
                r = indices[p]
                if r < c1:
                    values[column + r - c0] = data[p]
                    continue
                while rows[start[s] + e] != r:
                    e += 1
                values[column + width + e] = data[p]


@nb.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"}, error_model="numpy")
def solve_one(order, first, start, rows, at, values, home, pivots, b, work, line, x):
    """x (n,) with A x = b (n,); ``work``, ``line`` (n,): scratch."""
    blocks = first.size - 1
    reached = np.zeros(blocks, dtype=np.bool_)
    for c in range(b.size):
        work[order[c]] = b[c]
        if b[c] != 0.0:
            reached[home[order[c]]] = True
    for s in range(blocks):
        if not reached[s]:
            continue
        if start[s + 1] > start[s]:
            reached[home[rows[start[s]]]] = True
        c0, width, low, below = first[s], first[s + 1] - first[s], start[s], start[s + 1] - start[s]
        for e in range(below):
            line[e] = 0.0
        for k in range(width):
            column = values[at[s] + k * (width + below) : at[s] + (k + 1) * (width + below)]
            v = work[c0 + k]
            for r in range(k + 1, width):
                work[c0 + r] -= column[r] * v
            for e in range(below):
                line[e] += column[width + e] * v
        for e in range(below):
            work[rows[low + e]] -= line[e]
    for c in range(b.size):
        work[c] *= pivots[c]
    for s in range(blocks - 1, -1, -1):
        c0, width, low, below = first[s], first[s + 1] - first[s], start[s], start[s + 1] - start[s]
        for e in range(below):
            line[e] = work[rows[low + e]]
        for k in range(width - 1, -1, -1):
            column = values[at[s] + k * (width + below) : at[s] + (k + 1) * (width + below)]
            total = 0.0
            for e in range(below):
                total += column[width + e] * line[e]
            for r in range(k + 1, width):
                total += column[r] * work[c0 + r]
            work[c0 + k] -= total
    for c in range(b.size):
        x[c] = work[order[c]]


@nb.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"}, error_model="numpy")
def _add_times(column, begin, count, line, vector):
    """line[e] += column[begin + e] vector for eight right-hand sides at once."""
    v0, v1, v2, v3 = vector[0], vector[1], vector[2], vector[3]
    v4, v5, v6, v7 = vector[4], vector[5], vector[6], vector[7]
    for e in range(count):
        number = column[begin + e]
        line[e, 0] += number * v0
        line[e, 1] += number * v1
        line[e, 2] += number * v2
        line[e, 3] += number * v3
        line[e, 4] += number * v4
        line[e, 5] += number * v5
        line[e, 6] += number * v6
        line[e, 7] += number * v7


@nb.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"}, error_model="numpy")
def _take_sum(column, begin, count, line, vector):
    """vector -= sum over e of column[begin + e] line[e]."""
    v0, v1, v2, v3, v4, v5, v6, v7 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for e in range(count):
        number = column[begin + e]
        v0 += number * line[e, 0]
        v1 += number * line[e, 1]
        v2 += number * line[e, 2]
        v3 += number * line[e, 3]
        v4 += number * line[e, 4]
        v5 += number * line[e, 5]
        v6 += number * line[e, 6]
        v7 += number * line[e, 7]
    vector[0] -= v0
    vector[1] -= v1
    vector[2] -= v2
    vector[3] -= v3
    vector[4] -= v4
    vector[5] -= v5
    vector[6] -= v6
    vector[7] -= v7


@nb.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"}, error_model="numpy")
def solve_block(order, first, start, rows, at, values, home, pivots, b, work, line, x):
    """x (m, n) with A x = b (m, n), m at most ``BLOCK``; ``work``, ``line`` (n, BLOCK): scratch."""
    m, n = b.shape
    blocks = first.size - 1
    reached = np.zeros(blocks, dtype=np.bool_)
    for c in range(n):
        for q in range(m):
            work[order[c], q] = b[q, c]
            if b[q, c] != 0.0:
                reached[home[order[c]]] = True
    for s in range(blocks):
        if not reached[s]:
            continue
        if start[s + 1] > start[s]:
            reached[home[rows[start[s]]]] = True
        c0, width, low, below = first[s], first[s + 1] - first[s], start[s], start[s + 1] - start[s]
        for e in range(below):
            for q in range(BLOCK):
                line[e, q] = work[rows[low + e], q]
        for k in range(width):
            column = at[s] + k * (width + below)
            for q in range(BLOCK):
                line[n - 1, q] = -work[c0 + k, q]
            _add_times(values, column + k + 1, width - k - 1, work[c0 + k + 1 :], line[n - 1])
            _add_times(values, column + width, below, line, line[n - 1])
        for e in range(below):
            for q in range(BLOCK):
                work[rows[low + e], q] = line[e, q]
    for c in range(n):
        for q in range(BLOCK):
            work[c, q] *= pivots[c]
    for s in range(blocks - 1, -1, -1):
        c0, width, low, below = first[s], first[s + 1] - first[s], start[s], start[s + 1] - start[s]
        for e in range(below):
            for q in range(BLOCK):
                line[e, q] = work[rows[low + e], q]
        for k in range(width - 1, -1, -1):
            column = at[s] + k * (width + below)
            _take_sum(values, column + width, below, line, work[c0 + k])
            _take_sum(values, column + k + 1, width - k - 1, work[c0 + k + 1 :], work[c0 + k])
    for c in range(n):
        for q in range(m):
            x[q, c] = work[order[c], q]
