"""Figures of many schemes at once: the same numbers as ``evaluate`` one by one, for carpets and searches.

Schemes that are alike go through ``batch`` together; the others, and those with features that ``batch`` does
not cover, through the scalar chain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios.batch import Batch, Warm, covers, pump, warm
from scenarios.batch_kpis import Facts, figures, knows
from scenarios.batch_layout import evened, lay_out, with_answer
from scenarios.cash_flow import cash_flow
from scenarios.chain import make_plan
from scenarios.curtail import curtailed
from scenarios.evaluate import cascade_of, fixed_point, settings_of
from scenarios.kpi_formulas import Facts as OneFacts
from scenarios.kpis import KPIS
from scenarios.scheme import Scheme
from twin_models.base import Cancelled
from twin_models.errors import InputError
from twin_models.types import Forecast, Well


@dataclass(frozen=True, eq=False)
class Answers:
    """Forecasts of many schemes: ``years`` (T,), ``temperature_degc`` and ``pressure_change_bar`` (b, wells, T) in
    the order of each scheme's wells (``pressure`` may be (b, wells, 1): the same in every year)."""

    years: np.ndarray
    temperature_degc: np.ndarray
    pressure_change_bar: np.ndarray
    engine: str = "streamline"


class Given:
    """A predictor that hands out a forecast that is known already, so that the chain behind it is the usual one."""

    def __init__(self, forecast: Forecast):
        self.name, self.version, self._forecast = forecast.engine, forecast.engine_version, forecast

    def check(self, *_: Any) -> tuple[()]:
        return ()

    def forecast(self, *_: Any, **__: Any) -> Forecast:
        return self._forecast


def figures_given(
    schemes: Sequence[Scheme],
    answers: Answers,
    keys: Collection[str],
    *,
    cancel: Callable[[], bool] | None = None,
) -> dict[str, np.ndarray]:
    """The wanted KPIs (b,) of schemes whose forecasts are known; NaN where undefined or without an answer."""
    out = {key: np.full(len(schemes), np.nan) for key in keys}
    stands = with_answer(schemes)
    for group in evened(schemes):
        rows = [n for n in group if stands[n]]
        if not rows:
            continue
        if cancel is not None and cancel():
            raise Cancelled
        made = _together([schemes[n] for n in rows], _rows(answers, rows), keys)
        if made is None:
            made = _one_by_one([schemes[n] for n in rows], _rows(answers, rows), keys)
        for key, values in made.items():
            out[key][rows] = values
    return out


def _rows(answers: Answers, rows: Sequence[int]) -> Answers:
    if len(rows) == len(answers.temperature_degc):
        return answers
    return Answers(
        answers.years, answers.temperature_degc[rows], answers.pressure_change_bar[rows], answers.engine
    )


def _together(
    schemes: Sequence[Scheme], answers: Answers, keys: Collection[str]
) -> dict[str, np.ndarray] | None:
    """Figures of like schemes through the batch, ``None`` where it does not cover them."""
    batch = batch_of(schemes)
    if batch is None or not knows(keys):
        return None
    return figures(facts_of(batch[0], answers), keys)


def batch_of(schemes: Sequence[Scheme]) -> tuple[Batch, tuple[tuple[Well, ...], ...]] | None:
    """Like schemes laid out together with the wells of each, ``None`` where the batch does not cover them."""
    first = schemes[0]
    use, terms, station_m = settings_of(first)
    if cascade_of(first) is not None:
        return None
    if not covers(make_plan(first, use, station_m=station_m), terms):
        return None
    return lay_out(schemes, use, terms, station_m=station_m)


def facts_of(batch: Batch, answers: Answers, heat: Warm | None = None) -> Facts:
    """What the figures are computed from. ``heat``: if it is known already."""
    at = np.searchsorted(answers.years, batch.plan.edges[1:] - 1e-9)
    ends = hot_ends(batch, answers)
    pressure = answers.pressure_change_bar
    steady = pressure.shape[2] == 1 and answers.years.size > 1
    pressure = pressure if steady else pressure[:, :, at]
    hot, cold = (np.moveaxis(pressure[:, side.index], 1, 2) for side in (batch.hot, batch.cold))
    return Facts(batch, warm(batch, ends) if heat is None else heat, ends, hot, cold, pump)


def hot_ends(batch: Batch, answers: Answers) -> np.ndarray:
    """Bottom temperature of the producers at the end of each year (b, t, n)."""
    at = np.searchsorted(answers.years, batch.plan.edges[1:] - 1e-9)
    return np.ascontiguousarray(np.moveaxis(answers.temperature_degc[:, batch.hot.index][:, :, at], 1, 2))


def _one_by_one(schemes: Sequence[Scheme], answers: Answers, keys: Collection[str]) -> dict[str, np.ndarray]:
    out = {key: np.full(len(schemes), np.nan) for key in keys}
    for n, scheme in enumerate(schemes):
        temperature, pressure = answers.temperature_degc[n], answers.pressure_change_bar[n]
        names = [w.name for w in scheme.wells]
        known = Forecast(
            engine=answers.engine,
            engine_version="",
            years=answers.years,
            temperature_degc={name: temperature[i] for i, name in enumerate(names)},
            pressure_change_bar={
                name: np.broadcast_to(pressure[i], answers.years.shape) for i, name in enumerate(names)
            },
        )
        try:
            use, terms, station_m = settings_of(scheme)
            plan = make_plan(scheme, use, station_m=station_m, cascade=cascade_of(scheme))
            forecast, run, _ = fixed_point(scheme, plan, Given(known))
            plan = curtailed(plan, forecast)
        except InputError:
            continue
        facts = OneFacts(plan, forecast, run, cash_flow(plan, run, terms), terms)
        for key in keys:
            value = KPIS[key].compute(facts)
            out[key][n] = np.nan if value is None else value
    return out
