"""Files beside ``site.yaml``: arrays, tables and map layers, read with every fault named."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from twin_models.reading import Reader
from twin_models.site_types import Community, Feature, SiteWell, Text, UnitRow
from twin_models.types import Reservoir

MAX_FILE_BYTES = 64_000_000
COORDINATE_M = 1e6  # no local coordinate is larger
WELL_COLUMNS = (
    "name",
    "kind",
    "pad",
    "head_x_m",
    "head_y_m",
    "x_m",
    "y_m",
    "rate_m3_h",
    "temperature_degc",
    "existing",
    "schematic",
)
COMMUNITY_COLUMNS = ("id", "name_zh", "name_en", "x_m", "y_m", "area_m2", "load_w_m2", "wells", "block")
UNIT_COLUMNS = ("id", "name_zh", "name_en", "block", "area_km2", "gradient_k_per_km", "heat_flow_mw_m2")
UNIT_TRIPLES = {  # column stem -> (lowest, highest)
    "thickness_m": (0.0, 5000.0),
    "porosity": (0.0, 1.0),
    "temperature_degc": (0.0, 400.0),
    "rock_density_kg_m3": (500.0, 5000.0),
    "rock_heat_capacity_j_kgk": (100.0, 3000.0),
}
# GeoJSON geometry -> our word and its parts
SHAPES: dict[str, Callable[[Any], tuple[Any, list[Any]]]] = {
    "Point": lambda raw: ("point", [[raw]]),
    "LineString": lambda raw: ("line", [raw]),
    "MultiLineString": lambda raw: ("line", raw),
    "Polygon": lambda raw: ("polygon", raw[:1]),
    "MultiPolygon": lambda raw: ("polygon", [polygon[0] for polygon in raw]),
}


class FolderReader:
    """Reads the files of one site's folder; faults go into ``reader``."""

    def __init__(self, folder: Path, reader: Reader) -> None:
        self.folder = folder
        self.reader = reader

    def _file(self, value: Any, path: str) -> Path | None:
        """A file inside the folder; links and ``..`` out of it are refused."""
        name = self.reader.text(value, path)
        if not name:
            return None
        full = (self.folder / name).resolve()
        if not full.is_relative_to(self.folder.resolve()):
            self.reader.fault(path, "outside", f"must lie inside the site's folder, got {name!r}")
        elif not full.is_file():
            self.reader.fault(path, "missing", f"names the file {name!r}, which is not there")
        elif full.stat().st_size > MAX_FILE_BYTES:
            self.reader.fault(path, "range", f"names a file larger than {MAX_FILE_BYTES} bytes")
        else:
            return full
        return None

    def _at(self, file: Path, path: str, reason: str, text: str) -> None:
        """A fault in another file of the folder."""
        name = file.relative_to(self.folder.resolve()).as_posix()
        own, self.reader.source = self.reader.source, f"{self.folder.name}/{name}"
        self.reader.fault(path, reason, text)
        self.reader.source = own

    def _json(self, file: Path) -> Any:
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            self._at(file, "", "syntax", f"is not valid JSON ({str(error).splitlines()[0]})")
            return None

    def _arrays(self, file: Path) -> dict[str, np.ndarray]:
        """All arrays of an .npz, without pickle; NaN marks "nothing here", infinities are faults."""
        arrays: dict[str, np.ndarray] = {}
        try:
            with file.open("rb") as raw, np.load(raw, allow_pickle=False) as stored:
                for name in stored.files:
                    array = np.asarray(stored[name])
                    if not np.issubdtype(array.dtype, np.number) or array.ndim != 2:
                        self._at(file, name, "shape", "must be a two-dimensional array of numbers")
                    elif np.isinf(array).any():
                        self._at(file, name, "not_finite", "must not hold infinities")
                    array.setflags(write=False)
                    arrays[name] = array
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
            self._at(file, "", "syntax", f"is not a file of arrays ({type(error).__name__})")
        if len({a.shape for a in arrays.values()}) > 1:
            self._at(file, "", "shape", "must hold arrays of one shape")
        return arrays

    def _rows(self, file: Path, required: tuple[str, ...] | list[str]) -> list[dict[str, str]]:
        """Rows of a CSV with at least these columns and no row longer or shorter than its head."""
        try:
            text = file.read_text(encoding="utf-8-sig")
            rows = list(csv.reader(io.StringIO(text), strict=True))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            self._at(file, "", "syntax", f"is not a table ({str(error).splitlines()[0]})")
            return []
        head = rows[0] if rows else []
        for column in required:
            if column not in head:
                self._at(file, column, "missing", "is missing (a column)")
        if len(set(head)) != len(head):
            self._at(file, "", "duplicate", "has a column twice")
        out = []
        for number, row in enumerate(rows[1:], start=2):
            if len(row) != len(head):
                self._at(file, f"line {number}", "shape", f"must have {len(head)} cells, got {len(row)}")
            else:
                out.append(dict(zip(head, row, strict=True)))
        return out if set(required) <= set(head) else []

    def _cell(self, file: Path, path: str, text: str, low: float, high: float) -> float:
        """A number in a table cell."""
        try:
            number = float(text)
        except ValueError:
            self._at(file, path, "type", f"must be a number, got {text!r}")
            return low
        if not math.isfinite(number):
            self._at(file, path, "not_finite", f"must be a finite number, got {text!r}")
            return low
        if not low <= number <= high:
            self._at(file, path, "range", f"must be between {low:g} and {high:g}, got {text}")
            return low
        return number

    def _wells(self, value: Any, pads: set[str], reservoir: Reservoir | None) -> tuple[SiteWell, ...]:
        file = self._file(value, "wells") if value is not None else None
        if file is None:
            return ()
        wells: list[SiteWell] = []
        for i, row in enumerate(self._rows(file, WELL_COLUMNS)):
            well = self._well(file, row, f"wells[{i}]")
            wells.append(well)
            if well.pad is not None and well.pad not in pads:
                self._at(
                    file, f"wells[{i}].pad", "unknown", f"names the pad {well.pad!r}, which is not there"
                )
            if reservoir is not None and not reservoir.contains(well.x_m, well.y_m):
                self._at(
                    file,
                    f"wells[{i}].x_m",
                    "outside",
                    f"must lie inside the reservoir box, got ({well.x_m:g}, {well.y_m:g})",
                )
        self._unlike(file, wells)
        return tuple(wells)

    def _unlike(self, file: Path, wells: list[SiteWell]) -> None:
        """No two wells of one name, none with the same target."""
        names: dict[str, int] = {}
        targets: dict[tuple[float, float], int] = {}
        for i, well in enumerate(wells):
            if well.name in names:
                self._at(
                    file, f"wells[{i}].name", "duplicate", f"is the same as wells[{names[well.name]}].name"
                )
            target = (round(well.x_m, 1), round(well.y_m, 1))
            if target in targets:
                self._at(
                    file, f"wells[{i}].x_m", "duplicate", f"is the same place as wells[{targets[target]}]"
                )
            names.setdefault(well.name, i)
            targets.setdefault(target, i)

    def _well(self, file: Path, row: dict[str, str], path: str) -> SiteWell:
        kinds = ("producer", "injector", "storage", "monitor")
        if row["kind"] not in kinds:
            self._at(
                file, f"{path}.kind", "unknown", f"must be one of {', '.join(kinds)}, got {row['kind']!r}"
            )
        if not row["name"].strip():
            self._at(file, f"{path}.name", "missing", "is missing")
        for name in ("existing", "schematic"):
            if row[name] not in ("true", "false"):
                self._at(file, f"{path}.{name}", "type", f"must be true or false, got {row[name]!r}")
        spots = {
            k: self._cell(file, f"{path}.{k}", row[k], -COORDINATE_M, COORDINATE_M)
            for k in ("head_x_m", "head_y_m", "x_m", "y_m")
        }
        warm = row["temperature_degc"]
        low = -1000.0 if row["kind"] == "storage" else 0.0
        return SiteWell(
            name=row["name"],
            kind=cast(Any, row["kind"]),
            pad=row["pad"] or None,
            **spots,
            rate_m3_h=self._cell(file, f"{path}.rate_m3_h", row["rate_m3_h"], low, 1000.0),
            temperature_degc=self._cell(file, f"{path}.temperature_degc", warm, 0.0, 150.0) if warm else None,
            existing=row["existing"] == "true",
            schematic=row["schematic"] == "true",
        )

    def _units(self, value: Any) -> tuple[UnitRow, ...]:
        file = self._file(value, "units") if value is not None else None
        if file is None:
            return ()
        triples = [f"{stem}_{end}" for stem in UNIT_TRIPLES for end in ("min", "mode", "max")]
        heats = ["heat_j_mean", "heat_j_p5", "heat_j_p95"]
        rows = self._rows(file, [*UNIT_COLUMNS, *triples, *heats, "source"])
        return tuple(self._unit(file, row, f"units[{i}]", heats) for i, row in enumerate(rows))

    def _unit(self, file: Path, row: dict[str, str], path: str, heats: list[str]) -> UnitRow:
        values: dict[str, Any] = {}
        for stem, (low, high) in UNIT_TRIPLES.items():
            triple = tuple(
                self._cell(file, f"{path}.{stem}_{end}", row[f"{stem}_{end}"], low, high)
                for end in ("min", "mode", "max")
            )
            if not triple[0] <= triple[1] <= triple[2]:
                self._at(file, f"{path}.{stem}_mode", "range", f"must lie between min and max, got {triple}")
            values[stem] = triple
        values |= {name: self._cell(file, f"{path}.{name}", row[name], 0.0, 1e26) for name in heats}
        return UnitRow(
            id=row["id"],
            name=Text(row["name_zh"], row["name_en"]),
            block=row["block"],
            area_km2=self._cell(file, f"{path}.area_km2", row["area_km2"], 0.001, 1e7),
            gradient_k_per_km=self._cell(
                file, f"{path}.gradient_k_per_km", row["gradient_k_per_km"], 0.0, 500.0
            ),
            heat_flow_mw_m2=self._cell(file, f"{path}.heat_flow_mw_m2", row["heat_flow_mw_m2"], 0.0, 1000.0),
            **values,
            source=row["source"],
        )

    def _communities(self, value: Any, path: str) -> tuple[Community, ...]:
        """Communities from a table; ``wells`` are names parted by blanks."""
        file = self._file(value, path)
        if file is None:
            return ()
        out = []
        for i, row in enumerate(self._rows(file, COMMUNITY_COLUMNS)):
            at = f"communities[{i}]"
            out.append(
                Community(
                    id=row["id"],
                    name=Text(row["name_zh"], row["name_en"]),
                    x_m=self._cell(file, f"{at}.x_m", row["x_m"], -COORDINATE_M, COORDINATE_M),
                    y_m=self._cell(file, f"{at}.y_m", row["y_m"], -COORDINATE_M, COORDINATE_M),
                    area_m2=self._cell(file, f"{at}.area_m2", row["area_m2"], 1.0, 1e9),
                    load_w_m2=self._cell(file, f"{at}.load_w_m2", row["load_w_m2"], 0.1, 500.0),
                    wells=tuple(row["wells"].split()),
                    block=row["block"] or None,
                )
            )
        return tuple(out)

    def _features(self, file: Path) -> tuple[Feature, ...]:
        data = self._json(file)
        if not isinstance(data, Mapping) or not isinstance(data.get("features"), list):
            if data is not None:
                self._at(file, "features", "missing", "must be a GeoJSON feature collection")
            return ()
        out = []
        for i, item in enumerate(data["features"]):
            try:
                out.append(_feature(item))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                self._at(file, f"features[{i}]", "type", f"is not a usable feature ({error})")
        return tuple(out)


def _feature(item: Mapping[str, Any]) -> Feature:
    """A GeoJSON feature whose coordinates are local metres; holes of polygons are left out."""
    geometry, properties = item["geometry"], dict(item["properties"])
    kind, raw = geometry["type"], geometry["coordinates"]
    if kind not in SHAPES:
        raise ValueError(f"geometry {kind!r}")
    name, parts = SHAPES[kind](raw)
    points = tuple(tuple((float(p[0]), float(p[1])) for p in part) for part in parts)
    if not points or not all(math.isfinite(v) for part in points for p in part for v in p):
        raise ValueError("coordinates must be finite numbers")
    text = Text(str(properties.pop("name_zh")), str(properties.pop("name_en")))
    return Feature(str(properties.pop("id")), text, name, points, MappingProxyType(properties))
