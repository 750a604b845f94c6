"""Blocks of communities that share wells: who belongs to whom, regrouping, and what the reservoir says of it.

The plan of source 004 (Liu Dongyi et al. 2025): neighbouring communities form a block; a part of its wells goes
on producing for all of them, the rest stands by, and new wells put all water back at 450 m or more from every
producer. A block lives in the scheme's own wells (``note``), so that undo, files and comparisons know it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from scenarios.edits import Change, Edit
from scenarios.kpi_formulas import BREAKTHROUGH_SHARE, first_below
from scenarios.schema_io import refusal
from scenarios.scheme import Scheme, SchemeWell, read_scheme
from twin_models.errors import Fault, InputError
from twin_models.grid import wells_to_cells
from twin_models.simulators.pressure import pressure_system
from twin_models.site_types import Community, Site, point_in_ring
from twin_models.sites import load_site
from twin_models.types import Well
from twin_models.water import density_kg_m3

NOTE = "block "
NEW, ALONE = "new", "alone"
SPACING_M = 450.0  # source 004: producer to injector
STANDBY_M = 205.0  # a resting well is watched: an injector beside it would blind it
INJECTORS_M = 250.0
REACH_M = 1300.0
STEP_M = 25.0
BESIDE_M = 12.0  # from a kept well's head to the head of its injector
USUAL_MEMBERS = 4  # source 004: two to four communities a block
INTERFERENCE_CELL_M = 100.0  # wells stand 200 m apart or more: finer cells change nothing that is shown
GRAVITY_M_S2 = 9.80665
SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class Block:
    """Communities (ids) that share wells (names). ``alone``: one community with a well of its own."""

    id: str
    members: tuple[str, ...]
    kept: tuple[str, ...]
    standby: tuple[str, ...]
    injectors: tuple[str, ...]
    alone: bool = False


def has_blocks(site: Site) -> bool:
    """Whether the site has communities with wells of their own that can be linked."""
    return site.station is not None and sum(1 for c in site.station.communities if c.wells) > 1


def communities(site: Site) -> tuple[Community, ...]:
    """Communities that a well feeds; the others have nothing to link."""
    return tuple(c for c in site.station.communities if c.wells) if site.station else ()


def linked_scheme(site: Site) -> Scheme | None:
    """The site's own linked scheme, where it ships one: the start of every regrouping."""
    return next((read_scheme(s.path) for s in site.schemes if s.id == "linked"), None)


@lru_cache(maxsize=8)
def _today(site_name: str) -> Mapping[str, float]:
    """Rate (m3/h) of every well as it runs today: the site's first scheme."""
    scheme = read_scheme(load_site(site_name).schemes[0].path)
    return {w.name: w.rate_m3_h for w in scheme.wells if w.kind == "producer"}


def today_rates(site: Site) -> Mapping[str, float]:
    return _today(site.name)


def is_linked(scheme: Scheme) -> bool:
    """Something is put back: blocks are at work."""
    return any(w.kind == "injector" for w in scheme.wells)


# --- who belongs to whom -------------------------------------------------------------------------------


def membership(scheme: Scheme, site: Site) -> dict[str, str]:
    """Community id -> block id. What the wells say of themselves, else the site's own table."""
    said = {w.name: _said(w) for w in scheme.wells}
    out = {}
    shared = sum(1 for c in communities(site) if c.block is None) == len(communities(site))
    for c in communities(site):
        own = next((said[name] for name in c.wells if said.get(name)), None)
        # A site without a table of blocks links all its communities to one station.
        out[c.id] = own or c.block or ("L1" if shared else _own(c))
    return out


def _said(well: SchemeWell) -> str | None:
    return well.note.removeprefix(NOTE) if well.note.startswith(NOTE) else None


def _own(community: Community) -> str:
    return f"C{community.id}"


def blocks_of(scheme: Scheme, site: Site) -> tuple[Block, ...]:
    """Blocks in the order of their names, communities on their own last."""
    place = membership(scheme, site)
    groups: dict[str, list[Community]] = {}
    for c in communities(site):
        groups.setdefault(place[c.id], []).append(c)
    wells = {w.name: w for w in scheme.wells}
    owner = {name: place[c.id] for c in communities(site) for name in c.wells if name in wells}
    back: dict[str, list[str]] = {}
    for w in scheme.wells:
        if w.kind == "injector":
            back.setdefault(_said(w) or _nearest_block(w, scheme, owner), []).append(w.name)
    out = []
    for id, members in groups.items():
        own = [n for c in members for n in c.wells if n in wells]
        out.append(
            Block(
                id=id,
                members=tuple(c.id for c in members),
                kept=tuple(n for n in own if wells[n].kind == "producer"),
                standby=tuple(n for n in own if wells[n].kind == "monitor"),
                injectors=tuple(back.get(id, ())),
                alone=len(members) == 1,
            )
        )
    return tuple(sorted(out, key=lambda b: (b.alone, b.id)))


def _nearest_block(injector: SchemeWell, scheme: Scheme, owner: Mapping[str, str]) -> str:
    """The block of the producer whose head stands nearest: a plan's injectors are drilled from there."""
    best = min(
        (w for w in scheme.wells if w.kind == "producer" and w.name in owner),
        key=lambda w: math.hypot(w.head_x_m - injector.head_x_m, w.head_y_m - injector.head_y_m),
        default=None,
    )
    return owner[best.name] if best else ""


def counts(blocks: Iterable[Block]) -> dict[str, int]:
    """The figures by which a plan is known: wells, blocks, kept, standing by, new injectors, alone."""
    shared = [b for b in blocks if not b.alone]
    alone = [b for b in blocks if b.alone]
    return {
        "wells": sum(len(b.kept) + len(b.standby) for b in [*shared, *alone]),
        "blocks": len(shared),
        "communities": sum(len(b.members) for b in shared),
        "kept": sum(len(b.kept) for b in shared),
        "standby": sum(len(b.standby) for b in shared),
        "injectors": sum(len(b.injectors) for b in shared),
        "alone": len(alone),
        "alone_injectors": sum(len(b.injectors) for b in alone),
    }


# --- regrouping ----------------------------------------------------------------------------------------


def regroup(scheme: Scheme, site: Site, *, members: Collection[str], into: str) -> Change:
    """Put communities into a block (its id, ``new`` or ``alone``) and plan the wells of all blocks touched anew.

    In a touched block the strongest wells are kept, as few as can give the block's reduced flow at no more than
    they give today; one new injector a kept well. Raises ``InputError`` and changes nothing.
    """
    known = {c.id: c for c in communities(site)}
    chosen = [c for c in known if c in set(members)]
    if not chosen or set(members) - set(known):
        raise _refused("members", "选中至少一个小区", "must be at least one community of the site")
    start = scheme if is_linked(scheme) else linked_scheme(site)
    if start is None:
        raise _refused("blocks", "该场地没有联动方案", "this site has no linked scheme to start from")
    place = membership(start, site)
    target = {c: _target(into, c, place) for c in chosen}
    after = place | target
    if after == place:
        raise _refused("into", "这些小区已在该区块", "these communities are in that block already")
    touched = {place[c] for c in chosen} | set(target.values())
    planned = _replanned(start, site, after, touched)
    label = next(iter(target.values())) if into != ALONE else ""
    zh = f"{len(chosen)} 个小区" + (f"并入区块 {label}" if label else "改为单独供热")
    en = f"{len(chosen)} communities " + (f"into block {label}" if label else "on their own")
    params = {"members": list(chosen), "into": into}
    return planned, Edit("regroup", params, f"重新分组:{zh}", f"Regroup: {en}")


def _target(into: str, community: str, place: Mapping[str, str]) -> str:
    if into == ALONE:
        return f"C{community}"
    if into == NEW:
        numbers = [int("".join(ch for ch in b if ch.isdigit()) or 0) for b in place.values() if b[:1] == "L"]
        return f"LB{max(numbers, default=0) + 1:02d}"
    if into not in place.values():
        raise _refused("into", f"没有区块 {into}", f"there is no block {into!r}")
    return into


def _refused(field: str, zh: str, en: str) -> InputError:
    return InputError(Fault(field, "range", en, {"text_zh": zh, "text_en": en}))


def _replanned(scheme: Scheme, site: Site, place: Mapping[str, str], touched: set[str]) -> Scheme:
    today = today_rates(site)
    before = blocks_of(scheme, site)
    share = sum(w.rate_m3_h for w in scheme.wells if w.kind == "producer") / sum(today.values())
    gone = {name for b in before if b.id in touched for name in b.injectors}
    tagged = {name: b.id for b in before for name in b.injectors} | {
        name: place[c.id] for c in communities(site) for name in c.wells
    }
    rates = _rates(site, place, touched, share)
    wells: list[SchemeWell] = []
    for w in scheme.wells:
        if w.name in gone:
            continue
        if w.name in rates:
            rate = rates[w.name]
            w = w.with_well(kind="producer" if rate > 0.0 else "monitor", rate_m3_h=round(rate, 1))
        wells.append(replace(w, note=f"{NOTE}{tagged[w.name]}") if w.name in tagged else w)
    wells += _new_injectors(wells, site, place, touched)
    if len({w.name for w in wells}) != len(wells):
        raise refusal("wells", "duplicate", "two wells have the same name")
    return replace(scheme, wells=tuple(wells))


def _rates(site: Site, place: Mapping[str, str], touched: set[str], share: float) -> dict[str, float]:
    """New rate (m3/h) of every well of the touched blocks; 0 stands by."""
    today = today_rates(site)
    out: dict[str, float] = {}
    for id in touched:
        own = [n for c in communities(site) if place[c.id] == id for n in c.wells if today.get(n, 0.0) > 0.0]
        own.sort(key=lambda n: (-today[n], n))
        need = share * sum(today[n] for n in own)
        kept, gives = [], 0.0
        for name in own:
            if gives >= need - 1e-9:
                break
            kept.append(name)
            gives += today[name]
        out |= dict.fromkeys(own, 0.0) | {n: need * today[n] / gives for n in kept}
    return out


def _new_injectors(
    wells: list[SchemeWell], site: Site, place: Mapping[str, str], touched: set[str]
) -> list[SchemeWell]:
    """One injector for every kept well of a touched block, as near to it as the distances allow."""
    names = {w.name for w in wells}
    owner = {n: place[c.id] for c in communities(site) for n in c.wells}
    producers = [w for w in wells if w.kind == "producer"]
    spots = _spots(site, wells)
    temperature = next((w.temperature_degc for w in wells if w.kind == "injector"), None)
    out: list[SchemeWell] = []
    number = 0
    for head in sorted((w for w in producers if owner.get(w.name) in touched), key=lambda w: w.name):
        distance = np.hypot(spots[:, 0] - head.head_x_m, spots[:, 1] - head.head_y_m)
        if not distance.size or distance.min() > REACH_M:
            raise _refused(
                "into",
                f"{head.name} 周围 {REACH_M:g} m 内放不下与各采水井相距 {SPACING_M:g} m 的回灌井",
                f"no place for an injector within {REACH_M:g} m of {head.name}, {SPACING_M:g} m from all producers",
            )
        best = spots[int(distance.argmin())]
        number += 1
        while f"R-{number:02d}" in names:
            number += 1
        names.add(f"R-{number:02d}")
        out.append(_injector(f"R-{number:02d}", owner[head.name], head, best, len(out), temperature))
        spots = spots[np.hypot(*(spots - best).T) >= INJECTORS_M]
    return out


def _injector(
    name: str, block: str, head: SchemeWell, at: np.ndarray, turn: int, temperature_degc: float | None
) -> SchemeWell:
    angle = 2.399963 * turn  # golden angle: heads beside neighbouring wells do not fall together
    well = Well(
        name,
        "injector",
        float(at[0]),
        float(at[1]),
        rate_m3_h=head.rate_m3_h,
        temperature_degc=temperature_degc,
    )
    x, y = head.head_x_m + BESIDE_M * math.cos(angle), head.head_y_m + BESIDE_M * math.sin(angle)
    return SchemeWell(well, round(x, 1), round(y, 1), None, False, f"{NOTE}{block}")


def _spots(site: Site, wells: list[SchemeWell]) -> np.ndarray:
    """Places (n, 2) where an injector may stand today."""
    ring = site.area.polygon_m if site.area else ()
    ground = site.reservoir
    assert ground is not None
    (x0, y0), (wide, high) = ground.origin_m, ground.extent_m
    xs, ys = (
        np.arange(x0 + 300.0, x0 + wide - 299.0, STEP_M),
        np.arange(y0 + 300.0, y0 + high - 299.0, STEP_M),
    )
    spots = np.column_stack([a.ravel() for a in np.meshgrid(xs, ys)])
    for kind, least in (("producer", SPACING_M + 1.0), ("monitor", STANDBY_M), ("injector", INJECTORS_M)):
        to = np.array([(w.x_m, w.y_m) for w in wells if w.kind == kind])
        if to.size:
            spots = spots[np.hypot(*(spots[:, None] - to[None]).transpose(2, 0, 1)).min(axis=1) >= least]
    if ring:
        spots = spots[[point_in_ring(float(x), float(y), ring) for x, y in spots]]
    return spots.reshape(-1, 2)


# --- what the reservoir says ---------------------------------------------------------------------------


def interference_m(scheme: Scheme) -> dict[str, float]:
    """Change of the water level in each well that the *other* wells cause (m, down negative), in season.

    Steady flow at the rock's first temperature, superposed: the response of the field to each well at 1 m3/s,
    its own part left out (``twin_models.simulators.pressure``).
    """
    wells = scheme.ground_wells()
    system = pressure_system(scheme.ground(), cell_m=INTERFERENCE_CELL_M)
    at = wells_to_cells(system.grid, wells)
    rates = np.array([_signed(w) for w in wells]) / SECONDS_PER_HOUR
    moving = np.flatnonzero(rates)
    fields = system.solve(
        np.stack([system.sources(at, rates * (np.arange(len(wells)) == i)) for i in moving])
    )
    seen = fields[:, at.j, at.i] * at.share
    by_well = np.stack([np.bincount(at.well, row, len(wells)) for row in seen])
    by_well[np.arange(moving.size), moving] = 0.0
    weight = np.bincount(at.well, at.share, len(wells))
    degc = float(np.mean(system.grid.temperature_degc))
    metre = float(density_kg_m3(degc)) * GRAVITY_M_S2
    total = by_well.sum(axis=0) / np.where(weight > 0.0, weight, 1.0) / metre
    return {w.name: float(v) for w, v in zip(wells, total, strict=True)}


def _signed(well: Well) -> float:
    if well.kind == "producer":
        return -well.rate_m3_h
    return well.rate_m3_h if well.kind in ("injector", "storage") else 0.0


def breakthrough_years(evaluation: Any, names: Collection[str]) -> float | None:
    """First time one of these producers has lost 1 % of (T_initial - T_injection); ``None``: not within the years.

    The KPI ``breakthrough_years`` of some of the wells.
    """
    facts = evaluation.facts
    hot = facts.plan.hot
    if not hot.names or not facts.plan.cold.names:
        return None
    lost, span = facts.losses
    chosen = np.array([name in names for name in hot.names])
    chosen &= (hot.volume_m3.sum(axis=0) > 0.0) & (span > 0.0)
    if not chosen.any():
        return None
    return first_below(facts.plan.edges, lost[:, chosen], BREAKTHROUGH_SHARE * span[chosen])


def spacing_m(scheme: Scheme, block: Block) -> float | None:
    """Smallest distance from the block's injectors to any producer (m)."""
    back = np.array([(w.x_m, w.y_m) for w in scheme.wells if w.name in block.injectors])
    out = np.array([(w.x_m, w.y_m) for w in scheme.wells if w.kind == "producer"])
    if not back.size or not out.size:
        return None
    return float(np.hypot(*(back[:, None] - out[None]).transpose(2, 0, 1)).min())
