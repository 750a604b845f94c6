"""A site, or a scheme with its site, as the tables that an import reads: CSV, GeoJSON, GeoPackage and ``import.yaml``.

Places are written as longitude and latitude with nine digits (0.1 mm), so that maps and a later import agree.
Maps of properties become their means, and rules, contexts and units of a basin have no table: what is lost is
said in the answer.
"""

from __future__ import annotations

import csv
import json
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from scenarios.schema_io import plain
from scenarios.scheme import Scheme, read_scheme, to_dict
from services.importer.manifest import FILE, FORMAT
from services.importer.places import Point, lonlat_of
from twin_models.errors import Fault, InputError
from twin_models.sites import Site, load_site

DIGITS = 9


def export(what: str, to: Path) -> dict[str, Any]:
    """Write a site (by name) or a scheme (by file) into a new folder; returns what was written and what was lost."""
    scheme = None
    if what.endswith(".json"):
        scheme = read_scheme(what)
        if scheme.site is None:
            raise InputError(
                Fault("site", "missing", "is missing: a scheme with a box of its own stands nowhere on a map")
            )
    site = load_site(scheme.site if scheme is not None and scheme.site else what)
    if site.reservoir is None:
        raise InputError(
            Fault("site", "range", f"{site.name!r} has no reservoir model: nothing that an import takes")
        )
    _make(to)
    tables = tables_of(site, scheme)
    frame = site.frame_origin
    written = [
        _csv(to / f"{kind}.csv", tables[kind], frame) for kind in ("wells", "layers", "pads") if tables[kind]
    ]
    written += [
        _geojson(to / f"{kind}.geojson", tables[kind], frame)
        for kind in ("faults", "boundary")
        if tables[kind]
    ]
    written.append(_geopackage(to / f"{site.name}.gpkg", tables, frame))
    logs = sorted((site.folder / "tables").glob("*.las"))
    for log in logs:
        shutil.copyfile(log, to / log.name)
    if scheme is not None:
        text = json.dumps(plain(to_dict(scheme)), ensure_ascii=False, indent=1)
        (to / "scheme.json").write_text(text + "\n", encoding="utf-8")
    files = {path.rpartition(".")[0]: path for path in written if not path.endswith(".gpkg")}
    (to / FILE).write_text(_manifest(site, scheme, files), encoding="utf-8")
    return {"folder": str(to), "files": sorted(p.name for p in to.iterdir()), "lost": _lost(site)}


def _make(to: Path) -> None:
    try:
        if to.exists() and (not to.is_dir() or any(to.iterdir())):
            raise InputError(Fault("--to", "taken", f"{str(to)!r} is there already and not empty"))
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(Fault("--to", "file", f"cannot make {str(to)!r}: {error.strerror}")) from None


def _lost(site: Site) -> list[str]:
    out = []
    reservoir = site.reservoir
    assert reservoir is not None
    if any(
        np.ndim(getattr(layer, k))
        for layer in reservoir.layers
        for k in ("porosity", "permeability_md", "temperature_degc")
    ):
        out.append("maps of porosity, permeability and temperature: their means are written")
    if site.context:
        out.append("context layers of the map")
    if site.rules:
        out.append("rules: an import sets the usual ones")
    return out


def tables_of(site: Site, scheme: Scheme | None) -> dict[str, list[dict[str, Any]]]:
    """Rows of each table; ``at``: local metres of a point, a line or a ring, ``head``: of a wellhead."""
    faults = [
        {"name_zh": f.name.zh, "name_en": f.name.en, "dip_deg": f.dip_deg, "dip_to_deg": f.dip_to_deg, "main": f.main,
         "at": list(f.line_m)}
        for f in site.faults
    ]  # fmt: skip
    pads = [{"name": p.id, "existing": p.existing, "at": (p.x_m, p.y_m)} for p in site.pads]
    boundary = []
    if site.area is not None:
        ring = [*site.area.polygon_m, site.area.polygon_m[0]]
        boundary = [{"name_zh": site.area.name.zh, "name_en": site.area.name.en, "at": ring}]
    return {"wells": _wells(scheme.wells if scheme else site.wells), "layers": _layers(site), "faults": faults,
            "boundary": boundary, "pads": pads}  # fmt: skip


def _wells(wells: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {"name": w.name, "kind": w.kind, "pad": w.pad, "rate_m3_h": w.rate_m3_h, "temperature_degc": w.temperature_degc,
         "existing": w.existing, "at": (w.x_m, w.y_m), "head": (w.head_x_m, w.head_y_m)}
        for w in wells
    ]  # fmt: skip


def _layers(site: Site) -> list[dict[str, Any]]:
    """Painted layers, and in the place of reservoir ones the layers that are computed."""
    assert site.reservoir is not None
    empty: dict[str, Any] = dict.fromkeys(
        ("porosity", "permeability_md", "temperature_degc", "net_to_gross", "kv_kh", "conductivity_w_mk",
         "rock_heat_capacity_mj_m3k")
    )  # fmt: skip
    rows = [
        {
            "name_zh": s.name.zh,
            "name_en": s.name.en,
            "top_m": s.top_m,
            "base_m": s.base_m,
            "role": s.role,
            **empty,
        }
        for s in site.strata
        if s.role != "reservoir"
    ]
    painted = [s for s in site.strata if s.role == "reservoir"]
    alone = len(site.reservoir.layers) == 1 and len(painted) == 1
    for layer in site.reservoir.layers:
        zh, en = (painted[0].name.zh, painted[0].name.en) if alone else (None, layer.name)
        values = {key: float(np.mean(getattr(layer, key))) for key in empty}
        rows.append(
            {
                "name_zh": zh,
                "name_en": en,
                "top_m": layer.top_m,
                "base_m": layer.base_m,
                "role": "reservoir",
                **values,
            }
        )
    return sorted(rows, key=lambda row: row["top_m"])


def _degrees(point: Sequence[float], frame: Point) -> list[float]:
    return [round(v, DIGITS) for v in lonlat_of(point[0], point[1], origin=frame)]


def _flat(row: dict[str, Any], frame: Point) -> dict[str, Any]:
    """A row for a table without shapes: places as columns."""
    out = {k: v for k, v in row.items() if k not in ("at", "head")}
    if "at" in row:
        out["lon"], out["lat"] = _degrees(row["at"], frame)
        out["x_m"], out["y_m"] = row["at"]
    if "head" in row:
        out["head_lon"], out["head_lat"] = _degrees(row["head"], frame)
    return out


def _csv(path: Path, rows: list[dict[str, Any]], frame: Point) -> str:
    flat = [_flat(row, frame) for row in rows]
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark lets spreadsheets see UTF-8
        table = csv.DictWriter(file, list(flat[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(
            {k: str(v).lower() if isinstance(v, bool) else v for k, v in row.items()} for row in flat
        )
    return path.name


def _shape(at: Any, frame: Point) -> dict[str, Any]:
    if isinstance(at, tuple):
        return {"type": "Point", "coordinates": _degrees(at, frame)}
    points = [_degrees(p, frame) for p in at]
    closed = len(points) > 3 and points[0] == points[-1]
    return (
        {"type": "Polygon", "coordinates": [points]}
        if closed
        else {"type": "LineString", "coordinates": points}
    )


def _geojson(path: Path, rows: list[dict[str, Any]], frame: Point) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {k: v for k, v in row.items() if k != "at"},
            "geometry": _shape(row["at"], frame),
        }
        for row in rows
    ]
    data = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path.name


def _geopackage(path: Path, tables: dict[str, list[dict[str, Any]]], frame: Point) -> str:
    """All tables as layers of one GeoPackage in WGS 84."""
    import geopandas
    import pandas
    import pyogrio
    from shapely.geometry import shape

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for kind, rows in tables.items():
            if not rows:
                continue
            flat = [_flat({k: v for k, v in row.items() if k != "at"}, frame) for row in rows]
            if "at" in rows[0]:
                shapes = [shape(_shape(row["at"], frame)) for row in rows]
                table = geopandas.GeoDataFrame(flat, geometry=shapes, crs="EPSG:4326")
            else:
                table = pandas.DataFrame(flat)
            pyogrio.write_dataframe(table, path, layer=kind, driver="GPKG", append=path.exists())
    return path.name


def _manifest(site: Site, scheme: Scheme | None, files: dict[str, str]) -> str:
    heating = dict(
        (scheme.uses_dict() if scheme else plain(site.scheme_defaults).get("uses", {})).get("heating", {})
    )
    season = scheme.season_days if scheme else site.scheme_defaults.get("season_days")
    if season is not None:
        heating["season_days"] = season
    demand = {k: heating[k] for k in ("area_m2", "load_w_m2", "season_days", "supply_degc", "return_degc")
              if heating.get(k) is not None}  # fmt: skip
    assert site.reservoir is not None
    data: dict[str, Any] = {
        "format": FORMAT,
        "title": site.title.as_dict(),
        "scale": site.scale,
        "frame": {"lon": site.frame_origin[0], "lat": site.frame_origin[1]},
        "source": f"export of {site.name}" + (f", scheme {scheme.name}" if scheme else ""),
        "tables": {kind: {"file": file} for kind, file in files.items()},
        "reservoir": {
            "boundary": site.reservoir.boundary,
            "cell_m": site.reservoir.cell_m,
            "extent_m": list(site.reservoir.extent_m),
            "origin_m": list(site.reservoir.origin_m),
        },
    }
    if site.parent:
        data["parent"] = site.parent
    if demand:
        data["demand"] = demand
    return yaml.safe_dump(plain(data), allow_unicode=True, sort_keys=False, width=110)
