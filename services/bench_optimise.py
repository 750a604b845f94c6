"""Figures of the proposals: first improving ghost, evaluations a second, thirty wells against a five-spot."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from services.bench import Figures, benchmark

SEED = 11
BATCH = 1200
PART = 24  # schemes that are estimated together


def _caofeidian(number: int) -> Any:
    from scenarios.scheme import read_scheme
    from twin_models.sites import load_site

    return read_scheme(load_site("caofeidian").schemes[number].path)


@benchmark(
    "suggest-first-ghost", "first improving proposal, simulation of the start included: Caofeidian", aim=3.0
)
def first_ghost() -> Figures:
    from scenarios.optimise import problem_of, suggest

    problem, told = problem_of(_caofeidian(1), "npv_cny"), []

    def run(seed: int) -> float:
        told.clear()
        suggest(problem, budget=400, seed=seed, tell=told.append, cancel=lambda: bool(told))
        return float(told[0]["elapsed_s"])

    run(SEED)
    seconds = [run(SEED + 1 + k) for k in range(3)]
    return {"value": float(np.median(seconds)), "unit": "s", "most": max(seconds), "wells": 44}


def _layouts(count: int) -> list[Any]:
    """Twenty wells of the baseline, one of them at another place in every layout."""
    start = _caofeidian(0)
    kinds = {kind: [w for w in start.wells if w.kind == kind][:10] for kind in ("producer", "injector")}
    base = replace(start, wells=(*kinds["producer"], *kinds["injector"]))
    rng = np.random.default_rng(SEED)
    out = []
    for _ in range(count):
        i = int(rng.integers(20))
        dx, dy = rng.uniform(-300.0, 300.0, 2).tolist()
        old = base.wells[i]
        well = old.with_well(x_m=old.x_m + dx, y_m=old.y_m + dy, trajectory=None)
        out.append(replace(base, wells=(*base.wells[:i], well, *base.wells[i + 1 :])))
    return out


@benchmark(
    "suggest-evaluations",
    "estimates of whole schemes (ground, wells, station, money, all KPIs) a second: 20 wells, 2 processes",
)
def evaluations() -> Figures:
    """Larger is better; the project aims at 2,000."""
    from scenarios.optimise.predict import Confirmed, estimate, estimates, learnt
    from services.engine import Engine

    model, schemes = learnt(Confirmed({}, {}, None, None)), _layouts(BATCH)
    tasks = [(model, tuple(schemes[k : k + PART])) for k in range(0, BATCH, PART)]
    with Engine(2) as engine:
        engine.map(estimates, tasks[:6])
        began = time.perf_counter()
        engine.map(estimates, tasks)
        rate = BATCH / (time.perf_counter() - began)
    estimates(tasks[0])
    began = time.process_time()
    for task in tasks[:4]:
        estimates(task)
    each = 1e3 * (time.process_time() - began) / (4 * PART)
    began = time.process_time()
    for scheme in schemes[:40]:
        estimate((model, scheme))
    alone = 1e3 * (time.process_time() - began) / 40
    return {
        "value": rate,
        "unit": "1/s",
        "wanted": 2000.0,
        "wells": 20,
        "processes": 2,
        "together": PART,
        "cpu_ms_each": each,
        "cpu_ms_one_by_one": alone,
    }


@benchmark(
    "suggest-forecasts", "forecasts of the search a second, one of 20 wells moved (value carpet), 2 threads"
)
def forecasts() -> Figures:
    """Larger is better; the project aims at 2,000."""
    from scenarios.coarse import coarse
    from scenarios.evaluate import evaluate, forecast_years
    from twin_models.simulators.carpet import WellMoveBatch

    scheme = _layouts(1)[0]
    now = evaluate(scheme, "streamline")
    batch = WellMoveBatch(coarse(scheme.ground()), now.wells, 0, forecast_years(scheme), scheme.season_days)
    places = np.random.default_rng(SEED).uniform(-2000.0, 2000.0, (800, 2))
    batch.evaluate(places[:16], threads=2)
    began, used = time.perf_counter(), time.process_time()
    batch.evaluate(places, threads=2)
    took, used = time.perf_counter() - began, time.process_time() - used
    return {
        "value": 800 / took,
        "unit": "1/s",
        "wanted": 2000.0,
        "wells": 20,
        "cpu_ms_each": 1e3 * used / 800,
    }


@benchmark(
    "suggest-caofeidian-30", "30 new wells at Caofeidian: NPV of the proposal over the best regular five-spot"
)
def thirty_wells() -> Figures:
    """Larger is better: per cent. The five-spots are given the better of eight spacings and of five rates."""
    from scenarios.evaluate import evaluate
    from scenarios.optimise import problem_of, suggest
    from scenarios.optimise.moves import pattern, scaled

    start = _caofeidian(1)
    problem = problem_of(start, "npv_cny", from_nothing=True, doublets=15)
    regular = []
    for spacing in (350, 400, 450, 500, 550, 600, 700, 800):
        layout = pattern(problem, 15, float(spacing))
        for factor in (0.8, 1.0, 1.2, 1.4, 1.6) if layout is not None else ():
            faster = scaled(problem, layout, factor)
            if faster is not None:
                worth = evaluate(faster, "simulation").kpis["npv_cny"].value
                regular.append((worth, spacing, faster.wells[0].rate_m3_h))
    best = max(regular)
    usual = max(row for row in regular if abs(row[2] - problem.usual_rate_m3_h) < 0.5)
    found = suggest(problem, budget=2000, seed=SEED)
    offers = [o for o in found.offers if not o.is_start and len(o.scheme.wells) == 30]
    value = offers[0].values["npv_cny"] if offers else None
    return {
        "value": None if value is None else 100.0 * (value - best[0]) / abs(best[0]),
        "unit": "%",
        "proposal_cny": value,
        "over_usual_rate_pct": None if value is None else 100.0 * (value - usual[0]) / abs(usual[0]),
        "five_spot_cny": best[0],
        "five_spot_spacing_m": best[1],
        "five_spot_rate_m3_h": best[2],
        "five_spots_tried": len(regular),
        "evaluations": found.evaluations,
        "estimate_gap_cny": None if not offers else offers[0].estimated["npv_cny"] - value,
    }
