"""Pipes between well pads and the energy station: length, diameter, pressure drop, heat lost.

Wells of one pad share one line for hot water and one for cold. Lines run straight with a detour factor;
the diameter follows the flow at a fixed speed, so that everything changes smoothly while a well is dragged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DETOUR = 1.2  # street grid against the straight line (assumption; 1.27 for a random rectangular grid)
SPEED_M_S = 2.0  # 004: DN125 for about 100 m3/h is 2.3 m/s
FRICTION = 0.018  # Darcy factor of steel pipe at this speed and size (Colebrook, 0.05 mm, Re 4e5)
DENSITY_KG_M3 = 985.0
REFERENCE_DIAMETER_M = 0.125
# Loss of pre-insulated single pipes (W/mK): DN50 0.2013, DN100 0.2543, DN125 0.288, DN200 0.3686 (ISOPLUS
# standard insulation, from the pandapipes table of standard types); straight line through them.
LOSS_BASE_W_MK, LOSS_PER_M_W_MK = 0.143, 1.13


@dataclass(frozen=True)
class Pipes:
    """Lines of one kind (hot or cold). ``of_well``: index of each well's line. All other arrays per line.

    ``length_m`` along the route, ``diameter_m`` inside, ``drop_bar`` pressure drop, ``loss_w_k`` heat lost
    per kelvin above the ground, ``new``: at least one of its wells is new.
    """

    of_well: np.ndarray
    length_m: np.ndarray
    diameter_m: np.ndarray
    drop_bar: np.ndarray
    loss_w_k: np.ndarray
    new: np.ndarray

    @property
    def drop_of_well_bar(self) -> np.ndarray:
        return self.drop_bar[self.of_well]


def lay_pipes(
    heads_m: np.ndarray,
    station_m: tuple[float, float],
    *,
    pads: Sequence[str | None],
    flows_m3_h: np.ndarray,
    existing: np.ndarray,
) -> Pipes:
    """Lines from wells at ``heads_m`` (n, 2) to the station. ``pads``: wells of one name share a line.

    Inner diameter d = sqrt(4 Q / (pi v)) with v = 2 m/s; pressure drop f rho v^2 / (2 d) per metre
    (Darcy-Weisbach); ``flows_m3_h``: (n,) largest flow of each well.
    """
    lines: dict[str | int, int] = {}
    of_well = np.array(
        [lines.setdefault(pad if pad is not None else i, len(lines)) for i, pad in enumerate(pads)],
        dtype=np.intp,
    )
    n = len(lines)
    count = np.maximum(np.bincount(of_well, minlength=n), 1)
    x = np.bincount(of_well, heads_m[:, 0], minlength=n) / count
    y = np.bincount(of_well, heads_m[:, 1], minlength=n) / count
    flow = np.bincount(of_well, flows_m3_h, minlength=n)
    length = DETOUR * np.hypot(x - station_m[0], y - station_m[1])
    diameter = np.sqrt(4.0 * flow / 3600.0 / (math.pi * SPEED_M_S))
    gradient_pa_m = np.where(
        flow > 0.0, FRICTION * DENSITY_KG_M3 * SPEED_M_S**2 / (2.0 * np.maximum(diameter, 1e-3)), 0.0
    )
    return Pipes(
        of_well=of_well,
        length_m=length,
        diameter_m=diameter,
        drop_bar=gradient_pa_m * length / 1e5,
        loss_w_k=(LOSS_BASE_W_MK + LOSS_PER_M_W_MK * diameter) * length,
        new=np.bincount(of_well, ~existing, minlength=n) > 0,
    )


def equivalent_length_m(pipes: Pipes, *, all_lines: bool = False) -> float:
    """Length of DN125 line that costs as much: sum L (d / 125 mm)^1.2 over new lines (or all of them)."""
    counted = np.ones_like(pipes.new) if all_lines else pipes.new
    scaled = pipes.length_m * (pipes.diameter_m / REFERENCE_DIAMETER_M) ** 1.2
    return float(scaled[counted].sum())
