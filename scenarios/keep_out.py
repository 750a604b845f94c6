"""Keep-out areas: polygons of the scheme in which no new well may stand, neither its head nor its bottom.

They are part of the scheme (``keep_out`` in its file), so that edits, checks and proposals all see the same ones,
and change no figure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from twin_models.errors import Fault, InputError
from twin_models.site_types import point_in_ring

if TYPE_CHECKING:
    from scenarios.checks import Finding
    from scenarios.edits import Change
    from scenarios.scheme import Scheme, SchemeWell

RULE = "keep_out"
MOST_RINGS, MOST_POINTS = 20, 60
LEAST_M2 = 1.0
FAR_M = 1e6
MARGIN_M = 0.01  # a well stops this far outside, so that rounding does not put it inside

Ring = tuple[tuple[float, float], ...]


def area_m2(ring: Ring) -> float:
    """Area by the shoelace formula (m2)."""
    points = np.array(ring)
    x, y = points.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0)


def read_rings(given: Any, field: str = "keep_out") -> tuple[tuple[Ring, ...], list[Fault]]:
    """Rings of ``[x_m, y_m]`` and what is wrong with them, by the field each fault stands at."""
    if not isinstance(given, (list, tuple)):
        return (), [
            _fault(
                field,
                "type",
                "must be a list of rings of points [x_m, y_m]",
                "须为由点 [x_m, y_m] 围成的区的列表",
            )
        ]
    if len(given) > MOST_RINGS:
        return (), [
            _fault(field, "range", f"at most {MOST_RINGS} areas, got {len(given)}", f"最多 {MOST_RINGS} 个区")
        ]
    rings, faults = [], []
    for i, ring in enumerate(given):
        points, fault = _ring(ring, f"{field}[{i}]")
        if fault is not None:
            faults.append(fault)
        else:
            rings.append(points)
    return tuple(rings), faults


def _fault(field: str, reason: str, en: str, zh: str) -> Fault:
    return Fault(field, reason, en, {"text_zh": zh, "text_en": en})


def _ring(given: Any, field: str) -> tuple[Ring, Fault | None]:
    try:
        points = tuple((float(x), float(y)) for x, y in given)
        if any(isinstance(v, bool) for p in given for v in p):
            raise TypeError
    except (TypeError, ValueError):
        return (), _fault(field, "type", "must be points [x_m, y_m]", "须为点 [x_m, y_m] 的列表")
    if len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    if not len(set(points)) >= 3 or len(points) > MOST_POINTS:
        return (), _fault(field, "range", f"must have 3 to {MOST_POINTS} corners, got {len(points)}",
                          f"须有 3 至 {MOST_POINTS} 个角点，实际为 {len(points)} 个")  # fmt: skip
    if not all(math.isfinite(v) and abs(v) <= FAR_M for p in points for v in p):
        return (), _fault(
            field, "range", f"coordinates must lie within {FAR_M:.0f} m", f"坐标须在 ±{FAR_M:.0f} m 以内"
        )
    if area_m2(points) < LEAST_M2:
        return (), _fault(field, "range", "encloses no area", "没有围成面积")
    if _crosses_itself(points):
        return (), _fault(field, "shape", "crosses itself", "边界自相交")
    return points, None


def _crosses_itself(ring: Ring) -> bool:
    """Whether two sides that are not neighbours meet."""
    n = len(ring)
    sides = [(ring[i], ring[(i + 1) % n]) for i in range(n)]
    return any(
        _meet(*sides[i], *sides[j]) for i, j in combinations(range(n), 2) if (j - i) % n not in (1, n - 1)
    )


def _meet(a: Any, b: Any, c: Any, d: Any) -> bool:
    def side(p: Any, q: Any, r: Any) -> float:
        return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))

    return side(a, b, c) * side(a, b, d) < 0.0 and side(c, d, a) * side(c, d, b) < 0.0


# --- what they forbid ----------------------------------------------------------------------------------


def finding(scheme: Scheme, well: SchemeWell) -> Finding | None:
    """A hard finding for a well that is not drilled yet and stands in an area; ``None`` where all is well."""
    from scenarios.checks import Finding

    if well.existing:
        return None
    for i, ring in enumerate(scheme.keep_out):
        for x, y, zh, en in (
            (well.x_m, well.y_m, "井底", "bottom"),
            (well.head_x_m, well.head_y_m, "井口", "head"),
        ):
            if point_in_ring(x, y, ring):
                edge = np.array(nearest_edge(ring, (x, y)))
                depth = float(np.hypot(*(edge - (x, y))))
                return Finding(
                    RULE,
                    "hard",
                    well.name,
                    f"keep-out area {i + 1}",
                    -round(depth, 1),
                    0.0,
                    f"{well.name} {zh}在禁布区 {i + 1} 内 {math.ceil(depth)} m(禁布区内不得布井)",
                    f"{well.name}: its {en} is {math.ceil(depth)} m inside keep-out area {i + 1} (no wells there)",
                    (float(edge[0]), float(edge[1])),
                )
    return None


def nearest_edge(ring: Ring, place: Sequence[float]) -> tuple[float, float]:
    """The point of a ring's boundary that is nearest to a place."""
    starts = np.array(ring)
    steps = np.roll(starts, -1, axis=0) - starts
    away = np.asarray(place) - starts
    along = np.clip((away * steps).sum(axis=1) / np.maximum((steps**2).sum(axis=1), 1e-12), 0.0, 1.0)
    points = starts + along[:, None] * steps
    nearest = points[int(np.hypot(*(points - np.asarray(place)).T).argmin())]
    return float(nearest[0]), float(nearest[1])


def pushed_out(rings: Sequence[Ring], place: np.ndarray) -> np.ndarray | None:
    """The place moved just outside the first area that it lies in; ``None`` if it lies in none."""
    for ring in rings:
        if point_in_ring(float(place[0]), float(place[1]), ring):
            edge: np.ndarray = np.array(nearest_edge(ring, place.tolist()))
            step = edge - place
            length = float(np.hypot(*step))
            unit = step / length if length > 1e-9 else np.array((1.0, 0.0))
            return edge + MARGIN_M * unit
    return None


def outside(rings: Sequence[Ring], places: np.ndarray) -> np.ndarray:
    """Whether each place (m, 2) lies outside every area."""
    return np.array(
        [not any(point_in_ring(x, y, ring) for ring in rings) for x, y in places.tolist()], dtype=bool
    )


# --- edits ---------------------------------------------------------------------------------------------


def set_rings(scheme: Scheme, given: Any) -> Change:
    """The scheme with other keep-out areas. Raises ``InputError`` with every fault."""
    from scenarios.edits import Edit

    rings, faults = read_rings(given)
    if faults:
        raise InputError(faults)
    before, now = len(scheme.keep_out), len(rings)
    zh, en = ("修改禁布区", "Change a keep-out area")
    if now > before:
        zh, en = "新增禁布区", "Add a keep-out area"
    elif now < before:
        zh, en = "删除禁布区", "Remove a keep-out area"
    edit = Edit("set_keep_out", {"keep_out": [[list(p) for p in ring] for ring in rings]}, zh, en)
    return replace(scheme, keep_out=rings), edit
