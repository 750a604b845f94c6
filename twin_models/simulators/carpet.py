"""One well at many places: what the live predictor would say at each, for the price of little more than tracing.

Pressure is linear in the wells' rates, so the field of all wells that stay is solved once, and each place
adds the held well's own response: one back-substitution. These go eight at a time through the factor
(``factor``) in compiled code, which is faster than one by one and lets other threads run. Everything after that
(mending near the well, zones, lines, sums) is the very code of ``streamline``, so a place's answer is what a
drop there would show, but for the number of lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numba as nb
import numpy as np

from twin_models.base import Cancelled
from twin_models.errors import Fault, InputError
from twin_models.simulators import near_well, tracing, tubes, zones
from twin_models.simulators.factor import BLOCK
from twin_models.simulators.flow_units import FlowUnit, Place, flow_units, fresh_places, moved, places
from twin_models.simulators.streamline import PA_PER_BAR, StreamlineModel, mend, own_losses, spread
from twin_models.simulators.well_sources import (
    Sources,
    Surroundings,
    cold_bank_pa,
    drift_pa,
    mean_rates,
    sources_of,
    surroundings,
)
from twin_models.types import DAYS_PER_YEAR, SECONDS_PER_YEAR, Forecast, Reservoir, Well

CARPET_LINES = 16


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _add_response(response, tx, ty, rate, fx0, fy0, fx, fy):
    """fx, fy = base fluxes + rate x the fluxes of the unit response (ny, nx)."""
    ny, nx = response.shape
    for j in range(ny):
        for i in range(1, nx):
            fx[j, i] = fx0[j, i] + rate * tx[j, i] * (response[j, i - 1] - response[j, i])
        fx[j, 0] = fx0[j, 0] - rate * tx[j, 0] * response[j, 0]
        fx[j, nx] = fx0[j, nx] + rate * tx[j, nx] * response[j, nx - 1]
    for i in range(nx):
        fy[0, i] = fy0[0, i] - rate * ty[0, i] * response[0, i]
        fy[ny, i] = fy0[ny, i] + rate * ty[ny, i] * response[ny - 1, i]
    for j in range(1, ny):
        for i in range(nx):
            fy[j, i] = fy0[j, i] + rate * ty[j, i] * (response[j - 1, i] - response[j, i])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _places(count, static, held, wells, times, lines, production, gap, seen):
    """Answers at ``count`` places of the held well.

    ``static``: fx0, fy0, tx, ty, water, ratio, theta, dx, dy, thin, resistance, fluidity, kappa, working pressure, aspect, kernel,
    open_x, open_y, mended, most. ``held``: index, response (B, ny, nx), cx, cy, contrast, cells, weights,
    layer share, (mean, working) rate by place. ``wells``: cx, cy, mean, working, degc, producing, layer share, cells, weights of all
    wells. Out: ``production`` (B, producers, t), ``gap`` and ``seen`` (B, wells).
    """
    (fx0, fy0, tx, ty, water, ratio, theta, dx, dy, thin, resistance, fluidity, kappa,
     still, aspect, kernel, open_x, open_y, mended, most) = static  # fmt: skip
    index, response, place_x, place_y, contrast, place_cells, place_weights, place_share, place_rate = held
    cx0, cy0, mean0, working0, degc, producing, share0, cells, weights = wells
    years_s, table = times
    fx, fy = np.empty_like(fx0), np.empty_like(fy0)
    cx, cy, share, mean, working = cx0.copy(), cy0.copy(), share0.copy(), mean0.copy(), working0.copy()
    inj, hot, prods = np.zeros((cx.size, 7)), np.zeros(cx.size), np.zeros((producing.size, 7))
    near, thick = np.empty(water.shape, dtype=np.int64), np.empty(cx.size)
    nx = water.shape[1]
    for b in range(count):
        cx[index], cy[index] = place_x[b], place_y[b]
        mean[index], working[index] = place_rate[b, 0], place_rate[b, 1]
        _add_response(response[b], tx, ty, mean[index], fx0, fy0, fx, fy)
        one = slice(b, b + 1)
        if mended:
            near_well.mend_fluxes(
                fx,
                fy,
                place_x[one],
                place_y[one],
                mean[index : index + 1],
                contrast[one],
                place_cells[one],
                place_weights[one],
                aspect,
                kernel,
                open_x,
                open_y,
            )
        zones.gaps(cx, cy, mean, dx, dy, most, gap[b])
        number = zones.gather(
            cx, cy, mean, degc, producing, gap[b], fx, fy, dx, dy, thin, inj, hot, prods, near
        )
        for k in range(producing.size):
            if producing[k] == index:
                share[k] = place_share[b]
        field = (fx, fy, water, ratio, theta, near, inj[:number], dx, dy, thin, resistance)
        tubes.thickness(inj[:number], hot, theta, fluidity, thick)
        tracing.producers(
            field, prods, share, lines, kappa, hot, thick[:number], years_s, table, production[b]
        )
        for n in range(cx.size):
            seen[b, n] = 0.0
            for m in range(4):
                c = place_cells[b, m] if n == index else cells[n, m]
                w = place_weights[b, m] if n == index else weights[n, m]
                seen[b, n] += w * (still[c // nx, c % nx] + working[index] * response[b, c // nx, c % nx])


@dataclass(frozen=True, eq=False)
class _Base:
    """What does not depend on the held well's place, for one unit."""

    unit: FlowUnit
    src: Sources
    static: tuple
    wells: tuple
    around: Surroundings
    own: np.ndarray


class WellMoveBatch:
    """Forecasts with one well (``index``) standing at any of many places, the others as they are.

    ``years`` (t,) increasing. Safe to use from several threads at once; the compiled parts let go of the
    interpreter. ``lines``: per producer (``streamline.LINES`` gives exactly the live predictor's numbers).
    """

    def __init__(
        self,
        reservoir: Reservoir,
        wells: Sequence[Well],
        index: int,
        years: np.ndarray,
        season_days: float = DAYS_PER_YEAR,
        *,
        lines: int = CARPET_LINES,
    ):
        self.reservoir, self.wells, self.index, self.lines = reservoir, tuple(wells), index, lines
        self.years = np.asarray(years, dtype=np.float64)
        self.years_s = self.years * SECONDS_PER_YEAR
        self.rates = mean_rates(self.wells, float(self.years[-1]), season_days)
        self.units = flow_units(reservoir)
        self.at = places(reservoir, self.wells)
        kinds = np.array([w.kind for w in self.wells])
        self.producing = np.flatnonzero(
            (kinds == "producer") | ((kinds == "storage") & (self.rates.mean < 0.0))
        )
        self._bases = [self._base(n, unit) for n, unit in enumerate(self.units)]
        self._notices = StreamlineModel().check(reservoir, self.wells)

    def _base(self, number: int, unit: FlowUnit) -> _Base:
        here = [row[number] for row in self.at]
        src = sources_of(unit, here, self.rates.mean, self.rates.working)
        others = np.ones(len(self.wells))
        others[self.index] = 0.0
        both = np.stack([spread(unit, src, src.mean * others), spread(unit, src, src.working * others)])
        mean, working = unit.system.solve(both)
        fx, fy = unit.system.fluxes(mean)
        mend(unit, fx, fy, src, src.mean * others)
        grid = unit.grid
        static = (
            fx,
            fy,
            unit.system.tx,
            unit.system.ty,
            unit.water,
            unit.ratio,
            unit.theta,
            grid.dx_m,
            grid.dy_m,
            unit.thin,
            unit.resistance,
            unit.fluidity,
            unit.kappa,
            np.ascontiguousarray(working),
            unit.aspect,
            unit.kernel,
            *grid.open_sides,
            unit.mended,
            float(max(grid.reservoir.extent_m)),
        )
        share = np.array([here[n].layer_share for n in self.producing]).reshape(self.producing.size, -1)
        wells = (
            src.cx,
            src.cy,
            src.mean,
            src.working,
            self.rates.injected_degc,
            self.producing,
            share,
            src.cells,
            src.weights,
        )
        own = own_losses(unit, src)
        return _Base(unit, src, static, wells, surroundings(unit, here, src), own)

    def evaluate(
        self,
        places_m: np.ndarray,
        *,
        threads: int = 1,
        cancel: Callable[[], bool] | None = None,
    ) -> dict[str, np.ndarray]:
        """Forecast at every target ``places_m`` (n, 2), the well's path shifted along with it.

        Returns arrays: ``temperature_degc`` and ``pressure_change_bar`` (n, wells, t) as in ``Forecast``,
        ``production_degc`` (n, t) flow-weighted over the producers, ``inside`` (n,) bool: places outside the
        model are NaN. Monitors show the undisturbed rock. Raises ``Cancelled``.
        """
        spots = np.asarray(places_m, dtype=np.float64).reshape(-1, 2)
        held = self.wells[self.index]
        inside = np.array([self.reservoir.contains(x, y) for x, y in spots], dtype=bool)
        met = [moved(self.reservoir, held, x, y) for x, y in spots[inside]]
        return self._answer(met, inside, threads, cancel)

    def evaluate_wells(
        self,
        variants: Sequence[Well],
        *,
        threads: int = 1,
        cancel: Callable[[], bool] | None = None,
    ) -> dict[str, np.ndarray]:
        """As ``evaluate`` for given versions of the held well (other target, path, layers or skin; the same
        kind, rate and temperature). Raises ``InputError`` for one outside the model."""
        held = self.wells[self.index]
        faults = [
            Fault(f"variants[{n}]", "range", "may differ in place, path, layers, radius and skin only")
            for n, w in enumerate(variants)
            if (w.kind, w.rate_m3_h, w.temperature_degc, w.schedule)
            != (held.kind, held.rate_m3_h, held.temperature_degc, held.schedule)
        ]
        if faults:
            raise InputError(faults)
        met = fresh_places(self.reservoir, variants)
        return self._answer(met, np.ones(len(variants), dtype=bool), threads, cancel)

    def _answer(
        self,
        met: list[tuple[Place, ...]],
        inside: np.ndarray,
        threads: int,
        cancel: Callable[[], bool] | None,
    ) -> dict[str, np.ndarray]:
        size = (inside.size, len(self.wells), self.years.size)
        temperature, pressure = np.full(size, np.nan), np.full(size, np.nan)
        where = np.flatnonzero(inside)
        blocks = [slice(n, min(n + BLOCK, len(met))) for n in range(0, len(met), BLOCK)]

        def work(block: slice) -> None:
            if cancel is not None and cancel():
                raise Cancelled
            temperature[where[block]], pressure[where[block]] = self._block(met[block])

        if threads > 1 and len(blocks) > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, blocks))
        else:
            for block in blocks:
                work(block)
        made = -self.rates.mean[self.producing]
        weight = made / made.sum() if made.sum() > 0.0 else np.full(made.size, 1.0 / max(made.size, 1))
        return {
            "temperature_degc": temperature,
            "pressure_change_bar": pressure,
            "production_degc": np.einsum("p,npt->nt", weight, temperature[:, self.producing]),
            "inside": inside,
        }

    def _block(self, met: list[tuple[Place, ...]]) -> tuple[np.ndarray, np.ndarray]:
        """Temperature (degC) and pressure (bar) at up to ``BLOCK`` places, (n, wells, t)."""
        shape = (len(met), len(self.wells), self.years.size)
        temperature, pressure = np.zeros(shape), np.zeros(shape)
        fixed = [[p.share for p in row] for row in self.at]
        for number, base in enumerate(self._bases):
            share = np.tile([row[number] for row in fixed], (len(met), 1))
            share[:, self.index] = [row[number].share for row in met]
            made, bar = self._unit(base, [row[number] for row in met], share)
            temperature += share[..., None] * made
            pressure += share[..., None] * bar
        pumping = self.rates.mean > 0.0
        temperature[:, pumping] = self.rates.injected_degc[pumping, None]
        return temperature, (pressure + drift_pa(self.reservoir, self.rates, self.years_s)) / PA_PER_BAR

    def _unit(self, base: _Base, met: list[Place], share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        unit, count = base.unit, len(met)
        spot = sources_of(unit, met, np.zeros(count), np.zeros(count))
        layer_share = np.array([p.layer_share for p in met]).reshape(count, -1)
        response = self._responses(base, spot, count)
        mean, working = self.rates.mean * share, self.rates.working * share
        rate = np.stack((mean[:, self.index], working[:, self.index]), axis=1)
        held = (
            self.index,
            response,
            spot.cx,
            spot.cy,
            spot.contrast,
            spot.cells,
            spot.weights,
            layer_share,
            rate,
        )
        production = np.empty((count, self.producing.size, self.years.size))
        gap, seen = np.empty((count, len(self.wells))), np.empty((count, len(self.wells)))
        times = (self.years_s, tracing.ERFC_TABLE)
        _places(count, base.static, held, base.wells, times, self.lines, production, gap, seen)
        temperature = np.zeros((count, len(self.wells), self.years.size))
        temperature[:, self.producing] = production
        idle = np.setdiff1d(np.flatnonzero(self.rates.mean <= 0.0), self.producing)
        temperature[:, idle] = base.around.initial_degc[idle, None]
        around = self._around(base, met, spot, gap)
        loss = around.loss + np.tile(base.own, (count, 1))
        loss[:, self.index] = around.loss[:, self.index] + own_losses(unit, spot)
        extra = cold_bank_pa(unit, around, mean, working, self.rates.injected_degc, temperature, self.years_s)
        return temperature, (seen + working * loss)[..., None] + extra

    def _around(self, base: _Base, met: list[Place], spot: Sources, gap: np.ndarray) -> Surroundings:
        here = surroundings(base.unit, met, spot)

        def at_each(all_wells: np.ndarray, held: np.ndarray) -> np.ndarray:
            out = np.tile(all_wells, (len(met), 1))
            out[:, self.index] = held
            return out

        return Surroundings(
            initial_degc=at_each(base.around.initial_degc, here.initial_degc),
            loss=at_each(base.around.loss, here.loss),
            openness=at_each(base.around.openness, here.openness),
            height_m=at_each(base.around.height_m, here.height_m),
            gap_m=gap,
        )

    def _responses(self, base: _Base, spot: Sources, count: int) -> np.ndarray:
        """Pressure (count, ny, nx) that 1 m3/s into the held well makes, at each place."""
        unit = base.unit
        ny, nx = unit.grid.ny, unit.grid.nx
        b = np.zeros((count, ny * nx))
        for n in range(count):
            np.add.at(b[n], spot.cells[n], spot.weights[n])
        return unit.system.solve(b.reshape(count, ny, nx))

    def forecast(self, answer: dict[str, np.ndarray], n: int) -> Forecast:
        """Row ``n`` of an answer as a ``Forecast``."""
        inside = not any(notice.severity == "hard" for notice in self._notices)
        return Forecast(
            engine=StreamlineModel.name,
            engine_version=StreamlineModel.version,
            years=self.years,
            temperature_degc={w.name: answer["temperature_degc"][n, m] for m, w in enumerate(self.wells)},
            pressure_change_bar={
                w.name: answer["pressure_change_bar"][n, m] for m, w in enumerate(self.wells)
            },
            state="estimate" if inside else "out_of_range",
            in_range=inside,
            warnings=self._notices,
        )
