"""Suitability of every cell of a site: weights to index to classes, fast enough to follow a slider.

R = sum_i f_i w_i with f_i on 0..1, 1 the best (source 003 eq. 4); five classes by natural breaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from scenarios.assess.breaks import classified, natural_breaks
from scenarios.assess.indicators import INDICATORS, PUBLISHED
from scenarios.assess.weighting import min_max
from twin_models.errors import Fault, InputError
from twin_models.sites import Site, load_site

CLASSES = (("差", "poor"), ("较差", "rather poor"), ("一般", "fair"), ("较好", "rather good"), ("好", "good"))
SHIFT, DRAWS = 0.2, 64


@dataclass(frozen=True, eq=False)
class Stack:
    """The indicators of a site on its cells. ``values``, ``scaled``: (indicators, cells); ``mask``: (ny, nx).

    ``scaled`` is 0..1 with 1 the best; ``unit``: (cells,) index into ``site.units``, -1 for none.
    """

    site: Site
    ids: tuple[str, ...]
    benefit: np.ndarray
    values: np.ndarray
    scaled: np.ndarray
    unit: np.ndarray
    mask: np.ndarray

    def spread(self, cells: np.ndarray, *, fill: float = np.nan) -> np.ndarray:
        """Values of the cells as a map (ny, nx)."""
        raster = np.full(self.mask.shape, fill, dtype=np.result_type(cells.dtype, type(fill)))
        raster[self.mask] = cells
        return raster


@dataclass(frozen=True, eq=False)
class Painting:
    """One weighting painted. ``index`` 0..1, ``classes`` 1..5 and ``driver`` (index into ids) per cell.

    ``driver``: the indicator that moves the cell furthest from the mean index; ``driver_sign`` whether up or down.
    """

    weights: np.ndarray
    index: np.ndarray
    bounds: np.ndarray
    classes: np.ndarray
    driver: np.ndarray
    driver_sign: np.ndarray


def load_stack(
    site: str, ids: tuple[str, ...] = PUBLISHED, directions: tuple[bool | None, ...] = ()
) -> Stack:
    """The stack of a site, built once. ``directions``: benefit per id where it differs from the usual one.

    An id is one of ``INDICATORS`` or the name of a raster of the site (benefit unless ``directions`` says
    otherwise). Raises ``InputError``.
    """
    return _stack(site, tuple(ids), tuple(directions) or (None,) * len(ids))


@lru_cache(maxsize=8)
def _stack(name: str, ids: tuple[str, ...], directions: tuple[bool | None, ...]) -> Stack:
    site = load_site(name)
    if not site.rasters:
        raise InputError(Fault("site", "missing", f'"{name}" has no rasters to take indicators from'))
    maps, benefit, faults = [], [], []
    for i, (key, given) in enumerate(zip(ids, directions, strict=True)):
        known = INDICATORS.get(key)
        try:
            raster = known.values(site) if known is not None else np.asarray(site.rasters[key], dtype=float)
        except KeyError:
            have = ", ".join([*INDICATORS, *site.rasters])
            faults.append(
                Fault(f"indicators[{i}]", "unknown", f'"{name}" has no map for "{key}"; there are {have}')
            )
            continue
        maps.append(raster)
        benefit.append(given if given is not None else known.benefit if known is not None else True)
    if faults:
        raise InputError(faults)
    cube = np.array(maps)
    mask = np.isfinite(cube).all(axis=0)
    if mask.sum() < 2:
        raise InputError(Fault("indicators", "empty", "have no two cells where all of them are known"))
    values, up = cube[:, mask], np.array(benefit)
    unit = site.rasters.get("unit")
    rows = np.full(mask.sum(), -1) if unit is None else np.nan_to_num(unit[mask], nan=-1.0).astype(int)
    rows = np.where((rows >= 0) & (rows < len(site.units)), rows, -1)
    return Stack(site, ids, up, values, min_max(values.T, up).T.astype(np.float32), rows, mask)


def published_weights(ids: tuple[str, ...]) -> np.ndarray:
    """Weights of source 003 Table 2 (0 for what it does not have), not scaled; they add to 1.001."""
    return np.array([INDICATORS[key].published if key in INDICATORS else 0.0 for key in ids])


def paint(stack: Stack, weights: np.ndarray, *, classes: int = 5) -> Painting:
    """Index, classes and drivers under weights (indicators,), which are scaled to add to 1."""
    share = (weights / weights.sum()).astype(np.float32)
    index = share @ stack.scaled
    bounds = natural_breaks(index, classes)
    pull = share[:, None] * (stack.scaled - stack.scaled.mean(axis=1, keepdims=True))
    driver = np.abs(pull).argmax(axis=0).astype(np.uint8)
    sign = np.sign(np.take_along_axis(pull, driver[None, :].astype(np.intp), axis=0)[0]).astype(np.int8)
    return Painting(share.astype(np.float64), index, bounds, classified(index, bounds), driver, sign)


def shares(stack: Stack, painting: Painting, *, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Share of the area (0..1) in each class: overall (classes,) and per unit (units, classes)."""
    count = max(len(stack.site.units), 1)
    own = stack.unit >= 0
    place = stack.unit[own] * classes + painting.classes[own] - 1
    table = np.bincount(place, minlength=count * classes).reshape(count, classes).astype(float)
    every = np.bincount(painting.classes - 1, minlength=classes).astype(float)
    total = table.sum(axis=1, keepdims=True)
    return every / every.sum(), table / np.where(total > 0.0, total, 1.0)


def stability(
    stack: Stack, painting: Painting, *, shift: float = SHIFT, draws: int = DRAWS, seed: int = 0
) -> np.ndarray:
    """Share of draws (cells,) in which a cell keeps its class when every weight moves by up to ``shift``.

    Weights w_j (1 + U(-shift, shift)), scaled to add to 1; the limits of the classes stay where they are.
    """
    rng = np.random.default_rng(seed)
    other = painting.weights * (1.0 + shift * rng.uniform(-1.0, 1.0, (draws, len(painting.weights))))
    other = (other / other.sum(axis=1, keepdims=True)).astype(np.float32)
    same = np.zeros(painting.classes.size, dtype=np.float32)
    for row in other:
        same += classified(row @ stack.scaled, painting.bounds) == painting.classes
    return np.asarray(same / draws)


def explained(stack: Stack, painting: Painting, x_m: float, y_m: float) -> dict[str, Any] | None:
    """Why the cell at a place has its class: each indicator's part; ``None`` where nothing is known."""
    column = int((x_m - stack.site.raster_origin_m[0]) // stack.site.raster_cell_m)
    row = int((y_m - stack.site.raster_origin_m[1]) // stack.site.raster_cell_m)
    ny, nx = stack.mask.shape
    if not (0 <= row < ny and 0 <= column < nx and stack.mask[row, column]):
        return None
    cell = int(stack.mask.ravel()[: row * nx + column].sum())
    mean = stack.scaled.mean(axis=1)
    parts = [
        {
            "id": key,
            "value": float(stack.values[j, cell]),
            "scaled": float(stack.scaled[j, cell]),
            "weight": float(painting.weights[j]),
            "contribution": float(painting.weights[j] * stack.scaled[j, cell]),
            "above_mean": float(painting.weights[j] * (stack.scaled[j, cell] - mean[j])),
        }
        for j, key in enumerate(stack.ids)
    ]
    number = int(painting.classes[cell])
    unit = int(stack.unit[cell])
    return {
        "x_m": x_m,
        "y_m": y_m,
        "unit": stack.site.units[unit].id if unit >= 0 else None,
        "index": float(painting.index[cell]),
        "class": number,
        "class_zh": CLASSES[number - 1][0],
        "class_en": CLASSES[number - 1][1],
        "parts": sorted(parts, key=lambda part: -abs(float(str(part["above_mean"])))),
    }
