"""How fast wells sweep the ground between them: fast fields need their flow solved more often.

Flow is solved anew every year or so, which suits wells that cool their surroundings within decades. Where water
crosses from well to well within a year or two, cold banks re-route the flow in months.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin_models.grid import Grid
from twin_models.types import Well

LEAST_PERIODS = 200.0  # at most so many times is flow solved anew in a forecast on this account


def sweeping_s(grid: Grid, wells: Sequence[Well], rates_m3_s: np.ndarray, capacity_j_m3k: float) -> float:
    """Median over the working wells of the time (s) in which a well's water, moving radially at the speed of heat,
    sweeps half the way to its nearest neighbour: pi (gap / 2)^2 height rc / (rc_w q). Infinite for a single well.

    ``rates_m3_s`` (n wells,); ``capacity_j_m3k``: of the water.
    """
    working = np.flatnonzero(rates_m3_s != 0.0)
    if working.size < 2:
        return np.inf
    xy = np.array([(wells[int(n)].x_m, wells[int(n)].y_m) for n in working])
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    apart[np.arange(working.size), np.arange(working.size)] = np.inf
    gap = np.maximum(apart.min(axis=1), max(grid.dx_m, grid.dy_m))
    capacity = grid.heat_capacity_j_m3k * grid.dz_m[:, None, None]
    height_m = float(capacity[grid.permeable].sum(axis=0).mean()) / capacity_j_m3k
    return float(np.median(np.pi * (0.5 * gap) ** 2 * height_m / np.abs(rates_m3_s[working])))
