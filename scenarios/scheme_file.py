"""Reads scheme files and names every fault. Format: section 2 of the outside contract."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from scenarios.keep_out import read_rings
from scenarios.schema_io import DoorReader, FrozenDict, closest, freeze, load_json, suggesting, thaw
from scenarios.scheme import (
    FORMAT,
    SAME_PLACE_M,
    Scheme,
    SchemeWell,
    every_year,
    injects,
    produces,
    site_reservoir,
)
from twin_models.box import reader_box
from twin_models.errors import Fault, InputError
from twin_models.types import DAYS_PER_YEAR, Clogging, Reservoir, Step, Well

KINDS = ("producer", "injector", "storage", "monitor")
SCHEME_KEYS = (
    "name",
    "site",
    "reservoir",
    "years",
    "season_days",
    "output_years",
    "seed",
    "uses",
    "economics",
    "note",
    "keep_out",
)
WELL_KEYS = (
    "rate_m3_h",
    "temperature_degc",
    "layers",
    "radius_m",
    "skin",
    "trajectory",
    "schedule",
    "clogging",
    "head_x_m",
    "head_y_m",
    "pad",
    "existing",
    "note",
)
SITE_DEFAULTS = ("years", "season_days", "output_years", "uses", "economics")
MAX_RATE_M3_H = 1000.0
MAX_WELLS = 1000
MAX_YEARS = 1000.0
INJECTION_DEGC = (0.0, 200.0)
FAR_M = 1e6


def read(source: Mapping[str, Any] | str | Path, *, name: str = "file") -> Scheme:
    """The scheme in a dictionary or a JSON file. Raises ``InputError`` with every fault found.

    ``name``: what faults of the document as a whole are called, for a dictionary.
    """
    if isinstance(source, (str, Path)):
        name = str(source)
        source = load_json(source)
    reader = DoorReader()
    if not isinstance(source, Mapping):
        raise InputError(Fault(name, "type", f"must be an object, got {type(source).__name__}"))
    got = reader.mapping(source, "", required=("format", "wells"), optional=SCHEME_KEYS)
    if "format" in got and got["format"] != FORMAT:
        reader.fault("format", "unknown", f'must be "{FORMAT}", got {json.dumps(got["format"], default=str)}')
    reservoir, ground = _place(reader, got)
    got = _with_site_defaults(got)
    values = _times(reader, got)
    wells = _wells(reader, got["wells"], ground) if "wells" in got else ()
    for key in ("uses", "economics"):
        values[key] = read_part(reader, got, key)
    title = reader.text(got["name"], "name") if "name" in got else "scheme"
    note = _words(reader, got, "note", "")
    keep_out, faults = read_rings(got.get("keep_out", []))
    reader.faults += faults
    reader.done()
    return Scheme(
        wells=wells,
        site=got.get("site"),
        reservoir=reservoir,
        name=title,
        note=note,
        keep_out=keep_out,
        **values,
    )


def _place(reader: DoorReader, got: Mapping[str, Any]) -> tuple[Reservoir | None, Reservoir | None]:
    """The scheme's own box (if it has one) and the ground its wells stand in (if it can be known)."""
    site, box = got.get("site"), got.get("reservoir")
    if (site is None) == (box is None):
        both = "both are given" if site is not None else "neither is given"
        reader.fault("site", "missing", f'exactly one of "site" and "reservoir" is needed, {both}')
    if box is not None:
        own = reader_box(reader, box)
        return own, own
    if site is None:
        return None, None
    from twin_models.sites import site_names

    known = site_names()
    if not isinstance(site, str) or site not in known:
        hint = closest(site, known) if isinstance(site, str) else ""
        text = f"must be one of {', '.join(known)}, got {json.dumps(site, ensure_ascii=False, default=str)}{hint}"
        reader.fault("site", "unknown", text)
        return None, None
    ground = site_reservoir(site)
    if ground is None:
        reader.fault("site", "unknown", f'"{site}" has no reservoir model: no wells can be placed in it')
    return None, ground


def _with_site_defaults(got: dict[str, Any]) -> dict[str, Any]:
    """What the file leaves open and its site has a usual value for (a heating season, for instance)."""
    from twin_models.sites import load_site, site_names

    if got.get("reservoir") is not None or got.get("site") not in site_names():
        return got
    usual = load_site(got["site"]).scheme_defaults
    return {**{key: usual[key] for key in SITE_DEFAULTS if key in usual}, **got}


def _times(reader: DoorReader, got: Mapping[str, Any]) -> dict[str, Any]:
    """years, season_days, output_years, seed."""
    before = len(reader.faults)
    years = reader.number(got.get("years", 30.0), "years", low=0.01, high=MAX_YEARS, default=30.0)
    years_known = len(reader.faults) == before
    season = reader.number(
        got.get("season_days", DAYS_PER_YEAR), "season_days", low=1.0, high=DAYS_PER_YEAR, default=1.0
    )
    seed = reader.integer(got.get("seed", 0), "seed", low=0, high=2**32 - 1)
    if got.get("output_years") is None:
        return {"years": years, "season_days": season, "seed": seed, "output_years": every_year(years)}
    output: list[float] = []
    items = reader.items(got["output_years"], "output_years", at_least=1)
    for i, item in enumerate(items[:10_000]):
        path = f"output_years[{i}]"
        high = years if years_known else MAX_YEARS
        before = len(reader.faults)
        value = reader.number(item, path, low=0.001, high=high)
        if len(reader.faults) == before and output and value <= output[-1]:
            reader.fault(path, "order", f"must be above {output[-1]:g}, the one before it, got {value:g}")
        output.append(value)
    if len(items) > 10_000:
        reader.fault("output_years", "range", f"must have at most 10000 entries, got {len(items)}")
    return {"years": years, "season_days": season, "seed": seed, "output_years": tuple(output)}


def read_part(reader: DoorReader, got: Mapping[str, Any], key: str) -> FrozenDict:
    """A free-form part, checked by the module that will use it."""
    value = got.get(key)
    if value is None:
        return FrozenDict()
    if not isinstance(value, Mapping):
        reader.fault(key, "type", "must be an object")
        return FrozenDict()
    before = len(reader.faults)
    _part_parser(key)(thaw(value), key, reader.faults)
    reader.faults[before:] = [suggesting(fault) for fault in reader.faults[before:]]
    return cast(FrozenDict, freeze(value))


def _part_parser(key: str) -> Callable[[dict[str, Any], str, list[Fault]], Any]:
    if key == "uses":
        from twin_models.uses import parse_uses

        return parse_uses
    from scenarios import economics

    return economics.parse_terms


def _words(reader: DoorReader, got: Mapping[str, Any], key: str, default: Any, *, path: str = "") -> Any:
    """Optional text, empty allowed; ``null`` stands for none."""
    value = got.get(key)
    if value is None:
        return default
    if not isinstance(value, str) or len(value) > 2000:
        reader.fault(path or key, "type", "must be text of at most 2000 characters")
        return default
    return value


def _wells(reader: DoorReader, data: Any, ground: Reservoir | None) -> tuple[SchemeWell, ...]:
    """All wells that could be read; faults for each and for what they are together."""
    items = reader.items(data, "wells")
    if not items:
        if isinstance(data, (list, tuple)):
            reader.fault("wells", "empty", "must have at least one well, got none")
        return ()
    if len(items) > MAX_WELLS:
        reader.fault("wells", "range", f"must have at most {MAX_WELLS} wells, got {len(items)}")
        return ()
    wells = [read_well(reader, item, f"wells[{i}]", ground) for i, item in enumerate(items)]
    _check_names(reader, wells)
    _check_places(reader, wells)
    if all(wells):
        _check_together(reader, [w.well for w in wells if w is not None], ground)
    return tuple(w for w in wells if w is not None)


def read_well(reader: DoorReader, data: Any, path: str, ground: Reservoir | None) -> SchemeWell | None:
    """One well of a file; ``None`` if it has a fault. ``ground``: where it must stand, if known."""
    before = len(reader.faults)
    got = reader.mapping(data, path, required=("name", "kind", "x_m", "y_m"), optional=WELL_KEYS)
    if not isinstance(data, Mapping):
        return None
    name = reader.text(got["name"], f"{path}.name") if "name" in got else ""
    if len(name) > 60:
        reader.fault(f"{path}.name", "range", f"must have at most 60 characters, got {len(name)}")
    kind = reader.choice(got["kind"], f"{path}.kind", KINDS) if "kind" in got else "producer"
    x, y = (_coordinate(reader, got, axis, path, ground) for axis in (0, 1))
    trajectory = _trajectory(reader, got.get("trajectory"), f"{path}.trajectory")
    head = _head(reader, got, path, (x, y), trajectory)
    well = Well(
        name=name,
        kind=cast(Any, kind),
        x_m=x,
        y_m=y,
        rate_m3_h=_rate(reader, got, kind, path),
        temperature_degc=_injected(reader, got.get("temperature_degc"), f"{path}.temperature_degc"),
        layers=_layers(reader, got.get("layers"), f"{path}.layers", ground),
        radius_m=reader.number(got.get("radius_m", 0.1), f"{path}.radius_m", low=0.01, high=1.0, default=0.1),
        skin=reader.number(got.get("skin", 0.0), f"{path}.skin", low=-7.0, high=100.0),
        trajectory=trajectory,
        schedule=_schedule(reader, got.get("schedule"), kind, f"{path}.schedule"),
        clogging=_clogging(reader, got.get("clogging"), kind, f"{path}.clogging"),
    )
    _check_storage(reader, well, path)
    pad = _words(reader, got, "pad", None, path=f"{path}.pad")
    note = _words(reader, got, "note", "", path=f"{path}.note")
    existing = reader.flag(got.get("existing", False), f"{path}.existing")
    if len(reader.faults) > before:
        return None
    return SchemeWell(well, head[0], head[1], pad or None, existing, note)


def _clogging(reader: DoorReader, value: Any, kind: str, path: str) -> Clogging | None:
    """How the well clogs while it injects."""
    if value is None:
        return None
    if kind not in ("injector", "storage"):
        reader.fault(path, "conflict", f"a {kind} injects nothing and cannot clog")
    optional = ("backflush_days", "restored", "limit_bar")
    got = reader.mapping(value, path, required=("loss_per_day",), optional=optional)
    days, limit = got.get("backflush_days"), got.get("limit_bar")
    return Clogging(
        loss_per_day=reader.number(got.get("loss_per_day", 0.0), f"{path}.loss_per_day", low=0.0, high=1.0),
        backflush_days=None
        if days is None
        else reader.number(days, f"{path}.backflush_days", low=0.1, high=36525.0, default=1.0),
        restored=reader.number(got.get("restored", 1.0), f"{path}.restored", low=0.0, high=1.0),
        limit_bar=None if limit is None else reader.number(limit, f"{path}.limit_bar", low=0.01, high=1000.0),
    )


def _coordinate(
    reader: DoorReader, got: Mapping[str, Any], axis: int, path: str, ground: Reservoir | None
) -> float:
    """x_m (axis 0) or y_m (axis 1), inside the model where that is known."""
    key = ("x_m", "y_m")[axis]
    if key not in got:
        return 0.0
    low = ground.origin_m[axis] if ground else -FAR_M
    high = low + ground.extent_m[axis] if ground else FAR_M
    return reader.number(got[key], f"{path}.{key}", low=low, high=high)


def _rate(reader: DoorReader, got: Mapping[str, Any], kind: str, path: str) -> float:
    if got.get("rate_m3_h") is None:
        if kind != "monitor" and not got.get("schedule"):
            reader.fault(f"{path}.rate_m3_h", "missing", "is missing (a schedule may stand instead)")
        return 0.0
    return _rate_number(reader, got["rate_m3_h"], kind, f"{path}.rate_m3_h")


def _rate_number(reader: DoorReader, value: Any, kind: str, path: str) -> float:
    """0 to 1000 m3/h; for storage also negative (produced); a monitor has none."""
    low = -MAX_RATE_M3_H if kind == "storage" else 0.0
    rate = reader.number(value, path, low=low, high=MAX_RATE_M3_H)
    if kind == "monitor" and rate:
        reader.fault(path, "range", f"a monitor has no rate: leave it out or give 0, got {value}")
    return rate


def _injected(reader: DoorReader, value: Any, path: str) -> float | None:
    if value is None:
        return None
    return reader.number(value, path, low=INJECTION_DEGC[0], high=INJECTION_DEGC[1])


def _layers(reader: DoorReader, value: Any, path: str, ground: Reservoir | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = reader.items(value, path, at_least=1)
    known = [layer.name for layer in ground.layers] if ground else None
    for i, name in enumerate(names):
        if not isinstance(name, str):
            reader.fault(f"{path}[{i}]", "type", "must be the name of a layer")
        elif known is not None and name not in known:
            text = f'no layer "{name}"; the layers are {", ".join(known)}{closest(name, known)}'
            reader.fault(f"{path}[{i}]", "unknown", text)
        elif name in names[:i]:
            reader.fault(f"{path}[{i}]", "duplicate", f'"{name}" is named twice')
    return tuple(str(name) for name in names)


def _trajectory(reader: DoorReader, value: Any, path: str) -> tuple[tuple[float, float, float], ...] | None:
    """Points x, y, depth (m) from the head down."""
    if value is None:
        return None
    before = len(reader.faults)
    rows = [
        reader.numbers(row, f"{path}[{i}]", 3, low=-FAR_M, high=FAR_M)
        for i, row in enumerate(reader.items(value, path, at_least=2)[:10_000])
    ]
    if len(reader.faults) > before:
        return None
    for i in range(1, len(rows)):
        if rows[i] == rows[i - 1]:
            reader.fault(f"{path}[{i}]", "duplicate", "is the same point as the one before it")
    if rows[-1][2] <= rows[0][2]:
        reader.fault(
            path, "order", "must run from the head down: the last point lies no deeper than the first"
        )
    return cast(Any, tuple(rows))


def _head(
    reader: DoorReader,
    got: Mapping[str, Any],
    path: str,
    target: tuple[float, float],
    trajectory: tuple[tuple[float, float, float], ...] | None,
) -> tuple[float, float]:
    """The wellhead: as given, else the start of the trajectory, else above the target."""
    default = trajectory[0][:2] if trajectory else target
    head = []
    for axis, key in enumerate(("head_x_m", "head_y_m")):
        if got.get(key) is None:
            head.append(default[axis])
        else:
            head.append(reader.number(got[key], f"{path}.{key}", low=-FAR_M, high=FAR_M))
    if trajectory and math.dist(head, trajectory[0][:2]) > SAME_PLACE_M:
        reader.fault(
            f"{path}.trajectory[0]",
            "range",
            "must start at the head (head_x_m, head_y_m) when both are given",
        )
    return head[0], head[1]


def _schedule(reader: DoorReader, value: Any, kind: str, path: str) -> tuple[Step, ...]:
    if value is None:
        return ()
    if kind == "monitor":
        reader.fault(path, "unknown", "a monitor has no schedule")
        return ()
    steps: list[Step] = []
    for i, item in enumerate(reader.items(value, path, at_least=1)[:100_000]):
        at = f"{path}[{i}]"
        got = reader.mapping(item, at, required=("start_day", "rate_m3_h"), optional=("temperature_degc",))
        if not got:
            continue
        before = len(reader.faults)
        start = reader.number(got.get("start_day", 0.0), f"{at}.start_day", low=0.0, high=MAX_YEARS * 366)
        if len(reader.faults) == before and steps and start <= steps[-1].start_day and "start_day" in got:
            text = f"must be above {steps[-1].start_day:g}, the start of the step before it, got {start:g}"
            reader.fault(f"{at}.start_day", "order", text)
        rate = _rate_number(reader, got.get("rate_m3_h", 0.0), kind, f"{at}.rate_m3_h")
        degc = _injected(reader, got.get("temperature_degc"), f"{at}.temperature_degc")
        steps.append(Step(start, rate, degc))
    return tuple(steps)


def _check_storage(reader: DoorReader, well: Well, path: str) -> None:
    """Water put into storage needs a temperature: no use leaves one for it."""
    if well.kind != "storage":
        return
    if well.schedule:
        for i, step in enumerate(well.schedule):
            if step.rate_m3_h > 0 and step.temperature_degc is None and well.temperature_degc is None:
                reader.fault(
                    f"{path}.schedule[{i}].temperature_degc", "missing", "is missing: this step injects water"
                )
    elif well.rate_m3_h > 0 and well.temperature_degc is None:
        reader.fault(f"{path}.temperature_degc", "missing", "is missing: this storage well injects water")


def _check_names(reader: DoorReader, wells: list[SchemeWell | None]) -> None:
    first: dict[str, int] = {}
    for i, well in enumerate(wells):
        if well is None:
            continue
        if well.name in first:
            text = f'"{well.name}" is also the name of wells[{first[well.name]}]'
            reader.fault(f"wells[{i}].name", "duplicate", text)
        first.setdefault(well.name, i)


def _check_places(reader: DoorReader, wells: list[SchemeWell | None]) -> None:
    """Two wells that move water cannot stand in one place of one layer."""
    moving = [(i, w.well) for i, w in enumerate(wells) if w is not None and w.kind != "monitor"]
    if len(moving) < 2:
        return
    xy = np.array([(w.x_m, w.y_m) for _, w in moving])
    for a, (i, well) in enumerate(moving):
        near = np.flatnonzero(np.hypot(*(xy[:a] - xy[a]).T) < SAME_PLACE_M) if a else ()
        for b in near:
            j, other = moving[int(b)]
            if well.layers and other.layers and not set(well.layers) & set(other.layers):
                continue
            distance = math.dist(xy[a], xy[b])
            text = f'must stand at least 1 m from wells[{j}] "{other.name}", got {distance:.2g} m'
            reader.fault(f"wells[{i}]", "duplicate", text)


def _check_together(reader: DoorReader, wells: list[Well], ground: Reservoir | None) -> None:
    """A closed box needs both; an open one, or one that stores, runs without injector or, in a book case, without
    producer."""
    has_in, has_out = any(map(injects, wells)), any(map(produces, wells))
    if not has_in and not has_out:
        reader.fault("wells", "empty", "must have a producer, an injector or a storage well, got none")
    elif ground is not None and ground.boundary == "closed" and not (has_in and has_out):
        if ground.compressibility_per_pa is not None:
            return
        lacking = "producer" if has_in else "injector"
        text = (
            f'no {lacking}, and the boundary of the reservoir is "closed": add one, use "constant_pressure", or give '
            "the reservoir a compressibility_per_pa to be drained"
        )
        reader.fault("wells", "missing", text)
