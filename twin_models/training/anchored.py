"""How good an estimate is while a well is dragged: ``python -m twin_models.training.anchored --schemes 60``.

The layout before the move has been simulated; one well is moved; estimates with the residual of that layout are
compared with the simulation of the new one. Says which predictor to take for the hand and for the value carpet,
and the quantiles of the scores that ``twin_models.corrected`` starts from.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from twin_models.corrected import CorrectedModel
from twin_models.models import BATCHED, LIVE, load_model
from twin_models.training.domain import Scheme, coarsened, scheme_of
from twin_models.training.generate import SEED
from twin_models.types import Forecast, Reservoir, Well

MOVES_M = (30.0, 120.0, 400.0)
CELL_M = 50.0


def moved(scheme: Scheme, rng: np.random.Generator, far_m: float) -> tuple[Well, ...] | None:
    """The wells with one of them ``far_m`` elsewhere; ``None`` where it would leave the field or meet another."""
    index = int(rng.integers(len(scheme.wells)))
    held, angle = scheme.wells[index], rng.uniform(0.0, 2.0 * np.pi)
    x, y = held.x_m + far_m * np.cos(angle), held.y_m + far_m * np.sin(angle)
    (x0, y0), (lx, ly) = scheme.reservoir.origin_m, scheme.reservoir.extent_m
    inside = x0 + 100.0 < x < x0 + lx - 100.0 and y0 + 100.0 < y < y0 + ly - 100.0
    others = [w for n, w in enumerate(scheme.wells) if n != index]
    if not inside or any(np.hypot(w.x_m - x, w.y_m - y) < 120.0 for w in others):
        return None
    return (*scheme.wells[:index], replace(held, x_m=float(x), y_m=float(y)), *scheme.wells[index + 1 :])


def asked(name: str, ground: Reservoir, wells: Sequence[Well], scheme: Scheme) -> Forecast:
    return load_model(name).forecast(ground, wells, scheme.years, season_days=scheme.season_days)


def errors_of(truth: Forecast, guess: Forecast) -> np.ndarray:
    """(producers, t) K."""
    names = [n for n in truth.temperature_degc if n.startswith("P")]
    return np.array([guess.temperature_degc[n] - truth.temperature_degc[n] for n in names])


def measure(indices: Sequence[int], seed: int = SEED) -> dict[str, Any]:
    """Errors of each way to estimate a moved layout, and quantiles of the scores of the anchored estimate."""
    found: dict[str, list[np.ndarray]] = {}
    changes: dict[str, list[float]] = {"truth": [], LIVE: [], BATCHED: []}
    anchored: list[float] = []
    for index in indices:
        scheme = scheme_of(seed, index)
        rng = np.random.default_rng([seed, index, 1])
        ground = coarsened(scheme.reservoir, CELL_M)
        before = asked("simulation", ground, scheme.wells, scheme)
        said = {name: asked(name, ground, scheme.wells, scheme) for name in (LIVE, BATCHED)}
        for far in MOVES_M:
            wells = moved(scheme, rng, far)
            if wells is None:
                continue
            model = CorrectedModel(load_model(LIVE))
            model.learn(before, said[LIVE], said[BATCHED])
            truth = asked("simulation", ground, wells, scheme)
            start, now = (f.temperature_degc for f in (before, truth))
            changes["truth"].append(float(np.mean([now[n][-1] - start[n][-1] for n in now if n[0] == "P"])))
            for name in (LIVE, BATCHED):
                raw = asked(name, ground, wells, scheme)
                mended = model.correct(raw, ground, wells)
                found.setdefault(f"{name} alone", []).append(errors_of(truth, raw).ravel())
                found.setdefault(f"{name} from the anchor", []).append(errors_of(truth, mended).ravel())
                end = mended.temperature_degc
                changes[name].append(float(np.mean([end[n][-1] - start[n][-1] for n in end if n[0] == "P"])))
                if name == LIVE:
                    model.audit(truth, raw, ground, wells)
            found.setdefault("the anchor itself", []).append(errors_of(truth, before).ravel())
            anchored += list(model.anchored.scores)
    every = {name: np.concatenate(rows) for name, rows in found.items()}
    truth_change = np.array(changes["truth"])
    return {
        "layouts": len(truth_change),
        "rmse_k": {name: float(np.sqrt((rows**2).mean())) for name, rows in every.items()},
        "p95_k": {name: float(np.percentile(np.abs(rows), 95)) for name, rows in every.items()},
        "rmse_of_mean_change_k": {
            name: float(np.sqrt(((np.array(changes[name]) - truth_change) ** 2).mean()))
            for name in (LIVE, BATCHED)
        }
        | {"the anchor itself": float(np.sqrt((truth_change**2).mean()))},
        "score_80": float(np.quantile(anchored, 0.8)),
        "score_90": float(np.quantile(anchored, 0.9)),
        "scores": len(anchored),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schemes", type=int, default=60)
    args = parser.parse_args()
    test = [n for n in range(40 * args.schemes) if n // 4 % 10 == 0][: args.schemes]
    print(json.dumps(measure(test), indent=1))


if __name__ == "__main__":
    main()
