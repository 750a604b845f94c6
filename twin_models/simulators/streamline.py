"""The live predictor: steady flow by one back-substitution, heat along streamlines. Milliseconds.

What it knows: many wells, heterogeneous permeability, layers in stacks (``flow_units``), initial temperature
that differs from place to place, conduction to the rock above and below, skin and Peaceman losses, wells
between grid points (``near_well``), seasons (volumes spread over the year, pressures at the working rate).
What it leaves out or simplifies: as the rock cools, flow divides anew between the streamlines of a producer
(``tubes``) but the lines themselves stay where they were on the first day, and wells do not take flow from
each other; pressures are those of the first day but for the cold water round each well (``well_sources``);
no conduction along the aquifer; maps follow the first day's flow; schedules and storage are replaced by
their mean rates and flagged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from twin_models.base import Cancelled
from twin_models.grid import RecentlyUsed, grid_of, resample
from twin_models.simulators import near_well, tracing, tubes, zones
from twin_models.simulators.clogging import clogged_pa
from twin_models.simulators.estimate_range import blurred_notices, transient_notices, wall_notices
from twin_models.simulators.flow_units import FlowUnit, Place, flow_units, places
from twin_models.simulators.input import (
    check_input,
    crowded_notices,
    drawdown_notices,
    ground_notices,
    skin_notices,
    temperature_notices,
)
from twin_models.simulators.well_sources import (
    UNBALANCED,
    Rates,
    Sources,
    cold_bank_pa,
    drift_pa,
    gaps_m,
    mean_rates,
    sources_of,
    surroundings,
)
from twin_models.types import (
    DAYS_PER_YEAR,
    SECONDS_PER_YEAR,
    FieldFrames,
    Forecast,
    Layer,
    Notice,
    Reservoir,
    Well,
)

PA_PER_BAR = 1e5
LINES = 36  # per producer
MAP_CELLS = 64  # of the temperature map along each side, at most


def spread(unit: FlowUnit, src: Sources, rates: np.ndarray) -> np.ndarray:
    """Source field (ny, nx) of the wells' rates."""
    flat = np.bincount(src.cells.ravel(), (src.weights * rates[:, None]).ravel(), unit.grid.ny * unit.grid.nx)
    return flat.reshape(unit.grid.ny, unit.grid.nx)


def mend(unit: FlowUnit, fx: np.ndarray, fy: np.ndarray, src: Sources, rates: np.ndarray) -> None:
    """Replace the lattice's flow round the wells by the exact one, in place."""
    if unit.mended:
        open_x, open_y = unit.grid.open_sides
        near_well.mend_fluxes(
            fx,
            fy,
            src.cx,
            src.cy,
            rates,
            src.contrast,
            src.cells,
            src.weights,
            unit.aspect,
            unit.kernel,
            open_x,
            open_y,
        )


def field_of(
    unit: FlowUnit,
    fx: np.ndarray,
    fy: np.ndarray,
    src: Sources,
    injected_degc: np.ndarray,
    producing: np.ndarray,
) -> tuple[tuple, np.ndarray, np.ndarray, np.ndarray]:
    """What the kernels of ``tracing`` want: field, temperature and viscosity ratio of each injector,
    producers (n, 7)."""
    grid = unit.grid
    inj, hot = np.zeros((src.cx.size, 7)), np.zeros(src.cx.size)
    prods, near = np.zeros((producing.size, 7)), np.empty((grid.ny, grid.nx), dtype=np.int64)
    count = zones.gather(
        src.cx,
        src.cy,
        src.mean,
        injected_degc,
        producing,
        gaps_m(unit, src),
        fx,
        fy,
        grid.dx_m,
        grid.dy_m,
        unit.thin,
        inj,
        hot,
        prods,
        near,
    )
    field = (
        fx,
        fy,
        unit.water,
        unit.ratio,
        unit.theta,
        near,
        inj[:count],
        grid.dx_m,
        grid.dy_m,
        unit.thin,
        unit.resistance,
    )
    thick = np.empty(count)
    tubes.thickness(inj[:count], hot, unit.theta, unit.fluidity, thick)
    return field, hot, thick, prods


def own_losses(unit: FlowUnit, src: Sources) -> np.ndarray:
    """Head by which a shared source's own cells read low, per rate (n wells,), Pa s/m3."""
    nx = unit.grid.nx
    i = np.minimum(src.cx.astype(np.int64), nx - 1)
    j = np.minimum(src.cy.astype(np.int64), unit.grid.ny - 1)
    shared = np.empty(src.cx.size)
    near_well.own_heads(src.cells, src.weights, nx, unit.kernel, shared)
    return shared / np.maximum(unit.sheet_mobility[j, i], 1e-300)


class Flow:
    """Flow of one unit for given wells: ``working`` (ny, nx) pressure while they work, ``fx``, ``fy`` mean fluxes
    mended round the wells, and the lines traced so far. None of it knows the injected temperatures."""

    def __init__(self, unit: FlowUnit, src: Sources):
        duty = _common_duty(src)
        if duty is not None:
            working = unit.system.solve(spread(unit, src, src.working))
            mean = working * duty
        else:
            both = np.stack([spread(unit, src, src.working), spread(unit, src, src.mean)])
            working, mean = unit.system.solve(both)
        self.working = working
        self.fx, self.fy = unit.system.fluxes(mean)
        mend(unit, self.fx, self.fy, src, src.mean)
        self._lines: dict[tuple[int, float, bytes], tuple[np.ndarray, ...]] = {}

    def lines(self, field: tuple, prods: np.ndarray, number: int, cap_s: float) -> tuple[np.ndarray, ...]:
        """The lines of the producers (see ``tracing.trace``), traced once."""
        key = (number, cap_s, prods.tobytes())
        if key not in self._lines:
            kept = tracing.room(len(prods), number, field[3].shape[0])
            tracing.trace(field, prods, number, cap_s, kept)
            self._lines = {key: kept}
        return self._lines[key]


_FLOWS = RecentlyUsed(4)


def flow_of(unit: FlowUnit, src: Sources) -> Flow:
    """The flow of these wells, kept for a while: the return temperature of a scheme is found by asking twice, and
    it changes neither pressures nor lines."""
    wells = np.stack([src.cx, src.cy, src.contrast, src.mean, src.working]).tobytes()
    key = (unit.grid.reservoir.key, unit.grid.nx, unit.grid.ny, wells)
    flow: Flow = _FLOWS.get(key, lambda: Flow(unit, src))
    return flow


@dataclass(frozen=True, eq=False)
class UnitResult:
    """``temperature`` (n wells, t) for producers and monitors, ``pressure_pa`` (n wells,) and
    ``pressure_map`` (ny, nx) while working at initial viscosity; ``field``, ``hot`` for the tracing kernels."""

    temperature: np.ndarray
    pressure_pa: np.ndarray
    field: tuple
    hot: np.ndarray
    pressure_map: np.ndarray


def solve_unit(
    unit: FlowUnit,
    at: Sequence[Place],
    rates: Rates,
    producing: np.ndarray,
    watching: np.ndarray,
    years_s: np.ndarray,
    lines: int,
) -> UnitResult:
    """Flow and heat of one unit. ``producing``, ``watching``: indices of producers and monitors."""
    src = sources_of(unit, at, rates.mean, rates.working)
    flow = flow_of(unit, src)
    field, hot, thick, prods = field_of(unit, flow.fx, flow.fy, src, rates.injected_degc, producing)
    temperature = np.zeros((len(at), years_s.size))
    layer_share = np.array([p.layer_share for p in at]).reshape(len(at), -1)
    out = np.empty((producing.size, years_s.size))
    viscous = unit.thin == 0 and bool(np.any(thick != 1.0))
    kept = flow.lines(field, prods, lines, float(years_s[-1]) * (tubes.LOOK_AHEAD if viscous else 1.0))
    tracing.arrive(
        field, prods, layer_share[producing], kept, unit.kappa, hot, thick, years_s, tracing.ERFC_TABLE, out
    )
    temperature[producing] = out
    for n in watching:
        seen = np.empty((1, years_s.size))
        tracing.points(
            field,
            src.cx[n : n + 1],
            src.cy[n : n + 1],
            layer_share[n],
            unit.kappa,
            hot,
            years_s,
            tracing.ERFC_TABLE,
            seen,
        )
        temperature[n] = seen[0]
    loss = np.array([p.loss for p in at])
    seen_pa = (src.weights * flow.working.ravel()[src.cells]).sum(axis=1)
    pressure = seen_pa + src.working * (loss + own_losses(unit, src))
    return UnitResult(temperature, pressure, field, hot, flow.working)


def _common_duty(rates: Sources) -> float | None:
    """mean / working if it is the same for every well that works, else ``None``."""
    on = rates.working != 0.0
    if not on.any():
        return 1.0
    duty = rates.mean[on] / rates.working[on]
    return float(duty[0]) if np.ptp(duty) <= 1e-12 * abs(duty[0]) else None


def _rows(units: Sequence[FlowUnit], at: Sequence[tuple[Place, ...]]) -> np.ndarray:
    """(n wells, units): part of each well's rate in each unit."""
    return np.array([[p.share for p in row] for row in at]).reshape(len(at), len(units))


def _maps(
    reservoir: Reservoir,
    units: Sequence[FlowUnit],
    results: Sequence[UnitResult],
    at_years: np.ndarray,
) -> FieldFrames:
    """Temperature and pressure rasters of at most ``MAP_CELLS`` a side, thickness-weighted over the units."""
    grid = grid_of(reservoir)
    nx, ny = min(grid.nx, MAP_CELLS), min(grid.ny, MAP_CELLS)
    cx, cy = np.meshgrid((np.arange(nx) + 0.5) * grid.nx / nx, (np.arange(ny) + 0.5) * grid.ny / ny)
    cx, cy = cx.ravel() + 1e-7, cy.ravel() + 2e-7
    temperature = np.zeros((cx.size, at_years.size))
    pressure = np.zeros((ny, nx))
    total = sum(float(unit.thickness_m.sum()) for unit in units)
    for unit, result in zip(units, results, strict=True):
        out = np.empty((cx.size, at_years.size))
        tracing.points(
            result.field,
            cx,
            cy,
            unit.thickness_m / total,
            unit.kappa,
            result.hot,
            at_years * SECONDS_PER_YEAR,
            tracing.ERFC_TABLE,
            out,
        )
        temperature += out
        pressure += float(unit.thickness_m.sum()) / total * resample(result.pressure_map, ny, nx)
    started = (at_years > 0.0)[:, None, None]
    return FieldFrames(
        years=at_years,
        temperature_degc=np.ascontiguousarray(temperature.T.reshape(-1, ny, nx), dtype=np.float32),
        origin_m=reservoir.origin_m,
        extent_m=reservoir.extent_m,
        pressure_bar=(started * pressure / PA_PER_BAR).astype(np.float32),
    )


class StreamlineModel:
    """``ForecastModel`` over streamlines; see the module text for what it leaves out."""

    name = "streamline"
    version = "1.0"

    def __init__(self, lines: int = LINES):
        self.lines = lines

    def check(self, reservoir: Reservoir, wells: Sequence[Well]) -> tuple[Notice, ...]:
        """Temperatures beyond the water table's, wells on a side or in one cell, schedules and storage (severity hard),
        an unbalanced closed box, gaps between layers (soft)."""
        notices = [*temperature_notices(reservoir, wells), *ground_notices(reservoir)]
        notices += crowded_notices(reservoir, wells, severity="hard")
        notices += [*wall_notices(reservoir, wells), *skin_notices(reservoir, wells)]
        notices += [_schedule(n) for n, well in enumerate(wells) if well.schedule]
        notices += [
            _storage(n) for n, well in enumerate(wells) if well.kind == "storage" and not well.schedule
        ]
        if reservoir.boundary == "closed" and not any(w.schedule for w in wells):
            rates = [w.signed_rate_m3_h for w in wells]
            largest = max(sum(r for r in rates if r > 0), -sum(r for r in rates if r < 0), 0.0)
            if abs(sum(rates)) > UNBALANCED * max(largest, 1e-9):
                notices.append(_unbalanced(sum(rates)))
        return tuple(notices)

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
        """See ``ForecastModel.forecast``. ``years`` (t,) increasing; maps (k, <= 64, <= 64)."""
        begun = time.perf_counter()
        years = np.asarray(years, dtype=np.float64)
        check_input(reservoir, wells, years)
        at_years = None if fields is None else np.unique(np.append(np.asarray(fields, dtype=np.float64), 0.0))
        horizon = max(
            float(years[-1]), float(at_years[-1]) if at_years is not None and at_years.size else 0.0
        )
        at = places(reservoir, wells)
        rates = mean_rates(wells, float(years[-1]), season_days)
        units = flow_units(reservoir)
        kinds = np.array([well.kind for well in wells])
        producing = np.flatnonzero((kinds == "producer") | ((kinds == "storage") & (rates.mean < 0.0)))
        watching = np.flatnonzero(kinds == "monitor")
        years_s = (
            np.append(years, horizon) * SECONDS_PER_YEAR if horizon > years[-1] else years * SECONDS_PER_YEAR
        )
        results = []
        for n, unit in enumerate(units):
            if cancel is not None and cancel():
                raise Cancelled
            here = [row[n] for row in at]
            results.append(solve_unit(unit, here, rates, producing, watching, years_s, self.lines))
        temperature, pressure = combine(reservoir, units, at, rates, results, years_s)
        temperature, pressure = temperature[:, : years.size], pressure[:, : years.size]
        pressure = clogged_pa(pressure, reservoir, wells, years, season_days)
        frames = None
        if at_years is not None and at_years.size:
            frames = _maps(reservoir, units, results, at_years)
        change = {well.name: pressure[n] / PA_PER_BAR for n, well in enumerate(wells)}
        notices = (
            *self.check(reservoir, wells),
            *blurred_notices(units, at, wells, rates, float(years_s[years.size - 1])),
            *transient_notices(reservoir, rates),
        )
        inside = not any(notice.severity == "hard" for notice in notices)
        notices += tuple(drawdown_notices(wells, top_m(units), change))
        return Forecast(
            engine=self.name,
            engine_version=self.version,
            years=years,
            temperature_degc={well.name: temperature[n] for n, well in enumerate(wells)},
            pressure_change_bar=change,
            state="estimate" if inside else "out_of_range",
            in_range=inside,
            warnings=notices,
            elapsed_ms=(time.perf_counter() - begun) * 1e3,
            fields=frames,
        )


def top_m(units: Sequence[FlowUnit]) -> float:
    return min(float(unit.grid.top_m[unit.levels[0][0]]) for unit in units)


def combine(
    reservoir: Reservoir,
    units: Sequence[FlowUnit],
    at: Sequence[tuple[Place, ...]],
    rates: Rates,
    results: Sequence[UnitResult],
    years_s: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Temperature and pressure (n wells, t) of whole wells from those in each unit.

    Temperatures mix by rate; an injector shows what it injects, the rock's own temperature if nothing.
    Pressures are weighted by each unit's openness (kh): one hole, nearly one pressure.
    """
    share = _rows(units, at)
    temperature = sum(share[:, n, None] * result.temperature for n, result in enumerate(results))
    pressure = np.zeros_like(temperature)
    for n, (unit, result) in enumerate(zip(units, results, strict=True)):
        here = [row[n] for row in at]
        src = sources_of(unit, here, rates.mean, rates.working)
        around = surroundings(unit, here, src)
        extra = cold_bank_pa(
            unit, around, src.mean, src.working, rates.injected_degc, result.temperature, years_s
        )
        pressure += share[:, n, None] * (result.pressure_pa[:, None] + extra)
    pumping = rates.mean > 0.0
    temperature[pumping] = rates.injected_degc[pumping, None]
    idle = ~pumping & ~temperature.any(axis=1)
    for w in np.flatnonzero(idle).tolist():
        temperature[w] = sum(
            p.share * float((u.theta[:, int(p.cy), int(p.cx)] * p.layer_share).sum())
            for u, p in zip(units, at[w], strict=True)
        )
    return temperature, pressure + drift_pa(reservoir, rates, years_s)


def _schedule(n: int) -> Notice:
    return Notice(
        code="schedule",
        field=f"wells[{n}].schedule",
        text="the estimate takes the mean rate and temperature of the schedule; the simulation follows it",
        text_zh="估算按运行计划的平均流量和温度计算；模拟会逐步执行计划",
        severity="hard",
    )


def _storage(n: int) -> Notice:
    return Notice(
        code="storage",
        field=f"wells[{n}].kind",
        text="the estimate cannot follow storage cycles and takes their mean rate; the simulation can",
        text_zh="估算无法反映储热循环，只取平均流量；请看模拟结果",
        severity="hard",
    )


def _unbalanced(net_m3_h: float) -> Notice:
    verb, verb_zh = (
        ("more injected than produced", "注入多于采出")
        if net_m3_h > 0
        else (
            "more produced than injected",
            "采出多于注入",
        )
    )
    return Notice(
        code="unbalanced",
        field="wells",
        text=f"the box is closed and {abs(net_m3_h):.4g} m3/h {verb}: its pressure drifts without end",
        text_zh=f"模型边界封闭，{verb_zh} {abs(net_m3_h):.4g} m³/h：压力会持续变化",
        severity="soft",
    )


def warm() -> None:
    """Compile every kernel of the live predictor, the carpet and the well paths on a tiny problem.

    Results are cached on disk; run at set-up, so that no visitor waits for a compiler.
    """
    from twin_models.hull import hull_sizes
    from twin_models.simulators.carpet import WellMoveBatch  # it stands on this module
    from twin_models.trajectory import plan_path

    ramp = np.linspace(60.0, 70.0, 16 * 16).reshape(16, 16)
    layer = Layer("warm", 1000.0, 50.0, temperature_degc=ramp)
    reservoir = Reservoir((800.0, 800.0), (0.0, 0.0), 50.0, (layer,))
    wells = (
        Well("P", "producer", 210.0, 400.0, 50.0),
        Well("I", "injector", 610.0, 400.0, 50.0, 25.0),
        Well("M", "monitor", 400.0, 400.0),
    )
    years = np.array([1.0, 30.0])
    StreamlineModel().forecast(reservoir, wells, years, fields=(0.0, 30.0))
    WellMoveBatch(reservoir, wells, 0, years).evaluate(np.array([[300.0, 300.0]]))
    plan_path((0.0, 0.0), (300.0, 0.0, 1000.0), base_depth_m=1050.0)
    hull_sizes(np.zeros((1, 3, 2)))
