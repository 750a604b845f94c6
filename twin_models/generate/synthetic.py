"""A made-up field of any number of wells, for benchmarks and tests. No place, no data."""

from __future__ import annotations

import math

import numpy as np

from twin_models.generate.fields import gaussian_field
from twin_models.types import Layer, Reservoir, Well

EXTENT_M = 9600.0


def synthetic_field(
    n_wells: int = 60, seed: int = 0, *, cell_m: float = 100.0, rate_m3_h: float = 90.0
) -> tuple[Reservoir, tuple[Well, ...]]:
    """A closed box of 9.6 x 9.6 km and wells on a jittered grid, producers and injectors in turn.

    One layer of 100 m at 2,000 m, 80 degC, porosity 0.25; permeability lognormal about 500 mD (sigma of ln
    0.5, correlation 600 m). ``n_wells`` even, 2 to 200; injectors return at 35 degC what the producers take.
    """
    if n_wells % 2 or not 2 <= n_wells <= 200:
        raise ValueError(f"n_wells must be even and between 2 and 200, got {n_wells}")
    rng = np.random.default_rng(seed)
    cells = round(EXTENT_M / cell_m)
    latent = gaussian_field((cells, cells), 600.0 * cells / EXTENT_M, rng=rng)
    layer = Layer(
        name="sand",
        top_m=2000.0,
        thickness_m=100.0,
        porosity=0.25,
        permeability_md=500.0 * np.exp(0.5 * latent),
        temperature_degc=80.0,
    )
    half = EXTENT_M / 2.0
    box = Reservoir((EXTENT_M, EXTENT_M), (-half, -half), EXTENT_M / cells, (layer,))
    return box, _wells(n_wells, rng, rate_m3_h)


def _wells(n_wells: int, rng: np.random.Generator, rate_m3_h: float) -> tuple[Well, ...]:
    """Wells inside the middle 80 % of the box, one per grid square, kinds like a chessboard."""
    across = math.ceil(math.sqrt(n_wells))
    pitch = 0.8 * EXTENT_M / across
    squares = [(i, j) for j in range(across) for i in range(across)][:n_wells]
    # a chessboard may be one out; the kinds go by rank along it, so that the halves are equal
    order = sorted(range(n_wells), key=lambda k: (sum(squares[k]) % 2, k))
    producers = set(order[: n_wells // 2])
    wells = []
    for k, (i, j) in enumerate(squares):
        shift = rng.uniform(-0.2, 0.2, 2) * pitch
        x, y = ((v + 0.5) * pitch - 0.4 * EXTENT_M + d for v, d in zip((i, j), shift, strict=True))
        if k in producers:
            wells.append(Well(f"P{k + 1}", "producer", float(x), float(y), rate_m3_h=rate_m3_h))
        else:
            wells.append(
                Well(f"I{k + 1}", "injector", float(x), float(y), rate_m3_h=rate_m3_h, temperature_degc=35.0)
            )
    return tuple(wells)
