"""What the economics needs to know of the ground at a place: rock temperature, depth, heat in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twin_models.grid import RecentlyUsed
from twin_models.hull import hull_sizes
from twin_models.types import Layer, Reservoir

_GROUNDS = RecentlyUsed(64)


class Ground:
    """Samples of one reservoir, prepared once. Get it with ``ground_of``."""

    def __init__(self, reservoir: Reservoir):
        self.reservoir = reservoir
        self._open: dict[tuple[str, ...] | None, list[Layer]] = {}
        self._heat: dict[float, float] = {}

    def open_layers(self, names: tuple[str, ...] | None) -> list[Layer]:
        """The layers a well with these layer names is open to (``None``: all that let water through)."""
        if names not in self._open:
            layers = self.reservoir.layers
            chosen = [
                layer
                for layer in layers
                if (
                    layer.name in names
                    if names is not None
                    else np.any(np.asarray(layer.permeability_md) > 0.0)
                )
            ]
            self._open[names] = chosen or list(layers)
        return self._open[names]

    def rock_degc(self, layers: Sequence[Layer], x_m: np.ndarray, y_m: np.ndarray) -> np.ndarray:
        """Undisturbed temperature of the water a well would produce, (n,): layers weighted by k h."""
        total = np.zeros(len(x_m))
        weight = np.zeros(len(x_m))
        for layer in layers:
            flow = self.at(layer.permeability_md, x_m, y_m) * layer.thickness_m * layer.net_to_gross
            flow = np.maximum(flow, 1e-12)
            total += flow * self.at(layer.temperature_degc, x_m, y_m)
            weight += flow
        return total / weight

    def at(self, value: Any, x_m: np.ndarray, y_m: np.ndarray) -> np.ndarray:
        """A scalar, or a raster interpolated between its cell centres, at places (n,)."""
        if np.ndim(value) == 0:
            return np.full(len(x_m), float(value))
        raster = np.asarray(value)
        rows, columns = raster.shape
        (x0, y0), (wide, high) = self.reservoir.origin_m, self.reservoir.extent_m
        u = np.clip((x_m - x0) / wide * columns - 0.5, 0.0, columns - 1.0)
        v = np.clip((y_m - y0) / high * rows - 0.5, 0.0, rows - 1.0)
        i, j = (
            np.minimum(u.astype(np.intp), max(columns - 2, 0)),
            np.minimum(v.astype(np.intp), max(rows - 2, 0)),
        )
        i1, j1 = np.minimum(i + 1, columns - 1), np.minimum(j + 1, rows - 1)
        a, b = u - i, v - j
        south = raster[j, i] * (1.0 - a) + raster[j, i1] * a
        north = raster[j1, i] * (1.0 - a) + raster[j1, i1] * a
        return south * (1.0 - b) + north * b

    def heat_j_per_m2(self, reference_degc: float) -> float:
        """Mean heat in place of all layers above a reference temperature (J/m2).

        H/A = sum d [(1 - n phi) c_r + n phi c_w] (T - T_0), n net-to-gross: the volumetric method, USGS
        Circular 790 (Muffler and Cataldi 1978), with the water-filled share of the gross thickness.
        """
        if reference_degc not in self._heat:
            total = 0.0
            for layer in self.reservoir.layers:
                pores = np.asarray(layer.porosity) * layer.net_to_gross
                capacity = (1.0 - pores) * layer.rock_heat_capacity_mj_m3k
                capacity = capacity + pores * self.reservoir.fluid.heat_capacity_mj_m3k
                warm = np.maximum(np.asarray(layer.temperature_degc) - reference_degc, 0.0)
                total += float(np.mean(capacity * warm)) * 1e6 * layer.thickness_m
            self._heat[reference_degc] = total
        return self._heat[reference_degc]


def ground_of(reservoir: Reservoir) -> Ground:
    """The prepared samples of a reservoir; equal geology shares them."""
    return _GROUNDS.get(reservoir.key, lambda: Ground(reservoir))


def drained_area_m2(targets_m: np.ndarray, margin_m: Any) -> Any:
    """Area within ``margin_m`` of the convex hull of the targets (n, 2): A + P m + pi m^2 (Steiner's formula).

    Many layouts at once: targets (b, n, 2), margins (b,).
    """
    if not targets_m.shape[-2]:
        return 0.0 * np.asarray(margin_m)
    sizes = hull_sizes(np.ascontiguousarray(targets_m).reshape(-1, *targets_m.shape[-2:]))
    area = sizes[:, 0] + sizes[:, 1] * margin_m + np.pi * margin_m**2
    return area if targets_m.ndim == 3 else float(area[0])
