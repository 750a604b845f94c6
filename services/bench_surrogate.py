"""Figures of the learned surrogate next to what it has to beat: nothing, streamlines alone, a coarse simulation.

Errors are measured anew on a sample of the schemes that the shipped model was tested on and never fitted to (numbers in its
report; truth simulated here); the same figures over all of them stand in ``assets/models``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from services.bench import Figures, benchmark, spread_of, times_ms
from services.bench_models import WELLS, YEARS, field, layout
from twin_models.sites import assets_dir
from twin_models.surrogates.surrogate import MODEL

TEST, BEST, BEYOND = 60, 24, 40  # schemes of each sample
BATCH = (
    "null",
    "streamline",
    "coarse simulation of the surrogate",
    "surrogate",
    "coarse simulation, 100 m",
)


def told() -> dict[str, Any]:
    """The shipped model's report over every unseen scheme."""
    found: dict[str, Any] = json.loads((assets_dir() / "models" / MODEL / "report.json").read_text("utf-8"))
    return found


def _spread(numbers: list[int], count: int) -> list[int]:
    return [numbers[int(n)] for n in np.linspace(0, len(numbers) - 1, min(count, len(numbers)))]


@cache
def measured() -> dict[str, Any]:
    """The evaluation of the training code on the samples."""
    from twin_models.models import load_model
    from twin_models.training.dataset import example_of
    from twin_models.training.domain import scheme_of
    from twin_models.training.evaluate import report
    from twin_models.training.generate import SEED, truth_of

    numbers = told()["numbers"]
    parts = [
        [example_of(SEED, n, truth_of(scheme_of(SEED, n))) for n in _spread(numbers[name], count)]
        for name, count in (("test", TEST), ("best", BEST))
    ]
    model = load_model("surrogate").network  # type: ignore[attr-defined]
    return report(model, parts[0], parts[1], SEED)


@cache
def beyond_box() -> float:
    """Part of schemes with one input outside the training range that are flagged, %."""
    from twin_models.models import load_model
    from twin_models.training.domain import Scheme, scheme_of
    from twin_models.training.generate import SEED

    def hotter(s: Scheme) -> Scheme:
        layers = tuple(replace(x, temperature_degc=x.temperature_degc + 75.0) for x in s.reservoir.layers)
        return replace(s, reservoir=replace(s.reservoir, layers=layers))

    def thicker(s: Scheme) -> Scheme:
        count = len(s.reservoir.layers)
        layers = tuple(
            replace(x, thickness_m=700.0 / count, top_m=1400.0 + 700.0 / count * n)
            for n, x in enumerate(s.reservoir.layers)
        )
        return replace(s, reservoir=replace(s.reservoir, layers=layers))

    def faster(s: Scheme) -> Scheme:
        factor = 300.0 / min(w.rate_m3_h for w in s.wells if w.kind == "producer")
        return replace(s, wells=tuple(replace(w, rate_m3_h=w.rate_m3_h * factor) for w in s.wells))

    def warmer(s: Scheme) -> Scheme:
        wells = tuple(replace(w, temperature_degc=56.0) if w.kind == "injector" else w for w in s.wells)
        return replace(s, wells=wells)

    def longer(s: Scheme) -> Scheme:
        return replace(s, years=np.append(s.years, 75.0))

    changes: list[Callable[[Scheme], Scheme]] = [hotter, thicker, faster, warmer, longer]
    model, caught = load_model("surrogate"), []
    for n, number in enumerate(_spread(told()["numbers"]["test"], BEYOND)):
        s = changes[n % len(changes)](scheme_of(SEED, number))
        answer = model.forecast(s.reservoir, s.wells, s.years, season_days=s.season_days)
        caught.append(not answer.in_range)
    return 100.0 * float(np.mean(caught))


def _beside(figure: str, unit: str) -> Figures:
    """One figure of the surrogate with those of the other predictors, and over all unseen schemes."""
    rows = measured()["variants"]
    others = {
        name.split(",")[0].replace(" ", "_"): rows[name][figure] for name in BATCH if name != "surrogate"
    }
    every = told()["variants"]["surrogate"][figure]
    return {
        "value": rows["surrogate"][figure],
        "unit": unit,
        "schemes": measured()["schemes"],
        **others,
        "over_all_unseen": every,
    }


@benchmark("surrogate-60", "surrogate: 60 wells, 30 years, 96 x 96 cells, one thread", aim=5.0)
def total() -> Figures:
    from twin_models.models import load_model

    model, ground = load_model("surrogate"), field(96)
    return {
        **spread_of(times_ms(lambda i: model.forecast(ground, layout(i), YEARS), repeats=30, cpu=True)),
        "clock": "CPU",
        "wells": WELLS,
    }


@benchmark("surrogate-network", "the network alone, 60 wells, one thread", aim=0.5)
def network() -> Figures:
    from twin_models.models import load_model
    from twin_models.simulators.flow_units import flow_units, places
    from twin_models.simulators.well_sources import mean_rates
    from twin_models.surrogates.lines import trace_unit
    from twin_models.surrogates.tokens import build_tokens

    wells, ground = layout(0), field(96)
    rates = mean_rates(wells, 30.0, 365.25)
    at = [row[0] for row in places(ground, wells)]
    producing = np.array([n for n, w in enumerate(wells) if w.kind == "producer"])
    tokens = build_tokens(trace_unit(flow_units(ground)[0], at, rates, producing, 30.0), rates, 30.0)
    model = load_model("surrogate").network  # type: ignore[attr-defined]
    return {**spread_of(times_ms(lambda i: model.run(tokens), repeats=100, cpu=True)), "clock": "CPU"}


@benchmark("surrogate-rmse", "surrogate against the simulation on unseen schemes, RMSE", aim=0.3)
def rmse() -> Figures:
    return _beside("rmse_k", "K")


@benchmark("surrogate-p95", "surrogate on unseen schemes, 95th percentile of the error", aim=0.8)
def p95() -> Figures:
    return _beside("p95_k", "K")


@benchmark("surrogate-fall", "surrogate on unseen schemes, time of the first kelvin, mean error", aim=0.4)
def fall() -> Figures:
    return _beside("fall_1k_mae_a", "a")


@benchmark("surrogate-energy", "surrogate on unseen schemes, heat over life, mean error", aim=1.0)
def energy() -> Figures:
    return _beside("energy_mape_pct", "%")


@benchmark(
    "surrogate-energy-best", "heat over life on the best tenth of layouts, withheld from training", aim=2.0
)
def energy_best() -> Figures:
    best = measured()["best_decile"]
    return {
        "value": best["surrogate"]["energy_mape_pct"],
        "unit": "%",
        "streamline": best["streamline"]["energy_mape_pct"],
        "rmse_k": best["surrogate"]["rmse_k"],
        "schemes": best["schemes"],
        "over_all_unseen": told()["best_decile"]["surrogate"]["energy_mape_pct"],
    }


@benchmark("surrogate-coverage-90", "whole curves inside the 90 % band, aim 88 to 93 %")
def coverage_90() -> Figures:
    return {
        "value": measured()["coverage"]["curves_in_90_pct"],
        "unit": "%",
        "over_all_unseen": told()["coverage"]["curves_in_90_pct"],
    }


@benchmark("surrogate-coverage-80", "whole curves inside the 80 % band")
def coverage_80() -> Figures:
    return {
        "value": measured()["coverage"]["curves_in_80_pct"],
        "unit": "%",
        "over_all_unseen": told()["coverage"]["curves_in_80_pct"],
    }


@benchmark(
    "surrogate-flag-missed", "schemes in the box with an error above 1.5 K that are not flagged", aim=5.0
)
def missed() -> Figures:
    key = "flagged_of_schemes_with_error_over_1.5_k_pct"
    return {
        "value": 100.0 - measured()["flags"][key],
        "unit": "%",
        "over_all_unseen": 100.0 - told()["flags"][key],
        "beyond_box_missed": 100.0 - beyond_box(),
        "rmse_of_unflagged_k": told()["flags"]["rmse_of_unflagged_k"],
    }


@benchmark("surrogate-flag-false", "schemes within 1.5 K that are flagged", aim=5.0)
def false_alarms() -> Figures:
    key = "flagged_of_schemes_with_error_under_1.5_k_pct"
    return {"value": measured()["flags"][key], "unit": "%", "over_all_unseen": told()["flags"][key]}
