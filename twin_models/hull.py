"""Convex hulls of small sets of points, many at once."""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True)
def hull_sizes(points):
    """Area and perimeter (b, 2) of the convex hulls of ``points`` (b, n, 2).

    Andrew's monotone chain (1979, Inf. Process. Lett. 9(5), 216-219). Points on one line span no area and
    twice their length.
    """
    count, n = points.shape[0], points.shape[1]
    out = np.zeros((count, 2))
    chain = np.empty((2 * n + 1, 2))
    for b in range(count):
        order = np.argsort(points[b, :, 0])
        for i in range(1, n):  # equal x: by y
            j = i
            while j > 0:
                one, two = order[j - 1], order[j]
                if points[b, one, 0] != points[b, two, 0] or points[b, one, 1] <= points[b, two, 1]:
                    break
                order[j - 1], order[j] = two, one
                j -= 1
        size = 0
        for half in range(2):
            floor = size + 1
            for k in range(n):
                p = points[b, order[k if half == 0 else n - 1 - k]]
                while size > floor:
                    ax, ay = chain[size - 1] - chain[size - 2]
                    if ax * (p[1] - chain[size - 1, 1]) - ay * (p[0] - chain[size - 1, 0]) > 0.0:
                        break
                    size -= 1
                chain[size] = p
                size += 1
            size -= 1  # the last point of one half is the first of the other
        for k in range(size):
            one, two = chain[k], chain[(k + 1) % size]
            out[b, 0] += 0.5 * ((one[0] - points[b, 0, 0]) * (two[1] - points[b, 0, 1]))
            out[b, 0] -= 0.5 * ((two[0] - points[b, 0, 0]) * (one[1] - points[b, 0, 1]))
            out[b, 1] += np.hypot(two[0] - one[0], two[1] - one[1])
    return out
