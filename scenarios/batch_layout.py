"""Many schemes laid out together: what ``chain.make_plan`` and ``network.lay_pipes`` do, on arrays (see ``batch``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scenarios.batch import Batch, Flank
from scenarios.chain import Plan, Side, make_plan, shape_of
from scenarios.economics import Terms
from scenarios.ground import Ground
from scenarios.network import (
    DENSITY_KG_M3,
    DETOUR,
    FRICTION,
    LOSS_BASE_W_MK,
    LOSS_PER_M_W_MK,
    REFERENCE_DIAMETER_M,
    SPEED_M_S,
    equivalent_length_m,
)
from scenarios.scheme import Scheme, SchemeWell, ground_well
from twin_models.errors import InputError
from twin_models.types import Reservoir, Well
from twin_models.uses.heating import HeatingUse


class _Rows:
    """What the chain needs of each well, computed once however many schemes share the well."""

    def __init__(self, ground: Ground):
        self.ground = ground
        self.number: dict[int, int] = {}
        self.kept: list[SchemeWell] = []
        self.wells: list[Well] = []
        self.values: list[tuple[float, ...]] = []
        self.pads: dict[str, int] = {}

    def of(self, owner: SchemeWell) -> int:
        at = self.number.get(id(owner))
        if at is None:
            at = self.number[id(owner)] = self._add(owner)
        return at

    def _add(self, owner: SchemeWell) -> int:
        well = ground_well(owner, self.ground.reservoir)
        pad = -1 if owner.pad is None else self.pads.setdefault(owner.pad, len(self.pads))
        self.kept.append(owner)  # keeps its identity from being given to another
        self.wells.append(well)
        degc = well.temperature_degc
        stated = np.nan if well.kind != "injector" or degc is None else degc
        shape = shape_of(well, self.ground)
        self.values.append(
            (
                *shape,
                abs(well.rate_m3_h),
                stated,
                well.trajectory is not None,
                owner.existing,
                well.radius_m,
                owner.head_x_m,
                owner.head_y_m,
                pad,
            )
        )
        return len(self.values) - 1

    def rock_degc(self, table: np.ndarray) -> np.ndarray:
        """Undisturbed temperature of each well's water, (wells,)."""
        result = np.zeros(len(self.wells))
        groups: dict[tuple[str, ...] | None, list[int]] = {}
        for i, well in enumerate(self.wells):
            groups.setdefault(well.layers, []).append(i)
        for names, members in groups.items():
            layers = self.ground.open_layers(names)
            result[members] = self.ground.rock_degc(layers, table[members, 3], table[members, 4])
        return result


def lay_out(
    schemes: Sequence[Scheme],
    use: HeatingUse,
    terms: Terms,
    *,
    station_m: tuple[float, float] | None,
) -> tuple[Batch, tuple[tuple[Well, ...], ...]]:
    """Batch of schemes with equal ground, years and kinds of wells, and the wells of each as predictors want them.

    Raises ``InputError`` where a well has no path.
    """
    first = make_plan(schemes[0], use, station_m=station_m)
    rows = _Rows(first.ground)
    numbers = np.array([[rows.of(w) for w in scheme.wells] for scheme in schemes], dtype=np.intp)
    table = np.array(rows.values, dtype=np.float64).reshape(-1, 13)
    rock = rows.rock_degc(table)
    whole = terms.include_existing
    sides = [
        _flank(side.index, table, rock, numbers, first, schemes=schemes, all_lines=whole, station_m=station_m)
        for side in (first.hot, first.cold)
    ]
    ones = np.ones(1)
    batch = Batch(len(schemes), first, terms, sides[0], sides[1], ones, ones)
    wells = rows.wells
    return batch, tuple(tuple(wells[n] for n in row) for row in numbers.tolist())


def _flank(
    index: np.ndarray,
    table: np.ndarray,
    rock: np.ndarray,
    numbers: np.ndarray,
    plan: Plan,
    *,
    schemes: Sequence[Scheme],
    all_lines: bool,
    station_m: tuple[float, float] | None,
) -> Flank:
    at = numbers[:, index]
    columns = table[at]
    season = (
        plan.hot.days[:, 0] if plan.hot.days.shape[1] else plan.cold.days[:, :1].sum(axis=1)
    )  # one season for all wells without schedules
    own = plan.use.station_x_m is not None and plan.use.station_y_m is not None
    if own or station_m is not None:
        station = np.array(plan.station_m)[None, :]
    else:
        everywhere = table[numbers][..., 10:12]
        station = np.array([[sum(h) / len(h) for h in zip(*e.tolist(), strict=True)] for e in everywhere])
    rate, existing = columns[..., 5], columns[..., 8] > 0.0
    heads = columns[..., 10:12]
    pads = np.where(columns[..., 12] < 0.0, -1 - index, columns[..., 12]).astype(np.int64)
    drop, loss, equivalent = _pipes(
        heads, station, pads=pads, flow=rate, existing=existing, all_lines=all_lines
    )
    return Flank(
        index=index,
        season_d=season,
        rate_m3_h=rate,
        drilled_m=columns[..., 0],
        path_m=columns[..., 1],
        depth_m=columns[..., 2],
        rock_degc=rock[at],
        stated_degc=columns[..., 6],
        deviated=columns[..., 7] > 0.0,
        existing=existing,
        radius_m=columns[..., 9],
        places_m=columns[..., 3:5],
        pads=pads,
        drop_bar=drop,
        loss_w_k=loss,
        equivalent_m=equivalent,
    )


def _pipes(
    heads_m: np.ndarray,
    station_m: np.ndarray,
    *,
    pads: np.ndarray,
    flow: np.ndarray,
    existing: np.ndarray,
    all_lines: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``network.lay_pipes`` for many schemes: drop (b, n), loss and equivalent length (b,)."""
    b, n = flow.shape
    if not n:
        return np.zeros((b, 0)), np.zeros(b), np.zeros(b)
    lines, of_well = np.unique(pads, return_inverse=True)
    m = len(lines)
    line = (of_well.reshape(b, n) + m * np.arange(b)[:, None]).ravel()

    def gathered(values: np.ndarray) -> np.ndarray:
        return np.bincount(line, values.ravel(), minlength=b * m).reshape(b, m)

    wells = gathered(np.ones((b, n)))
    count = np.maximum(wells, 1.0)
    x, y, total = gathered(heads_m[..., 0]) / count, gathered(heads_m[..., 1]) / count, gathered(flow)
    length = DETOUR * np.hypot(x - station_m[:, :1], y - station_m[:, 1:]) * (wells > 0.0)
    diameter = np.sqrt(4.0 * total / 3600.0 / (np.pi * SPEED_M_S))
    gradient = np.where(
        total > 0.0, FRICTION * DENSITY_KG_M3 * SPEED_M_S**2 / (2.0 * np.maximum(diameter, 1e-3)), 0.0
    )
    new = (gathered(~existing) > 0.0) | all_lines
    scaled = length * (diameter / REFERENCE_DIAMETER_M) ** 1.2
    drop = (gradient * length / 1e5).ravel()[line].reshape(b, n)
    loss = ((LOSS_BASE_W_MK + LOSS_PER_M_W_MK * diameter) * length).sum(axis=1)
    return drop, loss, np.where(new, scaled, 0.0).sum(axis=1)


def of_plan(
    plan: Plan, terms: Terms, *, warmer_k: np.ndarray, thicker: np.ndarray, demand: np.ndarray
) -> Batch:
    """One scheme in many futures: rock warmer by ``warmer_k`` (b,), layers thicker, loads scaled."""
    codes: dict[str, int] = {}  # a pad may have wells of both sides
    sides = [_single(side, codes, all_lines=terms.include_existing) for side in (plan.hot, plan.cold)]
    hot, cold = (replace(s, rock_degc=s.rock_degc + warmer_k[:, None]) for s in sides)
    return Batch(len(warmer_k), plan, terms, hot, cold, thicker, demand)


def _single(side: Side, codes: dict[str, int], *, all_lines: bool) -> Flank:
    """A side of one scheme as a batch of one."""
    pads = [
        codes.setdefault(pad, len(codes)) if pad is not None else -1 - int(i)
        for pad, i in zip(side.pads, side.index, strict=True)
    ]
    days = side.days[:, 0] if side.days.shape[1] else np.zeros(len(side.days))
    return Flank(
        index=side.index,
        season_d=days,
        rate_m3_h=side.rate_m3_h[:1],
        drilled_m=side.drilled_m[None],
        path_m=side.path_m[None],
        depth_m=side.depth_m[None],
        rock_degc=side.rock_degc[None],
        stated_degc=side.stated_degc[None],
        deviated=side.deviated[None],
        existing=side.existing[None],
        radius_m=side.radius_m[None],
        places_m=side.places_m[None],
        pads=np.array(pads, dtype=np.int64)[None],
        drop_bar=side.pipes.drop_of_well_bar[None],
        loss_w_k=np.array([float(side.pipes.loss_w_k.sum())]),
        equivalent_m=np.array([equivalent_length_m(side.pipes, all_lines=all_lines)]),
    )


def evened(schemes: Sequence[Scheme]) -> list[list[int]]:
    """Numbers of schemes that can be laid out together: same order of kinds, same years, season and settings."""
    groups: dict[Any, list[int]] = {}
    for n, s in enumerate(schemes):
        kinds = tuple(w.kind for w in s.wells)
        ground = s.site if s.reservoir is None else s.reservoir.key
        key = (kinds, ground, s.years, s.season_days, id(s.uses), id(s.economics))
        groups.setdefault(key, []).append(n)
    return list(groups.values())


def with_answer(schemes: Sequence[Scheme]) -> list[bool]:
    """Whether every well of a scheme has a path to its target."""
    known: dict[int, bool] = {}
    grounds: dict[tuple[str | None, int], Reservoir] = {}

    def stands(owner: SchemeWell, scheme: Scheme) -> bool:
        key = (scheme.site, id(scheme.reservoir))
        if key not in grounds:
            grounds[key] = scheme.ground()
        try:
            ground_well(owner, grounds[key])
        except InputError:
            return False
        return True

    out = []
    for scheme in schemes:
        for owner in scheme.wells:
            if id(owner) not in known:
                known[id(owner)] = stands(owner, scheme)
        out.append(all(known[id(owner)] for owner in scheme.wells))
    return out
