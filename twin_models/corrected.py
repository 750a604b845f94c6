"""A live predictor that remembers how far off it was.

The live predictor answers in milliseconds and is not exact. Whenever the simulation has answered for a
layout, the difference to the predictor on that same layout is known exactly; it is kept per well and added
while the next drag runs. At the start of a drag the estimate therefore equals the simulated value, and it
loses that anchor only as far as wells move. (Control variates, as in multi-fidelity estimation: Peherstorfer,
Willcox & Gunzburger 2018, SIAM Review 60, 550.) The value carpet asks another, batched predictor about the
same layouts: residuals are kept by predictor, so that both start from the simulated value.

Bands follow the same way. Near the anchor the error is that of a *change*, so its width is expected to grow
with how far the estimate has moved from the anchored one; far away, or for a well that the anchored layout
did not have, it is the predictor's own. What releases show of either recalibrates it (``surrogates.online``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from twin_models.base import ForecastModel
from twin_models.surrogates.online import Recalibration
from twin_models.types import DAYS_PER_YEAR, Forecast, Notice, Reservoir, Well

FLOOR_K = 0.05  # of an expected width: the simulation's own repeatability under a shift of the grid
MOVED_PART = 0.25  # of an estimate's change since the anchor, as expected width
# 80 and 90 % quantiles of the scores of anchored estimates, measured by ``training.anchored``.
ANCHORED_80, ANCHORED_90 = 1.12, 2.17


@dataclass(frozen=True)
class _Residual:
    """What one predictor said of the audited layout, and simulation less that, per well at ``years``."""

    years: np.ndarray
    temperature: dict[str, np.ndarray]
    pressure: dict[str, np.ndarray]
    said_degc: dict[str, np.ndarray]


def _interpolate(years: np.ndarray, source_years: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Residual at ``years``; zero at time zero, held after the last known year."""
    return np.interp(years, np.concatenate(([0.0], source_years)), np.concatenate(([0.0], values)))


class CorrectedModel:
    """``base`` plus the residual of the last audited layout, clipped to what is physically possible.

    ``free``, ``anchored``: scores of wells without and with a residual.
    """

    def __init__(self, base: ForecastModel):
        self.base = base
        self.name = base.name
        self.version = base.version
        self._residuals: dict[str, _Residual] = {}
        self.recalibrate()

    def recalibrate(self) -> None:
        """Forget what audits said of the bands (another site: another ground)."""
        self.free = Recalibration()
        self.anchored = Recalibration(ANCHORED_80, ANCHORED_90)

    def learn(self, audited: Forecast, estimated: Forecast, *others: Forecast) -> None:
        """Keep simulation minus estimate, per well; all forecasts are of the same layout and years.

        ``others``: of predictors beside the base whose answers ``correct`` may be asked to mend.
        """
        self._residuals = {
            said.engine: _Residual(
                np.asarray(audited.years, dtype=float),
                _differences(audited.temperature_degc, said.temperature_degc),
                _differences(audited.pressure_change_bar, said.pressure_change_bar),
                {n: np.asarray(v, dtype=float) for n, v in said.temperature_degc.items()},
            )
            for said in (estimated, *others)
        }

    def audit(
        self, audited: Forecast, estimated: Forecast, reservoir: Reservoir, wells: Sequence[Well]
    ) -> None:
        """Score what was shown of a layout, before it is learnt: ``estimated`` is the base's own answer."""
        if estimated.low_degc is None:
            return
        shown = self.correct(estimated, reservoir, wells)
        scores: dict[bool, list[float]] = {True: [], False: []}
        for well in _producers(wells, shown.temperature_degc):
            truth = audited.temperature_degc.get(well)
            width, anchored = self._expected(estimated, well)
            if truth is not None and np.shape(truth) == np.shape(width):
                error = np.abs(np.asarray(truth) - shown.temperature_degc[well])
                scores[anchored].append(float((error / width).max()))
        self.anchored.add(scores[True])
        self.free.add(scores[False])

    def forget(self) -> None:
        self._residuals = {}

    def check(self, reservoir: Reservoir, wells: Sequence[Well]) -> tuple[Notice, ...]:
        return self.base.check(reservoir, wells)

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
        estimate = self.base.forecast(
            reservoir, wells, years, season_days=season_days, fields=fields, cancel=cancel
        )
        return self.correct(estimate, reservoir, wells)

    def correct(self, estimate: Forecast, reservoir: Reservoir, wells: Sequence[Well]) -> Forecast:
        """An estimate with what is known of its predictor's error added, and its band as audits say."""
        residual = self._residuals.get(estimate.engine)
        temperature, pressure = dict(estimate.temperature_degc), dict(estimate.pressure_change_bar)
        ends = _possible(reservoir, wells)
        if residual is not None:
            for name in _producers(wells, temperature) & residual.temperature.keys():
                shift = _interpolate(estimate.years, residual.years, residual.temperature[name])
                temperature[name] = np.clip(temperature[name] + shift, *ends)
            for name in residual.pressure.keys() & pressure.keys():
                shift = np.interp(estimate.years, residual.years, residual.pressure[name])
                pressure[name] = pressure[name] + shift
        made = replace(estimate, temperature_degc=temperature, pressure_change_bar=pressure)
        return made if estimate.low_degc is None else self._banded(made, estimate, ends)

    def _banded(self, made: Forecast, estimate: Forecast, ends: tuple[float, float]) -> Forecast:
        factors = {True: self.anchored.factor(0.8), False: self.free.factor(0.8)}
        low, high = {}, {}
        for name in (estimate.low_degc or {}).keys() & made.temperature_degc.keys():
            width, anchored = self._expected(estimate, name)
            middle, half = made.temperature_degc[name], factors[anchored] * width
            low[name], high[name] = np.clip(middle - half, *ends), np.clip(middle + half, *ends)
        return replace(made, low_degc=low, high_degc=high)

    def _expected(self, estimate: Forecast, name: str) -> tuple[np.ndarray, bool]:
        """Width expected of a producer's error (t,), and whether its residual is known."""
        own = np.full(np.shape(estimate.temperature_degc[name]), FLOOR_K)
        if estimate.low_degc is not None and estimate.high_degc is not None and name in estimate.low_degc:
            own = np.maximum(0.5 * (estimate.high_degc[name] - estimate.low_degc[name]), FLOOR_K)
        residual = self._residuals.get(estimate.engine)
        if residual is None or name not in residual.temperature:
            return own, False
        moved = estimate.temperature_degc[name] - np.interp(
            estimate.years, residual.years, residual.said_degc[name]
        )
        # a kelvin that came and went still says that this well is concerned
        return FLOOR_K + MOVED_PART * np.maximum.accumulate(np.abs(moved)), True


def _possible(reservoir: Reservoir, wells: Sequence[Well]) -> tuple[float, float]:
    """Coldest and warmest water that can be produced."""
    degc = [float(f(layer.temperature_degc)) for layer in reservoir.layers for f in (np.min, np.max)]
    degc += [w.temperature_degc for w in wells if w.temperature_degc is not None]
    degc += [s.temperature_degc for w in wells for s in w.schedule if s.temperature_degc is not None]
    return min(degc), max(degc)


def _producers(wells: Sequence[Well], known: dict[str, np.ndarray]) -> set[str]:
    return {w.name for w in wells if w.kind == "producer" and w.name in known}


def _differences(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        name: np.nan_to_num(np.asarray(a[name], dtype=float) - np.asarray(b[name], dtype=float))
        for name in a.keys() & b.keys()
        if np.shape(a[name]) == np.shape(b[name])
    }
