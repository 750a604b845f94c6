"""A million points: every unit gets its share, none stands on bare ground, and the count loses none."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from sandbox import points
from twin_models.sites import load_site


def test_points_follow_the_heat_of_the_basin() -> None:
    """Systematic sampling: a unit's share of 100,000 points is its share of the heat within one point a cell row."""
    basin = load_site(points.BASIN)
    heat = np.nan_to_num(basin.rasters["heat_gj_m2"])
    frame = points.places(100_000)
    (x0, y0), size = basin.raster_origin_m, basin.raster_cell_m
    column, row = ((frame["x"] - x0) // size).astype(int), ((frame["y"] - y0) // size).astype(int)
    assert (heat[row, column] > 0.0).mean() > 0.9999  # float32 may lift a point over the edge of a cell
    unit = basin.rasters["unit"]
    for number in np.unique(unit[np.isfinite(unit)]):
        share = float(np.where(unit == number, heat, 0.0).sum() / heat.sum())
        assert float((unit[row, column] == number).mean()) == pytest.approx(share, abs=2e-4)


def test_no_point_is_lost_in_counting() -> None:
    frame = points.places(50_000)
    assert points.counted(frame).sum() == 50_000
    assert points.counted(frame, 2000.0).sum() == 50_000
    assert points.counted(frame, 2000.0).shape == (119, 102)


def test_the_layer_is_a_picture_and_says_what_a_point_is() -> None:
    """5.65e20 J in the basin model over 1e6 points: 565 TJ each."""
    layer = points.layer()
    cells = np.frombuffer(base64.b64decode(layer["cells"]), dtype=np.uint8)
    assert cells.size == layer["nx"] * layer["ny"]
    assert cells.max() == 255
    assert 0.5 < (cells == 0).mean() < 0.75
    assert layer["joule"] == pytest.approx(5.65e14, rel=0.01)
