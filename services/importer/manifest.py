"""``import.yaml``: names, where the coordinates stand, and which column means what. All of it is optional."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from services.importer.columns import TABLES
from services.importer.units import UNITS, factor_of
from twin_models.errors import Fault, InputError
from twin_models.reading import Reader, read_yaml
from twin_models.site_files import NAME

FORMAT = "geosandbox-import/1"
FILE = "import.yaml"
MAX_BYTES = 256_000
_KEYS = ("format", "name", "title", "scale", "parent", "coordinates", "frame", "source", "measured", "tables", "units",
         "reservoir", "demand")  # fmt: skip
_COORDINATES = re.compile(r"(?:local|lonlat|EPSG:\d{4,6})\Z")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Manifest:
    """``files``: table -> file (a layer of a GeoPackage as ``file.gpkg#layer``); ``columns``: table -> our
    column -> their head; ``units``: table -> our column -> their unit. ``coordinates`` of tables without a
    reference system of their own: ``local`` metres, ``lonlat``, or a projected ``EPSG:`` system."""

    name: str | None = None
    title: tuple[str, str] | None = None
    scale: str = "field"
    parent: str | None = None
    coordinates: str | None = None
    frame: tuple[float, float] | None = None
    source: str = ""
    measured: tuple[str, str] | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reservoir: Mapping[str, Any] = field(default_factory=dict)
    demand: Mapping[str, float] = field(default_factory=dict)
    given: bool = False


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a data set; the defaults where there is none. Raises ``InputError``."""
    path = folder / FILE
    if not path.is_file():
        return Manifest()
    if path.stat().st_size > MAX_BYTES:
        raise InputError(Fault(FILE, "range", f"must be at most {MAX_BYTES} bytes"))
    _refuse_aliases(path)
    reader = Reader(FILE)
    found = _manifest(reader, read_yaml(path, FILE))
    reader.done()
    return found


def with_mapping(manifest: Manifest, mapping: Mapping[str, Any]) -> Manifest:
    """The manifest with what a person says on top: files, columns, units, coordinates and frame. Raises ``InputError``."""
    if not mapping:
        return manifest
    reader = Reader("mapping")
    said = _manifest(reader, {"format": FORMAT, **mapping})
    reader.done()
    both_of = {
        part: {
            table: {**getattr(manifest, part).get(table, {}), **getattr(said, part).get(table, {})}
            for table in TABLES
        }
        for part in ("columns", "units")
    }
    return replace(
        manifest,
        files={**manifest.files, **said.files},
        columns=both_of["columns"],
        units=both_of["units"],
        coordinates=said.coordinates or manifest.coordinates,
        frame=said.frame or manifest.frame,
        title=said.title or manifest.title,
    )


def _refuse_aliases(path: Path) -> None:
    """An alias can make a small file unfold without end, and no table of columns needs one."""
    try:
        for token in yaml.scan(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader):
            if isinstance(token, (yaml.AliasToken, yaml.AnchorToken)):
                line = token.start_mark.line + 1
                raise InputError(Fault(FILE, "syntax", f"line {line}: anchors and aliases are not taken"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        text = " ".join(str(error).split())[:120]
        raise InputError(Fault(FILE, "syntax", f"is not valid YAML ({text})")) from None


def _manifest(r: Reader, data: Any) -> Manifest:
    got = r.mapping(data, "", required=("format",), optional=_KEYS)
    if "format" in got and got["format"] != FORMAT:
        r.fault("format", "unknown", f"must be {FORMAT!r}, got {str(got['format'])[:40]!r}")
    name = got.get("name")
    if name is not None and not (isinstance(name, str) and NAME.match(name)):
        r.fault("name", "range", "must be lower case letters, digits and single dashes, at most 40")
        name = None
    coordinates = got.get("coordinates")
    if coordinates is not None and not (isinstance(coordinates, str) and _COORDINATES.match(coordinates)):
        r.fault(
            "coordinates", "unknown", f"must be local, lonlat or EPSG:<number>, got {str(coordinates)[:40]!r}"
        )
        coordinates = None
    columns, units = _tables(r, got)
    return Manifest(
        name=name,
        title=both(r, got["title"], "title") if "title" in got else None,
        scale=r.choice(got.get("scale", "field"), "scale", ("field", "site")),
        parent=r.text(got["parent"], "parent") if got.get("parent") is not None else None,
        coordinates=coordinates,
        frame=_frame(r, got.get("frame")),
        source=r.text(got["source"], "source") if "source" in got else "",
        measured=both(r, got["measured"], "measured") if "measured" in got else None,
        files=_files(r, got),
        columns=columns,
        units=units,
        reservoir=_reservoir(r, got.get("reservoir", {})),
        demand=_demand(r, got.get("demand", {})),
        given=True,
    )


def both(r: Reader, value: Any, path: str) -> tuple[str, str]:
    """A text in both languages: ``{zh, en}``."""
    pair = r.mapping(value, path, required=("zh", "en"))
    zh, en = (r.text(pair[k], f"{path}.{k}") if k in pair else "" for k in ("zh", "en"))
    if zh and not _HAN.search(zh):
        r.fault(f"{path}.zh", "language", "must be Chinese")
    if en and _HAN.search(en):
        r.fault(f"{path}.en", "language", "must hold no Chinese")
    return zh, en


def _frame(r: Reader, value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    got = r.mapping(value, "frame", required=("lon", "lat"))
    lon = r.number(got.get("lon", 0.0), "frame.lon", low=-180.0, high=180.0)
    return lon, r.number(got.get("lat", 0.0), "frame.lat", low=-80.0, high=80.0)


def _files(r: Reader, got: Mapping[str, Any]) -> dict[str, str]:
    files = {}
    for table, value in r.mapping(got.get("tables", {}), "tables", optional=tuple(TABLES)).items():
        file = value.get("file") if isinstance(value, Mapping) else value
        if file is not None and table in TABLES:
            files[table] = r.text(file, f"tables.{table}")
    return files


def _tables(r: Reader, got: Mapping[str, Any]) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """Columns and units of each table that says more than its file's name."""
    columns: dict[str, dict[str, str]] = {}
    units: dict[str, dict[str, str]] = {}
    tables = got.get("tables")
    for table, value in tables.items() if isinstance(tables, Mapping) else ():
        if table not in TABLES or not isinstance(value, Mapping):
            continue
        path = f"tables.{table}"
        row = r.mapping(value, path, optional=("file", "columns", "units"))
        known = {c.key: c for c in TABLES[table]}
        own = r.mapping(row.get("columns", {}), f"{path}.columns", optional=tuple(known))
        columns[table] = {k: r.text(v, f"{path}.columns.{k}") for k, v in own.items() if k in known}
        asked = r.mapping(row.get("units", {}), f"{path}.units", optional=tuple(known))
        units[table] = {}
        for key, unit in asked.items():
            if key not in known:
                continue
            quantity = known[key].quantity
            text = r.text(str(unit), f"{path}.units.{key}")
            if not quantity or factor_of(quantity, text) is None:
                allowed = ", ".join(UNITS.get(quantity, {})) or "none: it is no number"
                r.fault(f"{path}.units.{key}", "unknown", f"must be one of {allowed}; got {text[:20]!r}")
            else:
                units[table][key] = text
    return columns, units


def _reservoir(r: Reader, value: Any) -> dict[str, Any]:
    got = r.mapping(value, "reservoir", optional=("margin_m", "cell_m", "boundary", "extent_m", "origin_m"))
    out: dict[str, Any] = {}
    if "margin_m" in got:
        out["margin_m"] = r.number(
            got["margin_m"], "reservoir.margin_m", low=200.0, high=50_000.0, default=200.0
        )
    if "cell_m" in got:
        out["cell_m"] = r.number(got["cell_m"], "reservoir.cell_m", low=5.0, high=2_000.0, default=50.0)
    if "extent_m" in got or "origin_m" in got:
        out["extent_m"] = r.numbers(got.get("extent_m"), "reservoir.extent_m", 2, low=100.0, high=500_000.0)
        out["origin_m"] = r.numbers(
            got.get("origin_m"), "reservoir.origin_m", 2, low=-500_000.0, high=500_000.0
        )
    if "boundary" in got:
        out["boundary"] = r.choice(got["boundary"], "reservoir.boundary", ("closed", "constant_pressure"))
    return out


def _demand(r: Reader, value: Any) -> dict[str, float]:
    limits = {"area_m2": (100.0, 1e9), "load_w_m2": (1.0, 500.0), "season_days": (1.0, 365.0), "supply_degc": (20.0, 130.0),
              "return_degc": (10.0, 110.0)}  # fmt: skip
    got = r.mapping(value, "demand", optional=tuple(limits))
    return {
        k: r.number(v, f"demand.{k}", low=limits[k][0], high=limits[k][1], default=limits[k][0])
        for k, v in got.items()
        if k in limits
    }
