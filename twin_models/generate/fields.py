"""Random and interpolated fields on a raster, and writing them so that a run repeats byte by byte."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.optimize import brentq


def centres_m(origin_m: float, cell_m: float, count: int) -> np.ndarray:
    """Cell centres along one axis, (count,)."""
    return origin_m + cell_m * (np.arange(count) + 0.5)


def gaussian_field(shape: tuple[int, int], cells: float, *, rng: np.random.Generator) -> np.ndarray:
    """Standard normal field (ny, nx) with a Gaussian correlogram whose range is ``cells`` cells.

    White noise smoothed by a Gaussian of standard deviation s has the correlation exp(-d^2 / (4 s^2)); at
    ``d = cells`` it is 1/e when s = cells / 2. A margin keeps the edges from being different.
    """
    sigma = cells / 2.0
    margin = int(4 * sigma) + 1
    noise = rng.standard_normal((shape[0] + 2 * margin, shape[1] + 2 * margin))
    smooth = gaussian_filter(noise, sigma, mode="wrap")[margin:-margin, margin:-margin]
    return np.asarray((smooth - smooth.mean()) / smooth.std())


def lognormal_between(
    latent: np.ndarray, *, mean: float, low: float, high: float, sigma: float
) -> np.ndarray:
    """exp(mu + sigma z) clipped to [low, high], with mu such that the arithmetic mean is exact.

    Clipping keeps a published range, the solved mu keeps the published mean.
    """

    def excess(mu: float) -> float:
        return float(np.clip(np.exp(mu + sigma * latent), low, high).mean() - mean)

    mu = brentq(excess, np.log(low) - 1.0, np.log(high) + 1.0, xtol=1e-12)
    return np.clip(np.exp(mu + sigma * latent), low, high)


def krige(
    places: np.ndarray, values: np.ndarray, at: np.ndarray, *, range_m: float, nugget: float
) -> np.ndarray:
    """Simple kriging of residuals with an exponential covariance of sill 1.

    ``places`` (n, 2) and ``at`` (m, 2) in metres, ``values`` (n,) with mean about 0; ``nugget`` is the
    share of the variance that belongs to single places. Chiles & Delfiner, Geostatistics (2012), 3.3.
    """

    def covariance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(-np.linalg.norm(a[:, None] - b[None], axis=2) / range_m))

    weights = np.linalg.solve(covariance(places, places) + nugget * np.eye(len(places)), values)
    return covariance(at, places) @ weights


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    """An .npz of float32 arrays whose bytes depend on the arrays only (``numpy.savez`` stamps the time)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(arrays[name], dtype=np.float32))
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED
            )
    return path


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A CSV with Unix line ends; numbers are written as given."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
