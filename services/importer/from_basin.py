"""A site where nothing is known but the basin model: its layers, a planned doublet, and all of it said to be schematic.

The tables are written as a person would write them and go through the import like any others.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from services.importer import import_site
from services.importer.manifest import FORMAT
from services.importer.places import lonlat_of
from twin_models.site_files import SITE_FILE
from twin_models.sites import SITES_VARIABLE, load_site, site_names

NET_TO_GROSS = 0.586  # sand share of the Guantao, 002 (318.5 m, net 187 m)
PERMEABILITY_MD = 596.0  # mean of the Guantao's samples, 002
COVER_M = 250.0  # base of the Pingyuan formation
RATE_M3_H = 80.0
HALF_SPACING_M = 250.0
INJECTED_DEGC = 25.0
PROVENANCE = {
    "zh": "示意：层位、厚度、孔隙度与温度取自盆地模型（文献 003 表 1，空间分布为合成）；渗透率与砂厚比据文献 002；井与需求为假设",
    "en": "Schematic: layers, thickness, porosity and temperature of the basin model (source 003, Table 1; pattern synthetic); "
    "permeability and sand share after source 002; wells and demand assumed",
}
DEMAND = {"area_m2": 80_000, "load_w_m2": 35, "season_days": 120, "supply_degc": 45, "return_degc": 35}


def sites_folder() -> Path | None:
    """Where a user's own sites are kept; ``None`` where none is set."""
    folders = [part for part in os.environ.get(SITES_VARIABLE, "").split(os.pathsep) if part]
    return Path(folders[-1]) if folders else None


def name_of(unit: str, x_m: float, y_m: float) -> str:
    """Name of the site at a place of the basin: the unit and kilometres east (e, w) and north (n, s)."""
    east, north = round(x_m / 1e3), round(y_m / 1e3)
    return f"{unit.lower()}-{'w' if east < 0 else 'e'}{abs(east)}-{'s' if north < 0 else 'n'}{abs(north)}"


def site_from_basin(
    basin: str,
    *,
    unit: str,
    unit_name: tuple[str, str],
    place_m: tuple[float, float],
    facts: Mapping[str, float | None],
    uncertainty: Mapping[str, Any],
    sites: Path,
) -> str:
    """Make the site (or find it made already) and return its name. Raises ``InputError``.

    ``facts``: top_m, thickness_m, temperature_degc, porosity of the basin model at the place (basin metres).
    """
    name = name_of(unit, *place_m)
    if name in site_names():
        return name
    lon, lat = lonlat_of(*place_m, origin=load_site(basin).frame_origin)
    tables = _tables(facts) | {
        "import.yaml": yaml.safe_dump(_manifest(basin, name, unit_name, (lon, lat)), allow_unicode=True)
    }
    made = import_site(_zipped(tables), name=name, sites=sites)
    _planned(Path(made["folder"]), uncertainty)
    load_site(name)
    return name


def _tables(facts: Mapping[str, float | None]) -> dict[str, str]:
    top, thick = float(facts["top_m"] or 0.0), float(facts["thickness_m"] or 0.0)
    base = top + thick
    d = HALF_SPACING_M
    wells = [
        "name,kind,x,y,rate_m3_h,temperature",
        f"P-1,producer,{-d:g},0,{RATE_M3_H:g},",
        f"I-1,injector,{d:g},0,{RATE_M3_H:g},{INJECTED_DEGC:g}",
    ]
    layers = [
        "name_zh,name_en,top,base,role,porosity,permeability,temperature,net_to_gross",
        f"平原组,Pingyuan Fm,0,{COVER_M:g},cap,,,,",
        f"明化镇组,Minghuazhen Fm,{COVER_M:g},{top:.1f},cap,,,,",
        f"馆陶组,Guantao Fm,{top:.1f},{base:.1f},reservoir,{facts['porosity']:.4f},{PERMEABILITY_MD:g},"
        f"{facts['temperature_degc']:.2f},{NET_TO_GROSS:g}",
        f"东营组,Dongying Fm,{base:.1f},{base + 400.0:.1f},deep,,,,",
    ]
    return {"wells.csv": "\n".join(wells) + "\n", "layers.csv": "\n".join(layers) + "\n"}


def _manifest(
    basin: str, name: str, unit_name: tuple[str, str], lonlat: tuple[float, float]
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": name,
        "title": {"zh": f"{unit_name[0]}示意热田 {name}", "en": f"Schematic field in {unit_name[1]}, {name}"},
        "parent": basin,
        "coordinates": "local",
        "frame": {"lon": round(lonlat[0], 6), "lat": round(lonlat[1], 6)},
        "source": "schematic: basin model (source 003, Table 1; pattern synthetic); permeability and sand share of the "
        "Guantao from source 002; wells and demand assumed",
        "measured": {"zh": "无：层位与温度取自盆地模型", "en": "nothing: layers and temperature are those of the basin model"},
        "demand": DEMAND,
    }  # fmt: skip


def _zipped(files: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def _planned(folder: Path, uncertainty: Mapping[str, Any]) -> None:
    """Its wells are to be drilled, and its ranges are the assessment's."""
    path = folder / "schemes" / "baseline.json"
    scheme = json.loads(path.read_text("utf-8"))
    for well in scheme["wells"]:
        well["existing"] = False
    economics = scheme.setdefault("economics", {})
    economics["uncertainty"] = {**economics.get("uncertainty", {}), **uncertainty}
    path.write_text(json.dumps(scheme, ensure_ascii=False, indent=1) + "\n", "utf-8")
    site_file = folder / SITE_FILE
    site = yaml.safe_load(site_file.read_text("utf-8"))
    site["provenance"] = PROVENANCE
    site["schemes"][0]["title"] = {"zh": "规划对井", "en": "A doublet to be drilled"}
    site_file.write_text(yaml.safe_dump(site, allow_unicode=True, sort_keys=False, width=110), "utf-8")
