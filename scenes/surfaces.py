"""Horizons from rasters, and lines laid on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from scipy import ndimage
from scipy.spatial import Delaunay

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


def chaikin(ring: np.ndarray, times: int = 2) -> np.ndarray:
    """A closed ring (n, 2), last point not repeated, with its corners cut (Chaikin 1974)."""
    for _ in range(times):
        following = np.roll(ring, -1, axis=0)
        ring = np.stack([0.75 * ring + 0.25 * following, 0.25 * ring + 0.75 * following], axis=1).reshape(
            -1, 2
        )
    return ring


def triangulated(region: shapely.Geometry, spacing_m: float, edge_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) and triangles (m, 3), counter-clockwise, of a polygon.

    A triangular lattice inside, the polygon's own edges cut into pieces of at most ``edge_m``; the edges are
    short against the lattice, so that the Delaunay triangulation contains them.
    """
    edges = shapely.get_coordinates(shapely.segmentize(region, edge_m))
    x0, y0, x1, y1 = region.bounds
    rows = np.arange(y0, y1, spacing_m * np.sqrt(3) / 2)
    columns = np.arange(x0, x1 + spacing_m, spacing_m)
    x, y = np.meshgrid(columns, rows)
    x = x + np.where(np.arange(len(rows)) % 2, 0.5 * spacing_m, 0.0)[:, None]
    inner = region.buffer(-0.55 * max(edge_m, 0.6 * spacing_m))
    shapely.prepare(inner)
    keep = shapely.contains_xy(inner, x.ravel(), y.ravel())
    points = np.unique(np.concatenate([edges, np.column_stack([x.ravel(), y.ravel()])[keep]]), axis=0)
    centre = points.mean(axis=0)
    triangles = Delaunay(points - centre).simplices
    corners = points[triangles]
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    triangles[area < 0] = triangles[area < 0][:, ::-1]
    middle = corners.mean(axis=1)
    shapely.prepare(region)
    inside = shapely.contains_xy(region, middle[:, 0], middle[:, 1]) & (np.abs(area) > 1.0)
    return points, triangles[inside]
