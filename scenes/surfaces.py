"""Horizons from rasters, and lines laid on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from scipy import ndimage

from twin_models.site_types import Site


def filled(raster: np.ndarray) -> np.ndarray:
    """NaN cells take the value of the nearest cell that has one."""
    missing = ~np.isfinite(raster)
    if not missing.any():
        return raster
    nearest = ndimage.distance_transform_edt(missing, return_distances=False, return_indices=True)
    return raster[tuple(nearest)]


def sample(site: Site, raster: np.ndarray, x_m: np.ndarray, y_m: np.ndarray) -> np.ndarray:
    """Bilinear between cell centres; beyond the outermost centres the edge value. Raster (ny, nx)."""
    column = (np.asarray(x_m) - site.raster_origin_m[0]) / site.raster_cell_m - 0.5
    row = (np.asarray(y_m) - site.raster_origin_m[1]) / site.raster_cell_m - 0.5
    return ndimage.map_coordinates(filled(raster), [row, column], order=1, mode="nearest")


def waves(seed: int, x_m: np.ndarray, y_m: np.ndarray, *, length_m: float, count: int = 6) -> np.ndarray:
    """A smooth random surface about 0 with deviation near 1: plane waves of seeded direction and phase."""
    rng = np.random.default_rng(seed)
    x, y = np.asarray(x_m, dtype=float), np.asarray(y_m, dtype=float)
    out = np.zeros(np.broadcast(x, y).shape)
    for _ in range(count):
        angle, phase = rng.uniform(0, 2 * np.pi, 2)
        k = 2 * np.pi / (length_m * rng.uniform(0.6, 1.8))
        out += np.sin(k * (x * np.cos(angle) + y * np.sin(angle)) + phase)
    return out * np.sqrt(2.0 / count)


def densified(line: Sequence[Sequence[float]], step_m: float) -> np.ndarray:
    """(n, 2) points of a line, no two farther apart than ``step_m``."""
    return shapely.get_coordinates(shapely.segmentize(shapely.LineString(line), step_m))


def clipped_lines(line: Sequence[Sequence[float]], area: shapely.Geometry) -> list[np.ndarray]:
    """The parts of a line inside an area, each (n, 2)."""
    inside = shapely.intersection(shapely.LineString(line), area)
    parts = shapely.get_parts(inside)
    return [shapely.get_coordinates(p) for p in parts if p.geom_type == "LineString" and p.length > 0]
