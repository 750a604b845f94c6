"""Estimates of whole schemes, many at once: ground on the coarser lattice, wells, station, money, every KPI.

The same numbers as ``evaluate`` with the search's predictor one by one (``optimise.predict``), whose fixed point
of the return temperature is followed for all schemes together. What cannot go together is left to the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from scenarios.batch import Batch, warm
from scenarios.batch_kpis import figures, knows
from scenarios.batch_layout import evened
from scenarios.coarse import coarse, rock_shift_k
from scenarios.evaluate import CLOSE_K, forecast_years
from scenarios.many import Answers, batch_of, facts_of, hot_ends
from scenarios.scheme import Scheme
from twin_models.corrected import CorrectedModel
from twin_models.errors import InputError
from twin_models.models import BATCHED
from twin_models.simulators.many import ManyLayouts
from twin_models.types import Forecast, Layer, Reservoir, Well

# A ground from ice to steam: what is asked about in it is never clipped.
_WIDE = Reservoir(
    (1.0, 1.0),
    (0.0, 0.0),
    1.0,
    tuple(Layer(n, 0.0, 1.0, temperature_degc=t) for n, t in (("a", -1e3), ("b", 1e3))),
)


def estimate_together(
    schemes: Sequence[Scheme], model: CorrectedModel, keys: Collection[str]
) -> list[dict[str, float] | None]:
    """The wanted KPIs of each scheme (NaN: undefined), ``None`` for one that must be evaluated by itself.

    ``model``: what simulations have said of the search's predictor.
    """
    out: list[dict[str, float] | None] = [None] * len(schemes)
    for group in evened(schemes):
        try:
            made = _alike([schemes[n] for n in group], model, keys)
        except InputError:
            continue  # one of them has no answer: each says so by itself
        for key, values in made.items():
            for n, value in zip(group, values.tolist(), strict=True):
                row = out[n] or {}
                row[key] = value
                out[n] = row
    return out


def _alike(schemes: Sequence[Scheme], model: CorrectedModel, keys: Collection[str]) -> dict[str, np.ndarray]:
    if not knows(keys) or not any(w.kind == "producer" for w in schemes[0].wells):
        return {}
    laid = batch_of(schemes)
    if laid is None:
        return {}
    batch, wells = laid
    ground = Ground(schemes, batch, wells, model)
    guess = warm(batch, None).injected_degc
    answers = ground.answers(guess)
    heat = warm(batch, hot_ends(batch, answers))
    left = np.isnan(batch.cold.stated_degc)
    moved = np.where(left, np.abs(heat.injected_degc - guess), 0.0).max(axis=1, initial=0.0) > CLOSE_K
    if moved.any():
        again = np.where(moved[:, None], heat.injected_degc, guess)
        answers = ground.answers(again, np.flatnonzero(moved), answers)
        heat = warm(batch, hot_ends(batch, answers))
    return figures(facts_of(batch, answers, heat), keys)


class Ground:
    """The search's predictor under like schemes: asked for injection temperatures, it answers for all."""

    def __init__(
        self,
        schemes: Sequence[Scheme],
        batch: Batch,
        wells: Sequence[tuple[Well, ...]],
        model: CorrectedModel,
    ):
        first = schemes[0]
        full = first.ground()
        rough = coarse(full)
        self.batch, self.years = batch, forecast_years(first)
        self.layouts = ManyLayouts(rough, wells, self.years, first.season_days)
        kinds = np.array([w.kind for w in first.wells])
        self.hot = np.flatnonzero(kinds == "producer")
        self.stated = np.array(
            [[np.nan if w.temperature_degc is None else w.temperature_degc for w in row] for row in wells]
        )
        self.stated[:, kinds != "injector"] = np.nan
        degc, bar = _shifts(model, wells, self.years)
        if rough is not full:
            flat = [row[n] for row in wells for n in self.hot]
            degc[:, self.hot] += rock_shift_k(full, flat).reshape(len(wells), -1, 1)
        self.shift_degc, self.shift_bar = degc, bar
        rock = [float(f(layer.temperature_degc)) for layer in full.layers for f in (np.min, np.max)]
        self.rock = min(rock), max(rock)
        self.corrected = bool(degc.any() or bar.any())

    def answers(
        self, injected_degc: np.ndarray, rows: np.ndarray | None = None, known: Answers | None = None
    ) -> Answers:
        """Forecasts with these temperatures (b, cold wells); only ``rows`` are asked anew, the rest is ``known``."""
        degc = np.array(np.broadcast_to(self.stated, (self.batch.count, self.stated.shape[1])))
        degc[:, self.batch.cold.index] = injected_degc
        temperature, pressure = self.layouts.answer(degc, rows)
        at = slice(None) if rows is None else rows
        hot = temperature[:, self.hot] + self.shift_degc[at][:, self.hot]
        low, high = self._possible(degc[at])
        temperature[:, self.hot] = np.clip(hot, low, high) if self.corrected else hot
        pressure = pressure + self.shift_bar[at]
        if known is not None and rows is not None:
            known.temperature_degc[rows], known.pressure_change_bar[rows] = temperature, pressure
            return known
        return Answers(self.years, temperature, pressure)

    def _possible(self, degc: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coldest and warmest water of each layout, (rows, 1, 1)."""
        filled = np.where(np.isnan(degc), self.rock[0], degc)
        low = np.minimum(filled.min(axis=1), self.rock[0])
        high = np.maximum(filled.max(axis=1), self.rock[1])
        return low[:, None, None], high[:, None, None]


def _shifts(
    model: CorrectedModel, wells: Sequence[tuple[Well, ...]], years: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What the model adds to each well's temperature and pressure (b, n, t): found by asking it about a forecast
    in the middle of what is possible, where nothing is clipped."""
    one = {w.name: w for row in wells for w in row}
    middle, still = np.full(years.size, 50.0), np.zeros(years.size)
    probe = Forecast(BATCHED, "", years, dict.fromkeys(one, middle), dict.fromkeys(one, still))
    said = model.correct(probe, _WIDE, tuple(one.values()))
    degc = {n: said.temperature_degc[n] - middle for n in one}
    bar = {n: said.pressure_change_bar[n] - still for n in one}
    return (
        np.array([[degc[w.name] for w in row] for row in wells]),
        np.array([[bar[w.name] for w in row] for row in wells]),
    )
