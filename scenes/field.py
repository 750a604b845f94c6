"""The field: an open box seen into. The reservoir's top is the floor, the layers are painted on the walls.

    ground (lid, grid, area)      z = 0
    walls  n e s w                ground to floor, seen from inside; the page hides those towards the camera
    floor                         top of the reservoir, coloured by the page
    fronts n e s w                floor to the foot of the box, seen from outside

Everything comes from the site: the box from its reservoir, the floor from the raster ``top_m``, bands from
its strata. Beds inside a formation are decoration drawn from a seed; the provenance line says so.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from scenes import paint
from scenes.container import Camera, Label, Material, Mesh, Scene, Text
from scenes.shapes import Piece, as_mesh, grid_index, line_mesh, quad, strip, tube
from scenes.surfaces import chaikin, clipped_lines, densified, sample, waves
from twin_models.site_types import FaultLine, Site, Stratum

VE, DEEPEST = 2.0, 0.9  # exaggeration; 1 where the box would come out deeper than this share of its width
FLOOR_VERTICES = 105  # along one side
CAP_BEDS, DEEP_BEDS = 15, 6  # painted on a wall above the floor, and below the reservoir
# Walls are drawn without lamps, so that they look the same from everywhere; the light is in these factors.
WALL_LIGHT = {"n": 0.955, "e": 0.955, "s": 1.0, "w": 1.0}
FRONT_LIGHT = {"n": 0.9, "e": 0.9, "s": 1.0, "w": 1.0}
AZIMUTH_DEG, ELEVATION_DEG, FOV_DEG = 138.0, 32.0, 20.0
BACK_WALLS = ("n", "w")  # facing away from a camera in the south-east
ROUND_FROM = 24  # an area with this many corners is meant to be round and is drawn so
SIDES = ("n", "e", "s", "w")
UNLIT = Material(color="#ffffff", unlit=True)
SCHEMATIC: Text = {"zh": "（示意）", "en": " (schematic)"}


@dataclass(frozen=True)
class Stage:
    """The box and its floor. ``z`` (n, n): floor, row 0 = south."""

    site: Site
    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    foot_m: float
    seed: int

    @cached_property
    def mean_top_m(self) -> float:
        return float(-self.z.mean())

    @property
    def width_m(self) -> float:
        return float(max(self.x[-1] - self.x[0], self.y[-1] - self.y[0]))

    @property
    def ve(self) -> float:
        return VE if VE * self.foot_m <= DEEPEST * self.width_m else 1.0

    @property
    def footprint(self) -> shapely.Geometry:
        return shapely.box(self.x[0], self.y[0], self.x[-1], self.y[-1])

    def floor_at(self, x_m: np.ndarray, y_m: np.ndarray) -> np.ndarray:
        return floor_depths(self.site, x_m, y_m)

    def edge(self, side: str) -> np.ndarray:
        """(n, 3) floor vertices along a side, from left to right for someone inside the box."""
        n = len(self.x)
        rows, columns = {
            "n": (np.full(n, -1), np.arange(n)),
            "e": (np.arange(n)[::-1], np.full(n, -1)),
            "s": (np.zeros(n, int), np.arange(n)[::-1]),
            "w": (np.arange(n), np.zeros(n, int)),
        }[side]
        return np.column_stack([self.x[columns], self.y[rows], self.z[rows, columns]])


def floor_depths(site: Site, x_m: np.ndarray, y_m: np.ndarray) -> np.ndarray:
    """z (m, negative) of the reservoir's top; the flat top of the box where the site has no raster."""
    assert site.reservoir is not None
    if "top_m" in site.rasters:
        return -sample(site, site.rasters["top_m"], x_m, y_m)
    return np.full(np.broadcast(x_m, y_m).shape, -site.reservoir.layers[0].top_m)


def stage_of(site: Site) -> Stage:
    """The box of a site with a reservoir."""
    assert site.reservoir is not None
    (x0, y0), (w, h) = site.reservoir.origin_m, site.reservoir.extent_m
    x, y = np.linspace(x0, x0 + w, FLOOR_VERTICES), np.linspace(y0, y0 + h, FLOOR_VERTICES)
    z = floor_depths(site, *np.meshgrid(x, y))
    base_m = max(layer.base_m for layer in site.reservoir.layers)
    foot_m = base_m + 0.33 * float(-z.mean())
    return Stage(site, x, y, z, foot_m, zlib.crc32(site.name.encode()))


def build_field(site: Site) -> Scene:
    """The scene of a site with a reservoir."""
    stage = stage_of(site)
    meshes = [_floor(stage)]
    deep = 0.5 * stage.ve * stage.foot_m  # a deep box is looked at from farther away
    for side in SIDES:
        meshes += _wall(stage, side)
        meshes += _front(stage, side)
    meshes += _faults(stage)
    meshes += _ground(stage)
    x0, x1, y0, y1 = stage.x[0], stage.x[-1], stage.y[0], stage.y[-1]
    target = ((x0 + x1) / 2, (y0 + y1) / 2, -0.66 * stage.mean_top_m)
    return Scene(
        site=site.name,
        scale="field",
        world_origin_m=site.world_origin_m,
        ve=stage.ve,
        bounds_m=(x0, x1, y0, y1, -stage.foot_m, 0.0),
        camera=Camera(target, AZIMUTH_DEG, ELEVATION_DEG, 2.0 * stage.width_m + 2.15 * deep, FOV_DEG),
        meshes=tuple(meshes),
        labels=tuple(_labels(stage)),
        provenance=_provenance(site),
        legends=_legends(site),
    )


def _provenance(site: Site) -> Text:
    own = site.provenance.as_dict()
    return {
        "zh": f"示意：{own['zh']}；墙面砂泥层为示意绘制",
        "en": f"Schematic: {own['en']}; the beds painted on the walls are decoration",
    }


def temperature_range(site: Site) -> tuple[float, float]:
    """Ends of the colour scale of reservoir temperature (degC)."""
    info = site.raster_info.get("temperature_degc")
    return (info.low, info.high) if info else (30.0, 90.0)


def _legends(site: Site) -> tuple[dict, ...]:
    low, high = temperature_range(site)
    text = {"zh": "热储温度", "en": "Reservoir temperature"}
    return (
        {"id": "temperature", "text": text, "unit": "℃", "min": low, "max": high, "stops": paint.THERMAL},
    )


# ---- floor ------------------------------------------------------------------------------------------


def _floor(stage: Stage) -> Mesh:
    gx, gy = np.meshgrid(stage.x, stage.y)
    u, v = np.meshgrid(np.linspace(0, 1, len(stage.x)), np.linspace(0, 1, len(stage.y)))
    color = None  # undisturbed temperature, until the page has maps of its own
    if "temperature_degc" in stage.site.rasters:
        values = sample(stage.site, stage.site.rasters["temperature_degc"], gx, gy)
        color = paint.ramp(values.ravel(), *temperature_range(stage.site))
    return Mesh(
        "floor",
        "floor",
        np.column_stack([gx.ravel(), gy.ravel(), stage.z.ravel()]).astype(np.float32),
        grid_index(*stage.z.shape).astype(np.uint32),
        uv=np.column_stack([u.ravel(), v.ravel()]).astype(np.float32),
        color=color,
        material=Material(color="#c98a4b"),
    )


# ---- walls ------------------------------------------------------------------------------------------


def _conform(stage: Stage, line: np.ndarray, depth_m: float) -> np.ndarray:
    """z of a bed of mean depth ``depth_m`` along a line on the floor: it follows the floor, less and less
    towards the ground, as beds that grew while the ground sank."""
    share = min(depth_m / stage.mean_top_m, 1.0)
    return -depth_m + (line[:, 2] + stage.mean_top_m) * share


def _beds(stage: Stage, stratum: Stratum, bed_m: float) -> np.ndarray:
    """Mean depths of the painted bed boundaries of a formation, its own top and base included."""
    rng = np.random.default_rng([stage.seed, zlib.crc32(stratum.id.encode())])
    count = max(1, round((stratum.base_m - stratum.top_m) / bed_m))
    parts = np.cumsum(rng.uniform(0.65, 1.35, count))
    return stratum.top_m + (stratum.base_m - stratum.top_m) * np.concatenate([[0.0], parts / parts[-1]])


def _cap_strata(stage: Stage) -> list[Stratum]:
    """The formations above the floor; the last one reaches down to it."""
    reservoir = next((s for s in stage.site.strata if s.role == "reservoir"), None)
    limit = reservoir.top_m if reservoir else stage.mean_top_m
    return [s for s in stage.site.strata if s.top_m < limit - 1.0]


def _painted_wall(
    stage: Stage,
    line: np.ndarray,
    boundaries: list[tuple[float, str]],
    *,
    upper: np.ndarray,
    lower: np.ndarray,
) -> list[Piece]:
    """Bands along a line. ``boundaries``: (mean depth, colour of the band below it); the first band starts at
    ``upper``, the last one ends at ``lower`` (z along the line)."""
    flat = line[:, :2]
    levels = [upper]
    for i, (depth, _) in enumerate(boundaries[1:], start=1):
        noise = waves(stage.seed + i, flat[:, 0], flat[:, 1], length_m=0.45 * stage.width_m)
        levels.append(_conform(stage, line, depth) + 9.0 * noise)
    levels.append(lower)
    for i in range(1, len(levels)):  # beds pinch out, they never cross
        levels[i] = np.maximum(np.minimum(levels[i], levels[i - 1]), lower)
    return [
        strip(np.column_stack([flat, levels[i]]), np.column_stack([flat, levels[i + 1]]), color)
        for i, (_, color) in enumerate(boundaries)
    ]


def _wall(stage: Stage, side: str) -> list[Mesh]:
    """A wall from the ground to the floor, painted with the cap's beds, and its lines."""
    line = stage.edge(side)
    boundaries, formation_depths = [], []
    for stratum in _cap_strata(stage):
        light, dark = paint.tints(stratum.id, stratum.colour, role=stratum.role)
        for i, depth in enumerate(_beds(stage, stratum, stage.mean_top_m / CAP_BEDS)[:-1]):
            boundaries.append((float(depth), paint.shade(dark if i % 2 else light, WALL_LIGHT[side])))
        formation_depths.append(stratum.top_m)
    if not boundaries:
        boundaries = [(0.0, paint.STRATA_TINTS["minghuazhen"][0])]
    pieces = _painted_wall(stage, line, boundaries, upper=np.zeros(len(line)), lower=line[:, 2])
    meshes = [as_mesh(f"wall-{side}", "wall", pieces, material=UNLIT, tags={"side": side})]
    inward = line[:, :2] + 8.0 * np.array({"n": (0, -1), "e": (-1, 0), "s": (0, 1), "w": (1, 0)}[side])
    beds = [np.column_stack([inward, _conform(stage, line, d)]) for d in formation_depths[1:]]
    fine = [
        np.column_stack([inward, _conform(stage, line, d) + 6 * _ripple(stage, inward, k)])
        for k, (d, _) in enumerate(boundaries[1:])
        if k % 3 == 1
    ]
    verticals = _verticals(stage, side, inward, line)
    tags = {"side": side, "part": "lines"}
    meshes.append(line_mesh(f"wall-{side}-beds", "wall", beds, color="#8f8468", opacity=0.65, tags=tags))
    faint = {"color": "#8f8468", "opacity": 0.2, "tags": tags}
    meshes.append(line_mesh(f"wall-{side}-fine", "wall", fine + verticals, **faint))
    return [m for m in meshes if len(m.points)]


def _ripple(stage: Stage, flat: np.ndarray, k: int) -> np.ndarray:
    return waves(stage.seed + 91 + k, flat[:, 0], flat[:, 1], length_m=0.3 * stage.width_m)


def _verticals(stage: Stage, side: str, inward: np.ndarray, line: np.ndarray) -> list[np.ndarray]:
    """Vertical kilometre lines on a wall."""
    along = inward[:, 0] if side in "ns" else inward[:, 1]
    first, last = min(along[0], along[-1]), max(along[0], along[-1])
    marks = np.arange(np.ceil(first / 1000) * 1000, last, 1000)
    nearest = [int(np.argmin(np.abs(along - mark))) for mark in marks if first + 1 < mark < last - 1]
    return [np.array([[*inward[i], 0.0], [*inward[i], line[i, 2]]]) for i in nearest]


def _front(stage: Stage, side: str) -> list[Mesh]:
    """The section below the floor, seen from outside: the reservoir's beds and the ground under it."""
    line = stage.edge(side)[::-1]
    thickness = sum(layer.thickness_m for layer in stage.site.reservoir.layers)  # type: ignore[union-attr]
    if "thickness_m" in stage.site.rasters:
        reach = sample(stage.site, stage.site.rasters["thickness_m"], line[:, 0], line[:, 1])
    else:
        reach = np.full(len(line), thickness)
    base = np.maximum(line[:, 2] - reach, -stage.foot_m + 60.0)
    light, dark = (paint.shade(tint, FRONT_LIGHT[side]) for tint in _reservoir_tints(stage))
    parts = np.linspace(0, 1, 7)
    flat = line[:, :2]
    levels = [line[:, 2] + (base - line[:, 2]) * part for part in parts]
    for i in range(1, len(levels) - 1):
        levels[i] = levels[i] + 0.035 * reach * _ripple(stage, flat, 20 + i)
    pieces = [
        strip(
            _on(flat, levels[i]), _on(flat, levels[i + 1]), paint.mix(light, dark, (i % 2) * 0.8 + i * 0.03)
        )
        for i in range(len(levels) - 1)
    ]
    deep, lines = _deep_beds(stage, side, flat, base)
    outward = flat + 8.0 * np.array({"n": (0, 1), "e": (1, 0), "s": (0, -1), "w": (-1, 0)}[side])
    tags = {"side": side}
    return [
        as_mesh(f"front-{side}", "front", pieces + deep, material=UNLIT, tags=tags),
        line_mesh(
            f"front-{side}-beds",
            "front",
            [_on(outward, z) for z in (line[:, 2], base)],
            color="#4a3a2a",
            opacity=0.75,
            tags=tags,
        ),
        line_mesh(
            f"front-{side}-fine",
            "front",
            [_on(outward, z) for z in (*levels[1:-1], *lines)],
            color="#4d4640",
            opacity=0.3,
            tags=tags,
        ),
    ]


def _on(flat: np.ndarray, z: np.ndarray) -> np.ndarray:
    return np.column_stack([flat, z])


def _reservoir_tints(stage: Stage) -> tuple[str, str]:
    reservoir = next((s for s in stage.site.strata if s.role == "reservoir"), None)
    return paint.tints(reservoir.id, reservoir.colour) if reservoir else paint.STRATA_TINTS["guantao"]


def _deep_beds(
    stage: Stage, side: str, flat: np.ndarray, base: np.ndarray
) -> tuple[list[Piece], list[np.ndarray]]:
    """Bands from the reservoir's base to the foot of the box, and the lines between them."""
    foot = np.full(len(flat), -stage.foot_m)
    deep = [s for s in stage.site.strata if s.role in ("deep", "basement")]
    start = float(-base.mean())
    depths = np.linspace(start, stage.foot_m, DEEP_BEDS + 1)
    levels = [base]
    for i, depth in enumerate(depths[1:-1], start=1):
        follow = 1.0 - (depth - start) / max(stage.foot_m - start, 1.0)
        bed = -depth + (base + start) * follow + 8.0 * _ripple(stage, flat, 40 + i)
        levels.append(np.clip(bed, foot, levels[-1]))
    levels.append(foot)
    pieces = []
    for i, depth in enumerate(depths[:-1]):
        here = next((s for s in deep if s.top_m <= depth + 75 < s.base_m), deep[-1] if deep else None)
        pair = paint.tints(here.id, here.colour) if here else paint.STRATA_TINTS["shahejie"]
        tint = paint.shade(pair[i % 2], FRONT_LIGHT[side])
        pieces.append(strip(_on(flat, levels[i]), _on(flat, levels[i + 1]), tint))
    return pieces, levels[1:-1]


# ---- faults and ground --------------------------------------------------------------------------------


def _faults(stage: Stage) -> list[Mesh]:
    meshes = []
    for fault in stage.site.faults:
        radius = 0.004 * stage.width_m * (1.0 if fault.main else 0.6)
        tubes, traces = [], []
        for part in clipped_lines(fault.line_m, stage.footprint):
            flat = densified(part, stage.width_m / 60)
            z = stage.floor_at(flat[:, 0], flat[:, 1]) + 0.5 * radius / stage.ve
            tubes.append(tube(_on(flat, z), radius, paint.FAULT_DEEP, ve=stage.ve, sides=8))
            traces.append(_on(part, np.zeros(len(part))))
        if not tubes:
            continue
        tags = {"fault": fault.id, "main": fault.main}
        meshes.append(as_mesh(f"fault-{fault.id}", "fault", tubes, tags=tags))
        trace = {"color": paint.FAULT_GROUND, "width_px": 1.2, "opacity": 0.8}
        meshes.append(line_mesh(f"fault-{fault.id}-ground", "ground", traces, tags=tags, **trace))
    return meshes


def _ground(stage: Stage) -> list[Mesh]:
    """The glass lid, its kilometre grid, the edges of the box and the outline of the area."""
    x0, x1, y0, y1 = stage.x[0], stage.x[-1], stage.y[0], stage.y[-1]
    lid = as_mesh(
        "lid",
        "ground",
        [quad(x0, x1, y0, y1, 0.0, "#ffffff")],
        material=Material(color="#ffffff", opacity=0.07, unlit=True, double_sided=True),
        tags={"part": "lid"},
    )
    step = 1000.0
    grid = [np.array([[x, y0, 0], [x, y1, 0]]) for x in np.arange(np.ceil(x0 / step) * step, x1 + 1, step)]
    grid += [np.array([[x0, y, 0], [x1, y, 0]]) for y in np.arange(np.ceil(y0 / step) * step, y1 + 1, step)]
    rim = np.array([[x0, y0, 0], [x1, y0, 0], [x1, y1, 0], [x0, y1, 0], [x0, y0, 0]])
    posts = [
        np.array([[x, y, 0.0], [x, y, float(stage.floor_at(np.array([x]), np.array([y]))[0])]])
        for x in (x0, x1)
        for y in (y0, y1)
    ]
    dark = {"color": paint.DARK_LINE}
    meshes = [
        lid,
        line_mesh("grid", "ground", grid, opacity=0.1, tags={"part": "grid"}, **dark),
        line_mesh("rim", "ground", [rim], opacity=0.55, width_px=1.1, tags={"part": "rim"}, **dark),
        line_mesh("posts", "line", posts, opacity=0.35, tags={"part": "posts"}, **dark),
    ]
    if stage.site.area is not None:
        ring = np.array(stage.site.area.polygon_m)
        if len(ring) >= ROUND_FROM:
            ring = chaikin(ring)
        ring = np.concatenate([ring, ring[:1]])
        outline = _on(ring, np.zeros(len(ring)))
        tags = {"part": "area"}
        meshes.append(line_mesh("area", "ground", [outline], opacity=0.6, width_px=1.4, tags=tags, **dark))
    return meshes


# ---- labels -------------------------------------------------------------------------------------------


def _labels(stage: Stage) -> list[Label]:
    return [
        *_strata_labels(stage),
        *_depth_labels(stage),
        *[label for fault in stage.site.faults for label in _fault_label(stage, fault)],
        *_area_label(stage),
    ]


def _strata_labels(stage: Stage) -> list[Label]:
    """On the two walls and the two fronts that the start view shows."""
    labels = []
    x0, x1, y0, y1 = stage.x[0], stage.x[-1], stage.y[0], stage.y[-1]
    cap = _cap_strata(stage)
    for stratum, base in zip(cap, [s.top_m for s in cap[1:]] + [stage.mean_top_m], strict=True):
        at = (x0 + 20, y0 + 0.2 * (y1 - y0), -(0.5 * stratum.top_m + 0.5 * base))
        labels.append(Label(f"stratum-{stratum.id}", stratum.name.as_dict(), at, "strata", 4))
    thickness = sum(layer.thickness_m for layer in stage.site.reservoir.layers)  # type: ignore[union-attr]
    reservoir = next((s for s in stage.site.strata if s.role == "reservoir"), None)
    if reservoir is not None:
        y = y0 + 0.5 * (y1 - y0)
        z = float(stage.floor_at(np.array([x1]), np.array([y]))[0]) - 0.5 * thickness
        text = _reservoir_name(reservoir)
        labels.append(Label(f"stratum-{reservoir.id}", text, (x1 + 20, y, z), "strata", 7, tone="light"))
    below = next((s for s in stage.site.strata if s.role == "deep"), None)
    if below is not None:
        depth = 0.5 * (stage.mean_top_m + thickness + stage.foot_m)
        at = (x1 + 20, y0 + 0.86 * (y1 - y0), -depth)
        labels.append(Label(f"stratum-{below.id}", below.name.as_dict(), at, "strata", 3, tone="light"))
    return labels


def _reservoir_name(stratum: Stratum) -> Text:
    """Short name for the floor: the first formation of the stratum's name."""
    zh = stratum.name.zh.split("组")[0] + "组" if "组" in stratum.name.zh else stratum.name.zh
    en = stratum.name.en.split(" Fm")[0].split(" and ")[0].removeprefix("Lower ").removeprefix("Main ")
    return {"zh": f"{zh}热储", "en": f"{en} reservoir"}


def _depth_labels(stage: Stage) -> list[Label]:
    """Depths down the post where the north and the east side meet."""
    step = 500 if stage.mean_top_m > 1200 else 250
    depths = np.arange(0, stage.mean_top_m - 0.3 * step, step)
    x, y = float(stage.x[-1]), float(stage.y[-1])
    return [
        Label(f"depth-{int(d)}", {"zh": f"{int(d)} m", "en": f"{int(d)} m"}, (x, y, -float(d)), "depth", 2)
        for d in depths
    ]


def _fault_label(stage: Stage, fault: FaultLine) -> list[Label]:
    """Along the longest part of a fault inside the box, south of the line (towards the camera)."""
    parts = clipped_lines(fault.line_m, stage.footprint)
    if not parts:
        return []
    line = shapely.LineString(max(parts, key=lambda p: shapely.LineString(p).length))
    ends = [line.interpolate(share, normalized=True) for share in (0.16, 0.4)]
    side = 0.018 * stage.width_m
    (xa, ya), (xb, yb) = ((p.x, p.y) for p in ends)
    length = max(np.hypot(xb - xa, yb - ya), 1.0)
    nx, ny = (yb - ya) / length, -(xb - xa) / length
    if ny > 0:
        nx, ny = -nx, -ny
    flat = np.array([[xa + side * nx, ya + side * ny], [xb + side * nx, yb + side * ny]])
    z = stage.floor_at(flat[:, 0], flat[:, 1]) + 30.0
    a, b = ((float(x), float(y), float(h)) for (x, y), h in zip(flat, z, strict=True))
    middle = tuple((p + q) / 2 for p, q in zip(a, b, strict=True))
    return [Label(f"fault-{fault.id}", named(fault), middle, "fault", 6, along_m=(a, b))]  # type: ignore[arg-type]


def named(fault: FaultLine) -> Text:
    """A fault's name with the word schematic where its line is."""
    text = fault.name.as_dict()
    if not fault.schematic:
        return text
    return {
        "zh": text["zh"] if "示意" in text["zh"] else text["zh"] + SCHEMATIC["zh"],
        "en": text["en"] if "schematic" in text["en"].lower() else text["en"] + SCHEMATIC["en"],
    }


def _area_label(stage: Stage) -> list[Label]:
    area = stage.site.area
    if area is None:
        return []
    x, y = max(area.polygon_m, key=lambda p: p[0] + p[1])  # its north-eastern end: right in the start view
    return [Label("area", area.name.as_dict(), (x, y, 0.0), "strata", 2)]
