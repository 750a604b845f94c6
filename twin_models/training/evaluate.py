"""How good a predictor is, on schemes that nothing was fitted to. NumPy and ONNX Runtime only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from twin_models.simulators.layered import LayeredSimulation
from twin_models.surrogates.head import STEPS as FINE
from twin_models.surrogates.network import LEAST_SIGN, Answer, Limits, Surrogate, finish
from twin_models.training.dataset import STEPS, Example, base_curves
from twin_models.training.domain import scheme_of

FLOOR_K, PART = 0.1, 0.05
DISTANCE_KEPT = 0.992  # of calibration schemes lie nearer than each of the two thresholds
FALSE_ALARMS = 0.045  # of calibration schemes within GOOD_K that may be flagged in all
GOOD_K = 1.5
RISK_RIDGE = 3.0
FIGURES = (
    "rmse_k",
    "rmse_end_k",
    "p95_k",
    "max_k",
    "fall_1k_mae_a",
    "fall_1k_agrees",
    "energy_mape_pct",
)
OPEN = Limits(np.inf, np.inf, np.inf, FLOOR_K, PART, 1.0, 1.0)


def on_truth_times(fine: np.ndarray) -> np.ndarray:
    """Curves (p, 51) of the head at the truth's times (p, 25)."""
    at = np.linspace(0.0, FINE - 1.0, STEPS)
    return np.array([np.interp(at, np.arange(FINE), row) for row in fine])


def predictions(model: Surrogate, examples: Sequence[Example], limits: Limits | None = None) -> list[dict]:
    """Per example: ``curve`` (p, STEPS) in degC, ``half`` 80 % half width, worst flags."""
    out = []
    for e in examples:
        t = e.tokens
        if t.injector.shape[0] == 0:
            continue
        a = finish(t, *model.run(t), model.limits if limits is None else limits)
        out.append(
            {
                "curve": t.start_degc[:, None] - on_truth_times(a.drop_k),
                "half": on_truth_times(a.half_80_k),
                "answer": a,
            }
        )
    return out


def calibrate(model: Surrogate, examples: Sequence[Example], others: Sequence[Example] = ()) -> Limits:
    """Split conformal: factors such that whole curves of the calibration schemes lie inside the band; and
    thresholds on distance and on the members' spread (few schemes predicted within ``GOOD_K`` exceed them).

    ``others``: schemes on which the expectation of the error is fitted, so that its threshold is set on fresh ones.

    Vovk et al. 2005; Lei et al. 2018, JASA 113, 1094.
    """
    made = predictions(model, examples, OPEN)
    scores = []
    for e, p in zip(examples, made, strict=True):
        error = np.abs(p["curve"] - e.truth)
        scale = np.maximum(p["half"], FLOOR_K)
        scores.append((error / scale).max(axis=1))
    ranked = np.sort(np.concatenate(scores))

    def factor(part: float) -> float:
        return float(ranked[min(int(np.ceil((ranked.size + 1) * part)) - 1, ranked.size - 1)])

    worst = np.array([np.abs(p["curve"] - e.truth).max() for e, p in zip(examples, made, strict=True)])
    answers: list[Answer] = [p["answer"] for p in made]
    distance = float(np.quantile([a.distance for a in answers], DISTANCE_KEPT))
    near = float(np.quantile([a.near for a in answers], DISTANCE_KEPT))
    good = worst <= GOOD_K if (worst <= GOOD_K).any() else worst <= np.inf
    far = Limits(distance, near, np.inf, FLOOR_K, PART, 1.0, 1.0)
    weights = _risk_weights(model, others) if others else _risk_weights(model, examples)
    expected = np.exp(np.stack([np.append(1.0, a.signs) for a in answers]) @ weights)
    # what the distances flag already is not to be spent twice
    risk = np.array([np.inf if a.unlike(far) else r for a, r in zip(answers, expected, strict=True)])[good]
    most = float(np.quantile(risk, 1.0 - FALSE_ALARMS, method="lower"))
    if not np.isfinite(most):
        most = float(expected.max(initial=0.0))
    told = tuple(float(w) for w in weights)
    return Limits(distance, near, most, FLOOR_K, PART, factor(0.8), factor(0.9), told)


def fall_time(drop: np.ndarray, horizon: float, fall_k: float = 1.0) -> np.ndarray:
    """First time (p,) at which each curve has fallen by ``fall_k``; NaN if it never does."""
    at = np.linspace(0.0, horizon, STEPS)
    out = np.full(len(drop), np.nan)
    for n, row in enumerate(drop):
        over = np.flatnonzero(row > fall_k)
        if over.size:
            k = int(over[0])
            f = (fall_k - row[k - 1]) / (row[k] - row[k - 1])
            out[n] = at[k - 1] + f * (at[k] - at[k - 1])
    return out


def _risk_weights(model: Surrogate, examples: Sequence[Example]) -> np.ndarray:
    """Ridge regression of ln of each scheme's largest error on ln of what gives it away."""
    made = predictions(model, examples, OPEN)
    worst = [np.abs(p["curve"] - e.truth).max() for e, p in zip(examples, made, strict=True)]
    signs = np.stack([np.append(1.0, p["answer"].signs) for p in made])
    ridge = RISK_RIDGE * np.diag(np.append(0.0, np.ones(signs.shape[1] - 1)))
    weights: np.ndarray = np.linalg.solve(
        signs.T @ signs + ridge, signs.T @ np.log(np.maximum(worst, LEAST_SIGN))
    )
    return weights


@lru_cache(maxsize=8192)
def _injected_degc(seed: int, index: int) -> float:
    """Flow-weighted temperature of what a scheme injects."""
    wells = scheme_of(seed, index).wells
    put = [(w.rate_m3_h, w.temperature_degc or 0.0) for w in wells if w.kind == "injector"]
    return sum(r * t for r, t in put) / sum(r for r, _ in put)


def energy_error_pct(examples: Sequence[Example], curves: Sequence[np.ndarray], seed: int) -> np.ndarray:
    """Error of the heat taken over life, % per scheme; heat above the mean injected temperature."""
    out = []
    for e, curve in zip(examples, curves, strict=True):
        cold = _injected_degc(seed, e.index)
        heat = [float((np.trapezoid(c - cold, axis=1) * e.rate).sum()) for c in (curve, e.truth)]
        out.append(100.0 * abs(heat[0] - heat[1]) / abs(heat[1]))
    return np.array(out)


def figures(examples: Sequence[Example], curves: Sequence[np.ndarray], seed: int) -> dict[str, float]:
    """Root mean square, p95 and largest error (K), 1 K-drop time (a) and energy over life (%)."""
    if not examples:
        return dict.fromkeys(FIGURES, float("nan"))
    error = np.concatenate([(c - e.truth)[:, 1:].ravel() for e, c in zip(examples, curves, strict=True)])
    last = np.concatenate([(c - e.truth)[:, -1] for e, c in zip(examples, curves, strict=True)])
    times = [
        (fall_time(e.truth[:, :1] - c, e.horizon), fall_time(e.truth[:, :1] - e.truth, e.horizon))
        for e, c in zip(examples, curves, strict=True)
    ]
    a, b = (np.concatenate([t[n] for t in times]) for n in (0, 1))
    both = np.isfinite(a) & np.isfinite(b)
    return {
        "rmse_k": float(np.sqrt((error**2).mean())),
        "rmse_end_k": float(np.sqrt((last**2).mean())),
        "p95_k": float(np.percentile(np.abs(error), 95)),
        "max_k": float(np.abs(error).max()),
        "fall_1k_mae_a": float(np.abs(a - b)[both].mean()) if both.any() else float("nan"),
        "fall_1k_agrees": float((np.isfinite(a) == np.isfinite(b)).mean()),
        "energy_mape_pct": float(energy_error_pct(examples, curves, seed).mean()),
    }


def coarse_curves(examples: Sequence[Example], seed: int, cell_m: float = 100.0) -> list[np.ndarray]:
    """The simulation itself on cells of ``cell_m``, as a predictor."""
    out = []
    for e in examples:
        scheme = scheme_of(seed, e.index)
        ground = replace(scheme.reservoir, cell_m=max(cell_m, scheme.reservoir.cell_m))
        answer = LayeredSimulation().forecast(
            ground, scheme.wells, scheme.years, season_days=scheme.season_days
        )
        at, known = e.horizon * np.linspace(0.0, 1.0, STEPS), np.concatenate(([0.0], scheme.years))
        names = [w.name for w in scheme.wells if w.kind == "producer"]
        start = e.truth[0, 0]
        out.append(
            np.array([np.interp(at, known, np.append(start, answer.temperature_degc[n])) for n in names])
        )
    return out


def flags(made: Sequence[dict], limits: Limits) -> np.ndarray:
    """Whether each scheme is said to be out of range (the physical box is not looked at here)."""
    return np.array([p["answer"].doubtful(limits) for p in made])


def report(
    model: Surrogate,
    test: Sequence[Example],
    best: Sequence[Example],
    seed: int,
    *,
    wide: Sequence[Example] = (),
    coarse: bool = True,
) -> dict[str, Any]:
    """Every variant on the same unseen schemes; bands and flags of the surrogate."""
    out: dict[str, Any] = {"schemes": len(test), "producers": int(sum(len(e.truth) for e in test))}
    made = predictions(model, test)
    variants = {
        "null": [np.broadcast_to(e.truth[:, :1], e.truth.shape) for e in test],
        "streamline": [base_curves(e) for e in test],
        "coarse simulation of the surrogate": [base_curves(e, coarse=True) for e in test],
        "surrogate": [p["curve"] for p in made],
    }
    if coarse:
        variants["coarse simulation, 100 m"] = coarse_curves(test, seed)
    out["variants"] = {name: figures(test, curves, seed) for name, curves in variants.items()}
    by_size = {"2-10 wells": (0, 10), "11-30 wells": (11, 30), "31-60 wells": (31, 60)}
    for name, (low, high) in by_size.items():
        some = [n for n, e in enumerate(test) if low <= e.wells <= high]
        out.setdefault("rmse_by_size_k", {})[name] = figures(
            [test[n] for n in some], [made[n]["curve"] for n in some], seed
        )["rmse_k"]
    out["coverage"] = coverage(model, test, made)
    out["flags"] = flagged_of(model, test, made, seed)
    for name, part in (("best_decile", best), ("wide", wide)):
        if part:
            asked = predictions(model, part)
            out[name] = {
                "schemes": len(part),
                "surrogate": figures(part, [p["curve"] for p in asked], seed),
                "streamline": figures(part, [base_curves(e) for e in part], seed),
                "flags": flagged_of(model, part, asked, seed),
                "coverage": coverage(model, part, asked),
            }
    out["numbers"] = {"test": [e.index for e in test], "best": [e.index for e in best]}
    return out


def flagged_of(
    model: Surrogate, test: Sequence[Example], made: Sequence[dict], seed: int
) -> dict[str, float]:
    """Which schemes are said to be out of range, against whether they err by more than ``GOOD_K`` anywhere."""
    flagged = flags(made, model.limits)
    worst = np.array([np.abs(p["curve"] - e.truth).max() for e, p in zip(test, made, strict=True)])
    good = ~flagged
    return {
        "flagged_pct": 100.0 * float(flagged.mean()),
        "flagged_of_schemes_with_error_over_1.5_k_pct": _percent(flagged[worst > GOOD_K]),
        "flagged_of_schemes_with_error_under_1.5_k_pct": _percent(flagged[worst <= GOOD_K]),
        "rmse_of_unflagged_k": figures(
            [e for e, g in zip(test, good, strict=True) if g],
            [p["curve"] for p, g in zip(made, good, strict=True) if g],
            seed,
        )["rmse_k"],
    }


def _percent(of: np.ndarray) -> float:
    return 100.0 * float(of.mean()) if of.size else float("nan")


def coverage(model: Surrogate, test: Sequence[Example], made: Sequence[dict]) -> dict[str, float]:
    """Parts of whole curves, and of single values that had begun to fall, inside the 80 and 90 % bands."""
    out = {}
    for name, factor in (("80", 1.0), ("90", model.limits.factor_90 / model.limits.factor_80)):
        curves, points = [], []
        for e, p in zip(test, made, strict=True):
            inside = np.abs(p["curve"] - e.truth) <= np.maximum(p["half"] * factor, 1e-2)
            curves.append(inside.all(axis=1))
            points.append(inside[(e.truth[:, :1] - e.truth) > 0.05])
        out[f"curves_in_{name}_pct"] = 100.0 * float(np.concatenate(curves).mean())
        out[f"values_in_{name}_pct"] = 100.0 * float(np.concatenate(points).mean())
    half = np.concatenate([p["half"][:, -1] for p in made])
    out["median_half_width_80_end_k"] = float(np.median(half[half > 0.0])) if (half > 0.0).any() else 0.0
    return out


def load(folder: Path) -> Surrogate:
    return Surrogate(folder)
