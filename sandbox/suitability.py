"""Suitability of the basin as the page shows it: a class raster, shares, how firm it is, one place explained."""

from __future__ import annotations

import base64
import math
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from scenarios.assess.handover import spreads_of
from scenarios.assess.indicators import INDICATORS
from scenarios.assess.suitability import WEIGHTINGS, weight_sets
from scenarios.assess.suitability_map import (
    CLASSES,
    DRAWS,
    SHIFT,
    Painting,
    Stack,
    explained,
    load_stack,
    paint,
    shares,
    stability,
)
from services.importer.from_basin import site_from_basin
from twin_models.errors import Fault, InputError
from twin_models.site_types import UnitRow
from twin_models.sites import children, load_site

BASIN = "nw-shandong"
ROMAN = ("I", "II", "III", "IV", "V")
SUITABLE_FROM = 4  # classes IV and V: good and rather good
NEAR_KM = 10.0  # a field model this near may stand for a place: the rasters are synthetic at that scale
SMALLEST_MARK_KM2 = 120.0
MARKS_PER_CLASS = 2


@dataclass(frozen=True, eq=False)
class Painted:
    """One weighting, painted and judged. ``steady``: share of draws (cells,) in which a cell keeps its class."""

    weights: np.ndarray
    painting: Painting
    overall: np.ndarray
    by_unit: np.ndarray
    steady: np.ndarray
    ms: float


@lru_cache(maxsize=1)
def presets() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Weight vectors by name and what is known of their combination, once per process."""
    return weight_sets(load_stack(BASIN))


def painted(weights: np.ndarray) -> Painted:
    """Paint the basin with weights (indicators,), not all 0."""
    stack = load_stack(BASIN)
    start = time.perf_counter()
    painting = paint(stack, weights)
    overall, by_unit = shares(stack, painting)
    steady = stability(stack, painting)
    return Painted(weights, painting, overall, by_unit, steady, 1e3 * (time.perf_counter() - start))


def raster(result: Painted) -> dict[str, Any]:
    """The map for the browser: one byte a cell, rows from the south, base64.

    Bits 0-2 class 1..5 (0: nothing known), bits 3-6 the indicator that moves the cell most, bit 7 set where it
    moves it up.
    """
    stack, painting = load_stack(BASIN), result.painting
    cells = painting.classes.astype(np.uint8) | (painting.driver.astype(np.uint8) << 3)
    cells |= (painting.driver_sign > 0).astype(np.uint8) << 7
    whole = np.zeros(stack.mask.shape, dtype=np.uint8)
    whole[stack.mask] = cells
    ny, nx = whole.shape
    return {
        "nx": nx,
        "ny": ny,
        "origin_m": list(stack.site.raster_origin_m),
        "cell_m": stack.site.raster_cell_m,
        "cells": base64.b64encode(whole.tobytes()).decode(),
        "names": [{"zh": INDICATORS[key].zh, "en": INDICATORS[key].en} for key in stack.ids],
        "classes": [{"zh": zh, "en": en} for zh, en in CLASSES],
        "marks": marks(stack, painting),
    }


def marks(stack: Stack, painting: Painting) -> list[dict[str, Any]]:
    """Where the numeral of a class may stand: the innermost cells of its largest patches, in metres."""
    classes = stack.spread(painting.classes.astype(np.uint8), fill=0)
    x0, y0 = stack.site.raster_origin_m
    cell = stack.site.raster_cell_m
    least = SMALLEST_MARK_KM2 / (cell / 1e3) ** 2
    found = []
    for number in range(1, len(CLASSES) + 1):
        patches, count = ndimage.label(classes == number)
        if not count:
            continue
        sizes = np.bincount(patches.ravel())[1:]
        for patch in np.argsort(sizes)[::-1][:MARKS_PER_CLASS]:
            if sizes[patch] < least:
                continue
            depth = ndimage.distance_transform_cdt(patches == patch + 1)
            row, column = np.unravel_index(int(depth.argmax()), depth.shape)
            x_m, y_m = x0 + cell * (float(column) + 0.5), y0 + cell * (float(row) + 0.5)
            found.append({"n": number, "x_m": x_m, "y_m": y_m})
    return found


def page_state(result: Painted, *, preset: str) -> dict[str, Any]:
    """Everything the drawer and the panel say about a painting; words in both languages."""
    stack = load_stack(BASIN)
    return {
        "preset": preset,
        "presets": list(WEIGHTINGS),
        "rows": indicator_rows(stack, result),
        "combination": combination_state(),
        "classes": [
            {
                "n": k + 1,
                "roman": ROMAN[k],
                "zh": zh,
                "en": en,
                "share_pct": 100.0 * float(result.overall[k]),
            }
            for k, (zh, en) in enumerate(CLASSES)
        ],
        "units": unit_rows(stack, result),
        "steady_pct": 100.0 * float(result.steady.mean()),
        "never_pct": 100.0 * float((result.steady == 1.0).mean()),
        "shift_pct": 100.0 * SHIFT,
        "draws": DRAWS,
        "cells": int(result.painting.classes.size),
        "ms": round(result.ms, 1),
    }


def indicator_rows(stack: Stack, result: Painted) -> list[dict[str, Any]]:
    rows = []
    for j, key in enumerate(stack.ids):
        known = INDICATORS[key]
        rows.append(
            {
                "id": key,
                "zh": known.zh,
                "en": known.en,
                "weight": round(float(result.weights[j]), 4),
                "share_pct": 100.0 * float(result.painting.weights[j]),
                "benefit": bool(stack.benefit[j]),
                "schematic": known.schematic,
            }
        )
    return rows


def combination_state() -> dict[str, Any]:
    """Whether the game-theory combination holds, or the plain average stands in for it."""
    _, combined = presets()
    return {
        "used": combined["used"],
        "condition": float(combined["condition_number"]),
        "limit": float(combined["condition_limit"]),
        "least": float(min(combined["coefficients_unconstrained"])),
    }


def unit_rows(stack: Stack, result: Painted) -> list[dict[str, Any]]:
    """Class shares of each structural unit, the most suitable first."""
    rows = []
    for k, unit in enumerate(stack.site.units):
        own = stack.unit == k
        if own.any():
            table = 100.0 * result.by_unit[k]
            rows.append(
                {
                    "id": unit.id,
                    "zh": unit.name.zh,
                    "en": unit.name.en,
                    "shares": [round(float(v), 2) for v in table],
                    "good_pct": float(table[SUITABLE_FROM - 1 :].sum()),
                    "steady_pct": 100.0 * float(result.steady[own].mean()),
                }
            )
    return sorted(rows, key=lambda row: -row["good_pct"])


# --- one place -----------------------------------------------------------------------------------------


def place_state(result: Painted, x_m: float, y_m: float) -> dict[str, Any] | None:
    """Why a place has its class, how firm that is, and whether a field model stands there."""
    stack = load_stack(BASIN)
    found = explained(stack, result.painting, x_m, y_m)
    if found is None:
        return None
    parts = []
    for part in found["parts"]:
        known = INDICATORS[part["id"]]
        parts.append(
            {
                "id": part["id"],
                "zh": known.zh,
                "en": known.en,
                "value": part["value"],
                "unit": known.unit,
                "above_mean": 100.0 * part["above_mean"],
            }
        )
    unit = next((u for u in stack.site.units if u.id == found["unit"]), None)
    number = int(found["class"])
    return {
        "x_m": x_m,
        "y_m": y_m,
        "n": number,
        "roman": ROMAN[number - 1],
        "zh": found["class_zh"],
        "en": found["class_en"],
        "index": found["index"],
        "unit": {"zh": unit.name.zh, "en": unit.name.en} if unit else {"zh": "", "en": ""},
        "steady_pct": 100.0 * steady_at(stack, result, x_m, y_m),
        "suitable": number >= SUITABLE_FROM,
        "parts": parts,
        "known": basin_facts(x_m, y_m),
        "spreads": spreads_at(x_m, y_m),
        "field": nearest_field(x_m, y_m),
    }


def steady_at(stack: Stack, result: Painted, x_m: float, y_m: float) -> float:
    """Share of draws in which the cell at a place of the map keeps its class."""
    x0, y0 = stack.site.raster_origin_m
    row, column = int((y_m - y0) // stack.site.raster_cell_m), int((x_m - x0) // stack.site.raster_cell_m)
    whole = stack.spread(result.steady)
    return float(whole[row, column])


def basin_facts(x_m: float, y_m: float) -> dict[str, float | None]:
    """What the basin model itself says of a place: all that is known where no field has been described."""
    site = load_site(BASIN)
    facts: dict[str, float | None] = {}
    for name in ("temperature_degc", "top_m", "thickness_m", "porosity"):
        value = float(site.raster_at(name, x_m, y_m)) if name in site.rasters else math.nan
        facts[name] = round(value, 4) if math.isfinite(value) else None
    return facts


def unit_at(x_m: float, y_m: float) -> UnitRow | None:
    """The structural unit of a place."""
    stack = load_stack(BASIN)
    x0, y0 = stack.site.raster_origin_m
    cell = stack.site.raster_cell_m
    row, column = int((y_m - y0) // cell), int((x_m - x0) // cell)
    ny, nx = stack.mask.shape
    if not (0 <= row < ny and 0 <= column < nx and stack.mask[row, column]):
        return None
    number = int(stack.spread(stack.unit, fill=-1)[row, column])
    return stack.site.units[number] if number >= 0 else None


def spreads_at(x_m: float, y_m: float) -> dict[str, list[float]] | None:
    """What the assessment leaves open at a place, as ranges of a scheme."""
    unit, facts = unit_at(x_m, y_m), basin_facts(x_m, y_m)
    thick, warm = facts.get("thickness_m"), facts.get("temperature_degc")
    if unit is None or not thick or warm is None:
        return None
    return spreads_of(unit, thickness_m=thick, temperature_degc=warm)


def field_at(x_m: float, y_m: float, folder: Path) -> str:
    """Name of the schematic field made of the basin model at a place. Raises ``InputError`` where it knows nothing."""
    unit, facts, spreads = unit_at(x_m, y_m), basin_facts(x_m, y_m), spreads_at(x_m, y_m)
    if unit is None or spreads is None or any(v is None for v in facts.values()):
        raise InputError(Fault("place", "missing", "the basin model knows nothing here", {
            "text_zh": "盆地模型在此处没有数据", "text_en": "The basin model knows nothing here.",
        }))  # fmt: skip
    return site_from_basin(
        BASIN,
        unit=unit.id,
        unit_name=(unit.name.zh, unit.name.en),
        place_m=(x_m, y_m),
        facts=facts,
        uncertainty=spreads,
        sites=folder,
    )


def nearest_field(x_m: float, y_m: float) -> dict[str, Any] | None:
    """The nearest site with a reservoir under this basin, and whether it is near enough to stand for the place."""
    basin = load_site(BASIN)
    world = (basin.world_origin_m[0] + x_m, basin.world_origin_m[1] + y_m)
    fields = [site for site in map(load_site, children(BASIN)) if site.reservoir is not None]
    if not fields:
        return None
    site = min(fields, key=lambda s: math.dist(s.world_origin_m, world))
    away_km = math.dist(site.world_origin_m, world) / 1e3
    return {
        "name": site.name,
        "zh": site.title.zh,
        "en": site.title.en,
        "away_km": away_km,
        "near": away_km <= NEAR_KM,
    }
