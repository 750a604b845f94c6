"""What a predictor refuses, and what it answers with a warning. Shared by every engine on the grid."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from twin_models.errors import Fault, InputError
from twin_models.types import Notice, Reservoir, Well
from twin_models.water import TABLE_MAX_DEGC, TABLE_MIN_DEGC

BALANCED = 1e-6
BAR_PER_M = 0.0981
GAP_M = 1.0  # thinner gaps between layers are rounding of depths
FALL_K = 2.0
THICK_M = 15.0  # about the depth that heat reaches in a decade
LEAST_LOSS, PEACEMAN_PART = 0.2, 0.198  # as in ``completion``


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
    """What the simulation has to say about what it is given."""
    out = [*temperature_notices(reservoir, wells), *ground_notices(reservoir), *coarse_notices(reservoir)]
    out += [*crowded_notices(reservoir, wells, severity="soft"), *skin_notices(reservoir, wells)]
    if reservoir.boundary == "closed":
        out.extend(_balance_notice(wells))
    return tuple(out)


def temperature_notices(reservoir: Reservoir, wells: Sequence[Well]) -> Iterator[Notice]:
    """Temperatures outside the range in which the properties of water are known, each field once."""
    for n, well in enumerate(wells):
        if not well.schedule:
            if well.temperature_degc is not None and _strange(well.temperature_degc):
                yield _outside(f"wells[{n}].temperature_degc", well.temperature_degc)
            continue
        steps = [
            (f"wells[{n}].schedule[{m}].temperature_degc", s.temperature_degc)
            for m, s in enumerate(well.schedule)
        ]
        yield from (_outside(path, degc) for path, degc in steps if degc is not None and _strange(degc))
    for n, layer in enumerate(reservoir.layers):
        ends = sorted({float(np.min(layer.temperature_degc)), float(np.max(layer.temperature_degc))})
        strange = [degc for degc in ends if _strange(degc)]
        if strange:
            yield _outside(f"reservoir.layers[{n}].temperature_degc", strange[-1])


def _strange(degc: float) -> bool:
    return not TABLE_MIN_DEGC <= degc <= TABLE_MAX_DEGC


def _outside(path: str, degc: float) -> Notice:
    limits = f"{TABLE_MIN_DEGC:g} to {TABLE_MAX_DEGC:g} °C"
    text = f"{degc:g} °C lies outside {limits}, where the properties of liquid water are known"
    zh = f"{degc:g} °C 超出已知液态水物性的温度范围 {TABLE_MIN_DEGC:g}–{TABLE_MAX_DEGC:g} °C"
    return Notice("out_of_range", path, text, zh, "hard")


def ground_notices(reservoir: Reservoir) -> Iterator[Notice]:
    """Gaps between layers, and layers that lie warmer above colder ones."""
    for n, (above, below) in enumerate(pairwise(reservoir.layers)):
        gap = below.top_m - above.base_m
        if gap > GAP_M:
            text = (
                f"{gap:g} m between {above.name} and {below.name} belong to no layer and are taken as not there: "
                "add a layer without permeability for the rock between"
            )
            zh = f"{above.name} 与 {below.name} 之间的 {gap:g} m 不属于任何层，按不存在处理：可加一个不透水层"
            yield Notice("gap", f"reservoir.layers[{n + 1}].top_m", text, zh)
        fall = float(np.mean(above.temperature_degc)) - float(np.mean(below.temperature_degc))
        if fall > FALL_K:
            text = (
                f"{below.name} begins {fall:.0f} K colder than {above.name} above it: temperatures at the start are "
                "taken as in balance, so conduction from layer to layer does not even them out"
            )
            zh = f"{below.name} 的初始温度比其上的 {above.name} 低 {fall:.0f} K：初始温度按平衡处理，层间导热不会抹平"
            yield Notice("inverted", f"reservoir.layers[{n + 1}].temperature_degc", text, zh)


def coarse_notices(reservoir: Reservoir) -> Iterator[Notice]:
    """Rock given as layers in cells too thick to conduct as it should, and the layers that it touches."""
    tight = [not np.any(layer.permeability_md) for layer in reservoir.layers]
    for n, layer in enumerate(reservoir.layers):
        beside = tight[n] or any(tight[m] for m in (n - 1, n + 1) if 0 <= m < len(tight))
        each = layer.thickness_m / max(layer.cells, 1)
        if beside and each > THICK_M and layer.conductivity_w_mk > 0.0:
            wanted = math.ceil(layer.thickness_m / THICK_M)
            text = (
                f"cells of {each:.0f} m pass too little heat between {layer.name} and the rock beside it in the first "
                f"decades: give it {wanted} cells or more"
            )
            zh = f"{each:.0f} m 厚的单元会低估 {layer.name} 与相邻岩层最初几十年的换热：请至少分 {wanted} 层单元"
            yield Notice("coarse_rock", f"reservoir.layers[{n}].cells", text, zh)


def crowded_notices(
    reservoir: Reservoir, wells: Sequence[Well], *, severity: Literal["soft", "hard"]
) -> Iterator[Notice]:
    """Wells of unlike kinds less than a cell apart: cells cannot tell what passes between them."""
    working = [n for n, w in enumerate(wells) if w.kind != "monitor" and (w.rate_m3_h or w.schedule)]
    if len(working) < 2 or reservoir.refine is not None:
        return
    x, y = np.array([wells[n].x_m for n in working]), np.array([wells[n].y_m for n in working])
    squared = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    close = squared < reservoir.cell_m**2
    to_others = close & ~np.eye(len(working), dtype=bool)
    if not to_others.any():  # the usual case, asked on every move of the hand
        return
    gaps = np.sqrt(squared)
    for a, b in np.argwhere(np.triu(close, k=1)):
        one, other = wells[working[a]], wells[working[b]]
        if one.kind == other.kind and one.kind != "storage":
            continue
        if one.layers and other.layers and not set(one.layers) & set(other.layers):
            continue
        text = f"stands {gaps[a, b]:.0f} m from {one.name}, less than a cell of {reservoir.cell_m:g} m: use smaller cells"
        zh = f"与 {one.name} 相距 {gaps[a, b]:.0f} m，小于网格 {reservoir.cell_m:g} m：请用更小的网格"
        yield Notice("crowded", f"wells[{working[b]}]", text, zh, severity)


def skin_notices(reservoir: Reservoir, wells: Sequence[Well]) -> Iterator[Notice]:
    """Skins that reach farther than the cells round a well: its pressure then shows too large a change."""
    for n, well in enumerate(wells):
        fits = max(LEAST_LOSS - math.log(PEACEMAN_PART * reservoir.cell_m / max(well.radius_m, 1e-3)), -99.0)
        if well.kind != "monitor" and well.skin < 0.0 and well.skin < fits:
            text = (
                f"a skin of {well.skin:g} reaches beyond the cells of {reservoir.cell_m:g} m: pressure is computed as for "
                f"{fits:.1f}, the change is shown too large; use larger cells"
            )
            zh = f"表皮系数 {well.skin:g} 的影响超出 {reservoir.cell_m:g} m 网格：压力按 {fits:.1f} 计算，变化偏大；请用更大的网格"
            yield Notice("skin", f"wells[{n}].skin", text, zh)


def drawdown_notices(
    wells: Sequence[Well], top_m: float, change_bar: Mapping[str, np.ndarray]
) -> Iterator[Notice]:
    """Producers that would need more pressure than there is at the depth ``top_m``."""
    deepest = top_m * BAR_PER_M
    for n, well in enumerate(wells):
        low = float(change_bar[well.name].min())
        if well.kind != "monitor" and low < -deepest:
            text = f"the drawdown of {-low:.0f} bar exceeds the pressure at depth (about {deepest:.0f} bar)"
            zh = f"压降 {-low:.0f} bar 超过了储层深度处的压力(约 {deepest:.0f} bar)"
            yield Notice("drawdown", f"wells[{n}].rate_m3_h", text, zh, "hard")


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
