"""What a site is made of. Metres in the site's local frame (x east, y north), depth positive downward."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from twin_models.types import Reservoir, Well

# One map projection for all sites: equirectangular about 116.4 E 36.9 N, the middle of NW Shandong. Lengths
# are true there and 3 % long in x at Caofeidian (39.2 N), which only shifts where a site stands on the map.
WORLD_LON, WORLD_LAT = 116.4, 36.9
METRES_PER_DEGREE_LON = 111_320.0  # at the equator
METRES_PER_DEGREE_LAT = 110_980.0

Scale = Literal["basin", "field", "site"]


def world_xy_m(lon: float, lat: float) -> tuple[float, float]:
    """Longitude and latitude (degrees) to metres in the world frame that all sites share."""
    x = (lon - WORLD_LON) * math.cos(math.radians(WORLD_LAT)) * METRES_PER_DEGREE_LON
    return x, (lat - WORLD_LAT) * METRES_PER_DEGREE_LAT


def local_xy_m(lon: float, lat: float, *, origin: tuple[float, float]) -> tuple[float, float]:
    """Longitude and latitude to metres east and north of ``origin`` (lon, lat); lengths true at the origin."""
    x = (lon - origin[0]) * math.cos(math.radians(origin[1])) * METRES_PER_DEGREE_LON
    return x, (lat - origin[1]) * METRES_PER_DEGREE_LAT


@dataclass(frozen=True)
class Text:
    """A text that people see, in both languages."""

    zh: str
    en: str

    def get(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en

    def as_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class Stratum:
    """One layer of the stack painted on the walls. ``colour``: hex, ``role``: cap, reservoir, deep, basement."""

    id: str
    name: Text
    top_m: float
    base_m: float
    colour: str
    role: str


@dataclass(frozen=True)
class FaultLine:
    """A fault's trace at reservoir depth; ``line_m`` (n, 2) points. ``dip_deg`` 90 is vertical.

    ``dip_to_deg``: compass bearing towards which it dips.
    """

    id: str
    name: Text
    line_m: tuple[tuple[float, float], ...]
    main: bool
    dip_deg: float
    dip_to_deg: float
    schematic: bool
    source: str

    def distance_m(self, x_m: float, y_m: float) -> float:
        """Shortest horizontal distance from a place to the trace."""
        line = np.asarray(self.line_m)
        start, step = line[:-1], np.diff(line, axis=0)
        length2 = np.maximum((step**2).sum(axis=1), 1e-12)
        along = np.clip((((x_m, y_m) - start) * step).sum(axis=1) / length2, 0.0, 1.0)
        nearest = start + along[:, None] * step
        return float(np.hypot(nearest[:, 0] - x_m, nearest[:, 1] - y_m).min())


@dataclass(frozen=True)
class Area:
    """The area inside which wells may stand; ``polygon_m`` is not closed (last point is not the first)."""

    name: Text
    polygon_m: tuple[tuple[float, float], ...]
    source: str
    schematic: bool

    def contains(self, x_m: float, y_m: float) -> bool:
        """Whether a place lies inside, by crossing number (O'Rourke, Computational Geometry in C, 7.4)."""
        return point_in_ring(x_m, y_m, self.polygon_m)

    @property
    def area_m2(self) -> float:
        """Shoelace area of the polygon."""
        ring = np.asarray(self.polygon_m)
        x, y = ring[:, 0], ring[:, 1]
        return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0)


def point_in_ring(x: float, y: float, ring: tuple[tuple[float, float], ...]) -> bool:
    inside = False
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
        x0, y0 = x1, y1
    return inside


@dataclass(frozen=True)
class Pad:
    """A place where well heads stand together. ``existing`` is false for a place a scheme may build."""

    id: str
    x_m: float
    y_m: float
    existing: bool = True


@dataclass(frozen=True)
class SiteWell:
    """A row of the site's well table. ``x_m``, ``y_m``: target at the reservoir; ``head_*``: on the ground."""

    name: str
    kind: Literal["producer", "injector", "storage", "monitor"]
    pad: str | None
    head_x_m: float
    head_y_m: float
    x_m: float
    y_m: float
    rate_m3_h: float
    temperature_degc: float | None
    existing: bool
    schematic: bool

    def as_well(self) -> Well:
        """The well as the reservoir sees it (vertical; whoever draws it gives it a path)."""
        return Well(
            self.name,
            self.kind,
            self.x_m,
            self.y_m,
            rate_m3_h=self.rate_m3_h,
            temperature_degc=self.temperature_degc,
        )


@dataclass(frozen=True)
class Community:
    """Houses that are heated. ``load_w_m2``: mean over the season; ``wells``: names of the wells that feed it.

    ``block``: the group of communities it would be linked with, if any.
    """

    id: str
    name: Text
    x_m: float
    y_m: float
    area_m2: float
    load_w_m2: float
    wells: tuple[str, ...]
    block: str | None = None


@dataclass(frozen=True)
class Station:
    """The energy station and the communities it serves."""

    name: Text
    x_m: float
    y_m: float
    communities: tuple[Community, ...]

    @property
    def area_m2(self) -> float:
        return sum(c.area_m2 for c in self.communities)


@dataclass(frozen=True)
class Rule:
    """A limit on where wells may stand.

    ``kind``: ``producer_injector_spacing``, ``well_spacing``, ``fault_distance`` (least distance in
    ``value_m``), ``pad_reach`` (greatest horizontal step-out from head to target) or ``inside_area``
    (no value). ``severity`` hard: refused; soft: allowed and said.
    """

    id: str
    kind: Literal["producer_injector_spacing", "well_spacing", "fault_distance", "pad_reach", "inside_area"]
    severity: Literal["soft", "hard"]
    value_m: float | None
    text: Text
    source: str


@dataclass(frozen=True)
class SchemeFile:
    """A scheme shipped with the site; the first of a site is its baseline."""

    id: str
    path: Path
    title: Text
    note: Text


@dataclass(frozen=True)
class RasterInfo:
    """How to show a raster: ``low`` and ``high`` are the ends of its colour scale."""

    name: str
    label: Text
    unit: str
    low: float
    high: float


@dataclass(frozen=True)
class Feature:
    """One object of a context map in local metres.

    ``geometry``: ``point`` (one part of one point), ``line`` (parts are lines) or ``polygon`` (parts are
    rings, outer rings and islands alike; holes are not used).
    """

    id: str
    name: Text
    geometry: Literal["point", "line", "polygon"]
    parts_m: tuple[tuple[tuple[float, float], ...], ...]
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class ContextLayer:
    """A map layer around the site: units, faults, counties, rivers, outline, coast or places."""

    id: str
    kind: str
    label: Text
    schematic: bool
    source: str
    features: tuple[Feature, ...]


@dataclass(frozen=True)
class UnitRow:
    """One structural unit: published ranges (min, mode, max) and its heat in place (J).

    ``block``: units of different blocks are parted by a main fault. ``gradient_k_per_km`` and
    ``heat_flow_mw_m2`` are means of the unit.
    """

    id: str
    name: Text
    block: str
    area_km2: float
    gradient_k_per_km: float
    heat_flow_mw_m2: float
    thickness_m: tuple[float, float, float]
    porosity: tuple[float, float, float]
    temperature_degc: tuple[float, float, float]
    rock_density_kg_m3: tuple[float, float, float]
    rock_heat_capacity_j_kgk: tuple[float, float, float]
    heat_j_mean: float
    heat_j_p5: float
    heat_j_p95: float
    source: str


@dataclass(frozen=True, eq=False)
class Site:
    """A named place: ground, wells, people to serve, rules and shipped schemes. Immutable."""

    name: str
    title: Text
    scale: Scale
    parent: str | None
    location: tuple[float, float]
    frame_origin: tuple[float, float]
    measured: tuple[Text, ...]
    schematic: tuple[Text, ...]
    provenance: Text
    reservoir: Reservoir | None
    strata: tuple[Stratum, ...]
    faults: tuple[FaultLine, ...]
    area: Area | None
    pads: tuple[Pad, ...]
    wells: tuple[SiteWell, ...]
    station: Station | None
    rules: tuple[Rule, ...]
    scheme_defaults: Mapping[str, Any]
    schemes: tuple[SchemeFile, ...]
    rasters: Mapping[str, np.ndarray]
    raster_info: Mapping[str, RasterInfo]
    raster_origin_m: tuple[float, float]
    raster_cell_m: float
    context: tuple[ContextLayer, ...]
    units: tuple[UnitRow, ...]
    folder: Path

    @property
    def world_origin_m(self) -> tuple[float, float]:
        """Where this site's local (0, 0) stands in the frame that all sites share."""
        return world_xy_m(*self.frame_origin)

    @cached_property
    def well_by_name(self) -> dict[str, SiteWell]:
        return {well.name: well for well in self.wells}

    @cached_property
    def pad_by_id(self) -> dict[str, Pad]:
        return {pad.id: pad for pad in self.pads}

    def layer(self, kind: str) -> ContextLayer | None:
        """The first context layer of a kind."""
        return next((layer for layer in self.context if layer.kind == kind), None)

    def raster_at(self, name: str, x_m: float, y_m: float) -> float:
        """Value of a raster at a place (nearest cell; NaN outside)."""
        raster = self.rasters[name]
        column = math.floor((x_m - self.raster_origin_m[0]) / self.raster_cell_m)
        row = math.floor((y_m - self.raster_origin_m[1]) / self.raster_cell_m)
        if not (0 <= row < raster.shape[0] and 0 <= column < raster.shape[1]):
            return math.nan
        return float(raster[row, column])

    def summary(self) -> dict[str, Any]:
        """What ``geosandbox sites`` prints about this site."""
        kinds = [well.kind for well in self.wells]
        return {
            "name": self.name,
            "title": self.title.as_dict(),
            "scale": self.scale,
            "parent": self.parent,
            "location": {"lon": self.location[0], "lat": self.location[1]},
            "wells": {
                "total": len(kinds),
                "producers": kinds.count("producer"),
                "injectors": kinds.count("injector"),
            },
            "schemes": [scheme.id for scheme in self.schemes],
            "measured": [text.as_dict() for text in self.measured],
            "schematic": [text.as_dict() for text in self.schematic],
            "provenance": self.provenance.as_dict(),
        }
