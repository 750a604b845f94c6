"""NW Shandong: unit raster, basin maps, unit table and context maps in local metres."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from shapely import contains_xy, transform
from shapely.geometry import box, mapping, shape

from twin_models.basin import synthetic_basin
from twin_models.generate.fields import gaussian_field, krige, read_table, write_arrays, write_table
from twin_models.site_types import Text, UnitRow, world_xy_m

CELL_M = 1000.0
SEED = 7
SE_BLOCK = ("TJ", "ABS")  # south-east of the Liaokao and Qihe-Guangrao faults
DECIMALS = {"porosity": 5, "temperature_degc": 3, "gradient_k_per_km": 3, "heat_flow_mw_m2": 2}
COAST_DEGREES = (115.0, 35.6, 121.0, 40.6)
TRIPLES = {  # -> stem here, column there, factor
    "thickness": ("thickness_m", "thickness_{}_m", 1.0),
    "porosity": ("porosity", "porosity_{}_pct", 0.01),
    "temperature": ("temperature_degc", "temp_{}_C", 1.0),
    "density": ("rock_density_kg_m3", "rock_density_{}", 1.0),
    "heat": ("rock_heat_capacity_j_kgk", "rock_cp_{}", 1.0),
}


def write(folder: Path, seed: int = SEED) -> list[Path]:
    """Write ``units.csv``, ``fields.npz`` and the GeoJSON layers into the site's folder."""
    tables = folder / "tables"
    table = unit_table(tables)
    unit, origin = unit_raster(
        json.loads((tables / "structural_units.geojson").read_text(encoding="utf-8")), table
    )
    basin = synthetic_basin(unit, [unit_row(row) for row in table], cell_km=CELL_M / 1000.0, seed=seed)
    arrays = {k: np.round(v, DECIMALS.get(k, 1)) for k, v in basin.arrays().items() if k != "heat_j_m2"}
    arrays["heat_gj_m2"] = np.round(basin.heat_j_m2 / 1e9, 4)
    arrays["unit"] = unit
    arrays["ground_m"] = ground(read_table(tables / "counties.csv"), unit, origin, seed)
    return [
        write_table(folder / "units.csv", table),
        write_arrays(folder / "fields.npz", arrays),
        *write_context(folder),
    ]


def unit_table(tables: Path) -> list[dict[str, Any]]:
    """One row per unit with Guantao: published ranges, gradient, and heat in place recomputed from them."""
    heat = {row["unit"]: row for row in read_table(tables / "heat_in_place_recomputed.csv")}
    out = []
    for row in read_table(tables / "structural_units.csv"):
        if not row["thickness_min_m"]:
            continue
        new: dict[str, Any] = {
            "id": row["id"],
            "name_zh": row["name_zh"],
            "name_en": row["name_en"],
            "block": "SE" if row["id"] in SE_BLOCK else "NW",
            "area_km2": row["area_table_km2"],
            "gradient_k_per_km": row["gradient_mean_C_per_km"],
            "heat_flow_mw_m2": row["heat_flow_mean_mW_m2"],
        }
        for stem, column, factor in TRIPLES.values():
            for end in ("min", "mode", "max"):
                given = row.get(column.format(end)) or row[column.format("mean")]
                new[f"{stem}_{end}"] = f"{float(given) * factor:.10g}"
        own = next(v for k, v in heat.items() if row["name_en"].startswith(k))
        new |= {
            "heat_j_mean": f"{float(own['analytic_mean_kJ']) * 1e3:.6e}",
            "heat_j_p5": f"{float(own['mc_p5_kJ']) * 1e3:.4e}",
            "heat_j_p95": f"{float(own['mc_p95_kJ']) * 1e3:.4e}",
            "source": "003 Table 1 (ranges); heat in place recomputed from it: exact mean, percentiles of 1e5 draws",
        }
        out.append(new)
    return out


def unit_row(row: dict[str, Any]) -> UnitRow:
    """A row of the table as the type that the rest of the program uses."""

    names = ("area_km2", "gradient_k_per_km", "heat_flow_mw_m2", "heat_j_mean", "heat_j_p5", "heat_j_p95")
    values: dict[str, Any] = {name: float(row[name]) for name in names}
    for stem, _, _ in TRIPLES.values():
        values[stem] = tuple(float(row[f"{stem}_{end}"]) for end in ("min", "mode", "max"))
    name = Text(row["name_zh"], row["name_en"])
    return UnitRow(id=row["id"], name=name, block=row["block"], **values, source=row["source"])


def unit_raster(units: dict[str, Any], table: list[dict[str, Any]]) -> tuple[np.ndarray, tuple[float, float]]:
    """Index of the unit at each cell's centre (8: Guantao absent, NaN: outside) and the raster's corner."""
    order = [row["id"] for row in table]
    shapes = {f["properties"]["id"]: to_local(shape(f["geometry"])) for f in units["features"]}
    bounds = np.array([s.bounds for s in shapes.values()])
    low = np.floor(bounds[:, :2].min(axis=0) / CELL_M) * CELL_M
    high = np.ceil(bounds[:, 2:].max(axis=0) / CELL_M) * CELL_M
    count = ((high - low) / CELL_M).astype(int)
    x, y = np.meshgrid(*(low[i] + CELL_M * (np.arange(count[i]) + 0.5) for i in (0, 1)))
    unit = np.full(x.shape, np.nan)
    for name, polygon in shapes.items():
        unit[contains_xy(polygon, x, y)] = order.index(name) if name in order else len(order)
    return unit, (float(low[0]), float(low[1]))


def ground(
    counties: list[dict[str, str]], unit: np.ndarray, origin: tuple[float, float], seed: int
) -> np.ndarray:
    """Elevation (m): plane through the county seats, their residuals kriged, noise of at most about 2 m."""
    places = np.array([world_xy_m(float(r["seat_lon"]), float(r["seat_lat"])) for r in counties])
    height = np.array([float(r["elev_m_approx"]) for r in counties])
    design = np.column_stack([np.ones(len(places)), places])
    plane, *_ = np.linalg.lstsq(design, height, rcond=None)
    rows, columns = unit.shape
    x, y = np.meshgrid(
        origin[0] + CELL_M * (np.arange(columns) + 0.5), origin[1] + CELL_M * (np.arange(rows) + 0.5)
    )
    at = np.column_stack([x.ravel(), y.ravel()])
    value = np.column_stack([np.ones(len(at)), at]) @ plane
    value = value + krige(places, height - design @ plane, at, range_m=25_000.0, nugget=0.2)
    noise = np.clip(gaussian_field(unit.shape, 12.0, rng=np.random.default_rng(seed)), -2.0, 2.0)
    return np.round(np.where(np.isfinite(unit), value.reshape(unit.shape) + noise, np.nan), 1)


def to_local(geometry: Any) -> Any:
    """A shapely geometry from degrees to world metres."""

    def project(lonlat: np.ndarray) -> np.ndarray:
        return np.column_stack(world_xy_m(lonlat[:, 0], lonlat[:, 1]))  # type: ignore[arg-type]

    return transform(geometry, project)


def write_context(folder: Path) -> list[Path]:
    """The map layers: metres, simplified, names in both languages."""
    tables = folder / "tables"
    simple: dict[str, tuple[str, float]] = {
        "units": ("structural_units.geojson", 0.0),
        "rivers": ("rivers_schematic.geojson", 0.0),
        "outline": ("study_area_outline.geojson", 0.0),
        "counties": ("counties_schematic.geojson", 200.0),
    }
    out = []
    for name, (source, tolerance) in simple.items():
        data = json.loads((tables / source).read_text(encoding="utf-8"))
        features = [_feature(f, tolerance, _names(name)) for f in data["features"]]
        out.append(_write_features(folder / f"{name}.geojson", features))
    seats = [_seat(row) for row in read_table(tables / "counties.csv")]
    out.append(_write_features(folder / "places.geojson", seats))
    out.append(_write_features(folder / "coast.geojson", [_coast(tables / "bohai_land_ne10m.geojson")]))
    return out


def _names(layer: str) -> Callable[[dict[str, Any]], tuple[str, str, str]]:
    def names(p: dict[str, Any]) -> tuple[str, str, str]:
        english = p.get("name_en") or "NW Shandong (Liaocheng and Dezhou)"
        return str(p.get("id") or p.get("adcode") or layer), p["name_zh"], english

    return names


KEPT = ("schematic", "source", "prefecture")


def _feature(
    item: dict[str, Any], tolerance: float, names: Callable[[dict[str, Any]], tuple[str, str, str]]
) -> dict[str, Any]:
    given = item["properties"]
    geometry = to_local(shape(item["geometry"]))
    if tolerance:
        geometry = geometry.simplify(tolerance)
    key, zh, en = names(given)
    properties = {"id": key, "name_zh": zh, "name_en": en}
    properties |= {k: given[k] for k in KEPT if k in given}
    return {"type": "Feature", "properties": properties, "geometry": _rounded(mapping(geometry))}


def _seat(row: dict[str, str]) -> dict[str, Any]:
    x, y = world_xy_m(float(row["seat_lon"]), float(row["seat_lat"]))
    properties = {
        "id": row["adcode"],
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
        "elevation_m": float(row["elev_m_approx"]),
        "unit": row["unit_at_seat"],
        "source": row["seat_source"],
    }
    if row["pop_density_per_km2"]:
        properties["population_per_km2"] = float(row["pop_density_per_km2"])
    point = {"type": "Point", "coordinates": [round(x), round(y)]}
    return {"type": "Feature", "properties": properties, "geometry": point}


def _coast(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text(encoding="utf-8"))
    land = shape(data["features"][0]["geometry"] if "features" in data else data).buffer(0)
    clipped = to_local(land.intersection(box(*COAST_DEGREES))).simplify(300.0)
    properties = {"id": "land", "name_zh": "渤海西岸陆地", "name_en": "Land around the western Bohai Sea"}
    return {"type": "Feature", "properties": properties, "geometry": _rounded(mapping(clipped))}


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    def whole(value: Any) -> Any:
        return [whole(v) for v in value] if isinstance(value, (list, tuple)) else round(value)

    return {"type": geometry["type"], "coordinates": whole(geometry["coordinates"])}


def _write_features(path: Path, features: list[dict[str, Any]]) -> Path:
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    note = '"note": "coordinates are metres in the site\'s local frame, see site.yaml"'
    path.write_text(f'{{"type": "FeatureCollection", {note}, "features": [\n{lines}\n]}}\n', encoding="utf-8")
    return path
