"""How many doublets: the objective over their number, each number searched on its own and confirmed by simulation.

One search over all numbers tells little about those that it soon leaves behind; so each number from 1 to N has its
share of the budget. What a search with room for n pairs finds for fewer counts too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from scenarios.optimise.predict import Batch, Confirmed, Here, Values, confirm
from scenarios.optimise.problem import Problem
from scenarios.optimise.propose import LEAST_BUDGET, Suggestion, suggest
from scenarios.scheme import Scheme
from twin_models.base import Cancelled
from twin_models.errors import Fault, InputError

MOST = 20


@dataclass(frozen=True, eq=False)
class Point:
    """The best layout found with a number of producers; ``values`` simulated unless ``state`` says otherwise."""

    producers: int
    injectors: int
    scheme: Scheme
    values: Values
    state: str
    feasible: bool


def points_of(
    found: Suggestion, *, batch: Batch | None = None, cancel: Callable[[], bool] | None = None
) -> list[Point]:
    """One point for each number of producers that a search has met, those without a simulation simulated now."""
    rows = list(found.by_number)
    open_ = [r for r in rows if r["state"] != "simulated"]
    answers = (batch or Here()).map(confirm, [(r["scheme"], False) for r in open_], cancel=cancel)
    known = {id(r): a for r, a in zip(open_, answers, strict=True)}
    points = []
    for row in rows:
        answer = known.get(id(row))
        if isinstance(answer, Confirmed) and not answer.values:
            continue  # the simulation has no answer for it
        values = answer.values if isinstance(answer, Confirmed) else row["values"]
        state = "simulated" if isinstance(answer, Confirmed) else row["state"]
        feasible = found.goals.violation(values) == 0.0
        points.append(Point(row["producers"], row["injectors"], row["scheme"], values, state, feasible))
    return points


def curve(
    problem: Problem,
    most: int,
    *,
    batch: Batch | None = None,
    budget: int = 1200,
    seed: int = 0,
    tell: Callable[[int, int], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> list[Point]:
    """The best layout for every number of producers reached with 1 to ``most`` doublets, fewest first.

    The same for the same seed and budget. ``tell(n, most)``: after each number. Raises ``InputError``, ``Cancelled``.
    """
    if not 1 <= most <= MOST:
        raise InputError(Fault("doublets", "range", f"must be between 1 and {MOST}, got {most}"))
    best: dict[int, Point] = {}
    for n in range(1, most + 1):
        found = suggest(
            replace(problem, doublets=n),
            batch=batch,
            budget=max(budget // most, LEAST_BUDGET),
            seed=seed + n,
            cancel=cancel,
        )
        if cancel is not None and cancel():
            raise Cancelled
        for point in points_of(found, batch=batch):
            other = best.get(point.producers)
            if other is None or _key(problem, point) < _key(problem, other):
                best[point.producers] = point
        if tell is not None:
            tell(n, most)
    return [best[n] for n in sorted(best)]


def _key(problem: Problem, point: Point) -> tuple[float, float]:
    return problem.goals.rank_key(point.values)


def as_rows(points: list[Point], objective: str) -> list[dict[str, Any]]:
    """The curve as plain data: numbers of wells, objective, whether it is simulated and keeps the limits."""
    return [
        {
            "producers": p.producers,
            "injectors": p.injectors,
            "objective": p.values.get(objective),
            "state": p.state,
            "feasible": p.feasible,
        }
        for p in points
    ]
