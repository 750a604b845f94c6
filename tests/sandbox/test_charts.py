"""Small parts of the charts that can be worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sandbox.chart_section import COLUMNS, ROWS, section_grid, section_line
from sandbox.chart_style import THERMAL, padded, scheme_token, spread_labels, thermal_palette


def test_labels_keep_their_order_and_their_distance() -> None:
    placed = spread_labels([10.0, 10.1, 14.0], 1.0)
    assert placed[1] - placed[0] == pytest.approx(1.0)
    assert placed[2] > placed[1]
    # Pushing one label by 0.9 moves the three of them back by 0.3 each, so the mean stays.
    assert np.mean(placed) == pytest.approx(np.mean([10.0, 10.1, 14.0]))


def test_labels_far_apart_stay() -> None:
    assert spread_labels([1.0, 5.0, 3.0], 1.0) == [1.0, 5.0, 3.0]
    assert spread_labels([], 1.0) == []


def test_range_has_room_and_a_least_width() -> None:
    assert padded(0.0, 10.0, 0.1) == pytest.approx((-1.0, 11.0))
    low, high = padded(5.0, 5.0, 0.0, least=2.0)
    assert (low, high) == (4.0, 6.0)


def test_scheme_colours_repeat_after_e() -> None:
    assert scheme_token("") == scheme_token("0") == "s0"
    assert [scheme_token(c) for c in "AEF"] == ["sA", "sE", "sA"]


def test_palette_runs_from_end_to_end() -> None:
    colours = thermal_palette(17)
    assert (colours[0], colours[-1]) == (THERMAL[0], THERMAL[-1])
    assert colours[2] == THERMAL[1]


def test_section_runs_through_head_and_target_with_room() -> None:
    """Head at the origin, target 3-4-5 away: 500 m, so 900 m of room at both ends, 2300 m in all."""
    well = {"head_x_m": 0.0, "head_y_m": 0.0, "x_m": 300.0, "y_m": 400.0}
    start, along, length = section_line(well)
    assert along == pytest.approx([0.6, 0.8])
    assert start == pytest.approx([-540.0, -720.0])
    assert length == pytest.approx(2300.0)


def test_vertical_well_is_cut_from_west_to_east() -> None:
    well = {"head_x_m": 5.0, "head_y_m": 7.0, "x_m": 5.0, "y_m": 7.0}
    start, along, length = section_line(well)
    assert along == pytest.approx([1.0, 0.0])
    assert (start[0], length) == pytest.approx((5.0 - 900.0, 1800.0))


def test_section_shows_rock_above_and_the_map_inside_the_reservoir() -> None:
    """Surface 12 degC, reservoir top at 1000 m and 62 degC: 37 degC half way down; the map's own values inside."""
    first = np.full((1, 4, 4), 62.0)
    cooled = np.full((1, 4, 4), 42.0)
    fields = SimpleNamespace(
        years=np.array([0.0, 10.0]),
        temperature_degc=np.concatenate([first, cooled]),
        origin_m=(-2000.0, -2000.0),
        extent_m=(4000.0, 4000.0),
    )
    well = {"head_x_m": 0.0, "head_y_m": 0.0, "x_m": 0.0, "y_m": 0.0, "top_m": 1000.0, "base_m": 1100.0}
    grid, length = section_grid(SimpleNamespace(), fields, well, 5.0, 1200.0)
    assert grid.shape == (ROWS, COLUMNS)
    assert length == pytest.approx(1800.0)
    depths = np.linspace(0.0, 1200.0, ROWS)
    assert grid[0, 0] == pytest.approx(12.0)
    assert grid[np.argmin(abs(depths - 500.0)), 0] == pytest.approx(37.0, abs=0.2)
    assert grid[np.argmin(abs(depths - 1050.0)), 3] == pytest.approx(52.0)
