"""Figures of what is computed for many schemes at once: value carpets with money, futures, the chain itself."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from services.bench import Figures, benchmark

SEED = 5
HALF_M = 900.0
PART = 64


@cache
def _start() -> tuple[Any, Any]:
    """Caofeidian's baseline of 40 wells and its evaluation by the predictor that carpets ask."""
    from scenarios.evaluate import evaluate
    from scenarios.scheme import read_scheme
    from twin_models.models import BATCHED
    from twin_models.sites import load_site

    scheme = read_scheme(load_site("caofeidian").schemes[0].path)
    return scheme, evaluate(scheme, BATCHED)


def _elsewhere(number: int, places: np.ndarray) -> list[Any]:
    """The scheme with one well's target at each place, relative to where it is (n, 2)."""
    scheme, _ = _start()
    held = scheme.wells[number]
    out = []
    for dx, dy in places.tolist():
        well = held.with_well(x_m=held.x_m + dx, y_m=held.y_m + dy, trajectory=None)
        out.append(replace(scheme, wells=(*scheme.wells[:number], well, *scheme.wells[number + 1 :])))
    return out


def _values(number: int, places: np.ndarray, keys: list[str]) -> dict[str, np.ndarray]:
    """What a carpet shows, as ``sandbox.carpet`` computes it: on two threads, a new base every time."""
    from scenarios.many import figures_given
    from scenarios.well_moves import WellMoves

    scheme, now = _start()
    moves = WellMoves(scheme, now.wells, number, home=now.forecast, fine=True)

    def part(some: np.ndarray) -> dict[str, np.ndarray]:
        variants = _elsewhere(number, some)
        return figures_given(variants, moves.answers(variants), keys)

    size = min(PART, -(-len(places) // 2))
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(part, [places[k : k + size] for k in range(0, len(places), size)]))
    return {key: np.concatenate([f[key] for f in found]) for key in keys}


def _carpet(side: int, repeats: int) -> Figures:
    ticks = np.linspace(-HALF_M, HALF_M, side)
    places = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    _values(0, places[:24], ["npv_cny"])
    seconds, used = [], []
    for _ in range(repeats):
        began, cpu = time.perf_counter(), time.process_time()
        _values(0, places, ["npv_cny"])
        seconds.append(time.perf_counter() - began)
        used.append(time.process_time() - cpu)
    return {
        "value": float(np.median(seconds)),
        "unit": "s",
        "places": side * side,
        "wells": 40,
        "cpu_s": float(np.median(used)),
        "cpu_ms_each": 1e3 * float(np.median(used)) / side**2,
    }


@benchmark("carpet-values-first", "value carpet with money at 9 x 9 places: Caofeidian, 40 wells", aim=0.15)
def carpet_first() -> Figures:
    return _carpet(9, 5)


@benchmark("carpet-values-full", "value carpet with money at 40 x 40 places: Caofeidian, 40 wells", aim=1.0)
def carpet_full() -> Figures:
    return _carpet(40, 2)


@benchmark("carpet-error", "value carpet against evaluations one by one: rms of the change over its span")
def carpet_error() -> Figures:
    """Per cent of what 97 of 100 places stay within; the largest of three wells."""
    from scenarios.evaluate import evaluate
    from twin_models.models import BATCHED

    _, now = _start()
    keys = ["npv_cny", "lcoh_cny_per_gj", "temperature_decline_k", "max_drawdown_bar"]
    here = {key: now.kpis[key].value or 0.0 for key in keys}
    places = np.random.default_rng(SEED).uniform(-HALF_M, HALF_M, (24, 2))
    worst = dict.fromkeys(keys, 0.0)
    for number in (0, 9, 25):
        shown = _values(number, places, keys)
        truth = [evaluate(s, BATCHED).kpis for s in _elsewhere(number, places)]
        for key in keys:
            change = np.array([(k[key].value or 0.0) - here[key] for k in truth])
            error = shown[key] - here[key] - change
            span = max(float(np.percentile(np.abs(change), 97)), 1e-9)
            worst[key] = max(worst[key], 100.0 * float(np.sqrt(np.mean(error**2))) / span)
    return {"value": max(worst.values()), "unit": "%", "places": 24, **worst}


@benchmark("futures-200x4", "200 possible futures of four schemes, every headline figure", aim=2.0)
def futures() -> Figures:
    from scenarios.futures import Ensemble, usual_beliefs

    scheme, _ = _start()
    from scenarios.evaluate import evaluate
    from twin_models.models import BATCHED

    moved = [_elsewhere(n, np.array([[60.0, -40.0]]))[0] for n in (0, 3, 7, 25)]
    evaluations, beliefs = [evaluate(s, BATCHED) for s in moved], usual_beliefs(scheme)

    def run() -> float:
        """Seconds to the first part of each scheme."""
        ensembles = [Ensemble(e.scheme, e.facts, beliefs) for e in evaluations]
        began, first = time.perf_counter(), 0.0
        while not all(e.complete for e in ensembles):
            for ensemble in ensembles:
                ensemble.advance(25)
            first = first or time.perf_counter() - began
        return first

    run()
    began, cpu = time.perf_counter(), time.process_time()
    first = run()
    return {
        "value": time.perf_counter() - began,
        "unit": "s",
        "cpu_s": time.process_time() - cpu,
        "first_part_s": first,
        "futures": beliefs.count,
        "schemes": len(evaluations),
    }


@benchmark("batch-figures", "CPU of all KPIs of a scheme behind its forecast, 64 together; 40 wells")
def batch_figures() -> Figures:
    from scenarios.evaluate import evaluate
    from scenarios.kpis import KPIS
    from scenarios.many import Given, figures_given
    from scenarios.well_moves import WellMoves

    scheme, now = _start()
    variants = _elsewhere(0, np.random.default_rng(SEED).uniform(-HALF_M, HALF_M, (PART, 2)))
    moves = WellMoves(scheme, now.wells, 0, home=now.forecast, fine=True)
    answers = moves.answers(variants)
    figures_given(variants, answers, KPIS)
    began = time.process_time()
    for _ in range(5):
        figures_given(variants, answers, KPIS)
    each = 1e3 * (time.process_time() - began) / (5 * PART)
    began = time.process_time()
    for variant in variants[:40]:
        evaluate(variant, Given(now.forecast))
    alone = 1e3 * (time.process_time() - began) / 40
    return {"value": each, "unit": "ms", "clock": "CPU", "one_by_one_ms": alone, "ratio": alone / each}
