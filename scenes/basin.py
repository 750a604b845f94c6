"""The basin: a block cut out along its outline and opened towards the south-west.

North-east of the cut one looks at the ground (structural units, rivers, county seats); south-west of it
at the top of the reservoir, coloured by temperature, thickness or heat in place. The sides show the layers.
Around it a very light plate carries the coast, so that fields far away stand on the same map.

Everything comes from the site's rasters and map layers; where the reservoir is absent (unit raster without
values) the surface is grey.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from scipy import ndimage

from scenes import paint
from scenes.basin_block import DRAWN_SMOOTH_CELLS, EDGE_M, Block, block_of, polygons
from scenes.basin_labels import labels_of
from scenes.basin_plate import plate
from scenes.container import Camera, Material, Mesh, Pick, Scene, Text
from scenes.shapes import Piece, as_mesh, line_mesh, piece, strip, tube
from scenes.surfaces import clipped_lines, densified, filled, sample, triangulated, waves
from twin_models.site_types import Site

VE = 26.0
AZIMUTH_DEG, ELEVATION_DEG, FOV_DEG = 183.0, 36.0, 20.0
LATTICE_M = 1500.0
GROUND_LATTICE_M = 5000.0
ATTRIBUTES = {"temperature": "temperature_degc", "thickness": "thickness_m", "heat": "heat_gj_m2"}
ISO = {"temperature": 2.0, "thickness": 50.0, "heat": 5.0}
SIDE_TINTS = {
    "pingyuan": "#ded5bd",
    "minghuazhen": "#c3b795",
    "reservoir": "#c98a4b",
    "deep": "#93816d",
    "basement": "#726b66",
}


def build_basin(site: Site) -> Scene:
    """The scene of a site with units and the rasters top_m and base_m."""
    block = block_of(site)
    x0, y0, x1, y1 = block.outline.bounds
    meshes = [
        *plate(block),
        *_horizon(block),
        *_ground(block),
        *_sides(block),
        *_ground_lines(block),
        *_faults(block),
    ]
    span = max(x1 - x0, y1 - y0)
    target = (0.575 * x0 + 0.425 * x1, (y0 + y1) / 2, -0.64 * block.foot_m)
    return Scene(
        site=site.name,
        scale="basin",
        world_origin_m=site.world_origin_m,
        ve=VE,
        bounds_m=(x0, x1, y0, y1, -block.foot_m, 50.0),
        camera=Camera(target, AZIMUTH_DEG, ELEVATION_DEG, 2.9 * span, FOV_DEG),
        meshes=tuple(m for m in meshes if len(m.points)),
        labels=tuple(labels_of(block)),
        provenance=_provenance(site),
        picks=tuple(_picks(block)),
        legends=tuple(_legends(site)),
    )


def _provenance(site: Site) -> Text:
    own = site.provenance.as_dict()
    return {
        "zh": f"{own['zh']}；海岸线：Natural Earth",
        "en": f"{own['en']}; coast: Natural Earth",
    }


def _legends(site: Site) -> list[dict[str, Any]]:
    out = []
    for name, raster in ATTRIBUTES.items():
        if raster not in site.rasters:
            continue
        values = site.rasters[raster]
        info = site.raster_info.get(raster)
        out.append(
            {
                "id": name,
                "attribute": name,
                "text": info.label.as_dict() if info else {"zh": name, "en": name},
                "unit": info.unit if info else "",
                "min": info.low if info else float(np.nanmin(values)),
                "max": info.high if info else float(np.nanmax(values)),
                "iso": ISO[name],
                "stops": paint.THERMAL_BASIN,
            }
        )
    return out


# ---- surfaces ---------------------------------------------------------------------------------------


def _horizon(block: Block) -> list[Mesh]:
    """The opened part: the reservoir's top with its attributes, and the grey part without reservoir."""
    points, index = _tiles(block.opened.difference(block.absent), LATTICE_M)
    attributes = {
        name: sample(block.site, _drawn(block.site, raster), points[:, 0], points[:, 1]).astype(np.float32)
        for name, raster in ATTRIBUTES.items()
        if raster in block.site.rasters
    }
    top = Mesh(
        "horizon",
        "basin-top",
        np.column_stack([points, block.z("top", points)]).astype(np.float32),
        index.astype(np.uint32),
        attributes=attributes,
        material=Material(color="#c98a4b"),
        tags={"ranges": {entry["id"]: [entry["min"], entry["max"]] for entry in _legends(block.site)}},
    )
    grey_points, grey_index = _tiles(block.opened.intersection(block.absent), 3000.0)
    if not len(grey_points):
        return [top]
    grey = piece(np.column_stack([grey_points, block.z("top", grey_points)]), grey_index, paint.NO_RESERVOIR)
    return [top, as_mesh("no-reservoir", "ground", [grey], tags={"part": "no-reservoir"})]


def _drawn(site: Site, raster: str) -> np.ndarray:
    return ndimage.gaussian_filter(filled(site.rasters[raster]), DRAWN_SMOOTH_CELLS, mode="nearest")


def _tiles(region: shapely.Geometry, lattice_m: float) -> tuple[np.ndarray, np.ndarray]:
    points, index, count = [np.zeros((0, 2))], [np.zeros((0, 3), int)], 0
    for polygon in polygons(region):
        flat, triangles = triangulated(polygon, lattice_m, EDGE_M)
        points.append(flat)
        index.append(triangles + count)
        count += len(flat)
    return np.concatenate(points), np.concatenate(index)


def _ground(block: Block) -> list[Mesh]:
    """The covered part in the pale tints of its units."""
    pieces = []
    rest = block.covered
    for name, shape in block.units.items():
        part = shapely.intersection(shape, block.covered)
        rest = shapely.difference(rest, part)
        pieces += _ground_piece(block, part, paint.UNIT_TINTS.get(name, "#e4e2d8"))
    pieces += _ground_piece(block, rest, "#e4e4d8", at_least_m2=1e4)
    return [as_mesh("ground", "ground", pieces, tags={"part": "units"})]


def _ground_piece(
    block: Block, region: shapely.Geometry, tint: str, *, at_least_m2: float = 1e6
) -> list[Piece]:
    pieces = []
    for polygon in polygons(region, at_least_m2):
        flat, index = triangulated(polygon, GROUND_LATTICE_M, EDGE_M)
        tone = 1.0 + 0.022 * waves(block.seed + 7, flat[:, 0], flat[:, 1], length_m=26e3)
        colors = np.full((len(flat), 4), 255, dtype=np.uint8)
        colors[:, :3] = np.clip(paint.rgb(tint) * tone[:, None], 0, 255)
        pieces.append(piece(np.column_stack([flat, block.z("ground", flat)]), index, colors))
    return pieces


def _sides(block: Block) -> list[Mesh]:
    """Strata along the outline and along the cut, and the lines between them."""
    pieces, thin, thick = [], [], []
    for polygon, open_top in [(p, False) for p in polygons(block.covered)] + [
        (p, True) for p in polygons(block.opened)
    ]:
        for run, on_cut in _runs(block, polygon):
            if on_cut and open_top:
                continue
            names = (
                ["top", "base", "deep", "foot"]
                if open_top
                else ["ground", "pingyuan", "top", "base", "deep", "foot"]
            )
            names = names[:3] if on_cut else names
            levels = [np.column_stack([run, block.z(name, run)]) for name in names]
            tints = {
                "ground": "pingyuan",
                "pingyuan": "minghuazhen",
                "top": "reservoir",
                "base": "deep",
                "deep": "basement",
            }
            for name, upper, lower in zip(names, levels, levels[1:], strict=False):
                pieces.append(_lit_strip(upper, lower, SIDE_TINTS[tints[name]]))
            thick.append(levels[0])
            thin += levels[1:]
    return [
        as_mesh("sides", "basin-side", pieces, material=Material(color="#ffffff", unlit=True)),
        line_mesh("side-lines", "line", thin, color="#3d3a35", opacity=0.5, width_px=1.0),
        line_mesh("edges", "line", thick, color="#4b4a44", opacity=0.75, width_px=1.3),
    ]


def _lit_strip(upper: np.ndarray, lower: np.ndarray, tint: str) -> Piece:
    """A band with light from the south-west in its colours, brightest where it faces there."""
    along = np.gradient(upper[:, :2], axis=0)
    outward = np.column_stack([along[:, 1], -along[:, 0]])
    outward /= np.maximum(np.hypot(*outward.T), 1e-9)[:, None]
    light = 0.9 + 0.11 * outward @ np.array([-0.57, -0.82])
    light = ndimage.gaussian_filter1d(light, 1.0, mode="nearest")
    colors = np.full((len(upper), 4), 255, dtype=np.uint8)
    colors[:, :3] = np.clip(paint.rgb(tint) * light[:, None], 0, 255)
    low = colors.copy()
    low[:, :3] = np.clip(colors[:, :3] * 0.965, 0, 255)
    return strip(upper, lower, colors, color_low=low)


def _runs(block: Block, polygon: shapely.Polygon) -> list[tuple[np.ndarray, bool]]:
    """The ring of a polygon, counter-clockwise, as runs that lie on the cut or do not."""
    ring = shapely.get_coordinates(shapely.segmentize(shapely.geometry.polygon.orient(polygon), EDGE_M))
    near = np.abs(block.north_of_cut(ring)) < 1.0
    on_cut = near[:-1] & near[1:]
    runs, start = [], 0
    for i in range(1, len(on_cut) + 1):
        if i == len(on_cut) or on_cut[i] != on_cut[start]:
            runs.append((ring[start : i + 1], bool(on_cut[start])))
            start = i
    return runs


# ---- lines ------------------------------------------------------------------------------------------


def _draped(block: Block, line: np.ndarray, name: str, lift_m: float) -> np.ndarray:
    flat = densified(line, 2 * EDGE_M)
    return np.column_stack([flat, block.z(name, flat) + lift_m])


def _layer_lines(
    block: Block, kind: str, area: shapely.Geometry, *, surface: str, lift_m: float
) -> list[np.ndarray]:
    layer = block.site.layer(kind)
    if layer is None:
        return []
    return [
        _draped(block, part, surface, lift_m)
        for feature in layer.features
        for ring in feature.parts_m
        for part in clipped_lines((*ring, ring[0]) if feature.geometry == "polygon" else ring, area)
    ]


def _ground_lines(block: Block) -> list[Mesh]:
    covered = block.covered.buffer(-250.0)
    opened = block.opened.buffer(-250.0)
    ground = {"surface": "ground", "lift_m": 8.0}
    return [
        line_mesh(
            "counties",
            "line",
            _layer_lines(block, "counties", covered, **ground),
            color="#b9bbb0",
            width_px=1.1,
            opacity=0.8,
            tags={"layer": "counties"},
        ),
        line_mesh(
            "rivers",
            "line",
            _layer_lines(block, "rivers", covered, **ground),
            color="#7fb0cc",
            width_px=2.4,
            opacity=0.9,
            tags={"layer": "rivers"},
        ),
        line_mesh(
            "unit-lines",
            "line",
            _layer_lines(block, "units", covered, **ground),
            color="#6d7268",
            width_px=1.5,
            opacity=0.75,
            tags={"layer": "units"},
        ),
        line_mesh(
            "unit-lines-deep",
            "line",
            _layer_lines(block, "units", opened, surface="top", lift_m=12.0),
            color="#1c2430",
            width_px=1.1,
            opacity=0.35,
            tags={"layer": "units"},
        ),
    ]


def _faults(block: Block) -> list[Mesh]:
    """Tubes on the reservoir where it is open, thin red-brown lines on the ground."""
    tubes, traces = [], []
    opened, covered = block.opened.buffer(-400.0), block.covered.buffer(-300.0)
    for fault in block.site.faults:
        radius = 450.0 if fault.main else 250.0
        for part in clipped_lines(fault.line_m, opened):
            flat = chaikin_line(densified(part, 3 * EDGE_M))
            z = _crest(block, flat) + 0.6 * radius / VE
            tubes.append(tube(np.column_stack([flat, z]), radius, paint.FAULT_DEEP, ve=VE, sides=8))
        traces += [_draped(block, part, "ground", 10.0) for part in clipped_lines(fault.line_m, covered)]
    meshes = [
        line_mesh(
            "faults-ground", "fault", traces, color=paint.FAULT_GROUND, width_px=2.4, tags={"layer": "faults"}
        )
    ]
    if tubes:
        meshes.append(as_mesh("faults", "fault", tubes, tags={"layer": "faults"}))
    return meshes


def _crest(block: Block, flat: np.ndarray) -> np.ndarray:
    """Heights along a fault on its upper side: the highest within 1.5 km to both sides, evened out."""
    along = np.gradient(flat, axis=0)
    across = np.column_stack([-along[:, 1], along[:, 0]])
    across /= np.maximum(np.hypot(*across.T), 1.0)[:, None]
    z = np.max([block.z("top", flat + shift * across) for shift in (-1500.0, 0.0, 1500.0)], axis=0)
    return np.maximum(ndimage.gaussian_filter1d(z, 2.5, mode="nearest"), block.z("top", flat))


def chaikin_line(line: np.ndarray) -> np.ndarray:
    """An open line (n, 2) with its inner corners cut once; its ends stay."""
    if len(line) < 3:
        return line
    a, b = line[:-1], line[1:]
    cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
    return np.concatenate([line[:1], cut[1:-1], line[-1:]])


# ---- what can be chosen ---------------------------------------------------------


def _picks(block: Block) -> list[Pick]:
    layer = block.site.layer("units")
    if layer is None:
        return []
    rows = {row.id: row for row in block.site.units}
    picks = []
    for feature in layer.features:
        row = rows.get(feature.id)
        if row is None:
            continue
        shape = max(polygons(block.units[feature.id]), key=lambda p: p.area)
        ring = shapely.get_coordinates(shape.simplify(150.0).exterior)[:-1]
        data = {
            "area_km2": row.area_km2,
            "thickness_m": row.thickness_m,
            "porosity": row.porosity,
            "temperature_degc": row.temperature_degc,
            "heat_j": [row.heat_j_p5, row.heat_j_mean, row.heat_j_p95],
            "source": row.source,
            "schematic": True,
        }
        picks.append(
            Pick(
                feature.id,
                "unit",
                row.name.as_dict(),
                tuple((round(float(x)), round(float(y))) for x, y in ring),
                0.0,
                data,
                _outline(block, ring),
            )
        )
    return picks


def _outline(block: Block, ring: np.ndarray) -> tuple[tuple[float, float, float], ...]:
    """A ring on the scenery: on the ground north-east of the cut, on the reservoir's top elsewhere."""
    flat = densified(np.concatenate([ring, ring[:1]]), 2 * EDGE_M)[:-1]
    z = np.where(block.north_of_cut(flat) > 0, block.z("ground", flat), block.z("top", flat))
    return tuple(
        (round(float(x)), round(float(y)), round(float(h), 1)) for (x, y), h in zip(flat, z, strict=True)
    )
