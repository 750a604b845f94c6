"""The basin block: its outline, the cut that opens it, its units, and the heights of its surfaces."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from scipy import ndimage

from scenes.container import Text
from scenes.surfaces import chaikin, filled, sample, waves
from twin_models.site_types import Feature, Site
from twin_models.sites import children, load_site

CUT_BEARING_DEG = 120.5  # direction in which the cut runs
CUT_SHIFT = 0.115  # of the block's height, north of its middle
EDGE_M = 1100.0  # longest edge of an outline
PINGYUAN_M = 250.0
SLIVER_M = 4000.0  # the units' common border may leave the outline by this much
DRAWN_SMOOTH_CELLS = 1.1  # rasters are smoothed this much for drawing, so that steps at faults are no stairs


@dataclass(frozen=True)
class Block:
    """Outline, cut and heights of the basin. Regions are polygons in local metres."""

    site: Site
    outline: shapely.Polygon
    seed: int

    @cached_property
    def cut_point(self) -> np.ndarray:
        x0, y0, x1, y1 = self.outline.bounds
        return np.array([(x0 + x1) / 2, (y0 + y1) / 2 + CUT_SHIFT * (y1 - y0)])

    def north_of_cut(self, flat: np.ndarray) -> np.ndarray:
        """Signed distance (m) of points (n, 2) from the cut, positive on the north-eastern side."""
        bearing = np.radians(CUT_BEARING_DEG)
        normal = np.array([np.cos(bearing), -np.sin(bearing)]) * -1.0  # left of the direction of the cut
        normal = normal if normal[1] > 0 else -normal
        return (np.asarray(flat) - self.cut_point) @ normal

    @cached_property
    def _half_plane(self) -> shapely.Polygon:
        bearing = np.radians(CUT_BEARING_DEG)
        along = np.array([np.sin(bearing), np.cos(bearing)])
        across = np.array([-along[1], along[0]])
        far = 1e6
        p = self.cut_point
        return shapely.Polygon(
            [p - far * along, p + far * along, p + far * (along + across), p + far * (across - along)]
        )

    @cached_property
    def covered(self) -> shapely.Geometry:
        """Where the ground stays on."""
        return shapely.intersection(self.outline, self._half_plane)

    @cached_property
    def opened(self) -> shapely.Geometry:
        """Where one looks down on the reservoir."""
        return shapely.difference(self.outline, self._half_plane)

    @cached_property
    def absent(self) -> shapely.Geometry:
        """Where the reservoir is missing: units without values in the unit table."""
        known = {row.id for row in self.site.units}
        parts = [s for name, s in self.units.items() if name not in known]
        return shapely.union_all(parts) if parts and known else shapely.Polygon()

    @cached_property
    def units(self) -> dict[str, shapely.Geometry]:
        """Units inside the outline; slivers between the two belong to the unit beside them."""
        layer = self.site.layer("units")
        if layer is None:
            return {}
        shapes = {f.id: shapely.intersection(polygon_of(f), self.outline) for f in layer.features}
        left = shapely.difference(self.outline, shapely.union_all(list(shapes.values())))
        for name, shape in shapes.items():
            near = shapely.intersection(left, shape.buffer(SLIVER_M))
            shapes[name] = shapely.union(shape, near).buffer(1.0)
            left = shapely.difference(left, near)
        return {name: shapely.intersection(shape, self.outline) for name, shape in shapes.items()}

    @cached_property
    def _fields(self) -> dict[str, np.ndarray]:
        rasters = self.site.rasters
        top, base = filled(rasters["top_m"]), filled(rasters["base_m"])
        missing = ~np.isfinite(rasters["top_m"])
        if (
            missing.any()
        ):  # the surface goes on evenly under the grey area; the reservoir thins out to nothing
            even = ndimage.gaussian_filter(top, 6.0, mode="nearest")
            share = ndimage.gaussian_filter(missing.astype(float), 1.5)
            top = top * (1 - share) + even * share
            known = _spread(self.site, missing)
            base = np.where(known, base, top)
        top, base = (ndimage.gaussian_filter(a, DRAWN_SMOOTH_CELLS, mode="nearest") for a in (top, base))
        ground = filled(rasters["ground_m"]) if "ground_m" in rasters else np.zeros_like(top)
        return {"top": top, "base": np.maximum(base, top), "ground": ground}

    @cached_property
    def fields_on_plate(self) -> list[tuple[str, Text, tuple[float, float]]]:
        """Field sites of this map that do not stand on the block: name, title, place."""
        return [s for s in sites_on(self.site) if not self.outline.contains(shapely.Point(s[2]))]

    def z(self, name: str, flat: np.ndarray) -> np.ndarray:
        """Heights (m, up) of ``ground``, ``pingyuan``, ``top``, ``base``, ``deep`` or ``foot`` at (n, 2)."""
        x, y = np.asarray(flat)[:, 0], np.asarray(flat)[:, 1]
        if name == "ground":
            return sample(self.site, self._fields["ground"], x, y)
        if name == "pingyuan":
            return np.full(len(x), -PINGYUAN_M) + 12.0 * waves(self.seed, x, y, length_m=60e3)
        if name in ("top", "base"):
            return -sample(self.site, self._fields[name], x, y)
        if name == "foot":
            return np.full(len(x), -self.foot_m)
        wave = 70.0 * waves(self.seed + 1, x, y, length_m=90e3)
        return np.minimum(-self.foot_m + 760.0 + wave, self.z("base", flat) - 120.0)

    @cached_property
    def foot_m(self) -> float:
        return float(np.ceil((np.nanmax(self.site.rasters["base_m"]) + 1000.0) / 100.0) * 100.0)


def _spread(site: Site, missing: np.ndarray) -> np.ndarray:
    """Cells with reservoir, and those outside the map nearest to one."""
    if "unit" not in site.rasters:
        return np.ones_like(missing)
    inside = np.isfinite(site.rasters["unit"])
    state = np.where(inside, np.where(missing, 0.0, 1.0), np.nan)
    return filled(state) > 0.5


def polygon_of(feature: Feature) -> shapely.Geometry:
    return shapely.union_all([shapely.Polygon(part) for part in feature.parts_m])


def block_of(site: Site) -> Block:
    layer = site.layer("outline") or site.layer("units")
    assert layer is not None
    whole = shapely.union_all([polygon_of(f).buffer(1.0) for f in layer.features])
    largest = max(shapely.get_parts(whole), key=lambda p: p.area)
    ring = shapely.get_coordinates(largest.exterior)[:-1]
    outline = shapely.Polygon(chaikin(ring)).simplify(60.0)
    outline = shapely.segmentize(outline, EDGE_M)  # once: all regions cut from it keep these vertices
    return Block(site, shapely.geometry.polygon.orient(outline), zlib.crc32(site.name.encode()))


def sites_on(site: Site) -> list[tuple[str, Text, tuple[float, float]]]:
    """Name, title and place (in this site's frame) of the field sites whose parent is this one."""
    found = [load_site(name) for name in children(site.name)]
    x0, y0 = site.world_origin_m
    return [
        (s.name, s.title.as_dict(), (s.world_origin_m[0] - x0, s.world_origin_m[1] - y0))
        for s in found
        if s.scale == "field"
    ]


def polygons(region: shapely.Geometry, at_least_m2: float = 1e6) -> list[shapely.Polygon]:
    """The polygons of a region that are large enough to be drawn."""
    return [p for p in shapely.get_parts(region) if p.geom_type == "Polygon" and p.area > at_least_m2]
