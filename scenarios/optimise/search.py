"""The search: small steps round the best layout, value carpets for its wells, and a population beside them.

Three ways to propose take turns, each evaluated in batches of a fixed size, so that the result does not
depend on how many workers answer: *steps* (rates, roles, number of wells; those that helped are tried more
often), *carpets* (a well is set to the best of 49 places round it) and *breeding* (NSGA-II over the goal and
the criteria of the Pareto set). The predictor is corrected by simulations on the way; which layout is offered
is decided by simulations alone (``propose``).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from scenarios.optimise.moves import MOVES, pattern
from scenarios.optimise.population import Breeding, changed
from scenarios.optimise.predict import (
    Batch,
    Confirmed,
    Estimated,
    Values,
    carpet,
    confirm,
    estimates,
    learnt,
)
from scenarios.optimise.problem import Problem, implied_limits
from scenarios.scheme import Scheme
from twin_models.errors import Fault, InputError

BATCH = 12
TOGETHER = (
    6  # estimated in one task: two workers share a batch, and results do not depend on how many there are
)
FOUNDERS = 12
CARPET_WELLS = 2  # at a time
CARPET_SIDE = 7
CARPET_HALF_M, CARPET_LEAST_M = 900.0, 60.0
IDLE_TURNS = 24  # without a single layout that is new: the space is searched through
AUDITED = 3  # simulated in the middle of a search, to correct the predictor
AUDIT_FROM = 200  # evaluations below which the middle audit is left out

Tell = Callable[["Step"], None]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A layout with its estimated KPIs. ``origin``: which way of proposing found it."""

    scheme: Scheme
    values: Values
    origin: str


@dataclass(frozen=True, eq=False)
class Step:
    """An improvement while the search runs: ``better`` than ``before``; both estimates."""

    number: int
    evaluations: int
    elapsed_s: float
    before: Candidate
    better: Candidate


@dataclass(eq=False)
class Search:
    """One run. ``budget``: evaluations, simulations included. ``seconds``: a limit of time beside it, which
    makes results depend on the machine. ``reserve``: evaluations kept for the confirmation afterwards."""

    problem: Problem
    batch: Batch
    budget: int
    seed: int
    reserve: int = 0
    seconds: float | None = None
    tell: Tell | None = None
    cancel: Callable[[], bool] | None = None
    evaluations: int = 0
    simulations: int = 0
    failed: int = 0
    stopped: str = "budget"
    archive: dict[str, Candidate] = field(default_factory=dict)
    simulated: dict[str, Confirmed] = field(default_factory=dict)
    start: Candidate | None = None

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.began = time.monotonic()
        self.model = learnt(Confirmed({}, {}, None, None))
        self.best: Candidate | None = None
        self._weights = dict.fromkeys(MOVES, 1.0)
        self._halves: dict[str, float] = {}
        self._turns: dict[str, int] = {}
        self._told = 0

    # --- one run ------------------------------------------------------------------------------

    def run(self) -> None:
        """Search until the budget is spent, the time is up, or ``cancel`` says so."""
        self._begin()
        breeding = Breeding(
            self.problem, self._founders(), children=BATCH, seed=int(self.rng.integers(2**31))
        )
        audited = self.budget < AUDIT_FROM
        ways: tuple[Callable[[], None], ...] = (
            self._steps,
            self._carpets,
            self._steps,
            lambda: self._breed(breeding),
        )
        turn = idle = 0
        while not self._over():
            before = self.evaluations
            ways[turn % len(ways)]()
            turn += 1
            if not audited and self.evaluations > 0.5 * self.budget:
                audited = True
                self._audit()
            idle = idle + 1 if self.evaluations == before else 0
            if idle > IDLE_TURNS:
                self.stopped = "exhausted"
                break

    def left(self) -> int:
        return max(self.budget - self.reserve - self.evaluations, 0)

    def _over(self) -> bool:
        if self.cancel is not None and self.cancel():
            self.stopped = "cancelled"
        elif self.seconds is not None and time.monotonic() - self.began > self.seconds:
            self.stopped = "time"
        elif self.left() > 0:
            return False
        return True

    def _stop(self) -> bool:
        late = self.seconds is not None and time.monotonic() - self.began > self.seconds
        return late or (self.cancel is not None and self.cancel())

    def _begin(self) -> None:
        """Evaluate and simulate the start, set the limits that go without saying, and correct the predictor."""
        if self.problem.from_nothing:
            return
        start = self.problem.start
        [found] = self.simulate([start])
        if found.fault:
            raise InputError(Fault("scheme", "unsolved", found.fault))
        self.model = learnt(found)
        self._with_implied(found.values)
        self._accept([start], "start")
        self.start = self.archive.get(start.key())

    def _with_implied(self, values: Values) -> None:
        goals = self.problem.goals
        limits = (*goals.limits, *implied_limits(self.problem, values))
        self.problem = replace(self.problem, goals=replace(goals, limits=limits))

    def _founders(self) -> list[Scheme]:
        problem, rng = self.problem, self.rng
        if not problem.from_nothing:
            start = problem.start
            return [start, *(changed(problem, start, rng, most=4) for _ in range(FOUNDERS - 1))]
        found = []
        counts = np.unique(np.linspace(1, problem.doublets, 4).round().astype(int))[::-1]
        for spacing in (500.0, 700.0, 400.0):
            found += [pattern(problem, int(n), spacing, turn=0.3 * k) for k, n in enumerate(counts)]
        layouts = [s for s in found if s is not None]
        if not layouts:
            raise InputError(
                Fault(
                    "doublets",
                    "impossible",
                    "the layout rules and keep-out areas leave no room for a single pattern of wells",
                    {"text_zh": "布井规则与禁布区没有留下任何可布井的位置"},
                )
            )
        self._accept(layouts, "pattern")
        if self.best is not None:
            self.start = self.best
            [found_best] = self.simulate([self.best.scheme])
            self.model = learnt(found_best)
            self._with_implied({})
        return layouts

    # --- evaluating ---------------------------------------------------------------------------

    def estimated(self, schemes: Sequence[Scheme]) -> list[Values]:
        """KPIs of layouts, each new one evaluated once; empty for one without an answer or left undone."""
        new = list({s.key(): s for s in schemes if s.key() not in self.archive}.values())[: self.left()]
        parts = [tuple(new[k : k + TOGETHER]) for k in range(0, len(new), TOGETHER)]
        found = self.batch.map(estimates, [(self.model, part) for part in parts], cancel=self._stop)
        answers = [
            answer
            for part, made in zip(parts, found, strict=True)
            for answer in (made if isinstance(made, list) else [made] * len(part))
        ]
        fresh: dict[str, Values] = {}
        for scheme, answer in zip(new, answers, strict=True):
            if answer is None:
                continue
            self.evaluations += 1
            if isinstance(answer, Estimated) and answer.values:
                fresh[scheme.key()] = answer.values
            else:
                self.failed += 1
        return [self._known(s, fresh) for s in schemes]

    def _known(self, scheme: Scheme, fresh: Mapping[str, Values]) -> Values:
        known = self.archive.get(scheme.key())
        return known.values if known is not None else fresh.get(scheme.key(), {})

    def simulate(self, schemes: Sequence[Scheme]) -> list[Confirmed]:
        """Simulated KPIs with bands; remembered."""
        new = list({s.key(): s for s in schemes if s.key() not in self.simulated}.values())
        answers = self.batch.map(confirm, [(s, True) for s in new])
        for scheme, answer in zip(new, answers, strict=True):
            self.evaluations += 1
            self.simulations += 1
            if not isinstance(answer, Confirmed):
                answer = Confirmed({}, {}, None, None, str(answer))
            self.failed += bool(answer.fault)
            self.simulated[scheme.key()] = answer
        return [self.simulated[s.key()] for s in schemes]

    def _accept(self, schemes: Sequence[Scheme], origin: str) -> list[Values]:
        """Evaluate layouts, keep them, and tell when one of them is better than the best so far."""
        found = self.estimated(schemes)
        before = self.best
        for scheme, values in zip(schemes, found, strict=True):
            if not values or scheme.key() in self.archive:
                continue
            candidate = Candidate(scheme, values, origin)
            self.archive[scheme.key()] = candidate
            if self.best is None or self._key(values) < self._key(self.best.values):
                self.best = candidate
        if self.best is not None and self.best is not before:
            self._report(before, self.best)
        return found

    def _key(self, values: Values) -> tuple[float, float]:
        return self.problem.goals.rank_key(values)

    def _report(self, before: Candidate | None, better: Candidate) -> None:
        if before is None or self.tell is None or self.start is None:
            return
        self._told += 1
        self.tell(Step(self._told, self.evaluations, time.monotonic() - self.began, before, better))

    # --- ways to propose ----------------------------------------------------------------------

    def _steps(self) -> None:
        """One random step each from the best layout; a kind of step that helped is drawn more often."""
        assert self.best is not None
        base, names = self.best, list(MOVES)
        odds = np.array([self._weights[n] for n in names])
        drawn = self.rng.choice(len(names), size=2 * BATCH, p=odds / odds.sum())
        proposals: list[tuple[str, Scheme]] = []
        for k in drawn:
            scheme = MOVES[names[k]](self.problem, base.scheme, self.rng)
            if scheme is not None:
                proposals.append((names[k], scheme))
            else:
                self._weights[names[k]] = max(0.9 * self._weights[names[k]], 0.1)
            if len(proposals) == BATCH:
                break
        found = self._accept([s for _, s in proposals], "step")
        gains = [
            (name, self._key(v) < self._key(base.values))
            for (name, _), v in zip(proposals, found, strict=True)
            if v
        ]
        for name, helped in gains:
            weight = self._weights[name] * (1.6 if helped else 0.95)
            self._weights[name] = min(max(weight, 0.15), 8.0)
        better = [
            s
            for (_, s), v in zip(proposals, found, strict=True)
            if v and self._key(v) < self._key(base.values)
        ]
        if len(better) > 1:  # steps that help one by one often help together
            self._accept(self._together(base.scheme, better), "step")

    def _together(self, base: Scheme, better: Sequence[Scheme]) -> list[Scheme]:
        """The base with the changes of several better layouts at once, pair by pair."""
        old = {w.name: w for w in base.wells}
        out = []
        for a, b in itertools.pairwise(better):
            wells = {w.name: w for w in a.wells}
            for well in b.wells:
                if well != old.get(well.name) and (well.name in wells or well.name not in old):
                    wells[well.name] = well
            for name in old:
                if all(w.name != name for w in b.wells):
                    wells.pop(name, None)
            joined = self.problem.balanced(replace(base, wells=tuple(wells.values())))
            if all(self.problem.allowed(joined, n) for n in wells if wells[n] != old.get(n)):
                out.append(joined)
        return out[:BATCH]

    def _carpets(self) -> None:
        """Set the wells whose turn it is to the best place round them."""
        assert self.best is not None
        base = self.best.scheme
        wells = [w for w in base.wells if self.problem.may_move(w) and w.rate_m3_h > 0.0]
        order = self.rng.permutation(len(wells))
        chosen = sorted(
            (self._turns.get(wells[k].name, 0), int(i), wells[k].name) for i, k in enumerate(order)
        )
        names = [name for _, _, name in chosen[:CARPET_WELLS]]
        rasters = [self._raster(base, name) for name in names]
        counts = [len(r) for r in rasters]
        if not sum(counts) or self.left() < sum(counts) + len(names) + 1:
            return
        tasks = [(self.model, base, n, tuple(r)) for n, r in zip(names, rasters, strict=True) if r]
        answers = self.batch.map(carpet, tasks, cancel=self._stop)
        tips = []
        for (_, _, name, variants), values in zip(tasks, answers, strict=True):
            if isinstance(values, list):
                self.evaluations += len(values)
                tips += self._tip(name, variants, values)
        if len(tips) == 2:
            tips += self._together(base, tips)
        self._accept(tips, "carpet")

    def _raster(self, base: Scheme, name: str) -> list[Scheme]:
        well = base.well(name)
        self._turns[name] = self._turns.get(name, 0) + 1
        half = self._halves.setdefault(name, min(CARPET_HALF_M, 0.2 * min(base.ground().extent_m)))
        ticks = np.linspace(-half, half, CARPET_SIDE)
        places = [(well.x_m + dx, well.y_m + dy) for dy in ticks.tolist() for dx in ticks.tolist()]
        found = (self.problem.legal_place(base, name, p) for p in places)
        return list({s.key(): s for s in found if s is not None and s.key() != base.key()}.values())

    def _tip(self, name: str, variants: Sequence[Scheme], values: Sequence[Values]) -> list[Scheme]:
        """The best place of a carpet; a well with none better looks closer round itself the next time."""
        assert self.best is not None
        ranked = sorted((self._key(v), i) for i, v in enumerate(values) if v)
        if ranked and ranked[0][0] < self._key(self.best.values):
            return [variants[ranked[0][1]]]
        self._halves[name] = max(0.5 * self._halves[name], CARPET_LEAST_M)
        return []

    def _breed(self, breeding: Breeding) -> None:
        children = breeding.ask()
        if not children:
            return
        values = self._accept(children, "breeding")
        others = [(self.best.scheme, self.best.values)] if self.best is not None else []
        breeding.tell(values, others=others)

    # --- what simulations say -----------------------------------------------------------------

    def _audit(self) -> None:
        """Simulate the best few; correct the predictor by the best of them and look at the leaders again."""
        leaders = self.leaders(AUDITED)
        found = self.simulate([c.scheme for c in leaders])
        known = [(self._key(f.values), i) for i, f in enumerate(found) if f.values]
        if not known:
            return
        self.model = learnt(found[min(known)[1]])
        again = self.leaders(2 * BATCH)
        for candidate in again:
            self.archive.pop(candidate.scheme.key(), None)
        self.best = None
        values = self.estimated([c.scheme for c in again])
        for candidate, now in zip(again, values, strict=True):
            kept = replace(candidate, values=now) if now else candidate
            self.archive[candidate.scheme.key()] = kept
            if self.best is None or self._key(kept.values) < self._key(self.best.values):
                self.best = kept

    def leaders(self, count: int) -> list[Candidate]:
        """The best layouts by estimate, best first; equal ones in the order they were found."""
        return sorted(self.archive.values(), key=lambda c: self._key(c.values))[:count]
