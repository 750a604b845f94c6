"""Well paths: hand-derived geometry, the dog-leg limit, and no surprises anywhere a hand can drag to."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin_models.trajectory import TARGET_INDEX, path_lengths, plan_path


def test_vertical_well_goes_straight_down() -> None:
    path = plan_path((10, 20), (10, 20, 1500), base_depth_m=1600)
    assert path.max_inclination_deg == 0 and path.dogleg_deg_30m == 0 and path.feasible
    assert path.measured_depth_m == pytest.approx(1600)
    assert path.target_measured_depth_m == pytest.approx(1500)
    assert np.all(path.points[:, 0] == 10) and path.points[-1, 2] == pytest.approx(1600)


def test_three_four_five_well() -> None:
    """D = 400, V = 800, limit so sharp that R = R_max / 2 = (160000 + 640000) / 1600 = 500.

    t = sqrt(800000 - 2*400*500) = 632.4555; th = atan2(-100, 800) + atan2(500, 632.4555)
    = -7.1250 + 38.3288 = 31.2038 degrees; length = 300 + 500 * 0.544609 + 632.4555 = 1204.760 m;
    dog-leg = 30 * 57.29578 / 500 = 3.43775 degrees per 30 m.
    """
    path = plan_path((0, 0), (400, 0, 1100), kickoff_m=300, max_dogleg_deg_30m=10)
    assert path.radius_m == pytest.approx(500)
    assert path.max_inclination_deg == pytest.approx(31.2038, abs=2e-4)
    assert path.measured_depth_m == pytest.approx(1204.760, abs=1e-3)
    assert path.dogleg_deg_30m == pytest.approx(3.43775, abs=1e-5)
    assert path.azimuth_deg == pytest.approx(90) and path.feasible


def test_limit_holds_then_breaks_with_the_smallest_curvature() -> None:
    """V = 800; at 3 degrees per 30 m R_lim = 572.96. D = 600: R_max = 833.3, R = R_lim.

    D = 1600 > V: R_cap = V = 800 >= R_lim; V = 500, D = 1600: R_cap = 500 < R_lim, dog-leg 3.4377.
    """
    held = plan_path((0, 0), (0, 600, 1100), kickoff_m=300, max_dogleg_deg_30m=3)
    assert held.dogleg_deg_30m == pytest.approx(3) and held.feasible
    broken = plan_path((0, 0), (0, 1600, 1000), kickoff_m=500, max_dogleg_deg_30m=3)
    assert not broken.feasible
    assert broken.dogleg_deg_30m == pytest.approx(3.43775, abs=1e-5)
    assert broken.max_inclination_deg == pytest.approx(90)


@settings(max_examples=200, deadline=None)
@given(
    x=st.floats(-5000, 5000),
    y=st.floats(-5000, 5000),
    depth=st.floats(1, 5000),
    kickoff=st.floats(0, 6000),
    limit=st.floats(0.1, 10),
)
def test_any_drag_gives_a_path_to_its_target(x, y, depth, kickoff, limit) -> None:
    path = plan_path(
        (0, 0), (x, y, depth), kickoff_m=kickoff, max_dogleg_deg_30m=limit, base_depth_m=depth + 100
    )
    assert path.points.shape == (24, 3) and np.isfinite(path.points).all()
    assert np.allclose(path.points[TARGET_INDEX], (x, y, depth))
    assert np.all(np.diff(path.points[:, 2]) >= -1e-6)  # never rises
    assert path.max_inclination_deg <= 90 + 1e-6
    assert path.target_measured_depth_m >= math.hypot(x, y, depth) - 1e-6
    assert path.feasible == (path.dogleg_deg_30m <= limit * (1 + 1e-6))


def test_polyline_length_is_that_of_the_arc_and_the_path_is_smooth() -> None:
    path = plan_path((0, 0), (900, 300, 1900), base_depth_m=2100)
    measured, vertical = path_lengths(path.points)
    assert measured == pytest.approx(path.measured_depth_m, rel=1e-3)
    assert vertical == pytest.approx(2100)
    steps = np.diff(path.points, axis=0)
    steps /= np.linalg.norm(steps, axis=1)[:, None]
    turn = np.degrees(np.arccos(np.clip((steps[1:] * steps[:-1]).sum(axis=1), -1, 1)))
    assert turn.max() <= path.max_inclination_deg / 12 + 1e-6


def test_small_moves_move_the_path_little() -> None:
    """A hand moves in small steps: no place may make the tube jump."""
    xs = np.arange(0.0, 4000.0, 5.0)
    paths = np.array([plan_path((0, 0), (x, 0, 1500)).points for x in xs])
    assert np.abs(np.diff(paths, axis=0)).max() < 15.0
