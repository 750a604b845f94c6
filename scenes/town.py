"""What stands on the plate around the station: ground, roads, greenery and the buildings that are heated."""

from __future__ import annotations

import numpy as np

from scenes import paint
from scenes.container import Material, Mesh
from scenes.plan import BLOCKS, FLOOR_AREA_M2, GRID, PLATE, ROADS, Quarter
from scenes.shapes import Piece, as_mesh, box, fan, line_mesh, piece, quad

GROUND, GREEN, PAVING, ROAD, SHADOW = "#dfe4d6", "#cfdabd", "#e7e9e5", "#c6cbd0", "#bcc0bf"
BUILDINGS = (("#eceef1", "#fbfcfd"), ("#e2ded8", "#fcfbf7"))  # walls and roof of every second quarter
STOREY_M = 4.4  # drawn higher than it is, so that storeys can be counted
LENGTH_M, DEPTH_M = 62.0, 21.0
FACE_LIGHT = (0.875, 0.81, 0.9, 0.95)  # south, east, north, west
PATCHES = 110
HEIGHTS = {"green": 0.7, "paving": 1.4, "road": 2.1, "shadow": 2.8}


def ground(seed: int) -> list[Mesh]:
    """The plate's surface. Later layers lie a little higher, so that none flickers through another."""
    x0, x1, y0, y1 = PLATE
    pieces = [quad(x0, x1, y0, y1, 0.0, GROUND)]
    pieces += [_patch(seed, i) for i in range(PATCHES)]
    pieces += [quad(*block, HEIGHTS["paving"], PAVING) for block in BLOCKS.values()]
    pieces += [quad(*road, HEIGHTS["road"], ROAD) for road in ROADS]
    return [
        as_mesh("plate", "ground", pieces, tags={"part": "plate"}, material=Material("#ffffff", unlit=True))
    ]


def _patch(seed: int, i: int) -> Piece:
    """A green patch: a round shape with a wavy rim, kept on the plate."""
    rng = np.random.default_rng([seed, i])
    x0, x1, y0, y1 = PLATE
    x, y = rng.uniform(x0 + 20, x1 - 20), rng.uniform(y0 + 10, y1 - 10)
    a, b = rng.uniform(8, 46), rng.uniform(6, 26)
    t = np.linspace(0, 2 * np.pi, 26, endpoint=False)
    r = 1.0 + sum(rng.uniform(0.05, 0.2) * np.sin(k * t + rng.uniform(0, 6.3)) for k in (2, 3, 5))
    ring = np.column_stack(
        [
            np.clip(x + a * r * np.cos(t), x0, x1),
            np.clip(y + b * r * np.sin(t), y0, y1),
            np.full(len(t), HEIGHTS["green"] * (0.6 + 0.4 * i / PATCHES)),
        ]
    )
    return fan(ring, GREEN)


def buildings(quarters: list[Quarter]) -> list[Mesh]:
    """Slabs of five to seven storeys; as many as the heated area fills, or as the blocks hold."""
    walls, shadows, storeys = [], [], []
    for number, quarter in enumerate(quarters):
        wall, roof = BUILDINGS[number % 2]
        for i, (x, y) in enumerate(_places(quarter)):
            floors = 5 + (i * 7 + number * 3) % 3
            height = floors * STOREY_M
            walls.append(_slab(x, y, height, wall, roof))
            shadows.append(_shadow(x, y, height))
            storeys += _storey_lines(x, y, floors)
    line = {"color": "#8f979e", "opacity": 0.4, "width_px": 1.0}
    return [
        as_mesh(
            "shadows",
            "ground",
            shadows,
            tags={"part": "shadows"},
            material=Material(color="#ffffff", unlit=True),
        ),
        as_mesh("buildings", "building", walls, material=Material(color="#ffffff", unlit=True)),
        line_mesh("storeys", "building", storeys, tags={"part": "storeys"}, **line),
    ]


def _places(quarter: Quarter) -> list[tuple[float, float]]:
    """Middles of the quarter's buildings, nearest to the road first."""
    slots = []
    for block in quarter.blocks:
        x0, x1, y0, y1 = BLOCKS[block]
        columns, rows = GRID[block]
        xs = np.linspace(x0 + 48, x1 - 48, columns)
        ys = np.linspace(y0 + 32, y1 - 32, rows)
        slots += [(float(x), float(y)) for y in ys for x in xs]
    wanted = max(2, round(quarter.area_m2 / FLOOR_AREA_M2))
    if wanted >= len(slots) or len(quarter.blocks) == 1:
        return slots[:wanted]
    # Two blocks of a side share the buildings as their room allows, so that neither stays empty.
    first = GRID[quarter.blocks[0]][0] * GRID[quarter.blocks[0]][1]
    share = round(wanted * first / len(slots))
    return slots[:share] + slots[first : first + wanted - share]


def _slab(x: float, y: float, height: float, wall: str, roof: str) -> Piece:
    return box((x, y, HEIGHTS["shadow"]), (LENGTH_M, DEPTH_M, height), wall, top=roof, light=FACE_LIGHT)


def _storey_lines(x: float, y: float, floors: int) -> list[np.ndarray]:
    w, d = LENGTH_M / 2 + 0.3, DEPTH_M / 2 + 0.3
    ring = np.array([[-w, -d], [w, -d], [w, d], [-w, d], [-w, -d]]) + np.array([x, y])
    base = HEIGHTS["shadow"]
    return [np.column_stack([ring, np.full(5, base + STOREY_M * k)]) for k in range(1, floors)]


def _shadow(x: float, y: float, height: float) -> Piece:
    """A soft shadow on the paving, to the south-east: dark at the wall, paving at its rim."""
    w, d = LENGTH_M / 2, DEPTH_M / 2
    reach = 0.55 * height
    inner = np.array(
        [
            [-w + 2, -d - 0.12 * reach],
            [w + 0.3 * reach, -d - 0.12 * reach],
            [w + 0.3 * reach, d - 2],
            [-w + 2, d - 2],
        ]
    )
    outer = np.array(
        [
            [-w - 4, -d - 0.55 * reach],
            [w + 0.95 * reach, -d - 0.55 * reach],
            [w + 0.95 * reach, d + 2],
            [-w - 4, d + 2],
        ]
    )
    z = np.full((8, 1), HEIGHTS["shadow"] - 0.3)
    points = np.column_stack([np.concatenate([inner, outer]) + np.array([x, y]), z])
    colors = np.concatenate([np.tile(paint.rgba(SHADOW), (4, 1)), np.tile(paint.rgba(PAVING), (4, 1))])
    index = [[0, 1, 2], [0, 2, 3]]
    for i in range(4):
        j = (i + 1) % 4
        index += [[4 + i, 4 + j, j], [4 + i, j, i]]
    return piece(points, np.array(index), colors)
