"""One well of a scheme at many places, for value carpets and searches: thousands of forecasts a second.

The ground is asked on the coarser lattice with few lines a well; what that costs in accuracy is mostly the same
at neighbouring places, and where the well stands now the better answer is known. So every place is given

    answer(place) = coarse(place) + [answer(here) - coarse(here)]

(a control variate, as in ``twin_models.corrected``), and the place where the well stands shows what the page
shows. ``geosandbox bench carpet-error`` measures what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from scenarios.coarse import coarse, rock_shift_k
from scenarios.many import Answers
from scenarios.scheme import Scheme, ground_well
from twin_models.simulators.carpet import CARPET_LINES, WellMoveBatch
from twin_models.types import Forecast, Reservoir, Well


class WellMoves:
    """Forecasts of a scheme's variants in which only the well ``index`` stands elsewhere.

    ``wells``: the scheme's wells with injection temperatures filled in. ``home``: forecast of the scheme as it
    stands, by whichever predictor is believed. ``fine``: ask the full lattice.
    """

    def __init__(
        self,
        scheme: Scheme,
        wells: Sequence[Well],
        index: int,
        *,
        home: Forecast,
        fine: bool = False,
        lines: int = CARPET_LINES,
    ):
        self.scheme, self.wells, self.index = scheme, tuple(wells), index
        self.ground = scheme.ground()
        lattice = self.ground if fine else coarse(self.ground)
        years = np.asarray(home.years, dtype=np.float64)
        self.batch = WellMoveBatch(lattice, self.wells, index, years, scheme.season_days, lines=lines)
        self._levelled = lattice is not self.ground and self.wells[index].kind == "producer"
        here = self.batch.evaluate_wells([self.wells[index]])
        names = [w.name for w in self.wells]
        self._degc = np.array([home.temperature_degc[n] for n in names]) - here["temperature_degc"][0]
        self._bar = np.array([home.pressure_change_bar[n] for n in names]) - here["pressure_change_bar"][0]
        self._moving = np.array([w.kind == "producer" for w in self.wells])
        self._rock_k = self._shift_k([self.wells[index]])[0]
        self._ends = _possible(self.ground, self.wells)

    def _shift_k(self, stands: Sequence[Well]) -> np.ndarray:
        return rock_shift_k(self.ground, stands) if self._levelled else np.zeros(len(stands))

    def answers(
        self, schemes: Sequence[Scheme], *, threads: int = 1, cancel: Callable[[], bool] | None = None
    ) -> Answers:
        """Forecasts of the variants, in their order. Raises ``InputError`` (a place outside) and ``Cancelled``."""
        now = self.wells[self.index]
        placed = [ground_well(s.wells[self.index], self.ground) for s in schemes]
        stands = [replace(now, x_m=w.x_m, y_m=w.y_m, trajectory=w.trajectory) for w in placed]
        found = self.batch.evaluate_wells(stands, threads=threads, cancel=cancel)
        temperature, pressure = found["temperature_degc"], found["pressure_change_bar"]
        temperature[:, self._moving] += self._degc[self._moving]
        temperature[:, self.index] += (self._shift_k(stands) - self._rock_k)[:, None]
        temperature[:, self._moving] = np.clip(temperature[:, self._moving], *self._ends)
        return Answers(self.batch.years, temperature, pressure + self._bar)


def _possible(ground: Reservoir, wells: Sequence[Well]) -> tuple[float, float]:
    """Coldest and warmest water that can be produced (degC)."""
    degc = [float(f(layer.temperature_degc)) for layer in ground.layers for f in (np.min, np.max)]
    degc += [w.temperature_degc for w in wells if w.temperature_degc is not None]
    degc += [s.temperature_degc for w in wells for s in w.schedule if s.temperature_degc is not None]
    return min(degc), max(degc)
