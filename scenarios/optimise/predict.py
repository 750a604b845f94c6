"""The three questions a search asks of the predictors, each a pure task that any worker can answer.

``estimate`` many times: the batched predictor on a coarser lattice of the same ground, with what the last
simulation said of its error (``twin_models.corrected``). ``carpet``: one well at many places. ``confirm``
rarely: the simulation, whose answer is the one that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from scenarios.coarse import coarse, levelled
from scenarios.estimates import estimate_together
from scenarios.evaluate import evaluate
from scenarios.kpis import KPIS
from scenarios.many import figures_given
from scenarios.scheme import Scheme
from scenarios.well_moves import WellMoves
from twin_models.corrected import CorrectedModel
from twin_models.errors import InputError
from twin_models.models import BATCHED, load_model
from twin_models.types import DAYS_PER_YEAR, Forecast, Notice, Reservoir, Well

Values = dict[str, float | None]


class Batch(Protocol):
    """Whatever runs a function over many items and gives the results in order (``None``: left undone)."""

    def map(
        self, fn: Callable[[Any], Any], items: Sequence[Any], *, cancel: Callable[[], bool] | None = None
    ) -> list[Any]: ...


class Here:
    """A batch in this process, one item after the other."""

    def map(
        self, fn: Callable[[Any], Any], items: Sequence[Any], *, cancel: Callable[[], bool] | None = None
    ) -> list[Any]:
        out: list[Any] = []
        for item in items:
            out.append(None if cancel is not None and cancel() else fn(item))
        return out


class SearchModel:
    """The batched predictor on the coarser lattice; undisturbed temperatures stay those of the full one."""

    def __init__(self) -> None:
        self.name, self.version = BATCHED, load_model(BATCHED).version

    def check(self, reservoir: Reservoir, wells: Sequence[Well]) -> tuple[Notice, ...]:
        return load_model(BATCHED).check(reservoir, wells)

    def forecast(
        self,
        reservoir: Reservoir,
        wells: Sequence[Well],
        years: np.ndarray,
        *,
        season_days: float = DAYS_PER_YEAR,
        fields: Sequence[float] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Forecast:
        ground = coarse(reservoir)
        found = load_model(BATCHED).forecast(
            ground, wells, years, season_days=season_days, fields=fields, cancel=cancel
        )
        return found if ground is reservoir else levelled(found, reservoir, wells)


@dataclass(frozen=True, eq=False)
class Estimated:
    """KPIs of a scheme by the search's predictor; empty with a ``fault`` for a scheme that has no answer."""

    values: Values
    fault: str = ""


def estimate(task: tuple[CorrectedModel, Scheme]) -> Estimated:
    model, scheme = task
    try:
        found = evaluate(scheme, model)
    except InputError as error:
        return Estimated({}, str(error))
    return Estimated({key: kpi.value for key, kpi in found.kpis.items()})


def estimates(task: tuple[CorrectedModel, tuple[Scheme, ...]]) -> list[Estimated]:
    """As ``estimate`` for several schemes, those that are alike together."""
    model, schemes = task
    together = estimate_together(schemes, model, KPIS)
    out = []
    for scheme, row in zip(schemes, together, strict=True):
        if row is None:
            out.append(estimate((model, scheme)))
            continue
        known = {key: None if np.isnan(v := row.get(key, np.nan)) else v for key in KPIS}
        out.append(Estimated(known))
    return out


def carpet(task: tuple[CorrectedModel, Scheme, str, tuple[Scheme, ...]]) -> list[Values]:
    """KPIs of variants of a scheme in which one well stands elsewhere: one back-substitution each.

    Injection temperatures are those of the scheme itself; empty for a variant without an answer.
    """
    model, scheme, well, variants = task
    try:
        now = evaluate(scheme, model)
        moves = WellMoves(scheme, now.wells, scheme.index(well), home=now.forecast)
        answers = moves.answers(variants)
    except InputError:
        return [{} for _ in variants]
    return rows_of(figures_given(variants, answers, KPIS), len(variants))


def rows_of(figures: Mapping[str, np.ndarray], count: int) -> list[Values]:
    """Figures (b,) by key as one table a scheme; empty where there is no answer at all."""
    columns = {key: values.tolist() for key, values in figures.items()}
    rows = [{key: None if v[n] != v[n] else v[n] for key, v in columns.items()} for n in range(count)]
    return [row if any(v is not None for v in row.values()) else {} for row in rows]


@dataclass(frozen=True, eq=False)
class Confirmed:
    """A scheme as simulated: KPIs with bands as in files, and the two forecasts whose difference is learnt."""

    kpis: dict[str, dict[str, Any]]
    values: Values
    forecast: Forecast | None
    estimated: Forecast | None
    fault: str = ""


def confirm(task: tuple[Scheme, bool]) -> Confirmed:
    """Simulate a scheme; with ``True`` the 80 % bands too."""
    scheme, bands = task
    try:
        found = evaluate(scheme, "simulation", bands=bands)
        years = np.asarray(found.forecast.years)
        estimated = SearchModel().forecast(
            scheme.ground(), found.wells, years, season_days=scheme.season_days
        )
    except InputError as error:
        return Confirmed({}, {}, None, None, str(error))
    values = {key: kpi.value for key, kpi in found.kpis.items()}
    return Confirmed(found.kpi_dict(), values, found.forecast, estimated)


def learnt(found: Confirmed) -> CorrectedModel:
    """The search's predictor with what a simulation said of its error."""
    model = CorrectedModel(SearchModel())
    if found.forecast is not None and found.estimated is not None:
        model.learn(found.forecast, found.estimated)
    return model
