"""A box reservoir from a plain dictionary (section 2 of the outside contract) and back to a ``Reservoir``.

Used for the ``reservoir:`` of a site and for the ``"reservoir"`` of a scheme, so that both accept and
refuse exactly the same things.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from twin_models.errors import InputError
from twin_models.reading import Reader
from twin_models.types import Confining, FaultLine, Fluid, Layer, Refine, Reservoir

MAX_CELLS = 4_000_000
MAX_FAULT_POINTS = 10_000
MOST_SALT_G_KG = 260.0
MOST_REFINED = 10

# name -> (lowest, highest, default); bounds are physical, wide enough for any book case
_LAYER_NUMBERS = {
    "top_m": (0.0, 10_000.0, None),
    "thickness_m": (0.01, 5_000.0, None),
    "kv_kh": (0.0, 10.0, 0.1),
    "rock_heat_capacity_mj_m3k": (0.1, 10.0, 2.2),
    "conductivity_w_mk": (0.0, 20.0, 2.5),
    "net_to_gross": (0.001, 1.0, 1.0),
}
_LAYER_FIELDS = {
    "porosity": (0.0, 0.99, 0.25),
    "permeability_md": (0.0, 1e8, 500.0),
    "temperature_degc": (0.0, 400.0, 70.0),
}
_REQUIRED_LAYER = ("name", "top_m", "thickness_m")


def read_box(
    data: Any, *, path: str = "reservoir", arrays: Mapping[str, np.ndarray] | None = None, source: str = ""
) -> Reservoir:
    """The reservoir that a dictionary describes.

    ``arrays``: name -> (ny, nx), for files that name an array instead of writing it out. Raises
    ``InputError`` with every fault found.
    """
    reader = Reader(source)
    box = reader_box(reader, data, path=path, arrays=arrays)
    reader.done()
    if box is None:  # cannot happen without a fault; keeps the type plain
        raise InputError(reader.faults)
    return box


def reader_box(
    reader: Reader, data: Any, *, path: str = "reservoir", arrays: Mapping[str, np.ndarray] | None = None
) -> Reservoir | None:
    """As ``read_box``, with the faults left in ``reader``; ``None`` if there were any."""
    before = len(reader.faults)
    got = reader.mapping(
        data,
        path,
        required=("extent_m", "cell_m", "layers"),
        optional=("origin_m", "boundary", "confining", "fluid", "faults", "compressibility_per_pa", "refine"),
    )
    extent = reader.numbers(got.get("extent_m", [1, 1]), f"{path}.extent_m", 2, low=0.01, high=1e6)
    origin = reader.numbers(got.get("origin_m", [0, 0]), f"{path}.origin_m", 2, low=-1e7, high=1e7)
    cell = reader.number(got.get("cell_m", 1.0), f"{path}.cell_m", low=0.01, high=1e5, default=1.0)
    boundary = reader.choice(
        got.get("boundary", "closed"), f"{path}.boundary", ("closed", "constant_pressure")
    )
    confining = _confining(reader, got.get("confining", {}), f"{path}.confining")
    fluid = _fluid(reader, got.get("fluid", {}), f"{path}.fluid")
    shape = (cells_across(extent[1], cell), cells_across(extent[0], cell))
    if shape[0] * shape[1] > MAX_CELLS and len(reader.faults) == before:
        reader.fault(f"{path}.cell_m", "range", f"makes {shape[0] * shape[1]} cells, at most {MAX_CELLS}")
        return None
    layers = [
        _layer(reader, item, f"{path}.layers[{i}]", shape, arrays or {})
        for i, item in enumerate(_stack(reader, got, path))
    ]
    _check_stack(reader, layers, path)
    faults = _faults(reader, got, path, layers)
    compressibility = got.get("compressibility_per_pa")
    if compressibility is not None:
        compressibility = reader.number(
            compressibility, f"{path}.compressibility_per_pa", low=1e-12, high=1e-5, default=1e-9
        )
    refine = _refine(reader, got.get("refine"), f"{path}.refine")
    if len(reader.faults) > before:
        return None
    return Reservoir(
        extent_m=cast(tuple[float, float], extent),
        origin_m=cast(tuple[float, float], origin),
        cell_m=cell,
        layers=tuple(layer for layer in layers if layer is not None),
        boundary=cast(Any, boundary),
        confining=confining,
        fluid=fluid,
        faults=faults,
        compressibility_per_pa=compressibility,
        refine=refine,
    )


def _stack(reader: Reader, got: Mapping[str, Any], path: str) -> list[Any]:
    if "layers" not in got:  # already said
        return []
    return reader.items(got["layers"], f"{path}.layers", at_least=1)


def cells_across(extent_m: float, cell_m: float) -> int:
    """How many cells of at most ``cell_m`` cover ``extent_m`` (a hair over a whole number is that number)."""
    return max(1, math.ceil(extent_m / cell_m - 1e-6))


def _layer(
    reader: Reader, data: Any, path: str, shape: tuple[int, int], arrays: Mapping[str, np.ndarray]
) -> Layer | None:
    before = len(reader.faults)
    optional = {"cells", *_LAYER_NUMBERS, *_LAYER_FIELDS} - set(_REQUIRED_LAYER)
    got = reader.mapping(data, path, required=_REQUIRED_LAYER, optional=optional)
    values: dict[str, Any] = {}
    for name, (low, high, default) in _LAYER_NUMBERS.items():
        if name in got:
            values[name] = reader.number(got[name], f"{path}.{name}", low=low, high=high)
        elif default is not None:
            values[name] = default
    for name, (low, high, default) in _LAYER_FIELDS.items():
        given = got.get(name, default)
        values[name] = _field(reader, given, f"{path}.{name}", shape, arrays, low=low, high=high)
    name = reader.text(got["name"], f"{path}.name") if "name" in got else ""
    cells = reader.integer(got.get("cells", 1), f"{path}.cells", low=1, high=200)
    if len(reader.faults) > before:
        return None
    return Layer(name=name, cells=cells, **values)


def _field(
    reader: Reader,
    value: Any,
    path: str,
    shape: tuple[int, int],
    arrays: Mapping[str, np.ndarray],
    *,
    low: float,
    high: float,
) -> Any:
    """A number, an (ny, nx) list of numbers, or the name of an array."""
    if isinstance(value, str):
        if value not in arrays:
            reader.fault(path, "unknown", f"names the array {value!r}, which is not there")
            return low
        array = np.asarray(arrays[value])
    elif isinstance(value, (list, tuple, np.ndarray)):
        try:
            array = np.asarray(value, dtype=np.float64)
        except (ValueError, TypeError):
            reader.fault(path, "type", "must be a number or rows of numbers, all rows of one length")
            return low
    else:
        return reader.number(value, path, low=low, high=high, default=low)
    if array.shape != shape:
        reader.fault(path, "shape", f"must have the shape (ny, nx) = {shape}, got {array.shape}")
    elif not np.issubdtype(array.dtype, np.number) or not np.isfinite(array).all():
        reader.fault(path, "not_finite", "must hold finite numbers only")
    elif array.min() < low or array.max() > high:
        reader.fault(
            path,
            "range",
            f"must lie between {low:g} and {high:g}, got {array.min():g} to {array.max():g}",
        )
    return array


def _confining(reader: Reader, data: Any, path: str) -> Confining | None:
    if data is None:
        return None
    names = ("conductivity_w_mk", "heat_capacity_mj_m3k")
    got = reader.mapping(data, path, optional=names)
    bounds = {"conductivity_w_mk": (0.0, 20.0), "heat_capacity_mj_m3k": (0.1, 10.0)}
    return Confining(
        **{
            n: reader.number(got[n], f"{path}.{n}", low=bounds[n][0], high=bounds[n][1])
            for n in got
            if n in names
        }
    )


def _refine(reader: Reader, data: Any, path: str) -> Refine | None:
    """Smaller cells near wells; ``None`` and the factor 1 are none."""
    if data is None:
        return None
    got = reader.mapping(data, path, required=("factor", "radius_m"))
    factor = reader.integer(got.get("factor", 1), f"{path}.factor", low=1, high=MOST_REFINED)
    radius = reader.number(got.get("radius_m", 1.0), f"{path}.radius_m", low=1.0, high=1e5, default=1.0)
    return Refine(factor, radius) if factor > 1 else None


def _fluid(reader: Reader, data: Any, path: str) -> Fluid:
    names = ("viscosity", "heat_capacity_mj_m3k", "conductivity_w_mk", "salinity_g_kg")
    got = reader.mapping(data, path, optional=names)
    values: dict[str, Any] = {}
    if "viscosity" in got:
        given = got["viscosity"]
        fits = given == "water" or not isinstance(given, str)
        if fits:
            values["viscosity"] = (
                "water"
                if given == "water"
                else reader.number(given, f"{path}.viscosity", low=0.01, high=1000.0)
            )
        else:
            reader.fault(
                f"{path}.viscosity", "unknown", f'must be "water" or a number in mPa s, got {given!r}'
            )
    if "heat_capacity_mj_m3k" in got:
        values["heat_capacity_mj_m3k"] = reader.number(
            got["heat_capacity_mj_m3k"], f"{path}.heat_capacity_mj_m3k", low=0.1, high=10.0
        )
    if "conductivity_w_mk" in got:
        values["conductivity_w_mk"] = reader.number(
            got["conductivity_w_mk"], f"{path}.conductivity_w_mk", low=0.0, high=20.0
        )
    if "salinity_g_kg" in got:
        salt = reader.number(got["salinity_g_kg"], f"{path}.salinity_g_kg", low=0.0, high=MOST_SALT_G_KG)
        if salt > 0.0 and values.get("viscosity", "water") != "water":
            reader.fault(
                f"{path}.salinity_g_kg",
                "conflict",
                'needs the viscosity "water": a constant one stays as it is',
            )
        values["salinity_g_kg"] = salt
    return Fluid(**values)


def _faults(
    reader: Reader, got: Mapping[str, Any], path: str, layers: list[Layer | None]
) -> tuple[FaultLine, ...]:
    """The faults that hinder flow: names, traces, how much they let through, and in which layers."""
    known = [layer.name for layer in layers if layer is not None]
    out: list[FaultLine] = []
    for n, item in enumerate(reader.items(got.get("faults", []), f"{path}.faults")):
        at = f"{path}.faults[{n}]"
        names = ("name", "transmissibility", "layers")
        entry = reader.mapping(item, at, required=("points_m",), optional=names)
        rows = reader.items(entry.get("points_m", [[0, 0], [0, 1]]), f"{at}.points_m", at_least=2)
        points = [
            reader.numbers(p, f"{at}.points_m[{m}]", 2, low=-1e7, high=1e7)
            for m, p in enumerate(rows[:MAX_FAULT_POINTS])
        ]
        if len(rows) > MAX_FAULT_POINTS:
            reader.fault(f"{at}.points_m", "range", f"must have at most {MAX_FAULT_POINTS} points")
        through = reader.number(
            entry.get("transmissibility", 0.0), f"{at}.transmissibility", low=0.0, high=1.0
        )
        inside = None
        if entry.get("layers") is not None:
            inside = tuple(str(x) for x in reader.items(entry["layers"], f"{at}.layers", at_least=1))
            for m, name in enumerate(inside):
                if name not in known:
                    reader.fault(
                        f"{at}.layers[{m}]", "unknown", f"must be among {', '.join(known)}, got {name}"
                    )
        title = reader.text(entry["name"], f"{at}.name") if "name" in entry else f"fault {n + 1}"
        out.append(FaultLine(title, cast(Any, tuple(points)), through, inside))
    return tuple(out)


def _check_stack(reader: Reader, layers: list[Layer | None], path: str) -> None:
    """Layers are given top first, do not overlap, have names of their own, and one lets water through."""
    known = [layer for layer in layers if layer is not None]
    names: set[str] = set()
    for i, layer in enumerate(known):
        if layer.name in names:
            reader.fault(f"{path}.layers[{i}].name", "duplicate", f"{layer.name!r} is there twice")
        names.add(layer.name)
        if i and layer.top_m < known[i - 1].base_m - 1e-6:
            reader.fault(
                f"{path}.layers[{i}].top_m",
                "range",
                f"must be at least {known[i - 1].base_m:g} (base of the layer above), got {layer.top_m:g}",
            )
    if known and len(known) == len(layers) and not any(np.any(k.permeability_md) for k in known):
        reader.fault(f"{path}.layers", "range", "must include a layer with a permeability above 0")
