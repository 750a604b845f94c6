"""The sites: folders with a ``site.yaml``. Adding one needs no Python.

Shipped ones stand under ``assets/sites``; a user's own stand in the folders of ``GEOSANDBOX_SITES``. A
shipped name wins, so nothing imported can take the place of a shipped site.
"""

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
    "add_sites_folder",
    "assets_dir",
    "children",
    "inside_parent",
    "load_site",
    "local_xy_m",
    "shipped_names",
    "site_names",
    "summaries",
    "world_xy_m",
]

ASSETS_VARIABLE = "GEOSANDBOX_ASSETS"
SITES_VARIABLE = "GEOSANDBOX_SITES"  # folders of a user's own sites, parted as in PATH


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


def add_sites_folder(folder: Path) -> None:
    """Look for sites in that folder too. Kept in the environment, so that worker processes look there as well."""
    known = [str(path) for path in _own_folders()]
    if str(folder) not in known:
        os.environ[SITES_VARIABLE] = os.pathsep.join([*known, str(folder)])


def _own_folders() -> list[Path]:
    return [Path(part) for part in os.environ.get(SITES_VARIABLE, "").split(os.pathsep) if part]


def shipped_names() -> list[str]:
    """Names of the sites under ``assets/sites``."""
    folder = assets_dir() / "sites"
    return sorted(path.name for path in folder.iterdir() if (path / SITE_FILE).is_file())


def site_names() -> list[str]:
    """Names of all sites, shipped and own. An own site that cannot be read is left out; ``load_site`` says why."""
    own = {
        path.name
        for folder in _own_folders()
        if folder.is_dir()
        for path in folder.iterdir()
        if NAME.match(path.name) and (path / SITE_FILE).is_file() and _readable(path)
    }
    return sorted({*shipped_names(), *own})


def _readable(folder: Path) -> bool:
    try:
        _load(folder)
    except InputError:
        return False
    return True


def load_site(name: str) -> Site:
    """The site of that name, read once. Raises ``InputError`` for an unknown name or a broken folder."""
    if isinstance(name, str) and NAME.match(name):
        for root in (assets_dir() / "sites", *_own_folders()):
            if (root / name / SITE_FILE).is_file():
                return _load(root / name)
    raise InputError(
        Fault("site", "unknown", f"no site named {str(name)[:60]!r}; there are {', '.join(site_names())}")
    )


def _load(folder: Path) -> Site:
    return _read(folder, (folder / SITE_FILE).stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _read(folder: Path, _written: int) -> Site:
    """Read once; a folder that was removed and imported anew is another site."""
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
