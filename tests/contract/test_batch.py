"""Many schemes at once give the figures of each alone: over every shipped scheme, edited at random.

The scalar chain is the reference; both are handed the same forecasts. Sums in another order differ in the last
digits, so 1e-9 of a figure is allowed (of the investment for money, whose differences may be small).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenarios.batch_kpis import FIGURES, knows
from scenarios.evaluate import evaluate
from scenarios.futures import Ensemble, usual_beliefs
from scenarios.kpis import KPIS, compute
from scenarios.many import Answers, Given, batch_of, figures_given
from scenarios.schema_io import FrozenDict
from scenarios.scheme import Scheme, read_scheme
from scenarios.uncertainty import bands_of, scaled_forecast
from twin_models.sites import load_site, shipped_names
from twin_models.types import Forecast

SHIPPED = [
    (name, number)
    for name in shipped_names()
    for number in range(len(load_site(name).schemes))
    if load_site(name).reservoir is not None
]
USES = [
    {},
    {"heating": {"area_m2": 4e5, "load_w_m2": 40, "design_load_w_m2": 60, "heat_pump": True}},
    {
        "heating": {
            "area_m2": 9e6,
            "heat_pump": {"lorenz_fraction": 0.4, "capacity_mw": 2.0, "tail_degc": 12},
            "peak_boiler": {"capacity_mw": 3.0, "fuel": "coal"},
            "network_loss_pct": 6,
            "season_days": 100,
        }
    },
    {"heating": {"mode": "direct", "return_degc": 28}},
]
ECONOMICS = [
    {},
    {"include_existing": True, "heat_price_cny_per_gj": 45, "baseline": "gas_boiler", "subsidy_cny": 1e6},
    {"income_tax_pct": 25, "depreciation_years": 12, "heat_subsidy_cny_per_gj": 6, "heat_subsidy_years": 7.5},
    {"staff": 3, "baseline": {"kind": "none", "income_cny_per_year": 2e5}, "resource_tax_cny_per_m3": 0.8},
]


def edited(scheme: Scheme, rng: np.random.Generator, count: int) -> list[Scheme]:
    """Versions with some wells moved, rates and injection temperatures changed, wells on other pads."""
    out = []
    for _ in range(count):
        wells = list(scheme.wells)
        for i in rng.choice(len(wells), min(4, len(wells)), replace=False).tolist():
            old = wells[i]
            if old.well.schedule or old.kind == "monitor":
                continue
            dx, dy = rng.uniform(-200.0, 200.0, 2).tolist()
            well = old.with_well(
                x_m=old.x_m + dx,
                y_m=old.y_m + dy,
                rate_m3_h=float(old.rate_m3_h * rng.uniform(0.5, 1.4)),
                trajectory=None,
            )
            wells[i] = replace(well, existing=bool(rng.integers(2)), pad=None if rng.integers(2) else old.pad)
        out.append(replace(scheme, wells=tuple(wells)))
    return out


def invented(scheme: Scheme, rng: np.random.Generator) -> Forecast:
    """A forecast without a predictor: cooling and pressures of any size, some wells breaking through."""
    years = np.arange(1.0, np.ceil(scheme.years) + 1.0)
    years[-1] = scheme.years
    wells = scheme.ground_wells()
    falls = {w.name: rng.uniform(0.0, 25.0) for w in wells}
    return Forecast(
        engine="streamline",
        engine_version="",
        years=years,
        temperature_degc={
            w.name: 68.0 - falls[w.name] * (years / years[-1]) ** rng.uniform(0.5, 3.0) for w in wells
        },
        pressure_change_bar={w.name: rng.normal(0.0, 15.0) * (1.0 + 0.01 * years) for w in wells},
    )


def agree(schemes: list[Scheme], forecasts: list[Forecast]) -> None:
    answers = Answers(
        forecasts[0].years,
        np.array(
            [[f.temperature_degc[w.name] for w in s.wells] for s, f in zip(schemes, forecasts, strict=True)]
        ),
        np.array(
            [
                [f.pressure_change_bar[w.name] for w in s.wells]
                for s, f in zip(schemes, forecasts, strict=True)
            ]
        ),
    )
    many = figures_given(schemes, answers, KPIS)
    for n, (scheme, forecast) in enumerate(zip(schemes, forecasts, strict=True)):
        one = {key: kpi.value for key, kpi in evaluate(scheme, Given(forecast)).kpis.items()}
        money = abs(one["capex_cny"] or 0.0) + 1e6
        for key, value in one.items():
            got = float(many[key][n])
            if value is None:
                assert np.isnan(got), (key, n)
            else:
                slack = 1e-9 * money if key == "npv_cny" else 1e-9
                assert got == pytest.approx(value, rel=1e-9, abs=slack), (key, n)


def test_every_kpi_has_its_counterpart() -> None:
    """A row added to ``KPIS`` needs a function in ``batch_kpis.FIGURES``."""
    assert knows(KPIS), sorted(set(KPIS) - set(FIGURES))


@pytest.mark.parametrize(("site", "number"), SHIPPED)
def test_shipped_schemes_edited(site: str, number: int) -> None:
    scheme = read_scheme(load_site(site).schemes[number].path)
    rng = np.random.default_rng(number)
    schemes = [scheme, *edited(scheme, rng, 3)]
    agree(schemes, [invented(s, rng) for s in schemes])


@pytest.mark.parametrize("uses", USES)
@pytest.mark.parametrize("economics", ECONOMICS)
def test_uses_and_prices(uses: dict, economics: dict) -> None:
    start = read_scheme(load_site("caofeidian").schemes[0].path)
    own = dict(start.uses_dict())
    own.update(uses)
    start = replace(start, uses=FrozenDict(own), economics=FrozenDict(economics), years=24.5)
    rng = np.random.default_rng(5)
    schemes = edited(start, rng, 3)
    assert batch_of(schemes) is not None, "heating alone goes through the batch"
    agree(schemes, [invented(s, rng) for s in schemes])


def test_stated_return_temperatures_and_lone_sides() -> None:
    start = read_scheme(load_site("caofeidian").schemes[0].path)
    rng = np.random.default_rng(8)
    stated = replace(
        start,
        wells=tuple(
            w.with_well(temperature_degc=float(rng.uniform(20, 40))) if w.kind == "injector" else w
            for w in start.wells
        ),
    )
    only = replace(start, wells=tuple(w for w in start.wells if w.kind == "producer"))
    schemes = [*edited(stated, rng, 3), *edited(stated, rng, 2)]
    agree(schemes, [invented(s, rng) for s in schemes])
    agree([only, *edited(only, rng, 2)], [invented(s, rng) for s in (only, only, only)])


@pytest.mark.parametrize(("site", "number"), SHIPPED)
def test_futures_together_as_one_by_one(site: str, number: int) -> None:
    """Bands and ensembles through the batch against the scalar chain, which a forecast of one's own forces."""
    scheme = read_scheme(load_site(site).schemes[number].path)
    rng = np.random.default_rng(number + 20)
    facts = evaluate(scheme, Given(invented(scheme, rng))).facts
    values = compute(facts)
    many = bands_of(scheme, facts, values)
    back = facts.run.injected_degc
    one = bands_of(
        scheme, facts, values, estimate=lambda g: scaled_forecast(facts.plan, facts.forecast, g, back)
    )
    for key, draws in one.draws.items():
        slack = 1e-9 * (abs(values["capex_cny"] or 0.0) + 1e6) if key == "npv_cny" else 1e-9
        assert many.draws[key] == pytest.approx(draws, rel=1e-9, abs=slack, nan_ok=True), key
    assert many.probability_npv_negative_pct == one.probability_npv_negative_pct


def test_ensemble_together_as_one_by_one() -> None:
    scheme = read_scheme(load_site("caofeidian").schemes[0].path)
    facts = evaluate(scheme, Given(invented(scheme, np.random.default_rng(3)))).facts
    ensemble = Ensemble(scheme, facts, usual_beliefs(scheme))
    ensemble.advance(7)
    assert ensemble.done == 7
    for index in (0, 3, 6):
        for key, value in ensemble.future(index).items():
            if key in ensemble.values:
                got = float(ensemble.values[key][index])
                assert got == pytest.approx(value, rel=1e-9) if value is not None else not np.isfinite(got), (
                    key
                )
