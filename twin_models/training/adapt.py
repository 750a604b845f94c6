"""How many simulations a site needs: ``python -m twin_models.training.adapt --site linqing --runs 0 5 20 50 200``.

Layouts are drawn on the site's own ground and simulated (kept in ``.cache/adapt/<site>``, so that a run goes on where it
stopped); the shipped network is tuned on the first of them and its band calibrated anew; every tuned model is judged
on the same layouts that none has seen. The one of the most runs stays in the folder, exported, with its card.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twin_models.sites import assets_dir, load_site
from twin_models.surrogates.network import Surrogate
from twin_models.surrogates.surrogate import MODEL
from twin_models.training.dataset import Example, base_curves, example_from
from twin_models.training.domain import CELL_M, layout_on
from twin_models.training.evaluate import calibrate, coverage, predictions
from twin_models.training.generate import truth_of
from twin_models.types import Reservoir

if TYPE_CHECKING:
    from twin_models.training.net import Network

SEED = 7
UNSEEN_FROM = 10_000
CALIBRATED_FROM = 16  # runs: with fewer the shipped calibration holds
PASSES = 1500  # schemes seen while tuning, at most 40 epochs
PACES = (6e-5, 2e-4, 6e-4)  # learning rates that are tried


def runs_on(folder: Path, reservoir: Reservoir, numbers: Sequence[int]) -> list[Example]:
    """Simulated layouts by number; those in the folder are not simulated again."""
    folder.mkdir(parents=True, exist_ok=True)
    fine = replace(reservoir, cell_m=min(reservoir.cell_m, CELL_M[1]))
    out = []
    for done, number in enumerate(numbers, 1):
        path = folder / f"run-{number:05d}.npz"
        scheme = layout_on(fine, SEED, number)
        if not path.exists():
            part = path.with_name(f"part-{path.name}")
            np.savez_compressed(part, truth=truth_of(scheme))
            part.replace(path)
            if done % 10 == 0 or done == len(numbers):
                print(f"{done}/{len(numbers)} layouts simulated", flush=True)
        with np.load(path, allow_pickle=False) as kept:
            truth = kept["truth"]
        if len(truth):
            live = replace(scheme, reservoir=reservoir)
            out.append(example_from(live, truth, reservoir.cell_m))
    return out


def adapted(examples: Sequence[Example], home: Path, folder: Path) -> Surrogate:
    """The model of ``home`` tuned on a site's runs at several paces, of which the one is kept, the shipped network among
    them, that is best on a third of the runs that no tuning saw; its band is calibrated on these. With fewer than
    ``CALIBRATED_FROM`` runs: the gentlest pace, and the shipped calibration."""
    from twin_models.training.export import export, read_weights, widened
    from twin_models.training.promote import write_limits
    from twin_models.training.train import tune

    folder.mkdir(parents=True, exist_ok=True)
    net, ranges = read_weights(home / "weights.npz")
    held = list(examples[::3]) if len(examples) >= CALIBRATED_FROM else []
    seen = [e for e in examples if not any(e is h for h in held)]
    epochs = max(2, min(40, PASSES // len(seen)))
    wider = widened(ranges, examples)

    def exported(tuned: Network) -> Surrogate:
        export(tuned, wider, examples[0], folder / "model.onnx")
        write_limits(folder, home, None)
        return Surrogate(folder)

    if not held:
        return exported(tune(net, seen, epochs=epochs, rate=PACES[0]))
    found: list[tuple[float, Network]] = []
    for tuned in (net, *(tune(copy.deepcopy(net), seen, epochs=epochs, rate=pace) for pace in PACES)):
        curves = [p["curve"] for p in predictions(exported(tuned), held)]
        found.append((float((errors_of(held, curves) ** 2).mean()), tuned))
    best = exported(min(found, key=lambda f: f[0])[1])
    write_limits(folder, home, calibrate(best, held))
    return Surrogate(folder)


def judged(model: Surrogate, unseen: Sequence[Example]) -> dict[str, float]:
    made = predictions(model, unseen)
    error = errors_of(unseen, [p["curve"] for p in made])
    held = coverage(model, unseen, made)
    return {
        "rmse_k": float(np.sqrt((error**2).mean())),
        "p95_k": float(np.percentile(np.abs(error), 95)),
        "curves_in_80_pct": held["curves_in_80_pct"],
        "curves_in_90_pct": held["curves_in_90_pct"],
    }


def errors_of(examples: Sequence[Example], curves: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([(c - e.truth)[:, 1:].ravel() for e, c in zip(examples, curves, strict=True)])


def curve(
    reservoir: Reservoir, folder: Path, counts: Sequence[int], *, unseen: int, home: Path
) -> dict[str, Any]:
    """What tuning on each number of runs gives on ``unseen`` other layouts; the streamlines alone beside it."""
    known = runs_on(folder, reservoir, range(max(counts)))
    others = runs_on(folder, reservoir, range(UNSEEN_FROM, UNSEEN_FROM + unseen))
    base = errors_of(others, [base_curves(e) for e in others])
    found: dict[str, Any] = {"unseen": len(others), "streamline_rmse_k": float(np.sqrt((base**2).mean()))}
    for count in counts:
        model = adapted(known[:count], home, folder / "model") if count else Surrogate(home)
        found[str(count)] = judged(model, others)
        print(
            f"{count} runs: {json.dumps({k: round(v, 3) for k, v in found[str(count)].items()})}", flush=True
        )
    return found


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", required=True)
    parser.add_argument("--runs", type=int, nargs="+", default=[0, 5, 20, 50, 200])
    parser.add_argument("--unseen", type=int, default=40)
    parser.add_argument("--data", type=Path, default=Path(".cache/adapt"))
    args = parser.parse_args(argv)
    reservoir = load_site(args.site).reservoir
    if reservoir is None:
        raise SystemExit(f"error: --site: {args.site} has no reservoir")
    folder, home = args.data / args.site, assets_dir() / "models" / MODEL
    found = curve(reservoir, folder, sorted(args.runs), unseen=args.unseen, home=home)
    (folder / "curve.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
