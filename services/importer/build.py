"""Writes a draft as a site's folder, in the format of ``assets/sites`` (its README says what each key means)."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from scenarios.schema_io import plain
from services.importer.draft import Draft
from services.importer.manifest import Manifest
from twin_models.box import cells_across
from twin_models.site_files import FORMAT, SITE_FILE
from twin_models.site_tables import WELL_COLUMNS

MARGIN_M = 1500.0
CELLS_ACROSS = 180  # fine enough for a doublet, coarse enough for a second
CELL_SIZES_M = (25.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
COLOURS = {
    "cap": ("#e2d9c1", "#d9cfb5", "#ece3c8"),
    "reservoir": ("#c98a4b", "#b97a3d", "#d8b184"),
    "deep": ("#9c8a76", "#7d766d"),
    "basement": ("#5c6068",),
}
SCHEME_FORMAT = "geosandbox-scheme/1"
ASSUMED_SOURCE = "assumption of the import"
RULES: tuple[tuple[str, str, str, float | None, str, str, str], ...] = (
    ("producer-injector", "producer_injector_spacing", "soft", 450.0, "采灌井目标间距不小于 450 m",
     "producer and injector at least 450 m apart", "004: planned producer-injector spacing >= 450 m"),
    ("well-well", "well_spacing", "hard", 200.0, "任意两井目标间距不小于 200 m",
     "any two wells at least 200 m apart", "004 calls a smallest spacing below 200 m too dense"),
    ("fault-hard", "fault_distance", "hard", 100.0, "距断层不小于 100 m", "at least 100 m from a fault", ASSUMED_SOURCE),
    ("fault-soft", "fault_distance", "soft", 300.0, "距断层宜大于 300 m", "better more than 300 m from a fault", ASSUMED_SOURCE),
    ("reach", "pad_reach", "soft", 1500.0, "井底水平位移宜小于 1500 m",
     "step-out from head to target better below 1500 m", ASSUMED_SOURCE),
)  # fmt: skip
RASTERS = (  # array, label, unit, width of the colour scale (temperature: room for the cold water below)
    ("temperature_degc", "热储温度", "Reservoir temperature", "degC", 40.0),
    ("permeability_md", "渗透率", "Permeability", "mD", 100.0),
    ("porosity", "孔隙度", "Porosity", "1", 0.05),
    ("top_m", "热储顶面深度", "Depth of the reservoir", "m", 50.0),
    ("thickness_m", "热储厚度", "Thickness of the reservoir", "m", 20.0),
)


def box_of(draft: Draft, manifest: Manifest) -> dict[str, Any]:
    """The reservoir box around wells and area, a whole number of cells wide, as in a scheme file."""
    given = manifest.reservoir
    if "extent_m" in given:
        origin, extent = list(given["origin_m"]), list(given["extent_m"])
        cell = given.get("cell_m") or _cell_m(max(extent))
    else:
        points = [(w["x_m"], w["y_m"]) for w in draft.wells] + list(draft.ring)
        low = np.min(points, axis=0) - given.get("margin_m", MARGIN_M)
        high = np.max(points, axis=0) + given.get("margin_m", MARGIN_M)
        cell = given.get("cell_m") or _cell_m(float(max(high - low)))
        origin = [math.floor(v / cell) * cell for v in low]
        extent = [math.ceil((h - o) / cell) * cell for h, o in zip(high, origin, strict=True)]
    layers = [
        {
            "name": layer["name"][1],
            "top_m": _tidy(layer["top"]),
            "thickness_m": _tidy(layer["base"] - layer["top"]),
            "net_to_gross": _tidy(layer["net_to_gross"]),
            "porosity": _tidy(layer["porosity"]),
            "permeability_md": _tidy(layer["permeability"]),
            "kv_kh": _tidy(layer["kv_kh"]),
            "temperature_degc": _tidy(layer["temperature"]),
            "rock_heat_capacity_mj_m3k": _tidy(layer["rock_heat_capacity"]),
            "conductivity_w_mk": _tidy(layer["conductivity"]),
        }
        for layer in draft.layers
        if layer["role"] == "reservoir"
    ]
    boundary = manifest.reservoir.get("boundary", "constant_pressure")
    return {"extent_m": extent, "origin_m": origin, "cell_m": cell, "boundary": boundary, "layers": layers}


def _cell_m(wide_m: float) -> float:
    return next((c for c in CELL_SIZES_M if wide_m / c <= CELLS_ACROSS), CELL_SIZES_M[-1])


def _tidy(value: float) -> float:
    """A number without the dust of unit conversion."""
    return float(f"{value:.10g}")


def demand_of(draft: Draft, manifest: Manifest, box: dict[str, Any]) -> dict[str, Any]:
    """Heat that is wanted: as given, else as much as the producers give when cooled by 25 K."""
    warm = max(layer["temperature_degc"] for layer in box["layers"])
    given = dict(manifest.demand)
    load = given.get("load_w_m2", 35.0)
    rate = sum(w["rate_m3_h"] for w in draft.wells if w["existing"] and w["kind"] == "producer")
    area = given.get("area_m2") or max(1000.0, round(rate / 3600.0 * 4.18e6 * 25.0 / load, -3))
    supply = given.get("supply_degc", min(50.0, max(25.0, round(warm - 8.0))))
    back = given.get("return_degc", supply - 10.0)
    days = given.get("season_days", 120.0)
    if not {"area_m2", "load_w_m2", "season_days"} <= given.keys():
        draft.notes.append((
            f"供热需求按假设：{area:,.0f} m²、{load:g} W/m²、每年 {days:g} 天",
            f"heat demand assumed: {area:,.0f} m2 at {load:g} W/m2 for {days:g} days a year",
        ))  # fmt: skip
    heating = {"area_m2": area, "load_w_m2": load, "season_days": days, "supply_degc": supply, "return_degc": back,
               "approach_k": 3}  # fmt: skip
    return {
        "years": 30,
        "season_days": days,
        "uses": {"heating": heating},
        "economics": {
            "discount_rate": 0.08,
            "baseline": "coal_boiler",
            "grid": "north",
            "include_existing": True,
        },
    }


def strata_of(draft: Draft) -> list[dict[str, Any]]:
    """The stack painted on the walls: rows of the table, gaps filled with rock nobody described."""
    out: list[dict[str, Any]] = []

    def add(name: tuple[str, str], top: float, base: float, role: str) -> None:
        colours = COLOURS[role]
        colour = colours[sum(s["role"] == role for s in out) % len(colours)]
        out.append({"id": f"L{len(out) + 1}", "name": {"zh": name[0], "en": name[1]}, "top_m": _tidy(top),
                    "base_m": _tidy(base), "colour": colour, "role": role})  # fmt: skip

    filled = False
    depth = 0.0
    for layer in draft.layers:
        if layer["top"] > depth + 1e-6:
            deeper = any(s["role"] == "reservoir" for s in out)
            add(("未分层", f"Not divided {len(out) + 1}"), depth, layer["top"], "deep" if deeper else "cap")
            filled = True
        add(layer["name"], layer["top"], layer["base"], layer["role"])
        depth = layer["base"]
    if out and out[-1]["role"] == "reservoir":
        add(("下伏地层", "Below the reservoir"), depth, depth + max(200.0, round(depth / 4.0, -1)), "deep")
        filled = True
    if filled:
        draft.notes.append(("未描述的地层按未分层绘制", "rock that no row describes is drawn as not divided"))
    return out


def rules_of(draft: Draft) -> list[dict[str, Any]]:
    """The usual rules; a hard one that today's wells break warns only, for what stands cannot be forbidden."""
    wells = [w for w in draft.wells if w["existing"] and w["kind"] != "monitor"]
    spots = [(w["x_m"], w["y_m"]) for w in wells]
    gap = min((math.dist(a, b) for i, a in enumerate(spots) for b in spots[:i]), default=math.inf)
    from shapely.geometry import LineString, Point

    lines = [LineString(f["line_m"]) for f in draft.faults]
    to_fault = min((line.distance(Point(s)) for line in lines for s in spots), default=math.inf)
    out = []
    for id_, kind, severity, value, zh, en, source in RULES:
        broken = (kind == "well_spacing" and gap < (value or 0)) or (
            kind == "fault_distance" and to_fault < (value or 0)
        )
        if broken and severity == "hard":
            severity = "soft"
            draft.notes.append(
                (f"现有井不满足“{zh}”，改为提示", f"today's wells break the rule '{en}': it only warns")
            )
        out.append({"id": id_, "kind": kind, "severity": severity, "value_m": value, "text": {"zh": zh, "en": en},
                    "source": source})  # fmt: skip
    if draft.ring:
        text = {"zh": "井的目标在边界以内", "en": "target inside the boundary"}
        out.append(
            {
                "id": "inside",
                "kind": "inside_area",
                "severity": "hard",
                "text": text,
                "source": draft.area_source,
            }
        )
    return out


def baseline_of(draft: Draft, name: str, defaults: dict[str, Any]) -> dict[str, Any]:
    """The scheme of today's wells."""
    wells = []
    for well in draft.wells:
        if not well["existing"]:
            continue
        row = {k: well[k] for k in ("name", "kind", "x_m", "y_m", "head_x_m", "head_y_m")}
        row |= {k: well[k] for k in ("pad", "temperature_degc") if well[k] is not None}
        if well["kind"] != "monitor":
            row["rate_m3_h"] = well["rate_m3_h"]
        wells.append({**row, "existing": True})
    return {
        "format": SCHEME_FORMAT,
        "name": "baseline",
        "site": name,
        "reservoir": None,
        "wells": wells,
        **defaults,
    }


def write_site(
    folder: Path,
    draft: Draft,
    *,
    manifest: Manifest,
    title: tuple[str, str],
    box: dict[str, Any],
    files: Sequence[Path],
) -> None:
    """The folder of a site: ``site.yaml``, tables, arrays, baseline, sources, and the files it came from."""
    name = folder.name
    folder.mkdir(parents=True)
    (folder / "tables").mkdir()
    (folder / "schemes").mkdir()
    for file in files:
        shutil.copyfile(file, folder / "tables" / file.name)
    defaults = demand_of(draft, manifest, box)
    scheme = baseline_of(draft, name, defaults)
    (folder / "schemes" / "baseline.json").write_text(
        json.dumps(plain(scheme), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    with (folder / "wells.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(WELL_COLUMNS)
        table.writerows([_cell((w | {"schematic": False})[c]) for c in WELL_COLUMNS] for w in draft.wells)
    rasters = _rasters(folder, box)
    site = _site(draft, manifest, name=name, title=title, box=box) | {
        "rasters": rasters,
        "scheme_defaults": defaults,
    }
    text = yaml.safe_dump(plain(site), allow_unicode=True, sort_keys=False, width=110)
    (folder / SITE_FILE).write_text(text, encoding="utf-8")
    (folder / "SOURCES.md").write_text(_sources(title[1], draft, manifest, files), encoding="utf-8")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _site(
    draft: Draft, manifest: Manifest, *, name: str, title: tuple[str, str], box: dict[str, Any]
) -> dict[str, Any]:
    frame = {"lon": draft.frame[0], "lat": draft.frame[1]}
    heads = np.array([(w["head_x_m"], w["head_y_m"]) for w in draft.wells])
    x, y = (float(round(v)) for v in heads.mean(axis=0))
    strata, rules = strata_of(draft), rules_of(draft)
    demand = demand_of(Draft(wells=draft.wells), manifest, box)["uses"]["heating"]
    community = {"id": "heated", "name": {"zh": "供热区", "en": "Heated area"}, "x_m": x, "y_m": y,
                 "area_m2": demand["area_m2"], "load_w_m2": demand["load_w_m2"]}  # fmt: skip
    draft.notes.append(("能源站位置取井口中部", "energy station placed in the middle of the wellheads"))
    draft.notes.append(("热储性质在平面上取常数", "reservoir properties are the same everywhere in plan"))
    counted = manifest.measured or (
        f"导入表中的 {len(draft.wells)} 口井、{len(draft.layers)} 个地层、{len(draft.faults)} 条断层",
        f"{len(draft.wells)} wells, {len(draft.layers)} layers and {len(draft.faults)} faults as in the imported tables",
    )
    source = manifest.source or "no source stated"
    foreign = any("\u4e00" <= c <= "\u9fff" for c in source)
    out: dict[str, Any] = {
        "format": FORMAT,
        "name": name,
        "title": {"zh": title[0], "en": title[1]},
        "scale": manifest.scale,
        "location": frame,
        "frame": frame,
        "measured": [{"zh": counted[0], "en": counted[1]}],
        "schematic": [{"zh": zh, "en": en} for zh, en in draft.notes],
        "provenance": {
            "zh": f"由用户数据导入（{source}）；表中未给的量为示意",
            "en": f"Imported from a user's tables ({'see SOURCES.md' if foreign else source}); "
            "what they do not give is schematic",
        },
        "reservoir": box,
        "strata": strata,
        "faults": draft.faults,
        "pads": draft.pads,
        "wells": "wells.csv",
        "station": {"name": {"zh": "能源站", "en": "Energy station"}, "x_m": x, "y_m": y, "communities": [community]},
        "rules": rules,
        "schemes": [{
            "id": "baseline", "file": "schemes/baseline.json", "title": {"zh": "现状", "en": "As is"},
            "note": {"zh": "导入表中的现有井", "en": "existing wells of the imported table"},
        }],
    }  # fmt: skip
    if manifest.parent:
        out["parent"] = manifest.parent
    if draft.ring:
        zh, en = draft.area_name
        out["area"] = {"name": {"zh": zh, "en": en}, "polygon_m": [list(p) for p in draft.ring],
                       "source": draft.area_source, "schematic": False}  # fmt: skip
    return out


def _rasters(folder: Path, box: dict[str, Any]) -> dict[str, Any]:
    """Maps for the scene: one value everywhere (mean over the layers, weighted by thickness)."""
    shape = tuple(cells_across(box["extent_m"][i], box["cell_m"]) for i in (1, 0))
    layers = box["layers"]
    weights = [layer["thickness_m"] for layer in layers]
    values = {
        key: float(np.average([layer[key] for layer in layers], weights=weights))
        for key in ("temperature_degc", "permeability_md", "porosity")
    }
    values |= {
        "top_m": layers[0]["top_m"],
        "thickness_m": layers[-1]["top_m"] + weights[-1] - layers[0]["top_m"],
    }
    np.savez_compressed(
        folder / "fields.npz", **{k: np.full(shape, v, dtype=np.float32) for k, v in values.items()}
    )
    show = [
        {"name": key, "label": {"zh": zh, "en": en}, "unit": unit,
         "low": round(max(0.0, values[key] - spread), 3), "high": round(values[key] + (5.0 if key == "temperature_degc" else spread), 3)}
        for key, zh, en, unit, spread in RASTERS
    ]  # fmt: skip
    return {"file": "fields.npz", "show": show}


def _sources(title: str, draft: Draft, manifest: Manifest, files: Sequence[Path]) -> str:
    lines = [f"# {title}: where everything comes from", "", "| what | origin | state |", "|---|---|---|"]
    origin = (manifest.source or "no source stated").replace("|", "/")
    for file in files:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        lines.append(f"| `tables/{file.name}` | {origin}; sha256 {digest}… | as imported |")
    made = "`site.yaml`, `wells.csv`, `fields.npz`, `schemes/baseline.json`"
    lines += [f"| {made} | made by `geosandbox import` from the tables | see below |", "", "Assumed:", ""]
    lines += [f"- {en}" for _, en in draft.notes]
    return "\n".join(lines) + "\n"
