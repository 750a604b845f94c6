"""Small solids and surfaces as triangles with colours, and how they become one mesh of the container.

Faces that meet at an edge do not share vertices, so that the page's computed normals keep edges sharp;
tubes, spheres and horizons share theirs and look round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvista as pv

from scenes.container import Material, Mesh
from scenes.paint import rgba, shade

Color = str | np.ndarray


@dataclass(frozen=True)
class Piece:
    """Triangles with a colour per vertex: points (n, 3), index (m, 3), color (n, 4) uint8."""

    points: np.ndarray
    index: np.ndarray
    color: np.ndarray


def piece(points: np.ndarray, index: np.ndarray, color: Color) -> Piece:
    points = np.asarray(points, dtype=float).reshape(-1, 3)
    tint = rgba(color) if isinstance(color, str) else np.asarray(color, dtype=np.uint8)
    if tint.ndim == 1:
        tint = np.broadcast_to(tint, (len(points), 4))
    return Piece(points, np.asarray(index, dtype=np.int64).reshape(-1, 3), tint)


def join(pieces: Iterable[Piece]) -> Piece:
    """All pieces as one, vertices in the order given."""
    pieces = list(pieces)
    starts = np.cumsum([0] + [len(p.points) for p in pieces])
    return Piece(
        np.concatenate([p.points for p in pieces]),
        np.concatenate([p.index + start for p, start in zip(pieces, starts, strict=False)]),
        np.concatenate([p.color for p in pieces]),
    )


def as_mesh(
    name: str,
    role: str,
    pieces: Iterable[Piece],
    *,
    material: Material | None = None,
    tags: dict[str, Any] | None = None,
    attributes: dict[str, np.ndarray] | None = None,
) -> Mesh:
    """A triangle mesh with vertex colours."""
    whole = join(pieces)
    return Mesh(
        name,
        role,
        whole.points.astype(np.float32),
        whole.index.astype(np.uint32),
        color=whole.color,
        material=material or Material(color="#ffffff"),
        tags=tags or {},
        attributes=attributes or {},
    )


def line_mesh(
    name: str,
    role: str,
    lines: Sequence[np.ndarray],
    *,
    color: str,
    width_px: float = 1.0,
    opacity: float = 1.0,
    tags: dict[str, Any] | None = None,
) -> Mesh:
    """Polylines ((n, 3) each) as separate segments."""
    lines = [np.asarray(line, dtype=float) for line in lines if len(line) > 1]
    starts = np.cumsum([0] + [len(line) for line in lines])[:-1]
    index = [
        np.column_stack([np.arange(len(line) - 1), np.arange(1, len(line))]) + start
        for line, start in zip(lines, starts, strict=True)
    ]
    return Mesh(
        name,
        role,
        np.concatenate(lines).astype(np.float32) if lines else np.zeros((0, 3), np.float32),
        np.concatenate(index).astype(np.uint32) if lines else np.zeros((0, 2), np.uint32),
        primitive="lines",
        material=Material(color=color, opacity=opacity, unlit=True, width_px=width_px),
        tags=tags or {},
    )


def of_polydata(mesh: pv.PolyData, color: Color, *, ve: float = 1.0) -> Piece:
    """Triangles of a surface; ``ve`` divides z, for shapes that were made round as they will be seen."""
    surface = mesh.triangulate()
    points = np.array(surface.points, dtype=float)
    points[:, 2] /= ve
    return piece(points, surface.regular_faces, color)


def grid_index(rows: int, columns: int) -> np.ndarray:
    """Triangles of a (rows, columns) grid of vertices, row major, counter-clockwise seen from above
    when rows go north and columns go east."""
    at = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = at[:-1, :-1].ravel(), at[:-1, 1:].ravel(), at[1:, 1:].ravel(), at[1:, :-1].ravel()
    return np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])


def strip(upper: np.ndarray, lower: np.ndarray, color: Color, *, color_low: Color | None = None) -> Piece:
    """The band between two lines of equal length.

    Its front is towards a viewer who sees the line run from left to right.
    """
    n = len(upper)
    index = grid_index(2, n)
    top, low = (
        rgba(c) if isinstance(c, str) else c for c in (color, color if color_low is None else color_low)
    )
    colors = np.concatenate([np.broadcast_to(low, (n, 4)), np.broadcast_to(top, (n, 4))])
    return piece(np.concatenate([lower, upper]), index, colors)


def box(
    center: Sequence[float],
    size: Sequence[float],
    color: str,
    *,
    top: str | None = None,
    light: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
) -> Piece:
    """An upright box standing on ``center`` (middle of its base); no bottom face.

    ``light``: factors on the colour of the south, east, north and west face, for meshes drawn without lamps.
    """
    w, d, h = size
    flat = np.array([[-w, -d], [w, -d], [w, d], [-w, d]]) / 2.0 + np.asarray(center[:2])
    return prism(flat, (center[2],) * 4, (center[2] + h,) * 4, color, top=top, light=light)


def prism(
    flat: np.ndarray,
    z0: Sequence[float],
    z1: Sequence[float],
    color: str,
    *,
    top: str | None = None,
    light: Sequence[float] = (1.0, 1.0, 1.0, 1.0),
) -> Piece:
    """A four-sided column: ``flat`` (4, 2), counter-clockwise from the south-west, with heights of its feet
    and of its upper corners."""
    flat = np.asarray(flat, dtype=float)
    upper, lower = np.column_stack([flat, z1]), np.column_stack([flat, z0])
    pieces = []
    for i, factor in enumerate(light):
        ends = [i, (i + 1) % 4]
        pieces.append(strip(upper[ends], lower[ends], shade(color, factor)))
    return join([*pieces, fan(upper, top or color)])


def fan(ring: np.ndarray, color: Color) -> Piece:
    """A convex ring (n, 3) filled."""
    n = len(ring)
    return piece(ring, np.column_stack([np.zeros(n - 2, int), np.arange(1, n - 1), np.arange(2, n)]), color)


def quad(x0: float, x1: float, y0: float, y1: float, z: float, color: Color) -> Piece:
    return fan(np.array([[x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]]), color)


def ellipse(center: Sequence[float], a: float, b: float, *, n: int = 48) -> np.ndarray:
    """(n, 3) ring in the horizontal plane."""
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    x, y, z = center
    return np.column_stack([x + a * np.cos(t), y + b * np.sin(t), np.full(n, z)])


def tube(
    points: np.ndarray, radius: float, color: Color, *, ve: float = 1.0, sides: int = 12, caps: bool = True
) -> Piece:
    """A round pipe along a line. With ``ve`` it is round after the page has stretched z by ``ve``."""
    line = np.array(points, dtype=float)
    line[:, 2] *= ve
    keep = np.append(True, np.linalg.norm(np.diff(line, axis=0), axis=1) > 1e-6)
    mesh = pv.lines_from_points(line[keep]).tube(radius=radius, n_sides=sides, capping=caps)
    return of_polydata(mesh, color, ve=ve)


def ball(center: Sequence[float], radius: float, color: Color, *, ve: float = 1.0, fine: int = 10) -> Piece:
    x, y, z = center
    mesh = pv.Sphere(radius=radius, center=(x, y, z * ve), theta_resolution=fine, phi_resolution=fine)
    return of_polydata(mesh, color, ve=ve)


def cylinder(
    base: Sequence[float], radius: float, height: float, color: str, *, top: str | None = None, n: int = 24
) -> Piece:
    """An upright cylinder standing on ``base``, with a sharp lid (and no bottom)."""
    x, y, z = base
    ring = ellipse((x, y, z), radius, radius, n=n)
    closed = np.concatenate([ring, ring[:1]])
    up = np.array([0.0, 0.0, height])
    return join([strip(closed + up, closed, color), fan(ring + up, top or color)])


def lying_cylinder(
    start: Sequence[float], end: Sequence[float], radius: float, color: str, *, sides: int = 18
) -> Piece:
    return tube(np.array([start, end], dtype=float), radius, color, sides=sides)


def pipe(points: np.ndarray, radius: float, color: Color, *, sides: int = 10) -> Piece:
    """Straight pipes with a ball at every bend and end."""
    points = np.asarray(points, dtype=float)
    parts = [tube(points[i : i + 2], radius, color, sides=sides) for i in range(len(points) - 1)]
    parts += [ball(p, radius * 1.28, color) for p in points]
    return join(parts)
