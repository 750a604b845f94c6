"""Proposals: search with estimates, confirm by simulation, rank by what the simulation says.

A search finds the errors of its predictor as readily as good layouts. So the leaders by estimate are only
nominated; each is simulated, the ranking is by simulated figures, the gap between the two is reported, and a
layout that the simulation does not find better than the user's own is not offered as better.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from scenarios.optimise.ghosts import gains, ghosts, words
from scenarios.optimise.goals import Goals, Limit
from scenarios.optimise.population import CRITERIA, criteria
from scenarios.optimise.predict import Batch, Confirmed, Here, Values
from scenarios.optimise.problem import Problem
from scenarios.optimise.search import Candidate, Search, Step
from scenarios.scheme import Scheme
from twin_models.errors import Fault, InputError

LEAST_BUDGET, MOST_BUDGET, USUAL_BUDGET = 10, 1_000_000, 600
OFFERED = 5
FRONT = 40
EXPLAINED = 12  # groups of changes whose own share of the gain is looked up


@dataclass(frozen=True, eq=False)
class Offer:
    """A layout with simulated KPIs. ``estimated``: what the search thought of it (``None``: it did not).

    ``shares``: for each group of changes, what the objective loses when that group alone is taken back.
    """

    scheme: Scheme
    confirmed: Confirmed
    estimated: Values | None
    is_start: bool = False
    shares: tuple[dict[str, Any], ...] = ()

    @property
    def values(self) -> Values:
        return self.confirmed.values


@dataclass(frozen=True, eq=False)
class Suggestion:
    """The answer. ``offers``: ranked by simulation, best first, ending with the start if nothing else is better.

    ``rejected``: nominated, but not better when simulated. ``front``: layouts that no other beats in every
    criterion, simulated ones and estimates. ``conflicts``: why no layout keeps all limits (empty if one does).
    """

    problem: Problem
    goals: Goals
    start: Offer
    offers: tuple[Offer, ...]
    rejected: tuple[Offer, ...]
    front: tuple[dict[str, Any], ...]
    by_number: tuple[dict[str, Any], ...]
    conflicts: tuple[dict[str, Any], ...]
    evaluations: int
    simulations: int
    failed: int
    stopped: str
    budget: int
    seed: int


def suggest(
    problem: Problem,
    *,
    batch: Batch | None = None,
    budget: int = USUAL_BUDGET,
    seed: int = 0,
    seconds: float | None = None,
    tell: Callable[[dict[str, Any]], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Suggestion:
    """Search and confirm. The same for the same seed and budget, whatever ``batch`` runs on.

    ``budget``: evaluations, simulations included. ``seconds``: stop searching after this long as well; results
    then depend on the machine. ``tell``: called with each improvement (``ghost_event``). ``cancel``: asked
    between batches; what was found until then is confirmed and returned. Raises ``InputError``.
    """
    if not LEAST_BUDGET <= budget <= MOST_BUDGET:
        raise InputError(
            Fault("budget", "range", f"must be between {LEAST_BUDGET} and {MOST_BUDGET}, got {budget}")
        )
    reserve = min(8, max(3, budget // 25))

    def told(step: Step) -> None:
        if tell is not None:
            tell(ghost_event(search.problem, step))

    search = Search(
        problem,
        batch or Here(),
        budget,
        seed,
        reserve=reserve + EXPLAINED * (budget > 10 * EXPLAINED),
        seconds=seconds,
        tell=told,
        cancel=cancel,
    )
    search.run()
    return _confirmed(search, reserve)


def _confirmed(search: Search, reserve: int) -> Suggestion:
    problem, goals = search.problem, search.problem.goals
    start = problem.start
    nominated = _nominated(search, reserve - problem.from_nothing)
    search.simulate([*([start] if problem.from_nothing else []), *(c.scheme for c in nominated)])
    own = Offer(start, search.simulated[start.key()], _estimate(search, start), True)
    offers = [
        Offer(c.scheme, found, c.values)
        for key, found in search.simulated.items()
        if found.values and (c := search.archive.get(key)) is not None and key != start.key()
    ]
    ranked = sorted(offers, key=lambda o: goals.rank_key(o.values))
    better = [o for o in ranked if goals.rank_key(o.values) < goals.rank_key(own.values)]
    rejected = [o for o in ranked if o not in better]
    if better:
        better[0] = replace(better[0], shares=_shares(search, better[0]))
    if len(better) < OFFERED:
        better.append(own)
    every = [own.values, *(o.values for o in offers), *(c.values for c in search.archive.values())]
    return Suggestion(
        problem=problem,
        goals=goals,
        start=own,
        offers=tuple(better[:OFFERED]),
        rejected=tuple(rejected[:OFFERED]),
        front=_front(search, own),
        by_number=_by_number(search),
        conflicts=_conflicts(goals, every) if goals.violation(better[0].values) > 0.0 else (),
        evaluations=search.evaluations,
        simulations=search.simulations,
        failed=search.failed,
        stopped=search.stopped,
        budget=search.budget,
        seed=search.seed,
    )


def _estimate(search: Search, scheme: Scheme) -> Values | None:
    known = search.archive.get(scheme.key())
    return None if known is None else known.values


def _nominated(search: Search, count: int) -> list[Candidate]:
    """Layouts to simulate: mostly the leaders by estimate, then the best of each criterion among those that
    keep the limits."""
    start = search.problem.start.key()
    leaders = [c for c in search.leaders(8 * count) if c.scheme.key() != start]
    chosen = leaders[: max(count - 2, 1)]
    kept = [c for c in search.archive.values() if search.problem.goals.violation(c.values) == 0.0]
    for j in range(len(CRITERIA)):
        best = min(kept, key=lambda c: criteria(c.values)[j], default=None)
        if best is not None and best not in chosen and best.scheme.key() != start and len(chosen) < count:
            chosen.append(best)
    for candidate in leaders:
        if len(chosen) < count and candidate not in chosen:
            chosen.append(candidate)
    return chosen


def _shares(search: Search, best: Offer) -> tuple[dict[str, Any], ...]:
    """What each group of changes is worth by itself: the estimate with it less the estimate without it."""
    problem = search.problem
    if problem.from_nothing or search.budget <= 10 * EXPLAINED:
        return ()
    rows = ghosts(problem.start, best.scheme)
    groups = list({tuple(sorted(r["group"])): r["group"] for r in rows}.values())
    if not 1 < len(groups) <= EXPLAINED:
        return ()
    old = {w.name: w for w in problem.start.wells}
    without = []
    for group in groups:
        wells = [old.get(w.name) if w.name in group else w for w in best.scheme.wells]
        gone = [old[n] for n in group if n in old and all(w.name != n for w in best.scheme.wells)]
        back = replace(best.scheme, wells=tuple(w for w in (*wells, *gone) if w is not None))
        without.append(problem.balanced(back))
    search.reserve = 0
    search.archive.pop(best.scheme.key(), None)  # asked again, so that all are of one predictor
    values = search.estimated([best.scheme, *without])
    merit = problem.goals.objective.merit
    if not values[0]:
        return ()
    return tuple(
        {"wells": group, "gain": merit(values[0]) - merit(v)}
        for group, v in zip(groups, values[1:], strict=True)
        if v and math.isfinite(merit(v))
    )


# --- what there is to choose from ----------------------------------------------------------------------


def _front(search: Search, own: Offer) -> tuple[dict[str, Any], ...]:
    """Layouts that no other is at least as good as in every criterion, among those that keep the limits."""
    goals = search.problem.goals
    rows: list[tuple[list[float], dict[str, Any]]] = []
    for key, candidate in search.archive.items():
        found = search.simulated.get(key)
        values = found.values if found is not None and found.values else candidate.values
        if goals.violation(values) == 0.0:
            state = "simulated" if values is not candidate.values else "estimate"
            rows.append((criteria(values), _front_row(candidate.scheme, values, state, own)))
    alive = [(c, row) for c, row in rows if not any(_beats(d, c) for d, _ in rows)]
    alive.sort(key=lambda pair: pair[0])
    simulated = [row for _, row in alive if row["state"] == "simulated"]
    estimates = [row for _, row in alive if row["state"] != "simulated"]
    room = max(FRONT - len(simulated), 0)
    step = max(-(-len(estimates) // room), 1) if room else 1
    return tuple([*simulated, *estimates[::step]][:FRONT])


def _front_row(scheme: Scheme, values: Values, state: str, own: Offer) -> dict[str, Any]:
    return {
        "scheme_key": scheme.key(),
        "state": state,
        "is_start": scheme.key() == own.scheme.key(),
        **_numbers(scheme),
        "kpis": {key: values.get(key) for key, _ in CRITERIA},
        "values": values,
        "scheme": scheme,
    }


def _beats(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True)) and list(a) != list(b)


def _numbers(scheme: Scheme) -> dict[str, int]:
    return {f"{kind}s": sum(w.kind == kind for w in scheme.wells) for kind in ("producer", "injector")}


def _by_number(search: Search) -> tuple[dict[str, Any], ...]:
    """The best layout for each number of producers, as far as it was searched."""
    goals = search.problem.goals
    best: dict[int, Candidate] = {}
    for candidate in search.leaders(len(search.archive)):
        if goals.violation(candidate.values) == 0.0:
            best.setdefault(_numbers(candidate.scheme)["producers"], candidate)
    rows = []
    for _, candidate in sorted(best.items()):
        found = search.simulated.get(candidate.scheme.key())
        values = found.values if found is not None and found.values else candidate.values
        rows.append(
            {
                **_numbers(candidate.scheme),
                "objective": values.get(goals.objective.key),
                "state": "estimate" if values is candidate.values else "simulated",
                "scheme_key": candidate.scheme.key(),
                "values": values,
                "scheme": candidate.scheme,
            }
        )
    return tuple(rows)


def _conflicts(goals: Goals, every: Sequence[Values]) -> tuple[dict[str, Any], ...]:
    """Which limits no layout kept, and which pairs none kept together, with the nearest that was reached."""
    out: list[dict[str, Any]] = []
    alone = {limit: any(limit.violation(v) == 0.0 for v in every) for limit in goals.limits}
    for limit in (limit for limit, met in alone.items() if not met):
        known = [v[limit.key] for v in every if v.get(limit.key) is not None]
        reached = (max if limit.op == ">=" else min)(known, default=None)  # type: ignore[type-var]
        shown = "nothing" if reached is None else f"{reached:.5g}"
        out.append(
            {
                "limits": [limit.text()],
                "reached": reached,
                "text": {
                    "zh": f"没有方案满足 {limit.text()};最接近的为 {'无' if reached is None else shown}",
                    "en": f"no layout met {limit.text()}; the nearest reached {shown}",
                },
            }
        )
    met_alone = [limit for limit, met in alone.items() if met]
    for a, b in combinations(met_alone, 2):
        if not any(a.violation(v) == 0.0 and b.violation(v) == 0.0 for v in every):
            out.append(_clash(a, b, every))
    if not out:
        texts = ", ".join(limit.text() for limit in goals.limits)
        out.append(
            {
                "limits": [limit.text() for limit in goals.limits],
                "reached": None,
                "text": {
                    "zh": f"各约束可两两满足,但没有方案同时满足全部:{texts}",
                    "en": f"every two of the limits can hold together, but no layout met all: {texts}",
                },
            }
        )
    return tuple(out)


def _clash(a: Limit, b: Limit, every: Sequence[Values]) -> dict[str, Any]:
    known = [v[b.key] for v in every if a.violation(v) == 0.0 and v.get(b.key) is not None]
    reached = (max if b.op == ">=" else min)(known, default=None)  # type: ignore[type-var]
    shown = "" if reached is None else f"{reached:.5g}"
    return {
        "limits": [a.text(), b.text()],
        "reached": reached,
        "text": {
            "zh": f"没有方案同时满足 {a.text()} 与 {b.text()};满足前者时 {b.key} 最多做到 {shown}",
            "en": f"no layout met {a.text()} and {b.text()} together; with the first, {b.key} got to {shown}",
        },
    }


# --- as data -------------------------------------------------------------------------------------------


def ghost_event(problem: Problem, step: Step) -> dict[str, Any]:
    """An improvement while the search runs, for the page: figures are estimates."""
    key, start = problem.goals.objective.key, problem.start
    return {
        "kind": "improved",
        "number": step.number,
        "state": "estimate",
        "evaluations": step.evaluations,
        "elapsed_s": round(step.elapsed_s, 3),
        "origin": step.better.origin,
        "feasible": problem.goals.violation(step.better.values) == 0.0,
        "objective": key,
        "step": {
            "wells": [] if problem.from_nothing else ghosts(step.before.scheme, step.better.scheme),
            "changes": words(step.before.scheme, step.better.scheme),
            "gains": gains(key, step.before.values, step.better.values),
        },
        "wells": ghosts(start, step.better.scheme),
        "scheme": step.better.scheme,
    }
