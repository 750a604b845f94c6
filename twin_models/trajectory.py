"""The path of a well from its head to its target: vertical, one circular build, one straight tangent.

Everything is closed form, so that the page can follow a dragging hand with the same formulas in
another language. With, in the vertical plane through head and target,

    D   horizontal distance from head to target
    K   kick-off depth used: min(kickoff, depth_target / 2)
    V   depth_target - K
    R   radius of the build
    t   length of the straight tangent
    th  inclination of the tangent (from the vertical)

the arc ends at (R (1 - cos th), K + R sin th), and asking the tangent to pass through the target
(D, K + V) gives

    V + i (D - R) = (t - i R) exp(i th)

    t  = sqrt(D^2 + V^2 - 2 D R)                 (modulus)
    th = atan2(D - R, V) + atan2(R, t)           (argument)

so the largest radius that reaches the target is R_max = (D^2 + V^2) / (2 D) (then t = 0). A well that
would have to rise again is not wanted: for D > V the radius is at most V (th = 90 degrees there).

    R_cap  = R_max if D <= V else V
    R_easy = min(R_max / 2, R_cap)               half the curvature reserve is kept for the tangent
    R_lim  = (180 / pi) * 30 / max_dogleg        radius of the allowed dog-leg
    R      = min(max(R_easy, R_lim), R_cap),     feasible if R_cap >= R_lim

The dog-leg shown is (180 / pi) * 30 / R: it grows as the target is dragged outwards, stays at the
limit while the tangent shortens, and beyond that is the smallest one that reaches the target.
Below the target the tangent goes on to the reservoir's base, at most four times the depth left.

Geometry of the two-dimensional "build and hold" well: Bourgoyne, Millheim, Chenevert & Young (1986),
Applied Drilling Engineering, SPE Textbook 2, section 8.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numba as nb
import numpy as np

VERTICAL_POINTS = 4  # head ... kick-off
BUILD_POINTS = 12
TANGENT_POINTS = 6  # the last one is the target
BASE_POINTS = 2
TARGET_INDEX = VERTICAL_POINTS + BUILD_POINTS + TANGENT_POINTS - 1
VERTICAL_WITHIN_M = 0.5  # a target nearer than this to the head's plumb line is reached vertically
MAX_EXTENSION = 4.0  # tangent below the target, in units of the depth left


@dataclass(frozen=True)
class WellPath:
    """A planned path.

    ``points``: (n, 3) x, y, depth (m), head first; n is 24 with a base depth, else 22, whatever the
    shape, and ``points[target_index]`` is the target. ``measured_depth_m``: length from the head to the
    last point; ``target_measured_depth_m``: to the target. ``dogleg_deg_30m``: curvature of the build
    (0 for a vertical well). ``feasible``: whether it stays within the allowed dog-leg.
    """

    points: np.ndarray
    measured_depth_m: float
    target_measured_depth_m: float
    max_inclination_deg: float
    dogleg_deg_30m: float
    feasible: bool
    radius_m: float
    kickoff_m: float
    azimuth_deg: float
    target_index: int = TARGET_INDEX

    @property
    def target_depth_m(self) -> float:
        return float(self.points[self.target_index, 2])

    def as_trajectory(self) -> tuple[tuple[float, float, float], ...]:
        """The points as ``Well.trajectory`` wants them (millimetres are kept, no more)."""
        rows = np.round(self.points, 3).tolist()
        return tuple((x, y, z) for x, y, z in rows)


@nb.njit(cache=True, nogil=True)
def _plan(hx, hy, tx, ty, depth, base, kickoff, max_dogleg, points):
    """Fill ``points``; return the scalars of ``WellPath`` (lengths m, angles rad). See the module text."""
    depth = max(depth, 1.0)
    k = min(max(kickoff, 0.0), 0.5 * depth)
    v = depth - k
    d = math.hypot(tx - hx, ty - hy)
    r = 0.0
    r_limit = math.inf if max_dogleg <= 0.0 else 30.0 * 180.0 / (math.pi * max_dogleg)
    feasible = True
    theta = 0.0
    tangent = 0.0
    ux, uy = 0.0, 0.0
    if d > VERTICAL_WITHIN_M:
        ux, uy = (tx - hx) / d, (ty - hy) / d
        r_max = (d * d + v * v) / (2.0 * d)
        r_cap = r_max if d <= v else v
        r = min(max(min(0.5 * r_max, r_cap), r_limit), r_cap)
        feasible = r_cap >= r_limit * (1.0 - 1e-9)
        tangent = math.sqrt(max(d * d + v * v - 2.0 * d * r, 0.0))
        theta = math.atan2(d - r, v) + math.atan2(r, tangent)
    n = 0
    for i in range(VERTICAL_POINTS):
        points[n, 0], points[n, 1], points[n, 2] = hx, hy, k * i / (VERTICAL_POINTS - 1)
        n += 1
    if theta > 0.0:
        build = r * theta
        for i in range(1, BUILD_POINTS + 1):
            a = theta * i / BUILD_POINTS
            s = r * (1.0 - math.cos(a))
            points[n, 0], points[n, 1], points[n, 2] = hx + ux * s, hy + uy * s, k + r * math.sin(a)
            n += 1
    else:  # the plumb line; points shared out as on a slightly bent path, so that nothing jumps
        build = (1.0 - math.sqrt(0.5)) * math.hypot(v, d)
        tangent = math.hypot(v, d) - build
        for i in range(1, BUILD_POINTS + 1):
            f = (1.0 - math.sqrt(0.5)) * i / BUILD_POINTS
            points[n, 0], points[n, 1], points[n, 2] = hx + f * (tx - hx), hy + f * (ty - hy), k + f * v
            n += 1
    x0, y0, z0 = points[n - 1, 0], points[n - 1, 1], points[n - 1, 2]
    for i in range(1, TANGENT_POINTS + 1):
        f = i / TANGENT_POINTS
        points[n, 0], points[n, 1], points[n, 2] = (
            x0 + f * (tx - x0),
            y0 + f * (ty - y0),
            z0 + f * (depth - z0),
        )
        n += 1
    to_target = k + build + tangent
    extension = 0.0
    if points.shape[0] > n:
        left = max(base - depth, 1.0)
        extension = min(left / max(math.cos(theta), 1e-9), MAX_EXTENSION * left)
        for i in range(1, BASE_POINTS + 1):
            e = extension * i / BASE_POINTS
            s = e * math.sin(theta)
            points[n, 0], points[n, 1] = tx + ux * s, ty + uy * s
            points[n, 2] = depth + e * math.cos(theta)
            n += 1
    return to_target, to_target + extension, theta, r, k, feasible, math.atan2(ux, uy)


def plan_path(
    head_xy_m: Sequence[float],
    target_xyz_m: Sequence[float],
    *,
    kickoff_m: float = 300.0,
    max_dogleg_deg_30m: float = 3.0,
    base_depth_m: float | None = None,
) -> WellPath:
    """Path from a head at the ground (depth 0) to a target (x, y, depth), all in metres.

    ``base_depth_m``: depth to which the tangent is continued below the target. A kick-off deeper than
    half the target's depth is taken at half the depth, a target above the ground at 1 m. When the
    dog-leg limit cannot be met, the path with the smallest possible curvature is returned with
    ``feasible`` false. Formulas: module text.
    """
    size = TARGET_INDEX + 1 + (BASE_POINTS if base_depth_m is not None else 0)
    points = np.empty((size, 3))
    to_target, length, theta, radius, kickoff, feasible, azimuth = _plan(
        float(head_xy_m[0]),
        float(head_xy_m[1]),
        float(target_xyz_m[0]),
        float(target_xyz_m[1]),
        float(target_xyz_m[2]),
        float(base_depth_m) if base_depth_m is not None else 0.0,
        float(kickoff_m),
        float(max_dogleg_deg_30m),
        points,
    )
    points.setflags(write=False)
    return WellPath(
        points=points,
        measured_depth_m=length,
        target_measured_depth_m=to_target,
        max_inclination_deg=math.degrees(theta),
        dogleg_deg_30m=30.0 * math.degrees(1.0 / radius) if radius > 0.0 else 0.0,
        feasible=bool(feasible),
        radius_m=radius if radius > 0.0 else math.inf,
        kickoff_m=kickoff,
        azimuth_deg=math.degrees(azimuth) % 360.0,
    )


def path_lengths(points_m: np.ndarray | Sequence[Sequence[float]]) -> tuple[float, float]:
    """Measured depth and true vertical depth (m) of any polyline of points x, y, depth."""
    points = np.asarray(points_m, dtype=np.float64)
    steps = np.diff(points, axis=0)
    return float(np.sqrt((steps * steps).sum(axis=1)).sum()), float(points[-1, 2] - points[0, 2])
