"""A synthetic 60-well field as a site folder, for benchmarks: a site needs no Python, and this proves it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from twin_models.generate.synthetic import synthetic_field
from twin_models.sites import assets_dir
from twin_models.types import Layer, Reservoir

NAME = "synthetic-60"
TEXT = {"zh": "合成 60 井基准", "en": "synthetic field of 60 wells"}
COLUMNS = (
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


def make_assets(folder: Path) -> Path:
    """A folder of assets with the shipped sites and the synthetic one; returns it."""
    shipped = assets_dir()
    folder.mkdir(parents=True)
    for part in shipped.iterdir():
        if part.name != "sites":
            (folder / part.name).symlink_to(part)
    (folder / "sites").mkdir()
    for site in (shipped / "sites").iterdir():
        (folder / "sites" / site.name).symlink_to(site)
    _write_site(folder / "sites" / NAME)
    return folder


def _write_site(folder: Path) -> None:
    folder.mkdir()
    box, wells = synthetic_field(60, 0)
    layer = box.layers[0]
    np.savez_compressed(folder / "fields.npz", permeability=np.asarray(layer.permeability_md))
    with (folder / "wells.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for w in wells:
            rows.writerow(
                [
                    w.name,
                    w.kind,
                    "",
                    w.x_m,
                    w.y_m,
                    w.x_m,
                    w.y_m,
                    w.rate_m3_h,
                    w.temperature_degc or "",
                    "false",
                    "true",
                ]
            )
    scheme = {
        "format": "geosandbox-scheme/1",
        "name": "sixty wells",
        "site": NAME,
        "reservoir": None,
        "wells": [
            {
                "name": w.name,
                "kind": w.kind,
                "x_m": w.x_m,
                "y_m": w.y_m,
                "rate_m3_h": w.rate_m3_h,
                **({"temperature_degc": w.temperature_degc} if w.temperature_degc is not None else {}),
            }
            for w in wells
        ],
        "years": 30,
        "uses": {"heating": {"area_m2": 5_000_000, "load_w_m2": 35}},
    }
    (folder / "schemes").mkdir()
    for name in ("baseline", "plan"):
        (folder / "schemes" / f"{name}.json").write_text(json.dumps(scheme), "utf-8")
    (folder / "SOURCES.md").write_text(
        "# Sources\n\nEverything here is synthetic, seed 0, made for benchmarks.\n", "utf-8"
    )
    (folder / "site.yaml").write_text(yaml.safe_dump(_site(box, layer), allow_unicode=True), "utf-8")


def _site(box: Reservoir, layer: Layer) -> dict[str, Any]:
    return {
        "format": "geosandbox-site/1",
        "name": NAME,
        "title": TEXT,
        "scale": "field",
        "location": {"lon": 117.0, "lat": 37.5},
        "frame": {"lon": 117.0, "lat": 37.5},
        "measured": [{"zh": "无", "en": "nothing"}],
        "schematic": [TEXT],
        "provenance": {"zh": "示意：全部为合成", "en": "schematic: all synthetic"},
        "reservoir": {
            "extent_m": list(box.extent_m),
            "origin_m": list(box.origin_m),
            "cell_m": box.cell_m,
            "boundary": "closed",
            "layers": [
                {
                    "name": layer.name,
                    "top_m": layer.top_m,
                    "thickness_m": layer.thickness_m,
                    "porosity": 0.25,
                    "permeability_md": "permeability",
                    "temperature_degc": 80.0,
                }
            ],
        },
        "rasters": {
            "file": "fields.npz",
            "show": [
                {
                    "name": "permeability",
                    "label": {"zh": "渗透率", "en": "Permeability"},
                    "unit": "mD",
                    "low": 100,
                    "high": 2000,
                }
            ],
        },
        "strata": [
            _stratum("cap", "盖层", 0, 2000, "#e2d9c1", "cap"),
            _stratum("sand", "热储", 2000, 2100, "#c98a4b", "reservoir"),
            _stratum("base", "底板", 2100, 3000, "#9c8a76", "deep"),
        ],
        "wells": "wells.csv",
        "rules": [
            {
                "id": "well-well",
                "kind": "well_spacing",
                "severity": "hard",
                "value_m": 200,
                "text": {"zh": "两井间距不小于 200 m", "en": "any two wells at least 200 m apart"},
                "source": "benchmark",
            }
        ],
        "schemes": [
            {"id": name, "file": f"schemes/{name}.json", "title": TEXT, "note": TEXT}
            for name in ("baseline", "plan")
        ],
    }


def _stratum(id: str, zh: str, top_m: float, base_m: float, colour: str, role: str) -> dict[str, Any]:
    name = {"zh": zh, "en": id}
    return {"id": id, "name": name, "top_m": top_m, "base_m": base_m, "colour": colour, "role": role}
