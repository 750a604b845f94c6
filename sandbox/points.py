"""A million points over the basin, each standing for the same heat, counted into a picture by Datashader.

Dot density: a cell gets points in proportion to its heat in place, at random places inside it. So a picture of
points shows where the heat is without any classes, and one point says how much a millionth of the basin's heat is.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from twin_models.sites import load_site

BASIN = "nw-shandong"
COUNT = 1_000_000
PIXEL_M = 500.0
SEED = 7
CUT = 0.998  # counts above this quantile share the last colour


def places(count: int = COUNT, seed: int = SEED) -> pd.DataFrame:
    """Points ``x``, ``y`` (m in the basin's frame), drawn by heat in place per area."""
    basin = load_site(BASIN)
    heat = np.nan_to_num(basin.rasters["heat_gj_m2"]).ravel()
    rng = np.random.default_rng([seed, count])
    # Systematic sampling: a cell's share is met to within one point.
    steps = (np.arange(count) + rng.random()) / count
    cell = np.searchsorted(np.cumsum(heat) / heat.sum(), steps)
    row, column = np.divmod(cell, basin.rasters["heat_gj_m2"].shape[1])
    x0, y0 = basin.raster_origin_m
    size = basin.raster_cell_m
    return pd.DataFrame(
        {
            "x": (x0 + size * (column + rng.random(count))).astype(np.float32),
            "y": (y0 + size * (row + rng.random(count))).astype(np.float32),
        }
    )


def counted(points: pd.DataFrame, pixel_m: float = PIXEL_M) -> np.ndarray:
    """Points in every pixel of the basin's map (ny, nx), row 0 = south."""
    import datashader

    basin = load_site(BASIN)
    ny, nx = basin.rasters["heat_gj_m2"].shape
    (x0, y0), size = basin.raster_origin_m, basin.raster_cell_m
    canvas = datashader.Canvas(
        plot_width=round(nx * size / pixel_m),
        plot_height=round(ny * size / pixel_m),
        x_range=(x0, x0 + nx * size),
        y_range=(y0, y0 + ny * size),
    )
    return np.asarray(canvas.points(points, "x", "y", agg=datashader.count()), dtype=np.int64)


@lru_cache(maxsize=1)
def layer() -> dict[str, Any]:
    """The layer as page state: one byte a pixel (0: no point), rows from the south, base64."""
    basin = load_site(BASIN)
    count = counted(places())
    top = max(float(np.quantile(count[count > 0], CUT)), 1.0)
    bright = np.where(count > 0, 1 + np.minimum(254 * count / top, 254), 0).astype(np.uint8)
    ny, nx = bright.shape
    total = float(np.nansum(basin.rasters["heat_gj_m2"])) * basin.raster_cell_m**2 * 1e9
    return {
        "nx": nx,
        "ny": ny,
        "origin_m": list(basin.raster_origin_m),
        "cell_m": PIXEL_M,
        "cells": base64.b64encode(bright.tobytes()).decode(),
        "marks": [],
        "points": COUNT,
        "joule": total / COUNT,
        "top": round(top / (PIXEL_M / 1e3) ** 2),
    }
