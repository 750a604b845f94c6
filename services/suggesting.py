"""``suggest`` as a job of the API: input checked at once, progress while it runs, cancelled within one batch."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from scenarios import optimise
from scenarios.optimise.propose import LEAST_BUDGET, MOST_BUDGET, USUAL_BUDGET
from scenarios.scheme import read_scheme
from services.engine import Engine
from twin_models.base import Cancelled
from twin_models.errors import Fault, InputError
from twin_models.reading import Reader

KEYS = (
    "kind",
    "scheme",
    "objective",
    "minimise",
    "constraints",
    "budget",
    "seed",
    "doublets",
    "from_nothing",
    "locked",
    "workers",
)
LATEST = 5  # improvements kept in the progress of a job

Tell = Callable[[dict[str, Any]], None]
Work = Callable[[Callable[[], bool], Tell], dict[str, Any]]


class _Stopping:
    """A batch that ends with ``Cancelled``, so that nothing is confirmed that nobody waits for."""

    def __init__(self, engine: Engine, cancelled: Callable[[], bool]):
        self._engine, self._cancelled = engine, cancelled

    def map(
        self, fn: Callable[[Any], Any], items: Sequence[Any], *, cancel: Callable[[], bool] | None = None
    ) -> list[Any]:
        def stop() -> bool:
            return self._cancelled() or (cancel is not None and cancel())

        out = self._engine.map(fn, items, cancel=stop)
        if self._cancelled():
            raise Cancelled
        return out


def suggest_work(data: dict[str, Any]) -> Work:
    """The work of a job ``{"kind": "suggest", "scheme": …, "objective": KPI, …}``. Raises ``InputError``.

    ``constraints``: list of ``KPI>=VALUE``; ``minimise``, ``doublets``, ``from_nothing``, ``locked``, ``budget``,
    ``seed``: as on the command line; ``workers``: processes, at most as many as the machine has cores.
    """
    reader = Reader()
    got = reader.mapping(data, "", required=("scheme", "objective"), optional=KEYS)
    reader.done()
    objective = reader.text(got["objective"], "objective")
    limits = [reader.text(v, f"constraints[{i}]") for i, v in enumerate(_list(reader, got, "constraints"))]
    locked = [reader.text(v, f"locked[{i}]") for i, v in enumerate(_list(reader, got, "locked"))]
    flags = {k: reader.flag(got.get(k, False), k) for k in ("minimise", "from_nothing")}
    budget = reader.integer(got.get("budget", USUAL_BUDGET), "budget", low=LEAST_BUDGET, high=MOST_BUDGET)
    seed = reader.integer(got.get("seed", 0), "seed", low=0, high=2**31 - 1)
    workers = reader.integer(got.get("workers", 1), "workers", low=1, high=os.cpu_count() or 1)
    doublets = got.get("doublets")
    if doublets is not None:
        doublets = reader.integer(doublets, "doublets", low=0, high=200)
    reader.done()
    if not isinstance(got["scheme"], dict):
        raise InputError(Fault("scheme", "type", f"must be an object, got {type(got['scheme']).__name__}"))
    scheme = read_scheme(got["scheme"], name="scheme")
    try:
        problem = optimise.problem_of(
            scheme, objective, limits=limits, doublets=doublets, locked=locked, **flags
        )
    except InputError as error:
        raise InputError(_at(f) for f in error.faults) from None

    def work(cancelled: Callable[[], bool], tell: Tell) -> dict[str, Any]:
        improved: list[dict[str, Any]] = []

        def told(event: dict[str, Any]) -> None:
            improved.append({k: event[k] for k in ("number", "evaluations", "elapsed_s", "feasible")} | {
                "objective": event["step"]["gains"][event["objective"]]["value"], "state": "estimate",
            })  # fmt: skip
            tell({"evaluations": event["evaluations"], "budget": budget, "improved": improved[-LATEST:]})

        tell({"evaluations": 0, "budget": budget, "improved": []})
        with Engine(workers) as engine:
            found = optimise.suggest(
                problem,
                batch=_Stopping(engine, cancelled),
                budget=budget,
                seed=seed,
                tell=told,
                cancel=cancelled,
            )
        tell({"evaluations": found.evaluations, "budget": budget, "improved": improved[-LATEST:]})
        return optimise.report(found)

    return work


def _list(reader: Reader, got: Any, key: str) -> list[Any]:
    value = got.get(key, [])
    return reader.items(value, key) if value else []


def _at(fault: Fault) -> Fault:
    """The fault with the field of the body that it speaks of: ``constraint`` is ``constraints`` there."""
    return replace(fault, field=re.sub(r"^constraint\b", "constraints", fault.field))
