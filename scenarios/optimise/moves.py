"""Small and large steps from one layout to another. Each takes a random generator and gives a scheme or ``None``.

A step never leaves the search space (``Problem``): rates within bounds, places legal, injection in balance.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scenarios.edits import PREFIX, free_name
from scenarios.optimise.problem import Problem
from scenarios.scheme import Scheme, SchemeWell
from twin_models.types import Well, WellKind

TRIES = 10
PAD_REACH_M = 1200.0
NEAR_M, FAR_M = 350.0, 1100.0  # between the wells of a new pair
STEPS_M = (60.0, 150.0, 400.0, 1000.0)

Move = Callable[[Problem, Scheme, np.random.Generator], "Scheme | None"]


def _pick(rng: np.random.Generator, items: list[SchemeWell]) -> SchemeWell | None:
    return items[int(rng.integers(len(items)))] if items else None


def _changed(scheme: Scheme, well: SchemeWell, **changes: object) -> Scheme:
    i = scheme.index(well.name)
    return replace(scheme, wells=(*scheme.wells[:i], well.with_well(**changes), *scheme.wells[i + 1 :]))


def _count(scheme: Scheme, kind: str) -> int:
    return sum(w.kind == kind for w in scheme.wells)


# --- places ------------------------------------------------------------------------------------------


def move(problem: Problem, scheme: Scheme, rng: np.random.Generator) -> Scheme | None:
    """One well a step of any of four sizes in any direction."""
    well = _pick(rng, [w for w in scheme.wells if problem.may_move(w)])
    if well is None:
        return None
    for _ in range(TRIES):
        dx, dy = rng.normal(0.0, STEPS_M[int(rng.integers(len(STEPS_M)))], 2)
        moved = problem.legal_place(scheme, well.name, (well.x_m + dx, well.y_m + dy))
        if moved is not None:
            return moved
    return None


def jump(problem: Problem, scheme: Scheme, rng: np.random.Generator) -> Scheme | None:
    """One well anywhere in the area."""
    well = _pick(rng, [w for w in scheme.wells if problem.may_move(w)])
    if well is None:
        return None
    low, high = problem.box
    for _ in range(TRIES):
        x, y = rng.uniform(low, high).tolist()
        moved = problem.legal_place(scheme, well.name, (x, y))
        if moved is not None:
            return moved
    return None


# --- rates and roles ---------------------------------------------------------------------------------


def rate(problem: Problem, scheme: Scheme, rng: np.random.Generator) -> Scheme | None:
    """One producer (or injector, the others making up for it) faster or slower."""
    kinds = ("producer",) if rng.random() < 0.7 else ("injector",)
    well = _pick(rng, [w for w in scheme.wells if w.kind in kinds and problem.may_change(w)])
    if well is None:
        return None
    return _rated(problem, scheme, {well.name: math.exp(rng.uniform(-0.5, 0.5))})


def rates(problem: Problem, scheme: Scheme, rng: np.random.Generator) -> Scheme | None:
    """All producers by one factor."""
    factor = math.exp(rng.uniform(-0.25, 0.25))
    return scaled(problem, scheme, factor)


def scaled(problem: Problem, scheme: Scheme, factor: float) -> Scheme | None:
    """All producers' rates times a factor, within bounds."""
    names = [w.name for w in scheme.wells if w.kind == "producer" and problem.may_change(w)]
    return _rated(problem, scheme, dict.fromkeys(names, factor)) if names else None


def _rated(problem: Problem, scheme: Scheme, factors: dict[str, float]) -> Scheme | None:
    low, high = problem.rate_m3_h
    wells = list(scheme.wells)
    for i, well in enumerate(wells):
        if well.name in factors:
            # a rate outside the bounds is the user's own; it may come back towards them, not leave further
            least, most = min(low, well.rate_m3_h), max(high, well.rate_m3_h)
            value = round(min(max(well.rate_m3_h * factors[well.name], least), most), 1)
            wells[i] = well.with_well(rate_m3_h=value)
    return problem.balanced(replace(scheme, wells=tuple(wells)))


def role(problem: Problem, scheme: Scheme, rng: np.random.Generator) -> Scheme | None:
    """A producer becomes an injector, or the other way round."""
    return roles(problem, scheme, rng, count=1)


def roles(
    problem: Problem, scheme: Scheme, rng: np.random.Generator, *, count: int | None = None
) -> Scheme | None:
    """Several neighbouring wells change their roles at once."""
    free = [w for w in scheme.wells if w.kind in ("producer", "injector") and problem.may_change(w)]
    first = _pick(rng, free)
    if first is None:
        return None
    number = count or int(rng.integers(2, 6))
    near = sorted(free, key=lambda w: (math.hypot(w.x_m - first.x_m, w.y_m - first.y_m), w.name))[:number]
    now = scheme
    for well in near:
        now = turned(problem, now, well)
    if not _count(now, "producer") or (_count(scheme, "injector") and not _count(now, "injector")):
        return None
    if not all(problem.allowed(now, w.name) for w in near):
        return None
    return problem.balanced(now)


def reinject(problem: Problem, scheme: Scheme, rng: np.random.Generator) -> Scheme | None:
    """As many producers turned into injectors as the ratio asks for; the others make up for their water.

    One well at a time never gets from a layout without injectors to one that puts its water back.
    """
    if problem.ratio is None:
        return None
    made = sum(w.rate_m3_h for w in scheme.wells if w.kind == "producer")
    top = problem.rate_m3_h[1]
    able = sum(max(top, w.rate_m3_h) for w in scheme.wells if w.kind == "injector")
    lacking = math.ceil((problem.ratio * made - able) / top)
    free = [w for w in scheme.wells if w.kind == "producer" and problem.may_change(w)]
    if lacking <= 0 or not free:
        return None
    now, left = scheme, lacking
    for k in rng.permutation(len(free)):
        tried = turned(problem, now, free[int(k)])
        if left and _count(tried, "producer") and problem.allowed(tried, free[int(k)].name):
            now, left = tried, left - 1
    kept = sum(w.rate_m3_h for w in now.wells if w.kind == "producer")
    return scaled(problem, now, made / kept) if kept > 0.0 else None


def turned(problem: Problem, scheme: Scheme, well: SchemeWell) -> Scheme:
    """The scheme with a well in the other role (balance not yet mended)."""
    if well.kind == "producer":
        return _changed(scheme, well, kind="injector", temperature_degc=problem.usual_degc)
    return _changed(scheme, well, kind="producer", temperature_degc=None)


def swap(problem: Problem, scheme: Scheme, rng: np.random.Generator) -> Scheme | None:
    """A producer and an injector change roles, each keeping the rate of its role."""
    a = _pick(rng, [w for w in scheme.wells if w.kind == "producer" and problem.may_change(w)])
    b = _pick(rng, [w for w in scheme.wells if w.kind == "injector" and problem.may_change(w)])
    if a is None or b is None:
        return None
    now = _changed(scheme, a, kind="injector", temperature_degc=b.temperature_degc, rate_m3_h=b.rate_m3_h)
    now = _changed(now, b, kind="producer", temperature_degc=None, rate_m3_h=a.rate_m3_h)
    ok = problem.allowed(now, a.name) and problem.allowed(now, b.name)
    return problem.balanced(now) if ok else None


# --- how many ----------------------------------------------------------------------------------------


def added(problem: Problem, scheme: Scheme) -> int:
    """Doublets in the scheme that the start has not (from nothing: all of them)."""
    new = [w for w in scheme.wells if problem.is_new(w) and w.kind in ("producer", "injector")]
    return -(-len(new) // 2)


def doublet(problem: Problem, scheme: Scheme, rng: np.random.Generator) -> Scheme | None:
    """One more producer with its injector."""
    if added(problem, scheme) >= problem.doublets:
        return None
    half = _one_more(problem, scheme, rng, "producer", None)
    if half is None:
        return None
    at = half.wells[-1]
    whole = _one_more(problem, half, rng, "injector", (at.x_m, at.y_m))
    return None if whole is None else problem.balanced(whole)


def _one_more(
    problem: Problem,
    scheme: Scheme,
    rng: np.random.Generator,
    kind: WellKind,
    beside: tuple[float, float] | None,
) -> Scheme | None:
    low, high = problem.box
    middle = np.mean([(w.x_m, w.y_m) for w in scheme.wells], axis=0)
    for _ in range(TRIES):
        if beside is not None:
            angle, distance = rng.uniform(0.0, 2.0 * math.pi), rng.uniform(NEAR_M, FAR_M)
            place = np.array(beside) + distance * np.array((math.cos(angle), math.sin(angle)))
        elif rng.random() < 0.6:
            place = rng.normal(middle, 0.2 * (high - low))
        else:
            place = rng.uniform(low, high)
        if ((place < low) | (place > high)).any():
            continue
        pad = _pad_near(scheme, place, rng)
        with_well = with_new(problem, scheme, kind, (float(place[0]), float(place[1])), pad=pad)
        placed = problem.legal_place(with_well, with_well.wells[-1].name, (place[0], place[1]))
        if placed is not None:
            return placed
    return None


def _pad_near(scheme: Scheme, place: np.ndarray, rng: np.random.Generator) -> str | None:
    """In two of three cases, a pad of the scheme from which the place can be drilled."""
    if rng.random() > 2.0 / 3.0:
        return None
    pads: dict[str, float] = {}
    for well in scheme.wells:
        if well.pad is not None:
            away = math.hypot(well.head_x_m - place[0], well.head_y_m - place[1])
            pads[well.pad] = min(pads.get(well.pad, math.inf), away)
    near = sorted((away, pad) for pad, away in pads.items() if away < PAD_REACH_M)
    return near[0][1] if near else None


def with_new(
    problem: Problem,
    scheme: Scheme,
    kind: WellKind,
    place: tuple[float, float],
    *,
    pad: str | None = None,
) -> Scheme:
    """The scheme with one more well: vertical, or from a pad's heads."""
    x, y = round(place[0], 1), round(place[1], 1)
    degc = problem.usual_degc if kind == "injector" else None
    name, rate = free_name(scheme, PREFIX[kind]), problem.usual_rate_m3_h
    well = Well(name, kind, x, y, rate, degc, problem.usual_layers)
    heads = [(w.head_x_m, w.head_y_m) for w in scheme.wells if pad is not None and w.pad == pad]
    head = heads[0] if heads else (x, y)
    return replace(scheme, wells=(*scheme.wells, SchemeWell(well, head[0], head[1], pad)))


def fewer(problem: Problem, scheme: Scheme, rng: np.random.Generator) -> Scheme | None:
    """One well less: a new one is left out, one that stands is shut in (and watched)."""
    well = _pick(
        rng,
        [w for w in scheme.wells if w.kind in ("producer", "injector") and problem.may_change(w)],
    )
    if well is None or (_count(scheme, well.kind) == 1):
        return None
    return problem.balanced(without(scheme, well))


def without(scheme: Scheme, well: SchemeWell) -> Scheme:
    """The scheme with a well left out, or shut in if it stands."""
    if well.existing:
        return _changed(scheme, well, kind="monitor", rate_m3_h=0.0, temperature_degc=None)
    return replace(scheme, wells=tuple(w for w in scheme.wells if w.name != well.name))


def back(problem: Problem, scheme: Scheme, rng: np.random.Generator) -> Scheme | None:
    """A well of the start that was left out, shut in, turned, moved or set otherwise comes back as it was."""
    now = {w.name: w for w in scheme.wells}
    gone = [
        w
        for w in problem.start.wells
        if problem.may_change(w) and (w.name not in now or now[w.name].well != w.well)
    ]
    well = _pick(rng, [] if problem.from_nothing else gone)
    if well is None:
        return None
    order = {w.name: i for i, w in enumerate(problem.start.wells)}
    kept = [w for w in scheme.wells if w.name != well.name]
    wells = sorted([*kept, well], key=lambda w: order.get(w.name, len(order)))
    whole = replace(scheme, wells=tuple(wells))
    return problem.balanced(whole) if problem.allowed(whole, well.name) else None


MOVES: dict[str, Move] = {
    "move": move,
    "jump": jump,
    "rate": rate,
    "rates": rates,
    "role": role,
    "roles": roles,
    "reinject": reinject,
    "swap": swap,
    "doublet": doublet,
    "fewer": fewer,
    "back": back,
}


def crossed(problem: Problem, a: Scheme, b: Scheme, rng: np.random.Generator) -> Scheme:
    """A child: each well, by name, as one or the other parent has it; only one parent's with even odds."""
    mine, theirs = {w.name: w for w in a.wells}, {w.name: w for w in b.wells}
    wells = []
    for name in dict.fromkeys([*mine, *theirs]):
        first = rng.random() < 0.5
        chosen = (mine if first else theirs).get(name)
        if chosen is not None:
            wells.append(chosen)
    child = replace(a, wells=tuple(wells))
    if not _count(child, "producer") or (problem.ratio is not None and not _count(child, "injector")):
        return a
    if added(problem, child) > problem.doublets:
        return a
    own = [w.name for w in child.wells if problem.may_move(w)]
    return problem.balanced(child) if all(problem.allowed(child, n) for n in own) else a


# --- from nothing ------------------------------------------------------------------------------------


def pattern(problem: Problem, doublets: int, spacing_m: float, *, turn: float = 0.0) -> Scheme | None:
    """A regular five-spot of so many doublets: producers and injectors alternate on a square lattice of that
    spacing round the middle of the area (each producer has four injectors beside it). ``None``: no room.

    Places are taken ring by ring, so that the lattice stays compact; ``turn`` rotates it (rad).
    """
    low, high = problem.box
    middle = 0.5 * (low + high)
    reach = math.ceil(float(np.max(high - low)) / spacing_m) + 1
    spots = [(i, j) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)]
    spots.sort(key=lambda p: (p[0] ** 2 + p[1] ** 2, math.atan2(p[1], p[0])))
    axes = np.array(((math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))))
    left = {"producer": doublets, "injector": doublets}
    bare = replace(problem.start, wells=())
    scheme = bare
    for i, j in spots:
        kind: WellKind = "producer" if (i + j) % 2 == 0 else "injector"
        x, y = (middle + spacing_m * (np.array((i, j)) @ axes)).tolist()
        if not left[kind] or not (low[0] <= x <= high[0] and low[1] <= y <= high[1]):
            continue
        tried = with_new(problem, scheme, kind, (x, y))
        if problem.allowed(tried, tried.wells[-1].name):
            scheme = tried
            left[kind] -= 1
        if not any(left.values()):
            return problem.balanced(scheme)
    return None
