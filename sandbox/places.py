"""A site and its wells as the page draws them: no session, nothing that changes with a result."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from sandbox.mining import has_mine
from scenarios.blocks import has_blocks
from scenarios.scheme import Scheme, SchemeWell, open_layers
from scenes.levels import scene_of
from twin_models.sites import Site, load_site
from twin_models.trajectory import plan_path

SCALES = ("basin", "field", "site")


def site_state(site: Site, lang: str) -> dict[str, Any]:
    """Static facts of a site the page needs for drawing and for rules while dragging."""
    ground = site.reservoir
    top = ground.layers[0].top_m if ground else 0.0
    base = ground.layers[-1].base_m if ground else 0.0
    return {
        "name": site.name,
        "title": site.title.get(lang),
        "scale": site.scale,
        "linkable": has_blocks(site),
        "mine": has_mine(site.name),
        "scales": {scale: scene_of(site.name, scale) for scale in SCALES},
        "world_origin_m": list(site.world_origin_m),
        "area": [list(p) for p in site.area.polygon_m] if site.area else [],
        "faults": [
            {"id": f.id, "name": f.name.get(lang), "points": [list(p) for p in f.line_m]} for f in site.faults
        ],
        "rules": [
            {
                "id": r.id,
                "kind": r.kind,
                "severity": r.severity,
                "value_m": r.value_m,
                "text": r.text.get(lang),
                "source": r.source,
            }
            for r in site.rules
        ],
        "box": {
            "origin_m": list(ground.origin_m) if ground else [0, 0],
            "extent_m": list(ground.extent_m) if ground else [0, 0],
            "top_m": float(top),
            "base_m": float(base),
        },
        "horizon": horizon(site.name),
        "provenance": site.provenance.get(lang),
        "measured": [t.get(lang) for t in site.measured],
        "schematic": [t.get(lang) for t in site.schematic],
    }


@lru_cache(maxsize=16)
def horizon(name: str, points: int = 41) -> dict[str, Any] | None:
    """Depth of the reservoir top on a coarse raster, for the page's own picking (m)."""
    site = load_site(name)
    if site.reservoir is None or "top_m" not in site.rasters:
        return None
    (x0, y0), (lx, ly) = site.reservoir.origin_m, site.reservoir.extent_m
    top = site.reservoir.layers[0].top_m
    xs, ys = np.linspace(x0, x0 + lx, points), np.linspace(y0, y0 + ly, points)
    inset = 0.5 * site.raster_cell_m
    values = [
        [
            site.raster_at(
                "top_m", min(max(x, x0 + inset), x0 + lx - inset), min(max(y, y0 + inset), y0 + ly - inset)
            )
            for x in xs
        ]
        for y in ys
    ]
    grid = np.nan_to_num(np.array(values), nan=top)
    return {"nx": points, "ny": points, "top_m": [round(float(v), 1) for v in grid.ravel()]}


def top_at(site: Site, x_m: float, y_m: float) -> float:
    """Depth of the reservoir top at a place (bilinear on the raster the page also uses)."""
    ground = site.reservoir
    grid = horizon(site.name)
    if ground is None or grid is None:
        return float(ground.layers[0].top_m) if ground else 0.0
    n = grid["nx"] - 1
    u = min(max((x_m - ground.origin_m[0]) / ground.extent_m[0] * n, 0.0), n - 1e-9)
    v = min(max((y_m - ground.origin_m[1]) / ground.extent_m[1] * n, 0.0), n - 1e-9)
    i, j = int(u), int(v)
    fu, fv = u - i, v - j
    at = grid["top_m"]
    w = n + 1
    return (
        at[j * w + i] * (1 - fu) * (1 - fv)
        + at[j * w + i + 1] * fu * (1 - fv)
        + at[(j + 1) * w + i] * (1 - fu) * fv
        + at[(j + 1) * w + i + 1] * fu * fv
    )


def well_state(site: Site, well: SchemeWell, scheme: Scheme) -> dict[str, Any]:
    ground = scheme.ground()
    layers = open_layers(well.well, ground)
    top = top_at(site, well.x_m, well.y_m) if scheme.site else float(layers[0].top_m)
    base = top + float(layers[-1].base_m - layers[0].top_m)
    path = plan_path((well.head_x_m, well.head_y_m), (well.x_m, well.y_m, top), base_depth_m=base)
    points = well.well.trajectory or path.points
    return {
        "id": well.name,
        "kind": well.kind,
        "x_m": round(well.x_m, 1),
        "y_m": round(well.y_m, 1),
        "head_x_m": round(well.head_x_m, 1),
        "head_y_m": round(well.head_y_m, 1),
        "pad": well.pad or "",
        "rate_m3_h": round(well.rate_m3_h, 2),
        "temperature_degc": well.temperature_degc,
        "existing": well.existing,
        "top_m": round(top, 1),
        "base_m": round(base, 1),
        "path": [[round(float(c), 1) for c in p] for p in points],
        "md_m": round(float(path.measured_depth_m)),
        "inclination_deg": round(float(path.max_inclination_deg), 1),
        "dogleg_deg_30m": round(float(path.dogleg_deg_30m), 2),
        "feasible": bool(path.feasible),
    }


def wells_of(site: Site, scheme: Scheme) -> list[dict[str, Any]]:
    return [well_state(site, well, scheme) for well in scheme.wells]
