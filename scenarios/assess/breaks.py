"""Natural breaks: classes of a list of numbers with the least sum of squared distances to their means.

Fisher (1958), J. Am. Stat. Assoc. 53, 789-798: exact by dynamic programming. The same answer as mapclassify's
FisherJenks (a test holds its numbers); computed here because importing that library costs seconds (it brings
scikit-learn and compiles at import) and a map must be painted again while a slider moves.
"""

from __future__ import annotations

import numpy as np

SAMPLE = 512


def thinned(values: np.ndarray, count: int = SAMPLE) -> np.ndarray:
    """Sorted sample at evenly spaced ranks, always the same for the same values; all of them if few."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if ordered.size <= count:
        return ordered
    place = ((np.arange(count) + 0.5) * ordered.size / count).astype(int)
    place[0], place[-1] = 0, ordered.size - 1
    return ordered[place]


def natural_breaks(values: np.ndarray, classes: int) -> np.ndarray:
    """Upper bounds (classes - 1,) of all classes but the last; a value equal to a bound is below it.

    Fewer where there are fewer different values than classes.
    """
    x = thinned(values)
    classes = min(classes, np.unique(x).size)
    n = x.size
    centred = x - x.mean()
    first = np.concatenate(([0.0], np.cumsum(centred)))
    second = np.concatenate(([0.0], np.cumsum(centred**2)))
    start, end = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    count = np.maximum(end - start + 1, 1)
    spread = second[end + 1] - second[start] - (first[end + 1] - first[start]) ** 2 / count
    spread = np.where(end >= start, np.maximum(spread, 0.0), np.inf)  # [i, j]: values i..j in one class
    best, chosen = spread[0], []
    for _ in range(1, classes):
        before = np.concatenate(([np.inf], best[:-1]))  # the classes before end at i - 1
        total = before[:, None] + spread
        chosen.append(total.argmin(axis=0))
        best = total.min(axis=0)
    bounds, last = [], n - 1
    for starts in reversed(chosen):
        last = int(starts[last]) - 1
        bounds.append(x[last])
    return np.array(bounds[::-1])


def classified(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Class 1, 2, ... of each value (uint8, any shape)."""
    result = np.ones(np.shape(values), dtype=np.uint8)
    for bound in bounds:
        result += values > bound
    return result
