"""Figures of the predictors: speed with 60 wells, accuracy of the doublet, cost of an evaluation and a carpet."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from services.bench import Figures, benchmark, spread_of, times_ms
from twin_models.types import SECONDS_PER_YEAR, Confining, Fluid, Layer, Refine, Reservoir, Well

WELLS = 60
FIELD_M = 4800.0
YEARS = np.arange(1.0, 31.0)
SEED = 7


@cache
def field(cells: int) -> Reservoir:
    """A field of 4.8 km with lognormal permeability (spread 0.8, blocks of 300 m), ``cells`` across."""
    rng = np.random.default_rng(SEED)
    blocks = rng.normal(0.0, 0.8, (16, 16))
    spread = np.repeat(np.repeat(blocks, cells // 16, axis=0), cells // 16, axis=1)
    layer = Layer(
        "sand", 1500.0, 80.0, porosity=0.25, permeability_md=500.0 * np.exp(spread), temperature_degc=72.0
    )
    return Reservoir((FIELD_M, FIELD_M), (0.0, 0.0), FIELD_M / cells, (layer,), "constant_pressure")


def layout(number: int, *, wells: int = WELLS) -> tuple[Well, ...]:
    """Half producers, half injectors on a jittered raster; another number gives other places and rates."""
    rng = np.random.default_rng((SEED, number + 1))
    across = int(np.ceil(np.sqrt(wells)))
    step = 0.8 * FIELD_M / across
    out = []
    for i in range(wells):
        x, y = (
            0.1 * FIELD_M + step * (np.array((i % across, i // across)) + rng.uniform(0.2, 0.8, 2))
        ).tolist()
        if (i % across + i // across) % 2 == 0:
            out.append(Well(f"P{i}", "producer", x, y, 60.0))
        else:
            out.append(Well(f"I{i}", "injector", x, y, 60.0, float(rng.uniform(25.0, 40.0))))
    return tuple(out)


def _simulation(cells: int, repeats: int) -> Figures:
    from twin_models.models import load_model

    model, ground = load_model("simulation"), field(cells)
    figure = spread_of(
        times_ms(lambda i: model.forecast(ground, layout(i), YEARS), repeats=repeats, cpu=True)
    )
    return {**figure, "clock": "CPU", "wells": WELLS, "years": int(YEARS[-1]), "cells": f"{cells} x {cells}"}


@benchmark("simulation-60-96", "60 wells, 30 years, 96 x 96 cells", aim=100.0)
def simulation_96() -> Figures:
    return _simulation(96, 7)


@benchmark("simulation-60-192", "60 wells, 30 years, 192 x 192 cells", aim=200.0)
def simulation_192() -> Figures:
    return _simulation(192, 3)


@benchmark("streamline-60", "streamlines: 60 wells, 30 years, 96 x 96 cells", aim=5.0)
def streamline() -> Figures:
    from twin_models.models import BATCHED, load_model

    model, ground = load_model(BATCHED), field(96)
    figure = spread_of(times_ms(lambda i: model.forecast(ground, layout(i), YEARS), repeats=30))
    return {**figure, "engine": BATCHED, "wells": WELLS}


@benchmark("streamline-error", "streamlines against the simulation: produced temperature, 60 wells, 96 x 96")
def streamline_error() -> Figures:
    from twin_models.models import BATCHED, load_model

    errors = []
    for i in range(3):
        wells = layout(i)
        truth = load_model("simulation").forecast(field(96), wells, YEARS)
        quick = load_model(BATCHED).forecast(field(96), wells, YEARS)
        errors += [
            quick.temperature_degc[w.name] - truth.temperature_degc[w.name]
            for w in wells
            if w.kind == "producer"
        ]
    error = np.array(errors)
    return {
        "value": float(np.sqrt((error**2).mean())),
        "unit": "K",
        "bias": float(error.mean()),
        "p95": float(np.quantile(np.abs(error), 0.95)),
        "most": float(np.abs(error).max()),
        "wells": len(errors),
    }


@benchmark("drag-estimate", "a dragged well to new KPIs without the browser: Caofeidian, 40 wells", aim=50.0)
def drag_estimate() -> Figures:
    from scenarios.edits import move_target
    from scenarios.evaluate import evaluate
    from scenarios.scheme import read_scheme
    from twin_models.models import LIVE
    from twin_models.sites import load_site

    scheme = read_scheme(load_site("caofeidian").schemes[0].path)
    held = scheme.wells[0]

    def move(i: int) -> None:
        evaluate(move_target(scheme, held.name, x_m=held.x_m + 10.0 * (i + 2), y_m=held.y_m)[0], LIVE)

    figure = spread_of(times_ms(move, repeats=40))
    forecast = [
        evaluate(
            move_target(scheme, held.name, x_m=held.x_m - 10.0 * (i + 2), y_m=held.y_m)[0], LIVE
        ).forecast
        for i in range(20)
    ]
    engine = float(np.median([f.elapsed_ms for f in forecast]))
    return {**figure, "engine_ms": engine, "rest_ms": figure["value"] - engine}


@benchmark(
    "release-simulated",
    "a released well to simulated KPIs with bands, without the browser: Caofeidian",
    aim=1000.0,
)
def release_simulated() -> Figures:
    from scenarios.edits import move_target
    from scenarios.evaluate import evaluate
    from scenarios.scheme import read_scheme
    from twin_models.sites import load_site

    scheme = read_scheme(load_site("caofeidian").schemes[0].path)
    held = scheme.wells[0]

    def release(i: int) -> None:
        moved, _ = move_target(scheme, held.name, x_m=held.x_m + 10.0 * (i + 2), y_m=held.y_m)
        evaluate(moved, "simulation", bands=True)

    return spread_of(times_ms(release, repeats=5))


def _carpet(places: int, repeats: int) -> Figures:
    """Forecasts with one of 60 wells standing at ``places`` x ``places`` targets; a new base every time."""
    from twin_models.simulators.carpet import WellMoveBatch

    around = np.linspace(-900.0, 900.0, places)
    grid = np.stack(np.meshgrid(around, around), axis=-1).reshape(-1, 2) + 0.5 * FIELD_M

    def paint(i: int) -> None:
        WellMoveBatch(field(96), layout(i), 0, YEARS).evaluate(grid, threads=2)

    figure = spread_of(times_ms(paint, repeats=repeats))
    return {**figure, "places": places * places, "wells": WELLS, "per_place_ms": figure["value"] / places**2}


@benchmark("carpet-first", "first value carpet: forecasts at 9 x 9 places, 60 wells", aim=500.0)
def carpet_first() -> Figures:
    return _carpet(9, 5)


@benchmark("carpet-full", "full value carpet: forecasts at 40 x 40 places, 60 wells", aim=5000.0)
def carpet_full() -> Figures:
    return _carpet(40, 1)


def doublet(
    confining: Confining | None,
    *,
    side_m: float = 4320.0,
    cell_m: float = 15.0,
    refine: Refine | None = None,
) -> Figures:
    """480 m, 100 m thick, 100 m3/h, 70 against 25 degC, 50 years, against Gringarten & Sauty (1975).

    The closed form knows neither conduction inside the aquifer nor viscosity, so neither is simulated; nor has it
    sides: with ``side_m`` = 4320 those of the box weigh some 0.15 K.
    """
    from twin_models.analytic import gringarten_sauty_degc
    from twin_models.models import load_model

    layer = Layer("sand", 1400.0, 100.0, porosity=0.25, rock_heat_capacity_mj_m3k=2.2, conductivity_w_mk=1e-6)
    fluid = Fluid(viscosity=0.5, heat_capacity_mj_m3k=4.18, conductivity_w_mk=0.0)
    box = Reservoir(
        (side_m, side_m), (-side_m / 2, -side_m / 2), cell_m, (layer,), "closed", confining=confining, fluid=fluid,
        refine=refine,
    )  # fmt: skip
    wells = (
        Well("P", "producer", 0.0, 0.0, 100.0),
        Well("I", "injector", 480.0, 0.0, 100.0, 25.0),
    )
    years = np.arange(1.0, 51.0)
    told = load_model("simulation").forecast(box, wells, years)
    got = told.temperature_degc["P"]
    rock = {} if confining is None else {"k_rock": 2.5, "rc_rock": 2.2e6}
    exact = gringarten_sauty_degc(
        years * SECONDS_PER_YEAR,
        480.0,
        100.0,
        100.0 / 3600.0,
        initial_degc=70.0,
        injected_degc=25.0,
        rc_water=4.18e6,
        rc_aquifer=0.25 * 4.18e6 + 0.75 * 2.2e6,
        **rock,
    )
    arrival = [_falls_to(years, curve, 69.0) for curve in (got, exact)]
    return {
        "value": float(np.sqrt(((got - exact) ** 2).mean())),
        "unit": "K",
        "most": float(np.abs(got - exact).max()),
        "first_kelvin_pct": 100.0 * (arrival[0] - arrival[1]) / arrival[1],
        "cpu_ms": told.diagnostics["cpu_ms"],
        "cells": told.diagnostics["cells"],
    }


def _falls_to(years: np.ndarray, degc: np.ndarray, level_degc: float) -> float:
    """First time a falling curve reaches a level (a), straight lines between the years."""
    i = int((degc <= level_degc).argmax())
    part = (degc[i - 1] - level_degc) / (degc[i - 1] - degc[i])
    return float(years[i - 1] + part * (years[i] - years[i - 1]))


@benchmark(
    "doublet-confined",
    "doublet with confining rock against the closed form, rms over 50 years: box of 17 km, cells of 120 m, of 15 m "
    "near the wells",
    aim=0.15,
)
def doublet_confined() -> Figures:
    """The closed form's aquifer has no sides, so the box is wide; beside it the box of 4.32 km in cells of 15 m."""
    rock = Confining(2.5, 2.2)
    wide = partial(doublet, rock, side_m=17_280.0, cell_m=120.0, refine=Refine(8, 400.0))
    wide()  # compiles
    near = doublet(rock, side_m=4320.0)
    beside = {"box_4320_m_rms_k": near["value"], "box_4320_m_first_kelvin_pct": near["first_kelvin_pct"]}
    return {**wide(), **beside}


@benchmark(
    "doublet-bare", "doublet without confining rock against the closed form, rms over 50 years", aim=0.45
)
def doublet_bare() -> Figures:
    return doublet(None)
