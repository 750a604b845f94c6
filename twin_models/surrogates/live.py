"""The cells on which the surrogate's own flow is solved: a site's, or smaller ones where wells stand close together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from twin_models.grid import RecentlyUsed
from twin_models.simulators.flow_units import flow_units
from twin_models.types import Reservoir, Well

APART = 5.0  # cells between a well and its nearest neighbour, at the median
FINEST = 4  # parts of a site's cell, at most
MOST_CELLS = 240  # along the longer side of what has been made finer


_FINER = RecentlyUsed()


def usual_gap_m(x_m: np.ndarray, y_m: np.ndarray) -> float:
    """Median distance from a well to its nearest neighbour; two wells at least."""
    gap = np.hypot(x_m[:, None] - x_m, y_m[:, None] - y_m)
    np.fill_diagonal(gap, np.inf)
    ranked = np.sort(gap.min(axis=1))  # numpy's own median takes ten times as long for some tens of wells
    return 0.5 * float(ranked[(ranked.size - 1) // 2] + ranked[ranked.size // 2])


def live_ground(reservoir: Reservoir, wells: Sequence[Well]) -> Reservoir:
    """The same ground on cells a whole number of times smaller, if its own are too wide for these wells."""
    places = np.array([(w.x_m, w.y_m) for w in wells if w.kind != "monitor"])
    if len(places) < 2:
        return reservoir
    wanted = usual_gap_m(places[:, 0], places[:, 1]) / APART
    return _divided(reservoir, min(math.ceil(reservoir.cell_m / max(wanted, 1.0) - 1e-9), _most(reservoir)))


def make_ready(reservoir: Reservoir) -> None:
    """Factor every grid that a layout on this ground may ask for, so that no dragged well waits for one."""
    for parts in range(2, _most(reservoir) + 1):
        for unit in flow_units(_divided(reservoir, parts)):
            unit.system.solve(np.zeros(unit.water.shape))  # factors are made when first asked for


def _most(reservoir: Reservoir) -> int:
    return min(FINEST, int(MOST_CELLS * reservoir.cell_m / max(reservoir.extent_m)))


def _divided(reservoir: Reservoir, parts: int) -> Reservoir:
    if parts <= 1:
        return reservoir
    # the same object again: its grid, factors and places are found by a key that is dear to make
    return _FINER.get((reservoir.key, parts), lambda: replace(reservoir, cell_m=reservoir.cell_m / parts))
