"""From coordinates as they were given to metres east and north of the site's own zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.importer.check import Row
from services.importer.columns import SHAPE_OF
from services.importer.manifest import FILE, Manifest
from twin_models.errors import Fault
from twin_models.site_tables import SHAPES
from twin_models.site_types import METRES_PER_DEGREE_LAT, METRES_PER_DEGREE_LON, local_xy_m

Point = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """A place: longitude and latitude (``lonlat``) or local metres, the head of a well beside it."""

    x: float
    y: float
    lonlat: bool


def lonlat_of(x_m: float, y_m: float, *, origin: Point) -> Point:
    """The inverse of ``local_xy_m``."""
    lon = origin[0] + x_m / (math.cos(math.radians(origin[1])) * METRES_PER_DEGREE_LON)
    return lon, origin[1] + y_m / METRES_PER_DEGREE_LAT


@lru_cache(maxsize=8)
def _to_lonlat(system: str) -> Any:
    from pyproj import Transformer

    return Transformer.from_crs(system, "EPSG:4326", always_xy=True)


def spot_of(x: float, y: float, system: str) -> Spot | None:
    """A pair of coordinates of a system (``local``, ``lonlat`` or ``EPSG:…``); ``None`` where it has none."""
    if system == "local":
        return Spot(x, y, False) if max(abs(x), abs(y)) <= 1e6 else None
    if system != "lonlat":
        x, y = _to_lonlat(system).transform(x, y)
    fits = math.isfinite(x) and math.isfinite(y) and abs(x) <= 180.0 and abs(y) <= 85.0
    return Spot(float(x), float(y), True) if fits else None


def check_system(manifest: Manifest, faults: list[Fault]) -> bool:
    """Whether the reference system that the manifest names is one that exists."""
    name = manifest.coordinates or "local"
    if not name.startswith("EPSG:"):
        return True
    try:
        _to_lonlat(name)
    except Exception:
        faults.append(Fault(f"{FILE}: coordinates", "unknown", f"{name} is not a known reference system"))
        return False
    return True


def place(
    row: Row, manifest: Manifest, faults: list[Fault], *, keys: tuple[str, ...] = ("", "")
) -> Spot | None:
    """Where a row stands: its point, its lon and lat, or its x and y. ``keys[0]``: a prefix such as ``head_``."""
    prefix = keys[0]
    names = {k: f"{prefix}{k}" for k in ("lon", "lat", "x", "y")}
    if not prefix and row.shape is not None:
        parts = shape_parts(row, "point", manifest, faults)
        return parts[0][0] if parts else None
    lon, lat, x, y = (row.values.get(names[k]) for k in ("lon", "lat", "x", "y"))
    if lon is not None and lat is not None:
        return Spot(lon, lat, True)
    if x is not None and y is not None:
        spot = spot_of(x, y, manifest.coordinates or "local")
        if spot is None:
            text = f"is no place in {manifest.coordinates or 'local metres'}: ({x:g}, {y:g})"
            faults.append(row.at(names["x"], "range", text))
        return spot
    if prefix and lon is lat is x is y is None:
        return None
    if not row.bad & set(names.values()):
        missing = names["lat"] if lon is not None else names["lon"] if lat is not None else None
        missing = missing or (names["y"] if x is not None else names["x"])
        faults.append(row.at(missing, "missing", "is empty: a place needs x and y, lon and lat, or a point"))
    return None


def shape_parts(row: Row, wanted: str, manifest: Manifest, faults: list[Fault]) -> list[list[Spot]] | None:
    """The parts of a row's shape (rings for a polygon), or ``None`` with a fault said."""
    shape = row.shape or {}
    try:
        kind, parts = SHAPES[shape["type"]](shape["coordinates"])
        points = [[(float(p[0]), float(p[1])) for p in part] for part in parts]
    except (KeyError, TypeError, ValueError, IndexError):
        faults.append(row.at("geometry", "type", f"must be a {wanted}, got {str(shape.get('type'))[:30]!r}"))
        return None
    if kind != wanted:
        faults.append(row.at("geometry", "type", f"must be a {wanted}, got a {kind}"))
        return None
    system = row.crs or ("local" if manifest.coordinates == "local" else manifest.coordinates or "lonlat")
    spots = [[spot_of(x, y, system) for x, y in part] for part in points]
    if not spots or any(s is None for part in spots for s in part):
        faults.append(row.at("geometry", "range", f"has coordinates that are no places in {system}"))
        return None
    return [[s for s in part if s is not None] for part in spots]


def chains(
    rows: Sequence[Row], kind: str, manifest: Manifest, faults: list[Fault]
) -> list[tuple[Row, list[Spot]]]:
    """Lines or rings: one shape a row, or one corner a row (rows of one name in their order)."""
    out: list[tuple[Row, list[Spot]]] = []
    if any(row.shape is not None for row in rows):
        for row in rows:
            parts = shape_parts(row, SHAPE_OF[kind], manifest, faults)
            out += [(row, part) for part in parts or []]
        return out
    groups: dict[Any, tuple[Row, list[Spot]]] = {}
    for row in rows:
        spot = place(row, manifest, faults)
        group = groups.setdefault(row.values.get("name") or row.values.get("name_en"), (row, []))
        if spot is not None:
            group[1].append(spot)
    return list(groups.values())


def to_local(spot: Spot, frame: Point) -> Point:
    """Metres in the site's frame, to the millimetre."""
    x, y = local_xy_m(spot.x, spot.y, origin=frame) if spot.lonlat else (spot.x, spot.y)
    return round(x, 3), round(y, 3)
