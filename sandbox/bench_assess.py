"""Figures of the assessments: draws, repainting, the basin itself, and a million points."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.bench import Figures, benchmark, spread_of, times_ms

MILLION = 1_000_000
REPAINT_MS = 200.0


@benchmark("heat-in-place-1e6", "heat in place of source 003: a million draws of eight units and their total")
def heat_in_place() -> Figures:
    from sandbox.basin import case
    from scenarios.assess.heat_in_place import draw_heat

    given, _ = case()
    many = replace(given, draws=MILLION)
    return spread_of(times_ms(lambda i: draw_heat(replace(many, seed=i + 2)), repeats=3)) | {"draws": MILLION}


@benchmark(
    "suitability-repaint",
    "a weight moves: classes, shares, stability and the map for the page",
    aim=REPAINT_MS,
)
def repaint() -> Figures:
    from sandbox import suitability

    weights = suitability.presets()[0]["published"]

    def work(i: int) -> Any:
        changed = weights.copy()
        changed[i % len(changed)] += 0.01 * (i + 2)
        painted = suitability.painted(changed)
        return suitability.page_state(painted, preset="own"), suitability.raster(painted)

    return spread_of(times_ms(work, repeats=9))


@benchmark("basin-generation", "a synthetic basin of one seed that meets every range of source 003, Table 1")
def basin_generation() -> Figures:
    from twin_models.basin import basin_of
    from twin_models.sites import load_site

    basin = load_site("nw-shandong")
    return spread_of(times_ms(lambda i: basin_of(basin, seed=i + 2), repeats=3))


@benchmark("points-datashader-1e6", "a million points of equal heat, counted into the basin's picture")
def points() -> Figures:
    from sandbox.points import counted, places

    many = places()
    return spread_of(times_ms(lambda _: counted(many), repeats=5)) | {"points": len(many)}


@benchmark("comining-answer", "a mine of three levels: heat by year, bounds, cooling, loops and money")
def comining() -> Figures:
    from sandbox import mining

    mine = mining.shipped("jiaodong")
    depth = [mining.changed(mine, part="level", key="depth_m", value=1200.0 + 10.0 * k) for k in range(12)]
    return spread_of(times_ms(lambda i: mining.answer(depth[i + 1]), repeats=9))


@benchmark("blocks-answer", "a block regrouped: interference of all wells of the city, by superposition")
def blocks() -> Figures:
    from scenarios.blocks import interference_m, linked_scheme, regroup
    from twin_models.sites import load_site

    city = load_site("linqing")
    linked = linked_scheme(city)
    assert linked is not None

    def work(i: int) -> Any:
        scheme, _ = regroup(linked, city, members=["01", "02", f"{i + 4:02d}"], into="new")
        return interference_m(scheme)

    return spread_of(times_ms(work, repeats=3))
