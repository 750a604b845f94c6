"""A search for better layouts beside a session: a thread of its own, and what the page shows of it.

The thread computes nothing while a hand drags, so that estimates keep following the hand, and ends within one
evaluation of being told to. What it finds goes out through ``tell``; nothing here touches page state.
"""

from __future__ import annotations

import math
import threading
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scenarios import optimise
from scenarios.optimise import doublets, pareto, portfolios
from scenarios.optimise.ghosts import ghosts
from scenarios.optimise.predict import Confirmed, estimate
from scenarios.optimise.predict import learnt as predictor
from scenarios.scheme import Scheme
from twin_models.base import Cancelled
from twin_models.errors import InputError

BUDGET, SECONDS = 400, 40.0
GROUPS_EXPLAINED = 24
NAP_S = 0.02
PACE_S = 0.4  # between messages; what each group gains is looked up in a sixth of the time at most


@dataclass(frozen=True)
class Found:
    """A layout worth showing. ``gains``: what the objective loses when one group alone is taken back; ``whys``: what
    other KPIs lose or win by that."""

    scheme: Scheme
    values: dict[str, float | None]
    before: dict[str, float | None]
    feasible: bool
    state: str = "estimate"
    estimated: float | None = None
    gains: dict[tuple[str, ...], float] = field(default_factory=dict)
    whys: dict[tuple[str, ...], dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class News:
    """What the thread says. ``found``: best first (one while searching; the confirmed ones at the end).

    ``points``: the Pareto set; ``curve``: the best layout for each number of producers, once simulated.
    """

    phase: str  # searching, stopping, done, stopped, failed
    evaluations: int = 0
    elapsed_s: float = 0.0
    found: tuple[Found, ...] = ()
    conflicts: tuple[dict[str, str], ...] = ()
    simulations: int = 0
    error: InputError | None = None
    points: tuple[pareto.Point, ...] = ()
    curve: tuple[doublets.Point, ...] = ()


class Polite:
    """A batch in this thread, one item after the other, that stands aside for the hand and ends at once."""

    def __init__(self, stop: threading.Event, held: Callable[[], bool], count: Callable[[int], None]):
        self._stop, self._held, self._count = stop, held, count

    def map(
        self, fn: Callable[[Any], Any], items: Sequence[Any], *, cancel: Callable[[], bool] | None = None
    ) -> list[Any]:
        out: list[Any] = []
        for item in items:
            while self._held() and not self._stop.is_set():
                time.sleep(NAP_S)
            if self._stop.is_set():
                raise Cancelled
            out.append(None if cancel is not None and cancel() else fn(item))
            self._count(1)
            time.sleep(0)  # the event loop may have been waiting for the interpreter
        return out


class Search:
    """One run in a thread; ``stop`` ends it, ``tell`` hears of it (called in the thread)."""

    def __init__(
        self,
        problem: optimise.Problem,
        held: Callable[[], bool],
        tell: Callable[[News], None],
        *,
        wishes: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    ):
        self.problem = problem
        self.wishes = wishes  # uses wanted, uses excluded
        self.uses: portfolios.Portfolio | None = None
        self._stop = threading.Event()
        self._tell = tell
        self._batch = Polite(self._stop, held, self._counted)
        self._model = predictor(Confirmed({}, {}, None, None))
        self._before: dict[str, float | None] = {}
        self._best: Found | None = None
        self._evaluations = 0
        self._began = self._explained = self._said = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="suggest", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    # --- in the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._choose_uses()
            found = optimise.suggest(
                self.problem,
                batch=self._batch,
                budget=BUDGET,
                seconds=SECONDS,
                tell=self._improved,
                cancel=self._stop.is_set,
            )
            if found.stopped == "cancelled":
                raise Cancelled
            self._confirmed(found)
        except Cancelled:
            self._explain()
            self._say("stopped")
        except InputError as error:
            self._say("failed", error=error)
        except Exception:
            traceback.print_exc()
            self._say("failed")

    def _choose_uses(self) -> None:
        """With uses wanted or excluded: the best portfolio by estimate is what wells are then sought for."""
        if not any(self.wishes):
            return
        problem, wanted = self.problem, set(self.wishes[0])
        banned = set(self.wishes[1])
        made = [
            p
            for p in portfolios.candidates(problem.start, *self.wishes)
            if not p.is_own or (wanted <= set(p.uses) and not banned & set(p.uses))
        ]
        values = [a.values for a in self._batch.map(estimate, [(self._model, p.scheme) for p in made])]
        ranked = sorted((problem.goals.rank_key(v), i) for i, v in enumerate(values) if v)
        if not ranked:
            return
        best = made[ranked[0][1]]
        if not best.is_own:
            self.uses = best
            self.problem = replace(problem, start=best.scheme)

    def _say(self, phase: str, **more: Any) -> None:
        self._said = time.monotonic()
        found = more.pop("found", () if self._best is None else (self._best,))
        self._tell(News(phase, self._evaluations, self._said - self._began, found, **more))

    def _counted(self, n: int) -> None:
        self._evaluations += n
        if time.monotonic() - self._said > PACE_S:
            self._explain(hurry=True)
            self._say("searching")

    def _improved(self, event: dict[str, Any]) -> None:
        self._evaluations = event["evaluations"]
        gains = event["step"]["gains"]
        values = {key: row["value"] for key, row in gains.items()}
        if not self._before:
            self._before = {
                key: None if row["step"] is None else row["value"] - row["step"] for key, row in gains.items()
            }
        self._best = Found(event["scheme"], values, self._before, event["feasible"])
        self._explain(hurry=True)
        self._say("searching")

    def _explain(self, *, hurry: bool = False) -> None:
        """Look up what each group of the best layout gains, unless that is known (or has just taken its time)."""
        now = time.monotonic()
        if self._best is None or self._best.gains or (hurry and now < self._explained):
            return
        gains, whys = self._shares(self._best.scheme)
        self._best = replace(self._best, gains=gains, whys=whys)
        took = time.monotonic() - now
        self._explained = now + took + max(PACE_S, 5.0 * took)

    def _confirmed(self, found: optimise.Suggestion) -> None:
        """Simulated offers that beat the start, each with what its groups gain."""
        key = found.goals.objective.key
        offers = []
        for offer in (o for o in found.offers if not o.is_start):
            gains, whys = self._shares(offer.scheme)
            offers.append(
                Found(
                    offer.scheme,
                    dict(offer.values),
                    dict(found.start.values),
                    found.goals.violation(offer.values) == 0.0,
                    "simulated",
                    None if offer.estimated is None else offer.estimated.get(key),
                    gains,
                    whys,
                )
            )
        self._evaluations = found.evaluations
        end: dict[str, Any] = {
            "found": tuple(offers),
            "conflicts": tuple(c["text"] for c in found.conflicts),
            "simulations": found.simulations,
            "points": tuple(pareto.points_of(found)),
        }
        self._say("done", **end)
        if not self._stop.is_set():
            end["curve"] = tuple(doublets.points_of(found, batch=self._batch))
            self._evaluations = found.evaluations
            self._say("done", **end)

    def _shares(
        self, best: Scheme
    ) -> tuple[dict[tuple[str, ...], float], dict[tuple[str, ...], dict[str, float]]]:
        """For each group of changes, the estimate with it less the estimate without it: objective and others."""
        problem, merit = self.problem, self.problem.goals.objective.merit
        groups = group_names(ghosts(problem.start, best))
        if problem.from_nothing or len(groups) > GROUPS_EXPLAINED:
            return {}, {}
        whole = estimate((self._model, best)).values
        gains: dict[tuple[str, ...], float] = {}
        whys: dict[tuple[str, ...], dict[str, float]] = {}
        for group in groups:
            rest = estimate((self._model, without(problem, best, group))).values
            lost = merit(whole) - merit(rest)
            if math.isfinite(lost):
                gains[group] = lost
                whys[group] = reasons(problem.goals.objective.key, whole, rest)
        return gains, whys


# What may explain a change, and the least step of it that is worth a word: a part of its size, or so much.
PLAIN = 0.003
REASONS: dict[str, float | None] = {
    "annual_heat_gj": None,
    "capex_cny": None,
    "opex_cny_per_year": None,
    "demand_met_pct": None,
    "temperature_decline_k": 0.05,
    "max_drawdown_bar": 0.2,
    "max_injection_pressure_bar": 0.2,
}
SOLD_AND_PAID = ("annual_heat_gj", "capex_cny", "opex_cny_per_year")  # of these money is made
MONEY = ("npv_cny", "lcoh_cny_per_gj", "irr_pct", "payback_years", "discounted_payback_years")
MOST_REASONS = 3


def reasons(
    objective: str, whole: dict[str, float | None], rest: dict[str, float | None]
) -> dict[str, float]:
    """The KPIs that a group of changes moves most for its size: what is with it less what is without.

    For an objective of money what is sold and paid comes first, whatever moves more.
    """
    found = []
    for key, least in REASONS.items():
        new, old = whole.get(key), rest.get(key)
        if key == objective or new is None or old is None:
            continue
        size = max(abs(old), abs(new), 1e-9)
        if abs(new - old) > (PLAIN * size if least is None else least):
            first = objective in MONEY and key in SOLD_AND_PAID
            found.append((first, abs(new - old) / size, key, new - old))
    found.sort(reverse=True)
    return {key: step for *_, key, step in found[:MOST_REASONS]}


def group_names(rows: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The groups of ghost rows, each once, in the order of the rows."""
    return list(dict.fromkeys(tuple(sorted(r["group"])) for r in rows))


def without(problem: optimise.Problem, best: Scheme, group: Collection[str]) -> Scheme:
    """A layout with some wells as they were in the start."""
    old = {w.name: w for w in problem.start.wells}
    kept = [old.get(w.name) if w.name in group else w for w in best.wells]
    named = {w.name for w in best.wells}
    gone = [w for w in problem.start.wells if w.name in group and w.name not in named]
    return problem.balanced(replace(best, wells=tuple(w for w in (*kept, *gone) if w is not None)))


def rows_left(start: Scheme, now: Scheme, proposal: Scheme) -> list[dict[str, Any]]:
    """Ghosts that the scheme of now does not have yet, of the wells that the proposal changes."""
    proposed = {r["name"] for r in ghosts(start, proposal)}
    rows = [r for r in ghosts(now, proposal) if r["name"] in proposed]
    left = {r["name"] for r in rows}
    return [r | {"group": [n for n in r["group"] if n in left]} for r in rows]
