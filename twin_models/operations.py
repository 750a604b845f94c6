"""Building and running a field as a sequence of events: rigs, crews, permits, failing pumps, spares, surprises.

What is discrete and scarce, not heat: a SimPy model whose only product is when each doublet runs.

    permit -> rig: injector, producer (lognormal time, some side-tracked) -> hook-up by a crew -> runs
    runs -> pump fails (Weibull, shape 1.5) -> spare (or its delivery) -> crew repairs -> runs
    running is interrupted for the backflush of the injector after each interval (not in the log)

Every doublet and purpose draws from a stream of its own (``SeedSequence.spawn``), so that a surprise changes what it
causes and nothing else: two campaigns of one seed may be compared event by event. Times are days from the start;
default times are assumptions of this project.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import simpy

from twin_models.errors import Fault, InputError
from twin_models.types import DAYS_PER_YEAR

ShockKind = Literal["rig_late", "permit_hold", "pump_fails", "price", "demand"]
SHOCKS: tuple[str, ...] = ("rig_late", "permit_hold", "pump_fails", "price", "demand")
PRICES = ("gas", "electricity", "heat")


@dataclass(frozen=True)
class Campaign:
    """What is to be built and with what. ``existing``: doublets that run from day 0, the first ones.

    Drilling a well: lognormal with ``drill_days`` as median and ``drill_spread`` as standard deviation of the logarithm;
    ``sidetrack_pct`` of the wells take ``sidetrack_days`` (least, most) longer. Pumps: mean life ``pump_years``.
    ``spares``: in store; each one used is ordered again and comes after ``spare_days``.
    """

    doublets: int = 1
    existing: int = 0
    years: float = 30.0
    rigs: int = 1
    crews: int = 1
    spares: int = 1
    permit_days: float = 0.0
    drill_days: float = 70.0
    drill_spread: float = 0.25
    sidetrack_pct: float = 8.0
    sidetrack_days: tuple[float, float] = (15.0, 40.0)
    hookup_days: float = 30.0
    pump_years: float = 3.0
    pump_shape: float = 1.5
    spare_days: float = 90.0
    repair_days: tuple[float, float] = (21.0, 5.0)
    backflush_every_days: float = 180.0
    backflush_days: float = 1.0


_LIMITS: dict[str, tuple[float, float]] = {
    "doublets": (1, 200),
    "years": (1, 100),
    "rigs": (1, 50),
    "crews": (1, 50),
    "spares": (0, 200),
    "permit_days": (0, 3650),
    "drill_days": (1, 1000),
    "drill_spread": (0, 2),
    "sidetrack_pct": (0, 100),
    "hookup_days": (0, 1000),
    "pump_years": (0.1, 100),
    "pump_shape": (0.5, 10),
    "spare_days": (0, 3650),
    "backflush_every_days": (1, 36525),
    "backflush_days": (0, 60),
}


@dataclass(frozen=True)
class Shock:
    """A surprise. ``rig_late``: every rig is away for ``days`` from ``day``; ``permit_hold``: no well is begun;
    ``pump_fails``: that of ``doublet``; ``price`` of ``what`` or ``demand``: times ``factor`` for ``days``."""

    kind: ShockKind
    day: float
    days: float = 0.0
    doublet: int = 0
    what: str = ""
    factor: float = 1.0


@dataclass(frozen=True)
class Happening:
    """A line of the log: something at ``doublet`` (-1: the field) from ``day`` to ``until``."""

    day: float
    until: float
    what: str
    doublet: int


@dataclass(frozen=True)
class Operation:
    """How a campaign went. ``availability``: (doublets, years) share of each year in which a doublet runs.

    ``factors``: price of gas, electricity and heat, and demand, (years,) times the usual. ``first_heat_day`` is
    infinite when no doublet runs within the years.
    """

    availability: np.ndarray
    log: tuple[Happening, ...]
    factors: dict[str, np.ndarray]
    first_heat_day: float
    built_day: np.ndarray
    pump_changes: int
    rig_idle_days: float


def operate(
    campaign: Campaign, *, seed: int = 0, realisation: int = 0, shocks: Sequence[Shock] = ()
) -> Operation:
    """Run a campaign once. Equal seed and realisation give equal luck, whatever the shocks."""
    check(campaign, shocks)
    return _Field(campaign, np.random.SeedSequence([seed, realisation]), shocks).run()


def availability_of(
    campaign: Campaign, *, seed: int = 0, realisations: int = 20, shocks: Sequence[Shock] = ()
) -> np.ndarray:
    """Mean availability over so many realisations, (doublets, years)."""
    runs = [
        operate(campaign, seed=seed, realisation=i, shocks=shocks).availability for i in range(realisations)
    ]
    return np.mean(runs, axis=0)


def check(campaign: Campaign, shocks: Sequence[Shock] = ()) -> None:
    """Raise ``InputError`` naming every setting out of its limits."""
    faults = []
    for name, (low, high) in _LIMITS.items():
        value = getattr(campaign, name)
        if not (math.isfinite(value) and low <= value <= high):
            faults.append(
                Fault(f"campaign.{name}", "range", f"must be between {low:g} and {high:g}, got {value:g}", {})
            )
    if not 0 <= campaign.existing <= campaign.doublets:
        faults.append(
            Fault(
                "campaign.existing", "range", f"must be between 0 and doublets, got {campaign.existing}", {}
            )
        )
    for i, shock in enumerate(shocks):
        at = f"shocks[{i}]"
        if shock.kind not in SHOCKS:
            faults.append(Fault(f"{at}.kind", "unknown", f"must be one of {', '.join(SHOCKS)}", {}))
        if shock.kind == "price" and shock.what not in PRICES:
            faults.append(Fault(f"{at}.what", "unknown", f"must be one of {', '.join(PRICES)}", {}))
        if shock.kind == "pump_fails" and not 0 <= shock.doublet < campaign.doublets:
            faults.append(
                Fault(f"{at}.doublet", "range", f"must be below {campaign.doublets}, got {shock.doublet}", {})
            )
        if not (shock.day >= 0.0 and shock.days >= 0.0 and shock.factor >= 0.0):
            faults.append(Fault(at, "range", "day, days and factor must not be negative", {}))
    if faults:
        raise InputError(faults)


Process = Generator[Any, Any, None]


def _inside(spells: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Length of spells (n, 2) within each interval of ``edges``."""
    stop, start = np.minimum(spells[:, 1:], edges[None, 1:]), np.maximum(spells[:, :1], edges[None, :-1])
    return np.asarray(np.maximum(stop - start, 0.0).sum(axis=0))


@dataclass
class _Luck:
    """Streams of one doublet, one per purpose."""

    drilling: np.random.Generator
    pump: np.random.Generator
    repair: np.random.Generator


class _Field:
    """The running model. Never kept: one object, one run."""

    def __init__(self, campaign: Campaign, seed: np.random.SeedSequence, shocks: Sequence[Shock]) -> None:
        self.c, self.shocks = campaign, shocks
        self.env = simpy.Environment()
        self.rigs = simpy.PriorityResource(self.env, campaign.rigs)
        self.crews = simpy.Resource(self.env, campaign.crews)
        self.spares = simpy.Container(self.env, init=campaign.spares)
        self.end = campaign.years * DAYS_PER_YEAR
        self.luck = [
            _Luck(*(np.random.default_rng(child) for child in part.spawn(3)))
            for part in seed.spawn(campaign.doublets)
        ]
        self.log: list[Happening] = []
        self.up: list[list[tuple[float, float]]] = [[] for _ in range(campaign.doublets)]
        self.built = np.full(campaign.doublets, np.inf)
        self.break_now = [self.env.event() for _ in range(campaign.doublets)]
        self.changes = 0
        self.drilled: list[tuple[float, float]] = []

    def run(self) -> Operation:
        for shock in self.shocks:
            if shock.kind == "rig_late":
                for _ in range(self.c.rigs):
                    self.env.process(self._rig_away(shock))
            elif shock.kind == "pump_fails":
                self.env.process(self._pump_broken(shock))
        for i in range(self.c.doublets):
            self.env.process(self._doublet(i))
        self.env.run(until=self.end)
        return self._result()

    # --- what happens ---

    def _note(self, start: float, what: str, doublet: int) -> None:
        self.log.append(Happening(start, min(self.env.now, self.end), what, doublet))

    def _rig_away(self, shock: Shock) -> Process:
        yield self.env.timeout(shock.day)
        with self.rigs.request(priority=-1) as rig:
            yield rig
            start = self.env.now
            left = shock.day + shock.days - start
            if left > 0.0:
                yield self.env.timeout(left)
                self._note(start, "rig_late", -1)

    def _pump_broken(self, shock: Shock) -> Process:
        yield self.env.timeout(shock.day)
        if not self.break_now[shock.doublet].triggered:
            self.break_now[shock.doublet].succeed()

    def _held_until(self, now: float) -> float:
        """End of the permit holds in force."""
        ends = [
            s.day + s.days for s in self.shocks if s.kind == "permit_hold" and s.day <= now < s.day + s.days
        ]
        return max(ends, default=now)

    def _drilling_days(self, luck: _Luck) -> float:
        days = float(self.c.drill_days * np.exp(self.c.drill_spread * luck.drilling.standard_normal()))
        astray, extra = luck.drilling.random(2)
        low, high = self.c.sidetrack_days
        return days + (low + (high - low) * float(extra)) * float(astray < self.c.sidetrack_pct / 100.0)

    def _doublet(self, i: int) -> Process:
        if i >= self.c.existing:
            yield self.env.timeout(self.c.permit_days)
            for what in ("drill_injector", "drill_producer"):
                days = self._drilling_days(self.luck[i])
                with self.rigs.request(priority=i) as rig:
                    yield rig
                    while self._held_until(self.env.now) > self.env.now:
                        start = self.env.now
                        yield self.env.timeout(self._held_until(start) - start)
                        self._note(start, "permit_hold", i)
                    start = self.env.now
                    yield self.env.timeout(days)
                    self.drilled.append((start, self.env.now))
                    self._note(start, what, i)
            with self.crews.request() as crew:
                yield crew
                start = self.env.now
                yield self.env.timeout(self.c.hookup_days)
                self._note(start, "hook_up", i)
        self.built[i] = self.env.now
        yield from self._life(i)

    def _life(self, i: int) -> Process:
        scale = self.c.pump_years * DAYS_PER_YEAR / math.gamma(1.0 + 1.0 / self.c.pump_shape)
        luck = self.luck[i]
        while True:
            start = self.env.now
            if self.break_now[i].triggered:
                self.break_now[i] = self.env.event()
            self.up[i].append((start, self.end))
            life = float(scale * luck.pump.weibull(self.c.pump_shape))
            yield self.env.timeout(life) | self.break_now[i]
            self.up[i][-1] = (start, self.env.now)
            yield from self._repair(i, luck)

    def _repair(self, i: int, luck: _Luck) -> Process:
        start = self.env.now
        mean, spread = self.c.repair_days
        days = max(1.0, float(mean + spread * luck.repair.standard_normal()))
        self.env.process(self._order())
        yield self.spares.get(1)
        with self.crews.request() as crew:
            yield crew
            yield self.env.timeout(days)
        self.changes += 1
        self._note(start, "pump_change", i)

    def _order(self) -> Process:
        yield self.env.timeout(self.c.spare_days)
        yield self.spares.put(1)

    # --- what came of it ---

    def _running(self, spells: list[tuple[float, float]]) -> np.ndarray:
        """Spells (n, 2) without the pauses for backflush: one after each interval of running."""
        every, pause = self.c.backflush_every_days, self.c.backflush_days
        found = []
        for start, stop in spells:
            starts = np.arange(start, stop, every + pause)
            found.append(np.column_stack((starts, np.minimum(starts + every, stop))))
        return np.concatenate(found) if found else np.zeros((0, 2))

    def _result(self) -> Operation:
        whole = math.ceil(self.c.years - 1e-9)
        edges = np.minimum(np.arange(whole + 1) * DAYS_PER_YEAR, self.end)
        share = np.zeros((self.c.doublets, whole))
        for i, spells in enumerate(self.up):
            share[i] = _inside(self._running(spells), edges)
        factors = {key: np.ones(whole) for key in (*PRICES, "demand")}
        lengths = np.diff(edges)
        for shock in self.shocks:
            if shock.kind in ("price", "demand"):
                key = shock.what if shock.kind == "price" else "demand"
                part = _inside(np.array([[shock.day, shock.day + shock.days]]), edges)
                factors[key] *= 1.0 + (shock.factor - 1.0) * part / lengths
        busy = sum(stop - start for start, stop in self.drilled)
        last = max((stop for _, stop in self.drilled), default=0.0)
        return Operation(
            availability=share / lengths,
            log=tuple(sorted(self.log, key=lambda h: (h.day, h.doublet))),
            factors=factors,
            first_heat_day=float(self.built.min()),
            built_day=self.built,
            pump_changes=self.changes,
            rig_idle_days=self.c.rigs * last - busy,
        )
