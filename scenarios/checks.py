"""Layout rules: is a well too near a fault or another well, outside the area, bent too much?

The limits are the site's own (``Site.rules``: value, severity, words and source stand there); two more
hold everywhere: a target lies inside the model, and a path keeps to the dog-leg that the planner allows.
``check_layout`` looks at a whole scheme, ``check_well`` at one well while it is in the hand, and
``nearest_legal`` gives the place where its handle stops at the hard limits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from scenarios import keep_out
from scenarios.scheme import Scheme, SchemeWell, planned_path
from twin_models.site_types import Rule, Site, Text, point_in_ring
from twin_models.types import Reservoir

Severity = Literal["ok", "soft", "hard"]
Point = tuple[float, float]

STEEP_DEG = 60.0  # beyond this, tools no longer run into a hole by their own weight (drilling practice)
INSIDE_BOX = Text("目标在模型范围内", "target inside the model")
DOGLEG = Text("狗腿度不超过 3°/30 m", "dog-leg at most 3 deg per 30 m")
INCLINATION = Text("井斜宜小于 60°", "inclination better below 60 deg")
MARGIN_M = 0.01  # a handle stops this far inside a limit, so that rounding does not put it outside
PUSHES = 30
RING_DIRECTIONS, RING_STEPS, RING_REACH_M = 48, 40, 3000.0


@dataclass(frozen=True)
class Finding:
    """What one rule says of one well.

    ``distance_m``: what was measured (degrees for ``dogleg`` and ``inclination``), ``limit_m``: what the
    rule asks. ``other``: the well or fault it is measured to, ``point``: where that is (for the line drawn).
    """

    rule: str
    severity: Severity
    well: str
    other: str
    distance_m: float | None
    limit_m: float | None
    text_zh: str
    text_en: str
    point: Point | None = None


@dataclass(frozen=True, eq=False)
class Limits:
    """A site's rules with the geometry they need, ready for arrays.

    ``starts``, ``steps``: (k, 2) fault segments; ``fault_of``: (k,) index into ``fault_names``.
    ``ring``: (n, 2) corners of the area, or ``None``; ``ring_steps``: from each to the next.
    ``rules``: kind -> its rules, hard first.
    """

    low: np.ndarray
    high: np.ndarray
    starts: np.ndarray
    steps: np.ndarray
    fault_of: np.ndarray
    fault_names: tuple[Text, ...]
    ring: np.ndarray | None
    ring_steps: np.ndarray
    rules: dict[str, tuple[Rule, ...]]

    def hard_m(self, kind: str) -> float:
        """The largest distance that a hard rule of that kind asks for; 0 for none."""
        return max((r.value_m or 0.0 for r in self.rules.get(kind, ()) if r.severity == "hard"), default=0.0)

    @property
    def area_is_hard(self) -> bool:
        rules = self.rules.get("inside_area", ())
        return self.ring is not None and any(r.severity == "hard" for r in rules)


def limits_of(site: Site | None, reservoir: Reservoir) -> Limits:
    """The limits of a site (kept), or of a box without one."""
    return (
        _site_limits(site) if site is not None and site.reservoir is reservoir else _limits(site, reservoir)
    )


@lru_cache(maxsize=64)
def _site_limits(site: Site) -> Limits:
    assert site.reservoir is not None
    return _limits(site, site.reservoir)


def _limits(site: Site | None, reservoir: Reservoir) -> Limits:
    faults = site.faults if site is not None else ()
    segments = [(i, a, b) for i, f in enumerate(faults) for a, b in zip(f.line_m, f.line_m[1:], strict=False)]
    starts = np.array([a for _, a, _ in segments], dtype=float).reshape(-1, 2)
    ends = np.array([b for _, _, b in segments], dtype=float).reshape(-1, 2)
    by_kind: dict[str, list[Rule]] = {}
    for rule in site.rules if site is not None else ():
        by_kind.setdefault(rule.kind, []).append(rule)
    low = np.array(reservoir.origin_m, dtype=float)
    ring = np.array(site.area.polygon_m, dtype=float) if site is not None and site.area else None
    return Limits(
        low=low,
        high=low + np.array(reservoir.extent_m),
        starts=starts,
        steps=ends - starts,
        fault_of=np.array([i for i, _, _ in segments], dtype=int),
        fault_names=tuple(f.name for f in faults),
        ring=ring,
        ring_steps=np.zeros((0, 2)) if ring is None else np.roll(ring, -1, axis=0) - ring,
        rules={k: tuple(sorted(v, key=lambda r: r.severity != "hard")) for k, v in by_kind.items()},
    )


# --- geometry ----------------------------------------------------------------------------------------


def _nearest_on(starts: np.ndarray, steps: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance (k,) from a place to each segment and the nearest points (k, 2)."""
    length2 = np.maximum((steps * steps).sum(axis=1), 1e-12)
    along = np.clip(((place - starts) * steps).sum(axis=1) / length2, 0.0, 1.0)
    points = starts + along[:, None] * steps
    return np.hypot(points[:, 0] - place[0], points[:, 1] - place[1]), points


def _inside(ring: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Whether places (m, 2) lie in a ring (n, 2): crossing number, as ``site_types.point_in_ring``."""
    if len(places) == 1:  # the usual case while dragging: plain arithmetic is quicker than arrays
        return np.array([point_in_ring(float(places[0, 0]), float(places[0, 1]), ring.tolist())])
    x0, y0 = np.roll(ring, 1, axis=0).T[:, :, None]
    x1, y1 = ring.T[:, :, None]
    x, y = places.T[:, None, :]
    rise = np.where(y1 == y0, 1.0, y1 - y0)
    crosses = ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) * (x1 - x0) / rise)
    inside: np.ndarray = crosses.sum(axis=0) % 2 == 1
    return inside


def _shared_layers(a: SchemeWell, b: SchemeWell) -> bool:
    """Whether two wells can be open to one layer."""
    return a.well.layers is None or b.well.layers is None or bool(set(a.well.layers) & set(b.well.layers))


def _moves_water(well: SchemeWell) -> bool:
    return well.kind != "monitor"


def _is_pair(a: SchemeWell, b: SchemeWell) -> bool:
    """One gives water back near where the other takes it; a storage well does both."""
    return _moves_water(a) and _moves_water(b) and (a.kind != b.kind or a.kind == "storage")


# --- findings ----------------------------------------------------------------------------------------


def _judge(
    rules: tuple[Rule, ...], distance_m: float, *, at_most: bool = False
) -> tuple[Rule, Severity] | None:
    """The first broken rule (hard ones stand first), else the last one kept; ``None`` without rules."""
    for rule in rules:
        limit = rule.value_m or 0.0
        if distance_m > limit if at_most else distance_m < limit:
            return rule, rule.severity
    return (rules[-1], "ok") if rules else None


def _finding(
    rule: Rule, severity: Severity, *, well: str, other: Text, distance_m: float, point: Point
) -> Finding:
    shown = f"{math.floor(distance_m)} m"
    return Finding(
        rule.id,
        severity,
        well,
        other.en,
        round(distance_m, 1),
        rule.value_m,
        f"{well} 距{other.zh} {shown}({rule.text.zh})",
        f"{well} is {shown} from {other.en} ({rule.text.en})",
        point,
    )


def _check_box(limits: Limits, well: SchemeWell, place: np.ndarray) -> Finding:
    room = float(min((place - limits.low).min(), (limits.high - place).min()))
    severity: Severity = "ok" if room >= 0.0 else "hard"
    zh = f"{well.name} {'在模型范围内' if room >= 0 else '超出模型范围'},距边界 {abs(room):.0f} m"
    side = "inside" if room >= 0 else "outside"
    en = f"{well.name} is {abs(room):.0f} m {side} the model's edge"
    return Finding("inside_box", severity, well.name, "", round(room, 1), 0.0, zh, en)


def _check_area(limits: Limits, well: SchemeWell, place: np.ndarray) -> Finding | None:
    rules = limits.rules.get("inside_area", ())
    if limits.ring is None or not rules:
        return None
    distance, points = _nearest_on(limits.ring, limits.ring_steps, place)
    nearest = int(distance.argmin())
    inside = bool(_inside(limits.ring, place[None])[0])
    room = float(distance[nearest]) * (1.0 if inside else -1.0)
    rule = rules[0]
    return Finding(
        rule.id,
        "ok" if inside else rule.severity,
        well.name,
        "",
        round(room, 1),
        0.0,
        f"{well.name} 距区边界 {abs(room):.0f} m,在区{'内' if inside else '外'}({rule.text.zh})",
        f"{well.name} is {abs(room):.0f} m {'inside' if inside else 'outside'} the area ({rule.text.en})",
        (float(points[nearest, 0]), float(points[nearest, 1])),
    )


def _check_faults(limits: Limits, well: SchemeWell, place: np.ndarray) -> Finding | None:
    rules = limits.rules.get("fault_distance", ())
    if not rules or not len(limits.starts) or not _moves_water(well):
        return None
    distance, points = _nearest_on(limits.starts, limits.steps, place)
    k = int(distance.argmin())
    found = _judge(rules, float(distance[k]))
    if found is None:
        return None
    name = limits.fault_names[int(limits.fault_of[k])]
    point = (float(points[k, 0]), float(points[k, 1]))
    return _finding(*found, well=well.name, other=name, distance_m=float(distance[k]), point=point)


def _check_reach(limits: Limits, well: SchemeWell, place: np.ndarray) -> Finding | None:
    rules = limits.rules.get("pad_reach", ())
    reach = math.hypot(place[0] - well.head_x_m, place[1] - well.head_y_m)
    found = _judge(rules, reach, at_most=True)
    if found is None:
        return None
    rule, severity = found
    return Finding(
        rule.id,
        severity,
        well.name,
        "",
        round(reach, 1),
        rule.value_m,
        f"{well.name} 水平位移 {math.ceil(reach)} m({rule.text.zh})",
        f"{well.name} steps out {math.ceil(reach)} m ({rule.text.en})",
        (well.head_x_m, well.head_y_m),
    )


def _check_path(reservoir: Reservoir, well: SchemeWell) -> list[Finding]:
    """Dog-leg and inclination of the planned path; a path given in the file is taken as drilled."""
    if well.is_vertical or well.well.trajectory is not None:
        return []
    path = planned_path(well, reservoir)
    bend, slant = path.dogleg_deg_30m, path.max_inclination_deg
    steep: Severity = "soft" if slant > STEEP_DEG else "ok"
    return [
        Finding(
            "dogleg",
            "ok" if path.feasible else "hard",
            well.name,
            "",
            round(bend, 2),
            3.0,
            f"{well.name} 狗腿度 {bend:.1f}°/30 m({DOGLEG.zh})",
            f"{well.name} bends {bend:.1f} deg per 30 m ({DOGLEG.en})",
        ),
        Finding(
            "inclination",
            steep,
            well.name,
            "",
            round(slant, 1),
            STEEP_DEG,
            f"{well.name} 最大井斜 {slant:.0f}°({INCLINATION.zh})",
            f"{well.name} is inclined up to {slant:.0f} deg ({INCLINATION.en})",
        ),
    ]


def _pair_findings(
    limits: Limits, well: SchemeWell, place: np.ndarray, others: list[SchemeWell]
) -> list[Finding]:
    """For each spacing rule, the nearest other well it speaks of."""
    if not _moves_water(well) or not others:
        return []
    targets = np.array([(w.x_m, w.y_m) for w in others])
    distance = np.hypot(targets[:, 0] - place[0], targets[:, 1] - place[1])
    near = distance.argsort().tolist()
    out = []
    for kind, applies in (
        ("well_spacing", lambda o: _moves_water(o)),
        ("producer_injector_spacing", lambda o: _is_pair(well, o)),
    ):
        rules = limits.rules.get(kind, ())
        # from the nearest outwards, so that the tests run on one or two wells only
        k = next((i for i in near if applies(others[i]) and _shared_layers(well, others[i])), -1)
        if not rules or k < 0:
            continue
        found = _judge(rules, float(distance[k]))
        if found is not None:
            name = Text(f" {others[k].name}", others[k].name)
            point = (others[k].x_m, others[k].y_m)
            out.append(
                _finding(*found, well=well.name, other=name, distance_m=float(distance[k]), point=point)
            )
    return out


def check_well(
    scheme: Scheme, site: Site | None, *, well: str, x_m: float | None = None, y_m: float | None = None
) -> list[Finding]:
    """What every rule says of one well, kept rules included: one finding a rule, worst first.

    ``x_m``, ``y_m``: a place to try for its target; without them, where it is.
    """
    reservoir = scheme.ground()
    limits = limits_of(site, reservoir)
    i = scheme.index(well)
    own = scheme.wells[i]
    if x_m is not None and y_m is not None:
        own = _tried(own, x_m, y_m)
    place = np.array((own.x_m, own.y_m))
    others = [*scheme.wells[:i], *scheme.wells[i + 1 :]]
    found = [
        _check_box(limits, own, place),
        _check_area(limits, own, place),
        _check_faults(limits, own, place),
        keep_out.finding(scheme, own),
    ]
    found += [_check_reach(limits, own, place), *_pair_findings(limits, own, place, others)]
    found += _check_path(reservoir, own)
    return sorted((f for f in found if f is not None), key=_worst_first)


def _tried(well: SchemeWell, x_m: float, y_m: float) -> SchemeWell:
    """The well with its target at a place: a vertical one moves whole, a bent one bends."""
    if well.is_vertical:
        moved = well.with_well(x_m=x_m, y_m=y_m)
        return SchemeWell(moved.well, x_m, y_m, well.pad, well.existing, well.note)
    return well.with_well(x_m=x_m, y_m=y_m, trajectory=None)


def _worst_first(finding: Finding) -> int:
    return ("hard", "soft", "ok").index(finding.severity)


def check_layout(scheme: Scheme, site: Site | None) -> list[Finding]:
    """Every rule that a scheme breaks, hard ones first; a pair of wells is named once, for the first of them."""
    reservoir = scheme.ground()
    limits = limits_of(site, reservoir)
    found: list[Finding | None] = []
    for well in scheme.wells:
        place = np.array((well.x_m, well.y_m))
        found += [_check_box(limits, well, place), _check_area(limits, well, place)]
        found += [_check_faults(limits, well, place), _check_reach(limits, well, place)]
        found += [keep_out.finding(scheme, well), *_check_path(reservoir, well)]
    found += _all_pairs(limits, scheme.wells)
    return sorted((f for f in found if f is not None and f.severity != "ok"), key=_worst_first)


def _all_pairs(limits: Limits, wells: tuple[SchemeWell, ...]) -> list[Finding | None]:
    spacing = limits.rules.get("well_spacing", ())
    pairing = limits.rules.get("producer_injector_spacing", ())
    widest = max((r.value_m or 0.0 for r in (*spacing, *pairing)), default=0.0)
    if widest <= 0.0 or len(wells) < 2:
        return []
    targets = np.array([(w.x_m, w.y_m) for w in wells])
    gap = np.hypot(*(targets[:, None, :] - targets[None, :, :]).transpose(2, 0, 1))
    found: list[Finding | None] = []
    for i, j in np.argwhere(np.triu(gap < widest, k=1)):
        a, b, distance = wells[i], wells[j], float(gap[i, j])
        if not (_moves_water(a) and _moves_water(b) and _shared_layers(a, b)):
            continue
        verdicts = [_judge(spacing, distance), _judge(pairing, distance) if _is_pair(a, b) else None]
        for verdict in verdicts:
            if verdict is not None and verdict[1] != "ok":
                name = Text(f" {b.name}", b.name)
                found.append(
                    _finding(*verdict, well=a.name, other=name, distance_m=distance, point=(b.x_m, b.y_m))
                )
    return found


# --- where the handle stops --------------------------------------------------------------------------


def nearest_legal(scheme: Scheme, site: Site | None, *, well: str, x_m: float, y_m: float) -> Point:
    """The place nearest to the hand that breaks no hard rule: the hand's own, if that is legal.

    Pushes the place off the broken limits one after the other; where limits meet and this does not
    settle, the nearest legal place on rings round the hand is taken, and failing that the well stays.
    """
    wanted = np.array((x_m, y_m), dtype=float)
    limits = limits_of(site, scheme.ground())
    own = scheme.well(well)
    targets, radii = _discs(limits, scheme, own)
    place = wanted.copy()
    for _ in range(PUSHES):
        pushed = _pushed(limits, place, targets, radii, own)
        if pushed is None:
            pushed = keep_out.pushed_out(scheme.keep_out, place)
        if pushed is None:
            return float(place[0]), float(place[1])
        place = pushed
    around = _rings(wanted)
    legal = _legal(limits, around, targets, radii, own)
    legal &= keep_out.outside(scheme.keep_out, around)
    if not legal.any():
        return own.x_m, own.y_m
    best = around[int(legal.argmax())]
    return float(best[0]), float(best[1])


def _discs(limits: Limits, scheme: Scheme, own: SchemeWell) -> tuple[np.ndarray, np.ndarray]:
    """Targets of the other wells (k, 2) and the hard distance to keep from each (k,)."""
    any_m, pair_m = limits.hard_m("well_spacing"), limits.hard_m("producer_injector_spacing")
    rows = [
        (w.x_m, w.y_m, max(any_m, pair_m if _is_pair(own, w) else 0.0, 1.0))
        for w in scheme.wells
        if w.name != own.name and _moves_water(w) and _moves_water(own) and _shared_layers(own, w)
    ]
    table = np.array(rows, dtype=float).reshape(-1, 3)
    return table[:, :2], table[:, 2]


def _pushed(
    limits: Limits, place: np.ndarray, targets: np.ndarray, radii: np.ndarray, own: SchemeWell
) -> np.ndarray | None:
    """The place moved off the first limit that it breaks; ``None`` if it breaks none."""
    inner = np.clip(place, limits.low, limits.high)
    if not np.array_equal(inner, place):
        return np.clip(place, limits.low + MARGIN_M, limits.high - MARGIN_M)
    if limits.ring is not None and limits.area_is_hard and not _inside(limits.ring, place[None])[0]:
        distance, points = _nearest_on(limits.ring, limits.ring_steps, place)
        edge = points[int(distance.argmin())]
        middle = limits.ring.mean(axis=0)
        return edge + MARGIN_M * (middle - edge) / max(float(np.hypot(*(middle - edge))), 1.0)
    keep = limits.hard_m("fault_distance") if _moves_water(own) else 0.0
    if keep and len(limits.starts):
        distance, points = _nearest_on(limits.starts, limits.steps, place)
        k = int(distance.argmin())
        if distance[k] < keep:
            return _off(points[k], place, keep, _normal(limits.steps[k]))
    if len(targets):
        distance = np.hypot(*(targets - place).T)
        short = distance - radii
        k = int(short.argmin())
        if short[k] < 0.0:
            return _off(targets[k], place, float(radii[k]), np.array((1.0, 0.0)))
    return None


def _normal(step: np.ndarray) -> np.ndarray:
    return np.array((-step[1], step[0])) / max(float(np.hypot(*step)), 1e-9)


def _off(centre: np.ndarray, place: np.ndarray, distance_m: float, otherwise: np.ndarray) -> np.ndarray:
    """``place`` moved away from ``centre`` until it is ``distance_m`` off (along ``otherwise`` if it is on it)."""
    away = place - centre
    length = float(np.hypot(*away))
    unit = away / length if length > 1e-6 else otherwise
    return centre + unit * (distance_m + MARGIN_M)


def _rings(middle: np.ndarray) -> np.ndarray:
    """Places round a middle, nearest first; the rings widen quadratically."""
    angles = np.linspace(0.0, 2.0 * math.pi, RING_DIRECTIONS, endpoint=False)
    radii = RING_REACH_M * (np.arange(1, RING_STEPS + 1) / RING_STEPS) ** 2
    offsets = radii[:, None, None] * np.stack((np.cos(angles), np.sin(angles)), axis=1)[None]
    return middle + offsets.reshape(-1, 2)


def _legal(
    limits: Limits, places: np.ndarray, targets: np.ndarray, radii: np.ndarray, own: SchemeWell
) -> np.ndarray:
    """Whether each place (m, 2) keeps every hard rule."""
    legal = np.all((places >= limits.low) & (places <= limits.high), axis=1)
    if limits.ring is not None and limits.area_is_hard:
        legal &= _inside(limits.ring, places)
    keep = limits.hard_m("fault_distance") if _moves_water(own) else 0.0
    if keep:
        for start, step in zip(limits.starts, limits.steps, strict=True):
            along = np.clip(((places - start) @ step) / max(float(step @ step), 1e-12), 0.0, 1.0)
            legal &= np.hypot(*(places - start - along[:, None] * step).T) >= keep
    if len(targets):
        gap = np.hypot(*(places[:, None, :] - targets[None, :, :]).transpose(2, 0, 1))
        legal &= (gap >= radii).all(axis=1)
    return legal
