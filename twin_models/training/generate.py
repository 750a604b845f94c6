"""Truth for the surrogate: ``python -m twin_models.training.generate FOLDER --schemes 800``.

Writes shards ``truth-<kind>-00000.npz`` of ``PER_SHARD`` schemes each; shards that are there already are left alone,
so an interrupted run goes on where it stopped. Schemes themselves are not stored: they follow from the seed.
"""

from __future__ import annotations

import argparse
import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from twin_models.base import Cancelled
from twin_models.simulators.layered import LayeredSimulation
from twin_models.training.domain import LAYERED_FROM, WIDE_FROM, Scheme, scheme_of
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


def write_shard(path: Path, indices: range, seed: int) -> tuple[int, float]:
    """Simulate and store one shard; returns how many schemes and the CPU seconds spent."""
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
    return len(indices), time.process_time() - began


def in_parallel(work: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], workers: int) -> Iterator[Any]:
    """Results of ``work(*job)`` as they come, in processes of their own if there is more than one worker."""
    if workers <= 1 or len(jobs) <= 1:
        yield from (work(*job) for job in jobs)
        return
    # memory that is given back to the system after every step and asked for again costs a third of the time (glibc)
    for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"):
        os.environ.setdefault(name, str(2**32))
    # fresh processes: compiled code with threads of its own does not outlive a fork
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(work, *job) for job in jobs}
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def generate(
    folder: Path, *, schemes: int, wide: int = 0, layered: int = 0, seed: int = SEED, workers: int = 1
) -> None:
    """``schemes`` of the domain proper, ``wide`` of its wide part (numbers from ``WIDE_FROM`` on) and ``layered`` of
    several layers besides (from ``LAYERED_FROM`` on)."""
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    ends = [(0, schemes), (WIDE_FROM, WIDE_FROM + wide), (LAYERED_FROM, LAYERED_FROM + layered)]
    shards = [
        range(n, min(n + PER_SHARD, last)) for start, last in ends for n in range(start, last, PER_SHARD)
    ]
    jobs = [
        (path, numbers, seed)
        for numbers in shards
        if not (path := shard_path(folder, numbers.start)).exists()
    ]
    done = sum(map(len, shards)) - sum(len(numbers) for _, numbers, _ in jobs)
    for count, spent in in_parallel(write_shard, jobs, workers):
        done += count
        took = time.perf_counter() - began
        print(f"{done}/{schemes + wide + layered} schemes, {spent:.1f} s CPU, {took:.0f} s", flush=True)


def read_shard(path: Path) -> tuple[int, dict[int, np.ndarray]]:
    """Seed and truth (producers, t) by scheme index."""
    with np.load(path, allow_pickle=False) as shard:
        truth = {int(name[6:]): shard[name] for name in shard.files if name.startswith("truth_")}
        return int(shard["seed"]), truth


def read_truth(folder: Path) -> tuple[int, dict[int, np.ndarray]]:
    """Seed and truth (producers, t) by scheme index, of every shard in the folder."""
    seed = SEED
    out: dict[int, np.ndarray] = {}
    for path in sorted(folder.glob(f"truth-{KIND}-*.npz")):
        seed, more = read_shard(path)
        out |= more
    return seed, out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--schemes", type=int, default=800)
    parser.add_argument("--wide", type=int, default=0, help="schemes as fields come, besides")
    parser.add_argument("--layered", type=int, default=0, help="schemes of several layers, besides")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    generate(
        args.folder,
        schemes=args.schemes,
        wide=args.wide,
        layered=args.layered,
        seed=args.seed,
        workers=args.workers,
    )


if __name__ == "__main__":
    main()
