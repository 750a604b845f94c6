"""Heat of one mine level, year by year: walls of roadways, fans and rows of holes, broken rock."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scenarios.assess.comining_input import Block, Given, Holes, Level, Roadway
from scenarios.assess.conduction import YEAR_S, interference, slab_share, yearly_cylinder_w_m

STATIONS = 8  # along a fan's holes, where the distance to the neighbours is taken
YEAR_NODES = 4  # moments of a year at which the neighbours are looked at


@dataclass(frozen=True, eq=False)
class LevelHeat:
    """Mean of each year in MW, arrays (years,). ``walls_mw``: all heat of the walls, gathered or not.

    ``interference``: for each group of holes, the factor left by its neighbours in the last year. ``by_part``:
    kind, mean temperature of its water (degC) and power (MW, years) of every part.
    """

    roadways_mw: np.ndarray
    holes_mw: np.ndarray
    blocks_mw: np.ndarray
    walls_mw: np.ndarray
    conductive_mw: np.ndarray
    in_place_j: float
    recoverable_j: float
    interference: list[float]
    by_part: list[tuple[str, float, np.ndarray]]

    @property
    def power_mw(self) -> np.ndarray:
        return self.roadways_mw + self.holes_mw + self.blocks_mw


def level_heat(given: Given, level: Level) -> LevelHeat:
    """Heat by year of a level whose parts are switched on and off by the mining sequence."""
    level = scheduled(level)
    zero = np.zeros(given.years)
    walls = [_wall_mw(given, level, r) for r in level.roadways]
    gathered = [w * r.collected_share for w, r in zip(walls, level.roadways, strict=True)]
    fans = [_holes_mw(given, level, h) for h in level.holes]
    blocks = [_block_mw(given, level, b) for b in level.blocks]
    place = sum(
        _reach_j(given, level, r.radius_m, r.length_m, r.wall_degc, r.to_year - r.from_year)
        for r in level.roadways
    )
    place += sum(
        _reach_j(given, level, h.radius_m, h.count * h.length_m, h.fluid_degc, h.to_year - h.from_year)
        for h in level.holes
    )
    stored = [_stored_j(given, level, b) for b in level.blocks]
    return LevelHeat(
        roadways_mw=sum(gathered, zero),
        holes_mw=sum((fan for fan, _, _ in fans), zero),
        blocks_mw=sum((chosen for chosen, _ in blocks), zero),
        walls_mw=sum(walls, zero),
        conductive_mw=sum(walls, zero)
        + sum((alone for _, alone, _ in fans), zero)
        + sum((fast for _, fast in blocks), zero),
        in_place_j=place + sum(stored),
        recoverable_j=sum(b.recovery * heat for b, heat in zip(level.blocks, stored, strict=True)),
        interference=[factor for _, _, factor in fans],
        by_part=[("roadways", r.wall_degc, mw) for r, mw in zip(level.roadways, gathered, strict=True)]
        + [("holes", h.fluid_degc, mw) for h, (mw, _, _) in zip(level.holes, fans, strict=True)]
        + [("blocks", b.fluid_degc, mw) for b, (mw, _) in zip(level.blocks, blocks, strict=True)],
    )


def scheduled(level: Level) -> Level:
    """The level with its parts cut off or begun by mining; nothing but a calendar.

    Fill: its roadways end when they are backfilled. Cave: roadways and holes end, broken rock begins. Leach: broken
    rock begins, the rest goes on.
    """
    year = level.mined_year
    if year is None:
        return level
    roadways, holes, blocks = level.roadways, level.holes, level.blocks
    if level.mining in ("fill", "cave"):
        roadways = tuple(replace(r, to_year=max(r.from_year, min(r.to_year, year))) for r in roadways)
    if level.mining == "cave":
        holes = tuple(replace(h, to_year=max(h.from_year, min(h.to_year, year))) for h in holes)
    if level.mining in ("cave", "leach"):
        blocks = tuple(
            replace(b, from_year=max(b.from_year, year), to_year=max(b.to_year, year)) for b in blocks
        )
    return replace(level, roadways=roadways, holes=holes, blocks=blocks)


def _ages_a(given: Given, start: float, end: float) -> np.ndarray:
    """Age (years) of a part at the ends of every year, held between its beginning and its end: (years + 1,)."""
    return np.clip(np.arange(given.years + 1, dtype=np.float64), start, end) - start


def _drawn_mw(given: Given, radius_m: float, length_m: float, drop_k: float, ages: np.ndarray) -> np.ndarray:
    """Mean power (MW) of each year of a lone cylinder; a part of a year counts as its part."""
    per_m = yearly_cylinder_w_m(given.rock["conductivity_w_mk"], given.diffusivity_m2_s, radius_m, ages)
    return np.asarray(per_m * np.diff(ages) * max(drop_k, 0.0) * length_m / 1e6)


def _wall_mw(given: Given, level: Level, roadway: Roadway) -> np.ndarray:
    ages = _ages_a(given, roadway.from_year, roadway.to_year)
    return _drawn_mw(given, roadway.radius_m, roadway.length_m, level.rock_degc - roadway.wall_degc, ages)


def _holes_mw(given: Given, level: Level, holes: Holes) -> tuple[np.ndarray, np.ndarray, float]:
    """With neighbours, each hole alone in infinite rock (an upper bound), and the last factor between them."""
    ages = _ages_a(given, holes.from_year, holes.to_year)
    alone = _drawn_mw(
        given, holes.radius_m, holes.count * holes.length_m, level.rock_degc - holes.fluid_degc, ages
    )
    factor = _neighbour_factor(given, holes, ages)
    active = np.flatnonzero(np.diff(ages) > 0.0)
    last = float(factor[active[-1]]) if active.size else 1.0
    return alone * factor, alone, last


def _neighbour_factor(given: Given, holes: Holes, ages: np.ndarray) -> np.ndarray:
    """What neighbours leave of a hole's heat in each year, (years,)."""
    if holes.count == 1:
        return np.ones(len(ages) - 1)
    share = (np.arange(YEAR_NODES) + 0.5) / YEAR_NODES
    moments = ages[:-1, None] + np.diff(ages)[:, None] * share
    spread = given.diffusivity_m2_s * np.maximum(moments, 1e-6) * YEAR_S
    lags = np.arange(1, holes.count)
    if holes.layout == "parallel":
        counts = 2.0 * (holes.count - lags) / holes.count  # neighbours at that lag, mean over the row
        factor = interference(lags * holes.spacing_m, counts, holes.radius_m, spread)
        return np.asarray(factor.mean(axis=1))
    reach = holes.start_radius_m + holes.length_m * (np.arange(STATIONS) + 0.5) / STATIONS
    factors = [
        interference(2.0 * r * np.sin(np.pi * lags / holes.count), np.ones(lags.size), holes.radius_m, spread)
        for r in reach
    ]
    return np.asarray(np.mean(factors, axis=0).mean(axis=1))


def _stored_j(given: Given, level: Level, block: Block) -> float:
    """Heat of the broken rock above its fluid: V rho c dT."""
    drop = max(level.rock_degc - block.fluid_degc, 0.0)
    return block.volume_m3 * 1e6 * given.rock["heat_capacity_mj_m3k"] * drop


def _block_mw(given: Given, level: Level, block: Block) -> tuple[np.ndarray, np.ndarray]:
    """Even extraction of the recoverable part, and all of it as fast as the fragments conduct (a bound).

    The even rate never runs ahead of what the fragments have given up by then.
    """
    ages = _ages_a(given, block.from_year, block.to_year)
    life = max(block.to_year - block.from_year, 1e-9)
    stored = _stored_j(given, level, block)
    given_up = slab_share(given.diffusivity_m2_s * ages * YEAR_S / block.half_spacing_m**2)
    even = np.minimum(ages / life, given_up)
    to_mw = stored / (YEAR_S * 1e6)
    return np.asarray(np.diff(even) * block.recovery * to_mw), np.asarray(np.diff(given_up) * to_mw)


def _reach_j(
    given: Given, level: Level, radius_m: float, length_m: float, cold_degc: float, years: float
) -> float:
    """Heat of the rock within 2 sqrt(alpha t) of a wall: more than conduction can bring."""
    reach = 2.0 * np.sqrt(given.diffusivity_m2_s * min(years, given.years) * YEAR_S)
    ring = np.pi * ((radius_m + reach) ** 2 - radius_m**2)
    drop = max(level.rock_degc - cold_degc, 0.0)
    return float(ring * length_m * 1e6 * given.rock["heat_capacity_mj_m3k"] * drop)
