"""The schematic plan of a well site: where station, roads, blocks and wells stand on the plate.

Metres on the plate, x east, y north, (0, 0) the middle of the station; the station is drawn five times its
size. The plan is the same for every site; the site decides what stands in it: communities with their
heated area, and the wells that belong to the station.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from scenes.container import Text
from twin_models.site_types import Community, Site, SiteWell

PLATE = (-720.0, 720.0, -215.0, 540.0)  # x0, x1, y0, y1
STATION = (-90.0, 90.0, -130.0, 130.0)
ROADS = (  # x0, x1, y0, y1
    (-186.0, -142.0, -215.0, 540.0),
    (142.0, 186.0, -215.0, 540.0),
    (-720.0, 720.0, 206.0, 240.0),
)
MAIN_Y = {"supply": 190.0, "return": 170.0}  # the network's pair of pipes, south of the road
MAIN_X = (-655.0, 655.0)
BLOCKS = {  # x0, x1, y0, y1
    "nw": (-660.0, -215.0, 258.0, 525.0),
    "ne": (215.0, 660.0, 258.0, 525.0),
    "sw": (-660.0, -330.0, -165.0, 130.0),
    "se": (235.0, 660.0, -165.0, 130.0),
}
GRID = {"nw": (4, 4), "ne": (4, 4), "sw": (3, 3), "se": (4, 3)}  # columns, rows
PRODUCER_HEADS = ((138.0, 92.0), (-132.0, 96.0), (138.0, 40.0))
INJECTOR_HEADS = ((-212.0, -84.0), (-212.0, -22.0))
FLOOR_AREA_M2 = 3800.0  # of one building drawn: about 53 m by 12 m by six storeys
SHOWN_WELLS = 3  # a station with more producers shows two heads that stand for all


@dataclass(frozen=True)
class Head:
    """A well head drawn on the plate. ``name``: the site's well, or ``None`` where it stands for many."""

    id: str
    kind: str
    text: Text
    x: float
    y: float
    name: str | None = None
    step_out_m: float = 0.0


@dataclass(frozen=True)
class Quarter:
    """Buildings of one community, or of several taken together, in one or two blocks."""

    text: Text
    blocks: tuple[str, ...]
    area_m2: float
    ids: tuple[str, ...]


def quarters(site: Site) -> list[Quarter]:
    """Communities in the blocks: one takes all four, two take a side each, more are put together."""
    assert site.station is not None
    communities = list(site.station.communities)
    if len(communities) == 1:
        return [_quarter(communities, ("ne", "nw", "se", "sw"))]
    if len(communities) <= 4:
        by_x = sorted(communities, key=lambda c: c.x_m)
        half = (len(by_x) + 1) // 2
        west, east = by_x[:half], by_x[half:]
        sides = [(west, ("nw", "sw")), (east, ("ne", "se"))]
        return [q for group, blocks in sides for q in _side(group, blocks)]
    groups: dict[str, list[Community]] = {block: [] for block in BLOCKS}
    for c in communities:
        north = "n" if c.y_m >= site.station.y_m else "s"
        groups[north + ("e" if c.x_m >= site.station.x_m else "w")].append(c)
    return [_quarter(group, (block,)) for block, group in groups.items() if group]


def _side(group: list[Community], blocks: tuple[str, str]) -> list[Quarter]:
    if len(group) == 1:
        return [_quarter(group, blocks)]
    ordered = sorted(group, key=lambda c: -c.y_m)
    return [_quarter([c], (block,)) for c, block in zip(ordered, blocks, strict=True)]


def _quarter(group: list[Community], blocks: tuple[str, ...]) -> Quarter:
    area = sum(c.area_m2 for c in group)
    if len(group) == 1:
        name = {k: _plain_name(v) for k, v in group[0].name.as_dict().items()}
        letter = f"{group[0].id} " if re.fullmatch(r"[A-Z]\d?", group[0].id) else ""
        text = {
            "zh": f"{letter}{name['zh']} · {_area(area, 'zh')}",
            "en": f"{letter}{name['en']} · {_area(area, 'en')}",
        }
    else:
        text = {
            "zh": f"{len(group)} 个小区 · {_area(area, 'zh')}",
            "en": f"{len(group)} communities · {_area(area, 'en')}",
        }
    return Quarter(text, blocks, area, tuple(c.id for c in group))


def _plain_name(name: str) -> str:
    return re.sub(r"\s*\([A-Z]\)$", "", name).removesuffix("小区")


def _area(area_m2: float, lang: str) -> str:
    if lang == "zh":
        return f"{area_m2 / 1e4:.4g} 万 m²"
    return f"{round(area_m2):,} m²"


def heads(site: Site) -> list[Head]:
    """Well heads on the plate: each well of a small station, else two of each kind that stand for all."""
    producers = [w for w in site.wells if w.kind == "producer"]
    injectors = [w for w in site.wells if w.kind in ("injector", "storage")]
    if not injectors:
        injectors = _planned_injectors(site)
    return [
        *_heads(producers, PRODUCER_HEADS, "producer"),
        *_heads(injectors, INJECTOR_HEADS, "injector"),
    ]


def _planned_injectors(site: Site) -> list[SiteWell]:
    return [w for w in site.wells if not w.existing and w.kind != "producer"]


def _heads(wells: list[SiteWell], places: tuple[tuple[float, float], ...], kind: str) -> list[Head]:
    if 0 < len(wells) <= min(SHOWN_WELLS, len(places)):
        east_first = sorted(wells, key=lambda w: -w.head_x_m)
        return [
            Head(
                f"{'well' if kind == 'producer' else 'inj'}-{w.name}",
                kind,
                _well_text(w.name, kind),
                x,
                y,
                w.name,
                math.hypot(w.x_m - w.head_x_m, w.y_m - w.head_y_m),
            )
            for w, (x, y) in zip(east_first, places, strict=False)
        ]
    count = f" ×{len(wells)}" if wells else ""
    text = {
        "producer": {"zh": f"生产井{count}", "en": f"Producers{count}"},
        "injector": {"zh": f"回灌井{count}", "en": f"Injectors{count}"},
    }[kind]
    none = {"zh": "", "en": ""}
    ids = ("well-all", "well-all-2") if kind == "producer" else ("inj-all", "inj-all-2")
    texts = (text, none)
    shift = 0.0 if kind == "producer" else 430.0
    return [
        Head(head_id, kind, t, x, y, None, shift)
        for head_id, t, (x, y) in zip(ids, texts, places[:2], strict=False)
    ]


def _well_text(name: str, kind: str) -> Text:
    if kind == "producer":
        return {"zh": f"{name} 井", "en": f"Well {name}"}
    return {"zh": f"{name} 回灌", "en": f"{name} reinjection"}
