"""The learned predictor: streamlines for the physics, a small network for what they leave out.

What the network corrects: cold, viscous water that moves flow between wells, mixing along and across lines,
seasons. Pressures are the streamlines'. It says when it is asked beyond what it learned: an input outside the
training range, tokens far from those of training, or members that disagree.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from twin_models.base import Cancelled
from twin_models.grid import grid_of
from twin_models.simulators import tracing
from twin_models.simulators.clogging import clogged_pa
from twin_models.simulators.estimate_range import transient_notices
from twin_models.simulators.flow_units import FlowUnit, Place, flow_units, places
from twin_models.simulators.input import check_input, drawdown_notices
from twin_models.simulators.streamline import PA_PER_BAR, StreamlineModel, UnitResult, _maps, combine, top_m
from twin_models.simulators.well_sources import Rates, mean_rates
from twin_models.sites import assets_dir
from twin_models.surrogates.head import STEPS
from twin_models.surrogates.lines import Traced, trace_unit
from twin_models.surrogates.live import live_ground
from twin_models.surrogates.network import Answer, Surrogate
from twin_models.surrogates.tokens import build_tokens
from twin_models.types import DAYS_PER_YEAR, SECONDS_PER_YEAR, Forecast, Notice, Reservoir, Well

MODEL = "flow-attention"
ROUNDING_K = 0.2  # a use that leaves 45 degC leaves 45.1 in some wells


class SurrogateModel(StreamlineModel):
    """``ForecastModel`` "surrogate": the network in ``assets/models/<folder>`` over the streamline base."""

    name = "surrogate"

    def __init__(self, folder: str = MODEL):
        super().__init__()
        self.network = Surrogate(assets_dir() / "models" / folder)
        self.version = str(self.network.card["version"])

    def check(self, reservoir: Reservoir, wells: Sequence[Well]) -> tuple[Notice, ...]:
        """Those of the streamlines, and every input outside the training range (severity hard)."""
        own = _outside_box(self.network.training_range, reservoir, wells)
        return super().check(reservoir, wells) + tuple(own)

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
        """See ``ForecastModel.forecast``; ``low_degc`` and ``high_degc`` are an 80 % band."""
        begun = time.perf_counter()
        years = np.asarray(years, dtype=np.float64)
        check_input(reservoir, wells, years)
        ground = live_ground(reservoir, wells)
        at = places(ground, wells)
        horizon = float(years[-1])
        rates = mean_rates(wells, horizon, season_days)
        units = flow_units(ground)
        kinds = np.array([well.kind for well in wells])
        producing = np.flatnonzero((kinds == "producer") | ((kinds == "storage") & (rates.mean < 0.0)))
        watching = np.flatnonzero(kinds == "monitor")
        solved = []
        for n, unit in enumerate(units):
            if cancel is not None and cancel():
                raise Cancelled
            here = [row[n] for row in at]
            traced = trace_unit(unit, here, rates, producing, horizon)
            answer = self._answer(traced, rates, horizon)
            solved.append((*_at_years(traced, answer, rates, here, watching, years), answer))
        results, halves, answers = (list(part) for part in zip(*solved, strict=True))
        years_s = years * SECONDS_PER_YEAR
        temperature, pressure = combine(ground, units, at, rates, results, years_s)
        pressure = clogged_pa(pressure, reservoir, wells, years, season_days)
        share = np.array([[p.share for p in row] for row in at]).reshape(len(at), len(units))
        half = sum(share[:, n, None] * h for n, h in enumerate(halves))
        frames = None
        if fields is not None:
            frames = (
                _frames(reservoir, units, results, fields)
                if ground is reservoir  # pictures are those of the site's own cells
                else super().forecast(reservoir, wells, years, season_days=season_days, fields=fields).fields
            )
        change = {well.name: pressure[n] / PA_PER_BAR for n, well in enumerate(wells)}
        notices = (
            *self.check(reservoir, wells),
            *self._asked(season_days, horizon, answers),
            *transient_notices(reservoir, rates),
        )
        inside = not any(notice.severity == "hard" for notice in notices)
        notices += tuple(drawdown_notices(wells, top_m(units), change))
        lower, upper = _band(reservoir, wells, temperature[producing], half[producing])
        names = [wells[int(n)].name for n in producing]
        return Forecast(
            engine=self.name,
            engine_version=self.version,
            years=years,
            temperature_degc={well.name: temperature[n] for n, well in enumerate(wells)},
            pressure_change_bar=change,
            low_degc=dict(zip(names, lower, strict=True)),
            high_degc=dict(zip(names, upper, strict=True)),
            state="estimate" if inside else "out_of_range",
            model=self.network.name,
            in_range=inside,
            warnings=notices,
            elapsed_ms=(time.perf_counter() - begun) * 1e3,
            fields=frames,
            diagnostics=_told(answers),
        )

    def _answer(self, traced: Traced, rates: Rates, horizon: float) -> Answer:
        """Drop of every producer; without an injector (or a producer) there is nothing to correct."""
        tokens = build_tokens(traced, rates, horizon)
        if tokens.injector.shape[0] == 0 or tokens.producer.shape[0] == 0:
            none = np.zeros((tokens.producer.shape[0], STEPS))
            return Answer(none, none, 0.0, 0.0, 0.0, 0.0, 0.0, np.zeros(0))
        return self.network.answer(tokens)

    def _asked(self, season_days: float, horizon: float, answers: Sequence[Answer]) -> Iterator[Notice]:
        box, limits = self.network.training_range, self.network.limits
        for key, value in (("season_days", season_days), ("years", horizon)):
            if not box[key][0] <= value <= box[key][1]:
                yield _beyond(key, value, box[key])
        if any(a.unlike(limits) for a in answers):
            yield Notice(
                "out_of_range",
                "wells",
                "this layout is unlike those that the surrogate learned from; wait for the simulation",
                "此布局与代理模型的训练数据差异较大，请以模拟结果为准",
                "hard",
            )
        elif any(a.doubtful(limits) for a in answers):
            yield Notice(
                "out_of_range",
                "wells",
                "the surrogate is not sure of this layout: its members disagree or it corrects much",
                "代理模型对此布局把握不足：各成员不一致或修正量过大，请以模拟结果为准",
                "hard",
            )


def _at_years(
    traced: Traced,
    answer: Answer,
    rates: Rates,
    at: Sequence[Place],
    watching: np.ndarray,
    years: np.ndarray,
) -> tuple[UnitResult, np.ndarray]:
    """Temperatures (n wells, t) of one unit and the half width of its 80 % band (n wells, t)."""
    place = np.minimum(years / years[-1], 1.0) * (STEPS - 1)
    low = np.minimum(place.astype(np.int64), STEPS - 2)
    part = place - low
    temperature, half = np.zeros((len(at), years.size)), np.zeros((len(at), years.size))
    drop, width = answer.drop_k, answer.half_80_k
    fallen = drop[:, low] + part * (drop[:, low + 1] - drop[:, low])
    theta = traced.unit.theta
    injected = rates.injected_degc[rates.mean > 0.0]
    coldest = min(float(theta.min()), float(injected.min(initial=np.inf)))
    warmest = max(float(theta.max()), float(injected.max(initial=-np.inf)))
    made = np.clip(traced.curve[:, :1] - fallen, coldest, warmest)
    temperature[traced.producers] = made
    half[traced.producers] = width[:, low] + part * (width[:, low + 1] - width[:, low])
    for n in watching:
        seen = np.empty((1, years.size))
        tracing.points(
            traced.result.field,
            traced.src.cx[n : n + 1],
            traced.src.cy[n : n + 1],
            at[n].layer_share,
            traced.unit.kappa,
            traced.result.hot,
            years * SECONDS_PER_YEAR,
            tracing.ERFC_TABLE,
            seen,
        )
        temperature[n] = seen[0]
    r = traced.result
    return UnitResult(temperature, r.pressure_pa, r.field, r.hot, r.pressure_map), half


def _frames(
    reservoir: Reservoir, units: Sequence[FlowUnit], results: list[UnitResult], fields: Sequence[float]
):
    at_years = np.unique(np.append(np.asarray(fields, dtype=np.float64), 0.0))
    return _maps(reservoir, units, results, at_years)


def _told(answers: Sequence[Answer]) -> dict[str, float]:
    """The worst unit's doubts."""
    return {
        "ensemble_spread_k": max((a.spread_k for a in answers), default=0.0),
        "distance": max((a.distance for a in answers), default=0.0),
        "near": max((a.near for a in answers), default=0.0),
        "risk_k": max((a.risk_k for a in answers), default=0.0),
    }


def _band(
    reservoir: Reservoir, wells: Sequence[Well], made: np.ndarray, half: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends (p, t), between the coldest and the warmest water there can be."""
    low, high = _bounds(reservoir, wells)
    return np.clip(made - half, low, high), np.clip(made + half, low, high)


def _bounds(reservoir: Reservoir, wells: Sequence[Well]) -> tuple[float, float]:
    """Coldest and warmest water there can be."""
    degc = [float(f(layer.temperature_degc)) for layer in reservoir.layers for f in (np.min, np.max)]
    degc += [w.temperature_degc for w in wells if w.temperature_degc is not None]
    degc += [s.temperature_degc for w in wells for s in w.schedule if s.temperature_degc is not None]
    return min(degc), max(degc)


def _outside_box(
    box: dict[str, tuple[float, float]], reservoir: Reservoir, wells: Sequence[Well]
) -> Iterator[Notice]:
    working = [(n, w) for n, w in enumerate(wells) if w.kind != "monitor" and w.rate_m3_h != 0.0]
    if working and not box["wells"][0] - 1 <= len(working) <= box["wells"][1]:
        yield _beyond("wells", float(len(working)), box["wells"])
    for n, well in working:
        if well.schedule:
            continue  # said by the streamlines' own check
        low, high = box["rate_m3_h"]
        rate = abs(well.rate_m3_h)
        if not (low if well.kind == "producer" else 0.25 * low) <= rate <= 1.6 * high or (
            well.kind == "producer" and rate > high
        ):
            yield _beyond(f"wells[{n}].rate_m3_h", rate, (low, high))
        degc = well.temperature_degc
        low, high = box["injection_degc"]
        if well.kind == "injector" and degc is not None and not low - ROUNDING_K <= degc <= high + ROUNDING_K:
            yield _beyond(f"wells[{n}].temperature_degc", degc, (low, high))
    permeable = grid_of(reservoir).permeable
    layer_of = grid_of(reservoir).layer_of
    carrying = sorted(set(layer_of[permeable].tolist()))
    for n in carrying:
        layer = reservoir.layers[n]
        degc = float(np.mean(layer.temperature_degc))
        low, high = box["reservoir_degc"]
        if not low <= degc <= high:
            yield _beyond(f"reservoir.layers[{n}].temperature_degc", degc, (low, high))
        darcy = np.asarray(layer.permeability_md, dtype=float)
        middle = float(np.exp(np.mean(np.log(np.maximum(darcy, 1e-6)))))
        low, high = box["permeability_md"]
        if not 0.5 * low <= middle <= 2.0 * high:
            yield _beyond(f"reservoir.layers[{n}].permeability_md", middle, (low, high))
    units = flow_units(reservoir)
    for unit in units:
        height = float(unit.thickness_m.sum())
        low, high = box["thickness_m"]
        if not low <= height <= high:
            yield _beyond("reservoir.layers.thickness_m", height, (low, high))
    if any(len(unit.levels) > 1 for unit in units):
        met = places(reservoir, [well for _, well in working])
        for (n, _), row in zip(working, met, strict=True):
            if any(place.share > 0.0 and not place.layer_share.all() for place in row):
                yield _partly_open(n)


def _partly_open(n: int) -> Notice:
    return Notice(
        "out_of_range",
        f"wells[{n}].layers",
        "open to some of the layers that touch: the surrogate has learned wells open to all of them",
        "仅打开相互接触各层中的一部分：代理模型只学习过全部打开的井",
        "hard",
    )


def _beyond(field: str, value: float, box: tuple[float, float]) -> Notice:
    text = f"{value:g} lies outside {box[0]:g} to {box[1]:g}, the range that the surrogate learned from"
    zh = f"{value:g} 超出代理模型的训练范围 {box[0]:g}–{box[1]:g}"
    return Notice("out_of_range", field, text, zh, "hard")
