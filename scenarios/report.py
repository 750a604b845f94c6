"""Results as plain data: what the commands print and the API answers (sections 1, 3 and 4 of the outside contract)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from scenarios.evaluate import Evaluation, evaluate
from scenarios.schema_io import closest, plain
from scenarios.scheme import Scheme, scheme_notices
from scenarios.uses_report import uses_report
from twin_models.errors import Fault, InputError
from twin_models.models import MODELS
from twin_models.types import DAYS_PER_YEAR, Notice
from twin_models.wellbore import wellhead_temperature_degc

ENGINES = ("auto", "simulation", "surrogate", "streamline")
AUTO = "simulation"  # a command has time for the physics; the page estimates first
DECIMALS = 6


def engine_name(name: str) -> str:
    """The predictor that an ``--engine`` word stands for. Raises ``InputError`` for one that is not there."""
    chosen = AUTO if name == "auto" else name
    if chosen in MODELS:
        return chosen
    known = ", ".join(["auto", *MODELS])
    if chosen in ENGINES:
        raise InputError(Fault("engine", "missing", f"no {chosen} is installed; there are {known}"))
    hint = closest(str(name), ENGINES)
    raise InputError(Fault("engine", "unknown", f'must be one of {known}, got "{name}"{hint}'))


def evaluated(scheme: Scheme, engine: str = "auto", *, bands: bool = False) -> Evaluation:
    """The scheme evaluated with the predictor of that word."""
    return evaluate(scheme, engine_name(engine), bands=bands)


def forecast_report(evaluation: Evaluation) -> dict[str, Any]:
    """Section 3: temperature, pressure and heat power at the years that the scheme asks for."""
    scheme, forecast = evaluation.scheme, evaluation.forecast
    years = np.asarray(scheme.output_years)
    at = np.searchsorted(forecast.years, years - 1e-9)
    heads = _wellheads(evaluation, years, at)
    wells = {}
    for well in scheme.wells:
        wells[well.name] = {
            "temperature_degc": _numbers(forecast.temperature_degc[well.name][at]),
            "pressure_change_bar": _numbers(forecast.pressure_change_bar[well.name][at]),
        }
        if well.name in heads:
            wells[well.name]["wellhead_temperature_degc"] = _numbers(heads[well.name])
        if forecast.taken and well.name in forecast.taken:
            wells[well.name]["rate_m3_h"] = _numbers(_taken_m3_h(evaluation, well.name, years))
    out: dict[str, Any] = {
        "engine": forecast.engine,
        "engine_version": forecast.engine_version,
        "model": forecast.model,
        "years": _numbers(years),
        "wells": wells,
        "thermal_power_mw": _numbers(_power_mw(evaluation, years, at)),
    }
    for name, band in (("low", forecast.low_degc), ("high", forecast.high_degc)):
        if band is not None:
            out[name] = {well: {"temperature_degc": _numbers(values[at])} for well, values in band.items()}
    out["in_range"] = bool(forecast.in_range)
    out["warnings"] = [notice_dict(n) for n in (*scheme_notices(scheme), *forecast.warnings)]
    out["elapsed_ms"] = round(float(forecast.elapsed_ms), 3)
    return out


def evaluation_report(evaluation: Evaluation) -> dict[str, Any]:
    """Forecast summary and the KPIs of section 4."""
    scheme = evaluation.scheme
    full = forecast_report(evaluation)
    summary = {key: full[key] for key in full if key not in ("wells", "low", "high", "warnings")}
    summary["production_temperature_degc"] = _numbers(
        _mixed_degc(evaluation, np.asarray(scheme.output_years))
    )
    return {
        "name": scheme.name,
        "site": scheme.site,
        "scheme_key": scheme.key(),
        "forecast": summary,
        "kpis": {key: plain(kpi) for key, kpi in evaluation.kpi_dict().items()},
        "uses": uses_report(evaluation),
        "warnings": [notice_dict(n) for n in (*scheme_notices(scheme), *evaluation.notices)],
    }


def comparison_report(
    evaluations: Mapping[str, Evaluation], *, baseline: str | None = None
) -> dict[str, Any]:
    """The delta table (``scenarios.compare.compare``) as plain data."""
    from scenarios.compare import compare

    return cast(dict[str, Any], plain(compare(evaluations, baseline=baseline)))


def decision_report(
    evaluations: Mapping[str, Evaluation],
    data: Any,
    *,
    baseline: str | None = None,
    path: str = "",
    must_record: bool = False,
) -> dict[str, Any]:
    """The analysis of a decision (``scenarios.decision``) as plain data; with ``record`` in ``data`` the record too.

    ``path``: where ``data`` stands in what was sent, for the faults' field paths.
    """
    from scenarios.decision import decide, read_setup
    from scenarios.decision_record import make_record, read_said

    try:
        setup = read_setup(data)
        words = data.get("record")
        if words is None and must_record:
            raise InputError(Fault("record", "missing", "is missing: choice, who and why"))
        said = None if words is None else read_said(words, list(evaluations))
    except InputError as error:
        under = [replace(f, field=f"{path}.{f.field}") if path else f for f in error.faults]
        raise InputError(under) from None
    analysis = decide(evaluations, setup)
    if said is not None:
        analysis["record"] = make_record(evaluations, setup, analysis, said, baseline=baseline)
    return analysis


def notice_dict(notice: Notice) -> dict[str, Any]:
    """A warning: ``code``, ``field``, ``text``, and the same in Chinese."""
    return {
        "code": notice.code,
        "field": notice.field,
        "text": notice.text,
        "text_zh": notice.text_zh,
        "severity": notice.severity,
    }


def _year_index(evaluation: Evaluation, years: np.ndarray) -> np.ndarray:
    """Which operating year each time falls into, (t,)."""
    edges = evaluation.facts.plan.edges
    return np.clip(np.searchsorted(edges, years - 1e-9) - 1, 0, len(edges) - 2)


def _bottoms(evaluation: Evaluation, at: np.ndarray) -> np.ndarray:
    """Temperature of what the producers draw at the reported times, (t, n)."""
    names = evaluation.facts.plan.hot.names
    forecast = evaluation.forecast
    return np.array([forecast.temperature_degc[name][at] for name in names]).reshape(len(names), len(at)).T


def _taken_m3_h(evaluation: Evaluation, name: str, years: np.ndarray) -> np.ndarray:
    """Rate that a well cut short by its pressure limit still moves while it runs, (t,)."""
    plan, index = evaluation.facts.plan, _year_index(evaluation, years)
    side = plan.cold if name in plan.cold.names else plan.hot
    return side.rate_m3_h[index, side.names.index(name)]


def _wellheads(evaluation: Evaluation, years: np.ndarray, at: np.ndarray) -> dict[str, np.ndarray]:
    """Wellhead temperature of every well that produces, name -> (t,)."""
    plan = evaluation.facts.plan
    hot = plan.hot
    if not hot.names:
        return {}
    share = hot.days[_year_index(evaluation, years)] / DAYS_PER_YEAR
    degc = wellhead_temperature_degc(
        _bottoms(evaluation, at),
        hot.rate_m3_h[_year_index(evaluation, years)],
        measured_depth_m=hot.path_m,
        elapsed_days=np.maximum(years[:, None] * DAYS_PER_YEAR * share, 1.0),
        surface_degc=plan.use.pumping.surface_degc,
        rock_bottom_degc=hot.rock_degc,
        radius_m=hot.radius_m,
    )
    return {name: degc[:, i] for i, name in enumerate(hot.names)}


def _power_mw(evaluation: Evaluation, years: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Heat drawn from the reservoir while the wells run: rho c sum Q (T_bottom - T_injected), (t,)."""
    plan = evaluation.facts.plan
    if not plan.hot.names:
        return np.zeros(len(years))
    index = _year_index(evaluation, years)
    back = evaluation.facts.returned_degc[index]
    rate = plan.hot.rate_m3_h[index]
    return (
        plan.heat_capacity_mj_m3k * (rate * (_bottoms(evaluation, at) - back[:, None])).sum(axis=1) / 3600.0
    )


def _mixed_degc(evaluation: Evaluation, years: np.ndarray) -> np.ndarray:
    """Flow-weighted temperature at the bottom of the producers, (t,); NaN without one."""
    plan = evaluation.facts.plan
    at = np.searchsorted(evaluation.forecast.years, years - 1e-9)
    rate = plan.hot.rate_m3_h[_year_index(evaluation, years)]
    total = rate.sum(axis=1)
    if not plan.hot.names:
        return np.full(len(years), np.nan)
    flow = (rate * _bottoms(evaluation, at)).sum(axis=1)
    return np.divide(flow, total, out=np.full(len(years), np.nan), where=total > 0.0)


def _numbers(values: np.ndarray) -> list[float | None]:
    """Numbers for JSON: what is not finite becomes ``None``."""
    return [
        round(v, DECIMALS) if math.isfinite(v) else None for v in np.asarray(values, dtype=float).tolist()
    ]
