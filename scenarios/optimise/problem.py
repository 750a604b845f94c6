"""What a search may change: which wells may move, how fast they may run, how many may be added, and where.

Wells that stand stay where they are; their rates and roles may change, and they may be shut in. The layout
rules of the site hold for every well that a proposal places: no hard limit is broken, and no soft one that
the user's own layout kept. Injection follows production at the ratio of the user's layout (or the one that a
limit asks for), so that money is not made by leaving out injectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median

import numpy as np

from scenarios.checks import check_well, limits_of, nearest_legal
from scenarios.optimise.goals import Goals, Limit
from scenarios.scheme import Scheme, SchemeWell, open_layers
from twin_models.errors import Fault, InputError
from twin_models.site_types import Site, point_in_ring

Ring = tuple[tuple[float, float], ...]

RATE_LOW, RATE_HIGH = 0.4, 1.25  # of the least and of the largest rate of the user's layout
USUAL_RATE_M3_H = 100.0
KEEP_DEMAND = 0.995  # share of the start's heat that a proposal must deliver unless told otherwise
HEAT_KEYS = ("demand_met_pct", "annual_heat_gj", "thermal_power_mw", "thermal_power_end_mw", "flow_m3_h")
REINJECTION = "reinjection_ratio_pct"
MAX_WELLS = 400


@dataclass(frozen=True, eq=False)
class Problem:
    """A search space round a scheme.

    ``movable``: wells whose place is free. ``variable``: wells whose rate and role are free. ``doublets``: how
    many pairs may be added (from nothing: how many there may be). ``rate_m3_h``: bounds of any rate that is
    changed. ``ratio``: water injected over water produced, ``None`` where nobody asks. ``keep_out``: rings (m).
    """

    start: Scheme
    goals: Goals
    site: Site | None
    movable: frozenset[str]
    variable: frozenset[str]
    doublets: int
    rate_m3_h: tuple[float, float]
    ratio: float | None
    keep_out: tuple[Ring, ...] = ()
    from_nothing: bool = False

    @cached_property
    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """South-west and north-east corner (m) of where wells may stand: the area, else the inner model."""
        limits = limits_of(self.site, self.start.ground())
        low, high = limits.low, limits.high
        if limits.ring is not None:
            return np.maximum(low, limits.ring.min(axis=0)), np.minimum(high, limits.ring.max(axis=0))
        margin = 0.05 * (high - low)
        return low + margin, high - margin

    @cached_property
    def usual_degc(self) -> float | None:
        """Injection temperature of a new injector: as most of the start have it, ``None`` as the uses leave it."""
        stated = [w.temperature_degc for w in self.start.wells if w.kind == "injector"]
        known = [t for t in stated if t is not None]
        return float(median(known)) if known and 2 * len(known) >= len(stated) else None

    @cached_property
    def usual_layers(self) -> tuple[str, ...] | None:
        """The layers that most wells of the start are open to (``None``: all that let water through)."""
        given = [w.well.layers for w in self.start.wells if w.kind != "monitor"]
        return max(given, key=given.count, default=None)

    @cached_property
    def usual_rate_m3_h(self) -> float:
        rates = [w.rate_m3_h for w in self.start.wells if w.kind == "producer" and w.rate_m3_h > 0.0]
        low, high = self.rate_m3_h
        return float(min(max(median(rates) if rates else USUAL_RATE_M3_H, low), high))

    @cached_property
    def broken(self) -> frozenset[tuple[str, str]]:
        """(well, rule) that the user's own layout breaks already."""
        if self.from_nothing:
            return frozenset()
        rows = [f for w in self.start.wells for f in check_well(self.start, self.site, well=w.name)]
        return frozenset((f.well, f.rule) for f in rows if f.severity != "ok")

    def is_new(self, well: SchemeWell) -> bool:
        """Whether the well is one that the search has added."""
        return self.from_nothing or all(w.name != well.name for w in self.start.wells)

    def may_move(self, well: SchemeWell) -> bool:
        return well.kind != "monitor" and (well.name in self.movable or self.is_new(well))

    def may_change(self, well: SchemeWell) -> bool:
        return well.name in self.variable or self.is_new(well)

    def allowed(self, scheme: Scheme, well: str) -> bool:
        """Whether a well keeps the layout rules and the keep-out areas."""
        own = scheme.well(well)
        if any(point_in_ring(own.x_m, own.y_m, ring) for ring in self.keep_out):
            return False
        found = check_well(scheme, self.site, well=well)
        return all(f.severity == "ok" or (f.well, f.rule) in self.broken for f in found)

    def legal_place(self, scheme: Scheme, well: str, place: tuple[float, float]) -> Scheme | None:
        """The scheme with a well moved to a place, or as near to it as the hard limits allow."""
        spot = nearest_legal(scheme, self.site, well=well, x_m=place[0], y_m=place[1])
        moved = with_place(scheme, well, spot)
        return moved if self.allowed(moved, well) else None

    def balanced(self, scheme: Scheme) -> Scheme:
        """Injection brought to ``ratio`` times production, shared out over the injectors that may change."""
        if self.ratio is None:
            return scheme
        made = sum(w.rate_m3_h for w in scheme.wells if w.kind == "producer")
        cold = [i for i, w in enumerate(scheme.wells) if w.kind == "injector"]
        free = [i for i in cold if self.may_change(scheme.wells[i]) and not scheme.wells[i].well.schedule]
        if not free:
            return scheme
        fixed = sum(scheme.wells[i].rate_m3_h for i in cold if i not in free)
        wanted = max(self.ratio * made - fixed, 0.0)
        rates = shared_out([scheme.wells[i].rate_m3_h for i in free], wanted, self.rate_m3_h[1])
        wells = list(scheme.wells)
        for i, rate in zip(free, rates, strict=True):
            if wells[i].rate_m3_h != rate:
                wells[i] = wells[i].with_well(rate_m3_h=rate)
        return replace(scheme, wells=tuple(wells))


def shared_out(rates: Sequence[float], wanted: float, most: float) -> list[float]:
    """Rates in the old proportions that sum to ``wanted``, none above ``most`` (or what it was, if that was more).

    To 0.1 m3/h, the last with room taking the rest, so that a closed box stays in balance.
    """
    now = np.maximum(np.array(rates, dtype=float), 1.0)
    top = np.maximum(now, most)
    total = min(wanted, float(top.sum()))
    share = now * (total / now.sum())
    for _ in range(len(now)):
        over = share > top
        if not over.any():
            break
        share[over] = top[over]
        room = ~over & (share < top)
        rest = total - share[~room].sum()
        if not room.any():
            break
        share[room] *= rest / share[room].sum()
    out = np.round(np.minimum(share, top), 1)
    last = int(np.argmax(top - out))
    out[last] = round(total - float(np.delete(out, last).sum()), 6)
    return [float(v) for v in out]


def with_place(scheme: Scheme, well: str, place: tuple[float, float]) -> Scheme:
    """The scheme with a well's target at a place: a vertical well moves whole, a bent one bends anew."""
    i = scheme.index(well)
    old = scheme.wells[i]
    x, y = round(place[0], 1), round(place[1], 1)
    if old.is_vertical and old.pad is None:
        new = replace(old.with_well(x_m=x, y_m=y), head_x_m=x, head_y_m=y)
    else:
        new = old.with_well(x_m=x, y_m=y, trajectory=None)
    if (x, y) != (old.x_m, old.y_m):
        new = replace(new, existing=False)
    return replace(scheme, wells=(*scheme.wells[:i], new, *scheme.wells[i + 1 :]))


def make_problem(
    scheme: Scheme,
    goals: Goals,
    *,
    doublets: int | None = None,
    from_nothing: bool = False,
    movable: Iterable[str] | None = None,
    locked: Iterable[str] = (),
    rate_m3_h: tuple[float, float] | None = None,
    keep_out: Sequence[Sequence[Sequence[float]]] = (),
) -> Problem:
    """The search space of a scheme (see ``Problem``); raises ``InputError`` with every fault.

    ``doublets``: default 3, from nothing as many as the scheme has producers. ``movable``: default the wells
    that do not stand yet. ``locked``: wells that stay as they are in every respect.
    """
    faults: list[Fault] = []
    names = {w.name for w in scheme.wells}
    for field, given in (("movable", movable or ()), ("locked", locked)):
        faults += [Fault(field, "unknown", f'no well "{n}"') for n in given if n not in names]
    rates = [w.rate_m3_h for w in scheme.wells if w.kind in ("producer", "injector") and w.rate_m3_h > 0.0]
    if rate_m3_h is None:
        least, most = (min(rates), max(rates)) if rates else (USUAL_RATE_M3_H, USUAL_RATE_M3_H)
        rate_m3_h = (round(RATE_LOW * least, 1), round(RATE_HIGH * most, 1))
    if not 0.0 < rate_m3_h[0] <= rate_m3_h[1]:
        faults.append(
            Fault("rate_m3_h", "range", f"must be two rates above 0, the lower first, got {rate_m3_h}")
        )
    producers = sum(w.kind == "producer" for w in scheme.wells)
    if doublets is None:
        doublets = max(producers, 1) if from_nothing else 3
    room = (MAX_WELLS - (0 if from_nothing else len(scheme.wells))) // 2
    if not (1 if from_nothing else 0) <= doublets <= room:
        least_count = 1 if from_nothing else 0
        faults.append(Fault("doublets", "range", f"must be between {least_count} and {room}, got {doublets}"))
    rings = _rings(keep_out, faults)
    if faults:
        raise InputError(faults)
    stays = set(locked)
    plain = {
        w.name for w in scheme.wells if w.kind in ("producer", "injector") and not w.well.schedule
    } - stays
    moving = {w.name for w in scheme.wells if not w.existing} if movable is None else set(movable)
    problem = Problem(
        start=scheme,
        goals=goals,
        site=site_of(scheme),
        movable=frozenset((moving - stays) & plain),
        variable=frozenset(plain),
        doublets=doublets,
        rate_m3_h=rate_m3_h,
        ratio=_ratio(scheme, goals, from_nothing=from_nothing),
        keep_out=rings,
        from_nothing=from_nothing,
    )
    _check_reachable(problem)
    return problem


def site_of(scheme: Scheme) -> Site | None:
    if scheme.site is None:
        return None
    from twin_models.sites import load_site

    return load_site(scheme.site)


def _rings(given: Sequence[Sequence[Sequence[float]]], faults: list[Fault]) -> tuple[Ring, ...]:
    rings = []
    for i, ring in enumerate(given):
        try:
            points = tuple((float(x), float(y)) for x, y in ring)
        except (TypeError, ValueError):
            points = ()
        if len(points) < 3 or not all(math.isfinite(v) for p in points for v in p):
            faults.append(
                Fault(f"keep_out[{i}]", "type", "must be a ring of at least three points [x_m, y_m]")
            )
        else:
            rings.append(points)
    return tuple(rings)


def _ratio(scheme: Scheme, goals: Goals, *, from_nothing: bool) -> float | None:
    """Water to be injected over water produced: what a limit asks for, else what the user's layout does."""
    asked = [limit.value / 100.0 for limit in goals.limits if limit.key == REINJECTION and limit.op == ">="]
    if scheme.ground().boundary == "closed" or from_nothing:
        return max([1.0, *asked])
    made = sum(w.rate_m3_h for w in scheme.wells if w.kind == "producer")
    back = sum(w.rate_m3_h for w in scheme.wells if w.kind == "injector")
    now = min(back / made, 1.0) if made > 0.0 else 0.0
    wanted = max([now, *asked])
    return wanted if wanted > 0.01 else None


def implied_limits(problem: Problem, values: dict[str, float | None]) -> tuple[Limit, ...]:
    """Limits that nobody wrote but anybody means: as much heat and reinjection as the user's layout gives.

    A limit of the user's own on heat, demand, power or flow (on reinjection) takes its place.
    """
    given = {limit.key for limit in problem.goals.limits}
    objective = problem.goals.objective
    found = []
    if not given & {*HEAT_KEYS}:
        key = "demand_met_pct" if values.get("demand_met_pct") is not None else "annual_heat_gj"
        value = values.get(key)
        if value is not None and value > 0.0 and not (objective.key in HEAT_KEYS and objective.sign < 0.0):
            found.append(Limit(key, ">=", KEEP_DEMAND * value, "implied"))
    ratio = problem.ratio
    if REINJECTION not in given and ratio is not None and objective.key != REINJECTION:
        now = values.get(REINJECTION)  # storage wells and schedules move water that the ratio does not see
        least = 100.0 * ratio if now is None else min(100.0 * ratio, now)
        found.append(Limit(REINJECTION, ">=", least - 0.1, "implied"))
    return tuple(found)


def _check_reachable(problem: Problem) -> None:
    """Refuse lower limits on flow and heat that the most water of the hottest place cannot give."""
    scheme = problem.start
    kept = 0 if problem.from_nothing else sum(w.kind in ("producer", "injector") for w in scheme.wells)
    count = kept + problem.doublets
    flow = count * max([problem.rate_m3_h[1], *(w.rate_m3_h for w in scheme.wells)])
    ground = scheme.ground()
    hottest = max(
        float(np.max(layer.temperature_degc)) for w in scheme.wells for layer in open_layers(w.well, ground)
    )
    power = ground.fluid.heat_capacity_mj_m3k * flow * hottest / 3600.0
    most = {"flow_m3_h": flow, "thermal_power_mw": power, "thermal_power_end_mw": power}
    faults = [
        Fault(
            f"constraint {limit.text()}",
            "impossible",
            f"{count} wells at the highest rate, in the hottest rock, give at most {most[limit.key]:.4g}",
            {"text_zh": f"{count} 口井以最大流量、取最热的岩层,最多为 {most[limit.key]:.4g}"},
        )
        for limit in problem.goals.limits
        if limit.op == ">=" and limit.key in most and limit.value > most[limit.key]
    ]
    if faults:
        raise InputError(faults)
