"""Truth for the surrogate: ``python -m twin_models.training.generate FOLDER --schemes 800``.

Writes shards ``truth-<kind>-00000.npz`` of ``PER_SHARD`` schemes each; shards that are there already are left alone,
so an interrupted run goes on where it stopped. Schemes themselves are not stored: they follow from the seed.
"""

from __future__ import annotations

import argparse
import itertools
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from twin_models.base import Cancelled
from twin_models.simulators.layered import LayeredSimulation
from twin_models.training.domain import WIDE_FROM, Scheme, scheme_of
from twin_models.types import content_hash

PER_SHARD = 20
SEED = 20
MOST_LOOKS = 4000
# Truth is simulated on cells this part of those on which a scheme's rock was drawn, with flow solved this often:
# against cells of 0.35 and 24 periods 0.15 K rms remain (whole cells and the engine's own periods: 0.49 K).
FINER, FINER_LAYERED, PERIODS = 0.6, 0.8, 10.0
# Truth made in another way has another name, so that it is never taken for this.
KIND = content_hash(("tvd", FINER, FINER_LAYERED, PERIODS))[:6]


def truth_of(scheme: Scheme) -> np.ndarray:
    """Temperature (producers, t) by the simulation with its sharp limiter; no rows for one that would take
    more than ``MOST_LOOKS`` looks at the flow (strong buoyancy): a count, so that runs repeat."""
    looks = itertools.count()
    part = FINER_LAYERED if scheme.layered else FINER
    ground = replace(scheme.reservoir, cell_m=part * scheme.reservoir.cell_m)
    try:
        answer = LayeredSimulation(periods_per_sweep=PERIODS).forecast(
            ground,
            scheme.wells,
            scheme.years,
            season_days=scheme.season_days,
            cancel=lambda: next(looks) > MOST_LOOKS,
        )
    except Cancelled:
        return np.zeros((0, scheme.years.size))
    made = [w.name for w in scheme.wells if w.kind == "producer"]
    return np.array([answer.temperature_degc[name] for name in made])


def shard_path(folder: Path, first: int) -> Path:
    return folder / f"truth-{KIND}-{first:05d}.npz"


def write_shard(path: Path, indices: range, seed: int) -> float:
    """Simulate and store one shard; returns the CPU seconds spent."""
    began = time.process_time()
    arrays: dict[str, Any] = {}
    for index in indices:
        start = time.process_time()
        scheme = scheme_of(seed, index)
        arrays[f"truth_{index}"] = truth_of(scheme)
        arrays[f"cpu_{index}"] = np.array(time.process_time() - start)
    part = path.with_name(f"part-{path.name}")
    np.savez_compressed(part, seed=np.array(seed), **arrays)
    os.replace(part, path)
    return time.process_time() - began


def generate(folder: Path, *, schemes: int, wide: int = 0, seed: int = SEED) -> None:
    """``schemes`` of the domain proper and ``wide`` of its wide part (numbers from ``WIDE_FROM`` on)."""
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    ends = [(0, schemes), (WIDE_FROM, WIDE_FROM + wide)]
    shards = [
        range(n, min(n + PER_SHARD, last)) for start, last in ends for n in range(start, last, PER_SHARD)
    ]
    done = 0
    for numbers in shards:
        done += len(numbers)
        path = shard_path(folder, numbers.start)
        if path.exists():
            continue
        spent = write_shard(path, numbers, seed)
        took = time.perf_counter() - began
        print(f"{done}/{schemes + wide} schemes, {spent:.1f} s CPU, {took:.0f} s", flush=True)


def read_truth(folder: Path) -> tuple[int, dict[int, np.ndarray]]:
    """Seed and truth (producers, t) by scheme index, of every shard in the folder."""
    seed, out = SEED, {}
    for path in sorted(folder.glob(f"truth-{KIND}-*.npz")):
        with np.load(path, allow_pickle=False) as shard:
            seed = int(shard["seed"])
            for name in shard.files:
                if name.startswith("truth_"):
                    out[int(name[6:])] = shard[name]
    return seed, out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--schemes", type=int, default=800)
    parser.add_argument("--wide", type=int, default=0, help="schemes as fields come, besides")
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    generate(args.folder, schemes=args.schemes, wide=args.wide, seed=args.seed)


if __name__ == "__main__":
    main()
