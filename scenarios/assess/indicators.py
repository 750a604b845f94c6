"""Indicator maps of suitability: what source 003 names (Fig. 4), taken from a site's rasters or made up.

Heat flow, gradient, temperature, porosity, depth and thickness are rasters of the site. Population, gross
product and land use of source 003 are not published as numbers; they are built here, always the same, from the
county seats and rivers so that they keep the figures the paper prints, and are labelled schematic.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from twin_models.site_types import Site

MEAN_PEOPLE_PER_KM2 = 600.0  # 003 section 3.1: 6 persons per 10^4 m2
TOWN_SHARE, TOWN_RADIUS_KM = 0.4, 7.0  # of a county's people, near its seat: our assumption
PRODUCT_PER_HEAD = 4.7  # 10^4 CNY: gives the paper's "more than 2800 x 10^4 CNY/km2" at 600 people/km2
BUILT_SHARE = 0.2375  # 003 section 3.1: built-up land
WATER_KM = 0.7
LAND_SCORES = {"built": 1.0, "farmland": 0.5, "water": 0.0}  # ours; the paper prints no scores
LAND_SEED = 3


@dataclass(frozen=True)
class Indicator:
    """``benefit``: more is better. ``published``: weight of 003 Table 2. ``build`` is for what is no raster."""

    id: str
    zh: str
    en: str
    unit: str
    benefit: bool
    published: float
    raster: str | None = None
    build: Callable[[Site], np.ndarray] | None = None
    note_zh: str = ""
    note_en: str = ""

    @property
    def schematic(self) -> bool:
        return self.build is not None

    def values(self, site: Site) -> np.ndarray:
        """The map (ny, nx), row 0 = south, NaN where there is nothing."""
        if self.build is not None:
            return self.build(site)
        return np.asarray(site.rasters[self.raster or self.id], dtype=np.float64)


def cell_centres_m(site: Site) -> tuple[np.ndarray, np.ndarray]:
    """x (nx,) and y (ny,) of cell centres in local metres."""
    ny, nx = next(iter(site.rasters.values())).shape
    x0, y0 = site.raster_origin_m
    cell = site.raster_cell_m
    return x0 + cell * (np.arange(nx) + 0.5), y0 + cell * (np.arange(ny) + 0.5)


def inside(ring: tuple[tuple[float, float], ...], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mask (ny, nx) of the cells inside a ring (crossing number, as in ``point_in_ring``)."""
    mask = np.zeros((y.size, x.size), dtype=bool)
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        if y1 != y0:
            rows = (y0 > y) != (y1 > y)
            mask[rows] ^= x[None, :] < (x0 + (y[rows] - y0) * (x1 - x0) / (y1 - y0))[:, None]
        x0, y0 = x1, y1
    return mask


def distance_m(line: tuple[tuple[float, float], ...], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Distance (ny, nx) of every cell to a line."""
    grid_x, grid_y = np.meshgrid(x, y)
    nearest = np.full(grid_x.shape, np.inf)
    points = np.asarray(line, dtype=np.float64)
    for (ax, ay), (bx, by) in itertools.pairwise(points):
        length2 = max((bx - ax) ** 2 + (by - ay) ** 2, 1e-9)
        along = np.clip(((grid_x - ax) * (bx - ax) + (grid_y - ay) * (by - ay)) / length2, 0.0, 1.0)
        np.minimum(
            nearest,
            np.hypot(grid_x - ax - along * (bx - ax), grid_y - ay - along * (by - ay)),
            out=nearest,
        )
    return nearest


def population(site: Site) -> np.ndarray:
    """People per km2, schematic: printed means of three counties, the others filled to the printed mean of all.

    In each county two fifths live in a bell of 7 km around the seat, the rest evenly.
    """
    x, y = cell_centres_m(site)
    land = np.isfinite(site.rasters["ground_m"])
    counties, places = site.layer("counties"), site.layer("places")
    people = np.where(land, MEAN_PEOPLE_PER_KM2, np.nan)
    if counties is None or places is None:
        return people
    printed = {f.id: f.properties.get("population_per_km2") for f in places.features}
    seats = {f.id: f.parts_m[0][0] for f in places.features}
    masks = {
        f.id: np.logical_or.reduce([inside(p, x, y) for p in f.parts_m]) & land for f in counties.features
    }
    known = {key: float(value) for key, value in printed.items() if value is not None and key in masks}
    taken = sum(int(masks[key].sum()) for key in known)
    told = sum(value * float(masks[key].sum()) for key, value in known.items())
    rest = (MEAN_PEOPLE_PER_KM2 * float(land.sum()) - told) / max(float(land.sum()) - taken, 1.0)
    people = np.where(land, rest, np.nan)
    for key, mask in masks.items():
        if not mask.any():
            continue
        mean = known.get(key, rest)
        sx, sy = seats.get(key, (float(x.mean()), float(y.mean())))
        bell = np.exp(
            -(((x - sx)[None, :] ** 2) + ((y - sy)[:, None] ** 2)) / (2.0 * (1e3 * TOWN_RADIUS_KM) ** 2)
        )
        bell = np.where(mask, bell, 0.0)
        people[mask] = mean * (1.0 - TOWN_SHARE) + TOWN_SHARE * mean * mask.sum() * bell[mask] / bell.sum()
    return people


def product(site: Site) -> np.ndarray:
    """Gross product in 10^4 CNY per km2, schematic: the same per head everywhere."""
    return PRODUCT_PER_HEAD * population(site)


def land_use(site: Site) -> np.ndarray:
    """Score of land use, schematic: water within 0.7 km of rivers, 23.75 % built-up, the rest farmland.

    Built-up are the cells with most people, roughened so that villages appear.
    """
    x, y = cell_centres_m(site)
    people = population(site)
    land = np.isfinite(people)
    noise = gaussian_filter(np.random.default_rng(LAND_SEED).standard_normal(people.shape), 0.8)
    pull = np.log(np.where(land, people, 1.0)) + 1.5 * noise / noise.std()
    water = np.zeros(people.shape, dtype=bool)
    rivers = site.layer("rivers")
    for feature in rivers.features if rivers is not None else ():
        for part in feature.parts_m:
            water |= distance_m(part, x, y) < 1e3 * WATER_KM
    free = land & ~water
    built = free & (pull >= np.quantile(pull[free], 1.0 - BUILT_SHARE * land.sum() / free.sum()))
    score = np.where(land, LAND_SCORES["farmland"], np.nan)
    score[built] = LAND_SCORES["built"]
    score[land & water] = LAND_SCORES["water"]
    return score


def fault_distance(site: Site) -> np.ndarray:
    """Kilometres to the nearest mapped fault."""
    x, y = cell_centres_m(site)
    shape = next(iter(site.rasters.values())).shape
    nearest = np.full(shape, np.inf)
    for fault in site.faults:
        np.minimum(nearest, distance_m(fault.line_m, x, y), out=nearest)
    return np.where(np.isfinite(nearest), nearest / 1e3, np.nan)


_MADE = (
    "示意：由县城、县域和河流按印出的均值构造",
    "schematic: built from seats, counties and rivers to the printed means",
)
INDICATORS: dict[str, Indicator] = {
    row.id: row
    for row in (
        Indicator("temperature", "热储温度", "reservoir temperature", "degC", True, 0.139, "temperature_degc"),
        Indicator("heat_flow", "大地热流", "heat flow", "mW/m2", True, 0.212, "heat_flow_mw_m2"),
        Indicator("thickness", "热储厚度", "reservoir thickness", "m", True, 0.164, "thickness_m"),
        Indicator("gradient", "地温梯度", "gradient", "K/km", True, 0.117, "gradient_k_per_km"),
        Indicator("land_use", "土地利用类型", "land use", "1", True, 0.101, None, land_use, *_MADE),
        Indicator("porosity", "孔隙率", "porosity", "1", True, 0.072, "porosity"),
        Indicator("population", "人口密度", "population density", "1/km2", True, 0.024, None, population, *_MADE),
        Indicator("base_depth", "底板埋深", "depth of the base", "m", False, 0.077, "base_m"),
        Indicator("product", "国内生产总值", "gross product", "1e4 CNY/km2", True, 0.095, None, product, *_MADE),
        Indicator("fault_distance", "距断层距离", "distance to a fault", "km", False, 0.0, None, fault_distance,
                  "文献 003 未用；断层线为示意", "not in source 003; the fault lines are schematic"),
    )
}  # fmt: skip
PUBLISHED = tuple(row.id for row in INDICATORS.values() if row.published > 0.0)
