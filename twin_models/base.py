"""The one question of the whole program: given this reservoir and these wells, what happens?

Every predictor answers it through ``ForecastModel.forecast``; surrogate and simulation cannot be told
apart by their callers except through ``name`` and ``state``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from twin_models.types import DAYS_PER_YEAR, Forecast, Notice, Reservoir, Well


class Cancelled(Exception):
    """Raised by a predictor whose ``cancel`` callback returned true."""


class ForecastModel(Protocol):
    """A predictor of production temperature and pressure."""

    name: str
    version: str

    def check(self, reservoir: Reservoir, wells: Sequence[Well]) -> tuple[Notice, ...]:
        """What lies outside the range this predictor was built for (empty: nothing)."""
        ...

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
        """Forecast at the given times (t,), in years, increasing, all > 0.

        ``season_days``: days a year the wells run at their stated rates. ``fields``: years at which
        maps are wanted (``Forecast.fields``), or ``None``. Raises ``InputError`` for input that has no
        answer (a well outside the box, rates that do not balance in a closed box) and ``Cancelled``.
        """
        ...
