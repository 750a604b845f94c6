"""Where the estimate along streamlines leaves out what matters: it says so itself, with numbers from the scheme.

Conduction along the aquifer spreads a front that has moved for a time t by sqrt(D t) in radial and sqrt(2 D t) in plane
flow, D = conductivity / heat capacity (the width of Avdonin's and of Ogata & Banks' solutions). The lines keep it sharp;
that matters where the front reaches a well within the forecast and its width is no small part of the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from twin_models.simulators.flow_units import FlowUnit, Place
from twin_models.simulators.well_sources import UNBALANCED, Rates
from twin_models.types import Notice, Reservoir, Well

BLURRED_PART = (0.1, 0.2)  # width of a front over its way: worth a word, too much
AHEAD = (
    1.8  # between two wells heat runs ahead of the circle round the injector: sqrt(3) on the straight line
)
WIDTHS = 2.0


def wall_notices(reservoir: Reservoir, wells: Sequence[Well]) -> Iterator[Notice]:
    """Working wells within a cell of a side: the lines leave a well to all sides, also where a wall is."""
    x0, y0 = reservoir.origin_m
    wide, deep = reservoir.extent_m
    cell = reservoir.cell_m
    if min(wide, deep) <= 1.5 * cell:  # a section: plane flow between its sides
        return
    for n, well in enumerate(wells):
        if well.kind == "monitor" or not (well.rate_m3_h or well.schedule):
            continue
        off = min(well.x_m - x0, x0 + wide - well.x_m, well.y_m - y0, y0 + deep - well.y_m)
        if off < cell:
            text = (
                f"stands {max(off, 0.0):.0f} m from a side of the model, less than a cell of {cell:g} m: the estimate "
                "knows no side so near"
            )
            zh = f"距模型边界仅 {max(off, 0.0):.0f} m，小于一个网格({cell:g} m)：流线估算不适用于紧贴边界的井"
            yield Notice("at_side", f"wells[{n}]", text, zh, "hard")


def transient_notices(reservoir: Reservoir, rates: Rates) -> Iterator[Notice]:
    """A compressibility makes pressure take its time; the estimate shows the state it settles in."""
    if reservoir.compressibility_per_pa is None:
        return
    unbalanced = abs(float(rates.mean.sum())) > UNBALANCED * float(np.abs(rates.mean).sum())
    text = "the estimate takes pressure as steady; the simulation follows it in time"
    zh = "流线估算按稳定压力计算；模拟会随时间求解"
    field = "reservoir.compressibility_per_pa"
    yield Notice("steady_pressure", field, text, zh, "hard" if unbalanced else "soft")


def blurred_notices(
    units: Sequence[FlowUnit],
    at: Sequence[tuple[Place, ...]],
    wells: Sequence[Well],
    rates: Rates,
    horizon_s: float,
) -> Iterator[Notice]:
    """Injectors whose front conduction spreads over a good part of its way to a well within the forecast."""
    told: set[int] = set()
    for u, unit in enumerate(units):
        places = [row[u] for row in at]
        x = np.array([p.cx for p in places]) * unit.grid.dx_m
        y = np.array([p.cy for p in places]) * unit.grid.dy_m
        bulk, conductivity = _properties(unit)
        spread = math.sqrt(conductivity / bulk * horizon_s)
        injecting = np.flatnonzero(rates.mean > 0.0)
        if x.size < 2 or spread <= 0.0:
            continue
        gaps = np.hypot(x[injecting, None] - x, y[injecting, None] - y)
        gaps[np.arange(injecting.size), injecting] = np.inf
        nearest = gaps.argmin(axis=1)
        # heat capacity per area over that of water
        height = float(unit.water.mean()) / (unit.grid.dx_m * unit.grid.dy_m)
        for row, (n, near) in enumerate(zip(injecting.tolist(), nearest.tolist(), strict=True)):
            rate = float(rates.mean[n]) * places[n].share
            if n in told or rate <= 0.0:
                continue
            ahead = 1.0 if wells[near].kind == "monitor" else AHEAD
            part = _blurred(unit, rate, float(gaps[row, near]), (spread, ahead, height), horizon_s)
            if part > BLURRED_PART[0]:
                told.add(n)
                text = (
                    f"conduction spreads the front of {wells[n].name} over {100.0 * part:.0f} % of its way to the nearest "
                    "well; the estimate keeps it sharp, wait for the simulation"
                )
                zh = f"热传导使 {wells[n].name} 的热锋展宽到与最近井距离的 {100.0 * part:.0f} %；流线估算不计传导，请以模拟为准"
                severity: Literal["soft", "hard"] = "hard" if part > BLURRED_PART[1] else "soft"
                yield Notice("conduction", f"wells[{n}].rate_m3_h", text, zh, severity)


def _properties(unit: FlowUnit) -> tuple[float, float]:
    """Heat capacity (J/m3/K) and conductivity (W/m/K) of the unit's layers, means by thickness."""
    grid = unit.grid
    levels = np.concatenate(unit.levels)
    weight = grid.dz_m[levels] / grid.dz_m[levels].sum()
    bulk = float(weight @ grid.heat_capacity_j_m3k[levels].mean(axis=(1, 2)))
    return bulk, float(weight @ grid.conductivity_w_mk[levels])


def _blurred(
    unit: FlowUnit, rate_m3_s: float, gap_m: float, front: tuple[float, float, float], horizon_s: float
) -> float:
    """Width of the front over the way to a well ``gap_m`` off when it passes there; 0 if it never comes near.

    ``front``: what conduction spreads it by the horizon (m), how far ahead of the circle heat runs, and the height of water
    that holds as much heat as the layers (m).
    """
    spread_m, ahead, height = front
    if unit.thin:
        across = unit.grid.reservoir.extent_m[1 if unit.thin == 1 else 0]
        way = rate_m3_s * horizon_s / (height * across)
        ahead, width = 1.0, math.sqrt(2.0) * spread_m
        then = math.sqrt(min(gap_m / max(way, 1e-9), 1.0))
    else:
        way = math.sqrt(rate_m3_s * horizon_s / (math.pi * height))
        width = spread_m
        then = min(gap_m / max(ahead * way, 1e-9), 1.0)
    if ahead * way + WIDTHS * width < gap_m or gap_m <= 0.0:
        return 0.0
    return width * then / gap_m
