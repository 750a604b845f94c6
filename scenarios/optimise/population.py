"""The population part of the search: NSGA-II of pymoo, with layouts themselves as its individuals.

pymoo keeps, ranks, mates and replaces; how two layouts cross and how one changes is said in ``moves``, so
that a child is a layout that makes sense. Deb, Pratap, Agarwal & Meyarivan (2002), IEEE Trans. Evol.
Comput. 6(2), 182-197; constraint domination as there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.crossover import Crossover
from pymoo.core.duplicate import DuplicateElimination
from pymoo.core.mutation import Mutation
from pymoo.core.population import Population
from pymoo.core.problem import Problem as PymooProblem
from pymoo.core.termination import NoTermination

from scenarios.optimise.goals import Goals
from scenarios.optimise.moves import MOVES, crossed
from scenarios.optimise.problem import Problem
from scenarios.scheme import Scheme

# What the Pareto set is drawn over: cost of heat, worth, endurance, climate, demand left open.
CRITERIA = (
    ("lcoh_cny_per_gj", -1.0),
    ("npv_cny", 1.0),
    ("temperature_decline_k", -1.0),
    ("co2_avoided_t_per_year", 1.0),
    ("demand_met_pct", 1.0),
)
WORST = 1e30
TRIES = 6


def costs(goals: Goals, values: Mapping[str, float | None]) -> list[float]:
    """The objective and every criterion, smaller is better; what is undefined is the worst there is."""
    merit = goals.objective.merit(values)
    return [-merit if math.isfinite(merit) else WORST, *criteria(values)]


def criteria(values: Mapping[str, float | None]) -> list[float]:
    """The criteria of the Pareto set, smaller is better; without a heat demand its criterion is 0 for all."""
    out = []
    for key, sign in CRITERIA:
        value = values.get(key)
        if value is None:
            out.append(0.0 if key == "demand_met_pct" and values else WORST)
        else:
            out.append(-sign * value)
    return out


def changed(problem: Problem, scheme: Scheme, rng: np.random.Generator, *, most: int = 2) -> Scheme:
    """One or two random moves; the scheme itself if none succeeds."""
    names = list(MOVES)
    now = scheme
    for _ in range(1 + int(rng.integers(most))):
        for _ in range(TRIES):
            moved = MOVES[names[int(rng.integers(len(names)))]](problem, now, rng)
            if moved is not None:
                now = moved
                break
    return now


class _Cross(Crossover):
    def __init__(self, problem: Problem):
        super().__init__(n_parents=2, n_offsprings=1, prob=0.6)
        self.layouts = problem

    def _do(self, _: Any, X: Any, *__: Any, random_state: Any = None, **___: Any) -> Any:
        out = np.empty((1, X.shape[1], 1), dtype=object)
        for k in range(X.shape[1]):
            out[0, k, 0] = crossed(self.layouts, X[0, k, 0], X[1, k, 0], random_state)
        return out


class _Change(Mutation):
    def __init__(self, problem: Problem):
        super().__init__(prob=1.0)
        self.layouts = problem

    def _do(self, _: Any, X: Any, *__: Any, random_state: Any = None, **___: Any) -> Any:
        out = np.empty_like(X)
        for k in range(len(X)):
            out[k, 0] = changed(self.layouts, X[k, 0], random_state)
        return out


class _Same(DuplicateElimination):
    def _do(self, pop: Any, other: Any, is_duplicate: Any) -> Any:
        known = set() if other is None else {ind.X[0].key() for ind in other}
        for k, ind in enumerate(pop):
            key = ind.X[0].key()
            if key in known:
                is_duplicate[k] = True
            if other is None:
                known.add(key)
        return is_duplicate


class Breeding:
    """Generations of layouts: ``ask`` for children, ``tell`` what they are worth."""

    def __init__(self, problem: Problem, founders: Sequence[Scheme], *, children: int, seed: int):
        self.problem, self.goals = problem, problem.goals
        self._algorithm = NSGA2(
            pop_size=max(len(founders), children),
            n_offsprings=children,
            sampling=_column(founders),
            crossover=_Cross(problem),
            mutation=_Change(problem),
            eliminate_duplicates=_Same(),
        )
        blank = PymooProblem(n_var=1, n_obj=1 + len(CRITERIA), n_ieq_constr=1, vtype=object)
        self._algorithm.setup(blank, termination=NoTermination(), seed=seed)
        self._asked: Any = None

    def ask(self) -> list[Scheme]:
        """The next children (the founders the first time); empty when nothing new can be bred."""
        self._asked = self._algorithm.infill()
        return [] if self._asked is None else [ind.X[0] for ind in self._asked]

    def tell(
        self, values: Sequence[Mapping[str, float | None]], *, others: Sequence[tuple[Scheme, Any]] = ()
    ) -> None:
        """Values of the children asked for, in order; ``others``: layouts found elsewhere, with their values."""
        pop = self._asked
        rows = list(values)
        if others:
            pop = Population.merge(pop, Population.new("X", _column([s for s, _ in others])))
            rows += [v for _, v in others]
        for individual, row in zip(pop, rows, strict=True):
            individual.F = np.array(costs(self.goals, row))
            individual.G = np.array([self.goals.violation(row) if row else WORST])
            individual.H = np.zeros(0)
            individual.evaluated.update(("F", "G", "H"))
        self._algorithm.advance(infills=pop)


def _column(schemes: Sequence[Scheme]) -> np.ndarray:
    out = np.empty((len(schemes), 1), dtype=object)
    for k, scheme in enumerate(schemes):
        out[k, 0] = scheme
    return out
