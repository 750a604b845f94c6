"""The ground under the plate as a cut face: layers with compressed depth, wells, cold water."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

from scenes import paint
from scenes.container import Label, Material, Mesh
from scenes.plan import PLATE, Head
from scenes.shapes import Piece, as_mesh, ball, line_mesh, strip, tube
from scenes.surfaces import waves
from twin_models.site_types import Site, Stratum

DEPTH_SCALE = 0.06  # a depth of 1000 m is drawn as 60 m
MAX_DRAWN_M = 125.0  # deeper columns are compressed more
COLUMNS = 97
RESERVOIR = "#d8924b"  # lighter than the palette's brown, so that wells and cold water stand out
COLD_RINGS = 4
COLD_HALF_M = 11.0  # half the drawn height of the outermost ring, at least
FACES = {"s": 1.0, "w": 0.93, "e": 0.93, "n": 0.9}


class Column:
    """The strata under the plate. Depths in metres come out as drawn heights."""

    def __init__(self, site: Site) -> None:
        self.seed = zlib.crc32(site.name.encode())
        strata = sorted(site.strata, key=lambda s: s.top_m)
        reservoir = next((s for s in strata if s.role == "reservoir"), None)
        assert site.reservoir is not None
        self.top_m = reservoir.top_m if reservoir else site.reservoir.layers[0].top_m
        self.base_m = reservoir.base_m if reservoir else site.reservoir.layers[-1].base_m
        self.foot_m = self.base_m + max(0.2 * self.base_m, 150.0)
        self.strata = _merged([s for s in strata if s.top_m < self.foot_m])
        self.scale = min(DEPTH_SCALE, MAX_DRAWN_M / self.foot_m)

    def z(self, depth_m: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Drawn height of a bed; deeper beds wave a little more."""
        flat = -depth_m * self.scale
        share = min(depth_m / self.foot_m, 1.0)
        return flat + 2.6 * share * waves(self.seed, x, y, length_m=900.0, count=4)


def _merged(strata: list[Stratum]) -> list[tuple[str, Stratum, float, float]]:
    """Members of one formation as one: (formation, its first member, top, base)."""
    out: list[tuple[str, Stratum, float, float]] = []
    for s in strata:
        formation = s.id.removesuffix("-upper").removesuffix("-lower") if s.role != "reservoir" else s.id
        if out and out[-1][0] == formation and out[-1][1].role != "reservoir" and s.role != "reservoir":
            name, first, top, _ = out.pop()
            out.append((name, first, top, s.base_m))
        else:
            out.append((formation, s, s.top_m, s.base_m))
    return out


def section(site: Site, heads: list[Head], usual: Mapping[str, float]) -> list[Mesh]:
    """The four faces, the wells on the southern one, and the cold water at the injectors."""
    column = Column(site)
    meshes = []
    for side in FACES:
        meshes += _face(column, side)
    return meshes + _wells(column, heads) + _cold(column, heads, usual)


def _line(side: str) -> np.ndarray:
    """(n, 2) points along a side of the plate, from left to right for someone outside."""
    x0, x1, y0, y1 = PLATE
    t = np.linspace(0, 1, COLUMNS)
    start, end = {
        "s": ((x0, y0), (x1, y0)),
        "e": ((x1, y0), (x1, y1)),
        "n": ((x1, y1), (x0, y1)),
        "w": ((x0, y1), (x0, y0)),
    }[side]
    return np.outer(1 - t, start) + np.outer(t, end)


def _face(column: Column, side: str) -> list[Mesh]:
    flat = _line(side)
    x, y = flat[:, 0], flat[:, 1]
    edges = [np.zeros(len(flat))] + [column.z(top, x, y) for _, _, top, _ in column.strata[1:]]
    edges.append(np.full(len(flat), -column.foot_m * column.scale))
    pieces: list[Piece] = []
    for (_, first, _, _), upper, lower in zip(column.strata, edges, edges[1:], strict=False):
        color = paint.shade(tint(first), FACES[side])
        pieces.append(strip(np.column_stack([flat, upper]), np.column_stack([flat, lower]), color))
    outward = np.array({"s": (0, -1), "e": (1, 0), "n": (0, 1), "w": (-1, 0)}[side]) * 0.5
    lines = [np.column_stack([flat + outward, z]) for z in edges]
    unlit = Material(color="#ffffff", unlit=True)
    return [
        as_mesh(f"face-{side}", "front", pieces, material=unlit, tags={"side": side}),
        line_mesh(f"face-{side}-lines", "front", lines, color="#5b4a36", opacity=0.55, tags={"side": side}),
    ]


def tint(stratum: Stratum) -> str:
    """One colour per formation: the reservoir the only saturated one."""
    if stratum.role == "reservoir":
        return RESERVOIR
    if "guantao" in stratum.id:
        return "#e2b37d"
    light, dark = paint.tints(stratum.id, stratum.colour)
    return paint.mix(light, dark, 0.6 if stratum.role == "cap" else 0.3)


def _wells(column: Column, heads: list[Head]) -> list[Mesh]:
    """Tubes on the southern face: producers straight down, injectors as far out as they are deviated."""
    front = PLATE[2] - 3.0
    pieces = []
    for head in heads:
        path = np.array(_path(column, head, front))
        color = paint.PRODUCER_BRIGHT if head.kind == "producer" else paint.INJECTOR_BRIGHT
        pieces.append(tube(path, 3.2, color, sides=14))
        pieces.append(ball(tuple(path[-1]), 4.6, color, fine=12))
        screen = path[-2:] if head.kind == "producer" else path[-5:]
        pieces.append(tube(screen, 4.7, paint.shade(color, 0.93), sides=14))
    return [as_mesh("section-wells", "well-section", pieces, tags={"part": "wells"})]


def _path(column: Column, head: Head, front: float) -> list[tuple[float, float, float]]:
    """Drawn path of a well on the face (x, y, z): vertical, or built to its step-out towards the west."""
    screen_m = 0.82 * column.base_m + 0.18 * column.top_m
    if head.step_out_m < 50.0:
        levels = [0.0, 0.5 * column.top_m, 0.25 * screen_m + 0.75 * column.top_m, screen_m]
        return [(head.x, front, min(-d * column.scale, -1.0)) for d in levels]
    reach = min(0.2 * head.step_out_m, 95.0)
    kick = 0.3 * column.top_m
    t = np.linspace(0, 1, 17)
    x = head.x - reach * t**1.7
    depth = kick + (screen_m - kick) * np.sin(t * np.pi / 2) ** 0.85
    start = [(head.x, front, -1.0), (head.x, front, -0.6 * kick * column.scale)]
    return start + [(float(a), front, float(-d * column.scale)) for a, d in zip(x, depth, strict=True)]


def _cold(column: Column, heads: list[Head], usual: Mapping[str, float]) -> list[Mesh]:
    """Nested ellipses of cooled rock at the bottom of the first injector; ring 1 is the outermost."""
    injector = next((h for h in heads if h.kind != "producer"), None)
    if injector is None:
        return []
    x, _, z = _path(column, injector, 0.0)[-1]
    thick = max(0.6 * (column.base_m - column.top_m) * column.scale, COLD_HALF_M)
    hot, cold = usual["station_in"], usual["tail"]
    meshes = []
    for ring in range(1, COLD_RINGS + 1):
        share = 1.0 - (ring - 1) / COLD_RINGS
        t = np.linspace(0, 2 * np.pi, 56, endpoint=False)
        y = PLATE[2] - 0.6 - 0.35 * ring
        rim = np.column_stack(
            [x + 80.0 * share * np.cos(t), np.full(len(t), y), z + thick * share * np.sin(t)]
        )
        degc = hot + (cold - hot) * (ring + 1) / (COLD_RINGS + 1)
        meshes.append(_flat(rim, ring, paint.water(degc)))
    return meshes


def _flat(rim: np.ndarray, ring: int, color: str) -> Mesh:
    n = len(rim)
    index = np.column_stack([np.zeros(n - 2, int), np.arange(1, n - 1), np.arange(2, n)])
    return Mesh(
        f"cold-{ring}",
        "cold",
        rim.astype(np.float32),
        index.astype(np.uint32),
        material=Material(color=color, unlit=True),
        tags={"cold": ring},
    )


def labels(site: Site, heads: list[Head]) -> list[Label]:
    """Names of the layers on the southern face, the reservoir with its depths, and the cold water."""
    column = Column(site)
    front = PLATE[2] - 6.0
    out = []
    reservoirs = {formation for formation, first, _, _ in column.strata if first.role == "reservoir"}
    for formation, first, top, base in column.strata:
        base = min(base, column.foot_m)
        middle = -0.5 * (top + base) * column.scale
        if first.role != "reservoir" and ((base - top) * column.scale < 9.0 or formation in reservoirs):
            continue
        name = first.name.as_dict()
        if formation != first.id:
            name = {
                "zh": name["zh"].removesuffix("上段").removesuffix("下段"),
                "en": name["en"].removeprefix("Upper "),
            }
        if first.role == "reservoir":
            depths = f"{top:,.0f}–{base:,.0f} m".replace(",", " ")
            name = {lang: f"{text} {depths}" for lang, text in name.items()}
        at = (300.0 if first.role == "deep" else 40.0, front, middle)
        out.append(Label(f"stratum-{first.id}", name, at, "strata", 6 if first.role == "reservoir" else 4))
    injector = next((h for h in heads if h.kind != "producer"), None)
    if injector is not None:
        x, y, z = _path(column, injector, front)[-1]
        text = {"zh": "冷水体（示意）", "en": "Cold water (schematic)"}
        out.append(
            Label(
                "cold",
                text,
                (x + 80.0, y, z - 0.6 * (column.base_m - column.top_m) * column.scale),
                "strata",
                5,
            )
        )
    return out
