"""The Pareto set as points to choose from: each a scheme, with what it costs, earns, lasts, spares and leaves open.

A point that is an estimate is simulated when it is chosen (``settle``); what the simulation says takes its place,
and it may then turn out to be beaten by another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scenarios.optimise.population import CRITERIA, criteria
from scenarios.optimise.predict import Values, confirm
from scenarios.optimise.propose import Suggestion
from scenarios.scheme import Scheme
from twin_models.errors import Fault, InputError

AXES = tuple(key for key, _ in CRITERIA)


@dataclass(frozen=True, eq=False)
class Point:
    """A scheme of the set. ``beaten``: another is at least as good in every criterion and better in one."""

    scheme: Scheme
    values: Values
    state: str
    is_start: bool = False
    beaten: bool = False


def points_of(found: Suggestion) -> list[Point]:
    """The set that a search has found, with the user's own layout (beaten or not), best by the objective first."""
    points = [Point(r["scheme"], r["values"], r["state"], r["is_start"]) for r in found.front]
    if not any(p.is_start for p in points):
        own = found.start
        points.append(Point(own.scheme, own.values, "simulated", True))
    points.sort(key=lambda p: found.goals.rank_key(p.values))
    return marked(points)


def marked(points: Sequence[Point]) -> list[Point]:
    """The points with ``beaten`` as it is among them."""
    rows = [criteria(p.values) for p in points]
    return [
        replace(p, beaten=any(_beats(other, own) for other in rows))
        for p, own in zip(points, rows, strict=True)
    ]


def _beats(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True)) and list(a) != list(b)


def settle(point: Point) -> Point:
    """The point as the simulation sees it. Raises ``InputError`` where it has no answer."""
    if point.state == "simulated":
        return point
    answer = confirm((point.scheme, False))
    if not answer.values:
        raise InputError(
            Fault("suggest", "unsolved", answer.fault or "the simulation has no answer for this layout",
                  {"text_zh": "模拟未能给出这个布局的结果"})
        )  # fmt: skip
    return replace(point, values=answer.values, state="simulated")


def axes(points: Sequence[Point]) -> list[str]:
    """The criteria in which the points differ: what a scatter can be drawn over."""

    def spread(key: str) -> bool:
        known = [p.values.get(key) for p in points]
        return len({v for v in known if v is not None}) > 1

    return [key for key in AXES if spread(key)]


def ends(points: Sequence[Point], key: str) -> tuple[float, float] | None:
    """Ends of an axis with a margin of 5 %, ``None`` without two values."""
    known = [float(v) for p in points if (v := _value(p.values, key)) is not None]
    if len(set(known)) < 2:
        return None
    margin = 0.05 * (max(known) - min(known))
    return min(known) - margin, max(known) + margin


def _value(values: Mapping[str, float | None], key: str) -> float | None:
    return values.get(key)
