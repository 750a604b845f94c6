"""Small changes to a scheme, each a pure function: scheme in, new scheme and an ``Edit`` out.

The ``Edit`` says what was done in both languages (undo button, log, "what changed") and holds the
parameters with which ``apply`` repeats it, so that a log of edits rebuilds a scheme. A change that
would make a scheme no reader accepts raises ``InputError`` and changes nothing.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from scenarios.labels import KIND_EN, KIND_ZH, direction, label, short_number
from scenarios.schema_io import DoorReader, closest, freeze, refusal, thaw
from scenarios.scheme import SAME_PLACE_M, Scheme, SchemeWell
from scenarios.scheme_file import KINDS, read_part, read_well
from scenarios.scheme_write import well_dict
from twin_models.types import DAYS_PER_YEAR, Well

PREFIX = {"producer": "P-", "injector": "I-", "storage": "S-", "monitor": "M-"}
USUAL_RATE_M3_H = 100.0
USUAL_SPACING_M = 500.0  # a little over the 450 m that source 004 plans between producer and injector
DUPLICATE_OFFSET_M = 300.0
VERTICAL_WITHIN_M = 0.5


@dataclass(frozen=True)
class Edit:
    """What was done: ``kind`` and ``params`` repeat it (``apply``), the labels name it to people."""

    kind: str
    params: dict[str, Any]
    label_zh: str
    label_en: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "params": self.params,
            "label_zh": self.label_zh,
            "label_en": self.label_en,
        }


Change = tuple[Scheme, Edit]


def _step_labels(what_zh: str, what_en: str, dx_m: float, dy_m: float) -> tuple[str, str]:
    zh, en = direction(dx_m, dy_m)
    distance = f"{math.hypot(dx_m, dy_m):.0f} m"
    return f"{what_zh}向{zh} {distance}" if zh else what_zh, f"{what_en} {distance} {en}".rstrip()


def _find(scheme: Scheme, name: str) -> int:
    try:
        return scheme.index(name)
    except KeyError:
        names = [w.name for w in scheme.wells]
        raise refusal("well", "unknown", f'no well "{name}"{closest(str(name), names)}') from None


def _with_wells(scheme: Scheme, changed: dict[int, SchemeWell]) -> Scheme:
    """The scheme with wells replaced (or appended, at the next index), after checking those wells."""
    reader, ground = DoorReader(), scheme.ground()
    wells = list(scheme.wells)
    for i, well in changed.items():
        read_well(reader, well_dict(well), f"wells[{i}]", ground)
        wells[i : i + 1] = [well]
    for i, well in changed.items():
        for j, other in enumerate(wells):
            if j != i:
                _check_pair(reader, (i, well), (j, other))
    reader.done()
    return replace(scheme, wells=tuple(wells))


def _check_pair(reader: DoorReader, one: tuple[int, SchemeWell], other: tuple[int, SchemeWell]) -> None:
    (i, a), (j, b) = one, other
    if a.name == b.name:
        reader.fault(f"wells[{i}].name", "duplicate", f'"{a.name}" is also the name of wells[{j}]')
    both_move_water = "monitor" not in (a.kind, b.kind)
    if both_move_water and math.hypot(a.x_m - b.x_m, a.y_m - b.y_m) < SAME_PLACE_M:
        apart = a.well.layers and b.well.layers and not set(a.well.layers) & set(b.well.layers)
        if not apart:
            reader.fault(f"wells[{i}]", "duplicate", f'must stand at least 1 m from wells[{j}] "{b.name}"')


def _anew(old: SchemeWell, new: SchemeWell) -> SchemeWell:
    """A well that stands cannot be moved: elsewhere it is a new one, and costs what a new one costs."""
    places = [(w.x_m, w.y_m, w.head_x_m, w.head_y_m) for w in (old, new)]
    return replace(new, existing=new.existing and places[0] == places[1])


def _shifted(well: SchemeWell, dx_m: float, dy_m: float) -> SchemeWell:
    """The whole well, head, path and target, moved by one step."""
    path = well.well.trajectory
    moved = None if path is None else tuple((x + dx_m, y + dy_m, z) for x, y, z in path)
    shifted = well.with_well(x_m=well.x_m + dx_m, y_m=well.y_m + dy_m, trajectory=moved)
    return replace(shifted, head_x_m=well.head_x_m + dx_m, head_y_m=well.head_y_m + dy_m)


# --- places ------------------------------------------------------------------------------------------


def move_target(scheme: Scheme, well: str, *, x_m: float, y_m: float) -> Change:
    """Move where a well meets the reservoir; the head stays and the well bends."""
    i = _find(scheme, well)
    old = scheme.wells[i]
    new = old.with_well(x_m=float(x_m), y_m=float(y_m), trajectory=None)
    labels = _step_labels(f"移动 {well} ", f"Move {well}", x_m - old.x_m, y_m - old.y_m)
    return _with_wells(scheme, {i: _anew(old, new)}), Edit(
        "move_target", {"well": well, "x_m": x_m, "y_m": y_m}, *labels
    )


def move_head(scheme: Scheme, well: str, *, x_m: float, y_m: float, bend: bool | None = None) -> Change:
    """Move a wellhead. ``bend``: keep the target and bend the well.

    Unless told, a vertical well that stands alone moves whole; one of a pad, and any bent one, bends.
    """
    i = _find(scheme, well)
    old = scheme.wells[i]
    dx, dy = x_m - old.head_x_m, y_m - old.head_y_m
    plumb = math.hypot(old.x_m - old.head_x_m, old.y_m - old.head_y_m) < VERTICAL_WITHIN_M
    keep_target = (old.pad is not None or not plumb) if bend is None else bend
    if keep_target:
        new = replace(old.with_well(trajectory=None), head_x_m=float(x_m), head_y_m=float(y_m))
        zh, en = f"移动 {well} 井口", f"Move head of {well}"
    else:
        new = _shifted(old, dx, dy)
        zh, en = f"移动 {well} ", f"Move {well}"
    params = {"well": well, "x_m": x_m, "y_m": y_m, "bend": keep_target}
    return _with_wells(scheme, {i: _anew(old, new)}), Edit("move_head", params, *_step_labels(zh, en, dx, dy))


def move_well(scheme: Scheme, well: str, *, x_m: float, y_m: float) -> Change:
    """Move a whole well so that its target comes to a place; head and path go along."""
    i = _find(scheme, well)
    old = scheme.wells[i]
    dx, dy = x_m - old.x_m, y_m - old.y_m
    labels = _step_labels(f"移动 {well} ", f"Move {well}", dx, dy)
    edit = Edit("move_well", {"well": well, "x_m": x_m, "y_m": y_m}, *labels)
    return _with_wells(scheme, {i: _anew(old, _shifted(old, dx, dy))}), edit


def pad_centre(scheme: Scheme, pad: str) -> tuple[float, float]:
    """Middle of the heads of a pad's wells (m); where its handle stands. ``InputError`` for an unknown pad."""
    heads = [(w.head_x_m, w.head_y_m) for w in scheme.wells if w.pad == pad]
    if not heads:
        pads = sorted({w.pad for w in scheme.wells if w.pad})
        raise refusal("pad", "unknown", f'no pad "{pad}"{closest(str(pad), pads)}')
    return sum(x for x, _ in heads) / len(heads), sum(y for _, y in heads) / len(heads)


def move_pad(scheme: Scheme, pad: str, *, x_m: float, y_m: float, targets: bool = True) -> Change:
    """Move a pad's middle to a place: its heads and, with ``targets``, the targets of its wells go along."""
    x0, y0 = pad_centre(scheme, pad)
    dx, dy = x_m - x0, y_m - y0
    moved = {}
    for i, well in enumerate(scheme.wells):
        if well.pad != pad:
            continue
        if targets:
            moved[i] = _anew(well, _shifted(well, dx, dy))
        else:
            straight = well.with_well(trajectory=None)
            head = replace(straight, head_x_m=well.head_x_m + dx, head_y_m=well.head_y_m + dy)
            moved[i] = _anew(well, head)
    count = len(moved)
    labels = _step_labels(f"移动井台 {pad}({count} 口井)", f"Move pad {pad} ({count} wells)", dx, dy)
    params = {"pad": pad, "x_m": x_m, "y_m": y_m, "targets": targets}
    return _with_wells(scheme, moved), Edit("move_pad", params, *labels)


# --- values of one well ------------------------------------------------------------------------------


def set_rate(scheme: Scheme, well: str, rate_m3_h: float) -> Change:
    """Set the rate at which a well produces or injects (m3/h). A schedule, if any, is dropped."""
    i = _find(scheme, well)
    old = scheme.wells[i]
    new = _with_wells(scheme, {i: old.with_well(rate_m3_h=rate_m3_h, schedule=())})
    change = f"{short_number(old.rate_m3_h)} → {short_number(rate_m3_h)} m³/h"
    edit = Edit(
        "set_rate", {"well": well, "rate_m3_h": rate_m3_h}, f"{well} 流量 {change}", f"{well} rate {change}"
    )
    return new, edit


def set_temperature(scheme: Scheme, well: str, temperature_degc: float | None) -> Change:
    """Set the temperature of injected water (degC); ``None`` takes what the uses leave."""
    i = _find(scheme, well)
    old = scheme.wells[i]
    new = _with_wells(scheme, {i: old.with_well(temperature_degc=temperature_degc)})
    zh = [
        ("随用热端" if v is None else f"{short_number(v)} °C")
        for v in (old.temperature_degc, temperature_degc)
    ]
    en = [
        ("as returned" if v is None else f"{short_number(v)} °C")
        for v in (old.temperature_degc, temperature_degc)
    ]
    return new, Edit(
        "set_temperature",
        {"well": well, "temperature_degc": temperature_degc},
        f"{well} 回灌温度 {zh[0]} → {zh[1]}",
        f"{well} injection temperature {en[0]} → {en[1]}",
    )


def set_kind(scheme: Scheme, well: str, kind: str) -> Change:
    """Turn a well into another kind; what the new kind does not have is dropped."""
    i = _find(scheme, well)
    old = scheme.wells[i]
    if kind not in KINDS:
        raise refusal("kind", "unknown", f'must be one of {", ".join(KINDS)}, got "{kind}"')
    changes: dict[str, Any] = {"kind": kind, "schedule": ()}
    if kind in ("producer", "monitor"):
        changes["temperature_degc"] = None
    if kind == "monitor":
        changes["rate_m3_h"] = 0.0
    elif kind != "storage":
        changes["rate_m3_h"] = abs(old.rate_m3_h) or _usual_rate(scheme, kind)
    elif old.rate_m3_h > 0 and old.temperature_degc is None:
        changes["temperature_degc"] = _usual_temperature(scheme) or 25.0
    new = _with_wells(scheme, {i: old.with_well(**changes)})
    params = {"well": well, "kind": kind}
    return new, Edit("set_kind", params, f"{well} 改为{KIND_ZH[kind]}", f"Make {well} a {KIND_EN[kind]}")


def set_layers(scheme: Scheme, well: str, layers: list[str] | None) -> Change:
    """Set the layers a well is open to; ``None``: all that let water through."""
    i = _find(scheme, well)
    names = None if layers is None else tuple(layers)
    new = _with_wells(scheme, {i: scheme.wells[i].with_well(layers=names)})
    zh, en = ("全部含水层", "all layers") if names is None else (("、".join(names)), ", ".join(names))
    params = {"well": well, "layers": None if names is None else list(names)}
    return new, Edit("set_layers", params, f"{well} 取水层:{zh}", f"{well} open to {en}")


def rename(scheme: Scheme, well: str, name: str) -> Change:
    """Give a well another name."""
    i = _find(scheme, well)
    new = _with_wells(scheme, {i: scheme.wells[i].with_well(name=name)})
    params = {"well": well, "name": name}
    return new, Edit("rename", params, f"{well} 改名为 {name}", f"Rename {well} to {name}")


# --- which wells there are ---------------------------------------------------------------------------


def free_name(scheme: Scheme, stem: str, *, digits: int = 1) -> str:
    """``stem`` followed by the lowest number (of at least so many digits) that no well has yet."""
    taken = {w.name for w in scheme.wells}
    number = 1
    while f"{stem}{number:0{digits}d}" in taken:
        number += 1
    return f"{stem}{number:0{digits}d}"


def _usual_rate(scheme: Scheme, kind: str) -> float:
    rates = [w.rate_m3_h for w in scheme.wells if w.kind == kind and w.rate_m3_h > 0]
    return float(median(rates)) if rates else USUAL_RATE_M3_H


def _usual_temperature(scheme: Scheme) -> float | None:
    values = [
        w.temperature_degc for w in scheme.wells if w.kind == "injector" and w.temperature_degc is not None
    ]
    return float(median(values)) if values else None


def add_well(
    scheme: Scheme,
    kind: str,
    *,
    x_m: float,
    y_m: float,
    name: str | None = None,
    rate_m3_h: float | None = None,
    temperature_degc: float | None = None,
    pad: str | None = None,
) -> Change:
    """Add a well; rate and injection temperature as the others of its kind have them, unless given.

    On a ``pad`` it starts at the pad's heads and bends to the place; otherwise it is vertical.
    """
    if kind not in KINDS:
        raise refusal("kind", "unknown", f'must be one of {", ".join(KINDS)}, got "{kind}"')
    name = name or free_name(scheme, PREFIX[kind])
    rate = 0.0 if kind == "monitor" else _usual_rate(scheme, kind) if rate_m3_h is None else rate_m3_h
    if temperature_degc is None and kind in ("injector", "storage"):
        temperature_degc = _usual_temperature(scheme) or (25.0 if kind == "storage" else None)
    well = Well(name, kind, float(x_m), float(y_m), rate_m3_h=rate, temperature_degc=temperature_degc)  # type: ignore[arg-type]
    heads = [(w.head_x_m, w.head_y_m) for w in scheme.wells if pad is not None and w.pad == pad]
    head = heads[0] if heads else (well.x_m, well.y_m)
    new = _with_wells(scheme, {len(scheme.wells): SchemeWell(well, head[0], head[1], pad)})
    params = {
        "kind": kind,
        "x_m": x_m,
        "y_m": y_m,
        "name": name,
        "rate_m3_h": rate,
        "temperature_degc": temperature_degc,
        "pad": pad,
    }
    return new, Edit("add_well", params, f"新增{KIND_ZH[kind]} {name}", f"Add {KIND_EN[kind]} {name}")


def add_doublet(
    scheme: Scheme,
    *,
    x_m: float,
    y_m: float,
    injector_x_m: float | None = None,
    injector_y_m: float | None = None,
) -> Change:
    """Add a producer at a place and an injector at the same rate (unless told, 500 m off where there is room)."""
    if injector_x_m is None or injector_y_m is None:
        step = min(USUAL_SPACING_M, 0.25 * max(scheme.ground().extent_m))
        injector_x_m, injector_y_m = _beside(scheme, x_m, y_m, step)
    half, first = add_well(scheme, "producer", x_m=x_m, y_m=y_m)
    rate = half.wells[-1].rate_m3_h
    new, second = add_well(half, "injector", x_m=injector_x_m, y_m=injector_y_m, rate_m3_h=rate)
    names = f"{first.params['name']}/{second.params['name']}"
    params = {"x_m": x_m, "y_m": y_m, "injector_x_m": injector_x_m, "injector_y_m": injector_y_m}
    return new, Edit("add_doublet", params, f"新增对井 {names}", f"Add doublet {names}")


def duplicate_well(
    scheme: Scheme, well: str, *, x_m: float | None = None, y_m: float | None = None, name: str | None = None
) -> Change:
    """Copy a well to a place (without one: 300 m away, where there is room). The copy is not drilled yet."""
    source = scheme.wells[_find(scheme, well)]
    if x_m is None or y_m is None:
        step = min(DUPLICATE_OFFSET_M, 0.25 * max(scheme.ground().extent_m))
        x_m, y_m = _beside(scheme, source.x_m, source.y_m, step)
    numbered = re.fullmatch(r"(.*?)(\d+)", source.name)
    stem, digits = (numbered[1], len(numbered[2])) if numbered else (f"{source.name}-", 1)
    name = name or free_name(scheme, stem, digits=digits)
    copy = source.with_well(name=name, x_m=float(x_m), y_m=float(y_m), trajectory=None)
    if source.is_vertical or source.pad is None:
        dx, dy = x_m - source.x_m, y_m - source.y_m
        copy = replace(copy, head_x_m=source.head_x_m + dx, head_y_m=source.head_y_m + dy)
    new = _with_wells(scheme, {len(scheme.wells): replace(copy, existing=False, note="")})
    params = {"well": well, "x_m": x_m, "y_m": y_m, "name": name}
    return new, Edit("duplicate_well", params, f"复制 {well} 为 {name}", f"Duplicate {well} as {name}")


def _beside(scheme: Scheme, x_m: float, y_m: float, step_m: float) -> tuple[float, float]:
    """A place one step away, first towards the middle of the box; the first of eight with room, or the roomiest."""
    ground = scheme.ground()
    mx, my = (o + 0.5 * e for o, e in zip(ground.origin_m, ground.extent_m, strict=True))
    towards = math.atan2(my - y_m, mx - x_m)
    best, room = (x_m, y_m), -1.0
    for turn in range(8):
        angle = towards + turn * math.pi / 4
        x, y = round(x_m + step_m * math.cos(angle), 1), round(y_m + step_m * math.sin(angle), 1)
        space = min(math.hypot(x - w.x_m, y - w.y_m) for w in scheme.wells)
        if ground.contains(x, y) and space > room + 1.0:
            best, room = (x, y), space
            if space >= 0.99 * step_m:
                break
    return best


def delete_well(scheme: Scheme, well: str) -> Change:
    """Take a well out. The last one stays: a scheme without wells is none."""
    i = _find(scheme, well)
    if len(scheme.wells) == 1:
        raise refusal("wells", "empty", f'must have at least one well: "{well}" is the last one')
    new = replace(scheme, wells=scheme.wells[:i] + scheme.wells[i + 1 :])
    return new, Edit("delete_well", {"well": well}, f"删除 {well}", f"Delete {well}")


# --- the scheme as a whole ---------------------------------------------------------------------------


def rename_scheme(scheme: Scheme, name: str) -> Change:
    """Give the scheme another name."""
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 200:
        raise refusal("name", "range", "must have between 1 and 200 characters")
    edit = Edit("rename_scheme", {"name": name}, f"方案改名为 {name}", f"Rename scheme to {name}")
    return replace(scheme, name=name), edit


def set_times(scheme: Scheme, *, years: float | None = None, season_days: float | None = None) -> Change:
    """Set the length of operation (a; output then stands at every year) or of the season (days a year)."""
    reader = DoorReader()
    new, said_zh, said_en = scheme, [], []
    if years is not None:
        value = reader.number(years, "years", low=0.01, high=1000.0, default=1.0)
        new = replace(new, years=value, output_years=())
        said_zh.append(f"运行 {short_number(value)} 年")
        said_en.append(f"{short_number(value)} years")
    if season_days is not None:
        value = reader.number(season_days, "season_days", low=1.0, high=DAYS_PER_YEAR, default=1.0)
        new = replace(new, season_days=value)
        said_zh.append(f"每年 {short_number(value)} 天")
        said_en.append(f"{short_number(value)} days a year")
    reader.done()
    params = {"years": years, "season_days": season_days}
    return new, Edit("set_times", params, ",".join(said_zh), "Operate " + ", ".join(said_en))


def set_use(scheme: Scheme, path: str, *, value: Any) -> Change:
    """Set a value of the uses, ``path`` such as ``heating.area_m2``; ``None`` takes it back to its default."""
    return _set_part(scheme, "uses", path, value)


def set_economics(scheme: Scheme, path: str, *, value: Any) -> Change:
    """Set a money term, ``path`` such as ``heat_price_cny_per_gj``; ``None`` takes it back to its default."""
    return _set_part(scheme, "economics", path, value)


def _set_part(scheme: Scheme, part: str, path: str, value: Any) -> Change:
    whole = thaw(getattr(scheme, part))
    keys = path.split(".")
    if not all(keys):
        raise refusal(f"{part}.{path}", "unknown", "is not the name of a value")
    inner: Any = whole
    for key in keys[:-1]:
        if inner.get(key) in (None, True, False):  # "heat_pump": true stands for one with usual values
            inner[key] = {}
        inner = inner[key]
        if not isinstance(inner, dict):
            raise refusal(f"{part}.{path}", "unknown", f'"{key}" holds no further values')
    old = inner.pop(keys[-1], None)
    if value is not None:
        inner[keys[-1]] = value
    reader = DoorReader()
    frozen = read_part(reader, {part: whole}, part)
    reader.done()
    kind = "set_use" if part == "uses" else "set_economics"
    said = [("默认", "default") if v is None else (_said(v), _said(v)) for v in (old, value)]
    zh, en = label(f"{part}.{path}")
    edit = Edit(
        kind,
        {"path": path, "value": thaw(freeze(value))},
        f"{zh}:{said[0][0]} → {said[1][0]}",
        f"{en}: {said[0][1]} → {said[1][1]}",
    )
    return (replace(scheme, uses=frozen) if part == "uses" else replace(scheme, economics=frozen)), edit


def _said(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return short_number(float(value))
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."


EDITS: dict[str, Callable[..., Change]] = {
    function.__name__: function
    for function in (
        move_target,
        move_head,
        move_well,
        move_pad,
        set_rate,
        set_temperature,
        set_kind,
        set_layers,
        rename,
        add_well,
        add_doublet,
        duplicate_well,
        delete_well,
        rename_scheme,
        set_times,
        set_use,
        set_economics,
    )
}


def apply(scheme: Scheme, kind: str, params: dict[str, Any]) -> Change:
    """Do (again) the edit of that kind; what a log or a page hands in is checked here."""
    if kind not in EDITS:
        raise refusal("kind", "unknown", f'no edit "{kind}"{closest(str(kind), EDITS)}')
    reader = DoorReader()
    for key in ("x_m", "y_m", "injector_x_m", "injector_y_m", "rate_m3_h"):
        if params.get(key) is not None:
            reader.number(params[key], key)
    reader.done()
    try:
        inspect.signature(EDITS[kind]).bind(scheme, **params)
    except TypeError as error:
        raise refusal(kind, "type", f"parameters do not fit: {error}") from None
    return EDITS[kind](scheme, **params)
