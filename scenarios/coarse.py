"""The ground on a coarser lattice, for those who ask thousands of estimates: searches and carpets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scenarios.ground import ground_of
from twin_models.grid import RecentlyUsed
from twin_models.types import Forecast, Reservoir, Well

SEARCH_CELLS = 96  # along each side: about 0.1 K from the full lattice on the shipped sites, in half the time

_COARSE = RecentlyUsed(16)


def coarse(reservoir: Reservoir) -> Reservoir:
    """The ground on a lattice of at most ``SEARCH_CELLS`` cells a side, means over whole blocks of cells.

    Permeability by its geometric mean, the effective value of a plane with lognormal spread (Matheron 1967).
    """
    shapes = {np.shape(a) for layer in reservoir.layers for a in _rasters(layer) if np.ndim(a) == 2}
    across = max([max(s) for s in shapes], default=0)
    across = max(across, int(max(reservoir.extent_m) / reservoir.cell_m))
    block = max(-(-across // SEARCH_CELLS), 1)
    while block > 1 and any(n % block for shape in shapes for n in shape):
        block -= 1
    if block == 1:
        return reservoir

    def make() -> Reservoir:
        layers = tuple(
            replace(
                layer,
                porosity=_blocks(layer.porosity, block),
                permeability_md=_blocks(layer.permeability_md, block, geometric=True),
                temperature_degc=_blocks(layer.temperature_degc, block),
            )
            for layer in reservoir.layers
        )
        return replace(reservoir, cell_m=reservoir.cell_m * block, layers=layers)

    made: Reservoir = _COARSE.get((reservoir.key, block), make)
    return made


def _rasters(layer: Any) -> tuple[Any, Any, Any]:
    return layer.porosity, layer.permeability_md, layer.temperature_degc


def _blocks(value: Any, block: int, *, geometric: bool = False) -> Any:
    if np.ndim(value) != 2:
        return value
    ny, nx = np.shape(value)
    parts = np.asarray(value).reshape(ny // block, block, nx // block, block)
    if geometric:
        return np.exp(np.log(np.maximum(parts, 1e-12)).mean(axis=(1, 3)))
    return parts.mean(axis=(1, 3))


def rock_shift_k(reservoir: Reservoir, wells: Sequence[Well]) -> np.ndarray:
    """Undisturbed temperature of each well's water on the full lattice less that on the coarser one (wells,)."""
    fine, rough = ground_of(reservoir), ground_of(coarse(reservoir))
    out = np.zeros(len(wells))
    by_layers: dict[tuple[str, ...] | None, list[int]] = {}
    for n, well in enumerate(wells):
        by_layers.setdefault(well.layers, []).append(n)
    for names, group in by_layers.items():
        x, y = np.array([wells[n].x_m for n in group]), np.array([wells[n].y_m for n in group])
        here = fine.rock_degc(fine.open_layers(names), x, y)
        out[group] = here - rough.rock_degc(rough.open_layers(names), x, y)
    return out


def levelled(forecast: Forecast, reservoir: Reservoir, wells: Sequence[Well]) -> Forecast:
    """A forecast of the coarser lattice, its producers starting from the rock that the full one has there."""
    hot = [w for w in wells if w.kind == "producer"]
    temperature = dict(forecast.temperature_degc)
    for well, step in zip(hot, rock_shift_k(reservoir, hot).tolist(), strict=True):
        temperature[well.name] = temperature[well.name] + step
    return replace(forecast, temperature_degc=temperature)
