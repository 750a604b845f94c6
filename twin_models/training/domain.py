"""The schemes that the surrogate learns from: one box reservoir with wells for every number.

The same ``(seed, index)`` always gives the same scheme. Ranges are those of ``DOMAIN``; combinations that
would circulate almost nothing or flush the field several times over are drawn again, since both teach little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from twin_models.generate.fields import gaussian_field
from twin_models.types import DAYS_PER_YEAR, Confining, Fluid, Layer, Reservoir, Well

DOMAIN: dict[str, tuple[float, float]] = {
    "wells": (2, 60),
    "thickness_m": (20.0, 450.0),
    "permeability_md": (10.0, 3000.0),  # geometric mean
    "sigma_ln_permeability": (0.0, 0.9),
    "rate_m3_h": (20.0, 260.0),
    "reservoir_degc": (45.0, 110.0),
    "injection_degc": (5.0, 45.0),
    "season_days": (90.0, DAYS_PER_YEAR),
    "years": (1.0, 50.0),
}
# Schemes numbered from here on are as fields come: more and slower wells, wells that hardly feel each other, rock
# that is warmer here than there. They are drawn from these ranges and the others of ``DOMAIN``.
WIDE_FROM = 100_000
WIDE: dict[str, tuple[float, float]] = {"wells": (2, 110), "rate_m3_h": (10.0, 260.0)}
# Schemes numbered from here on are all of several layers: a seventh of the domain proper is too little to learn from.
LAYERED_FROM = 200_000
MOST_LAYERED = (8, 16)  # producers on several layers: in the domain proper, and from ``LAYERED_FROM`` on
TREND_K, PATCHES_K = (
    8.0,
    2.5,
)  # of the initial temperature: largest trend across the field, largest std of patches
CELLS_ALONG = 200  # of the truth, at most
CELL_M = (12.0, 27.5)
LEAST_COOLING_K = 12.0
THROUGHPUT = (0.12, 2.5)  # heat capacity of the water put in over that of the ground between the wells
WIDE_THROUGHPUT = 0.01  # at least, in the wide part
WATER_MJ = 4.18


@dataclass(frozen=True)
class Scheme:
    """One scheme to learn from. ``years``: (t,) times of the truth; the last is the horizon."""

    index: int
    reservoir: Reservoir
    wells: tuple[Well, ...]
    years: np.ndarray
    season_days: float
    layered: bool


def scheme_of(seed: int, index: int) -> Scheme:
    """The scheme of that number."""
    rng = np.random.default_rng([seed, index])
    for _ in range(200):
        drawn = _draw(rng, index)
        if drawn is not None:
            return drawn
    raise RuntimeError(f"no scheme found for seed {seed}, index {index}")


def layout_on(reservoir: Reservoir, seed: int, index: int) -> Scheme:
    """Wells drawn as in the domain, on a ground that is given (a site's): scattered, on grids or in doublets."""
    rng = np.random.default_rng([seed, index, 2])
    size = np.array(reservoir.extent_m)
    degc = float(np.mean([np.mean(layer.temperature_degc) for layer in reservoir.layers]))
    for _ in range(500):
        n_prod = round(_log_uniform(rng, 1, 30))
        places = _layout(rng, n_prod, n_prod, _log_uniform(rng, 250.0, 700.0))
        if places is None or np.any(np.ptp(places, axis=0) > 0.75 * size):
            continue
        room = size - np.ptp(places, axis=0)
        shift = np.array(reservoir.origin_m) + room * rng.uniform(0.25, 0.75, 2) - places.min(axis=0)
        rates = _rates(rng, n_prod, n_prod, (40.0, 160.0))
        season = 120.0 if rng.random() < 0.5 else DAYS_PER_YEAR
        wells = _wells(rng, places + shift, rates, n_prod, degc)
        return Scheme(index, reservoir, wells, np.arange(1.0, 31.0), season, False)
    raise RuntimeError(f"no layout of number {index} fits this ground")


def coarsened(reservoir: Reservoir, cell_m: float) -> Reservoir:
    """The same ground on cells of about ``cell_m``, as a site would carry it (resampled by the grid)."""
    return replace(reservoir, cell_m=cell_m)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(math.log(low), math.log(high))))


def _horizon(rng: np.random.Generator, seasonal: bool) -> float:
    if rng.random() < 0.25:
        years = _log_uniform(rng, 1.0, 15.0)
    else:
        years = rng.uniform(10.0, 50.0)
    return max(3.0, float(round(years))) if seasonal else years


def _output_years(horizon: float, seasonal: bool) -> np.ndarray:
    if seasonal or horizon >= 24.0:
        whole = np.arange(1.0, math.floor(horizon) + 1.0)
        return whole if seasonal or whole[-1] == horizon else np.append(whole, horizon)
    return horizon * np.arange(1, 25) / 24.0


def _draw(rng: np.random.Generator, index: int) -> Scheme | None:
    more_layered = index >= LAYERED_FROM
    wide = index >= WIDE_FROM and not more_layered
    layered = (rng.random() < 0.15 and not wide) or more_layered
    most = MOST_LAYERED[more_layered] if layered else 55 if wide else 30
    n_prod = int(rng.integers(1, most + 1)) if rng.random() < 0.6 else round(_log_uniform(rng, 1, most))
    n_inj = n_prod
    if n_prod > 2 and rng.random() < 0.25:
        n_inj = int(
            np.clip(n_prod + rng.integers(-(n_prod // 3), n_prod // 3 + 1), 1, (110 if wide else 60) - n_prod)
        )
    n = n_prod + n_inj
    season = DAYS_PER_YEAR
    if rng.random() < 0.35 and not layered:  # seasons with buoyancy cost a hundred times as much
        season = 120.0 if rng.random() < 0.5 else float(rng.uniform(90.0, 365.0))
    seasonal = season < DAYS_PER_YEAR
    horizon = _horizon(rng, seasonal)
    roomy = CELLS_ALONG * CELL_M[1] / (math.sqrt(n) + 2.6)
    pitch = min(_log_uniform(rng, 220.0, 800.0), roomy)
    places = _layout(rng, n_prod, n_inj, pitch)
    if places is None:
        return None
    layers, fluid, confining = _ground(rng, layered)
    thickness = sum(layer.thickness_m for layer in layers)
    rates = _rates(rng, n_prod, n_inj, WIDE["rate_m3_h"] if wide else DOMAIN["rate_m3_h"])
    heat_mj = rates[:n_prod].sum() * 8766.0 * season / DAYS_PER_YEAR * horizon * WATER_MJ
    throughput = heat_mj / (n * pitch**2 * thickness * layers[0].rock_heat_capacity_mj_m3k)
    if (
        not (WIDE_THROUGHPUT if wide else THROUGHPUT[0])
        <= throughput
        <= THROUGHPUT[1] * rng.uniform(0.15, 1.0)
    ):
        return None
    margin = pitch * rng.uniform(1.0, 2.2)
    low, high = places.min(axis=0) - margin, places.max(axis=0) + margin
    extent = high - low
    cell = max(float(extent.max()) / CELLS_ALONG, min(25.0, pitch / 12.0), CELL_M[0])
    cell = max(cell, float(extent.max()) / 110.0) if layered else cell
    if cell > CELL_M[1]:
        return None
    nx, ny = (math.ceil(v / cell) for v in extent)
    layers = _with_permeability(rng, layers, (ny, nx), cell)
    degc = float(layers[0].temperature_degc)
    if wide:
        layers = _with_temperature(rng, layers, (ny, nx))
    boundary: Literal["closed", "constant_pressure"]
    boundary = "closed" if rng.random() < 0.6 else "constant_pressure"
    box = Reservoir(
        (nx * cell, ny * cell), (float(low[0]), float(low[1])), cell, layers, boundary, confining, fluid
    )
    wells = _wells(rng, places, rates, n_prod, degc)
    return Scheme(index, box, wells, _output_years(horizon, seasonal), season, layered)


def _layout(rng: np.random.Generator, n_prod: int, n_inj: int, pitch: float) -> np.ndarray | None:
    """Targets (wells, 2), producers first: scattered, on a jittered grid, or in doublets."""
    n = n_prod + n_inj
    kind = rng.choice(["scattered", "grid", "doublets"])
    side = pitch * math.sqrt(n)
    if kind == "grid":
        across = math.ceil(math.sqrt(n))
        squares = [(i, j) for j in range(across) for i in range(across)]
        chosen = sorted(squares[:n], key=lambda s: ((s[0] + s[1]) % 2, s))
        if rng.random() < 0.3:  # sides apart: producers in one part, injectors in the other
            chosen = sorted(squares[:n])
        return (np.array(chosen) + rng.uniform(-0.25, 0.25, (n, 2))) * pitch
    least = 0.6 * pitch
    if kind == "doublets" and n_prod == n_inj:
        centres = _scatter(rng, n_prod, 1.3 * least, side)
        if centres is None:
            return None
        angle = rng.uniform(0.0, 2.0 * np.pi, n_prod) if rng.random() < 0.5 else rng.uniform(0, 2 * np.pi)
        arm = 0.5 * pitch * rng.uniform(0.5, 1.3) * np.ones(n_prod)
        shift = np.stack([arm * np.cos(angle), arm * np.sin(angle)], axis=1)
        both = np.concatenate([centres + shift, centres - shift])
        gap = np.linalg.norm(both[:, None] - both[None], axis=2) + 1e9 * np.eye(n)
        return both if gap.min() > 100.0 else None
    return _scatter(rng, n, least, side)


def _scatter(rng: np.random.Generator, n: int, least: float, side: float) -> np.ndarray | None:
    out: list[np.ndarray] = []
    for _ in range(4000):
        spot = rng.uniform(0.0, side, 2)
        if all(np.hypot(*(spot - o)) > least for o in out):
            out.append(spot)
            if len(out) == n:
                return np.array(out)
    return None


def _rates(rng: np.random.Generator, n_prod: int, n_inj: int, ends_m3_h: tuple[float, float]) -> np.ndarray:
    low, high = ends_m3_h
    common, spread = _log_uniform(rng, low, high), rng.uniform(0.0, 0.4)
    made = np.clip(common * np.exp(spread * rng.standard_normal(n_prod)), low, high)
    back = np.exp(spread * rng.standard_normal(n_inj))
    back *= made.sum() / back.sum()
    return np.concatenate([made, back])


def _ground(rng: np.random.Generator, layered: bool) -> tuple[tuple[Layer, ...], Fluid, Confining | None]:
    thickness = _log_uniform(rng, *DOMAIN["thickness_m"])
    degc = float(rng.uniform(*DOMAIN["reservoir_degc"]))
    heat, conductivity = float(rng.uniform(1.9, 2.7)), float(rng.uniform(1.6, 3.4))
    common: dict[str, Any] = {
        "porosity": float(rng.uniform(0.1, 0.32)),
        "permeability_md": _log_uniform(rng, *DOMAIN["permeability_md"]),
        "temperature_degc": degc,
        "rock_heat_capacity_mj_m3k": heat,
        "conductivity_w_mk": conductivity,
        "kv_kh": float(rng.choice([0.05, 0.1, 0.3])),
    }
    count = int(rng.integers(2, 4)) if layered else 1
    parts = rng.dirichlet(np.full(count, 6.0)) * thickness
    tops = 1400.0 + np.concatenate(([0.0], np.cumsum(parts)[:-1]))
    layers = tuple(
        Layer(f"L{n}", float(top), float(part), **common)
        for n, (top, part) in enumerate(zip(tops, parts, strict=True))
    )
    viscosity: float | Literal["water"] = "water"
    if rng.random() >= 0.9:
        viscosity = float(rng.uniform(0.3, 0.8))
    rock = None if rng.random() < 0.06 else Confining(conductivity, float(rng.uniform(1.9, 2.7)))
    return layers, Fluid(viscosity=viscosity), rock


def _with_permeability(
    rng: np.random.Generator, layers: tuple[Layer, ...], shape: tuple[int, int], cell_m: float
) -> tuple[Layer, ...]:
    sigma, correlation = rng.uniform(0.0, DOMAIN["sigma_ln_permeability"][1]), _log_uniform(rng, 120, 700)
    latent = gaussian_field(shape, correlation / cell_m, rng=rng)
    out = []
    for layer in layers:
        factor = math.exp(0.6 * rng.standard_normal()) if len(layers) > 1 else 1.0
        field = np.clip(layer.permeability_md * factor * np.exp(sigma * latent), 1.0, 2e4)
        out.append(replace(layer, permeability_md=field))
    return tuple(out)


def _with_temperature(
    rng: np.random.Generator, layers: tuple[Layer, ...], shape: tuple[int, int]
) -> tuple[Layer, ...]:
    """Initial temperature with a trend across the field and broad patches; the mean stays."""
    angle, trend = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.0, TREND_K)
    y, x = np.meshgrid(np.linspace(-0.5, 0.5, shape[0]), np.linspace(-0.5, 0.5, shape[1]), indexing="ij")
    patches = gaussian_field(shape, rng.uniform(0.1, 0.5) * max(shape), rng=rng)
    field = trend * (x * np.cos(angle) + y * np.sin(angle)) + rng.uniform(0.0, PATCHES_K) * patches
    field = np.clip(field - field.mean(), -12.0, 12.0)
    return tuple(replace(layer, temperature_degc=layer.temperature_degc + field) for layer in layers)


def _wells(
    rng: np.random.Generator, places: np.ndarray, rates: np.ndarray, n_prod: int, degc: float
) -> tuple[Well, ...]:
    low, high = DOMAIN["injection_degc"]
    high = min(high, degc - LEAST_COOLING_K)
    common, spread = rng.uniform(low, high), rng.choice([0.0, 3.0, 8.0])
    out = []
    for n, ((x, y), rate) in enumerate(zip(places, rates, strict=True)):
        if n < n_prod:
            out.append(Well(f"P{n}", "producer", float(x), float(y), float(rate)))
        else:
            cold = float(np.clip(common + spread * rng.standard_normal(), low, high))
            out.append(Well(f"I{n - n_prod}", "injector", float(x), float(y), float(rate), cold))
    return tuple(out)
