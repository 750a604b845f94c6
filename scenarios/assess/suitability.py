"""Suitability of a site's area: nine indicator maps, weights, five classes (source 003 section 2.2, 3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios.assess.cases import judged, note, resolve
from scenarios.assess.indicators import INDICATORS, PUBLISHED
from scenarios.assess.suitability_map import (
    CLASSES,
    DRAWS,
    SHIFT,
    Painting,
    Stack,
    explained,
    load_stack,
    paint,
    published_weights,
    shares,
    stability,
)
from scenarios.assess.weighting import combination, entropy_weights, variation_weights
from scenarios.schema_io import DoorReader, plain
from twin_models.errors import InputError
from twin_models.sites import load_site

WEIGHTINGS = ("published", "equal", "entropy", "coefficient_of_variation", "combined")
MAPS = ("class", "index", "driver", "stability")
DIRECTIONS = {"benefit": True, "cost": False}
MAX_INDICATORS = 30


@dataclass(frozen=True, eq=False)
class Given:
    """A checked input. ``weights``: by id, or the name of a weighting."""

    site: str
    ids: tuple[str, ...]
    directions: tuple[bool | None, ...]
    weights: Mapping[str, float] | str
    shift: float
    draws: int
    seed: int
    maps: tuple[str, ...]
    at_m: tuple[float, float] | None


def suitability(data: Any) -> dict[str, Any]:
    """Class every cell of a site (``docs/assess.md`` lists the keys). Raises ``InputError``.

    Out: ``indicators``, ``weights``, ``weight_sets`` and ``combination``, ``breaks``, ``classes`` and
    ``units`` with area shares in per cent, ``drivers``, ``stability``, ``map``, and ``cell`` for ``at_m``.
    """
    asked, case = resolve(data, "suitability", free=("maps", "at_m", "seed", "draws", "shift"))
    given = _read(asked)
    stack = load_stack(given.site, given.ids, given.directions)
    sets, combined = weight_sets(stack)
    weights = _chosen(given, stack, sets)
    painting = paint(stack, weights)
    every, by_unit = shares(stack, painting)
    steady = stability(stack, painting, shift=given.shift, draws=given.draws, seed=given.seed)
    result: dict[str, Any] = {
        "method": "suitability",
        "site": given.site,
        "indicators": _indicators(stack, painting),
        "weights": dict(zip(stack.ids, painting.weights, strict=True)),
        "weight_source": given.weights if isinstance(given.weights, str) else "given",
        "weight_sum": float(weights.sum()),
        "weight_sets": {name: dict(zip(stack.ids, row, strict=True)) for name, row in sets.items()},
        "combination": combined,
        "breaks": painting.bounds,
        "classes": _classes(stack, painting, every),
        "units": _units(stack, by_unit, steady),
        "drivers": _drivers(stack, painting),
        "stability": {
            "shift": given.shift,
            "draws": given.draws,
            "same_class_pct": 100.0 * float(steady.mean()),
            "never_changes_pct": 100.0 * float((steady == 1.0).mean()),
        },
        "map": _map(given, stack, painting, steady),
        "provenance": stack.site.provenance.as_dict(),
        "notes": _notes(stack),
    }
    if given.at_m is not None:
        result["cell"] = explained(stack, painting, *given.at_m)
    if case is not None:
        result["findings"] = case["findings"]
        result["printed"] = judged(case["printed"], _published(result))
    answer: dict[str, Any] = plain(result)
    return answer


def weight_sets(stack: Stack) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Weight vectors to choose from and the combination of published, entropy and variation weights.

    Entropy and variation are taken from the 0..1 maps: raw maps of temperatures, depths and scores have no
    common zero. The published weights stand where source 003 has its judgement matrix, which it does not print.
    """
    published = published_weights(stack.ids)
    scaled = stack.scaled.T.astype(np.float64)
    equal = np.full(len(stack.ids), 1.0 / len(stack.ids))
    sets = {
        "published": published / published.sum() if published.sum() > 0.0 else equal,
        "equal": equal,
        "entropy": entropy_weights(scaled),
        "coefficient_of_variation": variation_weights(scaled),
    }
    methods = ["published", "entropy", "coefficient_of_variation"]
    combined = {"methods": methods, **combination(np.array([sets[name] for name in methods]))}
    sets["combined"] = combined["weights"]
    return sets, combined


def _chosen(given: Given, stack: Stack, sets: Mapping[str, np.ndarray]) -> np.ndarray:
    if not isinstance(given.weights, str):
        return np.array([given.weights.get(key, 0.0) for key in stack.ids])
    return published_weights(stack.ids) if given.weights == "published" else sets[given.weights]


# --- what is said ------------------------------------------------------------------------------------------


def _indicators(stack: Stack, painting: Painting) -> list[dict[str, Any]]:
    rows = []
    for j, key in enumerate(stack.ids):
        known, info = INDICATORS.get(key), stack.site.raster_info.get(key)
        rows.append(
            {
                "id": key,
                "zh": known.zh if known else info.label.zh if info else key,
                "en": known.en if known else info.label.en if info else key,
                "unit": known.unit if known else info.unit if info else "",
                "direction": "benefit" if stack.benefit[j] else "cost",
                "weight": float(painting.weights[j]),
                "least": float(stack.values[j].min()),
                "mean": float(stack.values[j].mean()),
                "greatest": float(stack.values[j].max()),
                "schematic": known.schematic if known else False,
                "note_zh": known.note_zh if known else "",
                "note_en": known.note_en if known else "",
            }
        )
    return rows


def _classes(stack: Stack, painting: Painting, every: np.ndarray) -> list[dict[str, Any]]:
    ends = [float(painting.index.min()), *painting.bounds.tolist(), float(painting.index.max())]
    cell_km2 = (stack.site.raster_cell_m / 1e3) ** 2
    return [
        {
            "class": k + 1,
            "zh": CLASSES[k][0],
            "en": CLASSES[k][1],
            "low": ends[k],
            "high": ends[k + 1],
            "area_km2": float(every[k]) * painting.classes.size * cell_km2,
            "share_pct": 100.0 * float(every[k]),
        }
        for k in range(len(ends) - 1)
    ]


def _units(stack: Stack, table: np.ndarray, steady: np.ndarray) -> list[dict[str, Any]]:
    return [
        {
            "id": unit.id,
            "zh": unit.name.zh,
            "en": unit.name.en,
            "cells": int((stack.unit == k).sum()),
            "share_pct": (100.0 * table[k]).tolist(),
            "good_pct": 100.0 * float(table[k, 3:].sum()),
            "same_class_pct": 100.0 * float(steady[stack.unit == k].mean())
            if (stack.unit == k).any()
            else None,
        }
        for k, unit in enumerate(stack.site.units)
    ]


def _drivers(stack: Stack, painting: Painting) -> list[dict[str, Any]]:
    """Share of the area that each indicator moves most, up or down."""
    rows = []
    for j, key in enumerate(stack.ids):
        own = painting.driver == j
        up = own & (painting.driver_sign > 0)
        rows.append({"id": key, "share_pct": 100.0 * float(own.mean()), "up_pct": 100.0 * float(up.mean())})
    return sorted(rows, key=lambda row: -row["share_pct"])


def _map(given: Given, stack: Stack, painting: Painting, steady: np.ndarray) -> dict[str, Any]:
    """Rows from south to north, ``None`` where nothing is known; drivers are places in ``indicators``."""
    arrays = {
        "class": painting.classes.astype(float),
        "index": np.round(painting.index.astype(float), 4),
        "driver": painting.driver.astype(float),
        "stability": np.round(steady.astype(float), 3),
    }
    site = stack.site
    head = {
        "origin_m": list(site.raster_origin_m),
        "cell_m": site.raster_cell_m,
        "shape": list(stack.mask.shape),
    }
    maps: dict[str, Any] = {}
    for name in given.maps:
        rows = stack.spread(arrays[name]).tolist()
        whole = name in ("class", "driver")
        maps[name] = [[None if v != v else int(v) if whole else v for v in row] for row in rows]
    return head | maps


def _notes(stack: Stack) -> list[dict[str, str]]:
    made = [INDICATORS[key] for key in stack.ids if key in INDICATORS and INDICATORS[key].schematic]
    notes = [
        note(
            "井位命中率(已开发城区内 95 口井)不能验证适宜性:没有本底率,也没有区外的井。",
            "A hit rate of wells that all stand in one developed town does not test a suitability map: there is "
            "no background rate and no well elsewhere.",
        ),
        note(
            "分级随权重移动时,稳定性按不变的分级界限计算。",
            "How stable a class is under other weights is told with the limits of the classes held.",
        ),
    ]
    if made:
        zh, en = "、".join(row.zh for row in made), ", ".join(row.en for row in made)
        notes.insert(
            0,
            note(
                f"示意:{zh}没有发表的栅格,由本项目构造;各图的空间分布也是合成的。",
                f"Schematic: {en} are built by this project; the pattern of the other maps is synthetic too.",
            ),
        )
    return notes


def _published(result: Mapping[str, Any]) -> dict[str, float]:
    table = sorted((INDICATORS[key].published for key in PUBLISHED), reverse=True)
    area = {row["class"]: row["share_pct"] for row in result["classes"]}
    units = {row["id"]: row for row in result["units"]}
    good = sum(row["area_km2"] for row in result["classes"] if row["class"] >= 4)
    return {
        "weight_sum": sum(table),
        "top_three": sum(table[:3]),
        "above_011": float(sum(weight > 0.11 for weight in table)),
        "above_011_sum": sum(weight for weight in table if weight > 0.11),
        "heat_flow_weight": INDICATORS["heat_flow"].published,
        "wells": 45.0 + 50.0,
        "wells_good_pct": 100.0 * 87.0 / 95.0,
        "wells_rather_good_pct": 100.0 * 8.0 / 95.0,
        "good_km2": good,
        "good_pct": area.get(4, 0.0) + area.get(5, 0.0),
        "poor_pct": area.get(1, 0.0),
        "DZ_good_pct": units["DZ"]["good_pct"],
        "GT_good_pct": units["GT"]["good_pct"],
        "GG_good_pct": units["GG"]["good_pct"],
        "HM_good_pct": units["HM"]["good_pct"],
        "TJ_poor_pct": units["TJ"]["share_pct"][0],
        "WD_poor_pct": units["WD"]["share_pct"][0],
    }


# --- the door ------------------------------------------------------------------------------------------------


def _read(data: Mapping[str, Any]) -> Given:
    reader = DoorReader()
    got = reader.mapping(
        data,
        "",
        required=("site",),
        optional=(
            "format",
            "title",
            "source",
            "indicators",
            "weights",
            "shift",
            "draws",
            "seed",
            "maps",
            "at_m",
        ),
    )
    name = reader.text(got.get("site", "?"), "site")
    if "site" in got and not reader.faults:
        try:
            load_site(name)
        except InputError as error:
            reader.faults += error.faults
    rows = reader.items(got.get("indicators", list(PUBLISHED)), "indicators", at_least=1)
    if len(rows) > MAX_INDICATORS:
        reader.fault("indicators", "range", f"must be at most {MAX_INDICATORS}, got {len(rows)}")
    pairs = [_indicator(reader, row, f"indicators[{i}]") for i, row in enumerate(rows[:MAX_INDICATORS])]
    ids = [key for key, _ in pairs]
    for i, key in enumerate(ids):
        if key in ids[:i]:
            reader.fault(f"indicators[{i}]", "duplicate", f'"{key}" stands twice')
    maps = [
        reader.choice(m, f"maps[{i}]", MAPS)
        for i, m in enumerate(reader.items(got.get("maps", ["class"]), "maps"))
    ]
    at = got.get("at_m")
    place = None if at is None else reader.numbers(at, "at_m", 2, low=-1e8, high=1e8)
    given = Given(
        site=name,
        ids=tuple(ids),
        directions=tuple(direction for _, direction in pairs),
        weights=_weights(reader, got.get("weights", "published"), ids),
        shift=reader.number(got.get("shift", SHIFT), "shift", low=0.0, high=1.0),
        draws=reader.integer(got.get("draws", DRAWS), "draws", low=1, high=1000),
        seed=reader.integer(got.get("seed", 0), "seed", low=0, high=2**53),
        maps=tuple(dict.fromkeys(maps)),
        at_m=None if place is None else (place[0], place[1]),
    )
    reader.done()
    return given


def _indicator(reader: DoorReader, value: Any, path: str) -> tuple[str, bool | None]:
    """An id, or ``{"id": ..., "direction": "benefit" | "cost"}``; the site says whether it has such a map."""
    if isinstance(value, Mapping):
        got = reader.mapping(value, path, required=("id",), optional=("direction",))
        key = reader.text(got.get("id", "?"), f"{path}.id")
        if got.get("direction") is None:
            return key, None
        return key, DIRECTIONS[reader.choice(got["direction"], f"{path}.direction", tuple(DIRECTIONS))]
    return reader.text(value, path), None


def _weights(reader: DoorReader, value: Any, ids: list[str]) -> Mapping[str, float] | str:
    if isinstance(value, str):
        name = reader.choice(value, "weights", WEIGHTINGS)
        if name == "published" and not set(ids) & set(PUBLISHED):
            reader.fault("weights", "range", "published weights know none of these indicators: give weights")
        return name
    got = reader.mapping(value, "weights", optional=ids)
    numbers = {key: reader.number(v, f"weights.{key}", low=0.0, high=1e6) for key, v in got.items()}
    if isinstance(value, Mapping) and not any(numbers.values()) and not reader.faults:
        reader.fault("weights", "range", "must not all be 0")
    return numbers
