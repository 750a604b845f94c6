"""From checked rows to the parts of a site: layers, wells, faults, area, pads, in its own metres."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from services.importer.check import Row, map_columns, read_rows
from services.importer.logs import fill_from_logs
from services.importer.manifest import FILE, Manifest
from services.importer.places import Point, Spot, chains, check_system, lonlat_of, place, to_local
from services.importer.tables import Opened
from twin_models.errors import Fault
from twin_models.site_types import point_in_ring

HAN = re.compile(r"[\u4e00-\u9fff]")
SAME_M = 1.0
WORDS_ZH = {
    "rock_heat_capacity": "岩石体积热容",
    "conductivity": "热导率",
    "net_to_gross": "净毛比",
    "kv_kh": "垂直与水平渗透率之比",
}
NEEDED = ("porosity", "permeability", "temperature")  # of every reservoir layer


@dataclass
class Draft:
    """What was understood. ``rows``: table -> its rows; ``notes``: assumptions made, (zh, en)."""

    frame: Point = (0.0, 0.0)
    layers: list[dict[str, Any]] = field(default_factory=list)
    wells: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    pads: list[dict[str, Any]] = field(default_factory=list)
    ring: tuple[Point, ...] = ()
    area_name: tuple[str, str] = ("采水区", "Producing area")
    area_source: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)
    mapping: list[dict[str, Any]] = field(default_factory=list)
    well_rows: list[Row] = field(default_factory=list)


def make_draft(opened: Opened, manifest: Manifest, faults: list[Fault]) -> Draft:
    """Everything that could be read; ``faults`` grows by what could not."""
    draft = Draft()
    rows: dict[str, list[Row]] = {}
    for table in opened.tables:
        found = map_columns(table, manifest, faults)
        rows.setdefault(table.kind, read_rows(table, found, faults))
        used = {f.head for f in found}
        draft.mapping.append(
            {
                "file": table.file,
                "table": table.kind,
                "rows": len(table.rows),
                "columns": [
                    {
                        "head": f.head,
                        "as": f.column.key,
                        "unit": f.unit or None,
                        "example": _example(table.rows, f.index),
                    }
                    for f in found
                ],
                "not_used": [h for h in table.head if h not in used],
            }
        )
    draft.well_rows = rows.get("wells", [])
    _layers(draft, rows.get("layers", []), faults)
    fill_from_logs(
        draft.layers, opened.logs, {str(r.values.get("name")) for r in draft.well_rows}, faults, draft.notes
    )
    _needed(draft, faults)
    if check_system(manifest, faults):
        _geometry(draft, rows, manifest, faults)
    return draft


def _example(rows: Sequence[tuple[Any, ...]], index: int) -> Any:
    return next((row[index] for row in rows if row[index] is not None), None)


def two_names(row: Row, number: int, zh: str, en: str) -> tuple[str, str]:
    """A name in both languages: as given, and where only one is given, a plain one beside it."""
    given = row.values.get("name")
    name_zh, name_en = row.values.get("name_zh"), row.values.get("name_en")
    if given and HAN.search(given):
        name_zh = name_zh or given
    elif given:
        name_en = name_en or given
    name_en = name_en if name_en and not HAN.search(name_en) else f"{en} {number}"
    if not name_zh or not HAN.search(name_zh):
        name_zh = f"{zh} {name_zh or name_en}"
    return name_zh, name_en


def _layers(draft: Draft, rows: Sequence[Row], faults: list[Fault]) -> None:
    """Layers from the top down; they may touch and leave gaps, and may not overlap."""
    found = []
    for i, row in enumerate(rows, start=1):
        top, base, thick = (row.values.get(k) for k in ("top", "base", "thickness"))
        if base is None and thick is None and not row.bad & {"base", "thickness"}:
            faults.append(row.at("base", "missing", "is empty, and no thickness is given either"))
        if top is None or (base is None and thick is None):
            continue
        if base is not None and thick is not None and abs(top + thick - base) > SAME_M:
            text = f"must be base - top = {base - top:g} m, got {thick:g} m"
            faults.append(row.at("thickness", "range", text))
        base = top + thick if base is None else base
        if base <= top:
            faults.append(
                row.at("base", "range", f"must be deeper than the top at {top:g} m, got {base:g} m")
            )
            continue
        name = two_names(row, i, "地层", "Layer")
        found.append({"name": name, "top": top, "base": base, "row": row, "role": row.values.get("role"), **{
            k: row.values.get(k)
            for k in (*NEEDED, "net_to_gross", "kv_kh", "conductivity", "rock_heat_capacity")
        }})  # fmt: skip
    found.sort(key=lambda layer: layer["top"])
    for upper, lower in pairwise(found):
        if lower["top"] < upper["base"] - 1e-6:
            text = f"must not be above {upper['base']:g} m, the base of {upper['name'][1]!r}, got {lower['top']:g} m"
            faults.append(lower["row"].at("top", "range", text))
    names: dict[str, Row] = {}
    for layer in found:
        first = names.setdefault(layer["name"][1], layer["row"])
        if first is not layer["row"]:
            faults.append(layer["row"].at("name", "duplicate", f"is the same as in row {first.number}"))
    if rows and not any(row.values.get("role") == "reservoir" or "role" in row.bad for row in rows):
        faults.append(Fault(rows[0].file, "missing", "must have a row whose role is reservoir"))
    draft.layers = found


def _needed(draft: Draft, faults: list[Fault]) -> None:
    """What a reservoir cannot be computed without must stand in the table or in a log."""
    defaults = {"net_to_gross": 1.0, "kv_kh": 0.1, "conductivity": 2.5, "rock_heat_capacity": 2.2}
    assumed: set[str] = set()
    for layer in draft.layers:
        row = layer["row"]
        if layer["role"] != "reservoir":
            continue
        for key in NEEDED:
            if layer[key] is None and key not in row.bad:
                faults.append(
                    row.at(key, "missing", "is needed for a reservoir, and no log covers this layer")
                )
        if layer["permeability"] == 0.0:
            faults.append(row.at("permeability", "range", "must be above 0 in a reservoir"))
        for key, value in defaults.items():
            if layer[key] is None:
                layer[key] = value
                assumed.add(f"{key} {value:g}")
    if assumed:
        listed = ", ".join(sorted(assumed))
        zh = listed
        for key, word in WORDS_ZH.items():
            zh = zh.replace(key, word)
        draft.notes.append(
            (
                f"热储中未给出的参数取默认值：{zh}",
                f"not given for the reservoir, taken as usual: {listed}",
            )
        )


def _geometry(draft: Draft, rows: dict[str, list[Row]], manifest: Manifest, faults: list[Fault]) -> None:
    targets = [place(row, manifest, faults) for row in rows.get("wells", [])]
    heads = [place(row, manifest, faults, keys=("head_", "")) for row in rows.get("wells", [])]
    pads = [place(row, manifest, faults) for row in rows.get("pads", [])]
    lines = chains(rows.get("faults", []), "faults", manifest, faults)
    rings = chains(rows.get("boundary", []), "boundary", manifest, faults)
    known = [s for s in (*targets, *heads, *pads, *(s for _, part in (*lines, *rings) for s in part)) if s]
    frame = _frame(known, [t for t in targets if t], manifest, faults)
    if frame is None:
        return
    draft.frame = frame
    _pads(draft, rows.get("pads", []), pads, faults)
    _ring(draft, rings, faults)
    _fault_lines(draft, lines, faults)
    _wells(draft, targets, heads, faults)


def _frame(
    known: Sequence[Spot], targets: Sequence[Spot], manifest: Manifest, faults: list[Fault]
) -> Point | None:
    """Longitude and latitude of local (0, 0): as given, else the middle of the wells."""
    if manifest.frame is not None:
        return manifest.frame
    if any(not s.lonlat for s in known):
        text = "is missing: local metres need the longitude and latitude of their zero"
        faults.append(Fault(f"{FILE}: frame", "missing", text))
        return None
    middle = targets or known
    if not middle:
        return None
    return round(sum(s.x for s in middle) / len(middle), 5), round(sum(s.y for s in middle) / len(middle), 5)


def _pads(draft: Draft, rows: Sequence[Row], spots: Sequence[Spot | None], faults: list[Fault]) -> None:
    seen: dict[str, int] = {}
    for row, spot in zip(rows, spots, strict=True):
        name = row.values.get("name")
        if name in seen:
            faults.append(row.at("name", "duplicate", f"is the same as in row {seen[name]}"))
        if name is None or spot is None:
            continue
        seen.setdefault(name, row.number)
        x, y = to_local(spot, draft.frame)
        draft.pads.append(
            {"id": name, "x_m": x, "y_m": y, "existing": row.values.get("existing") is not False}
        )


def _ring(draft: Draft, rings: Sequence[tuple[Row, list[Spot]]], faults: list[Fault]) -> None:
    if not rings:
        return
    row, spots = rings[0]
    for other, _ in rings[1:]:
        faults.append(other.at("geometry", "duplicate", "is a second polygon; one boundary is taken"))
    points = [to_local(s, draft.frame) for s in spots]
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    if len(points) < 3:
        faults.append(row.at("geometry", "range", f"must have at least 3 corners, got {len(points)}"))
        return
    from shapely.geometry import Polygon
    from shapely.validation import explain_validity

    polygon = Polygon(points)
    if not polygon.is_valid or polygon.area < 1.0:
        faults.append(row.at("geometry", "range", f"is no proper polygon: {explain_validity(polygon)}"))
        return
    draft.ring = tuple(points)
    draft.area_source = f"table {row.file}"
    if row.values.get("name") or row.values.get("name_zh") or row.values.get("name_en"):
        draft.area_name = two_names(row, 1, "区域", "Area")


def _fault_lines(draft: Draft, lines: Sequence[tuple[Row, list[Spot]]], faults: list[Fault]) -> None:
    assumed = False
    for i, (row, spots) in enumerate(lines, start=1):
        points = [to_local(s, draft.frame) for s in spots]
        if len(points) < 2 or math.dist(points[0], points[-1]) + len(points) < 3:
            faults.append(
                row.at("geometry", "range", f"must have at least 2 different points, got {len(points)}")
            )
            continue
        dip, dip_to = row.values.get("dip"), row.values.get("dip_to")
        assumed = assumed or dip is None
        zh, en = two_names(row, i, "断层", "Fault")
        draft.faults.append({
            "id": f"F{i}", "name": {"zh": zh, "en": en}, "line_m": [list(p) for p in points],
            "main": row.values.get("main") is True, "dip_deg": 90.0 if dip is None else dip,
            "dip_to_deg": 0.0 if dip_to is None else dip_to, "schematic": dip is None,
            "source": f"table {row.file}, row {row.number}",
        })  # fmt: skip
    if assumed:
        draft.notes.append(("未给倾角的断层按直立处理", "faults without a dip are taken as vertical"))


def _wells(
    draft: Draft, targets: Sequence[Spot | None], heads: Sequence[Spot | None], faults: list[Fault]
) -> None:
    names: dict[str, int] = {}
    pads = {pad["id"] for pad in draft.pads}
    given = bool(pads)
    for row, target, head in zip(draft.well_rows, targets, heads, strict=True):
        name, kind = row.values.get("name"), row.values.get("kind")
        if name in names:
            faults.append(row.at("name", "duplicate", f"is the same as in row {names[name]}"))
        elif name is not None:
            names[name] = row.number
        rate = row.values.get("rate")
        if rate is None and kind in ("producer", "injector") and "rate" not in row.bad:
            faults.append(row.at("rate", "missing", f"is needed for every {kind}"))
        if rate is not None and rate < 0.0 and kind != "storage":
            faults.append(
                row.at("rate", "range", f"must be at least 0 for a {kind or 'well'}, got {rate:g} m3/h")
            )
        pad = row.values.get("pad")
        if pad is not None and given and pad not in pads:
            faults.append(
                row.at("pad", "unknown", f"names the pad {pad!r}, which is not in the table of pads")
            )
        if target is None:
            continue
        x, y = to_local(target, draft.frame)
        head_x, head_y = to_local(head, draft.frame) if head else (x, y)
        near = next((w for w in draft.wells if math.dist((w["x_m"], w["y_m"]), (x, y)) < SAME_M), None)
        if near is not None:
            faults.append(
                row.at("x", "duplicate", f"is the same place as {near['name']!r} in row {near['row'].number}")
            )
        if draft.ring and not point_in_ring(x, y, draft.ring):
            faults.append(row.at("x", "outside", "stands outside the boundary"))
        draft.wells.append({
            "name": name, "kind": kind, "pad": pad, "head_x_m": head_x, "head_y_m": head_y, "x_m": x, "y_m": y,
            "rate_m3_h": rate or 0.0, "temperature_degc": row.values.get("temperature") if kind != "producer" else None,
            "existing": row.values.get("existing") is not False, "row": row,
        })  # fmt: skip
    if draft.well_rows and not any(w["existing"] and w["kind"] != "monitor" for w in draft.wells):
        text = "must have at least one existing well that moves water: the first scheme shows what is there"
        faults.append(Fault(draft.well_rows[0].file, "missing", text))
    if not given:
        for pad in sorted({w["pad"] for w in draft.wells if w["pad"]}):
            own = [w for w in draft.wells if w["pad"] == pad]
            x, y = (round(sum(w[k] for w in own) / len(own), 1) for k in ("head_x_m", "head_y_m"))
            draft.pads.append({"id": pad, "x_m": x, "y_m": y, "existing": any(w["existing"] for w in own)})


def recentre(draft: Draft, origin: Point) -> None:
    """Move the local zero to ``origin`` (local metres): a site's zero must lie in its box."""
    dx, dy = origin
    draft.frame = tuple(round(v, 7) for v in lonlat_of(dx, dy, origin=draft.frame))  # type: ignore[assignment]
    for item in (*draft.wells, *draft.pads):
        for key in ("x_m", "head_x_m"):
            if key in item:
                item[key] = round(item[key] - dx, 3)
        for key in ("y_m", "head_y_m"):
            if key in item:
                item[key] = round(item[key] - dy, 3)
    for fault in draft.faults:
        fault["line_m"] = [[round(x - dx, 3), round(y - dy, 3)] for x, y in fault["line_m"]]
    draft.ring = tuple((round(x - dx, 3), round(y - dy, 3)) for x, y in draft.ring)
    draft.notes.append(("局部坐标原点移到井群中部", "the local zero was moved to the middle of the wells"))
