"""From truth to training arrays: tokens of every scheme next to what the simulation found.

Run by the trainer; results are kept beside the shards of truth (``tokens-<made>-<shard>.npz``), so only new schemes cost
anything and an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin_models.simulators.flow_units import flow_units, places
from twin_models.simulators.well_sources import mean_rates
from twin_models.surrogates.balance import BLOCK, TOLERANCE
from twin_models.surrogates.lattice import CELLS, MARGIN, PER_PITCH
from twin_models.surrogates.lines import FAR, LINES, LOOK, RASTER, trace_unit
from twin_models.surrogates.live import APART, live_ground
from twin_models.surrogates.steps import MAKE, OUT, PARTS, SOLVED_AT
from twin_models.surrogates.tokens import FEATURES, Tokens, build_tokens
from twin_models.training.domain import Scheme, coarsened, scheme_of
from twin_models.training.generate import KIND, in_parallel, read_shard
from twin_models.types import content_hash

STEPS = 25  # times per curve: 0 to the horizon in 24 equal steps
LIVE_CELLS = (25.0, 50.0, 75.0, 100.0)  # the streamlines' grid: sites come with many
FIELDS = ("producer", "injector", "pair", "takes", "gives", "fraction", "coarse", "cooling_k", "start_degc")


@dataclass(frozen=True, eq=False)
class Example:
    """``truth`` (p, STEPS): produced temperature at even parts of the horizon, degC."""

    index: int
    tokens: Tokens
    truth: np.ndarray
    horizon: float
    rate: np.ndarray
    wells: int
    layered: bool


def tokens_of(scheme: Scheme, cell_m: float | None = None) -> Tokens:
    """Tokens of a scheme of one flow unit, on the live grid that belongs to its number."""
    cell = LIVE_CELLS[scheme.index % len(LIVE_CELLS)] if cell_m is None else cell_m
    ground = live_ground(coarsened(scheme.reservoir, max(cell, scheme.reservoir.cell_m)), scheme.wells)
    horizon = float(scheme.years[-1])
    rates = mean_rates(scheme.wells, horizon, scheme.season_days)
    at = [row[0] for row in places(ground, scheme.wells)]
    producing = np.array([n for n, w in enumerate(scheme.wells) if w.kind == "producer"])
    (unit,) = flow_units(ground)
    return build_tokens(trace_unit(unit, at, rates, producing, horizon), rates, horizon)


def example_of(seed: int, index: int, truth: np.ndarray) -> Example:
    return example_from(scheme_of(seed, index), truth)


def example_from(scheme: Scheme, truth: np.ndarray, cell_m: float | None = None) -> Example:
    """``truth`` (p, t) at the scheme's years; ``cell_m``: of the live grid, else the one of the scheme's number."""
    tokens = tokens_of(scheme, cell_m)
    horizon = float(scheme.years[-1])
    at = horizon * np.linspace(0.0, 1.0, STEPS)
    known = np.concatenate(([0.0], scheme.years))
    curves = np.concatenate([tokens.start_degc[:, None], truth], axis=1)
    even = np.array([np.interp(at, known, row) for row in curves])
    rate = np.array([w.rate_m3_h for w in scheme.wells if w.kind == "producer"])
    return Example(scheme.index, tokens, even, horizon, rate, len(scheme.wells), scheme.layered)


def made_by() -> str:
    """Short hash of what tokens are made of, so that older ones are not taken for new."""
    coarse = (
        tuple(SOLVED_AT.items()),
        OUT,
        PARTS,
        CELLS,
        MARGIN,
        PER_PITCH,
        TOLERANCE,
        BLOCK,
        MAKE,
    )
    return content_hash((FEATURES, LINES, FAR, RASTER, LOOK, LIVE_CELLS, APART, STEPS, coarse))[:8]


def build(folder: Path, *, workers: int = 1) -> list[Example]:
    """Every scheme in the folder that has a truth; tokens are computed where they are not kept yet."""
    shards = sorted(folder.glob(f"truth-{KIND}-*.npz"))
    kept = [shard.with_name(shard.name.replace(f"truth-{KIND}", f"tokens-{made_by()}")) for shard in shards]
    jobs = [(shard, store) for shard, store in zip(shards, kept, strict=True) if not store.exists()]
    for n, _ in enumerate(in_parallel(_write_tokens, jobs, workers), 1):
        if n % 10 == 0 or n == len(jobs):
            print(f"tokens of {n}/{len(jobs)} shards", flush=True)
    out: list[Example] = []
    for store in kept:
        with np.load(store, allow_pickle=False) as arrays:
            read = {name: arrays[name] for name in arrays.files}
        numbers = sorted({int(name.split("/")[0]) for name in read})
        out += [_read(read, number) for number in numbers]
    return out


def _write_tokens(shard: Path, store: Path) -> None:
    seed, truth = read_shard(shard)
    arrays: dict[str, np.ndarray] = {}
    for index, curves in truth.items():
        if len(curves):
            arrays |= _arrays(example_of(seed, index, curves))
    part = store.with_name(f"part-{store.name}")
    np.savez_compressed(part, **arrays)  # type: ignore[arg-type]
    os.replace(part, store)


def _arrays(example: Example) -> dict[str, np.ndarray]:
    flat = {f"{example.index}/{name}": getattr(example.tokens, name).astype(np.float32) for name in FIELDS}
    meta = np.array([example.horizon, example.wells, float(example.layered)])
    more = {"truth": example.truth, "rate": example.rate, "meta": meta}
    return flat | {f"{example.index}/{name}": value for name, value in more.items()}


def _read(kept: dict[str, np.ndarray], index: int) -> Example:
    tokens = Tokens(**{name: kept[f"{index}/{name}"] for name in FIELDS})
    horizon, wells, layered = kept[f"{index}/meta"]
    return Example(
        index,
        tokens,
        kept[f"{index}/truth"],
        float(horizon),
        kept[f"{index}/rate"],
        int(wells),
        bool(layered),
    )


def base_curves(example: Example, *, coarse: bool = False) -> np.ndarray:
    """Produced temperature (p, STEPS) of the streamlines alone, or of the coarse simulation alone."""
    at = np.linspace(0.0, 1.0, STEPS) / FAR * (RASTER - 1)
    t = example.tokens
    part = np.array([np.interp(at, np.arange(RASTER), row) for row in (t.coarse if coarse else t.fraction)])
    return t.start_degc[:, None] - part * t.cooling_k[:, None]
