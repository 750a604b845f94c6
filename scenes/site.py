"""The well site: a plate of the town with the energy station five times its size, and the ground under it.

The plan is schematic and the same for every site (``scenes.plan``); names, areas, wells and layers come
from the site. Above the ground lengths are true except the station's; below, depths are compressed and
``tags.depth_scale`` of the southern face and the provenance line say how much.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import numpy as np

from scenes import equipment, section, town
from scenes.container import Camera, Label, Mesh, Scene, Text
from scenes.paint import THERMAL, WATER_RANGE_DEGC
from scenes.plan import BLOCKS, FLOOR_AREA_M2, PLATE, Quarter, heads, quarters
from twin_models.site_types import Site

AZIMUTH_DEG, ELEVATION_DEG, DISTANCE_M, FOV_DEG = 168.0, 31.0, 1290.0, 20.0
TARGET = (-8.0, -6.0, -8.0)


def build_site(site: Site) -> Scene:
    """The scene of a site with a station."""
    assert site.station is not None
    usual = _usual(site)
    wells = heads(site)
    groups = quarters(site)
    meshes = [
        *section.section(site, wells, usual),
        *town.ground(zlib.crc32(site.name.encode())),
        *town.buildings(groups),
        *equipment.station(wells, usual),
        equipment.outline(),
    ]
    labels = [*equipment.labels(wells), *section.labels(site, wells), *_names(site, groups)]
    column = section.Column(site)
    shift = np.array([site.station.x_m, site.station.y_m, 0.0])
    x0, x1, y0, y1 = PLATE
    return Scene(
        site=site.name,
        scale="site",
        world_origin_m=site.world_origin_m,
        ve=1.0,
        bounds_m=(
            x0 + shift[0],
            x1 + shift[0],
            y0 + shift[1],
            y1 + shift[1],
            -column.foot_m * column.scale,
            60.0,
        ),
        camera=Camera(_moved(TARGET, shift), AZIMUTH_DEG, ELEVATION_DEG, DISTANCE_M, FOV_DEG),
        meshes=tuple(_shifted(mesh, shift, column.scale) for mesh in meshes if len(mesh.points)),
        labels=tuple(replace(label, at_m=_moved(label.at_m, shift)) for label in labels),
        provenance=_provenance(site, column.scale, groups),
        legends=_legends(),
    )


def _moved(at: tuple[float, float, float], shift: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(a + b) for a, b in zip(at, shift, strict=True))
    return x, y, z


def _shifted(mesh: Mesh, shift: np.ndarray, depth_scale: float) -> Mesh:
    """The mesh in the site's frame; the cut faces say how much they are compressed."""
    tags = {**mesh.tags, "depth_scale": round(depth_scale, 4)} if mesh.role == "front" else mesh.tags
    return replace(mesh, points=(mesh.points + shift).astype(np.float32), tags=tags)


def _usual(site: Site) -> dict[str, float]:
    """Temperatures for the colours before the first live value: those of the site where it knows them."""
    usual = dict(equipment.USUAL_DEGC)
    use = site.scheme_defaults.get("use", {}) if site.scheme_defaults else {}
    defaults: dict[str, Any] = use if isinstance(use, dict) else {}
    for key in ("supply", "return", "tail"):
        value = defaults.get(f"{key}_degc")
        if isinstance(value, (int, float)):
            usual[key] = float(value)
    assert site.reservoir is not None
    usual["station_in"] = usual["wellhead"] = (
        float(np.nanmean(site.reservoir.layers[0].temperature_degc)) - 1.5
    )
    usual["hx1_out"] = usual["return"] + 3.0
    return usual


def _names(site: Site, groups: list[Quarter]) -> list[Label]:
    """The communities' names over their first block, and the station's."""
    assert site.station is not None
    out = [Label("station", site.station.name.as_dict(), (0.0, -148.0, 3.0), "strata", 3)]
    for group in groups:
        x0, x1, y0, y1 = BLOCKS[group.blocks[0]]
        inner, outer = (x0, x1) if abs(x0) < abs(x1) else (x1, x0)
        at = (inner + 0.3 * (outer - inner), y0 + 0.45 * (y1 - y0), 60.0)
        key = group.ids[0] if len(group.ids) == 1 else group.blocks[0]
        out.append(Label(f"community-{key}", group.text, at, "unit", 8))
    return out


def _provenance(site: Site, scale: float, groups: list[Quarter]) -> Text:
    own = site.provenance.as_dict()
    room = sum(1 for _ in groups)
    area = sum(g.area_m2 for g in groups)
    shown = max(1, room)
    crowded = area / shown > 22 * FLOOR_AREA_M2 * 2
    more = {
        "zh": "；楼栋数为示意" if crowded else "",
        "en": "; number of buildings schematic" if crowded else "",
    }
    return {
        "zh": f"{own['zh']}；站房放大 5 倍，布置为示意，地下深度压缩为 {scale:.2g} 倍{more['zh']}",
        "en": f"{own['en']}; station enlarged 5 times, layout schematic, depth compressed {scale:.2g}×{more['en']}",
    }


def _legends() -> tuple[dict[str, Any], ...]:
    low, high = WATER_RANGE_DEGC
    text = {"zh": "水温", "en": "Water temperature"}
    return ({"id": "water", "text": text, "unit": "℃", "min": low, "max": high, "stops": THERMAL},)
