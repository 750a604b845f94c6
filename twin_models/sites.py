"""The sites: folders under ``assets/sites``, each with a ``site.yaml``. Adding one needs no Python."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from twin_models.errors import Fault, InputError
from twin_models.site_files import NAME, SITE_FILE, read_site
from twin_models.site_types import (
    Area,
    Community,
    ContextLayer,
    FaultLine,
    Feature,
    Pad,
    RasterInfo,
    Rule,
    SchemeFile,
    Site,
    SiteWell,
    Station,
    Stratum,
    Text,
    UnitRow,
    local_xy_m,
    point_in_ring,
    world_xy_m,
)

__all__ = [
    "Area",
    "Community",
    "ContextLayer",
    "FaultLine",
    "Feature",
    "Pad",
    "RasterInfo",
    "Rule",
    "SchemeFile",
    "Site",
    "SiteWell",
    "Station",
    "Stratum",
    "Text",
    "UnitRow",
    "assets_dir",
    "children",
    "inside_parent",
    "load_site",
    "local_xy_m",
    "site_names",
    "summaries",
    "world_xy_m",
]

ASSETS_VARIABLE = "GEOSANDBOX_ASSETS"


def assets_dir() -> Path:
    """The folder ``assets``: the setting ``GEOSANDBOX_ASSETS`` first, then the one of this repository."""
    return _assets_dir(os.environ.get(ASSETS_VARIABLE, ""))


@lru_cache(maxsize=8)
def _assets_dir(setting: str) -> Path:
    tried = [Path(setting)] if setting else []
    tried.append(Path(__file__).resolve().parent.parent / "assets")
    for path in tried:
        if (path / "sites").is_dir():
            return path.resolve()
    places = " nor at ".join(str(path) for path in tried)
    raise InputError(Fault("assets", "missing", f"no folder with sites at {places}"))


def site_names() -> list[str]:
    """Names of all sites shipped, the coarsest first by name."""
    folder = assets_dir() / "sites"
    return sorted(path.name for path in folder.iterdir() if (path / SITE_FILE).is_file())


def load_site(name: str) -> Site:
    """The site of that name, read once. Raises ``InputError`` for an unknown name or a broken folder."""
    folder = assets_dir() / "sites" / name if isinstance(name, str) and NAME.match(name) else None
    if folder is None or not (folder / SITE_FILE).is_file():
        raise InputError(
            Fault("site", "unknown", f"no site named {str(name)[:60]!r}; there are {', '.join(site_names())}")
        )
    return _load(folder)


@lru_cache(maxsize=64)
def _load(folder: Path) -> Site:
    return read_site(folder)


def summaries() -> list[dict[str, Any]]:
    """What ``geosandbox sites`` prints: one entry a site, what is measured and what is schematic."""
    return [load_site(name).summary() for name in site_names()]


def children(name: str) -> list[str]:
    """Names of the sites whose parent is this one."""
    return [child for child in site_names() if load_site(child).parent == name]


def inside_parent(site: Site) -> bool:
    """Whether the site stands inside its parent's outline (Caofeidian does not: it only shares the map)."""
    if site.parent is None:
        return False
    parent = load_site(site.parent)
    x, y = (a - b for a, b in zip(site.world_origin_m, parent.world_origin_m, strict=True))
    outline = parent.layer("outline")
    if outline is not None:
        return any(point_in_ring(x, y, part) for f in outline.features for part in f.parts_m)
    return parent.reservoir is not None and parent.reservoir.contains(x, y)
