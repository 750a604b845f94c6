"""The energy station: walls, exchangers, heat pumps, pumps, tanks, well heads and the pipes between them.

Pipes carry the name of their temperature in ``tags.temperature`` (the names of the station's live values);
the page colours them. Each pipe mesh has one colour, that of a usual temperature, until it does.

    wells -- station_in --> exchanger 1 -- hx1_out --> exchanger 2 -- tail --> reinjection
                             |  ^                        |  ^
                       supply|  |return  intermediate_in |  | intermediate_out
                             v  |                        v  |
                           network  <-- supply --   heat pumps
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from scenes import paint
from scenes.container import Label, Material, Mesh, Text
from scenes.plan import MAIN_X, MAIN_Y, STATION, Head
from scenes.shapes import (
    Piece,
    as_mesh,
    ball,
    box,
    cylinder,
    fan,
    join,
    line_mesh,
    lying_cylinder,
    pipe,
    prism,
)

FLOOR_Z = 3.0
WALL_LIGHT = (0.86, 0.9, 0.9, 1.0)  # south, east, north, west
PIPE_R, MAIN_R = 3.2, 4.2
WALL, WALL_TOP, SLAB, FRAME, TEAL, STEEL = "#d3d8dc", "#eef1f3", "#fbfaf6", "#37424c", "#2f7f86", "#f4f6f7"
HX1, HX2 = (-14.0, 90.0), (-36.0, 14.0)
PUMPS = ((22.0, -78.0), (14.0, -100.0))
HEAT_PUMPS = ((52.0, 34.0), (46.0, -22.0))
TANKS = ((-64.0, -78.0), (-44.0, -82.0))
PLATES = 15
USUAL_DEGC = {  # colours before the first live value
    "station_in": 62.0,
    "wellhead": 62.0,
    "hx1_out": 33.0,
    "tail": 15.0,
    "supply": 40.0,
    "return": 30.0,
    "intermediate_in": 15.0,
    "intermediate_out": 7.0,
}
EQUIPMENT_TEXT: dict[str, Text] = {
    "hx1": {"zh": "一级板换", "en": "Plate exchanger 1"},
    "hx2": {"zh": "二级板换", "en": "Plate exchanger 2"},
    "hp": {"zh": "水源热泵 ×2", "en": "Heat pumps ×2"},
    "pumps": {"zh": "循环泵", "en": "Circulation pumps"},
    "filters": {"zh": "除砂与过滤", "en": "Filters"},
    "supply": {"zh": "供水", "en": "Supply"},
    "return": {"zh": "回水", "en": "Return"},
}


def station(heads: Iterable[Head], usual: Mapping[str, float]) -> list[Mesh]:
    """All meshes of the station and of the heads that feed it."""
    heads = list(heads)
    return [
        *_building(),
        *_exchanger("hx1", HX1, "station_in", "hx1_out", usual),
        *_exchanger("hx2", HX2, "hx1_out", "tail", usual),
        as_mesh("heat-pumps", "equipment", [_heat_pump(*at) for at in HEAT_PUMPS], tags={"equipment": "hp"}),
        as_mesh("pumps", "equipment", [_pump(*at) for at in PUMPS], tags={"equipment": "pumps"}),
        as_mesh("filters", "equipment", [_tank(*at) for at in TANKS], tags={"equipment": "filters"}),
        as_mesh("wellheads", "equipment", [_wellhead(h) for h in heads], tags={"equipment": "wellheads"}),
        *_pipes(heads, usual),
    ]


def labels(heads: Iterable[Head]) -> list[Label]:
    """Names of the equipment; the page adds live values by their ids."""
    at = {
        "hx1": (HX1[0] - 8, HX1[1], 44.0),
        "hx2": (HX2[0] - 14, HX2[1], 42.0),
        "hp": (HEAT_PUMPS[1][0] + 20, HEAT_PUMPS[1][1], 30.0),
        "pumps": (PUMPS[0][0] + 8, PUMPS[0][1], 16.0),
        "filters": (TANKS[0][0] - 4, TANKS[0][1], 36.0),
        "supply": (40.0, MAIN_Y["supply"] + 6, 14.0),
        "return": (250.0, MAIN_Y["return"] - 8, 12.0),
    }
    priority = {"hx1": 8, "hx2": 8, "hp": 8, "supply": 7, "return": 7, "pumps": 4, "filters": 4}
    out = [Label(key, EQUIPMENT_TEXT[key], at[key], "equipment", priority[key]) for key in at]
    out += [Label(h.id, h.text, (h.x, h.y, 42.0), "equipment", 9) for h in heads if h.text["zh"]]
    return out


# ---- the house ----------------------------------------------------------------------------------------


def _building() -> list[Mesh]:
    """A slab with low walls on three sides, open to the front, and its shadow."""
    x0, x1, y0, y1 = STATION
    t, high, low = 5.0, 22.0, 4.0
    back = ((x0 + x1) / 2, y1 + t / 2, FLOOR_Z)
    pieces = [
        box(
            ((x0 + x1) / 2, (y0 + y1) / 2, 0.0),
            (x1 - x0 + 2 * t, y1 - y0 + 2 * t, FLOOR_Z),
            WALL,
            top=SLAB,
            light=WALL_LIGHT,
        ),
        box(back, (x1 - x0 + 2 * t, t, high), WALL, top=WALL_TOP, light=WALL_LIGHT),
        _sloping_wall(x0 - t, x0, high, low),
        _sloping_wall(x1, x1 + t, high, low),
    ]
    unlit = Material(color="#ffffff", unlit=True)
    return [
        as_mesh(
            "station-shadow", "ground", [_station_shadow(x1 + t)], material=unlit, tags={"part": "shadows"}
        ),
        as_mesh("station", "building", pieces, material=unlit, tags={"equipment": "station"}),
    ]


def _station_shadow(x: float) -> Piece:
    """Dark at the eastern wall, ground at its rim; longer where the wall is higher."""
    _, _, y0, y1 = STATION
    points = [[x, y0 - 10, 2.4], [x + 8, y0 - 14, 2.4], [x + 30, y1 - 6, 2.4], [x, y1, 2.4]]
    colors = np.array([paint.rgba(c) for c in ("#c3c9bd", "#dbe0d2", "#dbe0d2", "#b9bfb6")])
    return fan(np.array(points), colors)


def _sloping_wall(x0: float, x1: float, high: float, low: float) -> Piece:
    """A side wall that comes down towards the front, so that one can look in."""
    _, _, y0, y1 = STATION
    flat = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    top = [FLOOR_Z + h for h in (low, low, high, high)]
    return prism(flat, (FLOOR_Z,) * 4, top, WALL, top=WALL_TOP, light=WALL_LIGHT)


def _exchanger(
    key: str, at: tuple[float, float], hot: str, cold: str, usual: Mapping[str, float]
) -> list[Mesh]:
    """A plate exchanger: dark frames, and plates coloured from the hot end (west) to the cold end."""
    x, y = at
    width, depth, height = 42.0, 20.0, 34.0
    frames = [box((x + s * width / 2, y, FLOOR_Z), (4.0, depth + 8, height + 5), FRAME) for s in (-1, 1)]
    bars = [
        lying_cylinder(
            (x - width / 2, y, FLOOR_Z + z), (x + width / 2, y, FLOOR_Z + z), 1.6, "#55626d", sides=8
        )
        for z in (3.0, height + 2.5)
    ]
    fraction = np.linspace(0, 1, PLATES)
    plates, values = [], []
    for part in fraction:
        degc = usual[hot] + (usual[cold] - usual[hot]) * part
        center = (x - width / 2 + 4.0 + (width - 8.0) * part, y, FLOOR_Z + 2.5)
        plate = box(center, (1.7, depth, height - 2.0), paint.water(degc))
        plates.append(plate)
        values.append(np.full(len(plate.points), part, dtype=np.float32))
    tags = {"equipment": key}
    return [
        as_mesh(f"{key}-frame", "equipment", frames + bars, tags=tags),
        as_mesh(
            f"{key}-plates",
            "equipment",
            plates,
            tags={**tags, "temperature_from": hot, "temperature_to": cold},
            attributes={"fraction": np.concatenate(values)},
        ),
    ]


def _heat_pump(x: float, y: float) -> Piece:
    z = FLOOR_Z
    return join(
        [
            box((x, y, z), (46.0, 24.0, 5.0), "#4b565f"),
            box((x, y, z + 5), (44.0, 22.0, 17.0), TEAL, top=paint.shade(TEAL, 1.12)),
            lying_cylinder((x - 14, y + 2, z + 26), (x + 10, y + 2, z + 26), 6.0, STEEL),
            cylinder((x + 16, y - 3, z + 22), 4.5, 9.0, "#5b6770", top="#8b969d"),
            box((x - 19, y - 11.4, z + 8), (7.0, 0.8, 9.0), "#dfe7ea"),
        ]
    )


def _pump(x: float, y: float) -> Piece:
    z = FLOOR_Z
    return join(
        [
            box((x, y, z), (17.0, 9.0, 2.0), "#4b565f"),
            lying_cylinder((x - 8, y, z + 7), (x + 3, y, z + 7), 5.0, "#3d6670"),
            lying_cylinder((x + 3.5, y, z + 7), (x + 9, y, z + 7), 6.2, "#aab4ba"),
        ]
    )


def _tank(x: float, y: float) -> Piece:
    z = FLOOR_Z
    return join(
        [
            cylinder((x, y, z), 7.5, 22.0, STEEL),
            ball((x, y, z + 22.0), 7.5, STEEL, fine=16),
            cylinder((x, y, z), 8.6, 2.0, "#8b969d"),
        ]
    )


def _wellhead(head: Head) -> Piece:
    """A valve tree on a dark disc."""
    color = paint.PRODUCER_BRIGHT if head.kind == "producer" else paint.INJECTOR_BRIGHT
    x, y = head.x, head.y
    arms = [lying_cylinder((x - 11, y, z), (x + 11, y, z), 3.1, color, sides=12) for z in (17.0, 27.0)]
    wheels = [
        lying_cylinder((x + s * 11, y, 17.0), (x + s * 13, y, 17.0), 5.2, color, sides=14) for s in (-1, 1)
    ]
    return join(
        [
            cylinder((x, y, 0.0), 17.0, 5.5, FRAME, top="#4b5863", n=32),
            cylinder((x, y, 5.5), 6.4, 5.0, paint.shade(color, 0.85), n=20),
            cylinder((x, y, 8.0), 4.2, 26.0, color, n=20),
            *arms,
            *wheels,
            ball((x, y, 35.0), 4.8, color, fine=14),
        ]
    )


# ---- pipes --------------------------------------------------------------------------------------------


class _Runs:
    """Pipes by the name of their temperature."""

    def __init__(self) -> None:
        self.pieces: dict[str, list[Piece]] = {}

    def lay(self, name: str, *points: tuple[float, float, float], radius: float = PIPE_R) -> None:
        self.pieces.setdefault(name, []).append(pipe(np.array(points), radius, "#ffffff"))


def _pipes(heads: list[Head], usual: Mapping[str, float]) -> list[Mesh]:
    runs = _Runs()
    _well_pipes(runs, heads)
    _network_pipes(runs)
    _heat_pump_pipes(runs)
    meshes = []
    for name, parts in runs.pieces.items():
        whole = join(parts)
        meshes.append(
            Mesh(
                f"pipes-{name}",
                "water-pipe",
                whole.points.astype(np.float32),
                whole.index.astype(np.uint32),
                material=Material(color=paint.water(usual[name])),
                tags={"temperature": name, "usual_degc": usual[name]},
            )
        )
    return meshes


def _well_pipes(runs: _Runs, heads: list[Head]) -> None:
    """From the producers through both exchangers and the filters to the injectors."""
    z, low = FLOOR_Z + 5.5, FLOOR_Z + 4.0
    (x1, y1), (x2, y2) = HX1, HX2
    (ta, tb) = TANKS
    collector, west, junction = y1 + 24, x1 - 44, -205.0
    for head in heads:
        if head.kind == "producer":
            runs.lay("station_in", (head.x, head.y, z), (head.x, collector, z), (west, collector, z))
    runs.lay("station_in", (west, collector, z), (west, y1, z), (x1 - 22, y1, z))
    runs.lay(
        "hx1_out",
        (x1 - 22, y1 - 8, low),
        (x1 - 60, y1 - 8, low),
        (x1 - 60, y2 + 6, low),
        (x2 - 22, y2 + 6, low),
    )
    runs.lay("tail", (x2 - 8, y2 - 11, low), (x2 - 8, -52, low), (tb[0], -52, low), (*tb, low))
    runs.lay("tail", (*tb, low), (*ta, low), (junction, ta[1], low))
    for head in heads:
        if head.kind != "producer":
            runs.lay("tail", (junction, ta[1], low), (junction, head.y, low), (head.x, head.y, low))


def _network_pipes(runs: _Runs) -> None:
    """Exchanger 1 and the condensers of the heat pumps to the pair of mains, and the mains themselves."""
    z, (x1, y1), sx, rx = FLOOR_Z + 5.5, HX1, 112.0, 124.0
    runs.lay("supply", (x1 + 22, y1 + 4, z + 9), (sx, y1 + 4, z + 9), (sx, MAIN_Y["supply"], z))
    runs.lay(
        "return",
        (rx, MAIN_Y["return"], z),
        (rx, y1 - 20, z),
        (x1 + 34, y1 - 20, z),
        (x1 + 34, y1 - 6, z),
        (x1 + 22, y1 - 6, z),
    )
    for hx, hy in HEAT_PUMPS:
        runs.lay("supply", (hx + 22, hy + 4, z + 9), (sx - 28, hy + 4, z + 9), (sx - 28, y1 + 4, z + 9))
        runs.lay("return", (hx + 22, hy - 6, z), (sx - 20, hy - 6, z), (sx - 20, y1 - 20, z))
    for name in ("supply", "return"):
        runs.lay(name, *[(x, MAIN_Y[name], z) for x in MAIN_X], radius=MAIN_R)
    for x in (-600, -490, -380, -270, 270, 380, 490, 600):
        runs.lay("supply", (x, MAIN_Y["supply"], z), (x, MAIN_Y["supply"] + 20, z), radius=2.6)


def _heat_pump_pipes(runs: _Runs) -> None:
    """The loop between exchanger 2 and the evaporators of the heat pumps."""
    high, low, (x2, y2) = FLOOR_Z + 11.5, FLOOR_Z + 4.0, HX2
    for i, (hx, hy) in enumerate(HEAT_PUMPS):
        turn = x2 + 34 + 8 * i
        runs.lay(
            "intermediate_in",
            (x2 + 22, y2 + 5, high),
            (turn, y2 + 5, high),
            (turn, hy + 5, high),
            (hx - 22, hy + 5, high),
        )
        runs.lay(
            "intermediate_out",
            (hx - 22, hy - 5, low),
            (turn - 4, hy - 5, low),
            (turn - 4, y2 - 6, low),
            (x2 + 22, y2 - 6, low),
        )


def outline() -> Mesh:
    """Edges of the house, drawn thin."""
    x0, x1, y0, y1 = STATION
    ring = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]])
    flat = np.column_stack([ring, np.full(5, FLOOR_Z + 0.4)])
    return line_mesh("station-edge", "line", [flat], color="#a7afb5", opacity=0.7)
