"""Which site's scenery stands at which scale. Light: no drawing library is loaded here.

basin   the coarsest site up the chain of parents
field   the site itself if it has a reservoir, else its parent, else its first child with one
site    the site's own station; a field of many communities shows the station of its child
"""

from __future__ import annotations

from typing import Literal

from twin_models.errors import Fault, InputError
from twin_models.sites import Site, children, load_site, site_names

Scale = Literal["basin", "field", "site"]
SCALES: tuple[Scale, ...] = ("basin", "field", "site")
OVERVIEW_COMMUNITIES = 8  # a station that serves more is a plan of a city; its child is the one to look at


def scene_of(name: str, scale: str) -> str | None:
    """Name of the site whose scenery a site shows at a scale; ``None`` if there is none.

    Raises ``InputError`` for an unknown site or scale.
    """
    site = load_site(name)
    if scale == "basin":
        return _basin_of(site)
    if scale == "field":
        return _field_of(site)
    if scale == "site":
        return _station_of(site)
    raise InputError(Fault("scale", "unknown", f"must be one of {', '.join(SCALES)}, got {scale!r}"))


def _basin_of(site: Site) -> str | None:
    seen = set()
    while site.parent is not None and site.name not in seen:
        seen.add(site.name)
        site = load_site(site.parent)
    return site.name if site.units else None


def _field_of(site: Site) -> str | None:
    if site.reservoir is not None:
        return site.name
    below = [load_site(child) for child in children(site.name)]
    return next((s.name for s in below if s.reservoir is not None), None)


def _station_of(site: Site) -> str | None:
    below = [load_site(child) for child in children(site.name)]
    with_station = [s.name for s in below if s.station is not None]
    if site.station is None:
        return next((found for s in below if (found := _station_of(s))), None)
    if len(site.station.communities) > OVERVIEW_COMMUNITIES and with_station:
        return with_station[0]
    return site.name


def all_scenes() -> list[tuple[str, Scale]]:
    """Every (site, scale) for which there is scenery of its own."""
    pairs = {
        (target, scale) for name in site_names() for scale in SCALES if (target := scene_of(name, scale))
    }
    return sorted(pairs)
