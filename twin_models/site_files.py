"""Reads and checks a site's folder. Every fault names file and path; nothing half-read gets out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from twin_models.box import reader_box
from twin_models.reading import Reader, read_yaml
from twin_models.site_tables import COORDINATE_M, FolderReader
from twin_models.site_types import (
    Area,
    Community,
    ContextLayer,
    FaultLine,
    Pad,
    RasterInfo,
    Rule,
    SchemeFile,
    Site,
    Station,
    Stratum,
    Text,
)

FORMAT = "geosandbox-site/1"
SITE_FILE = "site.yaml"
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")
_REQUIRED = ("format", "name", "title", "scale", "location", "measured", "schematic", "provenance", "frame")
_OPTIONAL = [
    "parent",
    "reservoir",
    "strata",
    "faults",
    "area",
    "pads",
    "wells",
    "station",
    "rules",
    "scheme_defaults",
    "schemes",
    "rasters",
    "context",
    "units",
]
RULE_KINDS = ("producer_injector_spacing", "well_spacing", "fault_distance", "pad_reach", "inside_area")
CONTEXT_KINDS = ("units", "faults", "counties", "rivers", "outline", "coast", "places", "canal", "structures")


def read_site(folder: Path) -> Site:
    """The site in a folder; raises ``InputError`` with every fault found."""
    return _SiteReader(folder).read()


class _SiteReader(FolderReader):
    def __init__(self, folder: Path) -> None:
        self.label = f"{folder.name}/{SITE_FILE}"
        super().__init__(folder, Reader(self.label))

    def read(self) -> Site:
        data = read_yaml(self.folder / SITE_FILE, self.label)
        r = self.reader
        got = r.mapping(data, "", required=_REQUIRED, optional=_OPTIONAL)
        if "format" in got and got["format"] != FORMAT:
            r.fault("format", "unknown", f"must be {FORMAT!r}, got {got['format']!r}")
        if "name" in got and got["name"] != self.folder.name:
            r.fault("name", "range", f"must be the folder's name {self.folder.name!r}, got {got['name']!r}")
        if not NAME.match(self.folder.name):
            r.fault("name", "range", "must be lower case letters, digits and single dashes")
        sources = self.folder / "SOURCES.md"
        if not sources.is_file() or not sources.read_text(encoding="utf-8", errors="replace").strip():
            r.fault(
                "SOURCES.md", "missing", "must stand beside site.yaml and say where everything comes from"
            )
        site = self._site(got)
        _cross_checks(r, site)
        r.done()
        return site

    def _site(self, got: dict[str, Any]) -> Site:
        r = self.reader
        frame = r.mapping(got.get("frame", {}), "frame", required=("lon", "lat"), optional=("note",))
        rasters, info, raster_frame = self._rasters(got.get("rasters"))
        reservoir = None
        if got.get("reservoir") is not None:
            reservoir = reader_box(r, got["reservoir"], arrays=rasters)
        if raster_frame is None and reservoir is not None:
            raster_frame = (reservoir.origin_m, reservoir.cell_m)
        raster_frame = raster_frame or ((0.0, 0.0), 1.0)
        pads = self._each(got, "pads", self._pad)
        return Site(
            name=self.folder.name,
            title=self._text(got.get("title"), "title"),
            scale=cast(Any, r.choice(got.get("scale"), "scale", ("basin", "field", "site"))),
            parent=r.text(got["parent"], "parent") if got.get("parent") is not None else None,
            location=self._lonlat(
                r.mapping(got.get("location", {}), "location", required=("lon", "lat")), "location"
            ),
            frame_origin=self._lonlat(frame, "frame"),
            measured=self._texts(got.get("measured", []), "measured"),
            schematic=self._texts(got.get("schematic", []), "schematic"),
            provenance=self._text(got.get("provenance"), "provenance"),
            reservoir=reservoir,
            strata=self._each(got, "strata", self._stratum),
            faults=self._each(got, "faults", self._fault_line),
            area=self._area(got.get("area")),
            pads=pads,
            wells=self._wells(got.get("wells"), {pad.id for pad in pads}, reservoir),
            station=self._station(got.get("station")),
            rules=self._each(got, "rules", self._rule),
            scheme_defaults=MappingProxyType(
                r.mapping(got.get("scheme_defaults", {}), "scheme_defaults", optional=None)
            ),
            schemes=self._each(got, "schemes", self._scheme),
            rasters=MappingProxyType(rasters),
            raster_info=MappingProxyType(info),
            raster_origin_m=raster_frame[0],
            raster_cell_m=raster_frame[1],
            context=self._each(got, "context", self._context),
            units=self._units(got.get("units")),
            folder=self.folder,
        )

    # ---- small parts ------------------------------------------------------------------------------

    def _each(self, got: dict[str, Any], key: str, read: Callable[[Any, str], Any]) -> tuple[Any, ...]:
        items = self.reader.items(got.get(key, []), key)
        return tuple(read(item, f"{key}[{i}]") for i, item in enumerate(items))

    def _text(self, value: Any, path: str) -> Text:
        got = self.reader.mapping(value, path, required=("zh", "en"))
        return Text(*(self.reader.text(got[k], f"{path}.{k}") if k in got else "" for k in ("zh", "en")))

    def _texts(self, value: Any, path: str) -> tuple[Text, ...]:
        items = self.reader.items(value, path, at_least=1)
        return tuple(self._text(item, f"{path}[{i}]") for i, item in enumerate(items))

    def _lonlat(self, got: dict[str, Any], path: str) -> tuple[float, float]:
        lon = self.reader.number(got.get("lon", 0.0), f"{path}.lon", low=-180, high=180)
        return lon, self.reader.number(got.get("lat", 0.0), f"{path}.lat", low=-85, high=85)

    def _xy(self, got: dict[str, Any], path: str) -> tuple[float, float]:
        return cast(
            tuple[float, float],
            tuple(
                self.reader.number(got.get(k, 0.0), f"{path}.{k}", low=-COORDINATE_M, high=COORDINATE_M)
                for k in ("x_m", "y_m")
            ),
        )

    def _points(self, value: Any, path: str, *, at_least: int) -> tuple[tuple[float, float], ...]:
        items = self.reader.items(value, path, at_least=at_least)
        return tuple(
            cast(
                tuple[float, float],
                self.reader.numbers(p, f"{path}[{i}]", 2, low=-COORDINATE_M, high=COORDINATE_M),
            )
            for i, p in enumerate(items)
        )

    def _id(self, got: dict[str, Any], path: str) -> str:
        return self.reader.text(got["id"], f"{path}.id") if "id" in got else ""

    # ---- sections of site.yaml --------------------------------------------------------------------

    def _stratum(self, value: Any, path: str) -> Stratum:
        r = self.reader
        keys = ("id", "name", "top_m", "base_m", "colour", "role")
        got = r.mapping(value, path, required=keys)
        top = r.number(got.get("top_m", 0.0), f"{path}.top_m", low=0, high=20_000)
        base = r.number(got.get("base_m", 1.0), f"{path}.base_m", low=0, high=20_000, default=top + 1)
        if base <= top:
            r.fault(f"{path}.base_m", "range", f"must be deeper than top_m = {top:g}, got {base:g}")
        colour = r.text(got.get("colour"), f"{path}.colour")
        if colour and not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
            r.fault(f"{path}.colour", "range", f"must be a colour such as #c98a4b, got {colour!r}")
        role = r.choice(got.get("role"), f"{path}.role", ("cap", "reservoir", "deep", "basement"))
        return Stratum(
            self._id(got, path), self._text(got.get("name"), f"{path}.name"), top, base, colour, role
        )

    def _fault_line(self, value: Any, path: str) -> FaultLine:
        r = self.reader
        keys = ("id", "name", "line_m", "main", "dip_deg", "dip_to_deg", "schematic", "source")
        got = r.mapping(value, path, required=keys)
        return FaultLine(
            id=self._id(got, path),
            name=self._text(got.get("name"), f"{path}.name"),
            line_m=self._points(got.get("line_m", []), f"{path}.line_m", at_least=2),
            main=r.flag(got.get("main"), f"{path}.main"),
            dip_deg=r.number(got.get("dip_deg"), f"{path}.dip_deg", low=1, high=90),
            dip_to_deg=r.number(got.get("dip_to_deg"), f"{path}.dip_to_deg", low=0, high=360),
            schematic=r.flag(got.get("schematic"), f"{path}.schematic"),
            source=r.text(got.get("source"), f"{path}.source"),
        )

    def _area(self, value: Any) -> Area | None:
        if value is None:
            return None
        r = self.reader
        got = r.mapping(value, "area", required=("name", "polygon_m", "source", "schematic"))
        return Area(
            name=self._text(got.get("name"), "area.name"),
            polygon_m=self._points(got.get("polygon_m", []), "area.polygon_m", at_least=3),
            source=r.text(got.get("source"), "area.source"),
            schematic=r.flag(got.get("schematic"), "area.schematic"),
        )

    def _pad(self, value: Any, path: str) -> Pad:
        r = self.reader
        got = r.mapping(value, path, required=("id", "x_m", "y_m"), optional=("existing",))
        existing = r.flag(got.get("existing", True), f"{path}.existing")
        return Pad(self._id(got, path), *self._xy(got, path), existing)

    def _station(self, value: Any) -> Station | None:
        if value is None:
            return None
        got = self.reader.mapping(value, "station", required=("name", "x_m", "y_m", "communities"))
        if isinstance(got.get("communities"), str):
            communities = self._communities(got["communities"], "station.communities")
        else:
            communities = self._each(
                got, "communities", lambda item, path: self._community(item, f"station.{path}")
            )
        return Station(self._text(got.get("name"), "station.name"), *self._xy(got, "station"), communities)

    def _community(self, value: Any, path: str) -> Community:
        r = self.reader
        keys = ("id", "name", "x_m", "y_m", "area_m2", "load_w_m2")
        got = r.mapping(value, path, required=keys, optional=("wells",))
        names = r.items(got.get("wells", []), f"{path}.wells")
        return Community(
            self._id(got, path),
            self._text(got.get("name"), f"{path}.name"),
            *self._xy(got, path),
            area_m2=r.number(got.get("area_m2", 1.0), f"{path}.area_m2", low=1, high=1e9),
            load_w_m2=r.number(got.get("load_w_m2", 1.0), f"{path}.load_w_m2", low=0.1, high=500),
            wells=tuple(r.text(name, f"{path}.wells[{i}]") for i, name in enumerate(names)),
        )

    def _rule(self, value: Any, path: str) -> Rule:
        r = self.reader
        keys = ("id", "kind", "severity", "text", "source")
        got = r.mapping(value, path, required=keys, optional=("value_m",))
        kind = r.choice(got.get("kind"), f"{path}.kind", RULE_KINDS)
        limit = got.get("value_m")
        if kind == "inside_area":
            if limit is not None:
                r.fault(f"{path}.value_m", "unknown", "has no meaning for inside_area")
        elif limit is None:
            r.fault(f"{path}.value_m", "missing", "is missing")
        else:
            limit = r.number(limit, f"{path}.value_m", low=0, high=1e5)
        return Rule(
            id=self._id(got, path),
            kind=cast(Any, kind),
            severity=cast(Any, r.choice(got.get("severity"), f"{path}.severity", ("soft", "hard"))),
            value_m=limit,
            text=self._text(got.get("text"), f"{path}.text"),
            source=r.text(got.get("source"), f"{path}.source"),
        )

    # ---- files beside site.yaml -------------------------------------------------------------------

    def _scheme(self, value: Any, path: str) -> SchemeFile:
        got = self.reader.mapping(value, path, required=("id", "file", "title", "note"))
        file = self._file(got.get("file"), f"{path}.file") or self.folder
        if file is not self.folder:
            data = self._json(file)
            if isinstance(data, Mapping) and data.get("site") != self.folder.name:
                self._at(file, "site", "range", f"must be {self.folder.name!r}, got {data.get('site')!r}")
        title, note = (self._text(got.get(k), f"{path}.{k}") for k in ("title", "note"))
        return SchemeFile(self._id(got, path), file, title, note)

    def _rasters(
        self, value: Any
    ) -> tuple[dict[str, np.ndarray], dict[str, RasterInfo], tuple[tuple[float, float], float] | None]:
        if value is None:
            return {}, {}, None
        r = self.reader
        got = r.mapping(value, "rasters", required=("file", "show"), optional=("origin_m", "cell_m"))
        file = self._file(got.get("file"), "rasters.file")
        arrays = self._arrays(file) if file else {}
        info = {}
        for i, item in enumerate(r.items(got.get("show", []), "rasters.show")):
            path = f"rasters.show[{i}]"
            row = r.mapping(item, path, required=("name", "label", "unit", "low", "high"))
            name = r.text(row.get("name"), f"{path}.name")
            if file and name not in arrays:
                r.fault(f"{path}.name", "unknown", f"names the array {name!r}, which is not in the file")
            info[name] = RasterInfo(
                name,
                self._text(row.get("label"), f"{path}.label"),
                r.text(row.get("unit"), f"{path}.unit"),
                r.number(row.get("low", 0.0), f"{path}.low"),
                r.number(row.get("high", 1.0), f"{path}.high"),
            )
        frame = None
        if "origin_m" in got or "cell_m" in got:
            origin = r.numbers(
                got.get("origin_m"), "rasters.origin_m", 2, low=-COORDINATE_M, high=COORDINATE_M
            )
            frame = (
                cast(tuple[float, float], origin),
                r.number(got.get("cell_m"), "rasters.cell_m", low=0.01, high=1e5, default=1.0),
            )
        return arrays, info, frame

    def _context(self, value: Any, path: str) -> ContextLayer:
        r = self.reader
        got = r.mapping(value, path, required=("id", "kind", "file", "label", "schematic", "source"))
        file = self._file(got.get("file"), f"{path}.file")
        return ContextLayer(
            id=self._id(got, path),
            kind=r.choice(got.get("kind"), f"{path}.kind", CONTEXT_KINDS),
            label=self._text(got.get("label"), f"{path}.label"),
            schematic=r.flag(got.get("schematic"), f"{path}.schematic"),
            source=r.text(got.get("source"), f"{path}.source"),
            features=self._features(file) if file else (),
        )


def _cross_checks(reader: Reader, site: Site) -> None:
    """What only shows when the parts are seen together."""
    groups: dict[str, Any] = {
        "strata": site.strata,
        "faults": site.faults,
        "pads": site.pads,
        "rules": site.rules,
        "schemes": site.schemes,
        "context": site.context,
    }
    for group, items in groups.items():
        seen: set[str] = set()
        for i, item in enumerate(items):
            if item.id in seen:
                reader.fault(f"{group}[{i}].id", "duplicate", f"{item.id!r} is there twice")
            seen.add(item.id)
    for i, (upper, lower) in enumerate(zip(site.strata, site.strata[1:], strict=False), start=1):
        if abs(lower.top_m - upper.base_m) > 1e-6:
            reader.fault(
                f"strata[{i}].top_m",
                "range",
                f"must be the base above, {upper.base_m:g}, got {lower.top_m:g}",
            )
    if site.wells and site.reservoir is None:
        reader.fault("reservoir", "missing", "is missing though the site has wells")
    if site.reservoir is not None and site.rasters:
        shape = next(iter(site.rasters.values())).shape
        spans = tuple(n * site.raster_cell_m for n in shape[::-1])
        if any(abs(a - b) > site.raster_cell_m for a, b in zip(spans, site.reservoir.extent_m, strict=True)):
            reader.fault("rasters.file", "shape", f"must cover the reservoir box, covers {spans}")
    known = site.well_by_name
    for i, community in enumerate(site.station.communities if site.station else ()):
        for k, name in enumerate(community.wells):
            if name not in known:
                reader.fault(
                    f"station.communities[{i}].wells[{k}]",
                    "unknown",
                    f"names the well {name!r}, which is not there",
                )
    if any(rule.kind == "inside_area" for rule in site.rules) and site.area is None:
        reader.fault("area", "missing", "is missing though a rule asks for it")
