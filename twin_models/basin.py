"""A synthetic basin: maps of thickness, temperature, porosity and depth that keep every published number.

Published are the least, mean and greatest value of each structural unit (source 003, Table 1), the
gradient and the heat flow; not published is any map. So the pattern is drawn at random by seed and bent
until each unit has exactly its three numbers. Draw several seeds: the spread is what is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.optimize import brentq
from scipy.stats import beta

from twin_models.site_types import Site, UnitRow

CORRELATION_KM = 19.0
BLEND_KM = 3.0  # smoothing across ordinary unit boundaries
BLEND_REACH_KM = 6.0  # how far from a boundary it acts
ROUNDS = 6
BETA_SUM = 5.0  # concentration of the value distribution inside a unit
NORTH_TREND = 0.4  # the Guantao thickens to the north (003, text)
GRADIENT_SMOOTHING_KM = 6.0
GRADIENT_NOISE_K_PER_KM = 0.6
GRADIENT_RANGE_K_PER_KM = (31.2, 40.4)  # 003, text
SURFACE_DEGC = 14.0  # constant-temperature zone, 20 m deep (003 eq. 20; 14.0 assumed)
SURFACE_DEPTH_M = 20.0
COVER_CONDUCTIVITY_W_MK = 65.74 / 35.3  # mean heat flow over mean gradient, both 003
REFERENCE_DEGC = 13.1  # mean air temperature, 003
WATER_J_M3K = 4.1868e6


@dataclass(frozen=True, eq=False)
class Basin:
    """Maps (ny, nx), row 0 = south, NaN where there is no reservoir. ``heat_j_m2``: heat in place per area."""

    seed: int
    thickness_m: np.ndarray
    temperature_degc: np.ndarray
    porosity: np.ndarray
    gradient_k_per_km: np.ndarray
    heat_flow_mw_m2: np.ndarray
    top_m: np.ndarray
    base_m: np.ndarray
    heat_j_m2: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        return {k: v for k, v in vars(self).items() if isinstance(v, np.ndarray)}


def basin_of(site: Site, *, seed: int) -> Basin:
    """The basin of a site that has structural units and a ``unit`` raster, drawn with another seed."""
    return synthetic_basin(site.rasters["unit"], site.units, cell_km=site.raster_cell_m / 1000.0, seed=seed)


def synthetic_basin(
    unit: np.ndarray, rows: Sequence[UnitRow], *, cell_km: float = 1.0, seed: int = 7
) -> Basin:
    """Maps for units laid out on a raster.

    ``unit`` (ny, nx): index into ``rows``; anything else (NaN, other numbers) has no reservoir. For each
    property a smooth random field (correlation 19 km) is turned, unit by unit, into a Beta distribution
    over [min, max] with the published mean, blended over ordinary unit boundaries (never over the line
    between two blocks, which is a main fault), and set back to the three numbers after each of six rounds.
    Temperature and gradient fix the depth: z_mid = 20 m + (T - 14.0 degC) / G (003 eq. 20 inverted), and
    top and base lie half the thickness above and below.
    """
    index = _index(unit, len(rows))
    rng = np.random.default_rng(seed)
    blocks = _blocks(index, rows)
    near = _near_boundary(index, blocks, cell_km)

    def draw(stem: str, trend: float) -> np.ndarray:
        latent = _latent(index.shape, cell_km, rng)
        latent = latent + trend * np.linspace(-1.0, 1.0, index.shape[0])[:, None]
        triples = [getattr(row, stem) for row in rows]
        return _bend(latent, index, triples, blocks=blocks, near=near, cell_km=cell_km)

    thickness = draw("thickness_m", NORTH_TREND)
    temperature = draw("temperature_degc", 0.0)
    porosity = draw("porosity", 0.0)
    gradient = _gradient(index, rows, blocks, cell_km=cell_km, rng=rng)
    middle = SURFACE_DEPTH_M + 1000.0 * (temperature - SURFACE_DEGC) / gradient
    return Basin(
        seed=seed,
        thickness_m=thickness,
        temperature_degc=temperature,
        porosity=porosity,
        gradient_k_per_km=gradient,
        heat_flow_mw_m2=COVER_CONDUCTIVITY_W_MK * gradient,
        top_m=middle - thickness / 2.0,
        base_m=middle + thickness / 2.0,
        heat_j_m2=heat_in_place_j_m2(index, rows, thickness, temperature, porosity),
    )


def heat_in_place_j_m2(
    index: np.ndarray,
    rows: Sequence[UnitRow],
    thickness_m: np.ndarray,
    temperature_degc: np.ndarray,
    porosity: np.ndarray,
) -> np.ndarray:
    """Heat above 13.1 degC per square metre: M (T - T0) [rho_r c_r (1 - phi) + rho_w c_w phi] (003 eq. 19).

    Rock density and heat capacity are the unit's modes.
    """
    rock = np.full(index.shape, np.nan)
    for i, row in enumerate(rows):
        rock[index == i] = row.rock_density_kg_m3[1] * row.rock_heat_capacity_j_kgk[1]
    stored = rock * (1.0 - porosity) + WATER_J_M3K * porosity
    return np.asarray(thickness_m * (temperature_degc - REFERENCE_DEGC) * stored)


def temperature_at(basin: Basin, depth_m: float) -> np.ndarray:
    """Temperature (ny, nx) at a depth by the linear gradient above, and NaN where it is not known."""
    return np.asarray(SURFACE_DEGC + basin.gradient_k_per_km * (depth_m - SURFACE_DEPTH_M) / 1000.0)


def _index(unit: np.ndarray, count: int) -> np.ndarray:
    known = np.isfinite(unit) & (unit >= 0) & (unit < count)
    return np.where(known, np.nan_to_num(unit), -1).astype(int)


def _blocks(index: np.ndarray, rows: Sequence[UnitRow]) -> list[np.ndarray]:
    """One mask (ny, nx) per block."""
    names = sorted({row.block for row in rows})
    return [np.isin(index, [i for i, row in enumerate(rows) if row.block == name]) for name in names]


def _latent(shape: tuple[int, int], cell_km: float, rng: np.random.Generator) -> np.ndarray:
    """Standard normal field; white noise through a Gaussian of half the correlation length."""
    sigma = CORRELATION_KM / cell_km / 2.0
    smooth = gaussian_filter(rng.standard_normal(shape), sigma, mode="wrap")
    return np.asarray((smooth - smooth.mean()) / smooth.std())


def _smooth_within(values: np.ndarray, mask: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian mean of the values inside the mask only."""
    weight = gaussian_filter(mask.astype(float), sigma)
    total = gaussian_filter(np.where(mask, values, 0.0), sigma)
    return np.asarray(np.where(mask, total / np.maximum(weight, 1e-12), values))


def _near_boundary(index: np.ndarray, blocks: list[np.ndarray], cell_km: float) -> np.ndarray:
    """1 at a boundary between two units of one block, falling to 0 within some kilometres."""
    near = np.zeros(index.shape)
    for block in blocks:
        edge = np.zeros(index.shape, dtype=bool)
        for axis in (0, 1):
            first = [slice(None)] * 2
            second = [slice(None)] * 2
            first[axis], second[axis] = slice(None, -1), slice(1, None)
            a, b = tuple(first), tuple(second)
            change = block[a] & block[b] & (index[a] != index[b])
            edge[a] |= change
            edge[b] |= change
        if edge.any():
            distance = distance_transform_edt(~edge) * cell_km
            near = np.where(block, np.exp(-((distance / BLEND_REACH_KM) ** 2)), near)
    return near


def _bend(
    latent: np.ndarray,
    index: np.ndarray,
    triples: Sequence[tuple[float, float, float]],
    *,
    blocks: list[np.ndarray],
    near: np.ndarray,
    cell_km: float,
) -> np.ndarray:
    """Values with each unit's min, mean and max, continuous over ordinary boundaries."""
    values = np.full(index.shape, np.nan)
    for i, triple in enumerate(triples):
        own = index == i
        values[own] = _beta_values(latent[own], triple)
    for _ in range(ROUNDS):
        blended = values
        for block in blocks:
            smooth = _smooth_within(values, block, BLEND_KM / cell_km)
            blended = np.where(block, near * smooth + (1.0 - near) * blended, blended)
        values = blended
        for i, triple in enumerate(triples):
            own = index == i
            values[own] = _set_back(values[own], triple)
    return values


def _share(triple: tuple[float, float, float]) -> float:
    """Where the mean lies between min and max, kept off the ends where no distribution has it."""
    low, mean, high = triple
    return float(np.clip((mean - low) / (high - low), 0.01, 0.99))


def _beta_values(latent: np.ndarray, triple: tuple[float, float, float]) -> np.ndarray:
    m = _share(triple)
    ranks = (latent.argsort().argsort() + 0.5) / latent.size
    return _set_back(beta.ppf(ranks, m * BETA_SUM, (1.0 - m) * BETA_SUM), triple)


def _set_back(values: np.ndarray, triple: tuple[float, float, float]) -> np.ndarray:
    """Stretch to [0, 1], raise to the power that gives the mean, scale to [min, max]."""
    low, _, high = triple
    m = _share(triple)
    unit = (values - values.min()) / (values.max() - values.min())
    power = brentq(lambda a: float((unit**a).mean()) - m, 1e-3, 500.0, xtol=1e-12)
    return np.asarray(low + (high - low) * unit**power)


def _gradient(
    index: np.ndarray,
    rows: Sequence[UnitRow],
    blocks: list[np.ndarray],
    *,
    cell_km: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Gradient (K/km): unit means smoothed inside each block, noise, and each unit's mean put back."""
    means = np.array([row.gradient_k_per_km for row in rows])
    values = np.where(index >= 0, means[np.clip(index, 0, None)], np.nan)
    for block in blocks:
        smooth = _smooth_within(values, block, GRADIENT_SMOOTHING_KM / cell_km)
        values = np.where(block, smooth, values)
    values = values + GRADIENT_NOISE_K_PER_KM * _latent(index.shape, cell_km, rng)
    for i, mean in enumerate(means):
        own = index == i
        # half of the way: a whole step would draw the unit boundaries into the map
        values[own] += 0.5 * (mean - values[own].mean())
    return np.asarray(np.clip(values, *GRADIENT_RANGE_K_PER_KM))
