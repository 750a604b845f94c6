"""Figures of proposals: uses over 50 years, given layouts beaten, a worker that dies, a Dask cluster."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

from services.bench import Figures, benchmark

SEED = 11


def _schemes() -> list[Any]:
    from scenarios.scheme import read_scheme
    from twin_models.sites import load_site

    return [read_scheme(file.path) for file in load_site("caofeidian").schemes[:4]]


@benchmark("portfolios", "portfolios of the five uses over 50 years, those offered simulated: Caofeidian")
def portfolios() -> Figures:
    from scenarios.optimise.portfolios import candidates, generate

    scheme = _schemes()[1]
    began = time.perf_counter()
    found = generate(scheme)
    took = time.perf_counter() - began
    best = max(p.values["npv_cny"] or 0.0 for p in found)
    return {
        "value": took,
        "unit": "s",
        "candidates": len(candidates(scheme)),
        "offered": len(found),
        "npv_as_now_cny": found[0].values["npv_cny"],
        "npv_best_cny": best,
    }


@benchmark(
    "suggest-killed-worker",
    "a suggestion on two processes of which one is killed half-way: the same answer as on one (1: yes)",
)
def killed_worker() -> Figures:
    from scenarios.optimise import problem_of, report, suggest
    from services.engine import Engine

    problem = problem_of(_schemes()[1], "npv_cny")
    alone = report(suggest(problem, budget=60, seed=SEED))
    killed: list[int] = []
    with Engine(2) as engine:

        def told(_event: dict[str, Any]) -> None:
            if not killed and (pids := engine.processes()):
                killed.append(pids[0])
                threading.Timer(0.05, os.kill, (pids[0], signal.SIGKILL)).start()

        began = time.perf_counter()
        found = report(suggest(problem, batch=engine, budget=60, seed=SEED, tell=told))
        took = time.perf_counter() - began
        notices = len(engine.notices)
    return {
        "value": float(found["schemes"] == alone["schemes"] and bool(killed)),
        "unit": "1 = same",
        "killed": len(killed),
        "mended": notices,
        "seconds": took,
        "lost": found["failed"] - alone["failed"],
    }


@benchmark(
    "suggest-dask",
    "a suggestion on a Dask scheduler with two local workers: the same answer as here (1: yes)",
)
def dask() -> Figures:
    from scenarios.optimise import problem_of, report, suggest
    from services.engine import Engine

    try:
        from distributed import LocalCluster
    except ImportError:
        return {"value": None, "unit": "1 = same"}
    problem = problem_of(_schemes()[1], "npv_cny")
    here = report(suggest(problem, budget=60, seed=SEED))
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        began = time.perf_counter()
        with Engine(cluster.scheduler_address) as engine:
            there = report(suggest(problem, batch=engine, budget=60, seed=SEED))
        took = time.perf_counter() - began
    return {"value": float(here["schemes"] == there["schemes"]), "unit": "1 = same", "seconds": took}


def _gain(site: str, number: int, objective: str, budget: int) -> dict[str, float | None]:
    """Per cent that the confirmed proposal is better than the given layout, and the evaluations and seconds it took."""
    from scenarios.optimise import problem_of, suggest
    from scenarios.scheme import read_scheme
    from twin_models.sites import load_site

    scheme = read_scheme(load_site(site).schemes[number].path)
    began = time.perf_counter()
    found = suggest(problem_of(scheme, objective), budget=budget, seed=SEED)
    took = time.perf_counter() - began
    best, given = found.offers[0], found.start.values[objective]
    value = best.values[objective]
    gain = 0.0
    if value is not None and given and not best.is_start:
        gain = 100.0 * found.goals.objective.sign * (value - given) / abs(given)
    return {
        "gain_pct": gain,
        "given": given,
        "proposed": value,
        "evaluations": float(found.evaluations),
        "seconds": took,
    }


@benchmark(
    "suggest-given-layouts", "least gain of a confirmed proposal over the given layout: Linqing, Caofeidian"
)
def given_layouts() -> Figures:
    """Larger is better: per cent."""
    rows = {
        "linqing": _gain("linqing", 1, "lcoh_cny_per_gj", 400),
        "caofeidian": _gain("caofeidian", 1, "npv_cny", 400),
    }
    least = min(float(r["gain_pct"] or 0.0) for r in rows.values())
    more = {f"{site}_{key}": value for site, row in rows.items() for key, value in row.items()}
    return {"value": least, "unit": "%", **more}
