"""What a predictor refuses, and what it answers with a warning. Shared by every engine on the grid."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from twin_models.errors import Fault, InputError
from twin_models.types import Notice, Reservoir, Well
from twin_models.water import TABLE_MAX_DEGC, TABLE_MIN_DEGC

BALANCED = 1e-6


def check_input(reservoir: Reservoir, wells: Sequence[Well], years: np.ndarray) -> None:
    """Raise ``InputError`` with every fault that makes a forecast impossible (places are checked later)."""
    faults = list(_year_faults(years))
    names: set[str] = set()
    for n, well in enumerate(wells):
        if well.name in names:
            faults.append(
                Fault(f"wells[{n}].name", "duplicate", f"must differ from the others, got {well.name}")
            )
        names.add(well.name)
        faults.extend(_well_faults(well, n))
    for axis in range(2):
        if not reservoir.extent_m[axis] > 0.0:
            faults.append(
                Fault("reservoir.extent_m", "range", f"must be above 0, got {reservoir.extent_m[axis]}")
            )
    if faults:
        raise InputError(faults)


def _year_faults(years: np.ndarray) -> Iterator[Fault]:
    if years.ndim != 1 or years.size == 0:
        yield Fault("years", "range", "must be a list of at least one time")
    elif not np.all(np.isfinite(years)):
        yield Fault("years", "not_finite", "must be numbers")
    elif years[0] <= 0.0 or np.any(np.diff(years) <= 0.0):
        yield Fault("years", "range", "must be above 0 and increasing")


def _well_faults(well: Well, n: int) -> Iterator[Fault]:
    if well.kind == "monitor":
        return
    steps = [("", well.rate_m3_h, well.temperature_degc)] if not well.schedule else []
    steps += [
        (
            f"schedule[{m}].",
            s.rate_m3_h,
            s.temperature_degc if s.temperature_degc is not None else well.temperature_degc,
        )
        for m, s in enumerate(well.schedule)
    ]
    for at, rate, degc in steps:
        path = f"wells[{n}].{at}"
        if not math.isfinite(rate):
            yield Fault(f"{path}rate_m3_h", "not_finite", f"must be a number, got {rate}")
        elif rate < 0.0 and well.kind != "storage":
            yield Fault(f"{path}rate_m3_h", "range", f"must be at least 0, got {rate:g}")
        injects = well.kind == "injector" or (well.kind == "storage" and rate > 0.0)
        if injects and degc is None:
            yield Fault(f"{path}temperature_degc", "missing", "an injected water needs a temperature")
        elif injects and not math.isfinite(degc or 0.0):
            yield Fault(f"{path}temperature_degc", "not_finite", f"must be a number, got {degc}")


def range_notices(reservoir: Reservoir, wells: Sequence[Well]) -> tuple[Notice, ...]:
    """Warnings common to the predictors on a grid."""
    out = []
    for n, well in enumerate(wells):
        degc = well.temperature_degc
        if degc is not None and not TABLE_MIN_DEGC <= degc <= TABLE_MAX_DEGC:
            out.append(_outside(f"wells[{n}].temperature_degc", degc))
    for n, layer in enumerate(reservoir.layers):
        for degc in (float(np.min(layer.temperature_degc)), float(np.max(layer.temperature_degc))):
            if not TABLE_MIN_DEGC <= degc <= TABLE_MAX_DEGC:
                out.append(_outside(f"reservoir.layers[{n}].temperature_degc", degc))
    if reservoir.boundary == "closed":
        out.extend(_balance_notice(wells))
    return tuple(out)


def _outside(path: str, degc: float) -> Notice:
    text = f"{degc:g} °C lies outside {TABLE_MIN_DEGC:g} to {TABLE_MAX_DEGC:g} °C, where the water's viscosity is known"
    zh = f"{degc:g} °C 超出已知水黏度的温度范围 {TABLE_MIN_DEGC:g}–{TABLE_MAX_DEGC:g} °C"
    return Notice("out_of_range", path, text, zh, "hard")


def _balance_notice(wells: Sequence[Well]) -> Iterator[Notice]:
    rates = [w.signed_rate_m3_h for w in wells if not w.schedule]
    net, moved = sum(rates), sum(abs(r) for r in rates)
    if moved > 0.0 and abs(net) > BALANCED * moved:
        word, word_zh = ("more is produced than injected", "采出量大于回灌量")
        if net > 0.0:
            word, word_zh = "more is injected than produced", "回灌量大于采出量"
        text = (
            f"the box is closed and {word} (by {abs(net):.4g} m3/h): its pressure changes steadily with time"
        )
        zh = f"模型边界封闭,且{word_zh}(相差 {abs(net):.4g} m3/h):压力将随时间持续变化"
        yield Notice("unbalanced", "wells", text, zh, "soft")
