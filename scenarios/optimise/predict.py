"""The three questions a search asks of the predictors, each a pure task that any worker can answer.

``estimate`` many times: the batched predictor on a coarser lattice of the same ground, with what the last
simulation said of its error (``twin_models.corrected``). ``carpet``: one well at many places. ``confirm``
rarely: the simulation, whose answer is the one that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from scenarios.evaluate import evaluate, forecast_years
from scenarios.ground import ground_of
from scenarios.scheme import Scheme
from twin_models.corrected import CorrectedModel
from twin_models.errors import InputError
from twin_models.grid import RecentlyUsed
from twin_models.models import BATCHED, load_model
from twin_models.types import DAYS_PER_YEAR, Forecast, Notice, Reservoir, Well

SEARCH_CELLS = 96  # along each side: about 0.1 K from the full lattice on the shipped sites, in half the time
Values = dict[str, float | None]

_COARSE = RecentlyUsed(16)


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


def coarse(reservoir: Reservoir) -> Reservoir:
    """The ground on a lattice of at most ``SEARCH_CELLS`` cells a side, means over whole blocks of cells.

    Permeability by its geometric mean, the effective value of a plane with lognormal spread (Matheron 1967).
    """
    shapes = {np.shape(a) for layer in reservoir.layers for a in _rasters(layer) if np.ndim(a) == 2}
    across = max([max(s) for s in shapes], default=0)
    across = max(across, int(max(reservoir.extent_m) / reservoir.cell_m))
    block = max(-(-across // SEARCH_CELLS), 1)
    while block > 1 and any(n % block for shape in shapes for n in shape):
        block -= 1
    if block == 1:
        return reservoir

    def make() -> Reservoir:
        layers = tuple(
            replace(
                layer,
                porosity=_blocks(layer.porosity, block),
                permeability_md=_blocks(layer.permeability_md, block, geometric=True),
                temperature_degc=_blocks(layer.temperature_degc, block),
            )
            for layer in reservoir.layers
        )
        return replace(reservoir, cell_m=reservoir.cell_m * block, layers=layers)

    made: Reservoir = _COARSE.get((reservoir.key, block), make)
    return made


def _rasters(layer: Any) -> tuple[Any, Any, Any]:
    return layer.porosity, layer.permeability_md, layer.temperature_degc


def _blocks(value: Any, block: int, *, geometric: bool = False) -> Any:
    if np.ndim(value) != 2:
        return value
    ny, nx = np.shape(value)
    parts = np.asarray(value).reshape(ny // block, block, nx // block, block)
    if geometric:
        return np.exp(np.log(np.maximum(parts, 1e-12)).mean(axis=(1, 3)))
    return parts.mean(axis=(1, 3))


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


def levelled(forecast: Forecast, reservoir: Reservoir, wells: Sequence[Well]) -> Forecast:
    """A forecast of the coarser lattice, its producers starting from the rock that the full one has there."""
    hot = [w for w in wells if w.kind == "producer"]
    fine, rough = ground_of(reservoir), ground_of(coarse(reservoir))
    temperature = dict(forecast.temperature_degc)
    by_layers: dict[tuple[str, ...] | None, list[Well]] = {}
    for well in hot:
        by_layers.setdefault(well.layers, []).append(well)
    for names, group in by_layers.items():
        x, y = np.array([w.x_m for w in group]), np.array([w.y_m for w in group])
        shift = fine.rock_degc(fine.open_layers(names), x, y) - rough.rock_degc(
            rough.open_layers(names), x, y
        )
        for well, step in zip(group, shift.tolist(), strict=True):
            temperature[well.name] = temperature[well.name] + step
    return replace(forecast, temperature_degc=temperature)


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


class _Given:
    """Hands out a forecast that is known already, so that the chain behind it is the usual one."""

    def __init__(self, forecast: Forecast):
        self.name, self.version, self._forecast = BATCHED, "", forecast

    def check(self, *_: Any) -> tuple[()]:
        return ()

    def forecast(self, *_: Any, **__: Any) -> Forecast:
        return self._forecast


def carpet(task: tuple[CorrectedModel, Scheme, str, tuple[Scheme, ...]]) -> list[Values]:
    """KPIs of variants of a scheme in which one well stands elsewhere: one back-substitution each.

    Injection temperatures are those of the scheme itself; empty for a variant without an answer.
    """
    from twin_models.simulators.carpet import WellMoveBatch

    model, scheme, well, variants = task
    try:
        now = evaluate(scheme, model)
        ground, index = scheme.ground(), scheme.index(well)
        batch = WellMoveBatch(coarse(ground), now.wells, index, forecast_years(scheme), scheme.season_days)
        stands = [
            replace(now.wells[index], x_m=w.x_m, y_m=w.y_m, trajectory=w.trajectory)
            for w in (v.ground_wells()[index] for v in variants)
        ]
        answer = batch.evaluate_wells(stands)
    except InputError:
        return [{} for _ in variants]
    out: list[Values] = []
    for n, (variant, stand) in enumerate(zip(variants, stands, strict=True)):
        there = (*now.wells[:index], stand, *now.wells[index + 1 :])
        found = levelled(batch.forecast(answer, n), ground, there)
        given = _Given(model.correct(found, ground, there))
        try:
            out.append({key: kpi.value for key, kpi in evaluate(variant, given).kpis.items()})
        except InputError:
            out.append({})
    return out


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
