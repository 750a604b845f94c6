"""What lies around the basin block: a sea in a very light tint, its coast, and marks for sites far away."""

from __future__ import annotations

import numpy as np
import shapely

from scenes.basin_block import Block, polygon_of, polygons
from scenes.container import Material, Mesh
from scenes.shapes import Piece, as_mesh, ellipse, fan, line_mesh, piece
from scenes.surfaces import clipped_lines, triangulated

SEA_RINGS = (0.97, 0.86, 0.75, 0.64)


def plate(block: Block) -> list[Mesh]:
    """The sea under the block in a very light tint, fading outwards, its coast, and a disc for each site
    that belongs to this map. It lies at the foot of the block."""
    layer = block.site.layer("coast")
    z = -block.foot_m - 15.0
    meshes = []
    if layer is not None:
        land = shapely.union_all([polygon_of(f) for f in layer.features]).simplify(400.0)
        meshes += _sea(land, z)
    discs = [part for _, _, (x, y) in block.fields_on_plate for part in _disc(x, y, z)]
    if discs:
        meshes.append(as_mesh("site-marks", "context", discs, material=Material(color="#ffffff", unlit=True)))
    return meshes


def _sea(land: shapely.Geometry, z: float) -> list[Mesh]:
    """Sea and coast inside ellipses one in the other, so that both fade out before the map ends."""
    x0, y0, x1, y1 = land.bounds
    sea = shapely.difference(shapely.box(x0, y0, x1, y1), land)
    center, a, b = ((x0 + x1) / 2, (y0 + y1) / 2), (x1 - x0) / 2, (y1 - y0) / 2
    meshes = []
    for i, share in enumerate(SEA_RINGS):
        ring = shapely.Polygon(ellipse((*center, 0.0), share * a, share * b, n=72)[:, :2])
        pieces = []
        for polygon in polygons(sea.intersection(ring), at_least_m2=2e7):
            flat, index = triangulated(polygon, 40e3, 12e3)
            pieces.append(piece(np.column_stack([flat, np.full(len(flat), z + i)]), index, "#cfe0ea"))
        plain = Material(color="#cfe0ea", unlit=True, opacity=0.17, double_sided=True)
        meshes.append(as_mesh(f"sea-{i}", "context", pieces, material=plain, tags={"layer": "coast"}))
        lines = [
            np.column_stack([part, np.full(len(part), z + 8.0)])
            for polygon in polygons(land, at_least_m2=2e7)
            for part in clipped_lines(
                shapely.get_coordinates(polygon.exterior), ring.intersection(_inside(land))
            )
        ]
        meshes.append(
            line_mesh(f"coast-{i}", "context", lines, color="#8fa9b9", opacity=0.26, tags={"layer": "coast"})
        )
    return meshes


def _inside(land: shapely.Geometry) -> shapely.Geometry:
    """The map's frame without its border, which is no coast."""
    x0, y0, x1, y1 = land.bounds
    return shapely.box(x0 + 900, y0 + 900, x1 - 900, y1 - 900)


def _disc(x_m: float, y_m: float, z_m: float) -> list[Piece]:
    """A mark for a site that does not stand on the block."""
    return [
        fan(ellipse((x_m, y_m, z_m + 10.0), 5200.0, 5200.0, n=32), "#37424c"),
        fan(ellipse((x_m, y_m, z_m + 24.0), 3500.0, 3500.0, n=32), "#f6f8f8"),
    ]
