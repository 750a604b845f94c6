"""Names on the basin block: units, seats, layers, depths, faults, rivers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import shapely

from scenes.container import Label, Text
from scenes.field import named
from scenes.surfaces import clipped_lines

if TYPE_CHECKING:
    from scenes.basin_block import Block

Point = tuple[float, float, float]


def labels_of(block: Block) -> list[Label]:
    return [
        *_units(block),
        *_places(block),
        *_cut_strata(block),
        *_depths(block),
        *_faults(block),
        *_rivers(block),
        *_sites(block),
    ]


def short(text: Text) -> Text:
    """A unit's name without its class and without remarks, as maps write it."""
    zh = re.sub(r"[(（].*?[)）]", "", text["zh"])
    en = re.sub(r"\s*\(.*?\)", "", text["en"]).split(",")[0]
    for word in ("潜断隆", "潜断陷", "断隆"):
        zh = zh.removesuffix(word)
    return {"zh": zh, "en": re.sub(r"\s+(buried )?(uplift|depression)$", "", en)}


def _at(block: Block, x: float, y: float, *, lift_m: float = 40.0) -> tuple[Point, bool]:
    """A place on the scenery, and whether it lies on the open reservoir."""
    flat = np.array([[x, y]])
    is_open = bool(block.north_of_cut(flat)[0] < 0)
    z = float(block.z("top" if is_open else "ground", flat)[0]) + lift_m
    return (x, y, z), is_open


def _units(block: Block) -> list[Label]:
    layer = block.site.layer("units")
    if layer is None:
        return []
    known = {row.id for row in block.site.units}
    labels = []
    for feature in layer.features:
        shape = block.units[feature.id]
        parts = [shapely.intersection(shape, half) for half in (block.opened, block.covered)]
        where = max(parts, key=lambda p: p.area)
        point = shapely.maximum_inscribed_circle(max(shapely.get_parts(where), key=lambda p: p.area))
        x, y = shapely.get_coordinates(point)[0]
        at, is_open = _at(block, float(x), float(y))
        text = short(feature.name.as_dict())
        if feature.id not in known:
            text = {"zh": "馆陶组缺失", "en": "Guantao absent"}
        tone = "light" if is_open and feature.id in known else "dark"
        big = shape.area > 2.5e9
        labels.append(Label(f"unit-{feature.id}", text, at, "unit", 7 if big else 5, tone=tone))
    return labels


def _places(block: Block) -> list[Label]:
    layer = block.site.layer("places")
    if layer is None:
        return []
    labels = []
    for feature in layer.features:
        x, y = feature.parts_m[0][0]
        if not block.outline.contains(shapely.Point(x, y)):
            continue
        at, is_open = _at(block, x, y, lift_m=10.0)
        stem = re.sub(r"(市|县|区)$", "", feature.name.zh)
        text = {"zh": stem if len(stem) > 1 else feature.name.zh, "en": feature.name.en}
        tone = "light" if is_open else "dark"
        labels.append(Label(f"place-{feature.id}", text, at, "place", _rank(feature.id), tone=tone))
    return labels


def _rank(name: str) -> int:
    return 6 if any(word in name.lower() for word in ("linqing", "decheng", "dongchangfu", "371581")) else 3


def _cut_ends(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """Western and eastern end of the longest piece of the cut."""
    ring = shapely.get_coordinates(shapely.intersection(block.covered.boundary, block.opened.boundary))
    west, east = ring[np.argmin(ring[:, 0])], ring[np.argmax(ring[:, 0])]
    return west, east


def _cut_strata(block: Block) -> list[Label]:
    """Names written along the cut."""
    west, east = _cut_ends(block)
    caps = [s for s in block.site.strata if s.role == "cap"]
    labels = []
    top = float(block.z("top", (west + east)[None] / 2)[0])
    levels = [(caps[0].name.as_dict(), -125.0, 0.22)] if caps else []
    if len(caps) > 1:
        levels.append((_formation(caps[1].name.as_dict()), (top - 250.0) / 2, 0.2))
    for i, (text, z, share) in enumerate(levels):
        a, b = (west + (east - west) * part for part in (share, share + 0.2))
        ends = tuple((float(p[0]), float(p[1]), z) for p in (a, b))
        middle = (a + b) / 2
        at = (float(middle[0]), float(middle[1]), z)
        labels.append(Label(f"stratum-cap-{i}", text, at, "strata", 4, along_m=ends))  # type: ignore[arg-type]
    return labels


def _formation(text: Text) -> Text:
    """The formation that a member belongs to."""
    return {
        "zh": re.sub(r"[上下]段$", "", text["zh"]),
        "en": re.sub(r"(?i)^(upper|lower)\s+|,? (upper|lower).*$", "", text["en"]),
    }


def _depths(block: Block) -> list[Label]:
    west, _ = _cut_ends(block)
    x, y = float(west[0]), float(west[1])
    return [
        Label(f"depth-{d}", {"zh": f"{d} m", "en": f"{d} m"}, (x, y, -float(d)), "depth", 3)
        for d in (0, 250, 1000)
    ]


def _faults(block: Block) -> list[Label]:
    labels = []
    for fault in block.site.faults:
        parts = clipped_lines(fault.line_m, block.outline)
        if not parts or not (fault.main or len(block.site.faults) < 6):
            continue
        line = shapely.LineString(max(parts, key=lambda p: shapely.LineString(p).length))
        share = 0.2 if fault.main else 0.45
        ends = [
            shapely.get_coordinates(line.interpolate(s, normalized=True))[0] for s in (share, share + 0.16)
        ]
        if ends[0][0] > ends[1][0]:
            ends.reverse()
        side = np.array([ends[1][1] - ends[0][1], -(ends[1][0] - ends[0][0])])
        side = side / max(np.hypot(*side), 1.0) * 3200.0  # south-east of the line
        (a, is_open), (b, _) = (_at(block, *(float(v) for v in end + side)) for end in ends)
        middle = tuple((p + q) / 2 for p, q in zip(a, b, strict=True))
        tone = "light" if is_open else "dark"
        labels.append(
            Label(f"fault-{fault.id}", named(fault), middle, "fault", 6 if fault.main else 2, (a, b), tone)  # type: ignore[arg-type]
        )
    return labels


def _rivers(block: Block) -> list[Label]:
    layer = block.site.layer("rivers")
    if layer is None:
        return []
    labels = []
    for feature in layer.features:
        parts = [p for part in feature.parts_m for p in clipped_lines(part, block.covered)]
        if not parts:
            continue
        line = shapely.LineString(max(parts, key=lambda p: shapely.LineString(p).length))
        if line.length < 25_000.0:
            continue
        a, b = (shapely.get_coordinates(line.interpolate(s, normalized=True))[0] for s in (0.42, 0.58))
        if a[0] > b[0]:
            a, b = b, a
        ends = tuple(_at(block, float(p[0]), float(p[1]))[0] for p in (a, b))
        middle = tuple((p + q) / 2 for p, q in zip(*ends, strict=True))
        labels.append(Label(f"river-{feature.id}", feature.name.as_dict(), middle, "river", 1, along_m=ends))  # type: ignore[arg-type]
    return labels


def _sites(block: Block) -> list[Label]:
    """Names of the field sites that stand on the plate around the block."""
    return [
        Label(f"site-{name}", title, (x, y, -block.foot_m + 600.0), "unit", 4)
        for name, title, (x, y) in block.fields_on_plate
    ]
