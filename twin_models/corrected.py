"""A live predictor that remembers how far off it was.

The streamline base answers in milliseconds but knows nothing of viscosity changing with temperature.
Whenever the simulation has answered for a layout, the difference to the base on that same layout is
known exactly; it is kept per well and added to the base while the next drag runs. At the start of a drag
the estimate therefore equals the simulated value, and it loses that anchor only as far as wells move.
(Control variates, as in multi-fidelity estimation: Peherstorfer, Willcox & Gunzburger 2018, SIAM Review 60, 550.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from twin_models.base import ForecastModel
from twin_models.types import DAYS_PER_YEAR, Forecast, Notice, Reservoir, Well


def _interpolate(years: np.ndarray, source_years: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Residual at ``years``; zero at time zero, held after the last known year."""
    return np.interp(years, np.concatenate(([0.0], source_years)), np.concatenate(([0.0], values)))


class CorrectedModel:
    """``base`` plus the residual of the last audited layout, clipped to what is physically possible."""

    def __init__(self, base: ForecastModel):
        self.base = base
        self.name = base.name
        self.version = base.version
        self._years = np.zeros(0)
        self._temperature: dict[str, np.ndarray] = {}
        self._pressure: dict[str, np.ndarray] = {}

    def learn(self, audited: Forecast, estimated: Forecast) -> None:
        """Keep simulation minus base, per well; both forecasts are of the same layout and years."""
        self._years = np.asarray(audited.years, dtype=float)
        self._temperature = _differences(audited.temperature_degc, estimated.temperature_degc)
        self._pressure = _differences(audited.pressure_change_bar, estimated.pressure_change_bar)

    def forget(self) -> None:
        self._temperature, self._pressure = {}, {}

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
        """An estimate of the base with what is known of its error added."""
        if not self._temperature:
            return estimate
        warmest = max(float(np.max(layer.temperature_degc)) for layer in reservoir.layers)
        coldest = min(
            [float(np.min(layer.temperature_degc)) for layer in reservoir.layers]
            + [w.temperature_degc for w in wells if w.temperature_degc is not None]
        )
        producers = {w.name for w in wells if w.kind == "producer"}
        temperature = dict(estimate.temperature_degc)
        for name in producers & self._temperature.keys() & temperature.keys():
            shift = _interpolate(estimate.years, self._years, self._temperature[name])
            temperature[name] = np.clip(temperature[name] + shift, coldest, warmest)
        pressure = dict(estimate.pressure_change_bar)
        for name in self._pressure.keys() & pressure.keys():
            shift = np.interp(estimate.years, self._years, self._pressure[name])
            pressure[name] = pressure[name] + shift
        return replace(estimate, temperature_degc=temperature, pressure_change_bar=pressure)


def _differences(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        name: np.nan_to_num(np.asarray(a[name], dtype=float) - np.asarray(b[name], dtype=float))
        for name in a.keys() & b.keys()
        if np.shape(a[name]) == np.shape(b[name])
    }
