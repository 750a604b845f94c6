"""Hulls against shapes whose area and perimeter are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from twin_models.hull import hull_sizes


def sizes(points: list[tuple[float, float]]) -> tuple[float, float]:
    area, perimeter = hull_sizes(np.array([points], dtype=float))[0]
    return float(area), float(perimeter)


def test_square_with_points_inside_and_on_its_sides() -> None:
    assert sizes([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2), (1, 0), (2, 2)]) == pytest.approx((4.0, 8.0))


def test_right_triangle_far_from_the_origin() -> None:
    """3-4-5: area 6, perimeter 12."""
    assert sizes([(1e6, 1e6), (1e6 + 3, 1e6), (1e6, 1e6 + 4)]) == pytest.approx((6.0, 12.0), rel=1e-9)


def test_line_and_point_span_nothing() -> None:
    assert sizes([(0, 0), (1, 1), (3, 3)]) == pytest.approx((0.0, 2 * math.hypot(3, 3)))
    assert sizes([(5, 5), (5, 5), (5, 5)]) == (0.0, 0.0)
    assert sizes([(5, 5)]) == (0.0, 0.0)


def test_circle() -> None:
    """A regular polygon of n corners on a circle r: area n/2 r^2 sin(2 pi/n), perimeter 2 n r sin(pi/n)."""
    n, r = 60, 700.0
    angle = 2.0 * np.pi * np.arange(n) / n
    points = [(r * math.cos(a), r * math.sin(a)) for a in angle] + [(10.0, -20.0)]
    expected = (n / 2 * r * r * math.sin(2 * math.pi / n), 2 * n * r * math.sin(math.pi / n))
    assert sizes(points) == pytest.approx(expected)
